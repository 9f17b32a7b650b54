//! Editor features at a place in a text, which `$0` marks.

mod colors;
mod completion;
mod everywhere;
mod names;
mod pages;
pub(crate) mod project;
mod rename;
mod whole_file;
