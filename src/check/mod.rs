//! From tree to program: names, types and flow are checked; what is left has no error in it.

mod context;
pub mod program;

pub use context::Context;
pub use program::Program;
