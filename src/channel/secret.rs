//! Secrets, and the words of a provider made safe to keep: one line, short, no secret in it.

use std::fmt;

/// The longest a provider's words may be in a reason, in characters.
const MAX_CHARS: usize = 200;

/// A password, token or key. It is never shown: not by `Debug`, not in a reason.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, for comparing it or handing it to its provider.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(***)")
    }
}

/// Makes a provider's words one short line: control characters become blanks, secrets become `***`.
pub(super) fn redact<'a>(words: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    let mut text = words.to_owned();
    for secret in secrets {
        let plain = secret.reveal();
        // A very short secret would hide half of every text, and hides nothing that cannot be guessed.
        if plain.len() >= 4 {
            text = text.replace(plain, "***").replace(&super::fill::percent(plain), "***");
        }
    }
    let words: Vec<_> = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_nowhere() {
        let secret = Secret::new("k&y=42");
        assert_eq!(format!("{secret:?}"), "Secret(***)");
        assert_eq!(redact("bad key k&y=42\r\nin ?key=k%26y%3D42", [&secret]), "bad key *** in ?key=***");
    }

    #[test]
    fn long_words_are_cut_between_characters() {
        let line = redact(&"é".repeat(500), []);
        assert_eq!(line.chars().count(), MAX_CHARS + 1);
    }
}
