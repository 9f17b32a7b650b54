//! Formatting of documents and ranges, as minimal edits, so that cursors and marks keep their position.

use super::document_features::span_of_range;
use super::encoding::Encoding;
use super::request_error::RequestError;
use super::state::{State, Subject};
use crate::source::{SourceFile, Span, line_end, with_line_ends};
use crate::{format, syntax};
use gen_lsp_types::{Range, TextEdit, Uri};
use similar::{DiffTag, TextDiff};

/// Returns the edits that format a document, or the items that a range touches; none for a text with errors.
pub(super) fn edits(state: &State, uri: &Uri, range: Option<Range>) -> Result<Option<Vec<TextEdit>>, RequestError> {
    let Some(subject) = state.subject(uri)?.filter(|subject| subject.project.files.contains(&subject.file)) else {
        return Ok(None);
    };
    let Some(source) = subject.project.workspace.sources.get(subject.file) else { return Ok(None) };
    let touched = range.map(|range| span_of_range(state, subject, range));
    if touched == Some(None) {
        return Ok(None);
    }
    let formatted = formatted(subject, source, touched.flatten());
    Ok(formatted.map(|text| difference(source, &text, state.encoding)))
}

/// Formats the whole text, or only the items that are touched.
fn formatted(subject: Subject<'_>, source: &SourceFile, touched: Option<Span>) -> Option<String> {
    let Some(touched) = touched else {
        let parsed = syntax::parse(&subject.project.workspace.sources, subject.file);
        return format::format(&source.text, &parsed);
    };
    let mut text = source.text.clone();
    if let Some(edit) = subject.project.view().format_range(subject.file, touched.range()) {
        text.replace_range(edit.span.range(), &with_line_ends(&edit.text, line_end(&source.text)));
    }
    Some(text)
}

/// Returns the line edits that turn one text into another.
pub(super) fn difference(source: &SourceFile, new: &str, encoding: Encoding) -> Vec<TextEdit> {
    let starts = |text: &str| -> Vec<usize> {
        let mut starts = vec![0];
        starts.extend(text.split_inclusive('\n').scan(0, |at, line| {
            *at += line.len();
            Some(*at)
        }));
        starts
    };
    let (before, after) = (starts(&source.text), starts(new));
    let diff = TextDiff::from_lines(source.text.as_str(), new);
    let changed = diff.ops().iter().filter(|op| op.tag() != DiffTag::Equal);
    let edits = changed.filter_map(|op| {
        let at = |offset: usize| encoding.position(source, offset);
        let (old, put) = (op.old_range(), op.new_range());
        let range = Range { start: at(*before.get(old.start)?), end: at(*before.get(old.end)?) };
        let new_text = new.get(*after.get(put.start)?..*after.get(put.end)?)?.to_owned();
        Some(TextEdit { range, new_text })
    });
    edits.collect()
}
