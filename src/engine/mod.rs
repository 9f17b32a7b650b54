//! What a funnel does, as a pure machine. In: graphs, one client's state, an input and the time. Out: the client's
//! new state and effects. It never reads a clock, never does I/O, and never fails on a checked graph.

mod effect;
mod input;
mod state;

pub use effect::{Effects, Line, LineKind, Message, Rendered};
pub use input::{Event, Input, Outcome};
pub use state::{
    Client, ClientId, EndReason, Entered, Fields, Fingerprint, MessageId, Position, Record, RecordId, Run, RunId,
    Subject, Waiting,
};
