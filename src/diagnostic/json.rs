//! Output format: one JSON object per line (`check --format json`).

use super::{Diagnostic, Language, Phrase, Severity, render};
use crate::source::{Sources, Span};
use serde::Serialize;
use std::borrow::Cow;

#[derive(Serialize)]
struct Finding<'a> {
    code: &'a str,
    slug: &'a str,
    severity: Severity,
    message: Cow<'a, str>,
    file: Option<&'a str>,
    range: Option<Range>,
    labels: Vec<Label<'a>>,
    help: Vec<Cow<'a, str>>,
    fixes: Vec<Fix<'a>>,
}

#[derive(Serialize)]
struct Label<'a> {
    file: Option<&'a str>,
    range: Option<Range>,
    text: Cow<'a, str>,
}

#[derive(Serialize)]
struct Fix<'a> {
    title: Cow<'a, str>,
    guess: bool,
    edits: Vec<Label<'a>>,
}

#[derive(Serialize)]
struct Range {
    start: Place,
    end: Place,
}

#[derive(Serialize)]
struct Place {
    line: usize,
    column: usize,
    offset: usize,
}

/// Writes diagnostics as JSON lines, ordered by file and place. Lines and columns count from 1, offsets are in bytes
/// of the file, and the first label is the primary one. `file` and `range` are `null` if it has no place in a source.
#[must_use]
pub fn lines(sources: &Sources, diagnostics: &[Diagnostic], language: Language) -> String {
    let mut out = String::new();
    for diagnostic in render::sorted(diagnostics) {
        // Strings and numbers always serialize, so nothing is lost here.
        out += &serde_json::to_string(&finding(sources, diagnostic, language)).unwrap_or_default();
        out.push('\n');
    }
    out
}

fn finding<'a>(sources: &'a Sources, diagnostic: &'a Diagnostic, language: Language) -> Finding<'a> {
    let said = |phrase: &'a Phrase| phrase.in_language(language);
    let own = label(sources, diagnostic.span, said(&diagnostic.label));
    let related = diagnostic.related.iter().map(|related| label(sources, related.span, said(&related.text)));
    let fixes = diagnostic.fixes.iter().map(|fix| Fix {
        title: said(&fix.title),
        guess: fix.guess,
        edits: fix.edits.iter().map(|edit| label(sources, edit.span, edit.text.as_str().into())).collect(),
    });
    Finding {
        code: diagnostic.code.number(),
        slug: diagnostic.code.slug(),
        severity: diagnostic.severity,
        message: said(&diagnostic.message),
        file: own.file,
        range: range(sources, diagnostic.span),
        labels: std::iter::once(own).filter(|own| !own.text.is_empty()).chain(related).collect(),
        help: diagnostic.help.iter().map(said).collect(),
        fixes: fixes.collect(),
    }
}

fn label<'a>(sources: &'a Sources, span: Span, text: Cow<'a, str>) -> Label<'a> {
    let file = sources.get(span.file).map(|file| file.name.as_str());
    Label { file, range: range(sources, span), text }
}

fn range(sources: &Sources, span: Span) -> Option<Range> {
    let file = sources.get(span.file)?;
    let place = |offset: u32| {
        let offset = (offset as usize).min(file.text.len());
        let position = file.lines.position(&file.text, offset);
        Place { line: position.line, column: position.column, offset: file.text_offset + offset }
    };
    Some(Range { start: place(span.start), end: place(span.end) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Code;
    use serde_json::json;

    #[test]
    fn a_finding_is_one_line_with_places_from_one_and_offsets_in_bytes() {
        let mut sources = Sources::new();
        let file = sources.add("é.funnel", "# é\non bookng -> stop\n");
        let span = Span::new(file, 8, 14);
        let finding = Diagnostic::new(
            Code::UnknownEvent,
            span,
            Phrase::verbatim("unknown event `bookng`"),
            Phrase::verbatim("not declared"),
        )
        .help(Phrase::verbatim("events are `booking`"))
        .fix(Phrase::verbatim("change `bookng` to `booking`"), span, "booking");
        let text = lines(&sources, &[finding], Language::English);
        let range =
            json!({"start": {"line": 2, "column": 4, "offset": 8}, "end": {"line": 2, "column": 10, "offset": 14}});
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        assert_eq!(text.lines().count(), 1);
        assert!(text.starts_with("{\"code\":\"F0203\",\"slug\":\"unknown-event\",\"severity\":\"error\",\"message\":"));
        assert_eq!(
            value,
            json!({
                "code": "F0203", "slug": "unknown-event", "severity": "error", "message": "unknown event `bookng`",
                "file": "é.funnel", "range": range,
                "labels": [{"file": "é.funnel", "range": range, "text": "not declared"}],
                "help": ["events are `booking`"],
                "fixes": [{"title": "change `bookng` to `booking`", "guess": false,
                           "edits": [{"file": "é.funnel", "range": range, "text": "booking"}]}],
            })
        );
    }

    #[test]
    fn a_diagnostic_outside_sources_has_no_file_and_no_range() {
        let finding = Diagnostic::new(
            Code::NotUtf8,
            Span::NOWHERE,
            Phrase::verbatim("cannot read `a.funnel`"),
            Phrase::default(),
        );
        let value: serde_json::Value =
            serde_json::from_str(&lines(&Sources::new(), &[finding], Language::English)).unwrap();
        assert_eq!((&value["file"], &value["range"], &value["labels"]), (&json!(null), &json!(null), &json!([])));
    }
}
