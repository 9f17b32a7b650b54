//! Where a held message comes from. In: the last `wait until` for a moment of a record or the client. Out: whether the
//! message is still due, or the run waits again because that moment has moved.

use super::turn::{RunTurn, Visit};
use crate::check::program::{Arithmetic, Expr, Moment, Source};
use crate::engine::model::{Origin, Position, Run, Waiting};
use crate::graph::{Element, Node, NodeIx};
use crate::value::{Timestamp, Value};

impl RunTurn<'_> {
    /// The origin of the next position, when a run goes on from `here`.
    pub(super) fn origin_at(&self, run: &Run, here: &mut Position, next: &Node) -> Option<Box<Origin>> {
        let origin = here.origin.take();
        let left = self.graph.nodes.iter().find(|node| node.id == here.element);
        let origin = match &left?.element {
            Element::WaitUntil { moment: Moment::At(moment), .. } if depends_on_client(moment) => {
                let ahead = counted_from(moment).and_then(|base| self.instant_of(run, base, here.since));
                Some(Box::new(Origin {
                    wait: here.element.clone(),
                    since: here.since,
                    resume: None,
                    ahead: ahead.is_some_and(|at| at > self.now),
                }))
            }
            Element::WaitUntil { .. } | Element::WaitDuration { .. } => origin.map(|mut origin| {
                origin.ahead = false;
                origin
            }),
            // What follows comes from an event or an answer.
            Element::WaitEvent { .. } => None,
            Element::If { .. } | Element::Match { .. } => origin.filter(|_| here.waiting != Waiting::Answer),
            Element::Split { .. } => origin,
            Element::Fork { .. }
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
            | Element::Stop => origin.map(|mut origin| {
                // What has been done is not done again.
                origin.resume = Some(next.id.clone());
                origin
            }),
        };
        // A wait for another such moment becomes the origin of what follows it.
        let is_next = |moment: &Moment| matches!(moment, Moment::At(moment) if depends_on_client(moment));
        origin.filter(|_| !matches!(&next.element, Element::WaitUntil { moment, .. } if is_next(moment)))
    }

    /// Whether the moment from which a held message comes has moved ahead; then the run waits for it again. Otherwise the
    /// message is held for as long as it may still leave.
    pub(super) fn follow(&mut self, run: &mut Run, node: &Node, position: &Position) -> Option<Visit> {
        let again = position.origin.as_deref().and_then(|origin| self.waits_again(run, origin));
        if again.is_some() {
            self.client_turn().take_reservation(&run.id);
            return again;
        }
        let Element::Send { send, .. } = &node.element else { return None };
        let latest = self.latest_moment(run, send, position).ok().flatten();
        let is_outdated = match position.waiting {
            Waiting::Hours => self.held_until(run, latest) != position.wake_at,
            Waiting::Limit if self.client_turn().has_reservation(&run.id) => {
                latest.zip(position.wake_at).is_some_and(|(latest, wake_at)| latest < wake_at)
            }
            // Without a slot, it waits for the last moment.
            Waiting::Limit => latest != position.wake_at,
            Waiting::Duration
            | Waiting::Moment
            | Waiting::Answer
            | Waiting::Event
            | Waiting::Outcome(_)
            | Waiting::Turn => false,
        };
        is_outdated.then(|| self.send(run, node, position))
    }

    fn waits_again(&self, run: &Run, origin: &Origin) -> Option<Visit> {
        let (ix, node) = self.find(|node| node.id == origin.wait)?;
        let Element::WaitUntil { moment, .. } = &node.element else { return None };
        let moment = self.scope(run, origin.since).moment(moment)?;
        (moment > self.now).then(|| {
            let resume = origin.resume.is_some().then(|| Box::new(origin.clone()));
            Visit::Again(ix, resume)
        })
    }

    /// Where a run goes that has waited again: behind what it had done before. An `else stop` still ends the run.
    pub(super) fn after_waiting_again(&self, run: &Run, position: &Position, visit: Visit) -> Visit {
        let Some(origin) = position.origin.as_deref().filter(|origin| origin.wait == position.element) else {
            return visit;
        };
        let (Visit::Go(to), Some(resume)) = (&visit, &origin.resume) else { return visit };
        let stops = to.and_then(|to| self.graph.node(to)).is_some_and(|node| matches!(node.element, Element::Stop));
        let Some((ix, node)) = self.find(|node| node.id == *resume).filter(|_| !stops) else { return visit };
        let mut here = Position { origin: None, ..position.clone() };
        let origin = self.origin_at(run, &mut here, node).map(|mut origin| {
            origin.resume = Some(resume.clone());
            origin
        });
        Visit::Again(ix, origin)
    }

    pub(super) fn find(&self, is_it: impl Fn(&Node) -> bool) -> Option<(NodeIx, &Node)> {
        (0..).map(NodeIx).zip(&self.graph.nodes).find(|(_, node)| is_it(node))
    }

    /// The moment that a run's expression meant at another one, as far as it depends on the clock.
    pub(super) fn instant_of(&self, run: &Run, moment: &Expr, as_of: Timestamp) -> Option<Timestamp> {
        self.scope(run, as_of).moment(&Moment::At(moment.clone()))
    }

    /// What the wait counts from, before which messages that follow it must leave.
    pub(super) fn implied_moment(&self, run: &Run, origin: &Origin) -> Option<Timestamp> {
        let (_, node) = self.find(|node| node.id == origin.wait)?;
        let Element::WaitUntil { moment: Moment::At(moment), .. } = &node.element else { return None };
        let base = counted_from(moment).filter(|_| origin.ahead)?;
        self.instant_of(run, base, origin.since)
    }
}

/// Whether a moment reads a field of a record or the client, which may change.
fn depends_on_client(moment: &Expr) -> bool {
    moment.reads().iter().any(|read| read.source != Source::Business)
}

/// The `booking.starts_at` of `booking.starts_at - 2h` and of `booking.starts_at - 1d at 18:00`; `None` for other moments.
pub(super) fn counted_from(moment: &Expr) -> Option<&Expr> {
    let moment = if let Expr::AtTime(of, _) = moment { of } else { moment };
    let moment = if let Expr::DateOf(of, _) = moment { of } else { moment };
    let Expr::Arithmetic(Arithmetic::Subtract, base, step) = moment else { return None };
    let Expr::Value(Value::Duration(_)) = &**step else { return None };
    counted_from(base).or(Some(base))
}
