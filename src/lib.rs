//! Marketing automation as code: a small language, its checker and its durable interpreter.
//!
//! A funnel passes through these stages; each is pure, and only the last one does I/O:
//!
//! - **Source:** [`source`] keeps the texts, and every later stage refers to them by [`source::Span`].
//! - **Syntax:** [`syntax`] turns a text into tokens and an abstract syntax tree. There is always a tree, even for
//!   damaged text.
//! - **Check:** [`check`] resolves names and types, and produces a [`check::Program`].
//! - **Graph:** [`graph`] lowers each funnel to a graph of nodes and edges, the form that is stored and run.
//! - **Analysis:** `analysis` examines the graphs for unreachable elements, endless loops, message bounds and the like.
//! - **Engine:** [`engine`] executes graphs as a state machine: an input and the current state give effects.
//! - **Runtime:** [`runtime`] commits the effects to a [`store`] and delivers messages through a [`channel`].
//!
//! [`compile`] runs the stages up to the analysis. Every stage reports [`diagnostic::Diagnostic`]s.

pub mod analysis;
pub mod channel;
pub mod check;
pub mod cli;
pub mod diagnostic;
pub mod engine;
pub mod format;
pub mod graph;
pub mod ide;
pub mod import;
pub mod inbound;
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
