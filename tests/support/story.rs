//! Simulates a funnel on events and shows what happens, line by line.

use funnelc::check::Context;
use funnelc::check::program::{Limit, Over};
use funnelc::engine::{Fields, Graphs, Line, LineKind, World, decode};
use funnelc::simulate::Simulation;
use funnelc::source::Sources;
use funnelc::value::{Duration, Timestamp, Zone};

/// A funnel and its project.
pub(crate) struct Story {
    text: String,
    context: Context,
}

impl Story {
    /// A funnel in a project with a time zone.
    pub(crate) fn new(zone: &str, text: &str) -> Self {
        let context = Context { zone: Some(zone.to_owned()), currency: Some("RUB".to_owned()), ..Context::default() };
        Self { text: text.to_owned(), context }
    }

    /// Adds a limit of the project, such as `1 sms per 7d`.
    pub(crate) fn limited(mut self, limit: &str) -> Self {
        let words: Vec<&str> = limit.split(' ').collect();
        let [count, channel, "per", days] = words[..] else { panic!("{limit}") };
        let days = days.trim_end_matches('d').parse().unwrap();
        self.context.limits.push(Limit {
            count: count.parse().unwrap(),
            channel: Some(channel.to_owned()),
            per: Duration { days, ..Duration::default() },
            over: Over::Skip,
            whole_project: true,
        });
        self
    }

    /// The results, one line each, such as `2026-03-02 14:00 send sms +79990000000: text`.
    pub(crate) fn results(&self, events: &[&str]) -> Vec<String> {
        self.lines(events).iter().filter(|line| line.kind.is_result()).map(show).collect()
    }

    /// All lines, including decisions and waits.
    pub(crate) fn lines(&self, events: &[&str]) -> Vec<Line> {
        let mut sources = Sources::new();
        let file = sources.add("story.funnel", self.text.as_str());
        let compiled = funnelc::compile(&mut sources, &[file], &self.context);
        let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.is_error()).map(|d| &d.message).collect();
        assert!(errors.is_empty(), "{errors:?} in\n{}", self.text);
        let graphs = Graphs::new(compiled.graphs);
        let business = Fields::new();
        let world = World {
            catalog: &compiled.program.catalog,
            graphs: &graphs,
            business: &business,
            language: "en",
            edge_counts: None,
        };
        let mut lines = Vec::new();
        let mut simulation = Simulation::new(world, None, |line: &Line| lines.push(line.clone()));
        for event in events {
            let json = serde_json::from_str(event).unwrap_or_else(|e| panic!("{e} in {event}"));
            let event =
                decode(world.catalog, &json, Timestamp(0)).unwrap_or_else(|e| panic!("{} in {event}", e.message));
            simulation.event(event).unwrap_or_else(|e| panic!("{}", e.message));
        }
        simulation.finish();
        lines
    }
}

fn show(line: &Line) -> String {
    let zone = Zone::named(&line.zone).unwrap_or(Zone::UTC);
    let what = match &line.kind {
        LineKind::Enter { .. } => "enter".to_owned(),
        LineKind::NotEntered { reason, .. } => format!("no entry {reason}"),
        LineKind::Exit { reason } => format!("exit {reason}"),
        LineKind::Send { channel, to, subject: None, text, .. } => format!("send {channel} {to}: {text}"),
        LineKind::Send { channel, to, subject: Some(subject), text, .. } => {
            format!("send {channel} {to}: {subject} / {text}")
        }
        LineKind::NotSent { channel, reason, .. } => format!("not sent {channel}: {reason}"),
        LineKind::Unknown { channel, reason, .. } => format!("unknown {channel}: {reason}"),
        LineKind::Set { field, value } => format!("set {field} = {value}"),
        LineKind::Tag { tag } => format!("tag {tag}"),
        LineKind::Untag { tag } => format!("untag {tag}"),
        LineKind::Task { assignee, text, .. } => format!("task {}: {text}", assignee.as_deref().unwrap_or("-")),
        LineKind::Call { channel, to, body, .. } => {
            format!("{channel} {to} {}", serde_json::Value::Object(body.clone()))
        }
        LineKind::Answer { event, known, left_out } => {
            format!("answer {event}: {}; left out: {}", known.join(", "), left_out.join(", "))
        }
        LineKind::Emit { event, .. } => format!("emit {event}"),
        LineKind::Start { started } => format!("start {started}"),
        LineKind::Goal { event, worth } => {
            format!("goal {event}{}", worth.as_ref().map(|worth| format!(" worth {worth}")).unwrap_or_default())
        }
        LineKind::Ignored { event, fields, .. } => {
            format!("ignored {event} {}", serde_json::Value::Object(fields.clone()))
        }
        LineKind::Incomplete { event, key, missing } => format!("incomplete {event} {key}: {}", missing.join(", ")),
        LineKind::Merge { from } => format!("merge with {from}"),
        LineKind::Halt { reason } => format!("halt {reason}"),
        LineKind::Decide { result, .. } => format!("decide {result}"),
        LineKind::Wait { .. } => "wait".to_owned(),
    };
    format!("{} {what}", zone.civil(line.at))
}
