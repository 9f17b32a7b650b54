//! The console channel: accepts every message and sends nothing. The output of `run` already shows the message.

use super::{Channel, Delivery, Limits, OnUnknown, Receipt};
use crate::engine::Message;

/// The name of the console among providers.
pub const CONSOLE: &str = "console";

/// Accepts every message immediately, without printing it: the output of a run already shows it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Console {
    limits: Limits,
}

impl Console {
    /// Creates a console with the given limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self { limits }
    }
}

impl Channel for Console {
    fn name(&self) -> &'static str {
        CONSOLE
    }

    fn deliver<'a>(&'a self, _: &'a Message) -> Delivery<'a> {
        Box::pin(std::future::ready(Ok(receipt())))
    }

    fn on_unknown(&self) -> OnUnknown {
        OnUnknown::Retry
    }

    fn limits(&self) -> Limits {
        self.limits
    }
}

fn receipt() -> Receipt {
    Receipt { provider_id: None, detail: "shown on the console".to_owned(), printed: true, answer: None }
}
