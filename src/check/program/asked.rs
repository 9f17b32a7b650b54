//! What is asked in texts. In: checked questions, each with its place. Out: the place of a question that is met later, when
//! only its meaning is known.

use super::Expr;
use crate::source::Span;
use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Each condition, each part of one and each moment that is waited for, by where it is written. Of what they say a
/// fingerprint is kept, which is all that it takes to find them again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asked(BTreeMap<Span, u64>);

impl Asked {
    /// Takes in what is asked at a place; in brackets, with them.
    pub(in crate::check) fn insert(&mut self, span: Span, question: &Expr) {
        self.0.insert(span, fingerprint(question));
    }

    /// Takes in what is asked elsewhere.
    pub(in crate::check) fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The first place inside another where a question is written.
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

/// What two expressions have in common if, but for odds of one in 2^64, they are the same.
#[must_use]
pub fn fingerprint(expr: &Expr) -> u64 {
    let mut hasher = DefaultHasher::new();
    expr.hash(&mut hasher);
    hasher.finish()
}
