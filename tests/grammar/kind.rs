//! What a coloured token is, in the few words of `tests/highlight/README.md`: in, a capture, a scope or a token; out, its kind.

use funnelc::syntax::token::Kind as Token;

/// The kind of a capture of `queries/highlights.scm`.
pub(super) fn of_capture(capture: &str) -> &'static str {
    const KINDS: &[(&str, &str)] = &[
        ("comment.documentation", "doc"),
        ("comment", "comment"),
        ("keyword", "keyword"),
        ("boolean", "keyword"),
        ("constant.builtin", "keyword"),
        ("type.builtin", "keyword"),
        ("string.escape", "escape"),
        ("string", "text"),
        ("number", "number"),
        ("operator", "operator"),
        ("punctuation.special", "hole"),
        ("punctuation.bracket", "bracket"),
        ("punctuation.delimiter", "separator"),
        ("function", "name"),
        ("type", "name"),
        ("constant", "name"),
        ("variable", "name"),
        ("property", "name"),
        ("label", "name"),
        ("module", "name"),
    ];
    first(KINDS, capture).unwrap_or("none")
}

/// The kind that the scopes of a TextMate grammar give, outermost first.
pub(super) fn of_scopes<'a>(scopes: impl DoubleEndedIterator<Item = &'a str>) -> &'static str {
    const KINDS: &[(&str, &str)] = &[
        ("comment.line.number-sign.documentation", "doc"),
        ("comment", "comment"),
        ("keyword.operator.word", "keyword"),
        ("keyword.operator", "operator"),
        ("keyword", "keyword"),
        ("storage", "keyword"),
        ("constant.language", "keyword"),
        ("support.type", "keyword"),
        ("constant.numeric", "number"),
        ("constant.character.escape", "escape"),
        ("constant.other", "name"),
        ("variable", "name"),
        ("entity", "name"),
        ("support", "name"),
        ("punctuation.definition.string", "text"),
        ("punctuation.section.interpolation", "hole"),
        ("punctuation.section", "bracket"),
        ("punctuation", "separator"),
        // What is not coloured inside of these has no colour, whatever is around them.
        ("meta.interpolation", "none"),
        ("meta.expectation", "none"),
        ("string", "text"),
    ];
    scopes.rev().find_map(|scope| first(KINDS, scope)).unwrap_or("none")
}

fn first(kinds: &[(&str, &'static str)], name: &str) -> Option<&'static str> {
    let within = |prefix: &str| name.strip_prefix(prefix).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    kinds.iter().find(|(prefix, _)| within(prefix)).map(|(_, kind)| *kind)
}

/// The kinds that a token of the lexer may turn out to be: it does not know that a word which could be a keyword is a name,
/// nor where the escapes in a text are.
pub(super) fn of_token(kind: Token) -> &'static [&'static str] {
    match kind {
        Token::Name | Token::Label => &["name"],
        Token::Key(_) => &["keyword", "name"],
        Token::Number | Token::Percent | Token::Money | Token::Duration => &["number"],
        Token::Time | Token::Date | Token::DateTime => &["number"],
        Token::TextOpen | Token::TextClose => &["text"],
        Token::Chunk => &["text", "escape"],
        Token::HoleOpen | Token::HoleClose => &["hole"],
        Token::BraceOpen | Token::BraceClose | Token::ParenOpen | Token::ParenClose => &["bracket"],
        Token::BracketOpen | Token::BracketClose => &["bracket"],
        Token::Colon | Token::Comma | Token::Dot => &["separator"],
        Token::Arrow | Token::DotDot | Token::Assign | Token::Bar | Token::Question | Token::Equal => &["operator"],
        Token::NotEqual | Token::Less | Token::LessEqual | Token::Greater | Token::GreaterEqual => &["operator"],
        Token::Plus | Token::Minus | Token::Star | Token::Slash => &["operator"],
    }
}
