//! Templates of URLs, headers and bodies with `{name}` placeholders. Values are escaped for their position, so that
//! client data cannot change the meaning of the text around it.

use std::fmt::Write;

/// How a value is escaped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Escape {
    /// Not at all.
    None,
    /// As part of a JSON string (RFC 8259).
    Json,
    /// As part of a URL or a form: all but letters, digits and `-._~` as `%XX` (RFC 3986).
    Percent,
    /// As XML text or an attribute value.
    Xml,
}

impl Escape {
    /// Returns the escaping for a body of this content type.
    #[must_use]
    pub fn of_content_type(content_type: &str) -> Self {
        let kind = content_type.split(';').next().unwrap_or("").trim().to_ascii_lowercase();
        if kind == "application/x-www-form-urlencoded" {
            Self::Percent
        } else if kind.ends_with("json") {
            Self::Json
        } else if kind.ends_with("xml") {
            Self::Xml
        } else {
            Self::None
        }
    }

    fn apply(self, value: &str) -> String {
        match self {
            Self::None => value.to_owned(),
            Self::Json => json(value),
            Self::Percent => percent(value),
            Self::Xml => xml(value),
        }
    }
}

/// Returns the names of all `{name}` placeholders of a template with their byte offsets, in order. Other braces are
/// plain text.
#[must_use]
pub fn placeholders(template: &str) -> Vec<(usize, &str)> {
    let name_at = |at: usize| {
        let rest = &template[at + 1..];
        let name = &rest[..rest.find('}')?];
        let starts = name.starts_with(|c: char| c.is_ascii_lowercase());
        let goes_on = name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        (starts && goes_on).then_some((at, name))
    };
    template.match_indices('{').filter_map(|(at, _)| name_at(at)).collect()
}

/// Fills a template. A placeholder without a value is kept as is.
#[must_use]
pub fn fill<'v>(template: &str, escape: Escape, value: impl Fn(&str) -> Option<&'v str>) -> String {
    let mut out = String::with_capacity(template.len());
    let mut done = 0;
    for (at, name) in placeholders(template) {
        if let Some(value) = value(name) {
            out.push_str(&template[done..at]);
            out.push_str(&escape.apply(value));
            done = at + name.len() + 2;
        }
    }
    out.push_str(&template[done..]);
    out
}

/// Rejects a URL with dot segments, in any encoding: a client's value could use `..` to escape from its place in the
/// path.
///
/// # Errors
/// The reason.
pub(super) fn reject_dot_segments(url: &str) -> Result<(), String> {
    let path = url.split(['?', '#']).next().unwrap_or("");
    let is_dot_segment = |part: &str| matches!(part.to_ascii_lowercase().replace("%2e", ".").as_str(), "." | "..");
    let after_host = path.split(['/', '\\']).skip(3);
    if after_host.into_iter().any(is_dot_segment) {
        Err("its address contains a `.` or `..` path segment".to_owned())
    } else {
        Ok(())
    }
}

/// Percent-encodes all UTF-8 bytes except for letters, digits and `-._~`.
pub(super) fn percent(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

fn json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn xml(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for c in value.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&apos;"),
            // XML 1.0 cannot represent the other control characters.
            c if c.is_control() && !matches!(c, '\t' | '\n' | '\r') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filled(template: &str, escape: Escape) -> String {
        fill(template, escape, |name| (name == "text").then_some("a\"b\\c\n& <é>{text}"))
    }

    #[test]
    fn values_are_escaped_for_their_place() {
        assert_eq!(filled(r#"{"t": "{text}"}"#, Escape::Json), r#"{"t": "a\"b\\c\n& <é>{text}"}"#);
        assert_eq!(filled("t={text}", Escape::Percent), "t=a%22b%5Cc%0A%26%20%3C%C3%A9%3E%7Btext%7D");
        assert_eq!(filled("<t>{text}</t>", Escape::Xml), "<t>a&quot;b\\c\n&amp; &lt;é&gt;{text}</t>");
    }

    #[test]
    fn only_known_placeholders_are_replaced() {
        assert_eq!(filled("{to} {} {a b} { {text", Escape::None), "{to} {} {a b} { {text");
        let names: Vec<_> = placeholders(r#"{"to": {"x": "{to}"}} {{id}}"#).into_iter().map(|(_, n)| n).collect();
        assert_eq!(names, ["to", "id"]);
    }

    #[test]
    fn the_escape_follows_the_content_type() {
        assert_eq!(Escape::of_content_type("application/json; charset=utf-8"), Escape::Json);
        assert_eq!(Escape::of_content_type("Application/X-WWW-Form-Urlencoded"), Escape::Percent);
        assert_eq!(Escape::of_content_type("text/xml"), Escape::Xml);
        assert_eq!(Escape::of_content_type("text/plain"), Escape::None);
    }

    #[test]
    fn dot_segments_are_rejected() {
        for fine in
            ["https://h.example/a/b..c", "https://h.example/?x=../..", "https://h.example", "https://h.example/..."]
        {
            assert_eq!(reject_dot_segments(fine), Ok(()), "{fine}");
        }
        for wrong in [
            "https://h.example/a/../b",
            "https://h.example/%2E%2e",
            "https://h.example/a/.",
            "https://h.example/a\\..\\b",
        ] {
            assert!(reject_dot_segments(wrong).is_err(), "{wrong}");
        }
    }
}
