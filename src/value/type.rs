//! The types of the language. Whether a value may be missing is not part of its type.

use serde::{Deserialize, Serialize};
use std::fmt;

/// The type of a known value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Type {
    /// `text`
    Text,
    /// `number`, an exact decimal
    Number,
    /// `bool`
    Bool,
    /// `money`, an amount with its currency
    Money,
    /// `date`
    Date,
    /// `anniversary`: a date that returns every year. Its value is the first date.
    Anniversary,
    /// `time`, on the wall clock
    Time,
    /// `datetime`, an instant
    DateTime,
    /// `duration`
    Duration,
    /// `phone`, E.164
    Phone,
    /// `email`
    Email,
    /// `url`
    Url,
    /// `list<T>`
    List(Box<Type>),
    /// `"new"
    /// "paid"`: one of these strings
    Literals(Vec<String>),
}

impl Type {
    /// The types with a plain name, as the language spells them.
    pub const NAMES: &'static [(&'static str, Self)] = &[
        ("text", Self::Text),
        ("number", Self::Number),
        ("bool", Self::Bool),
        ("money", Self::Money),
        ("date", Self::Date),
        ("anniversary", Self::Anniversary),
        ("time", Self::Time),
        ("datetime", Self::DateTime),
        ("duration", Self::Duration),
        ("phone", Self::Phone),
        ("email", Self::Email),
        ("url", Self::Url),
    ];

    /// The type of its values: an anniversary is stored, compared and written as a date.
    #[must_use]
    pub fn of_values(&self) -> Self {
        if *self == Self::Anniversary { Self::Date } else { self.clone() }
    }

    /// Whether values of this type are text: `text`, unions, `phone`, `email`, `url`.
    #[must_use]
    pub fn is_textual(&self) -> bool {
        matches!(self, Self::Text | Self::Phone | Self::Email | Self::Url | Self::Literals(_))
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::List(of) => write!(f, "list<{of}>"),
            Self::Literals(texts) => {
                for (i, text) in texts.iter().enumerate() {
                    write!(f, "{}\"{text}\"", if i == 0 { "" } else { " | " })?;
                }
                Ok(())
            }
            plain => f.write_str(Self::NAMES.iter().find(|(_, ty)| ty == plain).map_or("?", |(name, _)| name)),
        }
    }
}
