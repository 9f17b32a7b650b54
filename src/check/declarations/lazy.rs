//! Declarations that are checked on first use, so that they may refer to each other in any order.

use crate::source::Span;
use crate::syntax::ast;

/// Limit: how deep a named expression may nest, counted through the names that it uses. It is used in place of its
/// name, so what uses it is at most one expression deeper than this.
pub(in crate::check) const MAX_DEPTH: usize = 128;

/// A named expression.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::check) struct Lazy<'a, T> {
    /// The span of its name.
    pub(in crate::check) span: Span,
    /// The progress of its check.
    pub(in crate::check) state: State<'a, T>,
}

/// The progress of the check of a named expression.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::check) enum State<'a, T> {
    Unchecked(&'a ast::Expr),
    /// Its check is running: to need it now means that it depends on itself.
    InProgress,
    /// Its result; `None` if it has an error.
    Done(Option<T>),
}

impl<'a, T: Clone> Lazy<'a, T> {
    pub(in crate::check) fn new(name: &ast::Name, value: &'a ast::Expr) -> Self {
        Self { span: name.span, state: State::Unchecked(value) }
    }

    /// Starts the check, unless it has been started.
    pub(in crate::check) fn start(&mut self) -> State<'a, T> {
        match &self.state {
            State::Done(result) => State::Done(result.clone()),
            State::InProgress => State::InProgress,
            State::Unchecked(value) => {
                let value: &'a ast::Expr = value;
                self.state = State::InProgress;
                State::Unchecked(value)
            }
        }
    }

    /// The result without the tree that it was made from.
    pub(in crate::check) fn finished(self) -> Lazy<'static, T> {
        let result = match self.state {
            State::Done(result) => result,
            State::Unchecked(_) | State::InProgress => None,
        };
        Lazy { span: self.span, state: State::Done(result) }
    }

    /// The result, once it is checked.
    pub(in crate::check) fn result(&self) -> Option<&Option<T>> {
        match &self.state {
            State::Done(result) => Some(result),
            State::Unchecked(_) | State::InProgress => None,
        }
    }
}
