//! Finds files: the project file above a path, and the funnels below one, except for ignored files.

use super::exclude;
use super::overlay::{canonical_path, normalize};
use crate::diagnostic::Phrase;
use crate::say;
use ignore::gitignore::Gitignore;
use ignore::{DirEntry, WalkBuilder};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The name of the project file.
pub const PROJECT_FILE: &str = "funnel.toml";

/// Why no funnel was found at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum FilesError {
    /// The path does not exist.
    Missing(PathBuf),
    /// The path, or something below it, cannot be read.
    Unreadable(PathBuf, String),
    /// A folder without `.funnel` files.
    Empty(PathBuf),
}

impl FilesError {
    /// Describes the error.
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

/// The path of a file, as given and in canonical form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePath {
    /// The path as given or found.
    pub path: PathBuf,
    /// The canonical path.
    pub canonical: PathBuf,
}

impl FilePath {
    /// Resolves a path; the file need not exist.
    #[must_use]
    pub fn of(path: PathBuf) -> Self {
        Self { canonical: canonical_path(&path), path }
    }
}

/// Returns the nearest project file at or above a path: in the folder, or beside the file.
#[must_use]
pub fn find(path: &Path) -> Option<PathBuf> {
    Finder::default().project(path)
}

/// Returns the funnel files of several paths, as [`Finder::files`] does, without duplicates.
///
/// # Errors
/// Every path without funnel files. No files are returned then, so that nothing runs partially.
pub fn files(paths: &[PathBuf]) -> Result<Vec<PathBuf>, Vec<FilesError>> {
    let (finder, mut found, mut seen, mut faults) = (Finder::default(), Vec::new(), BTreeSet::new(), Vec::new());
    for path in paths {
        match finder.files(path) {
            Ok(files) => {
                let new = files.into_iter().filter(|file| seen.insert(file.canonical.clone()));
                found.extend(new.map(|file| file.path));
            }
            Err(fault) => faults.push(fault),
        }
    }
    if faults.is_empty() { Ok(found) } else { Err(faults) }
}

/// Finds projects and funnels, and caches the project of each folder. Clones share the cache.
#[derive(Debug, Clone, Default)]
pub struct Finder(Arc<Mutex<Known>>);

/// What was found so far.
#[derive(Debug, Default)]
struct Known {
    /// The project of each folder, if any, by the path that was asked for.
    scopes: BTreeMap<PathBuf, Option<Arc<ProjectScope>>>,
    /// The files that only capital letters in `.funnel` keep from being funnels.
    misnamed: BTreeSet<PathBuf>,
}

/// The part of a project that finding files needs.
#[derive(Debug)]
struct ProjectScope {
    file: PathBuf,
    exclude: Gitignore,
}

impl Finder {
    /// Returns the nearest project file at or above a path: in the folder, or beside the file.
    #[must_use]
    pub fn project(&self, path: &Path) -> Option<PathBuf> {
        self.scope(&normalize(path)).map(|scope| scope.file.clone())
    }

    /// Returns the project file of a funnel file, which need not exist.
    #[must_use]
    pub fn project_of(&self, file: &Path) -> Option<PathBuf> {
        let folder = file.parent()?;
        let cached = self.known().scopes.get(folder).cloned();
        let scope = cached.unwrap_or_else(|| {
            let found = normalize(file).parent().and_then(|whole| self.scope(whole));
            self.known().scopes.insert(folder.to_owned(), found.clone());
            found
        });
        scope.map(|scope| scope.file.clone())
    }

    /// Returns the funnel files of a path: a file itself, or a folder's `.funnel` files sorted by path, without hidden
    /// files and those that a `.gitignore` or the project excludes.
    ///
    /// # Errors
    /// The path does not exist, cannot be read, or is a folder without funnels.
    pub fn files(&self, path: &Path) -> Result<Vec<FilePath>, FilesError> {
        let unreadable = |e: &dyn fmt::Display| FilesError::Unreadable(path.to_owned(), e.to_string());
        match path.metadata() {
            Ok(data) if data.is_file() => Ok(vec![FilePath::of(path.to_owned())]),
            Ok(_) => self.folder(path),
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => Err(FilesError::Missing(path.to_owned())),
            Err(e) => Err(unreadable(&e)),
        }
    }

    fn folder(&self, path: &Path) -> Result<Vec<FilePath>, FilesError> {
        let unreadable = |e: &dyn fmt::Display| FilesError::Unreadable(path.to_owned(), e.to_string());
        // Canonicalizing every file would dominate the cost, so only the folder is canonicalized.
        let (canonical_top, top) = (canonical_path(path), normalize(path));
        let (mut files, finder, above) = (Vec::new(), self.clone(), path.to_owned());
        let keep = move |entry: &DirEntry| !finder.excludes(&rebase(&top, &above, entry.path()), entry);
        for entry in walk(path).filter_entry(keep).build() {
            let entry = entry.map_err(|e| unreadable(&e))?;
            let Some(extension) = entry.path().extension().filter(|name| name.eq_ignore_ascii_case("funnel")) else {
                continue;
            };
            if extension != "funnel" {
                if entry.path().is_file() {
                    self.known().misnamed.insert(entry.into_path());
                }
                continue;
            }
            if entry.path_is_symlink() {
                // Links to folders are not followed.
                let is_file = entry.path().is_file();
                files.extend(is_file.then(|| FilePath::of(entry.into_path())));
            } else if entry.file_type().is_some_and(|kind| kind.is_file()) {
                let canonical = rebase(&canonical_top, path, entry.path());
                files.push(FilePath { path: entry.into_path(), canonical });
            }
        }
        files.sort_by(|a, b| a.path.cmp(&b.path));
        if files.is_empty() { Err(FilesError::Empty(path.to_owned())) } else { Ok(files) }
    }

    /// Returns the files in the folders asked for so far that are not funnels only because `.funnel` has capital letters.
    #[must_use]
    pub fn misnamed(&self) -> BTreeSet<PathBuf> {
        self.known().misnamed.clone()
    }

    /// Returns the paths that a walk would skip, starting at their repository, or else their project or folder. A path
    /// that does not exist is skipped with its folder, or when its project excludes it.
    #[must_use]
    pub fn excluded(&self, paths: &[PathBuf]) -> BTreeSet<PathBuf> {
        let mut pending: BTreeMap<PathBuf, BTreeSet<PathBuf>> = BTreeMap::new();
        for path in paths.iter().filter_map(|path| existing(&normalize(path))) {
            pending.entry(self.walk_root(&path)).or_default().insert(path);
        }
        let mut skipped = BTreeSet::new();
        for (top, mut pending) in pending {
            let finder = self.clone();
            let leading: BTreeSet<PathBuf> =
                pending.iter().flat_map(|path| path.ancestors().map(Path::to_owned)).collect();
            let keep = move |entry: &DirEntry| leading.contains(entry.path()) && !finder.excludes(entry.path(), entry);
            // Unreadable files are reported when they are read.
            for entry in walk(&top).filter_entry(keep).build().filter_map(Result::ok) {
                pending.remove(entry.path());
            }
            skipped.append(&mut pending);
        }
        let is_skipped = |path: &Path| {
            let existing = existing(path);
            existing.as_deref().is_some_and(|existing| skipped.contains(existing))
                || existing.as_deref() != Some(path) && self.is_excluded(path, false)
        };
        paths.iter().filter(|path| is_skipped(&normalize(path))).cloned().collect()
    }

    /// The folder in which a walk would find a path.
    fn walk_root(&self, path: &Path) -> PathBuf {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        let repository = folder.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned);
        let project = || Some(self.scope(folder)?.file.parent()?.to_owned());
        repository.or_else(project).unwrap_or_else(|| folder.to_owned())
    }

    /// Whether the project around an entry excludes it; the path is absolute.
    fn excludes(&self, path: &Path, entry: &DirEntry) -> bool {
        self.is_excluded(path, entry.file_type().is_some_and(|kind| kind.is_dir()))
    }

    fn is_excluded(&self, path: &Path, is_folder: bool) -> bool {
        let scope = path.parent().and_then(|folder| self.scope(folder));
        scope.is_some_and(|scope| scope.exclude.matched(path, is_folder).is_ignore())
    }

    /// The project around a folder, given by its absolute path.
    fn scope(&self, folder: &Path) -> Option<Arc<ProjectScope>> {
        if let Some(cached) = self.known().scopes.get(folder) {
            return cached.clone();
        }
        let file = folder.join(PROJECT_FILE);
        let found = if file.is_file() {
            // An unreadable file is reported when it is read itself.
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            Some(Arc::new(ProjectScope { exclude: exclude::matcher(folder, &text), file }))
        } else {
            folder.parent().and_then(|above| self.scope(above))
        };
        self.known().scopes.insert(folder.to_owned(), found.clone());
        found
    }

    fn known(&self) -> MutexGuard<'_, Known> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The path itself if it exists, otherwise the nearest folder above it.
fn existing(path: &Path) -> Option<PathBuf> {
    path.ancestors().find(|path| path.exists()).map(Path::to_owned)
}

/// Replaces the prefix `folder` of a found path by another path of that folder.
fn rebase(other: &Path, folder: &Path, found: &Path) -> PathBuf {
    match found.strip_prefix(folder) {
        Ok(inside) if inside.as_os_str().is_empty() => other.to_owned(),
        Ok(inside) => other.join(inside),
        Err(_) => normalize(found),
    }
}

fn walk(top: &Path) -> WalkBuilder {
    let mut walk = WalkBuilder::new(top);
    walk.require_git(false);
    walk
}
