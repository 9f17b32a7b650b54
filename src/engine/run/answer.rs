//! Which run an event of a message, such as `replied`, concerns. In: the event and what each run has sent. Out: whether a
//! `wait for` is about it.

use crate::check::program::{OfMessage, Pattern, WaitEvent};
use crate::engine::client::ClientTurn;
use crate::engine::model::{Client, Fields, MessageId, Position, RecordChange, Run, RunId, Subject, Waiting};
use crate::graph::{Element, ElementId, Graph};
use crate::value::Timestamp;

/// Whether an event is about what a wait names.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// It is.
    Yes,
    /// The event names no message, but the run has sent one over its channel.
    Perhaps,
    /// It is about another message.
    No,
}

/// What an event says about its message.
struct Answer<'e> {
    message: Option<&'e str>,
    channel: Option<&'e str>,
    funnel: Option<&'e str>,
}

impl ClientTurn<'_> {
    /// The run that an event without the id of a message belongs to: of those that have sent something over its channel
    /// and wait for such an event, the one that began to wait last.
    pub(super) fn run_answered_by(&self, change: &RecordChange<'_>) -> Option<RunId> {
        let waiting = self.client.runs.values().filter_map(|run| Some((self.waits_since(run, change)?, &run.id)));
        waiting.max().map(|(_, id)| id.clone())
    }

    /// Since when a run has been waiting for an event that may be about one of its messages.
    fn waits_since(&self, run: &Run, change: &RecordChange<'_>) -> Option<Timestamp> {
        let waits = |position: &&Position| {
            let graph = self.world.graphs.get(&run.graph)?;
            let node = graph.nodes.iter().find(|node| node.id == position.element)?;
            let Element::WaitEvent { wait, .. } = &node.element else { return None };
            let mut patterns = wait.patterns.iter().filter(|pattern| change.matches(pattern));
            Some(patterns.any(|pattern| about(self.client, (&**graph, run), pattern, change) == About::Perhaps))
        };
        let positions = run.positions.iter().filter(|position| position.waiting == Waiting::Event);
        positions.filter(|position| waits(position) == Some(true)).map(|position| position.since).max()
    }
}

/// Whether an event is one that a wait is for. `answered` is the run that an event without the id of a message belongs to.
pub(super) fn is_awaited(
    client: &Client,
    (graph, run): (&Graph, &Run),
    wait: &WaitEvent,
    change: &RecordChange<'_>,
    answered: Option<&RunId>,
) -> bool {
    let matches = |pattern: &&Pattern| change.matches(pattern) && change.concerns(&run.subjects, pattern);
    wait.patterns.iter().filter(matches).any(|pattern| match about(client, (graph, run), pattern, change) {
        About::Yes => true,
        About::Perhaps => answered == Some(&run.id),
        About::No => false,
    })
}

fn about(client: &Client, (graph, run): (&Graph, &Run), pattern: &Pattern, change: &RecordChange<'_>) -> About {
    let Some(of) = &pattern.message else { return About::Yes };
    let mut sent = sent_by(graph, run);
    if sent.is_empty() && *of == OfMessage::Own {
        return About::Yes;
    }
    sent.retain(|sent| match of {
        OfMessage::Own => true,
        OfMessage::Sent(element) => sent.element.0 == *element,
    });
    let fields = match &change.subject {
        Subject::Record(id) => client.records.get(id).map(|record| &record.fields),
        Subject::Event { fields, .. } => Some(fields),
    };
    let Some(answer) = fields.map(Answer::of) else { return About::No };
    if let Some(message) = answer.message {
        let is_own = |sent: &Sent<'_>| {
            (1..=sent.count).any(|occurrence| MessageId::derive(&run.id, sent.element, occurrence).0 == message)
        };
        return if sent.iter().any(is_own) { About::Yes } else { About::No };
    }
    let over_channel =
        |sent: &Sent<'_>| answer.channel.is_none_or(|channel| channel.eq_ignore_ascii_case(sent.channel));
    let of_funnel = answer.funnel.is_none_or(|funnel| funnel == run.funnel);
    if of_funnel && sent.iter().any(over_channel) { About::Perhaps } else { About::No }
}

impl<'e> Answer<'e> {
    fn of(fields: &'e Fields) -> Self {
        let text = |name: &str| {
            fields.get(name).and_then(serde_json::Value::as_str).map(str::trim).filter(|text| !text.is_empty())
        };
        // A provider may give an id of its own, which nobody here knows.
        let message = text("message").filter(|id| MessageId::is_derived(id));
        Self { message, channel: text("channel"), funnel: text("funnel") }
    }
}

/// What an element has sent in a run.
struct Sent<'r> {
    element: &'r ElementId,
    channel: &'r str,
    /// How many messages.
    count: u32,
}

/// The elements that have sent a message to the client in a run.
fn sent_by<'r>(graph: &'r Graph, run: &'r Run) -> Vec<Sent<'r>> {
    let sent = |(element, count): (&'r ElementId, &'r u32)| {
        let node = graph.nodes.iter().find(|node| node.id == *element)?;
        let Element::Send { send, .. } = &node.element else { return None };
        Some(Sent { element, channel: &send.channel, count: *count })
    };
    run.progress.occurrences.iter().filter_map(sent).collect()
}
