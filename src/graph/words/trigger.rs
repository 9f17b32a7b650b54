//! Triggers and events in words.

use super::{Voice, plain};
use crate::check::program::{Change, DateTrigger, Pattern, Trigger};
use crate::graph::Entry;
use crate::say;
use crate::value::{Duration, Schedule};

impl Voice<'_> {
    pub(super) fn trigger(&self, entry: &Entry) -> String {
        let mut out = match &entry.trigger {
            Trigger::Happened { patterns, .. } => self.patterns(patterns),
            Trigger::Segment { segment, entering } => self.crossing(&segment.name, *entering),
            Trigger::Silence { event, duration, .. } => {
                self.said(&say!("no {event} for {length}", event = plain(event), length = self.duration(*duration)))
            }
            Trigger::Date(date) => self.day(date),
            Trigger::Started { .. } => self.said(&say!("started by another funnel")),
            Trigger::Every { schedule, segment } => {
                let times = self.schedule(schedule);
                match segment {
                    Some(segment) => self.said(&say!("{times}, for {segment}", times, segment = plain(&segment.name))),
                    None => times,
                }
            }
        };
        if let Some(filter) = &entry.filter {
            out = format!("{out}\n{}", self.said(&say!("if {condition}", condition = self.expr(filter))));
        }
        if let Some(holds) = entry.trigger.holds() {
            out = format!("{out}\n{}", self.said(&say!("as long as {condition}", condition = self.expr(holds))));
        }
        out
    }

    /// `booking cancelled or visit`
    pub(super) fn patterns(&self, patterns: &[Pattern]) -> String {
        let named = patterns.iter().map(|pattern| self.pattern(pattern));
        named.reduce(|all, one| self.said(&say!("{left} or {right}", left = all, right = one))).unwrap_or_default()
    }

    fn pattern(&self, pattern: &Pattern) -> String {
        let event = plain(&pattern.event);
        match &pattern.change {
            Change::Created => event,
            Change::Updated => self.said(&say!("{event} changed", event)),
            Change::TurnedTrue(field) => format!("{event} {}", plain(field)),
            Change::FieldChanged(field) | Change::FieldBecame(field) => {
                self.said(&say!("{field} of the {event} changed", field = plain(field), event))
            }
            Change::Crossed(crossing) => self.crossing(&crossing.segment.name, crossing.entering),
        }
    }

    fn crossing(&self, segment: &str, entering: bool) -> String {
        let segment = plain(segment);
        self.said(&match entering {
            true => say!("enters segment {segment}", segment),
            false => say!("leaves segment {segment}", segment),
        })
    }

    /// `7 days before the client's birthday, 10:00, every year`
    fn day(&self, trigger: &DateTrigger) -> String {
        let DateTrigger { field, kind, offset, at } = trigger;
        let moment = self.said(&say!("the client's {field}", field = plain(field)));
        let length = self.duration(*offset);
        let moment = match offset.nominal_ms() {
            0 => moment,
            1.. => self.said(&say!("{length} after {moment}", length, moment)),
            _ => self.said(&say!("{length} before {moment}", length, moment)),
        };
        let moment = format!("{moment}, {at}");
        if kind.is_yearly() { self.said(&say!("{moment}, every year", moment)) } else { moment }
    }

    fn schedule(&self, schedule: &Schedule) -> String {
        match schedule {
            Schedule::Days { days, at } if days.is_empty() => self.said(&say!("every day, {at}", at = at.to_string())),
            Schedule::Days { days, at } => {
                self.said(&say!("every week: {days}, {at}", days = self.weekdays(days), at = at.to_string()))
            }
            Schedule::Interval { every, at } => {
                let length: Duration = *every;
                self.said(&say!("every {length}", length = self.duration_at(length, *at)))
            }
            Schedule::Rule(rule) => self.said(&say!("by the rule {rule}", rule)),
            Schedule::Once(at) => self.civil(*at),
        }
    }
}
