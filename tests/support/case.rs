//! Runs the cases in `tests/cases/`: a project with funnels and the events that a user had.

use super::program::{package, run_funnelc, run_with_stdin};

/// The results of a case whose events arrive in the order of the lines, which `simulate` and `run --fast-forward` must
/// agree on. The messages are the same when the file is read, which sorts it by time.
pub(crate) fn results(name: &str) -> Vec<String> {
    let log = std::fs::read_to_string(package("tests/cases").join(name).join("e.ndjson")).unwrap();
    results_of(name, &log)
}

/// The results of other events in the project of a case.
pub(crate) fn results_of(name: &str, log: &str) -> Vec<String> {
    let folder = package("tests/cases").join(name);
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), log).unwrap();
    let (project, path) = (folder.to_string_lossy(), file.path().to_string_lossy());
    let simulated = run_with_stdin(["simulate", &project, "--events", "-"], log.as_bytes());
    let ran = run_with_stdin(["run", &project, "--fast-forward", "--events", "-"], log.as_bytes());
    assert_eq!(simulated.out, ran.out, "{name}: {} {}", simulated.err, ran.err);
    assert_eq!(simulated.code, Some(0), "{name}: {}", simulated.err);
    let sorted = run_funnelc(["simulate", &project, "--events", &path]);
    let lines = super::played::result_lines;
    let sent =
        |lines: &[String]| -> Vec<String> { lines.iter().filter(|line| line.contains(" send ")).cloned().collect() };
    let shown = lines(&simulated.out);
    assert_eq!(sent(&lines(&sorted.out)), sent(&shown), "{name}: {}", sorted.err);
    shown
}
