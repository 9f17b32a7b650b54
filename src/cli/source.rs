//! `funnelc source try`: shows the events that a webhook would become.

use super::{Failure, Outcome, Terminal, event_log, load};
use crate::check::program::Catalog;
use crate::engine::receive;
use crate::inbound::{Mapped, Request, SEGMENT, Source, batch, body_of, segment_events};
use crate::runtime::clock::{Clock, Machine};
use crate::say;
use crate::value::Timestamp;
use clap::{Parser, Subcommand, ValueHint};
use serde_json::Value as Json;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  funnelc source try calcom sample.json
  funnelc source try shop order.json --header 'X-Shopify-Topic: orders/create'
  funnelc source try tilda form.txt --header 'Content-Type: application/x-www-form-urlencoded'
  funnelc source try yclients sample.json --query 'token=x'

The file has the body of a request, as the other system sent it. Nothing is stored or sent, and the signature is not checked.";

/// Work with the sources of webhooks in funnel.toml
#[derive(Debug, Parser)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    Try(TryArgs),
}

/// Show the events that a recorded webhook becomes
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
struct TryArgs {
    /// Source: NAME of `[sources.NAME]` in funnel.toml
    #[arg(value_name = "NAME")]
    source: String,

    /// Body of the request; `-` reads standard input
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    file: PathBuf,

    /// A header of the request: 'NAME: VALUE'
    #[arg(long = "header", value_name = "HEADER", value_parser = parse_header)]
    headers: Vec<(String, String)>,

    /// Parameters of the address, without the question mark
    #[arg(long, value_name = "QUERY", default_value = "", hide_default_value = true)]
    query: String,

    /// Project folder [default: the project in the current folder]
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,
}

fn parse_header(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once(':').ok_or_else(|| "expected 'NAME: VALUE'".to_owned())?;
    Ok((name.trim().to_owned(), value.trim().to_owned()))
}

/// Runs the command.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    match &args.command {
        Command::Try(args) => try_source(args, terminal),
    }
}

fn try_source(args: &TryArgs, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut unit = load::load_one(args.project.as_ref(), terminal)?;
    let Some(project) = unit.prepare(terminal) else { return Ok(Outcome::Findings) };
    let named = unit.workspace.project.sources().find(|source| source.name == args.source);
    if named.is_none() && args.source != SEGMENT {
        let names: Vec<&str> = unit.workspace.project.sources().map(|source| source.name.as_str()).collect();
        let failure = Failure::new(say!("unknown source `{name}`", name = args.source.clone()));
        return Err(match names.is_empty() {
            true => failure.help(say!("add `[sources.{name}]` to `funnel.toml`", name = args.source.clone())),
            false => failure.help(say!("the project has: {names}", names = names.join(", "))),
        });
    }
    let path = (!event_log::is_stdin(&args.file)).then_some(args.file.as_path());
    let (_, bytes) = load::read_bytes(path)?;
    let is_type = |(name, _): &&(String, String)| name.eq_ignore_ascii_case("content-type");
    let content_type = args.headers.iter().find(is_type).map(|(_, value)| value.as_str());
    let body = body_of(content_type, &bytes).map_err(Failure::new)?;
    let headers = args.headers.iter().map(|(name, value)| (name.as_str(), value.as_str()));
    let mapped = if args.source == SEGMENT {
        of_segment(named, body, &project.catalog)?
    } else {
        let request = Request::new(headers, &args.query, body);
        named.map(|source| source.events(&request, &project.catalog)).unwrap_or_default()
    };
    let now = now();
    let log = event_log::name(&args.file);
    let (mut events, mut is_right) = (0, true);
    for one in mapped {
        let event = match one {
            Mapped::Event(event) => event,
            Mapped::Skipped(why) => {
                terminal.err_line(&why.in_language(terminal.language()));
                continue;
            }
        };
        events += 1;
        terminal.out(&format!("{event}\n"))?;
        let (faults, is_partial) = match receive(&project.catalog, &event, now) {
            Ok(received) => (received.left_out, true),
            Err(refusal) => (vec![refusal], false),
        };
        is_right &= faults.is_empty();
        faults.iter().for_each(|fault| event_log::report_rejected(fault, is_partial, &log, None, terminal));
    }
    if events == 0 {
        let none = say!("no events: no rule of the source applies to this request");
        terminal.err_line(&none.in_language(terminal.language()));
    }
    Ok(if is_right { Outcome::Success } else { Outcome::Findings })
}

fn now() -> Timestamp {
    Clock::real(Box::new(Machine::new()), None).now()
}

fn of_segment(source: Option<&Source>, body: Json, catalog: &Catalog) -> Result<Vec<Mapped>, Failure> {
    let call = body.get("type").and_then(Json::as_str).unwrap_or("batch").to_owned();
    let batch = batch(&call, body, now()).map_err(Failure::new)?;
    Ok(batch.messages.iter().flat_map(|message| segment_events(source, message, batch.behind_ms, catalog)).collect())
}
