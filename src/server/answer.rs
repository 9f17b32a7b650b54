//! Responses: JSON that ends in a line break, and errors with a reason.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};

/// How long a client should wait before it tries again.
const RETRY_AFTER: &str = "1";

/// A response with a JSON body.
pub(super) fn reply(status: StatusCode, body: &Json) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], format!("{body}\n")).into_response();
    match status {
        StatusCode::UNAUTHORIZED => {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        StatusCode::SERVICE_UNAVAILABLE => {
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER));
        }
        _ => {}
    }
    response
}

/// A response that says why a request was not carried out.
pub(super) fn error(status: StatusCode, why: &str) -> Response {
    reply(status, &json!({"error": why}))
}

/// The response while the host shuts down.
pub(super) fn closed() -> Response {
    error(StatusCode::SERVICE_UNAVAILABLE, "shutting down, retry later")
}
