//! The events of a message in a `wait for`. In: `ask.replied`, `replied`, `any.replied`. Out: the event, and which message
//! it must be about.

use super::Labels;
use crate::check::checker::{Checker, listed, unknown};
use crate::check::prelude::{ANY_MESSAGE, MESSAGE_EVENTS};
use crate::check::program::{Change, OfMessage, Pattern};
use crate::check::scope::Facts;
use crate::check::symbol::{BuiltinKind, Role};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::syntax::ast;

impl Checker<'_> {
    /// What a `wait for` waits for. Without a label, the event of a message is about what the run itself has sent.
    pub(super) fn awaited(&mut self, written: &ast::Happening, labels: &Labels) -> Option<(Pattern, Facts)> {
        let ast::Happening::Event(path) = written else { return self.happening(written) };
        if let Some(event) = path.member.as_ref().filter(|member| self.is_of_message(path, member)) {
            return self.answer(&path.event, event, labels);
        }
        let (pattern, facts) = self.pattern(path)?;
        let own = pattern.change == Change::Created && MESSAGE_EVENTS.contains(&pattern.event.as_str());
        Some((Pattern { message: own.then_some(OfMessage::Own), ..pattern }, facts))
    }

    /// Whether the part before the dot is a label: a message event follows, which is no field of an event of that name.
    fn is_of_message(&self, path: &ast::EventPath, member: &ast::Name) -> bool {
        let owner = path.event.node.as_str();
        let is_field = self.fields(owner).is_some_and(|fields| fields.contains_key(&member.node));
        MESSAGE_EVENTS.contains(&member.node.as_str()) && !is_field && owner != "client"
    }

    fn answer(&mut self, label: &ast::Name, event: &ast::Name, labels: &Labels) -> Option<(Pattern, Facts)> {
        let message = if labels.jumps.sends.contains(&label.node) {
            self.record_label(label, Role::Uses);
            Some(OfMessage::Sent(label.node.clone()))
        } else if label.node == ANY_MESSAGE {
            self.record_builtin(BuiltinKind::Special, label);
            None
        } else {
            let finding = no_message(label, event, labels);
            return self.fail(finding);
        };
        let event = self.event(event)?;
        Some((Pattern { event, change: Change::Created, message }, Facts::new()))
    }
}

/// A diagnostic about a label before the event of a message that names no message.
fn no_message(label: &ast::Name, event: &ast::Name, labels: &Labels) -> Diagnostic {
    let (label, span, event) = (&label.node, label.span, &event.node);
    if labels.jumps.places.contains_key(label) {
        let message = say!("the element `{label}` sends no message", label);
        let finding = Diagnostic::new(Code::UnknownLabel, span, message, say!("not a `send`"));
        return finding.help(say!("put a label on the `send`: `ask: send sms \"..\" -> wait for ask.{event}`", event));
    }
    let known = || labels.jumps.sends.iter().map(String::as_str);
    let message = say!("no message has the label `{label}`", label);
    let finding = unknown(Code::UnknownLabel, span, label, message, known());
    if !finding.help.is_empty() {
        return finding;
    }
    let finding = match known().next() {
        Some(_) => finding.help(say!("labels of messages: {names}", names = listed(known()))),
        None => finding.help(say!("put a label on the `send`: `ask: send sms \"..\" -> wait for ask.{event}`", event)),
    };
    finding.help(say!("for any message of the client, write `any.{event}`", event))
}
