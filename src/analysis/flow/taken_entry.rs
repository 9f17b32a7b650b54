//! Triggers that start no run, because an earlier one of the same funnel starts it. In: the program. Out: a diagnostic for
//! each.

use super::no_run::may_last;
use crate::check::program::{Change, Enter, Entry, Funnel, Program, Trigger};
use crate::diagnostic::{Code, Diagnostic};
use crate::say;

/// Finds triggers by which nobody enters: by default, a client is in a funnel once per record.
pub(in crate::analysis) fn taken_entries(program: &Program) -> Vec<Diagnostic> {
    let is_keyed = |event: &str| program.catalog.events.get(event).is_some_and(|event| event.key.is_some());
    let mut found = Vec::new();
    for funnel in program.funnels.iter().filter(|funnel| funnel.settings.enter == Enter::OncePerRecord) {
        for (at, entry) in funnel.entries.iter().enumerate() {
            let event = created(entry).find(|event| is_keyed(event));
            let first = event.and_then(|event| taking(funnel, at, entry, event).zip(Some(event)));
            found.extend(first.map(|(first, event)| finding(entry, first, event)));
        }
    }
    found
}

/// The earlier entry by which a client has entered when this one is asked. A change is reported each time, but not while a
/// run about the record lasts.
fn taking<'p>(funnel: &'p Funnel, at: usize, entry: &Entry, event: &str) -> Option<&'p Entry> {
    let earlier = funnel.entries.iter().take(at).filter(|first| first.filter.is_none());
    let mut takes = earlier.filter(|first| created(first).any(|other| other == event));
    takes.find(|first| !entry.trigger.is_change() || may_last(funnel, first))
}

/// The events whose creation starts a run, whatever its record is like.
fn created(entry: &Entry) -> impl Iterator<Item = &str> {
    let patterns = match &entry.trigger {
        Trigger::Happened { patterns, holds: None, .. } => patterns.as_slice(),
        Trigger::Happened { holds: Some(_), .. }
        | Trigger::Segment { .. }
        | Trigger::Silence { .. }
        | Trigger::Date(_)
        | Trigger::Started { .. }
        | Trigger::Every { .. } => &[],
    };
    let is_created = |change: &Change| *change == Change::Created;
    patterns.iter().filter(move |pattern| is_created(&pattern.change)).map(|pattern| pattern.event.as_str())
}

fn finding(entry: &Entry, first: &Entry, event: &str) -> Diagnostic {
    let message = say!(
        "a new `{event}` starts no run here: the trigger above starts one, and a client is in a funnel once per record",
        event
    );
    Diagnostic::new(Code::Unreachable, entry.span, message, say!("starts no run"))
        .related(first.span, say!("starts the run"))
        .help(say!("put it into a funnel of its own: `funnel NAME {{ on .. }}`"))
}
