//! Output format: GitHub workflow commands, which annotate the lines of a change.

use super::report::{self, Batch, Entry};
use super::{Language, Severity};

/// Writes the diagnostics of a run.
#[must_use]
pub fn document(batches: &[Batch<'_>], language: Language) -> String {
    report::entries(batches).iter().map(|entry| line(entry, language)).collect()
}

fn line(entry: &Entry<'_>, language: Language) -> String {
    let diagnostic = entry.diagnostic;
    let command = match diagnostic.severity {
        Severity::Note => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let mut properties = Vec::new();
    if let (Some(path), Some((start, end))) = (&entry.path, entry.range()) {
        properties.push(format!("file={}", property(path)));
        properties.push(format!("line={}", start.line));
        properties.push(format!("endLine={}", end.line));
        // GitHub rejects columns for ranges of several lines.
        if start.line == end.line {
            properties.push(format!("col={}", start.column));
            properties.push(format!("endColumn={}", end.column));
        }
    }
    properties.push(format!("title={}", property(&format!("{} {}", diagnostic.code.number(), diagnostic.code.slug()))));
    format!("::{command} {}::{}\n", properties.join(","), data(&entry.text(language)))
}

/// Escapes the message, by the rules of the GitHub Actions toolkit.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes a property, which a comma or a colon would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
