//! Findings rendered for people: the exact output, and that no text or span makes rendering fail.

use funnelc::diagnostic::{Code, Diagnostic, Phrase, render::render};
use funnelc::source::{Sources, Span};
use proptest::prelude::*;

fn source(name: &str, text: &str) -> (Sources, funnelc::source::FileId) {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    (sources, file)
}

#[test]
fn a_finding_shows_its_code_place_help_and_fix() {
    let text = "event booking { key id: text }\n\non bookng -> send sms\n";
    let (sources, file) = source("a.funnel", text);
    let span = Span::new(file, 35, 41);
    let finding = Diagnostic::new(
        Code::UnknownEvent,
        span,
        Phrase::verbatim("unknown event `bookng`"),
        Phrase::verbatim("not declared"),
    )
    .related(Span::new(file, 6, 13), Phrase::verbatim("a near one is declared here"))
    .help(Phrase::verbatim("an event must be declared"))
    .fix(Phrase::verbatim("change `bookng` to `booking`"), span, "booking");
    let expected = "\
error[F0203]: unknown event `bookng`
   ╭─[ a.funnel:3:4 ]
   │
 1 │ event booking { key id: text }
   │       ───┬───
   │          ╰───── a near one is declared here
   │
 3 │ on bookng -> send sms
   │    ───┬──
   │       ╰──── not declared
───╯
  help: an event must be declared
  fix (--fix): change `bookng` to `booking`
";
    assert_eq!(render(&sources, &[finding], false), expected);
}

#[test]
fn a_fix_that_the_help_already_names_is_not_repeated() {
    let (sources, file) = source("a.funnel", "on bookng -> stop");
    let span = Span::new(file, 3, 9);
    let finding = Diagnostic::new(
        Code::UnknownEvent,
        span,
        Phrase::verbatim("unknown event `bookng`"),
        Phrase::verbatim("not declared"),
    )
    .help(Phrase::verbatim("did you mean `booking`?"))
    .fix(Phrase::verbatim("change `bookng` to `booking`"), span, "booking");
    assert!(!render(&sources, &[finding], false).contains("fix:"));
}

#[test]
fn findings_are_sorted_by_place_and_colored_only_on_request() {
    let (sources, file) = source("a.funnel", "one two\n");
    let second =
        Diagnostic::new(Code::UnknownName, Span::new(file, 4, 7), Phrase::verbatim("second"), Phrase::verbatim("here"));
    let first =
        Diagnostic::new(Code::UnknownName, Span::new(file, 0, 3), Phrase::verbatim("first"), Phrase::verbatim("here"));
    let plain = render(&sources, &[second.clone(), first.clone()], false);
    assert!(plain.find("first").unwrap() < plain.find("second").unwrap(), "{plain}");
    assert!(!plain.contains('\u{1b}'));
    assert!(render(&sources, &[second, first], true).contains('\u{1b}'));
}

#[test]
fn a_finding_without_a_place_has_only_a_header_and_help() {
    let finding =
        Diagnostic::new(Code::NotUtf8, Span::NOWHERE, Phrase::verbatim("`a.funnel` is not UTF-8"), Phrase::default())
            .help(Phrase::verbatim("save it as UTF-8"));
    let text = render(&Sources::new(), &[finding], true);
    let plain = strip_colors(&text);
    assert_eq!(plain, "error[F0005]: `a.funnel` is not UTF-8\n  help: save it as UTF-8\n");
}

#[test]
fn an_empty_file_is_named() {
    let (sources, file) = source("empty.funnel", "");
    let finding = Diagnostic::new(
        Code::Expected,
        Span::new(file, 0, 0),
        Phrase::verbatim("the file is empty"),
        Phrase::default(),
    );
    assert_eq!(render(&sources, &[finding], false), "error[F0101]: the file is empty\n  ╰─[ empty.funnel ]\n");
}

#[test]
fn a_long_line_of_an_event_log_is_cut_and_keeps_its_number() {
    let line = format!("{{\"type\":\"booking\",\"note\":\"{}\",\"starts_at\":\"soon\"}}", "x".repeat(5000));
    let start = line.find("\"soon\"").unwrap();
    let mut sources = Sources::new();
    let file = sources.add_part("events.ndjson", 48_017, line);
    let span = Span::new(file, start, start + 6);
    let finding = Diagnostic::new(
        Code::WrongFieldType,
        span,
        Phrase::verbatim("`starts_at` is a datetime"),
        Phrase::verbatim("found text"),
    );
    let expected = "\
error[F0703]: `starts_at` is a datetime
       ╭─[ events.ndjson:48017:5041 ]
       │
 48017 │ …xxxxxxxxxxxxxxxx\",\"starts_at\":\"soon\"}
       │                                ──┬───
       │                                  ╰── found text
───────╯
";
    assert_eq!(render(&sources, &[finding], false), expected);
}

#[test]
fn user_text_cannot_control_the_terminal() {
    let (sources, file) = source("a.funnel", "on \u{1b}[2Jx\u{202e} -> stop\r\n");
    let finding = Diagnostic::new(
        Code::UnknownName,
        Span::new(file, 3, 8),
        Phrase::verbatim("unknown `\u{1b}[2J`\nx"),
        Phrase::verbatim("\u{7}here"),
    );
    let text = render(&sources, &[finding], false);
    assert!(!text.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r']), "{text:?}");
    assert!(text.starts_with("error[F0201]: unknown `\u{fffd}[2J` x\n"), "{text}");
}

/// Removes the color codes from a text.
fn strip_colors(text: &str) -> String {
    let mut parts = text.split('\u{1b}');
    let first = parts.next().unwrap_or("").to_owned();
    parts.fold(first, |out, part| out + part.split_once('m').map_or("", |(_, rest)| rest))
}

proptest! {
    #[test]
    fn rendering_never_fails_and_leaves_no_trailing_whitespace(
        text in "(\\PC|\n|\t|\r|\u{2028}|é|字|👩‍👩‍👧){0,80}",
        spans in proptest::collection::vec((0usize..300, 0usize..300), 1..5),
        long in any::<bool>(),
    ) {
        let text = if long { text.repeat(20) } else { text };
        let (sources, file) = source("a.funnel", &text);
        let mut spans = spans.into_iter().map(|(a, b)| Span::new(file, a.min(b), a.max(b)));
        let own = spans.next().unwrap();
        let finding = spans.fold(Diagnostic::new(Code::Expected, own, Phrase::verbatim("m"), Phrase::verbatim("here")), |d, span| d.related(span, Phrase::verbatim("there")));
        let rendered = render(&sources, &[finding], false);
        prop_assert!(rendered.starts_with("error[F0101]: m\n"));
        prop_assert!(rendered.contains("a.funnel"));
        for line in rendered.lines() {
            prop_assert_eq!(line, line.trim_end());
        }
    }
}
