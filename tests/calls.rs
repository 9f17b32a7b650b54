//! `call` and `do`, from the funnel to the external system: findings, simulated runs, and requests of the real program.

use crate::support::http_server::{Requests, serve, serve_by};
use crate::support::program::{Finished, funnelc};
use crate::support::story::Story;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use funnelc::check::Context;
use funnelc::source::Sources;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::process::Stdio;
use tempfile::TempDir;

const ANNA: &str = r#"{"type":"client","id":"1","client":"c1","at":"2026-03-01T00:00:00Z","data":{"name":"Anna","phone":"+79990000000"}}"#;
const BOOKED: &str = r#"{"type":"booking","id":"2","client":"c1","at":"2026-03-02T10:00:00Z","data":{"id":"b/1","starts_at":"2026-03-05T12:00:00Z","price":"1200 RUB"}}"#;
const ACTION: &str = "action sync_crm(phone: phone?, stage: \"new\" | \"lost\", seen: date?)\n";
const SECRET: &str = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

/// The codes found in a project that configures `channels` and `actions`.
fn codes(text: &str, channels: &[&str], actions: &[&str]) -> Vec<&'static str> {
    let names = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect::<BTreeSet<_>>());
    let zone = Some("Europe/Berlin".to_owned());
    let context = Context { zone, channels: names(channels), actions: names(actions), ..Context::default() };
    let mut sources = Sources::new();
    let file = sources.add("a.funnel", text);
    let found = funnelc::compile(&mut sources, &[file], &context).diagnostics;
    // Every text has the same declarations, so some of them are unused.
    found.iter().map(|found| found.code.number()).filter(|code| *code != "F0216").collect()
}

#[test]
fn each_mistake_in_an_action_has_one_finding() {
    for (rest, expected) in [
        ("on booking -> do sync_crm(phone: client.phone, stage: \"new\")", &[][..]),
        ("on booking -> do sync_crm(stage: \"new\", seen: today)", &[]),
        ("on booking -> do sync_crm(stage: \"new\") else { do sync_crm(stage: \"lost\") }", &[]),
        ("on booking -> do sync_crm()", &["F0310"]),
        ("on booking -> do sync_crm(stgae: \"new\")", &["F0310"]),
        ("on booking -> do sync_crm(stage: \"new\", stage: \"lost\")", &["F0206"]),
        ("on booking -> do sync_crm(stage: \"old\")", &["F0305"]),
        ("on booking -> do sync_crm(stage: 3)", &["F0301"]),
        ("on booking -> do sync_crm(stage: \"new\", seen: now)", &["F0301"]),
        ("on booking -> do sync_crm(stage: nope)", &["F0201"]),
        ("on booking -> do crm(stage: nope)", &["F0212", "F0201"]),
        ("on booking -> do sync_crm(stage: \"new\") else { do sync_crm() }", &["F0310"]),
        ("action sync_crm(id: text)", &["F0206"]),
        ("action twice(id: text, id: text)", &["F0206"]),
        ("action odd(id: txt)\non booking -> do odd(id: 3, more: 4)", &["F0208"]),
        ("action strict(name: text)\non booking -> do strict(name: client.name)", &["F0302"]),
        ("action strict(name: text)\non booking -> if client.name is known { do strict(name: client.name) }", &[]),
        ("action strict(came: bool)\non booking -> do strict(came: attended)", &["F0302"]),
        ("action loose(came: bool?)\non booking -> do loose(came: attended)", &[]),
    ] {
        let bound = ["sync_crm", "strict", "loose", "odd"];
        assert_eq!(codes(&format!("{ACTION}{rest}\n"), &[], &bound), expected, "{rest}");
    }
}

#[test]
fn values_cannot_change_the_host_of_a_call() {
    for fine in [
        "https://crm.example",
        "HTTPS://crm.example:8443/a?b=c#d",
        "https://crm.example/{{ id }}/{{ client.id }}",
        "https://crm.example?id={{ id }}",
        "https://[2606:4700::1111]:443/x",
        "https://пример.example/x",
        "http://crm.example/x",
        "{{ base }}/x/{{ id }}",
        "https://{{ word }}.example/{{ id }}",
    ] {
        let text = format!("const base = \"https://crm.example\"\nconst word = \"crm\"\non booking -> call \"{fine}\"");
        assert_eq!(codes(&text, &["call"], &[]), [""; 0], "{fine}");
    }
    for wrong in [
        "",
        "crm.example/x",
        "mailto:a@b.example",
        "ftp://crm.example/x",
        "https://",
        "https:///x",
        "https://{{ id }}",
        "https://{{ id }}/x",
        "https://crm.example{{ id }}/x",
        "https://crm.example:{{ id }}/x",
        "https://crm.example:80{{ id }}/x",
        "http{{ id }}://crm.example/x",
        "{{ id }}://crm.example/x",
        "https://{{ id }}@crm.example/x",
        "https://me:pw@crm.example/x",
        "https://crm.example\\\\@evil.example/x",
        "https://crm example/x",
        "https://crm.example/a b",
        "https://crm.example:port/x",
        "{{ base | upper }}/x",
    ] {
        let text = format!("const base = \"https://crm.example\"\non booking -> call \"{wrong}\"");
        assert_eq!(codes(&text, &["call"], &[]), ["F0311"], "{wrong}");
    }
}

#[test]
fn each_mistake_in_a_call_has_one_finding() {
    for (body, expected) in [
        ("{ id: booking.id, price: price, came: attended, name: client.name }", &[][..]),
        ("{ id: nope }", &["F0201"]),
        ("{ id: id, id: id }", &["F0206"]),
        ("{ id: id } else { call \"x\" }", &["F0311"]),
    ] {
        let text = format!("on booking -> call \"https://crm.example/x\" {body}");
        assert_eq!(codes(&text, &["call"], &[]), expected, "{body}");
    }
    assert_eq!(codes("on booking -> call \"https://crm.example/{{ client.name }}\"", &["call"], &[]), ["F0302"]);
}

#[test]
fn unconfigured_channels_and_actions_are_warnings() {
    let text = format!("{ACTION}on booking -> call \"https://crm.example/x\" -> do sync_crm(stage: \"new\")");
    assert_eq!(codes(&text, &["sms"], &[]), ["F0205", "F0212"]);
    assert_eq!(codes(&text, &["call"], &["sync_crm"]), [""; 0]);
}

fn results(funnel: &str, zone: &str) -> Vec<String> {
    let lines = Story::new(zone, funnel).results(&[ANNA, BOOKED]);
    lines.into_iter().filter(|line| !line.contains(" enter") && !line.contains(" exit ")).collect()
}

#[test]
fn request_fields_have_json_types() {
    let funnel = "on booking -> call \"https://crm.example/b/{{ id }}?n={{ client.name | default(\"-\") }}\" {\n\
        id: id, price: price, more: 1200 RUB * 2, half: 0.5, came: attended, city: client.city, at: starts_at,\n\
        next: tomorrow 10:00, day: today, wait: 1h30m, who: \"{{ client.id }}!\", list: [\"a\", \"b\"], yes: id is known }";
    let url = "call https://crm.example/b/b%2F1?n=Anna ";
    let results = results(funnel, "Europe/Berlin");
    let [line] = &results[..] else { panic!("{results:?}") };
    let body: Value = serde_json::from_str(line.split_once(url).unwrap().1).unwrap();
    let expected = json!({
        "id": "b/1", "price": "1200 RUB", "more": "2400 RUB", "half": 0.5, "came": null, "city": null,
        "at": "2026-03-05T12:00:00Z", "next": "2026-03-03T09:00:00Z", "day": "2026-03-02", "wait": "1h30m",
        "who": "c1!", "list": ["a", "b"], "yes": true,
    });
    assert_eq!(body, expected);
}

#[test]
fn missing_arguments_are_null_and_omitted_ones_are_left_out() {
    let funnel =
        format!("{ACTION}on booking -> do sync_crm(phone: client.phone, stage: \"new\", seen: client.birthday)\n");
    let expected = r#"2026-03-02 10:00 do sync_crm {"phone":"+79990000000","stage":"new","seen":null}"#;
    let same = |line: &str| serde_json::from_str::<Value>(line.split_once("sync_crm ").unwrap().1).unwrap();
    assert_eq!(same(&results(&funnel, "UTC")[0]), same(expected));
    let funnel = format!("{ACTION}on booking -> do sync_crm(stage: \"lost\")\n");
    assert_eq!(results(&funnel, "UTC"), [r#"2026-03-02 10:00 do sync_crm {"stage":"lost"}"#]);
}

#[test]
fn a_missing_required_value_takes_the_else_path() {
    // The declaration requires `home`, but no event of the client has it.
    let funnel = "client { home: text }\naction tell(place: text)\n\
        on booking -> do tell(place: client.home) else { tag \"untold\" } \
        -> call \"https://crm.example/{{ client.home }}\" -> tag \"on\"";
    assert_eq!(
        results(funnel, "UTC"),
        [
            "2026-03-02 10:00 not sent do: argument `place` is missing",
            "2026-03-02 10:00 tag untold",
            "2026-03-02 10:00 not sent call: `client.home` is missing",
            "2026-03-02 10:00 tag on",
        ]
    );
}

#[test]
fn wall_clock_moments_are_exact_in_events_and_fields() {
    let funnel = "event meeting { begins: datetime }\nclient { next: datetime? }\n\
        funnel a { on booking -> emit meeting { begins: tomorrow 10:00 } }\n\
        funnel b { on meeting -> if begins > now { set client.next = tomorrow 9:00 } }";
    let lines = results(funnel, "Europe/Berlin");
    assert_eq!(lines.last().unwrap(), "2026-03-02 11:00 set next = \"2026-03-03T08:00:00Z\"", "{lines:?}");
}

/// A project folder whose requests go to test servers.
pub(crate) struct Scene(TempDir);

impl Scene {
    pub(crate) fn new(funnel: &str, project: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
        write("a.funnel", funnel);
        write("funnel.toml", &format!("timezone = \"UTC\"\n{project}"));
        write("events.ndjson", &format!("{ANNA}\n{BOOKED}\n"));
        Self(folder)
    }

    /// Runs `funnelc` on the project without blocking the test servers.
    pub(crate) async fn funnelc(&self, args: &[&str]) -> Finished {
        let mut command = funnelc(args);
        command.current_dir(self.0.path()).env("CRM_KEY", "s3cret-key").env("CRM_SECRET", SECRET).stdin(Stdio::null());
        tokio::task::spawn_blocking(move || command.output().unwrap().into()).await.unwrap()
    }

    pub(crate) async fn run(&self) -> Finished {
        let args = ["run", ".", "--events", "events.ndjson", "--store", "s.db", "--fast-forward", "--format", "json"];
        self.funnelc(&args).await
    }

    /// The folder of the project.
    pub(crate) fn path(&self) -> &std::path::Path {
        self.0.path()
    }

    /// The raw bytes of the store.
    pub(crate) fn store_bytes(&self) -> Vec<u8> {
        ["s.db", "s.db-wal"]
            .iter()
            .flat_map(|name| std::fs::read(self.0.path().join(name)).unwrap_or_default())
            .collect()
    }
}

pub(crate) fn lines(finished: &Finished) -> Vec<Value> {
    finished.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn kinds(finished: &Finished) -> Vec<String> {
    let kind = |line: &Value| line["kind"].as_str().map(str::to_owned);
    lines(finished)
        .iter()
        .filter_map(kind)
        .filter(|kind| !["enter", "exit", "wait", "decide"].contains(&kind.as_str()))
        .collect()
}

pub(crate) fn config(url: &str) -> String {
    format!(
        "[webhook]\nallow = [\"127.0.0.1\"]\nsecret = {{ env = \"CRM_SECRET\" }}\n\
         [actions.sync_crm]\nurl = \"{url}/in\"\nsecret = {{ env = \"CRM_SECRET\" }}\n\
         [actions.sync_crm.headers]\nAuthorization = \"Bearer {{key}}\"\nX-Key = {{ env = \"CRM_KEY\" }}\n\
         [actions.sync_crm.secrets]\nkey = {{ env = \"CRM_KEY\" }}\n"
    )
}

fn ids(requests: &Requests) -> Vec<String> {
    let id = |headers: &axum::http::HeaderMap| headers["webhook-id"].to_str().unwrap().to_owned();
    requests.lock().unwrap().iter().map(|request| id(&request.headers)).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_to_a_busy_server_is_retried_with_the_same_id() {
    let busy = (StatusCode::SERVICE_UNAVAILABLE, [("retry-after", "1")], "busy");
    let (url, requests) = serve_by(move |n| if n == 0 { busy.into_response() } else { "ok".into_response() }).await;
    let funnel =
        format!("{ACTION}on booking -> do sync_crm(stage: \"new\") else {{ tag \"failed\" }} -> tag \"after\"");
    let scene = Scene::new(&funnel, &config(&url));
    let finished = scene.run().await;
    assert_eq!(finished.code, Some(0), "{finished:?}");
    assert_eq!(kinds(&finished), ["call", "tag"]);
    let call = lines(&finished).into_iter().find(|line| line["kind"] == "call").unwrap();
    assert_eq!(
        (&call["channel"], &call["to"], &call["body"]),
        (&json!("do"), &json!("sync_crm"), &json!({"stage": "new"}))
    );
    let ids = ids(&requests);
    assert_eq!(ids, [call["message"].as_str().unwrap(); 2]);
    let requests = requests.lock().unwrap();
    let stamps: Vec<u64> =
        requests.iter().map(|r| r.headers["webhook-timestamp"].to_str().unwrap().parse().unwrap()).collect();
    assert!(stamps[1] > stamps[0], "each attempt has its own timestamp: {stamps:?}");
    assert_eq!(requests[0].body, requests[1].body);
    for request in requests.iter() {
        standardwebhooks::Webhook::new(SECRET).unwrap().verify(request.body.as_bytes(), &request.headers).unwrap();
        assert_eq!(request.headers["x-key"], "s3cret-key");
        assert_eq!(request.headers["authorization"], "Bearer s3cret-key");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rejected_request_takes_the_else_path_and_leaks_no_secret() {
    let words = format!("not with s3cret-key, nor {SECRET}");
    let (url, requests) = serve((StatusCode::FORBIDDEN, words)).await;
    let (other, others) = serve(StatusCode::NOT_FOUND).await;
    let funnel = format!(
        "{ACTION}on booking -> do sync_crm(stage: \"new\") else {{ call \"{other}/lost\" {{ id: id }} else {{ tag \"twice\" }} }} -> tag \"on\""
    );
    let scene = Scene::new(&funnel, &config(&url));
    let finished = scene.run().await;
    assert_eq!(kinds(&finished), ["call", "not_sent", "call", "not_sent", "tag", "tag"], "{finished:?}");
    let reasons: Vec<_> =
        lines(&finished).iter().filter_map(|line| line["reason"].as_str().map(str::to_owned)).collect();
    assert_eq!(reasons[0], "the server answered 403: not with ***, nor whsec_***");
    assert_eq!(
        (requests.lock().unwrap().len(), others.lock().unwrap().len()),
        (1, 1),
        "a rejected request is not retried"
    );
    for secret in ["s3cret-key", &SECRET[6..]] {
        assert!(!finished.out.contains(secret) && !finished.err.contains(secret), "{finished:?}");
        assert!(
            !scene.store_bytes().windows(secret.len()).any(|bytes| bytes == secret.as_bytes()),
            "{secret} is in the store"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn undeliverable_requests_are_given_up_after_the_configured_time() {
    let (url, requests) = serve(StatusCode::BAD_GATEWAY).await;
    let funnel = format!("on booking -> call \"{url}/x\" else {{ tag \"failed\" }}");
    let scene = Scene::new(&funnel, "[webhook]\nallow = [\"127.0.0.1\"]\ngive_up_seconds = 1\n");
    let finished = scene.run().await;
    assert_eq!(kinds(&finished), ["call", "not_sent", "tag"], "{finished:?}");
    assert!(finished.out.contains("given up after"), "{finished:?}");
    assert!(requests.lock().unwrap().len() > 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_unavailable_system_does_not_delay_another() {
    let (down, _) = serve((StatusCode::SERVICE_UNAVAILABLE, "down")).await;
    let (up, requests) = serve("").await;
    let funnel = format!(
        "{ACTION}on booking -> repeat 30 times {{ do sync_crm(stage: \"new\") }} -> call \"{up}/x\" else {{ stop }} -> tag \"called\""
    );
    let hasty = config(&down).replace("/in\"\n", "/in\"\ngive_up_seconds = 1\n");
    let scene = Scene::new(&funnel, &hasty);
    let finished = scene.run().await;
    let kinds = kinds(&finished);
    assert_eq!(requests.lock().unwrap().len(), 1);
    let called = kinds.iter().position(|kind| kind == "tag").unwrap();
    assert!(
        kinds[called..].iter().any(|kind| kind == "not_sent"),
        "the call succeeds while the others are retried: {kinds:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_without_configuration_or_in_a_dry_run() {
    let (url, requests) = serve("").await;
    let funnel =
        format!("{ACTION}on booking -> call \"{url}/x\" {{ id: id }} -> do sync_crm(stage: \"new\") -> tag \"on\"");
    let unbound = Scene::new(&funnel, "");
    let expected = ["call", "call", "tag"];
    assert_eq!(kinds(&unbound.run().await), expected);
    let console =
        Scene::new(&funnel, "[webhook]\nprovider = \"console\"\n[actions.sync_crm]\nprovider = \"console\"\n");
    assert_eq!(console.funnelc(&["check", "."]).await.out, "");
    assert_eq!(kinds(&console.run().await), expected);
    let bound = Scene::new(&funnel, &config(&url));
    let dry = bound
        .funnelc(&["run", ".", "--events", "events.ndjson", "--fast-forward", "--dry-run", "--format", "json"])
        .await;
    assert_eq!(kinds(&dry), expected);
    let simulated = bound.funnelc(&["simulate", ".", "--events", "events.ndjson", "--format", "json"]).await;
    assert_eq!(kinds(&simulated), expected);
    let shown = bound.funnelc(&["simulate", ".", "--events", "events.ndjson"]).await;
    assert!(shown.out.contains(&format!("call        {url}/x  {{\"id\":\"b/1\"}}")), "{shown:?}");
    assert!(shown.out.contains("do          sync_crm  {\"stage\":\"new\"}"), "{shown:?}");
    assert!(requests.lock().unwrap().is_empty());
    assert_eq!(bound.run().await.out, simulated.out, "`run` sends what `simulate` shows");
    assert_eq!(requests.lock().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn project_settings_restrict_calls_and_bind_actions() {
    let funnel = format!(
        "{ACTION}on booking -> call \"http://localhost:3000/x\" -> call \"http://crm.example/x\" -> do sync_crm(stage: \"new\")"
    );
    let scene = Scene::new(&funnel, "[webhook]\n[actions.sync_cmr]\nurl = \"https://crm.example\"\n");
    let checked = scene.funnelc(&["check", "."]).await;
    assert_eq!(checked.code, Some(1));
    for text in [
        "error[F0605]: `http://localhost:3000/x` is a private network address",
        "error[F0605]: requests to `http://crm.example/x` are not encrypted",
        "warning[F0212]: action `sync_crm` is not configured in the project, so it is printed, not run",
        "warning[F0212]: action `sync_cmr` is not declared in any funnel file",
        "did you mean `sync_crm`?",
    ] {
        assert!(checked.out.contains(text), "`{text}` is missing in:\n{}", checked.out);
    }
    let scene = Scene::new(
        &funnel,
        "[webhook]\nallow = [\"localhost\"]\ninsecure = true\n[actions.sync_crm]\nurl = \"https://crm.example\"\n",
    );
    assert_eq!(scene.funnelc(&["check", "."]).await.out, "");
}
