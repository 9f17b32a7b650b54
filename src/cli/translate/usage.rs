//! Help that was asked for, and errors in the arguments, in the language of the user. In: clap's error. Out: what is
//! printed, and the exit code. Rare errors stay in clap's English.

use super::help::translate;
use crate::cli::terminal::Terminal;
use crate::cli::{Cli, Color, Failure, Lang};
use crate::diagnostic::{Language, Phrase};
use crate::say;
use crate::value::Zone;
use clap::error::{ContextKind, ContextValue, ErrorKind};
use clap::{Command, CommandFactory, ValueEnum};
use std::error::Error as _;
use std::ffi::OsString;
use std::process::ExitCode;

/// Prints the help that the arguments ask for, or why they cannot be parsed.
pub(in crate::cli) fn report(error: &clap::Error, args: &[OsString]) -> ExitCode {
    let language = crate::cli::language(asked_language(args));
    if error.kind() == ErrorKind::DisplayVersion && args.iter().any(|arg| arg == "--verbose") {
        let terminal = Terminal::new(Color::Auto, language);
        let zones = say!("time zones: IANA {release} of {date}", release = Zone::DATA, date = Zone::DATA_DATE);
        let version = format!("funnelc {}\n{}\n", env!("CARGO_PKG_VERSION"), zones.in_language(language));
        // A closed pipe is not reported.
        let _ = terminal.out(&version).and_then(|()| terminal.flush());
        return ExitCode::SUCCESS;
    }
    if language == Language::English || print_translated(error, args, language).is_none() {
        // A closed pipe is not reported.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

/// The value of `--lang`, before the arguments are parsed.
fn asked_language(args: &[OsString]) -> Option<Lang> {
    let words: Vec<&str> = args.iter().skip(1).filter_map(|arg| arg.to_str()).collect();
    let after = words.windows(2).find_map(|pair| match pair {
        ["--lang", value] => Some(*value),
        _ => None,
    });
    let value = after.or_else(|| words.iter().find_map(|word| word.strip_prefix("--lang=")))?;
    Lang::from_str(value, false).ok()
}

/// Prints help or an error in another language than English; `None` where there is only clap's text.
fn print_translated(error: &clap::Error, args: &[OsString], language: Language) -> Option<()> {
    let terminal = Terminal::new(Color::Auto, language);
    let (mut command, is_long) = asked_command(translate(Cli::command()), args);
    match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            let help = if is_long { command.render_long_help() } else { command.render_help() };
            // Clap indents empty lines too.
            let help: String = help.ansi().to_string().lines().map(|line| format!("{}\n", line.trim_end())).collect();
            if error.use_stderr() {
                terminal.err(&help);
            } else {
                // A closed pipe is not reported.
                let _ = terminal.out(&help).and_then(|()| terminal.flush());
            }
        }
        _ => {
            let name = command.get_bin_name().unwrap_or("funnelc").to_owned();
            let failure = failure(error)?.help(say!("see `{command} --help`", command = name));
            if let Failure::Error(fault) = failure {
                terminal.fail(&fault);
            }
        }
    }
    Some(())
}

/// The command that the arguments name, and whether they ask for its long help.
fn asked_command(root: Command, args: &[OsString]) -> (Command, bool) {
    let mut command = root;
    let mut is_long = false;
    for word in args.iter().skip(1).filter_map(|arg| arg.to_str()) {
        match word {
            "-h" => return (command, false),
            "--help" => return (command, true),
            "help" => is_long = true,
            name => {
                if let Some(found) = command.find_subcommand(name) {
                    command = found.clone();
                }
            }
        }
    }
    (command, is_long)
}

/// The usual errors as a failure.
fn failure(error: &clap::Error) -> Option<Failure> {
    let text = |kind| match error.get(kind)? {
        ContextValue::String(text) => Some(text.clone()),
        ContextValue::Strings(texts) => Some(texts.join("`, `")),
        _ => None,
    };
    let argument = || text(ContextKind::InvalidArg);
    let failure = match error.kind() {
        ErrorKind::UnknownArgument => Failure::new(say!("unknown argument `{argument}`", argument = argument()?)),
        ErrorKind::InvalidSubcommand => {
            Failure::new(say!("unknown command `{command}`", command = text(ContextKind::InvalidSubcommand)?))
        }
        ErrorKind::MissingSubcommand => {
            Failure::new(say!("`{command}` needs a command", command = text(ContextKind::InvalidSubcommand)?))
        }
        ErrorKind::MissingRequiredArgument => {
            Failure::new(say!("missing required argument `{argument}`", argument = argument()?))
        }
        ErrorKind::InvalidValue | ErrorKind::ValueValidation => invalid_value(error, argument()?, &text),
        ErrorKind::ArgumentConflict => conflict(argument()?, text(ContextKind::PriorArg)?),
        _ => return None,
    };
    let near = text(ContextKind::SuggestedArg).or_else(|| text(ContextKind::SuggestedSubcommand));
    let near = near.or_else(|| text(ContextKind::SuggestedValue));
    Some(match near {
        Some(near) => failure.help(say!("did you mean `{near}`?", near)),
        None => failure,
    })
}

fn invalid_value(error: &clap::Error, argument: String, text: &dyn Fn(ContextKind) -> Option<String>) -> Failure {
    let value = text(ContextKind::InvalidValue).unwrap_or_default();
    let message = if value.is_empty() {
        say!("`{argument}` needs a value", argument)
    } else {
        say!("invalid value `{value}` for `{argument}`", value, argument)
    };
    let failure = Failure::new(match error.source() {
        Some(reason) => {
            let reason = Phrase::verbatim(super::output(&reason.to_string(), Language::Russian));
            say!("{what}: {reason}", what = message, reason)
        }
        None => message,
    });
    match text(ContextKind::ValidValue).filter(|values| !values.is_empty()) {
        Some(values) => failure.help(say!("possible values: `{values}`", values)),
        None => failure,
    }
}

fn conflict(argument: String, prior: String) -> Failure {
    Failure::new(if argument == prior {
        say!("`{argument}` cannot be used more than once", argument)
    } else {
        say!("`{argument}` cannot be used with `{prior}`", argument, prior)
    })
}
