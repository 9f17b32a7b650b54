//! The kinds of highlighted tokens, as listed in `tests/highlight/README.md`, for captures, scopes and lexer tokens.

use funnelc::syntax::token::Kind as Token;
use std::collections::BTreeMap;
use std::sync::OnceLock;

/// Prefixes of captures or scopes with their kinds; the first match counts.
type Kinds = Vec<(String, String)>;

/// The tables of `tests/highlight/kinds.json`, which the tests of editors read too.
fn kinds(of: &str) -> &'static Kinds {
    static KINDS: OnceLock<BTreeMap<String, Kinds>> = OnceLock::new();
    let read = || serde_json::from_str(include_str!("../highlight/kinds.json")).expect("three tables");
    &KINDS.get_or_init(read)[of]
}

/// The kind of a capture of `queries/highlights.scm`.
pub(super) fn of_capture(capture: &str) -> &'static str {
    first(kinds("captures"), capture).unwrap_or("none")
}

/// The kind of a capture of `queries-helix/highlights.scm`.
pub(super) fn of_helix(capture: &str) -> &'static str {
    first(kinds("helix"), capture).unwrap_or("none")
}

/// The kind of nested TextMate scopes, given outermost first.
pub(super) fn of_scopes<'a>(scopes: impl DoubleEndedIterator<Item = &'a str>) -> &'static str {
    scopes.rev().find_map(|scope| first(kinds("scopes"), scope)).unwrap_or("none")
}

fn first(kinds: &'static Kinds, name: &str) -> Option<&'static str> {
    let matches = |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    kinds.iter().find(|(prefix, _)| matches(prefix)).map(|(_, kind)| kind.as_str())
}

/// The kinds that a token of the lexer can have: the lexer cannot tell a keyword from a name spelled like one, and does not
/// mark the escapes in a string.
pub(super) fn of_token(kind: Token) -> &'static [&'static str] {
    match kind {
        Token::Name | Token::Label => &["name"],
        Token::Key(_) => &["keyword", "name"],
        Token::Number | Token::Percent | Token::Money | Token::Duration => &["number"],
        Token::Time | Token::Date | Token::DateTime => &["number"],
        Token::TextOpen | Token::TextClose => &["text"],
        Token::Chunk => &["text", "escape"],
        Token::PlaceholderOpen | Token::PlaceholderClose => &["hole"],
        Token::BraceOpen | Token::BraceClose | Token::ParenOpen | Token::ParenClose => &["bracket"],
        Token::BracketOpen | Token::BracketClose => &["bracket"],
        Token::Colon | Token::Comma | Token::Dot => &["separator"],
        Token::Arrow | Token::DotDot | Token::Assign | Token::Bar | Token::Question | Token::Equal => &["operator"],
        Token::NotEqual | Token::Less | Token::LessEqual | Token::Greater | Token::GreaterEqual => &["operator"],
        Token::Plus | Token::Minus | Token::Star | Token::Slash | Token::PlusAssign | Token::MinusAssign => {
            &["operator"]
        }
    }
}
