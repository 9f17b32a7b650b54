//! What editors ask about a text, one file a feature. In: places in texts and what the last compilation knows. Out: places,
//! words and edits, in bytes; nothing here knows a protocol. Damaged text is answered as far as it can be.

mod completion;
mod definition;
mod describe;
mod fold;
mod given;
mod highlight;
mod hint;
mod hover;
mod layout;
mod lens;
mod link;
mod name;
mod node;
mod page;
mod references;
mod rename;
mod selection;
mod semantic;
mod setting;
mod shift;
mod symbol;
mod token;
mod view;
mod word;

pub use completion::{Completion, CompletionKind};
pub use definition::Definition;
pub use fold::Fold;
pub use given::prelude;
pub use highlight::{Highlight, HighlightKind};
pub use hint::Hint;
pub use hover::Hover;
pub use lens::{Lens, LensAction};
pub use link::{Link, LinkTarget};
pub use page::page;
pub use references::Reference;
pub use semantic::{SemanticKind, SemanticToken};
pub use symbol::{Symbol, SymbolKind};
pub use view::{Place, View};
