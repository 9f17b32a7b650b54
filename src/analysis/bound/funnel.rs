//! Bounds of one funnel. In: its graph. Out: the most messages of a run, and of all runs of a client in a time window.

use super::count::Count;
use super::elapsed::MAX_SHIFT;
use super::max_duration::max_duration;
use super::path_weight::{Extreme, WeightedGraph, WeightedPath};
use super::report::{Bound, ChannelBounds, Contribution, FunnelBounds, WindowBound};
use super::run_rate::{RunRate, max_runs, max_scheduled_runs, run_rates};
use super::sliding_window::{Search, WindowMax};
use super::{Inputs, channels, messages_on, sends};
use crate::check::program::{Limit, Over, Purpose};
use crate::graph::{Element, Entry, Graph, NodeIx};
use crate::value::Duration;

impl Inputs<'_> {
    /// Returns the bounds of one funnel, all channels together first.
    pub(super) fn funnel(&self, n: usize, graph: &Graph) -> FunnelBounds {
        let each: Vec<ChannelBounds> =
            channels(graph).into_iter().map(|channel| self.row(n, graph, Some(channel), &[])).collect();
        let rows = std::iter::once(self.row(n, graph, None, &each)).chain(each.iter().cloned()).collect();
        FunnelBounds { funnel: graph.funnel.clone(), channels: rows, cost: None }
    }

    fn row(&self, n: usize, graph: &Graph, channel: Option<&str>, each: &[ChannelBounds]) -> ChannelBounds {
        let by_channel: Vec<&Bound> = each.iter().filter_map(|row| row.run.as_ref()).collect();
        let run = capped_by_channels(run_bound(graph, channel), &by_channel);
        let started = self.started.get(&channel).and_then(|counts| counts.get(n)).copied().unwrap_or_default();
        let window = |(n, length): (usize, &Duration)| {
            let bound = self.window(graph, channel, *length);
            let by_channel: Vec<&Bound> = each.iter().filter_map(|row| Some(&row.windows.get(n)?.bound)).collect();
            WindowBound { window: *length, bound: capped_by_channels(bound, &by_channel) }
        };
        let windows = self.windows.iter().enumerate().map(window).collect();
        let with_child_runs = (started > run.most).then_some(started);
        ChannelBounds { channel: channel.map(str::to_owned), run: Some(run), with_child_runs, windows }
    }

    /// The most messages of all runs of a client in a time window.
    fn window(&self, graph: &Graph, channel: Option<&str>, length: Duration) -> Bound {
        let starts = |graph: &Graph, node: &crate::graph::Node| matches!(&node.element, Element::Start { funnel, .. } if *funnel == graph.funnel);
        let is_started = self.graphs.iter().any(|other| other.nodes.iter().any(|node| starts(graph, node)));
        let mut bound = Bound::default();
        for (rate, entries) in run_rates(self.catalog, graph, is_started) {
            let most = entries.iter().map(|entry| most_in_window(graph, entry, channel, length));
            let Some(most) = most.max_by_key(|most| most.count).filter(|most| most.count > Count::ZERO) else {
                continue;
            };
            let take = |entry: &&Entry| max_duration(graph, entry.start);
            let (each, runs) = match rate {
                RunRate::Once => (None, Count::Finite(1)),
                RunRate::PerEvent(what) => (Some(what), Count::Finite(1)),
                RunRate::Spaced(_, gap) => {
                    (None, max_runs(gap, entries.iter().map(take).max().unwrap_or_default(), length))
                }
                RunRate::Scheduled(_, rule) => {
                    (None, max_scheduled_runs(&rule, entries.iter().map(take).max().unwrap_or_default(), length))
                }
            };
            bound.parts.push(Contribution { funnel: graph.funnel.clone(), each, runs, messages: most.count });
            let mut sent = most.sent;
            sent.sort_by_key(|(ix, after)| (*after, *ix));
            bound.path.extend(messages_on(graph, sent.into_iter().map(|(ix, after)| (ix, 1, Some(after)))));
        }
        bound.most = bound.parts.iter().map(Contribution::most).sum();
        for limit in graph.settings.limits.iter().filter(|limit| !limit.whole_project) {
            bound.cap(limit, channel, allowed_in(limit, length));
        }
        bound
    }
}

/// Returns the most messages that one run sends on a channel.
pub(super) fn run_bound(graph: &Graph, channel: Option<&str>) -> Bound {
    let paths = graph.entries.iter().map(|entry| (entry, heaviest_path(graph, entry, channel)));
    let heaviest = paths.max_by_key(|(_, path)| path.weight);
    heaviest.map(|(entry, path)| run_by(graph, entry, channel, &path)).unwrap_or_default()
}

/// The most messages that a run from one entry sends on a channel, given its heaviest path.
fn run_by(graph: &Graph, entry: &Entry, channel: Option<&str>, path: &WeightedPath) -> Bound {
    let part = Contribution { funnel: graph.funnel.clone(), each: None, runs: Count::Finite(1), messages: path.weight };
    let messages = messages_on(graph, path.visits.iter().map(|(ix, times)| (*ix, *times, None)));
    let mut bound = Bound { most: path.weight, parts: vec![part], limits: Vec::new(), path: messages };
    for (limit, allowed) in effective_limits(graph, entry) {
        bound.cap(limit, channel, allowed);
    }
    bound
}

/// Returns the limits that apply to a run from one entry, each with the messages that it allows over the whole run. A
/// short run spans few windows of a limit.
pub(super) fn effective_limits<'g>(graph: &'g Graph, entry: &Entry) -> Vec<(&'g Limit, Count)> {
    let marketing = matches!(graph.settings.purpose, Purpose::Marketing { .. });
    let max_duration = max_duration(graph, entry.start).number().and_then(|ms| i64::try_from(ms).ok());
    let Some(max_duration) = max_duration else { return Vec::new() };
    let length = Duration::exact(max_duration.saturating_add(MAX_SHIFT));
    let hold = graph.settings.limits.iter().filter(|limit| marketing || !limit.whole_project);
    hold.map(|limit| (limit, allowed_in(limit, length))).collect()
}

/// Returns the most messages that a run from one entry sends on a channel; for all channels together, at most the sum
/// over the channels.
pub(super) fn most_of_run(graph: &Graph, entry: &Entry, channel: Option<&str>) -> Count {
    let most = |channel| run_by(graph, entry, channel, &heaviest_path(graph, entry, channel)).most;
    let each = channel.is_none().then(|| channels(graph).into_iter().map(|channel| most(Some(channel))).sum());
    each.map_or_else(|| most(channel), |each: Count| each.min(most(channel)))
}

/// Returns the path with the most messages from one entry.
pub(super) fn heaviest_path(graph: &Graph, entry: &Entry, channel: Option<&str>) -> WeightedPath {
    let weigh = |ix: NodeIx, usual: bool| Count::Finite(u64::from(usual && sends(graph, ix, channel)));
    WeightedGraph { graph, weigh: &weigh }.path(entry.start, None, Extreme::Heaviest)
}

/// The most messages that a run from one entry sends in a time window; at most those of the whole run.
fn most_in_window(graph: &Graph, entry: &Entry, channel: Option<&str>, length: Duration) -> WindowMax {
    let counts = |ix: NodeIx| sends(graph, ix, channel);
    let most = Search::new(graph, entry.start, length, &counts).most();
    let whole = heaviest_path(graph, entry, channel);
    if whole.weight < most.count {
        let sent =
            whole.visits.iter().flat_map(|(ix, times)| vec![(*ix, 0); usize::try_from(*times).unwrap_or(1).min(99)]);
        return WindowMax { count: whole.weight, sent: sent.collect() };
    }
    most
}

/// Returns how many messages a limit allows in a time window.
pub(super) fn allowed_in(limit: &Limit, length: Duration) -> Count {
    let per = limit.per;
    let days = |days: i64, months: i32, of_month: i64| (i64::from(months) * of_month + days) * 86_400_000;
    let moved =
        if per.is_calendar() == length.is_calendar() && (per.ms == 0 || !per.is_calendar()) { 0 } else { MAX_SHIFT };
    let least = days(i64::from(per.days), per.months, 28) + per.ms - moved;
    let most = days(i64::from(length.days), length.months, 31) + length.ms;
    if per == length || most <= least {
        return Count::Finite(u64::from(limit.count));
    }
    if least <= 0 {
        return Count::Unbounded;
    }
    let windows = most.saturating_add(least - 1).div_euclid(least).max(1).unsigned_abs();
    Count::Finite(u64::from(limit.count).saturating_mul(windows))
}

impl Bound {
    /// Applies a limit if it concerns the channel.
    pub(super) fn cap(&mut self, limit: &Limit, channel: Option<&str>, allowed: Count) {
        let about = limit.channel.is_none() || limit.channel.as_deref() == channel;
        if about && allowed < self.most {
            self.most = allowed;
            self.limits.push(limit_text(limit));
            self.cut();
        }
    }
}

impl Bound {
    /// Removes messages from the path that exceed the limits.
    fn cut(&mut self) {
        let Some(mut left) = self.most.number() else { return };
        for sent in &mut self.path {
            sent.times = sent.times.min(left);
            left -= sent.times;
        }
        self.path.retain(|sent| sent.times > 0);
    }
}

/// Caps the bound over all channels by the sum of the bounds of each channel.
pub(super) fn capped_by_channels(bound: Bound, by_channel: &[&Bound]) -> Bound {
    let mut sum = Bound::default();
    by_channel.iter().for_each(|bound| sum.add(bound));
    if by_channel.is_empty() || sum.most >= bound.most { bound } else { Bound { path: bound.path, ..sum } }
}

/// Formats a limit as source text.
pub(super) fn limit_text(limit: &Limit) -> String {
    let what = limit.channel.as_deref().unwrap_or("messages");
    let over = match limit.over {
        Over::Skip => "skip".to_owned(),
        Over::Defer(up_to) => format!("defer up to {up_to}"),
    };
    format!("{} {what} per {} else {over}", limit.count, limit.per)
}
