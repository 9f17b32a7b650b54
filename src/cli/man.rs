//! `funnelc man`: generates the manual pages of funnelc and its commands.

use super::{Failure, Outcome, Terminal};
use crate::say;
use clap::{CommandFactory, Parser, ValueHint};
use clap_mangen::Man;
use std::fs;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  funnelc man | man -l -                         view the manual page of funnelc
  funnelc man --out ~/.local/share/man/man1      for `man funnelc` and `man funnelc-check`";

/// Generate manual pages
///
/// Prints the page of funnelc itself; with `--out`, writes one page per command.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Folder for the pages (funnelc.1, funnelc-check.1 and so on); created if missing
    #[arg(long, value_name = "DIR", value_hint = ValueHint::DirPath)]
    out: Option<PathBuf>,
}

/// Prints the main page, or writes all pages to a folder.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    let command = super::Cli::command().disable_help_subcommand(true);
    match &args.out {
        Some(folder) => {
            let written = fs::create_dir_all(folder).and_then(|()| clap_mangen::generate_to(command, folder));
            written.map_err(|fault| Failure::write(folder, &fault))?;
            let at = folder.display().to_string();
            terminal.say(&say!("man pages written to `{folder}`", folder = at));
        }
        None => {
            let mut page = Vec::new();
            Man::new(command).render(&mut page)?;
            terminal.out(&String::from_utf8_lossy(&page))?;
        }
    }
    Ok(Outcome::Success)
}
