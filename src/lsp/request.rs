//! The dispatch of requests by method.

use super::request_error::RequestError;
use super::state::State;
use super::{code_action, command, completion, document_features, formatting, position_features, semantic_tokens};
use gen_lsp_types::{
    CodeActionRequest, CodeLensRequest, CompletionRequest, CompletionResolveRequest, DefinitionRequest,
    DocumentFormattingRequest, DocumentHighlightRequest, DocumentLinkRequest, DocumentRangeFormattingRequest,
    DocumentSymbolRequest, ExecuteCommandRequest, FoldingRangeRequest, HoverRequest, InlayHintRequest,
    LspRequestMethod as Method, PrepareRenameRequest, ReferencesRequest, RenameRequest, Request, SelectionRangeRequest,
    SemanticTokensDeltaRequest, SemanticTokensRangeRequest, SemanticTokensRequest, WorkspaceSymbolRequest,
};
use serde_json::Value;

/// Answers a request.
#[allow(clippy::too_many_lines, reason = "one table of all requests")]
pub(super) fn answer(state: &mut State, method: &str, params: Value) -> Result<Value, RequestError> {
    match Method::from(method) {
        Method::TextDocumentHover => typed::<HoverRequest>(params, |params| {
            position_features::hover(state, &params.text_document_position_params)
        }),
        Method::TextDocumentCompletion => typed::<CompletionRequest>(params, |params| {
            completion::complete(state, &params.text_document_position_params)
        }),
        Method::CompletionItemResolve => {
            typed::<CompletionResolveRequest>(params, |item| completion::resolve(state, item))
        }
        Method::TextDocumentDefinition => typed::<DefinitionRequest>(params, |params| {
            position_features::definition(state, &params.text_document_position_params)
        }),
        Method::TextDocumentReferences => typed::<ReferencesRequest>(params, |params| {
            position_features::references(
                state,
                &params.text_document_position_params,
                params.context.include_declaration,
            )
        }),
        Method::TextDocumentDocumentHighlight => typed::<DocumentHighlightRequest>(params, |params| {
            position_features::highlight(state, &params.text_document_position_params)
        }),
        Method::TextDocumentPrepareRename => typed::<PrepareRenameRequest>(params, |params| {
            position_features::prepare_rename(state, &params.text_document_position_params)
        }),
        Method::TextDocumentRename => typed::<RenameRequest>(params, |params| {
            position_features::rename(state, &params.text_document_position_params, &params.new_name)
        }),
        Method::TextDocumentSelectionRange => {
            typed::<SelectionRangeRequest>(params, |params| position_features::selections(state, &params))
        }
        Method::TextDocumentDocumentSymbol => typed::<DocumentSymbolRequest>(params, |params| {
            document_features::symbols(state, &params.text_document.uri)
        }),
        Method::WorkspaceSymbol => typed::<WorkspaceSymbolRequest>(params, |params| {
            Ok(Some(document_features::workspace_symbols(state, &params.query)))
        }),
        Method::TextDocumentFoldingRange => {
            typed::<FoldingRangeRequest>(params, |params| document_features::folds(state, &params.text_document.uri))
        }
        Method::TextDocumentDocumentLink => {
            typed::<DocumentLinkRequest>(params, |params| document_features::links(state, &params.text_document.uri))
        }
        Method::TextDocumentCodeLens => {
            typed::<CodeLensRequest>(params, |params| document_features::lenses(state, &params.text_document.uri))
        }
        Method::TextDocumentInlayHint => typed::<InlayHintRequest>(params, |params| {
            document_features::hints(state, &params.text_document.uri, params.range)
        }),
        Method::TextDocumentSemanticTokensFull => {
            typed::<SemanticTokensRequest>(params, |params| semantic_tokens::full(state, &params.text_document.uri))
        }
        Method::TextDocumentSemanticTokensRange => typed::<SemanticTokensRangeRequest>(params, |params| {
            semantic_tokens::range(state, &params.text_document.uri, params.range)
        }),
        Method::TextDocumentSemanticTokensFullDelta => typed::<SemanticTokensDeltaRequest>(params, |params| {
            semantic_tokens::delta(state, &params.text_document.uri, &params.previous_result_id)
        }),
        Method::TextDocumentCodeAction => {
            typed::<CodeActionRequest>(params, |params| code_action::code_actions(state, &params))
        }
        Method::TextDocumentFormatting => typed::<DocumentFormattingRequest>(params, |params| {
            formatting::edits(state, &params.text_document.uri, None)
        }),
        Method::TextDocumentRangeFormatting => typed::<DocumentRangeFormattingRequest>(params, |params| {
            formatting::edits(state, &params.text_document.uri, Some(params.range))
        }),
        Method::WorkspaceExecuteCommand => {
            typed::<ExecuteCommandRequest>(params, |params| command::execute(state, params))
        }
        _ => Err(RequestError::UnknownMethod(method.to_owned())),
    }
}

fn typed<R: Request>(
    params: Value,
    work: impl FnOnce(R::Params) -> Result<R::Result, RequestError>,
) -> Result<Value, RequestError> {
    let params = serde_json::from_value(params).map_err(|fault| RequestError::InvalidParams(fault.to_string()))?;
    serde_json::to_value(work(params)?).map_err(|fault| RequestError::Internal(fault.to_string()))
}
