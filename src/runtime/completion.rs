//! What became of a message. In: the result of its last attempt, or that its last moment has passed. Out: its final state,
//! and the outcome for its run.

use crate::channel::{Failure, Receipt};
use crate::engine::{Message, Outcome};
use crate::store::{Delivered, MessageChange, MessageState, Queued};
use crate::value::Timestamp;

/// A message to retry, and its last failure, unless an earlier process saw it.
pub(super) struct Retrying {
    pub(super) queued: Queued,
    pub(super) failure: Option<Failure>,
}

/// The result of a finished attempt.
pub(super) struct Completion {
    /// The change to write.
    pub(super) change: MessageChange,
    /// The outcome for the engine; `None` while the message is retried.
    pub(super) outcome: Option<(Message, Outcome)>,
    /// Whether the recipient has told the provider that they want no more messages.
    pub(super) opted_out: bool,
}

/// Ends a message with the result of its last attempt.
pub(super) fn finished(queued: Queued, result: Result<Receipt, Failure>, at: Timestamp) -> Completion {
    let opted_out = matches!(result, Err(Failure::OptedOut { .. }));
    let mut answered = None;
    let delivered = match result {
        Ok(Receipt { printed: true, .. }) => Delivered::Printed,
        Ok(Receipt { provider_id, answer, .. }) => {
            answered = answer;
            Delivered::Sent { provider_id }
        }
        Err(Failure::Permanent { reason } | Failure::OptedOut { reason }) => Delivered::NotSent { reason },
        Err(Failure::Retry { reason, .. }) => {
            Delivered::NotSent { reason: format!("given up after {} attempts: {reason}", queued.attempts) }
        }
        Err(Failure::Unknown { reason }) => Delivered::Unknown { reason },
    };
    let outcome = match &delivered {
        // A run goes on as if the message had been sent.
        Delivered::Sent { .. } | Delivered::Printed => {
            answered.map_or(Outcome::Sent, |answer| Outcome::Answered { answer })
        }
        Delivered::NotSent { reason } => Outcome::NotSent { reason: reason.clone() },
        Delivered::Unknown { reason } => Outcome::Unknown { reason: reason.clone() },
    };
    let change = MessageChange { no: queued.no, state: MessageState::Ended(delivered), attempts: queued.attempts, at };
    Completion { change, outcome: Some((queued.message, outcome)), opted_out }
}

/// Ends a message whose last moment has passed.
pub(super) fn lapsed(message: Retrying, at: Timestamp) -> Completion {
    let reason = message.queued.message.too_late().unwrap_or_default();
    ended(message, &reason, at)
}

/// Ends a message without another attempt. If the last one may have succeeded, nobody can say that it was not sent.
pub(super) fn ended(Retrying { queued, failure }: Retrying, reason: &str, at: Timestamp) -> Completion {
    let failure = match failure {
        Some(failure @ Failure::Unknown { .. }) => failure,
        Some(Failure::Retry { .. } | Failure::Permanent { .. } | Failure::OptedOut { .. }) | None => {
            Failure::Permanent { reason: reason.to_owned() }
        }
    };
    finished(queued, Err(failure), at)
}

/// Decides on a message that was being sent when the last process ended: it is over, or tried again.
pub(super) fn interrupted(queued: Queued, is_over: bool, at: Timestamp) -> Completion {
    if is_over {
        let reason = "the process ended while the message was being sent".to_owned();
        return finished(queued, Err(Failure::Unknown { reason }), at);
    }
    let state = MessageState::Queued { retry_at: None, reason: None };
    Completion {
        change: MessageChange { no: queued.no, state, attempts: queued.attempts, at },
        outcome: None,
        opted_out: false,
    }
}
