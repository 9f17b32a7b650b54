//! What is asked about a place in a text. In: a position. Out: what `ide` says of it, in the words of the protocol.

use super::refusal::Refusal;
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
pub(super) struct At<'s> {
    /// The text.
    pub(super) subject: Subject<'s>,
    /// The place.
    pub(super) place: Place,
}

impl<'s> At<'s> {
    /// The place that a request is about; `None` where there is no such place.
    pub(super) fn of(state: &'s State, params: &TextDocumentPositionParams) -> Result<Option<Self>, Refusal> {
        let Some(subject) = state.subject(&params.text_document.uri)? else { return Ok(None) };
        let offset = subject.offset(state.encoding, params.position);
        Ok(offset.map(|offset| Self { subject, place: Place { file: subject.file, offset } }))
    }

    /// Who answers.
    pub(super) fn context(&self, state: &'s State) -> ProtoContext<'s> {
        ProtoContext { state, held: self.subject.held }
    }
}

/// A page about a place.
pub(super) fn hover(state: &State, params: &TextDocumentPositionParams) -> Result<Option<Hover>, Refusal> {
    let Some(at) = At::of(state, params)? else { return Ok(None) };
    Ok(at.subject.held.view().hover(at.place).map(|hover| Hover {
        contents: Contents::MarkupContent(MarkupContent { kind: MarkupKind::Markdown, value: hover.markdown }),
        range: Some(at.context(state).range(hover.span)),
    }))
}

/// Where the thing at a place is declared.
pub(super) fn definition(
    state: &State,
    params: &TextDocumentPositionParams,
) -> Result<Option<DefinitionResponse>, Refusal> {
    let Some(at) = At::of(state, params)? else { return Ok(None) };
    let view = at.subject.held.view();
    let found = view.definition(at.place).into_iter().filter_map(|found| location(&at, state, found.target));
    let found: Vec<Location> = found.collect();
    Ok((!found.is_empty()).then_some(DefinitionResponse::Definition(Definition::LocationList(found))))
}

/// The file and range of a span, also in what the language brings along.
fn location(at: &At<'_>, state: &State, span: Span) -> Option<Location> {
    let context = at.context(state);
    context.location(span).or_else(|| {
        let uri = uri::uri(state.prelude.path()?);
        at.subject.held.view().is_prelude(span.file).then(|| Location { uri, range: context.range(span) })
    })
}

/// Every name of the thing at a place.
pub(super) fn references(
    state: &State,
    params: &TextDocumentPositionParams,
    declarations: bool,
) -> Result<Option<Vec<Location>>, Refusal> {
    let Some(at) = At::of(state, params)? else { return Ok(None) };
    let all = at.subject.held.view().references(at.place);
    let wanted = all.into_iter().filter(|reference| declarations || !reference.declares);
    Ok(Some(wanted.filter_map(|reference| at.context(state).location(reference.span)).collect()))
}

/// The same name elsewhere in the file.
pub(super) fn highlight(
    state: &State,
    params: &TextDocumentPositionParams,
) -> Result<Option<Vec<DocumentHighlight>>, Refusal> {
    let Some(at) = At::of(state, params)? else { return Ok(None) };
    let marked = |mark: crate::ide::Highlight| DocumentHighlight {
        range: at.context(state).range(mark.span),
        kind: Some(match mark.kind {
            HighlightKind::Read => DocumentHighlightKind::Read,
            HighlightKind::Write => DocumentHighlightKind::Write,
        }),
    };
    Ok(Some(at.subject.held.view().highlight(at.place).into_iter().map(marked).collect()))
}

/// The name at a place that can be changed.
pub(super) fn prepare_rename(
    state: &State,
    params: &TextDocumentPositionParams,
) -> Result<Option<PrepareRenameResult>, Refusal> {
    let Some(at) = At::of(state, params)? else { return Ok(None) };
    // Why it cannot be changed is told to whoever tries.
    let name = at.subject.held.view().prepare_rename(at.place).ok();
    Ok(name.map(|name| PrepareRenameResult::Range(at.context(state).range(name))))
}

/// The edits that give the thing at a place another name.
pub(super) fn rename(
    state: &State,
    params: &TextDocumentPositionParams,
    to: &str,
) -> Result<Option<WorkspaceEdit>, Refusal> {
    let Some(at) = At::of(state, params)? else { return Ok(None) };
    let refused = |why: Phrase| Refusal::Failed(at.context(state).said(&why));
    let edits = at.subject.held.view().rename(at.place, to).map_err(refused)?;
    Ok(at.context(state).workspace_edit(&edits))
}

/// The parts around each of some places, one in another.
pub(super) fn selections(state: &State, params: &SelectionRangeParams) -> Result<Option<Vec<SelectionRange>>, Refusal> {
    let Some(subject) = state.subject(&params.text_document.uri)? else { return Ok(None) };
    let (view, context) = (subject.held.view(), ProtoContext { state, held: subject.held });
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
