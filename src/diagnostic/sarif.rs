//! Output format: SARIF 2.1.0 (OASIS), for code scanners. Columns count UTF-16 code units.

use super::report::{self, Batch, Entry, range};
use super::{Code, Fix, Language, Severity};
use crate::source::{SourceFile, Span};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const SCHEMA: &str = "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// The key of our fingerprints; its version changes whenever their input does.
const FINGERPRINT: &str = "funnelcFinding/v1";

/// Writes the diagnostics of a run.
#[must_use]
pub fn document(batches: &[Batch<'_>], language: Language) -> String {
    let entries = report::entries(batches);
    let codes: BTreeSet<Code> = entries.iter().map(|entry| entry.diagnostic.code).collect();
    let codes: Vec<Code> = codes.into_iter().collect();
    let rules: Vec<Value> = codes.iter().map(|code| rule(*code, language)).collect();
    let results: Vec<Value> = entries.iter().map(|entry| result(entry, &codes, language)).collect();
    let driver = json!({ "name": "funnelc", "semanticVersion": env!("CARGO_PKG_VERSION"), "rules": rules });
    let run = json!({ "tool": { "driver": driver }, "columnKind": "utf16CodeUnits", "results": results });
    let whole = json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] });
    format!("{whole:#}\n")
}

fn rule(code: Code, language: Language) -> Value {
    let page = code.page(language);
    json!({
        "id": code.number(),
        "name": code.slug(),
        "shortDescription": { "text": paragraph(page, 0) },
        "fullDescription": { "text": paragraph(page, 1) },
        "help": { "text": page, "markdown": page },
        "defaultConfiguration": { "level": level(code.severity()) },
    })
}

/// The first paragraph of a section of a page, on one line.
fn paragraph(page: &str, chapter: usize) -> String {
    let chapter = page.split("\n## ").nth(chapter + 1).and_then(|chapter| chapter.split_once('\n'));
    let text = chapter.map_or("", |(_, text)| text.trim_start());
    text.split("\n\n").next().unwrap_or("").split_whitespace().collect::<Vec<_>>().join(" ")
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Note => "note",
        Severity::Warning => "warning",
        Severity::Error => "error",
    }
}

fn result(entry: &Entry<'_>, codes: &[Code], language: Language) -> Value {
    let diagnostic = entry.diagnostic;
    let mut result = json!({
        "ruleId": diagnostic.code.number(),
        "ruleIndex": codes.iter().position(|code| *code == diagnostic.code),
        "level": level(diagnostic.severity),
        "message": { "text": entry.text(language) },
        "partialFingerprints": { FINGERPRINT: entry.fingerprint },
    });
    let related = diagnostic.related.iter().enumerate().filter_map(|(at, label)| {
        let mut location = location(entry, label.span)?;
        location["id"] = json!(at + 1);
        location["message"] = json!({ "text": label.text.in_language(language) });
        Some(location)
    });
    let mut own = location(entry, diagnostic.span);
    if let Some(own) = own.as_mut().filter(|_| !diagnostic.label.is_empty()) {
        own["message"] = json!({ "text": diagnostic.label.in_language(language) });
    }
    // SARIF forbids empty lists here, so omit them.
    let lists = [
        ("locations", own.into_iter().collect::<Vec<_>>()),
        ("relatedLocations", related.collect()),
        ("fixes", diagnostic.fixes.iter().filter_map(|one| fix(entry, one, language)).collect()),
    ];
    for (key, list) in lists.into_iter().filter(|(_, list)| !list.is_empty()) {
        result[key] = json!(list);
    }
    result
}

fn location(entry: &Entry<'_>, span: Span) -> Option<Value> {
    let file = entry.sources.get(span.file)?;
    Some(json!({ "physicalLocation": { "artifactLocation": artifact(entry, file), "region": region(file, span) } }))
}

fn artifact(entry: &Entry<'_>, file: &SourceFile) -> Value {
    json!({ "uri": uri(&entry.base.path(&file.name)) })
}

fn region(file: &SourceFile, span: Span) -> Value {
    let (start, end) = range(file, span, true);
    json!({ "startLine": start.line, "startColumn": start.column, "endLine": end.line, "endColumn": end.column })
}

/// A fix, with a change for each file.
fn fix(entry: &Entry<'_>, fix: &Fix, language: Language) -> Option<Value> {
    let mut files: Vec<_> = fix.edits.iter().map(|edit| edit.span.file).collect();
    files.dedup();
    let change = |id| {
        let file = entry.sources.get(id)?;
        let edits = fix.edits.iter().filter(|edit| edit.span.file == id);
        let replacements = edits
            .map(|edit| json!({ "deletedRegion": region(file, edit.span), "insertedContent": { "text": edit.text } }));
        Some(json!({ "artifactLocation": artifact(entry, file), "replacements": replacements.collect::<Vec<_>>() }))
    };
    let changes: Vec<Value> = files.into_iter().filter_map(change).collect();
    let description = json!({ "text": fix.title.in_language(language) });
    (!changes.is_empty()).then(|| json!({ "description": description, "artifactChanges": changes }))
}

/// A path as a URI reference (RFC 3986): anything but ASCII letters and digits is escaped, and an absolute path
/// becomes a `file:` URI.
fn uri(name: &str) -> String {
    let mut out = String::new();
    if name.starts_with('/') {
        out += "file://";
    }
    for byte in name.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => out.push(char::from(byte)),
            b'\\' => out.push('/'),
            byte => out += &format!("%{byte:02X}"),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_become_uri_references() {
        assert_eq!(uri("a b/é.funnel"), "a%20b/%C3%A9.funnel");
        assert_eq!(uri("/tmp/x:1.funnel"), "file:///tmp/x%3A1.funnel");
        assert_eq!(uri("deep\\a.funnel"), "deep/a.funnel");
    }

    #[test]
    fn rules_contain_meaning_and_cause() {
        let rule = rule(Code::Unreachable, Language::English);
        assert_eq!(rule["shortDescription"]["text"], "No run ever reaches this place.");
        assert!(rule["fullDescription"]["text"].as_str().unwrap().starts_with("Steps after `stop`"));
    }
}
