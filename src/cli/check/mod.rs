//! `funnelc check`: reports what is wrong with funnels before they run, and fixes what can be fixed automatically.

mod bounds;
mod fix;
mod level;
mod tally;
mod watch;

use super::change::difference;
use super::files::{Selection, base};
use super::load::{self, Loaded, Unit};
use super::{Failure, Outcome, Terminal};
use crate::analysis::bound::Bounds;
use crate::diagnostic::{Batch, Diagnostic, Language, Levels, PathBase, github, gitlab, json, junit, render, sarif};
use crate::project::fix::{FixTarget, apply_fixes};
use crate::say;
use clap::{Parser, ValueEnum};
use tally::Tally;

const EXAMPLES: &str = "\
Examples:
  funnelc check                        check the current project (found by its funnel.toml)
  funnelc check welcome.funnel         check one file; no project needed
  funnelc check --deny warnings        for CI: treat warnings as errors
  funnelc check --bounds               show the maximum number of messages per client
  funnelc check --format json | jq .   one JSON object per finding, for editors and bots
  funnelc check --format sarif > findings.sarif
  funnelc check --fix                  apply safe fixes
  funnelc check --unsafe-fixes --diff  preview all fixes without changing any file
  funnelc check --watch                check again after every change
  cat draft.funnel | funnelc check -   read standard input
  funnelc check --stdin-filename a.funnel < unsaved.txt

If only some files of a project are given, errors that they newly cause in its other files are reported too. An error is new if it does not occur when the given files are as in the last commit; untracked files count as absent from that commit.";

/// Check funnels for errors without running them
///
/// Reads funnels and the project file and reports every error with its location, its cause and a suggested fix: unknown
/// names, values that may be missing, invalid message texts, moments that may be in the past. Each finding has a code;
/// `funnelc explain <CODE>` describes it. Nothing is sent, and files change only with `--fix` or `--unsafe-fixes`.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,

    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: OutputFormat,

    #[command(flatten)]
    levels: level::Options,

    /// Print the maximum number of messages a client can receive, and the path that produces it
    #[arg(long, conflicts_with_all = ["fix", "unsafe_fixes", "diff", "watch"])]
    bounds: bool,

    /// Apply safe fixes and report the remaining findings; with `-`, write the fixed text to standard output
    #[arg(long)]
    fix: bool,

    /// Also apply fixes that may change behavior
    #[arg(long)]
    unsafe_fixes: bool,

    /// Show what `--fix` would change without changing any file; exit with code 1 if there are changes
    #[arg(long)]
    diff: bool,

    /// Check again after every change, until Ctrl-C
    #[arg(long, conflicts_with_all = ["fix", "unsafe_fixes", "diff"])]
    watch: bool,
}

/// The formats of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum OutputFormat {
    /// Human-readable text
    #[default]
    Text,
    /// One JSON object per line
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// GitHub Actions workflow commands, shown as annotations in pull requests
    Github,
    /// GitLab Code Quality report
    Gitlab,
    /// JUnit XML, for CI servers
    Junit,
}

/// A project or lone file that was checked, and what was found.
struct Checked {
    unit: Unit,
    findings: Vec<Diagnostic>,
    bounds: Option<Bounds>,
}

/// Checks the selected funnels in the mode that the arguments ask for.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let levels = args.levels.levels()?;
    if args.bounds && !matches!(args.format, OutputFormat::Text | OutputFormat::Json) {
        return Err(Failure::new(say!("`--bounds` does not support this output format"))
            .help(say!("use `--bounds` with `--format text` or `json`")));
    }
    if args.watch {
        return watch::run(args, &levels, terminal);
    }
    let loaded = load::load(&args.selection, terminal)?;
    if args.diff {
        diff(args, &levels, loaded, terminal)
    } else if args.fix || args.unsafe_fixes {
        fix(args, &levels, loaded, terminal)
    } else {
        report(args, &levels, loaded, terminal)
    }
}

/// Reports the findings, and the bounds with `--bounds`.
fn report(args: &Args, levels: &Levels, loaded: Loaded, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut tally = Tally::default();
    let mut checked = Vec::new();
    for mut unit in loaded.units {
        unit.workspace.override_levels(levels);
        let mut compiled = unit.workspace.compile();
        let bounds = args.bounds.then(|| bounds::compute(&unit, &compiled));
        let findings = unit.relevant(std::mem::take(&mut compiled.diagnostics));
        tally.add(unit.named.len(), &findings);
        checked.push(Checked { unit, findings, bounds });
    }
    terminal.out(&render(args.format, &checked, terminal.colored(), terminal.language()))?;
    print_bounds(args.format, &checked, terminal)?;
    Ok(finish(checked, &tally, terminal))
}

/// Applies fixes and reports the remaining findings. Fixed standard input goes to standard output, the report then to
/// standard error.
fn fix(args: &Args, levels: &Levels, loaded: Loaded, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut tally = Tally::default();
    let mut checked = Vec::new();
    let excluded = loaded.excluded_stdin.filter(|_| args.fix);
    let mut reads_stdin = excluded.is_some();
    if let Some(text) = excluded {
        terminal.out(&text)?;
    }
    for mut unit in loaded.units {
        unit.workspace.override_levels(levels);
        let fixed = apply_fixes(&mut unit, args.unsafe_fixes);
        reads_stdin |= echo_stdin(&unit, terminal)?;
        fix::write(&fixed, &unit)?;
        tally.fixes += fixed.fixes;
        tally.add(unit.named.len(), &fixed.findings);
        checked.push(Checked { unit, findings: fixed.findings, bounds: None });
    }
    let report = render(args.format, &checked, terminal.colored() && !reads_stdin, terminal.language());
    if reads_stdin {
        terminal.err(&report);
    } else {
        terminal.out(&report)?;
    }
    Ok(finish(checked, &tally, terminal))
}

/// Shows what fixes would change.
fn diff(args: &Args, levels: &Levels, loaded: Loaded, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut tally = Tally { is_preview: true, ..Tally::default() };
    let mut differs = false;
    for mut unit in loaded.units {
        unit.workspace.override_levels(levels);
        let fixed = apply_fixes(&mut unit, args.unsafe_fixes);
        for (file, old) in &fixed.changed {
            if let Some(source) = unit.workspace.sources.get(*file) {
                let how = say!("fixed").in_language(terminal.language()).into_owned();
                terminal.out(&difference(&source.name, &how, old, &source.text))?;
            }
        }
        differs |= !fixed.changed.is_empty();
        tally.fixes += fixed.fixes;
        tally.add(unit.named.len(), &fixed.findings);
    }
    terminal.say(&tally.summary());
    Ok(if differs { Outcome::Findings } else { Outcome::Success })
}

/// Prints the summary and returns the outcome.
fn finish(checked: Vec<Checked>, tally: &Tally, terminal: &Terminal) -> Outcome {
    terminal.say(&tally.summary());
    // The process ends now; dropping thousands of files would take a tenth of its time.
    std::mem::forget(checked);
    if tally.errors > 0 { Outcome::Findings } else { Outcome::Success }
}

fn print_bounds(format: OutputFormat, checked: &[Checked], terminal: &Terminal) -> Result<(), Failure> {
    for checked in checked {
        let Some(bounds) = &checked.bounds else { continue };
        let sources = &checked.unit.workspace.sources;
        terminal.out(&match format {
            OutputFormat::Json => bounds::json_lines(sources, bounds),
            _ => bounds::text(sources, bounds, terminal.language()),
        })?;
    }
    Ok(())
}

/// Prints the text of standard input after fixes. Returns whether standard input is part of the unit.
fn echo_stdin(unit: &Unit, terminal: &Terminal) -> Result<bool, Failure> {
    let stdin = unit.named.iter().find(|named| named.path.is_none()).map(|named| named.file);
    let stdin = stdin.filter(|file| unit.workspace.decode_error(*file).is_none());
    let Some(file) = stdin.and_then(|file| unit.workspace.sources.get(file)) else { return Ok(false) };
    terminal.out(&file.text)?;
    Ok(true)
}

/// Renders findings in the chosen output format. The machine-readable ones are a single document for the whole run.
fn render(format: OutputFormat, checked: &[Checked], colored: bool, language: Language) -> String {
    let base = base();
    let batches: Vec<Batch<'_>> = checked.iter().map(|checked| checked.batch(&base)).collect();
    match format {
        OutputFormat::Text => {
            let texts = batches.iter().map(|batch| render::render_in(batch.sources, batch.findings, colored, language));
            texts.map(|text| if text.is_empty() { text } else { text + "\n" }).collect()
        }
        OutputFormat::Json => {
            batches.iter().map(|batch| json::lines(batch.sources, batch.findings, language)).collect()
        }
        OutputFormat::Sarif => sarif::document(&batches, language),
        OutputFormat::Github => github::document(&batches, language),
        OutputFormat::Gitlab => gitlab::document(&batches, language),
        OutputFormat::Junit => junit::document("funnelc check", &junit::suites(&batches, language)),
    }
}

impl Checked {
    fn batch<'a>(&'a self, base: &'a PathBase) -> Batch<'a> {
        Batch { sources: &self.unit.workspace.sources, findings: &self.findings, files: self.unit.names(), base }
    }
}
