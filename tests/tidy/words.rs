//! The words of the product: messages, help and headings use the terms of the glossary in CONTRIBUTING.md.

use super::tree::{files, read};
use crate::support::program::run_funnelc;
use std::fmt::Write;

/// Words and phrases that are not used, with what to write instead.
const REPLACED: &[(&str, &str)] = &[
    ("anew", "again"),
    ("behind", "after"),
    ("build server", "CI"),
    ("dearest", "highest cost"),
    ("hole", "placeholder"),
    ("holes", "placeholders"),
    ("in the open", "unencrypted"),
    ("is no", "is not a"),
    ("laid out", "formatted"),
    ("lay out", "format"),
    ("lays out", "formats"),
    ("leads nowhere", "does not exist"),
    ("letter", "email"),
    ("letters", "emails"),
    ("mend", "fix"),
    ("mended", "fixed"),
    ("mends", "fixes"),
    ("nobody", "no client, no one"),
    ("so many", "the number"),
    ("stand", "is allowed, is written"),
    ("stands", "is allowed, is written"),
    ("tell", "print, show"),
    ("told", "known"),
    ("whom", "who"),
];

/// Where a letter is a character.
const CHARACTERS: &[&str] = &["latin letter", "latin letters", "only letters", "letters from", "letters, digits"];

#[test]
fn messages_use_the_words_of_the_glossary() {
    let messages = read("src/diagnostic/russian.txt");
    let english = messages.split("\n\n").filter_map(|pair| pair.lines().next());
    refuse("a message", english);
}

#[test]
fn help_uses_the_words_of_the_glossary() {
    let commands = ["check", "fmt", "test", "simulate", "run", "graph", "explain", "lsp", "prelude", "editors"];
    let pages = commands.iter().map(|command| run_funnelc([command, "--help"]).out);
    let pages: Vec<String> = pages.chain([run_funnelc(["--help"]).out]).collect();
    refuse("help", pages.iter().flat_map(|page| page.lines()));
}

#[test]
fn headings_use_the_words_of_the_glossary() {
    let documents = files("").into_iter().filter(|file| file.path.ends_with(".md") && !file.path.contains("/ru/"));
    let documents: Vec<_> = documents.filter(|file| !file.path.starts_with("target/")).collect();
    refuse("a heading", documents.iter().flat_map(|file| file.text.lines()).filter(|line| line.starts_with('#')));
}

#[test]
fn words_are_found_whole_and_outside_of_code() {
    assert_eq!(replaced("remove the hole"), Some("hole"));
    assert_eq!(replaced("whole numbers; write `placeholder`"), None);
    assert_eq!(replaced("a Latin letter"), None);
    assert_eq!(replaced("write a letter"), Some("letter"));
}

/// Fails with every line that uses a word it should not.
fn refuse<'t>(what: &str, lines: impl Iterator<Item = &'t str>) {
    let mut faults = String::new();
    for line in lines {
        if let Some(word) = replaced(line) {
            let instead = REPLACED.iter().find(|(old, _)| *old == word).map_or("", |(_, new)| new);
            let _ = writeln!(faults, "{what} uses `{word}`; write {instead}: {}", line.trim());
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// The first word of a line that is not used. What is in backticks is code.
fn replaced(line: &str) -> Option<&'static str> {
    let prose: String = line.split('`').step_by(2).collect::<Vec<_>>().join("x").to_lowercase();
    let prose = CHARACTERS.iter().fold(prose, |prose, phrase| prose.replace(phrase, ""));
    let is_part = |c: char| c.is_alphanumeric() || c == '_' || c == '-';
    let found = |word: &str| {
        prose.match_indices(word).any(|(at, _)| {
            let (before, after) = (&prose[..at], &prose[at + word.len()..]);
            !before.ends_with(is_part) && !after.starts_with(is_part)
        })
    };
    REPLACED.iter().map(|(word, _)| *word).find(|word| found(word))
}
