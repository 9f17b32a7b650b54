//! `given`. In: a line about a provider as written. Out: which messages it refuses.

use crate::check::checker::{Checker, unknown};
use crate::check::program::Refusal;
use crate::check::symbol::Symbol;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::syntax::ast::{Given, Name};
use crate::value::Zone;

impl Checker<'_> {
    /// `given sms fails "unknown number"`; it is about the client above it, or about all clients above the first one.
    pub(super) fn refusal(&mut self, zone: Zone, given: &Given, client: Option<String>) -> Option<Refusal> {
        let from = given.when.as_ref().map(|when| self.test_moment(zone, when));
        let url = given.url.as_ref().map(|url| (self.literal(url), url.span));
        let reason = given.reason.as_ref().map(|reason| self.literal(reason));
        let to = match (given.kind.node.as_str(), &given.action) {
            ("do", Some(action)) => Some(self.refusing_action(action)?),
            ("do", None) => None,
            ("call", None) => match url {
                Some((url, _)) => return self.refused(given, client, from, Some(url?), reason),
                None => None,
            },
            (channel, None) => {
                let known = self.channel(&given.kind)?;
                if known != channel {
                    return self.poison();
                }
                None
            }
            (_, Some(name)) => {
                let message = say!("`{name}` is not allowed here", name = name.node);
                let finding = Diagnostic::new(Code::UnknownExpectation, name.span, message, say!("unexpected name"));
                return self
                    .fail(finding.help(say!("write `given sms fails`, or `given do sync fails` for an action")));
            }
        };
        if let Some((_, span)) = url {
            let message = say!("only a `call` has an address");
            let finding =
                Diagnostic::new(Code::UnknownExpectation, span, message, say!("a string is not allowed here"));
            return self.fail(finding.help(say!("write the reason after `fails`")));
        }
        self.refused(given, client, from, to, reason)
    }

    #[allow(clippy::option_option, reason = "what is wrong differs from what is not written")]
    fn refused(
        &mut self,
        given: &Given,
        client: Option<String>,
        from: Option<Option<crate::check::program::When>>,
        to: Option<String>,
        reason: Option<Option<String>>,
    ) -> Option<Refusal> {
        let from = match from {
            Some(from) => Some(from?.from),
            None => None,
        };
        let reason = match reason {
            Some(reason) => Some(reason?),
            None => None,
        };
        Some(Refusal { client, from, channel: given.kind.node.clone(), to, reason })
    }

    fn refusing_action(&mut self, action: &Name) -> Option<String> {
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
