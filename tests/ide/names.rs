//! Definitions, references, highlights and hovers.

use super::project::Project;
use funnelc::diagnostic::Language;

fn definitions(project: &Project) -> Vec<String> {
    project.view().definition(project.place()).iter().map(|found| project.show(found.target)).collect()
}

fn references(project: &Project) -> Vec<String> {
    project.view().references(project.place()).iter().map(|found| project.show(found.span)).collect()
}

fn hover(project: &Project) -> String {
    project.view().hover(project.place()).map(|hover| hover.markdown).unwrap_or_default()
}

#[test]
fn a_field_leads_to_its_declaration() {
    let plain = Project::marked("on booking -> if att$0ended -> send sms \"Thanks\"");
    assert_eq!(definitions(&plain), ["<prelude>:32:3 attended"]);
    let qualified = Project::marked("on booking as b -> if b.att$0ended -> send sms \"Thanks\"");
    assert_eq!(definitions(&qualified), ["<prelude>:32:3 attended"]);
    let placeholder = Project::marked("on booking -> send sms \"{{ booking.re$0book_url | default(\"x\") }}\"");
    assert_eq!(definitions(&placeholder), ["<prelude>:31:3 rebook_url"]);
}

#[test]
fn names_lead_across_files() {
    let declared = "const big = 50 EUR\nsegment vip = client.spent > big\naction sync(id: text)\n\
                    template sms bill(order) = \"{{ order.id }}\"\nevent order { note: text? }\n";
    let of = |funnel: &str| definitions(&Project::of(&[("a.funnel", declared), ("b.funnel", funnel)]));
    assert_eq!(of("on order where amount > bi$0g -> stop"), ["a.funnel:1:7 big"]);
    assert_eq!(of("on entering v$0ip -> stop"), ["a.funnel:2:9 vip"]);
    assert_eq!(of("on order -> if client in v$0ip -> stop"), ["a.funnel:2:9 vip"]);
    assert_eq!(of("on order -> do sy$0nc(id: client.id)"), ["a.funnel:3:8 sync"]);
    assert_eq!(of("on order -> do sync(i$0d: client.id)"), ["a.funnel:3:13 id"]);
    assert_eq!(of("on order -> send sms bi$0ll"), ["a.funnel:4:14 bill"]);
    assert_eq!(of("on ord$0er -> stop"), ["a.funnel:5:7 order", "<prelude>:58:7 order"]);
    assert_eq!(of("on order -> if no$0te is known -> stop"), ["a.funnel:5:15 note"]);
    assert_eq!(of("funnel x { on order -> stop }\nfunnel y { on order -> start $0x }"), ["b.funnel:1:8 x"]);
}

#[test]
fn labels_and_aliases_are_local_to_their_funnel() {
    let text = "funnel one {\n  on booking as b\n    -> ask: send sms \"{{ b.id }}\"\n    -> if b.cancelled { stop } else { wait 1h }\n\
                \x20   -> goto a$0sk\n}\nfunnel two { on booking as b -> ask: wait 1h -> if b.cancelled { goto ask } else { stop } }\n";
    let label = Project::marked(text);
    assert_eq!(definitions(&label), ["main.funnel:3:8 ask"]);
    assert_eq!(references(&label), ["main.funnel:3:8 ask", "main.funnel:5:13 ask"]);
    let alias = Project::marked(&text.replace("a$0sk", "ask").replacen("if b.", "if b$0.", 1));
    assert_eq!(definitions(&alias), ["main.funnel:2:17 b"]);
    assert_eq!(references(&alias), ["main.funnel:2:17 b", "main.funnel:3:26 b", "main.funnel:4:11 b"]);
    let highlights = alias.view().highlight(alias.place());
    assert_eq!(highlights.len(), 3, "{highlights:?}");
    assert!(hover(&alias).contains("booking as b"), "{}", hover(&alias));
}

#[test]
fn the_alias_of_an_awaited_event_is_known_after_the_wait() {
    let project = Project::marked(
        "on booking -> wait for visit as v up to 3h { stop } else { stop }\n\
         on visit -> wait for booking as again where again.price is known -> send sms \"{{ ag$0ain.id }}\"\n",
    );
    assert_eq!(references(&project), ["main.funnel:2:33 again", "main.funnel:2:45 again", "main.funnel:2:82 again"]);
}

#[test]
fn names_resolve_in_text_files() {
    let files = [
        (
            "a.funnel",
            "const shop = \"Lily\"\ntemplate sms long(booking) = file \"long.txt\"\non booking -> send sms long\n",
        ),
        ("long.txt", "Dear {{ client.name | default(\"you\") }}, {{ booking.i$0d }} at {{ shop }}\n"),
    ];
    let project = Project::of(&files);
    assert_eq!(definitions(&project), ["<prelude>:23:7 id"]);
    let path = Project::of(&[("a.funnel", "template sms long = file \"lo$0ng.txt\""), ("long.txt", "Hello")]);
    assert_eq!(definitions(&path), ["long.txt:1:1 "]);
    let shop = Project::of(&[
        (files[0].0, &files[0].1.replacen("shop", "sh$0op", 1)),
        (files[1].0, &files[1].1.replace("$0", "")),
    ]);
    assert_eq!(references(&shop), ["a.funnel:1:7 shop", "long.txt:1:65 shop"]);
}

#[test]
fn names_resolve_in_damaged_text() {
    let project = Project::marked("event lesson { key id: text }\non less$0on -> if -> send sms \"{{ lesson.\n");
    assert_eq!(definitions(&project), ["main.funnel:1:7 lesson"]);
}

#[test]
fn hovers_describe_names_and_values() {
    let says = |text: &str, words: &[&str]| {
        let markdown = hover(&Project::marked(text));
        for word in words {
            assert!(markdown.contains(word), "{text}\nlacks {word}:\n{markdown}");
        }
    };
    says(
        "on booking -> if att$0ended -> stop",
        &["booking.attended: bool later from starts_at by starts_at + 1d", "the prelude"],
    );
    says(
        "## What the score says.\nevent reply { score: number? }\non visit -> call \"https://a.example\" as re$0ply",
        &["event reply {", "score: number?", "What the score says."],
    );
    says("on boo$0king -> stop", &["event booking {", "key id: text", "made, moved, attended, missed"]);
    says(
        "## Our best.\nsegment vip = client.spent > 50 EUR\non entering vi$0p -> stop",
        &["segment vip = ", "Our best."],
    );
    says(
        "on booking -> send sms \"{{ client.lang$0uage | default(\"ru\") }}\"",
        &["client.language: text?", "the format of dates and amounts", "May be missing here"],
    );
    says("on booking -> wa$0it 1d", &["Waits:"]);
    says("on booking -> wait 1$0d", &["a calendar duration"]);
    says("on booking -> wait 24$0h", &["an exact duration"]);
    says("on booking -> send sms \"Приве$0т\"", &["1 part (UCS-2)", "6 of 70"]);
    says("on booking -> send sms \"{{ client.name | upp$0er }}\"", &["in upper case"]);
    says("on booking -> send sms \"{{ if att$0ended is known }}a{{ end }}\"", &["booking.attended: bool later"]);
    says("on booking -> send sms \"{{ i$0f client.name is known }}a{{ end }}\"", &["In a text", "does not wait"]);
    says("on booking -> send sms \"{{ if client.name is known }}a{{ e$0nd }}\"", &["the end of the text"]);
    says("on booking -> send s$0ms", &["A text message"]);
    says("on booking -> stop  # allow F02$003", &["F0203"]);
    says("on booking where count(visit in la$0st 30d) > 1 -> stop", &["in last 90d"]);
    says("on booking -> wait until 2026-03-0$08 10:00 -> stop", &["a Sunday"]);
}

#[test]
fn hovers_are_in_the_language_of_the_editor() {
    let says = |text: &str, words: &[&str]| {
        let project = Project::marked(text);
        let markdown = project.view().in_language(Language::Russian).hover(project.place()).expect("a page").markdown;
        for word in words {
            assert!(markdown.contains(word), "{text}\nlacks {word}:\n{markdown}");
        }
    };
    says("on booking -> wa$0it 1d", &["Ждёт:"]);
    says("on booking -> wait 2$0w", &["дней 14: календарная длительность"]);
    says("on booking -> wait until 2026-03-0$08 10:00 -> stop", &["воскресенье, в часовом поясе"]);
    says("on booking -> send sms \"{{ client.name | upp$0er }}\"", &["фильтр", "заглавными"]);
    says(
        "on booking -> send sms \"{{ client.na$0me | default(\"x\") }}\"",
        &["Здесь значения может не быть.", "Объявлено: прелюдия."],
    );
    says("on booking -> send sms \"Hell$0o\"", &["1 часть (GSM-7). До 5 из 160 знаков"]);
    says("on boo$0king -> stop", &["Запись на приём"]);
    says("on booking -> send sms \"{{ client.lang$0uage | default(\"ru\") }}\"", &["формат дат"]);
    // What the user wrote stays as it is.
    says("## An appointment: made, moved, kept or missed, cancelled.\nevent x {}\non x$0 -> stop", &["An appointment"]);
    says("on booking -> stop  # allow F02$003", &["## Что"]);
}
