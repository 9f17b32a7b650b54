//! What the checker reports and what it accepts. Each case is a text and the codes it yields, in order.

use funnelc::check::program::{Change, Content, Element, Enter, Expr, Moment, Past, Program, Purpose, Source, Step};
use funnelc::check::{Context, PRELUDE, PRELUDE_NAME};
use funnelc::diagnostic::{Diagnostic, Severity, render::render};
use funnelc::source::Sources;
use funnelc::value::{Type, Value, Weekday};
use funnelc::{Compiled, compile, syntax};

fn project() -> Context {
    Context { zone: Some("Europe/Berlin".to_owned()), currency: Some("EUR".to_owned()), ..Context::default() }
}

fn compiled(context: &Context, texts: &[&str]) -> (Sources, Compiled) {
    let mut sources = Sources::new();
    let names = ["main.funnel", "second.funnel"];
    let files: Vec<_> = texts.iter().zip(names).map(|(text, name)| sources.add(name, *text)).collect();
    let result = compile(&mut sources, &files, context);
    (sources, result)
}

/// Checks that a text in a project with a zone yields exactly these codes, in the order of the text.
#[track_caller]
pub(crate) fn yields(text: &str, codes: &[&str]) -> Vec<Diagnostic> {
    yields_in(&project(), text, codes)
}

#[track_caller]
pub(crate) fn yields_in(context: &Context, text: &str, codes: &[&str]) -> Vec<Diagnostic> {
    let (sources, result) = compiled(context, &[text]);
    let found: Vec<_> = result.diagnostics.iter().map(|finding| finding.code.number()).collect();
    assert_eq!(found, codes, "\n{text}\n{}", render(&sources, &result.diagnostics, false));
    result.diagnostics
}

/// The program of a text without findings.
#[track_caller]
fn program(text: &str) -> Program {
    let (sources, result) = compiled(&project(), &[text]);
    assert!(result.diagnostics.is_empty(), "{}", render(&sources, &result.diagnostics, false));
    result.program
}

#[test]
fn the_prelude_is_valid() {
    let mut sources = Sources::new();
    let id = sources.add(PRELUDE_NAME, PRELUDE);
    assert_eq!(syntax::parse(&sources, id).diagnostics, []);
    let empty = program("");
    assert_eq!(empty.catalog.events["booking"].key.as_deref(), Some("id"));
    assert_eq!(empty.catalog.client["phone"].ty, Type::Phone);
    assert!(empty.catalog.events["booking"].fields["attended"].later.as_ref().unwrap().by.is_some());
}

#[test]
fn the_one_liner_is_valid_without_a_project() {
    let (sources, result) = compiled(&Context::default(), &["on booking -> if attended -> wait 24h -> send sms"]);
    assert!(result.diagnostics.is_empty(), "{}", render(&sources, &result.diagnostics, false));
    let funnel = &result.program.funnels[0];
    assert_eq!((funnel.name.as_str(), result.graphs.len()), ("main", 1));
    let Element::If { then, otherwise, .. } = &funnel.entries[0].chain[0].element else { panic!() };
    assert_eq!((then.len(), otherwise.len()), (2, 0));
    let Element::Send { send, on_not_sent: None } = &then[1].element else { panic!() };
    assert_eq!((send.channel.as_str(), send.template.as_deref()), ("sms", Some("default")));
    let Expr::Field(to) = &send.to else { panic!() };
    assert_eq!((&to.source, to.name.as_str()), (&Source::Client, "phone"));
}

/// The chain of the last entry of a text without findings.
#[track_caller]
fn chain(text: &str) -> Vec<Step> {
    let mut program = program(text);
    program.funnels.pop().unwrap().entries.last().unwrap().chain.clone()
}

pub(crate) fn helps(findings: &[Diagnostic], text: &str) -> bool {
    findings.iter().any(|finding| finding.help.iter().any(|help| help.contains(text)))
}

#[test]
fn the_examples_are_valid() {
    let context = Context { currency: Some("RUB".to_owned()), ..project() };
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    for example in [
        "one-liner/thanks",
        "booking-reminder/reminder",
        "no-show-rescue/no-show",
        "thank-you-after-purchase/thank-you",
    ] {
        let text = std::fs::read_to_string(folder.join(example).with_extension("funnel")).unwrap();
        yields_in(&context, &text, &[]);
    }
}

#[test]
fn several_mistakes_are_all_found() {
    let text = r#"
on bookng
  -> if atended
  -> send smss "{{ client.nmae | uper }}"
  -> set client.city = 5
"#;
    yields(text, &["F0203", "F0201", "F0205", "F0202", "F0207", "F0301"]);
}

#[test]
fn unknown_names_have_suggestions_and_fixes() {
    for (text, code, near) in [
        ("on bookng -> send sms", "F0203", "booking"),
        ("on booking.cancled -> send sms", "F0202", "cancelled"),
        ("on booking -> if atended -> send sms", "F0201", "attended"),
        ("on booking -> if booking.atended -> send sms", "F0202", "attended"),
        ("on booking -> send sms \"{{ name | default(\"\") }}\"", "F0201", "client.name"),
        ("on booking -> send smss", "F0205", "sms"),
        ("on booking -> send sms defalt", "F0204", "default"),
        ("on booking -> tag \"{{ starts_at | tiem }}\"", "F0207", "time"),
        ("event order { key id: text total: mony }", "F0208", "money"),
        ("funnel f { timezone \"Europe/Berln\" on booking -> send sms }", "F0209", "\"Europe/Berlin\""),
        ("funnel f { timezone \"Berlin\" on booking -> send sms }", "F0209", "\"Europe/Berlin\""),
        ("funnel f { purpose servce on booking -> send sms }", "F0201", "service"),
        ("on booking as b -> if booking.attended -> send sms", "F0201", "b"),
    ] {
        let findings = yields(text, &[code]);
        assert_eq!(findings[0].fixes[0].edits[0].text, near, "{text}");
    }
    assert!(helps(&yields("on gift -> send sms", &["F0203"]), "declare it"));
    assert!(helps(
        &yields("on booking -> send sms missed\ntemplate email missed = { subject: \"a\" text: \"b\" }", &["F0204"]),
        "email"
    ));
    assert!(helps(&yields("template sms t = \"{{ attended }}\"", &["F0201"]), "(booking)"));
    assert!(helps(&yields("on booking -> if purchase.amount > 1 EUR -> send sms", &["F0201"]), "in scope: `booking`"));
}

#[test]
fn an_unconfigured_channel_is_a_warning() {
    let channels = Some(["email".to_owned()].into());
    let context = Context { channels, ..project() };
    let found = yields_in(&context, "on booking -> send sms", &["F0205"]);
    assert!(found.iter().all(|finding| finding.severity == Severity::Warning));
    assert!(helps(&found, "[channels.sms]"));
    let found = yields_in(&context, "on booking -> send smss", &["F0205"]);
    assert!(found.iter().all(|finding| finding.severity == Severity::Error));
    yields_in(&context, "on booking -> send email", &[]);
}

#[test]
fn duplicate_declarations_are_found() {
    for text in [
        "const a = 1 const a = 2",
        "funnel f { on booking -> send sms } funnel f { on visit -> send sms }",
        "funnel main { on booking -> send sms } on visit -> send sms",
        "template sms t = \"a\" template sms t = \"b\"",
        "on booking -> a: wait 1h -> a: stop",
        "event order { key id: text id: text }",
        "event booking { starts_at: text }",
        "event order { key id: text key no: text }",
        "event order { key id: text note: text } event order { note: text? }",
        "event client { age: number }",
        "const client = 1",
        "funnel f { hours 09:00..10:00 hours 11:00..12:00 on booking -> send sms }",
        "on booking -> send sms { text: \"a\" text: \"b\" }",
        "on booking as client -> send sms",
    ] {
        yields(text, &["F0206"]);
    }
}

#[test]
fn declarations_add_to_the_prelude() {
    let text = "client { age: number? name: text } event booking { room: text? starts_at: datetime }
        on booking -> send sms \"{{ client.name }} {{ client.age | default(\"-\") }} {{ room | default(\"-\") }} {{ starts_at | time }}\"";
    let program = program(text);
    assert!(!program.catalog.client["name"].optional);
    assert!(program.catalog.client["city"].optional);
}

#[test]
fn project_templates_override_those_of_the_prelude() {
    let steps = chain("template sms default = \"mine\" on booking -> send sms");
    let Element::Send { send, .. } = &steps[0].element else { panic!() };
    assert_eq!(send.content, Content::Text(Expr::Value(Value::Text("mine".to_owned()))));
    let context = Context { default_templates: [("sms".to_owned(), "hello".to_owned())].into(), ..project() };
    yields_in(&context, "on booking -> send sms", &["F0204"]);
    yields_in(&context, "template sms hello = \"a\" on booking -> send sms", &[]);
}

#[test]
fn a_template_parameter_is_bound_to_the_event_of_the_chain() {
    let text = "template sms t(booking) = \"{{ starts_at | time }} {{ booking.id }}\" on booking as b -> send sms t";
    let steps = chain(text);
    let Element::Send { send, .. } = &steps[0].element else { panic!() };
    let Content::Text(words) = &send.content else { panic!() };
    let sources: Vec<_> = words.reads().into_iter().map(|read| read.source.clone()).collect();
    // The moment, the zone of its place, and the id.
    assert_eq!(sources, vec![Source::Event("b".to_owned()); 3]);
    yields("template sms t(booking) = \"{{ id }}\" on visit -> send sms t", &["F0308"]);
    yields("template sms t(bookin) = \"{{ id }}\"", &["F0203"]);
}

#[test]
fn constants_may_be_declared_in_any_order_and_must_be_constant() {
    let steps = chain("on purchase -> if amount > big -> send sms\nconst big = half * 2\nconst half = 50 EUR");
    let Element::If { condition: Expr::Compare(_, _, big), .. } = &steps[0].element else { panic!() };
    assert!(matches!(**big, Expr::Arithmetic(..)));
    for value in ["now", "today", "client.name", "\"{{ client.id }}\"", "b const b = a"] {
        yields(&format!("const a = {value}"), &["F0309"]);
    }
    yields("on booking -> if client.id matches \"{{ service | default(\"\") }}\" -> send sms", &["F0309"]);
    yields("funnel f \"{{ client.id }}\" { on booking -> send sms }", &["F0309"]);
}

#[test]
fn types_are_not_converted_implicitly() {
    for (condition, code) in [
        ("amount > 100", "F0303"),
        ("amount + 5 > 1 EUR", "F0303"),
        ("id == 5", "F0303"),
        ("id < \"b\"", "F0303"),
        ("id + id == \"b\"", "F0303"),
        ("id contains 5", "F0303"),
        ("id in \"abc\"", "F0303"),
        ("5 in [\"a\"]", "F0303"),
        ("id in []", "F0303"),
        ("client.tags == \"vip\"", "F0303"),
        ("-id == \"a\"", "F0303"),
        ("id matches \"a\" and amount matches \"a\"", "F0303"),
        ("id in [\"a\", 5]", "F0301"),
        ("purchase == \"a\"", "F0301"),
        ("amount > 5 EUR + 3 USD", "F0304"),
        ("amount", "F0306"),
        ("not id", "F0306"),
        ("id == \"a\" or amount", "F0306"),
        ("client.email", "F0306"),
        ("id.size == 1", "F0202"),
    ] {
        yields(&format!("on purchase -> if {condition} -> send sms"), &[code]);
    }
}

#[test]
fn compatible_types_are_accepted() {
    for condition in [
        "amount > 100 EUR and amount / 2 < amount * 3 and amount / amount > 50%",
        "id != \"b\" and id in [\"a\", \"b\", \"c\"] and id contains \"a\" and id starts with \"a\" or id == \"d\"",
        "client.birthday is known and client.birthday + 1y > today and client.birthday < 2000-01-01",
        "client.created_at is known and now - client.created_at > 30d and client.created_at < now - 1w",
        "client.created_at is known and client.created_at == today and client.created_at < tomorrow 10:00",
        "client.email matches \"*@example.com\" and client.phone in [\"+7900\"] or client.phone == \"+7901\"",
        "client.created_at is known and now - client.created_at > 2h * 3 - -(1h) and count(visit) > 3 - -4",
    ] {
        yields(&format!("on purchase -> if {condition} -> send sms"), &[]);
    }
}

#[test]
fn a_union_accepts_only_its_texts() {
    let event = "event order { key id: text status: \"new\" | \"paid\" }";
    let findings = yields(&format!("{event} on order -> if status == \"payed\" -> send sms"), &["F0305"]);
    assert_eq!(findings[0].fixes[0].edits[0].text, "\"paid\"");
    yields(&format!("{event} on order -> if status in [\"new\", \"old\"] -> send sms"), &["F0305"]);
    yields(&format!("{event} client {{ last: \"new\" | \"paid\" }} on order -> set client.last = \"old\""), &["F0305"]);
    yields(&format!("{event} on order.status where status == \"paid\" -> set client.city = status"), &[]);
}

#[test]
fn optional_values_must_be_checked_before_use() {
    for chain in [
        "send sms \"{{ client.city }}\"",
        "if client.city != \"Berlin\" -> send sms",
        "if client.spent > 5 EUR -> send sms",
        "set client.city = client.name",
        "wait until ends_at + 1h else skip -> send sms",
        "if client.city is known { stop } else { send sms \"{{ client.city }}\" }",
        "if client.city is known or client.name is known { send sms \"{{ client.city }}\" }",
        "if client.city is known { send sms } -> send sms \"{{ client.city }}\"",
        // The check may be skipped, so it proves nothing.
        "wait until starts_at else skip -> if client.city is missing { stop } -> send sms \"{{ client.city }}\"",
    ] {
        yields(&format!("on booking -> {chain}"), &["F0302"]);
    }
}

#[test]
fn values_that_can_change_are_unknown_after_a_wait() {
    for wait in [
        "wait 1d",
        "wait until starts_at else stop",
        "wait for visit up to 3d",
        "if attended",
        "match attended { case true -> stop case false -> tag \"a\" otherwise -> stop }",
        "send sms else { tag \"a\" }",
        "parallel { path -> tag \"a\" path -> wait 1d }",
        "repeat 2 times { wait 1d }",
    ] {
        let found = yields(
            &format!("on booking -> if client.city is known -> {wait} -> send sms \"{{{{ client.city }}}}\""),
            &["F0302"],
        );
        assert!(found[0].related.len() == 1 && helps(&found, "check again after"), "{wait}: {found:?}");
    }
    for chain in [
        // The second iteration of the loop comes after the wait.
        "if client.city is known -> repeat 2 times { send sms \"{{ client.city }}\" -> wait 1d }",
        "if service is known -> wait 1d -> send sms \"{{ service }}\"",
        "set client.city = \"Berlin\" -> wait 1d -> send sms \"{{ client.city }}\"",
        "if client.city is known -> a: send sms \"{{ client.city }}\" -> wait 1d -> goto a",
    ] {
        yields(&format!("on booking -> {chain}"), &["F0302"]);
    }
    for chain in [
        "if client.city is known -> parallel { path -> send sms \"{{ client.city }}\" path -> wait 1d }",
        "wait 1d -> if client.city is known -> send sms \"{{ client.city }}\"",
        "if client.city is known -> wait 1d -> send sms \"{{ client.city | default(\"?\") }}\"",
        "if client.city is known -> repeat 2 times { tag \"a\" } -> send sms \"{{ client.city }}\"",
        "if attended -> if client.city is known and attended -> send sms \"{{ client.city }}\"",
    ] {
        let found = crate::support::findings::of_bytes("a.funnel", format!("on booking -> {chain}").as_bytes()).1;
        assert!(found.iter().all(|finding| !finding.is_error()), "{chain}: {found:?}");
    }
    // Events without a key never change, and neither does history.
    yields("on form -> if form.page is known -> wait 1d -> send sms \"{{ form.page }}\"", &[]);
    yields("on visit -> if last(purchase).at is known -> wait 1d -> send sms \"{{ last(purchase).at | date }}\"", &[]);
}

#[test]
fn checked_values_are_known() {
    for chain in [
        "if client.city is known -> send sms \"{{ client.city }}\"",
        "if client.city is known { send sms \"{{ client.city }}\" }",
        "if client.city is missing { stop } -> send sms \"{{ client.city }}\"",
        "if client.city is missing { send sms } else { send sms \"{{ client.city }}\" }",
        "if not (client.city is missing) and client.city != \"Berlin\" -> send sms \"{{ client.city }}\"",
        "if client.city is missing or client.city != \"Berlin\" { stop } -> send sms \"{{ client.city }}\"",
        "if client.city == \"Berlin\" -> send sms \"{{ client.city }}\"",
        "if client.city in [\"Berlin\", \"Bonn\"] -> send sms \"{{ client.city }}\"",
        "if client.city is known { set client.name = \"x\" } else { stop } -> send sms \"{{ client.city }} {{ client.name }}\"",
        "set client.city = \"Berlin\" -> send sms \"{{ client.city }}\"",
        "send sms \"{{ client.city | default(\"?\") }} {{ client.city | upper | default(\"?\") }}\"",
        "if client.id in [\"a\", \"b\"] -> wait 1d -> send sms \"{{ client.id }} {{ starts_at }}\"",
    ] {
        yields(&format!("on booking -> {chain}"), &[]);
    }
    yields("on booking where service is known -> send sms \"{{ service }}\"", &[]);
    yields("on booking.service -> send sms \"{{ booking.service }}\"", &["F0302"]);
}

#[test]
fn comparisons_with_missing_values_are_false() {
    let steps =
        chain("on booking -> if cancelled or client.city == \"Berlin\" or client.tags contains \"vip\" -> send sms");
    let Element::If { condition: Expr::Or(first, last), .. } = &steps[0].element else { panic!() };
    let Expr::Or(cancelled, city) = &**first else { panic!() };
    assert!(matches!(**cancelled, Expr::Field(_)));
    for guarded in [city, last] {
        let Expr::And(known, _) = &**guarded else { panic!() };
        assert!(matches!(**known, Expr::IsKnown(_)));
    }
}

#[test]
fn conditions_wait_for_later_fields_and_other_uses_do_not() {
    let steps = chain("on booking as b -> if not b.attended -> send sms \"{{ attended }}\"");
    let Element::If { condition: Expr::Not(read), .. } = &steps[0].element else { panic!() };
    let Expr::Field(read) = &**read else { panic!() };
    let by = read.later.as_ref().unwrap().by.as_ref().unwrap();
    assert_eq!(by.reads()[0].source, Source::Event("b".to_owned()));
    for chain in [
        "send sms \"{{ attended }}\"",
        "set client.name = \"{{ attended }}\"",
        "if attended { send sms } else { send sms \"{{ attended }}\" }",
        "if attended or id == \"1\" { send sms \"{{ attended }}\" }",
    ] {
        yields(&format!("on booking -> {chain}"), &["F0302"]);
    }
    yields("on booking -> if attended is known { send sms \"{{ attended }}\" }", &[]);
    yields("on booking.attended -> send sms \"{{ attended }}\"", &[]);
    yields("event order { key id: text paid: bool later by due due: date? }", &["F0302"]);
    yields("event order { key id: text paid: bool later by 5h }", &["F0301"]);
}

#[test]
fn one_mistake_makes_one_finding() {
    for (text, code) in [
        ("const a = nope on booking -> if a == 5 -> set client.city = a", "F0201"),
        (
            "event order { key id: text due: datetme } on order -> wait until due else skip -> send sms \"{{ due | time }}\"",
            "F0208",
        ),
        ("template sms t = \"{{ nope }}\" on booking -> send sms t", "F0201"),
        ("on gift -> if paid -> send sms \"{{ gift.sum | money }}\"", "F0203"),
        ("on booking -> if nope is known { send sms \"{{ service }}\" }", "F0201"),
        ("on booking -> if nope is known and client.name != \"a\" -> send sms", "F0201"),
        ("on booking -> send email { subjct: \"a\" text: \"b\" }", "F0202"),
        ("funnel f { enter once per booking.number on booking -> send sms on booking -> send sms }", "F0202"),
        ("event order { key id: text paid: bool later by nope } on order -> if paid -> send sms", "F0201"),
    ] {
        yields(text, &[code]);
    }
    // An incomplete text is reported by the parser alone.
    yields("on booking -> if", &["F0101"]);
}

#[test]
fn gates_contain_the_rest_of_their_chain_and_else_if_nests() {
    let steps = chain(
        "event booking { paid_for: bool? } on booking -> if attended -> if cancelled { send sms } else if paid_for { stop } -> send sms",
    );
    let [Step { element: Element::If { then, .. }, .. }] = steps.as_slice() else { panic!() };
    let Element::If { otherwise, .. } = &then[0].element else { panic!() };
    assert_eq!((then.len(), otherwise.len(), otherwise[0].text.as_str()), (2, 1, "if paid_for"));
    let deep = format!("on booking {} -> send sms", "-> if attended ".repeat(150));
    yields(&deep, &["F0104"]);
}

#[test]
fn steps_after_the_end_are_unreachable() {
    yields("on booking -> stop -> send sms -> send email", &["F0402"]);
    yields("on booking -> if attended { stop } else { stop } -> send sms", &["F0402"]);
    yields("on booking -> if attended { stop } -> send sms", &[]);
    yields("on booking -> wait until starts_at else skip -> stop -> send sms", &[]);
    yields("event ping { note: text } on ping.note -> send sms", &["F0402"]);
}

#[test]
fn elements_that_do_nothing_are_found() {
    yields("funnel f { }", &["F0406"]);
    yields("on booking -> if attended", &["F0406"]);
    yields("on booking -> if attended { stop } else if cancelled -> send sms", &["F0406"]);
    yields("funnel f { purpose service news on booking -> send sms }", &["F0406"]);
}

#[test]
fn moments_that_may_be_past_are_found() {
    let findings = yields("on booking -> wait until starts_at - 2h -> send sms", &["F0403"]);
    assert_eq!(findings[0].fixes[0].edits[0].text, " else skip");
    yields("on booking -> wait until 2026-03-08 -> send sms", &["F0403"]);
    for moment in ["10:00", "monday 10:00", "sunday", "now + 1h", "tomorrow 10:00", "starts_at else { send sms }"] {
        yields(&format!("on booking -> wait until {moment} -> send sms"), &[]);
    }
    for wrong in ["3h", "id", "5"] {
        yields(&format!("on booking -> wait until {wrong} -> send sms"), &["F0301"]);
    }
    let steps = chain("const noon = 12:00 on booking -> wait until noon -> wait until friday else stop");
    assert!(matches!(&steps[0].element, Element::WaitUntil { moment: Moment::Time(_), on_past: Past::GoOn }));
    assert!(matches!(&steps[1].element, Element::WaitUntil { moment: Moment::Weekdays(..), on_past: Past::Stop }));
}

#[test]
fn time_zone_dependent_code_needs_a_time_zone() {
    let lone = Context::default();
    for chain in [
        "wait 1d",
        "wait 1h at 10:00",
        "wait until 10:00",
        "wait until monday",
        "wait until starts_at + 1d else skip -> send sms",
        "if starts_at > 2026-03-08 10:00 -> send sms",
        "if starts_at == today -> send sms",
        "send sms \"{{ starts_at | time }}\"",
        "send sms \"{{ starts_at }}\"",
        "send sms t\ntemplate sms t(booking) = \"{{ starts_at | date }}\"",
        "if starts_at > noon -> send sms\nconst noon = 2026-03-08 12:00",
    ] {
        yields_in(&lone, &format!("on booking -> {chain}"), &["F0404"]);
        let (steps, declared) = chain.split_once('\n').unwrap_or((chain, ""));
        let named = format!("{declared}\nfunnel f {{ timezone client.timezone on booking -> {steps} }}");
        yields_in(&lone, &named, &["F0404"]);
        yields(&format!("on booking -> {chain}"), &[]);
    }
    for zone in ["\"Europe/Berlin\"", "client.timezone else \"Europe/Berlin\"", "home"] {
        let home = if zone == "home" { "const home = \"Asia/Tokyo\"" } else { "" };
        let text = format!("{home} funnel f {{ timezone {zone} on booking -> wait 1d }}");
        yields_in(&lone, &text, &[]);
    }
    yields_in(&lone, "funnel f { hours 09:00..18:00 on booking -> send sms }", &["F0404"]);
    for chain in [
        "if attended -> wait 24h -> send sms",
        "if starts_at - now > 1d -> send sms",
        "wait until starts_at - 2h else skip",
    ] {
        yields_in(&lone, &format!("on booking -> {chain}"), &[]);
    }
    yields("funnel f { timezone 5 on booking -> send sms }", &["F0301"]);
}

#[test]
fn zones_are_tried_in_order() {
    let program = program("funnel f { timezone client.timezone else \"Asia/Tokyo\" on booking -> wait 1d }");
    let zones = &program.funnels[0].settings.zones;
    let text = |zone: &str| Expr::Value(Value::Text(zone.to_owned()));
    assert!(matches!(&zones[0], Expr::Field(read) if read.name == "timezone" && read.source == Source::Client));
    assert_eq!(zones[1..], [text("Asia/Tokyo"), text("Europe/Berlin")]);
}

#[test]
fn settings_control_who_enters_and_when_a_run_ends() {
    let text = "funnel f {
        purpose marketing news  hours friday..monday 22:00..06:00, wednesday 10:00..12:00
        enter once per b.service | default
        on booking -> send sms }";
    assert!(compiled(&project(), &[text]).1.diagnostics.iter().any(|finding| finding.is_error()));
    let program = program(
        "funnel f \"F\" {
           purpose marketing news  hours friday..monday 22:00..06:00, wednesday 10:00..12:00
           enter once per b.id
           exit on booking.cancelled or purchase where b.service == \"x\"
           on booking as b -> send sms
         }",
    );
    let settings = &program.funnels[0].settings;
    assert_eq!(settings.purpose, Purpose::Marketing { topic: Some("news".to_owned()) });
    assert_eq!(settings.hours[0].days, [Weekday::Friday, Weekday::Saturday, Weekday::Sunday, Weekday::Monday]);
    assert!(matches!(settings.enter, Enter::OncePer(_)));
    assert_eq!(settings.exits.len(), 2);
    assert_eq!(settings.exits[0].pattern.change, Change::TurnedTrue("cancelled".to_owned()));
    assert_eq!(settings.exits[1].pattern.change, Change::Created);
}

#[test]
fn an_email_has_a_subject_and_a_body() {
    yields("on booking -> send email \"hi\"", &["F0405"]);
    yields("template email t = \"hi\"", &["F0405"]);
    yields("on booking -> send email { text: \"hi\" }", &["F0405"]);
    yields("on booking -> send email { subject: \"hi\" }", &["F0308"]);
    yields("on booking -> send sms { }", &["F0308"]);
    yields("on booking -> send email { subject: 5 text: \"a\" }", &["F0301"]);
    yields("on booking -> send email { subject: \"a\" html: \"<p>b\" preheader: \"c\" }", &[]);
    yields("on booking -> send sms to client.email", &["F0301"]);
    yields("on booking -> send sms to \"+79990000001\" -> send email to client.email -> send telegram", &[]);
}

#[test]
fn filters_accept_only_values_they_can_format() {
    for placeholder in [
        "amount | time",
        "amount | upper",
        "amount | default(5)",
        "amount | money(3)",
        "client.name | default",
        "client.spent | default(\"-\") | money",
    ] {
        yields(&format!("on purchase -> send sms \"{{{{ {placeholder} }}}}\""), &["F0307"]);
    }
    for placeholder in [
        "amount | money",
        "client.spent | money | default(\"-\")",
        "client.spent | default(0 EUR) | money",
        "id | lower | capitalize",
    ] {
        yields(&format!("on purchase -> send sms \"{{{{ {placeholder} }}}}\""), &[]);
    }
}

#[test]
fn only_fields_of_the_client_can_be_set() {
    for target in ["client.id", "client.tags", "client.consent", "booking.price", "city"] {
        yields(&format!("on booking -> set {target} = \"x\""), &["F0210"]);
    }
    yields("on booking -> set client.nope = 1", &["F0202"]);
    yields("on booking -> set client.phone = \"+79990000001\" -> set client.city = client.phone", &[]);
    yields("client { nick: text } on booking -> set client.email = client.nick", &["F0301"]);
}

#[test]
fn funnels_with_errors_are_dropped_and_the_others_stay() {
    let (_, result) = compiled(
        &project(),
        &["funnel a { on booking -> send smss } funnel b { on booking -> send sms }", "on booking -> -> send"],
    );
    let names: Vec<_> = result.program.funnels.iter().map(|funnel| funnel.name.as_str()).collect();
    assert_eq!((names, result.graphs.len()), (vec!["b"], 1));
}

#[test]
fn files_share_declarations() {
    let (sources, result) = compiled(
        &project(),
        &["on order -> send sms hello", "event order { key id: text } template sms hello = \"a\""],
    );
    assert!(result.diagnostics.is_empty(), "{}", render(&sources, &result.diagnostics, false));
}

#[test]
fn step_text_is_kept_as_written_on_one_line() {
    let steps = chain("on booking\n  -> if attended # came\n    and\n    cancelled {\n send sms }");
    assert_eq!(steps[0].text, "if attended and cancelled");
}

#[test]
fn a_date_of_the_client_needs_a_time_of_day() {
    let found = yields("on client.birthday -> send sms \"Happy birthday!\"", &["F0412"]);
    assert_eq!(found[0].message.to_string(), "`on client.birthday` needs a time of day");
    assert_eq!(found[0].fixes[0].edits[0].text, "client.birthday at 10:00");
    yields("client { ends: datetime? } on client.ends -> tag \"x\"", &["F0412"]);
    yields("on client.birthday at 10:00 -> send sms \"Happy birthday!\"", &[]);
    yields("on client.updated where client.birthday is known -> tag \"x\"", &[]);
    // A date of a record has no day of its own.
    yields("event booking { due: date? } on booking.due -> tag \"x\"", &[]);
    yields("on booking.starts_at -> tag \"x\"", &[]);
}

#[test]
fn the_text_of_a_message_comes_before_its_recipient() {
    let found = yields("on booking -> send sms to \"+4930901820\" \"Hi\" -> tag \"x\"", &["F0108"]);
    assert_eq!(found[0].message.to_string(), "the text of a message comes before `to`");
    let edits: Vec<_> = found[0].fixes[0].edits.iter().map(|edit| edit.text.as_str()).collect();
    assert_eq!(edits, ["\"Hi\" ", ""]);
    let twice = yields("on booking -> send sms \"Hi\" to \"+4930901820\" \"again\"", &["F0108"]);
    assert!(twice[0].fixes.is_empty());
    yields("on booking -> if client.phone is known -> send sms to client.phone \"Hi\" before starts_at", &["F0108"]);
}

#[test]
fn a_link_to_an_address_needs_one() {
    let email = |html: &str| {
        format!("on booking -> send email {{ subject: \"x\" html: \"\"\"<a href=\"{html}\">y</a>\"\"\" }}")
    };
    for wrong in [
        "mailto:{{ client.name | default(\"a\") }}",
        "MAILTO: {{ booking.id }}",
        "tel:{{ booking.id }}",
        "sms:{{ client.email | default(\"a@b.example\") }}",
    ] {
        let found = yields(&email(wrong), &["F0301"]);
        assert!(found[0].message.to_string().starts_with("a link with `"), "{wrong}");
    }
    for right in [
        "mailto:{{ client.email | default(\"a@b.example\") }}",
        "tel:{{ client.phone | default(\"+4930901820\") }}",
        "https://x.example/mailto:{{ booking.id }}",
        "mailto:a@b.example?subject={{ booking.id }}",
    ] {
        yields(&email(right), &[]);
    }
}
