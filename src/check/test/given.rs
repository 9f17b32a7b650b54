//! `given`. In: a line about a provider as written. Out: which messages it refuses, or answers.

use crate::check::checker::{Checker, unknown};
use crate::check::program::{Given, GivenDoes, When};
use crate::check::symbol::Symbol;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{self, Name};
use crate::value::Zone;

impl Checker<'_> {
    /// `given sms fails "unknown number"`, `given call answers { score: 5 }`; it is about the client above it, or about all
    /// clients above the first one.
    pub(super) fn given(
        &mut self,
        zone: Zone,
        written: &ast::Given,
        client: Option<String>,
        span: Span,
    ) -> Option<Given> {
        let from = written.when.as_ref().map(|when| self.test_moment(zone, when));
        let to = self.given_target(written);
        let does = self.given_behavior(zone, written);
        let from = match from {
            Some(from) => Some(from.map(|When { from, .. }| from)?),
            None => None,
        };
        Some(Given { client, from, channel: written.kind.node.clone(), to: to?, does: does?, span })
    }

    fn given_behavior(&mut self, zone: Zone, written: &ast::Given) -> Option<GivenDoes> {
        match &written.does {
            ast::GivenDoes::Fails(None) => Some(GivenDoes::Fails(None)),
            ast::GivenDoes::Fails(Some(reason)) => self.literal(reason).map(|reason| GivenDoes::Fails(Some(reason))),
            ast::GivenDoes::Answers(answer) => {
                let data = self.loose_data(zone, &answer.entries);
                if ["call", "do"].contains(&&*written.kind.node) {
                    return data.map(GivenDoes::Answers);
                }
                let message = say!("only a `call` or a `do` is answered");
                let finding =
                    Diagnostic::new(Code::UnknownExpectation, written.kind.span, message, say!("is not answered"));
                self.fail(finding.help(say!("write `given {channel} fails`", channel = written.kind.node.as_str())))
            }
        }
    }

    /// The action or the address that a line is about; `Some(None)` for all.
    #[allow(clippy::option_option, reason = "what is wrong differs from what is not written")]
    fn given_target(&mut self, written: &ast::Given) -> Option<Option<String>> {
        let url = written.url.as_ref().map(|url| (self.literal(url), url.span));
        match (written.kind.node.as_str(), &written.action, url) {
            ("do", Some(action), None) => self.given_action(action).map(Some),
            ("call", None, Some((url, _))) => url.map(Some),
            ("do" | "call", None, None) => Some(None),
            (channel, None, None) => {
                let known = self.channel(&written.kind)?;
                if known == channel { Some(None) } else { self.poison() }
            }
            (_, _, Some((_, span))) => {
                let message = say!("only a `call` has an address");
                let finding =
                    Diagnostic::new(Code::UnknownExpectation, span, message, say!("a string is not allowed here"));
                self.fail(finding.help(say!("write the reason after `fails`")))
            }
            (_, Some(name), None) => {
                let message = say!("`{name}` is not allowed here", name = name.node);
                let finding = Diagnostic::new(Code::UnknownExpectation, name.span, message, say!("unexpected name"));
                self.fail(finding.help(say!("write `given sms fails`, or `given do sync fails` for an action")))
            }
        }
    }

    fn given_action(&mut self, action: &Name) -> Option<String> {
        if self.decl.actions.contains_key(&action.node) {
            self.record_use(action.span, || Symbol::Action(action.node.clone()));
            return Some(action.node.clone());
        }
        let known: Vec<String> = self.decl.actions.keys().cloned().collect();
        let message = say!("unknown action `{name}`", name = action.node);
        let finding =
            unknown(Code::UnknownAction, action.span, &action.node, message, known.iter().map(String::as_str));
        self.fail(finding)
    }
}
