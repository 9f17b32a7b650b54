//! Faults of our own, kept from ending the server. In: something to do. Out: what it gave, or what it said when it panicked.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Does something that may panic; whoever calls puts right what was left half done.
pub(super) fn catch_panic<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
    })
}
