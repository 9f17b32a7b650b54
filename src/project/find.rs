//! Finding files: the project file above a path, and the funnels below one without those that are left out.

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

/// A file, as it was named and as the machine has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FilePath {
    /// How somebody came to it.
    pub path: PathBuf,
    /// The one path that it has on this machine.
    pub canonical: PathBuf,
}

impl FilePath {
    /// Where a path leads; the file need not be there.
    #[must_use]
    pub fn of(path: PathBuf) -> Self {
        Self { canonical: canonical_path(&path), path }
    }
}

/// The nearest project file at or above a path: in the folder, or beside the file.
#[must_use]
pub fn find(path: &Path) -> Option<PathBuf> {
    Finder::default().project(path)
}

/// The funnel files of paths, as [`Finder::files`] gives them. A file that two paths lead to comes once.
///
/// # Errors
/// Each path that gives no file; the files of the others are lost, so that nothing runs in part.
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

/// Finds projects and funnels, and remembers which project each folder belongs to. Clones remember together.
#[derive(Debug, Clone, Default)]
pub struct Finder(Arc<Mutex<ScopeCache>>);

/// The project that each folder belongs to, if any; a folder by each path that was asked for.
type ScopeCache = BTreeMap<PathBuf, Option<Arc<ProjectScope>>>;

/// A project as far as finding files needs it.
#[derive(Debug)]
struct ProjectScope {
    file: PathBuf,
    exclude: Gitignore,
}

impl Finder {
    /// The nearest project file at or above a path: in the folder, or beside the file.
    #[must_use]
    pub fn project(&self, path: &Path) -> Option<PathBuf> {
        self.scope(&normalize(path)).map(|scope| scope.file.clone())
    }

    /// The project file of a funnel file, which need not be there.
    #[must_use]
    pub fn project_of(&self, file: &Path) -> Option<PathBuf> {
        let folder = file.parent()?;
        let cached = self.cache().get(folder).cloned();
        let scope = cached.unwrap_or_else(|| {
            let found = normalize(file).parent().and_then(|whole| self.scope(whole));
            self.cache().insert(folder.to_owned(), found.clone());
            found
        });
        scope.map(|scope| scope.file.clone())
    }

    /// The funnel files of a path: a file as it is given, a folder's `.funnel` files sorted by path. Left out are hidden
    /// files, those that a `.gitignore` names, and those that their project excludes.
    ///
    /// # Errors
    /// There is nothing at the path, it cannot be read, or it is a folder without a funnel.
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
        // Asking the machine where it is takes longer than all else that is done for one file.
        let (canonical_top, top) = (canonical_path(path), normalize(path));
        let (mut files, finder, above) = (Vec::new(), self.clone(), path.to_owned());
        let keep = move |entry: &DirEntry| !finder.excludes(&rebase(&top, &above, entry.path()), entry);
        for entry in walk(path).filter_entry(keep).build() {
            let entry = entry.map_err(|e| unreadable(&e))?;
            if entry.path().extension().is_none_or(|extension| extension != "funnel") {
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

    /// Those of some paths that a walk would leave out: from the top of their repository, else of their project, else from
    /// their folder. What is not there is left out with its folder, or because its project says so.
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
            // What cannot be read is told when it is to be read.
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

    /// The folder from which a walk would come to what is at a path.
    fn walk_root(&self, path: &Path) -> PathBuf {
        let folder = if path.is_dir() { path } else { path.parent().unwrap_or(path) };
        let repository = folder.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned);
        let project = || Some(self.scope(folder)?.file.parent()?.to_owned());
        repository.or_else(project).unwrap_or_else(|| folder.to_owned())
    }

    /// Whether the project around an entry leaves it out; the path is whole.
    fn excludes(&self, path: &Path, entry: &DirEntry) -> bool {
        self.is_excluded(path, entry.file_type().is_some_and(|kind| kind.is_dir()))
    }

    fn is_excluded(&self, path: &Path, is_folder: bool) -> bool {
        let scope = path.parent().and_then(|folder| self.scope(folder));
        scope.is_some_and(|scope| scope.exclude.matched(path, is_folder).is_ignore())
    }

    /// The project around a folder, whose path is whole.
    fn scope(&self, folder: &Path) -> Option<Arc<ProjectScope>> {
        if let Some(cached) = self.cache().get(folder) {
            return cached.clone();
        }
        let file = folder.join(PROJECT_FILE);
        let found = if file.is_file() {
            // A file that cannot be read is told when it is read for its own sake.
            let text = std::fs::read_to_string(&file).unwrap_or_default();
            Some(Arc::new(ProjectScope { exclude: exclude::matcher(folder, &text), file }))
        } else {
            folder.parent().and_then(|above| self.scope(above))
        };
        self.cache().insert(folder.to_owned(), found.clone());
        found
    }

    fn cache(&self) -> MutexGuard<'_, ScopeCache> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A path if there is something at it, else the nearest folder above it.
fn existing(path: &Path) -> Option<PathBuf> {
    path.ancestors().find(|path| path.exists()).map(Path::to_owned)
}

/// The path of what a walk of a folder came to, by another path of the folder.
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
