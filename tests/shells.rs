//! What shells and `man` are given: scripts that complete, tried in each shell that is there, and pages that format.

use crate::support::program::ended;
use std::io::Write;
use std::process::{Command, Stdio};

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

fn script(shell: &str) -> String {
    let written = ended(["completions", shell]);
    assert_eq!((written.code, written.err.as_str()), (Some(0), ""), "{shell}");
    written.out
}

/// Runs a shell with a script; `None` where the machine has no such shell, which is said.
fn run(shell: &str, options: &[&str], script: &str) -> Option<String> {
    let child = Command::new(shell).args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: {shell} is not on this machine");
        return None;
    };
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    Some(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
}

#[test]
fn every_shell_gets_every_command_and_option() {
    for shell in SHELLS {
        let script = script(shell);
        for word in ["check", "fmt", "simulate", "completions", "unsafe-fixes", "stdin-filename"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
    assert_eq!(ended(["completions", "tcsh"]).code, Some(2));
}

#[test]
fn bash_completes_commands_options_codes_and_files() {
    let complete = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        // A word that is not begun is one, too.
        let typed: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
        let ask = format!(
            "{}\nCOMP_WORDS=({})\nCOMP_CWORD={}\n_funnelc_offered funnelc '{last}' '{before}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
            script("bash"),
            typed.join(" "),
            words.len() - 1,
        );
        run("bash", &["--norc"], &ask)
    };
    let Some(commands) = complete("funnelc che") else { return };
    assert_eq!(commands, "check\n");
    assert_eq!(complete("funnelc fmt --che").unwrap(), "--check\n");
    assert_eq!(complete("funnelc check --format sa").unwrap(), "sarif\n");
    assert_eq!(complete("funnelc explain F030").unwrap().lines().next(), Some("F0301"));
    assert_eq!(complete("funnelc explain maybe-m").unwrap(), "maybe-missing\n");
    assert_eq!(complete("funnelc check --deny past-m").unwrap(), "past-moment\n");
    // Where nothing fits, the shell offers files in its own way; options come after a dash.
    for words in
        ["funnelc check ", "funnelc check --fix ", "funnelc fmt ", "funnelc graph exa", "funnelc check --fix exa"]
    {
        assert_eq!(complete(words).unwrap(), "\n", "{words}");
    }
    assert!(complete("funnelc check -").unwrap().lines().any(|word| word == "--watch"));
    assert!(complete("funnelc ").unwrap().lines().any(|word| word == "check"));
    assert!(complete("funnelc explain ").unwrap().starts_with("F0001\n"));
    let names = ended(["editors", "list"]).out;
    let names: Vec<&str> = names.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(complete("funnelc editors install ").unwrap().lines().collect::<Vec<_>>(), names);
    assert!(names.contains(&"neovim"));
    assert!(script("bash").contains("complete -F _funnelc_offered -o nosort -o bashdefault -o default funnelc"));
}

#[test]
fn fish_completes_codes_and_files() {
    let ask = |words: &str| {
        let asked = format!("{}\ncomplete -C '{words}'\n", script("fish"));
        run("fish", &["--no-config"], &asked)
    };
    let Some(codes) = ask("funnelc explain maybe-m") else { return };
    assert_eq!(codes.trim(), "maybe-missing");
    assert!(ask("funnelc check --deny past-m").unwrap().starts_with("past-moment"));
    assert!(ask("funnelc check Carg").unwrap().contains("Cargo.toml"));
    assert_eq!(ask("funnelc editors install neov").unwrap().trim(), "neovim");
}

#[test]
fn zsh_reads_its_script() {
    let asked = format!("compdef() {{ print told $@ }}\n{}\n", script("zsh"));
    let Some(said) = run("zsh", &["-f"], &asked) else { return };
    assert_eq!(said, "told _funnelc funnelc\n");
}

#[test]
fn there_is_a_page_for_each_command() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("share/man/man1");
    let written = ended(["man", "--out", pages.to_str().unwrap()]);
    assert_eq!((written.code, written.out.as_str()), (Some(0), ""), "{written:?}");
    let help = ended(["--help"]).out;
    let commands = help.split("Commands:\n").nth(1).unwrap().lines().take_while(|line| !line.is_empty());
    let mut names: Vec<String> =
        commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next().map(str::to_owned)).collect();
    names.retain(|name| !name.is_empty() && name != "help");
    assert!(names.contains(&"check".to_owned()), "{help}");
    for name in names {
        let page = pages.join(format!("funnelc-{name}.1"));
        let text = std::fs::read_to_string(&page).unwrap_or_else(|fault| panic!("{}: {fault}", page.display()));
        assert!(text.contains(".SH SYNOPSIS"), "{name}:\n{text}");
        formats(&text);
    }
    let main = ended(["man"]).out;
    assert_eq!(main, std::fs::read_to_string(pages.join("funnelc.1")).unwrap());
    formats(&main);
}

/// Has a page formatted, where groff is: it must have nothing to complain of.
fn formats(page: &str) {
    let mut groff = Command::new("groff");
    groff
        .args(["-man", "-Tutf8", "-ww", "-Wbreak", "-rLL=200n"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let Ok(mut child) = groff.spawn() else { return };
    child.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let said = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    assert_eq!(said, "", "{page}");
}
