//! Webhooks of other systems as events: `[sources.NAME]` of the project file. In: the headers, the address and the body of
//! a request. Out: whether its signature is right, and its events in the format of [`crate::engine::receive`].

mod condition;
mod path;
mod request;
mod segment;
mod signature;
mod source;
mod value;

pub use condition::{Condition, Expected};
pub use path::Path;
pub use request::{Request, body_of, query_of};
pub use segment::{Batch, SEGMENT, batch, segment_events};
pub use signature::{Check, Encoding, Refusal, SCHEMES, Scheme, Signed, TokenPlace};
pub use source::{EventRule, Mapped, Source};
pub use value::{Input, MomentForm, Rule, Step, Template};
