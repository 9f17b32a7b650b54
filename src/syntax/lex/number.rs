//! Numbers and their suffixes: units, currencies, digit groups, dates with a time.

use super::Lexer;
use crate::syntax::token::Kind;
use crate::syntax::{foreign_syntax, literal};
use std::ops::Range;

impl Lexer<'_> {
    pub(super) fn push_literal(&mut self, kind: Kind, range: Range<usize>) {
        if let Some(kind) = self.continued_kind(&range).filter(|_| kind == Kind::Number) {
            return self.merge(kind, range.end);
        }
        let last = self.out.tokens.last().filter(|_| !self.first).map(|t| t.kind);
        if last == Some(Kind::Duration) && kind == Kind::Duration {
            return self.merge(kind, range.end);
        }
        let date_time = (last == Some(Kind::Date) && kind == Kind::Time).then_some(Kind::DateTime);
        let start = match self.out.tokens.last() {
            Some(last) if date_time.is_some() => last.span.start as usize,
            _ => range.start,
        };
        // Each half was checked separately, so the combined token is not checked again.
        self.check_literal(kind, range.clone());
        if date_time.is_some() {
            self.first = self.out.tokens.pop().is_some_and(|t| t.first);
        }
        self.push(date_time.unwrap_or(kind), start..range.end);
    }

    /// Whether a number continues the token before it: three digits as in `50 000`, or an amount after a currency.
    fn continued_kind(&self, range: &Range<usize>) -> Option<Kind> {
        let last = self.out.tokens.last().filter(|_| !self.first)?;
        let gap = self.text.get(last.span.end as usize..range.start)?;
        match last.kind {
            Kind::Number if gap.chars().count() == 1 && range.len() == 3 && last.text.len() <= 11 => Some(Kind::Number),
            Kind::Name if literal::is_currency(last.text) => Some(Kind::Money),
            _ => None,
        }
    }

    /// Extends the last token to `end`, and joins it to a preceding duration if both are durations.
    pub(super) fn merge(&mut self, kind: Kind, end: usize) {
        let Some(last) = self.out.tokens.pop() else { return };
        let mut start = last.span.start as usize;
        self.first = last.first;
        let before = self.out.tokens.last().filter(|t| t.kind == Kind::Duration && kind == Kind::Duration);
        if let Some(before) = before
            && !last.first
        {
            start = before.span.start as usize;
            self.first = before.first;
            self.out.tokens.pop();
        }
        self.push(kind, start..end);
        // A diagnostic about a part is superseded by the check of the whole.
        self.out.diagnostics.retain(|diagnostic| (diagnostic.span.start as usize) < start);
        self.check_literal(kind, start..end);
    }

    /// `1,000` is one number, but two in a list.
    pub(super) fn grouped_number(&mut self, range: Range<usize>) {
        let listed = self.out.tokens.iter().rev().take_while(|t| !t.first);
        let in_list = listed
            .map(|t| t.kind)
            .find(|kind| matches!(kind, Kind::BracketOpen | Kind::BracketClose | Kind::ParenOpen | Kind::ParenClose));
        if matches!(in_list, Some(Kind::BracketOpen | Kind::ParenOpen)) {
            let first = self.slice(&range).find(',').map_or(range.end, |at| range.start + at);
            self.push_literal(Kind::Number, range.start..first);
            return self.seek(first);
        }
        self.push_literal(Kind::Number, range);
    }

    /// Joins `%` to the number before it, and `€` to the number before or after it.
    pub(super) fn money_sign(&mut self, range: &Range<usize>) -> bool {
        let sign = self.slice(range);
        let kind = if sign == "%" { Kind::Percent } else { Kind::Money };
        if kind == Kind::Money && foreign_syntax::currency(sign).is_none() {
            return false;
        }
        self.flush_unknown();
        if self.out.tokens.last().is_some_and(|t| t.kind == Kind::Number && !self.first) {
            self.merge(kind, range.end);
            return true;
        }
        let rest = self.text.get(range.end..).unwrap_or("");
        let number = rest.trim_start_matches(' ');
        let digits =
            number.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | ',' | '_'))).unwrap_or(number.len());
        let amount = number.get(..digits).unwrap_or("").trim_end_matches(['.', ',']);
        if kind == Kind::Percent || !amount.starts_with(|c: char| c.is_ascii_digit()) {
            return false;
        }
        let end = range.end + (rest.len() - number.len()) + amount.len();
        self.push(Kind::Money, range.start..end);
        self.check_literal(Kind::Money, range.start..end);
        self.seek(end);
        true
    }

    pub(super) fn check_literal(&mut self, kind: Kind, range: Range<usize>) {
        let span = self.span(range.start, range.end);
        self.out.diagnostics.extend(literal::check(kind, self.slice(&range), span));
    }
}
