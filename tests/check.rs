//! What the checker finds, and what it lets pass. Each case is a text and the codes it yields, in order.

use funnelc::check::program::{Element, Expr, Program, Source};
use funnelc::check::{Context, PRELUDE, PRELUDE_NAME};
use funnelc::diagnostic::render::render;
use funnelc::source::Sources;
use funnelc::value::Type;
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
fn yields(text: &str, codes: &[&str]) -> Vec<funnelc::diagnostic::Diagnostic> {
    yields_in(&project(), text, codes)
}

#[track_caller]
fn yields_in(context: &Context, text: &str, codes: &[&str]) -> Vec<funnelc::diagnostic::Diagnostic> {
    let (sources, result) = compiled(context, &[text]);
    let found: Vec<_> = result.diagnostics.iter().map(|finding| finding.code.number()).collect();
    assert_eq!(found, codes, "\n{text}\n{}", render(&sources, &result.diagnostics, false));
    result.diagnostics
}

/// The program of a text that has no fault.
#[track_caller]
fn program(text: &str) -> Program {
    let (sources, result) = compiled(&project(), &[text]);
    assert!(result.diagnostics.is_empty(), "{}", render(&sources, &result.diagnostics, false));
    result.program
}

#[test]
fn the_prelude_has_no_fault() {
    let mut sources = Sources::new();
    let id = sources.add(PRELUDE_NAME, PRELUDE);
    assert_eq!(syntax::parse(&sources, id).diagnostics, []);
    let empty = program("");
    assert_eq!(empty.catalog.events["booking"].key.as_deref(), Some("id"));
    assert_eq!(empty.catalog.client["phone"].ty, Type::Phone);
    assert!(empty.catalog.events["booking"].fields["attended"].later.as_ref().unwrap().by.is_some());
}

#[test]
fn the_one_liner_is_a_whole_file_even_without_a_project() {
    let (sources, result) = compiled(&Context::default(), &["on booking -> if attended -> wait 24h -> send sms"]);
    assert!(result.diagnostics.is_empty(), "{}", render(&sources, &result.diagnostics, false));
    let funnel = &result.program.funnels[0];
    assert_eq!((funnel.name.as_str(), result.graphs.len()), ("main", 1));
    let Element::If { then, otherwise, .. } = &funnel.entries[0].chain[0].element else { panic!() };
    assert_eq!((then.len(), otherwise.len()), (2, 0));
    let Element::Send { send, unsent: None } = &then[1].element else { panic!() };
    assert_eq!((send.channel.as_str(), send.template.as_deref()), ("sms", Some("default")));
    let Expr::Field(to) = &send.to else { panic!() };
    assert_eq!((&to.source, to.name.as_str()), (&Source::Client, "phone"));
}

#[test]
fn names_nobody_knows_are_suggested() {
    yields("on bookng -> send sms", &["F0203"]);
    yields("on booking -> if atended -> send sms", &["F0201"]);
    yields("on booking -> if booking.atended -> send sms", &["F0202"]);
    yields("on booking -> send smss", &["F0205"]);
    yields("on booking -> send sms thnks", &["F0204"]);
}

#[test]
fn the_examples_have_no_fault() {
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
