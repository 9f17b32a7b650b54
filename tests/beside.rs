//! Drafts with errors, nested projects and misnamed files beside what a command works on.

use crate::support::program::{Finished, run_funnelc};
use std::path::Path;
use tempfile::TempDir;

const GOOD: &str = "on booking -> send sms \"good\"\n\ntest \"good\" {\n  client { phone: \"+79990000001\" }\n  \
                    at 2026-03-02 10:00 booking { id: \"b1\", starts_at: 2026-03-03 12:00 }\n  \
                    expect send sms containing \"good\"\n}\n";
const CLIENT: &str = r#"{"type":"client","id":"e1","client":"c1","at":"2026-03-01T10:00:00+03:00","data":{"phone":"+79990000001","city":"Kazan"}}"#;
const BOOKING: &str = r#"{"type":"booking","id":"e2","client":"c1","at":"2026-03-01T10:01:00+03:00","data":{"id":"b1","starts_at":"2026-03-02T12:00:00+03:00"}}"#;

/// Drafts of which nothing else is in need: errors of the lexer, the parser and the checker, in a funnel and before one.
const DRAFTS: [&str; 5] = [
    "on visit -> sned sms \"draft\"\n",
    "on visit -> send sms \"{{ client.nmae }}\"\n",
    "on visit -> send sms nowhere\n",
    "on visit -> if -> \n",
    "template sms other(booking) = \"{{ client.nmae }}\"\n\non visit -> send sms \"{{ \"\n",
];

/// What a good file uses, and a wrong declaration of it in a draft.
const NEEDS: [(&str, &str); 7] = [
    ("on booking -> send sms soon\n", "template sms soon(booking) = \"{{ client.nmae }}\"\n"),
    ("on booking -> send sms soon\n", "template sms soon(booking) = = \"Hi\"\n"),
    ("on booking -> if client in rich -> send sms \"Hi\"\n", "segment rich = client.spnt > 5\n"),
    ("on booking -> if client in rich -> send sms \"Hi\"\n", "segment rich = client.city == == \"Kazan\"\n"),
    ("on booking -> if client.spent > big -> send sms \"Hi\"\n", "const big = nothing\n"),
    ("on visit -> send sms \"Hi\"\n", "event visit { size: nmuber }\n"),
    ("on form -> send sms \"Hi\"\n", "event form { a: text b: == }\n"),
];

fn folder(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let events = format!("{CLIENT}\n{BOOKING}\n");
    for (name, text) in files.iter().chain(&[("events.ndjson", events.as_str())]) {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// A command on a path of a folder, with the folder's events if it reads some.
fn run(command: &str, folder: &Path, path: &str) -> Finished {
    let path = folder.join(path).to_str().unwrap().to_owned();
    let events = folder.join("events.ndjson").to_str().unwrap().to_owned();
    let more: &[&str] = match command {
        "simulate" => &["--events", &events],
        "run" => &["--events", &events, "--fast-forward", "--dry-run"],
        _ => &[],
    };
    run_funnelc([command, &path].iter().chain(more))
}

const PROJECT: (&str, &str) = ("funnel.toml", "timezone = \"Europe/Moscow\"\n");

#[test]
fn a_draft_stops_only_the_folder() {
    for draft in DRAFTS {
        let folder = folder(&[PROJECT, ("draft.funnel", draft), ("good.funnel", GOOD)]);
        for command in ["simulate", "run", "graph", "test"] {
            let done = run(command, folder.path(), "good.funnel");
            assert_eq!(done.code, Some(0), "{command} beside {draft}: {done:?}");
            assert!(done.out.contains("good") && !done.out.contains("error["), "{command}: {done:?}");
            assert_eq!(done.err.contains("other files have errors"), command == "test", "{done:?}");
            for refused in ["draft.funnel", ""] {
                let done = run(command, folder.path(), refused);
                let shown = format!("{}{}", done.out, done.err);
                assert_eq!(done.code, Some(1), "{command} {refused:?} with {draft}: {done:?}");
                assert!(shown.contains("draft.funnel:") && !shown.contains("depends on a file"), "{shown}");
            }
        }
    }
}

#[test]
fn a_file_that_uses_something_of_a_draft_is_refused_with_the_reason() {
    for (good, draft) in NEEDS {
        let folder = folder(&[PROJECT, ("draft.funnel", draft), ("good.funnel", good), ("sound.funnel", GOOD)]);
        for command in ["simulate", "run", "graph", "test"] {
            let done = run(command, folder.path(), "good.funnel");
            let shown = format!("{}{}", done.out, done.err);
            assert_eq!(done.code, Some(1), "{command} {good} beside {draft}: {done:?}");
            assert!(shown.contains("draft.funnel:"), "{shown}");
            let why = "good.funnel` depends on a file with errors, which must be fixed first";
            assert!(shown.contains(why), "{command} {good} beside {draft}: {shown}");
            assert_eq!(run(command, folder.path(), "sound.funnel").code, Some(0), "{command} beside {draft}");
        }
    }
}

#[test]
fn a_file_of_tests_needs_every_funnel() {
    let only = &GOOD[GOOD.find("test ").unwrap()..];
    let funnel = GOOD.split("\n\n").next().unwrap();
    let folder = folder(&[PROJECT, ("draft.funnel", DRAFTS[0]), ("good.funnel", funnel), ("tests.funnel", only)]);
    let done = run("test", folder.path(), "tests.funnel");
    assert!(done.code == Some(1) && done.out.contains("tests.funnel` depends on a file with errors"), "{done:?}");
    std::fs::remove_file(folder.path().join("draft.funnel")).unwrap();
    assert_eq!(run("test", folder.path(), "tests.funnel").code, Some(0));
}

#[test]
fn a_wrong_field_of_the_client_stops_every_file() {
    let wrong = "client { level: nmuber }\n";
    let folder = folder(&[PROJECT, ("draft.funnel", wrong), ("good.funnel", GOOD)]);
    let done = run("simulate", folder.path(), "good.funnel");
    assert!(done.code == Some(1) && done.err.contains("draft.funnel:") && done.err.contains("`nmuber`"), "{done:?}");
}

#[test]
fn an_error_in_the_project_file_stops_every_file() {
    let folder = folder(&[("funnel.toml", "timezone = \"Europe/Mosow\"\n"), ("good.funnel", GOOD)]);
    let done = run("simulate", folder.path(), "good.funnel");
    assert!(done.code == Some(1) && done.err.contains("funnel.toml:"), "{done:?}");
}

#[test]
fn a_nested_project_takes_no_part() {
    let other = GOOD.replace("good", "other");
    let folder = folder(&[
        PROJECT,
        ("good.funnel", GOOD),
        ("nested/funnel.toml", "timezone = \"Europe/Berlin\"\n"),
        ("nested/other.funnel", &other),
    ]);
    for command in ["simulate", "run", "graph"] {
        let done = run(command, folder.path(), "");
        assert_eq!(done.code, Some(0), "{command}: {done:?}");
        assert!(done.out.contains("good") && !done.out.contains("other"), "{command}: {done:?}");
        assert!(done.err.contains("nested` is a project of its own and takes no part; to use it, name it"), "{done:?}");
        let done = run(command, folder.path(), "nested");
        assert!(done.code == Some(0) && done.out.contains("other") && !done.err.contains("its own"), "{done:?}");
    }
    let tested = run("test", folder.path(), "");
    assert!(tested.out.contains("good") && tested.out.contains("other"), "{tested:?}");
}

#[test]
fn of_several_projects_one_must_be_named() {
    let files = [("a/funnel.toml", ""), ("a/good.funnel", GOOD), ("b/funnel.toml", ""), ("b/good.funnel", GOOD)];
    let folder = folder(&files);
    let done = run("graph", folder.path(), "");
    assert_eq!(done.code, Some(2), "{done:?}");
    let here = folder.path().display().to_string();
    for command in ["run", "simulate", "graph"] {
        let done = run(command, folder.path(), "");
        let said = format!("there are 2 projects here: `{here}/a` and `{here}/b`; name one of them");
        assert!(done.code == Some(2) && done.err.contains(&said), "{done:?}");
    }
    // What looks at every project needs no choice.
    let checked = run("check", folder.path(), "");
    assert!(checked.code == Some(0) && checked.err.contains("2 files checked"), "{checked:?}");
}

#[test]
fn an_extension_in_capital_letters_is_reported() {
    let folder = folder(&[PROJECT, ("good.funnel", GOOD), ("sub/a.FUNNEL", GOOD), ("b.txt", "")]);
    for command in ["check", "fmt", "test", "simulate", "run", "graph"] {
        let done = run(command, folder.path(), "");
        assert_eq!(done.code, Some(0), "{command}: {done:?}");
        assert_eq!(done.err.matches("a.FUNNEL` is not read: rename it to `").count(), 1, "{command}: {done:?}");
        assert!(done.err.contains("sub/a.funnel`\n"), "{command}: {done:?}");
        assert!(!run(command, folder.path(), "good.funnel").err.contains("FUNNEL"), "{command}");
    }
    let lonely = run("check", folder.path(), "sub");
    assert!(lonely.code == Some(2) && lonely.err.contains("no `.funnel` file in"), "{lonely:?}");
    assert!(lonely.err.contains("rename `") && lonely.err.contains("a.funnel`\n"), "{lonely:?}");
}
