//! The errors of a store.

use crate::diagnostic::{Code, Phrase};
use crate::engine::ClientId;
use crate::say;
use std::fmt;
use std::path::{Path, PathBuf};

/// Why a store cannot be opened, read or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// It was written by a newer `funnelc`, or by a development version before the first release.
    Version {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The oldest version supported here.
        oldest: i64,
        /// The newest version supported here.
        newest: i64,
    },
    /// Another process has it open.
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It was deleted, moved or replaced while it was open.
    Gone {
        /// The file.
        path: PathBuf,
    },
    /// Another program, such as `sqlite3`, is writing to it.
    Locked {
        /// The file.
        path: PathBuf,
    },
    /// It is truncated, is not a store, or has unexpected content.
    Damaged {
        /// The file.
        path: PathBuf,
        /// The problem found.
        detail: String,
    },
    /// The disk is full.
    Full {
        /// The file.
        path: PathBuf,
    },
    /// What concerns one client cannot be written, whatever else is. Nothing of the batch is on disk.
    Unwritable {
        /// The client.
        client: ClientId,
        /// The reason.
        detail: String,
    },
    /// Any other error of the disk or the system.
    Io {
        /// The file.
        path: PathBuf,
        /// The error.
        detail: String,
    },
}

impl Error {
    /// The code of the error, when it has a page.
    #[must_use]
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::Version { .. } => Some(Code::StoreVersion),
            Self::InUse { .. } => Some(Code::StoreInUse),
            Self::Damaged { .. } => Some(Code::StoreDamaged),
            Self::Gone { .. } | Self::Locked { .. } | Self::Full { .. } | Self::Unwritable { .. } | Self::Io { .. } => {
                None
            }
        }
    }

    /// The error, for people.
    #[must_use]
    pub fn phrase(&self) -> Phrase {
        let shown = |path: &Path| path.display().to_string();
        match self {
            Self::Version { path, found, oldest, newest } => say!(
                "the store `{path}` has version {found}, but this `funnelc` supports versions {oldest} to {newest}",
                path = shown(path),
                found,
                oldest,
                newest
            ),
            Self::InUse { path } => say!("the store `{path}` is in use by another process", path = shown(path)),
            Self::Gone { path } => {
                say!("the store `{path}` was deleted, moved or replaced while it was in use", path = shown(path))
            }
            Self::Locked { path } => {
                say!("another program is writing to the store `{path}`", path = shown(path))
            }
            Self::Damaged { path, detail } => {
                say!("the store `{path}` is damaged: {detail}", path = shown(path), detail)
            }
            Self::Unwritable { client, detail } => {
                say!(
                    "what concerns the client `{client}` cannot be written: {detail}",
                    client = client.0.clone(),
                    detail
                )
            }
            Self::Full { path } => say!("no disk space left for the store `{path}`", path = shown(path)),
            Self::Io { path, detail } => say!("cannot use the store `{path}`: {detail}", path = shown(path), detail),
        }
    }

    /// What to do about it.
    #[must_use]
    pub fn help(&self) -> Phrase {
        match self {
            Self::Version { found, newest, .. } if found > newest => {
                say!("use a newer `funnelc`, or another file with `--store`")
            }
            Self::Version { .. } => say!("use another file with `--store`: no release of `funnelc` wrote this one"),
            Self::InUse { .. } => say!("stop the other `funnelc` first, or use another file with `--store`"),
            Self::Gone { .. } => {
                say!("put the file and the one that ends in `-wal` back, or restore a backup, then start again")
            }
            Self::Locked { .. } => say!("end its transaction, such as that of `sqlite3`, and start again"),
            Self::Damaged { .. } => say!("restore the file from a backup, or use another file with `--store`"),
            Self::Unwritable { .. } => say!("look at the table `dead_letters` of the store, and report this"),
            Self::Full { .. } => say!("free disk space and start again: work resumes where it stopped"),
            Self::Io { .. } => {
                say!("check the disk and the file permissions, then start again: work resumes where it stopped")
            }
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.phrase().fmt(f)
    }
}

impl std::error::Error for Error {}
