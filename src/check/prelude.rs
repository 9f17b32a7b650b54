//! What every project knows without declaring it, written in the language itself.

/// The text of the prelude.
pub const PRELUDE: &str = include_str!("prelude.funnel");

/// The name under which the prelude stands among the sources.
pub const PRELUDE_NAME: &str = "<prelude>";

/// The channels of the language with the client's field that holds the address.
pub(super) const CHANNELS: [(&str, &str); 4] =
    [("sms", "phone"), ("email", "email"), ("telegram", "telegram"), ("whatsapp", "phone")];

/// The field of the client that holds the address for a channel.
#[must_use]
pub fn address_of(channel: &str) -> Option<&'static str> {
    CHANNELS.iter().find(|(name, _)| *name == channel).map(|(_, field)| *field)
}

/// The fields of `business` that are known to the language; the project file sets them.
pub(super) const BUSINESS: [(&str, crate::value::Type); 6] = [
    ("name", crate::value::Type::Text),
    ("phone", crate::value::Type::Phone),
    ("email", crate::value::Type::Email),
    ("url", crate::value::Type::Url),
    ("address", crate::value::Type::Text),
    ("timezone", crate::value::Type::Text),
];

/// Names that declarations cannot take.
pub(super) const RESERVED: [&str; 2] = ["client", "business"];

/// The name of the address at which a client ends their consent to letters.
pub(super) const UNSUBSCRIBE: &str = "unsubscribe_url";

/// The filters of the language.
pub(super) const FILTERS: [&str; 7] = ["default", "time", "date", "money", "upper", "lower", "capitalize"];

/// The names of the parts of messages.
pub(super) const PARTS: [&str; 5] = ["subject", "text", "html", "body", "preheader"];
