//! Missing values. In: a typed expression. Out: the same, or an error if its value may be missing.

use crate::check::checker::Checker;
use crate::check::program::Expr;
use crate::check::scope::{ExprContext, Scope, known_fact};
use crate::check::types::{Missing, Typed};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;

impl Checker<'_> {
    /// Reports a value that may be missing, with a help for places where no `if` is allowed.
    pub(super) fn require_known_at(&mut self, scope: &Scope, typed: Typed, span: Span) -> Option<Typed> {
        let beside = scope.in_condition || scope.context == ExprContext::Setting;
        if typed.missing != Missing::Optional || !beside {
            return self.require_known(typed, span);
        }
        let name = self.slice(span);
        let finding =
            Diagnostic::new(Code::MaybeMissing, span, say!("`{name}` may be missing", name), say!("may be missing"));
        let finding = match self.invalidated_by(&finding, &typed.expr) {
            Some(wait) => finding.related(wait, say!("it may change during this wait")),
            None => finding,
        };
        self.fail(if scope.in_condition {
            finding.help(say!("check first: `{name} is known and ..`", name))
        } else {
            finding.help(say!("add a filter: `where {name} is known`", name))
        })
    }

    /// Reports a value that may be missing.
    pub(in crate::check) fn require_known(&mut self, typed: Typed, span: Span) -> Option<Typed> {
        let name = self.slice(span);
        match typed.missing {
            Missing::Never => Some(typed),
            Missing::Optional => {
                let finding = Diagnostic::new(
                    Code::MaybeMissing,
                    span,
                    say!("`{name}` may be missing", name),
                    say!("may be missing"),
                );
                self.fail(match self.invalidated_by(&finding, &typed.expr) {
                    Some(wait) => known_before_wait(finding, wait, name),
                    None => finding.help(say!("check first: `if {name} is known {{ .. }}`", name)),
                })
            }
            Missing::NotYet => {
                let message = say!("`{name}` may not be available yet", name);
                let finding = Diagnostic::new(Code::MaybeMissing, span, message, say!("available later"));
                if self.in_text_condition {
                    return self.fail(
                        finding
                            .help(say!(
                                "a text does not wait: ask for what is known by then, `{name} is known and ..`",
                                name
                            ))
                            .help(say!("or wait before the message: `if {name} is known -> send ..`", name)),
                    );
                }
                self.fail(finding.help(say!(
                    "check first: `if {name} is known {{ .. }}`; a condition on it waits until it is available",
                    name
                )))
            }
        }
    }

    /// The wait before `finding` after which a value may be missing again.
    pub(super) fn invalidated_by(&self, finding: &Diagnostic, value: &Expr) -> Option<Span> {
        let Expr::Field(read) = value else { return None };
        let before = |wait: &Span| wait.file == finding.span.file && *wait < finding.span;
        self.invalidated.get(&known_fact(read)).copied().filter(before)
    }
}

/// Adds that the value was known before a wait.
pub(super) fn known_before_wait(finding: Diagnostic, wait: Span, name: &str) -> Diagnostic {
    finding
        .related(wait, say!("it may change during this wait"))
        .help(say!("check again after the wait: `if {name} is known {{ .. }}`", name))
}
