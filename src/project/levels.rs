//! `[check]`: the levels of warnings in this project: `deny = ["warnings"]`, `allow` and `warn`.

use super::table::Table;
use crate::diagnostic::level::{LevelError, Rule, WARNINGS};
use crate::diagnostic::{Code, Diagnostic, Level, Levels, suggest};
use crate::say;
use crate::source::Spanned;
use std::collections::BTreeMap;

/// The keys of the table and their levels.
const KEYS: [(&str, Level); 3] = [("allow", Level::Allow), ("warn", Level::Warn), ("deny", Level::Deny)];

/// Reads the table.
pub(super) fn read(table: &Table<'_>) -> Levels {
    let mut levels = Levels::default();
    let mut seen: BTreeMap<String, &str> = BTreeMap::new();
    for (key, level) in KEYS {
        for name in table.texts(key).unwrap_or_default() {
            match Rule::named(&name.node) {
                Ok(rule) => {
                    if let Some(first) = seen.insert(format!("{rule:?}"), key) {
                        duplicate(table, &name, first);
                    }
                    levels.set(rule, level);
                }
                Err(LevelError::Unknown) => unknown(table, &name),
                Err(LevelError::Fixed(_)) => {
                    let message = say!("`{name}` is always an error", name = name.node);
                    let finding = Diagnostic::new(Code::BadSetting, name.span, message, say!("not a warning"));
                    table.findings.push(finding.help(say!("only warnings can have another level")));
                }
            }
        }
    }
    table.report_unknown_keys();
    levels
}

fn duplicate(table: &Table<'_>, name: &Spanned<String>, first: &str) {
    let message = say!("`{name}` already has a level", name = name.node);
    let finding = Diagnostic::new(Code::BadSetting, name.span, message, say!("repeated here"));
    table.findings.push(finding.help(say!("keep it either here or in `{key}`", key = first)));
}

fn unknown(table: &Table<'_>, name: &Spanned<String>) {
    let message = say!("unknown diagnostic code `{name}`", name = name.node);
    let finding = Diagnostic::new(Code::UnknownCode, name.span, message, say!("not a diagnostic code"));
    table.findings.push(match nearest(&name.node) {
        Some(near) => finding.help(say!("did you mean `{near}`?", near = format!("\"{near}\""))).respell(
            say!("change it to `{near}`", near = format!("\"{near}\"")),
            (name.node.as_str(), near),
            name.span,
            format!("\"{near}\""),
        ),
        None => finding.help(say!("run `funnelc explain --list` to see all codes")),
    });
}

/// Returns the most similar name. Numbers are not guessed: neighboring codes are unrelated.
#[must_use]
pub fn nearest(name: &str) -> Option<&'static str> {
    let warnings = Code::ALL.iter().filter(|code| !code.is_fixed());
    suggest::nearest(name, warnings.map(|code| code.slug()).chain([WARNINGS]))
}
