//! Helix names captures in its own way: in, the standard queries; out, those of `queries-helix/`, which are made by this rule.

use super::kind;
use super::tree::FOLDER;
use crate::support::program::package;

/// The standard name and that of Helix; a name that is not here is the same in both.
const NAMES: &[(&str, &str)] = &[
    ("boolean", "constant.builtin.boolean"),
    ("comment.documentation", "comment.line.documentation"),
    ("function.call", "function"),
    ("indent.begin", "indent"),
    ("indent.branch", "outdent"),
    ("keyword.conditional", "keyword.control.conditional"),
    ("keyword.import", "keyword.control.import"),
    ("keyword.modifier", "keyword.storage.modifier"),
    ("keyword.repeat", "keyword.control.repeat"),
    ("module", "namespace"),
    ("number", "constant.numeric"),
    ("property", "variable.other.member"),
    ("string.escape", "constant.character.escape"),
    ("variable.member", "variable.other.member"),
];

/// Captures that Helix has no name for: what stands in one paragraph with them is left out.
const UNKNOWN: &[&str] = &["@indent.end", "@indent.ignore"];

/// Queries whose names are the same everywhere.
const SAME: &[&str] = &["injections", "locals", "tags"];

/// A standard query with the names of Helix.
fn renamed(name: &str, text: &str) -> String {
    let known = |part: &&str| !UNKNOWN.iter().any(|name| part.contains(name));
    let parts: Vec<&str> = text.trim_end().split("\n\n").filter(known).collect();
    let head = format!("; Made from queries/{name}.scm; the rule is in tests/grammar/helix.rs.\n\n");
    let mut pieces = parts.join("\n\n");
    pieces.push('\n');
    if SAME.contains(&name) {
        return head + &pieces;
    }
    let mut out = head;
    let mut rest = pieces.as_str();
    while let Some((before, after)) = rest.split_once('@') {
        let end = after.find(|c: char| !(c.is_alphanumeric() || "._-".contains(c))).unwrap_or(after.len());
        let (capture, tail) = after.split_at(end);
        out = out + before + "@" + &helix(capture);
        rest = tail;
    }
    out + rest
}

fn helix(capture: &str) -> String {
    if let Some((_, name)) = NAMES.iter().find(|(standard, _)| *standard == capture) {
        return (*name).to_owned();
    }
    let part = |outer: &str, around: &str| capture.strip_suffix(outer).map(|object| format!("{object}{around}"));
    part(".outer", ".around").or_else(|| part(".inner", ".inside")).unwrap_or_else(|| capture.to_owned())
}

#[test]
fn the_queries_of_helix_are_the_standard_ones_renamed() {
    for entry in std::fs::read_dir(package(FOLDER).join("queries")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap().to_owned();
        // Helix folds by indentation.
        if name == "folds" {
            continue;
        }
        let made = renamed(&name, &std::fs::read_to_string(&path).unwrap());
        let there = package(FOLDER).join("queries-helix").join(&name).with_extension("scm");
        if std::env::var_os("FUNNELC_BLESS").is_some() {
            std::fs::write(&there, &made).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(&there).unwrap_or_default(),
            made,
            "FUNNELC_BLESS=1 writes {}",
            there.display()
        );
    }
}

#[test]
fn a_name_of_helix_has_the_kind_of_the_standard_one() {
    let text = std::fs::read_to_string(package(FOLDER).join("queries/highlights.scm")).unwrap();
    let named = |word: &str| word.strip_prefix('@').map(|name| name.trim_end_matches([')', '?']).to_owned());
    let mut count = 0;
    for capture in text.split_whitespace().filter_map(named) {
        assert_eq!(kind::of_capture(&capture), kind::of_helix(&helix(&capture)), "{capture}");
        count += 1;
    }
    assert!(count > 30, "only {count} captures");
}
