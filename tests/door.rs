//! What the door lets in: whatever is accepted can be stored, read back after a restart, and never holds up the rest.
//! Where a restart matters, the real program is killed and started again.

use crate::support::event::event;
use crate::support::program::run_funnelc;
use crate::support::service::{Service, store_path};
use crate::support::story::Story;
use funnelc::check::Context;
use funnelc::check::program::Catalog;
use funnelc::diagnostic::Code;
use funnelc::engine::{ClientId, MAX_EVENT_DEPTH, MAX_ID_BYTES, decode};
use funnelc::source::Sources;
use funnelc::store::{AcceptedEvent, Batch, MemoryStore, SavedClient, Sqlite, Store};
use funnelc::value::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::path::PathBuf;

const FORM: &str = "event form { name: text? }\nevent parcel {\n  key id: text\n  weight: number?\n}\n";

fn nested(depth: usize) -> Value {
    (0..depth).fold(json!(1), |inner, _| json!([inner]))
}

fn form(data: Value) -> String {
    event("form").data(data)
}

#[test]
fn events_that_nest_too_deep_are_rejected_and_the_store_opens_again() {
    let mut service = Service::start(&format!("{FORM}funnel f {{ on form -> wait 9s -> tag \"hi\" }}"));
    // The event, its data and the value itself are three levels.
    service.accepted(&form(json!({"x": nested(MAX_EVENT_DEPTH - 3)})));
    let (code, message) = service.rejected(&form(json!({"x": nested(MAX_EVENT_DEPTH - 2)})));
    assert_eq!((code.as_str(), message.as_str()), ("F0701", "the event is nested more than 32 levels deep"));
    for depth in [60, 100, 124, 200] {
        assert_eq!(service.rejected(&form(json!({"x": nested(depth)}))).0, "F0701");
        assert_eq!(service.rejected(&format!("[{}]", form(json!({"x": nested(depth.min(120))})))).0, "F0701");
    }
    let objects = (0..40).fold(json!(1), |inner, _| json!({"a": inner}));
    assert_eq!(service.rejected(&event("client").data(json!({"x": objects}))).0, "F0701");
    service.restart();
    service.accepted(&form(json!({"x": 1})));
}

#[test]
fn simulate_and_files_have_the_same_limits() {
    let folder = tempfile::tempdir().unwrap();
    let (funnel, log) = (folder.path().join("main.funnel"), folder.path().join("log.ndjson"));
    std::fs::write(&funnel, format!("{FORM}funnel f {{ on form -> stop }}")).unwrap();
    let at = "2026-03-01T10:00:00Z";
    let long = event("form").client(&"c".repeat(MAX_ID_BYTES + 1)).at(at).data(json!({}));
    let deep = event("form").at(at).data(json!({"x": nested(124)}));
    std::fs::write(&log, format!("{long}\n{deep}\n")).unwrap();
    for command in [["simulate"].as_slice(), &["run", "--fast-forward"]] {
        let args = command.iter().map(|word| (*word).into()).chain([funnel.clone(), "--events".into(), log.clone()]);
        let finished = run_funnelc(args.map(PathBuf::into_os_string));
        assert_eq!(finished.code, Some(1), "{}", finished.err);
        assert!(finished.err.contains("`client` has 257 bytes, but at most 256 are allowed"), "{}", finished.err);
        assert!(finished.err.contains("nested more than 32 levels deep"), "{}", finished.err);
    }
}

#[test]
fn long_ids_and_large_events_are_rejected() {
    let service = Service::start(&format!("{FORM}funnel f {{ on form -> stop }}"));
    let (longest, long) = ("x".repeat(MAX_ID_BYTES), "x".repeat(MAX_ID_BYTES + 1));
    let order = |id: &str| event("parcel").data(json!({"id": id}));
    service.accepted(&event("form").client(&longest).id(&longest).data(json!({})));
    service.accepted(&order(&longest));
    let source = json!({"type": "form", "client": "c", "source": long, "data": {}}).to_string();
    let digits = format!(r#"{{"type":"form","client":{},"data":{{}}}}"#, "1".repeat(MAX_ID_BYTES + 1));
    let named = json!({"type": long, "client": "c"}).to_string();
    let cases = [
        event("form").client(&long).data(json!({})),
        event("form").client(&"x".repeat(3_900_000)).data(json!({})),
        event("form").id(&long).data(json!({})),
        order(&long),
        source,
        digits,
        named,
        form(json!({"x": "x".repeat(2 << 20)})),
        form(json!({"x": vec![1; 1_100_000]})),
        json!({"x".repeat(2 << 20): 1}).to_string(),
        form(json!({long.clone(): 1})),
        form(json!({"x".repeat(900_000): 1})),
    ];
    for body in cases {
        let (code, message) = service.rejected(&body);
        assert_eq!(code, "F0701");
        assert!(message.len() < 200, "{message}");
    }
    let (mut store, _folder) = service.store();
    assert_eq!(store.clients(0, 10).unwrap().len(), 2);
}

/// The catalog of a text.
fn catalog(text: &str) -> Catalog {
    let mut sources = Sources::new();
    let file = sources.add("main.funnel", text);
    funnelc::compile(&mut sources, &[file], &Context::default()).program.catalog
}

fn any_json() -> impl Strategy<Value = Value> {
    let number = prop_oneof![
        any::<i64>().prop_map(|n| n.to_string()),
        any::<f64>().prop_filter("JSON has no others", |n| n.is_finite()).prop_map(|n| format!("{n:?}")),
        "-?[1-9][0-9]{0,40}(\\.[0-9]{1,30})?([eE][+-]?[0-9]{1,3})?",
    ];
    let number = number.prop_map(|text| serde_json::from_str(&text).unwrap());
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number,
        any::<String>().prop_map(Value::from)
    ];
    let tree = leaf.prop_recursive(6, 40, 4, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            proptest::collection::btree_map(any::<String>(), inner, 0..4).prop_map(|map| map.into_iter().collect()),
        ]
    });
    (tree, 0..60_usize).prop_map(|(tree, depth)| (0..depth).fold(tree, |inner, _| json!([inner])))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    #[test]
    fn what_is_accepted_can_be_read_back(
        values in proptest::collection::btree_map("[a-z]{1,8}", any_json(), 0..4),
        client in prop_oneof![any_json(), any::<String>().prop_map(Value::from)],
        id in any_json(),
    ) {
        let text = json!({"type": "form", "client": client, "id": id, "data": values}).to_string();
        let Ok(body) = serde_json::from_str::<Value>(&text) else { return Ok(()) };
        let Ok(event) = decode(&catalog(FORM), &body, Timestamp(1)) else { return Ok(()) };
        let accepted = AcceptedEvent {
            source: "events".into(),
            id: Some(event.id.unwrap_or_else(|| "e".into())),
            name: event.name,
            client: event.client.clone(),
            key: event.key,
            at: event.at,
            received_at: Timestamp(2),
            imported: false,
            data: event.data.clone(),
            digest: Some([7; 16]),
        };
        let saved = SavedClient { id: event.client.clone(), fields: event.data, memory: Default::default() };
        let folder = tempfile::tempdir().unwrap();
        let batch = Batch { events: vec![accepted.clone()], clients: vec![saved.clone()], ..Batch::default() };
        Sqlite::open(&store_path(&folder)).unwrap().commit(&batch).unwrap();
        let mut store = Sqlite::open(&store_path(&folder)).unwrap();
        let id = accepted.id.clone().unwrap();
        prop_assert_eq!(store.event("events", &id).unwrap(), Some(accepted));
        prop_assert_eq!(store.client(&event.client).unwrap().unwrap().fields, saved.fields);
    }
}

/// A funnel that waits and then asks a condition.
fn asking(declarations: &str, condition: &str) -> String {
    format!("{FORM}{declarations}\nfunnel f {{ on form -> wait 9s -> if {condition} -> tag \"a\" }}\n")
}

fn chain(count: usize, declare: impl Fn(usize) -> String) -> String {
    (0..count).map(|n| declare(n) + "\n").collect()
}

fn long_conditions() -> Vec<(&'static str, String)> {
    let ors: Vec<String> = (0..99).map(|n| format!("form.name == \"x{n}\"")).collect();
    let segments = chain(60, |n| match n.checked_sub(1) {
        None => "segment s0 = client.name == \"y0\"".to_owned(),
        Some(before) => format!("segment s{n} = client in s{before} or client.name == \"y{n}\""),
    });
    let constants = chain(100, |n| match n.checked_sub(1) {
        None => "const k0 = 1".to_owned(),
        Some(before) => format!("const k{n} = k{before} + 1"),
    });
    let sum = vec!["1"; 99].join(" + ");
    vec![
        ("or", asking("", &ors.join(" or "))),
        ("segments", asking(&segments, "client in s59")),
        ("constants", asking(&constants, "count(form) > k99")),
        ("sum", asking("", &format!("count(form) > {sum}"))),
        ("nots", asking("", &format!("{}form.name == \"x\"{}", "not (".repeat(30), ")".repeat(30)))),
    ]
}

#[test]
fn what_passes_the_check_loads_after_a_restart() {
    for (name, funnels) in long_conditions() {
        eprintln!("{name}");
        let mut service = Service::start(&funnels);
        service.accepted(&form(json!({"name": "x0"})));
        service.restart();
        service.accepted(&form(json!({"name": "x1"})));
        // The first run stays on the graph that it entered.
        service.write(&asking("", "form.name == \"x\""));
        service.restart();
        service.accepted(&form(json!({"name": "x2"})));
    }
}

#[test]
fn names_that_build_on_each_other_have_a_limit() {
    let constants = |count| {
        chain(count, |n| match n.checked_sub(1) {
            None => "const k0 = 1".to_owned(),
            Some(before) => format!("const k{n} = k{before} + 1"),
        })
    };
    // Declared backwards, so that checking the first one needs all others.
    let backwards = |count: usize| {
        chain(count, |n| match count - n - 1 {
            0 => "const a0 = 1".to_owned(),
            _ => format!("const a{n:05} = a{:05} + 1", n + 1),
        }) + &format!("const a{count:05} = 1")
    };
    let segments = chain(3000, |n| match n.checked_sub(1) {
        None => "segment s0 = client.name == \"y0\"".to_owned(),
        Some(before) => format!("segment s{n} = not (client in s{before})"),
    });
    for declarations in [constants(200), constants(3000), backwards(3000), segments] {
        let mut sources = Sources::new();
        let file = sources.add("main.funnel", declarations + &asking("", "form.name == \"x\""));
        let found = funnelc::compile(&mut sources, &[file], &Context::default()).diagnostics;
        assert!(found.iter().any(|finding| finding.code == Code::NestedTooDeep));
    }
}

#[test]
fn names_of_sources_that_belong_to_the_program_are_reserved() {
    let funnels = format!("{FORM}funnel f {{ on form -> emit parcel {{ id: \"o1\" }} }}");
    let mut service = Service::start(&funnels);
    for source in ["funnelc:emit", "funnelc:", "funnelc:anything"] {
        let posted = json!({"type": "form", "client": "c1", "id": "e", "source": source}).to_string();
        let (code, message) = service.rejected(&posted);
        assert_eq!(
            (code.as_str(), message.as_str()),
            ("F0701", "sources whose names begin with `funnelc:` are reserved")
        );
    }
    service.accepted(&json!({"type": "form", "client": "c1", "source": "funnelc"}).to_string());
    service.restart();
    service.accepted(&form(json!({})));
    let (mut store, _folder) = service.store();
    assert_eq!(store.dead_letters().unwrap().len(), 3);
}

fn stored(source: &str, id: &str, at: i64) -> AcceptedEvent {
    AcceptedEvent {
        source: source.into(),
        id: Some(id.into()),
        name: "form".into(),
        client: ClientId("c1".into()),
        key: None,
        at: Timestamp(at),
        received_at: Timestamp(9),
        imported: false,
        data: serde_json::Map::new(),
        digest: None,
    }
}

#[test]
fn an_event_that_cannot_be_written_does_not_hold_up_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let stores: [Box<dyn Store>; 2] =
        [Box::new(MemoryStore::new()), Box::new(Sqlite::open(&store_path(&folder)).unwrap())];
    for mut store in stores {
        let first = Batch { events: vec![stored("funnelc:emit", "m1", 1)], ..Batch::default() };
        store.commit(&first).unwrap();
        let events = vec![stored("events", "a", 2), stored("funnelc:emit", "m1", 3), stored("events", "b", 4)];
        store.commit(&Batch { events, ..Batch::default() }).unwrap();
        // The same again within one transaction.
        let events = vec![stored("events", "d", 5), stored("events", "d", 6), stored("events", "e", 7)];
        store.commit(&Batch { events, ..Batch::default() }).unwrap();
        for (source, id, at) in [("funnelc:emit", "m1", 1), ("events", "b", 4), ("events", "d", 5), ("events", "e", 7)]
        {
            assert_eq!(store.event(source, id).unwrap().unwrap().at, Timestamp(at), "{source} {id}");
        }
        let letters = store.dead_letters().unwrap();
        let codes: Vec<_> = letters.iter().map(|letter| (letter.source.as_str(), letter.code)).collect();
        assert_eq!(codes, [("funnelc:emit", Code::DuplicateId), ("events", Code::DuplicateId)]);
        assert_eq!(letters[0].message, "event id `m1` is already used by another event");
    }
}

#[test]
fn numbers_keep_their_digits() {
    let mut service = Service::start(&format!("{FORM}funnel f {{ on form -> stop }}"));
    let ids = ["100000000000000000001", "100000000000000000002", "18446744073709551616", "1.10", "-7", "1.50"];
    for id in ids {
        let body = format!(r#"{{"type":"parcel","client":{id},"id":{id},"data":{{"id":{id},"x":{id}}}}}"#);
        service.accepted(&body);
        let (_, response) = service.post(&body);
        assert_eq!(response["duplicates"], 1, "{response}");
        assert_eq!(response["results"][0]["id"].to_string(), id);
    }
    service.restart();
    let again = format!(r#"{{"type":"parcel","client":{0},"id":{0},"data":{{"id":{0},"x":{0}}}}}"#, ids[0]);
    assert_eq!(service.post(&again).1["duplicates"], 1);
    let (mut store, _folder) = service.store();
    let known: Vec<String> = store.clients(0, 99).unwrap().into_iter().map(|id| id.0).collect();
    assert_eq!(known, ids);
    for id in ids {
        let stored = store.event("events", id).unwrap().unwrap();
        assert_eq!((stored.key.as_deref(), stored.data["x"].to_string().as_str()), (Some(id), id));
    }
}

/// A number of a field as JSON.
fn parcel(id: &str, name: &str, value: &str) -> String {
    format!(r#"{{"type":"parcel","client":"c1","id":"e{id}","data":{{"id":"{id}","{name}":{value}}}}}"#)
}

#[test]
fn the_same_event_is_a_duplicate_after_its_declaration_changed() {
    let declared =
        |fields: &str| format!("event parcel {{\n  key id: text\n  {fields}\n}}\nfunnel f {{ on parcel -> stop }}");
    let cases = [
        ("x: text?", r#""5""#, "x: number?"),
        ("x: number?", "5.50", "x: text?"),
        ("x: datetime?", r#""2026-03-01T10:00:00+01:00""#, "x: date?"),
        ("x: money?", r#""25.00 EUR""#, "x: bool?"),
        ("", "[1]", "x: list<text>?"),
        ("x: phone?", r#""+49 (0)170 0000001""#, "x: email?"),
        ("x: text?", r#""a""#, "x: text?\n  now_required: text"),
    ];
    for (before, value, after) in cases {
        let mut service = Service::start(&declared(before));
        service.accepted(&parcel("1", "x", value));
        service.write(&declared(after));
        service.restart();
        let (status, response) = service.post(&parcel("1", "x", value));
        assert_eq!((status, &response["duplicates"]), (202, &json!(1)), "{before} -> {after}: {response}");
        // Another event under the id stays another one.
        assert_eq!(service.post(&parcel("1", "x", "false")).1["rejected"], 1);
    }
}

#[test]
fn numbers_with_large_exponents_keep_their_digits_and_are_duplicates() {
    let mut service = Service::start(&format!("{FORM}funnel f {{ on form -> stop }}"));
    let digits = "0.1234567890123456789012345678901234567";
    let values =
        ["1e400", "-1.5E-400", "1E+20", "123456789e-5000000000", digits, "1e99999999999999999999999999999999999999999"];
    for (n, value) in values.iter().enumerate() {
        service.accepted(&parcel(&n.to_string(), "x", value));
    }
    service.accepted(&parcel("w", "weight", digits));
    service.restart();
    for (n, value) in values.iter().enumerate() {
        assert_eq!(service.post(&parcel(&n.to_string(), "x", value)).1["duplicates"], 1, "{value}");
    }
    assert_eq!(service.post(&parcel("w", "weight", digits)).1["duplicates"], 1);
    for (n, other) in ["10e399", "-15e-401", "100000000000000000000"].iter().enumerate() {
        assert_eq!(service.post(&parcel(&n.to_string(), "x", other)).1["duplicates"], 1, "{other}");
    }
    assert_eq!(service.post(&parcel("0", "x", "1e401")).1["rejected"], 1);
    let (mut store, _folder) = service.store();
    let mut stored = |id: &str, name: &str| {
        let number = store.event("events", id).unwrap().unwrap().data[name].to_string();
        number.replace('+', "").to_lowercase()
    };
    for (n, value) in values.iter().enumerate() {
        assert_eq!(stored(&format!("e{n}"), "x"), value.replace('+', "").to_lowercase());
    }
    assert_eq!(stored("ew", "weight"), digits);
}

#[test]
fn simulate_takes_another_notation_for_the_same_event_as_run_does() {
    let folder = tempfile::tempdir().unwrap();
    let (funnel, log) = (folder.path().join("main.funnel"), folder.path().join("log.ndjson"));
    std::fs::write(&funnel, "funnel f { on booking -> stop }").unwrap();
    let booking = |starts_at: &str, x: &str| {
        let data = format!(r#"{{"id":"b1","starts_at":"{starts_at}","x":{x}}}"#);
        format!(r#"{{"type":"booking","client":"c1","id":"e1","at":"2026-03-01T10:00:00Z","data":{data}}}"#)
    };
    let same = [
        booking("2026-03-10T10:00:00Z", "5"),
        booking("2026-03-10T11:00:00.000+01:00", "5.0"),
        booking("2026-03-10T10:00:00Z", "0.5e1"),
    ];
    std::fs::write(&log, same.join("\n")).unwrap();
    for command in [["simulate"].as_slice(), &["run", "--fast-forward"]] {
        let args = command.iter().map(|word| (*word).into()).chain([funnel.clone(), "--events".into(), log.clone()]);
        let finished = run_funnelc(args.map(PathBuf::into_os_string));
        assert_eq!(finished.code, Some(0), "{}", finished.err);
        assert!(finished.err.contains("2 duplicate events"), "{}", finished.err);
    }
}

const NEWS: &str = r#"funnel f { purpose marketing news  on visit -> send sms "news" }"#;
const ANNA: &str = r#"{"type":"client","client":"c1","at":"2026-03-01T00:00:00Z","data":{"phone":"+79990000000"}}"#;

/// Whether Anna receives news on 5 March, after what she said: when, whether she agrees, and about what.
fn receives_news(said: &[(&str, bool, Value)]) -> bool {
    let said = said.iter().map(|(time, agrees, about)| {
        let kind = if *agrees { "subscription" } else { "unsubscribed" };
        event(kind).at(&format!("2026-03-{time}:00Z")).data(about.clone())
    });
    let visit = event("visit").at("2026-03-05T10:00:00Z").data(json!({"id": "v1"}));
    let events: Vec<String> = [ANNA.to_owned()].into_iter().chain(said).chain([visit]).collect();
    let events: Vec<&str> = events.iter().map(String::as_str).collect();
    let results = Story::new("UTC", NEWS).results(&events);
    !results.iter().any(|line| line.contains("no consent"))
}

#[test]
fn a_withdrawal_that_was_received_last_counts_whatever_the_dates_say() {
    let (sms, news, all) = (json!({"channel": "sms"}), json!({"channel": "sms", "topic": "news"}), json!({}));
    for given in [&sms, &news] {
        for taken in [&sms, &news, &all] {
            let later = ("02T10:02", true, given.clone());
            let earlier = ("02T10:00", false, taken.clone());
            assert!(receives_news(std::slice::from_ref(&later)));
            assert!(!receives_news(&[later.clone(), earlier.clone()]), "{given} then {taken}");
            // She agrees again, at a moment before the wrong date.
            let again = ("02T10:01", true, given.clone());
            assert!(receives_news(&[later.clone(), earlier.clone(), again]), "{given}, {taken}, {given}");
            // A grant that arrives late is older than the withdrawal.
            let late = ("02T09:00", true, given.clone());
            assert!(!receives_news(&[later, earlier.clone(), late.clone()]), "{given}, {taken}, {given} late");
            assert!(!receives_news(&[earlier, late]), "{taken}, then {given} late");
        }
    }
    // A withdrawal of something else changes nothing.
    let other = ("02T10:00", false, json!({"channel": "email"}));
    assert!(receives_news(&[("02T10:02", true, sms.clone()), other]));
    // A withdrawal in the future stays one.
    assert!(!receives_news(&[("02T10:05", false, sms.clone()), ("02T10:01", true, sms)]));
}

#[test]
fn a_withdrawal_counts_after_a_subscription_with_a_date_ahead() {
    let mut service = Service::start(NEWS);
    let ahead =
        Timestamp(i64::try_from(std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_millis()).unwrap() + 120_000);
    let ahead = funnelc::value::Zone::UTC.rfc3339(ahead);
    service.accepted(ANNA);
    service.accepted(&event("subscription").at(&ahead).data(json!({"channel": "sms"})));
    service.accepted(&event("unsubscribed").data(json!({"channel": "sms"})));
    service.restart();
    service.accepted(&event("visit").data(json!({"id": "v1"})));
    let (mut store, _folder) = service.store();
    let trace = store.trace(0, 100).unwrap();
    assert!(trace.iter().any(|line| format!("{:?}", line.kind).contains("no consent")), "{trace:?}");
}
