//! Findings in other languages: every message is translated, and code is the same in each language.

use crate::errors::{case, differs, inputs};
use crate::support::findings;
use crate::support::program::{funnelc, run_funnelc};
use crate::tidy::tree::sources;
use funnelc::diagnostic::render::render_in;
use funnelc::diagnostic::{Code, Language, RUSSIAN};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The pattern of each `say!`, with its file.
fn patterns() -> BTreeMap<String, String> {
    let mut patterns = BTreeMap::new();
    // The file of the macro contains example patterns.
    for file in sources().iter().filter(|file| file.path != "src/diagnostic/phrase.rs") {
        for (at, call) in file.text.match_indices("say!(") {
            if file.text[..at].ends_with("crate::") {
                continue;
            }
            let literal = file.text[at + call.len()..].trim_start();
            let Some(literal) = literal.strip_prefix('"') else { panic!("{}: `say!` without a literal", file.path) };
            patterns.insert(unescaped(literal), file.path.clone());
        }
    }
    patterns
}

/// The value of a Rust string literal, up to its closing quote.
fn unescaped(literal: &str) -> String {
    let mut out = String::new();
    let mut chars = literal.chars();
    while let Some(c) = chars.next() {
        match c {
            '"' => return out,
            '\\' => match chars.next() {
                Some('n') => out.push('\n'),
                Some('\n') => {
                    let rest = chars.as_str().trim_start();
                    chars = rest.chars();
                }
                Some(c @ ('"' | '\\')) => out.push(c),
                other => panic!("unsupported escape {other:?} in {literal:.60}"),
            },
            c => out.push(c),
        }
    }
    panic!("unterminated literal: {literal:.60}")
}

/// The English and Russian patterns, in the order of the file.
fn pairs() -> Vec<(&'static str, &'static str)> {
    let pair = |pair: &'static str| pair.split_once('\n').unwrap_or_else(|| panic!("half a pair: {pair}"));
    RUSSIAN.trim_end().split("\n\n").map(pair).collect()
}

/// The names of the placeholders of a pattern; a doubled brace is not a placeholder.
fn placeholders(pattern: &str) -> BTreeSet<String> {
    let plain = pattern.replace("{{", "").replace("}}", "");
    plain.split('{').skip(1).filter_map(|rest| Some(rest.split_once('}')?.0.to_owned())).collect()
}

/// The parts in backticks, sorted.
fn code(pattern: &str) -> Vec<&str> {
    let mut code: Vec<&str> = pattern.split('`').skip(1).step_by(2).collect();
    code.sort_unstable();
    code
}

/// A pattern without the parts in backticks, quotes or placeholders.
fn words(pattern: &str) -> String {
    let outside = |text: &str, quote: char| text.split(quote).step_by(2).collect::<Vec<_>>().join(" ");
    let prose = outside(&outside(pattern, '`'), '"');
    prose.split('{').map(|part| part.split_once('}').map_or(part, |(_, after)| after)).collect()
}

/// Whether there is anything in a pattern to translate.
fn has_words(pattern: &str) -> bool {
    words(pattern).contains(char::is_alphabetic)
}

fn is_russian(c: char) -> bool {
    matches!(c, 'а'..='я' | 'А'..='Я' | 'ё' | 'Ё')
}

#[test]
fn every_pattern_has_one_translation_and_every_translation_a_pattern() {
    let (patterns, pairs) = (patterns(), pairs());
    assert!(patterns.len() > 500, "the scan finds {} patterns", patterns.len());
    let mut faults = String::new();
    for (pattern, file) in patterns.iter().filter(|(pattern, _)| has_words(pattern)) {
        match pairs.iter().filter(|(english, _)| english == pattern).count() {
            1 => {}
            count => faults += &format!("{file}: {count} translations of: {pattern}\n"),
        }
    }
    for (english, _) in &pairs {
        if !patterns.contains_key(*english) {
            faults += &format!("unused translation: {english}\n");
        }
    }
    assert!(pairs.is_sorted_by(|(one, _), (other, _)| one < other), "russian.txt is not sorted by its English lines");
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn translations_keep_placeholders_code_and_message_style() {
    let mut faults = String::new();
    for (english, russian) in pairs() {
        let mut complain = |why: &str| faults += &format!("{why}:\n  {english}\n  {russian}\n");
        if placeholders(english) != placeholders(russian) {
            complain("different placeholders");
        }
        let (mut kept, mut added) = (code(russian), Vec::new());
        kept.retain(|piece| {
            code(english).contains(piece) || {
                added.push(*piece);
                false
            }
        });
        // A keyword may be in backticks in only one of the languages: "no case", "нет `case`".
        let is_word = |piece: &str| words(english).split(|c: char| !c.is_alphabetic()).any(|word| word == piece);
        if kept != code(english) || !added.into_iter().all(is_word) {
            complain("different code");
        }
        let to_translate = !["", "a", "an"].contains(&words(english).trim_matches(|c: char| !c.is_alphabetic()));
        if to_translate != words(russian).contains(is_russian) {
            complain("not translated, or nothing to translate");
        }
        let starts_lowercase = russian.chars().next().is_some_and(|c| !(is_russian(c) && c.is_uppercase()));
        if !starts_lowercase || russian.ends_with('.') && !russian.ends_with("..") || russian.contains('\n') {
            complain("against the style of messages");
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn golden_inputs_match_their_russian_golden_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/translation");
    let mut faults = String::new();
    for path in inputs() {
        let (sources, diagnostics) = findings::of_file(&path);
        let rendered = render_in(&sources, &diagnostics, false, Language::Russian);
        let golden = folder.join(case(&path).with_extension("txt").file_name().expect("a name"));
        if differs(&golden, &rendered) {
            faults += &format!("{}: is rendered as\n{rendered}\n", golden.display());
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// Whether a sentence contains English: two English words in a row, or no Russian at all.
fn contains_english(text: &str) -> bool {
    let prose = words(text);
    let is_latin = |word: &str| word.len() > 1 && word.bytes().all(|byte| byte.is_ascii_lowercase());
    let neighbours: Vec<&str> = prose.split(' ').collect();
    let side_by_side = neighbours.windows(2).any(|pair| pair.iter().all(|word| is_latin(word)));
    side_by_side || prose.split(|c: char| !c.is_alphabetic()).any(is_latin) && !prose.contains(is_russian)
}

#[test]
fn no_english_is_left_in_russian_findings() {
    let mut faults = String::new();
    for path in inputs() {
        for diagnostic in findings::of_file(&path).1 {
            let related = diagnostic.related.iter().map(|related| &related.text);
            let titles = diagnostic.fixes.iter().map(|fix| &fix.title);
            let own = [&diagnostic.message, &diagnostic.label];
            for phrase in own.into_iter().chain(related).chain(&diagnostic.help).chain(titles) {
                let text = phrase.in_language(Language::Russian);
                if contains_english(&text) {
                    faults += &format!("{}: {text}\n", path.display());
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// The code blocks of a page, with their fences.
fn blocks(page: &str) -> Vec<&str> {
    page.split("\n```").skip(1).step_by(2).collect()
}

#[test]
fn pages_have_the_same_code_in_both_languages() {
    let mut faults = String::new();
    for code in Code::ALL {
        let (english, russian) = (code.page(Language::English), code.page(Language::Russian));
        if blocks(english) != blocks(russian) {
            faults += &format!("{}: different code\n", code.number());
        }
        let sections = russian.split("\n## ").skip(1).zip(english.split("\n## ").skip(1));
        for (section, original) in sections {
            let prose = |section: &str| section.split("```").step_by(2).skip(1).any(|text| !text.trim().is_empty());
            let body = section.split_once('\n').map_or("", |(_, body)| body);
            let own = body.split("```").next().unwrap_or("").contains(is_russian);
            let theirs = original.split_once('\n').is_some_and(|(_, body)| !body.trim_start().starts_with("```"));
            if own != theirs || prose(section) != prose(original) {
                faults += &format!("{}: `{}` says more or less\n", code.number(), section.lines().next().unwrap_or(""));
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// The output of `check` for an invalid funnel, with environment variables and options.
fn check(variables: &[(&str, &str)], options: &[&str]) -> String {
    let mut command = funnelc(["check", "tests/errors/F0203.funnel"].iter().chain(options));
    let output = command.envs(variables.iter().copied()).output().expect("the program starts");
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8([output.stdout, output.stderr].concat()).expect("the program writes UTF-8")
}

#[test]
fn the_language_follows_the_locale_unless_an_option_overrides_it() {
    let (english, russian) = ("error[F0203]: unknown event", "ошибка[F0203]: неизвестное событие");
    for (variables, options, expected) in [
        (&[][..], &[][..], english),
        (&[("LANG", "C")], &[], english),
        (&[("LANG", "de_DE.UTF-8")], &[], english),
        (&[("LANG", "ru_RU.UTF-8")], &[], russian),
        (&[("LANG", "ru_RU.UTF-8"), ("LC_MESSAGES", "C")], &[], english),
        (&[("LANG", "C"), ("LC_MESSAGES", "ru_RU")], &[], russian),
        (&[("LC_MESSAGES", "ru_RU"), ("LC_ALL", "en_US.UTF-8")], &[], english),
        (&[("LC_ALL", ""), ("LANG", "ru")], &[], russian),
        (&[], &["--lang", "ru"], russian),
        (&[("LC_ALL", "ru_RU.UTF-8")], &["--lang", "en"], english),
    ] {
        let output = check(variables, options);
        assert!(output.contains(expected), "{variables:?} {options:?}: {output}");
    }
    let rejected = run_funnelc(["check", "--lang", "xx"]);
    assert_eq!(rejected.code, Some(2));
    assert!(rejected.err.contains("possible values: en, ru"), "{}", rejected.err);
}

#[test]
fn every_output_format_is_translated() {
    for format in ["text", "json", "sarif", "github", "gitlab", "junit"] {
        let output = check(&[], &["--lang", "ru", "--format", format]);
        assert!(output.contains("неизвестное событие"), "{format}: {output}");
        assert!(!output.contains("unknown event"), "{format}: {output}");
    }
    let output = check(&[], &["--lang", "ru"]);
    assert!(output.ends_with("проверено файлов: 1, ошибок: 2\n"), "{output}");
}

#[test]
fn explanations_and_errors_are_translated() {
    let page = run_funnelc(["explain", "F0203", "--lang", "ru"]);
    assert_eq!(page.out, Code::UnknownEvent.page(Language::Russian));
    let list = run_funnelc(["--lang", "ru", "explain", "--list"]);
    assert!(list.out.contains("F0203  ошибка") && list.out.contains("unknown-event"), "{}", list.out);
    let missing = run_funnelc(["--lang", "ru", "check", "no-such.funnel"]);
    assert_eq!(missing.err, "ошибка: нет такого файла или папки: `no-such.funnel`\n");
    let unknown = run_funnelc(["--lang", "ru", "explain", "F9999"]);
    assert!(unknown.err.contains("подсказка: список всех кодов: `funnelc explain --list`"), "{}", unknown.err);
}
