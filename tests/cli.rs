//! The command line: exit codes, output streams, and a clear error with no data lost for every kind of bad input.

use crate::support::program::{Finished, funnelc, run_funnelc, run_with_stdin, spawn};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

const ONE_LINE: &str = "on booking -> if attended -> wait 24h -> send sms\n";
const CLIENT: &str = r#"{"type":"client","id":"e1","client":"c1","at":"2026-03-01T10:00:00+03:00","data":{"name":"Anna","phone":"+79990000001"}}"#;
const BOOKING: &str = r#"{"type":"booking","id":"e2","client":"c1","at":"2026-03-01T10:01:00+03:00","data":{"id":"b1","starts_at":"2026-03-02T12:00:00+03:00"}}"#;
const CAME: &str =
    r#"{"type":"booking","id":"e3","client":"c1","at":"2026-03-02T13:00:00+03:00","data":{"id":"b1","attended":true}}"#;

/// A temporary folder.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> String {
        self.0.path().join(name).to_str().unwrap().to_owned()
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> String {
        std::fs::write(self.0.path().join(name), bytes).unwrap();
        self.path(name)
    }

    fn events(&self, lines: &[&str]) -> String {
        self.file("events.ndjson", lines.join("\n") + "\n")
    }
}

/// Asserts the exit code and that the output contains each text.
fn assert_output(finished: &Finished, code: i32, texts: &[&str]) {
    assert_eq!(finished.code, Some(code), "{finished:?}");
    let both = format!("{}{}", finished.out, finished.err);
    for text in texts {
        assert!(both.contains(text), "`{text}` is missing in:\n{both}");
    }
}

/// Runs the one-line funnel on some events with `run --fast-forward --format json`.
fn run(folder: &Folder, lines: &[&str]) -> Finished {
    let (funnel, events) = (folder.file("came.funnel", ONE_LINE), folder.events(lines));
    run_funnelc([
        "run",
        &funnel,
        "--events",
        &events,
        "--store",
        &folder.path("store.db"),
        "--fast-forward",
        "--format",
        "json",
    ])
}

fn sends(finished: &Finished) -> usize {
    finished.out.lines().filter(|line| line.contains("\"kind\":\"send\"")).count()
}

#[test]
fn help_of_every_command_shows_examples() {
    for command in ["check", "fmt", "simulate", "run", "graph", "explain", "completions", "man"] {
        let help = run_funnelc([command, "--help"]);
        assert_output(&help, 0, &["Examples:", "Usage:"]);
    }
    assert_output(&run_funnelc(["--help"]), 0, &["on booking -> if attended -> wait 24h -> send sms", "Exit codes:"]);
    assert_output(&run_funnelc(["frobnicate"]), 2, &["frobnicate"]);
}

#[test]
fn summaries_follow_the_output_language() {
    let folder = Folder::new();
    let events = folder.events(&[CLIENT, BOOKING, CAME]);
    let funnel = folder.file("came.funnel", ONE_LINE);
    let summary = |args: &[&str]| run_funnelc([args, &["--lang", "ru"]].concat()).err;
    assert_eq!(summary(&["simulate", &funnel, "--events", &events]), "событий: 3, 1 сообщение\n");
    let run = ["run", &funnel, "--events", &events, "--fast-forward"];
    assert_eq!(summary(&run), "событий: 3, напечатано 1 сообщение\n");
    assert_eq!(summary(&["test", &funnel]), "тесты не найдены; пример показывает `funnelc test --help`\n");
    let loose = folder.file("loose.funnel", "on booking->stop");
    assert_eq!(summary(&["fmt", "--check", &loose]), "прочитан 1 файл, изменится: 1\n");
}

#[test]
fn a_valid_funnel_prints_nothing_to_standard_output() {
    let folder = Folder::new();
    let checked = run_funnelc(["check", &folder.file("came.funnel", ONE_LINE)]);
    assert_output(&checked, 0, &["1 file checked, no errors"]);
    assert_eq!(checked.out, "");
}

#[test]
fn findings_are_rendered_for_people_and_json_for_programs() {
    let folder = Folder::new();
    let funnel = folder.file("a.funnel", "on bookng -> send sms\n");
    assert_output(&run_funnelc(["check", &funnel]), 1, &["error[F0203]", "`bookng`", "did you mean", "1 error"]);
    let json = run_funnelc(["check", "--format", "json", &funnel]);
    let line: serde_json::Value = serde_json::from_str(&json.out).unwrap();
    assert_eq!((json.code, &line["code"], &line["range"]["start"]["column"]), (Some(1), &"F0203".into(), &4.into()));
}

#[test]
fn standard_input_is_accepted_as_a_file() {
    assert_output(&run_with_stdin(["check", "-"], ONE_LINE.as_bytes()), 0, &["1 file checked"]);
    let named = run_with_stdin(["check", "-", "--stdin-filename", "draft.funnel"], b"on bookng -> send sms\n");
    assert_output(&named, 1, &["draft.funnel"]);
    let formatted = run_with_stdin(["fmt", "-"], b"on booking->if attended   ->wait 24 hours->send sms");
    assert_eq!((formatted.code, formatted.out.as_str()), (Some(0), ONE_LINE));
}

#[test]
fn fmt_rewrites_only_files_that_parse() {
    let folder = Folder::new();
    let (loose, broken) = ("on booking->stop", "on booking -> wait -> {");
    let funnel = folder.file("a.funnel", loose);
    let other = folder.file("b.funnel", broken);
    assert_output(&run_funnelc(["fmt", "--check", &funnel]), 1, &["a.funnel"]);
    assert_output(&run_funnelc(["fmt", "--diff", &funnel]), 1, &["-on booking->stop", "+on booking -> stop"]);
    assert_eq!(std::fs::read_to_string(&funnel).unwrap(), loose, "--check and --diff change nothing");
    assert_output(&run_funnelc(["fmt", &funnel, &other]), 1, &["b.funnel"]);
    assert_eq!(std::fs::read_to_string(&funnel).unwrap(), "on booking -> stop\n");
    assert_eq!(std::fs::read_to_string(&other).unwrap(), broken, "a file that does not parse is unchanged");
}

#[test]
fn color_follows_the_terminal_and_the_flag() {
    let folder = Folder::new();
    let funnel = folder.file("a.funnel", "on bookng -> send sms\n");
    assert!(!run_funnelc(["check", &funnel]).out.contains('\u{1b}'), "a pipe is not a terminal");
    assert!(run_funnelc(["check", &funnel, "--color", "always"]).out.contains('\u{1b}'));
}

#[test]
fn a_missing_file_is_a_clear_error() {
    for args in [&["check", "no.funnel"][..], &["fmt", "no.funnel"], &["graph", "no.funnel"], &["run", "no.funnel"]] {
        assert_output(&run_funnelc(args), 2, &["no.funnel", "no such file or folder"]);
    }
    let folder = Folder::new();
    let funnel = folder.file("came.funnel", ONE_LINE);
    let missing = folder.path("no.ndjson");
    assert_output(&run_funnelc(["simulate", &funnel, "--events", &missing]), 2, &["no.ndjson", "no such file"]);
    assert_output(
        &run_funnelc(["run", &funnel, "--events", &missing, "--fast-forward"]),
        2,
        &["no.ndjson", "no such file"],
    );
}

#[test]
fn a_folder_without_funnels_is_a_clear_error() {
    let folder = Folder::new();
    assert_output(&run_funnelc(["check", &folder.path("")]), 2, &["no `.funnel` file"]);
}

#[test]
fn a_hook_accepts_a_folder_without_funnels() {
    let folder = tempfile::tempdir().unwrap();
    for command in ["check", "fmt"] {
        let run = |args: &[&str]| -> Finished {
            let args = [&[command], args].concat();
            crate::support::program::funnelc(args).current_dir(folder.path()).output().unwrap().into()
        };
        let (hook, person) = (run(&["--force-exclude"]), run(&[]));
        assert_eq!((hook.code, hook.out.as_str(), person.code), (Some(0), "", Some(2)), "{hook:?} {person:?}");
        assert!(hook.err.contains("no files"), "{hook:?}");
        assert_eq!(run(&["--force-exclude", "nothing"]).code, Some(2));
    }
}

#[test]
fn text_that_is_not_utf8_is_a_finding() {
    let folder = Folder::new();
    assert_output(
        &run_funnelc(["check", &folder.file("a.funnel", b"on booking -> send sms \"\xff\xfe\"")]),
        1,
        &["error[F0005]"],
    );
}

#[test]
fn a_file_of_50_mb_is_a_finding() {
    let folder = Folder::new();
    let huge = "# a comment that is repeated many times, to no end\n".repeat(1_000_000);
    assert_output(&run_funnelc(["check", &folder.file("a.funnel", huge)]), 1, &["error[F0006]"]);
}

#[test]
fn a_hundred_thousand_nested_braces_are_a_finding() {
    let folder = Folder::new();
    let deep = format!("on booking -> {}", "if attended { ".repeat(100_000));
    assert_output(&run_funnelc(["check", &folder.file("a.funnel", &deep)]), 1, &["error[F0104]"]);
    assert_output(&run_funnelc(["check", &folder.file("b.funnel", "{".repeat(100_000))]), 1, &["error[F0"]);
    assert_output(&run_funnelc(["fmt", &folder.path("a.funnel")]), 1, &["error[F0104]"]);
}

#[test]
fn a_groundhogg_export_is_recognized() {
    let folder = Folder::new();
    let export =
        r#"{"ID":1,"data":{"title":"Welcome","status":"active"},"steps":[{"ID":1,"data":{"step_type":"send_email"}}]}"#;
    assert_output(&run_funnelc(["check", &folder.file("welcome.funnel", export)]), 1, &["error[F0007]", "Groundhogg"]);
}

#[test]
fn bad_events_are_reported_and_the_others_processed() {
    let bad = [
        ("F0701", "found not JSON"),
        ("F0702", r#"{"type":"bookin","id":"x1","client":"c1","at":"2026-03-01T10:02:00+03:00","data":{"id":"b2"}}"#),
        (
            "F0703",
            r#"{"type":"booking","id":"x2","client":"c1","at":"2026-03-01T10:02:00+03:00","data":{"id":"b2","starts_at":"soon"}}"#,
        ),
        ("F0704", r#"{"type":"booking","id":"x3","at":"2026-03-01T10:02:00+03:00","data":{"id":"b2"}}"#),
        ("F0705", r#"{"type":"booking","id":"x4","client":"c1","at":"2026-03-01T10:02:00+03:00","data":{}}"#),
    ];
    let mut lines = vec![CLIENT, BOOKING];
    lines.extend(bad.iter().map(|(_, line)| *line));
    lines.push(CAME);
    let folder = Folder::new();
    let ran = run(&folder, &lines);
    assert_eq!(sends(&ran), 1, "the good events are processed: {ran:?}");
    let simulated = run_funnelc([
        "simulate",
        &folder.path("came.funnel"),
        "--events",
        &folder.path("events.ndjson"),
        "--format",
        "json",
    ]);
    assert_eq!(simulated.out, ran.out);
    for (number, (code, _)) in bad.iter().enumerate() {
        let place = format!("events.ndjson:{}\n", number + 3);
        assert_output(&ran, 1, &[&format!("error[{code}]"), &place]);
        assert_output(&simulated, 1, &[&format!("error[{code}]"), &place]);
    }
}

#[test]
fn a_duplicate_event_is_processed_once() {
    let folder = Folder::new();
    let ran = run(&folder, &[CLIENT, BOOKING, BOOKING, CAME, CAME]);
    assert_output(&ran, 0, &["3 events", "1 message"]);
    assert_eq!(sends(&ran), 1);
    let again = run(&folder, &[CLIENT, BOOKING, CAME]);
    assert_output(&again, 0, &["no messages"]);
    assert_eq!(again.out, "");
}

#[test]
fn a_run_without_a_store_leaves_no_files() {
    let folder = Folder::new();
    let (funnel, events) = (folder.file("came.funnel", ONE_LINE), folder.events(&[CLIENT, BOOKING, CAME]));
    for _ in 0..2 {
        assert_output(
            &run_funnelc(["run", &funnel, "--events", &events, "--fast-forward"]),
            0,
            &["3 events, 1 message", "Hello Anna"],
        );
    }
    let left: Vec<_> = std::fs::read_dir(folder.path("")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "there is more than the funnel and the events: {left:?}");
}

#[test]
fn a_dry_run_needs_no_secret_and_a_real_run_names_the_missing_one() {
    let folder = Folder::new();
    folder.file("funnel.toml", "[channels.sms]\nprovider = \"twilio\"\naccount = \"AC0123456789abcdef0123456789abcdef\"\ntoken = { env = \"NO_SUCH_TOKEN\" }\nfrom = \"+15005550006\"\n");
    let (funnel, events) = (folder.file("came.funnel", ONE_LINE), folder.events(&[CLIENT, BOOKING, CAME]));
    let run = ["run", &funnel, "--events", &events, "--fast-forward"];
    assert_output(&run_funnelc(run), 2, &["error[F0604]", "NO_SUCH_TOKEN"]);
    assert_output(&run_funnelc(run.into_iter().chain(["--dry-run"])), 0, &["3 events, 1 message", "Hello Anna"]);
}

#[test]
fn a_simulation_can_stop_early_and_write_to_a_file() {
    let folder = Folder::new();
    let (funnel, events) = (folder.file("came.funnel", ONE_LINE), folder.events(&[CLIENT, BOOKING, CAME]));
    let (out, simulate) = (folder.path("out.txt"), ["simulate", &funnel, "--events", &events, "--until"]);
    let early = run_funnelc(simulate.into_iter().chain(["2026-03-03T12:59:59+03:00"]));
    assert_output(&early, 0, &["3 events, no messages, 1 active run"]);
    let whole = run_funnelc(simulate.into_iter().chain(["2026-03-03T13:00:00+03:00", "--out", &out]));
    assert_output(&whole, 0, &["3 events, 1 message"]);
    assert_eq!(whole.out, "");
    assert!(std::fs::read_to_string(&out).unwrap().contains("Hello Anna"));
    assert_output(&run_funnelc(simulate.into_iter().chain(["tomorrow"])), 2, &["`tomorrow` is not a moment"]);
}

#[test]
fn a_file_of_a_project_is_checked_with_the_others_and_reported_alone() {
    let folder = Folder::new();
    folder.file("funnel.toml", "timezone = \"Europe/Berlin\"\n");
    folder.file("texts.funnel", "template sms thanks = \"Thank you!\"\n");
    folder.file("bad.funnel", "on bookng -> send sms\n");
    let funnel = folder.file("thanks.funnel", "on booking -> wait 1d -> send sms thanks\n");
    assert_output(&run_funnelc(["check", &funnel]), 0, &["1 file checked, no errors"]);
    assert_output(&run_funnelc(["check", &folder.path("funnel.toml")]), 1, &["3 files checked, 1 error", "bad.funnel"]);
    let mut here = funnelc(["check"]);
    let around = Finished::from(here.current_dir(folder.path("")).output().unwrap());
    assert_output(&around, 1, &["3 files checked, 1 error"]);
}

#[test]
fn errors_in_a_funnel_prevent_a_run() {
    let folder = Folder::new();
    let (funnel, events) = (folder.file("a.funnel", "on bookng -> send sms\n"), folder.events(&[CLIENT]));
    let store = folder.path("store.db");
    let ran = run_funnelc(["run", &funnel, "--events", &events, "--store", &store, "--fast-forward"]);
    assert_output(&ran, 1, &["error[F0203]"]);
    assert!(!Path::new(&store).exists(), "a funnel that cannot run creates no store");
}

#[test]
fn a_store_of_a_newer_version_is_not_changed() {
    let folder = Folder::new();
    assert_output(&run(&folder, &[CLIENT, BOOKING, CAME]), 0, &[]);
    let connection = rusqlite::Connection::open(folder.path("store.db")).unwrap();
    connection.pragma_update(None, "user_version", 9_999).unwrap();
    drop(connection);
    let before = std::fs::read(folder.path("store.db")).unwrap();
    assert_output(&run(&folder, &[CLIENT]), 2, &["F0707", "store.db", "newer `funnelc`"]);
    assert_eq!(std::fs::read(folder.path("store.db")).unwrap(), before);
}

#[test]
fn a_file_that_is_not_a_store_is_not_changed() {
    let folder = Folder::new();
    let text = "found a shopping list, not a database, and it is long enough to be read as one. ".repeat(20);
    folder.file("store.db", &text);
    assert_output(&run(&folder, &[CLIENT]), 2, &["F0709", "store.db"]);
    assert_eq!(std::fs::read_to_string(folder.path("store.db")).unwrap(), text);
}

/// Starts a `run` in real time that keeps waiting after it has read its events.
fn waiting_run(folder: &Folder) -> Child {
    let funnel =
        folder.file("soon.funnel", "on booking -> wait 1s -> send sms \"Hello\" -> wait 24h -> send sms \"Bye\"\n");
    let events = folder.events(&[CLIENT, BOOKING]);
    spawn(
        funnelc(["run", &funnel, "--events", &events, "--store", &folder.path("store.db"), "--format", "json"])
            .stdin(Stdio::null()),
    )
}

#[cfg(unix)]
#[test]
fn a_store_in_use_is_rejected_and_an_interrupted_run_resumes() {
    let folder = Folder::new();
    let mut first = waiting_run(&folder);
    wait_until(|| std::fs::read(folder.path("store.db-wal")).is_ok_and(|wal| !wal.is_empty()));
    let second =
        run_funnelc(["run", &folder.path("soon.funnel"), "--store", &folder.path("store.db"), "--fast-forward"]);
    assert_output(&second, 2, &["F0708", "in use"]);

    // Wait for the first message, so that the run is in its second wait.
    let mut lines = std::io::BufRead::lines(std::io::BufReader::new(first.stdout.take().unwrap()));
    let sent = lines.by_ref().map(|line| line.unwrap()).find(|line| line.contains("\"kind\":\"send\""));
    assert!(sent.is_some_and(|line| line.contains("Hello")));
    assert!(Command::new("kill").args(["-INT", &first.id().to_string()]).status().unwrap().success());
    let rest: Vec<_> = lines.map(|line| line.unwrap()).collect();
    assert_eq!(first.wait().unwrap().code(), Some(130));
    assert!(!rest.iter().any(|line| line.contains("Bye")), "{rest:?}");

    let resumed = run_funnelc([
        "run",
        &folder.path("soon.funnel"),
        "--store",
        &folder.path("store.db"),
        "--fast-forward",
        "--format",
        "json",
    ]);
    assert_eq!((resumed.code, sends(&resumed)), (Some(0), 1), "{resumed:?}");
    assert!(resumed.out.contains("Bye"), "{resumed:?}");
}

#[cfg(unix)]
#[test]
fn a_closed_output_pipe_is_not_an_error() {
    let folder = Folder::new();
    let funnel = folder.file("a.funnel", "on bookng -> send sms\n".repeat(2000));
    let mut child = spawn(funnelc(["check", &funnel]).stdin(Stdio::null()));
    drop(child.stdout.take());
    let left = Finished::from(child.wait_with_output().unwrap());
    assert_eq!((left.code, left.err.contains("panicked")), (Some(0), false), "{left:?}");
}

#[test]
fn explain_accepts_numbers_and_names() {
    assert_output(&run_funnelc(["explain", "F0302"]), 0, &["# F0302 maybe-missing", "## Fix"]);
    assert_output(&run_funnelc(["explain", "maybe-missing"]), 0, &["# F0302 maybe-missing"]);
    assert_output(&run_funnelc(["explain", "--list"]), 0, &["F0001", "F0709"]);
    assert_output(&run_funnelc(["explain", "F9999"]), 2, &["unknown diagnostic code `F9999`"]);
}

#[test]
fn prelude_prints_the_prelude() {
    assert_output(&run_funnelc(["prelude"]), 0, &["event booking {", "client {"]);
}

/// Waits up to a minute for a condition that another process brings about.
fn wait_until(happened: impl Fn() -> bool) {
    for _ in 0..600 {
        if happened() {
            return;
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    panic!("timed out after a minute");
}
