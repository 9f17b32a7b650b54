//! Replays an event log. In: a project and a log. Out: the totals; an observer receives what happens.

use crate::cli::event_log::{self, EventLog};
use crate::cli::{Failure, Terminal};
use crate::engine::{
    EdgeCounts, Event, Line, Message, Received, Rejection, UndeclaredFields, World, receive, receive_withdrawal,
};
use crate::runtime::Project;
use crate::runtime::clock::Clock;
use crate::say;
use crate::simulate::{Simulation, Summary};
use crate::value::Timestamp;
use std::cell::RefCell;

/// The totals of a replay.
pub(super) struct Totals {
    /// What happened.
    pub(super) summary: Summary,
    /// The number of rejected events.
    pub(super) rejected: u64,
    /// The number of values that were left out of events.
    pub(super) left_out: u64,
    /// Whether the events had to be sorted.
    pub(super) sorted: bool,
    /// The fields that no declaration knows.
    pub(super) undeclared: UndeclaredFields,
}

/// Receives what happens during a replay.
pub(super) trait Observer {
    /// An event is about to happen.
    fn event(&mut self, event: &Event);
    /// A result line was produced.
    fn line(&mut self, line: &Line);
    /// A message was produced; follows its line.
    fn message(&mut self, message: &Message);
    /// An event on a line was rejected, or only a part of it was taken.
    fn fault(&mut self, refusal: &Rejection, partial: bool, line: Option<u64>);
}

/// Replays a log. Returns the totals.
pub(super) fn replay(
    project: &Project,
    until: Option<Timestamp>,
    log: EventLog,
    terminal: &Terminal,
    edge_counts: Option<&EdgeCounts>,
    observer: &RefCell<impl Observer>,
) -> Result<Totals, Failure> {
    let Project { catalog, graphs, business, language } = project;
    let world = World { catalog, graphs, business, language, edge_counts };
    let mut simulation = Simulation::new(world, until, |line: &Line| observer.borrow_mut().line(line))
        .showing_messages(|message| observer.borrow_mut().message(message));
    let (mut rejected, mut left_out, mut undeclared) = (0, 0, UndeclaredFields::default());
    for arrived in log.events {
        let arrived = arrived.map_err(|fault| Failure::io(say!("cannot read `{log}`", log = log.name), &fault))?;
        let line = arrived.line;
        // An event without a time happens right after the previous one.
        let now = simulation.now().unwrap_or_else(|| Clock::of_machine().now());
        let received = match arrived.body {
            Ok(json) => receive(catalog, &json, now),
            Err(fault) => {
                let refusal = Rejection::new(fault.code, fault.message, fault.help);
                match fault.readable {
                    Some(json) => receive_withdrawal(catalog, &json, now, refusal),
                    None => Err(refusal),
                }
            }
        };
        let taken = received.and_then(|received| {
            let Received { event, left_out: mut parts, .. } = received;
            observer.borrow_mut().event(&event);
            if !simulation.has_handled(&event) {
                undeclared.add(catalog, &event);
            }
            parts.extend(simulate(&mut simulation, event)?);
            Ok(parts)
        });
        match taken {
            Ok(parts) => {
                left_out += parts.len() as u64;
                for part in parts {
                    observer.borrow_mut().fault(&part, true, line);
                    event_log::report_rejected(&part, true, &log.name, line, terminal);
                }
            }
            Err(refusal) => {
                rejected += 1;
                observer.borrow_mut().fault(&refusal, false, line);
                event_log::report_rejected(&refusal, false, &log.name, line, terminal);
            }
        }
    }
    Ok(Totals { summary: simulation.finish(), rejected, left_out, sorted: log.sorted, undeclared })
}

/// Handles an event. Of one whose id belongs to another event, only a withdrawal of consent is taken; returns why.
fn simulate<F: FnMut(&Line)>(simulation: &mut Simulation<'_, F>, event: Event) -> Result<Option<Rejection>, Rejection> {
    let withdrawal = event.withdrawal();
    match (simulation.event(event), withdrawal) {
        (Ok(()), _) => Ok(None),
        (Err(refusal), None) => Err(refusal),
        (Err(refusal), Some(withdrawal)) => simulation.event(withdrawal).map(|()| Some(refusal.except_withdrawal())),
    }
}
