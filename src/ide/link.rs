//! What a text leads to. In: a file. Out: the files that it names and the addresses that stand in it, with their places.

use super::view::View;
use crate::source::{FileId, IncludeTarget, Span};

/// A place that leads somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// The place.
    pub span: Span,
    /// Where it leads.
    pub target: LinkTarget,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LinkTarget {
    /// To a file among the sources.
    File(FileId),
    /// To an address of the web.
    Address(String),
}

impl View<'_> {
    /// The links of a file, by their places.
    #[must_use]
    pub fn links(&self, file: FileId) -> Vec<Link> {
        let mut links: Vec<Link> = self
            .sources
            .includes(file)
            .filter_map(|(span, attached)| match attached {
                // The quotes are no part of the path.
                IncludeTarget::Text(target) if span.len() > 2 => {
                    let span = Span { start: span.start + 1, end: span.end - 1, ..span };
                    Some(Link { span, target: LinkTarget::File(*target) })
                }
                IncludeTarget::Text(_)
                | IncludeTarget::Refused
                | IncludeTarget::TooLarge
                | IncludeTarget::Missing { .. }
                | IncludeTarget::Folder
                | IncludeTarget::Unreadable(_)
                | IncludeTarget::Outside
                | IncludeTarget::Absolute
                | IncludeTarget::Backslash => None,
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

/// The whole addresses in a text; one with a hole in it leads nowhere yet.
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
    fn addresses_end_where_they_end() {
        let text = "see https://a.example/x?y=1, (http://b.example) \"https://c.example/{{ id }}\" https:// http";
        let found: Vec<&str> = addresses(text).into_iter().map(|(start, end)| &text[start..end]).collect();
        assert_eq!(found, ["https://a.example/x?y=1", "http://b.example"]);
    }
}
