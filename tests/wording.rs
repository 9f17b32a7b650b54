//! How dates, amounts, numbers and plurals are written in each language, and the filters of texts.

use super::support::played::Played;
use super::support::program::run_funnelc;
use funnelc::value::{CivilDate, DateStyle, Money, TimeOfDay, Wording};

fn eur(text: &str, currency: &str) -> Money {
    Money { amount: text.parse().unwrap(), currency: currency.to_owned() }
}

#[test]
fn amounts_follow_the_language() {
    let table = [
        ("en", "€1,234.50", "RUB 50,000"),
        ("en-US", "€1,234.50", "RUB 50,000"),
        ("ru", "1 234,50 €", "50 000 ₽"),
        ("de", "1.234,50 €", "50.000 RUB"),
        ("de-CH", "€ 1'234.50", "RUB 50'000"),
        ("fr", "1 234,50 €", "50 000 RUB"),
        ("es", "1234,50 €", "50.000 RUB"),
        ("it", "1234,50 €", "50.000 RUB"),
        ("pt", "€ 1.234,50", "RUB 50.000"),
        ("pt-PT", "1234,50 €", "50 000 RUB"),
        ("pl", "1234,50 €", "50 000 RUB"),
        ("tr", "€1.234,50", "RUB 50.000"),
        ("uk", "1 234,50 €", "50 000 RUB"),
        ("kk", "1 234,50 €", "50 000 ₽"),
    ];
    for (language, euros, roubles) in table {
        let own = Wording::of(language);
        assert_eq!(own.money(&eur("1234.50", "EUR")), euros, "{language}");
        assert_eq!(own.money(&eur("50000", "RUB")), roubles, "{language}");
    }
    assert_eq!(Wording::of("ru").money(&eur("-999.999", "RUB")), "-1 000 ₽");
    assert_eq!(Wording::of("en").money(&eur("-0.001", "GBP")), "£0");
    assert_eq!(Wording::of("pl").money(&eur("19.9", "PLN")), "19,90 zł");
    assert_eq!(Wording::of("ro").money(&eur("19.9", "XAF")), "19,90 XAF");
}

#[test]
fn numbers_are_grouped_from_ten_thousand_on() {
    let numbers = |language: &str| {
        ["2026", "12500", "-1234567.25", "4.50"].map(|n| Wording::of(language).number(n.parse().unwrap())).join("; ")
    };
    assert_eq!(numbers("en"), "2026; 12,500; -1,234,567.25; 4.5");
    assert_eq!(numbers("ru"), "2026; 12 500; -1 234 567,25; 4,5");
    assert_eq!(numbers("de"), "2026; 12.500; -1.234.567,25; 4,5");
}

#[test]
fn dates_follow_the_language() {
    let date = CivilDate::new(2026, 3, 10).unwrap();
    let table = [
        ("en", "10 March 2026; 10/03/2026; Tuesday, 10 March 2026; 10 March; Tuesday"),
        ("en-US", "March 10, 2026; 3/10/2026; Tuesday, March 10, 2026; March 10; Tuesday"),
        ("ru", "10 марта 2026 г.; 10.03.2026; вторник, 10 марта 2026 г.; 10 марта; вторник"),
        ("de", "10. März 2026; 10.03.2026; Dienstag, 10. März 2026; 10. März; Dienstag"),
        ("fr", "10 mars 2026; 10/03/2026; mardi 10 mars 2026; 10 mars; mardi"),
        ("es", "10 de marzo de 2026; 10/3/2026; martes, 10 de marzo de 2026; 10 de marzo; martes"),
        ("it", "10 marzo 2026; 10/03/2026; martedì 10 marzo 2026; 10 marzo; martedì"),
        ("pt", "10 de março de 2026; 10/03/2026; terça-feira, 10 de março de 2026; 10 de março; terça-feira"),
        ("pl", "10 marca 2026; 10.03.2026; wtorek, 10 marca 2026; 10 marca; wtorek"),
        ("tr", "10 Mart 2026; 10.03.2026; 10 Mart 2026 Salı; 10 Mart; Salı"),
        ("uk", "10 березня 2026 р.; 10.03.2026; вівторок, 10 березня 2026 р.; 10 березня; вівторок"),
        ("kk", "2026 ж. 10 наурыз; 10.03.2026; 2026 ж. 10 наурыз, сейсенбі; 10 наурыз; сейсенбі"),
    ];
    for (language, dates) in table {
        let own = Wording::of(language);
        assert_eq!(DateStyle::ALL.map(|style| own.date(style, date)).join("; "), dates, "{language}");
    }
    for russian in ["ru-RU", "RU", "ru_RU", "Ru", " ru "] {
        assert_eq!(Wording::of(russian).date(DateStyle::Day, date), "10 марта", "{russian}");
        assert!(Wording::knows(russian));
    }
    for other in ["xx", "", "русский", "deutsch?"] {
        assert_eq!(Wording::of(other).date(DateStyle::Date, date), "10 March 2026", "{other}");
        assert!(!Wording::knows(other));
    }
}

#[test]
fn the_twelve_hour_clock_is_written_with_spaces_that_people_type() {
    let at = |hour, minute| TimeOfDay::new(hour, minute, 0).unwrap();
    let times = |language: &str| [at(0, 5), at(12, 0), at(18, 30), at(24, 0)].map(|t| Wording::of(language).time12(t));
    assert_eq!(times("en"), ["12:05 am", "12:00 pm", "6:30 pm", "12:00 am"]);
    assert_eq!(times("en-US"), ["12:05 AM", "12:00 PM", "6:30 PM", "12:00 AM"]);
    assert_eq!(times("es"), ["12:05 a. m.", "12:00 p. m.", "6:30 p. m.", "12:00 a. m."]);
}

#[test]
fn each_language_has_its_plural_forms() {
    let forms = |language: &str| Wording::of(language).plural_forms().join(" ");
    for (languages, wanted) in [
        ("en de fr es it pt tr kk nl", "one other"),
        ("ru uk pl", "one few many"),
        ("cs", "one few other"),
        ("ja", "other"),
        ("ar", "zero one two few many other"),
    ] {
        for language in languages.split(' ') {
            assert_eq!(forms(language), wanted, "{language}");
        }
    }
    let picked = |language: &str, numbers: &[&str]| -> Vec<usize> {
        numbers.iter().map(|n| Wording::of(language).plural_form(n.parse().unwrap())).collect()
    };
    assert_eq!(picked("ru", &["1", "2", "5", "11", "21", "22", "1.5", "0", "-1"]), [0, 1, 2, 2, 0, 1, 1, 2, 0]);
    assert_eq!(picked("en", &["1", "1.0", "2", "0", "1.5"]), [0, 0, 1, 1, 1]);
    assert_eq!(picked("fr", &["0", "1", "2", "1000000"]), [0, 0, 1, 1]);
    assert_eq!(Wording::of("ru").plural_examples(), [1, 2, 5]);
}

/// What a client with a language receives from a project with a language.
fn sent(project: &str, client: &str, text: &str) -> String {
    let funnel = format!("client {{ bonus: number?, rating: number? }}\n\non booking -> send sms \"{text}\"");
    let toml = format!("timezone = \"Europe/Berlin\"\n{project}");
    let data = format!(
        r#"{{"id":"c1","phone":"+4930901820","name":"Petrova, Anna & Co","bonus":12500.5,"rating":4.25,"tags":["a","b","c"]{client}}}"#
    );
    let booking = r#"{"id":"b 1","starts_at":"2026-03-10T18:00:00+01:00","price":"1234.50 EUR"}"#;
    let event = |kind: &str, data: &str| {
        format!(r#"{{"type":"{kind}","client":"c1","at":"2026-03-01T10:00:00+01:00","data":{data}}}"#)
    };
    let played = Played::new(&funnel, &toml, &[event("client", &data), event("booking", booking)]);
    let line = played.results().into_iter().find(|line| line.contains("send sms")).unwrap_or_default();
    line.split_once('"').map_or(line.clone(), |(_, text)| text.trim_end_matches('"').to_owned())
}

#[test]
fn texts_follow_the_clients_language_or_the_projects() {
    let text = "{{ starts_at | long_date }}, {{ price | default(0 EUR) }}";
    for (project, client, wanted) in [
        ("", "", "Tuesday, 10 March 2026, €1,234.50"),
        ("language = \"de\"", "", "Dienstag, 10. März 2026, 1.234,50 €"),
        ("language = \"de\"", r#","language":"pl""#, "wtorek, 10 marca 2026, 1234,50 €"),
        ("language = \"de\"", r#","language":"xx""#, "Dienstag, 10. März 2026, 1.234,50 €"),
        ("language = \"de\"", r#","language":"en_US""#, "Tuesday, March 10, 2026, €1,234.50"),
    ] {
        assert_eq!(sent(project, client, text), wanted, "{project} {client}");
    }
}

#[test]
fn filters_write_values_as_people_do() {
    for (text, wanted) in [
        ("{{ starts_at | time }} {{ starts_at | time12 }}", "18:00 6:00 pm"),
        ("{{ starts_at | weekday }}, {{ starts_at | day }}", "Tuesday, 10 March"),
        ("{{ starts_at | short_date }} {{ starts_at | date | upper }}", "10/03/2026 10 MARCH 2026"),
        ("{{ price | round | default(0 EUR) }} {{ client.rating | default(0) | round(1) }}", "€1,235 4.3"),
        ("{{ client.bonus | default(0) }}", "12,500.5"),
        ("{{ client.bonus | default(0) | plural(\"point\", \"points\") }}", "points"),
        ("{{ client.tags | join(\", \", \" and \") | default(\"\") }}", "a, b and c"),
        ("{{ client.tags | join(\"/\") | default(\"\") }}", "a/b/c"),
        ("{{ client.tags | join | default(\"\") }}", "a, b, c"),
        ("{{ client.name | first_name | default(\"you\") }}", "Anna"),
        ("{{ client.name | urlencode | default(\"\") }}", "Petrova%2C%20Anna%20%26%20Co"),
    ] {
        assert_eq!(sent("", "", text), wanted, "{text}");
    }
}

#[test]
fn values_in_links_of_plain_texts_are_encoded() {
    for (text, wanted) in [
        ("https://x.example/{{ id }}/edit", "https://x.example/b%201/edit"),
        ("https://x.example?b={{ client.bonus | default(0) }}", "https://x.example?b=12500.5"),
        (
            "https://x.example/?n={{ client.name | urlencode | default(\"\") }} {{ id }}",
            "https://x.example/?n=Petrova%2C%20Anna%20%26%20Co b 1",
        ),
        ("{{ rebook_url | default(\"https://a.example/\") }}?n={{ id }}", "https://a.example/?n=b%201"),
        ("{{ id }} https://x.example", "b 1 https://x.example"),
    ] {
        assert_eq!(sent("", "", text), wanted, "{text}");
    }
}

#[test]
fn the_longest_date_is_that_of_the_projects_language() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    for (language, longest) in
        [("en", "up to 28 characters"), ("pl", "up to 34 characters"), ("de", "up to 30 characters")]
    {
        write(
            "funnel.toml",
            &format!("timezone = \"Europe/Berlin\"\nlanguage = \"{language}\"\n[sms]\nsegments = 1\n"),
        );
        let mut text = "x".repeat(150);
        text.push_str("{{ starts_at | long_date }}");
        write("a.funnel", &format!("on booking -> send sms \"{text}\""));
        let checked = run_funnelc(["check", &folder.path().display().to_string()]);
        assert!(checked.out.contains(longest), "{language}: {}", checked.out);
    }
}
