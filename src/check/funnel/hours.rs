//! `hours`. In: windows as written. Out: diagnostics about windows that overlap.

use crate::check::checker::Checker;
use crate::diagnostic::{Code, Diagnostic};
use crate::say;
use crate::source::Sources;
use crate::syntax::ast::{self, HoursWindow};
use crate::syntax::{self};
use crate::value::time::Window;
use crate::value::{TimeOfDay, Weekday};

impl Checker<'_> {
    /// Reports each window that overlaps an earlier one.
    pub(super) fn reject_overlaps(&mut self, windows: &[HoursWindow]) {
        for (at, window) in windows.iter().enumerate() {
            let Some((before, first)) =
                windows.iter().take(at).enumerate().find(|(_, earlier)| overlap(earlier, window))
            else {
                continue;
            };
            let finding = Diagnostic::new(
                Code::OutsideHours,
                window.span,
                say!("this window overlaps another one"),
                say!("already open"),
            )
            .related(first.span, say!("the other window"));
            let joined = joined(first, window).filter(|_| before + 1 == at);
            self.report(match joined {
                Some(text) => finding.help(say!("merge them: `{text}`", text)).fix(
                    say!("merge the two windows"),
                    first.span.to(window.span),
                    text,
                ),
                None => finding.help(say!("end one window before the other begins")),
            });
        }
    }
}

/// The days from first to last, across the end of the week if needed.
pub(super) fn days_of(range: &ast::DayRange) -> Vec<Weekday> {
    match range {
        ast::DayRange::Word(word) => word.days().to_vec(),
        ast::DayRange::Days(from, None) => vec![from.node],
        ast::DayRange::Days(from, Some(to)) => {
            let length = (to.node as usize + 7 - from.node as usize) % 7;
            Weekday::ALL.iter().copied().cycle().skip(from.node as usize).take(length + 1).collect()
        }
    }
}

/// The windows of hours that are written outside of funnels, as after `hours`; `None` if there is a mistake in them.
#[must_use]
pub fn hours_of(text: &str) -> Option<Vec<Window>> {
    let mut sources = Sources::new();
    let file = sources.add("hours", format!("funnel f {{\nhours {text}\non visit -> stop\n}}\n"));
    let parsed = syntax::parse(&sources, file);
    let [item] = parsed.file.items.as_slice() else { return None };
    let ast::ItemKind::Funnel(funnel) = &item.kind else { return None };
    let [setting] = funnel.settings.as_slice() else { return None };
    let ast::SettingKind::Hours(windows) = &setting.kind else { return None };
    // Nothing else may be in the text.
    let is_alone = funnel.entries.len() == 1 && !text.contains(['\n', '#', '{']);
    let is_sound =
        parsed.diagnostics.is_empty() && is_alone && windows.iter().all(|window| window.from.node != window.to.node);
    is_sound.then(|| windows.iter().map(window).collect())
}

/// A window as written.
pub(super) fn window(written: &HoursWindow) -> Window {
    let days = written.days.iter().flat_map(days_of).collect();
    Window { days, from: written.from.node, to: written.to.node }
}

/// The days on which a window opens.
fn open_on(window: &HoursWindow) -> Vec<Weekday> {
    if window.days.is_empty() { Weekday::ALL.to_vec() } else { window.days.iter().flat_map(days_of).collect() }
}

/// The open intervals of a window, in seconds from the start of the week.
fn stretches(window: &HoursWindow) -> Vec<(u32, u32)> {
    let second = |time: TimeOfDay| {
        let (hour, minute, second) = time.parts();
        hour * 3600 + minute * 60 + second
    };
    let (from, to) = (second(window.from.node), second(window.to.node));
    let length = if from < to { to - from } else { 86_400 - from + to };
    open_on(window).into_iter().map(|day| (day as u32 * 86_400 + from, day as u32 * 86_400 + from + length)).collect()
}

fn overlap(one: &HoursWindow, other: &HoursWindow) -> bool {
    const WEEK: u32 = 7 * 86_400;
    let (one, other) = (stretches(one), stretches(other));
    let meets = |(a, b): (u32, u32), (c, d): (u32, u32)| a < d && c < b;
    one.iter().any(|a| {
        other.iter().any(|b| {
            // A window in the last night of the week extends into the first day.
            meets(*a, *b) || meets((a.0 + WEEK, a.1 + WEEK), *b) || meets(*a, (b.0 + WEEK, b.1 + WEEK))
        })
    })
}

/// Two windows on all days joined into one, if both close on the day on which they open.
fn joined(one: &HoursWindow, other: &HoursWindow) -> Option<String> {
    let within_a_day = |window: &HoursWindow| window.from.node < window.to.node;
    if !within_a_day(one) || !within_a_day(other) || one.days.len() != other.days.len() || !one.days.is_empty() {
        return None;
    }
    let (from, to) = (one.from.node.min(other.from.node), one.to.node.max(other.to.node));
    Some(format!("{from}..{to}"))
}
