//! What editors ask about a text, one file a feature. In: places in texts and what the last compilation knows. Out: places,
//! words and edits, in bytes; nothing here knows a protocol. Damaged text is answered as far as it can be.

mod definition;
mod describe;
mod highlight;
mod hover;
mod name;
mod page;
mod references;
mod token;
mod view;
mod word;

pub use definition::Definition;
pub use highlight::{Highlight, HighlightKind};
pub use hover::Hover;
pub use page::page;
pub use references::Reference;
pub use view::{Place, View};
