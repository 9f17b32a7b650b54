//! What messages say. In: templates, and the bodies written in sends. Out: contents, bound to the run's events.

use super::checker::{Checker, ZoneUse, unknown};
use super::constant::duplicate;
use super::names::{Scope, Site};
use super::note::{Named, Word};
use super::prelude::CHANNELS;
use super::program::{Content, Expr, Source};
use crate::diagnostic::{Code, Diagnostic, Phrase, suggest};
use crate::parallel;
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use crate::value::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A checked template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Template {
    /// Where its name stands.
    pub(super) span: Span,
    /// Whether the prelude gives it, so that a project may put its own in its place.
    prelude: bool,
    /// The events it speaks of.
    params: Vec<String>,
    /// What it says.
    content: Content,
    /// What in it needs a time zone.
    zone_use: Option<ZoneUse>,
}

/// A template as it is declared.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declaration<'a> {
    pub(super) channel: &'a ast::Name,
    pub(super) name: &'a ast::Name,
    pub(super) params: &'a [ast::Name],
    pub(super) body: &'a ast::Body,
    /// The whole item.
    pub(super) whole: Span,
    /// Whether the prelude gives it.
    pub(super) prelude: bool,
}

impl<'a> Checker<'a> {
    /// Takes in and checks declarations; those that the prelude gives come first. Their words are judged on all processors, as
    /// none depends on another.
    pub(super) fn declare_templates(&mut self, declared: &[Declaration<'a>]) {
        let bytes = declared.iter().map(|declared| declared.whole.len()).sum();
        let (sources, context, known) = (self.sources, self.context, Arc::clone(&self.known));
        let judged = parallel::map(declared, bytes, |declared| {
            let mut alone = Checker::new(sources, context, Arc::clone(&known));
            let template = alone.judged_template(declared);
            (template, alone.found())
        });
        drop(known);
        for (declared, (template, found)) in declared.iter().zip(judged) {
            self.take_in(found);
            let Some((channel, template)) = template else { continue };
            let key = (channel.to_owned(), declared.name.node.clone());
            if let Some(Some(first)) = self.templates.get(&key).filter(|t| t.as_ref().is_some_and(|t| !t.prelude)) {
                let finding = duplicate(say!("{channel} template", channel), declared.name, first.span);
                self.report(finding);
                continue;
            }
            self.templates.insert(key, template);
        }
    }

    /// The channel of a declaration, and the template if it has no fault.
    fn judged_template(&mut self, declared: &Declaration<'a>) -> Option<(&'static str, Option<Template>)> {
        let Declaration { name, params, body, prelude, .. } = *declared;
        let Some(channel) = self.channel(declared.channel) else {
            self.template_params(params);
            return None;
        };
        let ((params, content), passed, zone_use) = self.apart(|checker| {
            let params = checker.template_params(params);
            let scope = scope(checker, &params);
            (params, checker.content(&scope, channel, body))
        });
        let template = content.map(|content| Template { span: name.span, prelude, params, content, zone_use });
        Some((channel, template.filter(|_| passed)))
    }

    fn template_params(&mut self, params: &[ast::Name]) -> Vec<String> {
        let mut seen: BTreeMap<&str, Span> = BTreeMap::new();
        for param in params {
            if let Some(first) = seen.insert(&param.node, param.span) {
                self.report(duplicate(say!("parameter"), param, first));
            } else if !self.catalog.events.contains_key(&param.node) {
                let finding = self.unknown_event(param);
                self.report(finding);
            }
        }
        seen.into_keys().map(str::to_owned).collect()
    }

    /// The channel that a name stands for; for one that the language does not have the nearest, so that what is sent
    /// is still judged.
    pub(super) fn channel(&mut self, name: &ast::Name) -> Option<&'static str> {
        let mut known = CHANNELS.iter().map(|(channel, _)| *channel);
        if let Some(channel) = known.clone().find(|channel| *channel == name.node) {
            self.note_word(Word::Channel, name);
            return Some(channel);
        }
        let message = say!("there is no channel `{name}`", name = name.node);
        let mut finding = unknown(Code::UnknownChannel, name.span, &name.node, message, known.clone());
        if finding.help.is_empty() {
            finding = finding.help(say!("the channels are sms, email, telegram and whatsapp"));
        }
        self.report(finding);
        let near = suggest::nearest(&name.node, known.clone())?;
        known.find(|channel| *channel == near)
    }

    /// The template that a send names.
    pub(super) fn template(&mut self, scope: &Scope, channel: &str, name: &ast::Name) -> Option<Content> {
        self.note_template(channel, name);
        self.named_template(scope, channel, &name.node, name.span)
    }

    /// The template that a send without a body uses, with its name.
    pub(super) fn default_template(&mut self, scope: &Scope, channel: &str, span: Span) -> Option<(String, Content)> {
        let named = self.context.default_templates.get(channel);
        let name = named.cloned().unwrap_or_else(|| "default".to_owned());
        let content = self.named_template(scope, channel, &name, span)?;
        Some((name, content))
    }

    /// Notes the name of a template that there is.
    pub(super) fn note_template(&mut self, channel: &str, name: &ast::Name) {
        if self.notes.is_some() && self.templates.contains_key(&(channel.to_owned(), name.node.clone())) {
            self.note(name.span, || Named::Template { channel: channel.to_owned(), name: name.node.clone() });
        }
    }

    fn named_template(&mut self, scope: &Scope, channel: &str, name: &str, span: Span) -> Option<Content> {
        match self.templates.get(&(channel.to_owned(), name.to_owned())).cloned() {
            Some(Some(template)) => {
                self.used.insert(template.span);
                if let Some(zone_use) = &template.zone_use {
                    self.needs_zone(span, zone_use.what.clone());
                }
                self.bind(scope, template, name, span)
            }
            Some(None) => self.poison(),
            None => {
                let finding = self.unknown_template(channel, name, span);
                self.fail(finding)
            }
        }
    }

    /// A finding about a template that a channel does not have.
    pub(super) fn unknown_template(&self, channel: &str, name: &str, span: Span) -> Diagnostic {
        let message = say!("there is no {channel} template `{name}`", channel, name);
        let of_channel = self.templates.keys().filter(|(c, _)| c == channel).map(|(_, n)| n.as_str());
        if let Some(near) = suggest::nearest(name, of_channel) {
            return unknown(Code::UnknownTemplate, span, name, message, [near]);
        }
        let finding = Diagnostic::new(Code::UnknownTemplate, span, message, say!("no such template"));
        let elsewhere = self.templates.keys().find(|(c, n)| c != channel && n == name);
        match elsewhere {
            Some((other, _)) => {
                finding.help(say!("there is one for {other}; declare it for {channel} too", other, channel))
            }
            None if channel == "email" => {
                finding.help(say!("declare it: `template email {name} = {{ subject: \"..\" text: \"..\" }}`", name))
            }
            None => finding.help(say!("declare it: `template {channel} {name} = \"..\"`", channel, name)),
        }
    }

    /// Puts the run's events in the place of a template's parameters.
    fn bind(&mut self, scope: &Scope, template: Template, name: &str, span: Span) -> Option<Content> {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for param in &template.params {
            let by_event = || scope.bound.iter().find(|bound| bound.event == *param);
            let Some(bound) = scope.bound.iter().find(|b| b.name == *param && b.event == *param).or_else(by_event)
            else {
                if scope.open {
                    return self.poison();
                }
                let message = say!("the template `{name}` needs a `{param}`, and there is none here", name, param);
                let finding = Diagnostic::new(Code::WrongTemplate, span, message, say!("needs a `{param}`", param));
                let in_scope = scope.bound.first().map_or("client", |bound| bound.event.as_str());
                return self.fail(
                    finding
                        .related(template.span, say!("declared here"))
                        .help(say!("use a template that speaks of `{in_scope}` only", in_scope)),
                );
            };
            names.insert(param.clone(), bound.name.clone());
        }
        let mut content = template.content;
        content.change_reads(&|read| {
            if let Source::Event(event) = &read.source
                && let Some(binding) = names.get(event)
            {
                read.source = Source::Event(binding.clone());
            }
        });
        Some(content)
    }

    /// What a body says on a channel.
    pub(super) fn content(&mut self, scope: &Scope, channel: &str, body: &ast::Body) -> Option<Content> {
        if let ast::Body::Record(record) = body {
            self.note_scope(record.span, scope);
        }
        match body {
            ast::Body::Text(text) if channel == "email" => {
                let checked = self.text(scope, text);
                let finding =
                    Diagnostic::new(Code::NoSubject, text.span, say!("an email needs a subject"), say!("no subject"));
                self.report(finding.help(say!("write `{{ subject: \"..\" text: \"..\" }}`")));
                checked.map(|text| Content::Text(text.expr))
            }
            ast::Body::Text(text) => {
                self.unfinished(text);
                let expr = self.text(scope, text)?.expr;
                if is_blank(&expr) {
                    self.empty(text.span, say!("a message needs a text, and this one is empty"));
                }
                self.words(channel, text, &expr, true);
                Some(Content::Text(expr))
            }
            ast::Body::Record(record) => self.record(scope, channel, record),
            ast::Body::File(file) if channel == "email" => {
                let body = self.file_part(scope, channel, "body", file).1;
                let finding =
                    Diagnostic::new(Code::NoSubject, file.span, say!("an email needs a subject"), say!("no subject"));
                let file = self.slice(file.span);
                self.report(finding.help(say!("write `{{ subject: \"..\", body: {file} }}`", file)));
                body.map(|written| Content::Text(written.expr))
            }
            ast::Body::File(file) => Some(Content::Text(self.file_part(scope, channel, "body", file).1?.expr)),
            ast::Body::Template(name) => {
                let message = say!("a template is a text or a record, not another template");
                self.fail(Diagnostic::new(Code::WrongTemplate, name.span, message, say!("another template")))
            }
            ast::Body::Error(_) => self.poison(),
        }
    }

    fn record(&mut self, scope: &Scope, channel: &str, record: &ast::Record) -> Option<Content> {
        let email = channel == "email";
        let known: &[&str] = if email { &["subject", "text", "html", "body", "preheader"] } else { &["text", "body"] };
        let mut parts: BTreeMap<&str, Option<Expr>> = BTreeMap::new();
        let mut spans: BTreeMap<&str, Span> = BTreeMap::new();
        let mut preview = None;
        for entry in &record.entries {
            let (name, written) = self.message_part(scope, channel, entry);
            if !known.contains(&name) {
                let message = say!("a message by {channel} has no `{name}`", channel, name);
                let finding = unknown(Code::UnknownField, entry.name.span, name, message, known.iter().copied());
                let all = known.join(", ");
                self.report(if finding.help.is_empty() { finding.help(say!("it has {all}", all)) } else { finding });
                // What was meant is not missing as well.
                parts.extend(suggest::nearest(name, known.iter().copied()).map(|near| (near, None)));
            } else if let Some(first) = spans.insert(name, entry.name.span) {
                self.report(duplicate(say!("entry"), &entry.name, first));
            } else {
                preview = written.as_ref().and_then(|written| written.preview.clone()).or(preview);
                parts.insert(name, written.map(|written| written.expr));
            }
        }
        self.blanks(email, &parts, &spans);
        if let (true, Some(line), false) = (email, preview, parts.contains_key("preheader")) {
            parts.insert("preheader", Some(line));
        }
        self.complete(email, record.span, parts)
    }

    /// Reports what is written and empty: the subject, and that what there is to read is empty altogether.
    fn blanks(&mut self, email: bool, parts: &BTreeMap<&str, Option<Expr>>, spans: &BTreeMap<&str, Span>) {
        let text = if email {
            say!("an email needs a text, and this one is empty")
        } else {
            say!("a message needs a text, and this one is empty")
        };
        let subject = say!("an email needs a subject, and this one is empty");
        for (names, message) in [(&["subject"][..], subject), (&["text", "html"], text)] {
            let mut written = names.iter().filter_map(|name| Some((parts.get(name)?, *spans.get(name)?)));
            let Some((_, first)) = written.clone().next() else { continue };
            if written.all(|(part, _)| part.as_ref().is_some_and(is_blank)) {
                self.empty(first, message);
            }
        }
    }

    fn empty(&mut self, span: Span, message: Phrase) {
        let finding = Diagnostic::new(Code::EmptyMessage, span, message, say!("is empty"));
        self.report(finding.help(say!("write what the client should read")));
    }

    fn complete(&mut self, email: bool, span: Span, mut parts: BTreeMap<&str, Option<Expr>>) -> Option<Content> {
        if !email {
            return match parts.remove("text") {
                Some(text) => text.map(Content::Text),
                None => {
                    let finding =
                        Diagnostic::new(Code::WrongTemplate, span, say!("a message needs a `text`"), say!("no text"));
                    self.fail(finding.help(say!("write `{{ text: \"..\" }}`, or the text by itself")))
                }
            };
        }
        let mut whole = true;
        if !parts.contains_key("subject") {
            let finding = Diagnostic::new(Code::NoSubject, span, say!("an email needs a subject"), say!("no subject"));
            self.report(finding.help(say!("add `subject: \"..\"`")));
            whole = false;
        }
        if !parts.contains_key("text") && !parts.contains_key("html") {
            let message = say!("an email needs a `text`, an `html` or a `body`");
            let finding = Diagnostic::new(Code::WrongTemplate, span, message, say!("nothing to read"));
            self.report(finding.help(say!("add `text: \"..\"`, or `body: file \"letter.mjml\"`")));
            whole = false;
        }
        if !whole || parts.values().any(Option::is_none) {
            return None;
        }
        let mut part = |name: &str| parts.remove(name).flatten();
        Some(Content::Email {
            subject: part("subject")?,
            preheader: part("preheader"),
            text: part("text"),
            html: part("html"),
        })
    }
}

/// What can be named in a template with such parameters.
pub(super) fn scope(checker: &Checker<'_>, params: &[String]) -> Scope {
    let (known, wrong): (Vec<_>, Vec<_>) = params.iter().partition(|event| checker.catalog.events.contains_key(*event));
    let scope = known.into_iter().fold(Scope::empty(Site::Template), |scope, event| scope.with(event, event, true));
    // What the body reads of an event that does not exist is no second fault.
    Scope { open: !wrong.is_empty(), ..scope }
}

/// Whether a text is sure to show nothing.
fn is_blank(text: &Expr) -> bool {
    matches!(text, Expr::Value(Value::Text(text)) if text.trim().is_empty())
}
