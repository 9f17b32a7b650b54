//! `funnelc prelude`: prints the built-in declarations.

use super::{Failure, Outcome, Terminal};
use crate::ide;
use clap::Parser;

/// Print the built-in declarations: client fields, events and default templates
///
/// The prelude is written in the funnel language itself. All of it is available in every funnel; `event` and `client` blocks
/// in your own files add to it.
#[derive(Debug, Parser)]
pub(super) struct Args {}

/// Prints the prelude.
pub(super) fn run(_: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    terminal.out(&ide::prelude(terminal.language()))?;
    Ok(Outcome::Success)
}
