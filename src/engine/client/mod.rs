//! One client at one instant, and what is stored of them beside runs: records and fields, consent, tags, the past,
//! messages under limits.

pub(super) mod consent;
mod history;
mod late_answer;
mod later;
pub(super) mod limit;
mod merge;
mod move_record;
mod record;
mod tags;

use super::model::{Client, Effects, World};
use crate::value::Timestamp;

/// The context in which an input is handled: the client, the world around them, and the resulting effects. The other
/// folders of the engine add the methods for their part of the work.
pub(in crate::engine) struct ClientTurn<'a> {
    pub(in crate::engine) world: World<'a>,
    pub(in crate::engine) client: &'a mut Client,
    pub(in crate::engine) effects: &'a mut Effects,
    pub(in crate::engine) now: Timestamp,
    /// By how much time that really passes is ahead of the wall clock.
    pub(in crate::engine) ahead_ms: i64,
    /// The moment by which deadlines of answers are judged: when the event happened that is handled, or now.
    pub(in crate::engine) asked_at: Timestamp,
}
