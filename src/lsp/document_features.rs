//! Features of a whole document: symbols, folding, links, inlay hints and code lenses, converted from `ide` to the
//! protocol.

use super::command;
use super::request_error::RequestError;
use super::state::{State, Subject};
use super::to_proto::ProtoContext;
use crate::ide::{self, CodeLensAction, LinkTarget, SymbolKind as Kind};
use crate::say;
use crate::source::Span;
use gen_lsp_types::{
    BaseSymbolInformation, CodeLens, Command, DocumentLink, DocumentSymbol, DocumentSymbolResponse, FoldingRange,
    FoldingRangeKind, InlayHint, Label, Location, Range, SymbolKind, Tooltip, Uri, WorkspaceSymbol,
    WorkspaceSymbolLocation, WorkspaceSymbolResponse,
};
use serde_json::json;

/// Limit: the number of workspace symbols in one answer; a longer query narrows them down.
const MAX_SYMBOLS: usize = 256;

/// Runs `work` on a known document; returns `None` for an unknown one.
fn with_file<R>(
    state: &State,
    uri: &Uri,
    work: impl FnOnce(Subject<'_>, ProtoContext<'_>) -> R,
) -> Result<Option<R>, RequestError> {
    let subject = state.subject(uri)?;
    Ok(subject.map(|subject| work(subject, ProtoContext { state, project: subject.project })))
}

/// Returns the symbols of a document as a tree.
pub(super) fn symbols(state: &State, uri: &Uri) -> Result<Option<DocumentSymbolResponse>, RequestError> {
    with_file(state, uri, |subject, context| {
        let symbols = subject.project.view().symbols(subject.file);
        symbols.into_iter().map(|found| symbol(context, found)).collect::<Vec<_>>().into()
    })
}

fn symbol(context: ProtoContext<'_>, found: ide::Symbol) -> DocumentSymbol {
    let (range, selection) = (context.range(found.whole), context.range(found.span));
    let children: Vec<_> = found.children.into_iter().map(|child| symbol(context, child)).collect();
    let detail = (!found.detail.is_empty()).then_some(found.detail);
    let children = (!children.is_empty()).then_some(children);
    DocumentSymbol::new(found.name, detail, kind(found.kind), None, None, range, selection, children)
}

fn kind(kind: Kind) -> SymbolKind {
    match kind {
        Kind::File => SymbolKind::File,
        Kind::Constant => SymbolKind::Constant,
        Kind::Record => SymbolKind::Struct,
        Kind::Event | Kind::Trigger => SymbolKind::Event,
        Kind::Field => SymbolKind::Field,
        Kind::Segment => SymbolKind::Class,
        Kind::Template => SymbolKind::String,
        Kind::Action => SymbolKind::Interface,
        Kind::Funnel => SymbolKind::Function,
        Kind::Label => SymbolKind::Key,
        Kind::Test => SymbolKind::Method,
    }
}

/// Returns the symbols of all projects that match a query.
pub(super) fn workspace_symbols(state: &State, query: &str) -> WorkspaceSymbolResponse {
    let mut all: Vec<WorkspaceSymbol> = Vec::new();
    for project in state.projects.values() {
        let context = ProtoContext { state, project };
        let found = project.view().workspace_symbols(query);
        all.extend(found.into_iter().take(MAX_SYMBOLS).filter_map(|found| {
            let location: Location = context.location(found.span)?;
            let container_name = (!found.detail.is_empty()).then_some(found.detail);
            let symbol_information =
                BaseSymbolInformation { name: found.name, kind: kind(found.kind), tags: None, container_name };
            let location = WorkspaceSymbolLocation::Location(location);
            Some(WorkspaceSymbol { location, data: None, base_symbol_information: symbol_information })
        }));
    }
    all.truncate(MAX_SYMBOLS);
    WorkspaceSymbolResponse::WorkspaceSymbolList(all)
}

/// Returns the foldable ranges of a document.
pub(super) fn folds(state: &State, uri: &Uri) -> Result<Option<Vec<FoldingRange>>, RequestError> {
    with_file(state, uri, |subject, context| {
        let folds = subject.project.view().folding_ranges(subject.file).into_iter().map(|fold| {
            let range = context.range(fold.span);
            let kind = fold.comment.then_some(FoldingRangeKind::Comment);
            FoldingRange::new(range.start.line, None, range.end.line, None, kind, None)
        });
        folds.filter(|fold| fold.start_line < fold.end_line).collect()
    })
}

/// Returns the links in a document.
pub(super) fn links(state: &State, uri: &Uri) -> Result<Option<Vec<DocumentLink>>, RequestError> {
    with_file(state, uri, |subject, context| {
        let links = subject.project.view().links(subject.file).into_iter().filter_map(|link| {
            let target = match link.target {
                LinkTarget::File(file) => state.uri(subject.project, file)?,
                LinkTarget::Address(address) => Uri::from(address),
            };
            let range = context.range(link.span);
            Some(DocumentLink { range, target: Some(target), tooltip: None, data: None })
        });
        links.collect()
    })
}

/// Returns the inlay hints in a range of a document.
pub(super) fn hints(state: &State, uri: &Uri, range: Range) -> Result<Option<Vec<InlayHint>>, RequestError> {
    with_file(state, uri, |subject, context| {
        let (start, end) = (range.start.line, range.end.line);
        let hints = subject.project.view().inlay_hints(subject.file).into_iter().map(|hint| {
            let position = context.range(hint.span).start;
            let (label, tooltip) = (Label::String(hint.label), Some(Tooltip::String(hint.tooltip)));
            InlayHint::new(position, label, None, None, tooltip, Some(true), None, None)
        });
        hints.filter(|hint| (start..=end).contains(&hint.position.line)).collect()
    })
}

/// Returns the code lenses of a document.
pub(super) fn lenses(state: &State, uri: &Uri) -> Result<Option<Vec<CodeLens>>, RequestError> {
    with_file(state, uri, |subject, context| {
        let lenses = subject.project.view().code_lenses(subject.file).into_iter().filter_map(|lens| {
            let (title, command, argument) = match lens.action {
                CodeLensAction::RunTest(title) => {
                    (say!("run test"), command::RUN_TEST, json!({ "uri": uri, "title": title }))
                }
                // Only an editor that has the studio can open it.
                CodeLensAction::OpenFunnel(_) if !state.client.has_studio => return None,
                CodeLensAction::OpenFunnel(name) => {
                    (say!("open in studio"), command::OPEN_STUDIO, json!({ "uri": uri, "funnel": name }))
                }
            };
            let arguments = Some(vec![argument]);
            let command = Command::new(context.localize(&title), None, command.to_owned(), arguments);
            Some(CodeLens { range: context.range(lens.span), command: Some(command), data: None })
        });
        lenses.collect()
    })
}

/// Converts a range to a span; a position beyond the text becomes its end.
pub(super) fn span_of_range(state: &State, subject: Subject<'_>, range: Range) -> Option<Span> {
    let end = subject.project.workspace.sources.get(subject.file)?.text.len();
    let at = |position| subject.offset(state.encoding, position).unwrap_or(end);
    let (start, end) = (at(range.start), at(range.end));
    Some(Span::new(subject.file, start, end.max(start)))
}
