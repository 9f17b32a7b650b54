//! What can have no effect in a test: expectations that are never met, answers that nothing reads.

mod impossible_expectation;
mod text_match;
mod unread_answer;

pub(super) use impossible_expectation::impossible_expectations;
pub(super) use unread_answer::unread_answers;
