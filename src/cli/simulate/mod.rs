//! `funnelc simulate`: replays an event log in virtual time.

mod page;
mod replay;
mod report;
mod timeline;
mod variants;

use super::count;
use super::event_log::{self, EventLog};
use super::line::Columns;
use super::load::Unit;
use super::{Failure, Format, Outcome, Terminal, line, load};
use crate::diagnostic::{Language, Phrase};
use crate::engine::{EdgeCounts, Event, Line, Message, Rejection};
use crate::graph::Graph;
use crate::runtime::Project;
use crate::say;
use crate::simulate::Variants;
use crate::value::{Timestamp, Zone};
use clap::{Parser, ValueEnum};
use replay::{Observer, Totals, replay};
use report::{Fault, Report};
use serde_json::Value as Json;
use std::cell::RefCell;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  funnelc simulate welcome.funnel --events last-month.ndjson
  funnelc simulate . --events log.ndjson --until 2026-03-31T23:59:59+03:00
  funnelc simulate . --events log.ndjson --format json --out lines.ndjson
  funnelc simulate . --events log.ndjson --format html --out report.html

An event is one JSON object:
  {\"type\":\"booking\",\"id\":\"e1\",\"client\":\"c1\",\"at\":\"2026-03-01T10:00:00+03:00\",\"data\":{\"id\":\"b1\"}}";

/// Replay an event log and show what would have been sent
///
/// Events happen in virtual time, at the times recorded in the log; waits of days pass instantly. No message is sent and
/// nothing is stored. The text format shows messages and changes to clients, the JSON format every step. The HTML format is
/// a single page with diagrams of the funnels, the number of clients on each path, and previews of the messages.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Funnel file or project folder [default: the project in the current folder]
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// Event log: JSON objects or a table (CSV), also compressed (.gz); `-` reads standard input
    #[arg(long, value_name = "FILE")]
    events: PathBuf,

    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: OutputFormat,

    /// Stop at this moment (RFC 3339) instead of when nothing is pending
    #[arg(long, value_name = "MOMENT")]
    until: Option<String>,

    /// Write the results to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// The formats of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum OutputFormat {
    /// Human-readable text
    #[default]
    Text,
    /// One JSON object per line
    Json,
    /// Self-contained HTML page
    Html,
}

/// Replays the event log and writes the results.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let until = args.until.as_deref().map(parse_moment).transpose()?;
    event_log::ensure_one_stdin(args.path.as_deref(), Some(&args.events))?;
    let mut unit = load::load_one(args.path.as_ref(), terminal)?;
    let Some(project) = unit.prepare(terminal) else { return Ok(Outcome::Findings) };
    let log = EventLog::open(&args.events, unit.tables(&project.catalog))?;
    if let Some(out) = &args.out {
        refuse_to_overwrite(out, &args.events)?;
    }
    let out = Destination::open(args.out.as_deref(), terminal)?;
    let totals = match args.format {
        OutputFormat::Text => print_lines(Format::Text, &project, until, log, terminal, out),
        OutputFormat::Json => print_lines(Format::Json, &project, until, log, terminal, out),
        OutputFormat::Html => write_page(&unit, &project, until, log, terminal, out),
    }?;
    terminal.say(&summary_line(&totals));
    totals.undeclared.report().iter().for_each(|line| terminal.say(line));
    Ok(if totals.rejected > 0 { Outcome::Findings } else { Outcome::Success })
}

/// Writes result lines while the log is replayed.
fn print_lines(
    format: Format,
    project: &Project,
    until: Option<Timestamp>,
    log: EventLog,
    terminal: &Terminal,
    out: Destination<'_>,
) -> Result<Totals, Failure> {
    let language = terminal.language();
    // What programs read does not depend on the language of the reader.
    let variants = variants_of(project, if format == Format::Json { Language::English } else { language });
    let printer = Printer { format, language, columns: Columns::default(), variants, out, written: Ok(()) };
    let printer = RefCell::new(printer);
    let ended = replay(project, until, log, terminal, None, &printer)?;
    let Printer { mut out, written, variants, .. } = printer.into_inner();
    written?;
    out.write(&match format {
        Format::Text => variants::text(variants.results(), language),
        Format::Json => variants::json_lines(variants.results()),
    })?;
    out.close()?;
    Ok(ended)
}

/// Replays the log, then writes the HTML report.
fn write_page(
    unit: &Unit,
    project: &Project,
    until: Option<Timestamp>,
    log: EventLog,
    terminal: &Terminal,
    mut out: Destination<'_>,
) -> Result<Totals, Failure> {
    let report = RefCell::new(Report::new(variants_of(project, terminal.language())));
    let edge_counts = EdgeCounts::default();
    let totals = replay(project, until, log, terminal, Some(&edge_counts), &report)?;
    let graphs: Vec<&Graph> = project.graphs.current().map(|(_, graph)| &**graph).collect();
    let first = graphs.first().map(|graph| graph.title.as_deref().unwrap_or(&graph.funnel));
    let zone = unit.workspace.project.context.zone.as_deref().and_then(Zone::named).unwrap_or(Zone::UTC);
    let title = unit.workspace.project.name.as_deref().or(first);
    let language = terminal.language();
    let (summary, rejected, left_out) = (&totals.summary, totals.rejected, totals.left_out);
    let edge_counts = &edge_counts;
    let subject = page::Subject { title, graphs, edge_counts, summary, rejected, left_out, zone, language };
    out.write(&page::page(&subject, &report.into_inner()))?;
    out.close()?;
    Ok(totals)
}

/// Writes each line immediately.
struct Printer<'a> {
    format: Format,
    language: Language,
    columns: Columns,
    variants: Variants,
    out: Destination<'a>,
    written: Result<(), Failure>,
}

impl Observer for Printer<'_> {
    fn event(&mut self, _: &Event) {}

    fn line(&mut self, line: &Line) {
        self.variants.add(line);
        if self.written.is_ok() {
            let text = line::format(line, self.format, self.language, &mut self.columns);
            self.written = text.map_or(Ok(()), |text| self.out.write(&text));
        }
    }

    fn message(&mut self, _: &Message) {}

    fn fault(&mut self, _: &Rejection, _: bool, _: Option<u64>) {}
}

impl Observer for Report {
    fn event(&mut self, event: &Event) {
        if let ("client", Some(name)) = (event.name.as_str(), event.data.get("name").and_then(Json::as_str)) {
            self.set_name(&event.client.0, name);
        }
    }

    fn line(&mut self, line: &Line) {
        self.add_line(line);
    }

    fn message(&mut self, message: &Message) {
        self.add_message(message);
    }

    fn fault(&mut self, refusal: &Rejection, partial: bool, line: Option<u64>) {
        self.add_fault(Fault { line, partial, message: refusal.message.clone() });
    }
}

fn variants_of(project: &Project, language: Language) -> Variants {
    Variants::new(project.graphs.current().map(|(_, graph)| &**graph), language)
}

fn parse_moment(text: &str) -> Result<Timestamp, Failure> {
    let unreadable =
        || Failure::new(say!("`{text}` is not a moment", text)).help(say!("write it as 2026-03-31T23:59:59+03:00"));
    Timestamp::parse(text).ok_or_else(unreadable)
}

/// Returns the summary line, such as `41 events, 12 messages`.
fn summary_line(totals: &Totals) -> Phrase {
    let Totals { summary, rejected, left_out, sorted, .. } = totals;
    let inside = match summary.inside {
        0 => None,
        1 => Some(say!("1 active run")),
        count => Some(say!("{count} active runs", count)),
    };
    let incomplete = match summary.incomplete {
        0 => None,
        1 => Some(say!("1 incomplete record")),
        count => Some(say!("{count} incomplete records", count)),
    };
    let start = [
        Some(count::events(summary.events)),
        Some(count::messages(summary.messages)),
        count::tasks(summary.tasks),
        count::calls(summary.calls),
    ];
    let end = [
        count::duplicates(summary.duplicates),
        count::rejections(*rejected),
        count::left_out(*left_out),
        count::late(summary.late),
        sorted.then(|| say!("sorted by time")),
        inside,
        incomplete,
    ];
    count::join(start.into_iter().chain(count::silences(&summary.silences)).chain(end))
}

/// Fails if the output file is one of the inputs.
fn refuse_to_overwrite(out: &Path, events: &Path) -> Result<(), Failure> {
    let is_log = std::fs::canonicalize(out).is_ok_and(|out| std::fs::canonicalize(events).is_ok_and(|log| log == out));
    let is_source = out.extension().is_some_and(|end| end == "funnel") || out.ends_with("funnel.toml");
    if is_log || is_source {
        let message = say!("`{out}` is an input file and would be overwritten", out = out.display().to_string());
        return Err(Failure::new(message).help(say!("choose another file for --out")));
    }
    Ok(())
}

/// Where results are written.
enum Destination<'a> {
    Terminal(&'a Terminal),
    File(PathBuf, BufWriter<File>),
}

impl<'a> Destination<'a> {
    fn open(path: Option<&Path>, terminal: &'a Terminal) -> Result<Self, Failure> {
        let Some(path) = path else { return Ok(Self::Terminal(terminal)) };
        let file = File::create(path).map_err(|fault| Failure::write(path, &fault))?;
        Ok(Self::File(path.to_owned(), BufWriter::new(file)))
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        match self {
            Self::Terminal(terminal) => terminal.out(text),
            Self::File(path, file) => file.write_all(text.as_bytes()).map_err(|fault| Failure::write(path, &fault)),
        }
    }

    fn close(self) -> Result<(), Failure> {
        match self {
            Self::Terminal(terminal) => terminal.flush(),
            Self::File(path, mut file) => file.flush().map_err(|fault| Failure::write(&path, &fault)),
        }
    }
}
