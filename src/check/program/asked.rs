//! The places of conditions. In: checked conditions, each with its place. Out: the place of a condition that a later
//! stage knows only by its meaning.

use super::Expr;
use crate::source::Span;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Conditions, their parts and awaited moments, by place. Only a fingerprint of each is kept, which is enough to find
/// it again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked(BTreeMap<Span, u64>);

impl Asked {
    /// Adds a condition; one in parentheses is added with them.
    pub(in crate::check) fn insert(&mut self, span: Span, question: &Expr) {
        self.0.insert(span, fingerprint(question));
    }

    /// Adds the conditions of another part.
    pub(in crate::check) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The first place inside `around` where a condition is written.
    #[must_use]
    pub fn place(&self, around: Span, question: &Expr) -> Option<Span> {
        let mut inside = self.0.range(Span { end: around.start, ..around }..).peekable();
        inside.peek()?;
        let wanted = fingerprint(question);
        inside
            .take_while(|(span, _)| span.file == around.file && span.start < around.end)
            .find(|(span, asked)| span.end <= around.end && **asked == wanted)
            .map(|(span, _)| *span)
    }
}

/// A hash of an expression; equal expressions have equal hashes.
#[must_use]
pub fn fingerprint(expr: &Expr) -> u64 {
    let mut hasher = DefaultHasher::new();
    expr.hash(&mut hasher);
    hasher.finish()
}
