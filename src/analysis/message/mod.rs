//! Messages that funnels send: duplicates, promotion without consent, missing unsubscribe links and long SMS.

mod duplicate_across_funnels;
mod duplicate_in_run;
mod promo;
mod send_paths;
pub(super) mod sms;
mod unsubscribe;

pub(super) use duplicate_across_funnels::duplicates_across_funnels;
pub(super) use promo::marketing_in_service;

use crate::analysis::flow::steps::every;
use crate::check::Context;
use crate::check::program::{Content, Declared, Declares, Element, Expr, Funnel, Send, Step};
use crate::diagnostic::Diagnostic;
use crate::say;

/// Checks the messages of one funnel; `declared` is what all files declare.
pub(super) fn check_funnel(funnel: &Funnel, declared: &[Declared], context: &Context) -> Vec<Diagnostic> {
    let mut findings = duplicate_in_run::duplicates_in_run(funnel);
    findings.extend(promo::promo_in_service(funnel, declared, context));
    findings.extend(unsubscribe::no_unsubscribe_link(funnel, declared));
    findings
}

/// Returns the sends of a funnel in source order.
pub(super) fn sends(funnel: &Funnel) -> impl Iterator<Item = (&Step, &Send)> {
    every(funnel).into_iter().filter_map(|step| {
        let Element::Send { send, .. } = &step.element else { return None };
        Some((step, send.as_ref()))
    })
}

/// Returns the texts of a message.
pub(super) fn texts(content: &Content) -> Vec<&Expr> {
    match content {
        Content::Text(text) => vec![text],
        Content::Email { subject, preheader, text, html } => {
            std::iter::once(subject).chain([preheader, text, html].into_iter().flatten()).collect()
        }
    }
}

/// Adds where the template of a send is declared.
fn with_template(found: Diagnostic, declared: &[Declared], send: &Send) -> Diagnostic {
    let kind = Declares::Template(send.channel.clone());
    let declared = declared.iter().find(|d| d.kind == kind && Some(&d.name) == send.template.as_ref());
    match declared {
        Some(declared) => found.related(declared.span, say!("its text is here")),
        None => found,
    }
}
