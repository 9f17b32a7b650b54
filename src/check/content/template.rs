//! Templates in use. In: the name of a template and what is in scope. Out: its content, bound to the events of the run.

use crate::check::checker::{Checker, unknown};
use crate::check::declarations::Template;
use crate::check::program::{Content, Source};
use crate::check::scope::Scope;
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::say;
use crate::source::Span;
use crate::syntax::ast;
use std::collections::BTreeMap;

impl Checker<'_> {
    /// The content of the template that a send names.
    pub(in crate::check) fn template(&mut self, scope: &Scope, channel: &str, name: &ast::Name) -> Option<Content> {
        self.record_template(channel, name);
        self.named_template(scope, channel, &name.node, name.span)
    }

    /// The template of a send without a body, with its name.
    pub(in crate::check) fn default_template(
        &mut self,
        scope: &Scope,
        channel: &str,
        span: Span,
    ) -> Option<(String, Content)> {
        let named = self.context.default_templates.get(channel);
        let name = named.cloned().unwrap_or_else(|| "default".to_owned());
        let content = self.named_template(scope, channel, &name, span)?;
        Some((name, content))
    }

    fn named_template(&mut self, scope: &Scope, channel: &str, name: &str, span: Span) -> Option<Content> {
        match self.decl.templates.get(&(channel.to_owned(), name.to_owned())).cloned() {
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

    /// A diagnostic about an unknown template.
    pub(in crate::check) fn unknown_template(&self, channel: &str, name: &str, span: Span) -> Diagnostic {
        let message = say!("unknown `{channel}` template `{name}`", channel, name);
        let of_channel = self.decl.templates.keys().filter(|(c, _)| c == channel).map(|(_, n)| n.as_str());
        if let Some(near) = suggest::nearest(name, of_channel) {
            return unknown(Code::UnknownTemplate, span, name, message, [near]);
        }
        let finding = Diagnostic::new(Code::UnknownTemplate, span, message, say!("no such template"));
        let elsewhere = self.decl.templates.keys().find(|(c, n)| c != channel && n == name);
        match elsewhere {
            Some((other, _)) => {
                finding.help(say!("it exists for {other}; declare it for {channel} too", other, channel))
            }
            None if channel == "email" => {
                finding.help(say!("declare it: `template email {name} = {{ subject: \"..\" text: \"..\" }}`", name))
            }
            None => finding.help(say!("declare it: `template {channel} {name} = \"..\"`", channel, name)),
        }
    }

    /// Replaces the parameters of a template by the events of the run.
    fn bind(&mut self, scope: &Scope, template: Template, name: &str, span: Span) -> Option<Content> {
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for param in &template.params {
            let by_event = || scope.bound.iter().find(|bound| bound.event == *param);
            let Some(bound) = scope.bound.iter().find(|b| b.name == *param && b.event == *param).or_else(by_event)
            else {
                if scope.incomplete {
                    return self.poison();
                }
                let message = say!("template `{name}` needs a `{param}`, but none is available here", name, param);
                let finding = Diagnostic::new(Code::WrongTemplate, span, message, say!("needs a `{param}`", param));
                let in_scope = scope.bound.first().map_or("client", |bound| bound.event.as_str());
                return self.fail(
                    finding
                        .related(template.span, say!("declared here"))
                        .help(say!("use a template that depends only on `{in_scope}`", in_scope)),
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
}
