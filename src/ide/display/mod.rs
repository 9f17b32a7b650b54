//! How an editor displays a file: colors, folds, hints, lenses, selections and formatting.

mod code_lens;
mod folding;
mod formatting;
mod inlay_hint;
mod selection;
mod semantic;

pub use code_lens::{CodeLens, CodeLensAction};
pub use folding::FoldingRange;
pub use inlay_hint::InlayHint;
pub use semantic::{SemanticKind, SemanticToken};
