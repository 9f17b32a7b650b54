//! Message limits. In: a message to send, and recently sent ones. Out: whether there is room for it now, and if not,
//! when.

use super::ClientTurn;
use crate::check::program::{Limit, Over};
use crate::engine::eval::Scope;
use crate::engine::model::{Client, MessageId, RunId, Sent, SentId};
use crate::value::{Timestamp, Zone};

/// Whether a message may be sent under every limit.
pub(in crate::engine) enum Room {
    /// It may be sent now.
    Free,
    /// It may be sent at this moment, as far as is known.
    Later(Timestamp),
    /// It must not be sent, for this reason.
    Full(String),
}

/// A request for room: a message to a channel, in a funnel.
pub(in crate::engine) struct Request<'a> {
    pub(in crate::engine) channel: &'a str,
    pub(in crate::engine) funnel: &'a str,
    pub(in crate::engine) marketing: bool,
    /// When the run reached the element.
    pub(in crate::engine) since: Timestamp,
    /// Whether the run has waited for room and its reserved moment has come.
    pub(in crate::engine) reserved: bool,
}

/// Checks a message against all limits of its funnel.
pub(in crate::engine) fn room(scope: &Scope<'_>, limits: &[Limit], request: &Request<'_>) -> Room {
    let mut room = Room::Free;
    for limit in limits.iter().filter(|limit| applies(limit, request)) {
        let Some(free_at) = free_at(scope, limit, request) else { continue };
        let Over::Defer(up_to) = limit.over else { return Room::Full(reason(limit)) };
        if free_at > scope.zone.plus(request.since, up_to) {
            return Room::Full(format!("{}, no free slot within {up_to}", reason(limit)));
        }
        room = match room {
            Room::Later(at) if at >= free_at => Room::Later(at),
            Room::Free | Room::Later(_) | Room::Full(_) => Room::Later(free_at),
        };
    }
    room
}

fn applies(limit: &Limit, request: &Request<'_>) -> bool {
    let channel = limit.channel.as_deref().is_none_or(|channel| channel == request.channel);
    channel && (request.marketing || !limit.whole_project)
}

/// Returns when there is room for one more message; `None` when there is room now. A run queues after those that
/// already wait, unless its reserved moment has come.
fn free_at(scope: &Scope<'_>, limit: &Limit, request: &Request<'_>) -> Option<Timestamp> {
    let counts = |sent: &&Sent| {
        is_live(sent, scope.client)
            && limit.channel.as_deref().is_none_or(|channel| channel == sent.channel)
            && if limit.whole_project { sent.marketing } else { sent.funnel == request.funnel }
    };
    let sent = scope.client.memory.sent.iter().filter(counts);
    let taken: Vec<(Timestamp, Timestamp)> = sent.map(|sent| (sent.at, scope.zone.plus(sent.at, limit.per))).collect();
    let is_free = |at: Timestamp| {
        taken.iter().filter(|(from, end)| *from <= at && at < *end).count() < usize::try_from(limit.count).unwrap_or(0)
    };
    if request.reserved && is_free(scope.now) {
        return None;
    }
    let from = taken.iter().map(|(from, _)| *from).filter(|from| *from > scope.now).max().unwrap_or(scope.now);
    let ends = taken.iter().map(|(_, end)| *end).filter(|end| *end > from);
    std::iter::once(from).chain(ends).filter(|at| is_free(*at)).min().filter(|at| *at > scope.now)
}

fn reason(limit: &Limit) -> String {
    let what = limit.channel.as_deref().unwrap_or("messages");
    format!("limit of {} {what} per {}", limit.count, limit.per)
}

/// Whether an entry still counts: a message always does, a reservation as long as its run exists.
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

    /// Whether a slot is reserved for a run.
    pub(in crate::engine) fn has_reservation(&self, run: &RunId) -> bool {
        self.client.memory.sent.iter().any(|sent| matches!(&sent.id, SentId::Waiting(waiting) if waiting == run))
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
        // Two days are added, because each limit counts in the time zone of its run.
        let counts = |sent: &Sent| Zone::UTC.plus(sent.at, longest).plus_ms(2 * 86_400_000) > self.now;
        let mut kept = std::mem::take(&mut self.client.memory.sent);
        kept.retain(|sent| counts(sent) && is_live(sent, self.client));
        kept.push(sent);
        self.client.memory.sent = kept;
        self.effects.memory = true;
    }
}
