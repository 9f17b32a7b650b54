//! Isolates panics, so that they do not end the server.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// Runs `work` and returns the message of a panic as an error. The caller must discard state that `work` may have left
/// inconsistent.
pub(super) fn catch_panic<R>(work: impl FnOnce() -> R) -> Result<R, String> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| {
        let text = payload.downcast_ref::<&str>().map(|text| (*text).to_owned());
        text.or_else(|| payload.downcast_ref::<String>().cloned()).unwrap_or_else(|| "a panic".to_owned())
    })
}
