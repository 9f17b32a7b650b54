//! The arrows of a graph, for those who draw it. In: a [`Graph`]. Out: one [`Arrow`] a path.

use super::{Element, Graph, Kind, NodeIx, Unsent};

/// An arrow between two elements.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrow {
    /// Where it begins.
    pub from: End,
    /// Where it leads; `None` to the end of the run.
    pub to: Option<NodeIx>,
    /// What stands on it: `yes`, `no`, `past`, `not sent`; empty for a plain one.
    pub label: &'static str,
}

/// Where an arrow begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// At an entry, by its place in [`Graph::entries`].
    Entry(usize),
    /// At a node.
    Node(NodeIx),
}

impl Graph {
    /// All arrows, in the order of the elements they leave.
    #[must_use]
    pub fn arrows(&self) -> Vec<Arrow> {
        let entries =
            self.entries.iter().enumerate().map(|(i, e)| Arrow { from: End::Entry(i), to: e.start, label: "" });
        let nodes = self.nodes.iter().enumerate().flat_map(|(i, node)| {
            let from = End::Node(NodeIx(u32::try_from(i).unwrap_or(u32::MAX)));
            targets(&node.element).into_iter().map(move |(label, to)| Arrow { from, to, label })
        });
        entries.chain(nodes).collect()
    }
}

fn targets(element: &Element) -> Vec<(&'static str, Option<NodeIx>)> {
    match element {
        Element::If { yes, no, .. } => vec![("yes", *yes), ("no", *no)],
        Element::WaitUntil { next, past, .. } if next != past => vec![("", *next), ("past", *past)],
        Element::Send { next, unsent: Unsent::Else(path), .. } => vec![("", *next), ("not sent", *path)],
        Element::WaitFor { next, .. }
        | Element::WaitUntil { next, .. }
        | Element::Send { next, .. }
        | Element::Set { next, .. }
        | Element::Tag { next, .. } => vec![("", *next)],
        Element::Stop => Vec::new(),
    }
}

impl Kind {
    /// Its name in the language of the documentation.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Event => "event",
            Self::Condition => "condition",
            Self::Wait => "wait",
            Self::Action => "action",
        }
    }
}
