//! The data of the engine: state, inputs, effects, graphs, and the plan of what to track for each client.

mod change;
mod edge_counts;
mod effect;
mod field_times;
mod graphs;
mod id;
mod input;
mod memory;
mod merged;
mod message;
mod plan;
mod record;
mod silence;
mod state;
mod tally;
mod world;

pub use edge_counts::{EdgeCounts, FunnelEdgeCounts};
pub use effect::{ConsentEntry, Effects, Line, LineKind};
pub use field_times::FieldTimes;
pub use graphs::{Graphs, fingerprint};
pub use id::{ClientId, Fingerprint, MessageId, RunId};
pub use input::{Event, Input, Now, Outcome};
pub use memory::{ClientMemory, Consent, Lapsed, Membership, Occasion, OpenGoal, Sent, SentId, Tags, TriggerTimer};
pub use merged::Merged;
pub use message::{Message, Rendered};
pub use record::{Fields, Record, RecordId, Subject};
pub use silence::{Silence, Silences};
pub use state::{Client, EndReason, Entered, LastingEntry, Origin, Position, Progress, Run, Waiting};
pub use tally::Tally;
pub use world::World;

pub(super) use change::RecordChange;
pub(super) use effect::FollowUp;
pub(super) use id::consent_id;
pub(super) use input::{INTO, MERGE};
pub(super) use plan::{FollowedCondition, FollowedSegment, Need, PlannedTrigger};
pub(super) use silence::reason;
pub(super) use tally::{Item, Sum};
