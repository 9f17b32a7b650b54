//! Numbers with their nouns for summaries: `no events`, `1 event`, `2 events`.

use crate::diagnostic::Phrase;
use crate::engine::{Silence, Silences};
use crate::say;

/// `no lines`, `1 line`, `2 lines`.
pub(super) fn lines(number: u64) -> Phrase {
    match number {
        0 => say!("no lines"),
        1 => say!("1 line"),
        count => say!("{count} lines", count),
    }
}

/// `no events`, `1 event`, `2 events`.
pub(super) fn events(number: u64) -> Phrase {
    match number {
        0 => say!("no events"),
        1 => say!("1 event"),
        count => say!("{count} events", count),
    }
}

/// `no runs`, `1 run`, `2 runs`.
pub(super) fn runs(number: u64) -> Phrase {
    match number {
        0 => say!("no runs"),
        1 => say!("1 run"),
        count => say!("{count} runs", count),
    }
}

/// `no files`, `1 file`, `2 files`.
pub(super) fn files(number: u64) -> Phrase {
    match number {
        0 => say!("no files"),
        1 => say!("1 file"),
        count => say!("{count} files", count),
    }
}

/// `no rows`, `1 row`, `2 rows`.
pub(super) fn rows(number: u64) -> Phrase {
    match number {
        0 => say!("no rows"),
        1 => say!("1 row"),
        count => say!("{count} rows", count),
    }
}

/// `1 value not read`, `2 values not read`.
pub(super) fn unread(number: u64) -> Phrase {
    match number {
        1 => say!("1 value or row not read"),
        count => say!("{count} values or rows not read", count),
    }
}

/// `no messages`, `1 message`, `2 messages`.
pub(super) fn messages(number: u64) -> Phrase {
    match number {
        0 => say!("no messages"),
        1 => say!("1 message"),
        count => say!("{count} messages", count),
    }
}

/// `1 task`; `None` for zero.
pub(super) fn tasks(number: u64) -> Option<Phrase> {
    match number {
        0 => None,
        1 => Some(say!("1 task")),
        count => Some(say!("{count} tasks", count)),
    }
}

/// `1 call`; `None` for zero.
pub(super) fn calls(number: u64) -> Option<Phrase> {
    match number {
        0 => None,
        1 => Some(say!("1 call")),
        count => Some(say!("{count} calls", count)),
    }
}

/// `1 duplicate event`; `None` for zero.
pub(super) fn duplicates(number: u64) -> Option<Phrase> {
    match number {
        0 => None,
        1 => Some(say!("1 duplicate event")),
        count => Some(say!("{count} duplicate events", count)),
    }
}

/// `1 rejected event`; `None` for zero.
pub(super) fn rejections(number: u64) -> Option<Phrase> {
    match number {
        0 => None,
        1 => Some(say!("1 rejected event")),
        count => Some(say!("{count} rejected events", count)),
    }
}

/// `1 value left out`; `None` for zero.
pub(super) fn left_out(number: u64) -> Option<Phrase> {
    match number {
        0 => None,
        1 => Some(say!("1 value left out")),
        count => Some(say!("{count} values left out", count)),
    }
}

/// `1 late event`; `None` for zero.
pub(super) fn late(number: u64) -> Option<Phrase> {
    match number {
        0 => None,
        1 => Some(say!("1 late event")),
        count => Some(say!("{count} late events", count)),
    }
}

/// `1 message printed`; `None` for zero.
pub(super) fn printed(number: u64) -> Option<Phrase> {
    match number {
        0 => None,
        1 => Some(say!("1 message printed")),
        count => Some(say!("{count} messages printed", count)),
    }
}

/// Why messages were not sent, such as `2 moments past`.
pub(super) fn silences(silences: &Silences) -> impl Iterator<Item = Option<Phrase>> {
    silences.iter().map(|(silence, count)| {
        Some(match (silence, count) {
            (Silence::PastMoment, 1) => say!("1 moment past"),
            (Silence::PastMoment, _) => say!("{count} moments past", count),
            (Silence::NoAddress, _) => say!("{count} without address", count),
            (Silence::NoConsent, _) => say!("{count} without consent", count),
            (Silence::Limit, _) => say!("{count} over a limit", count),
            (Silence::NeverAnswered, _) => say!("{count} never answered", count),
            (Silence::NotSent, _) => say!("{count} not sent", count),
        })
    })
}

/// Joins the parts of a summary with commas.
pub(super) fn join(parts: impl IntoIterator<Item = Option<Phrase>>) -> Phrase {
    parts.into_iter().flatten().reduce(|all, part| say!("{all}, {part}", all, part)).unwrap_or_default()
}
