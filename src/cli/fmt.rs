//! `funnelc fmt`: formats funnels.

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
  funnelc fmt                  format all funnels of the project in place
  funnelc fmt --check          for CI: exit with code 1 if any file would change
  funnelc fmt --diff a.funnel  show what would change
  funnelc fmt - < a.funnel     format standard input to standard output";

/// Format funnels
///
/// There is one canonical format, and every comment is kept. Files are replaced atomically; standard input is formatted to
/// standard output. A file with syntax errors is reported and left unchanged.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(flatten)]
    selection: Selection,

    /// List the files that would change without changing them; exit with code 1 if there are any
    #[arg(long)]
    check: bool,

    /// Show what would change without changing any file; exit with code 1 if there are changes
    #[arg(long)]
    diff: bool,
}

/// Formats the selected files, or shows what would change.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let mut tally = Tally::default();
    let loaded = load::load(&args.selection, terminal)?;
    if let Some(text) = loaded.excluded_stdin.filter(|_| !args.check && !args.diff) {
        terminal.out(&text)?;
    }
    for unit in loaded.units {
        for named in &unit.named {
            tally.files += 1;
            match format_file(&unit.workspace, named.file) {
                Ok(formatted) => apply_or_show(args, terminal, named, &formatted, &mut tally)?,
                Err(findings) => {
                    tally.damaged += 1;
                    unit.report(&findings, terminal);
                }
            }
        }
    }
    terminal.say(&tally.summary(args.check || args.diff));
    let findings = tally.damaged > 0 || (tally.changed > 0 && (args.check || args.diff));
    Ok(if findings { Outcome::Findings } else { Outcome::Success })
}

/// A file and its formatted text.
struct Formatted<'s> {
    source: &'s SourceFile,
    text: String,
}

/// Formats a file, or returns its syntax errors.
fn format_file(workspace: &Workspace, file: FileId) -> Result<Formatted<'_>, Vec<Diagnostic>> {
    if let Some(refused) = workspace.decode_error(file) {
        return Err(vec![refused.clone()]);
    }
    let sources = &workspace.sources;
    let parsed = syntax::parse(sources, file);
    let formatted =
        sources.get(file).and_then(|source| Some(Formatted { source, text: format::format(&source.text, &parsed)? }));
    formatted.ok_or(parsed.diagnostics)
}

/// Writes the formatted text, or shows what would change.
fn apply_or_show(
    args: &Args,
    terminal: &Terminal,
    named: &Named,
    formatted: &Formatted<'_>,
    tally: &mut Tally,
) -> Result<(), Failure> {
    let Formatted { source, text } = formatted;
    let is_changed = source.text != *text;
    tally.changed += u64::from(is_changed);
    match &named.path {
        _ if args.diff && is_changed => terminal.out(&difference(
            &source.name,
            &say!("formatted").in_language(terminal.language()),
            &source.text,
            text,
        )),
        _ if args.check && is_changed => terminal.out(&format!("{}\n", source.name)),
        _ if args.diff || args.check => Ok(()),
        None => terminal.out(text),
        Some(path) if is_changed => replace(path, text).map_err(|fault| Failure::write(path, &fault)),
        Some(_) => Ok(()),
    }
}

/// The numbers of files that were read, would change, and could not be parsed.
#[derive(Debug, Default)]
struct Tally {
    files: u64,
    changed: u64,
    damaged: u64,
}

impl Tally {
    fn summary(&self, is_preview: bool) -> Phrase {
        let read = match self.files {
            0 => say!("no files read"),
            1 => say!("1 file read"),
            count => say!("{count} files read", count),
        };
        let changed = self.changed;
        let changed = if is_preview {
            say!("{count} would change", count = changed)
        } else {
            say!("{count} changed", count = changed)
        };
        let damaged = (self.damaged > 0).then(|| say!("{count} left unchanged", count = self.damaged));
        count::join([Some(read), Some(changed), damaged])
    }
}
