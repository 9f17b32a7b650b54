//! Files as an editor has them. In: texts that are not saved yet, by path. Out: the bytes of any file, the unsaved ones
//! before those on disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Texts that count for more than the files at their paths.
#[derive(Debug, Clone, Default)]
pub(super) struct Overlay {
    /// By the one path that each has on this machine.
    texts: BTreeMap<PathBuf, Arc<str>>,
}

impl Overlay {
    /// Lets a text stand for the file at a path, or with `None` the file for itself again.
    pub(super) fn set(&mut self, canonical: &Path, text: Option<Arc<str>>) {
        match text {
            Some(text) => _ = self.texts.insert(canonical.to_owned(), text),
            None => _ = self.texts.remove(canonical),
        }
    }

    /// The one path of a file on this machine, if there is something at it.
    pub(super) fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize().or_else(|fault| {
            let canonical = canonical_path(path);
            if self.texts.contains_key(&canonical) { Ok(canonical) } else { Err(fault) }
        })
    }

    /// The first bytes of a file; `None` for a folder.
    pub(super) fn bytes(&self, canonical: &Path, most: usize) -> io::Result<Option<Vec<u8>>> {
        if let Some(text) = self.texts.get(canonical) {
            return Ok(Some(text.as_bytes().iter().take(most).copied().collect()));
        }
        let mut bytes = Vec::new();
        match File::open(canonical).and_then(|file| file.take(most as u64).read_to_end(&mut bytes)) {
            Ok(_) => Ok(Some(bytes)),
            // Systems refuse a folder in different ways.
            Err(_) if canonical.is_dir() => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

/// The one path of a file on this machine, also of one that is not there.
#[must_use]
pub fn canonical_path(path: &Path) -> PathBuf {
    let in_folder = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(in_folder).unwrap_or_else(|| normalize(path))
}

/// A path from the root, without `.` and `..`.
pub(super) fn normalize(path: &Path) -> PathBuf {
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut normalized = PathBuf::new();
    for component in absolute.components() {
        match component {
            Component::ParentDir => _ = normalized.pop(),
            Component::CurDir => {}
            Component::Prefix(_) | Component::RootDir | Component::Normal(_) => normalized.push(component),
        }
    }
    normalized
}
