//! `funnelc check`: everything that can be known about funnels before they run.

mod bounds;
mod fix;
mod level;
mod watch;

use super::change::difference;
use super::files::{Selection, base};
use super::load::{self, Unit};
use super::{Failure, Outcome, Terminal};
use crate::analyse::bound::Bounds;
use crate::diagnostic::{
    Batch, Diagnostic, Language, Levels, PathBase, Phrase, Severity, github, gitlab, json, junit, render, sarif,
};
use crate::project::mend::{Mendable, Mended, mend};
use crate::say;
use clap::{Parser, ValueEnum};

const EXAMPLES: &str = "\
Examples:
  funnelc check                        the project around the current folder (found by funnel.toml)
  funnelc check welcome.funnel         one file; it needs no project
  funnelc check --deny warnings        for a build server: nothing is let pass
  funnelc check --bounds               the most messages that one client can get
  funnelc check --format json | jq .   one JSON object a finding, for editors and bots
  funnelc check --format sarif > findings.sarif
  funnelc check --fix                  mend what can be mended without a doubt
  funnelc check --unsafe-fixes --diff  change nothing; show every change that could be made
  funnelc check --watch                check again after every change
  cat draft.funnel | funnelc check -   standard input
  funnelc check --stdin-filename a.funnel < unsaved.txt    as if that were the text of the file

Where some files of a project are named, what they break in its other files is told too: errors that
were not there with these files as the last commit has them, or without them where git does not know them.";

/// Look for mistakes in funnels, without running them
///
/// Reads funnels and the project file and reports every mistake with its place, the reason and a way out: unknown
/// names, values that may be missing, texts that do not fit, moments that may be past. Each finding has a code;
/// `funnelc explain CODE` says more. Nothing is sent, and nothing is changed unless `--fix` is given.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,

    /// The form of the findings
    #[arg(long, value_enum, default_value_t, value_name = "FORM")]
    format: Form,

    #[command(flatten)]
    levels: level::Options,

    /// Tell the most messages that one client can get, with the ways that reach it
    #[arg(long, conflicts_with_all = ["fix", "unsafe_fixes", "diff", "watch"])]
    bounds: bool,

    /// Mend what can be mended without a doubt, and report the rest; standard input is written to standard output
    #[arg(long)]
    fix: bool,

    /// Mend also by guesses, which take something away or decide what happens
    #[arg(long)]
    unsafe_fixes: bool,

    /// Change nothing; show what `--fix` would change, and end with exit code 1 if anything would
    #[arg(long)]
    diff: bool,

    /// Check again after every change, until Ctrl-C
    #[arg(long, conflicts_with_all = ["fix", "unsafe_fixes", "diff"])]
    watch: bool,
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
    let levels = levels_of(args)?;
    if args.bounds && !matches!(args.format, Form::Text | Form::Json) {
        return Err(Failure::new(say!("bounds have no such form"))
            .help(say!("write `--bounds` with `--format text` or `json`")));
    }
    if args.watch {
        return watch::run(args, terminal);
    }
    let mut tally = Tally::default();
    let mut checked = Vec::new();
    let mut differs = false;
    let loaded = load::load(&args.selection)?;
    let mut fed = loaded.left_out.is_some() && args.fix && !args.diff;
    if let Some(text) = loaded.left_out.filter(|_| fed) {
        terminal.out(&text)?;
    }
    for mut unit in loaded.units {
        unit.workspace.overrule(&levels);
        let (findings, bounds) = if args.fix || args.unsafe_fixes || args.diff {
            let mended = mend(&mut unit, args.unsafe_fixes);
            tally.fixes += mended.fixes;
            tally.only_looking = args.diff;
            differs |= !mended.changed.is_empty();
            fed |= !args.diff && printed(&unit, terminal)?;
            settle(args, terminal, &unit, &mended)?;
            (mended.findings, None)
        } else {
            let mut compiled = unit.workspace.compile();
            let bounds = args.bounds.then(|| bounds::of(&unit, &compiled));
            (unit.told(std::mem::take(&mut compiled.diagnostics)), bounds)
        };
        tally.add(unit.named.len(), &findings);
        checked.push(Checked { unit, findings, bounds });
    }
    if args.diff {
        terminal.say(&tally.summary());
        return Ok(if differs { Outcome::Findings } else { Outcome::Fine });
    }
    let report = written(args.format, &checked, terminal.colored() && !fed, terminal.language());
    if fed {
        // Standard output is the mended text.
        terminal.aside(&report);
    } else {
        terminal.out(&report)?;
    }
    told_bounds(args, terminal, &checked)?;
    terminal.say(&tally.summary());
    // The process ends now, and to give back what thousands of files take, piece by piece, is a tenth of its time.
    std::mem::forget(checked);
    Ok(if tally.errors > 0 { Outcome::Findings } else { Outcome::Fine })
}

/// Tells the bounds where they are wanted.
fn told_bounds(args: &Args, terminal: &Terminal, checked: &[Checked]) -> Result<(), Failure> {
    for checked in checked {
        let Some(bounds) = &checked.bounds else { continue };
        let sources = &checked.unit.workspace.sources;
        terminal.out(&match args.format {
            Form::Json => bounds::lines(sources, bounds),
            _ => bounds::text(sources, bounds, terminal.language()),
        })?;
    }
    Ok(())
}

/// Writes standard input as it is now, when it is what is checked.
fn printed(unit: &Unit, terminal: &Terminal) -> Result<bool, Failure> {
    let fed = unit.named.iter().find(|named| named.path.is_none()).map(|named| named.file);
    let fed = fed.filter(|file| unit.workspace.refused(*file).is_none());
    let Some(file) = fed.and_then(|file| unit.workspace.sources.get(file)) else { return Ok(false) };
    terminal.out(&file.text)?;
    Ok(true)
}

/// Shows what would change, or changes it.
fn settle(args: &Args, terminal: &Terminal, unit: &Unit, mended: &Mended) -> Result<(), Failure> {
    if !args.diff {
        return fix::write(mended, unit);
    }
    for (file, old) in &mended.changed {
        if let Some(source) = unit.workspace.sources.get(*file) {
            terminal.out(&difference(&source.name, "fixed", old, &source.text))?;
        }
    }
    Ok(())
}

/// The levels that the command line sets.
fn levels_of(args: &Args) -> Result<Levels, Failure> {
    args.levels.levels()
}

/// The findings of a run in a form. Those for machines are one document, whatever was checked and found.
fn written(form: Form, checked: &[Checked], colored: bool, language: Language) -> String {
    let base = base();
    let batches: Vec<Batch<'_>> = checked.iter().map(|checked| checked.batch(&base)).collect();
    match form {
        Form::Text => {
            let texts = batches.iter().map(|batch| render::render_in(batch.sources, batch.findings, colored, language));
            texts.map(|text| if text.is_empty() { text } else { text + "\n" }).collect()
        }
        Form::Json => batches.iter().map(|batch| json::lines(batch.sources, batch.findings, language)).collect(),
        Form::Sarif => sarif::document(&batches, language),
        Form::Github => github::document(&batches, language),
        Form::Gitlab => gitlab::document(&batches, language),
        Form::Junit => junit::document("funnelc check", &junit::suites(&batches, language)),
    }
}

impl Checked {
    fn batch<'a>(&'a self, base: &'a PathBase) -> Batch<'a> {
        Batch { sources: &self.unit.workspace.sources, findings: &self.findings, files: self.unit.names(), base }
    }
}

/// How many files and findings there were.
#[derive(Debug, Default)]
struct Tally {
    files: u64,
    errors: u64,
    warnings: u64,
    fixes: u64,
    /// Whether fixes are only shown.
    only_looking: bool,
}

impl Tally {
    fn add(&mut self, files: usize, findings: &[Diagnostic]) {
        let of = |severity| findings.iter().filter(|finding| finding.severity == severity).count() as u64;
        self.files += files as u64;
        self.errors += of(Severity::Error);
        self.warnings += of(Severity::Warning);
    }

    fn summary(&self) -> Phrase {
        let files = match self.files {
            0 => say!("no files checked"),
            1 => say!("1 file checked"),
            count => say!("{count} files checked", count),
        };
        let errors = match self.errors {
            0 => say!("no errors"),
            1 => say!("1 error"),
            count => say!("{count} errors", count),
        };
        let warnings = match self.warnings {
            0 => say!("{files}, {errors}", files, errors),
            1 => say!("{files}, {errors}, 1 warning", files, errors),
            count => say!("{files}, {errors}, {count} warnings", files, errors, count),
        };
        match (self.fixes, self.only_looking) {
            (0, _) => warnings,
            (1, false) => say!("{all}, 1 place mended", all = warnings),
            (count, false) => say!("{all}, {count} places mended", all = warnings, count),
            (1, true) => say!("{all}, 1 place would be mended", all = warnings),
            (count, true) => say!("{all}, {count} places would be mended", all = warnings, count),
        }
    }
}
