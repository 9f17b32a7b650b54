//! Why a run did not send what it could have sent. In: lines of the trace. Out: totals by reason, for summaries.

use super::effect::LineKind;
use std::collections::BTreeMap;

/// The reasons in lines, in English; they are stored.
pub(in crate::engine) mod reason {
    use crate::value::{Timestamp, Zone};

    pub(in crate::engine) const NO_ADDRESS: &str = "no address";
    pub(in crate::engine) const NO_CONSENT: &str = "no consent";
    /// How the reason of a limit begins.
    pub(super) const LIMIT: &str = "limit of ";
    /// How the reason of a last moment begins.
    const TOO_LATE: &str = "too late";
    pub(in crate::engine) const PAST: &str = "the moment is past";
    pub(in crate::engine) const NO_MOMENT: &str = "the moment is no longer known";
    pub(in crate::engine) const NEVER_ANSWERED: &str = "not known by the deadline";

    /// A message may not leave at its last moment or later.
    pub(in crate::engine) fn too_late(zone: &Zone, latest: Timestamp) -> String {
        let latest = zone.civil(latest);
        format!("too late, only allowed before {latest}")
    }

    pub(super) fn is_too_late(reason: &str) -> bool {
        reason.starts_with(TOO_LATE)
    }
}

/// Why nothing was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Silence {
    /// The moment that the run would have waited for was past, or the last one for the message.
    PastMoment,
    /// The client has no address for the channel.
    NoAddress,
    /// The client has not agreed to the message.
    NoConsent,
    /// A limit allows no further message.
    Limit,
    /// The answer that a condition waited for never came.
    NeverAnswered,
    /// Another reason, such as a value that is missing, or an answer of the provider.
    NotSent,
}

impl LineKind {
    /// Why nothing was sent, if the line says so.
    #[must_use]
    pub fn silence(&self) -> Option<Silence> {
        match self {
            Self::NotSent { reason, .. } => Some(match reason.as_str() {
                reason::NO_ADDRESS => Silence::NoAddress,
                reason::NO_CONSENT => Silence::NoConsent,
                limit if limit.starts_with(reason::LIMIT) => Silence::Limit,
                late if reason::is_too_late(late) => Silence::PastMoment,
                _ => Silence::NotSent,
            }),
            Self::Decide { result: false, reason: Some(reason) } => match reason.as_str() {
                reason::PAST | reason::NO_MOMENT => Some(Silence::PastMoment),
                reason::NEVER_ANSWERED => Some(Silence::NeverAnswered),
                _ => None,
            },
            Self::Enter { .. }
            | Self::NotEntered { .. }
            | Self::Exit { .. }
            | Self::Send { .. }
            | Self::Unknown { .. }
            | Self::Set { .. }
            | Self::Tag { .. }
            | Self::Untag { .. }
            | Self::Task { .. }
            | Self::Call { .. }
            | Self::Emit { .. }
            | Self::Start { .. }
            | Self::Goal { .. }
            | Self::Ignored { .. }
            | Self::Incomplete { .. }
            | Self::Merge { .. }
            | Self::Answer { .. }
            | Self::Halt { .. }
            | Self::Decide { .. }
            | Self::Wait { .. } => None,
        }
    }
}

/// How often nothing was sent, by reason.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Silences(BTreeMap<Silence, u64>);

impl Silences {
    /// Counts a line.
    pub fn add(&mut self, kind: &LineKind) {
        if let Some(silence) = kind.silence() {
            *self.0.entry(silence).or_default() += 1;
        }
    }

    /// The reasons that occurred, with how often.
    pub fn iter(&self) -> impl Iterator<Item = (Silence, u64)> {
        self.0.iter().map(|(silence, count)| (*silence, *count))
    }
}
