//! Delivery of messages. A channel makes one attempt to deliver a [`Message`] to one recipient and returns a
//! [`Receipt`], or a [`Failure`] that determines whether a retry is safe. Retries and the outbox are up to the caller.

mod answer;
mod console;
mod egress;
mod event_post;
pub mod fake;
mod fill;
mod http;
mod secret;
mod sms_gateway;
mod smtp;
mod smtp_message;
mod telegram;
mod twilio;
mod unsubscribe;
mod webhook;
mod webhook_sign;

pub use console::{CONSOLE, Console};
pub use egress::{EgressPolicy, UrlFault, check_url};
pub use event_post::post_events;
pub use fill::{Escape, fill, placeholders};
pub use secret::Secret;
pub use sms_gateway::{Expected, GATEWAY_PLACEHOLDERS, GatewaySettings, ResponseRules, SmsGateway};
pub use smtp::{Smtp, SmtpSettings, SmtpTls, check_mailbox, is_loopback};
pub use telegram::{TELEGRAM_URL, Telegram, TelegramSettings};
pub use twilio::{TWILIO_URL, Twilio, TwilioSender, TwilioSettings};
pub use unsubscribe::{UNSUBSCRIBE_PLACEHOLDERS, Unsubscribe, sign};
pub use webhook::{WEBHOOK_HEADERS, Webhook, WebhookSettings, WebhookTarget};
pub use webhook_sign::{SigningKey, from_base64};

use crate::engine::{Fields, Message};
use std::collections::BTreeMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

/// A delivery attempt in progress.
pub type Delivery<'a> = Pin<Box<dyn Future<Output = Result<Receipt, Failure>> + Send + 'a>>;

/// A channel for messages.
pub trait Channel: Send + Sync {
    /// The provider, for logs and reasons: `smtp`, `twilio`, `telegram`, `http`, `console`.
    fn name(&self) -> &str;

    /// Makes one attempt to hand a message to the provider. It always completes: every network step has a timeout.
    /// Dropping the future early leaves the outcome unknown.
    fn deliver<'a>(&'a self, message: &'a Message) -> Delivery<'a>;

    /// What to do with a message whose outcome is unknown.
    fn on_unknown(&self) -> OnUnknown;

    /// The rate limits of the channel.
    fn limits(&self) -> Limits {
        Limits::default()
    }

    /// How long delivery is retried; `None` for the default of the host.
    fn give_up(&self) -> Option<Duration> {
        None
    }
}

/// The provider has accepted the message, or it is printed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Receipt {
    /// The provider's id of the message, if it returned one.
    pub provider_id: Option<String>,
    /// The provider's answer, short and on one line.
    pub detail: String,
    /// Whether nothing was sent, because the message is only printed.
    pub printed: bool,
    /// What another system answered, where a run reads it.
    pub answer: Option<Fields>,
}

/// The provider has not accepted the message, or the outcome is unknown. Reasons are a single line without secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Failure {
    /// It was not sent; a retry may succeed.
    Retry {
        /// The reason, for people.
        reason: String,
        /// The pause that the provider asks for.
        after: Option<Duration>,
    },
    /// It was not sent, and a retry would fail as well.
    Permanent {
        /// The reason, for people.
        reason: String,
    },
    /// It was not sent, because the recipient has told the provider that they want no more messages.
    OptedOut {
        /// The reason, for people.
        reason: String,
    },
    /// It may have been sent. [`Channel::on_unknown`] decides what happens next.
    Unknown {
        /// The reason, for people.
        reason: String,
    },
}

impl Failure {
    /// Returns the reason, for people.
    #[must_use]
    pub fn reason(&self) -> &str {
        match self {
            Self::Retry { reason, .. }
            | Self::Permanent { reason }
            | Self::OptedOut { reason }
            | Self::Unknown { reason } => reason,
        }
    }

    /// Replaces the reason.
    fn map_reason(self, map: impl Fn(&str) -> String) -> Self {
        match self {
            Self::Retry { reason, after } => Self::Retry { reason: map(&reason), after },
            Self::Permanent { reason } => Self::Permanent { reason: map(&reason) },
            Self::OptedOut { reason } => Self::OptedOut { reason: map(&reason) },
            Self::Unknown { reason } => Self::Unknown { reason: map(&reason) },
        }
    }
}

/// What to do with a message whose outcome is unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OnUnknown {
    /// Retry: the provider deduplicates by id, so sending it twice is safe.
    Retry,
    /// Give up: losing it is better than sending it twice.
    Skip,
    /// Send it again: sending it twice is better than losing it.
    Resend,
}

/// The rate limits of a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// The maximum number of concurrent deliveries; at least 1.
    pub concurrency: usize,
    /// The maximum number of deliveries started per second; `None` for unlimited.
    pub per_second: Option<u32>,
}

impl Default for Limits {
    fn default() -> Self {
        Self { concurrency: 8, per_second: None }
    }
}

/// The channels of a project by name; the console is the fallback.
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
    /// Creates a table in which the console handles every channel.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a channel under its name in the language: `sms`, `email`.
    pub fn insert(&mut self, name: impl Into<String>, channel: Arc<dyn Channel>) {
        self.configured.insert(name.into(), channel);
    }

    /// Returns the channel for a name, or the console. A compound name falls back to its first word: `call crm.example`
    /// uses `call`.
    #[must_use]
    pub fn get(&self, name: &str) -> Arc<dyn Channel> {
        let first = || self.configured.get(name.split_once(' ')?.0);
        Arc::clone(self.configured.get(name).or_else(first).unwrap_or(&self.fallback))
    }

    /// Whether messages of a lane are printed instead of sent.
    #[must_use]
    pub fn is_printed(&self, lane: &str) -> bool {
        self.get(lane).name() == CONSOLE
    }

    /// Returns the names of the configured channels, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.configured.keys().map(String::as_str)
    }
}
