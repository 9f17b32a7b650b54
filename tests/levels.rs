//! Warning levels, set in the project file and on the command line, for `check` and for the commands that run funnels.

use crate::support::program::{run_funnelc, run_with_stdin};
use std::ffi::OsString;
use std::path::Path;

const WARNED: &str = "on booking -> stop -> send sms \"Hi\"\n";

/// A folder with a project file and a funnel that has one warning, F0402.
fn project(file: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("funnel.toml"), file).unwrap();
    std::fs::write(folder.path().join("main.funnel"), WARNED).unwrap();
    folder
}

/// The exit code of `check` in a folder, and whether it reports the warning.
fn check(folder: &Path, args: &[&str]) -> (Option<i32>, bool) {
    let args = [OsString::from("check"), folder.into()].into_iter().chain(args.iter().map(OsString::from));
    let finished = run_funnelc(args);
    (finished.code, finished.out.contains("[F0402]"))
}

#[test]
fn the_command_line_overrides_the_project_file() {
    for (file, args, expected) in [
        ("", &[][..], (0, true)),
        ("", &["--deny", "warnings"], (1, true)),
        ("", &["--allow", "unreachable"], (0, false)),
        ("", &["--deny", "warnings", "--allow", "F0403,F0402"], (0, false)),
        ("[check]\ndeny = [\"warnings\"]\n", &[], (1, true)),
        ("[check]\ndeny = [\"warnings\"]\n", &["--warn", "warnings"], (0, true)),
        ("[check]\ndeny = [\"F0402\"]\n", &["--warn", "f0402"], (0, true)),
        ("[check]\nallow = [\"F0402\"]\n", &["--deny", "warnings"], (0, false)),
        ("[check]\nallow = [\"F0402\"]\n", &["--deny", "unreachable"], (1, true)),
    ] {
        let folder = project(file);
        let (code, reported) = expected;
        assert_eq!(check(folder.path(), args), (Some(code), reported), "{file:?} {args:?}");
    }
}

#[test]
fn a_denied_warning_stops_run_simulate_and_test() {
    let folder = project("[check]\ndeny = [\"warnings\"]\n");
    let events = folder.path().join("events.ndjson");
    std::fs::write(&events, "").unwrap();
    for command in ["run", "simulate", "test"] {
        let mut args = vec![OsString::from(command), folder.path().into()];
        if command != "test" {
            args.extend([OsString::from("--events"), events.clone().into()]);
        }
        let finished = run_funnelc(args);
        assert_ne!(finished.code, Some(0), "{command}: {finished:?}");
        assert!((finished.out + &finished.err).contains("error[F0402]"), "{command}");
    }
}

#[test]
fn invalid_levels_are_rejected() {
    for (name, expected) in [
        ("unreachabel", "did you mean `unreachable`?"),
        ("F9999", "funnelc explain --list"),
        ("maybe-missing", "is always an error"),
    ] {
        let finished = run_with_stdin(["check", "-", "--allow", name], WARNED.as_bytes());
        assert_eq!(finished.code, Some(2), "{finished:?}");
        assert!(finished.err.contains(expected), "{finished:?}");
    }
}
