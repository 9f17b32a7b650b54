//! The timeline of a client in the HTML report, with messages as the client would see them. In: lines. Out: HTML.

use super::page::{capitalized, channel_name, html};
use super::report::{Report, Shown};
use crate::cli::line::answered;
use crate::cli::translate::output;
use crate::diagnostic::{Language, Phrase};
use crate::engine::{Line, LineKind};
use crate::say;
use crate::source::escape_xml;
use crate::value::{CivilDate, Timestamp, Zone};
use serde_json::Value as Json;
use std::fmt::Write;

/// Renders what happened to a client, day by day.
pub(super) fn timeline(out: &mut String, report: &Report, shown: &Shown, language: Language) {
    let mut day: Option<CivilDate> = None;
    for line in &shown.lines {
        let zone = Zone::named(&line.zone).unwrap_or(Zone::UTC);
        let civil = zone.civil(line.at);
        if day != Some(civil.date) {
            if day.is_some() {
                let _ = writeln!(out, "</ol>");
            }
            let weekday = output(civil.date.weekday().name(), language);
            let _ = writeln!(out, "<h3>{}, {weekday}</h3>\n<ol>", civil.date);
            day = Some(civil.date);
        }
        let exact = zone.rfc3339(line.at);
        let _ = write!(
            out,
            "<li><time datetime=\"{exact}\" title=\"{exact} {}\">{}</time><div>",
            escape_xml(zone.name()),
            civil.time
        );
        Entry { out, report, line, language }.write();
        let _ = writeln!(out, "</div></li>");
    }
    if day.is_some() {
        let _ = writeln!(out, "</ol>");
    }
}

/// A line of the timeline as it is rendered.
struct Entry<'a> {
    out: &'a mut String,
    report: &'a Report,
    line: &'a Line,
    language: Language,
}

impl Entry<'_> {
    fn write(&mut self) {
        let line = self.line;
        let funnel = &line.funnel;
        match &line.kind {
            LineKind::Send { message, channel, to, subject, text, .. } => {
                match subject {
                    Some(subject) => email(self.out, subject, text, self.report.html_of(message)),
                    None => _ = write!(self.out, "<p class=\"bubble\">{}</p>", escape_xml(text)),
                }
                let channel = channel_name(channel);
                let sent = self.html(&say!("{channel} to {to}", channel, to));
                let _ = write!(self.out, "<p class=\"quiet\">{sent} · {}</p>", escape_xml(funnel));
            }
            LineKind::NotSent { channel, to, reason, .. } => self.not_sent(channel, to.as_deref(), reason),
            LineKind::Unknown { channel, to, reason, .. } => self.unknown(channel, to, reason),
            LineKind::Task { assignee, text, due, .. } => self.task(assignee.as_deref(), text, due.as_deref()),
            LineKind::Call { channel, to, body, .. } => {
                let body = serde_json::to_string_pretty(body).unwrap_or_default();
                let (channel, to, body) = (escape_xml(channel), escape_xml(to), escape_xml(&body));
                let _ = write!(self.out, "<div class=\"card\"><b>{channel}</b> {to}<pre>{body}</pre></div>");
            }
            LineKind::Answer { event, known, left_out } => {
                self.step(&say!("answer"), &answered(event, known, left_out).in_language(self.language));
            }
            LineKind::Emit { event, data } => {
                self.step(&say!("event"), &format!("{event} {}", Json::Object(data.clone())));
            }
            LineKind::Set { field, value } => self.step(&Phrase::verbatim("set"), &format!("{field} = {value}")),
            LineKind::Tag { tag } => self.step(&Phrase::verbatim("tag"), tag),
            LineKind::Untag { tag } => self.step(&Phrase::verbatim("untag"), tag),
            LineKind::Goal { event, worth } => {
                let goal = match worth {
                    Some(worth) => {
                        let worth = worth.as_str().map_or_else(|| worth.to_string(), str::to_owned);
                        say!("{event}, worth {worth}", event, worth)
                    }
                    None => Phrase::verbatim(event),
                };
                self.step(&say!("goal"), &format!("{funnel}: {}", goal.in_language(self.language)));
            }
            LineKind::Start { started } => self.step(&Phrase::verbatim("start"), started),
            LineKind::Enter { key } => {
                let about = match key {
                    Some(key) => say!("{funnel}, about {key}", funnel, key),
                    None => Phrase::verbatim(funnel),
                };
                self.step(&say!("enters"), &about.in_language(self.language));
            }
            LineKind::NotEntered { key, reason } => {
                let about = match key {
                    Some(key) => say!("{funnel}, about {key}", funnel, key),
                    None => Phrase::verbatim(funnel),
                };
                let about = about.in_language(self.language);
                self.step(&say!("does not enter"), &format!("{about}: {}", output(reason, self.language)));
            }
            LineKind::Exit { reason } => {
                self.step(&say!("leaves"), &format!("{funnel}: {}", output(reason, self.language)));
            }
            LineKind::Ignored { .. } | LineKind::Incomplete { .. } | LineKind::Merge { .. } => self.about_client(),
            LineKind::Halt { reason } => {
                self.step(&say!("stopped"), &format!("{funnel}: {}", output(reason, self.language)));
            }
            LineKind::Decide { result, .. } => {
                self.step(&say!("decides"), &output(if *result { "yes" } else { "no" }, self.language));
            }
            LineKind::Wait { until } => {
                let until = until.as_ref().map_or_else(|| say!("for an event"), Phrase::verbatim);
                self.step(&say!("waits"), &until.in_language(self.language));
            }
        }
    }

    fn unknown(&mut self, channel: &str, to: &str, reason: &str) {
        let (channel, reason) = (channel_name(channel), self.reason(reason));
        let title = self.html(&say!("sent or not"));
        let detail = self.html(&say!("by {channel} to {to}: {reason}", channel, to, reason));
        let _ = write!(self.out, "<p class=\"unsent\"><b>{title}</b> {detail}</p>");
    }

    /// Writes a line that concerns no run.
    fn about_client(&mut self) {
        match &self.line.kind {
            LineKind::Ignored { event, fields, happened, .. } => {
                let values = Json::Object(fields.clone()).to_string();
                let older = say!("{event} {values}, older than what is known: {happened}", event, values, happened);
                self.step(&say!("ignored"), &older.in_language(self.language));
            }
            LineKind::Incomplete { event, key, missing } => {
                let record = format!("{event} {key}");
                let what = say!("{record}: waiting for {fields}", record, fields = missing.join(", "));
                self.step(&say!("incomplete"), &what.in_language(self.language));
            }
            LineKind::Merge { from } => self.step(&say!("merge"), &from.0),
            LineKind::Answer { .. }
            | LineKind::Call { .. }
            | LineKind::Decide { .. }
            | LineKind::Emit { .. }
            | LineKind::Enter { .. }
            | LineKind::Exit { .. }
            | LineKind::Goal { .. }
            | LineKind::Halt { .. }
            | LineKind::NotEntered { .. }
            | LineKind::NotSent { .. }
            | LineKind::Send { .. }
            | LineKind::Set { .. }
            | LineKind::Start { .. }
            | LineKind::Tag { .. }
            | LineKind::Task { .. }
            | LineKind::Unknown { .. }
            | LineKind::Untag { .. }
            | LineKind::Wait { .. } => {}
        }
    }

    fn not_sent(&mut self, channel: &str, to: Option<&str>, reason: &str) {
        let (channel, reason) = (channel_name(channel), self.reason(reason));
        let detail = match to {
            Some(to) => say!("by {channel} to {to}: {reason}", channel, to, reason),
            None => say!("by {channel}: {reason}", channel, reason),
        };
        let (title, detail) = (self.html(&say!("not sent")), self.html(&detail));
        let _ = write!(self.out, "<p class=\"unsent\"><b>{title}</b> {detail}</p>");
        let _ = write!(self.out, "<p class=\"quiet\">{}</p>", escape_xml(&self.line.funnel));
    }

    fn task(&mut self, assignee: Option<&str>, text: &str, due: Option<&str>) {
        let zone = Zone::named(&self.line.zone).unwrap_or(Zone::UTC);
        let assignee = assignee.map(|name| format!(" {}", self.html(&say!("for {name}", name)))).unwrap_or_default();
        let due = due.and_then(Timestamp::parse).map(|due| zone.civil(due).to_string());
        let due = due.map(|moment| format!(", {}", self.html(&say!("due {moment}", moment)))).unwrap_or_default();
        let title = capitalized(&say!("task"), self.language);
        let _ = write!(self.out, "<p class=\"card\"><b>{title}</b>{assignee}{due}<br>{}</p>", escape_xml(text));
        let _ = write!(self.out, "<p class=\"quiet\">{}</p>", escape_xml(&self.line.funnel));
    }

    /// Writes a line that is not a message.
    fn step(&mut self, what: &Phrase, detail: &str) {
        let (what, detail) = (self.html(what), escape_xml(detail));
        let _ = write!(self.out, "<p class=\"step\"><b>{what}</b> {detail}</p>");
    }

    fn html(&self, phrase: &Phrase) -> String {
        html(phrase, self.language)
    }

    fn reason(&self, reason: &str) -> Phrase {
        Phrase::verbatim(output(reason, self.language))
    }
}

/// Writes an email: its subject, and its HTML in a frame that runs no scripts and loads nothing, or else its text.
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
