//! Why a store cannot do what it was asked, in words for people.

use crate::diagnostic::Code;
use std::fmt;
use std::path::PathBuf;

/// Why a store cannot be opened, read or written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// A newer `funnelc` made it.
    Newer {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: i64,
        /// The newest version that is known here.
        known: i64,
    },
    /// Another process has it open.
    InUse {
        /// The file.
        path: PathBuf,
    },
    /// It is cut short, not a store, or does not hold what it should.
    Damaged {
        /// The file.
        path: PathBuf,
        /// What was found.
        detail: String,
    },
    /// There is no room left.
    Full {
        /// The file.
        path: PathBuf,
    },
    /// Anything else the disk or the system said.
    Io {
        /// The file.
        path: PathBuf,
        /// What was said.
        detail: String,
    },
}

impl Error {
    /// The code of the finding, for those that have a page.
    #[must_use]
    pub const fn code(&self) -> Option<Code> {
        match self {
            Self::Newer { .. } => Some(Code::NewerStore),
            Self::InUse { .. } => Some(Code::StoreInUse),
            Self::Damaged { .. } => Some(Code::StoreDamaged),
            Self::Full { .. } | Self::Io { .. } => None,
        }
    }

    /// What to do.
    #[must_use]
    pub const fn help(&self) -> &'static str {
        match self {
            Self::Newer { .. } => "run the newer `funnelc`, or name another file with `--store`",
            Self::InUse { .. } => "stop the other `funnelc` first, or name another file with `--store`",
            Self::Damaged { .. } => "put a backup of the file in its place, or name another file with `--store`",
            Self::Full { .. } => "make room on the disk and start again: it goes on where it was",
            Self::Io { .. } => "check the disk and the rights on the file, then start again: it goes on where it was",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Newer { path, found, known } => write!(
                f,
                "the store `{}` has version {found}, and this `funnelc` knows versions up to {known}",
                path.display()
            ),
            Self::InUse { path } => write!(f, "the store `{}` is in use by another process", path.display()),
            Self::Damaged { path, detail } => write!(f, "the store `{}` is damaged: {detail}", path.display()),
            Self::Full { path } => write!(f, "no room left to write the store `{}`", path.display()),
            Self::Io { path, detail } => write!(f, "cannot use the store `{}`: {detail}", path.display()),
        }
    }
}

impl std::error::Error for Error {}
