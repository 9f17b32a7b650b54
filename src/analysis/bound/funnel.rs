//! One funnel's bounds. In: its graph. Out: the most of a run, and of all runs of a client in a stretch of time.

use super::count::Count;
use super::elapsed::SHIFT;
use super::figure::{Figure, FunnelBound, Part, Row, Stretch};
use super::max_duration::longest;
use super::path_weight::{Want, Way, Weighed};
use super::run_rate::{Supply, ruled, runs, supplies};
use super::window::{Most, Search};
use super::{View, channels, sends, told};
use crate::check::program::{Limit, Over, Purpose};
use crate::graph::{Element, Entry, Graph, NodeIx};
use crate::value::Duration;

impl View<'_> {
    /// The bounds of one funnel, all channels together first.
    pub(super) fn funnel(&self, n: usize, graph: &Graph) -> FunnelBound {
        let each: Vec<Row> =
            channels(graph).into_iter().map(|channel| self.row(n, graph, Some(channel), &[])).collect();
        let rows = std::iter::once(self.row(n, graph, None, &each)).chain(each.iter().cloned()).collect();
        FunnelBound { funnel: graph.funnel.clone(), rows, cost: None }
    }

    fn row(&self, n: usize, graph: &Graph, channel: Option<&str>, each: &[Row]) -> Row {
        let alone: Vec<&Figure> = each.iter().filter_map(|row| row.run.as_ref()).collect();
        let run = capped_by_channels(run(graph, channel), &alone);
        let started = self.started.get(&channel).and_then(|counts| counts.get(n)).copied().unwrap_or_default();
        let stretch = |(n, length): (usize, &Duration)| {
            let figure = self.stretch(graph, channel, *length);
            let alone: Vec<&Figure> = each.iter().filter_map(|row| Some(&row.stretches.get(n)?.figure)).collect();
            Stretch { length: *length, figure: capped_by_channels(figure, &alone) }
        };
        let stretches = self.stretches.iter().enumerate().map(stretch).collect();
        let with_started = (started > run.most).then_some(started);
        Row { channel: channel.map(str::to_owned), run: Some(run), with_started, stretches }
    }

    /// The most of all runs of a client in a stretch of time.
    fn stretch(&self, graph: &Graph, channel: Option<&str>, length: Duration) -> Figure {
        let starts = |graph: &Graph, node: &crate::graph::Node| matches!(&node.element, Element::Start { funnel, .. } if *funnel == graph.funnel);
        let is_started = self.graphs.iter().any(|other| other.nodes.iter().any(|node| starts(graph, node)));
        let mut figure = Figure::default();
        for (supply, entries) in supplies(self.catalog, graph, is_started) {
            let most = entries.iter().map(|entry| of_run(graph, entry, channel, length));
            let Some(most) = most.max_by_key(|most| most.count).filter(|most| most.count > Count::ZERO) else {
                continue;
            };
            let take = |entry: &&Entry| longest(graph, entry.start);
            let (each, runs) = match supply {
                Supply::Once => (None, Count::Most(1)),
                Supply::Each(what) => (Some(what), Count::Most(1)),
                Supply::Spaced(_, gap) => (None, runs(gap, entries.iter().map(take).max().unwrap_or_default(), length)),
                Supply::Ruled(_, rule) => {
                    (None, ruled(&rule, entries.iter().map(take).max().unwrap_or_default(), length))
                }
            };
            figure.parts.push(Part { funnel: graph.funnel.clone(), each, runs, messages: most.count });
            let mut sent = most.sent;
            sent.sort_by_key(|(ix, after)| (*after, *ix));
            figure.path.extend(told(graph, sent.into_iter().map(|(ix, after)| (ix, 1, Some(after)))));
        }
        figure.most = figure.parts.iter().map(Part::most).sum();
        for limit in graph.settings.limits.iter().filter(|limit| !limit.whole_project) {
            figure.cap(limit, channel, allowed(limit, length));
        }
        figure
    }
}

/// The most that one run sends on a channel.
pub(super) fn run(graph: &Graph, channel: Option<&str>) -> Figure {
    let ways = graph.entries.iter().map(|entry| (entry, way(graph, entry, channel)));
    let heaviest = ways.max_by_key(|(_, way)| way.weight);
    heaviest.map(|(entry, way)| run_by(graph, entry, channel, &way)).unwrap_or_default()
}

/// The most that a run by one entry sends on a channel, on a way with most.
fn run_by(graph: &Graph, entry: &Entry, channel: Option<&str>, way: &Way) -> Figure {
    let part = Part { funnel: graph.funnel.clone(), each: None, runs: Count::Most(1), messages: way.weight };
    let path = told(graph, way.passed.iter().map(|(ix, times)| (*ix, *times, None)));
    let mut figure = Figure { most: way.weight, parts: vec![part], limits: Vec::new(), path };
    for (limit, allowed) in let_through(graph, entry) {
        figure.cap(limit, channel, allowed);
    }
    figure
}

/// The limits that hold for a run by one entry, each with what it lets through of all that the run sends: a run that ends soon enough
/// lies in few stretches of a limit.
pub(super) fn let_through<'g>(graph: &'g Graph, entry: &Entry) -> Vec<(&'g Limit, Count)> {
    let marketing = matches!(graph.settings.purpose, Purpose::Marketing { .. });
    let longest = longest(graph, entry.start).number().and_then(|ms| i64::try_from(ms).ok());
    let Some(longest) = longest else { return Vec::new() };
    let length = Duration::exact(longest.saturating_add(SHIFT));
    let hold = graph.settings.limits.iter().filter(|limit| marketing || !limit.whole_project);
    hold.map(|limit| (limit, allowed(limit, length))).collect()
}

/// The most that a run by one entry sends on a channel; on all together no more than the sum of what it sends on each.
pub(super) fn most_of_run(graph: &Graph, entry: &Entry, channel: Option<&str>) -> Count {
    let most = |channel| run_by(graph, entry, channel, &way(graph, entry, channel)).most;
    let each = channel.is_none().then(|| channels(graph).into_iter().map(|channel| most(Some(channel))).sum());
    each.map_or_else(|| most(channel), |each: Count| each.min(most(channel)))
}

/// The heaviest way of a run by one entry.
pub(super) fn way(graph: &Graph, entry: &Entry, channel: Option<&str>) -> Way {
    let weigh = |ix: NodeIx, usual: bool| Count::Most(u64::from(usual && sends(graph, ix, channel)));
    Weighed { graph, weigh: &weigh }.way(entry.start, None, Want::Heaviest)
}

/// The most that a run by one entry sends in a stretch; never more than in its whole life.
fn of_run(graph: &Graph, entry: &Entry, channel: Option<&str>, length: Duration) -> Most {
    let counts = |ix: NodeIx| sends(graph, ix, channel);
    let most = Search::new(graph, entry.start, length, &counts).most();
    let whole = way(graph, entry, channel);
    if whole.weight < most.count {
        let sent =
            whole.passed.iter().flat_map(|(ix, times)| vec![(*ix, 0); usize::try_from(*times).unwrap_or(1).min(99)]);
        return Most { count: whole.weight, sent: sent.collect() };
    }
    most
}

/// How many messages a limit lets through in a stretch of time.
pub(super) fn allowed(limit: &Limit, length: Duration) -> Count {
    let per = limit.per;
    let days = |days: i64, months: i32, of_month: i64| (i64::from(months) * of_month + days) * 86_400_000;
    let moved =
        if per.is_calendar() == length.is_calendar() && (per.ms == 0 || !per.is_calendar()) { 0 } else { SHIFT };
    let least = days(i64::from(per.days), per.months, 28) + per.ms - moved;
    let most = days(i64::from(length.days), length.months, 31) + length.ms;
    if per == length || most <= least {
        return Count::Most(u64::from(limit.count));
    }
    if least <= 0 {
        return Count::Endless;
    }
    let stretches = most.saturating_add(least - 1).div_euclid(least).max(1).unsigned_abs();
    Count::Most(u64::from(limit.count).saturating_mul(stretches))
}

impl Figure {
    /// Takes a limit into account, where it is about the channel.
    pub(super) fn cap(&mut self, limit: &Limit, channel: Option<&str>, allowed: Count) {
        let about = limit.channel.is_none() || limit.channel.as_deref() == channel;
        if about && allowed < self.most {
            self.most = allowed;
            self.limits.push(written(limit));
            self.cut();
        }
    }
}

impl Figure {
    /// Leaves out of the way what is more than the limits let through.
    fn cut(&mut self) {
        let Some(mut left) = self.most.number() else { return };
        for sent in &mut self.path {
            sent.times = sent.times.min(left);
            left -= sent.times;
        }
        self.path.retain(|sent| sent.times > 0);
    }
}

/// All channels together are no more than what each of them has by itself.
pub(super) fn capped_by_channels(figure: Figure, alone: &[&Figure]) -> Figure {
    let mut sum = Figure::default();
    alone.iter().for_each(|figure| sum.add(figure));
    if alone.is_empty() || sum.most >= figure.most { figure } else { Figure { path: figure.path, ..sum } }
}

/// A limit as it is written.
pub(super) fn written(limit: &Limit) -> String {
    let what = limit.channel.as_deref().unwrap_or("messages");
    let over = match limit.over {
        Over::Skip => "skip".to_owned(),
        Over::Defer(up_to) => format!("defer up to {up_to}"),
    };
    format!("{} {what} per {} else {over}", limit.count, limit.per)
}
