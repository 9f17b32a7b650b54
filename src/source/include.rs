//! Files that a text names, by the place where it does: what whoever may read files has found there.

use super::FileId;

/// What a path in a text leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IncludeTarget {
    /// A text, which is among the sources.
    Text(FileId),
    /// Something that is no text; whoever read it has reported why.
    Refused,
    /// A text larger than is read.
    TooLarge,
    /// Nothing. `near` is the path of a file that may be meant, as it would be written.
    Missing {
        /// The nearest path that leads to something.
        near: Option<String>,
    },
    /// A folder.
    Folder,
    /// A file that the machine does not let us read, and why.
    Unreadable(String),
    /// A place outside of the project.
    Outside,
    /// A place that is named from the root of the machine.
    Absolute,
    /// Nothing, because it is not written with forward slashes.
    Backslash,
}
