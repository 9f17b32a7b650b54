//! Built-in names: the prelude, written in the language itself, and what it cannot declare.

/// The source of the prelude.
pub const PRELUDE: &str = include_str!("prelude.funnel");

/// The name of the prelude among the sources.
pub const PRELUDE_NAME: &str = "<prelude>";

/// The channels, with the client field that has the address.
pub const CHANNELS: [(&str, &str); 4] =
    [("sms", "phone"), ("email", "email"), ("telegram", "telegram"), ("whatsapp", "phone")];

/// The client field that has the address for a channel.
#[must_use]
pub fn address_of(channel: &str) -> Option<&'static str> {
    CHANNELS.iter().find(|(name, _)| *name == channel).map(|(_, field)| *field)
}

/// The built-in fields of `business`; the project file sets them.
pub(super) const BUSINESS: [(&str, crate::value::Type); 6] = [
    ("name", crate::value::Type::Text),
    ("phone", crate::value::Type::Phone),
    ("email", crate::value::Type::Email),
    ("url", crate::value::Type::Url),
    ("address", crate::value::Type::Text),
    ("timezone", crate::value::Type::Text),
];

/// Names that cannot be declared. The event `merge` says that two clients are one.
pub(super) const RESERVED: [&str; 3] = ["client", "business", "merge"];

/// The name of the address at which a client revokes the consent to emails.
pub(super) const UNSUBSCRIBE: &str = "unsubscribe_url";

/// The filters of placeholders.
pub(super) const FILTERS: [&str; 17] = [
    "default",
    "time",
    "time12",
    "date",
    "short_date",
    "long_date",
    "day",
    "weekday",
    "money",
    "round",
    "plural",
    "join",
    "first_name",
    "upper",
    "lower",
    "capitalize",
    "urlencode",
];

/// The parts of messages.
pub(super) const PARTS: [&str; 5] = ["subject", "text", "html", "body", "preheader"];

/// The events of a message after it is sent.
pub(crate) const MESSAGE_EVENTS: [&str; 6] = ["sent", "delivered", "opened", "clicked", "replied", "bounced"];

/// What stands for the label of a message where any message counts: `any.replied`.
pub(crate) const ANY_MESSAGE: &str = "any";
