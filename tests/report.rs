//! The output formats of `check` for other programs: valid by their schemas, one document per run, stable fingerprints.

use crate::support::program::{package, run_funnelc};
use serde_json::Value;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const WRONG: &str = "on bookng -> stop\non booking -> send smss \"é, {{ client.city }}: 100% <a & b>\"\n";
const WARNED: &str = "funnel f { on booking -> stop -> send sms \"Hi\" }\n";

/// Two projects in one folder, with errors, a warning, and a file without findings.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in [
        ("one/funnel.toml", ""),
        ("one/wrong, 1%.funnel", WRONG),
        ("one/right.funnel", "on visit -> send sms \"Hi\"\n"),
        ("two/funnel.toml", ""),
        ("two/warned.funnel", WARNED),
    ] {
        put(folder.path(), name, text);
    }
    folder
}

fn put(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, text).unwrap();
}

/// The output of `check` for some paths in an output format.
fn report(format: &str, paths: &[PathBuf]) -> String {
    let args = [OsString::from("check"), "--format".into(), format.into()];
    run_funnelc(args.into_iter().chain(paths.iter().map(OsString::from))).out
}

fn json(format: &str, paths: &[PathBuf]) -> Value {
    serde_json::from_str(&report(format, paths)).expect("one document")
}

/// Validates reports against a schema. Skipped when the schemas are not installed, which is a failure when
/// `FUNNELC_REQUIRE_PEERS` is set.
fn validate(kind: &str, texts: &[String]) {
    let python = package("target/peers/bin/python");
    let run = |args: &[&str]| {
        let mut command = Command::new(&python);
        command.arg(package("tests/support/report_check.py")).args(args).stdin(Stdio::null());
        command.output()
    };
    if !run(&["ready"]).is_ok_and(|ready| ready.status.success()) {
        assert!(std::env::var_os("FUNNELC_REQUIRE_PEERS").is_none(), "the schemas of reports are not installed");
        eprintln!("skipped: the schemas of reports are not installed, see CONTRIBUTING.md");
        return;
    }
    for text in texts {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let validated = run(&[kind, file.path().to_str().unwrap()]).unwrap();
        assert!(validated.status.success(), "{}\n{text}", String::from_utf8_lossy(&validated.stderr));
    }
}

#[test]
fn reports_match_their_schemas() {
    let folder = folder();
    let paths = [folder.path().to_owned()];
    let valid = [folder.path().join("one/right.funnel")];
    for kind in ["sarif", "junit"] {
        validate(kind, &[report(kind, &paths), report(kind, &valid)]);
    }
}

#[test]
fn sarif_has_rules_places_fixes_and_one_run() {
    let folder = folder();
    let whole = json("sarif", &[folder.path().join("one"), folder.path().join("two")]);
    let [run] = &whole["runs"].as_array().unwrap()[..] else { panic!("per run") };
    let (results, rules) = (run["results"].as_array().unwrap(), &run["tool"]["driver"]["rules"]);
    let codes: Vec<_> = results.iter().map(|result| result["ruleId"].as_str().unwrap()).collect();
    assert!(codes.contains(&"F0203") && codes.contains(&"F0402"), "{codes:?}");
    for result in results {
        let rule = &rules[usize::try_from(result["ruleIndex"].as_u64().unwrap()).unwrap()];
        assert_eq!(rule["id"], result["ruleId"]);
        assert!(rule["help"]["markdown"].as_str().unwrap().contains("## Fix"));
    }
    let event = results.iter().find(|result| result["ruleId"] == "F0203").unwrap();
    let place = &event["locations"][0]["physicalLocation"];
    assert!(place["artifactLocation"]["uri"].as_str().unwrap().ends_with("/one/wrong%2C%201%25.funnel"), "{place}");
    assert_eq!(place["region"]["startColumn"], 4);
    let replacement = &event["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert_eq!(replacement["insertedContent"]["text"], "booking");
    assert_eq!(json("sarif", &[folder.path().join("one/right.funnel")])["runs"][0]["results"], serde_json::json!([]));
}

/// The fingerprints of the findings, in order.
fn fingerprints(path: &Path) -> Vec<String> {
    let whole = json("gitlab", &[path.to_owned()]);
    whole.as_array().unwrap().iter().map(|issue| issue["fingerprint"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn fingerprints_are_unique_and_survive_moved_lines() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.funnel");
    let twice = format!("{WRONG}{WRONG}");
    std::fs::write(&path, &twice).unwrap();
    let before = fingerprints(&path);
    std::fs::write(&path, format!("# One\n\n# Two\n{twice}")).unwrap();
    assert_eq!(fingerprints(&path), before);
    assert_eq!(before.iter().collect::<BTreeSet<_>>().len(), before.len());
    assert!(before.len() >= 4, "{before:?}");
}

#[test]
fn gitlab_reports_have_the_required_fields() {
    let folder = folder();
    let whole = json("gitlab", &[folder.path().to_owned()]);
    for issue in whole.as_array().unwrap() {
        for key in ["description", "check_name", "fingerprint"] {
            assert!(issue[key].as_str().is_some_and(|text| !text.is_empty()), "{key}: {issue}");
        }
        assert!(["info", "minor", "major", "critical", "blocker"].contains(&issue["severity"].as_str().unwrap()));
        let location = &issue["location"];
        assert!(location["path"].is_string() && location["lines"]["begin"].as_u64() >= Some(1), "{issue}");
    }
    assert_eq!(report("gitlab", &[folder.path().join("one/right.funnel")]), "[]\n");
}

#[test]
fn paths_are_relative_to_the_repository_or_the_current_folder() {
    let folder = folder();
    let repository = folder.path().join("one");
    let inner = repository.join("deep/inner");
    std::fs::create_dir_all(&inner).unwrap();
    put(&repository, "funnel.toml", "");
    put(&inner, "wrong.funnel", "on bookng -> stop\n");
    let check = |format: &str| {
        let mut command = crate::support::program::funnelc(["check", "--format", format]);
        let finished: crate::support::program::Finished = command.current_dir(&inner).output().unwrap().into();
        finished.out
    };
    let path = |text: &str| {
        let list: Value = serde_json::from_str(text).unwrap();
        let paths = list.as_array().unwrap().iter().map(|issue| issue["location"]["path"].as_str().unwrap().to_owned());
        paths.collect::<Vec<_>>()
    };
    // Outside a repository, paths are relative to the current folder.
    let outside = path(&check("gitlab"));
    assert!(outside.contains(&"wrong.funnel".to_owned()), "{outside:?}");
    std::fs::create_dir(repository.join(".git")).unwrap();
    let inside = path(&check("gitlab"));
    assert!(inside.contains(&"deep/inner/wrong.funnel".to_owned()), "{inside:?}");
    assert!(inside.iter().all(|path| !path.starts_with("..") && !path.starts_with('/')), "{inside:?}");
    assert!(check("github").contains("file=deep/inner/wrong.funnel,"));
    assert!(check("sarif").contains("\"uri\": \"deep/inner/wrong.funnel\""));
    assert!(check("junit").contains("<testsuite name=\"deep/inner/wrong.funnel\""));
}

#[test]
fn paths_of_test_results_are_relative_to_the_repository_too() {
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("deep/inner");
    std::fs::create_dir_all(&inner).unwrap();
    std::fs::create_dir(folder.path().join(".git")).unwrap();
    put(folder.path(), "funnel.toml", "timezone = \"Europe/Berlin\"\n");
    let run_tests = |text: &str| {
        put(&inner, "a.funnel", text);
        let mut command = crate::support::program::funnelc(["test", "--format", "junit"]);
        String::from_utf8(command.current_dir(&inner).output().unwrap().stdout).unwrap()
    };
    let valid = "on booking -> send sms \"Hi\"\ntest \"t\" {\n  client { phone: \"+79990000000\" }\n  \
                 at 2026-03-01 10:00 booking { id: \"b\", starts_at: 2026-03-03 12:00 }\n  expect send sms\n}\n";
    for text in [valid, &valid.replace("Hi", "{{ client.nmae }}")] {
        assert!(run_tests(text).contains("<testsuite name=\"deep/inner/a.funnel\" tests=\"1\""), "{}", run_tests(text));
    }
}

#[test]
fn github_commands_are_escaped() {
    let folder = folder();
    let text = report("github", &[folder.path().join("one")]);
    let event = text.lines().find(|line| line.contains("F0203")).unwrap();
    assert!(
        event.starts_with("::error file=") && event.contains("/one/wrong%2C 1%25.funnel,line=1,endLine=1,col=4,"),
        "{event}"
    );
    assert!(event.contains(",title=F0203 unknown-event::"), "{event}");
    assert!(event.contains("%0Adid you mean `booking`?"), "{event}");
    assert!(report("github", &[folder.path().join("two")]).starts_with("::warning "));
    assert_eq!(report("github", &[folder.path().join("one/right.funnel")]), "");
}

#[test]
fn junit_has_one_suite_per_file() {
    let folder = folder();
    let text = report("junit", &[folder.path().to_owned()]);
    assert_eq!(text.matches("<testsuites ").count(), 1);
    assert_eq!(text.matches("<testsuite ").count(), 3, "{text}");
    assert!(text.contains("<testcase name=\"check\""), "{text}");
    assert!(text.contains("type=\"F0203\"") && text.contains("<system-out>"), "{text}");
}
