//! Webhooks of other systems: recorded requests of nine systems, and of Segment's libraries, become events.

use crate::support::program::{package, run_funnelc};
use crate::support::service::Service;
use ring::hmac;
use serde_json::{Value, json};
use std::path::PathBuf;
use std::time::{SystemTime, UNIX_EPOCH};

const SECRET: &str = "test-secret-0123456789";

/// A recorded request.
struct Recorded {
    name: String,
    source: String,
    json: Value,
}

impl Recorded {
    fn body(&self) -> &str {
        self.json["body_raw"].as_str().unwrap()
    }

    fn headers(&self) -> Vec<(String, String)> {
        let own = self.json["headers"].as_object().unwrap().iter();
        let own = own.map(|(name, value)| (name.clone(), value.as_str().unwrap().to_owned()));
        let content_type = self.json["content_type"].as_str().unwrap().to_owned();
        own.chain([("Content-Type".to_owned(), content_type)]).collect()
    }
}

/// The recorded requests, without the ones that no table can make events of.
fn recorded() -> Vec<Recorded> {
    let files = std::fs::read_dir(package("tests/sources")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.filter(|path| path.extension().is_some_and(|end| end == "json")).collect();
    files.sort();
    let read = |path: PathBuf| {
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let source = name.split('_').next().unwrap().to_owned();
        Recorded { name, source, json: serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap() }
    };
    let all: Vec<Recorded> = files.into_iter().map(read).filter(|one| one.source != "acuity").collect();
    assert_eq!(all.len(), 16);
    all
}

/// Compares a text with a file, or writes it.
fn is_golden(name: &str, text: &str) {
    let file = package("tests/sources").join(name);
    if std::env::var_os("FUNNELC_BLESS").is_some() {
        std::fs::write(&file, text).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&file).unwrap_or_default(), text, "{name}; FUNNELC_BLESS=1 writes it");
}

/// What `source try` prints for a body.
fn tried(source: &str, body: &str, headers: &[(String, String)]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("body");
    std::fs::write(&file, body).unwrap();
    let project = package("tests/sources").display().to_string();
    let mut args = vec!["source".to_owned(), "try".into(), source.into(), file.display().to_string()];
    args.extend(["--project".to_owned(), project]);
    for (name, value) in headers {
        args.extend(["--header".to_owned(), format!("{name}: {value}")]);
    }
    let ran = run_funnelc(args);
    assert_eq!(ran.code, Some(0), "{source}: {}", ran.err);
    ran.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn recorded_webhooks_become_their_events() {
    let mut shown = String::new();
    for one in recorded() {
        let events = tried(&one.source, one.body(), &one.headers());
        shown += &format!("{}\n", one.name);
        events.iter().for_each(|event| shown += &format!("  {event}\n"));
        for expected in one.json["expected_events"].as_array().unwrap() {
            let kind = &expected["type"];
            let same = |event: &&Value| event["type"] == *kind && fits(event, expected);
            assert!(events.iter().any(|event| same(&event)), "{}: {expected}\nis not in {events:#?}", one.name);
        }
    }
    is_golden("events.txt", &shown);
}

/// Whether an event has what is expected of it. Where an expectation is words for a person, it has a blank in it, or two dots.
fn fits(event: &Value, expected: &Value) -> bool {
    let is_same = |own: &Value, wanted: &Value| {
        let text = wanted.as_str().unwrap_or("");
        let is_words = text == ".." || (text.contains(' ') && own != wanted && !text.ends_with("EUR"));
        is_words || own == wanted || moment(own).is_some_and(|at| Some(at) == moment(wanted))
    };
    let data = expected["data"].as_object().into_iter().flatten();
    let mut members = ["client", "at"].into_iter().filter_map(|name| Some((name, expected.get(name)?)));
    data.into_iter().all(|(name, wanted)| is_same(&event["data"][name], wanted))
        && members.all(|(name, wanted)| is_same(&event[name], wanted))
}

fn moment(value: &Value) -> Option<funnelc::value::Timestamp> {
    use funnelc::value::{Type, Value as Own, json};
    match json::read(value, &Type::DateTime, json::Locale::default()) {
        Ok(Own::DateTime(at)) => Some(at),
        Ok(_) | Err(_) => None,
    }
}

/// The test project as a service.
fn service() -> Service {
    let read = |name: &str| std::fs::read_to_string(package("tests/sources").join(name)).unwrap();
    let (settings, funnels) = (read("funnel.toml"), read("main.funnel"));
    let environment = [("SOURCE_SECRET", SECRET), ("OLD_SECRET", "an old one")];
    let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
    Service::start_in(&[("funnel.toml", &settings), ("main.funnel", &funnels)], &environment)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The headers of a request as they would be now: where the time is signed, it is signed again.
fn headers_now(one: &Recorded) -> Vec<(String, String)> {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    let again = |(name, value): (String, String)| match name.as_str() {
        "Stripe-Signature" | "Calendly-Webhook-Signature" => {
            let tag = hmac::sign(&key, format!("{now}.{}", one.body()).as_bytes());
            (name, format!("t={now},v1=00ff,v1={},v0=deadbeef", hex(tag.as_ref())))
        }
        "x-square-hmacsha256-signature" => {
            use base64::Engine;
            let signed = format!("https://lumen.example/hooks/square{}", one.body());
            (name, base64::engine::general_purpose::STANDARD.encode(hmac::sign(&key, signed.as_bytes())))
        }
        _ => (name, value),
    };
    one.headers().into_iter().map(again).collect()
}

fn lines(headers: &[(String, String)]) -> String {
    headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect()
}

#[test]
fn webhooks_are_taken_over_http_once() {
    let service = service();
    for one in recorded() {
        let query = if one.source == "yclients" { format!("?token={SECRET}") } else { String::new() };
        let mut headers = headers_now(&one);
        if one.source == "tilda" {
            headers.retain(|(name, _)| name != "X-Api-Key");
            headers.push(("x-api-key".to_owned(), SECRET.to_owned()));
        }
        let what = format!("POST /v1/sources/{}{query}", one.source);
        let send = |headers: &str, body: &str| service.request_with(&what, headers, body);
        let (status, answer) = send(&lines(&headers), one.body());
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!((status, &answer["rejected"]), (200, &json!(0)), "{}: {answer}", one.name);
        assert!(answer["accepted"].as_u64().unwrap() > 0, "{}: {answer}", one.name);
        assert!(!answer.to_string().contains("left_out"), "{}: {answer}", one.name);
        let (_, again) = send(&lines(&headers), one.body());
        let again: Value = serde_json::from_str(&again).unwrap();
        assert_eq!((&again["accepted"], &again["duplicates"]), (&json!(0), &answer["accepted"]), "{}", one.name);
        // A body that was changed on its way, or a token that is missing.
        let (changed, what) = match one.source.as_str() {
            "tilda" | "yclients" => (one.body().to_owned(), format!("POST /v1/sources/{}", one.source)),
            _ => (format!("{} ", one.body()), what.clone()),
        };
        headers.retain(|(name, _)| name != "x-api-key");
        let (status, _) = service.request_with(&what, &lines(&headers), &changed);
        assert_eq!(status, 401, "{}", one.name);
    }
}

#[test]
fn tests_of_a_webhook_are_answered_and_mean_nothing() {
    let service = service();
    let form = "content-type: application/x-www-form-urlencoded\r\n";
    for (source, body) in [("tilda", "test=test"), ("woocommerce", "webhook_id=142")] {
        let (status, answer) = service.request_with(&format!("POST /v1/sources/{source}"), form, body);
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!((status, &answer["accepted"]), (200, &json!(0)), "{answer}");
    }
    let (status, _) = service.request("POST /v1/sources/nobody", "{}");
    assert_eq!(status, 404);
    let (status, answer) = service.request_with("POST /v1/sources/tilda", form, "a=b");
    assert_eq!(status, 401, "{answer}");
    assert!(service.log_until("missing or wrong token").contains("tilda"));
    let (status, _) = service.request_with("POST /v1/sources/calcom", "content-type: application/json\r\n", "{");
    assert_eq!(status, 400);
}

#[test]
fn requests_of_segments_libraries_become_events() {
    let files = std::fs::read_dir(package("tests/sources/segment")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = files.collect();
    files.sort();
    assert_eq!(files.len(), 4);
    let mut shown = String::new();
    for file in files {
        let recorded: Value = serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
        let name = file.file_stem().unwrap().to_str().unwrap();
        let (status, answer) = service().request_with(
            "POST /v1/batch",
            "content-type: application/json\r\nauthorization: Basic V1JJVEVfS0VZOg==\r\n",
            recorded["body_raw"].as_str().unwrap(),
        );
        let answer: Value = serde_json::from_str(&answer).unwrap();
        assert_eq!((status, &answer["success"]), (200, &json!(true)), "{name}: {answer}");
        shown += &format!("{name}\n");
        for result in answer["results"].as_array().unwrap() {
            shown +=
                &format!("  {} {}\n", result["status"].as_str().unwrap(), result["message"].as_str().unwrap_or(""));
        }
    }
    is_golden("segment.txt", &shown);
}

#[test]
fn the_check_names_what_is_wrong_with_a_source() {
    let cases = [
        ("[sources.a]\n", "`[sources.a]` needs `events`"),
        ("[sources.a]\nevents = [{ type = \"bookin\", client = \"/c\" }]\n", "did you mean `booking`?"),
        ("[sources.a]\nevents = [{ type = \"booking\" }]\n", "nothing says who the client is"),
        (
            "[sources.a]\nclient = \"/c\"\nevents = [{ type = \"booking\", data = { starts = \"/s\" } }]\n",
            "`booking.starts` is not declared",
        ),
        (
            "[sources.a]\nclient = \"c\"\nevents = [{ type = \"booking\" }]\n",
            "write `{ value = \"c\" }` for the same text always",
        ),
        (
            "[sources.a]\nclient = { from = \"/c\", as = \"second\" }\nevents = [{ type = \"booking\" }]\n",
            "`as` must be one of",
        ),
        (
            "[sources.a]\nclient = { form = \"/c\" }\nevents = [{ type = \"booking\" }]\n",
            "needs one of `from`, `value`, `list` and `sum`",
        ),
        (
            "[sources.a]\nclient = \"/c\"\nsignature = { scheme = \"acuity\", secret = { env = \"X\" } }\nevents = [{ type = \"booking\" }]\n",
            "carry only ids",
        ),
        (
            "[sources.a]\nclient = \"/c\"\nsignature = { scheme = \"square\", secret = { env = \"X\" } }\nevents = [{ type = \"booking\" }]\n",
            "needs `url`",
        ),
        (
            "[sources.a]\nclient = \"/c\"\nsignature = { scheme = \"stripe\", secret = \"whsec_1\" }\nevents = [{ type = \"booking\" }]\n",
            "is a secret and must not be written in this file",
        ),
        (
            "[sources.a]\nclient = \"/c\"\nevents = [{ type = \"booking\", when = { \"event\" = 1 } }]\n",
            "a place begins with `/`, `header:` or `query:`",
        ),
        ("[sources.\"a b\"]\n", "cannot be the name of a source"),
    ];
    for (settings, expected) in cases {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("funnel.toml"), format!("timezone = \"UTC\"\n{settings}")).unwrap();
        std::fs::write(folder.path().join("a.funnel"), "on visit -> tag \"came\"\n").unwrap();
        let ran = run_funnelc(["check".to_owned(), folder.path().display().to_string()]);
        assert!(ran.err.contains(expected) || ran.out.contains(expected), "{settings}\n{}{}", ran.out, ran.err);
        assert_eq!(ran.code, Some(1), "{settings}\n{}{}", ran.out, ran.err);
    }
}

/// Runs one of Segment's own libraries; `None` where it is not installed.
fn library(program: &str, host: &str, key: &str) -> Option<String> {
    let file = package("tests/sources").join(program);
    let (is_here, mut command) = if program.ends_with(".py") {
        let python = package("target/peers/bin/python");
        let is_here = std::process::Command::new(&python).args(["-c", "import segment.analytics"]).output();
        let mut command = std::process::Command::new(python);
        command.arg(file).args([host, key]);
        (is_here.is_ok_and(|ran| ran.status.success()), command)
    } else {
        let modules = package("target/peers/node_modules");
        let is_here = modules.join("@segment/analytics-node").exists();
        let mut command = std::process::Command::new("node");
        command.arg(file).arg(modules).args([host, key]);
        (is_here || std::process::Command::new("npm").arg("-v").output().is_err(), command)
    };
    if !is_here || command.get_program() == "node" && !package("target/peers/node_modules/@segment").exists() {
        let is_required = std::env::var_os("FUNNELC_REQUIRE_PEERS").is_some() && !is_here;
        assert!(!is_required, "Segment's library for {program} is not in target/peers");
        eprintln!("skipped: Segment's library for {program} is not in target/peers, see CONTRIBUTING.md");
        return None;
    }
    let ran = command.output().unwrap();
    Some(format!("{}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr)))
}

/// What a client of a service has.
fn client(service: &Service, id: &str, token: &str) -> Value {
    let headers = format!("authorization: Bearer {token}\r\n");
    serde_json::from_str(&service.request_with(&format!("GET /v1/clients/{id}"), &headers, "").1).unwrap()
}

#[test]
fn segments_own_libraries_send_to_the_service_as_they_are() {
    let settings = "timezone = \"UTC\"\n[server.tokens]\ningest = { env = \"KEY\" }\nread = { env = \"READ\" }\n";
    for program in ["library.py", "library.mjs"] {
        let environment = [("KEY", "the-write-key"), ("READ", "the-read-key")];
        let environment = environment.map(|(name, value)| (name.to_owned(), value.to_owned()));
        let funnel = "on booking -> send sms \"Booked.\"";
        let service = Service::start_in(&[("funnel.toml", settings), ("main.funnel", funnel)], &environment);
        let host = format!("http://{}", service.address());
        let Some(refused) = library(program, &host, "another-key") else { continue };
        assert!(refused.contains("failed"), "{program}: {refused}");
        assert_eq!(library(program, &host, "the-write-key").unwrap().trim(), "sent", "{program}");
        let anna = client(&service, "user-1", "the-read-key");
        assert_eq!(anna["fields"]["name"], "Anna", "{program}: {anna}");
        assert_eq!(anna["records"][0]["fields"]["price"], "49.5 EUR", "{program}: {anna}");
        assert_eq!(service.message_count(), 1, "{program}");
        // The same again, as after a lost answer.
        assert_eq!(library(program, &host, "the-write-key").unwrap().trim(), "sent", "{program}");
        assert_eq!(service.message_count(), 1, "{program}");
    }
}
