//! Aligns expectations with what happened. In: expectations in source order, lines in order of time. Out: rows in order
//! of time, and the unmet expectations.
//!
//! Each expectation is assigned a line of its own: in source order, the first line of the client that matches, is not
//! assigned yet, and is not earlier than the line of the expectation above. Lines of one instant may be assigned in any
//! order.

use super::diff_view::words;
use super::matches::{clock, counts, is_about, matches, reason, shortened, similarity};
use crate::check::program::{Expected, Test};
use crate::diagnostic::Phrase;
use crate::engine::{Line, World};
use crate::say;
use crate::source::Span;
use crate::value::{Timestamp, Zone};
use std::collections::{BTreeMap, BTreeSet};

/// An expectation, a line that happened, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// When it happened; for an expectation without a time, the moment of the one above.
    pub at: Timestamp,
    /// How the two sides relate.
    pub mark: Mark,
    /// The index of the expectation in [`Test::expected`].
    pub expected: Option<usize>,
    /// The index of the line in what happened.
    pub happened: Option<usize>,
}

/// An unmet expectation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The line of the test.
    pub span: Span,
    /// The reason, in a few words.
    pub reason: Phrase,
}

/// How an expectation relates to what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It happened as expected.
    Met,
    /// Something similar happened.
    Different,
    /// It did not happen.
    Missing,
    /// It happened but must not.
    Unexpected,
    /// It happened, and the test does not mention it.
    Aside,
}

/// The line assigned to each expectation, both by index.
type Assignment = BTreeMap<usize, usize>;

/// Aligns expectations with lines.
pub(super) fn align(world: &World<'_>, test: &Test, lines: &[Line], zone: Zone) -> (Vec<Row>, Vec<Fault>) {
    let assigned = assign_all(world, test, lines);
    let mut left: BTreeSet<usize> = (0..lines.len()).collect();
    left.retain(|line| !assigned.values().any(|assigned| assigned == line));
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let mut before = test.events.first().map_or(Timestamp(0), |event| event.at);
    let mut forbidden: BTreeMap<usize, Option<usize>> = BTreeMap::new();
    for (i, expected) in test.expected.iter().enumerate() {
        if expected.absent {
            let offends =
                |line: &Line| is_about(expected, line) && in_time(expected, line) && matches(world, expected, line);
            let offending: Vec<usize> = left.iter().copied().filter(|n| lines.get(*n).is_some_and(offends)).collect();
            if let Some(first) = offending.first().and_then(|n| lines.get(*n)) {
                let (time, what) = (clock(zone, first.at, None), shown(first));
                let reason = say!("happened at {time}: {what}", time, what);
                faults.push(Fault { span: expected.span, reason });
            }
            forbidden.extend(offending.into_iter().map(|line| (line, Some(i))));
        } else if let Some(line) = assigned.get(&i).copied() {
            before = lines.get(line).map_or(before, |line| line.at);
            rows.push(Row { at: before, mark: Mark::Met, expected: Some(i), happened: Some(line) });
        } else {
            let like = most_similar(world, expected, lines, &left, zone);
            let came = like.and_then(|n| lines.get(n)).map(|line| line.at);
            let at = expected.when.map(|when| when.from).or(came).unwrap_or(before);
            if let Some(line) = like {
                left.remove(&line);
            }
            let why = like.and_then(|n| lines.get(n)).map(|line| reason(world, expected, line, zone));
            faults.push(Fault { span: expected.span, reason: why.unwrap_or_else(|| say!("did not happen")) });
            let mark = if like.is_some() { Mark::Different } else { Mark::Missing };
            rows.push(Row { at, mark, expected: Some(i), happened: like });
        }
    }
    for nothing_else in &test.nothing_else {
        let covers = |line: &Line| {
            counts(line) && nothing_else.from.as_ref().is_none_or(|funnels| funnels.contains(&line.funnel))
        };
        let others: Vec<usize> = left.iter().copied().filter(|n| lines.get(*n).is_some_and(covers)).collect();
        let Some(first) = others.first().and_then(|n| lines.get(*n)) else { continue };
        let (time, what) = (clock(zone, first.at, None), shown(first));
        let reason = match others.len() {
            1 => say!("one unexpected result at {time}: {what}", time, what),
            count => say!("{count} unexpected results, the first at {time}: {what}", count, time, what),
        };
        faults.push(Fault { span: nothing_else.span, reason });
        for line in others {
            forbidden.entry(line).or_insert(None);
        }
    }
    for line in left {
        let (mark, expected) = match forbidden.get(&line) {
            Some(by) => (Mark::Unexpected, *by),
            None => (Mark::Aside, None),
        };
        let at = lines.get(line).map_or(before, |line| line.at);
        rows.push(Row { at, mark, expected, happened: Some(line) });
    }
    rows.sort_by_key(|row| row.at);
    faults.sort_by_key(|fault| fault.span);
    (rows, faults)
}

/// What happened, in a few words of the language.
fn shown(line: &Line) -> String {
    shortened(&words(line, &str::to_owned))
}

/// Assigns a line to each expectation where possible.
fn assign_all(world: &World<'_>, test: &Test, lines: &[Line]) -> Assignment {
    let mut assigned = Assignment::new();
    let mut earliest: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for (i, expected) in test.expected.iter().enumerate().filter(|(_, expected)| !expected.absent) {
        let from = earliest.get(expected.client.as_str()).copied().unwrap_or(Timestamp::MIN);
        let until = latest(test, i);
        let may = |line: &Line| line.at >= from && line.at < until;
        let found = (0..lines.len()).find(|n| {
            lines.get(*n).is_some_and(may) && assign(world, test, lines, (i, *n), &mut assigned, &mut BTreeSet::new())
        });
        if let Some(line) = found.and_then(|n| lines.get(n)) {
            earliest.insert(expected.client.as_str(), line.at);
        }
    }
    assigned
}

/// The latest moment for an expectation without a time: the end of the next moment that is written below it.
fn latest(test: &Test, i: usize) -> Timestamp {
    let Some(own) = test.expected.get(i) else { return Timestamp::MAX };
    let mut below = test.expected.iter().skip(i + 1).filter(|other| other.client == own.client && !other.absent);
    below.find_map(|other| other.when).map_or(Timestamp::MAX, |when| when.to)
}

/// Assigns a line to an expectation. If another one holds it, that one must get another line of the same instant.
fn assign(
    world: &World<'_>,
    test: &Test,
    lines: &[Line],
    (i, n): (usize, usize),
    assigned: &mut Assignment,
    asked: &mut BTreeSet<usize>,
) -> bool {
    let (Some(expected), Some(line)) = (test.expected.get(i), lines.get(n)) else { return false };
    if !is_about(expected, line) || !in_time(expected, line) || !matches(world, expected, line) || !asked.insert(n) {
        return false;
    }
    let holder = assigned.iter().find(|(_, assigned)| **assigned == n).map(|(holder, _)| *holder);
    let free = holder.is_none_or(|holder| {
        let same = |other: &usize| *other != n && lines.get(*other).is_some_and(|other| other.at == line.at);
        (0..lines.len()).filter(same).any(|other| assign(world, test, lines, (holder, other), assigned, asked))
    });
    if free {
        assigned.insert(i, n);
    }
    free
}

fn in_time(expected: &Expected, line: &Line) -> bool {
    expected.when.is_none_or(|when| when.holds(line.at))
}

/// The unassigned line that is most similar to an expectation.
fn most_similar(
    world: &World<'_>,
    expected: &Expected,
    lines: &[Line],
    left: &BTreeSet<usize>,
    zone: Zone,
) -> Option<usize> {
    let like = |n: &usize| {
        let line = lines.get(*n).filter(|line| is_about(expected, line))?;
        Some((similarity(world, expected, line, zone), *n)).filter(|(similarity, _)| *similarity > 0)
    };
    let most = left.iter().filter_map(like).max_by_key(|(similarity, n)| (*similarity, std::cmp::Reverse(*n)));
    most.map(|(_, n)| n)
}
