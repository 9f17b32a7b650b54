//! Elements that choose among several paths or wait for an event. In: an element and the run's view. Out: the path.

use super::advance::{Turn, Visit};
use super::effect::LineKind;
use super::eval::Found;
use super::handle::Happening;
use super::operate;
use super::state::{Position, Run, Waiting};
use crate::check::program::{Comparison, Expr, Moment, UpTo, WaitEvent};
use crate::graph::{Case, Element, Node, NodeIx, Share};
use crate::value::{Decimal, Duration, Timestamp, Value};
use sha2::{Digest, Sha256};

impl Turn<'_> {
    /// `match`: the first case that has the value. A value that is missing for good takes `otherwise`.
    pub(super) fn choose(
        &mut self,
        run: &Run,
        node: &Node,
        subject: &Expr,
        cases: &[Case],
        otherwise: Option<NodeIx>,
    ) -> Visit {
        let scope = self.scope(run, self.now);
        let value = match scope.find(subject) {
            Found::Value(value) => Some(value),
            Found::Missing => None,
            Found::Pending => {
                let deadline = scope.pending.get();
                self.wait_line(run, node, deadline);
                return Visit::Stay(Waiting::Answer, deadline);
            }
        };
        let equal = |a: &Value, b: &Value| operate::compare(Comparison::Equal, a, b, scope.zone) == Some(true);
        let has = |case: &&Case, value: &Value| {
            case.values.iter().any(|known| scope.value(known).is_some_and(|known| equal(&known, value)))
        };
        let case = value.as_ref().and_then(|value| cases.iter().find(|case| has(case, value)));
        let (result, to) = (case.is_some(), case.map_or(otherwise, |case| case.to));
        let reason = value.is_none().then(|| "a value is missing".to_owned());
        self.line(run, &node.id, LineKind::Decide { result, reason });
        Visit::Go(to)
    }

    /// `split`: the client's place among ten thousand decides, the same for ever and on every machine.
    pub(super) fn draw(
        &mut self,
        run: &Run,
        node: &Node,
        name: &str,
        shares: &[Share],
        otherwise: Option<NodeIx>,
    ) -> Visit {
        let place = Decimal::from(place(&run.client.0, &run.funnel, name));
        let mut end = Decimal::ZERO;
        let taken = shares.iter().position(|share| {
            end += share.percent * Decimal::ONE_HUNDRED;
            place < end
        });
        let reason = Some(taken.map_or_else(|| "otherwise".to_owned(), |i| format!("path {}", i + 1)));
        self.line(run, &node.id, LineKind::Decide { result: taken.is_some(), reason });
        Visit::Go(taken.and_then(|i| shares.get(i)).map_or(otherwise, |share| share.to))
    }

    /// `wait for`: until the event comes, or the time is up.
    pub(super) fn wait_event(&mut self, run: &Run, node: &Node, wait: &WaitEvent, on_timeout: Option<NodeIx>) -> Visit {
        let until = wait.up_to.as_ref().map(|up_to| self.timeout(run, up_to, self.now));
        match until {
            // A time that cannot be known never comes, so nothing is waited for.
            Some(None) => Visit::Go(on_timeout),
            Some(Some(at))
                if at <= self.now
                    && matches!(&wait.up_to, Some(UpTo::Duration(length)) if *length != Duration::default()) =>
            {
                // The calendar has come to its end, so this wait has none.
                Visit::Stay(Waiting::Event, None)
            }
            Some(Some(at)) if at < self.now => Visit::Go(on_timeout),
            Some(Some(at)) => {
                self.wait_line(run, node, Some(at));
                Visit::Stay(Waiting::Event, Some(at))
            }
            None => {
                self.wait_line(run, node, None);
                Visit::Stay(Waiting::Event, None)
            }
        }
    }

    /// Whether what happened is what the run waits for; if so, what followed has it by its name.
    pub(super) fn event_came(&mut self, run: &mut Run, node: &Node, happening: &Happening<'_>) -> Option<Visit> {
        let Element::WaitEvent { wait, on_event, .. } = &node.element else { return None };
        if !wait.patterns.iter().any(|pattern| happening.fits(pattern) && happening.concerns(&run.subjects, pattern)) {
            return None;
        }
        let name = wait.binding.clone().unwrap_or_else(|| happening.event.name.clone());
        let before = run.subjects.insert(name.clone(), happening.subject.clone());
        let holds = wait.filter.as_ref().is_none_or(|filter| self.scope(run, self.now).holds(filter));
        if !holds || wait.binding.is_none() {
            // Without `as` the name keeps what it stood for.
            match before {
                Some(before) => _ = run.subjects.insert(name, before),
                None => _ = run.subjects.remove(&name),
            }
        }
        if !holds {
            return None;
        }
        self.line(run, &node.id, LineKind::Decide { result: true, reason: Some(happening.event.name.clone()) });
        Some(Visit::Go(*on_event))
    }

    /// The time of a `wait for` is up.
    pub(super) fn event_missed(&mut self, run: &Run, node: &Node) -> Visit {
        let Element::WaitEvent { on_timeout, .. } = &node.element else { return Visit::Go(node.element.next()) };
        self.line(run, &node.id, LineKind::Decide { result: false, reason: Some("it did not come".to_owned()) });
        Visit::Go(*on_timeout)
    }

    /// Computes the end of a `wait for` anew when what it reads may have changed.
    pub(super) fn timeout_moved(&mut self, run: &Run, node: &Node, position: &Position) -> Option<Visit> {
        let Element::WaitEvent { wait, on_timeout, .. } = &node.element else { return None };
        let Some(UpTo::Moment(_)) = &wait.up_to else { return None };
        let until = wait.up_to.as_ref().and_then(|up_to| self.timeout(run, up_to, position.since));
        if until == position.wake_at {
            return None;
        }
        match until {
            Some(at) if at >= self.now => {
                self.wait_line(run, node, until);
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
}

/// A number from 0 to 9999 for a client in a named split of a funnel, evenly spread.
fn place(client: &str, funnel: &str, split: &str) -> u64 {
    let hash = Sha256::digest(format!("{funnel}\n{split}\n{client}"));
    let head = hash.iter().take(8).fold(0_u64, |n, byte| (n << 8) | u64::from(*byte));
    head % 10_000
}
