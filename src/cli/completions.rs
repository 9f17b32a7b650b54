//! `funnelc completions`: generates shell completion scripts for commands, options, files and codes.

use super::{Failure, Outcome, Terminal, editors};
use crate::diagnostic::Code;
use crate::diagnostic::level::WARNINGS;
use clap::builder::PossibleValuesParser;
use clap::{Command, CommandFactory, Parser, ValueEnum};
use clap_complete::{Shell, generate};

const EXAMPLES: &str = "\
Examples:
  funnelc completions bash > ~/.local/share/bash-completion/completions/funnelc
  funnelc completions zsh > ~/.zfunc/_funnelc  with `fpath+=~/.zfunc` before `compinit` in ~/.zshrc
  funnelc completions fish > ~/.config/fish/completions/funnelc.fish
  funnelc completions powershell >> $PROFILE
  funnelc completions elvish >> ~/.config/elvish/rc.elv";

/// A wrapper of clap's completion function for bash that offers options only after a dash, so that bash falls back to files.
const OFFERED: &str = r#"
_funnelc_offered() {
    _funnelc "$@"
    if [[ ${COMP_WORDS[COMP_CWORD]} != -* ]] ; then
        local word words=()
        for word in "${COMPREPLY[@]}" ; do
            [[ ${word} == -* ]] || words+=("${word}")
        done
        COMPREPLY=("${words[@]}")
    fi
}
"#;

/// Generate a shell completion script
///
/// The script completes commands, options and their values, files and folders, and the codes of findings.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Shell to generate the script for
    #[arg(value_enum, value_name = "SHELL")]
    shell: ShellName,
}

/// The supported shells.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ShellName {
    Bash,
    Zsh,
    Fish,
    Powershell,
    Elvish,
}

/// Prints the script.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let shell = match args.shell {
        ShellName::Bash => Shell::Bash,
        ShellName::Zsh => Shell::Zsh,
        ShellName::Fish => Shell::Fish,
        ShellName::Powershell => Shell::PowerShell,
        ShellName::Elvish => Shell::Elvish,
    };
    let mut script = Vec::new();
    generate(shell, &mut with_values(super::Cli::command()), "funnelc", &mut script);
    let script = String::from_utf8_lossy(&script);
    if shell == Shell::Bash {
        return terminal
            .out(&(script.replace(" -F _funnelc ", " -F _funnelc_offered ") + OFFERED))
            .map(|()| Outcome::Success);
    }
    terminal.out(&script)?;
    if shell == Shell::Fish {
        // The script of clap for fish completes the values of options, but not of arguments.
        let codes: Vec<_> = codes().collect();
        let within = "complete -c funnelc -n '__fish_funnelc_using_subcommand explain' -f -a";
        terminal.out(&format!("{within} '{}'\n", codes.join(" ")))?;
        let names: Vec<_> = editors::names().collect();
        let within =
            "complete -c funnelc -n '__fish_funnelc_using_subcommand editors; and __fish_seen_subcommand_from install'";
        terminal.out(&format!("{within} -f -a '{}'\n", names.join(" ")))?;
    }
    Ok(Outcome::Success)
}

/// Returns the numbers and names of all codes.
fn codes() -> impl Iterator<Item = &'static str> {
    Code::ALL.iter().flat_map(|code| [code.number(), code.slug()])
}

/// Adds codes and editor names as possible values, for completions only: the command itself parses them as free text, so
/// that it can suggest the nearest name.
fn with_values(command: Command) -> Command {
    let lowered = Code::ALL.iter().filter(|code| !code.is_fixed());
    let levels: Vec<_> = lowered.flat_map(|code| [code.number(), code.slug()]).chain([WARNINGS]).collect();
    let explained =
        |command: Command| command.mut_arg("code", |arg| arg.value_parser(PossibleValuesParser::new(codes())));
    let checked = |command: Command| {
        ["deny", "warn", "allow"].into_iter().fold(command, |command, level| {
            command.mut_arg(level, |arg| arg.value_parser(PossibleValuesParser::new(levels.clone())))
        })
    };
    let installed = |command: Command| {
        command.mut_subcommand("install", |command| {
            command.mut_arg("name", |arg| arg.value_parser(PossibleValuesParser::new(editors::names())))
        })
    };
    command.mut_subcommand("explain", explained).mut_subcommand("check", checked).mut_subcommand("editors", installed)
}
