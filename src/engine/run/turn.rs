//! One turn of one run: why it wakes, what it works on, and where it goes.

use crate::engine::client::ClientTurn;
use crate::engine::eval::Scope;
use crate::engine::model::{
    Client, Effects, EndReason, Line, LineKind, MessageId, Origin, Outcome, RecordChange, Run, RunId, Waiting, World,
};
use crate::graph::{ElementId, Graph, NodeIx, write_expr};
use crate::value::Timestamp;

/// Why a run wakes.
#[derive(Clone, Copy)]
pub(in crate::engine) enum Wake<'n> {
    /// It has just begun, at this node.
    Enter(Option<NodeIx>),
    /// Its timer is due.
    Timer,
    /// The client's fields changed.
    FieldsChanged,
    /// An event of the client, which may have changed a record, and the run that it belongs to if it is about a message
    /// but does not name it.
    Event(&'n RecordChange<'n>, Option<&'n RunId>),
    /// The outcome of one of its messages.
    Outcome(&'n MessageId, &'n Outcome),
}

/// The result of visiting a node.
pub(super) enum Visit {
    /// The run goes there; `None` means that it has finished.
    Go(Option<NodeIx>),
    /// The run goes to an element that no arrow from here leads to: a wait that begins again, or what follows it.
    Again(NodeIx, Option<Box<Origin>>),
    /// The run continues in several paths at the same time.
    Fork(Vec<Option<NodeIx>>),
    /// A path of a fork has ended; the run continues there when all have.
    Join(Option<NodeIx>),
    /// The run waits.
    Stay(Waiting, Option<Timestamp>),
    /// The run ends.
    End(EndReason),
}

/// The context in which a run moves.
pub(in crate::engine) struct RunTurn<'a> {
    pub(in crate::engine) world: World<'a>,
    pub(in crate::engine) graph: &'a Graph,
    pub(in crate::engine) client: &'a mut Client,
    pub(in crate::engine) effects: &'a mut Effects,
    pub(in crate::engine) now: Timestamp,
    /// By how much time that really passes is ahead of the wall clock.
    pub(in crate::engine) ahead_ms: i64,
    /// The moment by which deadlines of answers are judged: when the event happened that is handled, or now.
    pub(in crate::engine) asked_at: Timestamp,
    /// How many elements the run has passed in this turn.
    pub(in crate::engine) steps: u32,
}

impl RunTurn<'_> {
    /// The context of the run's client.
    pub(super) fn client_turn(&mut self) -> ClientTurn<'_> {
        let Self { now, ahead_ms, asked_at, .. } = *self;
        ClientTurn { world: self.world, client: self.client, effects: self.effects, now, ahead_ms, asked_at }
    }

    /// Ends a run, wherever it is.
    pub(in crate::engine) fn end(&mut self, run: &mut Run, reason: EndReason) {
        let element = run.positions.first().map(|position| position.element.clone());
        self.log(
            run,
            &element.unwrap_or_else(|| ElementId(String::new())),
            LineKind::Exit { reason: reason.to_string() },
        );
        if matches!(reason, EndReason::Lapsed(_)) {
            self.uncount_entry(run);
        }
        run.positions.clear();
        run.ended = Some(reason);
    }

    /// Why a run must end now: the condition after the `while` of its trigger no longer holds.
    pub(in crate::engine) fn lapse(&self, run: &Run) -> Option<EndReason> {
        let lasting = run.progress.lasting.as_ref()?;
        let entry = self.graph.entries.iter().find(|entry| entry.id == lasting.entry)?;
        let holds = entry.trigger.holds()?;
        // As when clients enter: what is known now counts, however late it was received.
        let scope = Scope::new(&self.world, self.graph, self.client, &run.subjects, self.now);
        let lapsed = !Scope { inside: Some(&run.funnel), ..scope }.holds(holds);
        let written = || entry.written_while().map_or_else(|| format!("while {}", write_expr(holds)), str::to_owned);
        lapsed.then(|| EndReason::Lapsed(written()))
    }

    /// Makes an entry not count for `enter`, because the run ended before it was done.
    fn uncount_entry(&mut self, run: &Run) {
        let Some(lasting) = &run.progress.lasting else { return };
        let place = (run.funnel.clone(), run.key.clone());
        if self.client.entered.get(&place).is_some_and(|entered| entered.last_at == run.entered_at) {
            let (funnel, key) = place;
            self.client.memory.uncounted.entry(funnel).or_default().insert(key, lasting.counted_before);
            self.effects.memory = true;
        }
    }

    /// What the run's expressions can read at an instant.
    pub(super) fn scope<'s>(&'s self, run: &'s Run, now: Timestamp) -> Scope<'s> {
        let scope = Scope::new(&self.world, self.graph, self.client, &run.subjects, now);
        Scope { asked_at: self.asked_at.min(now), inside: Some(&run.funnel), ..scope }
    }

    /// Logs a line about an element of a run.
    pub(in crate::engine) fn log(&mut self, run: &Run, element: &ElementId, kind: LineKind) {
        let line = Line {
            at: self.now,
            zone: self.scope(run, self.now).zone.name().to_owned(),
            client: run.client.clone(),
            run: run.id.clone(),
            funnel: run.funnel.clone(),
            element: element.clone(),
            kind,
        };
        self.effects.lines.push(line);
    }
}
