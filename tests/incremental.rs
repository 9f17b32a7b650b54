//! Compiling incrementally after an edit gives the same result as compiling from scratch, for many edits of every kind.
//! `FUNNELC_EDITS` sets the number of edits.

use crate::support::program::package;
use funnelc::check::Context;
use funnelc::diagnostic::level::{Level, Rule};
use funnelc::diagnostic::{Diagnostic, render::render};
use funnelc::source::{FileId, IncludeTarget, Sources};
use funnelc::syntax::{IncludeKind, ParseCache};
use funnelc::{Compiled, Incremental};

/// A small project whose files use each other's declarations.
const FILES: [(&str, &str); 5] = [
    (
        "names.funnel",
        "const big = 50 EUR\nconst small = big / 2\nsegment vip = client.spent is known and client.spent > big\n\
         event order { key id: text\n total: money\n note: text? }\nclient { age: number? }\naction sync(phone: phone)\n",
    ),
    (
        "words.funnel",
        "template sms hello = \"Hi {{ client.name | default(\"you\") }}\"\n\
         template sms bill(order) = \"{{ order.total }}\"\ntemplate sms long = file \"long.txt\"\n",
    ),
    (
        "order.funnel",
        "funnel order_paid {\n  on order where total > small\n    -> send sms bill\n    -> wait 1d -> send sms hello\n\
         \x20   -> if client in vip { start rescue } else { send sms file \"long.txt\" }\n}\n",
    ),
    (
        "rescue.funnel",
        "funnel rescue {\n  on entering vip -> wait for visit up to 2d { tag \"came\" } else { send sms -> if client.phone is known -> do sync(phone: client.phone) -> send sms long }\n}\n\
         test \"one\" {\n  client { phone: \"+79990000000\" }\n  at 2026-03-01 10:00 visit { id: \"v\" }\n  expect nothing else\n}\n",
    ),
    (
        "visit.funnel",
        "on visit -> if count(order in last 30d) > 2 -> send sms hello -> wait for order or purchase up to 1d\n",
    ),
];

/// A text file, not a funnel, that two files include.
const TEXT: (&str, &str) =
    ("long.txt", "Dear {{ client.name | default(\"friend\") }}, {{ client.city | default(\"there\") }}\n");

/// Words and lines that the edits insert.
const PIECES: &[&str] = &[
    "big",
    "small",
    "vip",
    "order",
    "hello",
    "bill",
    "rescue",
    "order_paid",
    "visit",
    "total",
    "note",
    "client.city",
    "client.age",
    "EUR",
    "RUB",
    "1d",
    "30d",
    "->",
    "{",
    "}",
    "\"",
    "if",
    "else",
    "stop",
    "\n",
    "=",
    "text",
    "money?",
    "number",
    "x",
    "\nconst other = 3\n",
    "\nconst big = 70 EUR\n",
    "\nfunnel rescue { on booking -> send sms }\n",
    "\nfunnel order_paid { on visit -> start rescue }\n",
    "\ntemplate sms default = \"Hi\"\n",
    "\ntemplate sms hello = \"Ho\"\n",
    "\nevent order { room: text? }\n",
    "\nclient { city: text }\n",
    "\nevent visit { place: text }\n",
    "\ntest \"one\" { at 2026-03-01 10:00 visit { } }\n",
    "\non booking -> if client in vip -> send sms bill\n",
    " -> set client.city = \"Bonn\"",
    " -> if attended",
    " -> wait 24h",
    " -> emit order { id: \"1\" total: 5 EUR }",
    " -> do sync",
    "{{ client.age }}",
    "\nsegment vip = client.age is known\n",
    "\n# a comment\n",
];

/// A random number generator that is the same on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap() % n.max(1)
    }
}

/// The offsets at which words begin or end.
fn word_boundaries(text: &str) -> Vec<usize> {
    let mut boundaries = vec![0];
    let kind = |c: char| if c.is_alphanumeric() || c == '_' { 0 } else { u32::from(c) };
    for ((_, a), (at, b)) in text.char_indices().zip(text.char_indices().skip(1)) {
        if kind(a) != kind(b) {
            boundaries.push(at);
        }
    }
    boundaries.push(text.len());
    boundaries
}

/// Applies one random edit to a text; sometimes it restores the whole text.
fn edited(dice: &mut Dice, text: &str, whole: &str) -> String {
    let boundaries = word_boundaries(text);
    let at = dice.below(boundaries.len());
    let (start, end) = (boundaries[at], boundaries[(at + 1).min(boundaries.len() - 1)]);
    let piece = PIECES[dice.below(PIECES.len())];
    match dice.below(9) {
        0 => format!("{}{}", &text[..start], &text[end..]),
        1 => format!("{}{}{}", &text[..end], &text[start..end], &text[end..]),
        2 | 3 => format!("{}{piece}{}", &text[..start], &text[end..]),
        4 => format!("{}{piece}{}", &text[..start], &text[start..]),
        5 => format!("\n{text}"),
        6 => format!("{}a{}", &text[..start], &text[start..]),
        _ => whole.to_owned(),
    }
}

/// Resolves the paths in the funnels, as the project loader does.
fn attach(sources: &mut Sources, trees: &mut ParseCache, files: &[FileId], text: FileId) {
    for (file, tree) in files.iter().zip(trees.parse(sources, files)) {
        for mention in tree.includes.iter().filter(|mention| mention.kind == IncludeKind::Text) {
            assert_eq!(mention.span.file, *file);
            let found =
                if mention.path == TEXT.0 { IncludeTarget::Text(text) } else { IncludeTarget::Missing { near: None } };
            sources.set_include(mention.span, found);
        }
    }
}

#[track_caller]
fn same(sources: &Sources, incremental: &Compiled, scratch: &Compiled, step: usize) {
    let rendered = |findings: &[Diagnostic]| render(sources, findings, false);
    assert_eq!(rendered(&incremental.diagnostics), rendered(&scratch.diagnostics), "findings after edit {step}");
    assert_eq!(incremental.diagnostics, scratch.diagnostics, "findings after edit {step}");
    assert_eq!(incremental.program, scratch.program, "the program after edit {step}");
    assert_eq!(incremental.graphs, scratch.graphs, "the graphs after edit {step}");
}

#[test]
fn incremental_compilation_equals_compilation_from_scratch() {
    let edits = std::env::var("FUNNELC_EDITS").ok().and_then(|edits| edits.parse().ok()).unwrap_or(400);
    let mut dice = Dice(0x9E37_79B9_7F4A_7C15);
    let mut contexts = [Context { zone: Some("Europe/Berlin".to_owned()), ..Context::default() }, Context::default()];
    contexts[1].levels.set(Rule::Warnings, Level::Deny);
    contexts[1].default_templates = [("sms".to_owned(), "hello".to_owned())].into();
    let mut sources = Sources::new();
    let files: Vec<FileId> = FILES.iter().map(|(name, text)| sources.add(*name, *text)).collect();
    let text = sources.add(TEXT.0, TEXT.1);
    let mut compiler = Incremental::default();
    let (mut clean, mut current) = (0, 0);
    for step in 0..edits {
        if dice.below(12) == 0 {
            // Restore every file, so that the next edits start from a clean project.
            files.iter().zip(FILES).for_each(|(id, (_, whole))| _ = sources.replace(*id, whole));
            sources.replace(text, TEXT.1);
        }
        let at = dice.below(files.len() + 1);
        let (id, whole) = files.get(at).map_or((text, TEXT.1), |file| (*file, FILES[at].1));
        let next = edited(&mut dice, &sources.get(id).unwrap().text, whole);
        sources.replace(id, next);
        current = usize::from(if current == 0 { dice.below(60) == 0 } else { dice.below(6) > 0 });
        // Sometimes a file is missing.
        let left_out = dice.below(60);
        let listed: Vec<FileId> =
            files.iter().enumerate().filter(|(at, _)| *at != left_out).map(|(_, id)| *id).collect();
        attach(&mut sources, &mut compiler.trees, &listed, text);
        let incremental = compiler.compile(&mut sources, &listed, &contexts[current]);
        let mut fresh = Sources::new();
        for (_, file) in sources.iter().take(files.len() + 1) {
            fresh.add(file.name.as_str(), file.text.as_str());
        }
        attach(&mut fresh, &mut ParseCache::default(), &listed, text);
        let scratch = funnelc::compile(&mut fresh, &listed, &contexts[current]);
        same(&sources, &incremental, &scratch, step);
        clean += usize::from(scratch.diagnostics.is_empty());
    }
    assert!(clean * 20 > edits, "only {clean} of {edits} states had no findings, too few for a meaningful comparison");
}

#[test]
fn the_unedited_project_has_no_findings() {
    let mut sources = Sources::new();
    let files: Vec<FileId> = FILES.iter().map(|(name, text)| sources.add(*name, *text)).collect();
    let text = sources.add(TEXT.0, TEXT.1);
    let mut compiler = Incremental::default();
    attach(&mut sources, &mut compiler.trees, &files, text);
    let context = Context { zone: Some("Europe/Berlin".to_owned()), ..Context::default() };
    let found = compiler.compile(&mut sources, &files, &context).diagnostics;
    assert!(found.is_empty(), "{}", render(&sources, &found, false));
}

#[test]
fn compiling_the_examples_twice_gives_the_same_result() {
    let mut sources = Sources::new();
    let read = |name: &str| std::fs::read_to_string(package(name)).unwrap();
    let names = ["examples/one-liner/thanks.funnel", "examples/no-show-rescue/no-show.funnel"];
    let files: Vec<FileId> = names.iter().map(|name| sources.add(*name, read(name))).collect();
    let mut compiler = Incremental::default();
    let first = compiler.compile(&mut sources, &files, &Context::default());
    let second = compiler.compile(&mut sources, &files, &Context::default());
    same(&sources, &second, &first, 0);
}
