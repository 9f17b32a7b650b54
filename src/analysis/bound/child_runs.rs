//! Messages including those of started runs. In: all graphs. Out: the most messages of a run and of the runs that it
//! starts, where each run stays within its own limits.

use super::count::Count;
use super::funnel::most_of_run;
use super::path_weight::{Extreme, WeightedGraph};
use super::sends;
use crate::check::program::{Expr, Source, Trigger};
use crate::graph::{Element, Entry, Graph, NodeIx};
use std::sync::Arc;

/// Returns, for each funnel, the most messages of a run and of all runs that it starts by `start`, `emit`, `set` and
/// `tag`.
pub(super) fn with_child_runs(graphs: &[Arc<Graph>], channel: Option<&str>) -> Vec<Count> {
    let mut so_far: Vec<Vec<Count>> = graphs.iter().map(|graph| vec![Count::ZERO; graph.entries.len()]).collect();
    let own = |graph: &Arc<Graph>| graph.entries.iter().map(|entry| most_of_run(graph, entry, channel)).collect();
    let own: Vec<Vec<Count>> = graphs.iter().map(own).collect();
    // Each round follows one more started run. A count that still grows after as many rounds as there are entries is
    // unbounded.
    let rounds = so_far.iter().map(Vec::len).sum::<usize>() + 1;
    for round in 0..=rounds {
        let of_graph = |(graph, own): (&Arc<Graph>, &Vec<Count>)| of_entries(graphs, &so_far, graph, own, channel);
        let next: Vec<Vec<Count>> = graphs.iter().zip(&own).map(of_graph).collect();
        if next == so_far {
            break;
        }
        for (old, new) in so_far.iter_mut().flatten().zip(next.into_iter().flatten()) {
            *old = if round == rounds && new > *old { Count::Unbounded } else { new };
        }
    }
    so_far.into_iter().map(|counts| counts.into_iter().max().unwrap_or_default()).collect()
}

fn of_entries(
    graphs: &[Arc<Graph>],
    so_far: &[Vec<Count>],
    graph: &Graph,
    own: &[Count],
    channel: Option<&str>,
) -> Vec<Count> {
    let child_messages =
        |ix: NodeIx| graph.node(ix).map_or(Count::ZERO, |node| child_messages(graphs, so_far, &node.element));
    let both =
        |ix: NodeIx, usual: bool| Count::Finite(u64::from(usual && sends(graph, ix, channel))) + child_messages(ix);
    let heaviest = |weigh: &dyn Fn(NodeIx, bool) -> Count, start: Option<NodeIx>| {
        WeightedGraph { graph, weigh }.path(start, None, Extreme::Heaviest).weight
    };
    let of_entry = |(entry, own): (&Entry, &Count)| {
        heaviest(&both, entry.start).min(*own + heaviest(&|ix, _| child_messages(ix), entry.start))
    };
    graph.entries.iter().zip(own).map(of_entry).collect()
}

/// The messages of the runs that an element starts.
fn child_messages(graphs: &[Arc<Graph>], so_far: &[Vec<Count>], element: &Element) -> Count {
    let by = |event: &str, field: Option<&str>| -> Count {
        let of_graph = graphs.iter().zip(so_far).flat_map(|(graph, counts)| graph.entries.iter().zip(counts));
        of_graph.filter(|(entry, _)| is_started_by(&entry.trigger, event, field)).map(|(_, count)| *count).sum()
    };
    if let Element::Start { funnel, .. } = element {
        let named = graphs.iter().zip(so_far).filter(|(graph, _)| graph.funnel == *funnel);
        return named.map(|(_, counts)| counts.iter().max().copied().unwrap_or_default()).sum();
    }
    let set = if let Element::Set { field, .. } = element { by("client", Some(field)) } else { Count::ZERO };
    let tag = if let Element::Tag { .. } = element { by("client", Some("tags")) } else { Count::ZERO };
    let emit = if let Element::Emit { event, .. } = element { by(event, None) } else { Count::ZERO };
    set + tag + emit
}

fn is_started_by(trigger: &Trigger, event: &str, changed: Option<&str>) -> bool {
    use crate::check::program::Change;
    let Trigger::Happened { patterns, .. } = trigger else { return false };
    let reads = |field: &str| {
        let reads = trigger.holds().map(Expr::reads).unwrap_or_default();
        reads.iter().any(|read| read.source == Source::Client && read.name == field)
    };
    if event == "client" && changed.is_some_and(reads) {
        return true;
    }
    patterns.iter().filter(|pattern| pattern.event == event).any(|pattern| match (&pattern.change, changed) {
        (_, None) => true,
        (Change::TurnedTrue(field) | Change::FieldChanged(field) | Change::FieldBecame(field), Some(changed)) => {
            field == changed
        }
        (Change::Created | Change::Updated | Change::Crossed(_), Some(_)) => false,
    })
}
