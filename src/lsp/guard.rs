//! Faults of our own, kept from ending the server. In: something to do. Out: what it gave, or what it said when it panicked.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does something that may panic; whoever calls puts right what was left half done.
pub(super) fn guarded<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|said| {
        let text = said.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| said.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
    })
}
