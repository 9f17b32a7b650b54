//! Files with syntax errors or merge conflicts: what is reported about them, and about the files next to them.

use crate::support::program::{Finished, run_funnelc};
use std::path::Path;

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
    assert_eq!(found, ["F0402", "F0102"], "the damaged funnel has only its error");
}
