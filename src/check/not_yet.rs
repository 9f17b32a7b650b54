//! What the language has and this version does not run. In: where such a construct stands. Out: one finding for it,
//! and none from inside it.

use super::checker::Checker;
use crate::diagnostic::{Code, Diagnostic};
use crate::source::Span;

/// A construct that is read and formatted, but not run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub(super) enum Construct {
    Action,
    Call,
    Do,
}

impl Construct {
    /// How it is written.
    fn text(self) -> &'static str {
        match self {
            Self::Action => "action",
            Self::Call => "call",
            Self::Do => "do",
        }
    }
}

impl Checker<'_> {
    /// Reports a construct that is not run yet.
    pub(super) fn not_yet<T>(&mut self, construct: Construct, span: Span) -> Option<T> {
        let message = format!("`{}` is not run by this version yet", construct.text());
        self.fail(Diagnostic::new(Code::NotYet, span, message, "not run yet").help("leave it out for now"))
    }
}
