//! The three waits: for a duration, until a moment, for an event. In: an element and the run's scope. Out: how long the
//! run waits, or where it goes.

use super::answer::is_awaited;
use super::origin::counted_from;
use super::turn::{RunTurn, Visit};
use crate::check::program::{Expr, Moment, UpTo, WaitEvent};
use crate::engine::model::{LineKind, Position, RecordChange, Run, RunId, Waiting, reason};
use crate::graph::{Element, Node, NodeIx};
use crate::value::{Duration, TimeOfDay, Timestamp};

/// How late the host may wake a `wait until`, in milliseconds. After that the moment counts as missed and the run takes
/// the `else`. A host that keeps up wakes runs within seconds; more means an outage or a wrong clock.
pub const LATE_MS: i64 = 5 * 60_000;

impl RunTurn<'_> {
    pub(super) fn wait_duration(
        &mut self,
        run: &Run,
        node: &Node,
        duration: Duration,
        at: Option<TimeOfDay>,
        next: Option<NodeIx>,
    ) -> Visit {
        let end = self.scope(run, self.now).zone.after(self.now, duration, at);
        if end <= self.now && duration != Duration::default() {
            // The end is beyond the calendar, so this wait has no end.
            return Visit::Stay(Waiting::Duration, None);
        }
        if end <= self.now {
            return Visit::Go(next);
        }
        self.log_wait(run, node, Some(end));
        Visit::Stay(Waiting::Duration, Some(end))
    }

    /// The end of a wait for a duration. A wait that ends late says so.
    pub(super) fn duration_over(&mut self, run: &Run, node: &Node, position: &Position) -> Visit {
        if let Some(late) = self.lateness(position) {
            let reason = format!("{late} late, because nothing ran when the wait was over");
            self.log(run, &node.id, LineKind::Decide { result: true, reason: Some(reason) });
        }
        Visit::Go(node.element.next())
    }

    /// By how much a run wakes too late; `None` if the host keeps up.
    fn lateness(&self, position: &Position) -> Option<Duration> {
        let late_ms = position.wake_at.map_or(0, |at| self.now.0 - at.0);
        (late_ms > LATE_MS).then(|| Duration::exact(late_ms / 1_000 * 1_000))
    }

    /// Where a run goes when its moment is due. A host that was down may notice it too late.
    pub(super) fn moment_due(&mut self, run: &Run, node: &Node, position: &Position) -> Visit {
        let Element::WaitUntil { next, on_past, .. } = &node.element else { return Visit::Go(node.element.next()) };
        match self.lateness(position) {
            Some(late) => self.moment_past(run, node, &format!("missed by {late}, because nothing ran"), *on_past),
            None if self.is_missed(run, node, position.since) => self.moment_past(run, node, reason::PAST, *on_past),
            None => Visit::Go(*next),
        }
    }

    /// Whether the moment of `wait until starts_at - 1d at 18:00` is due, and so is `starts_at` itself. A time of day may
    /// come after a moment on the same date, and the place may have another clock.
    fn is_missed(&self, run: &Run, node: &Node, as_of: Timestamp) -> bool {
        let Element::WaitUntil { moment: Moment::At(moment @ Expr::AtTime(..)), .. } = &node.element else {
            return false;
        };
        let base = counted_from(moment).and_then(|base| self.instant_of(run, base, as_of));
        base.is_some_and(|base| base <= self.now)
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
                self.log_wait(run, node, Some(at));
                Visit::Stay(Waiting::Moment, Some(at))
            }
            Some(at) if at == self.now && !self.is_missed(run, node, self.now) => Visit::Go(next),
            Some(_) => self.moment_past(run, node, reason::PAST, past),
            None => self.moment_past(run, node, "the moment is not known", past),
        }
    }

    /// Recomputes a moment as of the start of the wait, so that `wait until 10:00` keeps the same day.
    pub(super) fn recompute_moment(&mut self, run: &Run, node: &Node, position: &Position) -> Option<Visit> {
        let Element::WaitUntil { moment, next, on_past: past } = &node.element else { return None };
        let target = self.scope(run, position.since).moment(moment);
        if target.is_some() && target == position.wake_at {
            return None;
        }
        match target {
            Some(at) if at > self.now => {
                self.log_wait(run, node, Some(at));
                Some(Visit::Stay(Waiting::Moment, Some(at)))
            }
            Some(at) if at == self.now && !self.is_missed(run, node, position.since) => Some(Visit::Go(*next)),
            Some(_) => Some(self.moment_past(run, node, reason::PAST, *past)),
            None => Some(self.moment_past(run, node, reason::NO_MOMENT, *past)),
        }
    }

    /// `wait for`: waits until the event happens or the timeout.
    pub(super) fn wait_event(&mut self, run: &Run, node: &Node, wait: &WaitEvent, on_timeout: Option<NodeIx>) -> Visit {
        let until = wait.up_to.as_ref().map(|up_to| self.timeout(run, up_to, self.now));
        match until {
            // The deadline cannot be computed, so the run takes the timeout path at once.
            Some(None) => Visit::Go(on_timeout),
            Some(Some(at))
                if at <= self.now
                    && matches!(&wait.up_to, Some(UpTo::Duration(length)) if *length != Duration::default()) =>
            {
                // The end is beyond the calendar, so this wait has no end.
                Visit::Stay(Waiting::Event, None)
            }
            Some(Some(at)) if at < self.now => Visit::Go(on_timeout),
            Some(Some(at)) => {
                self.log_wait(run, node, Some(at));
                Visit::Stay(Waiting::Event, Some(at))
            }
            None => {
                self.log_wait(run, node, None);
                Visit::Stay(Waiting::Event, None)
            }
        }
    }

    /// Ends a wait if the change is what it waits for, and binds the event for the rest of the run.
    pub(super) fn match_event(
        &mut self,
        run: &mut Run,
        node: &Node,
        (change, answered): (&RecordChange<'_>, Option<&RunId>),
    ) -> Option<Visit> {
        let Element::WaitEvent { wait, on_event, .. } = &node.element else { return None };
        if !is_awaited(self.client, (self.graph, &*run), wait, change, answered) {
            return None;
        }
        let name = wait.binding.clone().unwrap_or_else(|| change.event.name.clone());
        let before = run.subjects.insert(name.clone(), change.subject.clone());
        let holds = wait.filter.as_ref().is_none_or(|filter| self.scope(run, self.now).holds(filter));
        if !holds || wait.binding.is_none() {
            // Without `as`, the name keeps its former meaning.
            match before {
                Some(before) => _ = run.subjects.insert(name, before),
                None => _ = run.subjects.remove(&name),
            }
        }
        if !holds {
            return None;
        }
        self.log(run, &node.id, LineKind::Decide { result: true, reason: Some(change.name()) });
        Some(Visit::Go(*on_event))
    }

    /// The timeout of a `wait for`.
    pub(super) fn event_timed_out(&mut self, run: &Run, node: &Node, position: &Position) -> Visit {
        let Element::WaitEvent { on_timeout, .. } = &node.element else { return Visit::Go(node.element.next()) };
        let reason = match self.lateness(position) {
            Some(late) => format!("no event by the deadline; {late} late, because nothing ran then"),
            None => "no event by the deadline".to_owned(),
        };
        self.log(run, &node.id, LineKind::Decide { result: false, reason: Some(reason) });
        Visit::Go(*on_timeout)
    }

    /// Recomputes the timeout of a `wait for` when its inputs may have changed.
    pub(super) fn recompute_timeout(&mut self, run: &Run, node: &Node, position: &Position) -> Option<Visit> {
        let Element::WaitEvent { wait, on_timeout, .. } = &node.element else { return None };
        let Some(UpTo::Moment(_)) = &wait.up_to else { return None };
        let until = wait.up_to.as_ref().and_then(|up_to| self.timeout(run, up_to, position.since));
        if until == position.wake_at {
            return None;
        }
        match until {
            Some(at) if at >= self.now => {
                self.log_wait(run, node, until);
                Some(Visit::Stay(Waiting::Event, until))
            }
            Some(_) | None => Some(Visit::Go(*on_timeout)),
        }
    }

    fn timeout(&self, run: &Run, up_to: &UpTo, since: Timestamp) -> Option<Timestamp> {
        let scope = self.scope(run, since);
        match up_to {
            UpTo::Duration(duration) => Some(scope.zone.plus(since, *duration)),
            UpTo::Moment(moment) => scope.moment(&Moment::At(moment.clone())),
        }
    }

    /// Logs until when an element waits; `None` when only an event can end the wait.
    pub(super) fn log_wait(&mut self, run: &Run, node: &Node, until: Option<Timestamp>) {
        let zone = self.scope(run, self.now).zone;
        self.log(run, &node.id, LineKind::Wait { until: until.map(|at| zone.rfc3339(at)) });
    }

    /// Logs that a moment cannot be waited for, and takes the path for that.
    fn moment_past(&mut self, run: &Run, node: &Node, reason: &str, past: Option<NodeIx>) -> Visit {
        self.log(run, &node.id, LineKind::Decide { result: false, reason: Some(reason.to_owned()) });
        Visit::Go(past)
    }
}

/// Whether an element waits for an exact duration, which is judged by the time that really passes.
pub(super) fn is_exact(element: &Element) -> bool {
    match element {
        Element::WaitDuration { duration, at: None, .. } => !duration.is_calendar(),
        Element::WaitEvent { wait, .. } => {
            matches!(&wait.up_to, Some(UpTo::Duration(duration)) if !duration.is_calendar())
        }
        Element::WaitDuration { at: Some(_), .. }
        | Element::WaitUntil { .. }
        | Element::If { .. }
        | Element::Match { .. }
        | Element::Split { .. }
        | Element::Fork { .. }
        | Element::Join { .. }
        | Element::Repeat { .. }
        | Element::Send { .. }
        | Element::Set { .. }
        | Element::Tag { .. }
        | Element::Task { .. }
        | Element::Call { .. }
        | Element::Emit { .. }
        | Element::Start { .. }
        | Element::StopFunnel { .. }
        | Element::Stop => false,
    }
}
