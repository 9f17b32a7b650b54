//! `test` blocks as written.

use super::{Due, Expr, Name, Record, RecordEntry, Text};
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
    /// `given sms fails "unknown number"`, `given at 2026-03-02 10:00 do sync fails`, `given call answers { score: 5 }`
    Given(Given),
    /// `expect at 2026-03-02 10:00 send sms containing "Anna"`
    Expect { when: Option<Expr>, what: Expectation },
    /// `until 2026-04-01`
    Until(Expr),
    /// Something that could not be read.
    Error,
}

/// What a provider or another system does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// From when on.
    pub when: Option<Expr>,
    /// The channel, `call` or `do`.
    pub kind: Name,
    /// The action of a `do`.
    pub action: Option<Name>,
    /// The address of a `call`.
    pub url: Option<Text>,
    /// What it does.
    pub does: GivenDoes,
}

/// What a provider or another system does in a test.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum GivenDoes {
    /// `fails "reason"`
    Fails(Option<Text>),
    /// `answers { score: 5 }`
    Answers(Record),
}

/// A detail of an expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExpectClause {
    /// `to expr`
    To(Expr),
    /// `for "manager"`
    For(Text),
    /// `due 1d at 10:00`
    Due(Due),
    /// `= 500`
    Is(Expr),
    /// `containing "text"`
    Containing(Text),
}

/// What a test expects.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Expectation {
    /// `nothing else`, `nothing else from reminder`, `nothing else from anything`
    NothingElse { from: Option<Name> },
    /// `no send sms`, `send sms thanks to "+7.." containing "Anna"`, `task "Call" for "manager"`, `set client.bonus = 500`
    Line {
        /// Whether `no` precedes it.
        negated: bool,
        /// `send`, `task`, `set`, `exit`, ..
        kind: Name,
        /// `client`, before `.` and a field.
        owner: Option<Name>,
        /// The channel, field, funnel, event or label it names.
        target: Option<Name>,
        /// The template of a send.
        template: Option<Name>,
        /// The whole text, as in the action.
        text: Option<Text>,
        /// The values in braces, as in the action.
        data: Option<Record>,
        /// The values in parentheses, of a `do`.
        args: Option<Vec<RecordEntry>>,
        /// What follows, in order.
        clauses: Vec<ExpectClause>,
    },
    /// Something that could not be read.
    Error,
}
