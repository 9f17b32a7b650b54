//! What was expected beside what happened. In: expectations in the order of the text, lines in order of time. Out: rows
//! in order of time, and the expectations that were not met.
//!
//! Each expectation of a client takes a line of its own: in the order of the text, the first that fits, is not taken,
//! and is not earlier than what the one above it took. Lines of one instant may be taken in any order.

use super::matches::{counts, matches, reason, similarity};
use super::test::{Fault, clock, is_about};
use crate::check::program::{Expected, Test};
use crate::engine::{Line, World};
use crate::say;
use crate::value::{Timestamp, Zone};
use std::collections::{BTreeMap, BTreeSet};

/// An expectation, what happened, or both.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// When; of an expectation at any time, the moment of the one above it.
    pub at: Timestamp,
    /// How the two sides stand to each other.
    pub mark: Mark,
    /// The place of the expectation in [`Test::expected`].
    pub expected: Option<usize>,
    /// The place of the line in what happened.
    pub happened: Option<usize>,
}

/// How what was expected stands to what happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It happened as expected.
    Met,
    /// Something like it happened.
    Different,
    /// It did not happen.
    Missing,
    /// It happened and was not to.
    Unexpected,
    /// It happened, and the test says nothing of it.
    Aside,
}

/// What each expectation took, by its place.
type Assignment = BTreeMap<usize, usize>;

/// Sets what was expected beside what happened.
pub(super) fn align(world: &World<'_>, test: &Test, lines: &[Line], zone: Zone) -> (Vec<Row>, Vec<Fault>) {
    let taken = take(world, test, lines);
    let mut left: BTreeSet<usize> = (0..lines.len()).collect();
    left.retain(|line| !taken.values().any(|taken| taken == line));
    let (mut rows, mut faults) = (Vec::new(), Vec::new());
    let mut before = test.events.first().map_or(Timestamp(0), |told| told.at);
    let mut forbidden: BTreeMap<usize, Option<usize>> = BTreeMap::new();
    for (i, expected) in test.expected.iter().enumerate() {
        if expected.absent {
            let offends =
                |line: &Line| is_about(expected, line) && in_time(expected, line) && matches(world, expected, line);
            let offending: Vec<usize> = left.iter().copied().filter(|n| lines.get(*n).is_some_and(offends)).collect();
            if let Some(first) = offending.first().and_then(|n| lines.get(*n)) {
                let reason = say!("happened at {time}", time = clock(zone, first.at, None));
                faults.push(Fault { span: expected.span, reason });
            }
            forbidden.extend(offending.into_iter().map(|line| (line, Some(i))));
        } else if let Some(line) = taken.get(&i).copied() {
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
    let others: Vec<usize> = left.iter().copied().filter(|n| lines.get(*n).is_some_and(counts)).collect();
    if let (Some(span), Some(first)) = (test.nothing_else, others.first().and_then(|n| lines.get(*n))) {
        let time = clock(zone, first.at, None);
        let reason = match others.len() {
            1 => say!("one thing more happened, at {time}", time),
            count => say!("{count} more things happened, at {time}", count, time),
        };
        faults.push(Fault { span, reason });
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

/// What each expectation takes.
fn take(world: &World<'_>, test: &Test, lines: &[Line]) -> Assignment {
    let mut taken = Assignment::new();
    let mut earliest: BTreeMap<&str, Timestamp> = BTreeMap::new();
    for (i, expected) in test.expected.iter().enumerate().filter(|(_, expected)| !expected.absent) {
        let from = earliest.get(expected.client.as_str()).copied().unwrap_or(Timestamp::MIN);
        let until = latest(test, i);
        let may = |line: &Line| line.at >= from && line.at < until;
        let seat = (0..lines.len()).find(|n| {
            lines.get(*n).is_some_and(may) && assign(world, test, lines, (i, *n), &mut taken, &mut BTreeSet::new())
        });
        if let Some(line) = seat.and_then(|n| lines.get(n)) {
            earliest.insert(expected.client.as_str(), line.at);
        }
    }
    taken
}

/// When an expectation at any time must have been met at the latest: before the end of the next moment that is written.
fn latest(test: &Test, i: usize) -> Timestamp {
    let Some(own) = test.expected.get(i) else { return Timestamp::MAX };
    let mut below = test.expected.iter().skip(i + 1).filter(|other| other.client == own.client && !other.absent);
    below.find_map(|other| other.when).map_or(Timestamp::MAX, |when| when.to)
}

/// Lets an expectation take a line; who has it takes another line of the same instant.
fn assign(
    world: &World<'_>,
    test: &Test,
    lines: &[Line],
    (who, n): (usize, usize),
    taken: &mut Assignment,
    asked: &mut BTreeSet<usize>,
) -> bool {
    let (Some(expected), Some(line)) = (test.expected.get(who), lines.get(n)) else { return false };
    if !is_about(expected, line) || !in_time(expected, line) || !matches(world, expected, line) || !asked.insert(n) {
        return false;
    }
    let holder = taken.iter().find(|(_, taken)| **taken == n).map(|(holder, _)| *holder);
    let free = holder.is_none_or(|holder| {
        let same = |other: &usize| *other != n && lines.get(*other).is_some_and(|other| other.at == line.at);
        (0..lines.len()).filter(same).any(|other| assign(world, test, lines, (holder, other), taken, asked))
    });
    if free {
        taken.insert(who, n);
    }
    free
}

fn in_time(expected: &Expected, line: &Line) -> bool {
    expected.when.is_none_or(|when| when.holds(line.at))
}

/// The line that nobody took and that is most like an expectation.
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
