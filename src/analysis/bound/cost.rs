//! What runs cost. In: a graph and the project's prices. Out: the cheapest and the dearest way.

use super::figure::{Bill, Cost};
use super::funnel::let_through;
use super::path_weight::{Want, Way, Weighed};
use super::{Count, NodeIx, channels, sends, sent, told};
use crate::analysis::message::sms::most_segments;
use crate::check::program::{Content, Limit, Send};
use crate::check::{Context, Reach};
use crate::graph::{Entry, Graph};
use crate::value::{Decimal, Money};
use std::cmp::Reverse;

/// Parts of the currency's unit that amounts are counted in: a ten-thousandth.
const PARTS: u64 = 10_000;

/// What messages cost.
pub(super) struct Prices<'a> {
    reach: &'a Reach,
}

impl<'a> Prices<'a> {
    pub(super) fn new(context: &'a Context) -> Self {
        Self { reach: &context.reach }
    }

    /// What a run of a funnel costs; `None` where the project has no prices.
    pub(super) fn cost(&self, graph: &Graph) -> Option<Cost> {
        let currency = &self.reach.prices.values().next()?.currency;
        let all = graph.entries.iter().map(|entry| self.dearest(graph, entry));
        let dearest = all.max_by_key(|way| way.weight)?;
        let least = graph.entries.iter().map(|entry| self.way(graph, entry, Want::Lightest, &|_| true));
        let cheapest = least.min_by_key(|way| way.weight)?;
        let bill = |way: Way| Bill {
            amount: way.weight.number().map(|parts| money(parts, currency)),
            path: told(graph, way.passed.into_iter().map(|(ix, times)| (ix, times, None))),
        };
        Some(Cost { cheapest: bill(cheapest), dearest: bill(dearest) })
    }

    /// The way of a run by one entry on which some of its messages cost the most, or the least.
    fn way(&self, graph: &Graph, entry: &Entry, want: Want, counts: &dyn Fn(NodeIx) -> bool) -> Way {
        let weigh = |ix: NodeIx, usual: bool| {
            let send = sent(graph, ix).filter(|_| usual && counts(ix));
            send.map_or(Count::ZERO, |send| Count::Most(self.of(send)))
        };
        Weighed { graph, weigh: &weigh }.way(entry.start, None, want)
    }

    /// The dearest way of a run by one entry, with no more messages than the limits let through. What each channel may have is
    /// counted by itself; together that is more than one way may have, and never less.
    fn dearest(&self, graph: &Graph, entry: &Entry) -> Way {
        let whole = self.way(graph, entry, Want::Heaviest, &|_| true);
        let limits = let_through(graph, entry);
        if limits.is_empty() {
            return whole;
        }
        let capped = |channel: Option<&str>| {
            let counts = |ix: NodeIx| sends(graph, ix, channel);
            let way = self.way(graph, entry, Want::Heaviest, &counts);
            let few = self.few(graph, entry, &limits, &counts);
            if few.weight <= way.weight { few } else { way }
        };
        // What goes to the house is under no limit of the client's.
        let of_house = self.way(graph, entry, Want::Heaviest, &|ix| !sends(graph, ix, None));
        let each = channels(graph).into_iter().map(|channel| capped(Some(channel)));
        let each = each.fold(of_house.clone(), both);
        [both(of_house, capped(None)), each, whole].into_iter().min_by_key(|way| way.weight).unwrap_or_default()
    }

    /// The dearest of some messages that limits let through, however a run comes to them.
    fn few(&self, graph: &Graph, entry: &Entry, limits: &[(&Limit, Count)], counts: &dyn Fn(NodeIx) -> bool) -> Way {
        let all = (0..).map(NodeIx).take(graph.nodes.len()).filter(|ix| counts(*ix));
        let mut sends: Vec<_> = all.filter_map(|ix| sent(graph, ix).map(|send| (self.of(send), ix, send))).collect();
        sends.sort_by_key(|(price, ix, _)| (Reverse(*price), *ix));
        let mut left: Vec<(&Limit, Count)> = limits.to_vec();
        let mut way = Way::default();
        for (price, ix, send) in sends.into_iter().filter(|(price, ..)| *price > 0) {
            let once = |at: NodeIx, usual: bool| Count::Most(u64::from(usual && at == ix));
            let passed = Weighed { graph, weigh: &once }.way(entry.start, None, Want::Heaviest).weight;
            let about = |limit: &Limit| limit.channel.as_ref().is_none_or(|channel| *channel == send.channel);
            let room = left.iter().filter(|(limit, _)| about(limit)).map(|(_, room)| *room);
            let Some(times) = room.fold(passed, Count::min).number() else {
                return Way { weight: Count::Endless, ..way };
            };
            for (_, room) in left.iter_mut().filter(|(limit, _)| about(limit)) {
                *room = room.number().map_or(Count::Endless, |room| Count::Most(room.saturating_sub(times)));
            }
            way.weight = way.weight + Count::Most(price).times(times);
            way.passed.extend((times > 0).then_some((ix, times)));
        }
        way.passed.sort_unstable();
        way
    }

    /// What a message costs at most, in parts.
    fn of(&self, send: &Send) -> u64 {
        let Some(price) = self.reach.prices.get(&send.channel) else { return 0 };
        let parts = price.amount.checked_mul(Decimal::from(PARTS)).and_then(|parts| parts.round().try_into().ok());
        let segments = match &send.content {
            Content::Text(text) if send.channel == "sms" => most_segments(self.reach, text),
            Content::Text(_) | Content::Email { .. } => 1,
        };
        parts.unwrap_or(u64::MAX).saturating_mul(u64::try_from(segments).unwrap_or(u64::MAX))
    }
}

fn money(parts: u64, currency: &str) -> Money {
    Money { amount: Decimal::from(parts) / Decimal::from(PARTS), currency: currency.to_owned() }
}

/// Two ways as one.
fn both(mut one: Way, other: Way) -> Way {
    one.weight = one.weight + other.weight;
    one.passed.extend(other.passed);
    one.passed.sort_unstable();
    one
}
