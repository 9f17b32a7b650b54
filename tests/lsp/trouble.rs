//! What goes wrong: texts that do not agree, requests that are taken back, faults of the server's own, and editors that are
//! gone.

use super::{at, project, range};
use crate::support::editor::Editor;
use crate::support::program::{Ended, fed};
use lsp_server::RequestId;
use serde_json::{Value, json};
use std::sync::Mutex;
use std::sync::mpsc::channel;

/// The text is another by now.
const MODIFIED: i32 = -32801;
/// The request was taken back.
const CANCELLED: i32 = -32800;
/// A fault of the server's own.
const FAULT: i32 = -32603;

/// The parameters of both requests about the layout of a file.
fn layout(uri: &str) -> Value {
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    json!({ "textDocument": { "uri": uri }, "options": options, "range": range((0, 0), (1, 0)) })
}

#[test]
fn old_versions_are_left_alone_and_lost_texts_are_not_guessed_at() {
    let folder = project();
    let words = at(&folder, "words.funnel");
    let mut editor = Editor::memory(&[folder.path()], &["utf-8"]);
    editor.open(&words, 5, "template sms hello = \"Hello\"\n");
    editor.replace(&words, 5, "template sms x = \"Hello\"\n");
    editor.replace(&words, 4, "template sms x = \"Hello\"\n");
    assert_eq!(editor.codes(&at(&folder, "ask.funnel")), [""; 0]);
    assert_eq!(editor.log.len(), 2, "{:?}", editor.log);
    // A change of a line that is not there: whatever comes after it is not known.
    editor.change(&words, 6, json!([{ "range": range((9, 0), (9, 1)), "text": "x" }]));
    editor.change(&words, 7, json!([{ "range": range((0, 0), (0, 1)), "text": "x" }]));
    let format = |editor: &mut Editor| editor.ask("textDocument/formatting", layout(&words));
    assert_eq!(format(&mut editor).unwrap_err().0, MODIFIED);
    assert_eq!(editor.codes(&at(&folder, "ask.funnel")), [""; 0]);
    editor.replace(&words, 8, "template  sms hello = \"Hello\"\n");
    assert_eq!(format(&mut editor).unwrap()[0]["newText"], "template sms hello = \"Hello\"\n");
    // A text that is not open.
    editor.replace(&at(&folder, "ask.funnel"), 1, "");
    editor.close(&at(&folder, "ask.funnel"));
    assert_eq!(format(&mut editor).unwrap()[0]["newText"], "template sms hello = \"Hello\"\n");
    assert_eq!(editor.leave(), 0);
}

#[test]
fn what_waits_can_be_taken_back() {
    let folder = project();
    let ((go, wait), (begin, begun)) = (channel::<()>(), channel::<()>());
    let wait = Mutex::new(wait);
    let mut editor = Editor::probed(&[folder.path()], &[], move |what| {
        if what == "textDocument/formatting" {
            begin.send(()).unwrap();
            wait.lock().unwrap().recv().unwrap();
        }
    });
    let file = at(&folder, "words.funnel");
    let cancel = |editor: &mut Editor, id: &RequestId| editor.tell("$/cancelRequest", json!({ "id": id }));
    let first = editor.put("textDocument/formatting", layout(&file));
    let second = editor.put("textDocument/rangeFormatting", layout(&file));
    let third = editor.put("textDocument/rangeFormatting", layout(&file));
    // The first one is being answered, so it is too late for it; the second one waits.
    begun.recv().unwrap();
    cancel(&mut editor, &first);
    cancel(&mut editor, &second);
    go.send(()).unwrap();
    assert!(editor.answer(&first).is_ok());
    assert_eq!(editor.answer(&second).unwrap_err().0, CANCELLED);
    assert!(editor.answer(&third).is_ok());
    // One that was answered long ago, and one that never was.
    cancel(&mut editor, &third);
    cancel(&mut editor, &RequestId::from("x".to_owned()));
    assert_eq!(editor.leave(), 0);
}

#[test]
fn changes_that_wait_are_told_once() {
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
    let before = editor.tellings;
    let id = editor.put("textDocument/formatting", layout(&file));
    for version in 1..=50 {
        editor.replace(&file, version, &format!("template sms hello = \"Hello {version}\"\n"));
    }
    go.send(()).unwrap();
    assert!(editor.answer(&id).is_ok());
    editor.settle();
    // Of this file, and of the one that uses what it declares.
    assert_eq!(editor.tellings - before, 2);
    assert_eq!(editor.told[&file].version, Some(50));
}

#[test]
fn a_fault_of_its_own_is_an_answer_and_it_goes_on() {
    let folder = project();
    let mut editor = Editor::probed(&[folder.path()], &[], |what| {
        assert_ne!(what, "textDocument/formatting", "a fault that a test made");
    });
    let file = at(&folder, "words.funnel");
    let (code, words) = editor.ask("textDocument/formatting", layout(&file)).unwrap_err();
    assert_eq!((code, words.contains("a fault that a test made")), (FAULT, true), "{words}");
    editor.settle();
    assert!(editor.log.iter().any(|line| line.contains("a fault that a test made")), "{:?}", editor.log);
    assert!(editor.ask("textDocument/rangeFormatting", layout(&file)).is_ok());
    editor.open(&file, 1, "template sms helo = \"Hello\"\n");
    assert_eq!(editor.codes(&at(&folder, "ask.funnel")), ["F0204"]);
    assert_eq!(editor.leave(), 0);
}

#[test]
fn a_fault_while_it_compiles_costs_nothing_that_is_known() {
    let folder = project();
    let faults = Mutex::new(0);
    let mut editor = Editor::probed(&[folder.path()], &[], move |what| {
        let mut faults = faults.lock().unwrap();
        if what == "compile" {
            *faults += 1;
            let now = *faults;
            drop(faults);
            assert!(now % 2 == 1, "a fault that a test made");
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
fn what_cannot_be_understood_is_an_error_and_no_more() {
    let folder = project();
    let mut editor = Editor::memory(&[folder.path()], &[]);
    let invalid = editor.ask("textDocument/formatting", json!({ "textDocument": 5 })).unwrap_err();
    assert_eq!(invalid.0, -32602);
    assert_eq!(editor.ask("textDocument/moniker", json!({})).unwrap_err().0, -32601);
    editor.tell("textDocument/didChange", json!({ "textDocument": "x" }));
    editor.tell("$/setTrace", json!({ "value": "off" }));
    editor.tell("workspace/didChangeConfiguration", json!({ "settings": null }));
    // Places and files that are not there.
    assert_eq!(editor.ask("textDocument/formatting", layout("file:///nowhere/x.funnel")), Ok(Value::Null));
    let id = editor.put("shutdown", Value::Null);
    let late = editor.put("textDocument/formatting", Value::Null);
    assert!(editor.answer(&id).is_ok());
    assert_eq!(editor.answer(&late).unwrap_err().0, -32600);
    assert_eq!(editor.exit(), 0);
}

#[test]
fn the_program_ends_as_the_protocol_says() {
    let folder = project();
    let begin = |arguments: &[&str]| Editor::process(&[folder.path()], &["utf-16"], arguments);
    assert_eq!(begin(&[]).leave(), 0);
    assert_eq!(begin(&["--stdio"]).exit(), 1);
    assert_eq!(begin(&[]).end(), 1, "an editor that is gone without a word");
}

#[test]
fn the_program_checks_over_standard_input_and_output() {
    let folder = project();
    let (words, ask) = (at(&folder, "words.funnel"), at(&folder, "ask.funnel"));
    let mut editor = Editor::process(&[folder.path()], &["utf-8"], &["--stdio", "--lang", "ru"]);
    editor.open(&words, 1, "template sms helo = \"Hello\"\n");
    assert_eq!(editor.codes(&ask), ["F0204"]);
    let message = editor.told[&ask].findings[0]["message"].as_str().unwrap().to_owned();
    assert!(message.contains("шаблон"), "{message}");
    // Two hundred changes at once are compiled a few times, not two hundred.
    let before = editor.tellings;
    for version in 2..202 {
        editor.replace(&words, version, &format!("template sms hello = \"Hello {version}\"\n"));
    }
    assert_eq!(editor.codes(&ask), [""; 0]);
    assert_eq!(editor.told[&words].version, Some(201));
    assert!(editor.tellings - before < 200, "{}", editor.tellings - before);
    assert_eq!(editor.leave(), 0);
}

/// What the program says to some bytes, after which the editor is gone.
fn spoken(bytes: &[u8]) -> Ended {
    fed(["lsp"], bytes)
}

fn frame(body: &str) -> String {
    format!("Content-Length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn a_message_that_is_none_is_answered_and_the_next_one_is_read() {
    let begin =
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
        // In the beginning, and later.
        for text in [frame(body) + &frame(&begin) + &end, frame(&begin) + &frame(body) + &end] {
            let ended = spoken(text.as_bytes());
            assert_eq!((ended.code, ended.err.as_str()), (Some(0), ""), "{body}: {ended:?}");
            let answers: Vec<Value> = ended
                .out
                .split("Content-Length: ")
                .filter_map(|part| part.split_once("\r\n\r\n"))
                .map(|(_, body)| serde_json::from_str(body).unwrap())
                .collect();
            let refused = answers.iter().find(|answer| answer["error"]["code"] == code);
            assert_eq!(refused.map(|answer| &answer["id"]), Some(&id), "{body}: {ended:?}");
            assert!(answers.iter().any(|answer| answer["id"] == 2 && answer.get("result").is_some()), "{ended:?}");
        }
    }
    // A complaint about one of ours is not complained of.
    let complaint = r#"{"jsonrpc":"2.0","id":null,"error":{"code":-32700,"message":"no"}}"#;
    let ended = spoken((frame(&begin) + &frame(complaint) + &end).as_bytes());
    assert!(ended.code == Some(0) && !ended.out.contains("error"), "{ended:?}");
}

#[test]
fn where_messages_cannot_be_told_apart_it_says_so_and_ends() {
    for (bytes, said) in [
        ("Content-Length: x\r\n\r\n{}", "`x` is no length of a message"),
        ("Content-Length: -5\r\n\r\n{}", "`-5` is no length of a message"),
        ("Content-Length: 9000000000000\r\n\r\n{}", "longer than 268435456"),
        ("Content-Length: 500\r\n\r\n{}", "ended within a message"),
        ("Content-Length: 500\r\n", "ended within a message"),
        ("Content-Type: x\r\n\r\n{}", "has no `Content-Length`"),
        ("what is this\r\n", "`what is this`"),
    ] {
        let ended = spoken(bytes.as_bytes());
        assert!(ended.code.is_some_and(|code| code != 0), "{bytes}: {ended:?}");
        assert!(ended.err.contains(said) && ended.err.lines().count() <= 3, "{bytes}: {ended:?}");
    }
    let long = spoken(&vec![b'x'; 100_000]);
    assert!(long.code != Some(0) && long.err.len() < 300, "{long:?}");
}
