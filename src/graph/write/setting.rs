//! Prints settings and triggers.

use crate::check::program::{
    Change, Enter, Expr, Goal, Limit, Over, Pattern, Purpose, Settings, Source, Trigger, Upgrade,
};
use crate::graph::Entry;
use crate::graph::expr_text::{string_literal, write_expr};
use crate::value::{Duration, Schedule, Weekday, time::Window};

/// Prints a duration; negative durations have no source form.
pub(super) fn duration(length: Duration) -> String {
    length.to_string()
}

/// Prints the settings of a funnel, one per line; those of the project are omitted.
pub(super) fn settings(settings: &Settings) -> Vec<String> {
    let mut lines = Vec::new();
    if let Purpose::Marketing { topic } = &settings.purpose {
        lines.push(format!("purpose marketing {}", topic.as_deref().unwrap_or_default()));
    }
    lines.extend(zones(&settings.zones));
    if !settings.hours.is_empty() && !settings.project_hours {
        lines.push(format!("hours {}", settings.hours.iter().map(window).collect::<Vec<_>>().join(", ")));
    }
    lines.extend(match &settings.enter {
        Enter::OncePerRecord => None,
        Enter::Always => Some("enter always".to_owned()),
        Enter::Once => Some("enter once".to_owned()),
        Enter::OncePer(key) => Some(format!("enter once per {}", write_expr(key))),
        Enter::Again(after) => Some(format!("enter again after {}", duration(*after))),
    });
    lines.extend(settings.limits.iter().filter(|limit| !limit.whole_project).map(limit));
    let mut exits = settings.exits.as_slice();
    while let Some(first) = exits.first() {
        // Exits that were written on one line share their text and filter.
        let same = exits.iter().take_while(|exit| exit.text == first.text && exit.filter == first.filter).count();
        let (line, rest) = exits.split_at(same.max(1));
        let events: Vec<Pattern> = line.iter().map(|exit| exit.pattern.clone()).collect();
        lines.push(format!("exit on {}{}", patterns(&events), filter(first.filter.as_ref())));
        exits = rest;
    }
    lines.extend(settings.goals.iter().map(goal));
    if settings.upgrade != Upgrade::default() {
        let name = Upgrade::NAMES.iter().find(|(_, upgrade)| *upgrade == settings.upgrade).map_or("", |(name, _)| name);
        lines.push(format!("upgrade {name}"));
    }
    lines
}

/// The zone of the client is implied if there is no other.
fn zones(zones: &[Expr]) -> Option<String> {
    let written: Vec<String> = zones.iter().take(2).map(write_expr).collect();
    if zones.iter().all(is_client_zone) { None } else { Some(format!("timezone {}", written.join(" else "))) }
}

/// Whether a zone is that of the client.
pub(super) fn is_client_zone(zone: &Expr) -> bool {
    matches!(zone, Expr::Field(read) if read.source == Source::Client && read.name == "timezone")
}

fn window(window: &Window) -> String {
    let days = window.days.iter().map(|day| day.name()).collect::<Vec<_>>().join(", ");
    let gap = if days.is_empty() { "" } else { " " };
    format!("{days}{gap}{}..{}", window.from, window.to)
}

fn limit(limit: &Limit) -> String {
    let channel = limit.channel.as_deref().unwrap_or("messages");
    let over = match limit.over {
        Over::Skip => "skip".to_owned(),
        Over::Defer(up_to) => format!("defer up to {}", duration(up_to)),
    };
    format!("limit {} {channel} per {} else {over}", limit.count, duration(limit.per))
}

fn goal(goal: &Goal) -> String {
    let within = goal.within.map(|within| format!(" within {}", duration(within))).unwrap_or_default();
    let worth = goal.worth.as_ref().map(|worth| format!(" worth {}", write_expr(worth))).unwrap_or_default();
    format!("goal on {}{}{within}{worth}", patterns(&goal.patterns), filter(goal.filter.as_ref()))
}

fn filter(filter: Option<&Expr>) -> String {
    filter.map(|filter| format!(" where {}", write_expr(filter))).unwrap_or_default()
}

/// Prints event patterns: `booking or visit.updated`.
pub(super) fn patterns(patterns: &[Pattern]) -> String {
    let one = |Pattern { event, change, message: _ }: &Pattern| match change {
        Change::Created => event.clone(),
        Change::Updated => format!("{event}.updated"),
        Change::TurnedTrue(field) | Change::FieldChanged(field) | Change::FieldBecame(field) => {
            format!("{event}.{field}")
        }
        Change::Crossed(crossing) => crossing.to_string(),
    };
    patterns.iter().map(one).collect::<Vec<_>>().join(" or ")
}

/// Prints a trigger from its meaning.
pub(super) fn trigger(entry: &Entry) -> String {
    let (what, alias) = match &entry.trigger {
        Trigger::Happened { patterns: events, binding, .. } => {
            let mut names: Vec<&str> = Vec::new();
            for pattern in events {
                if !names.contains(&pattern.event.as_str()) {
                    names.push(&pattern.event);
                }
            }
            let own = names.join(" or ");
            (format!("on {}", patterns(events)), binding.as_ref().filter(|binding| **binding != own))
        }
        Trigger::Segment { segment, entering } => {
            (format!("on {} {}", if *entering { "entering" } else { "leaving" }, segment.name), None)
        }
        Trigger::Silence { event, duration: length, binding } => {
            (format!("on no {event} for {}", duration(*length)), Some(binding).filter(|binding| *binding != event))
        }
        Trigger::Date(date) => {
            let offset = date.offset;
            let offset = if offset == Duration::default() {
                String::new()
            } else if duration(offset).starts_with('-') {
                format!(" - {}", duration(offset.negated()))
            } else {
                format!(" + {}", duration(offset))
            };
            (format!("on client.{}{offset} at {}", date.field, date.at), None)
        }
        Trigger::Started { event: None, .. } => ("on start".to_owned(), None),
        Trigger::Started { event: Some(event), binding } => {
            (format!("on start with {event}"), binding.as_ref().filter(|binding| *binding != event))
        }
        Trigger::Every { schedule, segment } => {
            let segment = segment.as_ref().map(|segment| format!(" for {}", segment.name)).unwrap_or_default();
            let word = if schedule.once().is_some() { "on" } else { "every" };
            (format!("{word} {}{segment}", every(schedule)), None)
        }
    };
    let alias = alias.map(|alias| format!(" as {alias}")).unwrap_or_default();
    let holds = entry.trigger.holds().map(|holds| format!(" while {}", write_expr(holds))).unwrap_or_default();
    format!("{what}{alias}{}{holds}", filter(entry.filter.as_ref()))
}

fn every(schedule: &Schedule) -> String {
    match schedule {
        Schedule::Days { days, at } if days.is_empty() => format!("day {at}"),
        Schedule::Days { days, at } => {
            let days: Vec<&str> = days.iter().map(|day: &Weekday| day.name()).collect();
            format!("{} {at}", days.join(", "))
        }
        Schedule::Interval { every, at } => {
            let at = at.map(|at| format!(" at {at}")).unwrap_or_default();
            format!("{}{at}", duration(*every))
        }
        Schedule::Rule(rule) => string_literal(rule),
        Schedule::Once(at) => at.to_string(),
    }
}
