//! `funnelc run`: runs funnels with durable state.

use super::count;
use super::log::LogFormat;
use super::results::Results;
use super::stale::Change;
use super::{Failure, Format, Outcome, Terminal, event_log, host, line, load, log, stale, store_file};
use crate::diagnostic::Phrase;
use crate::engine::Rejection;
use crate::runtime::{Host, LogFile, Mode, Rejected, Retry, RunConfig, Source, Summary, Tables};
use crate::say;
use crate::store::Sqlite;
use clap::Parser;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;

const EXAMPLES: &str = "\
Examples:
  funnelc run . --events today.ndjson                process an event file, then wait for timers
  my-crm-export | funnelc run . --events -           read events from standard input
  funnelc run . --events log.ndjson --fast-forward   skip waits instead of sleeping
  funnelc run . --events log.ndjson --dry-run        print messages instead of sending them

All state is kept in a single file. Ctrl-C shuts down cleanly; run the same command again to continue where it stopped, even after a crash or a power failure. An event whose id was already accepted is ignored.

`--fast-forward` and `--dry-run` keep no state unless `--store` is given. `--fast-forward` still sends messages through the channels in funnel.toml, so try it with `--dry-run` first. To accept events over HTTP, use `funnelc serve`.";

/// Run funnels for real: keep state, wait, and send messages
///
/// Messages are sent through the channels in funnel.toml; messages for other channels are printed instead. The command exits
/// when nothing is pending.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Funnel file or project folder [default: the project in the current folder]
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// Events to process first: JSON objects or a table (CSV), also compressed (.gz); `-` reads standard input until it ends
    #[arg(long, value_name = "FILE")]
    events: Option<PathBuf>,

    /// Path of the state database [default: the one named in funnel.toml, or funnel.db next to the funnels]
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,

    /// Jump to the next timer instead of waiting for it, and exit when nothing is pending
    #[arg(long)]
    fast_forward: bool,

    /// Print all messages instead of sending them
    #[arg(long)]
    dry_run: bool,

    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// Runs funnels until nothing is pending, or until Ctrl-C.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let log = log::start(terminal, LogFormat::Text, "warn");
    let ended = run_until_done(args, terminal);
    log.finish();
    let summary = match ended? {
        Some(summary) => summary,
        None => return Ok(Outcome::Findings),
    };
    terminal.say(&summary_line(&summary));
    summary.undeclared.report().iter().for_each(|line| terminal.say(line));
    Ok(match summary {
        Summary { interrupted: true, .. } => Outcome::Interrupted,
        Summary { rejected: 1.., .. } => Outcome::Findings,
        Summary { .. } => Outcome::Success,
    })
}

/// Runs funnels, and returns what happened; `None` if they have errors, which are reported.
fn run_until_done(args: &Args, terminal: &Terminal) -> Result<Option<Summary>, Failure> {
    event_log::ensure_one_stdin(args.path.as_deref(), args.events.as_deref())?;
    let mut unit = load::load_one(args.path.as_ref(), terminal)?;
    let Some(project) = unit.prepare(terminal) else { return Ok(None) };
    let channels = host::channels(&unit, args.dry_run, terminal)?;
    let tables = unit.tables(&project.catalog);
    let source = args.events.as_deref().map(|path| open_source(path, &tables)).transpose()?;
    let source = source.map(|source| Source::Mapped(Box::new(source), tables.maps));
    let keeps = !args.fast_forward && !args.dry_run;
    let store_file = store_file::choose(args.store.as_deref(), keeps.then_some(&unit.workspace.project))?;
    let results = Rc::new(Results::start()?);
    let (lines, refusals) = (Rc::clone(&results), Rc::clone(&results));
    let (format, language) = (args.format, terminal.language());
    let log_name = args.events.as_deref().map(event_log::name).unwrap_or_default();
    let terminal = terminal.clone();
    let mut columns = line::Columns::default();
    let config = RunConfig {
        project,
        store: Box::new(Sqlite::open(store_file.path()).map_err(|fault| host::failure(&fault.into()))?),
        channels,
        retry: Retry::default(),
        source,
        mode: if args.fast_forward { Mode::FastForward } else { Mode::RealTime },
        signals: true,
        on_line: Box::new(move |line| {
            line::format(line, format, language, &mut columns).into_iter().for_each(|line| lines.out(line))
        }),
        on_rejected: Box::new(move |refused| refusals.err(report(refused, &log_name, &terminal))),
    };
    let running = Host::new(config).map_err(|fault| host::failure(&fault))?;
    results.follow(running.stopper(), running.inbox().health());
    if !args.fast_forward {
        let print = results.printer();
        let say = move |change: &Change| print(format!("{}\n", said_of(change).in_language(language)));
        stale::follow(args.path.as_ref(), &unit, say)?;
    }
    let ended = running.run();
    let closed = results.close();
    let summary = ended.map_err(|fault| host::failure(&fault))?;
    match closed {
        // A run takes days, so the user must learn that it stopped because its output was closed.
        Err(Failure::Closed) if !args.fast_forward => {
            let stopped = say!("standard output was closed, so the run was stopped");
            return Err(Failure::new(stopped)
                .help(say!("run the same command to continue, and write the results to a file with `> results.txt`")));
        }
        closed => closed?,
    }
    Ok(Some(summary))
}

/// Says that files changed, and what to do.
fn said_of(change: &Change) -> Phrase {
    match change {
        Change::Ready { files } => {
            say!(
                "{files} changed, but this run uses what it loaded: press Ctrl-C and run the same command again",
                files
            )
        }
        Change::Broken { files, fault } => {
            say!(
                "{files} changed, but cannot be used: {fault}; fix it, then stop this run and start it again",
                files,
                fault
            )
        }
        Change::Undone => say!("the files are again what this run loaded, so there is nothing to do"),
    }
}

/// Says why an event was rejected, or a part of it left out.
fn report(refused: &Rejected, log: &str, terminal: &Terminal) -> String {
    let Rejected { code, message, help, line, partial, .. } = refused;
    let refusal = Rejection::new(*code, message.clone(), help.clone());
    event_log::rejection_text(&refusal, *partial, log, *line, terminal)
}

fn open_source(path: &Path, tables: &Tables) -> Result<Source, Failure> {
    if event_log::is_stdin(path) {
        return Ok(Source::Stream(Box::new(io::stdin())));
    }
    // What cannot be read is reported before a state database is created for it. A pipe can be read only once.
    let opened =
        if path.is_file() { LogFile::open(path, None, tables.clone()).map(drop) } else { File::open(path).map(drop) };
    opened.map_err(|fault| Failure::read(path, &fault))?;
    Ok(Source::File(path.to_owned()))
}

/// Returns the summary line, such as `41 events, 12 messages`.
fn summary_line(summary: &Summary) -> Phrase {
    let start = [
        Some(count::events(summary.events)),
        (summary.sent > 0 || summary.printed == 0).then(|| count::messages(summary.sent)),
        count::printed(summary.printed),
        count::tasks(summary.tasks),
        count::calls(summary.calls),
    ];
    let end = [
        (summary.unknown > 0).then(|| say!("{count} with unknown outcome", count = summary.unknown)),
        count::duplicates(summary.duplicates),
        count::rejections(summary.rejected),
        count::left_out(summary.left_out),
        count::late(summary.late),
        summary.sorted.then(|| say!("sorted by time")),
        summary.interrupted.then(|| say!("interrupted; run the same command to continue")),
    ];
    count::join(start.into_iter().chain(count::silences(&summary.silences)).chain(end))
}
