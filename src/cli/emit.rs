//! `funnelc emit`: sends one event to a running service.

use super::{Failure, Format, Outcome, Terminal, host};
use crate::channel::{Secret, post_events};
use crate::diagnostic::{Code, Phrase};
use crate::say;
use clap::Parser;
use serde_json::{Map, Value as Json, json};
use std::hash::{BuildHasher, Hasher, RandomState};

const EXAMPLES: &str = "\
Examples:
  funnelc emit order client=c1 id=o1 amount='40 EUR'     an order
  funnelc emit order client=c1 id=o1 paid:=true          a value that is not text
  funnelc emit client client=c1 name=Anna city=Berlin    fields of the client
  funnelc emit order client=c1 id=o1 --event-id e7       accepted once, even if sent again

`client=ID` names the client; all other pairs are fields of the event. `name=value` is a text, which also dates, amounts and phone numbers are; `name:=value` is JSON: a number, true, false, null, or a list.

If the service requires a token, the variable FUNNELC_TOKEN must contain it.";

/// The service if neither the command line nor the environment names one.
const DEFAULT_SERVER: &str = "http://127.0.0.1:8080";

/// Send one event to a running service
///
/// The command responds once the event is safe on disk.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Declared event, or `client` for the fields of a client
    #[arg(value_name = "EVENT")]
    event: String,

    /// Client and fields: client=ID, name=text, name:=JSON
    #[arg(value_name = "NAME=VALUE")]
    pairs: Vec<String>,

    /// When it happened [default: now]
    #[arg(long, value_name = "MOMENT")]
    at: Option<String>,

    /// The event's own id; one that was accepted before is a duplicate [default: a new one]
    #[arg(long, value_name = "ID")]
    event_id: Option<String>,

    /// Address of the service [default: the variable FUNNELC_SERVER, or http://127.0.0.1:8080]
    #[arg(long, value_name = "URL")]
    server: Option<String>,

    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: Format,
}

/// Sends the event and says what became of it.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let id = args.event_id.clone().unwrap_or_else(new_id);
    let event = event(args, &id)?;
    let server = args.server.clone().or_else(|| host::environment("FUNNELC_SERVER"));
    let server = server.unwrap_or_else(|| DEFAULT_SERVER.to_owned());
    let token = host::environment("FUNNELC_TOKEN").map(Secret::new);
    let (status, answer) = post_events(&server, token.as_ref(), &event.to_string()).map_err(|reason| {
        Failure::new(say!("cannot send the event to `{server}`: {reason}", server = server.clone(), reason))
            .help(say!("start the service with `funnelc serve`, or name another one with `--server`"))
    })?;
    let parsed: Json = serde_json::from_str(&answer).unwrap_or_default();
    let Some(result) = parsed.get("results").and_then(|results| results.get(0)) else {
        let reason = parsed.get("error").and_then(Json::as_str).unwrap_or("this is not the answer of `funnelc serve`");
        let failure =
            Failure::new(say!("`{server}` answers {status}: {reason}", server, status = i32::from(status), reason));
        return Err(match status {
            401 | 403 => failure.help(say!("set the variable FUNNELC_TOKEN to a token of `server.tokens.ingest`")),
            _ => failure,
        });
    };
    if args.format == Format::Json {
        terminal.out(&format!("{}\n", answer.trim_end()))?;
    }
    report(args, result, &id, terminal)
}

/// Reports the verdict.
fn report(args: &Args, result: &Json, id: &str, terminal: &Terminal) -> Result<Outcome, Failure> {
    let is_text = args.format == Format::Text;
    let said = |phrase: Phrase| format!("{}\n", phrase.in_language(terminal.language()));
    match result["status"].as_str() {
        Some("accepted") => {
            let parts = result["left_out"].as_array().map(Vec::as_slice).unwrap_or_default();
            if is_text {
                terminal.out(&said(say!("accepted: {event} {id}", event = args.event.clone(), id)))?;
                parts.iter().for_each(|part| explain(args, &say!("warning"), part, terminal));
            }
            Ok(Outcome::Success)
        }
        Some("duplicate") => {
            if is_text {
                terminal.out(&said(say!("duplicate: {id} was accepted before, and changes nothing now", id)))?;
            }
            Ok(Outcome::Success)
        }
        Some(_) | None => {
            if is_text {
                explain(args, &say!("error"), result, terminal);
            }
            Ok(Outcome::Findings)
        }
    }
}

/// Prints what the service says about an event or a part of it.
fn explain(args: &Args, severity: &Phrase, part: &Json, terminal: &Terminal) {
    let text = |name: &str| part[name].as_str().unwrap_or_default().to_owned();
    let said = |phrase: &Phrase| phrase.in_language(terminal.language()).into_owned();
    let first = format!("{}[{}]: {}", said(severity), text("code"), text("message"));
    terminal.err_line(&format!("{first}\n  {}: {}", said(&say!("help")), text("help")));
    if part["code"] == Code::WrongFieldType.number() && args.pairs.iter().any(|pair| is_json_as_text(pair)) {
        let help = say!("write `name:=value` for a number, true or false");
        terminal.err_line(&format!("  {}: {}", said(&say!("help")), said(&help)));
    }
}

/// The event as JSON.
fn event(args: &Args, id: &str) -> Result<Json, Failure> {
    let (mut client, mut data) = (None, Map::new());
    for pair in &args.pairs {
        let (name, value) = read_pair(pair)?;
        let is_new = match name {
            "client" => client.replace(value).is_none(),
            name => data.insert(name.to_owned(), value).is_none(),
        };
        if !is_new {
            return Err(Failure::new(say!("`{name}` is given twice", name)));
        }
    }
    let Some(client) = client else {
        return Err(Failure::new(say!("the client is missing")).help(say!("add `client=` and the client's id")));
    };
    let mut event = json!({"type": args.event, "id": id, "client": client, "data": data});
    if let Some(at) = &args.at {
        event["at"] = at.as_str().into();
    }
    Ok(event)
}

/// Reads `name=text` or `name:=JSON`.
fn read_pair(pair: &str) -> Result<(&str, Json), Failure> {
    let Some((name, value)) = pair.split_once('=').filter(|(name, _)| !name.trim_end_matches(':').is_empty()) else {
        return Err(Failure::new(say!("`{pair}` has no name and value", pair))
            .help(say!("write `name=value`, or `name:=value` for a number, true or false")));
    };
    let Some(name) = name.strip_suffix(':') else { return Ok((name, value.into())) };
    let value = serde_json::from_str(value).map_err(|_| {
        Failure::new(say!("the value of `{name}` is not JSON", name))
            .help(say!("write `{name}=value` for a text", name))
    })?;
    Ok((name, value))
}

/// Whether a pair is a text that looks like a number, true or false.
fn is_json_as_text(pair: &str) -> bool {
    let value = pair.split_once('=').filter(|(name, _)| !name.ends_with(':')).map(|(_, value)| value);
    value.is_some_and(|value| serde_json::from_str::<Json>(value).is_ok())
}

/// An id that nobody has used.
fn new_id() -> String {
    let number = || RandomState::new().build_hasher().finish();
    format!("emit-{:016x}{:016x}", number(), number())
}
