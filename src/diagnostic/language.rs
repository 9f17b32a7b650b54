//! The languages in which findings are told. In: an English pattern. Out: the pattern of another language.

use std::collections::HashMap;
use std::sync::OnceLock;

/// A language of findings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Language {
    /// English, in which the program is written.
    #[default]
    English,
    /// Russian.
    Russian,
}

/// The Russian patterns: pairs of lines, the English pattern and the Russian one, with a blank line after each pair.
pub const RUSSIAN: &str = include_str!("russian.txt");

impl Language {
    /// Every language with its code (ISO 639-1).
    pub const CODES: [(&'static str, Self); 2] = [("en", Self::English), ("ru", Self::Russian)];

    /// The language that a user's environment asks for by POSIX: the first of `LC_ALL`, `LC_MESSAGES` and `LANG` that
    /// says anything.
    #[must_use]
    pub fn of_environment(variable: impl Fn(&str) -> Option<String>) -> Self {
        let mut said = ["LC_ALL", "LC_MESSAGES", "LANG"].into_iter().filter_map(variable);
        said.find(|locale| !locale.is_empty()).map_or(Self::English, |locale| Self::of_locale(&locale))
    }

    /// The language of a locale's name such as `ru_RU.UTF-8`; English where it is no other.
    #[must_use]
    pub fn of_locale(locale: &str) -> Self {
        let code = locale.split(['_', '.', '@', '-']).next().unwrap_or_default();
        Self::CODES.iter().find(|(known, _)| code.eq_ignore_ascii_case(known)).map_or(Self::English, |(_, own)| *own)
    }

    /// What this language has for an English pattern; `None` where the English is used.
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
