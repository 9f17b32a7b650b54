//! Plays a project and its events with every command that reads files, as a user would.

use super::program::{Finished, package, run_funnelc};
use std::fs;
use tempfile::TempDir;

/// A project in Berlin.
pub(crate) const BERLIN: &str = "timezone = \"Europe/Berlin\"\ncountry = \"DE\"\n";

/// A project with its events, played by every command that reads files.
pub(crate) struct Played {
    /// What `simulate` says.
    pub(crate) simulated: Finished,
    /// What `run --fast-forward` says.
    pub(crate) run: Finished,
}

impl Played {
    /// Plays a folder of `tests/cases/`.
    pub(crate) fn case(name: &str) -> Self {
        let folder = package("tests/cases").join(name);
        let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
        let events = read("e.ndjson");
        let events: Vec<String> = events.lines().map(str::to_owned).collect();
        Self::new(&read("a.funnel"), &read("funnel.toml"), &events)
    }

    /// Plays these events.
    pub(crate) fn new(funnel: &str, project: &str, events: &[String]) -> Self {
        let folder = project_folder(funnel, project, events);
        let place = |name: &str| folder.path().join(name).display().to_string();
        let (project, log) = (folder.path().display().to_string(), place("e.ndjson"));
        let simulated = run_funnelc(["simulate", &project, "--events", &log]);
        let run = run_funnelc(["run", &project, "--events", &log, "--fast-forward", "--dry-run"]);
        assert_eq!(simulated.out, run.out, "{}\n{}", simulated.err, run.err);
        Self { simulated, run }
    }

    /// What the clients receive, the same from each command: `2026-03-03 09:00 send sms`.
    pub(crate) fn results(&self) -> Vec<String> {
        result_lines(&self.simulated.out)
    }

    /// Whether each command reports this.
    pub(crate) fn report(&self, text: &str) {
        for finished in [&self.simulated, &self.run] {
            assert!(finished.err.contains(text), "`{text}` is not in\n{}", finished.err);
        }
    }
}

/// The lines of results, without the funnel and the step: `2026-03-03 09:00 +01:00 c1 send sms`.
pub(crate) fn result_lines(out: &str) -> Vec<String> {
    let shown = |line: &str| {
        let words = line.split_whitespace().enumerate();
        words.filter(|(at, _)| *at != 4).map(|(_, word)| word).collect::<Vec<_>>().join(" ")
    };
    out.lines().map(shown).collect()
}

/// Writes a project and its events into a folder.
pub(crate) fn project_folder(funnel: &str, project: &str, events: &[String]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("a.funnel"), funnel).unwrap();
    fs::write(folder.path().join("funnel.toml"), project).unwrap();
    fs::write(folder.path().join("e.ndjson"), events.join("\n") + "\n").unwrap();
    folder
}
