//! The channel that takes every message and sends it nowhere: what `run` prints of it is all that leaves.

use super::{Channel, Delivery, Limits, OnUnknown, Receipt};
use crate::engine::Message;

/// Takes every message at once. It prints nothing itself: the lines of a run already show the message.
#[derive(Debug, Clone, Copy, Default)]
pub struct Console {
    limits: Limits,
}

impl Console {
    /// A console that is driven no faster than `limits`.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits }
    }
}

impl Channel for Console {
    fn name(&self) -> &'static str {
        "console"
    }

    fn deliver<'a>(&'a self, _: &'a Message) -> Delivery<'a> {
        Box::pin(std::future::ready(Ok(Receipt { provider_id: None, detail: "shown on the console".to_owned() })))
    }

    fn on_unknown(&self) -> OnUnknown {
        OnUnknown::Retry
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}
