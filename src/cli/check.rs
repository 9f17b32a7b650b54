//! `funnelc check`: everything that can be known about funnels before they run.

mod bounds;
mod level;

use super::count::{count, some};
use super::load::{self, Unit};
use super::{Failure, Outcome, Terminal};
use crate::analyse::bound::Bounds;
use crate::diagnostic::{Batch, Diagnostic, Language, Severity, github, gitlab, json, junit, render, sarif};
use clap::{Parser, ValueEnum};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  funnelc check                        the project around the current folder (found by funnel.toml)
  funnelc check welcome.funnel         one file; it needs no project
  funnelc check --deny warnings        for a build server: nothing is let pass
  funnelc check --bounds               the most messages that one client can get
  funnelc check --format json | jq .   one JSON object a finding, for editors and bots
  funnelc check --format sarif > findings.sarif
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
    format: Form,

    #[command(flatten)]
    levels: level::Options,

    /// Tell the most messages that one client can get, with the ways that reach it
    #[arg(long)]
    bounds: bool,

    /// The name that findings show for standard input
    #[arg(long, value_name = "NAME", default_value = "<stdin>")]
    stdin_filename: String,
}

/// The forms of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum Form {
    /// For people
    #[default]
    Text,
    /// One JSON object a line
    Json,
    /// SARIF 2.1.0, for code scanners
    Sarif,
    /// Workflow commands, which GitHub shows in a change
    Github,
    /// A code quality report of GitLab
    Gitlab,
    /// JUnit XML, for build servers
    Junit,
}

/// Files that were checked together, and what was found.
struct Checked {
    unit: Unit,
    findings: Vec<Diagnostic>,
    bounds: Option<Bounds>,
}

/// Checks and reports.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let levels = args.levels.levels()?;
    if args.bounds && !matches!(args.format, Form::Text | Form::Json) {
        return Err(Failure::new("bounds have no such form").help("write `--bounds` with `--format text` or `json`"));
    }
    let mut tally = Tally::default();
    let mut checked = Vec::new();
    for mut unit in load::units(&args.paths, &args.stdin_filename)? {
        unit.overrule(&levels);
        let mut compiled = unit.compile();
        let bounds = args.bounds.then(|| bounds::of(&unit, &compiled));
        let mut findings = std::mem::take(&mut compiled.diagnostics);
        findings.retain(|finding| unit.concerns(finding));
        tally.add(unit.named.len(), &findings);
        checked.push(Checked { unit, findings, bounds });
    }
    terminal.out(&written(args.format, &checked, terminal.colored(), Language::English))?;
    for checked in &checked {
        let Some(bounds) = &checked.bounds else { continue };
        let sources = &checked.unit.sources;
        terminal.out(&match args.format {
            Form::Json => bounds::lines(sources, bounds),
            _ => bounds::text(sources, bounds, Language::English),
        })?;
    }
    terminal.note(&tally.summary());
    Ok(if tally.errors > 0 { Outcome::Findings } else { Outcome::Fine })
}

/// The findings of a run in a form. Those for machines are one document, whatever was checked and found.
fn written(form: Form, checked: &[Checked], colored: bool, language: Language) -> String {
    let batches: Vec<Batch<'_>> = checked.iter().map(Checked::batch).collect();
    match form {
        Form::Text => {
            let texts = batches.iter().map(|batch| render::render(batch.sources, batch.findings, colored));
            texts.map(|text| if text.is_empty() { text } else { text + "\n" }).collect()
        }
        Form::Json => batches.iter().map(|batch| json::lines(batch.sources, batch.findings)).collect(),
        Form::Sarif => sarif::document(&batches, language),
        Form::Github => github::document(&batches, language),
        Form::Gitlab => gitlab::document(&batches, language),
        Form::Junit => junit::document("funnelc check", &junit::suites(&batches, language)),
    }
}

impl Checked {
    fn batch(&self) -> Batch<'_> {
        Batch { sources: &self.unit.sources, findings: &self.findings, files: self.unit.names() }
    }
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
