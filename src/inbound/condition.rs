//! When a rule applies: `when = { "/event" = "invitee.created", "/payload/rescheduled" = { not = true } }`. In: a request.
//! Out: whether each place has what is expected there.

use super::path::{Path, text_of};
use super::request::Request;

/// What must hold of a request: all of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Condition(pub Vec<(Path, Expected)>);

/// What is expected of a place. Values are compared as texts, so that a header can be a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// One of these values.
    OneOf(Vec<String>),
    /// None of these values; also if there is none.
    NoneOf(Vec<String>),
    /// Whether there is a value.
    Present(bool),
}

impl Condition {
    /// Whether it holds.
    pub(super) fn holds(&self, request: &Request) -> bool {
        self.0.iter().all(|(path, expected)| {
            let values = path.all(request);
            let is_any = |of: &[String]| values.iter().filter_map(text_of).any(|value| of.contains(&value));
            match expected {
                Expected::OneOf(wanted) => is_any(wanted),
                Expected::NoneOf(unwanted) => !is_any(unwanted),
                Expected::Present(wanted) => values.is_empty() != *wanted,
            }
        })
    }
}
