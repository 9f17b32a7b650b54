//! Keeps a store to one process, and notices when its files are taken away. In: the path of a store. Out: a lock on the
//! file itself, whatever paths lead to it, until it is dropped.

use super::Error;
use super::sqlite_open::{io, private};
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How often, and at what interval, to try for the lock. A process that is shutting down, or one that is being started
/// by the same program, holds it for a moment.
const LOCK_TRIES: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_millis(50);

/// A lock on a store, which the system releases when the process ends for whatever reason.
///
/// On Unix it is on the store itself, so that no other name of the file leads past it, and nobody can remove it. Other
/// systems would keep SQLite from reading a locked file, so there it is on a file beside it. Limit: network file systems
/// on which the two kinds of locks of Unix are the same; SQLite does not work there either.
#[derive(Debug)]
pub(super) struct Lock {
    path: PathBuf,
    file: File,
    /// The log of the store, once it exists.
    #[cfg(unix)]
    log: Option<(u64, u64)>,
}

impl Lock {
    /// Takes the lock of a store; `real` is its canonical path.
    pub(super) fn take(path: &Path, real: &Path) -> Result<Self, Error> {
        let beside = if cfg!(unix) { real.to_owned() } else { with_suffix(real, ".lock") };
        let io = |error| io(path, &error);
        let file = private().open(beside).map_err(io)?;
        for _ in 0..LOCK_TRIES {
            match file.try_lock() {
                Ok(()) => {
                    let path = real.to_owned();
                    return Ok(Self {
                        path,
                        file,
                        #[cfg(unix)]
                        log: None,
                    });
                }
                Err(TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                Err(TryLockError::Error(error)) => return Err(io(error)),
            }
        }
        Err(Error::InUse { path: path.to_owned() })
    }

    /// Checks, after something was written, that it is where the next process will look for it.
    ///
    /// # Errors
    /// The store or its log was deleted, moved or replaced.
    #[cfg(unix)]
    pub(super) fn check(&mut self) -> Result<(), Error> {
        let of = |path: &Path| std::fs::metadata(path).ok().map(|file| identity(&file));
        let own = self.file.metadata().ok().map(|file| identity(&file));
        let log = of(&with_suffix(&self.path, "-wal"));
        let known = *self.log.get_or_insert(log.unwrap_or_default());
        if own.is_some() && of(&self.path) == own && log == Some(known) {
            return Ok(());
        }
        Err(Error::Gone { path: self.path.clone() })
    }

    /// The system keeps others from deleting an open file.
    #[cfg(not(unix))]
    pub(super) fn check(&mut self) -> Result<(), Error> {
        let _ = (&self.path, &self.file);
        Ok(())
    }
}

/// What tells a file from all others on this machine.
#[cfg(unix)]
fn identity(file: &std::fs::Metadata) -> (u64, u64) {
    use std::os::unix::fs::MetadataExt;
    (file.dev(), file.ino())
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
