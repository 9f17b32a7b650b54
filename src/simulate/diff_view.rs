//! Renders both timelines of a test side by side. In: a test and its verdict. Out: aligned columns, 100 characters
//! wide.

use super::{Mark, Row, Verdict};
use crate::check::program::{Test, When};
use crate::engine::{Line, LineKind};
use crate::value::{CivilDate, Timestamp, Zone};

/// The width of a column; two of them, the marks and the gap make 100.
const COLUMN: usize = 47;

/// How many lines a cell may have; more is cut.
const MAX_CELL_LINES: usize = 4;

/// The width of a time and the space after it, which further lines of a cell are indented by.
const INDENT: usize = 7;

/// Renders both timelines, day by day. `said` translates the English parts.
#[must_use]
pub fn diff_view(test: &Test, verdict: &Verdict, colored: bool, said: &dyn Fn(&str) -> String) -> String {
    let zone = Zone::named(&test.zone).unwrap_or(Zone::UTC);
    let clients: std::collections::BTreeSet<&str> = test.events.iter().map(|event| event.client.as_str()).collect();
    let view = DiffView { test, verdict, zone, several: clients.len() > 1, colored, said };
    let rows: Vec<&Row> = verdict.rows.iter().filter(|row| view.is_worth_showing(row)).collect();
    let happened = format!("happened, {} time", test.zone);
    let mut out = format!("  {:<COLUMN$}  {}\n", said("expected"), said(&happened));
    if rows.is_empty() {
        out += &format!("  ({})\n", said("nothing"));
    }
    let mut day: Option<CivilDate> = None;
    for row in rows {
        let date = zone.civil(row.at).date;
        if day.replace(date) != Some(date) {
            out += &view.paint("1", &format!("  {date} {}", said(date.weekday().name())));
            out.push('\n');
        }
        out += &view.row(row);
    }
    out
}

struct DiffView<'a> {
    test: &'a Test,
    verdict: &'a Verdict,
    zone: Zone,
    /// Whether lines name their client, because the test has several.
    several: bool,
    colored: bool,
    said: &'a dyn Fn(&str) -> String,
}

impl DiffView<'_> {
    /// Whether to show a row. Entering and finishing are omitted unless they were expected.
    fn is_worth_showing(&self, row: &Row) -> bool {
        let Some(line) = row.happened.and_then(|n| self.verdict.happened.get(n)) else { return true };
        let is_step = match &line.kind {
            LineKind::Enter { .. } => true,
            LineKind::Exit { reason } => reason == "finished",
            LineKind::Send { .. }
            | LineKind::NotSent { .. }
            | LineKind::Unknown { .. }
            | LineKind::Set { .. }
            | LineKind::Tag { .. }
            | LineKind::Untag { .. }
            | LineKind::Task { .. }
            | LineKind::Call { .. }
            | LineKind::Answer { .. }
            | LineKind::Emit { .. }
            | LineKind::Start { .. }
            | LineKind::Goal { .. }
            | LineKind::NotEntered { .. }
            | LineKind::Ignored { .. }
            | LineKind::Incomplete { .. }
            | LineKind::Merge { .. }
            | LineKind::Halt { .. }
            | LineKind::Decide { .. }
            | LineKind::Wait { .. } => false,
        };
        !is_step || row.mark != Mark::Aside
    }

    fn row(&self, row: &Row) -> String {
        let expected = row.expected.and_then(|n| self.test.expected.get(n));
        let left = expected.map(|expected| {
            let time = expected.when.map(|when| self.moment(when)).unwrap_or_default();
            self.cell(&time, &expected.client, &expected.text)
        });
        let happened = row.happened.and_then(|n| self.verdict.happened.get(n));
        let right =
            happened.map(|line| self.cell(&self.time(line.at, row.at), &line.client.0, &words(line, self.said)));
        let (left, right) = (left.unwrap_or_default(), right.unwrap_or_default());
        let (mark, color) = match row.mark {
            Mark::Met => (' ', "0"),
            Mark::Different => ('~', "33"),
            Mark::Missing => ('-', "31"),
            Mark::Unexpected => ('+', "31"),
            Mark::Aside => (' ', "2"),
        };
        let lines = (0..left.len().max(right.len())).map(|n| {
            let side = |cell: &[String]| cell.get(n).cloned().unwrap_or_default();
            let mark = if n == 0 { mark } else { ' ' };
            let line = format!("{mark} {:<COLUMN$}  {}", side(&left), side(&right));
            self.paint(color, line.trim_end()) + "\n"
        });
        lines.collect()
    }

    /// A moment as written; a whole day has no time.
    fn moment(&self, when: When) -> String {
        if when.timed { self.zone.civil(when.from).time.to_string() } else { (self.said)("day") }
    }

    /// When a line happened; with the day where it differs from that of its row.
    fn time(&self, at: Timestamp, row: Timestamp) -> String {
        let (civil, row) = (self.zone.civil(at), self.zone.civil(row));
        if civil.date == row.date { civil.time.to_string() } else { civil.to_string() }
    }

    /// A time and text, on as many lines as they need.
    fn cell(&self, time: &str, client: &str, words: &str) -> Vec<String> {
        let whose = if self.several { format!("{client}: ") } else { String::new() };
        let first = format!("{time:<5}  {whose}");
        wrapped(&first, words)
    }

    fn paint(&self, code: &str, text: &str) -> String {
        if self.colored && code != "0" { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}

/// Wraps text after a head between words; cuts words and cells that are far too long.
fn wrapped(head: &str, words: &str) -> Vec<String> {
    let mut lines = vec![head.to_owned()];
    let mut fresh = true;
    for word in words.split_whitespace() {
        let width = |line: &String| line.chars().count();
        let space = usize::from(!fresh);
        let fits = lines.last().map_or(0, width) + space + word.chars().count() <= COLUMN;
        if !fits && !fresh {
            lines.push(" ".repeat(INDENT));
            fresh = true;
        }
        if let Some(line) = lines.last_mut() {
            if !fresh {
                line.push(' ');
            }
            let room = COLUMN.saturating_sub(line.chars().count());
            line.push_str(&cut(word, room));
        }
        fresh = false;
    }
    if lines.len() > MAX_CELL_LINES {
        lines.truncate(MAX_CELL_LINES);
        if let Some(last) = lines.last_mut() {
            *last = cut(&format!("{last} …"), COLUMN);
        }
    }
    lines
}

/// Cuts a text to a width and marks the cut.
fn cut(text: &str, room: usize) -> String {
    if text.chars().count() <= room {
        return text.to_owned();
    }
    text.chars().take(room.saturating_sub(1)).chain(['…']).collect()
}

/// What happened, in the terms of the language.
pub(super) fn words(line: &Line, said: &dyn Fn(&str) -> String) -> String {
    let words = match &line.kind {
        LineKind::Send { channel, subject, text, .. } => {
            let subject = subject.as_ref().map(|subject| format!("{subject}: ")).unwrap_or_default();
            format!("send {channel} \"{subject}{text}\"")
        }
        LineKind::NotSent { channel, reason, .. } => format!("not_sent {channel}: {}", said(reason)),
        LineKind::Unknown { channel, reason, .. } => format!("unknown {channel}: {}", said(reason)),
        LineKind::Set { field, value } => format!("set client.{field} = {value}"),
        LineKind::Tag { tag } => format!("tag \"{tag}\""),
        LineKind::Untag { tag } => format!("untag \"{tag}\""),
        LineKind::Task { assignee, text, .. } => {
            let assignee = assignee.as_ref().map(|name| format!(" for \"{name}\"")).unwrap_or_default();
            format!("task \"{text}\"{assignee}")
        }
        LineKind::Call { channel, to, .. } => format!("{channel} {to}"),
        LineKind::Emit { event, data } => {
            format!("emit {event} {}", serde_json::Value::Object(data.clone()))
        }
        LineKind::Answer { event, known, .. } => format!("answer {event}: {}", known.join(", ")),
        LineKind::Start { started } => format!("start {started}"),
        LineKind::Goal { event, .. } => format!("goal {}: {event}", line.funnel),
        LineKind::Enter { .. } => format!("enter {}", line.funnel),
        LineKind::NotEntered { reason, .. } => format!("no entry {}: {}", line.funnel, said(reason)),
        LineKind::Exit { reason } => format!("exit {}: {}", line.funnel, said(reason)),
        LineKind::Ignored { event, fields, .. } => {
            format!("ignored {event} {}", serde_json::Value::Object(fields.clone()))
        }
        LineKind::Incomplete { event, missing, .. } => format!("incomplete {event}: {}", missing.join(", ")),
        LineKind::Merge { from } => format!("merge with {from}"),
        LineKind::Halt { reason } => format!("halt {}: {}", line.funnel, said(reason)),
        LineKind::Decide { result, .. } => format!("decide {result}"),
        LineKind::Wait { .. } => "wait".to_owned(),
    };
    words.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

#[cfg(test)]
mod tests {
    use super::wrapped;

    #[test]
    fn long_words_are_broken_and_very_long_ones_cut() {
        let lines = wrapped("10:00  ", &"a word or two ".repeat(40));
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|line| line.chars().count() <= 47), "{lines:?}");
        assert!(lines[3].ends_with('…'), "{lines:?}");
        assert_eq!(wrapped("10:00  ", &"x".repeat(90)), [format!("10:00  {}…", "x".repeat(39))]);
    }
}
