//! `GET /healthz`, `GET /readyz` and `GET /metrics`. In: what the host reports about itself. Out: whether it is alive,
//! whether it does its work, and its numbers. None of them waits for the host.

use super::answer::{error, reply};
use super::auth::Scope;
use super::{Shared, VERSION};
use crate::runtime::{Counts, LaneReport};
use crate::value::Zone;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use std::fmt::{Display, Write};

/// How long the host's thread may work without a commit before it counts as stuck, in milliseconds.
const MAX_BUSY_MS: i64 = 10_000;

/// How much a timer may be overdue, in milliseconds.
const MAX_TIMER_LAG_MS: i64 = 60_000;

/// How long a provider may take to answer before its lane counts as stuck, in milliseconds: longer than every timeout of a
/// channel.
const MAX_SILENCE_MS: i64 = 600_000;

/// How many bytes must be free on the disk of the store.
const MIN_FREE_BYTES: u64 = 64 << 20;

/// Reports whether the program is alive; needs no token and reveals nothing else.
pub(super) async fn healthz(State(shared): State<Shared>) -> (StatusCode, &'static str) {
    if shared.inbox.is_closed() {
        (StatusCode::SERVICE_UNAVAILABLE, "shutting down\n")
    } else {
        (StatusCode::OK, "ok\n")
    }
}

/// Reports whether the service does its work and what there is to look at; needs no token and reveals nothing about
/// clients.
pub(super) async fn readyz(State(shared): State<Shared>) -> Response {
    let faults = faults(&shared);
    let set_aside = shared.inbox.health().set_aside();
    let (code, status) = match faults.first() {
        Some(_) => (StatusCode::SERVICE_UNAVAILABLE, "not ready"),
        None if set_aside > 0 => (StatusCode::OK, "look at the dead letters"),
        None => (StatusCode::OK, "ready"),
    };
    let body = json!({"status": status, "faults": faults, "set_aside": set_aside, "time_zones": Zone::DATA});
    reply(code, &body)
}

/// Why the service does not do its work.
fn faults(shared: &Shared) -> Vec<String> {
    let health = shared.inbox.health();
    if shared.inbox.is_closed() {
        return vec!["shutting down".to_owned()];
    }
    if !health.is_running() {
        return vec!["starting: earlier events are still being read".to_owned()];
    }
    let mut faults = Vec::new();
    let (busy, lag) = (health.busy_ms(), health.timer_lag_ms());
    if let Some(held) = health.store_held_ms() {
        faults.push(format!("another program has held the store for {} s", held / 1_000));
    } else if busy > MAX_BUSY_MS {
        faults.push(format!("nothing was written for {} s, although there is work", busy / 1_000));
    }
    if lag > MAX_TIMER_LAG_MS {
        faults.push(format!("timers are {} s behind", lag / 1_000));
    }
    faults.extend(super::system::disk_fault(&shared.store, MIN_FREE_BYTES));
    let stuck = health.lanes().into_iter().filter(|lane| lane.silent_ms > MAX_SILENCE_MS);
    faults.extend(stuck.map(|lane| format!("lane `{}`: no answer for {} s", lane.name, lane.silent_ms / 1_000)));
    faults
}

/// The numbers of the service in the text format of Prometheus.
pub(super) async fn metrics(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    if let Err((status, why)) = shared.auth.check(Scope::Read, &headers) {
        return error(status, &why);
    }
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text(&shared)).into_response()
}

fn text(shared: &Shared) -> String {
    let health = shared.inbox.health();
    let Counts { events, duplicates, rejected, left_out, entered, sent, printed, not_sent, unknown, commits } =
        health.counts();
    let mut page = Page::default();
    page.family("funnelc_build_info", "gauge", "The version of the program and of its time-zone data.");
    page.sample("funnelc_build_info", &[("version", VERSION), ("time_zones", Zone::DATA)], 1);
    page.family("funnelc_events_total", "counter", "Events since the start, by verdict.");
    for (verdict, count) in [("accepted", events), ("duplicate", duplicates), ("rejected", rejected)] {
        page.sample("funnelc_events_total", &[("verdict", verdict)], count);
    }
    page.single("funnelc_values_left_out_total", "counter", "Values left out of accepted events.", left_out);
    page.single("funnelc_runs_entered_total", "counter", "Runs that began.", entered);
    page.family("funnelc_messages_total", "counter", "Messages since the start, by outcome.");
    for (outcome, count) in [("sent", sent), ("printed", printed), ("not_sent", not_sent), ("unknown", unknown)] {
        page.sample("funnelc_messages_total", &[("outcome", outcome)], count);
    }
    page.single("funnelc_commits_total", "counter", "Committed transactions.", commits);
    page.single("funnelc_set_aside_total", "counter", "Inputs that could not be written.", health.set_aside());
    page.single("funnelc_ready", "gauge", "Whether /readyz answers 200.", u8::from(faults(shared).is_empty()));
    page.single("funnelc_timer_lag_seconds", "gauge", "How far timers are behind.", seconds(health.timer_lag_ms()));
    page.single(
        "funnelc_busy_seconds",
        "gauge",
        "How long the writer has worked without a commit.",
        seconds(health.busy_ms()),
    );
    let lanes = health.lanes();
    page.lanes("funnelc_lane_waiting", "Messages that wait in memory, by lane.", &lanes, |lane| lane.waiting);
    page.lanes("funnelc_lane_in_flight", "Messages that are being sent, by lane.", &lanes, |lane| lane.in_flight);
    page.lanes("funnelc_lane_paused", "Whether the provider keeps failing, by lane.", &lanes, |lane| {
        usize::from(lane.is_paused)
    });
    page.single("funnelc_connections", "gauge", "Open HTTP connections.", shared.connections.count());
    page.0
}

fn seconds(ms: i64) -> String {
    format!("{}.{:03}", ms / 1_000, ms % 1_000)
}

/// A page of metrics.
#[derive(Default)]
struct Page(String);

impl Page {
    fn family(&mut self, name: &str, kind: &str, help: &str) {
        // Writing to a string never fails.
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn single(&mut self, name: &str, kind: &str, help: &str, value: impl Display) {
        self.family(name, kind, help);
        self.sample(name, &[], value);
    }

    fn lanes(&mut self, name: &str, help: &str, lanes: &[LaneReport], value: fn(&LaneReport) -> usize) {
        self.family(name, "gauge", help);
        for lane in lanes {
            self.sample(name, &[("lane", &lane.name)], value(lane));
        }
    }

    fn sample(&mut self, name: &str, labels: &[(&str, &str)], value: impl Display) {
        self.0.push_str(name);
        for (number, (label, text)) in labels.iter().enumerate() {
            self.0.push(if number == 0 { '{' } else { ',' });
            let text = text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(self.0, "{label}=\"{text}\"");
        }
        let _ = writeln!(self.0, "{} {value}", if labels.is_empty() { "" } else { "}" });
    }
}
