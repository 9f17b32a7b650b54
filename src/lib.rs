//! Marketing automation as code: a small language, its checker and its engine.
//!
//! ```text
//! source text -> tokens -> ast -> program (checked) -> graph -> engine -> effects -> channels
//!    source      syntax        check                   graph     engine   runtime
//! ```

pub mod analysis;
pub mod channel;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod engine;
pub mod format;
pub mod graph;
pub mod ide;
mod incremental;
pub mod lsp;
pub mod markup;
mod parallel;
pub mod project;
pub mod runtime;
pub mod server;
pub mod simulate;
pub mod source;
pub mod store;
pub mod syntax;
pub mod value;

pub use incremental::{Compiled, Incremental};
use source::{FileId, Sources};

/// Compiles files that belong together. It never fails: what cannot run is reported and left out.
pub fn compile(sources: &mut Sources, files: &[FileId], context: &check::Context) -> Compiled {
    Incremental::default().compile(sources, files, context)
}
