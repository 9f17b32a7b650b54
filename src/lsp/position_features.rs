//! What is asked about a place in a text. In: a position. Out: what `ide` says of it, in the words of the protocol.

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

/// A place in a text that is known.
pub(super) struct Cursor<'s> {
    /// The text.
    pub(super) subject: Subject<'s>,
    /// The place.
    pub(super) place: Place,
}

impl<'s> Cursor<'s> {
    /// The place that a request is about; `None` where there is no such place.
    pub(super) fn of(state: &'s State, params: &TextDocumentPositionParams) -> Result<Option<Self>, RequestError> {
        let Some(subject) = state.subject(&params.text_document.uri)? else { return Ok(None) };
        let offset = subject.offset(state.encoding, params.position);
        Ok(offset.map(|offset| Self { subject, place: Place { file: subject.file, offset } }))
    }

    /// Who answers.
    pub(super) fn context(&self, state: &'s State) -> ProtoContext<'s> {
        ProtoContext { state, project: self.subject.project }
    }
}

/// A page about a place.
pub(super) fn hover(state: &State, params: &TextDocumentPositionParams) -> Result<Option<Hover>, RequestError> {
    let Some(cursor) = Cursor::of(state, params)? else { return Ok(None) };
    Ok(cursor.subject.project.view().hover(cursor.place).map(|hover| Hover {
        contents: Contents::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: hover.markdown }),
        range: Some(cursor.context(state).range(hover.span)),
    }))
}

/// Where the thing at a place is declared.
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

/// The file and range of a span, also in what the language brings along.
fn location(cursor: &Cursor<'_>, state: &State, span: Span) -> Option<Location> {
    let context = cursor.context(state);
    context.location(span).or_else(|| {
        let uri = uri::uri(state.prelude.path()?);
        cursor.subject.project.view().is_prelude(span.file).then(|| Location { uri, range: context.range(span) })
    })
}

/// Every name of the thing at a place.
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

/// The same name elsewhere in the file.
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

/// The name at a place that can be changed.
pub(super) fn prepare_rename(
    state: &State,
    params: &TextDocumentPositionParams,
) -> Result<Option<PrepareRenameResult>, RequestError> {
    let Some(cursor) = Cursor::of(state, params)? else { return Ok(None) };
    // Why it cannot be changed is told to whoever tries.
    let name = cursor.subject.project.view().prepare_rename(cursor.place).ok();
    Ok(name.map(|name| PrepareRenameResult::Range(cursor.context(state).range(name))))
}

/// The edits that give the thing at a place another name.
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

/// The parts around each of some places, one in another.
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
        // Each place has an answer, if only itself.
        nested.unwrap_or(SelectionRange { range: Range { start: *position, end: *position }, parent: None })
    };
    Ok(Some(params.positions.iter().map(of).collect()))
}
