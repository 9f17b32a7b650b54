//! The timeline of a client, messages as they would look. In: lines. Out: HTML.

use super::page::channel_name;
use super::report::{Report, Shown};
use crate::engine::{Line, LineKind};
use crate::source::escape_xml;
use crate::value::{CivilDate, Timestamp, Zone};
use serde_json::Value as Json;
use std::fmt::Write;

/// Writes what happened to a client, day by day.
pub(super) fn timeline(out: &mut String, report: &Report, shown: &Shown) {
    let mut day: Option<CivilDate> = None;
    for line in &shown.lines {
        let zone = Zone::named(&line.zone).unwrap_or(Zone::UTC);
        let civil = zone.civil(line.at);
        if day != Some(civil.date) {
            if day.is_some() {
                let _ = writeln!(out, "</ol>");
            }
            let _ = writeln!(out, "<h3>{}, {}</h3>\n<ol>", civil.date, civil.date.weekday().name());
            day = Some(civil.date);
        }
        let exact = zone.rfc3339(line.at);
        let _ = write!(
            out,
            "<li><time datetime=\"{exact}\" title=\"{exact} {}\">{}</time><div>",
            escape_xml(zone.name()),
            civil.time
        );
        what(out, report, line);
        let _ = writeln!(out, "</div></li>");
    }
    if day.is_some() {
        let _ = writeln!(out, "</ol>");
    }
}

fn what(out: &mut String, report: &Report, line: &Line) {
    let funnel = escape_xml(&line.funnel);
    match &line.kind {
        LineKind::Send { message, channel, to, subject, text, .. } => {
            let by = escape_xml(channel_name(channel));
            match subject {
                Some(subject) => email(out, subject, text, report.html_of(message)),
                None => _ = write!(out, "<p class=\"bubble\">{}</p>", escape_xml(text)),
            }
            let _ = write!(out, "<p class=\"quiet\">{by} to {} · {funnel}</p>", escape_xml(to));
        }
        LineKind::NotSent { channel, to, reason, .. } => {
            let to = to.as_ref().map(|to| format!(" to {}", escape_xml(to))).unwrap_or_default();
            let (by, reason) = (escape_xml(channel_name(channel)), escape_xml(reason));
            let _ = write!(out, "<p class=\"unsent\"><b>not sent</b> by {by}{to}: {reason}</p>");
            let _ = write!(out, "<p class=\"quiet\">{funnel}</p>");
        }
        LineKind::Unknown { channel, to, reason, .. } => {
            let (by, to, reason) = (escape_xml(channel_name(channel)), escape_xml(to), escape_xml(reason));
            let _ = write!(out, "<p class=\"unsent\"><b>sent or not</b> by {by} to {to}: {reason}</p>");
        }
        LineKind::Task { assignee, text, due, .. } => {
            let whom = assignee.as_ref().map(|name| format!(" for {}", escape_xml(name))).unwrap_or_default();
            let zone = Zone::named(&line.zone).unwrap_or(Zone::UTC);
            let due = due.as_deref().and_then(Timestamp::parse);
            let due = due.map(|due| format!(", due {}", zone.civil(due))).unwrap_or_default();
            let _ = write!(out, "<p class=\"card\"><b>Task</b>{whom}{due}<br>{}</p>", escape_xml(text));
            let _ = write!(out, "<p class=\"quiet\">{funnel}</p>");
        }
        LineKind::Call { channel, to, body, .. } => {
            let body = serde_json::to_string_pretty(body).unwrap_or_default();
            let (channel, to, body) = (escape_xml(channel), escape_xml(to), escape_xml(&body));
            let _ = write!(out, "<div class=\"card\"><b>{channel}</b> {to}<pre>{body}</pre></div>");
        }
        LineKind::Emit { event, data } => {
            let data = serde_json::Value::Object(data.clone()).to_string();
            step(out, "event", &format!("{} {}", escape_xml(event), escape_xml(&data)));
        }
        LineKind::Set { field, value } => {
            step(out, "set", &format!("{} = {}", escape_xml(field), escape_xml(&value.to_string())));
        }
        LineKind::Tag { tag } => step(out, "tag", &escape_xml(tag)),
        LineKind::Untag { tag } => step(out, "untag", &escape_xml(tag)),
        LineKind::Goal { event, worth } => {
            let words = |worth: &Json| worth.as_str().map_or_else(|| worth.to_string(), str::to_owned);
            let worth =
                worth.as_ref().map(|worth| format!(", worth {}", escape_xml(&words(worth)))).unwrap_or_default();
            step(out, "goal", &format!("{funnel}: {}{worth}", escape_xml(event)));
        }
        LineKind::Start { started } => step(out, "start", &escape_xml(started)),
        LineKind::Enter { key } => {
            let about = key.as_ref().map(|key| format!(", about {}", escape_xml(key))).unwrap_or_default();
            step(out, "enters", &format!("{funnel}{about}"));
        }
        LineKind::Exit { reason } => step(out, "leaves", &format!("{funnel}: {}", escape_xml(reason))),
        LineKind::Halt { reason } => step(out, "halts", &format!("{funnel}: {}", escape_xml(reason))),
        LineKind::Decide { result, .. } => step(out, "decides", if *result { "yes" } else { "no" }),
        LineKind::Wait { until } => step(out, "waits", &escape_xml(until.as_deref().unwrap_or("for an event"))),
    }
}

/// A line that is no message; `detail` is HTML.
fn step(out: &mut String, what: &str, detail: &str) {
    let _ = write!(out, "<p class=\"step\"><b>{what}</b> {detail}</p>");
}

/// An email: its subject, and its HTML in a frame that runs no scripts and loads nothing, or else its text.
fn email(out: &mut String, subject: &str, text: &str, html: Option<&str>) {
    let subject = escape_xml(subject);
    let _ = write!(out, "<div class=\"email\"><p><b>{subject}</b></p>");
    let _ = match html {
        Some(html) => {
            write!(
                out,
                "<iframe sandbox loading=\"lazy\" title=\"{subject}\" srcdoc=\"{}\"></iframe>",
                escape_xml(html)
            )
        }
        None => write!(out, "<p class=\"words\">{}</p>", escape_xml(text)),
    };
    let _ = out.write_str("</div>");
}
