//! `stop` for funnels whose runs never last, and `on start` in funnels that nothing starts. In: the program. Out: a
//! diagnostic for each.

use super::steps::{every, has};
use crate::check::program::{Element, Entry, Funnel, Over, Program, Step, Trigger};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use std::collections::BTreeSet;

/// Finds `stop` for funnels whose runs end at the instant at which they begin.
pub(in crate::analysis) fn stops_without_runs(program: &Program) -> Vec<Diagnostic> {
    let stops = program.funnels.iter().flat_map(|funnel| every(funnel)).filter_map(|step| {
        let Element::StopFunnel { funnel: name } = &step.element else { return None };
        let stopped = program.funnels.iter().find(|funnel| funnel.name == *name)?;
        (!lasts(stopped)).then(|| finding(step, stopped))
    });
    stops.collect()
}

/// Finds funnels with `on start` that no funnel starts.
pub(in crate::analysis) fn never_started(program: &Program) -> Vec<Diagnostic> {
    let steps = program.funnels.iter().flat_map(|funnel| every(funnel));
    let started: BTreeSet<&str> = steps
        .filter_map(|step| {
            let Element::Start { funnel } = &step.element else { return None };
            Some(funnel.as_str())
        })
        .collect();
    let waiting = program.funnels.iter().filter(|funnel| !started.contains(funnel.name.as_str()));
    let found = waiting.filter_map(|funnel| {
        let entry = funnel.entries.iter().find(|entry| matches!(entry.trigger, Trigger::Started { .. }))?;
        let name = &funnel.name;
        let message = say!("no funnel starts `{name}`", name);
        let found = Diagnostic::new(Code::DoesNothing, entry.span, message, say!("never happens"));
        Some(found.help(say!("write `start {name}` in another funnel, or give `{name}` another trigger", name)))
    });
    found.collect()
}

fn finding(step: &Step, stopped: &Funnel) -> Diagnostic {
    let (text, name) = (&step.text, &stopped.name);
    let message = say!("`{text}` has no effect: runs of `{name}` end as soon as they begin", text, name);
    Diagnostic::new(Code::DoesNothing, step.span, message, say!("has no effect"))
        .related(stopped.span, say!("nothing in it waits"))
        .help(say!("remove `{text}`, or let `{name}` wait for something", text, name))
}

/// Whether a run of a funnel may last.
fn lasts(funnel: &Funnel) -> bool {
    funnel.entries.iter().any(|entry| may_last(funnel, entry))
}

/// Whether a run that begins by an entry may last.
pub(super) fn may_last(funnel: &Funnel, entry: &Entry) -> bool {
    let holds = !funnel.settings.hours.is_empty()
        || funnel.settings.limits.iter().any(|limit| matches!(limit.over, Over::Defer(_)));
    entry.chain.iter().any(|step| has(step, &|element| waits(element, holds)))
}

fn waits(element: &Element, messages_wait: bool) -> bool {
    match element {
        Element::WaitDuration { .. } | Element::WaitUntil { .. } | Element::WaitEvent { .. } => true,
        Element::Send { on_not_sent, .. } => messages_wait || on_not_sent.is_some(),
        Element::Call { call, on_failed } => on_failed.is_some() || call.answer.is_some(),
        Element::If { condition: asked, .. } | Element::Match { subject: asked, .. } => {
            asked.reads().iter().any(|read| read.later.is_some())
        }
        Element::Set { .. }
        | Element::Tag { .. }
        | Element::Stop
        | Element::Split { .. }
        | Element::Parallel { .. }
        | Element::Repeat { .. }
        | Element::Task(_)
        | Element::Emit { .. }
        | Element::Start { .. }
        | Element::StopFunnel { .. }
        | Element::Goto { .. } => false,
    }
}
