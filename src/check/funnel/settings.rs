//! Settings. In: the settings of a funnel. Out: [`Settings`], and whether every run has a time zone.

use super::hours::window;
use super::trigger::CheckedTrigger;
use super::zone::unknown_zone;
use crate::check::checker::Checker;
use crate::check::program::{Enter, Expr, FieldRead, Purpose, Settings, Source};
use crate::check::scope::{ExprContext, Scope};
use crate::check::symbol::BuiltinKind;
use crate::check::types::{Missing, Typed, type_name};
use crate::diagnostic::{Code, Diagnostic, suggest};
use crate::say;
use crate::source::Span;
use crate::syntax::ast::{self, SettingKind};
use crate::value::{Type, Value, Zone};
use std::collections::BTreeMap;

/// The checked settings of a funnel.
pub(super) struct CheckedSettings {
    /// The settings.
    pub(in crate::check) settings: Settings,
    /// Whether every run has a time zone.
    pub(super) zone_is_sure: bool,
    /// Whether they say that its clock is that of the client.
    pub(super) is_on_clients_clock: bool,
}

impl Checker<'_> {
    /// Checks the settings of a funnel with these triggers.
    pub(super) fn settings(&mut self, written: &[ast::Setting], triggers: &[CheckedTrigger]) -> CheckedSettings {
        let project = self.context.zone.clone();
        let mut checked = CheckedSettings {
            settings: Settings::default(),
            zone_is_sure: project.is_some(),
            is_on_clients_clock: false,
        };
        let mut seen: BTreeMap<&'static str, Span> = BTreeMap::new();
        for setting in written {
            self.reject_repeated(&setting.kind, setting.span, &mut seen);
            self.setting(setting, triggers, &mut checked);
        }
        if !seen.contains_key("timezone") {
            checked.settings.zones.extend(self.client_zone());
        }
        // The project's zone is left out if the funnel names it already.
        let project = project.map(|zone| Expr::Value(Value::Text(zone)));
        let known = project.filter(|zone| !checked.settings.zones.contains(zone));
        checked.settings.zones.extend(known);
        if !seen.contains_key("hours") && !self.context.hours.is_empty() {
            checked.settings.hours.clone_from(&self.context.hours);
            checked.settings.project_hours = true;
        }
        checked.settings.limits.extend(self.context.limits.iter().cloned());
        checked
    }

    fn setting(&mut self, setting: &ast::Setting, triggers: &[CheckedTrigger], checked: &mut CheckedSettings) {
        let settings = &mut checked.settings;
        match &setting.kind {
            SettingKind::Purpose { kind, topic } => {
                settings.purpose = self.purpose(kind, topic.as_ref()).unwrap_or_default();
            }
            SettingKind::Timezone { zone, otherwise } => {
                for zone in std::iter::once(zone).chain(otherwise) {
                    if let Some(typed) = self.zone(&Scope::empty(ExprContext::Setting), zone) {
                        checked.is_on_clients_clock |=
                            matches!(&typed.expr, Expr::Field(read) if read.source == Source::Client);
                        checked.zone_is_sure |= typed.missing == Missing::Never;
                        checked.settings.zones.push(typed.expr);
                    } else {
                        // A wrong zone is reported already; a missing one is not reported on top.
                        checked.zone_is_sure = true;
                    }
                }
            }
            SettingKind::Hours(windows) => {
                self.needs_zone(setting.span, say!("a time of day"));
                self.reject_overlaps(windows);
                windows.iter().for_each(|window| self.reject_empty_window(window));
                settings.hours = windows.iter().map(window).collect();
            }
            SettingKind::Enter(enter) => {
                settings.enter = self.enter(enter, setting.span, triggers).unwrap_or_default();
            }
            SettingKind::Exit { events, filter } => {
                for event in events {
                    settings.exits.extend(self.exit(event, filter.as_ref(), triggers, setting.span));
                }
            }
            SettingKind::Limit { count, channel, per, otherwise } => {
                if let Some(limit) = self.limit(count, channel, per, otherwise) {
                    self.reject_duplicate_limit(&limit, &settings.limits, setting.span);
                    settings.limits.push(limit);
                }
            }
            SettingKind::Goal { events, filter, within, worth } => {
                let what = (events.as_slice(), filter.as_ref());
                let measured = (within.as_ref(), worth.as_ref());
                settings.goals.extend(self.goal(what, measured, triggers, setting.span));
            }
            SettingKind::Upgrade(name) => settings.upgrade = self.upgrade(name).unwrap_or_default(),
            SettingKind::Error => self.poison().unwrap_or_default(),
        }
    }

    /// Reports a window that ends when it begins, which restricts nothing.
    fn reject_empty_window(&mut self, window: &ast::HoursWindow) {
        let (from, to) = (window.from.node, window.to.node);
        if from != to {
            return;
        }
        let (hour, minute, second) = from.parts();
        let end = crate::value::TimeOfDay::new((hour + 12) % 24, minute, second).unwrap_or(to);
        let (end, span) = (format!("{from}..{end}"), window.from.span.to(window.to.span));
        let message = say!("`{from}..{from}` covers the whole day", from = from.to_string());
        let finding = Diagnostic::new(Code::NothingToDo, span, message, say!("has no effect"));
        self.report(finding.help(say!("specify when it ends: `{end}`", end)).help(say!("or remove `hours`")));
    }

    /// Reports a repeated setting that is allowed only once.
    fn reject_repeated(&mut self, kind: &SettingKind, span: Span, seen: &mut BTreeMap<&'static str, Span>) {
        let name = match kind {
            SettingKind::Purpose { .. } => "purpose",
            SettingKind::Timezone { .. } => "timezone",
            SettingKind::Hours(_) => "hours",
            SettingKind::Enter(_) => "enter",
            SettingKind::Upgrade(_) => "upgrade",
            SettingKind::Limit { .. } | SettingKind::Exit { .. } | SettingKind::Goal { .. } | SettingKind::Error => {
                return;
            }
        };
        if let Some(first) = seen.insert(name, span) {
            let finding =
                Diagnostic::new(Code::Duplicate, span, say!("duplicate `{name}`", name), say!("repeated here"));
            self.report(finding.related(first, say!("first defined here")).help(say!("remove one of them")));
        }
    }

    fn client_zone(&self) -> Option<Expr> {
        let declared = self.decl.catalog.client.get("timezone")?;
        let read =
            FieldRead { source: Source::Client, name: "timezone".to_owned(), ty: declared.ty.clone(), later: None };
        Some(Expr::Field(read))
    }

    fn purpose(&mut self, kind: &ast::Name, topic: Option<&ast::Name>) -> Option<Purpose> {
        if ["marketing", "service"].contains(&kind.node.as_str()) {
            self.record_builtin(BuiltinKind::Choice, kind);
        }
        match (kind.node.as_str(), topic) {
            ("marketing", topic) => Some(Purpose::Marketing { topic: topic.map(|topic| topic.node.clone()) }),
            ("service", None) => Some(Purpose::Service),
            ("service", Some(topic)) => {
                let message = say!("service messages have no topic");
                let finding = Diagnostic::new(Code::NothingToDo, topic.span, message, say!("has no effect"));
                self.fail(
                    finding.help(say!("write `purpose service`, or `purpose marketing {topic}`", topic = topic.node)),
                )
            }
            (other, _) => {
                let message = say!("unknown purpose `{other}`", other);
                let finding = Diagnostic::new(Code::UnknownName, kind.span, message, say!("not found"));
                let finding = match suggest::nearest(other, ["marketing", "service"]) {
                    Some(near) => finding.help(say!("did you mean `{near}`?", near)).respell(
                        say!("change `{other}` to `{near}`", other, near),
                        (other, near),
                        kind.span,
                        near,
                    ),
                    None => finding.help(say!("write `purpose marketing` or `purpose service`")),
                };
                self.fail(finding)
            }
        }
    }

    /// An expression that names a time zone.
    pub(in crate::check) fn zone(&mut self, scope: &Scope, written: &ast::Expr) -> Option<Typed> {
        let words = self.slice(written.span);
        if words.contains('/') && matches!(written.kind, ast::ExprKind::Binary { .. }) {
            let quoted = format!("\"{words}\"");
            let finding = Diagnostic::new(
                Code::TypeMismatch,
                written.span,
                say!("a time zone is written in quotes"),
                say!("needs quotes"),
            );
            return self.fail(finding.help(say!("write `{right}`", right = &quoted)).fix(
                say!("change it to `{right}`", right = &quoted),
                written.span,
                quoted,
            ));
        }
        let typed = self.expr(scope, written)?;
        if !typed.ty.is_textual() {
            let message = say!("a time zone must be a text, found {what}", what = type_name(&typed.ty));
            let finding = Diagnostic::new(
                Code::TypeMismatch,
                written.span,
                message,
                say!("is {what}", what = type_name(&typed.ty)),
            );
            return self.fail(finding.help(say!("write `timezone \"Europe/Berlin\"`")));
        }
        let Some(name) = typed.literal_text() else { return Some(typed) };
        if Zone::named(name).is_some() {
            return Some(typed);
        }
        let finding = unknown_zone(name, written.span);
        self.fail(finding)
    }

    fn enter(&mut self, enter: &ast::Enter, whole: Span, triggers: &[CheckedTrigger]) -> Option<Enter> {
        match enter {
            ast::Enter::Always => Some(Enter::Always),
            ast::Enter::Once { per: None } => Some(Enter::Once),
            ast::Enter::Once { per: Some(per) } if matches!(&per.kind, ast::ExprKind::Name(name) if name == "client") =>
            {
                let message = say!("`client` is not a single value, and `enter once` already counts per client");
                let finding = Diagnostic::new(Code::TypeMismatch, per.span, message, say!("is a whole record"));
                self.fail(finding.help(say!("write `enter once`")))
            }
            ast::Enter::Once { per: Some(per) } => {
                let at = |trigger: &CheckedTrigger| Scope { context: ExprContext::Setting, ..trigger.scope.clone() };
                let values: Vec<Option<Typed>> = triggers.iter().map(|trigger| self.value(&at(trigger), per)).collect();
                let first = values.into_iter().next().flatten()?;
                self.reject_fixed_value(&first, per, whole)?;
                Some(Enter::OncePer(first.expr))
            }
            ast::Enter::Again { after } => {
                let length = self.duration_in_zone(after)?;
                Some(Enter::Again(length))
            }
            ast::Enter::Error => self.poison(),
        }
    }

    /// Reports `enter once per 30d`, which lets a client enter once and never again, and other values that never differ.
    fn reject_fixed_value(&mut self, value: &Typed, per: &ast::Expr, whole: Span) -> Option<()> {
        if value.ty == Type::Duration {
            let message = say!("`enter once per` counts values, not time");
            let finding =
                Diagnostic::new(Code::TypeMismatch, per.span, message, say!("is {what}", what = type_name(&value.ty)));
            let Expr::Value(Value::Duration(length)) = value.expr else {
                return self.fail(finding.help(say!("did you mean `enter again after ..`, with a duration?")));
            };
            let right = format!("enter again after {length}");
            let title = say!("change it to `{right}`", right = &right);
            return self.fail(finding.help(say!("did you mean `{right}`?", right = &right)).fix(title, whole, right));
        }
        if value.constant {
            let message = say!("this value is the same for all events, so a client enters only once");
            let finding = Diagnostic::new(Code::NothingToDo, per.span, message, say!("has no effect"));
            self.report(finding.help(say!("write `enter once`, or a value that differs, such as `booking.id`")));
        }
        Some(())
    }
}
