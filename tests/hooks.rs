//! The hooks of `.pre-commit-hooks.yaml`, as pre-commit and prek run them on commits in a temporary repository.

use crate::support::program::{Finished, package};
use crate::support::repository::Repository;
use serde_json::Value;
use std::path::PathBuf;

/// A program that runs hooks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Runner {
    PreCommit,
    Prek,
}

impl Runner {
    /// The runners on this machine. A missing one is skipped, or an error if `FUNNELC_REQUIRE_PEERS` is set.
    fn available() -> Vec<Self> {
        let is_here = |runner: &Self| {
            let here = runner.program().exists();
            assert!(here || std::env::var_os("FUNNELC_REQUIRE_PEERS").is_none(), "{runner:?} is not in target/peers");
            if !here {
                eprintln!("skipped: {runner:?} is not in target/peers, see CONTRIBUTING.md");
            }
            here
        };
        [Self::PreCommit, Self::Prek].into_iter().filter(is_here).collect()
    }

    fn program(self) -> PathBuf {
        package("target/peers/bin").join(match self {
            Self::PreCommit => "pre-commit",
            Self::Prek => "prek",
        })
    }

    fn run(self, work: &Repository, args: &[&str]) -> Finished {
        let mut command = work.command(self.program());
        command.args(args).output().expect("the runner starts").into()
    }
}

/// A repository with the hooks, and another one that runs some of them on each commit.
struct Stage {
    /// The repository of the hooks, kept alive as long as the other.
    _hooks: Repository,
    work: Repository,
}

impl Stage {
    fn new(runner: Runner, ids: &[&str]) -> Self {
        let hooks = Repository::new();
        hooks.put(".pre-commit-hooks.yaml", &std::fs::read_to_string(package(".pre-commit-hooks.yaml")).unwrap());
        hooks.commit_all();
        let work = Repository::new();
        let ids: String = ids.iter().map(|id| format!("      - id: {id}\n")).collect();
        let (place, rev) = (hooks.path().display().to_string(), hooks.git(&["rev-parse", "HEAD"]).out);
        let config = format!("repos:\n  - repo: {place}\n    rev: {}\n    hooks:\n{ids}", rev.trim());
        work.put(".pre-commit-config.yaml", &config);
        work.commit_all();
        let installed = runner.run(&work, &["install"]);
        assert_eq!(installed.code, Some(0), "{installed:?}");
        Self { _hooks: hooks, work }
    }

    /// Writes files and commits them; the output is that of the hooks.
    fn commit(&self, files: &[(&str, &str)]) -> Finished {
        for (name, text) in files {
            self.work.put(name, text);
        }
        let names: Vec<_> = files.iter().map(|(name, _)| *name).collect();
        let added = self.work.git(&[&["add", "--"], &names[..]].concat());
        assert_eq!(added.code, Some(0), "{added:?}");
        self.work.git(&["commit", "-m", "Change"])
    }
}

fn assert_output(finished: &Finished, passes: bool, texts: &[&str]) {
    let both = format!("{}{}", finished.out, finished.err);
    assert_eq!(finished.code == Some(0), passes, "{both}");
    for text in texts {
        assert!(both.contains(text), "`{text}` is missing in:\n{both}");
    }
}

const BOTH: [&str; 2] = ["funnelc-fmt-system", "funnelc-check-system"];
const GOOD: &str = "on booking -> send sms \"Thank you!\"\n";
const BROKEN: &str = "on bookng -> send sms\n";

#[test]
fn a_bad_funnel_is_rejected_and_a_good_one_passes() {
    for runner in Runner::available() {
        let stage = Stage::new(runner, &BOTH);
        let rejected = stage
            .commit(&[("salon/bad one.funnel", "on visit -> stop\n\non bookng -> send sms\n"), ("good.funnel", GOOD)]);
        assert_output(&rejected, false, &["error[F0203]", "salon/bad one.funnel:3:4", "2 files checked, 1 error"]);
        assert_output(&stage.commit(&[("salon/bad one.funnel", GOOD)]), true, &["Passed"]);
        assert_output(&stage.commit(&[("README.md", "Nothing of ours\n")]), true, &["Skipped"]);
    }
}

#[test]
fn an_unformatted_funnel_is_formatted_and_rejected() {
    for runner in Runner::available() {
        let stage = Stage::new(runner, &BOTH);
        let loose = [("a.funnel", "on booking->send sms   \"Thank you!\"")];
        assert_output(&stage.commit(&loose), false, &["files were modified by this hook", "1 file read, 1 changed"]);
        assert_eq!(stage.work.text("a.funnel"), GOOD);
        assert_output(&stage.commit(&[("a.funnel", GOOD)]), true, &["Passed"]);
    }
}

#[test]
fn excluded_files_are_not_changed() {
    for runner in Runner::available() {
        let stage = Stage::new(runner, &BOTH);
        let drafts = [("funnel.toml", "exclude = [\"drafts/\"]\n"), ("drafts/a.funnel", "on bookng->stop")];
        assert_output(&stage.commit(&drafts), true, &["Passed"]);
        assert_eq!(stage.work.text("drafts/a.funnel"), "on bookng->stop");
        // The exclusion also applies when other files are committed.
        assert_output(
            &stage.commit(&[("drafts/b.funnel", BROKEN), ("c.funnel", BROKEN)]),
            false,
            &["c.funnel:1:4", "1 file checked"],
        );
    }
}

#[test]
fn only_errors_caused_by_a_commit_are_reported() {
    for runner in Runner::available() {
        let stage = Stage::new(runner, &["funnelc-check-system"]);
        let common = "template sms thanks = \"Thank you!\"\n";
        stage.work.put("funnel.toml", "");
        stage.work.put("broken.funnel", BROKEN);
        stage.work.put("common.funnel", common);
        stage.work.put("user.funnel", "on booking -> send sms thanks\n");
        stage.work.commit_all();
        assert_output(&stage.commit(&[("good.funnel", GOOD)]), true, &["Passed"]);
        assert_output(&stage.commit(&[("common.funnel", &format!("# Words.\n{common}"))]), true, &["Passed"]);
        let renamed = stage.commit(&[("common.funnel", &common.replace("thanks", "thank_you"))]);
        assert_output(&renamed, false, &["user.funnel:1:24", "`thanks`", "1 file checked, 1 error"]);
        assert!(!renamed.err.contains("broken.funnel") && !renamed.out.contains("broken.funnel"), "{renamed:?}");
    }
}

#[test]
fn a_repository_without_a_funnel_passes() {
    for runner in Runner::available() {
        let stage = Stage::new(runner, &["funnelc-project-system"]);
        assert_output(&stage.commit(&[("README.md", "About\n")]), true, &["Passed"]);
    }
}

#[test]
fn the_whole_project_is_checked_when_any_of_its_files_changes() {
    for runner in Runner::available() {
        let stage = Stage::new(runner, &["funnelc-project-system"]);
        stage.work.put("salon/funnel.toml", "");
        stage.work.put(
            "salon/a.funnel",
            "template sms thanks = file \"texts/thanks.txt\"\n\non booking -> send sms thanks\n",
        );
        stage.work.put("salon/texts/thanks.txt", "Thank you!\n");
        stage.work.commit_all();
        assert_output(&stage.commit(&[("README.md", "About\n")]), true, &["Passed"]);
        let changed = stage.commit(&[("salon/texts/thanks.txt", "Thank you, {{ client.nam }}!\n")]);
        assert_output(&changed, false, &["salon/texts/thanks.txt:1:", "client.nam"]);
        assert_output(&stage.commit(&[("salon/texts/thanks.txt", "Thank you so much!\n")]), true, &["Passed"]);
        assert_output(
            &stage.commit(&[("salon/funnel.toml", "timezone = \"Europe/Moskow\"\n")]),
            false,
            &["salon/funnel.toml:1:12"],
        );
        // A commit that only deletes files names none of the remaining files.
        stage.work.put("salon/funnel.toml", "");
        stage.work.put("salon/words.funnel", "template sms hello = \"Hello\"\n");
        stage.work.put("salon/user.funnel", "on visit -> send sms hello\n");
        stage.work.commit_all();
        for gone in ["salon/words.funnel", "salon/texts/thanks.txt"] {
            let removed = stage.work.git(&["rm", gone]);
            assert_eq!(removed.code, Some(0), "{removed:?}");
            let rejected = stage.work.git(&["commit", "-m", "Take it away"]);
            assert_output(&rejected, false, &["1 error"]);
            stage.work.git(&["reset", "--hard", "--quiet"]);
        }
    }
}

/// The configurations in the README are valid, and their commands work.
#[test]
fn the_snippets_of_the_readme_are_valid() {
    let runners = Runner::available();
    if runners.len() < 2 {
        return;
    }
    let readme = std::fs::read_to_string(package("README.md")).unwrap();
    let snippets: Vec<&str> = readme.split("```yaml\n").skip(1).filter_map(|rest| rest.split("```").next()).collect();
    assert!(snippets.len() >= 5, "only {} snippets", snippets.len());
    let work = Repository::new();
    work.put("funnel.toml", "");
    work.put("good.funnel", GOOD);
    let mut commands = Vec::new();
    for snippet in &snippets {
        let read = read_yaml(&work, snippet);
        if read.get("repos").is_some() {
            work.put(".pre-commit-config.yaml", snippet);
            for runner in &runners {
                let validated = runner.run(&work, &["validate-config", ".pre-commit-config.yaml"]);
                assert_eq!(validated.code, Some(0), "{snippet}\n{validated:?}");
            }
        }
        gather(&read, &mut commands);
    }
    let version = env!("CARGO_PKG_VERSION");
    for command in &commands {
        if command.starts_with("funnelc ") {
            let ran = Finished::from(work.command("sh").args(["-c", command]).output().unwrap());
            assert_eq!(ran.code, Some(0), "{command}: {ran:?}");
        } else {
            assert!(command.ends_with(&format!("install funnelc=={version}")), "{command}");
        }
    }
    assert!(commands.len() > 5, "{commands:?}");
    for made in ["funnelc.sarif", "gl-code-quality-report.json"] {
        serde_json::from_str::<Value>(&work.text(made)).expect("a report is JSON");
    }
    assert!(readme.contains(&format!("rev: v{version}\n")), "the README has another version");
    let manifest = std::fs::read_to_string(package(".pre-commit-hooks.yaml")).unwrap();
    let ids = read_yaml(&work, &manifest);
    let has = |id: &str| ids.as_array().unwrap().iter().any(|hook| hook["id"] == id);
    for id in ["funnelc-fmt", "funnelc-check", "funnelc-project"] {
        assert!(has(id) && has(&format!("{id}-system")) && readme.contains(&format!("- id: {id} ")), "{id}");
    }
    work.put("hooks.yaml", &manifest);
    for runner in &runners {
        let validated = runner.run(&work, &["validate-manifest", "hooks.yaml"]);
        assert_eq!(validated.code, Some(0), "{validated:?}");
    }
}

fn read_yaml(work: &Repository, text: &str) -> Value {
    work.put("snippet.yaml", text);
    let script = "import json, yaml; print(json.dumps(yaml.safe_load(open('snippet.yaml', encoding='utf-8'))))";
    let read = Finished::from(work.command(package("target/peers/bin/python")).args(["-c", script]).output().unwrap());
    serde_json::from_str(&read.out).unwrap_or_else(|fault| panic!("{fault}: {read:?}\n{text}"))
}

/// Collects the commands of `run` and `script` entries at any depth.
fn gather(value: &Value, commands: &mut Vec<String>) {
    match value {
        Value::Object(entries) => {
            for (key, value) in entries {
                match value {
                    Value::String(command) if key == "run" => commands.push(command.clone()),
                    Value::Array(lines) if key == "script" => {
                        commands.extend(lines.iter().filter_map(Value::as_str).map(str::to_owned));
                    }
                    other => gather(other, commands),
                }
            }
        }
        Value::Array(values) => values.iter().for_each(|value| gather(value, commands)),
        _ => {}
    }
}

/// Builds the program from the last commit of this repository as users of the hooks do, with cargo and with pip.
/// `cargo test --test all hooks:: -- --ignored`
#[test]
#[ignore = "builds the program twice, which takes many minutes"]
fn the_hooks_are_built_from_the_repository() {
    for runner in Runner::available() {
        for language in ["rust", "python"] {
            let work = Repository::new();
            let rev = work.command("git").args(["rev-parse", "HEAD"]).current_dir(package("")).output().unwrap();
            let config = format!(
                "repos:\n  - repo: {}\n    rev: {}\n    hooks:\n      - id: funnelc-check\n        language: {language}\n",
                package("").display(),
                String::from_utf8(rev.stdout).unwrap().trim(),
            );
            work.put(".pre-commit-config.yaml", &config);
            work.commit_all();
            work.put("bad.funnel", BROKEN);
            work.git(&["add", "."]);
            let run = |work: &Repository| {
                let mut command = work.command(runner.program());
                // Optimization does not matter here, and all builds share one target folder.
                command.env("CARGO_TARGET_DIR", package("target/hooks")).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
                Finished::from(command.arg("run").output().expect("the runner starts"))
            };
            assert_output(&run(&work), false, &["error[F0203]", "bad.funnel:1:4"]);
            work.put("bad.funnel", GOOD);
            work.git(&["add", "."]);
            assert_output(&run(&work), true, &["Passed"]);
        }
    }
}
