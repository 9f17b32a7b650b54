//! Habits: what people write instead of something else, as a pattern of words, and what to write. In: the tokens around
//! a syntax error. Out: a diagnostic that names the right words.
//!
//! A pattern is a list of atoms on one line: words, alternatives `a|b`, or a class such as `<duration>`. The atom with
//! `^` contains the token at which the error is.

use super::error::{ParseError, is_misspelling};
use super::lookahead::begins;
use super::trigger::DAYS;
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Span;
use crate::syntax::foreign_syntax;
use crate::syntax::token::{ELEMENTS, Keyword, Kind, Token};

use Keyword as K;

/// The texts that the atoms of a pattern matched.
pub(super) type Words<'w, 'a> = &'w [&'a str];

/// A pattern, and what to write instead.
#[derive(Debug)]
pub(super) struct Habit {
    pattern: &'static str,
    instead: Instead,
}

/// What to write.
#[derive(Debug)]
enum Instead {
    /// This, and nothing else can be meant.
    Certain(fn(Words<'_, '_>) -> String),
    /// Probably this.
    Perhaps(fn(Words<'_, '_>) -> String),
    /// What a sentence says.
    Help(fn(Words<'_, '_>) -> Phrase),
}

/// A habit that can mean only one thing.
pub(super) const fn certain(pattern: &'static str, right: fn(Words<'_, '_>) -> String) -> Habit {
    Habit { pattern, instead: Instead::Certain(right) }
}

/// A habit that probably means this.
pub(super) const fn perhaps(pattern: &'static str, right: fn(Words<'_, '_>) -> String) -> Habit {
    Habit { pattern, instead: Instead::Perhaps(right) }
}

/// A habit that needs an explanation.
pub(super) const fn explained(pattern: &'static str, help: fn(Words<'_, '_>) -> Phrase) -> Habit {
    Habit { pattern, instead: Instead::Help(help) }
}

/// How many tokens before an error are searched for the beginning of a habit.
const LOOKBACK: usize = 24;

/// The diagnostic for the habit at the token `at`, if there is one.
pub(super) fn find<'a>(text: &'a str, tokens: &[Token<'a>], at: usize, habits: &[Habit]) -> Option<ParseError> {
    let start_of_line = tokens.get(..=at)?.iter().rposition(|t| t.first).unwrap_or(0);
    let first = start_of_line.max(at.saturating_sub(LOOKBACK));
    let found = |habit: &Habit, start| Some(report(text, matched(text, tokens, start, at, habit.pattern)?, habit));
    habits.iter().find_map(|habit| (first..=at).find_map(|start| found(habit, start)))
}

/// What a pattern matched: its span, and the text of each atom.
struct Match<'a> {
    span: Span,
    words: Vec<&'a str>,
}

/// Matches a pattern with the tokens from `start` on.
fn matched<'a>(text: &'a str, tokens: &[Token<'a>], start: usize, at: usize, pattern: &str) -> Option<Match<'a>> {
    let (mut next, mut words, mut span) = (start, Vec::new(), tokens.get(start)?.span);
    for atom in pattern.split(' ') {
        let (is_error, atom) = atom.strip_prefix('^').map_or((false, atom), |atom| (true, atom));
        let rest = tokens.get(next..)?;
        let rest = if next > start && rest.first().is_some_and(|t| t.first) { &[] } else { rest };
        let count = atom_len(rest, atom)?;
        if is_error && !(next..next + count.max(1)).contains(&at) {
            return None;
        }
        let taken = rest.get(..count)?;
        let place = taken.first().zip(taken.last()).map(|(first, last)| first.span.to(last.span));
        words.push(place.map_or("", |place| text.get(place.range()).unwrap_or("")));
        span = place.map_or(span, |place| span.to(place));
        next += count;
    }
    (next > at || tokens.get(at).is_none_or(|t| t.first)).then_some(Match { span, words })
}

/// How many tokens an atom takes; `None` if it does not match.
fn atom_len(rest: &[Token<'_>], atom: &str) -> Option<usize> {
    let first = rest.first();
    let is = |wanted: fn(Token<'_>) -> bool| first.is_some_and(|t| wanted(*t)).then_some(1);
    match atom {
        "<end>" => {
            let ends = |t: &Token<'_>| t.first || matches!(t.kind, Kind::Arrow | Kind::BraceClose | Kind::Key(K::Else));
            first.is_none_or(ends).then_some(0)
        }
        "<tested>" => {
            let sign = |t: &Token<'_>| {
                matches!(t.kind, Kind::Equal | Kind::NotEqual | Kind::Less | Kind::LessEqual | Kind::Greater)
                    || matches!(t.kind, Kind::GreaterEqual | Kind::Assign | Kind::Arrow | Kind::BraceOpen)
                    || begins(*t, &[K::Is, K::In, K::Contains, K::And, K::Or])
            };
            first.filter(|t| !t.first && sign(t)).map(|_| 0)
        }
        "<filter>" => is(|t| foreign_syntax::is_filter(t.text)),
        "<same>" => first.filter(|t| !t.first).map(|_| 0),
        "<name>" => is(|t| t.kind.is_word()),
        // A name that is not meant as an element.
        "<other>" => is(|t| t.kind == Kind::Name && !is_misspelling(t.text, ELEMENTS)),
        "<step>" => is(|t| begins(t, ELEMENTS)).map(|_| 0),
        "<duration>" => is(|t| t.kind == Kind::Duration),
        "<number>" => is(|t| t.kind == Kind::Number),
        "<time>" => is(|t| t.kind == Kind::Time),
        "<date>" => is(|t| matches!(t.kind, Kind::Date | Kind::DateTime)),
        "<weekday>" => is(|t| begins(t, DAYS)),
        "<channel>" => is(|t| is_channel(t.text)),
        "<unit>" => is(|t| foreign_syntax::unit(t.text).is_some() && t.text.chars().count() > 1),
        "<text>" => text_len(rest),
        "<path>" => path_len(rest),
        "<value>" => match first?.kind {
            Kind::TextOpen => text_len(rest),
            Kind::Number | Kind::Money | Kind::Duration | Kind::Time | Kind::Date | Kind::DateTime => Some(1),
            _ => path_len(rest),
        },
        "<arguments>" => enclosed_len(rest),
        "<list>" => {
            first.filter(|t| t.kind == Kind::BracketOpen)?;
            rest.iter().position(|t| t.kind == Kind::BracketClose).map(|close| close + 1)
        }
        words => {
            let text = first?.text.to_lowercase();
            (words == text || words.split('|').any(|word| word == text)).then_some(1)
        }
    }
}

/// Whether a word names a channel of every project, in any case.
pub(super) fn is_channel(word: &str) -> bool {
    ["sms", "email", "telegram", "whatsapp"].contains(&word.to_lowercase().as_str())
}

/// The tokens of a string.
fn text_len(rest: &[Token<'_>]) -> Option<usize> {
    rest.first().filter(|t| t.kind == Kind::TextOpen)?;
    let mut open: usize = 0;
    rest.iter()
        .position(|t| {
            open = match t.kind {
                Kind::TextOpen => open + 1,
                Kind::TextClose => open.saturating_sub(1),
                _ => open,
            };
            open == 0
        })
        .map(|close| close + 1)
}

/// The tokens of a record or of arguments in parentheses; none where there is neither.
fn enclosed_len(rest: &[Token<'_>]) -> Option<usize> {
    if !rest.first().is_some_and(|t| matches!(t.kind, Kind::BraceOpen | Kind::ParenOpen)) {
        return Some(0);
    }
    let mut open: usize = 0;
    rest.iter()
        .position(|t| {
            open = match t.kind {
                Kind::BraceOpen | Kind::ParenOpen => open + 1,
                Kind::BraceClose | Kind::ParenClose => open.saturating_sub(1),
                _ => open,
            };
            open == 0
        })
        .map(|close| close + 1)
}

/// The tokens of `a.b.c`.
fn path_len(rest: &[Token<'_>]) -> Option<usize> {
    rest.first().filter(|t| t.kind.is_word())?;
    let members = rest.get(1..)?.chunks(2);
    let is_member = |pair: &&[Token<'_>]| match pair {
        [dot, name] => dot.kind == Kind::Dot && name.kind.is_word() && !name.first,
        _ => false,
    };
    Some(1 + 2 * members.take_while(is_member).count())
}

/// Whether a diagnostic is about a habit. The parser does not continue as if it had been written correctly.
pub(in crate::syntax) fn is_habit(diagnostic: &Diagnostic) -> bool {
    diagnostic.code == Code::UnexpectedToken && diagnostic.message.starts_with("unknown construct ")
}

fn report(text: &str, Match { span, words }: Match<'_>, habit: &Habit) -> ParseError {
    let wrong = text.get(span.range()).unwrap_or("");
    let diagnostic = Diagnostic::new(
        Code::UnexpectedToken,
        span,
        say!("unknown construct `{wrong}`", wrong),
        say!("written differently here"),
    );
    let diagnostic = match habit.instead {
        Instead::Certain(right) | Instead::Perhaps(right) => {
            let right = right(&words);
            let (help, title) = if right.is_empty() {
                (say!("remove this"), say!("remove this"))
            } else {
                let right = right.trim_start();
                (say!("write `{right}`", right), say!("change it to `{right}`", right))
            };
            let diagnostic = diagnostic.help(help);
            if matches!(habit.instead, Instead::Certain(_)) {
                diagnostic.fix(title, span, right)
            } else {
                diagnostic.guess(title, span, right)
            }
        }
        Instead::Help(help) => diagnostic.help(help(&words)),
    };
    ParseError { diagnostic, respell: None }
}
