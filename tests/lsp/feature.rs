//! Editor features: fixes, formatting, running tests, and navigation.

use super::{at, project, range, write};
use crate::support::editor::Editor;
use serde_json::{Value, json};
use std::path::Path;

/// The code actions at a place, optionally only of some kinds.
fn actions(editor: &mut Editor, uri: &str, place: Value, only: Option<&[&str]>) -> Vec<Value> {
    let context = json!({ "diagnostics": [], "only": only, "triggerKind": 1 });
    let params = json!({ "textDocument": { "uri": uri }, "range": place, "context": context });
    let Value::Array(actions) = editor.ask("textDocument/codeAction", params).unwrap() else { panic!() };
    actions
}

/// The text after the edits of a formatting response.
fn edited(text: &str, edits: &Value) -> String {
    let lines: Vec<usize> = std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect();
    let offset = |place: &Value| {
        let line = usize::try_from(place["line"].as_u64().unwrap()).unwrap();
        lines.get(line).copied().unwrap_or(text.len()) + usize::try_from(place["character"].as_u64().unwrap()).unwrap()
    };
    let mut out = text.to_owned();
    for edit in edits.as_array().unwrap().iter().rev() {
        let (from, to) = (offset(&edit["range"]["start"]), offset(&edit["range"]["end"]));
        out.replace_range(from..to, edit["newText"].as_str().unwrap());
    }
    out
}

#[test]
fn a_finding_offers_its_fix() {
    let folder = project();
    let file = at(&folder, "words.funnel");
    let mut editor = Editor::memory(&[folder.path()], &["utf-8"]);
    editor.open(&file, 3, "template sms hello = \"Hello {{ client.nmae }}\"\n");
    let fixes = actions(&mut editor, &file, range((0, 40), (0, 40)), None);
    let fix = &fixes[0];
    assert_eq!((&fix["kind"], &fix["isPreferred"]), (&json!("quickfix"), &json!(true)), "{fix}");
    assert_eq!(fix["diagnostics"][0]["code"], "F0202");
    let change = &fix["edit"]["documentChanges"][0];
    assert_eq!(change["textDocument"], json!({ "uri": file, "version": 3 }));
    assert_eq!(change["edits"], json!([{ "range": range((0, 38), (0, 42)), "newText": "name" }]));
    // No action without a finding, and none of a kind that was not requested.
    assert!(actions(&mut editor, &file, range((0, 0), (0, 3)), Some(&["quickfix"])).is_empty());
    assert!(actions(&mut editor, &file, range((0, 40), (0, 40)), Some(&["refactor"])).is_empty());
}

#[test]
fn an_unsafe_fix_is_not_preferred_and_not_in_fix_all() {
    let folder = project();
    let file = at(&folder, "words.funnel");
    let mut editor = Editor::memory(&[folder.path()], &["utf-8"]);
    let text = "template sms hello = \"Hello {{ client.nmae | defualt(\\\"x\\\") }}\"\ntemplate sms other = \"x\"\n";
    editor.open(&file, 1, &text.replace("\\\"", "\""));
    assert_eq!(editor.codes(&file), ["F0202", "F0207"]);
    for kind in ["source", "source.fixAll", "source.fixAll.funnelc"] {
        let all = actions(&mut editor, &file, range((0, 0), (0, 0)), Some(&[kind]));
        let [all] = &all[..] else { panic!("{all:?}") };
        assert_eq!(all["kind"], "source.fixAll.funnelc");
        let edits = all["edit"]["documentChanges"][0]["edits"].as_array().unwrap();
        let [edit] = &edits[..] else { panic!("{edits:?}") };
        assert_eq!(edit["newText"], "template sms hello = \"Hello {{ client.name | default(\"x\") }}\"\n");
    }
    editor.replace(&file, 2, "template sms hello = \"Hello\"\ntemplate sms other = \"x\"\n");
    assert_eq!(editor.codes(&file), ["F0216"]);
    let unsafe_fix = &actions(&mut editor, &file, range((1, 14), (1, 14)), Some(&["quickfix"]))[0];
    assert_eq!(unsafe_fix["isPreferred"], false, "{unsafe_fix}");
    assert!(actions(&mut editor, &file, range((0, 0), (0, 0)), Some(&["source.fixAll"])).is_empty());
}

#[test]
fn formatting_changes_only_what_differs() {
    let folder = project();
    let file = at(&folder, "ask.funnel");
    let options = json!({ "tabSize": 2, "insertSpaces": true });
    for ending in ["\n", "\r\n"] {
        let mut editor = Editor::memory(&[folder.path()], &["utf-8"]);
        let text = "# é\nfunnel a { on visit -> send   sms hello }\n\nfunnel b {\n  on visit -> stop\n}\nfunnel c { on visit -> stop }\n";
        let text = text.replace('\n', ending);
        editor.open(&file, 1, &text);
        let whole = json!({ "textDocument": { "uri": file }, "options": options });
        let edits = editor.ask("textDocument/formatting", whole.clone()).unwrap();
        assert!(edits.as_array().unwrap().len() >= 2, "{edits}");
        let new = edited(&text, &edits);
        editor.replace(&file, 2, &new);
        assert_eq!(editor.ask("textDocument/formatting", whole.clone()).unwrap(), json!([]), "{new}");
        assert!(new.contains("send sms hello") && new.matches(ending).count() == new.matches('\n').count(), "{new}");
        // Only the touched item.
        editor.replace(&file, 3, &text);
        let part = json!({ "textDocument": { "uri": file }, "options": options, "range": range((1, 3), (1, 4)) });
        let edits = editor.ask("textDocument/rangeFormatting", part).unwrap();
        let new = edited(&text, &edits);
        assert!(new.contains("send sms hello") && new.contains("funnel c { on visit -> stop }"), "{new}");
        // A text with syntax errors stays unchanged.
        editor.replace(&file, 4, "funnel {");
        assert_eq!(editor.ask("textDocument/formatting", whole).unwrap(), Value::Null);
    }
}

#[test]
fn a_test_is_run_beside_a_draft_that_it_does_not_need() {
    let folder = project();
    let test = "test \"seen\" {\n  client { phone: \"+79990000000\" }\n  at 2026-03-01 10:00 visit { id: \"v\" }\n  \
                expect tag \"seen\"\n}\n";
    let sound = write(&folder, "sound.funnel", &format!("on visit -> tag \"seen\"\n\n{test}"));
    let tests = write(&folder, "tests.funnel", test);
    write(&folder, "draft.funnel", "on visit -> sned sms \"Hi\"\n");
    let mut editor = Editor::memory(&[folder.path()], &["utf-8"]);
    let mut run = |file: &Path| {
        let arguments = json!([{ "uri": crate::support::editor::uri(file), "title": "seen" }]);
        editor.ask("workspace/executeCommand", json!({ "command": "funnelc.runTest", "arguments": arguments }))
    };
    assert_eq!(run(&sound).unwrap()["passed"], json!(true));
    // The draft may be what a file of tests is about.
    assert!(run(&tests).is_err());
}

#[test]
fn a_test_is_run_and_reported() {
    let folder = project();
    let passing = "test \"one\" {\n  client { phone: \"+79990000000\" }\n  at 2026-03-01 10:00 visit { id: \"v\" }\n  \
                   expect at 2026-03-01 10:00 send sms containing \"Hello\"\n}\n";
    let text = format!("{passing}{}", passing.replace("\"one\"", "\"two\"").replace("Hello", "Bye"));
    let file = write(&folder, "tests.funnel", &text);
    let file = crate::support::editor::uri(&file);
    let mut editor = Editor::memory(&[folder.path()], &["utf-8"]);
    let run = |editor: &mut Editor, title: &str| {
        let arguments = json!([{ "uri": file, "title": title }]);
        editor.ask("workspace/executeCommand", json!({ "command": "funnelc.runTest", "arguments": arguments }))
    };
    let one = run(&mut editor, "one").unwrap();
    assert_eq!((&one["passed"], &one["report"]), (&json!(true), &Value::Null), "{one}");
    let two = run(&mut editor, "two").unwrap();
    assert_eq!((&two["passed"], &two["diagnostics"][0]["code"]), (&json!(false), &json!("F0710")));
    assert!(two["report"].as_str().unwrap().contains("Bye"), "{two}");
    assert!(run(&mut editor, "three").is_err());
    // The unsaved text is tested.
    editor.open(&file, 1, &text.replace("Bye", "Hello"));
    assert_eq!(run(&mut editor, "two").unwrap()["passed"], true);
    editor.replace(&file, 2, &text.replace("Bye", "{{"));
    assert!(run(&mut editor, "one").is_err());
    let page = json!({ "command": "funnelc.explain", "arguments": ["F0203"] });
    assert!(editor.ask("workspace/executeCommand", page).unwrap().as_str().unwrap().starts_with("# F0203"));
}

#[test]
fn names_lead_to_declarations_and_uses() {
    let folder = project();
    let (words, ask) = (at(&folder, "words.funnel"), at(&folder, "ask.funnel"));
    let mut editor = Editor::memory(&[folder.path()], &["utf-8"]);
    let request = |editor: &mut Editor, method: &str, uri: &str, column: u32| {
        let place = json!({ "line": 0, "character": column });
        let params = json!({
            "textDocument": { "uri": uri }, "position": place, "context": { "includeDeclaration": true },
        });
        editor.ask(method, params).unwrap()
    };
    let hover = request(&mut editor, "textDocument/hover", &ask, 23);
    assert!(hover["contents"]["value"].as_str().unwrap().contains("template sms hello"), "{hover}");
    let declared = json!([{ "uri": words, "range": range((0, 13), (0, 18)) }]);
    assert_eq!(request(&mut editor, "textDocument/definition", &ask, 23), declared);
    let used = json!({ "uri": ask, "range": range((0, 21), (0, 26)) });
    let all = request(&mut editor, "textDocument/references", &ask, 23);
    assert!(all.as_array().unwrap().contains(&used) && all.as_array().unwrap().len() == 2, "{all}");
    let highlights = request(&mut editor, "textDocument/documentHighlight", &ask, 23);
    assert_eq!(highlights, json!([{ "range": range((0, 21), (0, 26)), "kind": 2 }]));
    // A path leads to its file, and a built-in event to a copy of the prelude.
    let file = request(&mut editor, "textDocument/definition", &ask, 62);
    assert_eq!(file[0]["uri"], at(&folder, "long.txt"), "{file}");
    let event = request(&mut editor, "textDocument/definition", &ask, 5);
    let path = event[0]["uri"].as_str().unwrap().strip_prefix("file://").unwrap().to_owned();
    let prelude = std::fs::read_to_string(&path).unwrap();
    let line = usize::try_from(event[0]["range"]["start"]["line"].as_u64().unwrap()).unwrap();
    assert!(prelude.lines().nth(line).unwrap().starts_with("event visit"), "{event}");
    // The copy has no findings.
    editor.open(&format!("file://{path}"), 1, &prelude);
    assert_eq!(editor.codes(&format!("file://{path}")), [""; 0]);
    assert_eq!(editor.leave(), 0);
    assert!(!std::path::Path::new(&path).exists(), "the copy is removed");
}
