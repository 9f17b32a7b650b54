//! Orders the outcomes that runs wait for, in fast forward. In: outcomes as providers return them. Out: the same
//! outcomes in the order of a simulation, however fast each provider is and wherever an earlier host was cut off.

use super::completion::Completion;
use crate::store::Queued;
use std::collections::{BTreeMap, BTreeSet};

/// The expected outcomes, in the order in which their messages were decided.
#[derive(Default)]
pub(super) struct OutcomeSequencer {
    order: BTreeSet<i64>,
    held: BTreeMap<i64, Completion>,
}

impl OutcomeSequencer {
    /// Whether virtual time may advance.
    pub(super) fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// Registers messages whose outcomes are expected.
    pub(super) fn expect(&mut self, messages: &[Queued]) {
        self.order.extend(messages.iter().filter(|queued| queued.message.outcome_expected).map(|queued| queued.no));
    }

    /// No longer expects outcomes of messages that are not sent.
    pub(super) fn forget(&mut self, numbers: &BTreeSet<i64>) {
        self.order.retain(|no| !numbers.contains(no));
    }

    /// Holds an expected outcome until its turn. Returns any other completion.
    pub(super) fn hold(&mut self, completion: Completion) -> Option<Completion> {
        if completion.outcome.is_none() || !self.order.contains(&completion.change.no) {
            return Some(completion);
        }
        self.held.insert(completion.change.no, completion);
        None
    }

    /// The next outcome in order, if it has arrived.
    pub(super) fn next(&mut self) -> Option<Completion> {
        let completion = self.held.remove(self.order.first()?)?;
        self.order.pop_first();
        Some(completion)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::Outcome;
    use crate::runtime::lane;
    use crate::store::{Delivered, MessageChange, MessageState};
    use crate::value::Timestamp;

    fn queued(no: i64) -> Queued {
        let mut queued = lane::tests::queued(no);
        queued.message.outcome_expected = true;
        queued
    }

    fn completion(no: i64) -> Completion {
        let state = MessageState::Ended(Delivered::Sent { provider_id: None });
        let change = MessageChange { no, state, attempts: 1, at: Timestamp(0) };
        Completion { change, outcome: Some((queued(no).message, Outcome::Sent)), opted_out: false }
    }

    #[test]
    fn outcomes_come_in_the_order_of_their_messages() {
        let mut outcomes = OutcomeSequencer::default();
        outcomes.expect(&[queued(1), queued(2)]);
        assert!(outcomes.hold(completion(2)).is_none());
        assert!(outcomes.next().is_none());
        assert!(outcomes.hold(completion(1)).is_none());
        assert_eq!(outcomes.next().map(|s| s.change.no), Some(1));
        outcomes.expect(&[queued(3)]);
        assert!(outcomes.hold(completion(3)).is_none());
        assert_eq!(outcomes.next().map(|s| s.change.no), Some(2));
        assert_eq!(outcomes.next().map(|s| s.change.no), Some(3));
        assert!(outcomes.is_empty());
        assert!(outcomes.hold(completion(9)).is_some(), "no run waits for it");
    }
}
