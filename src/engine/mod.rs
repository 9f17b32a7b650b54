//! What a funnel does, as a pure machine. In: graphs, one client's state, an input and the time. Out: the client's
//! new state and effects. It never reads a clock, never does I/O, and never fails on a checked graph.

mod act;
mod advance;
mod branch;
mod consent;
mod decode;
mod effect;
mod enter;
mod eval;
mod goal;
mod graphs;
mod handle;
mod history;
mod ident;
mod input;
mod limit;
mod memory;
mod operate;
mod passage;
mod plan;
mod scope;
mod send;
mod state;
mod step;
mod text;
mod watch;

pub use consent::ConsentEntry;
pub use decode::{Refusal, decode};
pub use effect::{Effects, Line, LineKind, Message, Rendered};
pub use graphs::{Graphs, fingerprint};
pub use handle::handle;
pub use history::Tally;
pub use input::{Event, Input, Outcome};
pub use memory::{Alarm, Consent, Membership, Memory, OpenGoal, Sent, SentId};
pub use passage::{Passages, Passed};
pub use scope::World;
pub use state::{
    Client, ClientId, EndReason, Entered, Fields, Fingerprint, MessageId, Position, Progress, Record, RecordId, Run,
    RunId, Subject, Waiting,
};
pub use step::LATE_MS;

/// Limit: virtual time goes on for so long after the last event, in milliseconds: ten years. A loop that only an event
/// can end would go on to the end of the calendar.
pub const LONGEST_ECHO_MS: i64 = 10 * 366 * 86_400_000;
