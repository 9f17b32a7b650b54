//! Why a request is not answered. In: a reason. Out: the error of the protocol.

use lsp_server::{ErrorCode, RequestId, Response};

/// Why a request is not answered.
#[derive(Debug)]
pub(super) enum RequestError {
    /// The text is another than the one that is known.
    ContentModified,
    /// It was taken back before its turn came.
    Cancelled,
    /// Its parameters make no sense; why.
    InvalidParams(String),
    /// What it asks for cannot be done; why.
    Failed(String),
    /// Nothing here answers it.
    UnknownMethod(String),
    /// The server is shutting down.
    ShuttingDown,
    /// A fault of our own; what it said.
    Internal(String),
}

impl RequestError {
    /// The answer.
    pub(super) fn response(self, id: RequestId) -> Response {
        let (code, message) = match self {
            Self::ContentModified => (ErrorCode::ContentModified, "the text of the document is not known".to_owned()),
            Self::Cancelled => (ErrorCode::RequestCanceled, "cancelled".to_owned()),
            Self::InvalidParams(why) => (ErrorCode::InvalidParams, why),
            Self::Failed(why) => (ErrorCode::RequestFailed, why),
            Self::UnknownMethod(method) => (ErrorCode::MethodNotFound, format!("unsupported method `{method}`")),
            Self::ShuttingDown => (ErrorCode::InvalidRequest, "the server is shutting down".to_owned()),
            Self::Internal(message) => (ErrorCode::InternalError, format!("internal error: {message}")),
        };
        Response::new_err(id, code as i32, message)
    }
}
