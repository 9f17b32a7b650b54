//! The bounds of `check --bounds`: no simulated run exceeds them, and the examples reach them.
//!
//! `FUNNELC_CASES` sets the number of generated funnels and event logs.

use super::support::funnels::funnels;
use super::support::lives::life;
use super::support::program::package;
use funnelc::analysis::bound::{Bound, Bounds, ChannelBounds, Count, bounds};
use funnelc::check::Context;
use funnelc::engine::{Fields, Graphs, Line, LineKind, World, decode};
use funnelc::project;
use funnelc::simulate::Simulation;
use funnelc::source::Sources;
use funnelc::value::{Duration, Timestamp, Zone};
use funnelc::{Compiled, compile};
use proptest::prelude::*;
use std::collections::{BTreeMap, BTreeSet};

/// The bounds of funnels, and the lines of a simulated log.
struct Measured {
    bounds: Bounds,
    lines: Vec<Line>,
}

fn simulated(compiled: Compiled, business: &Fields, log: &[String]) -> Vec<Line> {
    let (catalog, graphs) = (compiled.program.catalog, Graphs::new(compiled.graphs));
    let world = World { catalog: &catalog, graphs: &graphs, business, language: "en", edge_counts: None };
    let mut lines = Vec::new();
    let mut simulation = Simulation::new(world, None, |line: &Line| lines.push(line.clone()));
    for event in log {
        let json = serde_json::from_str(event).unwrap_or_else(|e| panic!("{e} in {event}"));
        let event = decode(&catalog, &json, Timestamp(0)).unwrap_or_else(|e| panic!("{} in {event}", e.message));
        let _ = simulation.event(event);
    }
    simulation.finish();
    lines
}

fn measure(text: &str, log: &[String]) -> Measured {
    let mut sources = Sources::new();
    let file = sources.add("made-up.funnel", text);
    let context =
        Context { zone: Some("Europe/Berlin".to_owned()), currency: Some("RUB".to_owned()), ..Context::default() };
    let compiled = compile(&mut sources, &[file], &context);
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|finding| finding.is_error()).collect();
    assert!(errors.is_empty(), "{errors:?} in\n{text}");
    let bounds = bounds(&compiled.program, &compiled.graphs, &context);
    Measured { bounds, lines: simulated(compiled, &Fields::new(), log) }
}

/// A message of a client.
#[derive(Debug, Clone, Copy)]
struct Message<'l> {
    client: &'l str,
    run: &'l str,
    funnel: &'l str,
    channel: &'l str,
    at: Timestamp,
    zone: Zone,
}

fn messages(lines: &[Line]) -> Vec<Message<'_>> {
    let message = |line: &'_ Line| match &line.kind {
        LineKind::Send { channel, .. } => Some((line.zone.clone(), channel.clone())),
        _ => None,
    };
    let sent = lines.iter().filter(|line| message(line).is_some());
    sent.map(|line| {
        let LineKind::Send { channel, .. } = &line.kind else { unreachable!("only what is sent is here") };
        let zone = Zone::named(&line.zone).unwrap_or(Zone::UTC);
        let (client, run) = (line.client.0.as_str(), line.run.0.as_str());
        Message { client, run, funnel: &line.funnel, channel, at: line.at, zone }
    })
    .collect()
}

/// For each message, the messages to the same client within `length` of it.
fn stretches<'m>(messages: &[Message<'m>], length: Duration) -> Vec<Vec<Message<'m>>> {
    let from = |first: &Message<'m>| {
        let end = first.zone.plus(first.at, length);
        let within = |other: &&Message<'m>| other.client == first.client && first.at <= other.at && other.at < end;
        messages.iter().filter(within).copied().collect()
    };
    messages.iter().map(from).collect()
}

/// The maximum that a figure allows for these messages; parts that count per run are multiplied by the number of runs.
fn allowed(figure: &Bound, messages: &[Message<'_>]) -> Count {
    let runs = |funnel: &str| {
        let of_funnel = messages.iter().filter(|message| message.funnel == funnel);
        of_funnel.map(|message| message.run).collect::<BTreeSet<_>>().len() as u64
    };
    let parts = figure.parts.iter().map(|part| match part.each {
        Some(_) => part.messages.times(runs(&part.funnel)),
        None => part.most(),
    });
    let sum = parts.sum();
    // A limit applies to all runs together.
    if figure.is_held() { figure.most.min(sum) } else { sum }
}

fn of<'m>(messages: &[Message<'m>], row: &ChannelBounds, funnel: Option<&str>) -> Vec<Message<'m>> {
    let channel = |message: &&Message<'m>| row.channel.as_deref().is_none_or(|channel| channel == message.channel);
    let funnel = |message: &&Message<'m>| funnel.is_none_or(|funnel| funnel == message.funnel);
    messages.iter().filter(channel).filter(funnel).copied().collect()
}

/// For every figure, its name, the highest count in the simulation, and the bound.
fn compared(measured: &Measured) -> Vec<(String, u64, Count)> {
    let all = messages(&measured.lines);
    let mut found = Vec::new();
    let rows = measured.bounds.funnels.iter().flat_map(|f| f.channels.iter().map(|row| (Some(f.funnel.as_str()), row)));
    for (funnel, row) in rows.chain(measured.bounds.project.iter().map(|row| (None, row))) {
        let own = of(&all, row, funnel);
        let name = format!("{} {}", funnel.unwrap_or("all"), row.channel.as_deref().unwrap_or("messages"));
        if let Some(run) = &row.run {
            let mut by_run: BTreeMap<&str, u64> = BTreeMap::new();
            own.iter().for_each(|message| *by_run.entry(message.run).or_default() += 1);
            found.push((format!("{name} per run"), by_run.values().max().copied().unwrap_or(0), run.most));
        }
        for stretch in &row.windows {
            let name = format!("{name} per {}", stretch.window);
            let mut most = (name, 0, stretch.bound.most);
            for within in stretches(&own, stretch.window) {
                let allowed = allowed(&stretch.bound, &within);
                let count = within.len() as u64;
                if Count::Finite(count) > allowed || count > most.1 {
                    most = (most.0, count, allowed);
                }
                if Count::Finite(count) > allowed {
                    break;
                }
            }
            found.push(most);
        }
    }
    found
}

/// The bounds that the simulation exceeds when each is lowered by `less`.
fn exceeded(measured: &Measured, less: u64) -> Vec<String> {
    let compared = compared(measured).into_iter();
    let over = compared.filter(|(_, count, allowed)| match allowed {
        Count::Finite(allowed) => *count > 0 && *count > allowed.saturating_sub(less),
        Count::Unbounded => false,
    });
    over.map(|(name, count, allowed)| format!("{name}: {count} messages, bound {allowed}")).collect()
}

/// An event log in which no client changes time zone or birthday, since bounds assume that.
fn steady(bytes: &[u8]) -> Vec<String> {
    let moves = |line: &String| line.contains("\"timezone\":\"Asia/Kathmandu\"") || line.contains("\"1990-04-02\"");
    // Duplicates of a removed line are removed, too.
    life(bytes).into_iter().filter(|line| !moves(line)).collect()
}

fn cases(usual: u32) -> u32 {
    std::env::var("FUNNELC_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(any::<u8>(), 0..400)
}

proptest! {
    #![proptest_config(ProptestConfig {
        cases: cases(200),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_client_ever_gets_more_than_the_bound(program in bytes(), log in bytes()) {
        let (text, log) = (funnels(&program), steady(&log));
        let over = exceeded(&measure(&text, &log), 0);
        prop_assert!(over.is_empty(), "{}\n{text}\n{}", over.join("\n"), log.join("\n"));
    }
}

/// Pseudorandom bytes, the same in every test run.
fn random_bytes(seed: u64) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(300).collect()
}

#[test]
fn bounds_lowered_by_one_are_exceeded() {
    let over = |seed: u64| {
        let (text, log) = (funnels(&random_bytes(2 * seed)), steady(&random_bytes(2 * seed + 1)));
        exceeded(&measure(&text, &log), 1)
    };
    let all: Vec<String> = (1..=60).flat_map(over).collect();
    for figure in ["per run", "per 24h", "per 7d"] {
        let count = all.iter().filter(|fault| fault.contains(figure)).count();
        assert!(count >= 20, "only {count} figures {figure} were reached");
    }
}

fn example(name: &str, log: &[&str]) -> Measured {
    let folder = package("examples").join(name);
    let mut sources = Sources::new();
    let (project, _) = project::load(&folder.join("funnel.toml"), &mut sources).unwrap();
    let mut places = Vec::new();
    for path in project::files(std::slice::from_ref(&folder)).unwrap() {
        let text = std::fs::read_to_string(&path).unwrap();
        places.push((sources.add(path.display().to_string(), text), path));
    }
    let attached = project::load_includes(
        &mut sources,
        &mut funnelc::syntax::ParseCache::default(),
        &places,
        Some(&folder),
        &Default::default(),
    );
    let files: Vec<_> = places.iter().map(|(file, _)| *file).chain(attached.used).collect();
    let compiled = compile(&mut sources, &files, &project.context);
    let bounds = bounds(&compiled.program, &compiled.graphs, &project.context);
    let mut log = log.to_vec();
    log.sort_by_key(|line| line.split(' ').nth(1));
    let log: Vec<String> = log.into_iter().enumerate().map(|(n, line)| event(n, line)).collect();
    Measured { bounds, lines: simulated(compiled, &project.business, &log) }
}

/// Turns `c1 2026-03-01T10:00:00+03:00 booking "id":"b1"` into a line of an event log.
fn event(n: usize, line: &str) -> String {
    let mut words = line.splitn(4, ' ');
    let mut word = || words.next().unwrap_or_default();
    let (client, at, kind, data) = (word(), word(), word(), word());
    format!(r#"{{"type":"{kind}","id":"e{n}","client":"{client}","at":"{at}","data":{{{data}}}}}"#)
}

/// The figures of an example's funnels that its log does not reach.
fn unreached(name: &str, log: &[&str]) -> Vec<String> {
    let measured = example(name, log);
    assert_eq!(exceeded(&measured, 0), Vec::<String>::new(), "{name}");
    let own = compared(&measured).into_iter().filter(|(figure, ..)| !figure.starts_with("all "));
    let short = own.filter(|(_, count, allowed)| Count::Finite(*count) != *allowed);
    short.map(|(figure, count, allowed)| format!("{name}: {figure}: {count} of {allowed}")).collect()
}

/// For each example, a log that reaches every figure. Logs end late enough for schedules to fire.
const LOGS: [(&str, &[&str]); 8] = [
    (
        "after-the-visit",
        &[
            r#"c1 2026-03-01T12:00:00+03:00 client "phone":"+79990000001""#,
            r#"c1 2026-03-01T13:00:00+03:00 visit "id":"v1","service":"spa""#,
            r#"c1 2026-03-01T14:00:00+03:00 purchase "id":"p1","amount":"600 RUB""#,
        ],
    ),
    (
        "booking-reminder",
        &[
            r#"c1 2026-03-01T09:00:00+03:00 client "phone":"+79990000001""#,
            r#"c1 2026-03-01T10:00:00+03:00 booking "id":"b1","starts_at":"2026-03-02T12:00:00+03:00""#,
        ],
    ),
    (
        "crm-sync",
        &[
            r#"c1 2026-03-01T09:00:00+03:00 client "phone":"+79990000001""#,
            r#"c1 2026-03-01T10:00:00+03:00 booking "id":"b1","starts_at":"2026-03-02T12:00:00+03:00","attended":false"#,
        ],
    ),
    (
        "no-show-rescue",
        &[
            r#"c1 2026-03-01T09:00:00+03:00 client "phone":"+79990000001","consent":["sms"]"#,
            r#"c1 2026-03-01T10:00:00+03:00 booking "id":"b1","service":"massage","starts_at":"2026-03-02T12:00:00+03:00","attended":false"#,
            r#"c2 2026-03-01T09:00:00+03:00 client "email":"b@example.org","consent":["email"]"#,
            r#"c2 2026-03-01T10:00:00+03:00 booking "id":"b2","service":"massage","starts_at":"2026-03-02T12:00:00+03:00","attended":false"#,
        ],
    ),
    (
        "one-liner",
        &[
            r#"c1 2026-03-01T09:00:00+03:00 client "phone":"+79990000001""#,
            r#"c1 2026-03-01T10:00:00+03:00 booking "id":"b1","starts_at":"2026-03-01T12:00:00+03:00","attended":true"#,
        ],
    ),
    (
        "salon-start",
        &[
            r#"c1 2026-03-01T09:00:00+03:00 client "phone":"+79990000001","consent":["sms"]"#,
            r#"c2 2025-11-01T09:00:00+03:00 client "phone":"+79990000002","consent":["sms"],"birthday":"1990-03-20","created_at":"2020-01-01T10:00:00+03:00""#,
            r#"c3 2026-03-01T09:00:00+03:00 client "phone":"+79990000003","created_at":"2020-01-01T10:00:00+03:00""#,
            r#"c3 2026-03-01T10:00:00+03:00 booking "id":"b1","starts_at":"2026-03-02T12:00:00+03:00","attended":false"#,
            r#"c3 2026-03-10T10:00:00+03:00 booking "id":"b2","starts_at":"2026-03-20T12:00:00+03:00""#,
            r#"c3 2026-03-11T10:00:00+03:00 booking "id":"b2","starts_at":"2026-03-21T12:00:00+03:00""#,
            r#"c3 2026-03-12T10:00:00+03:00 booking "id":"b2","cancelled":true"#,
            r#"c4 2026-01-01T09:00:00+03:00 client "phone":"+79990000004","consent":["sms"],"created_at":"2020-01-01T10:00:00+03:00""#,
            r#"c4 2026-01-02T10:00:00+03:00 visit "id":"v1""#,
            r#"c4 2026-01-03T10:00:00+03:00 visit "id":"v2""#,
            r#"c4 2026-01-04T18:00:00+03:00 visit "id":"v3""#,
            r#"c5 2026-04-10T10:00:00+03:00 form "name":"What comes round does so until here.""#,
        ],
    ),
    (
        "thank-you-after-purchase",
        &[
            r#"c1 2026-03-01T09:00:00+03:00 client "phone":"+79990000001","email":"a@example.org""#,
            r#"c1 2026-03-02T11:00:00+03:00 purchase "id":"p1","amount":"600 RUB""#,
            r#"c2 2026-03-01T09:00:00+03:00 client "phone":"+79990000001""#,
            r#"c2 2026-03-02T11:00:00+03:00 purchase "id":"p2","amount":"600 RUB""#,
        ],
    ),
    (
        "welcome-email",
        &[
            r#"c1 2026-03-01T09:00:00+01:00 client "phone":"+79990000001","email":"a@example.org""#,
            r#"c1 2026-03-01T10:00:00+01:00 booking "id":"b1","starts_at":"2026-03-02T12:00:00+01:00""#,
            r#"c2 2026-03-01T09:00:00+01:00 client "phone":"+79990000001""#,
            r#"c2 2026-03-01T10:00:00+01:00 booking "id":"b2","starts_at":"2026-03-02T12:00:00+01:00""#,
        ],
    ),
];

#[test]
fn the_bounds_of_the_examples_are_reached() {
    let folders =
        std::fs::read_dir(package("examples")).unwrap().filter(|entry| entry.as_ref().unwrap().path().is_dir());
    assert_eq!(folders.count(), LOGS.len(), "every example has a log here");
    let short: Vec<String> = LOGS.iter().flat_map(|(name, log)| unreached(name, log)).collect();
    assert_eq!(short, Vec::<String>::new());
}

/// Figures counted by hand: a funnel, and its maximum per run, per 24 hours and per 7 days.
const COUNTED: [(&str, [&str; 3]); 21] = [
    ("on visit -> send sms \"a\" -> wait 24h -> send sms \"b\"", ["2", "1", "2"]),
    ("on visit -> send sms \"a\" -> wait 23h -> send sms \"b\"", ["2", "2", "2"]),
    ("on visit -> send sms \"a\" -> wait 7d -> send sms \"b\"", ["2", "1", "1"]),
    ("on visit -> repeat 3 times { repeat 4 times { send sms \"a\" } }", ["12", "12", "12"]),
    ("on visit -> repeat 9 times { wait 1d at 10:00 -> send sms \"a\" }", ["9", "2", "7"]),
    ("on visit -> repeat 5 times { wait until monday 11:00 -> send sms \"a\" }", ["5", "1", "1"]),
    (
        "on visit -> repeat 9 times { wait until 10:00 -> send sms \"a\" -> wait 2h -> send sms \"b\" }",
        ["18", "3", "14"],
    ),
    ("on visit -> again: send sms \"a\" -> wait 12h -> if client.city is missing { goto again }", ["∞", "2", "15"]),
    ("on visit -> again: wait for purchase -> send sms \"a\" -> goto again", ["∞", "∞", "∞"]),
    (
        "on visit -> parallel { path -> send sms \"a\" path -> send sms \"b\" } -> wait 1d -> send sms \"c\"",
        ["3", "3", "3"],
    ),
    (
        "on visit -> send email { subject: \"a\" text: \"b\" } else { send sms \"c\" -> send sms \"d\" }",
        ["2", "2", "2"],
    ),
    ("on visit -> if client.city is known { stop } -> send sms \"a\"", ["1", "1", "1"]),
    ("every monday, thursday 10:00 -> send sms \"a\"", ["1", "1", "2"]),
    ("every day 10:00 -> send sms \"a\"", ["1", "2", "7"]),
    ("every day 02:30 -> send sms \"a\"", ["1", "2", "8"]),
    ("every \"RRULE:FREQ=DAILY;BYHOUR=10\" -> send sms \"a\"", ["1", "2", "7"]),
    ("every \"RRULE:FREQ=DAILY;BYHOUR=9,10,11\" -> send sms \"a\"", ["1", "4", "21"]),
    ("every \"RRULE:FREQ=MONTHLY;BYDAY=-1FR;BYHOUR=18\" -> send sms \"a\"", ["1", "1", "1"]),
    ("every \"RRULE:FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TU;BYHOUR=12\" -> wait 1h -> send sms \"a\"", ["1", "2", "2"]),
    ("on visit -> send sms \"a\" to \"+4930901820\"", ["0", "0", "0"]),
    ("on visit -> wait 1d -> start other -> wait 1h", ["0", "0", "0"]),
];

#[test]
fn figures_match_those_counted_by_hand() {
    let mut faults = String::new();
    for (text, expected) in COUNTED {
        let text = format!("{text}\nfunnel other {{ on visit -> tag \"seen\" }}");
        let measured = measure(&text, &[]);
        let row = &measured.bounds.funnels[0].channels[0];
        let run = row.run.as_ref().map(|run| run.most).unwrap_or_default();
        let found: Vec<String> =
            std::iter::once(run).chain(row.windows.iter().map(|s| s.bound.most)).map(|most| most.to_string()).collect();
        if found != expected {
            faults += &format!("{text}\n  has {found:?}, not {expected:?}\n");
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn figures_include_the_runs_that_a_run_starts() {
    let text = "funnel first { on visit -> send sms \"a\" -> repeat 2 times { start second } -> emit third { id: \"1\" } }\n\
        funnel second { on visit -> send sms \"b\" -> set client.city = \"Oslo\" }\n\
        funnel city { on client.city -> send sms \"c\" }\n\
        funnel third { on third -> send sms \"d\" }\n\
        funnel round { on third -> send sms \"e\" -> wait 1d -> start round }\n\
        event third { key id: text }";
    let measured = measure(text, &[]);
    let with_started = |name: &str| {
        let funnel = measured.bounds.funnels.iter().find(|funnel| funnel.funnel == name).unwrap();
        let row = &funnel.channels[0];
        row.with_child_runs.or(row.run.as_ref().map(|run| run.most)).map(|count| count.to_string())
    };
    assert_eq!(with_started("city").as_deref(), Some("1"));
    assert_eq!(with_started("second").as_deref(), Some("2"));
    assert_eq!(with_started("round").as_deref(), Some("∞"), "it starts itself endlessly");
    assert_eq!(with_started("first").as_deref(), Some("∞"), "its event starts `round`");
}

#[test]
fn limits_apply_to_all_runs_together() {
    let text = "funnel news { limit 3 sms per 7d else skip\n on visit -> send sms \"a\" -> wait 1h -> send sms \"b\" }";
    let row = &measure(text, &[]).bounds.funnels[0].channels[0];
    assert_eq!(row.windows[1].bound.most, Count::Finite(2), "2 for one visit; several visits are limited to 3");
    let text = text.replace("limit 3", "limit 1");
    let row = &measure(&text, &[]).bounds.funnels[0].channels[0];
    assert_eq!(row.run.as_ref().unwrap().most, Count::Finite(1), "a run of one hour lies within one week");
    assert_eq!(row.windows[0].bound.limits, ["1 sms per 7d else skip"]);
}

#[test]
fn night_schedules_keep_their_bound_when_clocks_go_forward() {
    let rule = "every \"RRULE:FREQ=DAILY;BYHOUR=2;BYMINUTE=30\"";
    for schedule in ["every day 02:30", "every 1d at 02:30", rule] {
        let log = [
            event(1, "c1 2026-03-20T12:00:00+01:00 client \"phone\":\"+4930901820\""),
            event(2, "c1 2026-04-20T12:00:00+02:00 form \"name\":\"Until here it comes each night.\""),
        ];
        let measured = measure(&format!("{schedule} -> send sms \"a\""), &log);
        assert_eq!(exceeded(&measured, 0), Vec::<String>::new(), "{schedule}");
        assert!(exceeded(&measured, 1).iter().any(|figure| figure.contains("per 7d")), "{schedule}");
    }
}

#[test]
fn a_limited_run_has_no_figure_with_started_runs() {
    let text = "funnel e { limit 2 sms per 7d else skip\n enter once\n on form -> send sms \"a\" -> wait 1h -> send sms \"b\" -> wait 1h -> send sms \"c\" }";
    let measured = measure(text, &[]);
    for row in &measured.bounds.funnels[0].channels {
        assert_eq!(row.run.as_ref().unwrap().most, Count::Finite(2));
        assert_eq!(row.with_child_runs, None, "it starts no runs");
    }
}

/// The JSON lines of `check --bounds`.
fn json_bounds(toml: &str, funnels: &str) -> Vec<serde_json::Value> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("funnel.toml"), toml).unwrap();
    std::fs::write(folder.path().join("main.funnel"), funnels).unwrap();
    let path = folder.path().to_str().unwrap();
    let finished = super::support::program::run_funnelc(["check", "--bounds", "--format", "json", path]);
    finished.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_project_limit_on_the_only_channel_limits_all_messages() {
    let toml = "timezone = \"Europe/Berlin\"\n[limits]\nsms = \"2 per 7d\"\n[max_messages]\nmessages = \"2 per 7d\"\n";
    let text = "funnel news { purpose marketing\n on form -> send sms \"a\" -> wait 1h -> send sms \"b\" -> wait 1h -> send sms \"c\" }";
    let lines = json_bounds(toml, text);
    assert!(lines.iter().all(|line| line["code"] != "F0502"), "{lines:?}");
    let project = lines.iter().find(|line| line["bounds"] == "project").unwrap();
    assert_eq!(project["channels"][0]["per"]["7d"]["max"], 2, "{project}");
    let lines = json_bounds(&toml.replace("messages = \"2", "messages = \"1"), text);
    assert!(lines.iter().any(|line| line["code"] == "F0502"), "{lines:?}");
}

#[test]
fn a_cyrillic_default_shortens_sms_segments() {
    let toml = "timezone = \"Europe/Berlin\"\ncurrency = \"EUR\"\n[sms]\nsegments = 1\n[prices]\nsms = \"0.10 EUR\"\n";
    let name = "{{ client.name | default(\"друг\") }}";
    for (text, price) in [
        (format!("Ж{} {name}", "a".repeat(58)), "0.2 EUR"),
        (format!("Ж{} {name}", "a".repeat(48)), "0.1 EUR"),
        (format!("{} {name}", "a".repeat(66)), "0.2 EUR"),
        (format!("{} {name}", "a".repeat(65)), "0.1 EUR"),
        (format!("{} {}", "a".repeat(130), name.replace("друг", "friend")), "0.1 EUR"),
    ] {
        let lines = json_bounds(toml, &format!("on form -> send sms \"{text}\""));
        let funnel = lines.iter().find(|line| line["bounds"] == "funnel").unwrap();
        assert_eq!(funnel["cost"]["highest"]["amount"], price, "{text}");
        assert_eq!(lines.iter().any(|line| line["code"] == "F0501"), price == "0.2 EUR", "{text}");
    }
}

#[test]
fn the_busiest_period_may_start_in_the_last_iteration() {
    let per_day = |chain: &str| {
        let text = format!("funnel f {{ enter once  on booking -> {chain} }}");
        let lines = json_bounds("timezone = \"Europe/Berlin\"\n", &text);
        let funnel = lines.iter().find(|line| line["bounds"] == "funnel").unwrap();
        funnel["channels"][0]["per"]["24h"]["max"].as_u64().unwrap()
    };
    let (round, sms) = ("wait 24h -> send sms \"a\"", "send sms \"b\"");
    assert_eq!(per_day(&format!("repeat 2 times {{ {round} }} -> wait 1d at 09:00 -> {sms}")), 2);
    assert_eq!(per_day(&format!("repeat 2 times {{ {round} }} -> {sms} -> {sms}")), 3);
    assert_eq!(per_day(&format!("repeat 2 times {{ {round} }} -> wait 48h -> {sms}")), 1);
    assert_eq!(per_day(&format!("repeat 3 times {{ repeat 2 times {{ {round} }} -> {sms} }} -> {sms}")), 3);
    assert_eq!(per_day(&format!("repeat 4 times {{ wait 12h -> {sms} }} -> wait 6h -> {sms}")), 3);
}

#[test]
fn the_cost_of_a_run_respects_its_limits() {
    let toml = "timezone = \"Europe/Berlin\"\n[prices]\nsms = \"1 EUR\"\nemail = \"0.10 EUR\"\n";
    let sms = "send sms \"Hi\"";
    let email = "send email { subject: \"Hi\" text: \"Hello {{ unsubscribe_url }}\" }";
    let highest_cost = |limits: &str, settings: &str, chain: &str| -> (String, u64) {
        let text = format!("funnel f {{\n  {settings}\n  on booking -> {chain}\n}}\n");
        let lines = json_bounds(&format!("{toml}{limits}"), &text);
        let highest = &lines.iter().find(|line| line["bounds"] == "funnel").unwrap()["cost"]["highest"];
        let times = highest["path"].as_array().unwrap().iter().map(|sent| sent["times"].as_u64().unwrap()).sum();
        (highest["amount"].as_str().unwrap().to_owned(), times)
    };
    let chain = format!("{sms} -> wait 1h -> {sms} -> wait 1h -> {sms} -> {email} -> {email}");
    let cost = |amount: &str, times| (amount.to_owned(), times);
    assert_eq!(highest_cost("", "", &chain), cost("3.2 EUR", 5));
    assert_eq!(highest_cost("", "limit 2 sms per 7d else skip", &chain), cost("2.2 EUR", 4));
    assert_eq!(highest_cost("", "limit 2 messages per 7d else skip", &chain), cost("2 EUR", 2));
    let both = "limit 1 sms per 7d else skip\n  limit 2 messages per 7d else skip";
    assert_eq!(highest_cost("", both, &chain), cost("1.1 EUR", 2));
    // A run longer than a day can contain two limit periods.
    assert_eq!(highest_cost("", "limit 1 sms per 1d else skip", &chain.replace("1h", "30h")), cost("3.2 EUR", 5));
    let project = "[limits]\nsms = \"1 per 7d\"\n";
    assert_eq!(highest_cost(project, "", &chain), cost("3.2 EUR", 5));
    assert_eq!(highest_cost(project, "purpose marketing", &chain), cost("1.2 EUR", 3));
}

#[test]
fn prices_determine_the_lowest_and_highest_cost() {
    let folder = tempfile::tempdir().unwrap();
    let prices = "timezone = \"Europe/Berlin\"\n[prices]\nsms = \"4.20 RUB\"\nemail = \"0.05 RUB\"\n";
    std::fs::write(folder.path().join("funnel.toml"), prices).unwrap();
    let long = "x".repeat(200);
    let text = format!(
        "on visit -> split \"way\" {{ case 50% -> send email {{ subject: \"a\" text: \"b\" }} case 50% -> send sms \"{long}\" }}"
    );
    std::fs::write(folder.path().join("main.funnel"), text).unwrap();
    let path = folder.path().to_str().unwrap();
    let finished = super::support::program::run_funnelc(["check", "--bounds", "--format", "json", path]);
    let lines: Vec<serde_json::Value> = finished.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let [funnel, project] = &lines[..] else { panic!("{}", finished.out) };
    assert_eq!(funnel["cost"]["lowest"]["amount"], "0.05 RUB");
    assert_eq!(funnel["cost"]["highest"]["amount"], "8.4 RUB", "two segments");
    assert_eq!(funnel["channels"][0]["run"]["path"][0]["range"]["start"]["line"], 1);
    assert_eq!(project["channels"][0]["per"]["24h"]["max"], 1);
    let finished = super::support::program::run_funnelc(["check", "--bounds", path]);
    assert!(finished.out.contains("highest cost 8.4 RUB"), "{}", finished.out);
    let finished = super::support::program::run_funnelc(["check", "--bounds", path, "--lang", "ru"]);
    assert!(finished.out.contains("максимум     8.4 RUB"), "{}", finished.out);
}
