//! Output format: GitLab code quality reports.

use super::report::{self, Batch, Entry};
use super::{Language, Severity};
use crate::source::Position;
use serde_json::{Value, json};

/// Writes the diagnostics of a run.
#[must_use]
pub fn document(batches: &[Batch<'_>], language: Language) -> String {
    let list: Vec<Value> = report::entries(batches).iter().map(|entry| issue(entry, language)).collect();
    format!("{:#}\n", Value::Array(list))
}

fn issue(entry: &Entry<'_>, language: Language) -> Value {
    let diagnostic = entry.diagnostic;
    let severity = match diagnostic.severity {
        Severity::Note => "info",
        Severity::Warning => "minor",
        Severity::Error => "major",
    };
    let first = Position { line: 1, column: 1 };
    let (start, end) = entry.range().unwrap_or((first, first));
    // GitLab requires a path for every entry.
    let path = entry.path.as_deref().unwrap_or(".");
    json!({
        "type": "issue",
        "check_name": diagnostic.code.number(),
        "description": diagnostic.message.in_language(language),
        "content": { "body": entry.text(language) },
        "categories": ["Bug Risk"],
        "fingerprint": entry.fingerprint,
        "severity": severity,
        "location": { "path": path, "lines": { "begin": start.line, "end": end.line } },
    })
}
