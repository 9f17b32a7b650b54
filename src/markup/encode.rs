//! Encodes values for the context of a placeholder.

use super::EscapeContext;
use std::fmt::Write;

/// Encodes a value for a context; HTML escaping follows.
#[must_use]
pub fn encode(place: EscapeContext, words: &str) -> String {
    match place {
        // RFC 3986 without what could end a quoted string or a URL in a style; `%` is kept because it is encoded
        // already.
        EscapeContext::Link => percent(words, |c| c.is_ascii_alphanumeric() || "-._~:/?#[]@!$&*+,;=%".contains(c)),
        EscapeContext::LinkPath => percent(words, |c| c.is_ascii_alphanumeric() || "-._~/:@!$&*+,;=".contains(c)),
        EscapeContext::LinkQuery => percent(words, |c| c.is_ascii_alphanumeric() || "-._~".contains(c)),
        EscapeContext::Style => {
            words.chars().filter(|c| c.is_ascii_alphanumeric() || " #%.,-_+".contains(*c)).collect()
        }
    }
}

/// Percent-encodes all characters that are not kept: `%D0%90`.
fn percent(words: &str, kept: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(words.len());
    for c in words.chars() {
        if kept(c) {
            out.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            // Writing to a `String` cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_inside_their_context() {
        let table = [
            (EscapeContext::Link, "https://x.example/?a=1&b=%D0%90#c", "https://x.example/?a=1&b=%D0%90#c"),
            (EscapeContext::Link, "https://x.example/');x(\"", "https://x.example/%27%29;x%28%22"),
            (EscapeContext::LinkPath, "anna+1@x.example", "anna+1@x.example"),
            (EscapeContext::LinkPath, "a b?c#d/e", "a%20b%3Fc%23d/e"),
            (EscapeContext::LinkQuery, "a&b=c d/Анна", "a%26b%3Dc%20d%2F%D0%90%D0%BD%D0%BD%D0%B0"),
            (EscapeContext::Style, "red; background: url(x)", "red background urlx"),
            (EscapeContext::Style, "#ff0000", "#ff0000"),
            (EscapeContext::Style, "expression(alert('x'))</style>", "expressionalertxstyle"),
        ];
        for (place, words, safe) in table {
            assert_eq!(encode(place, words), safe, "{place:?}");
        }
    }
}
