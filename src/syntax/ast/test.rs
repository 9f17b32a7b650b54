//! `test` blocks as written.

use super::{Expr, Name, Record, Text};
use crate::source::Span;

/// A line of a `test`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TestStep {
    /// The kind.
    pub kind: TestStepKind,
    /// The whole line.
    pub span: Span,
}

/// The kinds of test line.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum TestStepKind {
    /// `client { id: "c1" }`
    Client(Record),
    /// `at 2026-03-01 10:00 booking { .. }`
    At { when: Expr, event: Name, data: Record },
    /// `expect at 2026-03-02 10:00 send sms containing "Anna"`
    Expect { when: Option<Expr>, what: Expectation },
    /// `until 2026-04-01`
    Until(Expr),
    /// Something that could not be read.
    Error,
}

/// What a test expects.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Expectation {
    /// `nothing else`
    NothingElse,
    /// `no send sms`, `send sms thanks to "+7.." containing "Anna"`, `task containing "Call"`, `exit`
    Line {
        /// Whether `no` precedes it.
        negated: bool,
        /// `send`, `task`, `set`, `exit`, ..
        kind: Name,
        /// The channel, funnel, event or label it names.
        target: Option<Name>,
        /// The template of a send.
        template: Option<Name>,
        /// `to expr`
        to: Option<Expr>,
        /// Each `containing "text"`.
        containing: Vec<Text>,
    },
    /// Something that could not be read.
    Error,
}
