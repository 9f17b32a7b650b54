//! Unused names. In: the declarations of a program. Out: a diagnostic for each constant, segment, template and action
//! that is never used.

use super::steps::every;
use crate::check::program::{Declared, Declares, Element, Funnel, OfMessage, Pattern};
use crate::check::{Context, Program};
use crate::diagnostic::{Code, Diagnostic, Level, Phrase};
use crate::say;
use crate::source::Span;
use std::collections::BTreeSet;

/// The template of a `send` without a body if the project does not name one.
const DEFAULT: &str = "default";

/// Finds unused declarations. A program without funnels may be a library.
pub(in crate::analysis) fn unused_declarations(program: &Program, context: &Context) -> Vec<Diagnostic> {
    if program.funnels.is_empty() {
        return Vec::new();
    }
    let unused = program.declared.iter().filter(|declared| !declared.used && !is_default_template(declared, context));
    unused
        .filter(|declared| !program.doubt.may_use(declared))
        .map(|declared| {
            let (message, help) = texts(declared);
            Diagnostic::new(Code::Unused, declared.span, message, say!("never used")).help(help).guess(
                say!("remove it"),
                declared.whole,
                "",
            )
        })
        .collect()
}

/// Finds labels that no `goto` and no `wait for` names, if the project asks for it: labels also name elements in traces.
pub(super) fn unused_labels(funnel: &Funnel, context: &Context) -> Vec<Diagnostic> {
    if context.levels.of(Code::UnusedLabel) == Level::Allow {
        return Vec::new();
    }
    let steps = every(funnel);
    let named: BTreeSet<&str> = steps.iter().flat_map(|step| named_in(&step.element)).collect();
    let unused = steps.iter().filter_map(|step| step.label.as_deref().map(|label| (*step, label)));
    unused
        .filter(|(_, label)| !named.contains(label))
        .map(|(step, label)| {
            let (start, end) = (step.whole.start, step.span.start);
            let place = Span { end: start + u32::try_from(label.len()).unwrap_or(0), ..step.whole };
            Diagnostic::new(Code::UnusedLabel, place, say!("unused label `{label}`", label), say!("never used"))
                .help(say!("remove `{label}:` (the element gets a generated id)", label))
                .guess(say!("remove the label"), Span { start, end, ..step.whole }, "")
        })
        .collect()
}

/// The labels that an element names: the target of a `goto`, the messages that a `wait for` is about.
fn named_in(element: &Element) -> Vec<&str> {
    if let Element::WaitEvent { wait, .. } = element {
        return wait.patterns.iter().filter_map(label_in).collect();
    }
    if let Element::Goto { label } = element { vec![label] } else { Vec::new() }
}

fn label_in(pattern: &Pattern) -> Option<&str> {
    match &pattern.message {
        Some(OfMessage::Sent(label)) => Some(label.as_str()),
        Some(OfMessage::Own) | None => None,
    }
}

/// Whether a template is the default of its channel.
fn is_default_template(declared: &Declared, context: &Context) -> bool {
    let Declares::Template(channel) = &declared.kind else { return false };
    let named = context.default_templates.get(channel).map_or(DEFAULT, String::as_str);
    declared.name == named
}

fn texts(declared: &Declared) -> (Phrase, Phrase) {
    let name = &declared.name;
    match &declared.kind {
        Declares::Constant => {
            (say!("unused constant `{name}`", name), say!("remove `const {name} = ..`, or use it", name))
        }
        Declares::Segment => (
            say!("unused segment `{name}`", name),
            say!("remove `segment {name} = ..` or use it: `if client in {name}`", name),
        ),
        Declares::Template(channel) => (
            say!("unused {channel} template `{name}`", channel, name),
            say!("remove `template {channel} {name}` or use it: `send {channel} {name}`", channel, name),
        ),
        Declares::Action => {
            (say!("unused action `{name}`", name), say!("remove `action {name}(..)` or use it: `do {name}(..)`", name))
        }
    }
}
