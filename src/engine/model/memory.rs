//! What the engine remembers of a client beside fields, records and runs. Plain data that a store keeps whole.

use super::id::{Fingerprint, MessageId, RunId};
use super::record::Subject;
use super::tally::Tally;
use crate::check::program::QueryId;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is remembered of one client.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientMemory {
    /// The plan that the rest was last brought in line with; `None` for a client who was never looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Fingerprint>,
    /// What the client did, as far as some funnel asks for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tallies: BTreeMap<QueryId, Tally>,
    /// The segments that some trigger follows, by their id in the plan.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<String, Membership>,
    /// The triggers that come with time, by their id in the plan.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub timers: BTreeMap<String, TriggerTimer>,
    /// Messages of late, as far back as some limit looks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<Sent>,
    /// The present state of consent, by channel and topic; `*` stands for every one.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub consents: BTreeMap<String, Consent>,
    /// Runs that may still reach their goal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub goals: BTreeMap<RunId, OpenGoal>,
}

impl ClientMemory {
    /// When something here comes with time next; `None` when only an event can change it.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.next(|_| true)
    }

    /// The same, without what comes round again and again.
    #[must_use]
    pub fn drain_wake_at(&self) -> Option<Timestamp> {
        self.next(|timer| !timer.recurring)
    }

    fn next(&self, counts: impl Fn(&TriggerTimer) -> bool) -> Option<Timestamp> {
        let timers = self.timers.values().filter(|timer| counts(timer)).filter_map(|timer| timer.due);
        timers.chain(self.segments.values().filter_map(|segment| segment.recheck)).min()
    }
}

/// Whether the client is in a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Whether they are in it.
    pub inside: bool,
    /// When time alone may change that next.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recheck: Option<Timestamp>,
}

/// A trigger that comes with time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TriggerTimer {
    /// When it comes next; `None` while it does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Whether it comes round without end.
    #[serde(default)]
    pub recurring: bool,
    /// The IANA name of the zone that this was computed in.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// For a silence: the last event, and when it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<(Timestamp, Subject)>,
}

/// A message that counts towards limits, or a place that is kept for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// When it was decided, or is to be.
    pub at: Timestamp,
    /// Its channel.
    pub channel: String,
    /// Its funnel.
    pub funnel: String,
    /// Whether it was marketing.
    #[serde(default)]
    pub marketing: bool,
    /// Which one.
    pub id: SentId,
}

/// What takes up a place under a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentId {
    /// A message.
    Message(MessageId),
    /// A run that waits for its turn; who waits longer comes first.
    Waiting(RunId),
}

/// What a client last said about a channel and a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Whether messages are wanted.
    pub granted: bool,
    /// When that was said.
    pub at: Timestamp,
    /// The entry of the log that says so.
    pub evidence: String,
}

/// A run that may still reach its funnel's goal, also after its end.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenGoal {
    /// Its funnel.
    pub funnel: String,
    /// What it is about.
    pub subjects: BTreeMap<String, Subject>,
    /// When it entered.
    pub entered_at: Timestamp,
}
