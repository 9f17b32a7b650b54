//! Funnels: settings, triggers and entries as written.

use super::{BinaryOp, Chain, DayWord, DurationLit, Expr, Name, Text};
use crate::source::{Span, Spanned};
use crate::value::{CivilDateTime, Decimal, TimeOfDay, Weekday};

/// `funnel NAME "title" { setting.. entry.. }`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Funnel {
    /// Its name.
    pub name: Name,
    /// A title for people.
    pub title: Option<Text>,
    /// The settings, in order.
    pub settings: Vec<Setting>,
    /// The entries, in order.
    pub entries: Vec<Entry>,
}

/// A setting of a funnel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Setting {
    /// The kind.
    pub kind: SettingKind,
    /// The whole setting.
    pub span: Span,
}

/// The kinds of setting.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum SettingKind {
    /// `purpose marketing newsletter`
    Purpose { kind: Name, topic: Option<Name> },
    /// `timezone client.timezone else "Europe/Moscow"`
    Timezone { zone: Expr, otherwise: Option<Expr> },
    /// `hours 09:00..21:00`, `hours monday..friday 09:00..21:00, saturday 10:00..16:00`
    Hours(Vec<HoursWindow>),
    /// `enter once per booking.id`
    Enter(Enter),
    /// `limit 2 sms per 7d else skip`
    Limit { count: Spanned<Decimal>, channel: Name, per: DurationLit, otherwise: LimitElse },
    /// `exit on booking.cancelled where ..`
    Exit { events: Vec<Happening>, filter: Option<Expr> },
    /// `goal on purchase where .. within 14d worth purchase.amount`
    Goal { events: Vec<Happening>, filter: Option<Expr>, within: Option<DurationLit>, worth: Option<Expr> },
    /// `upgrade migrate`
    Upgrade(Name),
    /// Something that could not be read.
    Error,
}

/// `monday..friday 09:00..21:00`; no day means every day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoursWindow {
    /// Single days and ranges of days; empty for every day.
    pub days: Vec<DayRange>,
    /// When it opens.
    pub from: Spanned<TimeOfDay>,
    /// When it closes.
    pub to: Spanned<TimeOfDay>,
    /// The whole window.
    pub span: Span,
}

/// `monday`, `monday..friday` or `weekday`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DayRange {
    /// The first day, and the last day when it is a range.
    Days(Spanned<Weekday>, Option<Spanned<Weekday>>),
    /// `weekday`, `weekend`
    Word(DayWord),
}

/// Who may enter, and when again.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Enter {
    /// `enter always`
    Always,
    /// `enter once`, `enter once per booking.id`
    Once { per: Option<Expr> },
    /// `enter again after 30d`
    Again { after: DurationLit },
    /// Something that could not be read.
    Error,
}

/// What happens at a message limit.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum LimitElse {
    /// `else skip`; also the default
    Skip,
    /// `else defer up to 2d`
    Defer { up_to: DurationLit },
}

/// `trigger -> chain`
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// What starts a run.
    pub trigger: Trigger,
    /// The steps.
    pub chain: Chain,
    /// The whole entry.
    pub span: Span,
}

/// What starts a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trigger {
    /// The kind.
    pub kind: TriggerKind,
    /// `as b`
    pub alias: Option<Name>,
    /// `where expr`
    pub filter: Option<Expr>,
    /// `while expr`
    pub holds: Option<Expr>,
    /// From `on` or `every` to its end.
    pub span: Span,
}

/// The kinds of trigger.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum TriggerKind {
    /// `on booking or visit`, `on booking.cancelled`
    Events(Vec<EventPath>),
    /// `on entering vip`, `on leaving vip`
    Segment { entering: bool, name: Name },
    /// `on no visit for 60d`
    Silence { event: Name, duration: DurationLit },
    /// `on client.birthday - 7d at 10:00`, `on booking.starts_at - 2h`
    Date { path: EventPath, shift: Option<(Spanned<BinaryOp>, DurationLit)>, at: Option<Spanned<TimeOfDay>> },
    /// `on start`, `on start with booking`
    Start { event: Option<Name> },
    /// `every monday 10:00 for vip`, `on 2026-12-25 10:00 for vip`
    Every { schedule: Schedule, segment: Option<Name> },
    /// Something that could not be read.
    Error,
}

/// What ends runs, reaches goals, or is waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Happening {
    /// `booking`, `booking.updated`, `booking.status`
    Event(EventPath),
    /// `entering vip`, `leaving vip`
    Segment { entering: bool, name: Name, span: Span },
}

impl Happening {
    /// The whole of it.
    #[must_use]
    pub fn span(&self) -> Span {
        match self {
            Self::Event(path) => path.span(),
            Self::Segment { span, .. } => *span,
        }
    }
}

/// `booking`, `booking.updated`, `booking.status`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventPath {
    /// The event.
    pub event: Name,
    /// `updated`, or a field.
    pub member: Option<Name>,
}

impl EventPath {
    /// The whole path.
    #[must_use]
    pub fn span(&self) -> Span {
        self.member.as_ref().map_or(self.event.span, |m| self.event.span.to(m.span))
    }
}

/// When a scheduled trigger fires.
#[derive(Debug, Clone, PartialEq, Eq)]
#[allow(missing_docs, reason = "the syntax in the doc of each variant names its fields")]
pub enum Schedule {
    /// `every day 10:00`
    Day { at: Spanned<TimeOfDay> },
    /// `every monday, thursday 10:00`
    Weekdays { days: Vec<DayRange>, at: Spanned<TimeOfDay> },
    /// `every 2w`: at an interval counted from a fixed date
    Interval { every: DurationLit, at: Option<Spanned<TimeOfDay>> },
    /// `every "RRULE:FREQ=MONTHLY;BYDAY=1MO"`
    Rule(Text),
    /// `on 2026-12-25 10:00`: once
    Once(CivilDateTime),
    /// Something that could not be read.
    Error(Span),
}
