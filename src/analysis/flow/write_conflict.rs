//! Funnels that get in each other's way. In: checked funnels. Out: findings about client fields that two funnels set,
//! and what would come of that.

use super::steps::paths;
use crate::check::program::{Element, Expr, Funnel, Past, Pattern, Program, Source, Step, Trigger};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::say;
use std::collections::BTreeMap;

/// A `set` and how a run comes to it.
struct Place<'p> {
    funnel: &'p Funnel,
    trigger: &'p Trigger,
    step: &'p Step,
    value: &'p Expr,
    /// Whether only some runs come to it.
    conditional: bool,
    road: Road,
}

/// What lies between what started a run, or was last heard of the client, and a step.
#[derive(Debug, Clone, Copy, Default)]
struct Road {
    /// Whether time passed.
    late: bool,
    /// Whether the run waited for something to happen.
    heard: bool,
    /// Whether a condition was asked since.
    asked: bool,
}

/// Looks for fields that two funnels set.
pub(in crate::analysis) fn write_conflicts(program: &Program) -> Vec<Diagnostic> {
    let mut fields: BTreeMap<&str, Vec<Place<'_>>> = BTreeMap::new();
    for funnel in &program.funnels {
        for entry in &funnel.entries {
            let mut visit = |step, field, value, road: Road| {
                let conditional = entry.filter.is_some() || road.asked;
                let place = Place { funnel, trigger: &entry.trigger, step, value, conditional, road };
                fields.entry(field).or_default().push(place);
            };
            walk(&entry.chain, Road::default(), &mut visit);
        }
    }
    let mut findings = Vec::new();
    for (field, places) in &fields {
        let Some(first) = places.first() else { continue };
        let mut told = vec![first.funnel.name.as_str()];
        for place in places {
            if told.contains(&place.funnel.name.as_str()) {
                continue;
            }
            let earlier = places.iter().take_while(|other| other.step.span != place.step.span);
            let others: Vec<_> = earlier.filter(|other| other.funnel.name != place.funnel.name).collect();
            let worst =
                others.iter().filter_map(|other| judged(field, other, place)).max_by_key(|found| found.severity);
            if let Some(found) = worst {
                told.push(&place.funnel.name);
                findings.push(found);
            }
        }
    }
    findings
}

fn walk<'p>(chain: &'p [Step], mut road: Road, visit: &mut impl FnMut(&'p Step, &'p str, &'p Expr, Road)) {
    for step in chain {
        if let Element::Set { field, value } = &step.element {
            visit(step, field, value, road);
        }
        let mut inside = road;
        match &step.element {
            Element::If { .. } | Element::Match { .. } => inside.asked = true,
            Element::WaitEvent { on_event, on_timeout, .. } => {
                walk(on_event, Road { heard: true, asked: true, ..road }, visit);
                walk(on_timeout, Road { late: true, heard: false, asked: true }, visit);
                road = Road { late: true, heard: false, asked: false };
                continue;
            }
            wait @ (Element::WaitDuration { .. } | Element::WaitUntil { .. }) => {
                road =
                    Road { late: true, asked: matches!(wait, Element::WaitUntil { on_past: Past::Stop, .. }), ..road };
                inside = road;
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
        road.late |= waits;
    }
}

/// What would come of it that two funnels set a field.
fn judged(field: &str, one: &Place<'_>, other: &Place<'_>) -> Option<Diagnostic> {
    if one.value == other.value && matches!(one.value, Expr::Value(_)) {
        return None;
    }
    let grows =
        |place: &Place<'_>| place.value.reads().iter().any(|read| read.source == Source::Client && read.name == field);
    if grows(one) && grows(other) {
        return None;
    }
    let (a, b) = (&one.funnel.name, &other.funnel.name);
    let found = |message, label| Diagnostic::new(Code::SetByTwo, other.step.span, message, label);
    let stale = |place: &Place<'_>, fresh: &Place<'_>| {
        place.road.late && !place.road.heard && !place.road.asked && !leaves(place.funnel, fresh.trigger)
    };
    let soon = !(one.road.late || other.road.late || one.conditional && other.conditional);
    let found = if soon && together(one.trigger, other.trigger) {
        found(
            say!("`{a}` and `{b}` set `client.{field}` at the same moment", a, b, field),
            say!("only one value stays"),
        )
        .help(say!("set `client.{field}` in one of the two funnels", field))
    } else if stale(one, other) || stale(other, one) {
        let (late, early) = if stale(one, other) { (a, b) } else { (b, a) };
        found(
            say!("`{late}` can undo what `{early}` wrote into `client.{field}`", late, early, field),
            say!("set by two funnels"),
        )
        .help(say!(
            "`{late}` sets it after a wait: ask for `client.{field}` first, or end the run by `exit on ..`",
            late,
            field
        ))
    } else if one.road.late || other.road.late {
        return None;
    } else {
        let mut found = found(
            say!("`{a}` and `{b}` both set `client.{field}`, and the last one wins", a, b, field),
            say!("set by two funnels"),
        );
        found.severity = Severity::Note;
        found
    };
    Some(found.related(one.step.span, say!("set by `{a}` here", a)))
}

/// Whether the same thing starts both.
fn together(one: &Trigger, other: &Trigger) -> bool {
    match (patterns(one), patterns(other)) {
        ([], []) => one == other,
        (a, b) => a.iter().any(|pattern| b.contains(pattern)),
    }
}

fn patterns(trigger: &Trigger) -> &[Pattern] {
    match trigger {
        Trigger::Happened { patterns, .. } => patterns,
        Trigger::Segment { .. } | Trigger::Silence { .. } | Trigger::Date(_) | Trigger::Every { .. } => &[],
    }
}

/// Whether runs of a funnel end by what starts the other.
fn leaves(funnel: &Funnel, trigger: &Trigger) -> bool {
    let exits = || funnel.settings.exits.iter().map(|exit| &exit.pattern.event);
    patterns(trigger).iter().any(|pattern| exits().any(|event| *event == pattern.event))
}
