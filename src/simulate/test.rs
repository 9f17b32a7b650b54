//! Tests in virtual time. In: a world and a checked test. Out: what was expected and what happened, side by side.

use super::Simulation;
use super::align::{Row, align};
use super::fits;
use crate::check::program::{Expected, Test, TestEvent};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::engine::{Line, Refusal, World, decode};
use crate::say;
use crate::source::Span;
use crate::value::{Timestamp, Zone};
use serde_json::json;

/// What came of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What people may see of what happened, in order of time.
    pub happened: Vec<Line>,
    /// What was expected beside what happened, in order of time.
    pub rows: Vec<Row>,
    /// The expectations that were not met, and why in a few words, in the order of the text.
    pub faults: Vec<Fault>,
    /// Whether any run began.
    pub entered: bool,
}

/// An expectation that was not met.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line of the test.
    pub span: Span,
    /// Why, in a few words.
    pub reason: Phrase,
}

impl Verdict {
    /// Whether every expectation was met.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.faults.is_empty()
    }

    /// What to tell of a test that failed, with the lines of it that were not met.
    #[must_use]
    pub fn finding(&self, test: &Test) -> Option<Diagnostic> {
        let (first, others) = self.faults.split_first()?;
        let message = say!("the test `{title}` failed: {unmet}", title = test.title, unmet = count(self.faults.len()));
        let mut finding = Diagnostic::new(Code::TestFailed, first.span, message, first.reason.clone());
        for fault in others {
            finding = finding.related(fault.span, fault.reason.clone());
        }
        if !self.entered {
            finding = finding.help(say!("no funnel took the client in: look at its `on .. where ..` and at `enter`"));
        }
        Some(finding)
    }
}

fn count(faults: usize) -> Phrase {
    match faults {
        1 => say!("one expectation was not met"),
        many => say!("{count} expectations were not met", count = many),
    }
}

/// Lets a test happen.
#[must_use]
pub fn run_test(world: World<'_>, test: &Test) -> Verdict {
    let (mut happened, mut entered) = (Vec::new(), false);
    let mut simulation = Simulation::new(world, test.until, |line: &Line| {
        entered |= fits::is_entry(line);
        if fits::is_shown(line) {
            happened.push(line.clone());
        }
    });
    let zone = Zone::named(&test.zone).unwrap_or(Zone::UTC);
    let told = test.events.iter().try_for_each(|told| {
        let event = event(&world, told, zone).and_then(|event| simulation.event(event));
        event.map_err(|refusal| Fault { span: told.span, reason: refusal.message })
    });
    if let Some(last) = test.expected.iter().filter_map(|expected| expected.when).map(|when| when.to).max() {
        simulation.pass_to(last);
    }
    simulation.finish();
    if let Err(fault) = told {
        return Verdict { happened, rows: Vec::new(), faults: vec![fault], entered };
    }
    let (rows, faults) = align(&world, test, &happened, zone);
    Verdict { happened, rows, faults, entered }
}

/// The event as it would come from outside.
fn event(world: &World<'_>, told: &TestEvent, zone: Zone) -> Result<crate::engine::Event, Refusal> {
    let at = zone.rfc3339(told.at);
    let event = json!({ "type": told.event, "client": told.client, "at": at, "data": told.data });
    decode(world.catalog, &event, told.at)
}

/// A moment for people: the time alone on the day that is meant anyhow, else the day too.
pub(super) fn clock(zone: Zone, at: Timestamp, day_of: Option<Timestamp>) -> String {
    let civil = zone.civil(at);
    match day_of {
        Some(other) if zone.civil(other).date == civil.date => civil.time.to_string(),
        Some(_) | None => civil.to_string(),
    }
}

/// The one of whom there is an expectation, for a line of a test with several clients.
pub(super) fn is_about(expected: &Expected, line: &Line) -> bool {
    expected.client == line.client.0
}
