//! A declaration that is checked when it is first needed, so that declarations may refer to each other in any order.

use crate::source::Span;
use crate::syntax::ast;

/// A named expression.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::check) struct Declared<'a, T> {
    /// Where its name stands.
    pub(in crate::check) span: Span,
    /// How far its check is.
    pub(in crate::check) state: State<'a, T>,
}

/// How far the check of a named expression is.
#[derive(Debug, Clone, PartialEq)]
pub(in crate::check) enum State<'a, T> {
    Unchecked(&'a ast::Expr),
    /// It is being checked: to need it now would lead back to itself.
    Open,
    /// Its result; `None` where it has a fault.
    Done(Option<T>),
}

impl<'a, T: Clone> Declared<'a, T> {
    pub(in crate::check) fn new(name: &ast::Name, value: &'a ast::Expr) -> Self {
        Self { span: name.span, state: State::Unchecked(value) }
    }

    /// Takes the state out, to be checked now.
    pub(in crate::check) fn open(&mut self) -> State<'a, T> {
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

    /// The result alone, without the tree it was made of.
    pub(in crate::check) fn settled(self) -> Declared<'static, T> {
        let result = match self.state {
            State::Done(result) => result,
            State::Unchecked(_) | State::Open => None,
        };
        Declared { span: self.span, state: State::Done(result) }
    }

    /// The result, when it is there.
    pub(in crate::check) fn result(&self) -> Option<&Option<T>> {
        match &self.state {
            State::Done(result) => Some(result),
            State::Unchecked(_) | State::Open => None,
        }
    }
}
