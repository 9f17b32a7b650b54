//! Upper bounds on the messages that one client can get. In: the program, its graphs and the project. Out: bounds with
//! the paths that reach them, and a diagnostic for each that exceeds `max_messages`.

mod child_runs;
mod cost;
mod count;
mod elapsed;
mod finding;
mod funnel;
mod max_duration;
mod min_delay;
mod path_weight;
mod project;
mod report;
mod run_rate;
mod sliding_window;

pub use count::Count;
pub use finding::arithmetic;
pub use report::{
    Bound, Bounds, ChannelBounds, Contribution, FunnelBounds, PathCost, RunCost, SentMessage, WindowBound,
};

use crate::check::program::{Expr, Send, Source};
use crate::check::{Context, Program};
use crate::diagnostic::Diagnostic;
use crate::graph::{Element, Graph, NodeIx};
use crate::value::Duration;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// The time windows that are reported: 24 hours, and 7 calendar days.
pub const WINDOWS: [Duration; 2] =
    [Duration { months: 0, days: 0, ms: 86_400_000 }, Duration { months: 0, days: 7, ms: 0 }];

/// Computes all bounds.
#[must_use]
pub fn bounds(program: &Program, graphs: &[Arc<Graph>], context: &Context) -> Bounds {
    all(program, graphs, context, &WINDOWS)
}

/// Computes only the bounds of single runs, which is fast.
#[must_use]
pub fn runs(program: &Program, graphs: &[Arc<Graph>], context: &Context) -> Vec<FunnelBounds> {
    all(program, graphs, context, &[]).funnels
}

/// Reports each bound that exceeds `max_messages`.
#[must_use]
pub fn over_ceiling(program: &Program, graphs: &[Arc<Graph>], context: &Context) -> Vec<Diagnostic> {
    if context.messages.ceilings.is_empty() {
        return Vec::new();
    }
    let windows: BTreeSet<_> = context.messages.ceilings.iter().filter_map(|ceiling| ceiling.per).map(key).collect();
    let windows: Vec<Duration> = windows.into_iter().map(|(months, days, ms)| Duration { months, days, ms }).collect();
    let bounds = all(program, graphs, context, &windows);
    context.messages.ceilings.iter().flat_map(|ceiling| finding::too_many(&bounds, ceiling)).collect()
}

fn key(duration: Duration) -> (i32, i32, i64) {
    (duration.months, duration.days, duration.ms)
}

fn all(program: &Program, graphs: &[Arc<Graph>], context: &Context, windows: &[Duration]) -> Bounds {
    let all: BTreeSet<&str> = graphs.iter().flat_map(|graph| channels(graph)).collect();
    let all = std::iter::once(None).chain(all.into_iter().map(Some));
    let started = all.map(|channel| (channel, child_runs::with_child_runs(graphs, channel))).collect();
    let inputs = Inputs { catalog: &program.catalog, graphs, context, windows, started: &started };
    let prices = cost::Prices::new(context);
    let funnel =
        |(n, graph): (usize, &Arc<Graph>)| FunnelBounds { cost: prices.cost(graph), ..inputs.funnel(n, graph) };
    let funnels: Vec<FunnelBounds> = graphs.iter().enumerate().map(funnel).collect();
    let project = inputs.project(&funnels);
    Bounds { funnels, project }
}

/// The inputs of the computation.
#[derive(Clone, Copy)]
struct Inputs<'a> {
    catalog: &'a crate::check::program::Catalog,
    graphs: &'a [Arc<Graph>],
    context: &'a Context,
    windows: &'a [Duration],
    /// The most messages of a run and the runs that it starts: by channel, for each funnel.
    started: &'a BTreeMap<Option<&'a str>, Vec<Count>>,
}

/// The send of a node, if it is a `send`.
fn send_at(graph: &Graph, ix: NodeIx) -> Option<&Send> {
    let Some(Element::Send { send, .. }) = graph.node(ix).map(|node| &node.element) else { return None };
    Some(send)
}

/// Whether a node sends to the client on a channel, or on any channel. Messages to a fixed address or to the business
/// are internal notifications.
fn sends(graph: &Graph, ix: NodeIx, channel: Option<&str>) -> bool {
    let to_client = |send: &&Send| {
        let of_house = matches!(&send.to, Expr::Field(read) if read.source == Source::Business);
        !of_house && !matches!(&send.to, Expr::Value(_))
    };
    let send = send_at(graph, ix).filter(to_client);
    send.is_some_and(|send| channel.is_none_or(|channel| channel == send.channel))
}

/// The channels on which a funnel sends to clients.
fn channels(graph: &Graph) -> BTreeSet<&str> {
    let all = (0..).map(NodeIx).take(graph.nodes.len()).filter(|ix| sends(graph, *ix, None));
    all.filter_map(|ix| Some(send_at(graph, ix)?.channel.as_str())).collect()
}

/// The messages of a path with their counts, in order of first occurrence.
fn messages_on(graph: &Graph, visits: impl IntoIterator<Item = (NodeIx, u64, Option<i64>)>) -> Vec<SentMessage> {
    let mut sent: Vec<SentMessage> = Vec::new();
    let mut at: BTreeMap<(NodeIx, Option<i64>), usize> = BTreeMap::new();
    for (ix, times, after_ms) in visits {
        let Some(node) = graph.node(ix) else { continue };
        if let Some(known) = at.get(&(ix, after_ms)).and_then(|n| sent.get_mut(*n)) {
            known.times = known.times.saturating_add(times);
            continue;
        }
        at.insert((ix, after_ms), sent.len());
        let (element, text) = (node.id.0.clone(), node.text.clone());
        sent.push(SentMessage { funnel: graph.funnel.clone(), element, text, span: node.span, times, after_ms });
    }
    sent
}
