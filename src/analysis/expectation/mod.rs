//! Expectations of tests that can never be met.

mod impossible_expectation;
mod text_match;

pub(super) use impossible_expectation::impossible_expectations;
