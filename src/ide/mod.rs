//! Editor features, independent of any protocol. In: positions in sources and the last compilation. Out: positions, texts
//! and edits, in bytes. Sources with errors are answered as far as possible.

mod completion;
mod display;
mod docs;
mod navigate;
mod node;
mod token;
mod view;

pub use completion::{Completion, CompletionKind};
pub use display::{CodeLens, CodeLensAction, FoldingRange, InlayHint, SemanticKind, SemanticToken};
pub use docs::{Hover, keyword_docs, prelude};
pub use navigate::{Definition, Highlight, HighlightKind, Link, LinkTarget, Reference, Symbol, SymbolKind};
pub use view::{Place, View};
