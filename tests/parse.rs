//! The parser: every text yields a tree, and every mistake one finding.

mod shape;

use funnelc::source::Sources;
use funnelc::syntax::{Parsed, parse, read};
use proptest::prelude::*;

const TOUR: &str = include_str!("parse/ok/tour.funnel");
const EVERYTHING: &str = include_str!("parse/ok/everything.funnel");

fn parsed(text: &str) -> Parsed {
    let mut sources = Sources::new();
    let file = sources.add("t.funnel", text);
    parse(&sources, file)
}

/// One line per finding: the code, the text it points at, and the message.
fn findings(text: &str) -> Vec<String> {
    let line = |at: u32| text[..at as usize].matches('\n').count() + 1;
    let show = |d: &funnelc::diagnostic::Diagnostic| {
        let place = text.get(d.span.range()).expect("a span is in the text and between characters");
        format!("{}: {} `{place}`: {}", line(d.span.start), d.code.number(), d.message)
    };
    parsed(text).diagnostics.iter().map(show).collect()
}

#[test]
fn the_whole_grammar_parses() {
    for text in [TOUR, EVERYTHING] {
        assert_eq!(findings(text), Vec::<String>::new());
    }
}

#[test]
fn five_mistakes_give_five_findings() {
    let text = include_str!("parse/err/five.funnel");
    assert_eq!(findings(text).len(), 5, "{:#?}", findings(text));
}

#[test]
fn every_prefix_has_a_tree_and_few_findings() {
    for text in [TOUR, EVERYTHING] {
        for piece in pieces(text) {
            let part = &text[..piece.end];
            let found = parsed(part);
            assert_eq!(found.file.span.len(), part.len());
            assert!(found.diagnostics.len() <= 3, "{part}\n{:#?}", findings(part));
        }
    }
}

/// The words, numbers and punctuation marks of a text, which the tests drop or double.
fn pieces(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut pieces = Vec::new();
    let mut start = 0;
    let class = |c: char| {
        if c.is_alphanumeric() || c == '_' {
            1
        } else if c.is_whitespace() {
            0
        } else {
            2
        }
    };
    for (at, c) in text.char_indices() {
        let before = text[start..at].chars().next_back();
        if before.is_some_and(|b| class(b) != class(c) || class(c) == 2) {
            if before.is_some_and(|b| class(b) != 0) {
                pieces.push(start..at);
            }
            start = at;
        }
    }
    pieces
}

#[test]
fn a_dropped_or_doubled_token_gives_few_findings() {
    let mut many = Vec::new();
    for text in [TOUR, EVERYTHING] {
        for piece in pieces(text) {
            let dropped = format!("{}{}", &text[..piece.start], &text[piece.end..]);
            let doubled = format!("{} {}", &text[..piece.end], &text[piece.start..]);
            for broken in [dropped, doubled] {
                let found = findings(&broken);
                assert!(found.len() <= 5, "{}: {found:#?}", &text[piece.clone()]);
                if found.len() > 2 {
                    many.push(found);
                }
            }
        }
    }
    // A comment without its `#`, a missing brace in the middle of a line and a date without its year count as more than
    // one mistake.
    assert!(many.len() <= 10, "{many:#?}");
}

#[test]
fn too_deep_nesting_is_reported_once_and_cheaply() {
    let deep = [
        ("{", "}", ""),
        ("(", ")", "segment s = "),
        ("[", "]", "segment s = "),
        ("not ", "", "segment s = "),
        ("- ", "", "segment s = "),
        ("a.", "", "segment s = "),
        ("a + ", "", "segment s = "),
        ("a or ", "", "segment s = "),
        ("a < ", "", "segment s = "),
        ("count(x where ", ")", "segment s = "),
        ("list<", ">", "event e { a: "),
        ("\"{{ ", " }}\"", "segment s = "),
        ("if a { stop } else ", "", "on booking -> "),
        ("if a { ", "}", "on booking -> "),
        ("repeat 2 times { ", "}", "on booking -> "),
        ("match a { case 1 -> ", "}", "on booking -> "),
        ("wait for x { stop } else { ", "}", "on booking -> "),
    ];
    for (open, close, start) in deep {
        let text = format!("{start}{}{}", open.repeat(100_000), close.repeat(100_000));
        let found = parsed(&text).diagnostics;
        assert_eq!(found.len(), 1, "{open}");
        assert_eq!(found[0].code.number(), if open == "{" { "F0007" } else { "F0104" }, "{open}");
    }
}

#[test]
fn nesting_up_to_the_limit_parses_on_a_2_mib_stack() {
    let full = [
        ("on booking -> ", "if a { ", "stop", "}", 32),
        ("on booking -> ", "match a { case 1 -> ", "stop", "}", 32),
        ("on booking -> ", "if a { stop } else ", "stop", "", 31),
        ("segment s = ", "(not ", "a", ")", 32),
        ("segment s = ", "not ", "a", "", 100),
        ("segment s = ", "a or ", "a", "", 100),
        ("segment s = ", "\"{{ ", "a", " }}\"", 16),
        ("event e { a: ", "list<", "text", ">", 31),
    ];
    for (start, open, middle, close, levels) in full {
        let text = format!("{start}{}{middle}{}", open.repeat(levels), close.repeat(levels));
        let read = move || findings(&text).into_iter().filter(|f| f.contains("F0104")).collect::<Vec<_>>();
        let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(read).expect("a thread starts");
        assert_eq!(thread.join().expect("it does not overflow"), Vec::<String>::new(), "{open}");
    }
}

#[test]
fn long_flat_files_do_not_count_as_nested() {
    let text = format!(
        "on booking -> stop{}",
        " -> tag \"a\" -> if client.city == \"b\" -> set client.x = a.b + 1".repeat(2000)
    );
    assert_eq!(findings(&text), Vec::<String>::new());
    let text = format!("test \"t\" {{ {} }}", "expect send sms to client.phone\n".repeat(2000));
    assert_eq!(findings(&text), Vec::<String>::new());
}

/// Random tokens of the language.
fn soup() -> impl Strategy<Value = String> {
    let words = "funnel on every -> { } ( ) [ ] : , . .. = | ? == < + - * / if else match case otherwise split parallel path \
        repeat times wait until up to for skip stop send sms set tag task call do emit start goto purpose hours enter once per \
        limit exit goal test expect client at where and or not is known in last count true now today monday 24h 3 days 50% \
        10:00 2026-03-08 5000 RUB \" \"\"\" {{ }} \\ # ## x label: event key later by list text template segment const use \u{feff} é";
    let words: Vec<&'static str> = words.split_whitespace().collect();
    proptest::collection::vec((proptest::sample::select(words), proptest::sample::select(vec![" ", "\n", ""])), 0..60)
        .prop_map(|parts| parts.into_iter().map(|(word, gap)| format!("{word}{gap}")).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_text_has_a_tree(text in "\\PC{0,80}") {
        findings(&text);
    }

    #[test]
    fn any_soup_of_tokens_has_a_tree(text in soup()) {
        findings(&text);
    }

    #[test]
    fn any_bytes_are_parsed_or_rejected(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut sources = Sources::new();
        match read(&mut sources, "x.funnel", &bytes) {
            Ok(file) => drop(parse(&sources, file)),
            Err(rejected) => prop_assert!(!rejected.message.is_empty()),
        }
    }
}

#[test]
fn a_byte_order_mark_is_ignored() {
    let mut sources = Sources::new();
    let file = read(&mut sources, "bom.funnel", b"\xef\xbb\xbfon booking -> send sms").expect("it is text");
    assert_eq!(parse(&sources, file).diagnostics, Vec::new());
}

#[test]
fn an_error_on_a_later_line_points_to_its_entry() {
    let related = |text: &str| -> Vec<String> {
        let found = parsed(text).diagnostics;
        found.iter().flat_map(|found| &found.related).map(|label| text[label.span.range()].to_owned()).collect()
    };
    assert_eq!(related("on booking -> stop 24h\n\nfunnel f {\n  on purchase -> stop\n}\n"), Vec::<String>::new());
    assert_eq!(related("on booking\n\nfunnel f {\n  on purchase -> stop\n}\n"), ["on booking"]);
}
