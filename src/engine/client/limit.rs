//! Limits. In: a message that could leave, and those of late. Out: whether there is room for it, and if not, when.

use super::ClientTurn;
use crate::check::program::{Limit, Over};
use crate::engine::eval::Scope;
use crate::engine::model::{Client, MessageId, RunId, Sent, SentId};
use crate::value::{Timestamp, Zone};

/// Whether a message may leave under every limit.
pub(in crate::engine) enum Room {
    /// It may.
    Free,
    /// It may at this moment, as far as is known.
    Later(Timestamp),
    /// It may not, for this reason.
    Full(String),
}

/// What asks for room: a message to a channel, in a funnel.
pub(in crate::engine) struct Asked<'a> {
    pub(in crate::engine) channel: &'a str,
    pub(in crate::engine) funnel: &'a str,
    pub(in crate::engine) marketing: bool,
    /// When the run came to the element.
    pub(in crate::engine) since: Timestamp,
    /// Whether it waited for room, and the moment that was kept for it has come.
    pub(in crate::engine) turn: bool,
}

/// Looks for room under all of a funnel's limits.
pub(in crate::engine) fn room(scope: &Scope<'_>, limits: &[Limit], asked: &Asked<'_>) -> Room {
    let mut room = Room::Free;
    for limit in limits.iter().filter(|limit| applies(limit, asked)) {
        let Some(free_at) = free_at(scope, limit, asked) else { continue };
        let Over::Defer(up_to) = limit.over else { return Room::Full(reason(limit)) };
        if free_at > scope.zone.plus(asked.since, up_to) {
            return Room::Full(format!("{}, and no room within {up_to}", reason(limit)));
        }
        room = match room {
            Room::Later(at) if at >= free_at => Room::Later(at),
            Room::Free | Room::Later(_) | Room::Full(_) => Room::Later(free_at),
        };
    }
    room
}

fn applies(limit: &Limit, asked: &Asked<'_>) -> bool {
    let channel = limit.channel.as_deref().is_none_or(|channel| channel == asked.channel);
    channel && (asked.marketing || !limit.whole_project)
}

/// When there is room for one more; `None` when there is now. Behind all who wait already, unless it is this one's turn.
fn free_at(scope: &Scope<'_>, limit: &Limit, asked: &Asked<'_>) -> Option<Timestamp> {
    let counts = |sent: &&Sent| {
        is_live(sent, scope.client)
            && limit.channel.as_deref().is_none_or(|channel| channel == sent.channel)
            && if limit.whole_project { sent.marketing } else { sent.funnel == asked.funnel }
    };
    let sent = scope.client.memory.sent.iter().filter(counts);
    let taken: Vec<(Timestamp, Timestamp)> = sent.map(|sent| (sent.at, scope.zone.plus(sent.at, limit.per))).collect();
    let is_free = |at: Timestamp| {
        taken.iter().filter(|(from, end)| *from <= at && at < *end).count() < usize::try_from(limit.count).unwrap_or(0)
    };
    if asked.turn && is_free(scope.now) {
        return None;
    }
    let behind = taken.iter().map(|(from, _)| *from).filter(|from| *from > scope.now).max().unwrap_or(scope.now);
    let ends = taken.iter().map(|(_, end)| *end).filter(|end| *end > behind);
    std::iter::once(behind).chain(ends).filter(|at| is_free(*at)).min().filter(|at| *at > scope.now)
}

fn reason(limit: &Limit) -> String {
    let what = limit.channel.as_deref().unwrap_or("messages");
    format!("limit of {} {what} per {}", limit.count, limit.per)
}

/// Whether a message counts, or a run still waits for its place.
fn is_live(sent: &Sent, client: &Client) -> bool {
    match &sent.id {
        SentId::Message(_) => true,
        SentId::Waiting(run) => client.runs.contains_key(run),
    }
}

impl ClientTurn<'_> {
    /// Stops counting a message that was not sent after all.
    pub(in crate::engine) fn uncount(&mut self, message: &MessageId) {
        let sent = &mut self.client.memory.sent;
        let before = sent.len();
        sent.retain(|sent| !matches!(&sent.id, SentId::Message(id) if id == message));
        self.effects.memory |= sent.len() != before;
    }

    /// Removes the slot that a run reserved, so that the run can use it. Returns whether its time has come.
    pub(in crate::engine) fn take_reservation(&mut self, run: &RunId) -> bool {
        let is_own = |sent: &Sent| matches!(&sent.id, SentId::Waiting(waiting) if waiting == run);
        let sent = &mut self.client.memory.sent;
        let is_due = sent.iter().any(|sent| is_own(sent) && sent.at <= self.now);
        sent.retain(|sent| !is_own(sent));
        is_due
    }

    /// Counts a message, or a slot reserved for one, for as long as some limit of the plan may look at it.
    pub(in crate::engine) fn count_sent(&mut self, sent: Sent) {
        let Some(longest) = self.world.graphs.plan().limits else { return };
        // A day more on each side, as each limit counts in the zone of its run.
        let counts = |sent: &Sent| Zone::UTC.plus(sent.at, longest).plus_ms(2 * 86_400_000) > self.now;
        let mut kept = std::mem::take(&mut self.client.memory.sent);
        kept.retain(|sent| counts(sent) && is_live(sent, self.client));
        kept.push(sent);
        self.client.memory.sent = kept;
        self.effects.memory = true;
    }
}
