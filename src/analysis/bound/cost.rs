//! Costs of a run. In: a graph and the project's prices. Out: the path with the lowest cost and the path with the
//! highest.

use super::funnel::effective_limits;
use super::path_weight::{Extreme, WeightedGraph, WeightedPath};
use super::report::{PathCost, RunCost};
use super::{Count, NodeIx, channels, messages_on, send_at, sends};
use crate::analysis::message::sms::most_segments;
use crate::check::program::{Content, Limit, Send};
use crate::check::{Context, MessageSettings};
use crate::graph::{Entry, Graph};
use crate::value::{Decimal, Money};
use std::cmp::Reverse;

/// Amounts are counted in ten-thousandths of the currency unit.
const PARTS: u64 = 10_000;

/// The prices of messages.
pub(super) struct Prices<'a> {
    settings: &'a MessageSettings,
}

impl<'a> Prices<'a> {
    pub(super) fn new(context: &'a Context) -> Self {
        Self { settings: &context.messages }
    }

    /// Returns the cost of a run of a funnel; `None` if the project has no prices.
    pub(super) fn cost(&self, graph: &Graph) -> Option<RunCost> {
        let currency = &self.settings.prices.values().next()?.currency;
        let all = graph.entries.iter().map(|entry| self.highest(graph, entry));
        let highest = all.max_by_key(|path| path.weight)?;
        let least = graph.entries.iter().map(|entry| self.path(graph, entry, Extreme::Lightest, &|_| true));
        let lowest = least.min_by_key(|path| path.weight)?;
        let bill = |path: WeightedPath| PathCost {
            amount: path.weight.number().map(|parts| money(parts, currency)),
            path: messages_on(graph, path.visits.into_iter().map(|(ix, times)| (ix, times, None))),
        };
        Some(RunCost { lowest: bill(lowest), highest: bill(highest) })
    }

    /// The path of a run from one entry on which the counted messages cost the most or the least.
    fn path(&self, graph: &Graph, entry: &Entry, extreme: Extreme, counts: &dyn Fn(NodeIx) -> bool) -> WeightedPath {
        let weigh = |ix: NodeIx, usual: bool| {
            let send = send_at(graph, ix).filter(|_| usual && counts(ix));
            send.map_or(Count::ZERO, |send| Count::Finite(self.of(send)))
        };
        WeightedGraph { graph, weigh: &weigh }.path(entry.start, None, extreme)
    }

    /// The most expensive path of a run from one entry, within the limits. Each channel is capped separately; the sum
    /// may exceed what a single path can cost, but is never less.
    fn highest(&self, graph: &Graph, entry: &Entry) -> WeightedPath {
        let whole = self.path(graph, entry, Extreme::Heaviest, &|_| true);
        let limits = effective_limits(graph, entry);
        if limits.is_empty() {
            return whole;
        }
        let capped = |channel: Option<&str>| {
            let counts = |ix: NodeIx| sends(graph, ix, channel);
            let path = self.path(graph, entry, Extreme::Heaviest, &counts);
            let most_expensive = self.most_expensive(graph, entry, &limits, &counts);
            if most_expensive.weight <= path.weight { most_expensive } else { path }
        };
        // Internal notifications are not subject to the client's limits.
        let of_house = self.path(graph, entry, Extreme::Heaviest, &|ix| !sends(graph, ix, None));
        let each = channels(graph).into_iter().map(|channel| capped(Some(channel)));
        let each = each.fold(of_house.clone(), joined);
        [joined(of_house, capped(None)), each, whole].into_iter().min_by_key(|path| path.weight).unwrap_or_default()
    }

    /// The most expensive of the counted messages that limits allow, regardless of the path.
    fn most_expensive(
        &self,
        graph: &Graph,
        entry: &Entry,
        limits: &[(&Limit, Count)],
        counts: &dyn Fn(NodeIx) -> bool,
    ) -> WeightedPath {
        let all = (0..).map(NodeIx).take(graph.nodes.len()).filter(|ix| counts(*ix));
        let mut sends: Vec<_> = all.filter_map(|ix| send_at(graph, ix).map(|send| (self.of(send), ix, send))).collect();
        sends.sort_by_key(|(price, ix, _)| (Reverse(*price), *ix));
        let mut left: Vec<(&Limit, Count)> = limits.to_vec();
        let mut path = WeightedPath::default();
        for (price, ix, send) in sends.into_iter().filter(|(price, ..)| *price > 0) {
            let once = |at: NodeIx, usual: bool| Count::Finite(u64::from(usual && at == ix));
            let most = WeightedGraph { graph, weigh: &once }.path(entry.start, None, Extreme::Heaviest).weight;
            let about = |limit: &Limit| limit.channel.as_ref().is_none_or(|channel| *channel == send.channel);
            let room = left.iter().filter(|(limit, _)| about(limit)).map(|(_, room)| *room);
            let Some(times) = room.fold(most, Count::min).number() else {
                return WeightedPath { weight: Count::Unbounded, ..path };
            };
            for (_, room) in left.iter_mut().filter(|(limit, _)| about(limit)) {
                *room = room.number().map_or(Count::Unbounded, |room| Count::Finite(room.saturating_sub(times)));
            }
            path.weight = path.weight + Count::Finite(price).times(times);
            path.visits.extend((times > 0).then_some((ix, times)));
        }
        path.visits.sort_unstable();
        path
    }

    /// The highest cost of a message, in [`PARTS`].
    fn of(&self, send: &Send) -> u64 {
        let Some(price) = self.settings.prices.get(&send.channel) else { return 0 };
        let parts = price.amount.checked_mul(Decimal::from(PARTS)).and_then(|parts| parts.round().try_into().ok());
        let segments = match &send.content {
            Content::Text(text) if send.channel == "sms" => most_segments(self.settings, text),
            Content::Text(_) | Content::Email { .. } => 1,
        };
        parts.unwrap_or(u64::MAX).saturating_mul(u64::try_from(segments).unwrap_or(u64::MAX))
    }
}

fn money(parts: u64, currency: &str) -> Money {
    Money { amount: Decimal::from(parts) / Decimal::from(PARTS), currency: currency.to_owned() }
}

/// Adds up two paths.
fn joined(mut one: WeightedPath, other: WeightedPath) -> WeightedPath {
    one.weight = one.weight + other.weight;
    one.visits.extend(other.visits);
    one.visits.sort_unstable();
    one
}
