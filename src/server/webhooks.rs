//! `POST /v1/sources/NAME` and Segment's calls, `POST /v1/batch` and the like. In: requests of other systems. Out: the
//! verdict on each of their events. They are not sent again because an event is rejected: it is among the dead letters.

use super::Shared;
use super::answer::{closed, error, reply};
use super::auth::Scope;
use super::connections::Activity;
use super::events::{self, VERDICT_TIMEOUT};
use crate::diagnostic::Phrase;
use crate::import::gunzip;
use crate::inbound::{Mapped, Request, SEGMENT, Source, batch, body_of, segment_events};
use crate::runtime::IncomingEvent;
use crate::runtime::ingest::DEFAULT_SOURCE;
use crate::value::Timestamp;
use axum::Extension;
use axum::body::Body;
use axum::extract::{Path, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use serde_json::{Value as Json, json};

/// A source and its secrets.
pub(super) struct Served {
    pub(super) source: Source,
    pub(super) secrets: Vec<String>,
}

/// `POST /v1/sources/NAME`.
pub(super) async fn post(
    State(shared): State<Shared>,
    Extension(activity): Extension<Activity>,
    Path(name): Path<String>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    body: Body,
) -> Response {
    let Some(served) = shared.sources.iter().find(|served| served.source.name == name) else {
        return error(StatusCode::NOT_FOUND, "no such source: it is not one of `[sources]` in `funnel.toml`");
    };
    if served.source.check.is_none()
        && let Err((status, why)) = shared.auth.check(Scope::Ingest, &headers)
    {
        return error(status, &why);
    }
    let raw = match events::read(&shared.budget, &headers, body).await {
        Ok(raw) => raw,
        Err((status, why)) => return error(status, why),
    };
    let Ok(_share) = tokio::time::timeout(VERDICT_TIMEOUT, shared.budget.handle(raw.len())).await else {
        return error(events::BUSY.0, events::BUSY.1);
    };
    let content_type = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    let body = match body_of(content_type, &raw) {
        Ok(body) => body,
        Err(why) => return error(StatusCode::BAD_REQUEST, &why),
    };
    let named = headers.iter().filter_map(|(name, value)| Some((name.as_str(), value.to_str().ok()?)));
    let request = Request::new(named, query.as_deref().unwrap_or(""), body);
    if served.source.is_ping(&request) {
        return reply(StatusCode::OK, &no_events(&[]));
    }
    if let Some(check) = &served.source.check {
        let secrets: Vec<&str> = served.secrets.iter().map(String::as_str).collect();
        if let Err(refusal) = check.verify(&secrets, &request, &raw, now().0.div_euclid(1_000)) {
            tracing::warn!(source = name, "{refusal}");
            return error(StatusCode::UNAUTHORIZED, &refusal.to_string());
        }
    }
    let mapped = served.source.events(&request, &shared.catalog);
    submit(&shared, &activity, mapped).await.unwrap_or_else(|response| *response)
}

/// `POST /v1/batch`, `/v1/identify`, `/v1/track` and the other calls of Segment's libraries.
pub(super) async fn segment(
    call: &str,
    State(shared): State<Shared>,
    Extension(activity): Extension<Activity>,
    mut headers: HeaderMap,
    body: Body,
) -> Response {
    let is_gzip = headers.get(header::CONTENT_ENCODING).is_some_and(|encoding| encoding == "gzip");
    if is_gzip {
        headers.remove(header::CONTENT_ENCODING);
    }
    let raw = match events::read(&shared.budget, &headers, body).await {
        Ok(raw) => raw,
        Err((status, why)) => return error(status, why),
    };
    let Ok(_share) = tokio::time::timeout(VERDICT_TIMEOUT, shared.budget.handle(raw.len())).await else {
        return error(events::BUSY.0, events::BUSY.1);
    };
    let raw = match is_gzip.then(|| gunzip(&raw, events::MAX_BODY)) {
        None => raw,
        Some(Ok(text)) => text,
        Some(Err(why)) => return error(StatusCode::BAD_REQUEST, &why),
    };
    let Ok(body) = serde_json::from_slice::<Json>(&raw) else {
        return error(StatusCode::BAD_REQUEST, "the body is not JSON");
    };
    let now = now();
    let batch = match batch(call, body, now) {
        Ok(batch) => batch,
        Err(why) => return error(StatusCode::BAD_REQUEST, &why),
    };
    if batch.messages.len() > super::split::MAX_EVENTS {
        return error(StatusCode::PAYLOAD_TOO_LARGE, "the batch has more than 1000 messages");
    }
    if let Err((status, why)) = shared.auth.check_key(Scope::Ingest, &headers, batch.write_key.as_deref()) {
        return error(status, &why);
    }
    let source = shared.sources.iter().find(|served| served.source.name == SEGMENT).map(|served| &served.source);
    let events = |message: &Json| segment_events(source, message, batch.behind_ms, &shared.catalog);
    let mapped = batch.messages.iter().flat_map(events).collect();
    submit(&shared, &activity, mapped).await.unwrap_or_else(|response| *response)
}

/// Submits the events and waits for the verdicts.
async fn submit(shared: &Shared, activity: &Activity, mapped: Vec<Mapped>) -> Result<Response, Box<Response>> {
    let (mut events, mut skipped) = (Vec::new(), Vec::new());
    for one in mapped {
        match one {
            Mapped::Event(event) => events.push(event),
            Mapped::Skipped(why) => skipped.push(why),
        }
    }
    if events.is_empty() {
        return Ok(reply(StatusCode::OK, &no_events(&skipped)));
    }
    let ids: Vec<Json> = events.iter().map(|event| event.get("id").cloned().unwrap_or_default()).collect();
    let incoming = events.into_iter().map(|event| IncomingEvent {
        source: DEFAULT_SOURCE.to_owned(),
        line: None,
        fallback_id: None,
        body: Ok(event),
    });
    let _answering = activity.answering();
    let verdict = shared.inbox.submit(incoming.collect());
    match tokio::time::timeout(VERDICT_TIMEOUT, verdict).await {
        Ok(Ok(all)) => {
            let mut body = events::tally(&ids, &all);
            merge(&mut body, no_events(&skipped));
            Ok(reply(StatusCode::OK, &body))
        }
        Ok(Err(_)) => Err(Box::new(closed())),
        Err(_) => {
            let why = "the events may or may not be stored: send the same again";
            Err(Box::new(error(StatusCode::SERVICE_UNAVAILABLE, why)))
        }
    }
}

/// The body of a response without events.
fn no_events(skipped: &[Phrase]) -> Json {
    let skipped: Vec<Json> = skipped.iter().map(|why| Json::from(why.to_string())).collect();
    json!({"accepted": 0, "duplicates": 0, "rejected": 0, "results": [], "skipped": skipped, "success": true})
}

/// Adds members that are not there yet.
fn merge(into: &mut Json, from: Json) {
    if let (Json::Object(into), Json::Object(from)) = (into, from) {
        for (name, value) in from {
            into.entry(name).or_insert(value);
        }
    }
}

fn now() -> Timestamp {
    use crate::runtime::clock::{Clock, Machine};
    Clock::real(Box::new(Machine::new()), None).now()
}
