//! Document links. In: a file. Out: the files and web addresses that it mentions.

use crate::ide::view::View;
use crate::source::{FileId, IncludeTarget, Span};

/// A link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The location of the link.
    pub span: Span,
    /// Its target.
    pub target: LinkTarget,
}

/// The target of a link.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkTarget {
    /// One of the source files.
    File(FileId),
    /// A web address.
    Address(String),
}

impl View<'_> {
    /// Returns the links of a file, by position.
    #[must_use]
    pub fn links(&self, file: FileId) -> Vec<Link> {
        let mut links: Vec<Link> = self
            .sources
            .includes(file)
            .filter_map(|(span, attached)| {
                let IncludeTarget::Text(target) = attached else { return None };
                // The quotes are not part of the path.
                let path = Span { start: span.start + 1, end: span.end.saturating_sub(1), ..span };
                (span.len() > 2).then_some(Link { span: path, target: LinkTarget::File(*target) })
            })
            .collect();
        let text = self.text(file);
        let addresses = addresses(text).into_iter();
        links.extend(addresses.map(|(start, end)| Link {
            span: Span::new(file, start, end),
            target: LinkTarget::Address(text.get(start..end).unwrap_or("").to_owned()),
        }));
        links.sort_by_key(|link| link.span);
        links
    }
}

/// The web addresses in a text, except those with a placeholder.
fn addresses(text: &str) -> Vec<(usize, usize)> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(at) = text.get(from..).and_then(|rest| rest.find("http")) {
        let start = from + at;
        let rest = text.get(start..).unwrap_or("");
        let length = rest
            .find(|c: char| c.is_whitespace() || c.is_control() || "\"'<>{}|\\^`)]".contains(c))
            .unwrap_or(rest.len());
        let address = rest.get(..length).unwrap_or("").trim_end_matches(['.', ',', ';', ':', '!', '?']);
        let named =
            ["https://", "http://"].iter().any(|scheme| address.len() > scheme.len() && address.starts_with(scheme));
        if named && !rest.get(length..).unwrap_or("").starts_with("{{") {
            found.push((start, start + address.len()));
        }
        from = start + length.max("http".len());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_end_before_punctuation_and_placeholders() {
        let text = "see https://a.example/x?y=1, (http://b.example) \"https://c.example/{{ id }}\" https:// http";
        let found: Vec<&str> = addresses(text).into_iter().map(|(start, end)| &text[start..end]).collect();
        assert_eq!(found, ["https://a.example/x?y=1", "http://b.example"]);
    }
}
