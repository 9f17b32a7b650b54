//! What an editor asks. In: a request. Out: its answer, or why there is none.

use super::refusal::Refusal;
use super::state::State;
use super::{action, command, layout, place};
use gen_lsp_types::{
    CodeActionRequest, DefinitionRequest, DocumentFormattingRequest, DocumentHighlightRequest,
    DocumentRangeFormattingRequest, ExecuteCommandRequest, HoverRequest, LspRequestMethod as Method, ReferencesRequest,
    Request,
};
use serde_json::Value;

/// Answers a request.
pub(super) fn answer(state: &mut State, method: &str, params: Value) -> Result<Value, Refusal> {
    match Method::from(method) {
        Method::TextDocumentHover => {
            typed::<HoverRequest>(params, |params| place::hover(state, &params.text_document_position_params))
        }
        Method::TextDocumentDefinition => {
            typed::<DefinitionRequest>(params, |params| place::definition(state, &params.text_document_position_params))
        }
        Method::TextDocumentReferences => typed::<ReferencesRequest>(params, |params| {
            place::references(state, &params.text_document_position_params, params.context.include_declaration)
        }),
        Method::TextDocumentDocumentHighlight => typed::<DocumentHighlightRequest>(params, |params| {
            place::highlight(state, &params.text_document_position_params)
        }),
        Method::TextDocumentCodeAction => typed::<CodeActionRequest>(params, |params| action::actions(state, &params)),
        Method::TextDocumentFormatting => {
            typed::<DocumentFormattingRequest>(params, |params| layout::edits(state, &params.text_document.uri, None))
        }
        Method::TextDocumentRangeFormatting => typed::<DocumentRangeFormattingRequest>(params, |params| {
            layout::edits(state, &params.text_document.uri, Some(params.range))
        }),
        Method::WorkspaceExecuteCommand => {
            typed::<ExecuteCommandRequest>(params, |params| command::execute(state, params))
        }
        _ => Err(Refusal::Unknown(method.to_owned())),
    }
}

fn typed<R: Request>(
    params: Value,
    work: impl FnOnce(R::Params) -> Result<R::Result, Refusal>,
) -> Result<Value, Refusal> {
    let params = serde_json::from_value(params).map_err(|fault| Refusal::Invalid(fault.to_string()))?;
    serde_json::to_value(work(params)?).map_err(|fault| Refusal::Fault(fault.to_string()))
}
