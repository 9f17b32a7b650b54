//! Chooses the state database of a run. In: the command line and the project. Out: a path; a temporary file if the state
//! is not to be kept.

use super::Failure;
use crate::project::Project;
use crate::say;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The file name if neither the command line nor the project specifies one.
const DEFAULT: &str = "funnel.db";

/// The state database.
pub(super) struct StoreFile {
    path: PathBuf,
    /// The temporary folder with the file, removed on drop.
    temporary: Option<PathBuf>,
}

impl StoreFile {
    /// The path of the file.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for StoreFile {
    fn drop(&mut self) {
        if let Some(folder) = &self.temporary {
            // Leftovers in the temporary folder do no harm.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Returns the file given on the command line, else that of the project if its state is kept, else a temporary one.
pub(super) fn choose(named: Option<&Path>, keeps: Option<&Project>) -> Result<StoreFile, Failure> {
    if let Some(path) = named {
        return Ok(StoreFile { path: path.to_owned(), temporary: None });
    }
    if let Some(project) = keeps {
        let path = project.store.clone().unwrap_or_else(|| project.root.join(DEFAULT));
        return Ok(StoreFile { path, temporary: None });
    }
    let folder =
        create_temporary_folder().map_err(|fault| Failure::io(say!("cannot create a temporary folder"), &fault))?;
    Ok(StoreFile { path: folder.join(DEFAULT), temporary: Some(folder) })
}

/// Creates a new folder, never reusing one that a crashed process with the same id left.
fn create_temporary_folder() -> io::Result<PathBuf> {
    let mut attempt = 0;
    loop {
        let folder = std::env::temp_dir().join(format!("funnelc-{}-{attempt}", std::process::id()));
        match fs::create_dir(&folder) {
            Err(fault) if fault.kind() == io::ErrorKind::AlreadyExists => attempt += 1,
            made => return made.map(|()| folder),
        }
    }
}
