//! Constants. In: `const` declarations. Out: their values, each checked once, in whatever order they refer to each
//! other.

use crate::check::checker::{Checker, duplicate};
use crate::check::declarations::{Lazy, State};
use crate::check::prelude::RESERVED;
use crate::check::scope::{ExprContext, Scope};
use crate::check::types::Typed;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;

impl<'a> Checker<'a> {
    /// Declares a constant; its value is checked once all are declared.
    pub(super) fn declare_constant(&mut self, name: &'a ast::Name, value: &'a ast::Expr) {
        if RESERVED.contains(&name.node.as_str()) {
            let message = say!("`{name}` is a reserved name", name = name.node);
            let finding = Diagnostic::new(Code::Duplicate, name.span, message, say!("already taken"));
            self.report(finding.help(say!("rename the constant")));
        } else if let Some(first) = self.decl.constants.get(&name.node) {
            let finding = duplicate(say!("constant"), name, first.span);
            self.report(finding);
        } else {
            self.decl_mut().constants.insert(name.node.clone(), Lazy::new(name, value));
        }
    }

    /// Checks every constant, used or not.
    pub(super) fn check_constants(&mut self) {
        let names: Vec<(String, Span)> = self.decl.constants.iter().map(|(n, c)| (n.clone(), c.span)).collect();
        for (name, span) in names {
            self.constant(&name, span);
        }
    }

    /// The value of a constant that is named at `span`.
    pub(in crate::check) fn constant(&mut self, name: &str, span: Span) -> Option<Typed> {
        let declared = self.decl.constants.get(name)?;
        let (own, result) = (declared.span, declared.result().cloned());
        if own != span {
            self.used.insert(own);
        }
        if let Some(value) = result {
            return value.or_else(|| self.poison());
        }
        match self.decl_mut().constants.get_mut(name)?.start() {
            State::Done(value) => value.or_else(|| self.poison()),
            State::InProgress => {
                let message = say!("constant `{name}` is defined in terms of itself", name);
                self.fail(Diagnostic::new(Code::NotConstant, span, message, say!("circular reference")))
            }
            State::Unchecked(value) => {
                let (result, passed, _) =
                    self.isolated(|checker| checker.expr(&Scope::empty(ExprContext::Constant), value));
                let result = result.filter(|_| passed);
                if let Some(declared) = self.decl_mut().constants.get_mut(name) {
                    declared.state = State::Done(result.clone());
                }
                result.or_else(|| self.poison())
            }
        }
    }
}
