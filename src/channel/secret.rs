//! Secrets, and the redaction of provider messages: one short line without secrets.

use std::fmt;

/// The maximum length of a provider message in a reason, in characters.
const MAX_CHARS: usize = 200;

/// A password, token or key. It is never shown: neither by `Debug` nor in a reason.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Wraps a secret.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// Returns the secret itself, for comparison or for its provider.
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

/// Redacts a provider message: one short line, control characters become spaces, secrets become `***`.
pub(super) fn redact<'a>(message: &str, secrets: impl IntoIterator<Item = &'a Secret>) -> String {
    let mut text = message.to_owned();
    for secret in secrets {
        let plain = secret.reveal();
        // Replacing a very short secret would garble the text, and it could be guessed anyway.
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
    fn a_secret_is_never_shown() {
        let secret = Secret::new("k&y=42");
        assert_eq!(format!("{secret:?}"), "Secret(***)");
        assert_eq!(redact("bad key k&y=42\r\nin ?key=k%26y%3D42", [&secret]), "bad key *** in ?key=***");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let line = redact(&"é".repeat(500), []);
        assert_eq!(line.chars().count(), MAX_CHARS + 1);
    }
}
