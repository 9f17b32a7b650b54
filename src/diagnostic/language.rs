//! The languages of messages, and the translated patterns.

use std::collections::HashMap;
use std::sync::OnceLock;

/// A language of messages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English, the language of the patterns.
    #[default]
    English,
    /// Russian.
    Russian,
}

/// The Russian patterns: pairs of lines, English then Russian, separated by blank lines.
pub const RUSSIAN: &str = include_str!("russian.txt");

impl Language {
    /// Every language with its code (ISO 639-1).
    pub const CODES: [(&'static str, Self); 2] = [("en", Self::English), ("ru", Self::Russian)];

    /// The language that the environment asks for (POSIX): the first nonempty variable of `LC_ALL`, `LC_MESSAGES` and
    /// `LANG`.
    #[must_use]
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut said = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable);
        said.find(|locale| !locale.is_empty()).map_or(Self::English, |locale| Self::of_locale(&locale))
    }

    /// The language of a locale name such as `ru_RU.UTF-8`; English by default.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        let code = locale.split(['_', '.', '@', '-']).next().unwrap_or_default();
        Self::CODES.iter().find(|(known, _)| code.eq_ignore_ascii_case(known)).map_or(Self::English, |(_, own)| *own)
    }

    /// Its code (ISO 639-1).
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Russian => "ru",
        }
    }

    /// The translation of an English pattern; `None` to use the English one.
    #[must_use]
    pub fn pattern(self, english: &str) -> Option<&'static str> {
        match self {
            Self::English => None,
            Self::Russian => russian().get(english).copied(),
        }
    }
}

fn russian() -> &'static HashMap<&'static str, &'static str> {
    static PATTERNS: OnceLock<HashMap<&'static str, &'static str>> = OnceLock::new();
    PATTERNS.get_or_init(|| {
        let pairs = RUSSIAN.split("\n\n").filter_map(|pair| pair.trim_matches('\n').split_once('\n'));
        pairs.collect()
    })
}
