//! The outcomes that runs wait for, in fast forward. In: outcomes as providers answer. Out: the same outcomes in the
//! order in which a simulation has them, however fast each provider is.

use super::lane::Settled;
use crate::engine::MessageId;
use crate::store::Queued;
use std::collections::{HashMap, VecDeque};

/// Outcomes that are to come, first things first: what an outcome brings about comes before what was there.
#[derive(Default)]
pub(super) struct Awaited {
    order: VecDeque<MessageId>,
    held: HashMap<MessageId, Settled>,
}

impl Awaited {
    /// Whether time must stand still.
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Notes the messages of one input.
    pub(super) fn expect(&mut self, messages: &[Queued]) {
        for queued in messages.iter().rev().filter(|queued| queued.message.awaited) {
            self.order.push_front(queued.message.id.clone());
        }
    }

    /// Takes an outcome. Out: it again when nothing waits for it.
    pub(super) fn hold(&mut self, settled: Settled) -> Option<Settled> {
        match &settled.outcome {
            Some((message, _)) if self.order.contains(&message.id) => {
                self.held.insert(message.id.clone(), settled);
                None
            }
            Some(_) | None => Some(settled),
        }
    }

    /// The outcome whose turn it is, if it came back.
    pub(super) fn next(&mut self) -> Option<Settled> {
        let settled = self.held.remove(self.order.front()?)?;
        self.order.pop_front();
        Some(settled)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{ClientId, Message, Outcome, Rendered, RunId};
    use crate::graph::ElementId;
    use crate::store::{Delivered, MessageChange, MessageState};
    use crate::value::Timestamp;

    fn queued(no: i64) -> Queued {
        let message = Message {
            id: MessageId(no.to_string()),
            run: RunId("r".into()),
            zone: "UTC".into(),
            client: ClientId("c".into()),
            funnel: "f".into(),
            element: ElementId("e".into()),
            channel: "sms".into(),
            to: "+1".into(),
            content: Rendered::Text(String::new()),
            marketing: false,
            topic: None,
            evidence: None,
            at: Timestamp(0),
            awaited: true,
        };
        Queued { no, message, attempts: 0, queued_at: Timestamp(0), retry_at: None }
    }

    fn settled(no: i64) -> Settled {
        let state = MessageState::Ended(Delivered::Sent { provider_id: None });
        let change = MessageChange { no, state, attempts: 1, at: Timestamp(0) };
        Settled { change, outcome: Some((queued(no).message, Outcome::Sent)) }
    }

    #[test]
    fn outcomes_are_taken_depth_first_whatever_order_they_come_in() {
        let mut awaited = Awaited::default();
        awaited.expect(&[queued(1), queued(2)]);
        assert!(awaited.hold(settled(2)).is_none());
        assert!(awaited.next().is_none());
        assert!(awaited.hold(settled(1)).is_none());
        assert_eq!(awaited.next().map(|s| s.change.no), Some(1));
        awaited.expect(&[queued(3)]);
        assert!(awaited.next().is_none(), "3 comes before 2");
        assert!(awaited.hold(settled(3)).is_none());
        assert_eq!(awaited.next().map(|s| s.change.no), Some(3));
        assert_eq!(awaited.next().map(|s| s.change.no), Some(2));
        assert!(awaited.is_empty());
        assert!(awaited.hold(settled(9)).is_some(), "nobody waits for it");
    }
}
