//! What is sure of a client on the way of a run that has just begun. In: what began it, questions that turned out so or so, and
//! steps that change the client. Out: answers that can be no others, and fields that get another value.

use super::assume::{Turn, assume};
use super::dataflow::{happening, set, tagged};
use super::decide::answers;
use super::question::Ask;
use super::state::State;
use super::term::{Names, Term, equals};
use crate::check::program::{Catalog, Element, Entry, Expr, FieldRead, Source};
use crate::value::{Type, Value};
use std::collections::BTreeMap;

/// What is sure of a client, as long as no time passes and nobody else changes anything.
#[derive(Debug, Clone)]
pub(in crate::analysis) struct Sure<'a> {
    names: Names<'a>,
    state: State,
}

impl<'a> Sure<'a> {
    /// When a run begins by an entry.
    pub(in crate::analysis) fn beginning(catalog: &'a Catalog, entry: &Entry) -> Self {
        let names = Names { catalog, bound: BTreeMap::new() };
        let state = happening(&names, &entry.trigger, entry.filter.as_ref());
        Self { names, state }
    }

    /// Nothing at all.
    pub(in crate::analysis) fn nothing(catalog: &'a Catalog) -> Self {
        Self { names: Names { catalog, bound: BTreeMap::new() }, state: State::anything() }
    }

    /// Where a question turned out so.
    pub(in crate::analysis) fn asked(&self, question: &Expr, holds: bool) -> Self {
        let turn = if holds { Turn::True } else { Turn::NotTrue };
        Self { names: self.names.clone(), state: assume(self.state.clone(), &Ask::of(&self.names, question), turn) }
    }

    /// Where a value is one of these, or none of them.
    pub(in crate::analysis) fn among(&self, subject: &Expr, values: &[Expr], holds: bool) -> Self {
        let each = values.iter().map(|value| equals(subject, value));
        if holds {
            let state = each.map(|question| self.asked(&question, true).state).fold(State::nothing(), State::or);
            return Self { state, ..self.clone() };
        }
        each.fold(self.clone(), |sure, question| sure.asked(&question, false))
    }

    /// Whether no client can be so.
    pub(in crate::analysis) fn is_impossible(&self) -> bool {
        self.state.is_impossible()
    }

    /// Behind a step that sets a field or a tag.
    pub(in crate::analysis) fn after(self, element: &Element) -> Self {
        let (state, field) = match element {
            Element::Set { field, value } => {
                (set(self.state, field, value), matches!(value, Expr::Value(_)).then_some(field.as_str()))
            }
            Element::Tag { tag, add } => (tagged(self.state, tag, *add), add.then_some("tags")),
            _ => return self,
        };
        let Some(field) = field else { return Self { state, ..self } };
        // What was given has a value.
        let term = Term::field(Source::Client, field);
        let state =
            if self.names.may_be_missing(&term) { state.with(|cube| cube.with_presence(&term, true)) } else { state };
        Self { state, ..self }
    }

    /// Whether a question holds; `None` where that is open.
    pub(in crate::analysis) fn answer(&self, question: &Expr) -> Option<bool> {
        match answers(&self.state, &Ask::of(&self.names, question)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            (true, true) | (false, false) => None,
        }
    }

    /// The field of the client that a step gives another value than it has.
    pub(in crate::analysis) fn changed<'e>(&self, element: &'e Element) -> Option<&'e str> {
        let read = |name: &str, ty: Type| {
            Expr::Field(FieldRead { source: Source::Client, name: name.to_owned(), ty, later: None })
        };
        match element {
            Element::Set { field, value: Expr::Value(Value::Bool(value)) } => {
                (self.answer(&read(field, Type::Bool)) == Some(!value)).then_some(field)
            }
            Element::Set { field, value: Expr::Value(value) } => {
                let same = equals(&read(field, Type::Text), &Expr::Value(value.clone()));
                (matches!(value, Value::Text(_)) && self.answer(&same) == Some(false)).then_some(field)
            }
            Element::Tag { tag, add } => {
                let tags = Box::new(read("tags", Type::List(Box::new(Type::Text))));
                let is_on = Expr::Contains(tags, Box::new(tag.clone()));
                (self.answer(&is_on) == Some(!add)).then_some("tags")
            }
            _ => None,
        }
    }
}
