//! The form of GitHub's workflow commands. In: the findings of a run. Out: a line each, which GitHub shows at the place
//! in a change.

use super::report::{self, Batch, Entry};
use super::{Language, Severity};

/// Writes the findings of a run.
#[must_use]
pub fn document(batches: &[Batch<'_>], language: Language) -> String {
    report::entries(batches).iter().map(|entry| line(entry, language)).collect()
}

fn line(entry: &Entry<'_>, language: Language) -> String {
    let finding = entry.finding;
    let command = match finding.severity {
        Severity::Note => "notice",
        Severity::Warning => "warning",
        Severity::Error => "error",
    };
    let mut properties = Vec::new();
    if let (Some(path), Some((start, end))) = (&entry.path, entry.range()) {
        properties.push(format!("file={}", property(path)));
        properties.push(format!("line={}", start.line));
        properties.push(format!("endLine={}", end.line));
        // GitHub refuses columns of a place that is longer than a line.
        if start.line == end.line {
            properties.push(format!("col={}", start.column));
            properties.push(format!("endColumn={}", end.column));
        }
    }
    properties.push(format!("title={}", property(&format!("{} {}", finding.code.number(), finding.code.slug()))));
    format!("::{command} {}::{}\n", properties.join(","), data(&entry.text(language)))
}

/// What stands after the second `::`. The rules are those of the toolkit of GitHub's actions.
fn data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

/// The value of a property, which a comma or a colon would end.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}
