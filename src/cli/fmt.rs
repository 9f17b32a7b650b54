//! `funnelc fmt`: the canonical layout of funnels.

use super::change::{difference, replace};
use super::count;
use super::files::Selection;
use super::load::{self, Named};
use super::{Failure, Outcome, Terminal};
use crate::diagnostic::{Diagnostic, Phrase};
use crate::project::Workspace;
use crate::say;
use crate::source::{FileId, SourceFile};
use crate::{format, syntax};
use clap::Parser;

const EXAMPLES: &str = "\
Examples:
  funnelc fmt                  format every funnel of the project, in place
  funnelc fmt --check          change nothing; exit code 1 when something would change
  funnelc fmt --diff a.funnel  change nothing; show what would change
  funnelc fmt - < a.funnel     format standard input to standard output";

/// Lay funnels out in the one canonical way, keeping every comment
///
/// Files are replaced whole or not at all; standard input is written to standard output. A file that does not parse is
/// left as it is and reported.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,

    /// Change nothing; name the files that would change and end with exit code 1 if there are any
    #[arg(long)]
    check: bool,

    /// Change nothing; show what would change, and end with exit code 1 if anything would
    #[arg(long)]
    diff: bool,
}

/// Formats.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut tally = Tally::default();
    let loaded = load::load(&args.selection)?;
    if let Some(text) = loaded.left_out.filter(|_| !args.check && !args.diff) {
        terminal.out(&text)?;
    }
    for unit in loaded.units {
        for named in &unit.named {
            tally.files += 1;
            match laid_out(&unit.workspace, named.file) {
                Ok(layout) => settle(args, terminal, named, &layout, &mut tally)?,
                Err(findings) => {
                    tally.damaged += 1;
                    unit.shown(&findings, terminal);
                }
            }
        }
    }
    terminal.say(&tally.summary(args.check || args.diff));
    let findings = tally.damaged > 0 || (tally.changed > 0 && (args.check || args.diff));
    Ok(if findings { Outcome::Findings } else { Outcome::Fine })
}

/// A file's text and its canonical text.
struct Layout<'s> {
    source: &'s SourceFile,
    text: String,
}

/// The canonical text of a file, or why it does not parse.
fn laid_out(workspace: &Workspace, file: FileId) -> Result<Layout<'_>, Vec<Diagnostic>> {
    if let Some(refused) = workspace.decode_error(file) {
        return Err(vec![refused.clone()]);
    }
    let sources = &workspace.sources;
    let parsed = syntax::parse(sources, file);
    let layout =
        sources.get(file).and_then(|source| Some(Layout { source, text: format::format(&source.text, &parsed)? }));
    layout.ok_or(parsed.diagnostics)
}

/// Shows what would change, or changes it.
fn settle(
    args: &Args,
    terminal: &Terminal,
    named: &Named,
    layout: &Layout<'_>,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let Layout { source, text } = layout;
    let changes = source.text != *text;
    tally.changed += u64::from(changes);
    match &named.path {
        _ if args.diff && changes => terminal.out(&difference(&source.name, "formatted", &source.text, text)),
        _ if args.check && changes => terminal.out(&format!("{}\n", source.name)),
        _ if args.diff || args.check => Ok(()),
        None => terminal.out(text),
        Some(path) if changes => replace(path, text).map_err(|fault| Failure::write(path, &fault)),
        Some(_) => Ok(()),
    }
}

/// How many files there were, and how they fared.
#[derive(Debug, Default)]
struct Tally {
    files: u64,
    changed: u64,
    damaged: u64,
}

impl Tally {
    fn summary(&self, only_looking: bool) -> Phrase {
        let read = match self.files {
            0 => say!("no files read"),
            1 => say!("1 file read"),
            count => say!("{count} files read", count),
        };
        let changed = self.changed;
        let changed = if only_looking {
            say!("{count} would change", count = changed)
        } else {
            say!("{count} changed", count = changed)
        };
        let damaged = (self.damaged > 0).then(|| say!("{count} left as they are", count = self.damaged));
        count::joined([Some(read), Some(changed), damaged])
    }
}
