//! What the paths in a source refer to, once the files have been loaded.

use super::FileId;

/// What a path in a source refers to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncludeTarget {
    /// A file that was loaded.
    Text(FileId),
    /// A file that could not be read as text; whoever loaded it has reported why.
    Refused,
    /// A file larger than the limit.
    TooLarge,
    /// Nothing.
    Missing {
        /// The path of an existing file that is probably meant.
        near: Option<String>,
    },
    /// A directory.
    Folder,
    /// A file that the operating system does not let us read, and why.
    Unreadable(String),
    /// A path that leaves the project.
    Outside,
    /// An absolute path.
    Absolute,
    /// A path with backslashes.
    Backslash,
}
