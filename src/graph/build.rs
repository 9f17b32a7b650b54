//! From checked funnel to graph: steps become nodes, nesting becomes arrows, every element gets its identity.

use super::ident::Identities;
use super::{Element, Entry, Graph, Kind, Node, NodeIx, Unsent};
use crate::check::program::{self, Catalog, Funnel, Moment, Past, Program, Step, Wait};

/// Builds the graph of every funnel, in the program's order.
#[must_use]
pub fn build(program: &Program) -> Vec<Graph> {
    program.funnels.iter().map(|funnel| build_funnel(&program.catalog, funnel)).collect()
}

fn build_funnel(catalog: &Catalog, funnel: &Funnel) -> Graph {
    let mut builder = Builder { nodes: Vec::new(), ids: Identities::default() };
    let entries = funnel
        .entries
        .iter()
        .map(|entry| {
            let id = builder.ids.entry(&entry.pattern);
            let start = builder.chain(&entry.chain, &id.0, None);
            Entry {
                id,
                pattern: entry.pattern.clone(),
                binding: entry.binding.clone(),
                key: catalog.events.get(&entry.pattern.event).and_then(|event| event.key.clone()),
                filter: entry.filter.clone(),
                start,
                text: entry.text.clone(),
                span: entry.span,
            }
        })
        .collect();
    Graph {
        funnel: funnel.name.clone(),
        title: funnel.title.clone(),
        settings: funnel.settings.clone(),
        entries,
        nodes: builder.nodes,
    }
}

struct Builder {
    nodes: Vec<Node>,
    ids: Identities,
}

impl Builder {
    /// Adds the steps of a chain, in the order of the text, and gives its first node. `place` is the identity of
    /// what the chain stands in; `end` is where it leads.
    fn chain(&mut self, steps: &[Step], place: &str, end: Option<NodeIx>) -> Option<NodeIx> {
        // Invariant: a step takes as many nodes as `size` says, so the places of later steps are known beforehand.
        let mut starts = Vec::with_capacity(steps.len() + 1);
        let mut next = self.nodes.len();
        for step in steps {
            starts.push(Some(index(next)));
            next += size(step);
        }
        starts.push(end);
        for (i, step) in steps.iter().enumerate() {
            let target = |n: usize| starts.get(n).copied().unwrap_or(end);
            self.step(step, place, target(i + 1), target(i + 2));
        }
        starts.first().copied().flatten()
    }

    /// Adds a step and what is inside it. `next` is the element after it, `after_next` the one after that.
    fn step(&mut self, step: &Step, place: &str, next: Option<NodeIx>, after_next: Option<NodeIx>) {
        let id = self.ids.element(step, place);
        let at = self.nodes.len();
        // The node goes in before its paths, which stand after it, and is completed when these are known.
        self.nodes.push(Node {
            id: id.clone(),
            kind: kind(&step.element),
            element: Element::Stop,
            text: step.text.clone(),
            span: step.span,
        });
        let element = match &step.element {
            program::Element::If { condition, then, otherwise } => {
                let yes = self.chain(then, &format!("{id}/yes"), next);
                let no = self.chain(otherwise, &format!("{id}/no"), next);
                Element::If { condition: condition.clone(), yes, no }
            }
            program::Element::Wait(Wait::For { duration, at }) => {
                Element::WaitFor { duration: *duration, at: *at, next }
            }
            program::Element::Wait(Wait::Until { moment, past }) => {
                let past = match past {
                    Past::GoOn => next,
                    Past::Skip => after_next,
                    Past::Stop => Some(self.stop(&id.0)),
                    Past::Block(steps) => self.chain(steps, &format!("{id}/past"), next),
                };
                Element::WaitUntil { moment: moment.clone(), next, past }
            }
            program::Element::Send { send, unsent } => {
                let unsent = match unsent {
                    Some(steps) => Unsent::Else(self.chain(steps, &format!("{id}/unsent"), next)),
                    None => Unsent::GoOn,
                };
                Element::Send { send: send.clone(), next, unsent }
            }
            program::Element::Set { field, value } => Element::Set { field: field.clone(), value: value.clone(), next },
            program::Element::Tag { tag, add } => Element::Tag { tag: tag.clone(), add: *add, next },
            program::Element::Stop => Element::Stop,
        };
        if let Some(node) = self.nodes.get_mut(at) {
            node.element = element;
        }
    }

    /// The `stop` that `else stop` stands for.
    fn stop(&mut self, of: &str) -> NodeIx {
        let ix = index(self.nodes.len());
        let id = self.ids.stop(of);
        let (kind, text) = (Kind::Action, "stop".to_owned());
        self.nodes.push(Node { id, kind, element: Element::Stop, text, span: crate::source::Span::default() });
        ix
    }
}

fn index(n: usize) -> NodeIx {
    NodeIx(u32::try_from(n).unwrap_or(u32::MAX))
}

/// How many nodes a step takes, its paths included.
fn size(step: &Step) -> usize {
    let all = |steps: &[Step]| steps.iter().map(size).sum::<usize>();
    1 + match &step.element {
        program::Element::If { then, otherwise, .. } => all(then) + all(otherwise),
        program::Element::Wait(Wait::Until { past: Past::Block(steps), .. }) => all(steps),
        program::Element::Wait(Wait::Until { past: Past::Stop, .. }) => 1,
        program::Element::Wait(Wait::Until { past: Past::GoOn | Past::Skip, .. } | Wait::For { .. }) => 0,
        program::Element::Send { unsent, .. } => unsent.as_deref().map_or(0, all),
        program::Element::Set { .. } | program::Element::Tag { .. } | program::Element::Stop => 0,
    }
}

fn kind(element: &program::Element) -> Kind {
    match element {
        program::Element::If { .. } => Kind::Condition,
        program::Element::Wait(_) => Kind::Wait,
        program::Element::Send { .. }
        | program::Element::Set { .. }
        | program::Element::Tag { .. }
        | program::Element::Stop => Kind::Action,
    }
}

/// What an `until` waits for, as part of its identity: the same place may hold two waits of different forms.
pub(super) fn wait_form(wait: &Wait) -> &'static str {
    match wait {
        Wait::For { .. } => "for",
        Wait::Until { moment: Moment::At(_), .. } => "until",
        Wait::Until { moment: Moment::Time(_), .. } => "until-time",
        Wait::Until { moment: Moment::Weekday(..), .. } => "until-weekday",
    }
}
