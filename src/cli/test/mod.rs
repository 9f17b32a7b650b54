//! `funnelc test`: runs the `test` blocks of funnels in virtual time.

mod coverage;
mod json;
mod junit;

use super::count;
use super::files::{Selection, base};
use super::load::{self, Unit};
use super::translate::output;
use super::{Failure, Outcome, Terminal};
use crate::check::program::Test;
use crate::diagnostic::junit::{Suite, document};
use crate::diagnostic::{Diagnostic, Language, Phrase, render};
use crate::engine::{EdgeCounts, World};
use crate::say;
use crate::simulate::{Coverage, Verdict, coverage, diff_view, run_test};
use crate::source::{Position, Span};
use clap::{Parser, ValueEnum};
use std::path::PathBuf;
use std::sync::Arc;

const EXAMPLES: &str = "\
Examples:
  funnelc test                          run all tests of the current project
  funnelc test reminder.funnel          run the tests of one file, with all funnels of its project
  funnelc test --filter cancelled       run the tests whose title contains the word
  funnelc test --coverage               also show elements and arrows that no test reached
  funnelc test --format junit > tests.xml

A test lists events and the expected results:
  test \"a reminder\" {
    client { phone: \"+79990000000\" }
    at 2026-03-01 10:00 booking { id: \"b1\", starts_at: 2026-03-03 12:00 }
    expect at 2026-03-02 12:00 send sms
    expect nothing else
  }";

/// Run the `test` blocks of funnels in virtual time
///
/// Waits of days pass instantly; no message is sent and nothing is stored. A failing test shows expected and actual results
/// side by side: `-` did not happen, `+` was not expected, `~` happened differently.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Files or folders; `-` reads standard input [default: the project in the current folder]
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,

    /// Run only tests whose title contains this text, ignoring case
    #[arg(long, value_name = "TEXT")]
    filter: Option<String>,

    /// Output format
    #[arg(long, value_enum, default_value_t, value_name = "FORMAT")]
    format: OutputFormat,

    /// Show the elements and arrows of funnels that no test reached
    #[arg(long)]
    coverage: bool,
}

/// The formats of results.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
enum OutputFormat {
    /// Human-readable text
    #[default]
    Text,
    /// One JSON object per line
    Json,
    /// JUnit XML, for CI servers
    Junit,
}

/// A test and its result.
struct TestRun {
    test: Arc<Test>,
    verdict: Verdict,
    /// The name of its file.
    file: String,
    /// The position of its title.
    place: Position,
    /// The lines of the expectations that failed.
    fault_lines: Vec<usize>,
    /// The report of a failed test: its source with the failures marked, and both timelines.
    report: Option<String>,
}

/// Runs the selected tests and reports their results.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut tally = Tally::default();
    let mut suites = Vec::new();
    let is_colored = args.format == OutputFormat::Text && terminal.colored();
    for mut unit in load::load(&Selection::of(args.paths.iter().cloned()), terminal)?.units {
        match run_tests(args, &mut unit, is_colored, terminal) {
            Err(errors) => {
                tally.broken += 1;
                suites.extend(report_errors(args.format, &unit, &errors, terminal)?);
            }
            Ok((runs, covered)) => {
                tally.add(&runs);
                suites.extend(report_runs(args.format, &unit, &runs, &covered, terminal)?);
            }
        }
    }
    if args.format == OutputFormat::Junit {
        terminal.out(&document("funnelc test", &suites))?;
    }
    terminal.say(&tally.summary(args.filter.as_deref()));
    Ok(if tally.failed + tally.broken > 0 { Outcome::Findings } else { Outcome::Success })
}

/// Prints the errors that keep tests from running, or returns them as a suite of JUnit.
fn report_errors(
    format: OutputFormat,
    unit: &Unit,
    errors: &[Diagnostic],
    terminal: &Terminal,
) -> Result<Vec<Suite>, Failure> {
    let (sources, language) = (&unit.workspace.sources, terminal.language());
    match format {
        OutputFormat::Text => {
            terminal.out(&(render::render_in(sources, errors, terminal.colored(), language) + "\n"))?;
        }
        OutputFormat::Json => terminal.out(&crate::diagnostic::json::lines(sources, errors, language))?,
        OutputFormat::Junit => return Ok(junit::broken(unit, errors, &base(), language).into_iter().collect()),
    }
    Ok(Vec::new())
}

/// Prints the results of tests, or returns them as suites of JUnit.
fn report_runs(
    format: OutputFormat,
    unit: &Unit,
    runs: &[TestRun],
    covered: &[Coverage],
    terminal: &Terminal,
) -> Result<Vec<Suite>, Failure> {
    let (sources, language) = (&unit.workspace.sources, terminal.language());
    match format {
        OutputFormat::Text => {
            terminal.out(&text(runs, terminal.colored(), language))?;
            let space = if covered.is_empty() || runs.is_empty() { "" } else { "\n" };
            terminal.out(&format!("{space}{}", coverage::text(sources, covered, language)))?;
        }
        OutputFormat::Json => {
            terminal.out(&runs.iter().map(|run| json::line(run, language)).collect::<String>())?;
            terminal.out(&coverage::json(sources, covered))?;
        }
        OutputFormat::Junit => {
            // JUnit has no place for coverage.
            terminal.err(&coverage::text(sources, covered, language));
            return Ok(junit::suites(runs, &base(), language));
        }
    }
    Ok(Vec::new())
}

/// Runs the tests of the selected files with all funnels of the project. Returns the results and, with `--coverage`, the
/// coverage of the selected funnels.
///
/// # Errors
/// The errors that keep the selected files from running.
fn run_tests(
    args: &Args,
    unit: &mut Unit,
    colored: bool,
    terminal: &Terminal,
) -> Result<(Vec<TestRun>, Vec<Coverage>), Vec<Diagnostic>> {
    let language = terminal.language();
    let compiled = unit.workspace.compile();
    let errors = unit.obstacles(&compiled);
    if !errors.is_empty() {
        return Err(errors);
    }
    if compiled.diagnostics.iter().any(Diagnostic::is_error) {
        terminal.say(&say!("other files have errors, and their funnels take no part; `funnelc check` shows them"));
    }
    let mut tests = compiled.program.tests;
    let wanted = args.filter.as_ref().map(|filter| filter.to_lowercase());
    tests.retain(|test| unit.is_named(test.span.file));
    tests.retain(|test| wanted.as_ref().is_none_or(|wanted| test.title.to_lowercase().contains(wanted)));
    let project = unit.runtime_project(compiled.program.catalog, compiled.graphs);
    let edge_counts = EdgeCounts::default();
    let world = World {
        catalog: &project.catalog,
        graphs: &project.graphs,
        business: &project.business,
        language: &project.language,
        edge_counts: args.coverage.then_some(&edge_counts),
    };
    let runs = tests.into_iter().map(|test| {
        let verdict = run_test(world, &test);
        let (file, place) = locate(unit, test.span);
        let report = verdict.finding(&test).map(|finding| {
            let picture = render::render_in(&unit.workspace.sources, &[finding], colored, language);
            format!(
                "{picture}\n{}",
                diff_view(&test, &verdict, colored, &|english| output(english, language).into_owned())
            )
        });
        let fault_lines = verdict.faults.iter().map(|fault| locate(unit, fault.span).1.line).collect();
        TestRun { test, verdict, file, place, fault_lines, report }
    });
    let runs = runs.collect();
    let named = project
        .graphs
        .current()
        .map(|(_, graph)| graph)
        .filter(|graph| args.coverage && graph.entries.first().is_some_and(|entry| unit.is_named(entry.span.file)));
    let covered = named.map(|graph| coverage(graph, &edge_counts.of(&graph.funnel))).collect();
    Ok((runs, covered))
}

/// Returns the file name and the position of a span.
fn locate(unit: &Unit, span: Span) -> (String, Position) {
    match unit.workspace.sources.get(span.file) {
        Some(file) => (file.name.clone(), file.lines.position(&file.text, span.start as usize)),
        None => (String::new(), Position { line: 0, column: 0 }),
    }
}

/// Returns the results as text: a list by file, then the reports of failed tests.
fn text(runs: &[TestRun], colored: bool, language: Language) -> String {
    let paint = |code: &str, word: &str| {
        if colored { format!("\u{1b}[{code}m{word}\u{1b}[0m") } else { word.to_owned() }
    };
    let (mut list, mut file) = (String::new(), "");
    for one in runs {
        if one.file != file {
            file = &one.file;
            list += &format!("{file}\n");
        }
        let mark = if one.report.is_some() {
            paint("1;31", &say!("fail").in_language(language).to_uppercase())
        } else {
            paint("32", "ok  ")
        };
        list += &format!("  {mark}  {}\n", one.test.title);
    }
    let failed = runs.iter().filter_map(|one| one.report.as_deref());
    list + &failed.map(|report| format!("\n{report}")).collect::<String>()
}

/// The numbers of tests by result.
#[derive(Debug, Default)]
struct Tally {
    passed: u64,
    failed: u64,
    /// Projects and lone files whose tests could not run because of errors.
    broken: u64,
}

impl Tally {
    fn add(&mut self, runs: &[TestRun]) {
        let failed = runs.iter().filter(|one| !one.verdict.passed()).count() as u64;
        self.failed += failed;
        self.passed += runs.len() as u64 - failed;
    }

    fn summary(&self, filter: Option<&str>) -> Phrase {
        if self.passed + self.failed == 0 {
            return match (self.broken, filter) {
                (1.., _) => say!("no tests were run because of the errors above"),
                (0, Some(filter)) => say!("no test title contains `{filter}`", filter),
                (0, None) => say!("no tests found; `funnelc test --help` shows an example"),
            };
        }
        let all = match self.passed + self.failed {
            1 => say!("1 test"),
            count => say!("{count} tests", count),
        };
        let failed = match self.failed {
            0 => None,
            1 => Some(say!("1 failure")),
            count => Some(say!("{count} failures", count)),
        };
        count::join([Some(all), Some(say!("{count} passed", count = self.passed)), failed])
    }
}
