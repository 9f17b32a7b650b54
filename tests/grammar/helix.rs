//! Helix has its own names for captures: `queries-helix/` is generated from the standard queries by the rules here.

use super::kind;
use super::tree::FOLDER;
use crate::support::program::package;

/// Standard names and their names in Helix; all other names are the same in both.
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

/// Captures without a name in Helix: the paragraphs that contain them are dropped.
const UNKNOWN: &[&str] = &["@indent.end", "@indent.ignore"];

/// Queries whose names are the same in both.
const SAME: &[&str] = &["injections", "locals", "tags"];

/// A standard query with the capture names of Helix.
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
        out = out + before + "@" + &helix_name(capture);
        rest = tail;
    }
    out + rest
}

fn helix_name(capture: &str) -> String {
    if let Some((_, name)) = NAMES.iter().find(|(standard, _)| *standard == capture) {
        return (*name).to_owned();
    }
    let part = |outer: &str, around: &str| capture.strip_suffix(outer).map(|object| format!("{object}{around}"));
    part(".outer", ".around").or_else(|| part(".inner", ".inside")).unwrap_or_else(|| capture.to_owned())
}

#[test]
fn the_helix_queries_are_up_to_date() {
    for entry in std::fs::read_dir(package(FOLDER).join("queries")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().and_then(|name| name.to_str()).unwrap().to_owned();
        // Helix folds by indentation.
        if name == "folds" {
            continue;
        }
        let generated = renamed(&name, &std::fs::read_to_string(&path).unwrap());
        let target = package(FOLDER).join("queries-helix").join(&name).with_extension("scm");
        if std::env::var_os("FUNNELC_BLESS").is_some() {
            std::fs::write(&target, &generated).unwrap();
        }
        assert_eq!(
            std::fs::read_to_string(&target).unwrap_or_default(),
            generated,
            "FUNNELC_BLESS=1 writes {}",
            target.display()
        );
    }
}

#[test]
fn helix_names_have_the_kind_of_their_standard_names() {
    let text = std::fs::read_to_string(package(FOLDER).join("queries/highlights.scm")).unwrap();
    let named = |word: &str| word.strip_prefix('@').map(|name| name.trim_end_matches([')', '?']).to_owned());
    let mut count = 0;
    for capture in text.split_whitespace().filter_map(named) {
        assert_eq!(kind::of_capture(&capture), kind::of_helix(&helix_name(&capture)), "{capture}");
        count += 1;
    }
    assert!(count > 30, "only {count} captures");
}
