//! The overlay: unsaved texts of an editor, which take precedence over the files on disk.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// Unsaved texts.
#[derive(Debug, Clone, Default)]
pub(super) struct Overlay {
    /// By canonical path.
    texts: BTreeMap<PathBuf, Arc<str>>,
}

impl Overlay {
    /// Sets the unsaved text of a file; `None` uses the file on disk again.
    pub(super) fn set(&mut self, canonical: &Path, text: Option<Arc<str>>) {
        match text {
            Some(text) => _ = self.texts.insert(canonical.to_owned(), text),
            None => _ = self.texts.remove(canonical),
        }
    }

    /// The canonical path of a file, which must exist on disk or in the overlay.
    pub(super) fn resolve(&self, path: &Path) -> io::Result<PathBuf> {
        path.canonicalize().or_else(|fault| {
            let canonical = canonical_path(path);
            if self.texts.contains_key(&canonical) { Ok(canonical) } else { Err(fault) }
        })
    }

    /// The first `most` bytes of a file; `None` for a folder.
    pub(super) fn bytes(&self, canonical: &Path, most: usize) -> io::Result<Option<Vec<u8>>> {
        if let Some(text) = self.texts.get(canonical) {
            return Ok(Some(text.as_bytes().iter().take(most).copied().collect()));
        }
        let mut bytes = Vec::new();
        match File::open(canonical).and_then(|file| file.take(most as u64).read_to_end(&mut bytes)) {
            Ok(_) => Ok(Some(bytes)),
            // Operating systems report reading a folder in different ways.
            Err(_) if canonical.is_dir() => Ok(None),
            Err(fault) => Err(fault),
        }
    }
}

/// Returns the canonical path of a file, which need not exist.
#[must_use]
pub fn canonical_path(path: &Path) -> PathBuf {
    let in_folder = || {
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        Some(folder.canonicalize().ok()?.join(path.file_name()?))
    };
    path.canonicalize().ok().or_else(in_folder).unwrap_or_else(|| normalize(path))
}

/// The absolute path, without `.` and `..`.
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
