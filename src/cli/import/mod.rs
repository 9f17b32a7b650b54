//! `funnelc import`: tables of other programs as events. In: CSV files. Out: a preview, what could not be read, and events
//! that set nothing off.

mod preview;

use super::load::{self, Unit};
use super::{Failure, Outcome, Terminal, count, event_log};
use crate::check::program::Catalog;
use crate::diagnostic::Phrase;
use crate::engine::{Received, receive};
use crate::import::{self, ColumnMap, Form, Mapping, Row, Table, Target, Unmapped, guess};
use crate::runtime::clock::Clock;
use crate::say;
use crate::value::{Timestamp, json};
use clap::{Parser, ValueHint};
use preview::{Preview, Problem};
use serde_json::{Map, Value as Json};
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, BufWriter, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};

/// How many rows decide what columns mean.
const SAMPLE: usize = 200;

const EXAMPLES: &str = "\
Examples:
  funnelc import clients.csv                              show what would be read, and how
  funnelc import clients.csv --out clients.ndjson         write the events
  funnelc import bookings.csv --column \"Kommentar=client.note\" --out bookings.ndjson
  funnelc import clients.csv | funnelc run . --events -   read them in

The events have `\"import\":true`: their values are read in, and nothing is set off.";

/// Turn tables of clients, bookings or purchases (CSV) into events
///
/// The columns mean what `[import.NAME]` in funnel.toml says; otherwise their meaning is guessed from their names and values. The preview on standard error shows it, with the table for funnel.toml. Values that cannot be read are listed and left out. Events are written to standard output, unless that is a terminal, or to the file that `--out` names.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Tables; `-` reads standard input
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Project folder or funnel file [default: the project in the current folder]
    #[arg(long, value_name = "PATH")]
    project: Option<PathBuf>,

    /// Write the events to this file, which must not exist yet
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    out: Option<PathBuf>,

    /// The event of a row: client, booking, purchase or another one [default: guessed]
    #[arg(long = "as", value_name = "EVENT")]
    kind: Option<String>,

    /// What a column means, instead of a guess: NAME=EVENT.FIELD
    #[arg(long = "column", value_name = "NAME=FIELD", value_parser = parse_column)]
    columns: Vec<(String, Target)>,
}

/// Parses the value of `--column`.
fn parse_column(text: &str) -> Result<(String, Target), String> {
    let expected = || "expected NAME=EVENT.FIELD, such as Mobile=client.phone".to_owned();
    let (name, target) = text.rsplit_once('=').ok_or_else(expected)?;
    Ok((name.trim().to_owned(), Target::parse(target.trim()).ok_or_else(expected)?))
}

/// Shows what the tables contain, and writes it as events.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut unit = load::load_one(args.project.as_ref(), terminal)?;
    let Some(project) = unit.prepare(terminal) else { return Ok(Outcome::Findings) };
    let catalog = &project.catalog;
    check_args(args, catalog)?;
    let mut out = Destination::open(args, terminal)?;
    let mut total = Total::default();
    for path in &args.files {
        read_file(path, args, (&unit, catalog), terminal, &mut out, &mut total)?;
    }
    out.close()?;
    let summary = [
        Some(count::rows(total.rows)),
        Some(count::events(total.events)),
        (total.problems > 0).then(|| count::unread(total.problems)),
    ];
    terminal.say(&count::join(summary));
    if total.events > 0 && matches!(out, Destination::Nowhere) {
        terminal.say(&say!("nothing was written; name a file: `--out events.ndjson`"));
    }
    Ok(if total.problems > 0 { Outcome::Findings } else { Outcome::Success })
}

fn check_args(args: &Args, catalog: &Catalog) -> Result<(), Failure> {
    let known = |event: &str| event == "client" || catalog.events.contains_key(event);
    let named =
        args.kind.iter().map(String::as_str).chain(args.columns.iter().map(|(_, target)| target.event.as_str()));
    match named.into_iter().find(|event| !known(event)) {
        Some(event) => Err(Failure::new(say!("unknown event `{name}`", name = event))
            .help(say!("declare it in a funnel file: event {name} {{ .. }}", name = event))),
        None => Ok(()),
    }
}

#[derive(Default)]
struct Total {
    rows: u64,
    events: u64,
    problems: u64,
}

/// Reads one table: shows a preview, then writes the events, then lists what could not be read.
fn read_file(
    path: &Path,
    args: &Args,
    (unit, catalog): (&Unit, &Catalog),
    terminal: &Terminal,
    out: &mut Destination<'_>,
    total: &mut Total,
) -> Result<(), Failure> {
    let name = event_log::name(path);
    let cannot = |fault: io::Error| Failure::read(path, &fault);
    let mut table = open(path)?;
    let header = table.header().to_vec();
    let mut sample = Vec::new();
    while sample.len() < SAMPLE {
        let Some(row) = table.next_row().map_err(cannot)? else { break };
        sample.push(row);
    }
    let (map, undeclared, is_known) = meaning(args, &header, &sample, unit, catalog)?;
    let mapping = Mapping::of_map(&header, &map);
    let preview =
        Preview { name: &name, header: &header, sample: &sample, map: &map, undeclared: &undeclared, is_known };
    terminal.err(&preview.text(path, terminal.language()));
    if map.columns.is_empty() {
        return Err(Failure::new(say!("no column of `{name}` has a known meaning", name))
            .help(say!("say what a column means: `--column \"NAME=client.phone\"`")));
    }
    let now = Clock::of_machine().now();
    let mut problems = Vec::new();
    let mut rows = sample.into_iter();
    loop {
        let row = match rows.next() {
            Some(row) => row,
            None => match table.next_row().map_err(cannot)? {
                Some(row) => row,
                None => break,
            },
        };
        total.rows += 1;
        for event in events(&row, &mapping, &header, catalog, now, &mut problems) {
            total.events += 1;
            out.write(&format!("{event}\n"))?;
        }
    }
    total.problems += problems.len() as u64;
    terminal.err(&preview::list(&name, &problems, terminal.language()));
    Ok(())
}

fn open(path: &Path) -> Result<Table<Box<dyn Read + Send>>, Failure> {
    let cannot = |fault: io::Error| Failure::read(path, &fault);
    let bytes: Box<dyn Read + Send> =
        if event_log::is_stdin(path) { Box::new(io::stdin()) } else { Box::new(File::open(path).map_err(cannot)?) };
    let decoded = import::decode(bytes, path.file_name().and_then(|name| name.to_str())).map_err(cannot)?;
    if decoded.form == Form::Json {
        let message = say!("`{name}` contains events already", name = event_log::name(path));
        return Err(Failure::new(message).help(say!("pass it to `--events`")));
    }
    let table = Table::new(decoded.text, &decoded.sample).map_err(cannot)?;
    if Mapping::has_members(table.header()) {
        let message = say!("`{name}` contains events already", name = event_log::name(path));
        return Err(Failure::new(message).help(say!("pass it to `--events`")));
    }
    Ok(table)
}

/// What the columns mean, fields for those that no declaration knows, and whether the project file says it.
type Meaning = (ColumnMap, Vec<(String, Target, crate::value::Type)>, bool);

fn meaning(args: &Args, header: &[String], sample: &[Row], unit: &Unit, catalog: &Catalog) -> Result<Meaning, Failure> {
    let given: BTreeMap<String, Target> = args.columns.iter().cloned().collect();
    if let Some(missing) = given.keys().find(|name| !header.contains(name)) {
        return Err(Failure::new(say!("the header has no column `{name}`", name = missing.as_str()))
            .help(say!("the columns are: {names}", names = header.join(", "))));
    }
    let maps = &unit.workspace.project.column_maps;
    let known = ColumnMap::of_header(header, maps).map_err(|unmapped| match unmapped {
        Unmapped::None => None,
        Unmapped::Several(names) => {
            let reason = import::Unreadable::SeveralColumnMaps(names.join(", "));
            Some(Failure::new(reason.phrase()).help(reason.help()))
        }
    });
    match known {
        Ok(known) if args.kind.is_none() => {
            let mut map = known.clone();
            map.columns.extend(given);
            Ok((map, Vec::new(), args.columns.is_empty()))
        }
        Err(Some(failure)) => Err(failure),
        Ok(_) | Err(None) => {
            let guess = guess(header, sample, catalog, args.kind.as_deref(), &given);
            Ok((guess.map, guess.undeclared, false))
        }
    }
}

/// The events of a row. What cannot be read is left out of them; an event that cannot do without it is left out itself.
fn events(
    row: &Row,
    mapping: &Mapping,
    header: &[String],
    catalog: &Catalog,
    now: Timestamp,
    problems: &mut Vec<Problem>,
) -> Vec<Json> {
    let line = row.place.line();
    let problem = |column: &str, value: &str, reason: Phrase| Problem {
        line,
        column: column.to_owned(),
        value: value.to_owned(),
        reason,
    };
    if row.extra > 0 {
        problems.push(problem("", "", say!("the row has more cells than the header")));
        return Vec::new();
    }
    let (events, bad) = mapping.events(row, catalog);
    let mut unread = Vec::new();
    for cell in bad {
        unread.extend(mapping.target(cell.column).cloned());
        let column = header.get(cell.column).map_or("", String::as_str);
        problems.push(problem(column, &cell.value, cell.reason));
    }
    let mut written = Vec::new();
    for event in events {
        let Json::Object(mut event) = event else { continue };
        leave_out(&mut event, &unread);
        let is_bare = event.get("data").and_then(Json::as_object).is_none_or(Map::is_empty);
        if is_bare && event.get("type").is_some_and(|name| name == "client") {
            continue;
        }
        date(&mut event, catalog, now);
        event.insert("import".to_owned(), Json::Bool(true));
        let event = Json::Object(event);
        match receive(catalog, &event, now) {
            Ok(Received { .. }) => written.push(event),
            Err(_) if event.get("client").is_none() => {
                problems.push(problem("", "", say!("no id, phone number or email address says whose row it is")));
                return Vec::new();
            }
            Err(refusal) => problems.push(problem("", "", refusal.message)),
        }
    }
    written
}

/// Removes the values that could not be read.
fn leave_out(event: &mut Map<String, Json>, unread: &[Target]) {
    let name = event.get("type").and_then(Json::as_str).unwrap_or_default().to_owned();
    for target in unread.iter().filter(|target| target.event == name) {
        if target.field == "at" {
            event.remove("at");
        }
        if let Some(Json::Object(data)) = event.get_mut("data") {
            data.remove(&target.field);
        }
    }
}

/// Gives an event that does not say when it happened the moment when the client or the booking came to be: so it stays in
/// the past, where it belongs.
fn date(event: &mut Map<String, Json>, catalog: &Catalog, now: Timestamp) {
    if event.contains_key("at") {
        return;
    }
    let data = event.get("data").and_then(Json::as_object);
    let past = |name: &str| {
        let moment = data?.get(name)?;
        json::instant(moment, catalog.local()).filter(|at| *at <= now).map(|_| moment.clone())
    };
    if let Some(at) = past("created_at").or_else(|| past("starts_at")) {
        event.insert("at".to_owned(), at);
    }
}

/// Where events are written.
enum Destination<'t> {
    Terminal(&'t Terminal),
    File(PathBuf, BufWriter<File>),
    /// The preview on a terminal must not scroll away.
    Nowhere,
}

impl<'t> Destination<'t> {
    fn open(args: &Args, terminal: &'t Terminal) -> Result<Self, Failure> {
        let Some(path) = &args.out else {
            return Ok(if io::stdout().is_terminal() { Self::Nowhere } else { Self::Terminal(terminal) });
        };
        match File::create_new(path) {
            Ok(file) => Ok(Self::File(path.clone(), BufWriter::new(file))),
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => {
                let message =
                    say!("`{path}` already exists, so nothing was written", path = path.display().to_string());
                Err(Failure::new(message).help(say!("choose another file for --out")))
            }
            Err(fault) => Err(Failure::write(path, &fault)),
        }
    }

    fn write(&mut self, text: &str) -> Result<(), Failure> {
        match self {
            Self::Terminal(terminal) => terminal.out(text),
            Self::File(path, file) => file.write_all(text.as_bytes()).map_err(|fault| Failure::write(path, &fault)),
            Self::Nowhere => Ok(()),
        }
    }

    fn close(&mut self) -> Result<(), Failure> {
        match self {
            Self::Terminal(terminal) => terminal.flush(),
            Self::File(path, file) => file.flush().map_err(|fault| Failure::write(path, &fault)),
            Self::Nowhere => Ok(()),
        }
    }
}
