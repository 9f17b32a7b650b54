//! Events of one client in any order, doubled, and in another notation: the client, the records and the messages are the
//! same.

use crate::support::choices::cases;
use crate::support::funnels::funnels;
use crate::support::lives::life;
use funnelc::check::Context;
use funnelc::check::program::Catalog;
use funnelc::engine::{Client, ClientId, Fields, Graphs, Input, Line, LineKind, World, decode, handle};
use funnelc::simulate::Simulation;
use funnelc::source::Sources;
use funnelc::value::{Timestamp, Zone, json};
use proptest::prelude::*;
use serde_json::{Value as Json, json};
use std::collections::BTreeMap;

const FUNNELS: &str = r#"
    client { score: number?  balance: money?  contract_ends: datetime?  active: bool? }
    event deal { key id: text  title: text  due: datetime  note: text?  price: money?  won: bool? }"#;

fn minute(n: usize) -> Timestamp {
    Timestamp(1_774_512_000_000 + i64::try_from(n).unwrap() * 60_000)
}

/// One event, from numbers.
fn made_up(n: usize, kind: u8, value: u8) -> Json {
    let number = i64::from(value % 4);
    let moment = Zone::UTC.rfc3339(minute(5000 + usize::from(value % 4)));
    let or_null = |json: Json| if value % 5 == 4 { Json::Null } else { json };
    let deal = format!("d{}", value % 2);
    let lists = [json!([]), json!(["sms"]), json!(["sms news"])];
    let (name, data) = match kind % 12 {
        0 => ("client", json!({"city": or_null(json!(format!("city {number}"))), "score": number})),
        1 => ("client", json!({"balance": or_null(json!(format!("{number} EUR")))})),
        2 => ("client", json!({"contract_ends": or_null(json!(moment)), "undeclared": number})),
        3 => ("client", json!({"tags": or_null(json!([format!("t{number}")])), "active": value.is_multiple_of(2)})),
        4 => ("client", json!({"created_at": moment})),
        5 => ("deal", json!({"id": deal, "title": format!("title {number}"), "due": moment})),
        6 => (
            "deal",
            json!({"id": deal, "title": format!("title {number}"), "won": or_null(json!(value.is_multiple_of(3)))}),
        ),
        7 => ("deal", json!({"id": deal, "due": moment, "price": or_null(json!(format!("{number}.50 EUR")))})),
        8 => ("deal", json!({"id": deal, "note": or_null(json!("note"))})),
        9 => (
            "subscription",
            json!({"channel": "sms", "topic": if value.is_multiple_of(2) { json!("news") } else { Json::Null }}),
        ),
        10 => (
            "unsubscribed",
            [json!({}), json!({"channel": "sms"}), json!({"channel": "sms", "topic": "news"})][usize::from(value % 3)]
                .clone(),
        ),
        _ => ("client", json!({"consent": lists[usize::from(value % 3)]})),
    };
    json!({"type": name, "client": "c1", "at": Zone::UTC.rfc3339(minute(n)), "data": data})
}

/// The client after events in this order.
fn state(catalog: &Catalog, events: &[Json]) -> Client {
    let (graphs, business) = (Graphs::new(Vec::new()), Fields::new());
    let world = World { catalog, graphs: &graphs, business: &business, language: "en", edge_counts: None };
    let mut client = Client::new(ClientId("c1".into()));
    let mut now = Timestamp(0);
    for event in events {
        let event = decode(catalog, event, now).unwrap_or_else(|refused| panic!("{refused:?} {event}"));
        now = now.max(event.at);
        handle(&world, &mut client, Input::Event(event), now);
    }
    client
}

/// What is compared: fields and records as values, and when the records were made and changed.
fn values(catalog: &Catalog, client: &Client) -> BTreeMap<String, Json> {
    let typed = |of: &str, name: &str, value: &Json| {
        let fields = if of == "client" { &catalog.client } else { &catalog.events[of].fields };
        json::canonical(value, fields.get(name).map(|field| &field.ty))
    };
    let mut all = BTreeMap::new();
    for (name, value) in client.fields.iter().filter(|(name, value)| *name != "consent" && !value.is_null()) {
        all.insert(name.clone(), typed("client", name, value));
    }
    for (id, record) in &client.records {
        let of = format!("{} {}", id.event, id.key);
        for (name, value) in record.fields.iter().filter(|(_, value)| !value.is_null()) {
            all.insert(format!("{of} {name}"), typed(&id.event, name, value));
        }
        all.insert(of, json!([record.created_at.0, record.updated_at.0, record.complete]));
    }
    all
}

fn consents(client: &Client) -> Vec<String> {
    let list = client.fields.get("consent").and_then(Json::as_array).cloned().unwrap_or_default();
    list.iter().map(|consent| consent.as_str().unwrap().to_owned()).collect()
}

fn compiled(text: &str) -> funnelc::Compiled {
    let mut sources = Sources::new();
    let file = sources.add("a.funnel", text);
    let context =
        Context { zone: Some("Europe/Berlin".to_owned()), currency: Some("RUB".to_owned()), ..Context::default() };
    funnelc::compile(&mut sources, &[file], &context)
}

/// Moves each event to a place that numbers choose, and doubles some of them.
fn shuffled(events: &[Json], places: &[u8], doubles: &[bool]) -> Vec<Json> {
    let doubled = events.iter().zip(doubles).filter(|(_, doubled)| **doubled).map(|(event, _)| event);
    let mut order: Vec<Json> = Vec::new();
    for (event, place) in events.iter().chain(doubled).zip(places.iter().cycle()) {
        order.insert(usize::from(*place) % (order.len() + 1), event.clone());
    }
    order
}

/// The same text of a moment or an amount in another notation; any other text as it is.
fn renotated(text: &str, way: usize) -> Json {
    if let Some(at) = Timestamp::parse(text) {
        let zone = ["UTC", "Asia/Kolkata", "America/St_Johns"].get(way % 3).and_then(|name| Zone::named(name));
        let written = zone.unwrap_or(Zone::UTC).rfc3339(at);
        // A fraction of a second of nothing.
        return json!(format!("{}.000{}", &written[..19], &written[19..]));
    }
    match text.split_once(' ') {
        Some((amount, currency)) if currency.len() == 3 && amount.parse::<f64>().is_ok() => {
            // Not three decimal places: they may mean thousands.
            let decimals = amount.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            let point = if decimals == 0 { "." } else { "" };
            let longer = format!("{amount}{point}{}", "0".repeat(4 - decimals.min(4)));
            if way.is_multiple_of(2) {
                json!(format!("{longer} {currency}"))
            } else {
                json!({"amount": longer, "currency": currency})
            }
        }
        _ => json!(text),
    }
}

/// An event in another notation.
fn noted(event: &Json, way: usize) -> Json {
    let mut event = event.clone();
    let at = event["at"].as_str().map(|at| renotated(at, way));
    event["at"] = at.unwrap_or_default();
    if let Some(data) = event["data"].as_object_mut() {
        for value in data.values_mut() {
            if let Some(text) = value.as_str() {
                *value = renotated(text, way);
            } else if let Some(number) = value.as_i64() {
                *value = serde_json::from_str(&format!("{number}.0")).unwrap();
            }
        }
    }
    event
}

/// The lines of a log, without what was ignored, which is shown as it was received.
fn lines(compiled: &funnelc::Compiled, log: &[Json]) -> Vec<Line> {
    let (graphs, business) = (Graphs::new(compiled.graphs.clone()), Fields::new());
    let catalog = &compiled.program.catalog;
    let world = World { catalog, graphs: &graphs, business: &business, language: "en", edge_counts: None };
    let mut lines = Vec::new();
    let mut simulation = Simulation::new(world, None, |line: &Line| lines.push(line.clone()));
    for event in log {
        if let Ok(event) = decode(catalog, event, Timestamp(0)) {
            let _ = simulation.event(event);
        }
    }
    simulation.finish();
    lines.retain(|line| !matches!(line.kind, LineKind::Ignored { .. }));
    lines
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(300), failure_persistence: None, max_shrink_iters: 400, ..ProptestConfig::default() })]

    #[test]
    fn any_order_and_any_doubling_end_in_the_same_state(
        kinds in proptest::collection::vec((any::<u8>(), any::<u8>()), 1..14),
        places in proptest::collection::vec(any::<u8>(), 28),
        doubles in proptest::collection::vec(any::<bool>(), 14),
        ways in proptest::collection::vec(any::<u8>(), 28),
    ) {
        let compiled = compiled(FUNNELS);
        let catalog = &compiled.program.catalog;
        let events: Vec<Json> = kinds.iter().enumerate().map(|(n, (kind, value))| made_up(n, *kind, *value)).collect();
        let order = shuffled(&events, &places, &doubles);
        let order: Vec<Json> = order.iter().zip(&ways).map(|(event, way)| noted(event, usize::from(*way))).collect();
        let (expected, found) = (state(catalog, &events), state(catalog, &order));
        prop_assert_eq!(values(catalog, &found), values(catalog, &expected));
        // A withdrawal that is received last counts, so another order may leave fewer consents, but never more.
        let granted = consents(&expected);
        for consent in consents(&found) {
            prop_assert!(granted.contains(&consent), "{consent} of {granted:?}");
        }
    }

    #[test]
    fn another_notation_changes_nothing(
        funnel in proptest::collection::vec(any::<u8>(), 0..160),
        events in proptest::collection::vec(any::<u8>(), 0..200),
        ways in proptest::collection::vec(any::<u8>(), 1..40),
    ) {
        let text = funnels(&funnel);
        let compiled = compiled(&text);
        let log: Vec<Json> = life(&events).iter().map(|event| serde_json::from_str(event).unwrap()).collect();
        let expected = lines(&compiled, &log);
        let way = |n: usize| usize::from(ways[n % ways.len()]);
        let other: Vec<Json> = log.iter().enumerate().map(|(n, event)| noted(event, way(n))).collect();
        prop_assert_eq!(&lines(&compiled, &other), &expected, "{}", text);
        // The same again in another notation is a duplicate.
        let doubled: Vec<Json> = log.iter().zip(&other).flat_map(|(one, other)| [one.clone(), other.clone()]).collect();
        prop_assert_eq!(&lines(&compiled, &doubled), &expected, "{}", text);
    }
}
