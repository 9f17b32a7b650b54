//! Funnels that start each other. In: checked funnels. Out: a finding for each ring of funnels that nothing ends, found on
//! the roads that every run takes.

use super::condition::Sure;
use super::steps::{has, has_inside, is_gate};
use crate::check::program::{
    Arithmetic, Catalog, Change, Element, Enter, Entry, Expr, Funnel, Part, Past, Program, Source, Step, Trigger, UpTo,
};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::say;
use crate::value::{Duration, Value};
use std::collections::{BTreeMap, BTreeSet};

/// An entry of a funnel, by the places of the two.
type Place = (usize, usize);

/// A step that every run of an entry comes to and that starts another run.
struct Arrow<'p> {
    step: &'p Step,
    to: Place,
    /// Whether time is sure to pass before it.
    late: bool,
}

/// An entry that others may let clients in by.
type Known<'p> = (Place, &'p Funnel, &'p Entry);

/// The open entries of all funnels.
struct Entries<'p> {
    catalog: &'p Catalog,
    /// By the events that let clients in; one with several events is there several times.
    by_event: BTreeMap<&'p str, Vec<Known<'p>>>,
    by_funnel: BTreeMap<&'p str, Vec<Known<'p>>>,
    /// By the names of the segments that clients enter or leave.
    by_segment: BTreeMap<&'p str, Vec<Known<'p>>>,
    /// Whether anything starts when a client is changed.
    listens: bool,
}

impl<'p> Entries<'p> {
    fn new(program: &'p Program) -> Self {
        let (mut by_event, mut by_funnel) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        let mut by_segment = BTreeMap::<_, Vec<_>>::new();
        for (f, funnel) in program.funnels.iter().enumerate() {
            for (e, entry) in funnel.entries.iter().enumerate() {
                let known: Known<'p> = ((f, e), funnel, entry);
                by_funnel.entry(funnel.name.as_str()).or_default().push(known);
                if let Trigger::Segment { segment, .. } = &entry.trigger
                    && is_open(entry)
                {
                    by_segment.entry(segment.name.as_str()).or_default().push(known);
                }
                let Trigger::Happened { patterns, .. } = &entry.trigger else { continue };
                let events: BTreeSet<&str> = patterns.iter().map(|pattern| pattern.event.as_str()).collect();
                for event in events.into_iter().filter(|_| is_open(entry)) {
                    by_event.entry(event).or_default().push(known);
                }
            }
        }
        let listens = !by_segment.is_empty() || by_event.contains_key("client");
        Self { catalog: &program.catalog, by_event, by_funnel, by_segment, listens }
    }

    fn of_event(&self, event: &str) -> impl Iterator<Item = &Known<'p>> {
        self.by_event.get(event).into_iter().flatten()
    }
}

/// Looks for funnels that start each other for ever.
pub(super) fn starts_for_ever(program: &Program) -> Vec<Diagnostic> {
    let entries = Entries::new(program);
    let mut arrows: BTreeMap<Place, Vec<Arrow<'_>>> = BTreeMap::new();
    for (f, funnel) in program.funnels.iter().enumerate() {
        for (e, entry) in funnel.entries.iter().enumerate().filter(|(_, entry)| is_open(entry)) {
            let found = arrows_of(&entries, entry);
            if !found.is_empty() {
                arrows.insert((f, e), found);
            }
        }
    }
    let mut known: Vec<Place> = Vec::new();
    let mut findings = Vec::new();
    for late in [false, true] {
        for start in arrows.keys() {
            let Some(ring) = ring(&arrows, *start, late).filter(|_| !known.contains(start)) else { continue };
            known.extend(ring.iter().map(|arrow| arrow.to));
            let ends =
                |place: Place| program.funnels.get(place.0).is_some_and(|funnel| !funnel.settings.exits.is_empty());
            if !(late && ring.iter().any(|arrow| ends(arrow.to))) {
                findings.extend(told(program, &ring, late));
            }
        }
    }
    findings
}

/// Whether an entry lets everyone in.
fn is_open(entry: &Entry) -> bool {
    entry.filter.is_none() && !matches!(entry.trigger, Trigger::Every { segment: Some(_), .. })
}

/// The arrows of an entry, those that every run takes.
fn arrows_of<'p>(entries: &Entries<'p>, entry: &'p Entry) -> Vec<Arrow<'p>> {
    let sure = Sure::beginning(entries.catalog, entry);
    let road = Road { entries, from: entry, beginning: sure.clone() };
    road.arrows(&entry.chain, sure, Rest::default())
}

/// What stands behind a step, and is done at once as long as nothing holds.
#[derive(Debug, Clone, Copy, Default)]
struct Rest {
    /// Whether a run may stay there.
    holds: bool,
    /// Whether a field or a tag is set there.
    changes: bool,
}

/// The way of every run of an entry.
struct Road<'a, 'p> {
    entries: &'a Entries<'a>,
    from: &'p Entry,
    /// What is sure of the client at its beginning.
    beginning: Sure<'a>,
}

impl<'a, 'p> Road<'a, 'p> {
    /// The arrows of a chain; `rest` is what follows it at once.
    fn arrows(&self, chain: &'p [Step], mut sure: Sure<'a>, rest: Rest) -> Vec<Arrow<'p>> {
        let mut found = Vec::new();
        let mut late = false;
        let (last_hold, last_change) =
            (chain.iter().rposition(|step| has(step, &holds)), chain.iter().rposition(changes_client));
        for (at, step) in chain.iter().enumerate() {
            let behind = |last: Option<usize>| last.is_some_and(|last| last > at);
            let rest = Rest { holds: rest.holds || behind(last_hold), changes: rest.changes || behind(last_change) };
            for to in targets(self.entries, self.from, &step.element, !rest.holds) {
                found.push(Arrow { step, to, late });
            }
            if !late && !rest.holds {
                found.extend(self.changes(step, &sure, rest));
            }
            match &step.element {
                Element::WaitDuration { duration, .. } => late |= *duration != Duration::default(),
                // Whether these take time is not known, and what comes after may not be reached.
                Element::WaitUntil { on_past: Past::GoOn | Past::Block(_), .. } => late = true,
                Element::WaitEvent { wait, .. }
                    if wait.up_to.as_ref().is_some_and(|end| matches!(end, UpTo::Duration(_))) =>
                {
                    late = true;
                }
                Element::WaitUntil { .. } | Element::WaitEvent { .. } | Element::Goto { .. } | Element::Stop => {
                    break;
                }
                Element::If { .. }
                | Element::Match { .. }
                | Element::Split { .. }
                | Element::Parallel { .. }
                | Element::Repeat { .. }
                | Element::Send { .. }
                | Element::Call { .. }
                | Element::Set { .. }
                | Element::Tag { .. }
                | Element::Task(_)
                | Element::Emit { .. }
                | Element::Start { .. } => {}
            }
            let leaves = |element: &Element| matches!(element, Element::Stop | Element::Goto { .. });
            if has_inside(step, &leaves) || is_gate(step) {
                break;
            }
            late |= has_inside(step, &holds);
            sure = match &step.element {
                Element::Set { .. } | Element::Tag { .. } if self.entries.listens => sure.after(&step.element),
                // Others, or steps inside of it, may change the client.
                _ if late || has_inside(step, &|_| true) || is_start(step) => Sure::nothing(self.entries.catalog),
                _ => sure,
            };
        }
        found
    }

    /// The arrows of a step that changes the client and after which the run ends.
    fn changes(&self, step: &'p Step, sure: &Sure<'a>, rest: Rest) -> Vec<Arrow<'p>> {
        let waits = |asked: &Expr| is_gate(step) || asked.reads().iter().any(|read| read.later.is_some());
        match &step.element {
            Element::If { condition, .. } if waits(condition) => return Vec::new(),
            Element::If { condition, then, otherwise } => {
                let ways = [(then, true), (otherwise, false)];
                return self.common(ways.map(|(path, holds)| (sure.asked(condition, holds), &**path)), rest);
            }
            Element::Match { subject, .. } if waits(subject) => return Vec::new(),
            Element::Match { subject, cases, otherwise } => {
                let mut others = sure.clone();
                let mut ways = Vec::new();
                for case in cases {
                    ways.push((others.among(subject, &case.values, true), case.chain.as_slice()));
                    others = others.among(subject, &case.values, false);
                }
                ways.push((others, otherwise));
                return self.common(ways, rest);
            }
            _ => {}
        }
        if !(self.entries.listens && changes_client(step)) {
            return Vec::new();
        }
        let mut to: Vec<&Known<'_>> = Vec::new();
        if let Some(field) = sure.changed(&step.element) {
            let all = self.entries.of_event("client");
            to.extend(all.filter(|(_, _, entry)| hears(&entry.trigger, field, &step.element)));
        }
        if !rest.changes {
            let behind = sure.clone().after(&step.element);
            let all = self.entries.by_segment.values().flatten();
            to.extend(all.filter(|(_, _, entry)| self.turns(&entry.trigger, &behind)));
        }
        let to = to.into_iter().filter(|(_, funnel, _)| lets_in_again(funnel));
        to.map(|(place, ..)| Arrow { step, to: *place, late: false }).collect()
    }

    /// The arrows to entries to which a run comes whichever of some paths it takes; a path that no client can take does not count.
    fn common(&self, ways: impl IntoIterator<Item = (Sure<'a>, &'p [Step])>, rest: Rest) -> Vec<Arrow<'p>> {
        let possible = ways.into_iter().filter(|(sure, _)| !sure.is_impossible());
        let all = possible.map(|(sure, path)| {
            let mut arrows = self.arrows(path, sure, rest);
            arrows.retain(|arrow| !arrow.late);
            arrows
        });
        let all = all.reduce(|mut common, arrows| {
            common.retain(|arrow| arrows.iter().any(|other| other.to == arrow.to));
            common
        });
        all.unwrap_or_default()
    }

    /// Whether a client who was in a segment when the run began is not any more, or the other way round. What segments there
    /// are is looked at when the run rests.
    fn turns(&self, trigger: &Trigger, behind: &Sure<'_>) -> bool {
        let Trigger::Segment { segment, entering } = trigger else { return false };
        let is_seen = match &self.from.trigger {
            Trigger::Segment { segment: own, .. } => own.name == segment.name,
            Trigger::Happened { .. } | Trigger::Silence { .. } | Trigger::Date(_) | Trigger::Every { .. } => true,
        };
        let turned = self.beginning.answer(&segment.condition).zip(behind.answer(&segment.condition));
        is_seen && turned == Some((!entering, *entering))
    }
}

/// Whether a funnel lets a client in as often as they come, when nothing is told of a record.
fn lets_in_again(funnel: &Funnel) -> bool {
    matches!(funnel.settings.enter, Enter::OncePerRecord | Enter::Always)
}

fn is_start(step: &Step) -> bool {
    matches!(step.element, Element::Emit { .. } | Element::Start { .. })
}

/// Whether a step, or one in it, sets a field or a tag.
fn changes_client(step: &Step) -> bool {
    has(step, &|element| matches!(element, Element::Set { .. } | Element::Tag { .. }))
}

/// Whether a run may stay at an element.
fn holds(element: &Element) -> bool {
    matches!(
        element,
        Element::WaitDuration { .. }
            | Element::WaitUntil { .. }
            | Element::WaitEvent { .. }
            | Element::Send { .. }
            | Element::Call { .. }
            | Element::Goto { .. }
    )
}

/// The entries that an element is sure to let a client in by, however often it does. `ends_now` says whether the run that
/// does it has then ended.
fn targets(entries: &Entries<'_>, from: &Entry, element: &Element, ends_now: bool) -> Vec<Place> {
    if let Element::Emit { event, data } = element {
        if !is_fresh(entries.catalog, from, event, data) {
            return Vec::new();
        }
        let fits = |entry: &Entry| happens(&entry.trigger, event, &Change::Created);
        let all = entries.of_event(event).filter(|(_, funnel, entry)| fits(entry) && lets_in_again(funnel));
        return all.map(|(place, _, _)| *place).collect();
    }
    if let Element::Start { funnel: name } = element {
        let named = entries.by_funnel.get(name.as_str());
        let found = named.into_iter().flatten().find(|(_, _, entry)| is_started(from, entry));
        let lets_in = |funnel: &Funnel, entry: &Entry| match funnel.settings.enter {
            Enter::Always => true,
            // Who comes a second time about the same record is not let in.
            Enter::OncePerRecord => !is_keyed(entries.catalog, &entry.trigger),
            Enter::Once | Enter::OncePer(_) | Enter::Again(_) => false,
        };
        let found = found.filter(|(_, funnel, entry)| is_open(entry) && lets_in(funnel, entry) && ends_now);
        return found.map(|(place, _, _)| *place).into_iter().collect();
    }
    let Element::Set { field, value } = element else { return Vec::new() };
    if !grows(field, value) || !ends_now {
        return Vec::new();
    }
    let changed = Change::FieldChanged(field.clone());
    let fits = |entry: &Entry| happens(&entry.trigger, "client", &changed);
    let all = entries.of_event("client").filter(|(_, funnel, entry)| fits(entry) && lets_in_again(funnel));
    all.map(|(place, _, _)| *place).collect()
}

/// Whether an entry lets in a client whose field gets another value by a step.
fn hears(trigger: &Trigger, field: &str, step: &Element) -> bool {
    let turns_true = matches!(step, Element::Set { value: Expr::Value(Value::Bool(true)), .. });
    happens(trigger, "client", &Change::FieldChanged(field.to_owned()))
        || (turns_true && happens(trigger, "client", &Change::TurnedTrue(field.to_owned())))
}

fn happens(trigger: &Trigger, event: &str, change: &Change) -> bool {
    let Trigger::Happened { patterns, .. } = trigger else { return false };
    patterns.iter().any(|pattern| pattern.event == event && pattern.change == *change)
}

/// Whether `start` in a run by one entry begins a run by another.
fn is_started(from: &Entry, entry: &Entry) -> bool {
    match (&from.trigger, &entry.trigger) {
        (Trigger::Happened { patterns, .. }, other) if other.binding().is_some() => {
            patterns.iter().all(|pattern| other.is_about(&pattern.event))
        }
        (_, other) => other.binding().is_none(),
    }
}

/// Whether what starts an entry is a record, by which runs are told apart.
fn is_keyed(catalog: &Catalog, trigger: &Trigger) -> bool {
    let keyed = |event: &str| catalog.events.get(event).is_some_and(|declared| declared.key.is_some());
    match trigger {
        Trigger::Happened { patterns, .. } => patterns.iter().any(|pattern| keyed(&pattern.event)),
        Trigger::Silence { event, .. } => keyed(event),
        Trigger::Segment { .. } | Trigger::Date(_) | Trigger::Every { .. } => false,
    }
}

/// Whether an event that is emitted again and again is a new one each time: it has no key, or one made of the key before
/// and something more.
fn is_fresh(catalog: &Catalog, from: &Entry, event: &str, data: &[(String, Expr)]) -> bool {
    let Some(declared) = catalog.events.get(event) else { return false };
    let Some(key) = &declared.key else { return true };
    let Some((_, Expr::Text(parts))) = data.iter().find(|(name, _)| name == key) else { return false };
    let adds = parts.iter().any(|part| matches!(part, Part::Text(text) if !text.is_empty()));
    let keeps = |part: &Part| {
        let Part::Placeholder(Expr::Field(read), filters) = part else { return false };
        matches!(&read.source, Source::Event(name) if Some(name.as_str()) == from.trigger.binding())
            && read.name == *key
            && from.trigger.is_about(event)
            && filters.is_empty()
    };
    adds && parts.iter().any(keeps)
}

/// Whether a field that gets this value has another one each time.
fn grows(field: &str, value: &Expr) -> bool {
    let Expr::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, left, right) = value else { return false };
    let own = |expr: &Expr| matches!(expr, Expr::Field(read) if read.source == Source::Client && read.name == field);
    own(left) && matches!(&**right, Expr::Value(Value::Number(number)) if !number.is_zero())
}

/// The way from an entry back to it; without a wait on it unless `late`.
fn ring<'a, 'p>(arrows: &'a BTreeMap<Place, Vec<Arrow<'p>>>, start: Place, late: bool) -> Option<Vec<&'a Arrow<'p>>> {
    let mut from: BTreeMap<Place, (Place, &Arrow<'p>)> = BTreeMap::new();
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        for arrow in arrows.get(&at).into_iter().flatten().filter(|arrow| late || !arrow.late) {
            if from.contains_key(&arrow.to) {
                continue;
            }
            from.insert(arrow.to, (at, arrow));
            if arrow.to != start {
                open.push(arrow.to);
                continue;
            }
            let mut way = Vec::new();
            let mut here = start;
            loop {
                let (before, arrow) = from.get(&here)?;
                way.push(*arrow);
                here = *before;
                if here == start {
                    way.reverse();
                    return Some(way);
                }
            }
        }
    }
    None
}

fn told(program: &Program, ring: &[&Arrow<'_>], late: bool) -> Option<Diagnostic> {
    let (first, rest) = ring.split_first()?;
    let name = |arrow: &Arrow<'_>| program.funnels.get(arrow.to.0).map_or("", |funnel| funnel.name.as_str());
    let (a, b) = (ring.last().map_or("", |last| name(last)), name(first));
    let message = match (a == b, late) {
        (true, false) => say!("`{a}` starts itself again at once, without end", a),
        (false, false) => say!("`{a}` and `{b}` start each other at once, without end", a, b),
        (true, true) => say!("`{a}` starts itself again and again, and nothing ends it", a),
        (false, true) => say!("`{a}` and `{b}` start each other again and again, and nothing ends it", a, b),
    };
    let mut found = Diagnostic::new(Code::StartsForEver, first.step.span, message, say!("starts `{b}`", b));
    for arrow in rest {
        found = found.related(arrow.step.span, say!("which starts `{funnel}`", funnel = name(arrow)));
    }
    if late {
        found.severity = Severity::Warning;
        return Some(found.help(say!("end it: write `exit on ..` in `{a}`, or ask whether to go on: `if ..`", a)));
    }
    let found = found.help(say!("let a client in once: write `enter once` in `{a}`", a));
    Some(found.help(say!("or ask whether to go on: `if .. -> {step}`", step = &first.step.text)))
}
