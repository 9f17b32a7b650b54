//! How messages leave. In: a [`Message`] the engine decided on. Out: a [`Receipt`], or a [`Failure`] that says
//! whether it may be tried again. One message is one recipient and one attempt; whoever calls keeps the outbox.

mod console;
mod egress;
pub mod fake;
mod fill;
mod http;
mod secret;
mod sms_gateway;
mod smtp;
mod smtp_message;
mod twilio;
mod unsubscribe;
mod webhook;
mod webhook_sign;

pub use console::Console;
pub use egress::{EgressPolicy, UrlFault, check_url};
pub use fill::{Escape, fill, placeholders};
pub use secret::Secret;
pub use sms_gateway::{Expected, GATEWAY_PLACEHOLDERS, GatewaySettings, ResponseRules, SmsGateway};
pub use smtp::{Smtp, SmtpSettings, SmtpTls, check_mailbox, is_loopback};
pub use twilio::{TWILIO_URL, Twilio, TwilioSender, TwilioSettings};
pub use unsubscribe::{UNSUBSCRIBE_PLACEHOLDERS, Unsubscribe, sign};
pub use webhook::{WEBHOOK_HEADERS, Webhook, WebhookSettings, WebhookTarget};
pub use webhook_sign::SigningKey;

use crate::engine::Message;
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// One attempt to deliver, under way.
pub type Delivery<'a> = Pin<Box<dyn Future<Output = Result<Receipt, Failure>> + Send + 'a>>;

/// A way for messages to leave.
pub trait Channel: Send + Sync {
    /// The provider behind it, for logs and reasons: `smtp`, `twilio`, `http`, `console`.
    fn name(&self) -> &str;

    /// Tries once to hand a message to the provider. It ends by itself: every network step has a timeout.
    /// Dropping the future in the middle leaves the outcome unknown.
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a>;

    /// What to do with a message whose outcome cannot be known.
    fn on_unknown(&self) -> OnUnknown;

    /// How fast it may be driven.
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// How long a message is tried; `None` for as long as the host tries any.
    fn give_up(&self) -> Option<Duration> {
        None
    }
}

/// The provider has taken the message.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's own id of the message, when it gives one.
    pub provider_id: Option<String>,
    /// What the provider answered, short and on one line.
    pub detail: String,
}

/// The provider has not taken the message, or nobody can tell. Reasons are one line and hold no secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It did not go out; later it may.
    Retry {
        /// Why, in words for people.
        reason: String,
        /// The pause the provider asks for.
        after: Option<Duration>,
    },
    /// It did not go out and never will.
    Permanent {
        /// Why, in words for people.
        reason: String,
    },
    /// It may have gone out. [`Channel::on_unknown`] says what then.
    Unknown {
        /// Why, in words for people.
        reason: String,
    },
}

impl Failure {
    /// Why, in words for people.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Retry { reason, .. } | Self::Permanent { reason } | Self::Unknown { reason } => reason,
        }
    }

    /// The same failure in other words.
    fn map_reason(self, words: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Retry { reason, after } => Self::Retry { reason: words(&reason), after },
            Self::Permanent { reason } => Self::Permanent { reason: words(&reason) },
            Self::Unknown { reason } => Self::Unknown { reason: words(&reason) },
        }
    }
}

/// What to do with a message whose outcome cannot be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnknown {
    /// Send it again: the provider knows the id, so a second delivery with it is safe.
    Retry,
    /// Leave it: rather none than two.
    Skip,
    /// Send it again: rather two than none.
    Resend,
}

/// How fast a channel may be driven.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The most deliveries under way at once; at least 1.
    pub concurrency: usize,
    /// The most deliveries begun within one second; `None` for as many as go.
    pub per_second: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 8, per_second: None }
    }
}

/// The channels of a project by name; the console stands in for those that it does not configure.
#[derive(Clone)]
pub struct Channels {
    configured: BTreeMap<String, Arc<dyn Channel>>,
    fallback: Arc<dyn Channel>,
}

impl Default for Channels {
    fn default() -> Self {
        Self { configured: BTreeMap::new(), fallback: Arc::new(Console::default()) }
    }
}

impl Channels {
    /// A table where the console stands for every channel.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Puts a channel under the name the language has for it: `sms`, `email`.
    pub fn insert(&mut self, name: impl Into<String>, channel: Arc<dyn Channel>) {
        self.configured.insert(name.into(), channel);
    }

    /// The channel of a name, or the console. A name of two words without a channel of its own has that of the first:
    /// calls to one host, `call crm.example`, go by `call`.
    #[must_use]
    pub fn get(&self, name: &str) -> Arc<dyn Channel> {
        let first = || self.configured.get(name.split_once(' ')?.0);
        Arc::clone(self.configured.get(name).or_else(first).unwrap_or(&self.fallback))
    }

    /// The names that are configured, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.configured.keys().map(String::as_str)
    }
}
