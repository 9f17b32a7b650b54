//! A channel for the tests of programs that embed the engine: it does what a script says and remembers what reached it.

use super::{Channel, Delivery, Failure, Limits, OnUnknown, Receipt};
use crate::engine::Message;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// What a [`Fake`] does with one attempt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Act {
    /// How long it takes.
    pub delay: Duration,
    /// Whether the message counts as arrived, whatever is answered: a provider that took it and then broke off.
    pub arrives: bool,
    /// What is answered; `None` never answers.
    pub answer: Option<Result<Receipt, Failure>>,
}

impl Act {
    /// Takes the message at once.
    #[must_use]
    pub fn accept() -> Self {
        Self { delay: Duration::ZERO, arrives: true, answer: Some(Ok(Receipt::default())) }
    }

    /// Fails at once; the message does not arrive.
    #[must_use]
    pub fn fail(failure: Failure) -> Self {
        Self { delay: Duration::ZERO, arrives: false, answer: Some(Err(failure)) }
    }

    /// The same after a pause.
    #[must_use]
    pub fn after(self, delay: Duration) -> Self {
        Self { delay, ..self }
    }
}

/// One attempt that reached a [`Fake`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// What was to be delivered.
    pub message: Message,
    /// Whether it arrived.
    pub arrived: bool,
}

/// A channel that follows a script: one [`Act`] an attempt, in order; after its end every message is accepted.
#[derive(Debug)]
pub struct Fake {
    script: Mutex<VecDeque<Act>>,
    attempts: Mutex<Vec<Attempt>>,
    on_unknown: OnUnknown,
    limits: Limits,
}

impl Fake {
    /// A fake that follows `script`.
    #[must_use]
    pub fn new(script: impl IntoIterator<Item = Act>) -> Self {
        Self {
            script: Mutex::new(script.into_iter().collect()),
            attempts: Mutex::default(),
            on_unknown: OnUnknown::Skip,
            limits: Limits::default(),
        }
    }

    /// The same with another answer to unknown outcomes.
    #[must_use]
    pub fn on_unknown(self, on_unknown: OnUnknown) -> Self {
        Self { on_unknown, ..self }
    }

    /// The same with other limits.
    #[must_use]
    pub fn limits(self, limits: Limits) -> Self {
        Self { limits, ..self }
    }

    /// Every attempt so far, in the order they ended.
    #[must_use]
    pub fn attempts(&self) -> Vec<Attempt> {
        lock(&self.attempts).clone()
    }

    /// The messages that arrived, in order.
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

/// A panicking test must not hide what the channel saw, so a poisoned lock is taken as it is.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
