//! From graph to source and back: the source compiles to the same graph, whoever made the graph, and graphs that no source
//! can express get findings.

use crate::support::drawn::{canonical, random};
use crate::support::{funnels, program::run_funnelc};
use funnelc::check::Context;
use funnelc::diagnostic::{Code, Diagnostic, render::render};
use funnelc::engine::fingerprint;
use funnelc::graph::{Graph, export, read, write};
use funnelc::source::Sources;
use funnelc::{compile, syntax};
use proptest::prelude::*;
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Compiles a text and returns its graphs, also as JSON; `None` when it has errors.
fn graphs(name: &str, text: &str) -> Option<(Vec<Arc<Graph>>, String)> {
    let mut sources = Sources::new();
    let file = sources.add(name, text);
    let compiled = compile(&mut sources, &[file], &Context::default());
    if compiled.diagnostics.iter().any(Diagnostic::is_error) {
        return None;
    }
    let tree = syntax::parse(&sources, file).file;
    let json = serde_json::to_string_pretty(&export(&compiled.graphs, &[&tree], &sources)).unwrap();
    Some((compiled.graphs, json))
}

/// Writes graphs as source, or returns the findings.
fn text_of(json: &str) -> Result<String, String> {
    let mut sources = Sources::new();
    let file = sources.add("graph.json", json);
    let read = read(json, file);
    let written = write(&read.graphs, &read.declarations);
    let findings: Vec<_> = read.findings.into_iter().chain(written.findings).collect();
    // Unreachable elements may be dropped.
    let acceptable = findings.iter().all(|finding| finding.code == Code::UnreachableElement);
    written.text.filter(|_| acceptable).ok_or_else(|| render(&sources, &findings, false))
}

/// Converts a text to graphs and back, and fails when the graphs differ; `Ok(false)` when the text does not compile.
fn round_trip(name: &str, text: &str) -> Result<bool, String> {
    let Some((before, json)) = graphs(name, text) else { return Ok(false) };
    let again = text_of(&json).map_err(|findings| format!("--- text\n{text}\n--- findings\n{findings}"))?;
    let Some((after, _)) = graphs(name, &again) else { return Err(format!("does not compile:\n{again}")) };
    let same = before.len() == after.len()
        && before.iter().all(|graph| after.iter().any(|other| canonical(graph) == canonical(other)));
    let kept = before.iter().flat_map(|graph| &graph.nodes).all(|node| {
        after.iter().flat_map(|graph| &graph.nodes).any(|other| other.id == node.id)
            || !is_reachable(&before, &node.id.0)
    });
    if same && kept { Ok(true) } else { Err(format!("--- text\n{text}\n--- again\n{again}")) }
}

/// Whether a node is reachable; unreachable nodes are dropped.
fn is_reachable(graphs: &[Arc<Graph>], id: &str) -> bool {
    graphs.iter().any(|graph| canonical(graph).iter().any(|line| line.starts_with(&format!("{id} "))))
}

fn funnel_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            funnel_files(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "funnel") {
            found.push(path);
        }
    }
}

#[test]
fn every_funnel_of_the_package_survives_the_round_trip() {
    let mut paths = Vec::new();
    for folder in ["examples", "tests"] {
        funnel_files(&crate::support::program::package(folder), &mut paths);
    }
    paths.sort();
    let (mut faults, mut count) = (String::new(), 0);
    for path in paths {
        let Ok(text) = std::fs::read_to_string(&path) else { continue };
        let name = path.file_name().unwrap().to_str().unwrap();
        match round_trip(name, &text) {
            Ok(done) => count += usize::from(done),
            Err(fault) => faults += &format!("{}:\n{fault}\n", path.display()),
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
    assert!(count > 14, "only {count} funnels were tried");
}

#[test]
fn fingerprints_do_not_depend_on_positions_in_the_source() {
    let fingerprints = |text: &str| -> Vec<_> {
        let (graphs, _) = graphs("a.funnel", text).expect("it compiles");
        graphs.iter().map(|graph| fingerprint(graph)).collect()
    };
    let text = "funnel f {\n  exit on booking.cancelled where service == \"spa\"\n  goal on purchase where amount > 5 EUR\n\
                on booking where price is known -> wait 24h -> send sms \"Hi\"\n}\n";
    assert_eq!(fingerprints(text), fingerprints(&format!("# aside\n\n{}", text.replace("  exit", "\n     exit"))));
    assert_ne!(fingerprints(text), fingerprints(&text.replace("spa", "spas")));
}

#[test]
fn graphs_that_no_source_can_express_are_reported() {
    let folder = crate::support::program::package("tests/errors");
    let mut paths: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|extension| extension == "json"));
    paths.sort();
    assert!(paths.len() > 5);
    let mut faults = String::new();
    for path in paths {
        let code = path.file_stem().unwrap().to_str().unwrap().get(..5).unwrap().to_owned();
        let path = format!("tests/errors/{}", path.file_name().unwrap().to_str().unwrap());
        let shown = run_funnelc(["graph", "--from-json", &path]);
        let rendered = format!("{}{}", shown.err, shown.out);
        let golden = crate::support::program::package(&path).with_extension("txt");
        if std::env::var_os("FUNNELC_BLESS").is_some() {
            std::fs::write(&golden, &rendered).unwrap();
        }
        if !rendered.contains(&format!("[{code}]")) || std::fs::read_to_string(golden).unwrap_or_default() != rendered {
            faults += &format!("{path} is rendered as\n{rendered}\n");
        }
    }
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn source_from_the_graph_of_an_editor_has_labels_for_goto_and_omits_defaults() {
    let json = r#"{ "funnel": "welcome", "title": "Welcome", "entries": [
        { "trigger": { "happened": { "patterns": [{ "event": "booking", "change": "created" }], "binding": "booking" } }, "start": "wait 1" },
        { "trigger": { "happened": { "patterns": [{ "event": "visit", "change": "created" }], "binding": "visit" } }, "start": "again" }],
      "nodes": [
        { "id": "wait 1", "element": { "do": "wait_duration", "duration": { "ms": 3600000 }, "next": "again" } },
        { "id": "again", "element": { "do": "wait_duration", "duration": { "ms": 7200000 }, "next": "is-known" } },
        { "id": "is-known", "element": { "do": "if", "condition": { "is_known": { "field": { "source": "client", "name": "city", "ty": "text" } } }, "yes": null, "no": "again" } }
      ] }"#;
    let text = text_of(json).unwrap();
    // Both triggers lead to the same element, and the empty branch leads to the end.
    let wanted = "\
funnel welcome \"Welcome\" {
  on booking
    -> wait 1h
    -> again: wait 2h
    -> if client.city is known { goto next } else { goto again }

  on visit -> goto again
}
";
    let plain = text.replace("wait_1: ", "").replace("is_known: ", "");
    assert_eq!(plain, wanted, "{text}");
}

#[test]
fn the_unsubscribe_link_is_written_by_its_name() {
    let text =
        "funnel f { purpose marketing on visit -> send email { subject: \"a\" text: \"b {{ unsubscribe_url }}\" } }";
    let (_, json) = graphs("letter.funnel", text).expect("a valid funnel");
    let back = text_of(&json).expect("a string");
    assert!(back.contains("{{ unsubscribe_url }}") && !back.contains("unsubscribe.invalid"), "{back}");
}

#[test]
fn formatting_does_not_change_element_ids() {
    let compact = "on form -> tag\"asked\"->send sms\"a\"->untag  \"{{client.id|upper}}\"";
    assert_eq!(round_trip("a.funnel", compact), Ok(true));
    let (before, _) = graphs("a.funnel", compact).unwrap();
    let formatted = "on form -> tag \"asked\" -> send sms \"a\" -> untag \"{{ client.id | upper }}\"";
    let (after, _) = graphs("a.funnel", formatted).unwrap();
    let ids = |graphs: &[Arc<Graph>]| graphs[0].nodes.iter().map(|node| node.id.clone()).collect::<Vec<_>>();
    assert_eq!(ids(&before), ids(&after));
}

#[test]
fn a_funnel_with_unreachable_elements_survives_the_round_trip() {
    let text = r#"
        event echo { key id: text  word: text? }
        on echo -> parallel {
          path
            -> parallel { path -> tag "a" path -> match echo.word { case "b" -> tag "c" otherwise -> wait for visit } -> stop }
            -> if echo.word == "b" { goto l1 }
            -> wait 1h
            -> l1: tag "d"
          path -> tag "e"
        } -> if echo.word == "b" { tag "f" }"#;
    assert_eq!(round_trip("made.funnel", text), Ok(true));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn generated_funnels_survive_the_round_trip(bytes in proptest::collection::vec(any::<u8>(), 0..160)) {
        let text = funnels::funnels(&bytes);
        round_trip("made.funnel", &text).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn generated_graphs_survive_the_round_trip(bytes in proptest::collection::vec(any::<u8>(), 0..160)) {
        let graph = random(&bytes);
        let written = write(std::slice::from_ref(&graph), &[]);
        let findings = render(&Sources::new(), &written.findings, false);
        let text = written.text.ok_or_else(|| TestCaseError::fail(format!("{findings}\n{graph:#?}")))?;
        let Some((after, _)) = graphs("made.funnel", &text) else {
            return Err(TestCaseError::fail(format!("does not compile:\n{text}")));
        };
        prop_assert!(written.findings.is_empty(), "{}\n{}", findings, text);
        prop_assert_eq!(canonical(&graph), canonical(&after[0]), "{}", text);
    }
}

#[test]
fn every_exit_of_an_element_can_name_its_target_by_id() {
    fn name_targets(json: &mut Value, ids: &[String]) {
        const EXITS: [&str; 10] =
            ["start", "yes", "no", "next", "on_past", "on_event", "on_timeout", "otherwise", "else", "to"];
        match json {
            Value::Object(fields) => fields.iter_mut().for_each(|(key, value)| match value.as_u64() {
                Some(n) if EXITS.contains(&key.as_str()) => *value = ids[n as usize].clone().into(),
                _ => name_targets(value, ids),
            }),
            Value::Array(items) => items.iter_mut().for_each(|item| name_targets(item, ids)),
            _ => {}
        }
    }
    let text = r#"on booking
        -> wait until booking.starts_at - 2h else { tag "late" }
        -> send sms "soon" else { tag "unreached" }
        -> wait for visit up to 72h { tag "came" } else { tag "missed" }
        -> call "https://crm.example" else { tag "broken" }
        -> match booking.branch { case "north" -> tag "north" otherwise -> tag "south" }"#;
    let (graphs, json) = graphs("a.funnel", text).expect("a sound funnel");
    let ids: Vec<String> = graphs[0].nodes.iter().map(|node| node.id.0.clone()).collect();
    let mut named: Value = serde_json::from_str(&json).unwrap();
    name_targets(&mut named, &ids);
    let named = named.to_string();
    assert!(named.contains("\"on_timeout\":\"tag-") && named.contains("\"else\":\"tag-"), "{named}");
    assert_eq!(text_of(&named), text_of(&json));
}

#[test]
fn what_is_written_as_json_can_be_read_however_deep_its_conditions_are() {
    let terms = |n: usize| (0..n).map(|n| format!("form.name == \"x{n}\"")).collect::<Vec<_>>().join(" or ");
    let segments: String = (1..60)
        .map(|n| format!("segment s{n} = client in s{} or client.city == \"x{n}\"\n", n - 1))
        .collect::<String>();
    let sum = (0..61).map(|_| "1").collect::<Vec<_>>().join(" + ");
    for (text, expected) in [
        (format!("on form -> wait 9s -> if {} -> tag \"x\"", terms(61)), "61 terms"),
        (format!("on form -> wait 9s -> if {} -> tag \"x\"", terms(99)), "99 terms"),
        (
            format!("segment s0 = client.city == \"x\"\n{segments}on form -> if client in s59 -> tag \"x\""),
            "60 segments",
        ),
        (format!("on visit where price is known -> if count(visit) > {sum} -> tag \"x\""), "61 numbers"),
        (format!("on form where {} -> tag \"x\"", terms(80)), "80 terms in a trigger"),
        (
            format!("funnel a {{ exit on form where {}  on visit -> wait 24h -> tag \"x\" }}", terms(80)),
            "80 in an exit",
        ),
    ] {
        let (before, json) = graphs("deep.funnel", &text).unwrap_or_else(|| panic!("{expected} do not compile"));
        let mut sources = Sources::new();
        let file = sources.add("graph.json", json.as_str());
        let read = read(&json, file);
        assert!(read.findings.is_empty(), "{expected}: {}", render(&sources, &read.findings, false));
        let same = read.graphs.iter().zip(&before).all(|(read, written)| fingerprint(read) == fingerprint(written));
        assert!(same && read.graphs.len() == before.len(), "{expected}");
        let again = text_of(&json).unwrap_or_else(|findings| panic!("{expected}: {findings}"));
        assert!(graphs("deep.funnel", &again).is_some(), "{expected}: {again}");
    }
}

#[test]
fn json_that_nests_without_end_is_reported() {
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let json = format!(
            "{{\"funnel\":\"a\",\"entries\":[],\"nodes\":[{}1{}]}}",
            open.repeat(100_000),
            close.repeat(100_000)
        );
        let mut sources = Sources::new();
        let file = sources.add("graph.json", json.as_str());
        let found = read(&json, file);
        assert_eq!(found.findings.iter().map(|finding| finding.code).collect::<Vec<_>>(), [Code::NotAGraph]);
    }
}

#[test]
fn answers_to_messages_survive_the_round_trip() {
    let text = r#"
        funnel asks {
          on visit
            -> ask: send sms "How was it?"
            -> wait for ask.replied or booking up to 48h { tag "yes" } else { stop }
            -> wait for replied as answer up to 48h
            -> wait for any.opened where channel == "email" up to 48h
        }"#;
    assert_eq!(round_trip("asks.funnel", text), Ok(true));
    // A visual editor names the message by the id of its element, which needs no label there.
    let (_, json) = graphs("asks.funnel", text).unwrap();
    let json: Value = serde_json::from_str(&json).unwrap();
    let mut json = json
        .to_string()
        .replace(r#""sent":"ask""#, r#""sent":"Frage 1""#)
        .replace(r#""id":"ask""#, r#""id":"Frage 1""#);
    // The texts of the author no longer fit.
    json = json.replace("ask.replied", "gone.replied");
    let again = text_of(&json).unwrap();
    let (graphs, _) = graphs("asks.funnel", &again).unwrap();
    assert_eq!(graphs.len(), 1, "{again}");
    assert!(again.contains("Frage_1: send sms") && again.contains("wait for Frage_1.replied or booking"), "{again}");
    // What sends nothing has no answer.
    let dangling = json.replace(r#""sent":"Frage 1""#, r#""sent":"nobody""#);
    assert!(text_of(&dangling).unwrap_err().contains("sends no message"));
}
