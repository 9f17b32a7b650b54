//! Escapes text for XML and HTML, both as content and as an attribute value.

/// Escapes a text; characters that XML does not allow are replaced.
#[must_use]
pub fn escape_xml(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '\n' | '\t' => out.push(c),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::escape_xml;

    #[test]
    fn escaped_text_stays_inside_its_place() {
        assert_eq!(escape_xml("a\"'<b>&\u{1b}\u{ffff}\n"), "a&quot;&#39;&lt;b&gt;&amp;\u{fffd}\u{fffd}\n");
    }
}
