//! Shell completions, run in each shell that is installed, and `man` pages that format without warnings.

use crate::support::program::run_funnelc;
use std::io::Write;
use std::process::{Command, Stdio};

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];

fn script(shell: &str) -> String {
    let result = run_funnelc(["completions", shell]);
    assert_eq!((result.code, result.err.as_str()), (Some(0), ""), "{shell}");
    result.out
}

/// Runs a script in a shell; `None` when the shell is not installed.
fn run(shell: &str, options: &[&str], script: &str) -> Option<String> {
    let child = Command::new(shell).args(options).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn();
    let Ok(mut child) = child else {
        eprintln!("skipped: {shell} is not installed");
        return None;
    };
    child.stdin.take().unwrap().write_all(script.as_bytes()).unwrap();
    Some(String::from_utf8(child.wait_with_output().unwrap().stdout).unwrap())
}

#[test]
fn the_script_of_every_shell_has_every_command_and_option() {
    for shell in SHELLS {
        let script = script(shell);
        for word in ["check", "fmt", "simulate", "completions", "unsafe-fixes", "stdin-filename"] {
            assert!(script.contains(word), "{shell} does not know {word}");
        }
    }
    assert_eq!(run_funnelc(["completions", "tcsh"]).code, Some(2));
}

#[test]
fn bash_completes_commands_options_codes_and_files() {
    let complete = |words: &str| {
        let words: Vec<&str> = words.split(' ').collect();
        // An empty last word counts as a word.
        let typed: Vec<String> = words.iter().map(|word| format!("'{word}'")).collect();
        let (last, before) = (words[words.len() - 1], words[words.len() - 2]);
        let input = format!(
            "{}\nCOMP_WORDS=({})\nCOMP_CWORD={}\n_funnelc_offered funnelc '{last}' '{before}'\nprintf '%s\\n' \"${{COMPREPLY[@]}}\"\n",
            script("bash"),
            typed.join(" "),
            words.len() - 1,
        );
        run("bash", &["--norc"], &input)
    };
    let Some(commands) = complete("funnelc che") else { return };
    assert_eq!(commands, "check\n");
    assert_eq!(complete("funnelc fmt --che").unwrap(), "--check\n");
    assert_eq!(complete("funnelc check --format sa").unwrap(), "sarif\n");
    assert_eq!(complete("funnelc explain F030").unwrap().lines().next(), Some("F0301"));
    assert_eq!(complete("funnelc explain maybe-m").unwrap(), "maybe-missing\n");
    assert_eq!(complete("funnelc check --deny past-m").unwrap(), "past-moment\n");
    // When nothing matches, the shell completes files itself; options need a dash.
    for words in
        ["funnelc check ", "funnelc check --fix ", "funnelc fmt ", "funnelc graph exa", "funnelc check --fix exa"]
    {
        assert_eq!(complete(words).unwrap(), "\n", "{words}");
    }
    assert!(complete("funnelc check -").unwrap().lines().any(|word| word == "--watch"));
    assert!(complete("funnelc ").unwrap().lines().any(|word| word == "check"));
    assert!(complete("funnelc explain ").unwrap().starts_with("F0001\n"));
    let names = run_funnelc(["editors", "list"]).out;
    let names: Vec<&str> = names.lines().filter_map(|line| line.split(' ').next()).collect();
    assert_eq!(complete("funnelc editors install ").unwrap().lines().collect::<Vec<_>>(), names);
    assert!(names.contains(&"neovim"));
    assert!(script("bash").contains("complete -F _funnelc_offered -o nosort -o bashdefault -o default funnelc"));
}

#[test]
fn fish_completes_codes_and_files() {
    let complete = |words: &str| {
        let input = format!("{}\ncomplete -C '{words}'\n", script("fish"));
        run("fish", &["--no-config"], &input)
    };
    let Some(codes) = complete("funnelc explain maybe-m") else { return };
    assert_eq!(codes.trim(), "maybe-missing");
    assert!(complete("funnelc check --deny past-m").unwrap().starts_with("past-moment"));
    assert!(complete("funnelc check Carg").unwrap().contains("Cargo.toml"));
    assert_eq!(complete("funnelc editors install neov").unwrap().trim(), "neovim");
}

#[test]
fn zsh_reads_its_script() {
    let input = format!("compdef() {{ print defined $@ }}\n{}\n", script("zsh"));
    let Some(output) = run("zsh", &["-f"], &input) else { return };
    assert_eq!(output, "defined _funnelc funnelc\n");
}

#[test]
fn every_command_has_a_man_page() {
    let folder = tempfile::tempdir().unwrap();
    let pages = folder.path().join("share/man/man1");
    let result = run_funnelc(["man", "--out", pages.to_str().unwrap()]);
    assert_eq!((result.code, result.out.as_str()), (Some(0), ""), "{result:?}");
    let help = run_funnelc(["--help"]).out;
    let commands = help.split("Commands:\n").nth(1).unwrap().lines().take_while(|line| !line.is_empty());
    let mut names: Vec<String> =
        commands.filter_map(|line| line.strip_prefix("  ")?.split(' ').next().map(str::to_owned)).collect();
    names.retain(|name| !name.is_empty() && name != "help");
    assert!(names.contains(&"check".to_owned()), "{help}");
    for name in names {
        let page = pages.join(format!("funnelc-{name}.1"));
        let text = std::fs::read_to_string(&page).unwrap_or_else(|fault| panic!("{}: {fault}", page.display()));
        assert!(text.contains(".SH SYNOPSIS"), "{name}:\n{text}");
        assert_formats(&text);
    }
    let main = run_funnelc(["man"]).out;
    assert_eq!(main, std::fs::read_to_string(pages.join("funnelc.1")).unwrap());
    assert_formats(&main);
}

/// Asserts that groff formats a page without warnings; skipped when groff is not installed.
fn assert_formats(page: &str) {
    let mut groff = Command::new("groff");
    groff
        .args(["-man", "-Tutf8", "-ww", "-Wbreak", "-rLL=200n"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let Ok(mut child) = groff.spawn() else { return };
    child.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
    let output = String::from_utf8(child.wait_with_output().unwrap().stderr).unwrap();
    assert_eq!(output, "", "{page}");
}
