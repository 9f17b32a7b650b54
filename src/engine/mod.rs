//! Runs funnels, as a pure state machine. In: graphs, one client's state, an input and the time. Out: the client's new
//! state and effects. It never reads a clock, never does I/O, and never fails on a checked graph.

mod client;
mod decode;
mod eval;
mod handle;
mod model;
mod run;
mod same;
mod trigger;

pub use client::consent::still_consents;
pub use decode::{
    MAX_EVENT_BYTES, MAX_EVENT_DEPTH, MAX_ID_BYTES, Received, Rejection, UndeclaredFields, decode, receive,
    receive_withdrawal, received_id,
};
pub use handle::handle;
pub use model::{
    Client, ClientId, ClientMemory, Consent, ConsentEntry, EdgeCounts, Effects, EndReason, Entered, Event, FieldTimes,
    Fields, Fingerprint, FunnelEdgeCounts, Graphs, Input, Lapsed, LastingEntry, Line, LineKind, Membership, Merged,
    Message, MessageId, Now, Occasion, OpenGoal, Origin, Outcome, Position, Progress, Record, RecordId, Rendered, Run,
    RunId, Sent, SentId, Silence, Silences, Subject, Tags, Tally, TriggerTimer, Waiting, World, fingerprint,
};
pub use run::LATE_MS;
pub use same::{EventDigest, digest_as_received, digest_of_values};

/// Limit: how long virtual time continues after the last event, in milliseconds: ten years. Without it, a loop that
/// only an event can end would run to the end of the calendar.
pub const DRAIN_HORIZON_MS: i64 = 10 * 366 * 86_400_000;
