//! What can be read: a client, the state of the service; and the one thing that can be told to a lane. In: requests. Out:
//! JSON.

use super::answer::{closed, error, reply};
use super::auth::Scope;
use super::{Shared, VERSION};
use crate::engine::{Client, ClientId, MAX_ID_BYTES, Position, Record, RecordId, Run};
use crate::value::{Timestamp, Zone};
use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::Response;
use serde_json::{Value as Json, json};

/// `GET /v1/clients/{client}`: what is known of a client, and where they are.
pub(super) async fn client(
    State(shared): State<Shared>,
    headers: HeaderMap,
    id: Result<Path<String>, PathRejection>,
) -> Response {
    if let Err((status, why)) = shared.auth.check(Scope::Read, &headers) {
        return error(status, &why);
    }
    let Some(Path(id)) = id.ok().filter(|id| id.len() <= MAX_ID_BYTES) else {
        return error(StatusCode::NOT_FOUND, "unknown client");
    };
    match shared.inbox.client(ClientId(id)).await {
        Ok(Some(client)) => reply(StatusCode::OK, &client_object(&client)),
        Ok(None) => error(StatusCode::NOT_FOUND, "unknown client"),
        Err(_) => closed(),
    }
}

/// `GET /v1/status`: what happened since the start, and what waits.
pub(super) async fn status(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    if let Err((status, why)) = shared.auth.check(Scope::Read, &headers) {
        return error(status, &why);
    }
    let health = shared.inbox.health();
    let counts = health.counts();
    let lanes = health.lanes();
    let lanes: Vec<Json> = lanes
        .iter()
        .map(|lane| {
            json!({
                "lane": lane.name,
                "waiting": lane.waiting,
                "more_on_disk": lane.more_on_disk,
                "in_flight": lane.in_flight,
                "paused": lane.is_paused,
            })
        })
        .collect();
    let body = json!({
        "version": VERSION,
        "time_zones": Zone::DATA,
        "events": {"accepted": counts.events, "duplicates": counts.duplicates, "rejected": counts.rejected},
        "runs_entered": counts.entered,
        "messages": {
            "sent": counts.sent,
            "printed": counts.printed,
            "not_sent": counts.not_sent,
            "unknown": counts.unknown,
        },
        "set_aside": health.set_aside(),
        "timer_lag_ms": health.timer_lag_ms(),
        "lanes": lanes,
    });
    reply(StatusCode::OK, &body)
}

/// `POST /v1/lanes/{lane}/retry`: tries the waiting messages of a lane now.
pub(super) async fn retry_lane(
    State(shared): State<Shared>,
    headers: HeaderMap,
    name: Result<Path<String>, PathRejection>,
) -> Response {
    if let Err((status, why)) = shared.auth.check(Scope::Operate, &headers) {
        return error(status, &why);
    }
    let name = name.map_or_else(|_| String::new(), |Path(name)| name);
    match shared.inbox.retry_lane(name).await {
        Ok(Some(waiting)) => reply(StatusCode::OK, &json!({"waiting": waiting})),
        Ok(None) => error(StatusCode::NOT_FOUND, "unknown lane: `GET /v1/status` lists them"),
        Err(_) => closed(),
    }
}

fn client_object(client: &Client) -> Json {
    json!({
        "client": client.id,
        "fields": client.fields,
        "records": client.records.iter().map(record_object).collect::<Vec<_>>(),
        "runs": client.runs.values().map(|run| run_object(run)).collect::<Vec<_>>(),
    })
}

fn record_object((id, record): (&RecordId, &Record)) -> Json {
    json!({
        "event": id.event,
        "key": id.key,
        "fields": record.fields,
        "updated_at": moment(record.updated_at),
    })
}

fn run_object(run: &Run) -> Json {
    let at = |position: &Position| {
        json!({
            "element": position.element,
            "since": moment(position.since),
            "wakes_at": position.wake_at.map(moment),
        })
    };
    json!({
        "run": run.id,
        "funnel": run.funnel,
        "entered_at": moment(run.entered_at),
        "positions": run.positions.iter().map(at).collect::<Vec<_>>(),
    })
}

fn moment(at: Timestamp) -> String {
    Zone::UTC.rfc3339(at)
}
