//! Marketing automation as code: a small language, its checker and its engine.
//!
//! ```text
//! source text -> tokens -> ast -> program (checked) -> graph -> engine -> effects -> channels
//!    source      syntax        check                   graph     engine   runtime
//! ```

pub mod channel;
pub mod check;
pub mod diagnostic;
pub mod engine;
pub mod graph;
pub mod project;
pub mod runtime;
pub mod server;
pub mod simulate;
pub mod source;
pub mod store;
pub mod syntax;
pub mod value;
