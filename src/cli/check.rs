//! `funnelc check`: everything that can be known about funnels before they run.

use super::count::{count, some};
use super::{Failure, Format, Outcome, Terminal, load};
use crate::diagnostic::{Diagnostic, Severity, json, render};
use clap::Parser;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  funnelc check                        the project around the current folder (found by funnel.toml)
  funnelc check welcome.funnel         one file; it needs no project
  funnelc check --format json | jq .   one JSON object a finding, for editors and bots
  cat draft.funnel | funnelc check -   standard input";

/// Look for mistakes in funnels, without running them
///
/// Reads funnels and the project file and reports every mistake with its place, the reason and a way out: unknown
/// names, values that may be missing, texts that do not fit, moments that may be past. Each finding has a code;
/// `funnelc explain CODE` says more. Nothing is sent and nothing is changed.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Files or folders; `-` reads standard input [default: the project around the current folder]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// The form of the findings
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Format,

    /// The name that findings show for standard input
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    stdin_filename: String,
}

/// Checks and reports.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut tally = Tally::default();
    for mut unit in load::units(&args.paths, &args.stdin_filename)? {
        let mut findings = unit.compile().diagnostics;
        findings.retain(|finding| unit.concerns(finding));
        tally.add(unit.named.len(), &findings);
        let text = match args.format {
            Format::Text => render::render(&unit.sources, &findings, terminal.colored()),
            Format::Json => json::lines(&unit.sources, &findings),
        };
        terminal.out(&text)?;
        if args.format == Format::Text && !text.is_empty() {
            terminal.out("\n")?;
        }
    }
    terminal.note(&tally.summary());
    Ok(if tally.errors > 0 { Outcome::Findings } else { Outcome::Fine })
}

/// How many files and findings there were.
#[derive(Debug, Default)]
struct Tally {
    files: u64,
    errors: u64,
    warnings: u64,
}

impl Tally {
    fn add(&mut self, files: usize, findings: &[Diagnostic]) {
        let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count() as u64;
        self.files += files as u64;
        self.errors += of(Severity::Error);
        self.warnings += of(Severity::Warning);
    }

    fn summary(&self) -> String {
        let warnings = some(self.warnings, "warning").map(|warnings| format!(", {warnings}")).unwrap_or_default();
        format!("{} checked, {}{warnings}", count(self.files, "file"), count(self.errors, "error"))
    }
}
