//! Expectations of tests. In: an `expect` line as written. Out: what is expected, with its details.

use crate::check::checker::{Checker, listed, one_line, unknown};
use crate::check::program::{Expected, ExpectedKind, NothingElse};
use crate::check::symbol::{BuiltinKind, Role, Symbol};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{self, ExpectClause, Expectation, Name};
use crate::value::{Value, Zone, json};
use serde_json::{Map, Value as Json};
use std::collections::BTreeSet;

/// What `nothing else from` names in place of a funnel.
const ANYTHING: &str = "anything";

impl Checker<'_> {
    /// `no send sms thanks to ".." containing ".."`, `task "Call" for "manager"`; the caller adds the client and the moment.
    pub(in crate::check) fn expected(&mut self, what: &Expectation, span: Span, zone: Zone) -> Option<Expected> {
        let Expectation::Line { negated, kind, owner, target, template, text, data, args, clauses } = what else {
            return self.poison();
        };
        let thing = self.expected_kind(kind);
        let mut expected = Expected {
            client: String::new(),
            when: None,
            absent: *negated,
            kind: thing.unwrap_or(ExpectedKind::Send),
            target: None,
            template: None,
            to: None,
            exact: None,
            data: Map::new(),
            due: None,
            containing: Vec::new(),
            text: String::new(),
            span,
        };
        let written = self.slice(Span::new(span.file, kind.span.start as usize, span.end as usize));
        expected.text = format!("{}{}", if *negated { "no " } else { "" }, one_line(written));
        let Some(thing) = thing else {
            clauses.iter().for_each(|clause| _ = self.clause_alone(zone, clause));
            return None;
        };
        if let Some(owner) = owner.as_ref().filter(|_| thing != ExpectedKind::Set) {
            let message = say!("`client.` is not allowed in this expectation");
            let finding = Diagnostic::new(Code::UnknownExpectation, owner.span, message, say!("only after `set`"));
            self.report(finding.help(say!("expect a field with `expect set client.city`")));
        }
        let mut sound = true;
        if let Some(name) = target {
            expected.target = self.target(thing, name);
            sound &= expected.target.is_some();
        }
        if let Some(name) = template {
            expected.template = self.expected_template(thing, target.as_ref(), name);
            sound &= expected.template.is_some();
        }
        sound &= text.as_ref().is_none_or(|text| self.whole_text(&mut expected, text).is_some());
        let given = data.as_ref().map(|data| (data.entries.as_slice(), data.span));
        let whole = args.as_deref().map(|args| (args, kind.span));
        for (entries, place) in given.into_iter().chain(whole) {
            sound &= self.expected_data(&mut expected, zone, entries, place).is_some();
        }
        for clause in clauses {
            sound &= self.clause(&mut expected, zone, target.as_ref(), clause).is_some();
        }
        sound.then_some(expected)
    }

    /// A clause of an expectation of an unknown kind: only what is wrong with it whatever the kind.
    fn clause_alone(&mut self, zone: Zone, clause: &ExpectClause) -> Option<()> {
        match clause {
            ExpectClause::To(value) | ExpectClause::Is(value) => self.constant_value(zone, value).map(|_| ()),
            ExpectClause::For(text) | ExpectClause::Containing(text) => self.literal(text).map(|_| ()),
            ExpectClause::Due(_) => Some(()),
        }
    }

    /// `tag "vip"`, `task "Call"`, `send sms "Thank you"`, `call "https://.."`: the text of the action.
    fn whole_text(&mut self, expected: &mut Expected, text: &ast::Text) -> Option<()> {
        let words = self.literal(text)?;
        let place = match expected.kind {
            ExpectedKind::Tag | ExpectedKind::Untag => &mut expected.target,
            ExpectedKind::Task | ExpectedKind::Send => &mut expected.exact,
            ExpectedKind::Call => {
                expected.to = Some(Json::String(words));
                return Some(());
            }
            ExpectedKind::NotSent
            | ExpectedKind::Set
            | ExpectedKind::Do
            | ExpectedKind::Emit
            | ExpectedKind::Start
            | ExpectedKind::Goal
            | ExpectedKind::Enter
            | ExpectedKind::Exit => {
                let message = say!("this expectation has no text of its own");
                let finding =
                    Diagnostic::new(Code::UnknownExpectation, text.span, message, say!("a string is not allowed here"));
                return self.fail(finding.help(say!("write `containing \"..\"`")));
            }
        };
        *place = Some(words);
        Some(())
    }

    /// `emit called { id: "b1" }`, `call "https://.." { id: "b1" }`, `do sync(id: "b1")`: some of the values.
    fn expected_data(
        &mut self,
        expected: &mut Expected,
        zone: Zone,
        entries: &[ast::RecordEntry],
        place: Span,
    ) -> Option<()> {
        expected.data = match (expected.kind, expected.target.as_deref()) {
            (ExpectedKind::Emit, Some(event)) => {
                let event = event.to_owned();
                self.record_data(zone, &event, &ast::Record { entries: entries.to_vec(), span: place })?
            }
            (ExpectedKind::Call | ExpectedKind::Do, _) => self.loose_data(zone, entries)?,
            (ExpectedKind::Send, _) if entries.iter().all(|entry| ["subject", "text"].contains(&&*entry.name.node)) => {
                self.loose_data(zone, entries)?
            }
            (
                ExpectedKind::Send
                | ExpectedKind::NotSent
                | ExpectedKind::Task
                | ExpectedKind::Set
                | ExpectedKind::Tag
                | ExpectedKind::Untag
                | ExpectedKind::Emit
                | ExpectedKind::Start
                | ExpectedKind::Goal
                | ExpectedKind::Enter
                | ExpectedKind::Exit,
                _,
            ) => {
                let message = say!("these values are not allowed in this expectation");
                let finding =
                    Diagnostic::new(Code::UnknownExpectation, place, message, say!("values are not allowed here"));
                return self.fail(finding.help(say!(
                    "values can be expected of `emit EVENT`, `call` and `do`, and `subject` and `text` of an email"
                )));
            }
        };
        Some(())
    }

    /// One of the details after what is expected.
    fn clause(
        &mut self,
        expected: &mut Expected,
        zone: Zone,
        target: Option<&Name>,
        clause: &ExpectClause,
    ) -> Option<()> {
        let (span, to) = match clause {
            ExpectClause::Containing(text) => {
                expected.containing.push(self.literal(text)?);
                return Some(());
            }
            ExpectClause::Due(due) => {
                let length = self.duration(&due.duration)?;
                if expected.kind != ExpectedKind::Task {
                    return self.only_for(due.duration.span, "due", "task");
                }
                expected.due = Some((length, due.at.as_ref().map(|at| at.node)));
                return Some(());
            }
            ExpectClause::To(to) => (to.span, self.expected_to(Some(expected.kind), zone, to)?),
            ExpectClause::For(who) if expected.kind == ExpectedKind::Task => {
                (who.span, Json::String(self.literal(who)?))
            }
            ExpectClause::For(who) => return self.only_for(who.span, "for", "task"),
            ExpectClause::Is(value) => {
                let (ExpectedKind::Set, Some(field)) = (expected.kind, target) else {
                    return self.only_for(value.span, "=", "set client.city");
                };
                let entry = ast::RecordEntry { name: field.clone(), value: value.clone() };
                let data = self.record_data(zone, "client", &ast::Record { entries: vec![entry], span: value.span })?;
                (value.span, data.get(&field.node).cloned()?)
            }
        };
        if expected.to.replace(to).is_some() {
            let message = say!("this expectation already says what is expected here");
            let finding = Diagnostic::new(Code::Duplicate, span, message, say!("repeated here"));
            return self.fail(finding.help(say!("remove one of them")));
        }
        Some(())
    }

    fn only_for<T>(&mut self, span: Span, word: &'static str, kind: &'static str) -> Option<T> {
        let message = say!("`{word}` is only allowed in `expect {kind}`", word, kind);
        let finding = Diagnostic::new(Code::UnknownExpectation, span, message, say!("not allowed here"));
        self.fail(finding.help(say!("use `containing` to match its text")))
    }

    /// The funnels of `nothing else`; `None` for all of the project.
    pub(super) fn nothing_else(
        &mut self,
        from: Option<&Name>,
        own: &BTreeSet<String>,
        span: Span,
    ) -> Option<NothingElse> {
        let from = match from {
            // Tests in a file of their own are about the whole project.
            None => Some(own.clone()).filter(|own| !own.is_empty()),
            Some(name) if name.node == ANYTHING && !self.decl.funnels.contains_key(ANYTHING) => None,
            Some(name) => Some(BTreeSet::from([self.expected_funnel(name)?])),
        };
        Some(NothingElse { from, span })
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
            let finding = match kind.node.as_str() {
                channel @ ("sms" | "email" | "telegram" | "whatsapp") => {
                    finding.help(say!("write `{right}`", right = format!("send {channel}")))
                }
                "not" => finding.help(say!("write `{right}`", right = "expect no send sms")),
                _ => finding,
            };
            finding.help(say!("a test can expect {all}, or `nothing else`", all = all.join(", ")))
        } else {
            finding
        };
        self.fail(finding)
    }

    /// The channel, field, event or funnel of an expectation.
    fn target(&mut self, thing: ExpectedKind, name: &Name) -> Option<String> {
        match thing {
            // A request has no channel of its own kind, but it may be refused.
            ExpectedKind::NotSent if ["call", "do"].contains(&&*name.node) => Some(name.node.clone()),
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
                self.fail(
                    finding.help(say!("write its text: `\"{name}\"`, or `containing \"{name}\"`", name = name.node)),
                )
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
