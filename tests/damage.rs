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
fn a_merge_conflict_in_the_project_file_is_one_finding() {
    let text =
        "timezone = \"Europe/Berlin\"\n<<<<<<< HEAD\ncurrency = \"EUR\"\n=======\ncurrency = \"USD\"\n>>>>>>> x\n";
    for text in [text, &text.replace('\n', "\r\n"), text.split_once("=======").unwrap().0] {
        let folder = project(&[("a.funnel", "on visit -> stop\n")]);
        std::fs::write(folder.path().join("funnel.toml"), text).unwrap();
        let done = run("check", folder.path(), &[]);
        assert_eq!((done.code, done.out.matches("error[").count()), (Some(1), 1), "{text}: {done:?}");
        assert!(done.out.contains("unresolved merge conflict"), "{done:?}");
    }
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

/// The codes of a project with these two files.
fn codes_of(a: &str, b: &str) -> Vec<String> {
    codes(&run("check", project(&[("a.funnel", a), ("b.funnel", b)]).path(), &["--format", "json"]))
}

#[test]
fn unused_names_are_reported_next_to_errors_that_cannot_use_them() {
    let unused = "const big = 500 EUR\nsegment vip = count(visit) > 3\ntemplate sms thanks = \"Thank you\"\n\
                  action sync(id: text)\non visit -> tag \"a\"\n";
    // A type error, an unknown event, a bad number, a misspelled keyword: nothing is missing there.
    for error in [
        "on visit -> send sms to 5\n",
        "on vist -> stop\n",
        "on visit -> wait 5x -> stop\n",
        "on visit -> wat 1h -> tag \"b\"\n",
        "on visit -> tag \"b\" }\n",
        "on visit -> if 5 EUR > 3 -> tag \"b\"\n",
    ] {
        let found = codes_of(unused, error);
        assert_eq!(found.iter().filter(|code| *code == "F0216").count(), 4, "{error}: {found:?}");
        assert!(found.len() > 4, "{error} is an error");
    }
}

#[test]
fn unused_names_are_withheld_where_an_error_may_hide_their_use() {
    let declared = [
        ("const big = 500 EUR\n", "on purchase -> if amount > bg -> tag \"b\"\n"),
        ("const big = 500 EUR\n", "on purchase -> if amount > large -> tag \"b\"\n"),
        ("const big = 500 EUR\n", "on purchase -> if amount > -> tag \"b\"\n"),
        ("const big = 500 EUR\n", "on vist -> if amount > big -> tag \"b\"\n"),
        ("segment vip = count(visit) > 3\n", "on entering regulars -> tag \"b\"\n"),
        ("segment vip = count(visit) > 3\n", "on visit -> if cliet in vip -> wait 5x\n"),
        ("template sms thanks = \"x\"\n", "on visit -> send sms bye\n"),
        ("template sms thanks = \"x\"\n", "on visit -> snd sms thanks\n}\n"),
        ("template sms thanks = \"x\"\n", "on visit -> \n"),
        ("action sync(id: text)\n", "on visit -> do push(id: client.id)\n"),
        ("const big = 500 EUR\n", "on visit -> send sms file \"missing.txt\"\n"),
    ];
    for (declared, error) in declared {
        let found = codes_of(&format!("{declared}on visit -> tag \"a\"\n"), error);
        assert!(!found.contains(&"F0216".to_owned()) && !found.is_empty(), "{declared}{error}: {found:?}");
        // Without the error, the name is unused.
        let found = codes_of(&format!("{declared}on visit -> tag \"a\"\n"), "on visit -> tag \"c\"\n");
        assert_eq!(found, ["F0216"], "{declared}");
    }
}

#[test]
fn impossible_expectations_are_reported_next_to_errors_that_cannot_meet_them() {
    let expect = |what: &str| {
        format!(
            "on visit -> send sms \"Hi\"\n\ntest \"t\" {{\n  client {{ phone: \"+4930901820\" }}\n  \
                 at 2026-03-02 10:00 visit {{ id: \"v1\" }}\n  expect {what}\n}}\n"
        )
    };
    let impossible = |what: &str, error: &str| codes_of(&expect(what), error).contains(&"F0423".to_owned());
    for (what, hides) in [
        ("task", "on booking -> task \"Call\" -> send push \"x\"\n"),
        ("task", "on booking -> tsk \"Call\" -> wait 5x\n"),
        ("tag vip", "on booking -> send push \"x\" -> tag \"vip\"\n"),
        ("set city", "on booking -> set client.city = 5\n"),
        ("send email", "on booking -> send email \"x\"\n"),
        ("send sms containing \"Bye\"", "on booking -> notify sms \"Bye\" -> wait 5x\n"),
        ("goal", "funnel f { goal on visit  on booking -> wait 5x }\n"),
        ("task", "on booking -> \n"),
    ] {
        assert!(!impossible(what, hides), "{what}: {hides}");
        assert!(impossible(what, "on booking -> tag \"b\"\n"), "{what}");
        assert!(impossible(what, "event lesson { key id: txt }\n"), "{what}: no funnel is in doubt");
    }
    // A funnel is also left out because of an error in what it uses.
    let uses = expect("task").replace("on visit", "on purchase -> if client in vip -> task \"Call\"\non visit");
    assert!(!codes_of(&uses, "segment vip = count(visit) > \"3\"\n").contains(&"F0423".to_owned()));
    let uses = expect("task").replace("on visit", "funnel f { on purchase -> task \"{{ big }}\" }\non visit");
    assert!(!codes_of(&uses, "const big = 5 EUR > 3\n").contains(&"F0423".to_owned()));
    // Whatever the damaged funnel does, this client has no events yet.
    let early = expect("at 2026-03-02 09:00 task").replace(
        "client {",
        "client { id: \"b\", phone: \"+4930901821\" }\n  \
        at 2026-03-01 10:00 visit { id: \"v0\" }\n  client {",
    );
    assert!(codes_of(&early, "on booking -> task \"Call\" -> wait 5x\n").contains(&"F0423".to_owned()));
}

#[test]
fn what_funnels_do_to_each_other_is_reported_next_to_errors() {
    let broken = "on visit -> wait 5x -> tag \"a\"\n";
    for (code, one, other) in [
        ("F0421", "funnel first { on visit -> send sms \"Hi\" }\n", "funnel second { on visit -> send sms \"Hi\" }\n"),
        (
            "F0420",
            "client { stage: text? }\nfunnel first { on visit -> set client.stage = \"x\" }\n",
            "funnel second { on visit -> set client.stage = \"y\" }\n",
        ),
        (
            "F0419",
            "event one {}\nevent two {}\nfunnel first { on one -> emit two }\n",
            "funnel second { on two -> emit one }\n",
        ),
    ] {
        let whole = codes_of(one, other);
        assert!(whole.contains(&code.to_owned()), "{whole:?}");
        let found = codes_of(&format!("{one}\n{broken}"), &format!("{other}\n{broken}"));
        assert!(found.contains(&code.to_owned()), "{code}: {found:?}");
        // A finding about a funnel that is damaged itself is not.
        let damaged = other.replace("visit ->", "visit -> wait 5x ->").replace("two ->", "two -> wait 5x ->");
        let found = codes_of(one, &damaged);
        assert!(!found.contains(&code.to_owned()), "{code}: {found:?}");
    }
}
