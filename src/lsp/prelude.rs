//! A copy of the prelude on disk, which editors can show. It is written on first use and deleted with the server.

use crate::check::PRELUDE;
use crate::project::canonical_path;
use std::cell::OnceCell;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;

/// Limit: the number of servers in one process that can have a copy.
const MAX_COPIES: u32 = 1000;

/// A copy of the prelude that is written on demand.
#[derive(Debug, Default)]
pub(super) struct Prelude {
    path: OnceCell<Option<PathBuf>>,
}

impl Prelude {
    /// Returns the path of the copy; `None` if it cannot be written.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.get_or_init(write_copy).as_deref()
    }

    /// Whether a path is that of the copy.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        self.path.get().and_then(Option::as_ref).is_some_and(|own| canonical_path(own) == path)
    }
}

/// Writes the copy into a newly created folder, so that no other user can have prepared it.
fn write_copy() -> Option<PathBuf> {
    let folder = |n| env::temp_dir().join(format!("funnelc-{}-{n}", process::id()));
    let folder = (0..MAX_COPIES).map(folder).find(|folder| fs::create_dir(folder).is_ok())?;
    let path = folder.join("prelude.funnel");
    fs::write(&path, PRELUDE).ok()?;
    Some(path)
}

impl Drop for Prelude {
    fn drop(&mut self) {
        if let Some(Some(folder)) = self.path.get().map(|path| path.as_ref().and_then(|path| path.parent())) {
            // If it cannot be deleted, it is small and in a temporary folder.
            let _ = fs::remove_dir_all(folder);
        }
    }
}
