//! `check --fix` applies safe fixes and changes nothing else. `check --watch` checks again after every change.

use crate::support::program::{funnelc, run_funnelc, run_with_stdin, spawn};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::Command;

const WRONG: &str = "on bookng -> if amont = 5 EUR -> send sms \"Hi\"\n";

fn file(text: &str) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.funnel");
    std::fs::write(&path, text).unwrap();
    (folder, path)
}

fn check(path: &Path, args: &[&str]) -> crate::support::program::Finished {
    run_funnelc(["check", path.to_str().unwrap()].iter().chain(args))
}

#[test]
fn safe_fixes_are_applied_and_the_rest_is_reported() {
    let (_folder, path) = file("on bookng -> if attended -> send smss \"{{ client.name }}\"\n");
    let done = check(&path, &["--fix"]);
    assert_eq!(
        std::fs::read_to_string(&path).unwrap(),
        "on booking -> if attended -> send sms \"{{ client.name }}\"\n"
    );
    assert_eq!(done.code, Some(1));
    assert!(done.out.contains("F0302") && !done.out.contains("F0203"), "{done:?}");
    assert!(done.err.contains("2 fixes applied"), "{done:?}");
}

#[test]
fn line_endings_byte_order_mark_and_permissions_are_kept() {
    let (_folder, path) = file("\u{feff}on bookng\r\n  -> send sms \"Hi\"\r\n");
    #[cfg(unix)]
    std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    let before = std::fs::metadata(&path).unwrap().permissions();
    assert_eq!(check(&path, &["--fix"]).code, Some(0));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), "\u{feff}on booking\r\n  -> send sms \"Hi\"\r\n");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions(), before);
}

#[test]
fn a_diff_changes_nothing() {
    let (_folder, path) = file(WRONG);
    let done = check(&path, &["--diff"]);
    assert_eq!(done.code, Some(1));
    assert!(done.out.contains("-on bookng") && done.out.contains("+on booking"), "{done:?}");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), WRONG);
    let (_folder, right) = file("on booking -> send sms \"Hi\"\n");
    let done = check(&right, &["--diff"]);
    assert_eq!((done.code, done.out.as_str()), (Some(0), ""));
}

#[test]
fn unsafe_fixes_are_applied_only_on_request() {
    let text = "on booking -> wait until starts_at - 2h -> send sms \"Soon\"\n";
    let (_folder, path) = file(text);
    assert_eq!(check(&path, &["--fix"]).code, Some(0));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text);
    check(&path, &["--unsafe-fixes"]);
    let fixed = std::fs::read_to_string(&path).unwrap();
    assert!(fixed.contains("starts_at - 2h else skip"), "{fixed}");
}

#[test]
fn a_fix_that_causes_other_errors_is_undone_and_the_others_stay() {
    // Under the correct name, every argument of the action has the wrong type.
    let text = "action sync_crm(phone: phone, stage: \"new\" | \"lost\", worth: money)\n\n\
        on booking\n  -> do sync_cmr(phone: 5, stage: \"old\", worth: 7)\n  -> send smss \"Hi\"\n";
    let (_folder, path) = file(text);
    let before = check(&path, &[]);
    assert!(before.out.contains("did you mean `sync_crm`?"), "{before:?}");
    let done = check(&path, &["--fix"]);
    assert_eq!(std::fs::read_to_string(&path).unwrap(), text.replace("smss", "sms"), "{done:?}");
    assert!(done.out.contains("F0212") && !done.out.contains("F0301"), "{done:?}");
    assert!(done.err.contains("1 fix applied"), "{done:?}");
    assert_eq!(done.code, Some(1));
}

#[test]
fn fixed_standard_input_is_written_to_standard_output() {
    let done = run_with_stdin(["check", "-", "--fix"], b"on bookng -> send sms \"{{ client.city }}\"\n");
    assert_eq!(done.out, "on booking -> send sms \"{{ client.city }}\"\n");
    assert!(done.err.contains("F0302"), "{done:?}");
    assert_eq!(done.code, Some(1));
}

#[test]
fn project_files_and_template_files_are_fixed_too() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    put("funnel.toml", "timezon = \"Europe/Berlin\"\n");
    put("a.funnel", "on booking -> send sms file \"hello.txt\"\n");
    put("hello.txt", "Hi {{ client.nmae | default(\"you\") }}\n");
    let done = check(folder.path(), &["--fix"]);
    let text = |name: &str| std::fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(text("funnel.toml"), "timezone = \"Europe/Berlin\"\n");
    assert_eq!(text("hello.txt"), "Hi {{ client.name | default(\"you\") }}\n");
    assert_eq!(done.code, Some(0), "{done:?}");
}

#[test]
fn a_diff_does_not_claim_that_anything_was_fixed() {
    let (_folder, path) = file("on bookng -> send smss \"Hi\"\n");
    let before = std::fs::read_to_string(&path).unwrap();
    let shown = check(&path, &["--diff"]);
    assert!(shown.err.contains("2 fixes available"), "{shown:?}");
    assert!(check(&path, &["--diff", "--lang", "ru"]).err.contains("доступно исправлений: 2"));
    assert_eq!(std::fs::read_to_string(&path).unwrap(), before);
}

#[test]
fn offsets_include_a_byte_order_mark() {
    let (_folder, path) = file("on bookng -> stop\n");
    for mark in ["", "\u{feff}"] {
        let text = format!("{mark}on bookng -> send sms \"Hi\"\n");
        std::fs::write(&path, &text).unwrap();
        let printed = check(&path, &["--format", "json"]).out;
        let finding: serde_json::Value = serde_json::from_str(printed.lines().next().unwrap()).unwrap();
        let edit = &finding["fixes"][0]["edits"][0];
        for range in [&finding["range"], &edit["range"]] {
            let at = |end: &str| usize::try_from(range[end]["offset"].as_u64().unwrap()).unwrap();
            assert_eq!(text.get(at("start")..at("end")), Some("bookng"), "{finding}");
            assert_eq!(range["start"]["column"], 4, "{finding}");
        }
    }
}

#[cfg(unix)]
#[test]
fn watch_checks_again_until_it_is_stopped() {
    let (_folder, path) = file("on booking -> send sms \"Hi\"\n");
    let mut child = spawn(&mut funnelc(["check", "--watch", path.to_str().unwrap()]));
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert_eq!(lines.next().as_deref(), Some("1 file checked, no errors"));
    std::fs::write(&path, "on bookng -> send sms \"Hi\"\n").unwrap();
    let printed: Vec<String> = lines.by_ref().take(3).collect();
    assert!(printed[1].starts_with("changed: ") && printed[1].ends_with("a.funnel"), "{printed:?}");
    assert_eq!(printed[2], "1 file checked, 1 error");
    let pid = child.id().to_string();
    assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
    let left = child.wait_with_output().unwrap();
    assert_eq!(left.status.code(), Some(130));
    assert!(String::from_utf8_lossy(&left.stdout).contains("error[F0203]"));
}

/// A running `check --watch`, and its summary lines without the empty lines between two checks.
#[cfg(unix)]
struct Watch {
    child: std::process::Child,
    lines: std::sync::mpsc::Receiver<String>,
}

#[cfg(unix)]
impl Watch {
    fn of(folder: &Path, paths: &[&str]) -> Self {
        let args = [&["check", "--watch"], paths].concat();
        let mut child = spawn(funnelc(args).current_dir(folder));
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let (sender, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok).filter(|line| !line.is_empty()) {
                if sender.send(line).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    fn expect(&self, expected: &[&str]) {
        for line in expected {
            assert_eq!(self.lines.recv_timeout(std::time::Duration::from_secs(20)).as_deref(), Ok(*line));
        }
    }

    /// Stops the program and returns its standard output.
    fn stop(self) -> String {
        let pid = self.child.id().to_string();
        assert!(Command::new("kill").args(["-INT", &pid]).status().unwrap().success());
        String::from_utf8(self.child.wait_with_output().unwrap().stdout).unwrap()
    }
}

#[cfg(unix)]
#[test]
fn watch_names_added_changed_and_removed_files() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let put = |name: &str, text: &str| std::fs::write(at(name), text).unwrap();
    put("funnel.toml", "");
    put("a.funnel", "on visit -> send sms file \"x.txt\"\n");
    put("x.txt", "Hello\n");
    let watch = Watch::of(folder.path(), &[]);
    watch.expect(&["1 file checked, no errors"]);
    std::fs::remove_file(at("x.txt")).unwrap();
    watch.expect(&["changed: x.txt", "1 file checked, 1 error"]);
    put("x.txt", "Hello again\n");
    watch.expect(&["changed: x.txt", "1 file checked, no errors"]);
    put("x.txt", "Hello {{ client.nmae }}\n");
    watch.expect(&["changed: x.txt", "1 file checked, 1 error"]);
    put("x.txt", "Hello\n");
    watch.expect(&["changed: x.txt", "1 file checked, no errors"]);
    put("b.funnel", "on booking -> stop\n");
    watch.expect(&["changed: b.funnel", "2 files checked, no errors"]);
    std::fs::rename(at("b.funnel"), at("c.funnel")).unwrap();
    watch.expect(&["changed: b.funnel, c.funnel", "2 files checked, no errors"]);
    std::fs::remove_file(at("c.funnel")).unwrap();
    watch.expect(&["changed: c.funnel", "1 file checked, no errors"]);
    let output = watch.stop();
    assert_eq!((output.matches("F0213").count(), output.matches("F0202").count()), (1, 1), "{output}");
}

#[cfg(unix)]
#[test]
fn watch_includes_files_outside_of_the_folder_of_a_lone_funnel() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    ["lone", "words"].iter().for_each(|inner| std::fs::create_dir(folder.path().join(inner)).unwrap());
    put("lone/a.funnel", "on visit -> send sms file \"../words/x.txt\"\n");
    put("words/x.txt", "Hello\n");
    let watch = Watch::of(&folder.path().join("lone"), &["a.funnel"]);
    watch.expect(&["1 file checked, no errors"]);
    put("words/x.txt", "Hello {{ client.nmae }}\n");
    watch.expect(&["changed: ../words/x.txt", "1 file checked, 1 error"]);
    std::fs::remove_file(folder.path().join("words/x.txt")).unwrap();
    watch.expect(&["changed: ../words/x.txt", "1 file checked, 1 error"]);
    put("words/x.txt", "Hello\n");
    watch.expect(&["changed: ../words/x.txt", "1 file checked, no errors"]);
    std::fs::rename(folder.path().join("words"), folder.path().join("letters")).unwrap();
    watch.expect(&["changed: ../words/x.txt", "1 file checked, 1 error"]);
    put("lone/a.funnel", "on visit -> send sms file \"../letters/x.txt\"\n");
    watch.expect(&["changed: ../letters/x.txt, a.funnel", "1 file checked, no errors"]);
    put("letters/x.txt", "Hello {{ client.nmae }}\n");
    watch.expect(&["changed: ../letters/x.txt", "1 file checked, 1 error"]);
    watch.stop();
}

/// Lines that mean something else than the nearest valid line.
const MEANT_OTHERWISE: &[&str] = &[
    "on purchase -> cancel task \"Call\"",
    "on purchase -> stop task \"Call\"",
    "on purchase -> dont send sms \"x\"",
    "on purchase -> never send sms \"x\"",
    "on purchase -> not send sms \"x\"",
    "on purchase -> no wait 1h",
    "on purchase -> unset client.city",
    "on purchase -> resend sms \"x\"",
    "on purchase -> unsend sms \"x\"",
    "on purchase -> stop wait 1h",
    "on visit -> task \"Call\" for operation.doctor",
    "on new booking -> stop",
    "on visit, purchase -> stop",
    "on visit -> send sms and email \"x\"",
    "on visit -> 2d before booking.starts_at -> stop",
    "on purchase -> if first visit -> stop",
    "on cancelled booking -> stop",
    "on visit -> wait 2d before booking -> stop",
    "on visit -> wait for no booking up to 2d -> stop",
    "on visit -> wait at least 2d -> stop",
    "on no visit -> stop",
];

#[test]
fn a_safe_fix_never_changes_what_a_line_means() {
    for line in MEANT_OTHERWISE {
        let (_folder, path) = file(&format!("{line}\n"));
        let done = check(&path, &["--fix"]);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), format!("{line}\n"), "{done:?}");
        assert_eq!(done.code, Some(1), "{line}: {done:?}");
    }
}

#[test]
fn a_missing_colon_is_still_added_on_request() {
    let (_folder, path) = file("on booking -> rebook wait 1h -> send sms \"x\"\n");
    check(&path, &["--unsafe-fixes"]);
    assert!(std::fs::read_to_string(&path).unwrap().contains("rebook: wait 1h"));
}
