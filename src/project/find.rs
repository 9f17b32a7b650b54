//! Finding files: the project file above a path, and the funnels below one.

use crate::diagnostic::Phrase;
use crate::say;
use std::collections::BTreeSet;
use std::fmt;
use std::path::{Path, PathBuf};

/// The name of the project file.
pub const PROJECT_FILE: &str = "funnel.toml";

/// A path in which no funnel can be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesError {
    /// There is nothing at the path.
    Missing(PathBuf),
    /// Something at or below the path cannot be read.
    Unreadable(PathBuf, String),
    /// A folder without a `.funnel` file.
    Empty(PathBuf),
}

impl FilesError {
    /// The fault in words.
    #[must_use]
    pub fn phrase(&self) -> Phrase {
        match self {
            Self::Missing(path) => say!("no such file or folder: `{path}`", path = path.display().to_string()),
            Self::Unreadable(path, why) => {
                say!("cannot read `{path}`: {fault}", path = path.display().to_string(), fault = why)
            }
            Self::Empty(path) => say!("no `.funnel` file in `{path}`", path = path.display().to_string()),
        }
    }
}

impl fmt::Display for FilesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.phrase().fmt(f)
    }
}

impl std::error::Error for FilesError {}

/// The nearest project file at or above a path: in the folder, or beside the file.
#[must_use]
pub fn find(path: &Path) -> Option<PathBuf> {
    let absolute = std::path::absolute(path).ok()?;
    absolute.ancestors().map(|folder| folder.join(PROJECT_FILE)).find(|file| file.is_file())
}

/// The funnel files of paths: a file as it is given, a folder's `.funnel` files sorted by path. Hidden files and those
/// that a `.gitignore` names are left out. A file that two paths lead to comes once.
///
/// # Errors
/// Each path that gives no file; the files of the others are lost, so that nothing runs in part.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Vec<FilesError>> {
    let (mut found, mut seen, mut faults) = (Vec::new(), BTreeSet::new(), Vec::new());
    for path in paths {
        match files_at(path) {
            Ok(files) => found.extend(files.into_iter().filter(|file| {
                let same = file.canonicalize().unwrap_or_else(|_| file.clone());
                seen.insert(same)
            })),
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

fn files_at(path: &Path) -> Result<Vec<PathBuf>, FilesError> {
    let unreadable = |e: &dyn fmt::Display| FilesError::Unreadable(path.to_owned(), e.to_string());
    match path.metadata() {
        Ok(data) if data.is_file() => Ok(vec![path.to_owned()]),
        Ok(_) => folder(path),
        Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(FilesError::Missing(path.to_owned())),
        Err(e) => Err(unreadable(&e)),
    }
}

fn folder(path: &Path) -> Result<Vec<PathBuf>, FilesError> {
    let mut files = Vec::new();
    for entry in ignore::WalkBuilder::new(path).require_git(false).build() {
        let entry = entry.map_err(|e| FilesError::Unreadable(path.to_owned(), e.to_string()))?;
        let is_funnel = entry.path().extension().is_some_and(|extension| extension == "funnel");
        if is_funnel && entry.path().is_file() {
            files.push(entry.into_path());
        }
    }
    files.sort();
    if files.is_empty() { Err(FilesError::Empty(path.to_owned())) } else { Ok(files) }
}
