//! Template declarations. In: `template` items. Out: checked templates by channel and name.

use crate::check::checker::{Checker, duplicate};
use crate::check::declarations::Template;
use crate::check::scope::{ExprContext, Scope};
use crate::source::Span;
use crate::syntax::ast;
use crate::{parallel, say};
use std::collections::BTreeMap;
use std::sync::Arc;

/// A template declaration.
#[derive(Debug, Clone, Copy)]
pub(super) struct Declaration<'a> {
    pub(in crate::check) channel: &'a ast::Name,
    pub(in crate::check) name: &'a ast::Name,
    pub(in crate::check) params: &'a [ast::Name],
    pub(in crate::check) body: &'a ast::Body,
    /// The span of the item.
    pub(in crate::check) whole: Span,
    /// Whether the prelude declares it.
    pub(in crate::check) prelude: bool,
}

impl<'a> Checker<'a> {
    /// Declares templates, those of the prelude first. Their contents do not depend on each other and are checked in
    /// parallel.
    pub(super) fn declare_templates(&mut self, declared: &[Declaration<'a>]) {
        let bytes = declared.iter().map(|declared| declared.whole.len()).sum();
        let (sources, context, decl) = (self.sources, self.context, Arc::clone(&self.decl));
        let checked = parallel::map(declared, bytes, |declared| {
            let mut alone = Checker::new(sources, context, Arc::clone(&decl));
            let template = alone.check_template(declared);
            (template, alone.into_output())
        });
        drop(decl);
        for (declared, (template, found)) in declared.iter().zip(checked) {
            self.merge(found);
            let Some((channel, template)) = template else { continue };
            let key = (channel.to_owned(), declared.name.node.clone());
            if let Some(Some(first)) = self.decl.templates.get(&key).filter(|t| t.as_ref().is_some_and(|t| !t.prelude))
            {
                let finding = duplicate(say!("{channel} template", channel), declared.name, first.span);
                self.report(finding);
                continue;
            }
            self.decl_mut().templates.insert(key, template);
        }
    }

    /// The channel of a declaration, and the template if it has no error.
    fn check_template(&mut self, declared: &Declaration<'a>) -> Option<(&'static str, Option<Template>)> {
        let Declaration { name, params, body, prelude, .. } = *declared;
        let Some(channel) = self.channel(declared.channel) else {
            self.template_params(params);
            return None;
        };
        let ((params, content), passed, zone_use) = self.isolated(|checker| {
            let params = checker.template_params(params);
            let scope = template_scope(checker, &params);
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
            } else if !self.decl.catalog.events.contains_key(&param.node) {
                let finding = self.unknown_event(param);
                self.report(finding);
            }
        }
        seen.into_keys().map(str::to_owned).collect()
    }
}

/// The scope of a template with these parameters.
pub(in crate::check) fn template_scope(checker: &Checker<'_>, params: &[String]) -> Scope {
    let (known, wrong): (Vec<_>, Vec<_>) =
        params.iter().partition(|event| checker.decl.catalog.events.contains_key(*event));
    let scope =
        known.into_iter().fold(Scope::empty(ExprContext::Template), |scope, event| scope.with(event, event, true));
    // Fields of an unknown event are not reported as well.
    Scope { incomplete: !wrong.is_empty(), ..scope }
}
