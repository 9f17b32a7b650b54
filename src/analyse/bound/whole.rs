//! The bounds of the project. In: those of its funnels. Out: what one client can get over all of them.

use super::View;
use super::count::Count;
use super::figure::{Figure, FunnelBound, Part, Row, Stretch};
use super::funnel::allowed;
use crate::check::program::Purpose;
use crate::value::Duration;
use std::collections::BTreeSet;

impl View<'_> {
    /// All channels together, then each.
    pub(super) fn project(&self, funnels: &[FunnelBound]) -> Vec<Row> {
        let rows = funnels.iter().flat_map(|funnel| &funnel.rows);
        let channels: BTreeSet<&str> = rows.filter_map(|row| row.channel.as_deref()).collect();
        let all = std::iter::once(None).chain(channels.into_iter().map(Some));
        all.map(|channel| self.project_row(funnels, channel)).collect()
    }

    fn project_row(&self, funnels: &[FunnelBound], channel: Option<&str>) -> Row {
        let stretch = |(n, length): (usize, &Duration)| {
            let (mut service, mut marketing) = (Figure::default(), Figure::default());
            for (funnel, graph) in funnels.iter().zip(self.graphs) {
                let row = funnel.rows.iter().find(|row| row.channel.as_deref() == channel);
                let Some(figure) = row.and_then(|row| Some(&row.stretches.get(n)?.figure)) else { continue };
                match graph.settings.purpose {
                    Purpose::Service => service.add(figure),
                    Purpose::Marketing { .. } => marketing.add(figure),
                }
            }
            for limit in &self.context.limits {
                marketing.cap(limit, channel, allowed(limit, *length));
            }
            service.add(&marketing);
            Stretch { length: *length, figure: service }
        };
        let stretches = self.stretches.iter().enumerate().map(stretch).collect();
        Row { channel: channel.map(str::to_owned), run: None, with_started: None, stretches }
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
