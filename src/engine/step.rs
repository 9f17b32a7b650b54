//! What conditions and waits do with a run. In: an element and the run's view. Out: where the run goes.

use super::advance::{Turn, Visit};
use super::effect::LineKind;
use super::eval::{Found, Truth};
use super::state::{Position, Run, Waiting};
use crate::check::program::{Expr, Moment};
use crate::graph::{Element, Node, NodeIx};
use crate::value::{CivilDateTime, Duration, TimeOfDay, Timestamp};

/// A `wait until` that a host wakes this much late (milliseconds) has missed its moment and takes its `else`.
/// Hosts that keep up wake within seconds; what is later was held up by an outage or a clock.
pub const LATE_MS: i64 = 5 * 60_000;

impl Turn<'_> {
    pub(super) fn decide(
        &mut self,
        run: &Run,
        node: &Node,
        condition: &Expr,
        yes: Option<NodeIx>,
        no: Option<NodeIx>,
    ) -> Visit {
        let scope = self.scope(run, self.now);
        let (truth, deadline) = (scope.answer(condition), scope.pending.get());
        let (result, reason) = match truth {
            Truth::True => (true, None),
            Truth::False => (false, None),
            Truth::Null => (false, Some("a value is missing, or was not told in time".to_owned())),
            Truth::Pending => {
                self.wait_line(run, node, deadline);
                return Visit::Stay(Waiting::Answer, deadline);
            }
        };
        self.line(run, &node.id, LineKind::Decide { result, reason });
        Visit::Go(if result { yes } else { no })
    }

    /// Looks at a waiting question again; says nothing when the answer is still open until the same deadline.
    pub(super) fn ask_again(&mut self, run: &Run, node: &Node, position: &Position) -> Option<Visit> {
        let scope = self.scope(run, self.now);
        let open = |pending: bool| pending && scope.pending.get() == position.wake_at;
        match &node.element {
            Element::If { condition, yes, no } => {
                let pending = scope.answer(condition) == Truth::Pending;
                if open(pending) { None } else { Some(self.decide(run, node, condition, *yes, *no)) }
            }
            Element::Match { subject, cases, otherwise } => {
                let pending = matches!(scope.find(subject), Found::Pending);
                if open(pending) { None } else { Some(self.choose(run, node, subject, cases, *otherwise)) }
            }
            Element::Fork { .. }
            | Element::Join { .. }
            | Element::Split { .. }
            | Element::Repeat { .. }
            | Element::WaitDuration { .. }
            | Element::WaitUntil { .. }
            | Element::WaitEvent { .. }
            | Element::Send { .. }
            | Element::Set { .. }
            | Element::Tag { .. }
            | Element::Task { .. }
            | Element::Call { .. }
            | Element::Emit { .. }
            | Element::Start { .. }
            | Element::Stop => None,
        }
    }

    pub(super) fn wait_duration(
        &mut self,
        run: &Run,
        node: &Node,
        duration: Duration,
        at: Option<TimeOfDay>,
        next: Option<NodeIx>,
    ) -> Visit {
        let zone = self.scope(run, self.now).zone;
        let end = zone.plus(self.now, duration);
        let end = match at {
            // A calendar step names a day, and the time is the one on that day; exact time is the least to pass.
            Some(time) if duration.is_calendar() => zone.resolve(CivilDateTime { date: zone.civil(end).date, time }),
            Some(time) => zone.next_time(end, time),
            None => end,
        };
        if end <= self.now && duration != Duration::default() {
            // The calendar has come to its end, so this wait has none.
            return Visit::Stay(Waiting::Duration, None);
        }
        if end <= self.now {
            return Visit::Go(next);
        }
        self.wait_line(run, node, Some(end));
        Visit::Stay(Waiting::Duration, Some(end))
    }

    pub(super) fn wait_until(
        &mut self,
        run: &Run,
        node: &Node,
        moment: &Moment,
        next: Option<NodeIx>,
        past: Option<NodeIx>,
    ) -> Visit {
        let target = self.scope(run, self.now).moment(moment);
        match target {
            Some(at) if at > self.now => {
                self.wait_line(run, node, Some(at));
                Visit::Stay(Waiting::Moment, Some(at))
            }
            Some(at) if at == self.now => Visit::Go(next),
            Some(_) => self.moment_past(run, node, "the moment is past", past),
            None => self.moment_past(run, node, "the moment is not known", past),
        }
    }

    /// Computes a moment anew, as asked when the wait began, so that `wait until 10:00` stays that day's ten o'clock.
    pub(super) fn moment_moved(&mut self, run: &Run, node: &Node, position: &Position) -> Option<Visit> {
        let Element::WaitUntil { moment, next, on_past: past } = &node.element else { return None };
        let target = self.scope(run, position.since).moment(moment);
        if target.is_some() && target == position.wake_at {
            return None;
        }
        match target {
            Some(at) if at > self.now => {
                self.wait_line(run, node, Some(at));
                Some(Visit::Stay(Waiting::Moment, Some(at)))
            }
            Some(at) if at == self.now => Some(Visit::Go(*next)),
            Some(_) => Some(self.moment_past(run, node, "the moment is past", *past)),
            None => Some(self.moment_past(run, node, "the moment is not known any more", *past)),
        }
    }

    /// Says until when an element waits; `None` for what only an event can end.
    pub(super) fn wait_line(&mut self, run: &Run, node: &Node, until: Option<Timestamp>) {
        let zone = self.scope(run, self.now).zone;
        self.line(run, &node.id, LineKind::Wait { until: until.map(|at| zone.rfc3339(at)) });
    }

    /// Says that a moment cannot be waited for, and takes the path for that.
    fn moment_past(&mut self, run: &Run, node: &Node, reason: &str, past: Option<NodeIx>) -> Visit {
        self.line(run, &node.id, LineKind::Decide { result: false, reason: Some(reason.to_owned()) });
        Visit::Go(past)
    }
}

/// Where a run goes when the moment it waited for has come; a host that was down may notice it too late.
pub(super) fn moment_came(node: &Node, position: &Position, now: Timestamp) -> Visit {
    let Element::WaitUntil { next, on_past: past, .. } = &node.element else { return Visit::Go(node.element.next()) };
    let late_ms = position.wake_at.map_or(0, |at| now.0 - at.0);
    Visit::Go(if late_ms > LATE_MS { *past } else { *next })
}
