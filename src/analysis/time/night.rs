//! Marketing messages at night. In: a graph. Out: the first message that can leave at any time of day, because a wait
//! before it counts from an event and nothing says when messages may leave.

use crate::check::program::{Expr, Moment, Purpose, Trigger, UpTo};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{Element, Graph, NodeIx};
use crate::say;
use crate::source::Span;
use std::collections::BTreeSet;

/// What is known about the time of day at a place of a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Clock {
    /// Something has just happened: the client is awake, or the place is open.
    Event,
    /// The author named it.
    Named,
    /// Any time of day: this wait counts from an event.
    Any(Span),
}

/// The first marketing message that can leave at night. Emails do not ring, and what a trigger sends at once counts as
/// the answer to an event, also after a silence.
pub(in crate::analysis) fn at_night(graph: &Graph) -> Option<Diagnostic> {
    if !graph.settings.hours.is_empty() || !matches!(graph.settings.purpose, Purpose::Marketing { .. }) {
        return None;
    }
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::new());
    let start = |trigger: &Trigger| if names_time(trigger) { Clock::Named } else { Clock::Event };
    let mut open: Vec<(NodeIx, Clock)> =
        graph.entries.iter().filter_map(|entry| Some((entry.start?, start(&entry.trigger)))).collect();
    while let Some((at, clock)) = open.pop() {
        let Some(node) = graph.node(at).filter(|_| seen.insert((at, clock))) else { continue };
        if let (Element::Send { send, .. }, Clock::Any(wait)) = (&node.element, clock)
            && send.channel != "email"
        {
            found.insert((node.span, wait));
        }
        let after = |to: Option<NodeIx>, clock| to.map(|to| (to, clock));
        match &node.element {
            Element::WaitDuration { at: Some(_), next, .. } => open.extend(after(*next, Clock::Named)),
            Element::WaitDuration { at: None, next, .. } => open.extend(after(*next, clock.later(node.span))),
            Element::WaitUntil { moment, next, on_past } => {
                open.extend(after(*next, if is_named(moment) { Clock::Named } else { Clock::Event }));
                open.extend(after(*on_past, clock));
            }
            Element::WaitEvent { wait, on_event, on_timeout } => {
                open.extend(after(*on_event, Clock::Event));
                let deadline = match &wait.up_to {
                    Some(UpTo::Duration(_)) => Some(clock.later(node.span)),
                    Some(UpTo::Moment(Expr::AtTime(..))) => Some(Clock::Named),
                    Some(UpTo::Moment(_)) => Some(Clock::Event),
                    None => None,
                };
                open.extend(deadline.and_then(|clock| after(*on_timeout, clock)));
            }
            // A condition on a `later` field waits until somebody enters it.
            Element::If { condition: asked, .. } | Element::Match { subject: asked, .. }
                if asked.reads().iter().any(|read| read.later.is_some()) =>
            {
                open.extend(node.element.targets().into_iter().map(|to| (to, Clock::Event)));
            }
            other => open.extend(other.targets().into_iter().map(|to| (to, clock))),
        }
    }
    let (message, wait) = found.into_iter().next()?;
    let text = say!("this marketing message can leave at night");
    Some(
        Diagnostic::new(Code::AtNight, message, text, say!("at any time of day"))
            .related(wait, say!("this wait counts from the time of an event"))
            .help(say!(
                "say when messages may leave: `{hours}` in the funnel, or in funnel.toml for all",
                hours = "hours 09:00..21:00"
            ))
            .help(say!("or wait for a time of day: `-> wait until 10:00 ->` before the message")),
    )
}

impl Clock {
    /// The time of day after a duration.
    fn later(self, wait: Span) -> Self {
        match self {
            Self::Event => Self::Any(wait),
            Self::Named | Self::Any(_) => self,
        }
    }
}

/// Whether a trigger says at what time it starts a run.
fn names_time(trigger: &Trigger) -> bool {
    match trigger {
        Trigger::Date(_) | Trigger::Every { .. } => true,
        Trigger::Started { .. } | Trigger::Happened { .. } | Trigger::Segment { .. } | Trigger::Silence { .. } => false,
    }
}

fn is_named(moment: &Moment) -> bool {
    match moment {
        Moment::Time(_) | Moment::Weekdays(..) | Moment::At(Expr::AtTime(..) | Expr::Value(_) | Expr::Day { .. }) => {
            true
        }
        Moment::At(_) => false,
    }
}
