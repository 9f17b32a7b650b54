//! `funnelc simulate`: an event log replayed in virtual time.

use super::count::{count, some};
use super::event_log::{self, EventLog};
use super::{Failure, Format, Outcome, Terminal, line, load};
use crate::check::program::Catalog;
use crate::engine::{Event, Line, Refusal, World, decode};
use crate::runtime::clock::Clock;
use crate::runtime::ingest::Lines;
use crate::runtime::{Arrived, Project};
use crate::simulate::{Simulation, Summary};
use crate::value::Timestamp;
use clap::Parser;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  funnelc simulate welcome.funnel --events last-month.ndjson
  funnelc simulate . --events log.ndjson --until 2026-03-31T23:59:59+03:00
  funnelc simulate . --events log.ndjson --format json --out lines.ndjson

Each line of the events file is one event:
  {\"type\":\"booking\",\"id\":\"e1\",\"client\":\"c1\",\"at\":\"2026-03-01T10:00:00+03:00\",\"data\":{\"id\":\"b1\"}}";

/// Show what funnels would have sent on an event log, in virtual time
///
/// The events happen at the times they carry; waits of days pass at once. No message leaves, nothing is stored.
/// The text form shows messages and what changed for clients; the JSON form shows every step.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// A file or a project folder [default: the project around the current folder]
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// The event log, one JSON object a line; `-` reads standard input
    #[arg(long, value_name = "FILE")]
    events: PathBuf,

    /// The form of the results
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Format,

    /// Stop at this moment (RFC 3339) instead of when nothing is left to happen
    #[arg(long, value_name = "MOMENT")]
    until: Option<String>,

    /// Write the results to a file instead of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

/// Replays.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let until = args.until.as_deref().map(moment).transpose()?;
    event_log::one_stdin(args.path.as_deref(), Some(&args.events))?;
    let mut unit = load::unit(args.path.as_ref())?;
    let Some(project) = unit.runnable(terminal) else { return Ok(Outcome::Findings) };
    let log = EventLog::open(&args.events)?;
    if let Some(out) = &args.out {
        keep_sources(out, &args.events)?;
    }
    let mut out = Out::open(args.out.as_deref(), terminal)?;
    let mut written = Ok(());
    let (summary, refused) = replay(&project, until, log, terminal, |line| {
        if written.is_ok() {
            written = line::show(line, args.format).map_or(Ok(()), |text| out.write(&text));
        }
    })?;
    written.and_then(|()| out.close())?;
    terminal.note(&sum(&summary, refused));
    Ok(if refused > 0 { Outcome::Findings } else { Outcome::Fine })
}

/// Lets every event of a log happen. Out: how it went, and how many events were refused.
fn replay(
    project: &Project,
    until: Option<Timestamp>,
    log: EventLog,
    terminal: &Terminal,
    on_line: impl FnMut(&Line),
) -> Result<(Summary, u64), Failure> {
    let Project { catalog, graphs, business, language } = project;
    let mut simulation = Simulation::new(World { catalog, graphs, business, language, passages: None }, until, on_line);
    let mut refused = 0;
    for arrived in Lines::of_log(log.reader) {
        let arrived = arrived.map_err(|fault| Failure::io(format!("cannot read `{}`", log.name), &fault))?;
        let line = arrived.line;
        // An event that does not say when it happened comes just after the one before it.
        let now = simulation.now().unwrap_or_else(|| Clock::real().now());
        if let Err(refusal) = event(catalog, arrived, now).and_then(|event| simulation.event(event)) {
            refused += 1;
            event_log::report(&refusal, &log.name, line, terminal);
        }
    }
    Ok((simulation.finish(), refused))
}

fn event(catalog: &Catalog, arrived: Arrived, now: Timestamp) -> Result<Event, Refusal> {
    let json = arrived.body.map_err(|unreadable| Refusal::new(unreadable.code, unreadable.message, unreadable.help))?;
    decode(catalog, &json, now)
}

fn moment(text: &str) -> Result<Timestamp, Failure> {
    let unreadable = || Failure::new(format!("`{text}` is not a moment")).help("write it as 2026-03-31T23:59:59+03:00");
    Timestamp::parse(text).ok_or_else(unreadable)
}

/// `41 events, 12 messages, 2 clients still inside`
fn sum(summary: &Summary, refused: u64) -> String {
    let parts = [
        Some(count(summary.events, "event")),
        Some(count(summary.messages, "message")),
        some(summary.repeats, "repeated event"),
        some(refused, "refused event"),
        some(summary.inside, "run").map(|runs| format!("{runs} still inside")),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

/// Refuses to write results over what they are made from.
fn keep_sources(out: &Path, events: &Path) -> Result<(), Failure> {
    let is_log = std::fs::canonicalize(out).is_ok_and(|out| std::fs::canonicalize(events).is_ok_and(|log| log == out));
    let is_source = out.extension().is_some_and(|end| end == "funnel") || out.ends_with("funnel.toml");
    if is_log || is_source {
        let message = format!("`{}` is not a place for results: they would replace it", out.display());
        return Err(Failure::new(message).help("name another file after --out"));
    }
    Ok(())
}

/// Where results go.
enum Out<'a> {
    Terminal(&'a Terminal),
    File(PathBuf, BufWriter<File>),
}

impl<'a> Out<'a> {
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
