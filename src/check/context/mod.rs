//! What the checker must know of the project around the text. A lone file has the default.

mod business_identity;

pub use business_identity::{BusinessIdentity, IdentityMarker};
pub(super) use business_identity::{PHONE_DIGITS, is_host};

use crate::check::program::{FieldType, Limit};
use crate::diagnostic::Levels;
use crate::source::Span;
use crate::value::{Duration, Money};
use std::collections::{BTreeMap, BTreeSet};

/// The project as the checker sees it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Context {
    /// The IANA name of the project's time zone.
    pub zone: Option<String>,
    /// The currency of amounts that come without one (ISO 4217).
    pub currency: Option<String>,
    /// The country of phone numbers that come without one (ISO 3166-1).
    pub country: Option<String>,
    /// The fields of `business`; those that are set are known.
    pub business: BTreeMap<String, FieldType>,
    /// The channels the project configures, `call` among them when calls are made; `None` for a lone file, where none
    /// is configured and none is missed.
    pub channels: Option<BTreeSet<String>>,
    /// How many marketing messages a client may get, over all funnels.
    pub limits: Vec<Limit>,
    /// The actions the project binds; `None` where none is missed.
    pub actions: Option<BTreeSet<String>>,
    /// The name of the template that a `send` without a body uses, by channel; `default` where none is named.
    pub default_templates: BTreeMap<String, String>,
    /// What is made of warnings.
    pub levels: Levels,
    /// How much a client may get, how long messages may be, and what they cost.
    pub reach: Reach,
    /// Whether letters are sent, and the project does not say where clients end their consent to them.
    pub unsubscribe_missing: bool,
}

/// What the project says of how much clients get.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Reach {
    /// The language of dates and amounts in messages.
    pub language: Option<String>,
    /// The words of `business`, by field.
    pub business: BTreeMap<String, String>,
    /// What is the business's own.
    pub identity: BusinessIdentity,
    /// The most messages a client may be able to get.
    pub ceilings: Vec<Ceiling>,
    /// How long an SMS may be.
    pub sms: SmsForm,
    /// What a message costs by channel, an SMS for each of its segments; all in one currency.
    pub prices: BTreeMap<String, Money>,
}

/// The most messages that one client may be able to get.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ceiling {
    /// So many.
    pub count: u32,
    /// On this channel; `None` for all together.
    pub channel: Option<String>,
    /// In any stretch so long; `None` for one run.
    pub per: Option<Duration>,
    /// Where it is written.
    pub span: Span,
}

/// How long an SMS may be, and how long what nobody knows is taken to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SmsForm {
    /// The most segments that are not worth a word.
    pub segments: u32,
    /// The length of a text that a field holds, in characters.
    pub assume: u32,
    /// The length of a web address that a field holds.
    pub assume_url: u32,
}

impl Default for SmsForm {
    fn default() -> Self {
        Self { segments: 2, assume: 20, assume_url: 40 }
    }
}
