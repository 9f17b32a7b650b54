//! Finding and renaming what a name refers to, across files.

mod definition;
mod edit_map;
mod highlight;
mod link;
mod name;
mod project_file;
mod references;
mod rename;
mod symbol;

pub use definition::Definition;
pub use highlight::{Highlight, HighlightKind};
pub use link::{Link, LinkTarget};
pub use references::Reference;
pub use symbol::{Symbol, SymbolKind};
