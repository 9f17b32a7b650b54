//! Filters outside a placeholder, as in `where client.city | default("x")`: reported with what to write instead, and
//! left out of the tree.

use super::error::ParseError;
use super::lookahead::{begins, peek_nth, peek_second};
use super::recover::{fail, skip_until};
use super::{Cursor, Extent, foreign};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{Expr, ExprKind};
use crate::syntax::foreign_syntax;
use crate::syntax::token::{Keyword, Kind, Token};
use chumsky::error::EmptyErr;

use Keyword as K;

/// Filters after an operand.
pub(super) struct MisplacedFilters {
    /// From the first bar to the end of the last filter.
    span: Span,
    /// Whether one of them is `default`.
    has_default: bool,
}

/// What the value is used for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Use {
    /// In a condition.
    Condition,
    /// As a value that may be a text.
    Value,
    /// As a moment.
    Moment,
}

/// Reads `| default("x") | upper` outside a placeholder; fails at anything else.
pub(super) fn misplaced_filters(inp: &mut Cursor<'_, '_>) -> Result<MisplacedFilters, EmptyErr> {
    let mut filters: Option<MisplacedFilters> = None;
    while let Some(bar) = inp.peek().filter(|t| t.kind == Kind::Bar)
        && let Some(name) = peek_second(inp).filter(|t| t.kind.is_word() && !t.first)
        && (foreign_syntax::is_filter(name.text) || peek_nth(inp, 2).is_some_and(|t| t.kind == Kind::ParenOpen))
        && foreign::foreign_arrow_len(inp).is_none()
        && (filters.is_some() || !inp.state().is_in_placeholder(bar.span.start))
    {
        let before = filters.take();
        let is_call = peek_nth(inp, 2).is_some_and(|t| t.kind == Kind::ParenOpen && !t.first);
        inp.skip();
        inp.skip();
        let mut end = name.span;
        if is_call {
            inp.skip();
            skip_until(inp, |t| t.kind == Kind::ParenClose || t.first);
            if let Some(close) = inp.peek().filter(|t| t.kind == Kind::ParenClose) {
                end = close.span;
                inp.skip();
            }
        }
        let start = before.as_ref().map_or(bar.span, |filters| filters.span);
        let has_default = before.is_some_and(|filters| filters.has_default) || name.text == "default";
        filters = Some(MisplacedFilters { span: start.to(end), has_default });
    }
    filters.map_or_else(fail, Ok)
}

/// Reports the filters after an operand. What the filters would return is not known.
pub(super) fn report<'a>(operand: &Expr, filters: &MisplacedFilters, e: &mut Extent<'a, '_>) -> Expr {
    let value = e.state().slice(operand.span);
    let written = e.state().slice(operand.span.to(filters.span));
    let usage = usage(e.state().before_on_line(operand.span.start));
    let message = say!("filters are only allowed inside `{{{{ .. }}}}`");
    let mut diagnostic = Diagnostic::new(Code::UnexpectedToken, filters.span, message, say!("not allowed here"));
    if filters.has_default {
        diagnostic = diagnostic.help(match usage {
            Use::Condition => say!("test for a missing value: `{value} is known and ..`", value),
            Use::Value | Use::Moment => say!("test for a missing value: `if {value} is known {{ .. }}`", value),
        });
    }
    if usage != Use::Moment {
        let right = format!("\"{{{{ {written} }}}}\"");
        diagnostic = diagnostic.help(say!("for a text, write `{right}`", right = &right)).guess(
            say!("change it to `{right}`", right = &right),
            operand.span.to(filters.span),
            right.as_str(),
        );
    }
    e.state().errors.push(ParseError { diagnostic, respell: None });
    Expr { kind: ExprKind::Error, span: operand.span.to(filters.span) }
}

/// What a value is used for, by the tokens before it in its construct, nearest first.
fn usage<'a>(before: impl Iterator<Item = Token<'a>>) -> Use {
    for token in before {
        match token.kind {
            Kind::Key(K::Until | K::Before) => return Use::Moment,
            Kind::Label | Kind::Key(K::Set | K::To | K::Match) => return Use::Value,
            Kind::Arrow | Kind::BraceOpen | Kind::BraceClose => return Use::Value,
            _ if begins(token, &[K::If, K::Where, K::While, K::Segment, K::Const]) => return Use::Condition,
            _ => {}
        }
    }
    Use::Value
}
