//! Builds the parts of a text from what follows one another. In: texts, values, and where branches begin and end. Out:
//! parts in which each condition has its branches.

use crate::check::program::{Expr, Part, TextBranch};

/// Parts that are being put together.
#[derive(Default)]
pub(super) struct PartsBuilder {
    parts: Vec<Part>,
    open: Vec<OpenBranches>,
    /// Whether something is missing, so that there is no result.
    pub(super) is_damaged: bool,
}

/// A conditional part that has not ended.
struct OpenBranches {
    /// The parts before it.
    before: Vec<Part>,
    ended: Vec<TextBranch>,
    /// The condition of the branch that is being built; `None` after `else`.
    condition: Option<Expr>,
}

impl PartsBuilder {
    pub(super) fn push(&mut self, part: Part) {
        self.parts.push(part);
    }

    /// The last part in this branch.
    pub(super) fn last(&self) -> Option<&Part> {
        self.parts.last()
    }

    /// Begins a conditional part. A condition with an error is `None`.
    pub(super) fn begin(&mut self, condition: Option<&Expr>) {
        self.is_damaged |= condition.is_none();
        let before = std::mem::take(&mut self.parts);
        self.open.push(OpenBranches { before, ended: Vec::new(), condition: condition.cloned() });
    }

    /// Begins the next branch with a condition.
    pub(super) fn next(&mut self, condition: Option<&Expr>) {
        self.is_damaged |= condition.is_none();
        self.end_branch(condition.cloned());
    }

    /// Begins the last branch.
    pub(super) fn otherwise(&mut self) {
        self.end_branch(None);
    }

    fn end_branch(&mut self, next: Option<Expr>) {
        let Some(open) = self.open.last_mut() else {
            self.is_damaged = true;
            return;
        };
        let parts = std::mem::take(&mut self.parts);
        match std::mem::replace(&mut open.condition, next) {
            Some(condition) => open.ended.push(TextBranch { condition, parts }),
            None => self.is_damaged = true,
        }
    }

    /// Ends a conditional part.
    pub(super) fn end(&mut self) {
        let Some(OpenBranches { before, ended: mut branches, condition }) = self.open.pop() else {
            self.is_damaged = true;
            return;
        };
        let parts = std::mem::replace(&mut self.parts, before);
        let otherwise = match condition {
            Some(condition) => {
                branches.push(TextBranch { condition, parts });
                Vec::new()
            }
            None => parts,
        };
        self.parts.push(Part::If { branches, otherwise });
    }

    /// The parts; `None` if something is missing.
    pub(super) fn finish(self) -> Option<Vec<Part>> {
        (!self.is_damaged && self.open.is_empty()).then_some(self.parts)
    }
}
