//! Funnels: a name, settings, then entries.

use super::error::{Expected, gap, report_habit, report_with, suppress};
use super::expr::{Exprs, filter_only};
use super::lookahead::{ITEMS, SETTINGS, begins, peek_nth, peek_second};
use super::primitive::{dots, duration, name, number, optional_name, time};
use super::recover::{Delimiters, at_end, braces, expect, fail, key, required, skip_unexpected, token};
use super::trigger::{days, entry, happenings};
use super::{Cursor, P, empty_name, foreign, habit_setting, shrink};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::Spanned;
use crate::syntax::ast::{Chain, Enter, Entry, Funnel, HoursWindow, LimitElse, Name, Setting, SettingKind};
use crate::syntax::token::{ELEMENTS, Keyword, Kind, Token};
use crate::value::TimeOfDay;
use chumsky::error::EmptyErr;
use chumsky::prelude::*;

use Keyword as K;

const NAMED: Expected = Expected::new(|| say!("a funnel name"), || say!("expected a name"))
    .plain_name()
    .habits(&[habit_setting::FUNNEL_NAME]);
const OPEN: Expected = Expected::new(|| say!("`{{`"), || say!("expected `{{`")).habits(&[habit_setting::OPEN]);
const INSIDE: Expected = Expected::new(
    || say!("a setting such as `purpose`, or an entry that starts with `on`"),
    || say!("expected a setting or an entry"),
)
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
    K::While,
    K::Within,
    K::Worth,
    K::After,
])
.habits(&[habit_setting::INSIDE]);
const PURPOSE: Expected =
    Expected::new(|| say!("`marketing` or `service`"), || say!("expected a purpose")).plain_name();
const ENTER: Expected =
    Expected::new(|| say!("`always`, `once` or `again after`"), || say!("expected `always`, `once` or `again after`"))
        .keywords(&[K::Always, K::Once, K::Again])
        .habits(&[habit_setting::ENTER]);
const AFTER: Expected = Expected::new(|| say!("`after`"), || say!("expected `after`"))
    .keywords(&[K::After])
    .habits(&[habit_setting::ENTER]);
const ON: Expected =
    Expected::new(|| say!("`on`"), || say!("expected `on`")).keywords(&[K::On]).habits(&[habit_setting::ON]);
const PER: Expected =
    Expected::new(|| say!("`per`"), || say!("expected `per`")).keywords(&[K::Per]).habits(&[habit_setting::PER]);
const DOTS: Expected = Expected::new(|| say!("`..`"), || say!("expected `..`"));
const CHANNEL: Expected = Expected::new(|| say!("a channel such as `sms`"), || say!("expected a channel"));
const LIMIT_ELSE: Expected =
    Expected::new(|| say!("`skip` or `defer up to`"), || say!("expected a fallback")).keywords(&[K::Skip, K::Defer]);
const UP: Expected = Expected::new(|| say!("`up to`"), || say!("expected `up to`")).keywords(&[K::Up]);
const TO: Expected = Expected::new(|| say!("`to`"), || say!("expected `to`")).keywords(&[K::To]);
const UPGRADE: Expected =
    Expected::new(|| say!("`migrate`, `finish`, `restart` or `stop`"), || say!("expected an upgrade policy"));

/// `funnel NAME "title" { setting.. entry.. }`
pub(super) fn funnel<'a>(exprs: &Exprs<'a>, chain: &P<'a, Chain>) -> P<'a, Funnel> {
    let wanted = Delimiters { open: &OPEN, close: &INSIDE };
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
                Some(t) if begins(t, SETTINGS) || labels_setting(inp) => {
                    if let Some(first) = entries.first() {
                        report_setting_after_entry(inp, t, first);
                    }
                    settings.push(inp.parse(&setting)?);
                }
                Some(t) if begins(t, &[K::On, K::Every]) => entries.push(inp.parse(&entry)?),
                Some(_) if !at_end(inp) => skip_unexpected(inp, &INSIDE, resumes),
                Some(_) | None => return Ok((shrink(settings), shrink(entries))),
            }
        }
    })
    .boxed()
}

/// The keyword of a setting, also with `:` or `=` after it.
fn word<'a>(keyword: Keyword) -> P<'a, ()> {
    custom(move |inp: &mut Cursor<'a, '_>| {
        let matches =
            |t: Token<'a>| t.kind == Kind::Key(keyword) || (t.kind == Kind::Label && t.text == keyword.text());
        let Some(first) = inp.peek().filter(|t| matches(*t)) else { return fail() };
        inp.skip();
        let mark = inp.peek().filter(|t| matches!(t.kind, Kind::Colon | Kind::Assign) && !t.first);
        if let Some(mark) = mark {
            let (setting, wrong) = (first.text, mark.text);
            let message = say!("unexpected `{wrong}` after `{setting}`", wrong, setting);
            foreign::replace_with(inp, 1, message, say!("not needed"), "");
        }
        Ok(())
    })
    .boxed()
}

fn resumes(t: Token<'_>) -> bool {
    begins(t, SETTINGS) || begins(t, &[K::On, K::Every])
}

/// A setting; fails where none begins.
pub(super) fn setting<'a>(exprs: &Exprs<'a>) -> P<'a, Setting> {
    let topic = optional_name(&[ITEMS, SETTINGS, ELEMENTS]);
    let purpose = word(K::Purpose)
        .ignore_then(name(&PURPOSE))
        .then(topic)
        .map(|(kind, topic)| SettingKind::Purpose { kind, topic });
    let otherwise = key(K::Else).ignore_then(exprs.expr.clone()).or_not();
    let timezone = word(K::Timezone)
        .ignore_then(exprs.expr.clone())
        .then(otherwise)
        .map(|(zone, otherwise)| SettingKind::Timezone { zone, otherwise });
    let upgrade = word(K::Upgrade).ignore_then(name(&UPGRADE)).map(SettingKind::Upgrade);
    let setting = choice((purpose, timezone, hours(), enter(exprs), limit(), exit(exprs), goal(exprs), upgrade));
    setting.map_with(|kind, e| Setting { kind, span: e.span() }).boxed()
}

fn hours<'a>() -> P<'a, SettingKind> {
    let window = days()
        .or_not()
        .map(Option::unwrap_or_default)
        .then(custom(whole_hours).or(time().then_ignore(dots(&DOTS)).then(time()).boxed()))
        .map(|(days, (from, to))| ((days, from), to))
        .map_with(|((days, from), to), e| HoursWindow { days, from, to, span: e.span() });
    let windows = window.separated_by(token(Kind::Comma)).at_least(1).collect();
    word(K::Hours).ignore_then(windows).map(SettingKind::Hours).boxed()
}

fn enter<'a>(exprs: &Exprs<'a>) -> P<'a, SettingKind> {
    let per = key(K::Per).ignore_then(exprs.expr.clone()).or_not();
    let kind = choice((
        key(K::Always).to(Enter::Always),
        key(K::Once).then_ignore(custom(once_per_period)).ignore_then(per).map(|per| Enter::Once { per }),
        key(K::Again)
            .ignore_then(expect(Kind::Key(K::After), &AFTER))
            .ignore_then(duration())
            .map(|after| Enter::Again { after }),
    ));
    word(K::Enter).ignore_then(required(kind.boxed(), &ENTER, |_| Enter::Error)).map(SettingKind::Enter).boxed()
}

fn limit<'a>() -> P<'a, SettingKind> {
    let defer = key(K::Defer)
        .ignore_then(expect(Kind::Key(K::Up), &UP))
        .ignore_then(expect(Kind::Key(K::To), &TO))
        .ignore_then(duration())
        .map(|up_to| LimitElse::Defer { up_to });
    let reached = required(key(K::Skip).to(LimitElse::Skip).or(defer), &LIMIT_ELSE, |_| LimitElse::Skip);
    let channel = custom(missing_channel).or(name(&CHANNEL));
    word(K::Limit)
        .ignore_then(number())
        .then(channel)
        .then_ignore(expect(Kind::Key(K::Per), &PER))
        .then(duration())
        .then(key(K::Else).ignore_then(reached).or_not())
        .map(|(((count, channel), per), otherwise)| {
            let otherwise = otherwise.unwrap_or(LimitElse::Skip);
            SettingKind::Limit { count, channel, per, otherwise }
        })
        .boxed()
}

/// `on` before an event.
fn on<'a>() -> P<'a, ()> {
    key(K::On).ignored().or(custom(missing_on)).or(expect(Kind::Key(K::On), &ON)).boxed()
}

fn exit<'a>(exprs: &Exprs<'a>) -> P<'a, SettingKind> {
    word(K::Exit)
        .ignore_then(on())
        .ignore_then(happenings())
        .then(filter_only(&exprs.expr))
        .map(|(events, filter)| SettingKind::Exit { events, filter })
        .boxed()
}

fn goal<'a>(exprs: &Exprs<'a>) -> P<'a, SettingKind> {
    word(K::Goal)
        .ignore_then(on())
        .ignore_then(happenings())
        .then(filter_only(&exprs.expr))
        .then(key(K::Within).ignore_then(duration()).or_not())
        .then(key(K::Worth).ignore_then(exprs.expr.clone()).or_not())
        .map(|(((events, filter), within), worth)| SettingKind::Goal { events, filter, within, worth })
        .boxed()
}

// Mistakes: what people write instead. Each is reported, with a fix where it is certain, and read as what was meant.

/// Reports `enter once per day`, which would need a record.
fn once_per_period(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    if report_habit(inp, &[habit_setting::ONCE]) {
        inp.skip();
        inp.skip();
    }
    Ok(())
}

/// Whether `purpose:` comes next, which is written without the colon.
fn labels_setting(inp: &mut Cursor<'_, '_>) -> bool {
    let setting = |t: Token<'_>| Keyword::parse(t.text).is_some_and(|word| SETTINGS.contains(&word));
    inp.peek().is_some_and(|t| t.kind == Kind::Label && setting(t))
        && !peek_nth(inp, 2).is_some_and(|t| begins(t, ELEMENTS))
}

fn report_setting_after_entry(inp: &mut Cursor<'_, '_>, setting: Token<'_>, first: &Entry) {
    report_with(inp, || {
        let message = say!("`{setting}` must come before the first trigger", setting = setting.text);
        Diagnostic::new(Code::MisplacedSetting, setting.span, message, say!("setting after a trigger"))
            .related(first.trigger.span, say!("first trigger"))
            .help(say!("move it above the first entry"))
    });
}

/// Reports a setting outside a funnel.
pub(super) fn setting_outside_funnel(inp: &mut Cursor<'_, '_>, setting: Token<'_>) {
    report_with(inp, || {
        let message = say!("`{setting}` is only allowed inside a funnel", setting = setting.text);
        let diagnostic =
            Diagnostic::new(Code::MisplacedSetting, setting.span, message, say!("setting outside a funnel"))
                .help(say!("move it inside `funnel name {{ .. }}`"));
        match setting.kind {
            Kind::Key(K::Timezone) => diagnostic.help(for_all_funnels("timezone = \"Europe/Berlin\"")),
            Kind::Key(K::Hours) => diagnostic.help(for_all_funnels("hours = \"09:00..21:00\"")),
            Kind::Key(K::Limit) => diagnostic.help(say!(
                "for all funnels, write `{line}` under `[limits]` in funnel.toml",
                line = "sms = \"1 per 1d\""
            )),
            _ => diagnostic,
        }
    });
    suppress(inp);
}

/// How a setting is written for all funnels of a project.
fn for_all_funnels(line: &str) -> Phrase {
    say!("for all funnels, write `{line}` in funnel.toml", line)
}

/// `9-21`, `9 to 21`: hours without minutes.
fn whole_hours(inp: &mut Cursor<'_, '_>) -> Result<(Spanned<TimeOfDay>, Spanned<TimeOfDay>), EmptyErr> {
    let hour = |t: Token<'_>| {
        let hour = (t.kind == Kind::Number).then(|| t.text.parse().ok()).flatten();
        hour.and_then(|hour| TimeOfDay::new(hour, 0, 0)).map(|time| Spanned::new(time, t.span))
    };
    let joined = peek_second(inp).is_some_and(|t| matches!(t.kind, Kind::Minus | Kind::DotDot | Kind::Key(K::To)));
    let ends = (inp.peek().and_then(hour), peek_nth(inp, 2).and_then(hour));
    let (Some(from), Some(to)) = ends else { return fail() };
    if !joined {
        return fail();
    }
    let right = format!("{}..{}", from.node, to.node);
    let (message, label) = (say!("times need minutes"), say!("not a time of day"));
    // `9-6` is the night only for those who count up to 24.
    if from.node < to.node {
        foreign::replace_with(inp, 3, message, label, &right);
    } else {
        foreign::perhaps_replace_with(inp, 3, message, label, &right);
    }
    Ok((from, to))
}

/// An event without `on` before it.
fn missing_on(inp: &mut Cursor<'_, '_>) -> Result<(), EmptyErr> {
    // Two names in a row are no event: `exit when booking.cancelled`.
    let is_name = |t: Token<'_>| t.kind == Kind::Name && !t.first;
    if !inp.peek().is_some_and(is_name) || peek_second(inp).is_some_and(is_name) {
        return fail();
    }
    foreign::report_missing_word(inp, "on");
    Ok(())
}

/// A limit without a channel.
fn missing_channel(inp: &mut Cursor<'_, '_>) -> Result<Name, EmptyErr> {
    let Some(per) = inp.peek().filter(|t| t.kind == Kind::Key(K::Per)) else { return fail() };
    let place = gap(inp);
    inp.state().add(
        Diagnostic::new(Code::Expected, per.span, say!("a limit applies to one channel"), say!("expected a channel"))
            .related(place, say!("the channel is missing here"))
            .help(say!("write `sms per`, or another channel")),
    );
    Ok(empty_name(place))
}
