//! The project as the checker needs to know it. A lone file uses the defaults.

mod business_identity;

pub use business_identity::{BusinessIdentity, IdentityMarker};
pub(super) use business_identity::{PHONE_DIGITS, is_host};

use crate::check::program::{FieldType, Limit};
use crate::diagnostic::Levels;
use crate::source::Span;
use crate::value::{Duration, Money, time::Window};
use std::collections::{BTreeMap, BTreeSet};

/// The settings of the project.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    /// The IANA name of the project's time zone.
    pub zone: Option<String>,
    /// The default currency of amounts (ISO 4217).
    pub currency: Option<String>,
    /// The default country of phone numbers (ISO 3166-1).
    pub country: Option<String>,
    /// The fields of `business`; those with a value are known.
    pub business: BTreeMap<String, FieldType>,
    /// The channels that the project configures, including `call` if calls are made; `None` for a lone file, where
    /// nothing is configured and nothing is reported.
    pub channels: Option<BTreeSet<String>>,
    /// The limits on marketing messages of all funnels together.
    pub limits: Vec<Limit>,
    /// When the messages of funnels without `hours` of their own may be sent; empty for any time.
    pub hours: Vec<Window>,
    /// The actions that the project binds; `None` if unbound actions are not reported.
    pub actions: Option<BTreeSet<String>>,
    /// The template of a `send` without a body, by channel; `default` if none is set.
    pub default_templates: BTreeMap<String, String>,
    /// The levels of diagnostics.
    pub levels: Levels,
    /// The settings that bound the number, length and cost of messages.
    pub messages: MessageSettings,
    /// Whether emails are sent without a configured unsubscribe address.
    pub unsubscribe_missing: bool,
}

/// The settings that bound the number, length and cost of messages.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct MessageSettings {
    /// The language of dates and amounts in messages.
    pub language: Option<String>,
    /// The project's currency.
    pub currency: Option<String>,
    /// The values of `business`, by field.
    pub business: BTreeMap<String, String>,
    /// What belongs to the business.
    pub identity: BusinessIdentity,
    /// The maximums that the computed bounds must not exceed.
    pub ceilings: Vec<Ceiling>,
    /// The allowed length of an SMS.
    pub sms: SmsForm,
    /// The price of a message by channel, for SMS that of a segment; all in one currency.
    pub prices: BTreeMap<String, Money>,
}

/// A maximum for the messages that one client can receive.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceiling {
    /// The number of messages.
    pub count: u32,
    /// The channel; `None` for all channels together.
    pub channel: Option<String>,
    /// The period; `None` for one run.
    pub per: Option<Duration>,
    /// Its span.
    pub span: Span,
}

/// The allowed length of an SMS, and the assumed length of unknown values.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmsForm {
    /// The maximum number of segments without a warning.
    pub segments: u32,
    /// The assumed length of a text field, in characters.
    pub assume: u32,
    /// The assumed length of a web address field.
    pub assume_url: u32,
}

impl Default for SmsForm {
    fn default() -> Self {
        Self { segments: 2, assume: 20, assume_url: 40 }
    }
}
