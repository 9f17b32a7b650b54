//! Runs tests in virtual time. In: a world and a checked test. Out: what was expected and what happened, side by side.

use super::Simulation;
use super::align::{Fault, Row, align};
use super::matches;
use crate::check::program::{Given, GivenDoes, Test, TestEvent};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::engine::{Line, LineKind, Message, MessageId, Outcome, Rejection, World, receive};
use crate::say;
use crate::value::{Timestamp, Zone};
use serde_json::json;

/// The result of a test.
#[derive(Debug, Clone, PartialEq)]
pub struct Verdict {
    /// What happened, as far as a test can expect it, in order of time.
    pub happened: Vec<Line>,
    /// Expectations aligned with what happened, in order of time.
    pub rows: Vec<Row>,
    /// The unmet expectations with short reasons, in source order.
    pub faults: Vec<Fault>,
    /// Whether any run began.
    pub entered: bool,
}

impl Verdict {
    /// Whether every expectation was met.
    #[must_use]
    pub fn passed(&self) -> bool {
        self.faults.is_empty()
    }

    /// The diagnostic of a failed test, with its unmet lines.
    #[must_use]
    pub fn finding(&self, test: &Test) -> Option<Diagnostic> {
        let (first, others) = self.faults.split_first()?;
        let message = say!("test `{title}` failed: {unmet}", title = test.title, unmet = count(self.faults.len()));
        let mut finding = Diagnostic::new(Code::TestFailed, first.span, message, first.reason.clone());
        for fault in others {
            finding = finding.related(fault.span, fault.reason.clone());
        }
        if !self.entered {
            finding = finding.help(say!("the client entered no funnel: check `on .. where ..` and `enter`"));
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

/// Runs a test.
#[must_use]
pub fn run_test(world: World<'_>, test: &Test) -> Verdict {
    let (mut happened, mut entered) = (Vec::new(), false);
    let mut simulation = Simulation::new(world, test.until, |line: &Line| {
        entered |= matches::is_entry(line);
        if let LineKind::NotSent { message: Some(refused), .. } = &line.kind {
            happened.retain(|other: &Line| message_of(other) != Some(refused));
        }
        if matches::is_shown(line) {
            happened.push(line.clone());
        }
    })
    .with_outcomes(|message, now| outcome(test, message, now));
    let zone = Zone::named(&test.zone).unwrap_or(Zone::UTC);
    let replayed = test.events.iter().try_for_each(|given| {
        let event = event(&world, given, zone).and_then(|event| simulation.event(event));
        event.map_err(|refusal| Fault { span: given.span, reason: refusal.message })
    });
    if let Some(last) = test.expected.iter().filter_map(|expected| expected.when).map(|when| when.to).max() {
        simulation.advance_to(last);
    }
    simulation.finish();
    if let Err(fault) = replayed {
        return Verdict { happened, rows: Vec::new(), faults: vec![fault], entered };
    }
    let (rows, faults) = align(&world, test, &happened, zone);
    Verdict { happened, rows, faults, entered }
}

/// What a test lets become of a message: by the line that is about it and begins last.
fn outcome(test: &Test, message: &Message, now: Timestamp) -> Option<Outcome> {
    let is_about = |given: &&Given| {
        given.channel == message.channel
            && given.to.as_ref().is_none_or(|to| *to == message.to)
            && given.client.as_ref().is_none_or(|client| *client == message.client.0)
            && given.from.is_none_or(|from| from <= now)
    };
    let last = test.given.iter().filter(is_about).max_by_key(|given| given.from)?;
    match &last.does {
        GivenDoes::Fails(reason) => {
            Some(Outcome::NotSent { reason: reason.clone().unwrap_or_else(|| "refused by the provider".to_owned()) })
        }
        GivenDoes::Answers(answer) => message.answer_expected.then(|| Outcome::Answered { answer: answer.clone() }),
    }
}

/// The message that a line is about.
fn message_of(line: &Line) -> Option<&MessageId> {
    match &line.kind {
        LineKind::Send { message, .. } | LineKind::Call { message, .. } => Some(message),
        _ => None,
    }
}

/// Decodes an event of a test as if it arrived from outside, where all of it must be understood.
fn event(world: &World<'_>, given: &TestEvent, zone: Zone) -> Result<crate::engine::Event, Rejection> {
    let at = zone.rfc3339(given.at);
    let event = json!({ "type": given.event, "client": given.client, "at": at, "data": given.data });
    let received = receive(world.catalog, &event, given.at)?;
    received.left_out.into_iter().next().map_or(Ok(received.event), Err)
}
