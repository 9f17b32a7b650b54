//! `funnelc serve` as a whole: the real program, real sockets, signals, and what a newcomer types.

use crate::support::event::event;
use crate::support::program::{funnelc, package, run_funnelc, spawn};
use crate::support::service::{Service, follow, holds_within};
use serde_json::{Value, json};
use std::time::Duration;

const FUNNEL: &str =
    "event order { key id: text }\nfunnel f { on order -> wait 1h -> send sms \"Thanks!\" to \"+491700000001\" }\n";

fn order(client: &str, id: &str) -> String {
    event("order").client(client).id(id).data(json!({"id": id}))
}

#[test]
fn a_client_is_shown_with_fields_records_and_runs() {
    let service = Service::start(FUNNEL);
    service.accepted(&event("client").client("anna k").data(json!({"name": "Anna"})));
    service.accepted(&order("anna k", "o1"));
    let (status, body) = service.request("GET /v1/clients/anna%20k", "");
    let shown: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &shown["client"], &shown["fields"]["name"]), (200, &json!("anna k"), &json!("Anna")));
    assert_eq!((&shown["records"][0]["event"], &shown["records"][0]["key"]), (&json!("order"), &json!("o1")));
    let run = &shown["runs"][0];
    assert_eq!((&run["funnel"], run["positions"].as_array().unwrap().len()), (&json!("f"), 1));
    assert!(run["positions"][0]["wakes_at"].as_str().unwrap() > run["entered_at"].as_str().unwrap(), "{body}");
    for unknown in ["boris", "%ff", &"x".repeat(300)] {
        assert_eq!(service.request(&format!("GET /v1/clients/{unknown}"), "").0, 404);
    }
    // Asking does not create a client.
    let (mut store, _folder) = service.store();
    assert_eq!(funnelc::store::Store::clients(&mut store, 0, 10).unwrap().len(), 1);
}

#[test]
fn state_and_metrics_count_what_happened() {
    let mut service = Service::start(&FUNNEL.replace("-> wait 1h ", ""));
    service.accepted(&order("c1", "o1"));
    service.accepted(&order("c1", "o1"));
    service.rejected("{}");
    let read = |path: &str| service.request(&format!("GET {path}"), "").1;
    let metric = |line: &str| read("/metrics").lines().any(|own| own == line);
    assert!(holds_within(Duration::from_secs(20), || metric("funnelc_messages_total{outcome=\"printed\"} 1")));
    for line in [
        "funnelc_events_total{verdict=\"accepted\"} 1",
        "funnelc_events_total{verdict=\"duplicate\"} 1",
        "funnelc_events_total{verdict=\"rejected\"} 1",
        "funnelc_runs_entered_total 1",
        "funnelc_lane_waiting{lane=\"sms\"} 0",
        "funnelc_ready 1",
    ] {
        assert!(metric(line), "{line} is not in {}", read("/metrics"));
    }
    let status: Value = serde_json::from_str(&read("/v1/status")).unwrap();
    assert_eq!(status["events"], json!({"accepted": 1, "duplicates": 1, "rejected": 1}));
    assert_eq!((&status["messages"]["printed"], &status["lanes"][0]["lane"]), (&json!(1), &json!("sms")));
    let log = service.log_until("rejected an event");
    assert!(log.contains("printed, not sent") && log.contains("Thanks!"), "{log}");
    service.restart();
}

#[test]
fn a_lane_is_told_to_try_again_now() {
    let (listener, refused) = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        (listener, address)
    };
    drop(listener);
    let project = format!(
        "timezone = \"Europe/Berlin\"\n[channels.sms]\nprovider = \"http\"\nallow_private = true\n\
         url = \"http://{refused}/\"\nbody = '{{\"to\": \"{{to}}\", \"text\": \"{{text}}\"}}'\n"
    );
    let funnel = FUNNEL.replace("-> wait 1h ", "");
    let service = Service::start_in(&[("main.funnel", &funnel), ("funnel.toml", &project)], &[]);
    let orders: Vec<String> = (0..12).map(|n| order("c1", &format!("o{n}"))).collect();
    service.accepted(&orders.join("\n"));
    let lane = || {
        let status: Value = serde_json::from_str(&service.request("GET /v1/status", "").1).unwrap();
        status["lanes"][0].clone()
    };
    assert!(holds_within(Duration::from_secs(20), || lane()["paused"] == true), "{}", lane());
    let listener = std::net::TcpListener::bind(refused).unwrap();
    listener.set_nonblocking(true).unwrap();
    let (status, body) = service.request("POST /v1/lanes/sms/retry", "");
    assert_eq!((status, body.as_str()), (200, "{\"waiting\":12}\n"));
    // All of them are tried at once, although their pauses were up to two seconds and the lane paused.
    let mut open = Vec::new();
    for _ in 0..80 {
        open.extend(listener.accept());
        std::thread::sleep(Duration::from_millis(10));
    }
    assert!(open.len() >= 2, "{} attempts, {}", open.len(), lane());
    assert_eq!(service.request("POST /v1/lanes/mms/retry", "").0, 404);
}

#[test]
fn ready_says_what_is_wrong() {
    let service = Service::start(FUNNEL);
    service.accepted(&order("c1", "o1"));
    assert!(service.request("GET /readyz", "").1.contains("\"status\":\"ready\""));
    std::fs::remove_dir_all(service.store_path().parent().unwrap()).unwrap();
    let (status, body) = service.request("GET /readyz", "");
    assert!(status == 503 && body.contains("the store cannot be reached"), "{status} {body}");
    assert_eq!(service.request("GET /healthz", "").0, 200);
}

#[test]
fn a_service_ends_in_order_and_writes_its_log_as_asked() {
    let service = Service::start(FUNNEL);
    service.accepted(&order("c1", "o1"));
    let log = service.stop();
    assert!(log.contains("no tokens are set") && log.contains("stopped events=1"), "{log}");

    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.funnel"), FUNNEL).unwrap();
    let mut command = funnelc(["serve", "--listen", "127.0.0.1:0", "--dry-run", "--log", "json"]);
    let mut child = spawn(command.arg(folder.path().join("main.funnel")));
    let (_, log) = follow(child.stderr.take().unwrap());
    child.kill().unwrap();
    child.wait().unwrap();
    let line: Value = serde_json::from_str(log.lock().unwrap().lines().next().unwrap()).unwrap();
    assert_eq!((&line["level"], &line["funnels"]), (&json!("INFO"), &json!(1)));
    // A dry run keeps no state next to the funnels.
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn it_does_not_listen_for_other_machines_without_a_token() {
    let refused = run_funnelc(["serve", "examples/salon-start", "--dry-run", "--listen", "0.0.0.0:0"]);
    assert_eq!(refused.code, Some(2), "{}", refused.err);
    assert!(refused.err.contains("needs a token") && refused.err.contains("server.tokens.ingest"), "{}", refused.err);
}

#[test]
fn a_blank_token_is_no_token() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("main.funnel"), FUNNEL).unwrap();
    let project = "timezone = \"UTC\"\n[server]\nlisten = \"0.0.0.0:0\"\ntokens.ingest = { env = \"BLANK\" }\n";
    std::fs::write(folder.path().join("funnel.toml"), project).unwrap();
    let mut command = funnelc(["serve", "--dry-run"]);
    let refused = command.arg(folder.path()).env("BLANK", "   ").output().unwrap();
    let said = String::from_utf8(refused.stderr).unwrap();
    assert_eq!(refused.status.code(), Some(2), "{said}");
    assert!(said.contains("environment variable `BLANK` contains only blanks"), "{said}");
}

/// Requests that schemathesis makes from the description, and wrong ones: no answer is outside it, and none is an error of
/// the service.
#[test]
fn schemathesis_finds_no_answer_that_is_not_described() {
    let own = package("target/peers/bin/schemathesis");
    let program = if own.exists() { own } else { "schemathesis".into() };
    if std::process::Command::new(&program).arg("--version").output().is_err() {
        assert!(std::env::var_os("FUNNELC_REQUIRE_PEERS").is_none(), "schemathesis is not installed");
        return eprintln!("skipped: schemathesis is not installed, see CONTRIBUTING.md");
    }
    let service = Service::start(FUNNEL);
    let checks = "not_a_server_error,status_code_conformance,content_type_conformance,response_schema_conformance,\
                  response_headers_conformance";
    // It writes a cache into the folder where it runs.
    let folder = tempfile::tempdir().unwrap();
    let mut command = std::process::Command::new(program);
    command.current_dir(folder.path()).args(["run", "--seed", "7", "--max-examples", "30", "--checks", checks]);
    let checked = command.arg(format!("http://{}/v1/openapi.json", service.address())).output().unwrap();
    let said = String::from_utf8_lossy(&checked.stdout);
    assert!(checked.status.success() && said.contains(" passed"), "{said}");
}

/// In the chapter "The service", each command of a `console` block is typed in a shell while the service runs, and prints
/// the lines below it; `..` in a line stands for anything. The first command starts the service itself.
#[test]
fn the_page_of_curl_shows_what_a_newcomer_sees() {
    if std::process::Command::new("curl").arg("--version").output().is_err() {
        assert!(std::env::var_os("FUNNELC_REQUIRE_PEERS").is_none(), "curl is not installed");
        return eprintln!("skipped: curl is not installed");
    }
    let page = std::fs::read_to_string(package("grammar/reference/service.md")).unwrap();
    let blocks = page.split("```console\n").skip(1).map(|rest| rest.split("```").next().unwrap());
    let mut lines = blocks.flat_map(str::lines).peekable();
    let first = lines.next().unwrap();
    let args = first.strip_prefix("$ funnelc ").unwrap();
    let mut child = spawn(&mut funnelc(args.split(' ').chain(["--listen", "127.0.0.1:0"])));
    let (address, log) = follow(child.stderr.take().unwrap());
    let mut started = String::new();
    while let Some(line) = lines.next_if(|line| !line.starts_with("$ ")) {
        started = started + line + "\n";
    }
    assert!(
        holds_within(Duration::from_secs(20), || is_like(&log.lock().unwrap(), &started, &address)),
        "{}",
        log.lock().unwrap()
    );
    let mut typed = 0;
    while let Some(line) = lines.next() {
        let command = line.strip_prefix("$ ").unwrap().replace("localhost:8080", &address);
        let expected: String = std::iter::from_fn(|| lines.next_if(|line| !line.starts_with("$ ")))
            .map(|line| format!("{line}\n"))
            .collect();
        let mut printed = in_a_shell(&command);
        // Only what is read is asked for again; an event would be a duplicate.
        let reads = !command.contains(" -d ") && !command.contains(" emit ");
        for _ in 0..100 {
            if is_like(&printed, &expected, &address) || !reads {
                break;
            }
            std::thread::sleep(Duration::from_millis(50));
            printed = in_a_shell(&command);
        }
        assert!(is_like(&printed, &expected, &address), "{command} prints\n{printed}instead of\n{expected}");
        typed += 1;
    }
    for line in page.split("```text\n").skip(1).flat_map(|rest| rest.split("```").next().unwrap().lines()) {
        let is_logged = || log.lock().unwrap().lines().any(|own| is_like(own, line, &address));
        assert!(holds_within(Duration::from_secs(10), is_logged), "`{line}` is not in {}", log.lock().unwrap());
    }
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(typed >= 5, "only {typed} commands were found");
}

/// Runs a command line in which `funnelc` is this program, and returns what it prints.
fn in_a_shell(command: &str) -> String {
    let own = std::path::Path::new(env!("CARGO_BIN_EXE_funnelc")).parent().unwrap();
    let path = format!("{}:{}", own.display(), std::env::var("PATH").unwrap());
    let output = std::process::Command::new("sh").args(["-c", command]).env("PATH", path).output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

/// Whether a text is as expected, where `..` stands for anything on its line.
fn is_like(text: &str, expected: &str, address: &str) -> bool {
    let fits = |line: &str, pattern: &str| {
        let pattern = pattern.replace("localhost:8080", address).replace("127.0.0.1:8080", address);
        let mut parts = pattern.split("..");
        let Some(mut rest) = line.strip_prefix(parts.next().unwrap()) else { return false };
        let parts: Vec<_> = parts.collect();
        let Some((last, inner)) = parts.split_last() else { return rest.is_empty() };
        for part in inner {
            match rest.split_once(part) {
                Some((_, after)) => rest = after,
                None => return false,
            }
        }
        rest.ends_with(last)
    };
    text.lines().count() == expected.lines().count()
        && text.lines().zip(expected.lines()).all(|(line, own)| fits(line, own))
}
