//! Files with syntax errors or merge conflicts: what is reported about them, and about the files next to them.

use crate::support::program::{Finished, run_funnelc};
use std::path::Path;

const CONFLICT: &str = "on booking -> stop\n<<<<<<< HEAD\non visit -> stop\n=======\non visit -> wait 1h -> stop\n\
                        >>>>>>> other branch\n";

fn project(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("funnel.toml"), "timezone = \"Europe/Berlin\"\n").unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

fn run(command: &str, path: &Path, args: &[&str]) -> Finished {
    run_funnelc([command, path.to_str().unwrap()].iter().chain(args))
}

fn codes(checked: &Finished) -> Vec<String> {
    let lines = checked.out.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    lines.map(|line| line["code"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_merge_conflict_is_one_finding() {
    let alone = ["<<<<<<< HEAD\non visit -> stop\n", "on visit -> stop\n>>>>>>> main\n", "on visit -> stop\n=======\n"];
    let inside = CONFLICT.replace("on booking -> stop", "on booking -> send sms \"\"\"").replace("on visit", "Hello");
    let crlf = CONFLICT.replace('\n', "\r\n");
    for text in alone.into_iter().chain([CONFLICT, &inside, &crlf]) {
        let folder = project(&[("a.funnel", text)]);
        let path = folder.path().join("a.funnel");
        for command in ["check", "fmt"] {
            let done = run(command, &path, &[]);
            let report = format!("{}{}", done.out, done.err);
            assert_eq!(done.code, Some(1), "{command} {text}: {done:?}");
            assert_eq!(report.matches("error[").count(), 1, "{command} {text}: {report}");
            assert!(report.contains("unresolved merge conflict"), "{report}");
        }
        assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    }
    let heading = project(&[("a.funnel", "on visit -> send sms \"\"\"\n  News\n=======\n  Hello\n  \"\"\"\n")]);
    assert!(!run("check", heading.path(), &[]).out.contains("conflict"));
}

#[test]
fn a_merge_conflict_in_the_text_of_a_message_is_found() {
    let side = "Hi\n<<<<<<< HEAD\nA\n=======\nB\n>>>>>>> main\n";
    let files = [("a.funnel", "on visit -> send sms file \"hi.txt\"\n"), ("hi.txt", side)];
    let done = run("check", project(&files).path(), &[]);
    assert!(done.code == Some(1) && done.out.contains("unresolved merge conflict"), "{done:?}");
    let heading = [files[0], ("hi.txt", "News\n=======\nHi\n")];
    assert!(!run("check", project(&heading).path(), &[]).out.contains("conflict"));
}

#[test]
fn damage_elsewhere_is_named_when_it_hides_an_error() {
    for damage in ["on visit -> stop }\n", "on visit -> stop }}\n", CONFLICT, "event {\n"] {
        let folder = project(&[("a.funnel", damage), ("b.funnel", "on vist -> stop\n")]);
        let path = folder.path().join("b.funnel");
        for format in ["text", "json", "sarif", "github", "gitlab", "junit"] {
            let done = run("check", &path, &["--format", format]);
            assert_eq!(done.code, Some(1), "{format} {damage}: {done:?}");
            assert!(done.out.contains("a.funnel"), "{format} {damage}: {done:?}");
        }
        let done = run("check", &path, &[]);
        assert!(!done.err.contains("no errors") && done.out.contains("fix this first"), "{done:?}");
    }
}

#[test]
fn damage_elsewhere_that_hides_nothing_is_not_reported() {
    let folder = project(&[("a.funnel", "on visit -> stop }\n"), ("b.funnel", "on visit -> stop\n")]);
    let done = run("check", &folder.path().join("b.funnel"), &[]);
    assert_eq!((done.code, done.out.as_str()), (Some(0), ""), "{done:?}");
}

#[test]
fn warnings_of_sound_funnels_are_reported_next_to_errors() {
    // Two funnels send a message twice, and both send the same one; with a syntax error nothing is said across files.
    let twice = "funnel sound { on visit -> send sms \"Hi\" -> send sms \"Hi\" }\n";
    for error in
        ["on vist -> stop\n", "on visit -> wat 1h\n", "on visit -> wait -> stop\n", "on visit -> send sms to 5\n"]
    {
        let folder =
            project(&[("a.funnel", &format!("{twice}\n{error}")), ("b.funnel", &twice.replace("sound", "other"))]);
        let checked = run("check", folder.path(), &["--format", "json"]);
        let found = codes(&checked);
        assert!(found.iter().filter(|code| *code == "F0421").count() >= 2, "{error}: {found:?}");
        assert_eq!(checked.code, Some(1));
    }
    let unreachable =
        "funnel one { on visit -> stop -> wait 1h }\nfunnel two { on visit -> wait -> stop -> wait 1h }\n";
    let folder = project(&[("a.funnel", unreachable)]);
    let found = codes(&run("check", folder.path(), &["--format", "json"]));
    assert_eq!(found, ["F0402", "F0101"], "the damaged funnel has only its error");
}
