//! Each folder of `examples/` through every command, as a user runs it: the output in its README is real.
//! `FUNNELC_BLESS=1 cargo test --test all examples` rewrites the READMEs; review the diff before committing it.

use crate::support::program::{package, run_funnelc};
use std::path::{Path, PathBuf};

#[test]
fn each_example_is_valid_and_formatted() {
    for example in examples() {
        let checked = run_funnelc(["check", &example]);
        assert_eq!((checked.code, checked.out.as_str()), (Some(0), ""), "{example}: {checked:?}");
        let formatted = run_funnelc(["fmt", "--check", &example]);
        assert_eq!(formatted.code, Some(0), "{example}: {formatted:?}");
    }
}

#[test]
fn the_tests_of_each_example_pass_and_cover_everything() {
    for example in examples() {
        let tested = run_funnelc(["test", &example, "--coverage", "--format", "json"]);
        assert_eq!(tested.code, Some(0), "{example}: {tested:?}");
        assert!(tested.out.contains(r#""status":"passed""#), "{example} has no tests: {tested:?}");
        for line in tested.out.lines().filter(|line| line.contains(r#""kind":"coverage""#)) {
            assert!(line.contains(r#""gaps":[]"#), "{example}: {line}");
        }
    }
}

#[test]
fn each_example_is_drawn() {
    for example in examples() {
        for (format, opening) in [("mermaid", "flowchart"), ("dot", "digraph"), ("json", "")] {
            let drawn = run_funnelc(["graph", &example, "--format", format]);
            assert_eq!(drawn.code, Some(0), "{example}: {drawn:?}");
            assert!(drawn.out.contains(opening), "{example}: {format} does not contain `{opening}`:\n{}", drawn.out);
        }
        let json = run_funnelc(["graph", &example, "--format", "json"]).out;
        serde_json::from_str::<serde_json::Value>(&json).expect("the output is JSON");
    }
}

#[test]
fn run_and_simulate_agree_on_each_example() {
    for example in examples() {
        let events = format!("{example}/events.ndjson");
        let folder = tempfile::tempdir().unwrap();
        let store = folder.path().join("funnel.db");
        let simulated = run_funnelc(["simulate", &example, "--events", &events, "--format", "json"]);
        let run = ["run", &example, "--events", &events, "--format", "json", "--fast-forward", "--store"];
        let store = store.to_str().unwrap();
        let ran = run_funnelc(run.into_iter().chain([store]));
        assert_eq!((simulated.code, ran.code), (Some(0), Some(0)), "{example}: {simulated:?} {ran:?}");
        assert!(simulated.out.contains("\"kind\":\"send\""), "{example} sends nothing");
        // Only `simulate` ends with the results of splits.
        let lines = simulated.out.lines().filter(|line| !line.contains("\"kind\":\"variant\""));
        let steps: String = lines.map(|line| format!("{line}\n")).collect();
        assert_eq!(steps, ran.out, "{example}: `simulate` and `run` differ");
        let again = run_funnelc(run.into_iter().chain([store]));
        assert_eq!((again.code, again.out.as_str()), (Some(0), ""), "{example}: events were processed twice");
    }
}

/// In a README, the lines after `$ funnelc ..` in a `console` block are the output of that command.
#[test]
fn readmes_show_the_real_output() {
    let mut readmes: Vec<PathBuf> = examples().iter().map(|example| package(example).join("README.md")).collect();
    readmes.push(package("README.md"));
    for readme in readmes {
        let text = std::fs::read_to_string(&readme).unwrap();
        let fresh = with_fresh_output(&readme, &text);
        if std::env::var_os("FUNNELC_BLESS").is_some() {
            std::fs::write(&readme, fresh).unwrap();
        } else {
            assert_eq!(text, fresh, "{} does not show the real output", readme.display());
        }
    }
}

fn with_fresh_output(readme: &Path, text: &str) -> String {
    let mut fresh = String::new();
    let mut lines = text.lines().peekable();
    let mut in_console = false;
    while let Some(line) = lines.next() {
        in_console = if line.starts_with("```") { line == "```console" } else { in_console };
        fresh.push_str(line);
        fresh.push('\n');
        let Some(args) = line.strip_prefix("$ funnelc ").filter(|_| in_console) else { continue };
        let printed = run_funnelc(args.split_whitespace());
        assert_eq!(printed.code, Some(0), "{}: `{line}` failed: {printed:?}", readme.display());
        fresh.push_str(&printed.out);
        while lines.next_if(|line| !line.starts_with("```") && !line.starts_with("$ ")).is_some() {}
    }
    fresh
}

/// `examples/one-liner` and so on.
fn examples() -> Vec<String> {
    let folders = std::fs::read_dir(package("examples")).unwrap().map(|entry| entry.unwrap());
    let mut names: Vec<_> = folders
        .filter(|entry| entry.file_type().unwrap().is_dir())
        .map(|entry| format!("examples/{}", entry.file_name().to_str().unwrap()))
        .collect();
    names.sort();
    assert!(names.len() >= 4, "examples are missing: {names:?}");
    names
}
