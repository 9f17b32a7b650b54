//! What runs cost. In: a graph and the project's prices. Out: the cheapest and the dearest way.

use super::figure::{Bill, Cost};
use super::way::{Want, Way, Weighed};
use super::{Count, NodeIx};
use super::{sent, told};
use crate::analyse::sms::most_segments;
use crate::check::program::{Content, Send};
use crate::check::{Context, Reach};
use crate::graph::Graph;
use crate::value::{Decimal, Money};

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
        let weigh = |ix: NodeIx, usual: bool| {
            let send = sent(graph, ix).filter(|_| usual);
            send.map_or(Count::ZERO, |send| Count::Most(self.of(send)))
        };
        let weighed = Weighed { graph, weigh: &weigh };
        let all = graph.entries.iter().map(|entry| weighed.way(entry.start, None, Want::Heaviest));
        let dearest = all.max_by_key(|way| way.weight)?;
        let least = graph.entries.iter().map(|entry| weighed.way(entry.start, None, Want::Lightest));
        let cheapest = least.min_by_key(|way| way.weight)?;
        let bill = |way: Way| Bill {
            amount: way.weight.number().map(|parts| money(parts, currency)),
            path: told(graph, way.passed.into_iter().map(|(ix, times)| (ix, times, None))),
        };
        Some(Cost { cheapest: bill(cheapest), dearest: bill(dearest) })
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
