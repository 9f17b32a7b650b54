//! The answer of a request. In: the outcome of its message. Out: where the run goes, and what it knows of the answer.

use super::send::{after_outcome, not_sent_path};
use super::turn::{RunTurn, Visit};
use crate::engine::decode::known_fields;
use crate::engine::model::{Fields, LineKind, Outcome, Run, Subject};
use crate::graph::{Element, Node};

impl RunTurn<'_> {
    /// Where a run goes after the outcome of its message. A request whose answer is read has failed if nobody knows whether
    /// it arrived: then there is no answer either.
    pub(super) fn outcome_known(&mut self, run: &mut Run, node: &Node, outcome: &Outcome) -> Visit {
        let Element::Call { call, .. } = &node.element else { return after_outcome(node, outcome) };
        let Some(event) = &call.answer else { return after_outcome(node, outcome) };
        let fields = match outcome {
            Outcome::NotSent { .. } | Outcome::Unknown { .. } => return Visit::Go(not_sent_path(node)),
            // It was only printed, so nothing answers.
            Outcome::Sent => Fields::new(),
            Outcome::Answered { answer } => {
                let (fields, left_out) = known_fields(self.world.catalog, event, answer);
                let known = fields.keys().cloned().collect();
                self.log(run, &node.id, LineKind::Answer { event: event.clone(), known, left_out });
                fields
            }
        };
        run.subjects.insert(event.clone(), Subject::Event { event: event.clone(), fields });
        Visit::Go(node.element.next())
    }
}
