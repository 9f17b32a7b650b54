//! `funnelc init` with the real program: the project that it creates passes `check`, `fmt` and `test`, and nothing is ever
//! overwritten.

use crate::support::program::{Finished, funnelc, run_funnelc};
use std::fs;
use std::path::Path;
use std::process::Stdio;

fn init(folder: &Path, flags: &[&str]) -> Finished {
    run_funnelc(["init", folder.to_str().unwrap()].iter().chain(flags))
}

fn read(folder: &Path, name: &str) -> String {
    fs::read_to_string(folder.join(name)).unwrap()
}

#[test]
fn the_project_passes_check_fmt_and_test_for_every_channel_and_language() {
    let all = tempfile::tempdir().unwrap();
    for channel in ["sms", "email", "telegram", "whatsapp"] {
        for language in ["en", "ru", "de-AT"] {
            let folder = all.path().join(format!("{channel}-{language}"));
            let flags =
                ["--timezone", "Europe/Berlin", "--country", "DE", "--channel", channel, "--language", language];
            let created = init(&folder, &flags);
            assert_eq!((created.code, created.err.as_str()), (Some(0), ""), "{}", created.out);
            let at = folder.to_str().unwrap();
            let checked = run_funnelc(["check", "--deny", "warnings", at]);
            assert_eq!(checked.code, Some(0), "{}{}", checked.out, checked.err);
            let formatted = run_funnelc(["fmt", "--diff", at]);
            assert_eq!(formatted.code, Some(0), "{}", formatted.out);
            let tested = run_funnelc(["test", at]);
            assert_eq!(tested.code, Some(0), "{}{}", tested.out, tested.err);
        }
    }
}

#[test]
fn the_values_are_those_of_the_flags_whatever_characters_they_have() {
    let all = tempfile::tempdir().unwrap();
    let folder = all.path().join("new/salon");
    let name = "Anna's \"Salon\" \\ Ünal\n#1";
    let created = init(&folder, &["--name", name, "--timezone", "Asia/Tokyo", "--country", "JP", "--language", "ja"]);
    assert_eq!(created.code, Some(0), "{}", created.err);
    let project: toml::Table = read(&folder, "funnel.toml").parse().unwrap();
    assert_eq!(project["name"].as_str(), Some(name));
    assert_eq!(project["business"]["name"].as_str(), Some(name));
    assert_eq!(project["timezone"].as_str(), Some("Asia/Tokyo"));
    assert_eq!((project["country"].as_str(), project["language"].as_str()), (Some("JP"), Some("ja")));
    assert!(read(&folder, ".pre-commit-config.yaml").contains("entry: funnelc check"));
    let at = folder.to_str().unwrap();
    for next in ["funnelc test", "funnelc graph", "funnelc serve"] {
        assert!(created.out.contains(&format!("{next} {at}")), "{}", created.out);
    }
}

#[test]
fn defaults_come_from_the_folder_and_the_locale() {
    let all = tempfile::tempdir().unwrap();
    let folder = all.path().join("lumen");
    let mut command = funnelc(["init", folder.to_str().unwrap(), "--timezone", "UTC"]);
    command.env("LC_ALL", "ru_RU.UTF-8").stdin(Stdio::null());
    let created = Finished::from(command.output().unwrap());
    assert_eq!(created.code, Some(0), "{}", created.err);
    assert!(created.out.contains("создан"), "{}", created.out);
    let project: toml::Table = read(&folder, "funnel.toml").parse().unwrap();
    assert_eq!(project["name"].as_str(), Some("lumen"));
    assert_eq!((project["country"].as_str(), project["language"].as_str()), (Some("RU"), Some("ru")));
}

#[test]
fn an_invalid_value_is_reported_and_nothing_is_written() {
    let all = tempfile::tempdir().unwrap();
    let folder = all.path().join("salon");
    for (flag, value, help) in [
        ("--timezone", "Europe/Berlinn", "did you mean `\"Europe/Berlin\"`?"),
        ("--country", "Germany", "`country` must be"),
        ("--language", "german", "`language` must be"),
    ] {
        let refused = init(&folder, &[flag, value]);
        assert_eq!(refused.code, Some(2), "{}", refused.out);
        assert!(refused.err.contains(help), "{}", refused.err);
        assert!(!folder.exists(), "{value}");
    }
}

#[test]
fn an_existing_file_is_never_overwritten() {
    let all = tempfile::tempdir().unwrap();
    let folder = all.path();
    for name in ["funnel.toml", "thanks.funnel"] {
        fs::write(folder.join(name), "mine").unwrap();
        let refused = init(folder, &["--timezone", "UTC"]);
        assert_eq!(refused.code, Some(2), "{}", refused.out);
        assert!(refused.err.contains(name) && refused.err.contains("already exists"), "{}", refused.err);
        assert_eq!(fs::read_dir(folder).unwrap().count(), 1, "nothing else is written");
        assert_eq!(read(folder, name), "mine");
        fs::remove_file(folder.join(name)).unwrap();
    }
    fs::write(folder.join(".pre-commit-config.yaml"), "repos: []\n").unwrap();
    let created = init(folder, &["--timezone", "UTC"]);
    assert_eq!(created.code, Some(0), "{}", created.err);
    assert!(created.out.contains("left as it is:"), "{}", created.out);
    assert_eq!(read(folder, ".pre-commit-config.yaml"), "repos: []\n");
}

/// Answers on a terminal of `script`, which util-linux has.
#[test]
fn on_a_terminal_it_asks_and_asks_again_after_an_invalid_answer() {
    let all = tempfile::tempdir().unwrap();
    let folder = all.path().join("salon");
    let program = env!("CARGO_BIN_EXE_funnelc");
    let line = format!("{program} init {}", folder.display());
    let mut command = std::process::Command::new("script");
    command.args(["-qec", &line, "/dev/null"]).env("LC_ALL", "C").stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        eprintln!("skipped: `script` is not installed");
        return;
    };
    let answers = "Lumen\nMars/Base\nEurope/Berlin\nDE\nde\nemail\n";
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), answers.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    let out = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{out}");
    assert!(out.contains("`Mars/Base` is not a time zone"), "{out}");
    let project: toml::Table = read(&folder, "funnel.toml").parse().unwrap();
    assert_eq!((project["name"].as_str(), project["timezone"].as_str()), (Some("Lumen"), Some("Europe/Berlin")));
    assert!(read(&folder, "thanks.funnel").contains("send email"));
}
