//! What the engine remembers of a client beside fields, records and runs. Plain data that a store keeps as one value.

use super::field_times::FieldTimes;
use super::id::{Fingerprint, MessageId, RunId};
use super::record::{RecordId, Subject};
use super::tally::Tally;
use crate::check::program::QueryId;
use crate::value::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// What the engine remembers of one client.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct ClientMemory {
    /// The plan that the memory was last synced with; `None` for a new client.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub plan: Option<Fingerprint>,
    /// When the client's fields got their values.
    #[serde(default, skip_serializing_if = "FieldTimes::is_empty")]
    pub field_times: FieldTimes,
    /// Whether the client's `created_at` was received, and not taken from the first event.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub created_at_received: bool,
    /// Tallies of the client's past, one for each query.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub tallies: BTreeMap<QueryId, Tally>,
    /// The segments that triggers, exits, goals and waits follow, by their id in the plan.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub segments: BTreeMap<String, Membership>,
    /// The conditions after `while`, by their id in the plan.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub conditions: BTreeMap<String, Lapsed>,
    /// Entries that do not count for `enter`, because the condition after `while` stopped holding, by funnel and key;
    /// and when the last entry was that counts.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub uncounted: BTreeMap<String, BTreeMap<String, Option<Timestamp>>>,
    /// The timers of time triggers, by their id in the plan.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub timers: BTreeMap<String, TriggerTimer>,
    /// Recent messages, as far back as any limit looks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sent: Vec<Sent>,
    /// The present state of consent, by channel and topic; `*` means all.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub consents: BTreeMap<String, Consent>,
    /// The time of the latest list of all consents.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consents_listed_at: Option<Timestamp>,
    /// The tags that funnels set and those that were received; `None` until a funnel sets one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
    /// Runs that may still reach their goal.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub goals: BTreeMap<RunId, OpenGoal>,
}

impl ClientMemory {
    /// When the next of these timers is due; `None` when only an event can change anything.
    #[must_use]
    pub fn wake_at(&self) -> Option<Timestamp> {
        self.next(|_| true)
    }

    /// Like [`Self::wake_at`], without recurring triggers.
    #[must_use]
    pub fn drain_wake_at(&self) -> Option<Timestamp> {
        self.next(|timer| !timer.recurring)
    }

    /// When the client last entered under a key, as far as that counts for `enter`.
    pub(in crate::engine) fn counted_at(
        &self,
        (funnel, key): &(String, String),
        last_at: Timestamp,
    ) -> Option<Timestamp> {
        self.uncounted.get(funnel).and_then(|keys| keys.get(key)).map_or(Some(last_at), |counted_at| *counted_at)
    }

    /// Makes the next entry under a key count for `enter`; returns whether the last one did not.
    pub(in crate::engine) fn count_entry(&mut self, (funnel, key): &(String, String)) -> bool {
        let Some(keys) = self.uncounted.get_mut(funnel) else { return false };
        let removed = keys.remove(key).is_some();
        if keys.is_empty() {
            self.uncounted.remove(funnel);
        }
        removed
    }

    fn next(&self, counts: impl Fn(&TriggerTimer) -> bool) -> Option<Timestamp> {
        let timers = self.timers.values().filter(|timer| counts(timer)).filter_map(|timer| timer.due);
        let conditions = self.conditions.values().filter_map(|condition| condition.recheck);
        timers.chain(self.segments.values().filter_map(|segment| segment.recheck)).chain(conditions).min()
    }
}

/// Whether the client is in a segment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Membership {
    /// Whether they are in it now.
    pub inside: bool,
    /// When time alone may change that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recheck: Option<Timestamp>,
}

/// For which records a condition after `while` does not hold.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lapsed {
    /// These records; it holds for all others. The client itself is the record `client` without a key.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub records: BTreeSet<RecordId>,
    /// When time alone may change that.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recheck: Option<Timestamp>,
}

/// The timer of a time trigger.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct TriggerTimer {
    /// When it is due; `None` when it is not set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Timestamp>,
    /// Whether it recurs without end.
    #[serde(default)]
    pub recurring: bool,
    /// The IANA name of the zone in which it was computed.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub zone: String,
    /// For a silence: the last event, and when it happened.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<(Timestamp, Subject)>,
    /// For a date: the value of the field that it was computed from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<serde_json::Value>,
    /// For a date: the last occasion that fired.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub done: Option<Occasion>,
}

/// An occasion of a date: one birthday, one end of a contract.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Occasion {
    /// When it was due.
    pub due: Timestamp,
    /// The value of the field then.
    pub date: serde_json::Value,
}

/// A message that counts towards limits, or a slot reserved for one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// When it was sent, or is to be sent.
    pub at: Timestamp,
    /// Its channel.
    pub channel: String,
    /// Its funnel.
    pub funnel: String,
    /// Whether it is marketing.
    #[serde(default)]
    pub marketing: bool,
    /// The message, or the run that holds the reservation.
    pub id: SentId,
}

/// What occupies a slot under a limit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SentId {
    /// A message.
    Message(MessageId),
    /// A run that waits for room; the one that has waited longest goes first.
    Waiting(RunId),
}

/// The latest statement of consent for a channel and a topic.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Consent {
    /// Whether consent is granted.
    pub granted: bool,
    /// When it was stated.
    pub at: Timestamp,
    /// The entry of the consent log.
    pub evidence: String,
    /// The order in which the client's statements were received.
    #[serde(default)]
    pub no: u64,
}

/// The tags of a client, by where they come from. The client's field `tags` is both as one list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Tags {
    /// The latest list that was received, or null.
    pub received: serde_json::Value,
    /// Its time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received_at: Option<Timestamp>,
    /// The tags that funnels added or, if they were received, removed; in the order of the first time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub set: Vec<(String, bool)>,
}

/// A run that may still reach its funnel's goal, even after it has ended.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OpenGoal {
    /// Its funnel.
    pub funnel: String,
    /// Its subjects.
    pub subjects: BTreeMap<String, Subject>,
    /// When the client entered.
    pub entered_at: Timestamp,
}
