//! Constants. In: `const` declarations. Out: their values, each checked once, in whatever order they refer to each
//! other.

use crate::check::checker::{Checker, duplicate};
use crate::check::declarations::{Lazy, MAX_DEPTH, State};
use crate::check::prelude::RESERVED;
use crate::check::program::Expr;
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
            let finding = Diagnostic::new(Code::Duplicate, name.span, message, say!("reserved"));
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
                let (result, passed, _) = self.isolated(|checker| {
                    checker.limit_open_names(own)?;
                    let typed = checker.expr(&Scope::empty(ExprContext::Constant), value)?;
                    checker.limit_depth(&typed.expr, own)?;
                    Some(typed)
                });
                let result = result.filter(|_| passed);
                if let Some(declared) = self.decl_mut().constants.get_mut(name) {
                    declared.state = State::Done(result.clone());
                }
                result.or_else(|| self.poison())
            }
        }
    }

    /// Fails if too many expressions wait for the named one at `span`.
    pub(super) fn limit_open_names(&mut self, span: Span) -> Option<()> {
        if self.expr_depth <= MAX_DEPTH { Some(()) } else { self.fail(too_deep(span)) }
    }

    /// Fails if the named expression at `span` is nested too deep, with the names that it uses.
    pub(super) fn limit_depth(&mut self, expr: &Expr, span: Span) -> Option<()> {
        if expr.depth() <= MAX_DEPTH { Some(()) } else { self.fail(too_deep(span)) }
    }
}

fn too_deep(span: Span) -> Diagnostic {
    let message = say!("more than {most} chained operators, counted through the names in it", most = MAX_DEPTH);
    let finding = Diagnostic::new(Code::NestedTooDeep, span, message, say!("nested too deeply"));
    finding.help(say!("use fewer names that build on each other"))
}
