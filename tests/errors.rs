//! Golden findings: each `tests/errors/Fxxxx*.funnel` yields exactly the expected codes, rendered as in the `.txt` file
//! beside it. An input with several files is a folder, `Fxxxx/main.funnel`.
//!
//! The expected code is that in the file name, or the codes on the first line (`# F0201 F0203`).
//! `FUNNELC_BLESS=1` rewrites the `.txt` files.

use crate::support::findings;
use funnelc::diagnostic::{Code, render::render};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

pub(crate) fn inputs() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors");
    let entries = std::fs::read_dir(folder).expect("the folder can be read");
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    paths.iter_mut().filter(|path| path.is_dir()).for_each(|folder| folder.push("main.funnel"));
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "funnel"));
    paths.sort();
    paths
}

/// The path whose name holds the code of an input: the file, or its folder.
pub(crate) fn case(path: &Path) -> &Path {
    if path.ends_with("main.funnel") { path.parent().expect("a folder") } else { path }
}

/// The codes that a golden input must yield.
fn expected_codes(path: &Path, text: &str) -> BTreeSet<&'static str> {
    let code = |word: &str| Code::from_number(word).map(Code::number);
    let first = text.lines().next().and_then(|line| line.strip_prefix("# ")).unwrap_or("");
    let listed: Option<BTreeSet<_>> = first.split(' ').map(code).collect();
    let stem = case(path).file_stem().and_then(|stem| stem.to_str()).unwrap_or("");
    listed.unwrap_or_else(|| stem.get(..5).and_then(code).into_iter().collect())
}

/// Whether a rendering differs from its golden file, which `FUNNELC_BLESS` rewrites first.
pub(crate) fn differs(golden: &Path, rendered: &str) -> bool {
    if std::env::var_os("FUNNELC_BLESS").is_some() {
        std::fs::write(golden, rendered).expect("the golden file can be written");
    }
    std::fs::read_to_string(golden).unwrap_or_default() != rendered
}

#[test]
fn golden_inputs_yield_their_codes_and_renderings() {
    let mut faults = String::new();
    for path in inputs() {
        let name = case(&path).file_name().and_then(|name| name.to_str()).expect("a name in UTF-8");
        let (sources, diagnostics) = findings::of_file(&path);
        let text = String::from_utf8_lossy(&std::fs::read(&path).expect("the input can be read")).into_owned();
        let raised: BTreeSet<_> = diagnostics.iter().map(|diagnostic| diagnostic.code.number()).collect();
        let expected = expected_codes(&path, &text);
        let rendered = render(&sources, &diagnostics, false);
        if expected.is_empty() || raised != expected {
            faults += &format!("{name}: yields {raised:?}, expected {expected:?}\n{rendered}\n");
        }
        if differs(&case(&path).with_extension("txt"), &rendered) {
            faults += &format!("{name}: is rendered as\n{rendered}\n");
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn a_file_that_is_too_large_is_rejected() {
    let (sources, diagnostics) = findings::of_bytes("F0006.funnel", &vec![b' '; 50 * 1024 * 1024]);
    let rendered = render(&sources, &diagnostics, false);
    let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/errors/F0006.txt");
    assert!(!differs(&golden, &rendered), "{rendered}");
}

#[test]
fn messages_follow_the_style_rules() {
    let mut faults = String::new();
    for path in inputs() {
        for diagnostic in findings::of_file(&path).1 {
            let message = &diagnostic.message;
            let starts_lowercase = message.chars().next().is_some_and(|c| !c.is_uppercase());
            if !starts_lowercase || message.ends_with('.') || message.contains('\n') {
                faults += &format!("{}: message `{message}`\n", path.display());
            }
            let words = diagnostic.label.split_whitespace().count();
            if words > 8 || diagnostic.label.ends_with('.') {
                faults += &format!("{}: label `{}` has {words} words\n", path.display(), diagnostic.label);
            }
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}
