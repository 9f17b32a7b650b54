//! Features of a position: hover, definition, references, highlights, rename and selection, converted from `ide` to the
//! protocol.

use super::request_error::RequestError;
use super::state::{State, Subject};
use super::to_proto::ProtoContext;
use super::uri;
use crate::diagnostic::Phrase;
use crate::ide::{HighlightKind, Place};
use crate::source::Span;
use gen_lsp_types::{
    Contents, Definition, DefinitionResponse, DocumentHighlight, DocumentHighlightKind, Hover, Location, MarkupContent,
    MarkupKind, Position, PrepareRenameResult, Range, SelectionRange, SelectionRangeParams, TextDocumentPositionParams,
    WorkspaceEdit,
};

/// A position in a known document.
pub(super) struct Cursor<'s> {
    /// The document.
    pub(super) subject: Subject<'s>,
    /// The position.
    pub(super) place: Place,
}

impl<'s> Cursor<'s> {
    /// Returns the position that a request refers to; `None` when it does not exist.
    pub(super) fn of(state: &'s State, params: &TextDocumentPositionParams) -> Result<Option<Self>, RequestError> {
        let Some(subject) = state.subject(&params.text_document.uri)? else { return Ok(None) };
        let offset = subject.offset(state.encoding, params.position);
        Ok(offset.map(|offset| Self { subject, place: Place { file: subject.file, offset } }))
    }

    /// Returns the context for converting answers.
    pub(super) fn context(&self, state: &'s State) -> ProtoContext<'s> {
        ProtoContext { state, project: self.subject.project }
    }
}

/// Returns the hover text.
pub(super) fn hover(state: &State, params: &TextDocumentPositionParams) -> Result<Option<Hover>, RequestError> {
    let Some(cursor) = Cursor::of(state, params)? else { return Ok(None) };
    Ok(cursor.subject.project.view().hover(cursor.place).map(|hover| Hover {
        contents: Contents::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: hover.markdown }),
        range: Some(cursor.context(state).range(hover.span)),
    }))
}

/// Returns the definition of the symbol.
pub(super) fn definition(
    state: &State,
    params: &TextDocumentPositionParams,
) -> Result<Option<DefinitionResponse>, RequestError> {
    let Some(cursor) = Cursor::of(state, params)? else { return Ok(None) };
    let view = cursor.subject.project.view();
    let found = view.definition(cursor.place).into_iter().filter_map(|found| location(&cursor, state, found.target));
    let found: Vec<Location> = found.collect();
    Ok((!found.is_empty()).then_some(DefinitionResponse::Definition(Definition::LocationList(found))))
}

/// The location of a span, including one in the prelude.
fn location(cursor: &Cursor<'_>, state: &State, span: Span) -> Option<Location> {
    let context = cursor.context(state);
    context.location(span).or_else(|| {
        let uri = uri::uri(state.prelude.path()?);
        cursor.subject.project.view().is_prelude(span.file).then(|| Location { uri, range: context.range(span) })
    })
}

/// Returns all references to the symbol.
pub(super) fn references(
    state: &State,
    params: &TextDocumentPositionParams,
    declarations: bool,
) -> Result<Option<Vec<Location>>, RequestError> {
    let Some(cursor) = Cursor::of(state, params)? else { return Ok(None) };
    let all = cursor.subject.project.view().references(cursor.place);
    let wanted = all.into_iter().filter(|reference| declarations || !reference.declares);
    Ok(Some(wanted.filter_map(|reference| cursor.context(state).location(reference.span)).collect()))
}

/// Returns the occurrences of the symbol in the same document.
pub(super) fn highlight(
    state: &State,
    params: &TextDocumentPositionParams,
) -> Result<Option<Vec<DocumentHighlight>>, RequestError> {
    let Some(cursor) = Cursor::of(state, params)? else { return Ok(None) };
    let highlight = |mark: crate::ide::Highlight| DocumentHighlight {
        range: cursor.context(state).range(mark.span),
        kind: Some(match mark.kind {
            HighlightKind::Read => DocumentHighlightKind::Read,
            HighlightKind::Write => DocumentHighlightKind::Write,
        }),
    };
    Ok(Some(cursor.subject.project.view().highlight(cursor.place).into_iter().map(highlight).collect()))
}

/// Returns the range of the name to rename.
pub(super) fn prepare_rename(
    state: &State,
    params: &TextDocumentPositionParams,
) -> Result<Option<PrepareRenameResult>, RequestError> {
    let Some(cursor) = Cursor::of(state, params)? else { return Ok(None) };
    // `rename` reports why a name cannot be changed.
    let name = cursor.subject.project.view().prepare_rename(cursor.place).ok();
    Ok(name.map(|name| PrepareRenameResult::Range(cursor.context(state).range(name))))
}

/// Returns the edits that rename the symbol.
pub(super) fn rename(
    state: &State,
    params: &TextDocumentPositionParams,
    to: &str,
) -> Result<Option<WorkspaceEdit>, RequestError> {
    let Some(cursor) = Cursor::of(state, params)? else { return Ok(None) };
    let refused = |why: Phrase| RequestError::Failed(cursor.context(state).localize(&why));
    let edits = cursor.subject.project.view().rename(cursor.place, to).map_err(refused)?;
    Ok(cursor.context(state).workspace_edit(&edits))
}

/// Returns the enclosing syntax of each position, innermost first.
pub(super) fn selections(
    state: &State,
    params: &SelectionRangeParams,
) -> Result<Option<Vec<SelectionRange>>, RequestError> {
    let Some(subject) = state.subject(&params.text_document.uri)? else { return Ok(None) };
    let (view, context) = (subject.project.view(), ProtoContext { state, project: subject.project });
    let of = |position: &Position| {
        let offset = subject.offset(state.encoding, *position).unwrap_or_default();
        let spans = view.selection(Place { file: subject.file, offset });
        let outward = spans.into_iter().rev().map(|span| context.range(span));
        let nested = outward.fold(None, |parent, range| Some(SelectionRange { range, parent: parent.map(Box::new) }));
        // Every position needs an answer, even if it is an empty range.
        nested.unwrap_or(SelectionRange { range: Range { start: *position, end: *position }, parent: None })
    };
    Ok(Some(params.positions.iter().map(of).collect()))
}
