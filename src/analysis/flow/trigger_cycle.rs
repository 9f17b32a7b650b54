//! Funnels that trigger each other. In: checked funnels. Out: a diagnostic for each cycle of funnels that nothing ends,
//! if every run takes it.

use super::steps::{has, has_inside, is_gate};
use crate::analysis::condition::ClientFacts;
use crate::check::program::{
    Arithmetic, Catalog, Change, Element, Enter, Entry, Expr, Funnel, Part, Past, Pattern, Program, Source, Step,
    Trigger, UpTo,
};
use crate::diagnostic::{Code, Diagnostic, Severity};
use crate::say;
use crate::value::{Duration, Value};
use std::collections::{BTreeMap, BTreeSet};

/// An entry: the index of its funnel, and its index in the funnel.
type EntryId = (usize, usize);

/// A step that every run of an entry reaches and that starts another run.
struct Edge<'p> {
    step: &'p Step,
    to: EntryId,
    /// Whether time certainly passes before it.
    delayed: bool,
}

/// An entry that other funnels may trigger.
type EntryRef<'p> = (EntryId, &'p Funnel, &'p Entry);

/// The unconditional entries of all funnels.
struct EntryIndex<'p> {
    catalog: &'p Catalog,
    /// By trigger event; an entry with several events is listed several times.
    by_event: BTreeMap<&'p str, Vec<EntryRef<'p>>>,
    by_funnel: BTreeMap<&'p str, Vec<EntryRef<'p>>>,
    /// By segment, for entries that trigger on entering or leaving it.
    by_segment: BTreeMap<&'p str, Vec<EntryRef<'p>>>,
    /// Whether any entry triggers when a client changes.
    listens: bool,
}

impl<'p> EntryIndex<'p> {
    fn new(program: &'p Program) -> Self {
        let (mut by_event, mut by_funnel) = (BTreeMap::<_, Vec<_>>::new(), BTreeMap::<_, Vec<_>>::new());
        let mut by_segment = BTreeMap::<_, Vec<_>>::new();
        for (f, funnel) in program.funnels.iter().enumerate() {
            let is_start = |entry: &Entry| matches!(entry.trigger, Trigger::Started { .. });
            let has_start = funnel.entries.iter().any(is_start);
            for (e, entry) in funnel.entries.iter().enumerate() {
                let known: EntryRef<'p> = ((f, e), funnel, entry);
                if !has_start || is_start(entry) {
                    by_funnel.entry(funnel.name.as_str()).or_default().push(known);
                }
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

    fn of_event(&self, event: &str) -> impl Iterator<Item = &EntryRef<'p>> {
        self.by_event.get(event).into_iter().flatten()
    }
}

/// Finds funnels that trigger each other in an endless cycle.
pub(in crate::analysis) fn trigger_cycles(program: &Program) -> Vec<Diagnostic> {
    let entries = EntryIndex::new(program);
    let mut edges: BTreeMap<EntryId, Vec<Edge<'_>>> = BTreeMap::new();
    for (f, funnel) in program.funnels.iter().enumerate() {
        for (e, entry) in funnel.entries.iter().enumerate().filter(|(_, entry)| is_open(entry)) {
            let found = edges_of(&entries, (&funnel.name, entry));
            if !found.is_empty() {
                edges.insert((f, e), found);
            }
        }
    }
    let mut known: Vec<EntryId> = Vec::new();
    let mut findings = Vec::new();
    for delayed in [false, true] {
        for start in edges.keys() {
            let Some(cycle) = cycle(&edges, *start, delayed).filter(|_| !known.contains(start)) else { continue };
            known.extend(cycle.iter().map(|edge| edge.to));
            let ends =
                |place: EntryId| program.funnels.get(place.0).is_some_and(|funnel| !funnel.settings.exits.is_empty());
            if !(delayed && cycle.iter().any(|edge| ends(edge.to))) {
                findings.extend(finding(program, &cycle, delayed));
            }
        }
    }
    findings
}

/// Whether an entry lets every client in.
fn is_open(entry: &Entry) -> bool {
    let conditional = entry.filter.is_some() || entry.trigger.holds().is_some();
    !conditional && !matches!(entry.trigger, Trigger::Every { segment: Some(_), .. })
}

/// The edges of an entry that every run takes.
fn edges_of<'p>(entries: &EntryIndex<'p>, (funnel, entry): (&'p str, &'p Entry)) -> Vec<Edge<'p>> {
    let facts = ClientFacts::at_entry(entries.catalog, entry);
    let finder = EdgeFinder { entries, funnel, from: entry, beginning: facts.clone() };
    finder.edges(&entry.chain, facts, Tail::default())
}

/// The steps after a step, up to the next wait.
#[derive(Debug, Clone, Copy, Default)]
struct Tail {
    /// Whether a run may wait there.
    suspends: bool,
    /// Whether a field or tag is set there.
    changes: bool,
}

/// Finds the edges that every run of an entry takes.
struct EdgeFinder<'a, 'p> {
    entries: &'a EntryIndex<'a>,
    funnel: &'p str,
    from: &'p Entry,
    /// The facts about the client at the start of the run.
    beginning: ClientFacts<'a>,
}

impl<'a, 'p> EdgeFinder<'a, 'p> {
    /// The edges of a chain; `tail` describes what follows it.
    fn edges(&self, chain: &'p [Step], mut facts: ClientFacts<'a>, tail: Tail) -> Vec<Edge<'p>> {
        let mut found = Vec::new();
        let mut delayed = false;
        let (last_hold, last_change) =
            (chain.iter().rposition(|step| has(step, &suspends)), chain.iter().rposition(changes_client));
        for (at, step) in chain.iter().enumerate() {
            let later = |last: Option<usize>| last.is_some_and(|last| last > at);
            let tail =
                Tail { suspends: tail.suspends || later(last_hold), changes: tail.changes || later(last_change) };
            let ends_now = !tail.suspends || self.is_stopped_by(&step.element);
            for to in targets(self.entries, self.from, &step.element, ends_now) {
                found.push(Edge { step, to, delayed });
            }
            if !delayed && !tail.suspends {
                found.extend(self.changes(step, &facts, tail));
            }
            match &step.element {
                Element::WaitDuration { duration, .. } => delayed |= *duration != Duration::default(),
                // Whether these take time is not known, and the steps after them may be unreachable.
                Element::WaitUntil { on_past: Past::GoOn | Past::Block(_), .. } => delayed = true,
                Element::WaitEvent { wait, skips: false, .. }
                    if wait.up_to.as_ref().is_some_and(|end| matches!(end, UpTo::Duration(_))) =>
                {
                    delayed = true;
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
                | Element::Start { .. }
                | Element::StopFunnel { .. } => {}
            }
            let leaves = |element: &Element| matches!(element, Element::Stop | Element::Goto { .. });
            if has_inside(step, &leaves) || is_gate(step) {
                break;
            }
            delayed |= has_inside(step, &suspends);
            facts = match &step.element {
                Element::Set { .. } | Element::Tag { .. } if self.entries.listens => facts.after(&step.element),
                // Other funnels or nested steps may change the client.
                _ if delayed || has_inside(step, &|_| true) || is_start(step) => {
                    ClientFacts::unknown(self.entries.catalog)
                }
                _ => facts,
            };
        }
        found
    }

    /// Whether what a `start` begins ends the run that starts it before it waits.
    fn is_stopped_by(&self, element: &Element) -> bool {
        let Element::Start { funnel } = element else { return false };
        let started = self.entries.by_funnel.get(funnel.as_str()).into_iter().flatten();
        let found = started.filter(|(_, _, entry)| is_started(self.from, entry)).take(1);
        let stops = |step: &Step| matches!(&step.element, Element::StopFunnel { funnel } if *funnel == self.funnel);
        let waits = |step: &Step| is_gate(step) || has(step, &suspends);
        found.into_iter().any(|(_, _, entry)| entry.chain.iter().take_while(|step| !waits(step)).any(stops))
    }

    /// The edges of a step that changes the client and after which the run ends.
    fn changes(&self, step: &'p Step, facts: &ClientFacts<'a>, tail: Tail) -> Vec<Edge<'p>> {
        let waits = |asked: &Expr| is_gate(step) || asked.reads().iter().any(|read| read.later.is_some());
        match &step.element {
            Element::If { condition, .. } if waits(condition) => return Vec::new(),
            Element::If { condition, then, otherwise } => {
                let branches = [(then, true), (otherwise, false)];
                return self
                    .common_edges(branches.map(|(path, holds)| (facts.assuming(condition, holds), &**path)), tail);
            }
            Element::Match { subject, .. } if waits(subject) => return Vec::new(),
            Element::Match { subject, cases, otherwise } => {
                let mut others = facts.clone();
                let mut branches = Vec::new();
                for case in cases {
                    branches.push((others.assuming_one_of(subject, &case.values, true), case.chain.as_slice()));
                    others = others.assuming_one_of(subject, &case.values, false);
                }
                branches.push((others, otherwise));
                return self.common_edges(branches, tail);
            }
            _ => {}
        }
        if !(self.entries.listens && changes_client(step)) {
            return Vec::new();
        }
        let mut to: Vec<&EntryRef<'_>> = Vec::new();
        if let Some(field) = facts.changed_field(&step.element) {
            let all = self.entries.of_event("client");
            to.extend(all.filter(|(_, _, entry)| is_triggered_by(&entry.trigger, field, &step.element)));
        }
        if !tail.changes {
            let later = facts.clone().after(&step.element);
            let all = self.entries.by_segment.values().flatten();
            to.extend(all.filter(|(_, _, entry)| self.segment_changes(&entry.trigger, &later)));
        }
        let to = to.into_iter().filter(|(_, funnel, _)| can_reenter(funnel));
        to.map(|(place, ..)| Edge { step, to: *place, delayed: false }).collect()
    }

    /// The edges that every possible branch shares.
    fn common_edges(
        &self,
        branches: impl IntoIterator<Item = (ClientFacts<'a>, &'p [Step])>,
        tail: Tail,
    ) -> Vec<Edge<'p>> {
        let possible = branches.into_iter().filter(|(facts, _)| !facts.is_impossible());
        let all = possible.map(|(facts, path)| {
            let mut edges = self.edges(path, facts, tail);
            edges.retain(|edge| !edge.delayed);
            edges
        });
        let all = all.reduce(|mut common, edges| {
            common.retain(|edge| edges.iter().any(|other| other.to == edge.to));
            common
        });
        all.unwrap_or_default()
    }

    /// Whether the client leaves a segment during the run, or enters it. Segments are evaluated when the run waits or
    /// ends.
    fn segment_changes(&self, trigger: &Trigger, later: &ClientFacts<'_>) -> bool {
        let Trigger::Segment { segment, entering } = trigger else { return false };
        let is_seen = match &self.from.trigger {
            Trigger::Segment { segment: own, .. } => own.name == segment.name,
            Trigger::Happened { .. }
            | Trigger::Silence { .. }
            | Trigger::Date(_)
            | Trigger::Started { .. }
            | Trigger::Every { .. } => true,
        };
        let turned = self.beginning.evaluate(&segment.condition).zip(later.evaluate(&segment.condition));
        is_seen && turned == Some((!entering, *entering))
    }
}

/// Whether a funnel lets a client enter again when the trigger is not about a record.
fn can_reenter(funnel: &Funnel) -> bool {
    matches!(funnel.settings.enter, Enter::OncePerRecord | Enter::Always)
}

fn is_start(step: &Step) -> bool {
    matches!(step.element, Element::Emit { .. } | Element::Start { .. } | Element::StopFunnel { .. })
}

/// Whether a step or a nested one sets a field or tag.
fn changes_client(step: &Step) -> bool {
    has(step, &|element| matches!(element, Element::Set { .. } | Element::Tag { .. }))
}

/// Whether a run may wait at an element.
fn suspends(element: &Element) -> bool {
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

/// The entries that an element always triggers, however often it runs. `ends_now` says whether the run ends right after
/// it.
fn targets(entries: &EntryIndex<'_>, from: &Entry, element: &Element, ends_now: bool) -> Vec<EntryId> {
    if let Element::Emit { event, data } = element {
        if !is_new_event(entries.catalog, from, event, data) {
            return Vec::new();
        }
        let fits = |entry: &Entry| happens(&entry.trigger, event, &Change::Created);
        let all = entries.of_event(event).filter(|(_, funnel, entry)| fits(entry) && can_reenter(funnel));
        return all.map(|(place, _, _)| *place).collect();
    }
    if let Element::Start { funnel: name } = element {
        let named = entries.by_funnel.get(name.as_str());
        let found = named.into_iter().flatten().find(|(_, _, entry)| is_started(from, entry));
        let lets_in = |funnel: &Funnel, entry: &Entry| match funnel.settings.enter {
            Enter::Always => true,
            // The same record cannot enter a second time.
            Enter::OncePerRecord => entry.trigger.is_change() || !is_keyed(entries.catalog, &entry.trigger),
            Enter::Once | Enter::OncePer(_) | Enter::Again(_) => false,
        };
        let found = found.filter(|(_, funnel, entry)| is_open(entry) && lets_in(funnel, entry) && ends_now);
        return found.map(|(place, _, _)| *place).into_iter().collect();
    }
    let Element::Set { field, value, .. } = element else { return Vec::new() };
    if !always_changes(field, value) || !ends_now {
        return Vec::new();
    }
    let changed = Change::FieldChanged(field.clone());
    let fits = |entry: &Entry| happens(&entry.trigger, "client", &changed);
    let all = entries.of_event("client").filter(|(_, funnel, entry)| fits(entry) && can_reenter(funnel));
    all.map(|(place, _, _)| *place).collect()
}

/// Whether an entry triggers when a step changes a field.
fn is_triggered_by(trigger: &Trigger, field: &str, step: &Element) -> bool {
    let turns_true = matches!(step, Element::Set { value: Expr::Value(Value::Bool(true)), .. });
    happens(trigger, "client", &Change::FieldChanged(field.to_owned()))
        || (turns_true && happens(trigger, "client", &Change::TurnedTrue(field.to_owned())))
}

fn happens(trigger: &Trigger, event: &str, change: &Change) -> bool {
    let Trigger::Happened { patterns, .. } = trigger else { return false };
    let is_change = |pattern: &Pattern| match (&pattern.change, change) {
        (Change::FieldBecame(field), Change::FieldChanged(changed)) => field == changed,
        (own, change) => own == change,
    };
    patterns.iter().any(|pattern| pattern.event == event && is_change(pattern))
}

/// Whether `start` in a run of one entry starts a run by another.
fn is_started(from: &Entry, entry: &Entry) -> bool {
    match (&from.trigger, &entry.trigger) {
        (Trigger::Happened { patterns, .. }, other) if other.binding().is_some() => {
            patterns.iter().all(|pattern| other.is_about(&pattern.event))
        }
        (_, other) => other.binding().is_none(),
    }
}

/// Whether the trigger is a record with a key.
fn is_keyed(catalog: &Catalog, trigger: &Trigger) -> bool {
    let keyed = |event: &str| catalog.events.get(event).is_some_and(|declared| declared.key.is_some());
    match trigger {
        Trigger::Happened { patterns, .. } => patterns.iter().any(|pattern| keyed(&pattern.event)),
        Trigger::Silence { event, .. } | Trigger::Started { event: Some(event), .. } => keyed(event),
        Trigger::Started { event: None, .. } | Trigger::Segment { .. } | Trigger::Date(_) | Trigger::Every { .. } => {
            false
        }
    }
}

/// Whether an event that is emitted repeatedly is a new one each time: it has no key, or its key extends the previous
/// key.
fn is_new_event(catalog: &Catalog, from: &Entry, event: &str, data: &[(String, Expr)]) -> bool {
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

/// Whether this value differs from the field's previous value each time.
fn always_changes(field: &str, value: &Expr) -> bool {
    let Expr::Arithmetic(Arithmetic::Add | Arithmetic::Subtract, left, right) = value else { return false };
    let own = |expr: &Expr| matches!(expr, Expr::Field(read) if read.source == Source::Client && read.name == field);
    let moves = match &**right {
        Expr::Value(Value::Number(number)) => !number.is_zero(),
        Expr::Value(Value::Money(money)) => !money.amount.is_zero(),
        _ => false,
    };
    own(left) && moves
}

/// The path from an entry back to itself; without waits unless `delayed`.
fn cycle<'a, 'p>(
    edges: &'a BTreeMap<EntryId, Vec<Edge<'p>>>,
    start: EntryId,
    delayed: bool,
) -> Option<Vec<&'a Edge<'p>>> {
    let mut from: BTreeMap<EntryId, (EntryId, &Edge<'p>)> = BTreeMap::new();
    let mut open = vec![start];
    while let Some(at) = open.pop() {
        for edge in edges.get(&at).into_iter().flatten().filter(|edge| delayed || !edge.delayed) {
            if from.contains_key(&edge.to) {
                continue;
            }
            from.insert(edge.to, (at, edge));
            if edge.to != start {
                open.push(edge.to);
                continue;
            }
            let mut path = Vec::new();
            let mut here = start;
            loop {
                let (before, edge) = from.get(&here)?;
                path.push(*edge);
                here = *before;
                if here == start {
                    path.reverse();
                    return Some(path);
                }
            }
        }
    }
    None
}

fn finding(program: &Program, cycle: &[&Edge<'_>], delayed: bool) -> Option<Diagnostic> {
    let (first, rest) = cycle.split_first()?;
    let name = |edge: &Edge<'_>| program.funnels.get(edge.to.0).map_or("", |funnel| funnel.name.as_str());
    let (a, b) = (cycle.last().map_or("", |last| name(last)), name(first));
    let message = match (a == b, delayed) {
        (true, false) => say!("`{a}` triggers itself in an endless loop", a),
        (false, false) => say!("`{a}` and `{b}` trigger each other in an endless loop", a, b),
        (true, true) => say!("`{a}` keeps triggering itself, and nothing stops it", a),
        (false, true) => say!("`{a}` and `{b}` keep triggering each other, and nothing stops it", a, b),
    };
    let mut found = Diagnostic::new(Code::EndlessFunnelCycle, first.step.span, message, say!("starts `{b}`", b));
    for edge in rest {
        found = found.related(edge.step.span, say!("which starts `{funnel}`", funnel = name(edge)));
    }
    if delayed {
        found.severity = Severity::Warning;
        return Some(found.help(say!("stop the cycle: add `exit on ..` to `{a}`, or a condition: `if ..`", a)));
    }
    let found = found.help(say!("let each client enter only once: write `enter once` in `{a}`", a));
    Some(found.help(say!("or guard the step with a condition: `if .. -> {step}`", step = &first.step.text)))
}
