//! `POST /v1/events`. In: a body with events. Out: the verdict on each event, once it is on
//! disk.

use super::Shared;
use super::answer::{closed, error, reply};
use super::auth::Scope;
use super::budget::{Budget, Share};
use super::cloud_event::Form;
use super::connections::Activity;
use super::split::{self, MAX_EVENTS, Part, TooMany, split};
use crate::engine::MAX_ID_BYTES;
use crate::runtime::ingest::DEFAULT_SOURCE;
use crate::runtime::{IncomingEvent, Rejected, Verdict};
use axum::Extension;
use axum::body::{Body, HttpBody};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value as Json, json};
use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

/// Limit: the longest body, in bytes.
pub(super) const MAX_BODY: usize = 4 << 20;

/// Why a request is refused.
pub(super) type Refused = (StatusCode, &'static str);

/// Many others send large bodies.
pub(super) const BUSY: Refused = (StatusCode::SERVICE_UNAVAILABLE, "too many large requests at once, retry later");

/// From how many bytes on reading a body takes noticeable time.
const LARGE_BODY: usize = 64 << 10;

/// Limit: how long a client may take to send the body.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);

/// Limit: the parts left out of events that a response explains; the others are counted.
const MAX_PARTS: usize = 1000;

/// Limit: how long a client waits for the verdict before it is told to send the events again.
pub(super) const VERDICT_TIMEOUT: Duration = Duration::from_secs(30);

pub(super) async fn post(
    State(shared): State<Shared>,
    Extension(activity): Extension<Activity>,
    headers: HeaderMap,
    body: Body,
) -> Response {
    if let Err((status, why)) = shared.auth.check(Scope::Ingest, &headers) {
        return error(status, &why);
    }
    let body = match read(&shared.budget, &headers, body).await {
        Ok(body) => body,
        Err((status, why)) => return error(status, why),
    };
    // What is made of the body is freed with the response.
    let Ok(_share) = tokio::time::timeout(VERDICT_TIMEOUT, shared.budget.handle(body.len())).await else {
        return error(BUSY.0, BUSY.1);
    };
    let form = Form::of(&headers);
    let events = match split_apart(&body, &form) {
        Ok(events) if events.is_empty() => {
            return error(StatusCode::BAD_REQUEST, "the request body contains no events");
        }
        Ok(events) => events,
        Err(TooMany) => {
            let why = format!("the request body contains more than {MAX_EVENTS} events: send them in several requests");
            return error(StatusCode::PAYLOAD_TOO_LARGE, &why);
        }
    };
    drop(body);
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

/// Splits a body; a large one without holding up other requests.
fn split_apart(body: &[u8], form: &Form) -> Result<Vec<Part>, TooMany> {
    let parts = || match form {
        Form::Own | Form::Structured => split(body),
        Form::Binary(_) if body.is_empty() => Ok(vec![Ok(Json::Null)]),
        Form::Binary(_) => Ok(vec![split::read(body)]),
    };
    let parts = if body.len() < LARGE_BODY { parts() } else { tokio::task::block_in_place(parts) }?;
    Ok(parts.into_iter().map(|part| part.and_then(|part| form.read(part))).collect())
}

/// Reads the body.
pub(super) async fn read(budget: &Budget, headers: &HeaderMap, mut body: Body) -> Result<Vec<u8>, Refused> {
    const TOO_LARGE: Refused = (StatusCode::PAYLOAD_TOO_LARGE, "request body larger than 4 MiB");
    let encoding = headers.get(header::CONTENT_ENCODING).map(|encoding| encoding.as_bytes());
    if encoding.is_some_and(|encoding| !encoding.eq_ignore_ascii_case(b"identity")) {
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, "the request body must not be compressed"));
    }
    // A length that is too large is refused before anything is read.
    if body.size_hint().lower() > MAX_BODY as u64 {
        return Err(TOO_LARGE);
    }
    let read_all = async {
        let (mut received, mut share) = (Vec::new(), Share::default());
        while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
            let Ok(frame) = frame else {
                return Err((StatusCode::BAD_REQUEST, "request body incomplete"));
            };
            let Ok(data) = frame.into_data() else { continue };
            if received.len() + data.len() > MAX_BODY {
                return Err(TOO_LARGE);
            }
            if !budget.receive(&mut share, received.len() + data.len()) {
                return Err(BUSY);
            }
            received.extend_from_slice(&data);
        }
        Ok(received)
    };
    let timed_out = |_| Err((StatusCode::REQUEST_TIMEOUT, "request body not received within 30 seconds"));
    tokio::time::timeout(BODY_TIMEOUT, read_all).await.unwrap_or_else(timed_out)
}

/// The id of an event as it was sent; null if it is none, or too long to be one.
fn id(event: &Part) -> Json {
    match event.as_ref().ok().and_then(|event| event.get("id")) {
        Some(Json::String(id)) if id.len() <= MAX_ID_BYTES => id.as_str().into(),
        Some(Json::Number(id)) if id.as_str().len() <= MAX_ID_BYTES => id.clone().into(),
        Some(_) | None => Json::Null,
    }
}

fn answer(ids: &[Json], verdicts: &[Verdict]) -> Response {
    let body = tally(ids, verdicts);
    let rejected = body["rejected"].as_u64().unwrap_or_default();
    let status = match (verdicts.len() as u64 - rejected, rejected) {
        (_, 0) => StatusCode::ACCEPTED,
        (0, _) => StatusCode::BAD_REQUEST,
        (_, _) => StatusCode::MULTI_STATUS,
    };
    reply(status, &body)
}

/// The verdicts as JSON.
pub(super) fn tally(ids: &[Json], verdicts: &[Verdict]) -> Json {
    let count = |wanted: fn(&Verdict) -> bool| verdicts.iter().filter(|verdict| wanted(verdict)).count();
    let accepted = count(|verdict| matches!(verdict, Verdict::Accepted(_)));
    let duplicates = count(|verdict| matches!(verdict, Verdict::Duplicate));
    let rejected = verdicts.len() - accepted - duplicates;
    let mut room = MAX_PARTS;
    let results: Vec<Json> = ids.iter().zip(verdicts).map(|(id, verdict)| result(id, verdict, &mut room)).collect();
    json!({"accepted": accepted, "duplicates": duplicates, "rejected": rejected, "results": results})
}

fn result(id: &Json, verdict: &Verdict, room: &mut usize) -> Json {
    match verdict {
        Verdict::Accepted(left_out) if left_out.is_empty() => json!({"id": id, "status": "accepted"}),
        Verdict::Accepted(left_out) => {
            let shown: Vec<Json> = left_out.iter().take(*room).map(|part| Json::Object(reason(part))).collect();
            *room -= shown.len();
            let more = left_out.len() - shown.len();
            let mut result = json!({"id": id, "status": "accepted", "left_out": shown});
            if more > 0 {
                result["more_left_out"] = more.into();
            }
            result
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
