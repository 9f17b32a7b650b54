//! Tests that can never pass.

mod impossible_expectation;
mod text_match;

pub(super) use impossible_expectation::impossible_expectations;
