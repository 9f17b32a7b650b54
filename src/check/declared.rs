//! Named expressions that may refer to each other in any order. Each is checked once, when it is first needed.

use crate::source::Span;
use crate::syntax::ast;

/// A named expression.
pub(super) struct Declared<'a, T> {
    /// Where its name stands.
    pub(super) span: Span,
    /// How far its check is.
    pub(super) state: State<'a, T>,
}

/// How far the check of a named expression is.
pub(super) enum State<'a, T> {
    Unchecked(&'a ast::Expr),
    /// It is being checked: to need it now would lead back to itself.
    Open,
    /// Its result; `None` where it has a fault.
    Done(Option<T>),
}

impl<'a, T: Clone> Declared<'a, T> {
    pub(super) fn new(name: &ast::Name, value: &'a ast::Expr) -> Self {
        Self { span: name.span, state: State::Unchecked(value) }
    }

    /// Takes the state out, to be checked now.
    pub(super) fn open(&mut self) -> State<'a, T> {
        match &self.state {
            State::Done(result) => State::Done(result.clone()),
            State::Open => State::Open,
            State::Unchecked(value) => {
                let value: &'a ast::Expr = value;
                self.state = State::Open;
                State::Unchecked(value)
            }
        }
    }
}
