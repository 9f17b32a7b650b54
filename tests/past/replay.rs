//! A question answered from what is kept equals the same question answered by replaying the client's whole log up to
//! that moment, and equals what a plain search of the log finds, for random logs, changes and moments.

use crate::support::choices::cases;
use funnelc::check::Context;
use funnelc::check::program::Catalog;
use funnelc::engine::{Client, ClientId, Event, Fields, Graphs, Input, LineKind, World, decode, handle};
use funnelc::source::Sources;
use funnelc::value::{Duration, Timestamp, Zone};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const DAY_MS: i64 = 86_400_000;

const EVENTS: &str = "
    event slot { key id: text  starts_at: datetime  points: number?  gone: bool? }
    event talk { starts_at: datetime  points: number? }
    event ask { id: text }
";

/// An event or a record as a question sees it.
struct Row {
    at: Timestamp,
    key: String,
    starts_at: Option<Timestamp>,
    points: Option<i64>,
    gone: bool,
}

impl Row {
    fn new(at: Timestamp, key: &str, fields: &Fields) -> Self {
        let moment = |json: &Json| json.as_str().and_then(Timestamp::parse);
        Self {
            at,
            key: key.to_owned(),
            starts_at: fields.get("starts_at").and_then(moment),
            points: fields.get("points").and_then(Json::as_i64),
            gone: fields.get("gone") == Some(&Json::Bool(true)),
        }
    }
}

/// A question, and the same by hand.
struct Question {
    text: &'static str,
    event: &'static str,
    last_days: Option<i32>,
    matches: fn(&Row, Moment) -> bool,
    result: fn(&[&Row]) -> i64,
}

#[derive(Clone, Copy)]
struct Moment {
    now: Timestamp,
    zone: Zone,
}

impl Moment {
    fn day(self, at: Timestamp) -> funnelc::value::CivilDate {
        self.zone.civil(at).date
    }

    fn plus_days(self, days: i32) -> Timestamp {
        self.zone.plus(self.now, Duration { days, ..Duration::default() })
    }
}

fn count(rows: &[&Row]) -> i64 {
    i64::try_from(rows.len()).unwrap()
}

fn sum(rows: &[&Row]) -> i64 {
    rows.iter().filter_map(|row| row.points).sum()
}

fn last(rows: &[&Row]) -> i64 {
    rows.last().and_then(|row| row.points).unwrap_or(0)
}

fn first(rows: &[&Row]) -> i64 {
    rows.first().and_then(|row| row.points).unwrap_or(0)
}

fn most(rows: &[&Row]) -> i64 {
    rows.iter().filter_map(|row| row.points).max().unwrap_or(0)
}

fn least(rows: &[&Row]) -> i64 {
    rows.iter().filter_map(|row| row.points).min().unwrap_or(0)
}

fn starts(row: &Row, compare: impl Fn(Timestamp) -> bool) -> bool {
    row.starts_at.is_some_and(compare)
}

#[rustfmt::skip]
const QUESTIONS: &[Question] = &[
    Question { text: "count(slot where starts_at > now)", event: "slot", last_days: None,
        matches: |row, m| starts(row, |at| at > m.now), result: count },
    Question { text: "count(slot where starts_at > now and not gone)", event: "slot", last_days: None,
        matches: |row, m| starts(row, |at| at > m.now) && !row.gone, result: count },
    Question { text: "sum(slot.points where starts_at < now - 3d)", event: "slot", last_days: None,
        matches: |row, m| starts(row, |at| at < m.plus_days(-3)), result: sum },
    Question { text: "max(slot.points where starts_at >= today) | default(0)", event: "slot", last_days: None,
        matches: |row, m| starts(row, |at| m.day(at) >= m.day(m.now)), result: most },
    Question { text: "last(slot.points where starts_at > now) | default(0)", event: "slot", last_days: None,
        matches: |row, m| starts(row, |at| at > m.now), result: last },
    Question { text: "first(slot.points in last 5d where not gone) | default(0)", event: "slot", last_days: Some(5),
        matches: |row, _| !row.gone, result: first },
    Question { text: "last(slot.points where not gone) | default(0)", event: "slot", last_days: None,
        matches: |row, _| !row.gone, result: last },
    Question { text: "count(slot in last 2d where starts_at < now + 1d)", event: "slot", last_days: Some(2),
        matches: |row, m| starts(row, |at| at < m.plus_days(1)), result: count },
    Question { text: "count(slot in last 3d where gone)", event: "slot", last_days: Some(3),
        matches: |row, _| row.gone, result: count },
    Question { text: "sum(slot.points)", event: "slot", last_days: None, matches: |_, _| true, result: sum },
    Question { text: "count(slot where starts_at < 2026-03-29)", event: "slot", last_days: None,
        matches: |row, m| starts(row, |at| m.day(at) < funnelc::value::CivilDate::new(2026, 3, 29).unwrap()), result: count },
    Question { text: "count(talk where starts_at > now)", event: "talk", last_days: None,
        matches: |row, m| starts(row, |at| at > m.now), result: count },
    Question { text: "sum(talk.points where not (starts_at > now))", event: "talk", last_days: None,
        matches: |row, m| row.starts_at.is_some_and(|at| at <= m.now), result: sum },
    Question { text: "count(talk in last 4d where starts_at >= today)", event: "talk", last_days: Some(4),
        matches: |row, m| starts(row, |at| m.day(at) >= m.day(m.now)), result: count },
    Question { text: "min(talk.points in last 6d) | default(0)", event: "talk", last_days: Some(6),
        matches: |_, _| true, result: least },
    Question { text: "last(talk.points where starts_at > now or points is known and points > 5) | default(0)", event: "talk", last_days: None,
        matches: |row, m| starts(row, |at| at > m.now) || row.points.is_some_and(|n| n > 5), result: last },
    Question { text: "first(talk.points where starts_at < today) | default(0)", event: "talk", last_days: None,
        matches: |row, m| starts(row, |at| m.day(at) < m.day(m.now)), result: first },
    Question { text: "count(talk)", event: "talk", last_days: None, matches: |_, _| true, result: count },
    Question { text: "count(talk in last 1d)", event: "talk", last_days: Some(1), matches: |_, _| true, result: count },
];

/// A project that asks some of the questions on each `ask`.
fn compile(asked: &[&Question]) -> (Catalog, Graphs) {
    let tags: String = asked.iter().map(|question| format!(" -> tag \"{{{{ {} }}}}\"\n", question.text)).collect();
    let chain = if tags.is_empty() { " -> stop".to_owned() } else { tags };
    let mut sources = Sources::new();
    let file = sources.add("asks.funnel", format!("{EVENTS} funnel asks {{ enter always  on ask{chain} }}"));
    let context = Context { zone: Some("Europe/Berlin".to_owned()), ..Context::default() };
    let compiled = funnelc::compile(&mut sources, &[file], &context);
    let errors: Vec<_> = compiled.diagnostics.iter().filter(|d| d.is_error()).map(|d| &d.message).collect();
    assert!(errors.is_empty(), "{errors:?}");
    (compiled.program.catalog, Graphs::new(compiled.graphs))
}

/// Handles an input and returns the tags that funnels put on.
fn tags(catalog: &Catalog, graphs: &Graphs, client: &mut Client, input: Input, now: Timestamp) -> Vec<String> {
    let business = Fields::new();
    let world = World { catalog, graphs, business: &business, language: "en", edge_counts: None };
    let effects = handle(&world, client, input, now);
    let tag = |kind: LineKind| match kind {
        LineKind::Tag { tag } => Some(tag),
        _ => None,
    };
    effects.lines.into_iter().filter_map(|line| tag(line.kind)).collect()
}

fn ask(catalog: &Catalog, n: usize, now: Timestamp) -> Event {
    let json = json!({"type": "ask", "client": "c1", "at": Zone::UTC.rfc3339(now), "data": {"id": n.to_string()}});
    decode(catalog, &json, now).unwrap_or_else(|e| panic!("{}", e.message))
}

/// One thing that happens: how long after the last one in minutes, how late it arrives in hours, what, and its values.
type Happening = (u16, u8, u8, u8);

/// The events of a log in order of arrival, each with the moment of its arrival.
fn log(catalog: &Catalog, happenings: &[Happening]) -> Vec<(Event, Timestamp)> {
    let mut now = Timestamp::parse("2026-03-25T08:00:00Z").unwrap();
    let event = |(n, (gap, late, kind, value)): (usize, &Happening)| {
        now = now.plus_ms((i64::from(gap % 4000) + 1) * 60_000);
        // Most events arrive at once; some days later.
        let at = now.plus_ms(-i64::from(late.saturating_sub(200)) * 3 * 3_600_000);
        let starts_at = Zone::UTC.rfc3339(now.plus_ms((i64::from(*value) - 100) * DAY_MS / 24));
        let points = if value % 5 == 0 { Json::Null } else { json!(value % 11 + 1) };
        let id = format!("s{}", kind % 4);
        let (name, data) = match kind % 9 {
            0..=3 => ("slot", json!({"id": id, "starts_at": starts_at, "points": points})),
            4 => ("slot", json!({"id": id, "starts_at": starts_at, "gone": value % 2 == 0})),
            5 => ("slot", json!({"id": format!("s{n}"), "starts_at": starts_at, "points": points})),
            6 => ("talk", json!({"starts_at": starts_at})),
            _ => ("talk", json!({"starts_at": starts_at, "points": points})),
        };
        let json = json!({"type": name, "client": "c1", "at": Zone::UTC.rfc3339(at), "data": data});
        (decode(catalog, &json, now).unwrap_or_else(|e| panic!("{} in {json}", e.message)), now)
    };
    happenings.iter().enumerate().map(event).collect()
}

/// What a plain search finds.
fn search(question: &Question, client: &Client, talks: &[Event], now: Timestamp) -> i64 {
    let zone = Zone::named("Europe/Berlin").unwrap();
    let records = client.records.iter().filter(|(id, _)| id.event == question.event);
    let records = records.map(|(id, record)| Row::new(record.created_at, &id.key, &record.fields));
    let events = talks.iter().filter(|event| event.name == question.event);
    let mut rows: Vec<Row> = records.chain(events.map(|event| Row::new(event.at, "", &event.data))).collect();
    rows.sort_by(|a, b| (a.at, &a.key).cmp(&(b.at, &b.key)));
    let within = |row: &&Row| {
        let end = question.last_days.map(|days| zone.plus(row.at, Duration { days, ..Duration::default() }));
        end.is_none_or(|end| end > now)
    };
    let rows: Vec<&Row> =
        rows.iter().filter(within).filter(|row| (question.matches)(row, Moment { now, zone })).collect();
    (question.result)(&rows)
}

fn holds(happenings: &[Happening], moments: &[u16], upgrade: usize) {
    let all: Vec<&Question> = QUESTIONS.iter().collect();
    // Before the upgrade, only some is asked, and of that only a part of the past.
    let few: Vec<&Question> = QUESTIONS.iter().step_by(3).filter(|question| question.last_days.is_some()).collect();
    let (catalog, graphs) = compile(&all);
    let (_, small) = compile(&few);
    let (_, none) = compile(&[]);
    let log = log(&catalog, happenings);
    let mut kept = Client::new(ClientId("c1".to_owned()));
    let mut talks: Vec<Event> = Vec::new();
    for (n, (event, at)) in log.iter().enumerate() {
        let old = n < upgrade;
        if n == upgrade {
            let _ = tags(&catalog, &graphs, &mut kept, Input::Backfill(talks.clone()), *at);
        }
        let _ = tags(&catalog, if old { &small } else { &graphs }, &mut kept, Input::Event(event.clone()), *at);
        talks.extend(Some(event.clone()).filter(|event| event.key.is_none()));
        // The moment of the question is at the event or up to days after it, but before the next event.
        let next = log.get(n + 1).map_or(at.plus_ms(30 * DAY_MS), |(_, at)| *at);
        let moment = at.plus_ms(i64::from(moments[n % moments.len()] % 3000) * 61_000).min(next);
        if old {
            let _ = tags(&catalog, &small, &mut kept, Input::Event(ask(&catalog, n, moment)), moment);
            continue;
        }
        let mut replayed = Client::new(ClientId("c1".to_owned()));
        for (event, at) in &log[..=n] {
            let _ = tags(&catalog, &none, &mut replayed, Input::Event(event.clone()), *at);
        }
        let _ = tags(&catalog, &graphs, &mut replayed, Input::Backfill(talks.clone()), moment);
        let found: Vec<String> =
            all.iter().map(|question| search(question, &replayed, &talks, moment).to_string()).collect();
        let asked = tags(&catalog, &graphs, &mut kept, Input::Event(ask(&catalog, n, moment)), moment);
        let again = tags(&catalog, &graphs, &mut replayed, Input::Event(ask(&catalog, n, moment)), moment);
        for (place, question) in all.iter().enumerate() {
            let answers = (&asked[place], &again[place], &found[place]);
            assert!(
                answers.0 == answers.2 && answers.1 == answers.2,
                "`{}` at {} after event {n}: kept {}, replayed {}, found {}",
                question.text,
                Zone::UTC.rfc3339(moment),
                answers.0,
                answers.1,
                answers.2
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(60), failure_persistence: None, max_shrink_iters: 300, ..ProptestConfig::default() })]

    #[test]
    fn a_question_finds_what_a_replay_of_the_whole_log_finds(
        happenings in proptest::collection::vec(any::<Happening>(), 1..40),
        moments in proptest::collection::vec(any::<u16>(), 1..8),
        upgrade in 0_usize..12,
    ) {
        holds(&happenings, &moments, upgrade);
    }
}
