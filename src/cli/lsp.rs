//! `funnelc lsp`: the language server, at the other end of standard input and output.

use super::{Failure, Lang, Outcome, Terminal};
use crate::lsp::{self, End, Options};
use clap::Parser;

const EXAMPLES: &str = "\
Editors start it by themselves; their settings name the command:
  funnelc lsp             what an editor runs
  funnelc lsp --stdio     the same, for editors that add it
  funnelc --lang ru lsp   with findings in Russian, whatever the editor's language

It answers: findings with their fixes, hover, completion, definition, references,
highlight, rename, symbols, formatting, semantic tokens, inlay hints, folding,
selection ranges, links and code lenses. Positions are in UTF-8 or UTF-16.";

/// Serve an editor: the language server, on standard input and output
///
/// Speaks the Language Server Protocol. It checks the projects of the folders that the editor works on, and lone funnels
/// that are open, as `check` does, with what is typed and not saved yet. Faults of its own are told on standard error.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Talk over standard input and output, which it does anyhow
    #[arg(long)]
    stdio: bool,
}

/// Serves until the editor leaves.
pub(super) fn run(_: &Args, asked: Option<Lang>, terminal: &Terminal) -> Result<Outcome, Failure> {
    let options = Options {
        language: asked.map(|asked| super::language(Some(asked))),
        fallback: terminal.language(),
        ..Options::default()
    };
    Ok(match lsp::stdio(options).map_err(Failure::new)? {
        End::Orderly => Outcome::Fine,
        // The protocol wants 1 of a server whose editor left without a word.
        End::Abrupt => Outcome::Findings,
    })
}
