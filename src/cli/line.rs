//! Result lines. In: a line of the engine. Out: text or JSON that ends in a line break.

use super::Format;
use super::translate::output;
use crate::diagnostic::{Language, Phrase};
use crate::engine::{Line, LineKind};
use crate::say;
use crate::value::{Timestamp, Zone};
use serde::Serialize;

/// The widths of the columns that hold ids, which have any length. They only grow, so that lines can be shown at once.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    client: usize,
    place: usize,
}

impl Default for Columns {
    fn default() -> Self {
        Self { client: 8, place: 16 }
    }
}

/// Formats a line; `None` if the format leaves it out.
pub(super) fn format(line: &Line, format: Format, language: Language, columns: &mut Columns) -> Option<String> {
    match format {
        Format::Text => text(line, language, columns),
        Format::Json => Some(json(line)),
    }
}

/// Formats a line as JSON: `at` first, moments in the time zone of the run.
fn json(line: &Line) -> String {
    // A row consists of strings, so it always serializes.
    serde_json::to_string(&row(line)).unwrap_or_default() + "\n"
}

/// Returns a line as a JSON value.
pub(super) fn object(line: &Line) -> serde_json::Value {
    serde_json::to_value(row(line)).unwrap_or_default()
}

fn row(line: &Line) -> Row<'_> {
    Row {
        at: zone(line).rfc3339(line.at),
        client: &line.client.0,
        run: &line.run.0,
        funnel: &line.funnel,
        element: &line.element.0,
        kind: &line.kind,
    }
}

#[derive(Serialize)]
struct Row<'a> {
    at: String,
    client: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    run: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    funnel: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    element: &'a str,
    #[serde(flatten)]
    kind: &'a LineKind,
}

/// Formats a line as text: when, who, where, what. `None` for intermediate steps, which only JSON shows.
fn text(line: &Line, language: Language, columns: &mut Columns) -> Option<String> {
    let said = |phrase: Phrase| phrase.in_language(language).into_owned();
    let reason = |reason: &str| Phrase::verbatim(output(reason, language));
    let (what, detail) = match &line.kind {
        LineKind::Send { channel, to, subject, text, .. } => {
            let words = subject.as_ref().unwrap_or(text);
            (format!("send {channel}"), format!("{to:<LONGEST_PHONE$}  \"{words}\""))
        }
        LineKind::NotSent { channel, to: None, reason: why, .. } => {
            (said(say!("not sent")), format!("{channel}: {}", reason(why)))
        }
        LineKind::NotSent { channel, to: Some(to), reason: why, .. } => {
            (said(say!("not sent")), said(say!("{channel} to {to}: {reason}", channel, to, reason = reason(why))))
        }
        LineKind::Unknown { channel, to, reason: why, .. } => {
            let what = say!("{channel} to {to} may have left or not: {reason}", channel, to, reason = reason(why));
            (said(say!("unknown")), said(what))
        }
        LineKind::Set { field, value } => ("set".to_owned(), format!("client.{field} = {value}")),
        LineKind::Tag { tag } => ("tag".to_owned(), tag.clone()),
        LineKind::Untag { tag } => ("untag".to_owned(), tag.clone()),
        LineKind::Task { assignee, text, .. } => {
            let assignee = assignee.as_ref().map(|name| format!("{}  ", said(say!("for {name}", name))));
            ("task".to_owned(), format!("{}\"{text}\"", assignee.unwrap_or_default()))
        }
        LineKind::Call { channel, to, body, .. } => {
            (channel.clone(), format!("{to}  {}", serde_json::Value::Object(body.clone())))
        }
        LineKind::Answer { event, known, left_out } => (said(say!("answer")), said(answered(event, known, left_out))),
        LineKind::Emit { event, .. } => ("emit".to_owned(), event.clone()),
        LineKind::Start { started } => ("start".to_owned(), started.clone()),
        LineKind::Goal { event, worth } => {
            let worth = worth.as_ref().map(|worth| format!("  {}", said(worth_of_goal(worth))));
            ("goal".to_owned(), format!("{event}{}", worth.unwrap_or_default()))
        }
        LineKind::Exit { reason } if reason != FINISHED => {
            let why = reason.strip_prefix("exit ").unwrap_or(reason);
            ("exit".to_owned(), output(why, language).into_owned())
        }
        LineKind::NotEntered { reason: why, .. } => {
            let why = why.strip_prefix("exit ").unwrap_or(why);
            (said(say!("no entry")), output(why, language).into_owned())
        }
        LineKind::Ignored { event, key, fields, happened } => {
            let event = key.as_ref().map_or_else(|| event.clone(), |key| format!("{event} {key}"));
            let older = say!(
                "{event}: {values}, said at {happened}, older than what is known",
                event,
                values = serde_json::Value::Object(fields.clone()).to_string(),
                happened = written(zone(line), happened)
            );
            (said(say!("ignored")), said(older))
        }
        LineKind::Incomplete { event, key, missing } => {
            let record = format!("{event} {key}");
            let what = say!("{record}: waiting for {fields}", record, fields = missing.join(", "));
            (said(say!("incomplete")), said(what))
        }
        LineKind::Merge { from } => (said(say!("merge")), said(say!("with {client}", client = from.0))),
        LineKind::Halt { reason: why } => ("halt".to_owned(), output(why, language).into_owned()),
        LineKind::Enter { .. } | LineKind::Exit { .. } | LineKind::Decide { .. } | LineKind::Wait { .. } => {
            return None;
        }
    };
    let at = moment(zone(line), line.at);
    let place = place(line);
    columns.client = columns.client.max(line.client.0.chars().count());
    columns.place = columns.place.max(place.chars().count());
    let Columns { client, place: width } = *columns;
    Some(one_line(&format!("{at}  {:<client$}  {place:<width$}  {what:<10}  {detail}", line.client.0)))
}

/// What is known of an answer; its values may be secret.
pub(super) fn answered(event: &str, known: &[String], left_out: &[String]) -> Phrase {
    let (fields, left_out) = (known.join(", "), left_out.join(", "));
    match (fields.is_empty(), left_out.is_empty()) {
        (false, true) => say!("{event}: {fields}", event, fields),
        (false, false) => say!("{event}: {fields}; of another type: {left_out}", event, fields, left_out),
        (true, true) => say!("{event}: no declared field", event),
        (true, false) => say!("{event}: no usable field; of another type: {left_out}", event, left_out),
    }
}

fn worth_of_goal(worth: &serde_json::Value) -> Phrase {
    say!("worth {worth}", worth = worth.as_str().map_or_else(|| worth.to_string(), str::to_owned))
}

/// The funnel and the step: `no_show/send-3f9a0c`; `-` for what concerns no run.
fn place(line: &Line) -> String {
    match (line.funnel.as_str(), &line.kind) {
        ("", _) => "-".to_owned(),
        (funnel, LineKind::Goal { .. } | LineKind::NotEntered { .. } | LineKind::Halt { .. }) => funnel.to_owned(),
        (funnel, _) if line.element.0.is_empty() => funnel.to_owned(),
        (funnel, _) => format!("{funnel}/{}", line.element),
    }
}

/// The column width of a phone number in E.164 format.
const LONGEST_PHONE: usize = 12;

/// The exit reason of a run that reached its end, which the text format leaves out.
const FINISHED: &str = "finished";

fn zone(line: &Line) -> Zone {
    Zone::named(&line.zone).unwrap_or(Zone::UTC)
}

/// A moment in RFC 3339 as text shows it.
fn written(zone: Zone, rfc3339: &str) -> String {
    Timestamp::parse(rfc3339).map_or_else(|| rfc3339.to_owned(), |at| moment(zone, at))
}

/// `2026-03-02 14:00 +03:00`
fn moment(zone: Zone, at: Timestamp) -> String {
    let civil = zone.civil(at);
    let (hour, minute, _) = civil.time.parts();
    let written = zone.rfc3339(at);
    let offset = written.get(written.len().saturating_sub(6)..).filter(|end| !end.ends_with('Z')).unwrap_or("+00:00");
    format!("{} {hour:02}:{minute:02} {offset}", civil.date)
}

/// Puts a text on one line, with control characters removed.
fn one_line(text: &str) -> String {
    let mut line = String::with_capacity(text.len() + 1);
    for c in text.trim_end().chars() {
        match c {
            '\n' | '\r' | '\t' if line.ends_with(' ') => {}
            '\n' | '\r' | '\t' => line.push(' '),
            c if c.is_control() => line.push('\u{fffd}'),
            c => line.push(c),
        }
    }
    line.push('\n');
    line
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{ClientId, MessageId, RunId};
    use crate::graph::ElementId;

    fn line(kind: LineKind) -> Line {
        Line {
            at: Timestamp::parse("2026-03-02T11:00:00Z").unwrap(),
            zone: "Europe/Moscow".into(),
            client: ClientId("c1".into()),
            run: RunId("r1".into()),
            funnel: "came".into(),
            element: ElementId("ask".into()),
            kind,
        }
    }

    fn send(text: &str) -> LineKind {
        let (message, channel, to) = (MessageId("m1".into()), "sms".into(), "+79990000001".into());
        LineKind::Send { message, channel, to, subject: None, text: text.into(), evidence: None }
    }

    #[test]
    fn json_begins_with_the_moment_in_the_zone_of_the_run() {
        let expected = concat!(
            r#"{"at":"2026-03-02T14:00:00+03:00","client":"c1","run":"r1","funnel":"came","element":"ask","kind":"send","#,
            r#""message":"m1","channel":"sms","to":"+79990000001","text":"Hi"}"#,
            "\n"
        );
        assert_eq!(json(&line(send("Hi"))), expected);
    }

    #[test]
    fn text_is_one_line_that_cannot_steer_a_terminal() {
        let shown = shown(send("Hi\nAnna \u{1b}[31m")).unwrap();
        assert_eq!(
            shown,
            "2026-03-02 14:00 +03:00  c1        came/ask          send sms    +79990000001  \"Hi Anna \u{fffd}[31m\"\n"
        );
    }

    fn shown(kind: LineKind) -> Option<String> {
        text(&line(kind), Language::English, &mut Columns::default())
    }

    #[test]
    fn ids_of_any_length_keep_the_columns() {
        let mut columns = Columns::default();
        let mut long = line(send("Hi"));
        long.client = ClientId("5c0a2f6e-0d3c-4b8e-9a55-7f1d2c3b4a59".into());
        long.funnel = "win_back_after_a_long_silence".into();
        let lines = [&long, &line(send("Hi")), &long].map(|line| text(line, Language::English, &mut columns).unwrap());
        let column = lines.each_ref().map(|line| line.find("send sms").unwrap());
        assert_eq!(column, [column[0]; 3], "{lines:?}");
        let about_nobody = Line { funnel: String::new(), element: ElementId(String::new()), ..line(send("Hi")) };
        assert!(text(&about_nobody, Language::English, &mut columns).unwrap().contains("  -  "));
    }

    #[test]
    fn intermediate_steps_have_no_text() {
        assert_eq!(shown(LineKind::Decide { result: true, reason: None }), None);
        assert_eq!(shown(LineKind::Exit { reason: "finished".into() }), None);
        assert!(shown(LineKind::Exit { reason: "stop".into() }).is_some());
    }
}
