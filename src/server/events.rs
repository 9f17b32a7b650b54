//! `POST /v1/events`. In: one JSON object, an array of them, or NDJSON. Out: the verdict on each event, once it is on
//! disk.

use super::Shared;
use super::answer::{closed, error, reply};
use super::auth::Scope;
use super::connections::Activity;
use crate::runtime::ingest::{DEFAULT_SOURCE, parse};
use crate::runtime::{IncomingEvent, MalformedEvent, Rejected, Verdict};
use axum::Extension;
use axum::body::{Body, Bytes, HttpBody, to_bytes};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};
use std::time::Duration;

/// Limit: the longest body, in bytes.
const MAX_BODY: usize = 4 << 20;

/// Limit: how long a client may take to send the body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Limit: how long a client waits for the verdict before it is told to send the events again.
const VERDICT_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) async fn post(
    State(shared): State<Shared>,
    Extension(activity): Extension<Activity>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err((status, why)) = shared.auth.check(Scope::Ingest, &headers) {
        return error(status, &why);
    }
    let body = match read(&headers, body).await {
        Ok(body) => body,
        Err((status, why)) => return error(status, why),
    };
    let events = split(&body);
    if events.is_empty() {
        return error(StatusCode::BAD_REQUEST, "the request body contains no events");
    }
    let ids: Vec<Json> = events.iter().map(id).collect();
    let incoming = events.into_iter().map(|body| IncomingEvent {
        source: DEFAULT_SOURCE.to_owned(),
        line: None,
        fallback_id: None,
        body,
    });
    let _answering = activity.answering();
    let verdicts = shared.inbox.submit(incoming.collect());
    match tokio::time::timeout(VERDICT_TIMEOUT, verdicts).await {
        Ok(Ok(verdicts)) => answer(&ids, &verdicts),
        Ok(Err(_)) => closed(),
        Err(_) => {
            let why = "the events may or may not be stored: send them again, with the same ids";
            error(StatusCode::SERVICE_UNAVAILABLE, why)
        }
    }
}

/// Reads the body.
async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, (StatusCode, &'static str)> {
    const TOO_LARGE: (StatusCode, &str) = (StatusCode::PAYLOAD_TOO_LARGE, "request body larger than 4 MiB");
    let encoding = headers.get(header::CONTENT_ENCODING).map(|encoding| encoding.as_bytes());
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "the request body must not be compressed"));
    }
    // A length that is too large is refused before anything is read.
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(TOO_LARGE);
    }
    let is_exact = body.size_hint().exact().is_some();
    match tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, MAX_BODY)).await {
        Ok(Ok(body)) => Ok(body),
        Ok(Err(_)) if is_exact => Err((StatusCode::BAD_REQUEST, "request body incomplete")),
        Ok(Err(_)) => Err(TOO_LARGE),
        Err(_) => Err((StatusCode::REQUEST_TIMEOUT, "request body not received within 30 seconds")),
    }
}

/// Splits a body: one object, an array of objects, or one object per line.
fn split(body: &[u8]) -> Vec<Result<Json, MalformedEvent>> {
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

fn id(event: &Result<Json, MalformedEvent>) -> Json {
    event.as_ref().ok().and_then(|event| event.get("id")).cloned().unwrap_or_default()
}

fn answer(ids: &[Json], verdicts: &[Verdict]) -> Response {
    let count = |wanted: fn(&Verdict) -> bool| verdicts.iter().filter(|verdict| wanted(verdict)).count();
    let accepted = count(|verdict| matches!(verdict, Verdict::Accepted(_)));
    let duplicates = count(|verdict| matches!(verdict, Verdict::Duplicate));
    let rejected = verdicts.len() - accepted - duplicates;
    let results: Vec<Json> = ids.iter().zip(verdicts).map(|(id, verdict)| result(id, verdict)).collect();
    let status = match (accepted + duplicates, rejected) {
        (_, 0) => StatusCode::ACCEPTED,
        (0, _) => StatusCode::BAD_REQUEST,
        (_, _) => StatusCode::MULTI_STATUS,
    };
    reply(status, &json!({"accepted": accepted, "duplicates": duplicates, "rejected": rejected, "results": results}))
}

fn result(id: &Json, verdict: &Verdict) -> Json {
    match verdict {
        Verdict::Accepted(left_out) if left_out.is_empty() => json!({"id": id, "status": "accepted"}),
        Verdict::Accepted(left_out) => {
            let left_out: Vec<Json> = left_out.iter().map(|part| Json::Object(reason(part))).collect();
            json!({"id": id, "status": "accepted", "left_out": left_out})
        }
        Verdict::Duplicate => json!({"id": id, "status": "duplicate"}),
        Verdict::Rejected(rejected) => {
            let mut result = Map::from_iter([("id".to_owned(), id.clone()), ("status".to_owned(), "rejected".into())]);
            result.extend(reason(rejected));
            Json::Object(result)
        }
    }
}

/// Why an event, or a part of one, was not accepted.
fn reason(rejected: &Rejected) -> Map<String, Json> {
    let texts = [("code", rejected.code.number()), ("message", &*rejected.message), ("help", &*rejected.help)];
    texts.into_iter().map(|(name, text)| (name.to_owned(), text.into())).collect()
}
