//! Conflicting writes. In: checked funnels. Out: diagnostics about client fields that two funnels set.

use super::steps::paths;
use crate::check::program::{Element, Expr, Funnel, Past, Pattern, Program, Source, Step, Trigger};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::say;
use std::collections::BTreeMap;

/// A `set` and how a run reaches it.
struct Write<'p> {
    funnel: &'p Funnel,
    trigger: &'p Trigger,
    step: &'p Step,
    value: &'p Expr,
    /// Whether only some runs reach it.
    conditional: bool,
    state: PathState,
}

/// What a run did since its trigger, or since it last observed the client, before a step.
#[derive(Debug, Clone, Copy, Default)]
struct PathState {
    /// Whether time passed.
    delayed: bool,
    /// Whether the run waited for an event.
    observed: bool,
    /// Whether a condition was evaluated since.
    guarded: bool,
}

/// Finds fields that two funnels set.
pub(in crate::analysis) fn write_conflicts(program: &Program) -> Vec<Diagnostic> {
    let mut fields: BTreeMap<&str, Vec<Write<'_>>> = BTreeMap::new();
    for funnel in &program.funnels {
        for entry in &funnel.entries {
            let mut visit = |step, field, value, state: PathState| {
                let conditional = entry.filter.is_some() || entry.trigger.holds().is_some() || state.guarded;
                let write = Write { funnel, trigger: &entry.trigger, step, value, conditional, state };
                fields.entry(field).or_default().push(write);
            };
            walk(&entry.chain, PathState::default(), &mut visit);
        }
    }
    let mut findings = Vec::new();
    for (field, writes) in &fields {
        let Some(first) = writes.first() else { continue };
        let mut reported = vec![first.funnel.name.as_str()];
        for write in writes {
            if reported.contains(&write.funnel.name.as_str()) {
                continue;
            }
            let earlier = writes.iter().take_while(|other| other.step.span != write.step.span);
            let others: Vec<_> = earlier.filter(|other| other.funnel.name != write.funnel.name).collect();
            let worst =
                others.iter().filter_map(|other| conflict(field, other, write)).max_by_key(|found| found.severity);
            if let Some(found) = worst {
                reported.push(&write.funnel.name);
                findings.push(found);
            }
        }
    }
    findings
}

fn walk<'p>(chain: &'p [Step], mut state: PathState, visit: &mut impl FnMut(&'p Step, &'p str, &'p Expr, PathState)) {
    for step in chain {
        if let Element::Set { field, value, .. } = &step.element {
            visit(step, field, value, state);
        }
        let mut inside = state;
        match &step.element {
            Element::If { .. } | Element::Match { .. } => inside.guarded = true,
            Element::WaitEvent { on_event, on_timeout, .. } => {
                walk(on_event, PathState { observed: true, guarded: true, ..state }, visit);
                walk(on_timeout, PathState { delayed: true, observed: false, guarded: true }, visit);
                state = PathState { delayed: true, observed: false, guarded: false };
                continue;
            }
            wait @ (Element::WaitDuration { .. } | Element::WaitUntil { .. }) => {
                state = PathState {
                    delayed: true,
                    guarded: matches!(wait, Element::WaitUntil { on_past: Past::Stop, .. }),
                    ..state
                };
                inside = state;
            }
            Element::Split { .. }
            | Element::Parallel { .. }
            | Element::Repeat { .. }
            | Element::Send { .. }
            | Element::Call { .. }
            | Element::Set { .. }
            | Element::Tag { .. }
            | Element::Task(_)
            | Element::Emit { .. }
            | Element::Start { .. }
            | Element::StopFunnel { .. }
            | Element::Goto { .. }
            | Element::Stop => {}
        }
        let mut waits = false;
        for path in paths(&step.element) {
            walk(path, inside, visit);
            waits |= path.iter().any(|step| {
                matches!(
                    step.element,
                    Element::WaitDuration { .. } | Element::WaitUntil { .. } | Element::WaitEvent { .. }
                )
            });
        }
        state.delayed |= waits;
    }
}

/// Reports what happens if two funnels set a field.
fn conflict(field: &str, one: &Write<'_>, other: &Write<'_>) -> Option<Diagnostic> {
    if one.value == other.value && matches!(one.value, Expr::Value(_)) {
        return None;
    }
    let increments =
        |write: &Write<'_>| write.value.reads().iter().any(|read| read.source == Source::Client && read.name == field);
    if increments(one) && increments(other) {
        return None;
    }
    let (a, b) = (&one.funnel.name, &other.funnel.name);
    let found = |message, label| Diagnostic::new(Code::ConflictingWrites, other.step.span, message, label);
    let stale = |write: &Write<'_>, fresh: &Write<'_>| {
        let careful = write.state.observed || write.state.guarded || increments(write);
        write.state.delayed && !careful && !exits_on(write.funnel, fresh.trigger)
    };
    let soon = !(one.state.delayed || other.state.delayed || one.conditional && other.conditional);
    let found = if soon && share_trigger(one.trigger, other.trigger) {
        found(
            say!("`{a}` and `{b}` set `client.{field}` at the same moment", a, b, field),
            say!("the other write is lost"),
        )
        .help(say!("set `client.{field}` in one of the two funnels", field))
    } else if stale(one, other) || stale(other, one) {
        let (late, early) = if stale(one, other) { (a, b) } else { (b, a) };
        found(
            say!("`{late}` may overwrite `client.{field}` set by `{early}`", late, early, field),
            say!("set by two funnels"),
        )
        .help(say!(
            "`{late}` sets it after a wait: check `client.{field}` first, or end the run with `exit on ..`",
            late,
            field
        ))
    } else if one.state.delayed || other.state.delayed {
        return None;
    } else {
        let mut found = found(
            say!("`{a}` and `{b}` both set `client.{field}`; the last write wins", a, b, field),
            say!("set by two funnels"),
        );
        found.severity = Severity::Note;
        found
    };
    Some(found.related(one.step.span, say!("set by `{a}` here", a)))
}

/// Whether both have the same trigger.
fn share_trigger(one: &Trigger, other: &Trigger) -> bool {
    match (patterns(one), patterns(other)) {
        ([], []) => one == other,
        (a, b) => a.iter().any(|pattern| b.contains(pattern)),
    }
}

fn patterns(trigger: &Trigger) -> &[Pattern] {
    match trigger {
        Trigger::Happened { patterns, .. } => patterns,
        Trigger::Segment { .. }
        | Trigger::Silence { .. }
        | Trigger::Date(_)
        | Trigger::Started { .. }
        | Trigger::Every { .. } => &[],
    }
}

/// Whether runs of a funnel end on the trigger of the other.
fn exits_on(funnel: &Funnel, trigger: &Trigger) -> bool {
    let exits = || funnel.settings.exits.iter().map(|exit| &exit.pattern.event);
    patterns(trigger).iter().any(|pattern| exits().any(|event| *event == pattern.event))
}
