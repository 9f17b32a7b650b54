//! `funnelc prelude`: the declarations that every funnel starts with.

use super::{Failure, Outcome, Terminal};
use crate::check;
use clap::Parser;

/// Show the built-in declarations: the client's fields, events and default templates
///
/// The prelude is written in the language itself. Whatever it declares is known in every funnel, and `event` and
/// `client` blocks of your own files add to it.
#[derive(Debug, Parser)]
pub(super) struct Args {}

/// Shows the prelude.
pub(super) fn run(_: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    terminal.out(check::PRELUDE)?;
    Ok(Outcome::Fine)
}
