//! Secrets, and the redaction of provider messages: one short line without secrets, however they are escaped.

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
        // Replacing a very short secret would garble the text, and it could be guessed anyway.
        if secret.reveal().len() >= 4 {
            text = hide(&text, secret.reveal());
            // Its last bytes are encoded together with what follows them.
            let whole = secret.reveal().len() / 3 * 3;
            let encoded = super::webhook_sign::base64(&secret.reveal().as_bytes()[..whole]);
            if encoded.len() >= 8 {
                text = hide(&text, &encoded);
            }
        }
    }
    let words: Vec<_> = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    let line = words.join(" ");
    match line.char_indices().nth(MAX_CHARS) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// Replaces a secret by `***`, also where any of its characters are escaped as in a URL or a form, in JSON, or in HTML.
fn hide(text: &str, secret: &str) -> String {
    let mut hidden = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        match after(rest, secret) {
            Some(end) => {
                hidden.push_str("***");
                rest = end;
            }
            None => {
                hidden.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
    }
    hidden
}

/// The text after a secret that it begins with.
fn after<'t>(text: &'t str, secret: &str) -> Option<&'t str> {
    let mut chars = secret.chars();
    let Some(first) = chars.next() else { return Some(text) };
    // A backslash, a percent sign or an ampersand may stand for itself, or begin the notation of another character.
    let readings = [escaped(text, first), text.strip_prefix(first)];
    readings.into_iter().flatten().find_map(|rest| after(rest, chars.as_str()))
}

/// The text after a character that it begins with, in a notation in which it is not written as itself.
fn escaped(text: &str, wanted: char) -> Option<&str> {
    match text.chars().next()? {
        '+' => (wanted == ' ').then(|| &text[1..]),
        '%' => after_percent(text, wanted),
        '\\' => after_backslash(text, wanted),
        '&' => after_entity(text, wanted),
        _ => None,
    }
}

/// `%C3%A9`, in any case.
fn after_percent(text: &str, wanted: char) -> Option<&str> {
    let mut bytes = [0; 4];
    wanted.encode_utf8(&mut bytes).bytes().try_fold(text, |rest, byte| {
        let rest = rest.strip_prefix('%')?;
        let found = u8::from_str_radix(rest.get(..2)?, 16).ok()?;
        (found == byte).then(|| &rest[2..])
    })
}

/// `\"`, `\/`, `\n` or `\u00e9`, with two units for a character beyond the first plane.
fn after_backslash(text: &str, wanted: char) -> Option<&str> {
    let mut units = [0; 2];
    let escaped = wanted.encode_utf16(&mut units).iter().try_fold(text, |rest, unit| {
        let rest = rest.strip_prefix("\\u")?;
        let found = u16::from_str_radix(rest.get(..4)?, 16).ok()?;
        (found == *unit).then(|| &rest[4..])
    });
    let short = match wanted {
        '"' | '\\' | '/' | '\'' => wanted,
        '\u{8}' => 'b',
        '\u{c}' => 'f',
        '\n' => 'n',
        '\r' => 'r',
        '\t' => 't',
        _ => return escaped,
    };
    escaped.or_else(|| text.strip_prefix('\\')?.strip_prefix(short))
}

/// `&amp;`, `&#39;` or `&#x27;`.
fn after_entity(text: &str, wanted: char) -> Option<&str> {
    let (entity, rest) = text.strip_prefix('&')?.split_once(';')?;
    let found = match entity.strip_prefix('#') {
        Some(number) => {
            let hex = number.strip_prefix(['x', 'X']);
            let code = hex.map_or_else(|| number.parse().ok(), |digits| u32::from_str_radix(digits, 16).ok());
            char::from_u32(code?)?
        }
        None => match entity {
            "amp" => '&',
            "lt" => '<',
            "gt" => '>',
            "quot" => '"',
            "apos" => '\'',
            _ => return None,
        },
    };
    (found == wanted).then_some(rest)
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
    fn a_secret_is_hidden_however_it_is_escaped() {
        let secret = Secret::new("pä\"s/s <w>\\'🔑");
        for form in [
            "pä\"s/s <w>\\'🔑",
            r#"pä\"s/s <w>\\'🔑"#,
            r#"p\u00e4\"s\/s \u003cw\u003e\\\u0027\ud83d\udd11"#,
            r#"p\u00E4\u0022s/s <w>\u005C'\uD83D\uDD11"#,
            "p%C3%A4%22s%2Fs%20%3Cw%3E%5C%27%F0%9F%94%91",
            "p%c3%a4%22s/s+%3cw%3e%5c'%f0%9f%94%91",
            "p&#228;&quot;s/s &lt;w&gt;\\&#x27;🔑",
            "pä&#34;s/s &lt;w&gt;\\&#39;&#x1F511;",
        ] {
            assert_eq!(redact(&format!("wrong: {form}."), [&secret]), "wrong: ***.", "{form}");
        }
        // Nine of ten bytes; the last characters depend on what follows.
        assert_eq!(redact("Basic czNjcmV0LWtleQ==", [&Secret::new("s3cret-key")]), "Basic ***eQ==");
        assert_eq!(redact("p\u{e4}ss", [&secret]), "p\u{e4}ss");
    }

    #[test]
    fn long_text_is_cut_between_characters() {
        let line = redact(&"é".repeat(500), []);
        assert_eq!(line.chars().count(), MAX_CHARS + 1);
    }
}
