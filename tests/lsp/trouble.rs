//! Failures: texts out of sync, cancelled requests, internal errors of the server, and editors that disconnect.

use super::{at, project, range, write};
use crate::support::editor::Editor;
use crate::support::program::{Finished, run_with_stdin};
use lsp_server::RequestId;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::mpsc::channel;

/// The text has changed since the request.
const MODIFIED: i32 = -32801;
/// The request was cancelled.
const CANCELLED: i32 = -32800;
/// The server had an internal error.
const INTERNAL_ERROR: i32 = -32603;

/// Parameters for both formatting requests.
fn format_params(uri: &str) -> Value {
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    json!({ "textDocument": { "uri": uri }, "options": options, "range": range((0, 0), (1, 0)) })
}

#[test]
fn outdated_changes_are_ignored_and_unknown_texts_are_not_used() {
    let folder = project();
    let words = at(&folder, "words.funnel");
    let mut editor = Editor::memory(&[folder.path()], &["utf-8"]);
    editor.open(&words, 5, "template sms hello = \"Hello\"\n");
    editor.replace(&words, 5, "template sms x = \"Hello\"\n");
    editor.replace(&words, 4, "template sms x = \"Hello\"\n");
    assert_eq!(editor.codes(&at(&folder, "ask.funnel")), [""; 0]);
    assert_eq!(editor.log.len(), 2, "{:?}", editor.log);
    // A change of a missing line: from then on, the text is unknown.
    editor.change(&words, 6, json!([{ "range": range((9, 0), (9, 1)), "text": "x" }]));
    editor.change(&words, 7, json!([{ "range": range((0, 0), (0, 1)), "text": "x" }]));
    let format = |editor: &mut Editor| editor.ask("textDocument/formatting", format_params(&words));
    assert_eq!(format(&mut editor).unwrap_err().0, MODIFIED);
    assert_eq!(editor.codes(&at(&folder, "ask.funnel")), [""; 0]);
    editor.replace(&words, 8, "template  sms hello = \"Hello\"\n");
    assert_eq!(format(&mut editor).unwrap()[0]["newText"], "template sms hello = \"Hello\"\n");
    // A file that is not open.
    editor.replace(&at(&folder, "ask.funnel"), 1, "");
    editor.close(&at(&folder, "ask.funnel"));
    assert_eq!(format(&mut editor).unwrap()[0]["newText"], "template sms hello = \"Hello\"\n");
    assert_eq!(editor.leave(), 0);
}

#[test]
fn queued_requests_can_be_cancelled() {
    let folder = project();
    let ((go, wait), (start, started)) = (channel::<()>(), channel::<()>());
    let wait = Mutex::new(wait);
    let mut editor = Editor::probed(&[folder.path()], &[], move |what| {
        if what == "textDocument/formatting" {
            start.send(()).unwrap();
            wait.lock().unwrap().recv().unwrap();
        }
    });
    let file = at(&folder, "words.funnel");
    let cancel = |editor: &mut Editor, id: &RequestId| editor.notify("$/cancelRequest", json!({ "id": id }));
    let first = editor.put("textDocument/formatting", format_params(&file));
    let second = editor.put("textDocument/rangeFormatting", format_params(&file));
    let third = editor.put("textDocument/rangeFormatting", format_params(&file));
    // The first request already runs, so it is too late to cancel it; the second one is queued.
    started.recv().unwrap();
    cancel(&mut editor, &first);
    cancel(&mut editor, &second);
    go.send(()).unwrap();
    assert!(editor.answer(&first).is_ok());
    assert_eq!(editor.answer(&second).unwrap_err().0, CANCELLED);
    assert!(editor.answer(&third).is_ok());
    // A request that was answered already, and one that was never sent.
    cancel(&mut editor, &third);
    cancel(&mut editor, &RequestId::from("x".to_owned()));
    assert_eq!(editor.leave(), 0);
}

#[test]
fn queued_changes_are_reported_once() {
    let folder = project();
    let (go, wait) = channel::<()>();
    let wait = Mutex::new(wait);
    let mut editor = Editor::probed(&[folder.path()], &[], move |what| {
        if what == "textDocument/formatting" {
            wait.lock().unwrap().recv().unwrap();
        }
    });
    let file = at(&folder, "words.funnel");
    editor.open(&file, 0, "");
    editor.settle();
    let before = editor.publish_count;
    let id = editor.put("textDocument/formatting", format_params(&file));
    for version in 1..=50 {
        editor.replace(&file, version, &format!("template sms hello = \"Hello {version}\"\n"));
    }
    go.send(()).unwrap();
    assert!(editor.answer(&id).is_ok());
    editor.settle();
    // One report for this file, and one for the file that uses its template.
    assert_eq!(editor.publish_count - before, 2);
    assert_eq!(editor.published[&file].version, Some(50));
}

#[test]
fn the_server_reports_an_internal_error_and_continues() {
    let folder = project();
    let mut editor = Editor::probed(&[folder.path()], &[], |what| {
        assert_ne!(what, "textDocument/formatting", "an error that the test injects");
    });
    let file = at(&folder, "words.funnel");
    let (code, words) = editor.ask("textDocument/formatting", format_params(&file)).unwrap_err();
    assert_eq!((code, words.contains("an error that the test injects")), (INTERNAL_ERROR, true), "{words}");
    editor.settle();
    assert!(editor.log.iter().any(|line| line.contains("an error that the test injects")), "{:?}", editor.log);
    assert!(editor.ask("textDocument/rangeFormatting", format_params(&file)).is_ok());
    editor.open(&file, 1, "template sms helo = \"Hello\"\n");
    assert_eq!(editor.codes(&at(&folder, "ask.funnel")), ["F0204"]);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn an_internal_error_while_compiling_loses_no_state() {
    let folder = project();
    let compilations = Mutex::new(0);
    let mut editor = Editor::probed(&[folder.path()], &[], move |what| {
        let mut compilations = compilations.lock().unwrap();
        if what == "compile" {
            *compilations += 1;
            let now = *compilations;
            drop(compilations);
            assert!(now % 2 == 1, "an error that the test injects");
        }
    });
    let (words, ask) = (at(&folder, "words.funnel"), at(&folder, "ask.funnel"));
    for version in 1..6 {
        let name = if version % 2 == 0 { "hello" } else { "helo" };
        let text = format!("template sms {name} = \"Hello\"\n");
        if version == 1 {
            editor.open(&words, 1, &text)
        } else {
            editor.replace(&words, version, &text)
        }
        assert_eq!(editor.codes(&ask).len(), usize::from(name == "helo"));
    }
    assert!(editor.log.iter().any(|line| line.contains("while compiling")), "{:?}", editor.log);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn invalid_requests_are_answered_with_errors() {
    let folder = project();
    let mut editor = Editor::memory(&[folder.path()], &[]);
    let invalid = editor.ask("textDocument/formatting", json!({ "textDocument": 5 })).unwrap_err();
    assert_eq!(invalid.0, -32602);
    assert_eq!(editor.ask("textDocument/moniker", json!({})).unwrap_err().0, -32601);
    editor.notify("textDocument/didChange", json!({ "textDocument": "x" }));
    editor.notify("$/setTrace", json!({ "value": "off" }));
    editor.notify("workspace/didChangeConfiguration", json!({ "settings": null }));
    // A file that does not exist.
    assert_eq!(editor.ask("textDocument/formatting", format_params("file:///nowhere/x.funnel")), Ok(Value::Null));
    let id = editor.put("shutdown", Value::Null);
    let late = editor.put("textDocument/formatting", Value::Null);
    assert!(editor.answer(&id).is_ok());
    assert_eq!(editor.answer(&late).unwrap_err().0, -32600);
    assert_eq!(editor.exit(), 0);
}

#[test]
fn exit_codes_follow_the_protocol() {
    let folder = project();
    let start = |arguments: &[&str]| Editor::process(&[folder.path()], &["utf-16"], arguments);
    assert_eq!(start(&[]).leave(), 0);
    assert_eq!(start(&["--stdio"]).exit(), 1);
    assert_eq!(start(&[]).end(), 1, "the editor disconnects without a request");
}

#[test]
fn the_program_serves_on_standard_input_and_output() {
    let folder = project();
    let (words, ask) = (at(&folder, "words.funnel"), at(&folder, "ask.funnel"));
    let mut editor = Editor::process(&[folder.path()], &["utf-8"], &["--stdio", "--lang", "ru"]);
    editor.open(&words, 1, "template sms helo = \"Hello\"\n");
    assert_eq!(editor.codes(&ask), ["F0204"]);
    let message = editor.published[&ask].findings[0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("шаблон"), "{message}");
    // Two hundred changes at once are compiled a few times, not two hundred.
    let before = editor.publish_count;
    for version in 2..202 {
        editor.replace(&words, version, &format!("template sms hello = \"Hello {version}\"\n"));
    }
    assert_eq!(editor.codes(&ask), [""; 0]);
    assert_eq!(editor.published[&words].version, Some(201));
    assert!(editor.publish_count - before < 200, "{}", editor.publish_count - before);
    assert_eq!(editor.leave(), 0);
}

/// Runs the server on some bytes of standard input, after which the editor disconnects.
fn run_server(bytes: &[u8]) -> Finished {
    run_with_stdin(["lsp"], bytes)
}

fn frame(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn an_invalid_message_is_answered_and_the_next_one_is_read() {
    let start =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "initialize", "params": { "capabilities": {} } }).to_string();
    let end =
        [json!({ "jsonrpc": "2.0", "id": 2, "method": "shutdown" }), json!({ "jsonrpc": "2.0", "method": "exit" })];
    let end: String = end.iter().map(|message| frame(&message.to_string())).collect();
    for (body, code, id) in [
        ("{bad}", -32700, Value::Null),
        ("\u{0}", -32700, Value::Null),
        ("[]", -32600, Value::Null),
        (r#"{"a":1}"#, -32600, Value::Null),
        (r#"{"jsonrpc":"2.0","id":7,"method":5}"#, -32600, json!(7)),
        (r#"{"jsonrpc":"2.0","id":5000000000,"method":"shutdown"}"#, -32600, json!(5_000_000_000_u64)),
    ] {
        // Before and after the initialization.
        for text in [frame(body) + &frame(&start) + &end, frame(&start) + &frame(body) + &end] {
            let finished = run_server(text.as_bytes());
            assert_eq!((finished.code, finished.err.as_str()), (Some(0), ""), "{body}: {finished:?}");
            let answers: Vec<Value> = finished
                .out
                .split("Content-Length: ")
                .filter_map(|part| part.split_once("\r\n\r\n"))
                .map(|(_, body)| serde_json::from_str(body).unwrap())
                .collect();
            let error = answers.iter().find(|answer| answer["error"]["code"] == code);
            assert_eq!(error.map(|answer| &answer["id"]), Some(&id), "{body}: {finished:?}");
            assert!(answers.iter().any(|answer| answer["id"] == 2 && answer.get("result").is_some()), "{finished:?}");
        }
    }
    // An error response of the editor is not answered with an error.
    let error_response = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}"#;
    let finished = run_server((frame(&start) + &frame(error_response) + &end).as_bytes());
    assert!(finished.code == Some(0) && !finished.out.contains("error"), "{finished:?}");
}

#[test]
fn broken_framing_ends_the_server_with_an_error() {
    for (bytes, expected) in [
        ("Content-Length: x\r\n\r\n{}", "`x` is not a valid message length"),
        ("Content-Length: -5\r\n\r\n{}", "`-5` is not a valid message length"),
        ("Content-Length: 9000000000000\r\n\r\n{}", "exceeds the limit of 268435456"),
        ("Content-Length: 500\r\n\r\n{}", "in the middle of a message"),
        ("Content-Length: 500\r\n", "in the middle of a message"),
        ("Content-Type: x\r\n\r\n{}", "has no `Content-Length`"),
        ("what is this\r\n", "`what is this`"),
    ] {
        let finished = run_server(bytes.as_bytes());
        assert!(finished.code.is_some_and(|code| code != 0), "{bytes}: {finished:?}");
        assert!(finished.err.contains(expected) && finished.err.lines().count() <= 3, "{bytes}: {finished:?}");
    }
    let long = run_server(&vec![b'x'; 100_000]);
    assert!(long.code != Some(0) && long.err.len() < 300, "{long:?}");
}

#[test]
fn a_file_whose_errors_damage_elsewhere_hides_says_so() {
    let folder = tempfile::tempdir().unwrap();
    write(&folder, "funnel.toml", "timezone = \"Europe/Berlin\"\n");
    write(&folder, "a.funnel", "on visit -> stop }\n");
    write(&folder, "b.funnel", "on vist -> stop\n");
    write(&folder, "c.funnel", "on visit -> stop\n");
    let file = |name: &str| at(&folder, name);
    let mut editor = Editor::memory(&[folder.path()], &["utf-8"]);
    editor.open(&file("b.funnel"), 1, "on vist -> stop\n");
    assert_eq!(editor.codes(&file("b.funnel")), ["F0108"]);
    let found = &editor.published[&file("b.funnel")].findings[0];
    let message = found["message"].as_str().unwrap();
    assert!(message.starts_with("this file cannot be fully checked") && message.contains("a.funnel"), "{found}");
    assert_eq!(found["relatedInformation"][0]["location"]["uri"], file("a.funnel"));
    assert_eq!(editor.codes(&file("a.funnel")), ["F0108"]);
    // Nothing is hidden in a sound file, and nothing once the damage is repaired.
    assert!(!editor.published.contains_key(&file("c.funnel")));
    editor.open(&file("a.funnel"), 1, "on visit -> stop\n");
    assert_eq!(editor.codes(&file("b.funnel")), ["F0203"]);
}
