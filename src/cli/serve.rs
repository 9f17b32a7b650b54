//! `funnelc serve`: runs funnels as a service, with an HTTP API.

use super::log::{Log, LogFormat};
use super::stale::Change;
use super::{Failure, Outcome, Terminal, host, load, log, service_manager, stale, store_file};
use crate::channel::{Channels, Secret};
use crate::engine::{Line, LineKind};
use crate::runtime::clock::{Machine, System};
use crate::runtime::{Host, Mode, Rejected, Retry, RunConfig, Summary};
use crate::say;
use crate::server::{self, Listen, ReadPem, Scope, Tokens};
use crate::store::Sqlite;
use clap::Parser;
use std::net::{SocketAddr, ToSocketAddrs};
use std::path::{Path, PathBuf};
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  funnelc serve                                      this folder, on 127.0.0.1:8080
  funnelc serve examples/salon-start --dry-run       try it out: nothing is sent or kept
  funnelc serve /srv/salon --listen 0.0.0.0:8080     for other machines; needs tokens in funnel.toml
  curl localhost:8080/v1/events -d '{\"type\":\"booking\",\"client\":\"c1\",\"data\":{\"id\":\"b1\"}}'

What the API accepts and answers is described by http://127.0.0.1:8080/v1/openapi.json, and with examples in the chapter \"The service\" of the reference. Ctrl-C and the signal TERM shut it down cleanly; run the same command again to continue where it stopped, even after a crash or a power failure.

The log goes to standard error. The variable RUST_LOG selects what is in it: warn, info, debug.";

/// The address if neither the command line nor the project names one.
const DEFAULT_LISTEN: &str = "127.0.0.1:8080";

/// How many rejected events are logged in a period, and how long it is.
const LOGGED_REJECTIONS: u64 = 10;
const PERIOD_MS: i64 = 10_000;

/// Run funnels as a service: accept events over HTTP, wait, and send messages
///
/// Messages are sent through the channels in funnel.toml; messages for other channels are written to the log instead. The
/// command runs until it is stopped.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Project folder or funnel file [default: the project in the current folder]
    #[arg(value_name = "PATH")]
    path: Option<PathBuf>,

    /// Address of the HTTP API [default: the one in funnel.toml, or 127.0.0.1:8080]
    #[arg(long, value_name = "ADDRESS", value_parser = parse_address)]
    listen: Option<SocketAddr>,

    /// Path of the state database [default: the one named in funnel.toml, or funnel.db next to the funnels]
    #[arg(long, value_name = "FILE")]
    store: Option<PathBuf>,

    /// Write all messages to the log instead of sending them, and keep no state unless --store is given
    #[arg(long)]
    dry_run: bool,

    /// Format of the log
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    log: LogFormat,
}

/// Serves until it is stopped.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut unit = load::load_one(args.path.as_ref(), terminal)?;
    let Some(project) = unit.prepare(terminal) else { return Ok(Outcome::Findings) };
    let channels = host::channels(&unit, args.dry_run, terminal)?;
    let settings = &unit.workspace.project;
    let tokens = settings.server_tokens(&host::environment).map_err(|missing| unit.report(&missing, terminal))?;
    let listen = match service_manager::listener()? {
        Some(socket) => Listen::On(socket),
        None => Listen::At(listen(args, settings.listen())?),
    };
    let sources =
        settings.sources_with_secrets(&host::environment).map_err(|missing| unit.report(&missing, terminal))?;
    let revealed = |secrets: Vec<Secret>| secrets.iter().map(|secret| secret.reveal().to_owned()).collect();
    let sources = sources.into_iter().map(|(source, secrets)| (source, revealed(secrets))).collect();
    let catalog = project.catalog.clone();
    let unsubscribe = match args.dry_run {
        true => None,
        false => settings.unsubscribe_secret(&host::environment).map_err(|missing| unit.report(&missing, terminal))?,
    };
    let language = project.language.clone();
    let tls = settings.certificate().map(read_pem);
    let store_file = store_file::choose(args.store.as_deref(), (!args.dry_run).then_some(settings))?;
    let tokens: Tokens =
        tokens.iter().filter_map(|(name, token)| Some((scope(name)?, token.reveal().to_owned()))).collect();
    let (funnels, is_open) = (project.graphs.current().count(), tokens.is_empty());
    let shown = channels.clone();
    let mut rejections = Rejections::default();
    let config = RunConfig {
        project,
        store: Box::new(Sqlite::open(store_file.path()).map_err(|fault| host::failure(&fault.into()))?),
        channels,
        retry: Retry::default(),
        source: None,
        mode: Mode::Service,
        signals: true,
        on_line: Box::new(move |line| log_line(line, &shown)),
        on_rejected: Box::new(move |rejected| rejections.log(rejected)),
    };
    let log = log::start(terminal, args.log, "info");
    let running = Host::new(config).map_err(|fault| host::failure(&fault))?;
    let scheme = if tls.is_some() { "https" } else { "http" };
    let options = server::Options {
        listen,
        tokens,
        tls,
        store: store_file.path().to_owned(),
        sources,
        catalog,
        unsubscribe,
        language,
    };
    let address = server::start(running.tasks(), running.inbox(), options)
        .map_err(|fault| Failure::new(fault.phrase()).help(fault.help()))?;
    let store = store_file.path().display();
    tracing::info!(%store, funnels, "listening on {scheme}://{address}");
    let manager = service_manager::follow(running.inbox().health().clone());
    if is_open {
        tracing::info!("no tokens are set, so only programs on this machine may send requests");
    }
    stale::follow(args.path.as_ref(), &unit, log_change)?;
    let ended = running.run();
    if let Some(manager) = manager {
        manager.stopping();
    }
    stop(&log, &ended.map_err(|fault| host::failure(&fault))?);
    Ok(Outcome::Success)
}

/// Reads the certificate and its key, whenever that is wanted.
fn read_pem((cert, key): (PathBuf, PathBuf)) -> ReadPem {
    Arc::new(move || {
        let read = |path: &Path| std::fs::read(path).map_err(|fault| format!("`{}`: {fault}", path.display()));
        Ok((read(&cert)?, read(&key)?))
    })
}

/// Logs that files changed, and what to do.
fn log_change(change: &Change) {
    match change {
        Change::Ready { files } => tracing::warn!(%files, "files changed, but are not used yet: restart the service"),
        Change::Broken { files, fault } => {
            tracing::warn!(%files, %fault, "files changed, but cannot be used: fix them, then restart the service");
        }
        Change::Undone => tracing::info!("the files are again what the service loaded, so there is nothing to do"),
    }
}

/// Logs the end.
fn stop(log: &Log, summary: &Summary) {
    let Summary { events, duplicates, rejected, sent, printed, not_sent, unknown, .. } = summary;
    tracing::info!(events, duplicates, rejected, sent, printed, not_sent, unknown, "stopped");
    log.finish();
}

/// Parses the value of `--listen`.
fn parse_address(text: &str) -> Result<SocketAddr, String> {
    let mut found = text.to_socket_addrs().map_err(|_| "expected host and port, such as 127.0.0.1:8080".to_owned())?;
    found.next().ok_or_else(|| "unknown host name".to_owned())
}

/// Returns the address of the HTTP server: from the command line, else from the project.
fn listen(args: &Args, of_project: Option<&str>) -> Result<SocketAddr, Failure> {
    if let Some(address) = args.listen {
        return Ok(address);
    }
    let named = of_project.unwrap_or(DEFAULT_LISTEN);
    let cannot = || say!("cannot listen on `{named}`", named);
    let mut found = named.to_socket_addrs().map_err(|fault| Failure::io(cannot(), &fault))?;
    found.next().ok_or_else(|| Failure::new(cannot()))
}

/// The scope of a name in the project file.
fn scope(name: &str) -> Option<Scope> {
    Scope::ALL.into_iter().find(|scope| scope.name() == name)
}

/// Logs what a person must see: what is printed instead of sent, tasks, and what needs attention.
fn log_line(line: &Line, channels: &Channels) {
    let Line { client, funnel, .. } = line;
    let (client, funnel) = (&client.0, funnel.as_str());
    match &line.kind {
        LineKind::Send { channel, to, subject, text, .. } if channels.is_printed(channel) => {
            let subject = subject.as_deref();
            tracing::info!(client, funnel, channel, to, subject, text, "printed, not sent");
        }
        LineKind::Call { channel, to, body, .. } if channels.is_printed(&format!("{channel} {to}")) => {
            let body = serde_json::Value::Object(body.clone());
            tracing::info!(client, funnel, channel, to, %body, "printed, not sent");
        }
        LineKind::Task { assignee, text, due, .. } => {
            tracing::info!(client, funnel, assignee = assignee.as_deref(), text, due = due.as_deref(), "task");
        }
        LineKind::Unknown { channel, to, reason, .. } => {
            tracing::warn!(client, funnel, channel, to, reason, "may have left or not");
        }
        LineKind::Halt { reason } => tracing::warn!(client, funnel, reason, "halted"),
        LineKind::NotSent { channel, to, reason, .. } => {
            tracing::debug!(client, funnel, channel, to = to.as_deref(), reason, "not sent");
        }
        LineKind::Send { .. }
        | LineKind::Call { .. }
        | LineKind::Enter { .. }
        | LineKind::NotEntered { .. }
        | LineKind::Exit { .. }
        | LineKind::Set { .. }
        | LineKind::Tag { .. }
        | LineKind::Untag { .. }
        | LineKind::Emit { .. }
        | LineKind::Start { .. }
        | LineKind::Goal { .. }
        | LineKind::Ignored { .. }
        | LineKind::Incomplete { .. }
        | LineKind::Merge { .. }
        | LineKind::Answer { .. }
        | LineKind::Decide { .. }
        | LineKind::Wait { .. } => {}
    }
}

/// Logs rejected events; when there are many, only some of them and how many more there were.
struct Rejections {
    machine: Machine,
    period: i64,
    logged: u64,
    more: u64,
}

impl Default for Rejections {
    fn default() -> Self {
        Self { machine: Machine::new(), period: 0, logged: 0, more: 0 }
    }
}

impl Rejections {
    fn log(&mut self, rejected: &Rejected) {
        let period = self.machine.read().uptime_ms / PERIOD_MS;
        if period != self.period {
            if self.more > 0 {
                tracing::warn!(count = self.more, "more rejected events: see the view `rejected` of the store");
            }
            (self.period, self.logged, self.more) = (period, 0, 0);
        }
        if self.logged == LOGGED_REJECTIONS {
            self.more += 1;
            return;
        }
        self.logged += 1;
        let Rejected { source, id, code, message, help, partial, .. } = rejected;
        let (id, code, message) = (id.as_deref(), code.number(), message.to_string());
        let what = if *partial { "left out of an event" } else { "rejected an event" };
        tracing::warn!(source, id, code, reason = message, help = help.to_string(), "{what}");
    }
}
