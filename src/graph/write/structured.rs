//! A graph as chains: steps with their paths, and gotos. Out of a graph by [`structure`](super::structure); in to its text.

use crate::graph::{Element, Node};
use std::collections::BTreeSet;

/// A step, or an arrow that is written out.
#[derive(Debug)]
pub(super) enum ChainItem {
    /// An element with its paths.
    Step(Step),
    /// `goto`
    Goto(GotoTarget),
}

/// Where a `goto` leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum GotoTarget {
    /// To a node, which then has a label.
    Node(usize),
    /// To what follows the block.
    Next,
    /// To the end of the path.
    End,
}

/// An element with its paths.
#[derive(Debug)]
pub(super) struct Step {
    /// The element.
    pub(super) node: usize,
    /// The paths that are written, in the order of the text.
    pub(super) paths: Vec<Path>,
    /// What a `wait until` does when its moment is past, and no block says it.
    pub(super) on_past: OnPast,
    /// Where the paths of a fork come together; `None` where none of them comes back.
    pub(super) join: Option<usize>,
}

/// What stands after the `else` of a `wait until`, besides a block.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum OnPast {
    /// Nothing.
    Continue,
    /// `skip`
    Skip,
    /// `stop`, which is a node of its own.
    Stop(usize),
}

/// A path of an element.
#[derive(Debug)]
pub(super) struct Path {
    /// Which of its paths it is.
    pub(super) role: Role,
    /// What is on it.
    pub(super) chain: Vec<ChainItem>,
}

/// Which path of an element it is.
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
    /// The place of what stands on the path, as identities have it.
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
    /// The nodes to which a `goto` leads.
    pub(super) goto_targets: BTreeSet<usize>,
    /// The nodes in the order of the text, as the text will be compiled; `None` for a join that the graph does not have.
    pub(super) order: Vec<Option<usize>>,
    /// How many gotos there are.
    pub(super) gotos: usize,
}

/// The name that a split has in the text: one that is its identity is not written.
pub(super) fn split_name(node: &Node) -> Option<&str> {
    let Element::Split { name, .. } = &node.element else { return None };
    (!name.is_empty() && *name != node.id.0).then_some(name)
}
