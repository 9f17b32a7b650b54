//! Formats the content of funnels: settings, triggers and entries.

use super::layout::{Case, Piece, write_case, write_pieces};
use super::line::LineBuilder;
use super::printer::{BlankLine, Printer};
use crate::source::Spanned;
use crate::syntax::ast::{
    BinaryOp, DayRange, DurationLit, Enter, Entry, EventPath, HoursWindow, LimitElse, Schedule, Setting, SettingKind,
    Trigger, TriggerKind,
};
use crate::value::TimeOfDay;

/// Writes the content of a funnel: settings, then entries with a blank line before each.
pub(super) fn body(printer: &mut Printer<'_>, indent: usize, settings: &[Setting], entries: &[Entry]) {
    for setting in settings {
        let line = LineBuilder::new(printer.source).setting(setting).take();
        write_pieces(printer, indent, "", setting.span, &[Piece::Inline(line)], BlankLine::Keep);
    }
    for entry in entries {
        write_case(printer, indent, &case(printer, entry), BlankLine::Force);
    }
}

/// An entry as a head and its chain.
pub(super) fn case<'t>(printer: &Printer<'_>, entry: &'t Entry) -> Case<'t> {
    let head = LineBuilder::new(printer.source).trigger(&entry.trigger).take();
    Case { head, place: entry.trigger.span.range(), chain: &entry.chain }
}

impl LineBuilder<'_> {
    fn trigger(&mut self, trigger: &Trigger) -> &mut Self {
        match &trigger.kind {
            TriggerKind::Events(events) => self.put("on ").events(events),
            TriggerKind::Segment { entering, name } => self.put("on ").segment(*entering, name),
            TriggerKind::Silence { event, duration } => self.put("on no ").name(event).put(" for ").duration(duration),
            TriggerKind::Start { event: None } => self.put("on start"),
            TriggerKind::Start { event: Some(event) } => self.put("on start with ").name(event),
            TriggerKind::Date { path, shift, at } => self.put("on ").date(path, shift.as_ref(), at.as_ref()),
            TriggerKind::Every { schedule, segment } => {
                let once = matches!(schedule, Schedule::Once(_));
                self.put(if once { "on " } else { "every " }).schedule(schedule);
                match segment {
                    Some(segment) => self.put(" for ").name(segment),
                    None => self.put(""),
                }
            }
            TriggerKind::Error => self.verbatim(trigger.span),
        };
        if let Some(alias) = &trigger.alias {
            self.put(" as ").name(alias);
        }
        self.filter(trigger.filter.as_ref());
        match &trigger.holds {
            Some(holds) => self.put(" while ").expr(holds),
            None => self,
        }
    }

    /// `booking.starts_at - 1d at 18:00`
    fn date(
        &mut self,
        path: &EventPath,
        shift: Option<&(Spanned<BinaryOp>, DurationLit)>,
        at: Option<&Spanned<TimeOfDay>>,
    ) -> &mut Self {
        self.events(std::slice::from_ref(path));
        if let Some((sign, length)) = shift {
            self.put(" ").put(sign.node.text()).put(" ").duration(length);
        }
        match at {
            Some(at) => self.put(" at ").time(at.node),
            None => self,
        }
    }

    fn schedule(&mut self, schedule: &Schedule) -> &mut Self {
        match schedule {
            Schedule::Day { at } => self.put("day ").time(at.node),
            Schedule::Weekdays { days, at } => self.days(days).put(" ").time(at.node),
            Schedule::Interval { every, at } => {
                self.duration(every);
                if let Some(at) = at {
                    self.put(" at ").time(at.node);
                }
                self
            }
            Schedule::Rule(text) => self.text(text),
            Schedule::Once(at) => self.put(&at.date.to_string()).put(" ").time(at.time),
            Schedule::Error(span) => self.verbatim(*span),
        }
    }

    fn days(&mut self, days: &[DayRange]) -> &mut Self {
        self.list(days, ", ", |line, range| match range {
            DayRange::Days(from, None) => line.put(from.node.name()),
            DayRange::Days(from, Some(to)) => line.put(from.node.name()).put("..").put(to.node.name()),
            DayRange::Word(word) => line.put(word.name()),
        })
    }

    fn setting(&mut self, setting: &Setting) -> &mut Self {
        match &setting.kind {
            SettingKind::Purpose { kind, topic } => {
                self.put("purpose ").name(kind);
                if let Some(topic) = topic {
                    self.put(" ").name(topic);
                }
                self
            }
            SettingKind::Timezone { zone, otherwise } => {
                self.put("timezone ").expr(zone);
                if let Some(otherwise) = otherwise {
                    self.put(" else ").expr(otherwise);
                }
                self
            }
            SettingKind::Hours(windows) => self.put("hours ").list(windows, ", ", Self::window),
            SettingKind::Enter(Enter::Always) => self.put("enter always"),
            SettingKind::Enter(Enter::Once { per }) => {
                self.put("enter once");
                if let Some(per) = per {
                    self.put(" per ").expr(per);
                }
                self
            }
            SettingKind::Enter(Enter::Again { after }) => self.put("enter again after ").duration(after),
            SettingKind::Limit { count, channel, per, otherwise } => {
                self.put("limit ").number(count.span).put(" ").name(channel).put(" per ").duration(per);
                match otherwise {
                    // The tree does not record whether `else skip` was written.
                    LimitElse::Skip if setting.span.end == per.span.end => self,
                    LimitElse::Skip => self.put(" else skip"),
                    LimitElse::Defer { up_to } => self.put(" else defer up to ").duration(up_to),
                }
            }
            SettingKind::Exit { events, filter } => self.put("exit on ").happenings(events).filter(filter.as_ref()),
            SettingKind::Goal { events, filter, within, worth } => {
                self.put("goal on ").happenings(events).filter(filter.as_ref());
                if let Some(within) = within {
                    self.put(" within ").duration(within);
                }
                if let Some(worth) = worth {
                    self.put(" worth ").expr(worth);
                }
                self
            }
            SettingKind::Upgrade(name) => self.put("upgrade ").name(name),
            SettingKind::Enter(Enter::Error) | SettingKind::Error => self.verbatim(setting.span),
        }
    }

    fn window<'w>(&'w mut self, window: &HoursWindow) -> &'w mut Self {
        let range = |line: &'w mut Self, from: &Spanned<TimeOfDay>, to: &Spanned<TimeOfDay>| {
            line.time(from.node).put("..").time(to.node)
        };
        if !window.days.is_empty() {
            self.days(&window.days).put(" ");
        }
        range(self, &window.from, &window.to)
    }
}
