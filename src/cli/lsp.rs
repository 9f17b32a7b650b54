//! `funnelc lsp`: runs the language server on standard input and output.

use super::{Failure, Lang, Outcome, Terminal};
use crate::lsp::{self, End, Options};
use clap::Parser;

const EXAMPLES: &str = "\
Editors start the server with this command:
  funnelc lsp             what an editor runs
  funnelc lsp --stdio     the same, for editors that always add the flag
  funnelc --lang ru lsp   findings in Russian, regardless of the editor's language

Supported features: diagnostics with quick fixes, hover, completion, go to definition, references, highlights, rename, symbols, formatting, semantic tokens, inlay hints, folding, selection ranges, links and code lenses. Positions are in UTF-8 or UTF-16.";

/// Run the language server for editors
///
/// Speaks the Language Server Protocol on standard input and output. Checks the projects in the editor's workspace folders
/// and open funnels outside of a project, as `funnelc check` does, including unsaved changes. Errors of the server itself
/// go to standard error.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Accepted for compatibility; stdio is the default
    #[arg(long)]
    stdio: bool,
}

/// Runs the server until the editor disconnects.
pub(super) fn run(_: &Args, asked: Option<Lang>, terminal: &Terminal) -> Result<Outcome, Failure> {
    let options = Options {
        language: asked.map(|asked| super::language(Some(asked))),
        fallback: terminal.language(),
        ..Options::default()
    };
    Ok(match lsp::stdio(options).map_err(Failure::new)? {
        End::Orderly => Outcome::Success,
        // The protocol requires exit code 1 if the editor did not request a shutdown.
        End::Abrupt => Outcome::Findings,
    })
}
