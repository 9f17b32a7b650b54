//! `funnelc run`: runs funnels with durable state.

use super::count;
use super::{Failure, Format, Outcome, Terminal, event_log, host, line, load, log, store_file};
use crate::diagnostic::Phrase;
use crate::engine::{Line, Rejection};
use crate::runtime::{Host, LogFile, Mode, Rejected, Retry, RunConfig, Source, Stopper, Summary, Tables};
use crate::say;
use crate::store::Sqlite;
use clap::Parser;
use std::cell::RefCell;
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
    log::start(terminal);
    event_log::ensure_one_stdin(args.path.as_deref(), args.events.as_deref())?;
    let mut unit = load::load_one(args.path.as_ref())?;
    let Some(project) = unit.prepare(terminal) else { return Ok(Outcome::Findings) };
    let channels = host::channels(&unit, args.dry_run, terminal)?;
    let tables = unit.tables(&project.catalog);
    let source = args.events.as_deref().map(|path| open_source(path, &tables)).transpose()?;
    let source = source.map(|source| Source::Mapped(Box::new(source), tables.maps));
    let keeps = !args.fast_forward && !args.dry_run;
    let store_file = store_file::choose(args.store.as_deref(), keeps.then_some(&unit.workspace.project))?;
    let results = Results::new(args, terminal);
    let (lines, refusals) = (results.clone(), results.clone());
    let config = RunConfig {
        project,
        store: Box::new(Sqlite::open(store_file.path()).map_err(|fault| host::failure(&fault.into()))?),
        channels,
        retry: Retry::default(),
        source,
        mode: if args.fast_forward { Mode::FastForward } else { Mode::RealTime },
        signals: true,
        on_line: Box::new(move |line| lines.line(line)),
        on_rejected: Box::new(move |refused| refusals.refused(refused)),
    };
    let running = Host::new(config).map_err(|fault| host::failure(&fault))?;
    results.set_stopper(running.stopper());
    let summary = running.run().map_err(|fault| host::failure(&fault))?;
    match results.close() {
        // A run takes days, so the user must learn that it stopped because its output was closed.
        Err(Failure::Closed) if !args.fast_forward => {
            let stopped = say!("standard output was closed, so the run was stopped");
            return Err(Failure::new(stopped)
                .help(say!("run the same command to continue, and write the results to a file with `> results.txt`")));
        }
        closed => closed?,
    }
    terminal.say(&summary_line(&summary));
    summary.undeclared.report().iter().for_each(|line| terminal.say(line));
    Ok(match summary {
        Summary { interrupted: true, .. } => Outcome::Interrupted,
        Summary { rejected: 1.., .. } => Outcome::Findings,
        Summary { .. } => Outcome::Success,
    })
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

/// Prints results while the host runs. Stops the host if standard output is closed.
#[derive(Clone)]
struct Results {
    terminal: Terminal,
    format: Format,
    log: String,
    flushes: bool,
    state: Rc<RefCell<State>>,
}

#[derive(Default)]
struct State {
    fault: Option<Failure>,
    stopper: Option<Stopper>,
}

impl Results {
    fn new(args: &Args, terminal: &Terminal) -> Self {
        let log = args.events.as_deref().map(event_log::name).unwrap_or_default();
        // In real time each line is shown immediately; in virtual time output is buffered.
        Self { terminal: terminal.clone(), format: args.format, log, flushes: !args.fast_forward, state: Rc::default() }
    }

    fn set_stopper(&self, stopper: Stopper) {
        self.state.borrow_mut().stopper = Some(stopper);
    }

    fn line(&self, line: &Line) {
        let Some(text) = line::format(line, self.format, self.terminal.language()) else { return };
        let mut state = self.state.borrow_mut();
        if state.fault.is_some() {
            return;
        }
        let written = self.terminal.out(&text).and_then(|()| if self.flushes { self.terminal.flush() } else { Ok(()) });
        if let Err(fault) = written {
            state.fault = Some(fault);
            state.stopper.iter_mut().for_each(Stopper::stop);
        }
    }

    fn refused(&self, refused: &Rejected) {
        let Rejected { code, message, help, line, partial, .. } = refused;
        let refusal = Rejection::new(*code, message.clone(), help.clone());
        event_log::report_rejected(&refusal, *partial, &self.log, *line, &self.terminal);
    }

    fn close(&self) -> Result<(), Failure> {
        match self.state.borrow_mut().fault.take() {
            Some(fault) => Err(fault),
            None => self.terminal.flush(),
        }
    }
}
