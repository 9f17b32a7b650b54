//! `POST /v1/events`. In: one JSON object, an array of them, or NDJSON. Out: what became of each, once it is on disk.

use super::Shared;
use crate::runtime::ingest::{DEFAULT_SOURCE, parse};
use crate::runtime::{Arrived, Unreadable, Verdict};
use axum::body::{Body, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value as Json, json};
use std::time::Duration;

/// Limit: the longest body, in bytes.
const LONGEST_BODY: usize = 4 << 20;

/// Limit: how long a body may take to come.
const PATIENCE: Duration = Duration::from_secs(30);

pub(super) async fn post(State(shared): State<Shared>, headers: HeaderMap, body: Body) -> Response {
    if let Err((status, why)) = shared.auth.check(&headers) {
        return error(status, why);
    }
    let body = match tokio::time::timeout(PATIENCE, to_bytes(body, LONGEST_BODY)).await {
        Ok(Ok(body)) => body,
        Ok(Err(_)) => return error(StatusCode::PAYLOAD_TOO_LARGE, "the body broke off or has more than 4 MiB"),
        Err(_) => return error(StatusCode::REQUEST_TIMEOUT, "the body did not come within 30 seconds"),
    };
    let events = split(&body);
    if events.is_empty() {
        return error(StatusCode::BAD_REQUEST, "the body holds no event");
    }
    let ids: Vec<Json> = events.iter().map(id).collect();
    let arrived =
        events.into_iter().map(|body| Arrived { source: DEFAULT_SOURCE.to_owned(), line: None, stand_in: None, body });
    match shared.inbox.submit(arrived.collect()).await {
        Ok(verdicts) => answer(&ids, &verdicts),
        Err(_) => error(StatusCode::SERVICE_UNAVAILABLE, "the engine is ending; send it again later"),
    }
}

/// Takes a body apart: one object, an array of objects, or one object a line.
fn split(body: &[u8]) -> Vec<Result<Json, Unreadable>> {
    let body = body.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(body).trim_ascii();
    match serde_json::from_slice(body) {
        Ok(Json::Array(events)) => events.into_iter().map(Ok).collect(),
        Ok(event) => vec![Ok(event)],
        Err(_) => {
            let lines = body.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
            lines.filter(|line| !line.is_empty()).map(parse).collect()
        }
    }
}

fn id(event: &Result<Json, Unreadable>) -> Json {
    event.as_ref().ok().and_then(|event| event.get("id")).cloned().unwrap_or_default()
}

fn answer(ids: &[Json], verdicts: &[Verdict]) -> Response {
    let count = |wanted: fn(&Verdict) -> bool| verdicts.iter().filter(|verdict| wanted(verdict)).count();
    let accepted = count(|verdict| matches!(verdict, Verdict::Accepted));
    let repeats = count(|verdict| matches!(verdict, Verdict::Repeat));
    let refused = verdicts.len() - accepted - repeats;
    let results: Vec<Json> = ids.iter().zip(verdicts).map(|(id, verdict)| result(id, verdict)).collect();
    let status = match (accepted + repeats, refused) {
        (_, 0) => StatusCode::ACCEPTED,
        (0, _) => StatusCode::BAD_REQUEST,
        (_, _) => StatusCode::MULTI_STATUS,
    };
    reply(status, &json!({"accepted": accepted, "repeats": repeats, "refused": refused, "results": results}))
}

fn result(id: &Json, verdict: &Verdict) -> Json {
    match verdict {
        Verdict::Accepted => json!({"id": id, "status": "accepted"}),
        Verdict::Repeat => json!({"id": id, "status": "repeat"}),
        Verdict::Refused(refused) => json!({
            "id": id,
            "status": "refused",
            "code": refused.code.number(),
            "message": &*refused.message,
            "help": &*refused.help,
        }),
    }
}

fn error(status: StatusCode, why: &str) -> Response {
    reply(status, &json!({"error": why}))
}

fn reply(status: StatusCode, body: &Json) -> Response {
    let mut response = (status, [(header::CONTENT_TYPE, "application/json")], format!("{body}\n")).into_response();
    if status == StatusCode::UNAUTHORIZED {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, header::HeaderValue::from_static("Bearer"));
    }
    response
}
