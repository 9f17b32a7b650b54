//! Which file keeps the state of a run. In: what the command line and the project say. Out: a path, thrown away at the
//! end when nobody asked for it to be kept.

use super::Failure;
use crate::project::Project;
use crate::say;
use std::path::{Path, PathBuf};
use std::{fs, io};

/// The file when neither the command line nor the project names one.
const DEFAULT: &str = "funnel.db";

/// The file that keeps everything.
pub(super) struct StoreFile {
    path: PathBuf,
    /// The folder that is removed at the end, with the file in it.
    temporary: Option<PathBuf>,
}

impl StoreFile {
    /// Its path.
    pub(super) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for StoreFile {
    fn drop(&mut self) {
        if let Some(folder) = &self.temporary {
            // What is left in a temporary folder does no harm.
            let _ = fs::remove_dir_all(folder);
        }
    }
}

/// Chooses: the named file; that of the project when its state is to be kept; else one that is thrown away.
pub(super) fn choose(named: Option<&Path>, keeps: Option<&Project>) -> Result<StoreFile, Failure> {
    if let Some(path) = named {
        return Ok(StoreFile { path: path.to_owned(), temporary: None });
    }
    if let Some(project) = keeps {
        let path = project.store.clone().unwrap_or_else(|| project.root.join(DEFAULT));
        return Ok(StoreFile { path, temporary: None });
    }
    let folder =
        create_temporary_folder().map_err(|fault| Failure::io(say!("cannot make a temporary folder"), &fault))?;
    Ok(StoreFile { path: folder.join(DEFAULT), temporary: Some(folder) })
}

/// A folder that nobody had before: what an earlier process of the same number left behind is not taken up.
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
