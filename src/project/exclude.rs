//! `exclude`: globs of files below the project folder that are ignored. Reports each glob that cannot match.

use super::table::{Table, TableFindings};
use crate::diagnostic::{Code, Diagnostic, Phrase};
use crate::say;
use crate::source::{FileId, Sources, Span, Spanned};
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::path::Path;
use toml::de::DeTable;

/// Why a glob is invalid.
enum GlobError {
    /// It matches nothing: it is empty, blank or a `.gitignore` comment.
    Empty,
    /// It leads out of the folder.
    OutsideFolder,
    /// It separates folders by backslashes.
    Backslash,
    /// Its syntax is invalid.
    Invalid(String),
}

/// Reads the key and reports invalid globs.
pub(super) fn read(top: &Table<'_>) {
    for glob in top.texts("exclude").unwrap_or_default() {
        if let Err(error) = add(&mut builder(Path::new("")), &glob.node) {
            top.findings.push(finding(&glob, error));
        }
    }
}

/// Builds the matcher for a project file, ignoring invalid globs.
pub(super) fn matcher(folder: &Path, text: &str) -> Gitignore {
    let findings = TableFindings::new(no_file());
    let (table, _) = DeTable::parse_recoverable(text);
    let top = Table::new(&findings, String::new(), Span::new(findings.file, 0, 0), table.get_ref());
    let mut globs = builder(folder);
    for glob in top.texts("exclude").unwrap_or_default() {
        // Invalid globs are reported when the project file itself is read.
        let _ = add(&mut globs, &glob.node);
    }
    globs.build().unwrap_or_else(|_| Gitignore::empty())
}

fn no_file() -> FileId {
    Sources::new().add("", "")
}

fn builder(folder: &Path) -> GitignoreBuilder {
    let mut globs = GitignoreBuilder::new(folder);
    globs.allow_unclosed_class(false);
    globs
}

fn add(globs: &mut GitignoreBuilder, glob: &str) -> Result<(), GlobError> {
    let written = glob.trim().trim_start_matches('!');
    if written.trim_matches('/').is_empty() || glob.starts_with('#') {
        return Err(GlobError::Empty);
    }
    if written.contains('\\') {
        return Err(GlobError::Backslash);
    }
    if written.split('/').any(|part| part == "..") {
        return Err(GlobError::OutsideFolder);
    }
    globs.add_line(None, glob).map(|_| ()).map_err(|fault| match fault {
        ignore::Error::Glob { err, .. } => GlobError::Invalid(err),
        other => GlobError::Invalid(other.to_string()),
    })
}

fn finding(glob: &Spanned<String>, error: GlobError) -> Diagnostic {
    let bad = |message: Phrase, label: Phrase| Diagnostic::new(Code::BadSetting, glob.span, message, label);
    let named = || glob.node.clone();
    match error {
        GlobError::Empty => bad(say!("this glob matches no files"), say!("excludes nothing"))
            .help(say!("write a folder, `\"drafts/\"`, or a pattern, `\"*.draft.funnel\"`")),
        GlobError::OutsideFolder => {
            bad(say!("`{glob}` points outside the project folder", glob = named()), say!("outside the project"))
                .help(say!("a project can only exclude files in its own folder"))
        }
        GlobError::Backslash => {
            let near = format!("\"{}\"", named().replace('\\', "/"));
            bad(say!("`\\` is not a path separator here: use `/`"), say!("`\\` is not a separator")).fix(
                say!("change it to `{near}`", near = near.as_str()),
                glob.span,
                near,
            )
        }
        GlobError::Invalid(fault) => {
            bad(say!("`{glob}` is not a valid glob: {fault}", glob = named(), fault), say!("cannot be read"))
        }
    }
}
