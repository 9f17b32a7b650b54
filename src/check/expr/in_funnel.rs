//! `client is in reminder`. In: the name of a funnel. Out: the condition that the client has a run in it.

use crate::check::checker::Checker;
use crate::check::program::Expr;
use crate::check::scope::{ExprContext, Scope};
use crate::check::symbol::Symbol;
use crate::check::types::{Missing, Typed};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{self, ExprKind};
use crate::value::Type;

impl Checker<'_> {
    /// `client is in reminder`, `client is not in reminder`
    pub(super) fn in_funnel(
        &mut self,
        scope: &Scope,
        of: &ast::Expr,
        (negated, funnel): (bool, &ast::Name),
        span: Span,
    ) -> Option<Typed> {
        let name = &funnel.node;
        let is_client = matches!(&of.kind, ExprKind::Name(name) if name == "client");
        let is_segment = self.decl.segments.contains_key(name) && !self.decl.funnels.contains_key(name);
        if !is_client || is_segment {
            let not = if negated { "not " } else { "" };
            let right = format!("{not}{of} in {name}", of = self.slice(of.span));
            let (message, label) = if is_segment {
                (say!("`{name}` is a segment, not a funnel", name), say!("not a funnel"))
            } else {
                (say!("only the client can be in a funnel"), say!("not the client"))
            };
            let place = if is_segment { funnel.span } else { of.span };
            let finding = Diagnostic::new(Code::WrongOperands, place, message, label);
            let finding = finding.help(say!("write `{right}`", right = &right));
            return self.fail(finding.fix(say!("change it to `{right}`", right = &right), span, right));
        }
        self.record_use(of.span, || Symbol::Client);
        if let Some(what) = scope.context.fixed() {
            let message = say!("{what} cannot depend on `{written}`", what, written = self.slice(span));
            return self.fail(Diagnostic::new(Code::NotConstant, span, message, say!("differs between runs")));
        }
        if scope.context == ExprContext::History {
            let written = self.slice(span);
            let message = say!("a condition on past events cannot depend on `{written}`, which changes", written);
            let finding = Diagnostic::new(Code::NotConstant, span, message, say!("not a field of the event"));
            return self
                .fail(finding.help(say!("use only the event's own fields here, and check everything else outside")));
        }
        self.named_funnel(funnel)?;
        let inside =
            Typed { expr: Expr::InFunnel(name.clone()), ty: Type::Bool, missing: Missing::Never, constant: false };
        Some(if negated { inside.made(Type::Bool, Expr::Not) } else { inside })
    }
}
