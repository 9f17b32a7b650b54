//! Expectations of tests. In: an `expect` line as written. Out: what is expected, with its details.

use crate::check::checker::{Checker, listed, one_line, unknown};
use crate::check::program::{Expected, ExpectedKind};
use crate::check::symbol::{BuiltinKind, Role, Symbol};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{self, Expectation, Name};
use crate::value::{Value, Zone, json};
use serde_json::Value as Json;

impl Checker<'_> {
    /// `no send sms thanks to ".." containing ".."`; the caller adds the client and the moment.
    pub(in crate::check) fn expected(&mut self, what: &Expectation, span: Span, zone: Zone) -> Option<Expected> {
        let Expectation::Line { negated, kind, target, template, to, containing } = what else { return self.poison() };
        let thing = self.expected_kind(kind);
        let to = to.as_ref().map(|to| self.expected_to(thing, zone, to));
        let words: Vec<Option<String>> = containing.iter().map(|text| self.literal(text)).collect();
        let thing = thing?;
        let target_name = target.as_ref().map(|name| self.target(thing, name));
        let template = template.as_ref().map(|template| self.expected_template(thing, target.as_ref(), template));
        let text = self.slice(Span::new(span.file, kind.span.start as usize, span.end as usize));
        Some(Expected {
            client: String::new(),
            when: None,
            absent: *negated,
            kind: thing,
            target: given(target_name)?,
            template: given(template)?,
            to: given(to)?,
            containing: words.into_iter().collect::<Option<_>>()?,
            text: format!("{}{}", if *negated { "no " } else { "" }, one_line(text)),
            span,
        })
    }

    fn expected_kind(&mut self, kind: &Name) -> Option<ExpectedKind> {
        if let Some((_, thing)) = ExpectedKind::NAMES.iter().find(|(name, _)| *name == kind.node) {
            self.record_builtin(BuiltinKind::Expectation, kind);
            return Some(*thing);
        }
        let known = || ExpectedKind::NAMES.iter().map(|(name, _)| *name);
        let message = say!("`{kind}` is not a valid expectation", kind = kind.node);
        let finding = unknown(Code::UnknownExpectation, kind.span, &kind.node, message, known());
        let all: Vec<&str> = known().collect();
        let finding = if finding.help.is_empty() {
            finding.help(say!("a test can expect {all}, or `nothing else`", all = all.join(", ")))
        } else {
            finding
        };
        self.fail(finding)
    }

    /// The channel, field, event or funnel of an expectation.
    fn target(&mut self, thing: ExpectedKind, name: &Name) -> Option<String> {
        match thing {
            ExpectedKind::Send | ExpectedKind::NotSent => {
                let channel = self.channel(name)?;
                (channel == name.node).then(|| channel.to_owned())
            }
            ExpectedKind::Set => {
                if self.decl.catalog.client.contains_key(&name.node) {
                    self.record_field("client", &name.node, name.span, Role::Uses);
                    return Some(name.node.clone());
                }
                let finding = self.unknown_field("client", &name.node, name.span);
                self.fail(finding)
            }
            ExpectedKind::Emit => {
                let event = self.event(name)?;
                (event == name.node).then_some(event)
            }
            ExpectedKind::Start | ExpectedKind::Goal | ExpectedKind::Enter | ExpectedKind::Exit => {
                self.expected_funnel(name)
            }
            ExpectedKind::Do => {
                if self.decl.actions.contains_key(&name.node) {
                    self.record_use(name.span, || Symbol::Action(name.node.clone()));
                }
                Some(name.node.clone())
            }
            ExpectedKind::Tag | ExpectedKind::Untag => Some(name.node.clone()),
            ExpectedKind::Task | ExpectedKind::Call => {
                let message = say!("a task or a call is matched by its text, not by a name");
                let finding =
                    Diagnostic::new(Code::UnknownExpectation, name.span, message, say!("name not allowed here"));
                self.fail(finding.help(say!("write `containing \"{name}\"`", name = name.node)))
            }
        }
    }

    fn expected_funnel(&mut self, funnel: &Name) -> Option<String> {
        if self.decl.funnels.contains_key(&funnel.node) {
            self.record_use(funnel.span, || Symbol::Funnel(funnel.node.clone()));
            return Some(funnel.node.clone());
        }
        let known: Vec<String> = self.decl.funnels.keys().cloned().collect();
        let known = || known.iter().map(String::as_str);
        let message = say!("unknown funnel `{funnel}`", funnel = funnel.node);
        let finding = unknown(Code::UnknownName, funnel.span, &funnel.node, message, known());
        let finding = if finding.help.is_empty() {
            finding.help(say!("available funnels: {names}", names = listed(known())))
        } else {
            finding
        };
        self.fail(finding)
    }

    fn expected_template(&mut self, thing: ExpectedKind, channel: Option<&Name>, name: &Name) -> Option<String> {
        let (ExpectedKind::Send | ExpectedKind::NotSent, Some(channel)) = (thing, channel) else {
            let message = say!("`{name}` is not allowed in this expectation", name = name.node);
            let finding = Diagnostic::new(Code::UnknownExpectation, name.span, message, say!("unexpected name"));
            return self.fail(finding.help(say!("only a message can have a second name: `expect send sms thanks`")));
        };
        self.record_template(&channel.node, name);
        if let Some(template) = self.decl.templates.get(&(channel.node.clone(), name.node.clone())) {
            self.used.extend(template.as_ref().map(|template| template.span));
            return Some(name.node.clone());
        }
        let finding = self.unknown_template(&channel.node, &name.node, name.span);
        self.fail(finding)
    }

    fn expected_to(&mut self, thing: Option<ExpectedKind>, zone: Zone, to: &ast::Expr) -> Option<Json> {
        let value = self.constant_value(zone, to)?;
        match (thing?, value) {
            (ExpectedKind::Set, Value::DateTime(at)) => Some(Json::String(zone.rfc3339(at))),
            (
                ExpectedKind::Set
                | ExpectedKind::Send
                | ExpectedKind::NotSent
                | ExpectedKind::Task
                | ExpectedKind::Call,
                value,
            ) => Some(json::write(&value)),
            (
                ExpectedKind::Tag
                | ExpectedKind::Untag
                | ExpectedKind::Do
                | ExpectedKind::Emit
                | ExpectedKind::Start
                | ExpectedKind::Goal
                | ExpectedKind::Enter
                | ExpectedKind::Exit,
                _,
            ) => {
                let message = say!("`to` is only allowed for messages, tasks, calls and fields");
                let finding =
                    Diagnostic::new(Code::UnknownExpectation, to.span, message, say!("`to` is not allowed here"));
                self.fail(finding.help(say!("use `containing` to match its text")))
            }
        }
    }
}

/// Separates what is not written, `Some(None)`, from what is wrong, `None`.
fn given<T>(written: Option<Option<T>>) -> Option<Option<T>> {
    match written {
        Some(Some(value)) => Some(Some(value)),
        Some(None) => None,
        None => Some(None),
    }
}
