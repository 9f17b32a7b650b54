//! From tree to program: names, types and flow are checked; what is left has no error in it.

pub mod program;

pub use program::Program;
