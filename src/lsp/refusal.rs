//! Why a request is not answered. In: a reason. Out: the error of the protocol.

use lsp_server::{ErrorCode, RequestId, Response};

/// Why a request is not answered.
#[derive(Debug)]
pub(super) enum Refusal {
    /// The text is another than the one that is known.
    Modified,
    /// It was taken back before its turn came.
    Cancelled,
    /// Its parameters make no sense; why.
    Invalid(String),
    /// What it asks for cannot be done; why.
    Failed(String),
    /// Nothing here answers it.
    Unknown(String),
    /// The server is shutting down.
    Ended,
    /// A fault of our own; what it said.
    Fault(String),
}

impl Refusal {
    /// The answer.
    pub(super) fn response(self, id: RequestId) -> Response {
        let (code, message) = match self {
            Self::Modified => (ErrorCode::ContentModified, "the text is another by now".to_owned()),
            Self::Cancelled => (ErrorCode::RequestCanceled, "cancelled".to_owned()),
            Self::Invalid(why) => (ErrorCode::InvalidParams, why),
            Self::Failed(why) => (ErrorCode::RequestFailed, why),
            Self::Unknown(method) => (ErrorCode::MethodNotFound, format!("`{method}` is not answered here")),
            Self::Ended => (ErrorCode::InvalidRequest, "the server is shutting down".to_owned()),
            Self::Fault(said) => (ErrorCode::InternalError, format!("a fault of funnelc: {said}")),
        };
        Response::new_err(id, code as i32, message)
    }
}
