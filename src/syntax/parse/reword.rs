//! Keywords in another spelling, `If` or `если`. In: tokens with syntax errors. Out: the tokens with those words as
//! keywords that make the text more correct.

use super::error::ParseError;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::syntax::foreign_syntax;
use crate::syntax::token::{Keyword, Kind, Token};

/// How many tokens are read at most to find out which words are meant as keywords.
const MAX_TOKENS_READ: usize = 200_000;

/// Where the words are that may be keywords in another spelling.
pub(super) fn candidates(tokens: &[Token<'_>]) -> Vec<(usize, Keyword)> {
    let is_member = |at: usize| at.checked_sub(1).and_then(|at| tokens.get(at)).is_some_and(|t| t.kind == Kind::Dot);
    let names = tokens.iter().enumerate().filter(|(at, t)| t.kind == Kind::Name && !is_member(*at));
    let found: Vec<_> = names
        .filter_map(|(at, t)| Some((at, foreign_syntax::respelled(t.text, tokens.get(at + 1).map(|t| t.kind))?)))
        .collect();
    if found.len() * tokens.len() <= MAX_TOKENS_READ { found } else { Vec::new() }
}

/// The tokens with some words as keywords.
pub(super) fn with_keywords<'a>(tokens: &[Token<'a>], words: &[(usize, Keyword)]) -> Vec<Token<'a>> {
    let mut right = tokens.to_vec();
    for (at, keyword) in words {
        if let Some(token) = right.get_mut(*at) {
            token.kind = Kind::Key(*keyword);
        }
    }
    right
}

/// Whether errors are fewer, or begin later.
pub(super) fn is_better(errors: &[ParseError], than: &[ParseError]) -> bool {
    errors.len() < than.len() || (errors.len() == than.len() && first(errors) > first(than))
}

fn first(errors: &[ParseError]) -> u32 {
    errors.iter().map(|error| error.diagnostic.span.start).min().unwrap_or(u32::MAX)
}

/// The diagnostic about a word that is meant as a keyword.
pub(super) fn report(token: Token<'_>, keyword: Keyword) -> Diagnostic {
    let (wrong, word) = (token.text, keyword.text());
    let label = if wrong.to_lowercase() == word { say!("must be lowercase") } else { say!("keywords are in English") };
    Diagnostic::new(Code::MisspelledKeyword, token.span, say!("unknown word `{wrong}`", wrong), label)
        .help(say!("write `{right}`", right = word))
        .fix(say!("change `{wrong}` to `{word}`", wrong, word), token.span, word)
}
