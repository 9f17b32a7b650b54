//! `funnelc init`: creates a project. In: flags, or answers on a terminal. Out: `funnel.toml`, a first funnel with a test,
//! and a pre-commit configuration.

mod answers;
mod files;

use super::{Failure, Outcome, Terminal};
use crate::diagnostic::Phrase;
use crate::say;
use clap::{Parser, ValueEnum, ValueHint};
use files::NewFile;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  funnelc init                      ask, then create the project in the current folder
  funnelc init salon --timezone Europe/Berlin --country DE --channel sms";

/// Create a project: settings, a first funnel with a test, and a pre-commit configuration
///
/// On a terminal, it asks for everything that no flag says; otherwise it uses the defaults. It writes `funnel.toml`, `thanks.funnel` and `.pre-commit-config.yaml`. It never overwrites a file: if the project already has one of the first two, nothing is written.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// Folder of the project; created if missing
    #[arg(value_name = "DIR", default_value = ".", value_hint = ValueHint::DirPath)]
    folder: PathBuf,

    /// Name of the business [default: the name of the folder]
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// IANA time zone, such as Europe/Berlin [default: that of this machine]
    #[arg(long, value_name = "ZONE")]
    timezone: Option<String>,

    /// Country of phone numbers without a country code, such as DE [default: that of the locale]
    #[arg(long, value_name = "COUNTRY")]
    country: Option<String>,

    /// Language of dates and amounts in messages, such as de [default: that of the locale]
    #[arg(long, value_name = "LANGUAGE")]
    language: Option<String>,

    /// Channel of the first funnel
    #[arg(long, value_enum, value_name = "CHANNEL")]
    channel: Option<Channel>,

    /// Ask nothing, use the defaults
    #[arg(long)]
    defaults: bool,
}

/// A channel to clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Channel {
    Sms,
    Email,
    Telegram,
    Whatsapp,
}

impl Channel {
    /// The name in funnels.
    fn name(self) -> &'static str {
        match self {
            Self::Sms => "sms",
            Self::Email => "email",
            Self::Telegram => "telegram",
            Self::Whatsapp => "whatsapp",
        }
    }
}

/// Creates the project and says what to do next.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    refuse_existing(&args.folder)?;
    let answers = answers::collect(args, terminal)?;
    fs::create_dir_all(&args.folder).map_err(|fault| Failure::write(&args.folder, &fault))?;
    for file in files::of(&answers) {
        write(&args.folder, &file, terminal)?;
    }
    let at = |name: &str| shown(&args.folder.join(name));
    terminal.out(&format!(
        "\n{}\n  funnelc test {folder}\n  funnelc graph {funnel}\n  funnelc serve {folder} --dry-run\n",
        say!("next:").in_language(terminal.language()),
        folder = shown(&args.folder),
        funnel = at(files::FUNNEL),
    ))?;
    Ok(Outcome::Success)
}

/// Refuses a folder that already is a project.
fn refuse_existing(folder: &Path) -> Result<(), Failure> {
    for name in [files::PROJECT, files::FUNNEL] {
        let path = folder.join(name);
        if path.symlink_metadata().is_ok() {
            let message = say!("`{path}` already exists, so nothing was written", path = shown(&path));
            return Err(Failure::new(message).help(say!("name another folder: `funnelc init FOLDER`")));
        }
    }
    Ok(())
}

/// Writes a file that does not exist yet. One that exists is left as it is.
fn write(folder: &Path, file: &NewFile, terminal: &Terminal) -> Result<(), Failure> {
    let path = folder.join(file.name);
    let mut created = match File::create_new(&path) {
        Ok(created) => created,
        Err(fault) if fault.kind() == std::io::ErrorKind::AlreadyExists => {
            return say_line(terminal, &say!("left as it is: {path}", path = shown(&path)));
        }
        Err(fault) => return Err(Failure::write(&path, &fault)),
    };
    created.write_all(file.text.as_bytes()).map_err(|fault| Failure::write(&path, &fault))?;
    say_line(terminal, &say!("created: {path}", path = shown(&path)))
}

fn say_line(terminal: &Terminal, phrase: &Phrase) -> Result<(), Failure> {
    terminal.out(&format!("{}\n", phrase.in_language(terminal.language())))
}

/// A path without a leading `./`.
fn shown(path: &Path) -> String {
    let short = path.strip_prefix(".").ok().filter(|short| !short.as_os_str().is_empty());
    short.unwrap_or(path).display().to_string()
}
