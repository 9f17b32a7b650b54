//! What the language brings along, as a file that an editor can show. In: nothing. Out: the path of a copy, which is written
//! when it is first asked for and taken away with the server.

use crate::check::PRELUDE;
use crate::project::canonical_path;
use std::cell::OnceCell;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process;

/// Limit: how many servers of one process have a copy each.
const MAX_COPIES: u32 = 1000;

/// A copy that may have been written.
#[derive(Debug, Default)]
pub(super) struct Prelude {
    path: OnceCell<Option<PathBuf>>,
}

impl Prelude {
    /// The path of the copy; `None` when it cannot be written.
    pub(super) fn path(&self) -> Option<&Path> {
        self.path.get_or_init(write_copy).as_deref()
    }

    /// Whether a path is that of the copy.
    pub(super) fn is_at(&self, path: &Path) -> bool {
        self.path.get().and_then(Option::as_ref).is_some_and(|own| canonical_path(own) == path)
    }
}

/// Writes the copy into a folder that was not there before, so that nobody else has a hand in it.
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
            // What cannot be taken away is small, and in a folder that is cleared.
            let _ = fs::remove_dir_all(folder);
        }
    }
}
