//! Funnels: a name, settings, then entries.

use super::error::{Want, report_as};
use super::expr::{Exprs, duration, filter, name, number, optional_name, time};
use super::recover::{
    ELEMENTS, ITEMS, SETTINGS, Wanted, at_end, begins, braces, expect, junk, key, required, silence, token,
};
use super::trigger::{days, entry, events};
use super::{Cursor, P};
use crate::diagnostic::{Code, Diagnostic};
use crate::syntax::ast::{Chain, Enter, Entry, Funnel, HoursWindow, LimitElse, Setting, SettingKind};
use crate::syntax::token::{Keyword, Kind, Token};
use chumsky::prelude::*;

use Keyword as K;

const NAMED: Want = Want::new("the funnel's name", "expected a name");
const OPEN: Want = Want::new("`{`", "expected `{`");
const INSIDE: Want =
    Want::new("a setting such as `purpose`, or an entry that begins with `on`", "expected a setting or an entry")
        .code(Code::UnexpectedToken)
        .keywords(&[
            K::Purpose,
            K::Timezone,
            K::Hours,
            K::Enter,
            K::Limit,
            K::Exit,
            K::Goal,
            K::Upgrade,
            K::On,
            K::Every,
            K::Else,
            K::Per,
            K::Where,
            K::Within,
            K::Worth,
            K::After,
        ]);
const PURPOSE: Want = Want::new("`marketing` or `service`", "expected a purpose");
const ENTER: Want =
    Want::new("`always`, `once` or `again after`", "expected who may enter").keywords(&[K::Always, K::Once, K::Again]);
const AFTER: Want = Want::new("`after`", "expected `after`").keywords(&[K::After]);
const ON: Want = Want::new("`on`", "expected `on`").keywords(&[K::On]);
const PER: Want = Want::new("`per`", "expected `per`").keywords(&[K::Per]);
const DOTS: Want = Want::new("`..`", "expected `..`");
const CHANNEL: Want = Want::new("a channel such as `sms`", "expected a channel");
const LIMIT_ELSE: Want =
    Want::new("`skip` or `defer up to`", "expected what to do then").keywords(&[K::Skip, K::Defer]);
const UP: Want = Want::new("`up to`", "expected `up to`").keywords(&[K::Up]);
const TO: Want = Want::new("`to`", "expected `to`").keywords(&[K::To]);
const UPGRADE: Want = Want::new("`migrate`, `finish`, `restart` or `stop`", "expected what happens to runs");

/// `funnel NAME "title" { setting.. entry.. }`
pub(super) fn funnel<'a>(exprs: &Exprs<'a>, chain: &P<'a, Chain>) -> P<'a, Funnel> {
    let wanted = Wanted { open: &OPEN, close: &INSIDE };
    let body = braces(inside(exprs, chain), wanted, resumes, |_| (Vec::new(), Vec::new()));
    key(K::Funnel)
        .ignore_then(name(&NAMED))
        .then(exprs.texts.text.clone().or_not())
        .then(body)
        .map(|((name, title), (settings, entries))| Funnel { name, title, settings, entries })
        .boxed()
}

fn inside<'a>(exprs: &Exprs<'a>, chain: &P<'a, Chain>) -> P<'a, (Vec<Setting>, Vec<Entry>)> {
    let (setting, entry) = (setting(exprs), entry(exprs, chain));
    custom(move |inp: &mut Cursor<'a, '_>| {
        let (mut settings, mut entries): (Vec<Setting>, Vec<Entry>) = (Vec::new(), Vec::new());
        loop {
            match inp.peek() {
                Some(t) if begins(t, SETTINGS) => {
                    if let Some(first) = entries.first() {
                        misplaced(inp, t, first);
                    }
                    settings.push(inp.parse(&setting)?);
                }
                Some(t) if begins(t, &[K::On, K::Every]) => entries.push(inp.parse(&entry)?),
                Some(_) if !at_end(inp) => junk(inp, &INSIDE, resumes),
                Some(_) | None => return Ok((settings, entries)),
            }
        }
    })
    .boxed()
}

fn resumes(t: Token<'_>) -> bool {
    begins(t, SETTINGS) || begins(t, &[K::On, K::Every])
}

fn misplaced(inp: &mut Cursor<'_, '_>, setting: Token<'_>, first: &Entry) {
    report_as(inp, || {
        let message = format!("`{}` stands after an entry", setting.text);
        Diagnostic::new(Code::MisplacedSetting, setting.span, message, "a setting after an entry")
            .related(first.trigger.span, "the entries begin here")
            .help("move it above the first entry")
    });
}

/// A setting where none can stand: outside every funnel.
pub(super) fn stray_setting(inp: &mut Cursor<'_, '_>, setting: Token<'_>) {
    report_as(inp, || {
        let message = format!("`{}` stands outside a funnel", setting.text);
        Diagnostic::new(Code::MisplacedSetting, setting.span, message, "a setting outside a funnel")
            .help("settings stand inside `funnel name { .. }`")
    });
    silence(inp);
}

/// A setting; fails where none begins.
pub(super) fn setting<'a>(exprs: &Exprs<'a>) -> P<'a, Setting> {
    let topic = optional_name(&[ITEMS, SETTINGS, ELEMENTS]);
    let purpose = key(K::Purpose)
        .ignore_then(name(&PURPOSE))
        .then(topic)
        .map(|(kind, topic)| SettingKind::Purpose { kind, topic });
    let otherwise = key(K::Else).ignore_then(exprs.expr.clone()).or_not();
    let timezone = key(K::Timezone)
        .ignore_then(exprs.expr.clone())
        .then(otherwise)
        .map(|(zone, otherwise)| SettingKind::Timezone { zone, otherwise });
    let upgrade = key(K::Upgrade).ignore_then(name(&UPGRADE)).map(SettingKind::Upgrade);
    choice((purpose, timezone, hours(), enter(exprs), limit(), exit(exprs), goal(exprs), upgrade))
        .map_with(|kind, e| Setting { kind, span: e.span() })
        .boxed()
}

fn hours<'a>() -> P<'a, SettingKind> {
    let window = days()
        .or_not()
        .map(Option::unwrap_or_default)
        .then(time())
        .then_ignore(expect(Kind::DotDot, &DOTS))
        .then(time())
        .map_with(|((days, from), to), e| HoursWindow { days, from, to, span: e.span() });
    let windows = window.separated_by(token(Kind::Comma)).at_least(1).collect();
    key(K::Hours).ignore_then(windows).map(SettingKind::Hours).boxed()
}

fn enter<'a>(exprs: &Exprs<'a>) -> P<'a, SettingKind> {
    let per = key(K::Per).ignore_then(exprs.expr.clone()).or_not();
    let kind = choice((
        key(K::Always).to(Enter::Always),
        key(K::Once).ignore_then(per).map(|per| Enter::Once { per }),
        key(K::Again)
            .ignore_then(expect(Kind::Key(K::After), &AFTER))
            .ignore_then(duration())
            .map(|after| Enter::Again { after }),
    ));
    key(K::Enter).ignore_then(required(kind.boxed(), &ENTER, |_| Enter::Error)).map(SettingKind::Enter).boxed()
}

fn limit<'a>() -> P<'a, SettingKind> {
    let defer = key(K::Defer)
        .ignore_then(expect(Kind::Key(K::Up), &UP))
        .ignore_then(expect(Kind::Key(K::To), &TO))
        .ignore_then(duration())
        .map(|up_to| LimitElse::Defer { up_to });
    let reached = required(key(K::Skip).to(LimitElse::Skip).or(defer), &LIMIT_ELSE, |_| LimitElse::Skip);
    key(K::Limit)
        .ignore_then(number())
        .then(name(&CHANNEL))
        .then_ignore(expect(Kind::Key(K::Per), &PER))
        .then(duration())
        .then(key(K::Else).ignore_then(reached).or_not())
        .map(|(((count, channel), per), otherwise)| {
            let otherwise = otherwise.unwrap_or(LimitElse::Skip);
            SettingKind::Limit { count, channel, per, otherwise }
        })
        .boxed()
}

fn exit<'a>(exprs: &Exprs<'a>) -> P<'a, SettingKind> {
    key(K::Exit)
        .ignore_then(expect(Kind::Key(K::On), &ON))
        .ignore_then(events())
        .then(filter(&exprs.expr))
        .map(|(events, filter)| SettingKind::Exit { events, filter })
        .boxed()
}

fn goal<'a>(exprs: &Exprs<'a>) -> P<'a, SettingKind> {
    key(K::Goal)
        .ignore_then(expect(Kind::Key(K::On), &ON))
        .ignore_then(events())
        .then(filter(&exprs.expr))
        .then(key(K::Within).ignore_then(duration()).or_not())
        .then(key(K::Worth).ignore_then(exprs.expr.clone()).or_not())
        .map(|(((events, filter), within), worth)| SettingKind::Goal { events, filter, within, worth })
        .boxed()
}
