//! Links in plain texts. In: a text expression. Out: the same, with values that are part of a web address encoded.

use crate::check::program::{Expr, Filter, Part, TextBranch, UNSUBSCRIBE_MARK};
use crate::markup::EscapeContext;
use crate::value::{Type, Value};

/// Where in a web address a text is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Position {
    Outside,
    Host,
    Path,
    Query,
}

/// Encodes the placeholders that are part of a web address, such as `https://lumen.example/?name={{ client.name }}`.
pub(super) fn encode_links(text: Expr) -> Expr {
    let Expr::Text(parts) = text else { return text };
    let mut at = Position::Outside;
    Expr::Text(encode_parts(parts, &mut at))
}

/// Encodes the placeholders of some parts; `at` is the position before them, and then the one after them.
fn encode_parts(parts: Vec<Part>, at: &mut Position) -> Vec<Part> {
    let encode = |part: Part| match part {
        Part::Text(text) => {
            *at = after(*at, &text);
            Part::Text(text)
        }
        Part::If { branches, otherwise } => {
            let (before, mut end) = (*at, Position::Outside);
            let mut encode_branch = |parts: Vec<Part>| {
                let mut at = before;
                let parts = encode_parts(parts, &mut at);
                // After branches that end in different positions, encoding is safe, and not encoding is not.
                end = end.max(at);
                parts
            };
            let branches = branches.into_iter();
            let branches = branches.map(|branch| TextBranch { parts: encode_branch(branch.parts), ..branch }).collect();
            let otherwise = encode_branch(otherwise);
            *at = end;
            Part::If { branches, otherwise }
        }
        Part::Placeholder(expr, mut filters) => {
            let is_encoded = filters.contains(&Filter::UrlEncode);
            let place = match *at {
                Position::Path => Some(EscapeContext::LinkPath),
                Position::Query => Some(EscapeContext::LinkQuery),
                Position::Outside | Position::Host => None,
            };
            if *at == Position::Outside && is_address(&expr) {
                *at = Position::Path;
            }
            if place.is_some() && matches!(filters.last(), Some(Filter::Clock(_))) {
                // Programs read the instant.
                filters.pop();
            }
            filters.extend(place.filter(|_| !is_encoded).map(Filter::Safe));
            Part::Placeholder(expr, filters)
        }
    };
    parts.into_iter().map(encode).collect()
}

/// Whether a value is a web address that a text may continue.
fn is_address(expr: &Expr) -> bool {
    match expr {
        Expr::Field(read) => read.ty == Type::Url,
        Expr::Value(Value::Text(text)) => text != UNSUBSCRIBE_MARK && text.contains("://"),
        _ => false,
    }
}

/// The position after a text.
fn after(before: Position, text: &str) -> Position {
    let lower = text.to_ascii_lowercase();
    let start =
        ["https://", "http://"].into_iter().filter_map(|scheme| Some(lower.rfind(scheme)? + scheme.len())).max();
    let (before, rest) = match start.and_then(|start| text.get(start..)) {
        Some(rest) => (Position::Host, rest),
        None => (before, text),
    };
    if before == Position::Outside || rest.contains(|c: char| c.is_whitespace() || "<>\"".contains(c)) {
        return Position::Outside;
    }
    if before == Position::Query || rest.contains(['?', '#']) || (before == Position::Path && rest.starts_with('&')) {
        return Position::Query;
    }
    if before == Position::Path || rest.contains('/') { Position::Path } else { Position::Host }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_in_links_are_found() {
        use Position::{Host, Outside, Path, Query};
        for (before, text, position) in [
            (Outside, "Hello ", Outside),
            (Outside, "See https://", Host),
            (Outside, "See HTTPS://lumen.example", Host),
            (Host, ".example/", Path),
            (Outside, "https://lumen.example/b/", Path),
            (Outside, "https://lumen.example/?name=", Query),
            (Outside, "https://lumen.example?name=", Query),
            (Path, "/edit", Path),
            (Path, "?utm=", Query),
            (Path, "&utm=", Query),
            (Query, "&x=", Query),
            (Query, " and ", Outside),
            (Path, "\nhttps://lumen.example/", Path),
            (Outside, "https://a.example/ or ", Outside),
        ] {
            assert_eq!(after(before, text), position, "{text}");
        }
    }
}
