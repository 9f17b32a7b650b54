//! Verifies printed source: compiles it and compares the result with the original graphs.

use super::Draft;
use super::flow::has_remainder;
use super::print::{Owner, Printer};
use super::setting;
use crate::check::program::{Expr, FieldType, Source};
use crate::check::{self, CheckCache, Context};
use crate::diagnostic::{Code, Diagnostic};
use crate::graph::{Element, ElementId, Entry, Graph, Node, NodeIx, build};
use crate::say;
use crate::source::{Sources, Span};
use crate::syntax;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The result of verifying printed source.
pub(super) struct Verification {
    /// Compilation errors with their owners.
    errors: Vec<(Option<Owner>, Diagnostic)>,
    /// What compiles to something else.
    mismatches: Vec<Owner>,
}

/// Compiles printed source and compares the graphs.
pub(super) fn verify(printed: &Printer, drafts: &[Draft]) -> Verification {
    let mut sources = Sources::new();
    // Funnels that are named but not printed here get stubs.
    let text = format!("{}{}", printed.text, stub_funnels(drafts));
    let name = drafts.iter().find(|draft| draft.is_top_level).map_or("funnels", |draft| draft.original.funnel.as_str());
    let prelude = sources.add(check::PRELUDE_NAME, check::PRELUDE);
    let prelude = Arc::new(syntax::parse(&sources, prelude));
    let file = sources.add(format!("{name}.funnel"), text);
    let parsed = Arc::new(syntax::parse(&sources, file));
    let files = [(file, Arc::clone(&parsed))];
    let checked = check::check(&mut CheckCache::default(), &sources, Some(&prelude), &files, &context_of(drafts));
    let findings = parsed.diagnostics.iter().cloned().chain(checked.findings.into_vec());
    let errors: Vec<_> = findings
        .filter(Diagnostic::is_error)
        .map(|finding| (printed.owner(finding.span.start as usize), finding))
        .collect();
    let graphs: Vec<Graph> = checked.files.iter().flat_map(|part| &part.funnels).map(|funnel| build(funnel)).collect();
    let mut mismatches = Vec::new();
    if errors.is_empty() {
        for (n, draft) in drafts.iter().enumerate() {
            match graphs.iter().find(|graph| graph.funnel == draft.original.funnel) {
                Some(graph) => mismatches.extend(mismatched(n, draft, graph)),
                None => mismatches.push(Owner::Funnel(n)),
            }
        }
    }
    Verification { errors, mismatches }
}

impl Verification {
    /// Returns whose text must change, and the error it causes.
    pub(super) fn faults(&self) -> Vec<(Owner, Option<Code>)> {
        let errors = self.errors.iter().filter_map(|(owner, finding)| Some(((*owner)?, Some(finding.code))));
        errors.chain(self.mismatches.iter().map(|owner| (*owner, None))).collect()
    }

    /// Converts errors and mismatches to findings at the places of the elements.
    pub(super) fn findings(&self, drafts: &[Draft]) -> Vec<Diagnostic> {
        let draft = |owner: Owner| match owner {
            Owner::Funnel(n) | Owner::Entry(n, _) | Owner::Node(n, _) => drafts.get(n),
        };
        let span_of = |owner: Owner| draft(owner).map_or(crate::source::Span::NOWHERE, |draft| draft.span(owner));
        let mut findings = Vec::new();
        let mut seen = BTreeSet::new();
        for (owner, error) in &self.errors {
            if seen.insert((*owner, error.code)) {
                let span = owner.map_or(crate::source::Span::NOWHERE, span_of);
                // Places and edits refer to the printed text, which is not shown.
                findings.push(Diagnostic { span, related: Vec::new(), fixes: Vec::new(), ..error.clone() });
            }
        }
        for owner in &self.mismatches {
            let message = match (owner, draft(*owner)) {
                (Owner::Node(_, node), Some(draft)) => {
                    let id = draft.original.nodes.get(*node).map_or("", |node| node.id.0.as_str());
                    say!("`{id}` has no exact source form", id)
                }
                (Owner::Entry(..), Some(_)) => say!("a trigger has no exact source form"),
                (_, _) => say!("a setting has no exact source form"),
            };
            let finding = Diagnostic::new(Code::NotExpressible, span_of(*owner), message, say!("approximated"));
            findings.push(finding.help(say!("review the result: it is the closest equivalent")));
        }
        findings
    }
}

/// Stubs for funnels that are started but not among the graphs.
fn stub_funnels(drafts: &[Draft]) -> String {
    let present: BTreeSet<&str> = drafts.iter().map(|draft| draft.original.funnel.as_str()).collect();
    let started = drafts.iter().flat_map(|draft| &draft.original.nodes).filter_map(|node| {
        let (Element::Start { funnel, .. } | Element::StopFunnel { funnel, .. }) = &node.element else { return None };
        Some(funnel.as_str())
    });
    let asked = drafts.iter().flat_map(|draft| draft.original.expressions()).flat_map(Expr::funnels);
    let mut named: BTreeSet<&str> = started.chain(asked).collect();
    named.retain(|funnel| !present.contains(funnel) && syntax::is_name(funnel));
    named.into_iter().map(|funnel| format!("\nfunnel {funnel} {{\n  on client -> stop\n}}\n")).collect()
}

/// Reconstructs the project context that the graphs assume.
fn context_of(drafts: &[Draft]) -> Context {
    let mut context_of = Context::default();
    for graph in drafts.iter().map(|draft| &draft.original) {
        let limits = graph.settings.limits.iter().filter(|limit| limit.whole_project);
        for limit in limits {
            if !context_of.limits.contains(limit) {
                context_of.limits.push(limit.clone());
            }
        }
        if graph.settings.project_hours {
            context_of.hours.clone_from(&graph.settings.hours);
        }
        for expr in graph.expressions() {
            let histories = expr.histories();
            context_of.currency = histories.iter().find_map(|history| history.currency.clone()).or(context_of.currency);
            for read in expr.reads() {
                if read.source == Source::Business {
                    let field = FieldType {
                        ty: read.ty.clone(),
                        optional: false,
                        later: None,
                        span: Default::default(),
                        type_span: Default::default(),
                    };
                    context_of.business.insert(read.name.clone(), field);
                }
            }
        }
    }
    context_of
}

/// Finds the parts of a funnel that compile to something else.
fn mismatched(n: usize, draft: &Draft, graph: &Graph) -> Vec<Owner> {
    let expected = expected_graph(draft);
    let mut owners = Vec::new();
    if normalized_settings(&expected) != normalized_settings(graph) || expected.title != graph.title {
        owners.push(Owner::Funnel(n));
    }
    if expected.nodes.len() != graph.nodes.len() || expected.entries.len() != graph.entries.len() {
        owners.push(Owner::Funnel(n));
    }
    for (e, (one, other)) in expected.entries.iter().zip(&graph.entries).enumerate() {
        if (&one.trigger, &one.filter, one.start) != (&other.trigger, &other.filter, other.start) {
            owners.push(Owner::Entry(n, e));
        }
    }
    for ((one, other), ix) in expected.nodes.iter().zip(&graph.nodes).zip(&draft.structured.order) {
        if one.id != other.id || normalize(&one.element) != normalize(&other.element) {
            owners.extend(ix.map(|ix| Owner::Node(n, ix)));
        }
    }
    owners
}

/// Settings without their source text, and without the zone of the client where it is implied.
fn normalized_settings(graph: &Graph) -> crate::check::program::Settings {
    let mut settings = graph.settings.clone();
    if settings.zones.iter().all(setting::is_client_zone) {
        settings.zones.clear();
    }
    settings.exits.iter_mut().for_each(|exit| {
        exit.text.clear();
        exit.span = Span::default();
    });
    settings.goals.iter_mut().for_each(|target| target.span = Span::default());
    settings
}

/// The graph that the source should compile to: nodes in source order, with their resulting ids.
fn expected_graph(draft: &Draft) -> Graph {
    let original = &draft.original;
    let positions: BTreeMap<usize, u32> =
        (0..).zip(&draft.structured.order).filter_map(|(position, ix)| Some(((*ix)?, position))).collect();
    let to = |ix: Option<NodeIx>| ix.and_then(|ix| positions.get(&(ix.0 as usize))).map(|position| NodeIx(*position));
    let id = |ix: usize| draft.names.ids.get(&ix).cloned().unwrap_or_else(|| ElementId(String::new()));
    let nodes = draft.structured.order.iter().filter_map(|ix| {
        let Some(ix) = ix else {
            let mut join = original.nodes.first()?.clone();
            join.element = Element::Join { next: None };
            return Some(join);
        };
        let node = original.nodes.get(*ix)?;
        let mut element = draft.names.by_id(original, &renumber(&node.element, &to));
        if let Element::Split { name, .. } = &mut element
            && !draft.names.split_names.contains_key(ix)
        {
            *name = id(*ix).0;
        }
        Some(Node { id: id(*ix), element, ..node.clone() })
    });
    let nodes = nodes.collect();
    let entries = original.entries.iter().zip(&draft.names.entries).map(|(entry, id)| Entry {
        id: id.clone(),
        start: to(entry.start),
        ..entry.clone()
    });
    let entries = entries.collect();
    Graph { nodes, entries, ..original.clone() }
}

/// Renumbers the targets of an element.
fn renumber(element: &Element, to: &impl Fn(Option<NodeIx>) -> Option<NodeIx>) -> Element {
    let mut element = element.clone();
    element.map_targets(&mut |target| *target = to(*target));
    element
}

/// Clears the target of a path that no run can take.
fn normalize(element: &Element) -> Element {
    let rest = has_remainder(element);
    let mut element = element.clone();
    if let Element::WaitEvent { wait, on_timeout, .. } = &mut element
        && wait.up_to.is_none()
    {
        *on_timeout = None;
    } else if let Element::Split { otherwise, .. } = &mut element
        && !rest
    {
        *otherwise = None;
    }
    element
}
