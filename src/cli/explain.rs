//! `funnelc explain`: prints the page of a finding, or the list of all codes.

use super::{Failure, Outcome, Terminal};
use crate::diagnostic::{Code, Language};
use crate::say;
use clap::Parser;

const EXAMPLES: &str = "\
Examples:
  funnelc explain F0302          what `maybe-missing` means and how to fix it
  funnelc explain maybe-missing  the same, by name
  funnelc explain --list         list all codes";

/// Explain a finding: meaning, cause, example and fix
///
/// Every finding of `funnelc check` has a code such as F0302. Its page is built into this program; no network is needed.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Code or name of the finding
    #[arg(value_name = "CODE", required_unless_present = "list")]
    code: Option<String>,

    /// List all codes
    #[arg(long, conflicts_with = "code")]
    list: bool,
}

/// Prints a page or the list.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    match &args.code {
        Some(number) => terminal.out(page(number, terminal.language())?)?,
        None => terminal.out(&list(terminal.language()))?,
    }
    Ok(Outcome::Success)
}

fn page(number: &str, language: Language) -> Result<&'static str, Failure> {
    let unknown = || {
        Failure::new(say!("unknown diagnostic code `{number}`", number))
            .help(say!("run `funnelc explain --list` to see all codes"))
    };
    Code::from_number(number).map(|code| code.page(language)).ok_or_else(unknown)
}

fn list(language: Language) -> String {
    let word = |code: &Code| code.severity().phrase().in_language(language).into_owned();
    let width = Code::ALL.iter().map(|code| word(code).chars().count()).max().unwrap_or_default() + 2;
    let row = |code: &Code| format!("{}  {:<width$} {}\n", code.number(), word(code), code.slug());
    Code::ALL.iter().map(row).collect()
}
