//! What editors are told of places in texts. A `$0` in a text marks the place that is asked about.

mod colours;
mod completion;
mod everywhere;
mod names;
mod pages;
pub(crate) mod project;
mod rename;
mod whole_file;
