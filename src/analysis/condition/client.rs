//! Facts about a client at the start of a run. In: its trigger, outcomes of conditions, and steps that change the
//! client. Out: conditions that are certain, and fields whose values certainly change.

use super::assume::{Outcome, assume};
use super::dataflow::{after_set, after_tag, at_trigger};
use super::decide::answers;
use super::question::Formula;
use super::state::State;
use super::term::{Names, Term, equals};
use crate::check::program::{Catalog, Element, Entry, Expr, FieldRead, Source};
use crate::value::{Type, Value};
use std::collections::BTreeMap;

/// What is certain about a client while no time passes and nothing else changes the client.
#[derive(Debug, Clone)]
pub(in crate::analysis) struct ClientFacts<'a> {
    names: Names<'a>,
    state: State,
}

impl<'a> ClientFacts<'a> {
    /// Returns the facts when a run starts by an entry.
    pub(in crate::analysis) fn at_entry(catalog: &'a Catalog, entry: &Entry) -> Self {
        let names = Names { catalog, bound: BTreeMap::new(), inside: None };
        let state = at_trigger(&names, &entry.trigger, entry.filter.as_ref());
        Self { names, state }
    }

    /// Returns no facts.
    pub(in crate::analysis) fn unknown(catalog: &'a Catalog) -> Self {
        Self { names: Names { catalog, bound: BTreeMap::new(), inside: None }, state: State::anything() }
    }

    /// Adds the outcome of a condition.
    pub(in crate::analysis) fn assuming(&self, question: &Expr, holds: bool) -> Self {
        let outcome = if holds { Outcome::True } else { Outcome::NotTrue };
        Self {
            names: self.names.clone(),
            state: assume(self.state.clone(), &Formula::of(&self.names, question), outcome),
        }
    }

    /// Adds that a value is one of these, or none of them.
    pub(in crate::analysis) fn assuming_one_of(&self, subject: &Expr, values: &[Expr], holds: bool) -> Self {
        let each = values.iter().map(|value| equals(subject, value));
        if holds {
            let state = each.map(|question| self.assuming(&question, true).state).fold(State::nothing(), State::or);
            return Self { state, ..self.clone() };
        }
        each.fold(self.clone(), |sure, question| sure.assuming(&question, false))
    }

    /// Whether no client can satisfy the facts.
    pub(in crate::analysis) fn is_impossible(&self) -> bool {
        self.state.is_impossible()
    }

    /// Returns the facts after a step that sets a field or a tag.
    pub(in crate::analysis) fn after(self, element: &Element) -> Self {
        let (state, field) = match element {
            Element::Set { field, value, .. } => {
                (after_set(self.state, field, value), matches!(value, Expr::Value(_)).then_some(field.as_str()))
            }
            Element::Tag { tag, add } => (after_tag(self.state, tag, *add), add.then_some("tags")),
            _ => return self,
        };
        let Some(field) = field else { return Self { state, ..self } };
        // A value that was just set is not missing.
        let term = Term::field(Source::Client, field);
        let state =
            if self.names.may_be_missing(&term) { state.with(|cube| cube.with_presence(&term, true)) } else { state };
        Self { state, ..self }
    }

    /// Evaluates a condition; `None` if it is not certain.
    pub(in crate::analysis) fn evaluate(&self, question: &Expr) -> Option<bool> {
        match answers(&self.state, &Formula::of(&self.names, question)) {
            (true, false) => Some(true),
            (false, true) => Some(false),
            (true, true) | (false, false) => None,
        }
    }

    /// Returns the field of the client that a step certainly changes.
    pub(in crate::analysis) fn changed_field<'e>(&self, element: &'e Element) -> Option<&'e str> {
        let read = |name: &str, ty: Type| {
            Expr::Field(FieldRead { source: Source::Client, name: name.to_owned(), ty, later: None })
        };
        match element {
            Element::Set { field, value: Expr::Value(Value::Bool(value)), .. } => {
                (self.evaluate(&read(field, Type::Bool)) == Some(!value)).then_some(field)
            }
            Element::Set { field, value: Expr::Value(value), .. } => {
                let same = equals(&read(field, Type::Text), &Expr::Value(value.clone()));
                (matches!(value, Value::Text(_)) && self.evaluate(&same) == Some(false)).then_some(field)
            }
            Element::Tag { tag, add } => {
                let tags = Box::new(read("tags", Type::List(Box::new(Type::Text))));
                let is_on = Expr::Contains(tags, Box::new(tag.clone()));
                (self.evaluate(&is_on) == Some(!add)).then_some("tags")
            }
            _ => None,
        }
    }
}
