//! Prints graphs, including those of a visual editor, as canonical source that compiles to the same graphs, or reports
//! what the language cannot express.
//!
//! The author's own wording is kept wherever it still has the same meaning, which is checked by compiling the result.

mod flow;
mod name;
mod print;
mod region;
mod setting;
mod step_text;
mod structure;
mod structured;
mod verify;

use super::Graph;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Sources, Span};
use crate::{format, syntax};
use flow::Flow;
use name::Names;
use print::{FunnelDraft, Owner, Printer};
use region::{Fault, Regions};
use std::collections::{BTreeMap, BTreeSet};
use structured::Structured;

/// The maximum number of attempts with more generated heads.
const MAX_ROUNDS: usize = 12;

/// The result of printing graphs.
#[derive(Debug, Clone, Default)]
pub struct WriteResult {
    /// The source; `None` when there are errors.
    pub text: Option<String>,
    /// Errors and warnings, at the places of the elements.
    pub findings: Vec<Diagnostic>,
}

/// A graph that is being printed.
struct Draft {
    /// The texts of its nodes are the heads of the current attempt.
    graph: Graph,
    /// The graph as given.
    original: Graph,
    flow: Flow,
    regions: Regions,
    structured: Structured,
    names: Names,
    explicit_otherwise: BTreeSet<usize>,
    is_top_level: bool,
}

/// Prints graphs as one file; `declarations` is the source of what they refer to.
///
/// Invariant: every arrow leads to an existing node, and ids are unique.
#[must_use]
pub fn write(graphs: &[Graph], declarations: &[String]) -> WriteResult {
    let mut result = WriteResult::default();
    let mut drafts = Vec::new();
    for graph in graphs {
        let regions = Regions::of(graph);
        result.findings.extend(regions.faults.iter().filter_map(|fault| fault_finding(graph, *fault)));
        let flow = Flow::of(graph);
        if regions.faults.is_empty() {
            result.findings.extend(unreachable(graph, &regions));
            drafts.push(Draft::new(graph, flow, regions, graphs.len() == 1));
        }
    }
    if result.findings.iter().any(Diagnostic::is_error) {
        return result;
    }
    let (printed, findings) = refine(&mut drafts, declarations);
    result.findings.extend(findings);
    if !result.findings.iter().any(Diagnostic::is_error) {
        let mut sources = Sources::new();
        let file = sources.add("", printed.text.as_str());
        result.text = format::format(&printed.text, &syntax::parse(&sources, file));
    }
    result
}

/// Replaces heads until the source compiles to the same graphs or nothing is left to try.
fn refine(drafts: &mut [Draft], declarations: &[String]) -> (Printer, Vec<Diagnostic>) {
    let mut levels: BTreeMap<Owner, u8> = BTreeMap::new();
    let mut round = 0;
    loop {
        drafts.iter_mut().enumerate().for_each(|(n, draft)| draft.set_heads(n, &levels));
        let printed = print_all(drafts, declarations);
        let verification = verify::verify(&printed, drafts);
        let mut changed = false;
        for (owner, code) in verification.faults() {
            changed |= fall_back(drafts, &mut levels, owner, code);
        }
        round += 1;
        if !changed || round == MAX_ROUNDS {
            let findings = verification.findings(drafts);
            return (printed, findings);
        }
    }
}

/// Switches an owner to the next, less faithful wording; returns false when there is none.
fn fall_back(drafts: &mut [Draft], levels: &mut BTreeMap<Owner, u8>, owner: Owner, code: Option<Code>) -> bool {
    if let (Owner::Node(graph, node), Some(Code::NotExhaustive | Code::MaybeMissing)) = (owner, code)
        && let Some(draft) = drafts.get_mut(graph)
        && matches!(draft.original.nodes.get(node).map(|node| &node.element), Some(super::Element::Match { .. }))
        && draft.explicit_otherwise.insert(node)
    {
        return true;
    }
    if code == Some(Code::LoopWithoutWait) {
        return false;
    }
    let level = levels.entry(owner).or_insert(0);
    let lowest = match owner {
        Owner::Funnel(_) => 0,
        Owner::Entry(..) => 1,
        Owner::Node(..) => 2,
    };
    let lowered = *level < lowest;
    *level += u8::from(lowered);
    lowered
}

fn print_all(drafts: &[Draft], declarations: &[String]) -> Printer {
    let mut printed = Printer::default();
    for declaration in declarations {
        printed.push(declaration).push("\n\n");
    }
    for (n, draft) in drafts.iter().enumerate() {
        let Draft { graph, structured, names, explicit_otherwise, is_top_level, .. } = draft;
        printed.funnel(n, &FunnelDraft { graph, structured, names, explicit_otherwise, is_top_level: *is_top_level });
        printed.push("\n");
    }
    printed
}

impl Draft {
    fn new(graph: &Graph, flow: Flow, regions: Regions, is_only_graph: bool) -> Self {
        let structured = structure::structure(graph, &flow, &regions);
        let names = name::assign_names(graph, &structured);
        let is_top_level = is_only_graph
            && !syntax::is_name(&graph.funnel)
            && graph.title.is_none()
            && setting::settings(&graph.settings).is_empty();
        let original = graph.clone();
        Self {
            graph: graph.clone(),
            original,
            flow,
            regions,
            structured,
            names,
            explicit_otherwise: BTreeSet::new(),
            is_top_level,
        }
    }

    /// Sets the heads of this attempt, and the structure and names that depend on them.
    fn set_heads(&mut self, number: usize, levels: &BTreeMap<Owner, u8>) {
        let level = |owner: Owner| levels.get(&owner).copied().unwrap_or(0);
        for (n, (node, original)) in self.graph.nodes.iter_mut().zip(&self.original.nodes).enumerate() {
            let element = || self.names.by_label(&self.original, &original.element);
            node.text = match level(Owner::Node(number, n)) {
                0 if step_text::is_valid_head(original) => original.text.clone(),
                0 | 1 => step_text::generate_head(&element(), structured::split_name(original), false),
                _ => step_text::generate_head(&element(), structured::split_name(original), true),
            };
        }
        for (n, (entry, original)) in self.graph.entries.iter_mut().zip(&self.original.entries).enumerate() {
            entry.text = match level(Owner::Entry(number, n)) {
                0 if step_text::is_valid_trigger(&original.text) => original.text.clone(),
                _ => setting::trigger(original),
            };
        }
        // The id of an element such as `tag` depends on its text.
        self.structured = structure::structure(&self.graph, &self.flow, &self.regions);
        self.names = name::assign_names(&self.graph, &self.structured);
        for (node, name) in &self.names.split_names {
            if let Some(split) = self.graph.nodes.get_mut(*node) {
                split.text = step_text::generate_head(&split.element, Some(name), false);
            }
        }
        for node in self.graph.nodes.iter_mut().enumerate().filter(|(n, _)| !self.names.split_names.contains_key(n)) {
            if let super::Element::Split { .. } = node.1.element {
                node.1.text = "split".to_owned();
            }
        }
    }
}

fn fault_finding(graph: &Graph, fault: Fault) -> Option<Diagnostic> {
    let node = |ix: usize| graph.nodes.get(ix);
    let (at, message, label) = match fault {
        Fault::Crossed(ix) => (
            node(ix)?,
            say!("`{id}` is both inside and outside a `parallel` or a `repeat`", id = node(ix)?.id.0),
            say!("reachable from both sides"),
        ),
        Fault::NoReturn(ix) => (
            node(ix)?,
            say!("a path of a `parallel` or a `repeat` ends at `{id}` and does not rejoin", id = node(ix)?.id.0),
            say!("no valid target"),
        ),
        Fault::StrayJoin(ix) => (
            node(ix)?,
            say!("join `{id}` merges paths of different forks", id = node(ix)?.id.0),
            say!("merges unrelated paths"),
        ),
    };
    let finding = Diagnostic::new(Code::CrossedPaths, at.span, message, label);
    Some(finding.help(say!("end every path of a fork at its own join, and every repeat body at its own repeat")))
}

/// Warns about each unreachable node, except for the join of a fork whose paths all end.
fn unreachable(graph: &Graph, regions: &Regions) -> Vec<Diagnostic> {
    let unreached = graph
        .nodes
        .iter()
        .zip(&regions.of)
        .filter(|(node, region)| region.is_none() && !matches!(node.element, super::Element::Join { .. }));
    let finding = |node: &super::Node| {
        let message = say!("`{id}` is unreachable and is ignored", id = node.id.0);
        Diagnostic::new(Code::UnreachableElement, node.span, message, say!("ignored"))
            .help(say!("add an arrow to it, or remove it"))
    };
    unreached.map(|(node, _)| finding(node)).collect()
}

impl Draft {
    /// The place of an owner in the text that was read.
    fn span(&self, owner: Owner) -> Span {
        let graph = &self.original;
        let first = graph.entries.first().map_or(Span::NOWHERE, |entry| entry.span);
        match owner {
            Owner::Funnel(_) => first,
            Owner::Entry(_, n) => graph.entries.get(n).map_or(first, |entry| entry.span),
            Owner::Node(_, n) => graph.nodes.get(n).map_or(first, |node| node.span),
        }
    }
}

/// Prints the settings and triggers of a graph from their meaning.
pub(super) fn generated_text(graph: &Graph) -> Vec<String> {
    setting::settings(&graph.settings).into_iter().chain(graph.entries.iter().map(setting::trigger)).collect()
}
