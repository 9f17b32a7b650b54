//! The bounds of the project. In: those of its funnels. Out: what one client can get over all of them.

use super::View;
use super::count::Count;
use super::figure::{Figure, FunnelBound, Part, Row, Stretch};
use super::funnel::{allowed, capped_by_channels};
use crate::check::program::Purpose;
use crate::value::Duration;
use std::collections::BTreeSet;

impl View<'_> {
    /// All channels together, then each.
    pub(super) fn project(&self, funnels: &[FunnelBound]) -> Vec<Row> {
        let rows = funnels.iter().flat_map(|funnel| &funnel.rows);
        let channels: BTreeSet<&str> = rows.filter_map(|row| row.channel.as_deref()).collect();
        let all = std::iter::once(None).chain(channels.iter().copied().map(Some));
        all.map(|channel| self.project_row(funnels, channel, &channels)).collect()
    }

    fn project_row(&self, funnels: &[FunnelBound], channel: Option<&str>, channels: &BTreeSet<&str>) -> Row {
        let stretch = |(n, length): (usize, &Duration)| {
            let mut service = self.sum(funnels, channel, n, |purpose| *purpose == Purpose::Service);
            let marketing = |channel| {
                let is_marketing = |purpose: &Purpose| matches!(purpose, Purpose::Marketing { .. });
                let mut marketing = self.sum(funnels, channel, n, is_marketing);
                for limit in &self.context.limits {
                    marketing.cap(limit, channel, allowed(limit, *length));
                }
                marketing
            };
            let each: Vec<Figure> = match channel {
                Some(_) => Vec::new(),
                None => channels.iter().map(|channel| marketing(Some(*channel))).collect(),
            };
            service.add(&capped_by_channels(marketing(channel), &each.iter().collect::<Vec<_>>()));
            Stretch { length: *length, figure: service }
        };
        let stretches = self.stretches.iter().enumerate().map(stretch).collect();
        Row { channel: channel.map(str::to_owned), run: None, with_started: None, stretches }
    }

    /// What some funnels send in the stretch with this number.
    fn sum(
        &self,
        funnels: &[FunnelBound],
        channel: Option<&str>,
        n: usize,
        wanted: impl Fn(&Purpose) -> bool,
    ) -> Figure {
        let mut sum = Figure::default();
        for (funnel, _) in funnels.iter().zip(self.graphs).filter(|(_, graph)| wanted(&graph.settings.purpose)) {
            let row = funnel.rows.iter().find(|row| row.channel.as_deref() == channel);
            row.and_then(|row| row.stretches.get(n)).into_iter().for_each(|stretch| sum.add(&stretch.figure));
        }
        sum
    }
}

impl Figure {
    /// Adds what another funnel or channel sends. Where a limit holds it, that is all of it, whatever there is a run for.
    pub(super) fn add(&mut self, other: &Self) {
        self.most = self.most + other.most;
        match other.parts.first().filter(|_| other.is_held()) {
            Some(first) => {
                self.parts.push(Part { each: None, runs: Count::Most(1), messages: other.most, ..first.clone() })
            }
            None => self.parts.extend(other.parts.iter().filter(|part| part.messages > Count::ZERO).cloned()),
        }
        for limit in &other.limits {
            if !self.limits.contains(limit) {
                self.limits.push(limit.clone());
            }
        }
        self.path.extend(other.path.iter().cloned());
    }

    /// Whether limits make it less than the sum of its parts.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.most < self.parts.iter().map(Part::most).sum()
    }
}
