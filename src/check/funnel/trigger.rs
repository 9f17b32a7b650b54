//! Triggers. In: `on booking as b where ..`. Out: the checked trigger, and the scope of its chain.

use super::hours::days_of;
use super::record_moment::RecordMoment;
use super::recurrence::rule_error;
use crate::check::checker::Checker;
use crate::check::expr::is_anniversary;
use crate::check::program::{self, Change, DateKind, DateTrigger, Expr, Pattern, Source, Trigger as Kind};
use crate::check::scope::{ExprContext, Fact, Facts, Scope, when_false, when_true};
use crate::check::types::type_name;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::{Span, Spanned};
use crate::syntax::ast::{self, TriggerKind};
use crate::value::{Duration, Schedule, TimeOfDay, Type, Weekday};

/// A checked trigger.
pub(super) struct CheckedTrigger {
    /// The trigger; `None` if it has an error.
    pub(in crate::check) kind: Option<program::Trigger>,
    /// The filter.
    pub(in crate::check) filter: Option<Expr>,
    /// The scope of its chain.
    pub(in crate::check) scope: Scope,
}

/// A trigger before its filter is checked.
pub(super) struct TriggerEvent {
    pub(super) kind: program::Trigger,
    /// The event that the trigger binds.
    pub(super) event: Option<String>,
    /// What is known when it fires.
    pub(super) facts: Facts,
}

impl Checker<'_> {
    /// Checks a trigger.
    pub(super) fn trigger(&mut self, written: &ast::Trigger) -> CheckedTrigger {
        let mut scope = Scope::empty(ExprContext::Chain);
        let Some(TriggerEvent { mut kind, event, facts }) = self.trigger_kind(written) else {
            scope.incomplete = true;
            return CheckedTrigger { kind: None, filter: None, scope };
        };
        self.alias(written.alias.as_ref());
        if let (Some(binding), Some(event)) = (kind.binding(), &event) {
            scope = scope.with(binding, event, true).named_at(written.alias.as_ref().map(|alias| alias.span));
        } else if let Some(alias) = &written.alias {
            let finding = self.nothing_to_name(alias);
            self.report(finding);
        }
        scope.facts = facts;
        // What is asked at a moment of a record is a step.
        let asked = written.filter.as_ref().filter(|_| RecordMoment::of(written).is_none());
        let filter = asked.map(|filter| self.condition(&scope, filter));
        if let (Some(expr), Some(Some(checked)), Some(event)) = (asked, &filter, created(&kind)) {
            self.asked_too_early(expr, checked, event, written.alias.as_ref(), "on");
        }
        if let (Kind::Happened { patterns, binding, .. }, Some(filter)) = (&mut kind, &filter) {
            self.filtered(patterns, filter.as_ref(), binding.as_deref());
        }
        if let (Some(written), Some(filter)) = (asked, &filter) {
            scope = self.narrowed_by(&scope, written, filter.as_ref().map(when_true));
        }
        let Some(written) = &written.holds else {
            return CheckedTrigger { kind: Some(kind), filter: filter.flatten(), scope };
        };
        let checked = self.condition(&scope, written);
        scope = self.narrowed_by(&scope, written, checked.as_ref().map(when_true));
        scope.lasting = checked.as_ref().map(when_true).unwrap_or_default();
        let kind = self.lasting(kind, checked, written.span);
        CheckedTrigger { kind, filter: filter.flatten(), scope }
    }

    /// Adds the condition after `while` to a trigger, which must be about records or the client.
    fn lasting(&mut self, kind: Kind, condition: Option<Expr>, span: Span) -> Option<Kind> {
        let message = say!("`while` is not allowed after this trigger");
        let finding = Diagnostic::new(Code::WrongTrigger, span, message, say!("not about a record that can change"));
        let Kind::Happened { patterns, binding, .. } = kind else {
            let finding = match &kind {
                Kind::Segment { segment, .. } => {
                    finding.help(say!("write `on client while client in {name}`", name = &segment.name))
                }
                Kind::Happened { .. }
                | Kind::Silence { .. }
                | Kind::Date(_)
                | Kind::Started { .. }
                | Kind::Every { .. } => finding,
            };
            return self.fail(finding.help(say!("write `where`, which is evaluated when the trigger fires")));
        };
        if let Some(changed) = patterns.iter().find(|pattern| pattern.change != Change::Created) {
            let event = &changed.event;
            let finding = finding.help(say!("write `on {event} while ..`, without the field", event));
            return self.fail(finding.help(say!("or write `where`, which is evaluated when the trigger fires")));
        }
        let has_key = |event: &str| {
            event == "client" || self.decl.catalog.events.get(event).is_none_or(|declared| declared.key.is_some())
        };
        if let Some(keyless) = patterns.iter().find(|pattern| !has_key(&pattern.event)) {
            let event = &keyless.event;
            let finding = finding.help(say!("add a key: `event {event} {{ key id: text }}`", event));
            return self.fail(finding.help(say!("or write `where`, which is evaluated when the trigger fires")));
        }
        Some(Kind::Happened { patterns, binding, holds: Some(Box::new(condition?)) })
    }

    fn trigger_kind(&mut self, written: &ast::Trigger) -> Option<TriggerEvent> {
        match &written.kind {
            TriggerKind::Events(paths) => self.on_events(paths, written.alias.as_ref()),
            TriggerKind::Segment { entering, name } => {
                let segment = self.named_segment(name)?;
                let condition = &segment.condition;
                let facts = if *entering { when_true(condition) } else { when_false(condition) };
                Some(TriggerEvent { facts, ..TriggerEvent::alone(Kind::Segment { segment, entering: *entering }) })
            }
            TriggerKind::Silence { event, duration } => self.silence(event, duration, written.alias.as_ref()),
            TriggerKind::Start { event: None } => {
                Some(TriggerEvent::alone(Kind::Started { event: None, binding: None }))
            }
            TriggerKind::Start { event: Some(event) } => {
                let event = self.event(event)?;
                let binding = written.alias.as_ref().map_or(&event, |alias| &alias.node).clone();
                let kind = Kind::Started { event: Some(event.clone()), binding: Some(binding) };
                Some(TriggerEvent { event: Some(event), ..TriggerEvent::alone(kind) })
            }
            TriggerKind::Date { path, shift, at } => {
                if let Some(moment) = RecordMoment::of(written) {
                    return self.on_moment(moment, written.alias.as_ref());
                }
                let kind = self.date(path, shift.as_ref(), at.as_ref())?;
                let Kind::Date(date) = &kind else { return Some(TriggerEvent::alone(kind)) };
                let facts = Facts::from_iter([Fact::Known(Source::Client, date.field.clone())]);
                Some(TriggerEvent { facts, ..TriggerEvent::alone(kind) })
            }
            TriggerKind::Every { schedule, segment } => {
                let segment = segment.as_ref().map(|name| self.named_segment(name));
                let schedule = self.schedule(schedule, written.span)?;
                let segment = match segment {
                    Some(segment) => Some(segment?),
                    None => None,
                };
                let facts = segment.as_ref().map(|segment| when_true(&segment.condition)).unwrap_or_default();
                Some(TriggerEvent { facts, ..TriggerEvent::alone(Kind::Every { schedule, segment }) })
            }
            TriggerKind::Error => self.poison(),
        }
    }

    /// `on booking or visit as x`
    fn on_events(&mut self, paths: &[ast::EventPath], alias: Option<&ast::Name>) -> Option<TriggerEvent> {
        let patterns: Vec<_> = paths.iter().map(|path| self.pattern(path)).collect();
        let patterns: Vec<(Pattern, Facts)> = patterns.into_iter().collect::<Option<_>>()?;
        for (path, (pattern, _)) in paths.iter().zip(&patterns) {
            self.reject_date_without_time(path, pattern)?;
        }
        if self.all_about_client(&paths.iter().map(ast::EventPath::span).collect::<Vec<_>>(), &patterns)? {
            let facts = patterns.iter().map(|(_, facts)| facts.clone());
            let facts = facts.reduce(|some, other| some.intersection(&other).cloned().collect()).unwrap_or_default();
            let patterns = patterns.into_iter().map(|(pattern, _)| pattern).collect();
            return Some(TriggerEvent {
                kind: Kind::Happened { patterns, binding: None, holds: None },
                event: None,
                facts,
            });
        }
        // A misspelled event is replaced by the intended one, and the chain is checked with that.
        let binding = self.event_binding(&patterns, alias);
        let patterns = patterns.into_iter().map(|(pattern, _)| pattern).collect();
        let kind = Kind::Happened { patterns, binding: Some(binding.name), holds: None };
        Some(TriggerEvent { kind, event: Some(binding.event), facts: binding.facts })
    }

    /// `on client.birthday` means the day, which needs a time; a change of the field is hardly ever meant.
    fn reject_date_without_time(&mut self, path: &ast::EventPath, pattern: &Pattern) -> Option<()> {
        let Change::FieldChanged(field) = &pattern.change else { return Some(()) };
        let ty = self.decl.catalog.client.get(field).filter(|_| pattern.event == "client").map(|field| &field.ty);
        if !matches!(ty, Some(Type::Date | Type::Anniversary | Type::DateTime)) {
            return Some(());
        }
        let written = self.slice(path.span()).to_owned();
        let help = say!("for a change of the field, write `on client.updated where {written} is known`", written);
        let finding = self.at_what_time(path.span());
        self.fail(finding.help(help))
    }

    /// `on no visit for 60d`
    fn silence(
        &mut self,
        event: &ast::Name,
        duration: &ast::DurationLit,
        alias: Option<&ast::Name>,
    ) -> Option<TriggerEvent> {
        let event = self.event(event);
        let length = self.duration_in_zone(duration)?;
        if length == Duration::default() {
            let finding = Diagnostic::new(
                Code::WrongTrigger,
                duration.span,
                say!("the period of silence must be longer than zero"),
                say!("zero duration"),
            );
            return self.fail(finding.help(say!("write `for 60d`")));
        }
        let event = event?;
        let binding = alias.map_or_else(|| event.clone(), |alias| alias.node.clone());
        let kind = Kind::Silence { event: event.clone(), duration: length, binding };
        Some(TriggerEvent { kind, event: Some(event), facts: Facts::new() })
    }

    /// `client.birthday - 7d at 10:00`
    fn date(
        &mut self,
        path: &ast::EventPath,
        shift: Option<&(Spanned<ast::BinaryOp>, ast::DurationLit)>,
        at: Option<&Spanned<TimeOfDay>>,
    ) -> Option<Kind> {
        let Some(name) = &path.member else {
            return self.no_field(&path.event, shift.filter(|_| at.is_none()));
        };
        let of = Box::new(ast::Expr { kind: ast::ExprKind::Name(path.event.node.clone()), span: path.event.span });
        let field = ast::Expr { kind: ast::ExprKind::Field { of, name: name.clone() }, span: path.span() };
        let offset = match shift {
            Some((op, length)) => {
                let back = op.node == ast::BinaryOp::Subtract;
                let length = self.duration(length)?;
                if back { length.negated() } else { length }
            }
            None => Duration::default(),
        };
        let typed = self.expr(&Scope::empty(ExprContext::Chain), &field)?;
        let kind = match &typed.ty {
            Type::Date if is_anniversary(&typed.expr) => Some(DateKind::Anniversary),
            Type::Date => Some(DateKind::Date),
            Type::DateTime => Some(DateKind::DateTime),
            Type::Anniversary
            | Type::Text
            | Type::Number
            | Type::Bool
            | Type::Money
            | Type::Time
            | Type::Duration
            | Type::Phone
            | Type::Email
            | Type::Url
            | Type::List(_)
            | Type::Literals(_) => None,
        };
        let Some(kind) = kind else {
            let message = say!(
                "`{written}` is {what}, not a date",
                written = self.slice(field.span),
                what = type_name(&typed.ty)
            );
            let finding =
                Diagnostic::new(Code::WrongTrigger, name.span, message, say!("is {what}", what = type_name(&typed.ty)));
            return self.fail(finding.help(say!(
                "declare it as `client {{ {name}: date? }}`, or as `anniversary?` if it returns every year",
                name = name.node
            )));
        };
        let Some(at) = at else {
            let finding = self.at_what_time(path.span().to(shift.map_or(name.span, |(_, length)| length.span)));
            return self.fail(finding);
        };
        self.needs_zone(at.span, say!("a time of day"));
        if kind == DateKind::Date {
            self.warn_once_a_life(name);
        }
        Some(Kind::Date(DateTrigger { field: name.node.clone(), kind, offset, at: at.node }))
    }

    /// Reports `on booking - 2h`: an event is no moment, but may have one.
    fn no_field(
        &mut self,
        event: &ast::Name,
        shift: Option<&(Spanned<ast::BinaryOp>, ast::DurationLit)>,
    ) -> Option<Kind> {
        let name = self.event(event)?;
        let later = shift.filter(|(op, _)| op.node == ast::BinaryOp::Add).map(|(_, length)| length.span);
        let message = say!("`{event}` is an event, not a date", event = &name);
        let finding = Diagnostic::new(Code::WrongTrigger, event.span, message, say!("which of its dates?"));
        let dates = |ty: &Type| matches!(ty, Type::DateTime | Type::Date);
        let fields = self.fields(&name).into_iter().flatten().filter(|(_, declared)| dates(&declared.ty));
        let date = fields.min_by_key(|(_, declared)| declared.optional).map(|(field, _)| format!("{name}.{field}"));
        if let Some(length) = later {
            let right = format!("{name} -> wait {}", self.slice(length));
            let finding = finding.help(say!("to wait after the event, write `on {right}`", right = &right));
            let title = say!("change it to `{right}`", right = &right);
            return self.fail(finding.fix(title, event.span.to(length), right));
        }
        self.fail(match date {
            Some(right) => finding.help(say!("name its date: `{right}`", right = &right)).guess(
                say!("change it to `{right}`", right = &right),
                event.span,
                right,
            ),
            None => finding.help(say!("write `on client.birthday - 7d at 10:00`")),
        })
    }

    /// Warns about a date whose name says that it returns every year, and whose type says that it does not.
    fn warn_once_a_life(&mut self, field: &ast::Name) {
        const YEARLY: [&str; 4] = ["birth", "anniversary", "name_day", "nameday"];
        let name = field.node.to_lowercase();
        if YEARLY.iter().any(|word| name.contains(word)) {
            let message = say!("`client.{field}` comes only once, not every year", field = &field.node);
            let finding = Diagnostic::new(Code::PastMoment, field.span, message, say!("comes once"));
            self.report(finding.help(say!(
                "if it returns every year, declare it so: `client {{ {name}: anniversary? }}`",
                name = &field.node
            )));
        }
    }

    /// `monday, thursday 10:00`, `2w at 10:00`, `"RRULE:.."`
    fn schedule(&mut self, written: &ast::Schedule, span: Span) -> Option<Schedule> {
        self.needs_zone(span, say!("a time of day"));
        match written {
            ast::Schedule::Day { at } => Some(Schedule::Days { days: Vec::new(), at: at.node }),
            ast::Schedule::Weekdays { days, at } => {
                let days: std::collections::BTreeSet<Weekday> = days.iter().flat_map(days_of).collect();
                Some(Schedule::Days { days: days.into_iter().collect(), at: at.node })
            }
            ast::Schedule::Interval { every, at } => {
                let length = self.duration(every)?;
                if length.nominal_ms() < SHORTEST_MS {
                    let message = say!("a schedule can fire at most once a minute");
                    let finding = Diagnostic::new(Code::BadSchedule, every.span, message, say!("too often"));
                    return self.fail(finding.help(say!("write `every 1h`, or a time: `every day 10:00`")));
                }
                if length.is_calendar() && at.is_none() {
                    let message = say!("missing time of day");
                    let finding = Diagnostic::new(Code::BadSchedule, every.span, message, say!("at what time?"));
                    return self.fail(finding.help(say!(
                        "add a time of day: `every {written} at 10:00`",
                        written = self.slice(every.span)
                    )));
                }
                Some(Schedule::Interval { every: length, at: at.as_ref().map(|at| at.node) })
            }
            ast::Schedule::Rule(text) => {
                let rule = self.literal(text)?;
                match Schedule::rule(&rule) {
                    Ok(schedule) => Some(schedule),
                    Err(fault) => {
                        let finding =
                            Diagnostic::new(Code::BadSchedule, text.span, rule_error(&fault), say!("not a valid rule"));
                        self.fail(
                            finding.help(say!("write an RFC 5545 rule: `\"RRULE:FREQ=MONTHLY;BYDAY=1MO;BYHOUR=10\"`")),
                        )
                    }
                }
            }
            ast::Schedule::Once(at) => Some(Schedule::Once(*at)),
            ast::Schedule::Error(_) => self.poison(),
        }
    }
}

/// The shortest interval of a schedule, in milliseconds: a minute.
const SHORTEST_MS: i64 = 60_000;

impl TriggerEvent {
    fn alone(kind: Kind) -> Self {
        Self { kind, event: None, facts: Facts::new() }
    }
}

/// The event whose creation starts runs, if it is the only one.
fn created(kind: &program::Trigger) -> Option<&str> {
    match kind {
        Kind::Happened { patterns, .. } => match patterns.as_slice() {
            [pattern] if pattern.change == Change::Created => Some(&pattern.event),
            _ => None,
        },
        Kind::Segment { .. } | Kind::Silence { .. } | Kind::Date(_) | Kind::Started { .. } | Kind::Every { .. } => None,
    }
}
