//! A scripted channel for tests of programs that embed the engine. It records every attempt.

use super::{Channel, Delivery, Failure, Limits, OnUnknown, Receipt};
use crate::engine::Message;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a [`Fake`] does with one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// How long the attempt takes.
    pub delay: Duration,
    /// Whether the message arrives, regardless of the answer: a provider may accept it and then lose the connection.
    pub arrives: bool,
    /// The answer; `None` never answers.
    pub answer: Option<Result<Receipt, Failure>>,
}

impl Act {
    /// Accepts the message immediately.
    #[must_use]
    pub fn accept() -> Self {
        Self { delay: Duration::ZERO, arrives: true, answer: Some(Ok(Receipt::default())) }
    }

    /// Fails immediately; the message does not arrive.
    #[must_use]
    pub fn fail(failure: Failure) -> Self {
        Self { delay: Duration::ZERO, arrives: false, answer: Some(Err(failure)) }
    }

    /// The same after a delay.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

/// One attempt that reached a [`Fake`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The message to deliver.
    pub message: Message,
    /// Whether it arrived.
    pub arrived: bool,
}

/// A channel that follows a script: one [`Act`] per attempt, in order; afterwards every message is accepted.
#[derive(Debug)]
pub struct Fake {
    script: Mutex<VecDeque<Act>>,
    attempts: Mutex<Vec<Attempt>>,
    on_unknown: OnUnknown,
    limits: Limits,
}

impl Fake {
    /// Creates a fake that follows `script`.
    #[must_use]
    pub fn new(script: impl IntoIterator<Item = Act>) -> Self {
        Self {
            script: Mutex::new(script.into_iter().collect()),
            attempts: Mutex::default(),
            on_unknown: OnUnknown::Skip,
            limits: Limits::default(),
        }
    }

    /// Sets how unknown outcomes are handled.
    #[must_use]
    pub fn on_unknown(self, on_unknown: OnUnknown) -> Self {
        Self { on_unknown, ..self }
    }

    /// Sets the limits.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Returns all attempts so far, in the order in which they finished.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        lock(&self.attempts).clone()
    }

    /// Returns the messages that arrived, in order.
    #[must_use]
    pub fn arrived(&self) -> Vec<Message> {
        lock(&self.attempts).iter().filter(|a| a.arrived).map(|a| a.message.clone()).collect()
    }

    async fn act(&self, message: &Message) -> Result<Receipt, Failure> {
        let act = lock(&self.script).pop_front().unwrap_or_else(Act::accept);
        if !act.delay.is_zero() {
            tokio::time::sleep(act.delay).await;
        }
        lock(&self.attempts).push(Attempt { message: message.clone(), arrived: act.arrives });
        match act.answer {
            Some(answer) => answer,
            None => std::future::pending().await,
        }
    }
}

impl Channel for Fake {
    fn name(&self) -> &'static str {
        "fake"
    }

    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a> {
        Box::pin(self.act(message))
    }

    fn on_unknown(&self) -> OnUnknown {
        self.on_unknown
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}

/// Ignores poisoning, so that a panicking test does not hide what the channel recorded.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
