//! The command line. In: arguments, files, standard input. Out: results on standard output, summaries and errors on
//! standard error, and an exit code. Nothing else in the library prints.
#![allow(clippy::disallowed_methods, reason = "the outer ring")]

mod change;
mod check;
mod completions;
mod count;
mod editors;
mod emit;
mod event_log;
mod explain;
mod failure;
mod files;
mod fmt;
mod git;
mod graph;
mod host;
mod import;
mod init;
mod line;
mod load;
mod log;
mod lsp;
mod man;
mod prelude;
mod results;
mod run;
mod serve;
mod service_manager;
mod simulate;
mod source;
mod stale;
mod store_file;
mod terminal;
mod test;
mod translate;

use crate::diagnostic::Language;
use clap::{Parser, Subcommand, ValueEnum};
use failure::Failure;
use std::process::ExitCode;
use terminal::Terminal;

/// Marketing automation as code: check, visualize, simulate and run funnels
#[derive(Debug, Parser)]
#[command(name = "funnelc", version, max_term_width = 100, long_about = ABOUT, after_help = EXIT_CODES)]
struct Cli {
    #[command(subcommand)]
    command: Command,

    /// With --version: also show which data are built in
    #[arg(long)]
    #[allow(dead_code, reason = "clap ends at --version; `usage.rs` looks for it")]
    verbose: bool,

    /// When to color the output; `auto` does so on a terminal unless NO_COLOR is set
    #[arg(long, global = true, value_enum, default_value_t, value_name = "WHEN")]
    color: Color,

    /// Language of the output [default: from LC_ALL, LC_MESSAGES or LANG, otherwise English]
    #[arg(long, global = true, value_enum, value_name = "LANGUAGE")]
    lang: Option<Lang>,
}

const ABOUT: &str = "\
Marketing automation as code: check, visualize, simulate and run funnels.

A funnel is text that reads like a sentence:

    on booking -> if attended -> wait 24h -> send sms

Save it in a `.funnel` file. `funnelc check` finds errors, `funnelc simulate` shows what it would have sent for a past event log, and `funnelc run` and `funnelc serve` run it for real.";

const EXIT_CODES: &str = "\
Exit codes:
  0    success
  1    findings: errors in funnels, failing tests, files that would be reformatted
  2    the command failed: invalid usage, unreadable files, invalid configuration
  130  interrupted by Ctrl-C

Run `funnelc <COMMAND> --help` for details and examples.";

#[derive(Debug, Subcommand)]
enum Command {
    Init(init::Args),
    Check(check::Args),
    Fmt(fmt::Args),
    Test(test::Args),
    Simulate(simulate::Args),
    Run(run::Args),
    Serve(serve::Args),
    Emit(emit::Args),
    Source(source::Args),
    Graph(graph::Args),
    Import(import::Args),
    Explain(explain::Args),
    Lsp(lsp::Args),
    Prelude(prelude::Args),
    Editors(editors::Args),
    Completions(completions::Args),
    Man(man::Args),
}

/// When to color the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Color {
    #[default]
    Auto,
    Always,
    Never,
}

/// The language of the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Lang {
    /// English
    En,
    /// Russian
    Ru,
}

/// Returns the requested language, else that of the environment.
fn language(asked: Option<Lang>) -> Language {
    match asked {
        Some(Lang::En) => Language::English,
        Some(Lang::Ru) => Language::Russian,
        None => Language::of_environment(|name| std::env::var(name).ok()),
    }
}

/// The format of result lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Format {
    /// Human-readable text
    #[default]
    Text,
    /// One JSON object per line
    Json,
}

/// The outcome of a command that did its work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    /// Nothing to report.
    Success,
    /// Something the user should fix.
    Findings,
    /// Interrupted by Ctrl-C.
    Interrupted,
}

/// Parses the command line, runs the command and returns the exit code.
#[must_use]
pub fn main() -> ExitCode {
    let args: Vec<_> = std::env::args_os().collect();
    let cli = match Cli::try_parse_from(&args) {
        Ok(cli) => cli,
        Err(error) => return translate::report(&error, &args),
    };
    let terminal = Terminal::new(cli.color, language(cli.lang));
    let result = dispatch(cli.command, cli.lang, &terminal).and_then(|outcome| {
        terminal.flush()?;
        Ok(outcome)
    });
    match result {
        Ok(Outcome::Success) => ExitCode::SUCCESS,
        Ok(Outcome::Findings) => ExitCode::from(1),
        Ok(Outcome::Interrupted) => ExitCode::from(130),
        // The reader of a pipe may close it early, as `head` does.
        Err(Failure::Closed) => ExitCode::SUCCESS,
        Err(Failure::Reported) => ExitCode::from(2),
        Err(Failure::Error(fault)) => {
            terminal.fail(&fault);
            ExitCode::from(2)
        }
    }
}

fn dispatch(command: Command, lang: Option<Lang>, terminal: &Terminal) -> Result<Outcome, Failure> {
    match command {
        Command::Init(args) => init::run(&args, terminal),
        Command::Check(args) => check::run(&args, terminal),
        Command::Fmt(args) => fmt::run(&args, terminal),
        Command::Test(args) => test::run(&args, terminal),
        Command::Simulate(args) => simulate::run(&args, terminal),
        Command::Run(args) => run::run(&args, terminal),
        Command::Serve(args) => serve::run(&args, terminal),
        Command::Emit(args) => emit::run(&args, terminal),
        Command::Source(args) => source::run(&args, terminal),
        Command::Graph(args) => graph::run(&args, terminal),
        Command::Import(args) => import::run(&args, terminal),
        Command::Explain(args) => explain::run(&args, terminal),
        Command::Lsp(args) => lsp::run(&args, lang, terminal),
        Command::Prelude(args) => prelude::run(&args, terminal),
        Command::Editors(args) => editors::run(&args, terminal),
        Command::Completions(args) => completions::run(&args, terminal),
        Command::Man(args) => man::run(&args, terminal),
    }
}
