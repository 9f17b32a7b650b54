//! `start` and `stop` with the name of a funnel. Out: the funnel, if a run of this one can start or stop it.

use crate::check::checker::{Checker, listed, unknown};
use crate::check::declarations::FunnelSubject;
use crate::check::program::Element;
use crate::check::scope::Scope;
use crate::check::symbol::Symbol;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;

impl Checker<'_> {
    /// The subject of the funnel that a name refers to; `None` if it is unknown.
    pub(in crate::check) fn named_funnel(&mut self, funnel: &ast::Name) -> Option<FunnelSubject> {
        let name = &funnel.node;
        if let Some((subject, _)) = self.decl.funnels.get(name) {
            let subject = subject.clone();
            self.record_use(funnel.span, || Symbol::Funnel(name.clone()));
            return Some(subject);
        }
        let message = say!("unknown funnel `{name}`", name);
        let known: Vec<String> = self.decl.funnels.keys().cloned().collect();
        let known = || known.iter().map(String::as_str);
        let finding = unknown(Code::UnknownName, funnel.span, name, message, known());
        self.fail(match (finding.help.is_empty(), known().next()) {
            (true, Some(_)) => finding.help(say!("available funnels: {names}", names = listed(known()))),
            (true, None) | (false, _) => finding,
        })
    }

    /// `start other`
    pub(in crate::check) fn start(&mut self, scope: &Scope, funnel: &ast::Name) -> Option<Element> {
        let name = &funnel.node;
        let events = match self.named_funnel(funnel)? {
            FunnelSubject::About(events) => events,
            FunnelSubject::Anyone => return Some(Element::Start { funnel: name.clone() }),
            FunnelSubject::Unknown => return self.poison(),
        };
        if !scope.incomplete && !scope.bound.iter().any(|bound| events.contains(&bound.event)) {
            let wanted = listed(events.iter().map(String::as_str));
            let message = say!("`{name}` needs {wanted}, which this run does not have", name, wanted);
            let finding = Diagnostic::new(Code::UnknownName, funnel.span, message, say!("cannot be started here"));
            let finding = match scope.bound.as_slice() {
                [] => finding,
                bound => finding.help(say!(
                    "events available in this run: {names}",
                    names = listed(bound.iter().map(|b| b.event.as_str()))
                )),
            };
            let first = events.first().map_or("", String::as_str);
            return self.fail(finding.help(say!("emit the event instead: `emit {first} {{ .. }}`", first)));
        }
        Some(Element::Start { funnel: name.clone() })
    }

    /// `stop other`
    pub(in crate::check) fn stop_funnel(&mut self, funnel: &ast::Name) -> Option<Element> {
        let name = &funnel.node;
        self.named_funnel(funnel)?;
        if *name == self.funnel {
            let message = say!("`{name}` is this funnel", name);
            let finding = Diagnostic::new(Code::UnknownName, funnel.span, message, say!("the run itself"));
            let finding = finding.help(say!("write `stop`, which ends this run"));
            let before = Span { start: funnel.span.start.saturating_sub(1), ..funnel.span };
            return self.fail(finding.fix(say!("remove `{name}`", name), before, ""));
        }
        Some(Element::StopFunnel { funnel: name.clone() })
    }
}
