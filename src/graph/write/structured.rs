//! A graph as chains of steps and gotos: the output of [`structure`](super::structure) and the input of printing.

use crate::graph::{Element, Node};
use std::collections::BTreeSet;

/// An item of a chain.
#[derive(Debug)]
pub(super) enum ChainItem {
    /// An element with its paths.
    Step(Step),
    /// `goto`
    Goto(GotoTarget),
}

/// The target of a `goto`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GotoTarget {
    /// A node, which then needs a label.
    Node(usize),
    /// What follows the block.
    Next,
    /// The end of the path.
    End,
}

/// An element with its paths.
#[derive(Debug)]
pub(super) struct Step {
    /// The element.
    pub(super) node: usize,
    /// The paths to print, in source order.
    pub(super) paths: Vec<Path>,
    /// What a `wait until` without an `else` block does when its moment is past.
    pub(super) on_past: OnPast,
    /// The join of a fork; `None` when no path returns.
    pub(super) join: Option<usize>,
}

/// What follows the `else` of a `wait until`, other than a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnPast {
    /// Nothing: there is no `else`.
    Continue,
    /// `skip`
    Skip,
    /// `stop`, which is a node of its own.
    Stop(usize),
}

/// A path of an element.
#[derive(Debug)]
pub(super) struct Path {
    /// Which path it is.
    pub(super) role: Role,
    /// The items on it.
    pub(super) chain: Vec<ChainItem>,
}

/// The role of a path in its element.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(missing_docs, reason = "the names say it")]
pub(super) enum Role {
    Yes,
    No,
    OnPast,
    OnEvent,
    OnTimeout,
    OnFailure,
    Case(usize),
    Otherwise,
    Parallel(usize),
    Body,
}

impl Role {
    /// The id path of the elements on this path.
    pub(super) fn id_path(self, of: &str) -> String {
        match self {
            Self::Yes => format!("{of}/yes"),
            Self::No => format!("{of}/no"),
            Self::OnPast => format!("{of}/past"),
            Self::OnEvent => format!("{of}/came"),
            Self::OnTimeout => format!("{of}/missed"),
            Self::OnFailure => format!("{of}/unsent"),
            Self::Case(n) | Self::Parallel(n) => format!("{of}/{n}"),
            Self::Otherwise => format!("{of}/otherwise"),
            Self::Body => format!("{of}/body"),
        }
    }
}

/// A graph as chains.
pub(super) struct Structured {
    /// The chain of each entry.
    pub(super) entries: Vec<Vec<ChainItem>>,
    /// The nodes that a `goto` leads to.
    pub(super) goto_targets: BTreeSet<usize>,
    /// The nodes in source order; `None` for a join that the graph does not have.
    pub(super) order: Vec<Option<usize>>,
    /// The number of gotos.
    pub(super) gotos: usize,
}

/// The name of a split as printed; a name equal to the id is omitted.
pub(super) fn split_name(node: &Node) -> Option<&str> {
    let Element::Split { name, .. } = &node.element else { return None };
    (!name.is_empty() && *name != node.id.0).then_some(name)
}
