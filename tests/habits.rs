//! What newcomers write, and the words that the help must name.

use crate::check::{helps, yields};

/// Checks that each text has these findings, and a help that contains these words.
fn all(rows: &[(&str, &[&str], &str)]) {
    for (text, codes, words) in rows {
        let found = yields(text, codes);
        assert!(helps(&found, words), "{text}: {words}\n{found:#?}");
    }
}

#[test]
fn conditions_of_newcomers_are_understood() {
    all(&[
        ("on booking -> if lead score > 50 -> send sms", &["F0108"], "a name is one word: `lead_score`"),
        ("on booking -> if client lead score > 50 -> send sms", &["F0108"], "write `client.lead_score`"),
        ("on booking -> if booking cancelled -> send sms", &["F0108"], "`booking.cancelled`"),
        ("on booking -> if no visit -> send sms", &["F0108"], "for an event, write `none(visit)`"),
        ("on booking -> if service in (\"cut\", \"wash\") -> send sms", &["F0108"], "`in [\"cut\", ..]`"),
        ("on booking -> if service default(\"x\") == \"x\" -> send sms", &["F0108"], "`service is known and ..`"),
        ("on booking -> if today is monday -> send sms", &["F0108"], "write `==`"),
        ("on booking -> if attended { send sms } then { stop }", &["F0108"], "write `else`"),
        ("on booking -> if paid -> send sms", &["F0201"], "fields of `booking`: `attended`"),
    ]);
}

#[test]
fn triggers_of_newcomers_are_understood() {
    let vip = "segment vip = client.city == \"Berlin\"\n";
    all(&[
        (&format!("{vip}on client in vip -> send sms"), &["F0108"], "write `on entering vip`"),
        (&format!("{vip}on entering vip segment -> send sms"), &["F0108"], "write `on entering vip`"),
        (&format!("{vip}on vip -> send sms"), &["F0203"], "write `on entering vip`"),
        ("on 2026-12-25 10:00 for all -> send sms", &["F0215"], "for every client, leave out `for all`"),
        ("every 2026-12-25 10:00 -> send sms", &["F0108"], "write `on 2026-12-25 10:00`"),
        ("once 2026-12-25 10:00 -> send sms", &["F0108"], "write `on 2026-12-25 10:00`"),
        ("on 25 december 10:00 -> send sms", &["F0108"], "`on 2026-12-25 10:00`"),
        ("every 1st of month 10:00 -> send sms", &["F0003"], "BYMONTHDAY=1;"),
        ("on no visit in 30d -> send sms", &["F0108"], "write `no visit for 30d`"),
        ("on birthday -> send sms", &["F0203"], "`on client.birthday at 10:00`"),
        ("on cancelled -> send sms", &["F0203"], "it is a field of `booking`: write `booking.cancelled`"),
        ("on review rating 5 -> send sms", &["F0108"], "write `on review where rating == 5`"),
        ("on purchase.status = \"paid\" -> send sms", &["F0108"], "`on purchase.status where status == \"paid\"`"),
        ("on client.city changed -> send sms", &["F0108"], "write `on client.city`"),
        ("on booking first -> send sms", &["F0108"], "`on booking where count(booking) == 1`"),
        ("on tag added \"vip\" -> send sms", &["F0108"], "`on entering tagged`"),
    ]);
}

#[test]
fn elements_of_newcomers_are_understood() {
    all(&[
        ("on booking -> exit on purchase -> send sms", &["F0108"], "`exit on` is a setting"),
        ("on booking -> hours 09:00..21:00 -> send sms", &["F0108"], "`hours` is a setting"),
        ("on booking -> notify manager \"Hi\"", &["F0108"], "write `task \"Hi\" for \"manager\"`"),
        ("on booking -> task \"Call\" to manager", &["F0108"], "write `task \"Call\" for \"manager\"`"),
        ("on booking -> add 500 EUR to client.spent", &["F0108"], "write `set client.spent += 500 EUR`"),
        ("on booking -> repeat 3 { send sms }", &["F0108"], "write `repeat 3 times {`"),
        ("on booking -> parallel { send sms }", &["F0108"], "write `path ->` before each path"),
        ("on booking -> wait next monday 10:00 -> send sms", &["F0108"], "write `wait until monday 10:00`"),
        ("on booking -> wait until next monday -> send sms", &["F0108"], "`wait until monday 10:00`"),
        ("on booking -> wait until morning -> send sms", &["F0201"], "such as `09:00`"),
        ("on booking -> send email subject \"a\" body \"b\"", &["F0108"], "{ subject: \"a\" text: \"b\" }"),
        ("on booking -> send email { title: \"a\" text: \"b\" }", &["F0202"], "did you mean `subject`?"),
    ]);
}

#[test]
fn placeholders_of_newcomers_are_understood() {
    all(&[
        ("on booking -> send sms \"{{ client.name default(\"you\") }}\"", &["F0108"], "write `| default`"),
        ("on booking -> send sms \"{{ client.name | default(5) }}\"", &["F0307"], "write `default(\"5\")`"),
        ("on booking -> send sms \"{{ client.first_name }}\"", &["F0202"], "`{{ client.name | first_name | default"),
        ("on booking -> send sms \"{{ booking.date }}\"", &["F0202"], "`{{ booking.starts_at | date }}`"),
        ("on booking -> send sms \"Hi [name]\"", &["F0427"], "{{ client.name"),
    ]);
}

#[test]
fn declarations_and_settings_of_newcomers_are_understood() {
    all(&[
        ("segment vip where client.city == \"Berlin\"", &["F0108"], "write `segment vip =`"),
        ("segment vip {\n  client.city == \"Berlin\"\n}", &["F0108"], "without braces: `segment vip = "),
        ("timezone \"Europe/Berlin\"\non booking -> send sms", &["F0105"], "in funnel.toml"),
        ("limit 1 sms per 1d\non booking -> send sms", &["F0105"], "under `[limits]` in funnel.toml"),
        ("funnel a {\n  timezone Europe/Berlin\n  on booking -> send sms\n}", &["F0301"], "write `\"Europe/Berlin\"`"),
        ("funnel a {\n  hours from 09:00 to 21:00\n  on booking -> send sms\n}", &["F0108"], "`hours 09:00..21:00`"),
        ("funnel a {\n  marketing\n  on booking -> send sms\n}", &["F0108"], "write `purpose marketing`"),
        ("funnel a for vip {\n  on booking -> send sms\n}", &["F0108"], "a condition of the trigger"),
        ("funnel a {\n  description \"A\"\n  on booking -> send sms\n}", &["F0108"], "a title follows the name"),
    ]);
}

#[test]
fn tests_of_newcomers_are_understood() {
    let test = |lines: &str| format!("on visit -> send sms \"Hi\"\ntest \"x\" {{\n{lines}\n}}");
    let visit = "client { phone: \"+4930901820\" }\nat 2026-03-01 10:00 visit { id: \"v\" }\n";
    all(&[
        (
            &test("visit { id: \"v\" }\nexpect send sms"),
            &["F0108"],
            "begin with the moment: `at 2026-03-01 10:00 visit",
        ),
        (
            &test("client { phone: \"+4930901820\" } on visit { id: \"v\" }\nexpect send sms"),
            &["F0108"],
            "begin with the moment",
        ),
        (&test(&format!("{visit}expect sms \"Hi\"")), &["F0214"], "write `send sms`"),
        (&test(&format!("{visit}expect not send sms")), &["F0214"], "write `expect no send sms`"),
        (&test(&format!("{visit}expect send sms after 1h")), &["F0108"], "`expect at 2026-03-01 10:00 send sms`"),
    ]);
}
