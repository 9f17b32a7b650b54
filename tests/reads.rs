//! The answer of a `call` or a `do` that a run reads: findings, tests, and requests of the real program.

use crate::calls::{Scene, config, kinds, lines};
use crate::check::{helps, yields};
use crate::support::http_server::{Request, Requests, serve, serve_by, serve_raw};
use crate::support::program::funnelc;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::json;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

const REPLY: &str = "event reply { score: number?  tier: \"basic\" | \"gold\"?  words: list<text>? }\n";
const ASK: &str = "on booking -> call \"https://a.example\" { id: id } as reply";

#[test]
fn every_field_of_an_answer_may_be_missing_until_it_is_checked() {
    for (rest, codes) in [
        ("-> if reply.score is known and reply.score > 5 -> tag \"{{ reply.score }}\"", &[][..]),
        ("-> if reply.score is known { wait 30d -> tag \"{{ reply.score }}\" }", &[]),
        ("-> if reply.tier == \"gold\" -> tag \"{{ reply.tier }}\"", &[]),
        ("-> match reply.tier { case \"basic\" -> stop case \"gold\" -> tag \"a\" otherwise -> tag \"b\" }", &[]),
        ("-> tag \"{{ reply.tier | default(\"none\") }}\"", &[]),
        ("else { tag \"failed\" } -> if reply.words contains \"a\" -> tag \"b\"", &[]),
        ("else { stop } -> tag \"{{ reply.tier }}\"", &["F0302"]),
        ("-> if reply.score > 5 -> tag \"a\"", &["F0302"]),
        ("-> match reply.tier { case \"basic\" -> stop case \"gold\" -> tag \"a\" }", &["F0302"]),
        ("-> tag \"{{ reply.note }}\"", &["F0202"]),
        ("-> if score is known -> tag \"a\"", &["F0201"]),
        ("else { tag \"{{ reply.tier | default(\"a\") }}\" }", &["F0201"]),
    ] {
        yields(&format!("{REPLY}{ASK} {rest}"), codes);
    }
    // What was known of the client is asked again: the run waits for the answer.
    let known = "if client.city is known -> call \"https://a.example\"";
    assert_eq!(codes_of(&format!("on booking -> {known} -> tag \"{{{{ client.city }}}}\"")), [""; 0]);
    yields(&format!("{REPLY}on booking -> {known} as reply -> tag \"{{{{ client.city }}}}\""), &["F0302"]);
}

#[test]
fn an_answer_is_described_by_an_event_without_a_key() {
    let found = yields(
        "event reply { score: number  tier: text? }\non visit -> call \"https://a.example\" as reply -> tag \"a\"",
        &["F0302"],
    );
    assert!(helps(&found, "declare it with `?`: `score: number?`"), "{found:?}");
    assert_eq!(found[0].fixes[0].edits.len(), 1);
    for (event, code) in [
        ("event reply { key id: text }", "F0301"),
        ("event reply { came: bool later }", "F0301"),
        ("event replies { score: number? }", "F0203"),
        ("", "F0203"),
    ] {
        // What reads an answer with an error is not reported again.
        let text = format!("{event}\non visit -> call \"https://a.example\" as reply -> tag \"{{{{ reply.score }}}}\"");
        assert_eq!(codes_of(&text), [code], "{text}");
    }
}

/// The codes found in a text, where some declarations are unused.
fn codes_of(text: &str) -> Vec<&'static str> {
    let mut sources = funnelc::source::Sources::new();
    let file = sources.add("a.funnel", text);
    let found = funnelc::compile(&mut sources, &[file], &funnelc::check::Context::default()).diagnostics;
    found.iter().map(|found| found.code.number()).filter(|code| *code != "F0216").collect()
}

#[test]
fn a_name_belongs_to_one_answer() {
    let call = "call \"https://a.example\" as reply";
    for (rest, codes) in [
        (format!("on booking -> {call} -> {call} -> tag \"{{{{ reply.tier | default(\"a\") }}}}\""), &["F0206"][..]),
        (format!("on reply -> {call} -> tag \"a\""), &["F0206"]),
        (format!("on booking -> parallel {{ path -> {call} path -> {call} }} -> tag \"a\""), &["F0206"]),
        (format!("on booking -> parallel {{ path -> if attended {{ {call} }} path -> {call} }} -> tag \"a\""), &["F0206"]),
        (format!("on booking -> if attended {{ {call} -> tag \"b\" }} else {{ {call} -> tag \"c\" }} -> tag \"a\""), &[]),
        (format!("on booking -> parallel {{ path -> {call} -> tag \"b\" path -> wait 24h }} -> tag \"a\""), &[]),
        (
            "on booking -> parallel { path -> wait for visit as v -> tag \"{{ v.id }}\" path -> wait for review as v -> tag \"b\" }"
                .to_owned(),
            &["F0206"],
        ),
    ] {
        let found = codes_of(&format!("{REPLY}{rest}"));
        assert_eq!(found, codes, "{rest}");
    }
}

/// Runs the test blocks of a text, and returns the exit code and the output.
fn tested(text: &str) -> (Option<i32>, String) {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.funnel"), text).unwrap();
    let ended = funnelc(["test", "a.funnel"]).current_dir(folder.path()).output().unwrap();
    (ended.status.code(), String::from_utf8_lossy(&[ended.stdout, ended.stderr].concat()).into_owned())
}

#[test]
fn a_test_answers() {
    let funnel = format!(
        "{REPLY}action rate(id: text)\ntemplate sms hello(reply) = \"You are {{{{ reply.tier | default(\"new\") }}}}.\"\n\
         on booking -> do rate(id: id) as reply else {{ tag \"failed\" }} -> send sms hello\n  \
         -> parallel {{ path -> if reply.score is known and reply.score > 5 {{ tag \"good\" }} path -> if reply.words contains \"a\" {{ tag \"word\" }} }}\n"
    );
    let test = |given: &str, expected: &str| {
        format!(
            "{funnel}test \"t\" {{\n  client {{ phone: \"+4930901820\" }}\n  {given}\n  at 2026-03-01 10:00 booking {{ id: \"b1\", starts_at: 2026-03-03 12:00 }}\n  \
             {expected}\n  expect nothing else\n}}\n"
        )
    };
    for (given, expected) in [
        (
            "given do rate answers { score: 7, tier: \"gold\", words: [\"b\", \"a\"] }",
            "expect do rate\nexpect send sms containing \"gold\"\nexpect tag \"good\"\nexpect tag \"word\"",
        ),
        (
            "given do answers { score: \"8\" }",
            "expect do rate\nexpect send sms containing \"new\"\nexpect tag \"good\"",
        ),
        // What has another type, or is not declared, is not known.
        (
            "given do answers { score: \"high\", tier: \"silver\", words: 3, other: \"x\" }",
            "expect do rate\nexpect send sms containing \"new\"",
        ),
        ("given do answers {}", "expect do rate\nexpect send sms containing \"new\""),
        // Without `given`, the request counts as successful, and nothing answers.
        ("", "expect do rate\nexpect send sms containing \"new\""),
        (
            "given do fails \"down\"",
            "expect not_sent do containing \"down\"\nexpect tag \"failed\"\nexpect send sms containing \"new\"",
        ),
        ("given at 2026-03-02 10:00 do answers { score: 7 }", "expect do rate\nexpect send sms containing \"new\""),
    ] {
        let (code, out) = tested(&test(given, expected));
        assert_eq!(code, Some(0), "{given}\n{out}");
    }
    for (given, code) in [
        ("given sms answers { score: 7 }", "F0214"),
        ("given do rat answers { score: 7 }", "F0212"),
        ("given do rate replies { score: 7 }", "F0101"),
    ] {
        let (ended, out) = tested(&test(given, "expect do rate"));
        assert_eq!(ended, Some(1), "{given}\n{out}");
        assert!(out.contains(code), "{given}\n{out}");
    }
}

#[test]
fn an_answer_that_nothing_reads_is_found() {
    let rate = "action rate(id: text)\n";
    for (call, given, help) in [
        ("call \"https://a.example\" as reply", "call answers { score: 7 }", None),
        ("call \"https://a.example/{{ id }}\" as reply", "call \"https://a.example/b1\" answers { score: 7 }", None),
        ("call \"https://a.example\"", "call answers { score: 7 }", Some("`call \"..\" as reply`")),
        ("call \"https://a.example\" as reply", "call answers { scroe: 7 }", Some("did you mean `score`?")),
        ("call \"https://a.example\" as reply", "call answers { note: 7 }", Some("`event reply { note: text? }`")),
        ("call \"https://a.example\" as reply", "call \"https://b.example\" answers { score: 7 }", Some("as reply`")),
        ("call \"https://a.example\" as reply", "do rate answers { score: 7 }", Some("`do rate(..) as reply`")),
        ("do rate(id: id) as reply", "do rate answers { score: 7 }", None),
    ] {
        let codes = if help.is_some() { &["F0423"][..] } else { &[] };
        let text = format!(
            "{REPLY}{rate}on booking -> {call} -> do rate(id: id) -> tag \"a\"\n\
             test \"t\" {{\n  client {{ phone: \"+4930901820\" }}\n  given {given}\n  at 2026-03-01 10:00 booking {{ id: \"b1\", starts_at: 2026-03-03 12:00 }}\n  expect tag \"a\"\n}}"
        );
        assert_eq!(codes_of(&text), codes, "{call} {given}");
        if let Some(help) = help {
            assert!(helps(&yields(&text, codes), help), "{call} {given}");
        }
    }
}

#[test]
fn an_answer_of_an_earlier_pass_is_forgotten() {
    let funnel = format!(
        "{REPLY}on booking -> repeat 2 times {{ call \"https://a.example\" as reply -> if reply.score is known {{ tag \"{{{{ reply.score }}}}\" }} else {{ tag \"none\" }} -> wait 24h }}\n\
         test \"t\" {{\n  given call answers {{ score: 7 }}\n  given at 2026-03-01 20:00 call fails\n  client {{ phone: \"+4930901820\" }}\n  at 2026-03-01 10:00 booking {{ id: \"b1\", starts_at: 2026-03-03 12:00 }}\n  \
         expect call\n  expect at 2026-03-01 tag \"7\"\n  expect not_sent call\n  expect at 2026-03-02 tag \"none\"\n  expect nothing else\n}}\n"
    );
    let (code, out) = tested(&funnel);
    assert_eq!(code, Some(0), "{out}");
}

fn asking(url: &str) -> String {
    format!(
        "{REPLY}on booking -> call \"{url}/ask\" {{ id: id }} as reply else {{ tag \"failed\" }}\n  \
         -> if reply.score is known {{ tag \"score {{{{ reply.score }}}}\" }} else {{ tag \"no score\" }}"
    )
}

fn webhook(more: &str) -> String {
    format!("[webhook]\nallow = [\"127.0.0.1\"]\n{more}")
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answer_decides_and_what_is_not_declared_is_dropped() {
    let answer = json!({"score": 8, "tier": "silver", "token": "s3cret-key", "deep": {"score": 1}});
    let (url, requests) = serve(answer.to_string()).await;
    let scene = Scene::new(&asking(&url), &webhook(""));
    let finished = scene.run().await;
    assert_eq!(kinds(&finished), ["call", "answer", "tag"], "{finished:?}");
    let lines = lines(&finished);
    let line = lines.iter().find(|line| line["kind"] == "answer").unwrap();
    assert_eq!(
        (&line["event"], &line["known"], &line["left_out"]),
        (&json!("reply"), &json!(["score"]), &json!(["tier"]))
    );
    assert_eq!(lines.iter().find(|line| line["kind"] == "tag").unwrap()["tag"], "score 8");
    assert_eq!(requests.lock().unwrap().len(), 1);
    for secret in ["s3cret-key", "silver"] {
        assert!(!finished.out.contains(secret) && !finished.err.contains(secret), "{finished:?}");
        assert!(!scene.store_bytes().windows(secret.len()).any(|bytes| bytes == secret.as_bytes()), "{secret}");
    }
    let shown = Scene::new(&asking(&url), &webhook(""))
        .funnelc(&["run", ".", "--events", "events.ndjson", "--fast-forward"])
        .await;
    assert!(shown.out.contains("answer      reply: score; of another type: tier"), "{shown:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_cannot_be_read_is_a_failed_request() {
    let large = format!("{{\"score\": 8, \"note\": \"{}\"}}", "x".repeat(64 * 1024));
    let deep = format!("{{\"score\": 8, \"note\": {}{}}}", "[".repeat(40), "]".repeat(40));
    for (body, reason) in [
        ("s3cret, not JSON".to_owned(), "the server answered 200, but not with JSON"),
        (r#"{"score": 8"#.to_owned(), "the server answered 200, but not with JSON"),
        (r#"[{"score": 8}]"#.to_owned(), "the server answered 200, but not with a JSON object"),
        (String::new(), "the server answered 200, but with nothing"),
        (large, "the server answered 200, but with more than 65536 bytes"),
        (deep, "the server answered 200, but with values nested more than 32 levels deep"),
    ] {
        let (url, requests) = serve(body).await;
        let scene = Scene::new(&asking(&url), &webhook(""));
        let finished = scene.run().await;
        assert_eq!(kinds(&finished), ["call", "not_sent", "tag", "tag"], "{finished:?}");
        let lines = lines(&finished);
        assert_eq!(lines.iter().find(|line| line["kind"] == "not_sent").unwrap()["reason"], reason);
        assert!(finished.out.contains("\"failed\"") && finished.out.contains("\"no score\""), "{finished:?}");
        assert!(!finished.out.contains("s3cret"), "{finished:?}");
        assert_eq!(requests.lock().unwrap().len(), 1, "a system that accepted a request is not asked again");
    }
    let (url, _) = serve(StatusCode::NO_CONTENT).await;
    let finished = Scene::new(&asking(&url), &webhook("")).run().await;
    assert!(finished.out.contains("the server answered 204, but with nothing"), "{finished:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_whose_answer_is_lost_is_repeated_and_then_failed() {
    let (url, requests) = serve_by(|n| match n {
        0 => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        _ => json!({"score": 8}).to_string().into_response(),
    })
    .await;
    let finished = Scene::new(&asking(&url), &webhook("")).run().await;
    assert_eq!(kinds(&finished), ["call", "answer", "tag"], "{finished:?}");
    assert!(finished.out.contains("score 8"));
    assert_eq!(requests.lock().unwrap().len(), 2);
    // The connection breaks in the middle of the answer, each time: nobody knows it, so the `else` is taken.
    let broken = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 99\r\n\r\n{\"score\": 8";
    let url = serve_raw(Some(broken)).await;
    let finished = Scene::new(&asking(&url), &webhook("give_up_seconds = 1\n")).run().await;
    let kinds = kinds(&finished);
    assert!(
        ["unknown", "not_sent"].contains(&&*kinds[1]) && kinds.ends_with(&["tag".into(), "tag".into()]),
        "{finished:?}"
    );
    assert!(finished.out.contains("\"failed\""), "{finished:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_action_answers_and_nothing_answers_what_is_printed() {
    let funnel = |url: &str| {
        asking(url).replace(&format!("call \"{url}/ask\" {{ id: id }}"), "do sync_crm(stage: \"new\")")
            + "\naction sync_crm(phone: phone?, stage: \"new\" | \"lost\", seen: date?)\n"
    };
    let (url, _) = serve(json!({"score": "12.5"}).to_string()).await;
    let finished = Scene::new(&funnel(&url), &config(&url)).run().await;
    assert_eq!(kinds(&finished), ["call", "answer", "tag"], "{finished:?}");
    assert!(finished.out.contains("score 12.5"), "{finished:?}");
    let printed = Scene::new(&funnel(&url), "[actions.sync_crm]\nprovider = \"console\"\n");
    let finished = printed.run().await;
    assert_eq!(kinds(&finished), ["call", "tag"], "{finished:?}");
    assert!(finished.out.contains("no score"), "{finished:?}");
    let simulated = printed.funnelc(&["simulate", ".", "--events", "events.ndjson", "--format", "json"]).await;
    assert_eq!(simulated.out, finished.out);
}

/// Starts `run` in real time, on an event of now.
fn start(scene: &Scene) -> Child {
    let mut command = funnelc(["run", ".", "--events", "now.ndjson", "--store", "s.db", "--format", "json"]);
    let out = std::fs::File::create(scene.path().join("out.ndjson")).unwrap();
    command.current_dir(scene.path()).stdin(Stdio::null()).stdout(out).stderr(Stdio::null());
    command.spawn().unwrap()
}

fn kill(mut child: Child) {
    // On Unix this is SIGKILL.
    child.kill().unwrap();
    child.wait().unwrap();
}

fn until(what: &str, mut done: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !done() {
        assert!(begun.elapsed() < Duration::from_secs(60), "{what} did not happen");
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn paths(requests: &Requests) -> Vec<String> {
    requests.lock().unwrap().iter().map(|request| format!("{} {}", request.uri.path(), request.body)).collect()
}

/// Whether the program has printed a line about an answer, which it does once the answer is stored.
fn has_answer(scene: &Scene) -> bool {
    std::fs::read_to_string(scene.path().join("out.ndjson")).is_ok_and(|out| out.contains(r#""kind":"answer""#))
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_survives_a_kill_and_is_asked_for_once() {
    let (url, requests) = serve(json!({"score": 8}).to_string()).await;
    let funnel = format!(
        "{REPLY}on visit -> call \"{url}/ask\" as reply else {{ stop }} -> wait 3s -> call \"{url}/next\" {{ score: reply.score }} else {{ stop }}"
    );
    let scene = Scene::new(&funnel, &webhook(""));
    let event = json!({"type": "visit", "id": "1", "client": "c1", "data": {"id": "v1"}});
    std::fs::write(scene.path().join("now.ndjson"), format!("{event}\n")).unwrap();
    tokio::task::spawn_blocking(move || {
        let child = start(&scene);
        until("the answer", || has_answer(&scene));
        kill(child);
        let child = start(&scene);
        until("the next step", || paths(&requests).len() > 1);
        kill(child);
        let received = paths(&requests);
        assert_eq!(received.len(), 2, "{received:?}");
        assert!(received[0].starts_with("/ask ") && received[1].starts_with("/next "), "{received:?}");
        assert!(received[1].contains(r#""data":{"score":8}"#), "{received:?}");
    })
    .await
    .unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_kill_before_the_answer_repeats_the_request_with_its_id() {
    let requests = Requests::default();
    let handler = |State(requests): State<Requests>, method, uri, headers, body: String| async move {
        let first = {
            let mut requests = requests.lock().unwrap();
            requests.push(Request { method, uri, headers, body });
            requests.len() == 1
        };
        if first {
            std::future::pending::<()>().await;
        }
        json!({"score": 8}).to_string()
    };
    let router = Router::new().fallback(handler).with_state(Arc::clone(&requests));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let funnel = format!(
        "{REPLY}on visit -> call \"{url}/ask\" as reply else {{ stop }} -> call \"{url}/next\" {{ score: reply.score }}"
    );
    let scene = Scene::new(&funnel, &webhook(""));
    let event = json!({"type": "visit", "id": "1", "client": "c1", "data": {"id": "v1"}});
    std::fs::write(scene.path().join("now.ndjson"), format!("{event}\n")).unwrap();
    tokio::task::spawn_blocking(move || {
        let child = start(&scene);
        until("the request", || !paths(&requests).is_empty());
        kill(child);
        let child = start(&scene);
        until("the next step", || paths(&requests).len() > 2);
        kill(child);
        let requests = requests.lock().unwrap();
        let ids: Vec<_> = requests.iter().map(|request| request.headers["webhook-id"].to_str().unwrap()).collect();
        assert_eq!((ids.len(), ids[0]), (3, ids[1]));
        assert!(ids[1] != ids[2] && requests[2].body.contains(r#""data":{"score":8}"#));
    })
    .await
    .unwrap();
}
