//! Bounds of the project. In: the bounds of its funnels. Out: the most messages that one client can get from all of
//! them.

use super::Inputs;
use super::count::Count;
use super::funnel::{allowed_in, capped_by_channels};
use super::report::{Bound, ChannelBounds, Contribution, FunnelBounds, WindowBound};
use crate::check::program::Purpose;
use crate::value::Duration;
use std::collections::BTreeSet;

impl Inputs<'_> {
    /// Returns the bounds of all channels together, then of each channel.
    pub(super) fn project(&self, funnels: &[FunnelBounds]) -> Vec<ChannelBounds> {
        let rows = funnels.iter().flat_map(|funnel| &funnel.channels);
        let channels: BTreeSet<&str> = rows.filter_map(|row| row.channel.as_deref()).collect();
        let all = std::iter::once(None).chain(channels.iter().copied().map(Some));
        all.map(|channel| self.project_row(funnels, channel, &channels)).collect()
    }

    fn project_row(&self, funnels: &[FunnelBounds], channel: Option<&str>, channels: &BTreeSet<&str>) -> ChannelBounds {
        let window = |(n, length): (usize, &Duration)| {
            let mut service = self.sum(funnels, channel, n, |purpose| *purpose == Purpose::Service);
            let marketing = |channel| {
                let is_marketing = |purpose: &Purpose| matches!(purpose, Purpose::Marketing { .. });
                let mut marketing = self.sum(funnels, channel, n, is_marketing);
                for limit in &self.context.limits {
                    marketing.cap(limit, channel, allowed_in(limit, *length));
                }
                marketing
            };
            let each: Vec<Bound> = match channel {
                Some(_) => Vec::new(),
                None => channels.iter().map(|channel| marketing(Some(*channel))).collect(),
            };
            service.add(&capped_by_channels(marketing(channel), &each.iter().collect::<Vec<_>>()));
            WindowBound { window: *length, bound: service }
        };
        let windows = self.windows.iter().enumerate().map(window).collect();
        ChannelBounds { channel: channel.map(str::to_owned), run: None, with_child_runs: None, windows }
    }

    /// Sums up the bounds of the chosen funnels in the n-th time window.
    fn sum(
        &self,
        funnels: &[FunnelBounds],
        channel: Option<&str>,
        n: usize,
        wanted: impl Fn(&Purpose) -> bool,
    ) -> Bound {
        let mut sum = Bound::default();
        for (funnel, _) in funnels.iter().zip(self.graphs).filter(|(_, graph)| wanted(&graph.settings.purpose)) {
            let row = funnel.channels.iter().find(|row| row.channel.as_deref() == channel);
            row.and_then(|row| row.windows.get(n)).into_iter().for_each(|window| sum.add(&window.bound));
        }
        sum
    }
}

impl Bound {
    /// Adds the bound of another funnel or channel. A bound that is capped by a limit becomes a single contribution.
    pub(super) fn add(&mut self, other: &Self) {
        self.most = self.most + other.most;
        match other.parts.first().filter(|_| other.is_held()) {
            Some(first) => self.parts.push(Contribution {
                each: None,
                runs: Count::Finite(1),
                messages: other.most,
                ..first.clone()
            }),
            None => self.parts.extend(other.parts.iter().filter(|part| part.messages > Count::ZERO).cloned()),
        }
        for limit in &other.limits {
            if !self.limits.contains(limit) {
                self.limits.push(limit.clone());
            }
        }
        self.path.extend(other.path.iter().cloned());
    }

    /// Whether limits make the bound smaller than the sum of its parts.
    #[must_use]
    pub fn is_held(&self) -> bool {
        self.most < self.parts.iter().map(Contribution::most).sum()
    }
}
