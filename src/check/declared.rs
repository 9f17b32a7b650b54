//! What is declared by name. In: declarations that may refer to each other in any order. Out: each checked once, when it
//! is first needed, and a list of all with whether anything uses them.

use super::program::{self, Declares};
use crate::source::Span;
use crate::syntax::ast::{self, ItemKind};
use std::collections::BTreeSet;

/// A named expression.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Declared<'a, T> {
    /// Where its name stands.
    pub(super) span: Span,
    /// How far its check is.
    pub(super) state: State<'a, T>,
}

/// How far the check of a named expression is.
#[derive(Debug, Clone, PartialEq)]
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

    /// The result alone, without the tree it was made of.
    pub(super) fn settled(self) -> Declared<'static, T> {
        let result = match self.state {
            State::Done(result) => result,
            State::Unchecked(_) | State::Open => None,
        };
        Declared { span: self.span, state: State::Done(result) }
    }

    /// The result, when it is there.
    pub(super) fn result(&self) -> Option<&Option<T>> {
        match &self.state {
            State::Done(result) => Some(result),
            State::Unchecked(_) | State::Open => None,
        }
    }
}

/// Every declaration of the files that is used by its name. `used` holds the places of the names that something uses.
pub(super) fn all(files: &[&ast::File], used: &BTreeSet<Span>) -> Vec<program::Declared> {
    let declared = |item: &ast::Item| {
        let (kind, name) = match &item.kind {
            ItemKind::Const { name, .. } => (Declares::Constant, name),
            ItemKind::Segment { name, .. } => (Declares::Segment, name),
            ItemKind::Template { channel, name, .. } => (Declares::Template(channel.node.clone()), name),
            ItemKind::Action { name, .. } => (Declares::Action, name),
            ItemKind::Use(_)
            | ItemKind::Client(_)
            | ItemKind::Event { .. }
            | ItemKind::Funnel(_)
            | ItemKind::Test { .. }
            | ItemKind::Entry(_)
            | ItemKind::Error => return None,
        };
        let (name, span) = (name.node.clone(), name.span);
        Some(program::Declared { kind, name, span, whole: item.span, used: used.contains(&span) })
    };
    files.iter().flat_map(|file| &file.items).filter_map(declared).collect()
}
