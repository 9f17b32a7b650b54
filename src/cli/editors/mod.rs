//! `funnelc editors`: lists and installs the editor plugins that are built into the program.

mod archive;
mod catalog;
mod next;
mod parser;
mod place;
mod repository;
mod write;

use super::translate::output;
use super::{Failure, Outcome, Terminal};
use crate::diagnostic::{Language, Phrase};
use crate::say;
use catalog::{EDITORS, Editor, Extra, Part};
use clap::{Parser, Subcommand};
use std::path::{Path, PathBuf};
use write::{Written, write_parts};

const EXAMPLES: &str = "\
Examples:
  funnelc editors list                        list supported editors and their plugin folders
  funnelc editors install neovim              install the plugin where Neovim looks for it
  funnelc editors install helix --to ./helix  write it to another folder
  funnelc editors install vim --force         also overwrite files that you have modified";

/// Install the plugin for your editor: highlighting, completion and more
///
/// The plugins are built into this program; no network is needed. Files that you have modified are left unchanged unless
/// `--force` is given.
#[derive(Debug, Parser)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List supported editors and their plugin folders
    List,
    /// Install the plugin of an editor and print the remaining steps
    #[command(after_help = EXAMPLES)]
    Install(Install),
}

#[derive(Debug, Parser)]
struct Install {
    /// Name of the editor, as shown by `funnelc editors list`
    #[arg(value_name = "NAME")]
    name: String,

    /// Folder to write to [default: where the editor looks for plugins]
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,

    /// Overwrite files that were modified by hand
    #[arg(long)]
    force: bool,
}

/// Lists the editors or installs a plugin.
pub(super) fn run(args: &Args, terminal: &Terminal) -> Result<Outcome, Failure> {
    match &args.what {
        What::List => {
            terminal.out(&list(terminal.language()))?;
            Ok(Outcome::Success)
        }
        What::Install(install) => install.run(terminal),
    }
}

/// Returns the names of all supported editors.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    EDITORS.iter().map(|editor| editor.name)
}

fn list(language: Language) -> String {
    let row = |editor: &Editor| {
        let folder = editor.place.folder().map(|folder| folder.display().to_string()).unwrap_or_default();
        format!("{:<10} {:<42} {folder}\n", editor.name, output(editor.title, language))
    };
    EDITORS.iter().map(row).collect()
}

/// The result of an installation.
struct Installed<'a> {
    editor: &'a Editor,
    /// The folder that was written to.
    folder: &'a Path,
    /// Whether the user chose the folder.
    chosen: bool,
    /// The files that were written or left unchanged.
    written: Written,
    /// An existing settings file of the user's that lacks what the plugin needs.
    incomplete: Option<PathBuf>,
}

impl Install {
    fn run(&self, terminal: &Terminal) -> Result<Outcome, Failure> {
        let editor = find_editor(&self.name)?;
        let folder = match &self.to {
            Some(folder) => std::path::absolute(folder).map_err(|fault| Failure::write(folder, &fault))?,
            None => editor.place.folder().ok_or_else(|| {
                Failure::new(say!("cannot determine the home folder")).help(say!("specify a folder: `--to DIR`"))
            })?,
        };
        let mut written = Written::default();
        let mut notes = Vec::new();
        let parts = self.parts(editor, &folder, &mut written)?;
        written.add(write_parts(&folder, editor.name, &parts, self.force)?);
        if let Extra::Parser { source, library } = editor.extra {
            notes.push(parser::build(&folder.join(source), &folder.join(parser::library_file(library)), &written)?);
        }
        let incomplete = self.write_settings(editor, &folder, &mut written)?;
        let installed = Installed { editor, folder: &folder, chosen: self.to.is_some(), written, incomplete };
        installed.report(notes, terminal)
    }

    /// Returns the files of a plugin, after generating those that are not part of the program.
    fn parts(&self, editor: &Editor, folder: &Path, written: &mut Written) -> Result<Vec<Part>, Failure> {
        Ok(match editor.extra {
            Extra::Archive { name } => vec![Part { to: name.into(), bytes: archive::pack(editor.files)?.into() }],
            Extra::Repository { source } => {
                let grammar = write_parts(&folder.join(source), editor.name, &catalog::grammar("src"), self.force)?;
                written.add(grammar);
                repository::parts(editor.files, folder, &folder.join(source))?
            }
            Extra::Parser { source, .. } => [editor.files.to_vec(), catalog::grammar(source)].concat(),
            Extra::Nothing => editor.files.to_vec(),
        })
    }

    /// Creates the user's settings file if it is missing. Returns an existing one that is not configured for funnels.
    fn write_settings(
        &self,
        editor: &Editor,
        folder: &Path,
        written: &mut Written,
    ) -> Result<Option<PathBuf>, Failure> {
        let Some(settings) = &editor.settings else { return Ok(None) };
        let path = match (&self.to, settings.place.folder()) {
            (None, Some(place)) => place.join(settings.name),
            (Some(_), _) | (None, None) => folder.join(settings.name),
        };
        if path.exists() {
            let bytes = std::fs::read(&path).map_err(|fault| Failure::read(&path, &fault))?;
            return Ok((!settings.is_configured(&bytes)).then_some(path));
        }
        write::write_file(&path, settings.bytes)?;
        written.files.push(path);
        Ok(None)
    }
}

fn find_editor(name: &str) -> Result<&'static Editor, Failure> {
    EDITORS.iter().find(|editor| editor.name == name).ok_or_else(|| {
        Failure::new(say!("no plugin for `{name}`", name))
            .help(say!("run `funnelc editors list` to see the supported editors"))
    })
}

impl Installed<'_> {
    fn report(&self, notes: Vec<Phrase>, terminal: &Terminal) -> Result<Outcome, Failure> {
        let language = terminal.language();
        let mut lines = vec![say!(
            "{editor}: {written} files written to `{folder}`, {same} already up to date",
            editor = Phrase::verbatim(output(self.editor.title, language)),
            written = self.written.files.len(),
            folder = self.folder.display().to_string(),
            same = self.written.unchanged
        )];
        lines.extend(notes);
        for path in &self.written.modified {
            let path = path.display().to_string();
            lines.push(say!("`{path}` was changed by hand and is left as is; use `--force` to overwrite it", path));
        }
        lines.extend(next::next_steps(self));
        let lines: String = lines.iter().map(|line| format!("{}\n", line.in_language(language))).collect();
        terminal.out(&lines)?;
        Ok(if self.written.modified.is_empty() { Outcome::Success } else { Outcome::Findings })
    }
}
