//! The event log of a real clinic: 8793 events, 2411 of which say that the patient came.

use super::workshop::{HostOutput, compiled, stream};
use crate::support::program::shared;
use funnelc::channel::fake::Fake;
use funnelc::channel::{Channels, OnUnknown};
use funnelc::engine::{Line, LineKind, World, decode};
use funnelc::runtime::{Host, Mode, Retry, RunConfig, Summary};
use funnelc::simulate::Simulation;
use funnelc::store::{MemoryStore, Sqlite, Store};
use funnelc::value::Timestamp;
use std::rc::Rc;
use std::sync::Arc;

pub(crate) const ONE_LINE: &str = "on booking -> if attended -> wait 24h -> send sms";

/// Every line of a simulation of the one-line funnel.
pub(crate) fn simulate(log: &str) -> Vec<Line> {
    let project = compiled(ONE_LINE);
    let (catalog, graphs, business) = (&project.catalog, &project.graphs, &project.business);
    let mut lines = Vec::new();
    let world = World { catalog, graphs, business, language: "en", edge_counts: None };
    let mut simulation = Simulation::new(world, None, |line: &Line| lines.push(line.clone()));
    for line in log.lines() {
        let event = decode(catalog, &serde_json::from_str(line).unwrap(), Timestamp(0)).unwrap();
        simulation.event(event).unwrap();
    }
    simulation.finish();
    lines
}

fn run(store: Box<dyn Store>, fake: &Arc<Fake>, log: &str) -> (Summary, Vec<Line>) {
    let output = HostOutput::default();
    let lines = Rc::clone(&output.lines);
    let mut channels = Channels::new();
    channels.insert("sms", fake.clone());
    let host = Host::new(RunConfig {
        project: compiled(ONE_LINE),
        store,
        channels,
        retry: Retry::default(),
        source: Some(stream(log)),
        mode: Mode::FastForward,
        signals: false,
        on_line: Box::new(move |line| lines.borrow_mut().push(line.clone())),
        on_rejected: Box::new(|_| {}),
    });
    (host.unwrap().run().unwrap(), output.lines.take())
}

#[test]
fn every_store_gives_the_same_2411_messages() {
    let Some(log) = shared("data/clinic/events.ndjson") else { return };
    let log = std::fs::read_to_string(log).unwrap();
    let expected = simulate(&log);
    let messages = expected.iter().filter(|line| matches!(line.kind, LineKind::Send { .. })).count();
    assert_eq!(messages, 2411);
    let folder = tempfile::tempdir().unwrap();
    let sqlite = Sqlite::open(&folder.path().join("store.db")).unwrap();
    for (name, store) in [("memory", Box::new(MemoryStore::new()) as Box<dyn Store>), ("sqlite", Box::new(sqlite))] {
        let fake = Arc::new(Fake::new([]).on_unknown(OnUnknown::Retry));
        let (summary, lines) = run(store, &fake, &log);
        assert!(lines == expected, "{name} has other lines than the simulation");
        assert_eq!((summary.events, summary.sent, summary.rejected), (8793, 2411, 0), "{name}");
        assert_eq!(fake.arrived().len(), 2411, "{name}");
    }
}
