//! Errors of requests, converted to protocol errors.

use lsp_server::{ErrorCode, RequestId, Response};

/// Why a request failed.
#[derive(Debug)]
pub(super) enum RequestError {
    /// The text of the document is out of sync.
    ContentModified,
    /// It was cancelled while it was waiting.
    Cancelled,
    /// Its parameters are invalid.
    InvalidParams(String),
    /// It cannot be fulfilled.
    Failed(String),
    /// The method is not supported.
    UnknownMethod(String),
    /// The server is shutting down.
    ShuttingDown,
    /// The server panicked.
    Internal(String),
}

impl RequestError {
    /// Converts the error to a response.
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
