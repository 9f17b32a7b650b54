//! Limits the memory of all requests together. In: the bytes that a request has, or needs. Out: permission, which is given
//! back when the request ends.

use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// Limit: the bodies that are being received, in KiB.
const MAX_RECEIVING_KIB: usize = 64 << 10;

/// Limit: the bodies that are being handled, in KiB. What is made of a body can be thirty times as large.
const MAX_HANDLING_KIB: usize = 8 << 10;

/// The memory that requests may use.
#[derive(Debug, Clone)]
pub(super) struct Budget {
    receiving: Arc<Semaphore>,
    handling: Arc<Semaphore>,
}

/// What a request uses.
#[derive(Debug, Default)]
pub(super) struct Share(Option<OwnedSemaphorePermit>);

impl Budget {
    pub(super) fn new() -> Self {
        Self {
            receiving: Arc::new(Semaphore::new(MAX_RECEIVING_KIB)),
            handling: Arc::new(Semaphore::new(MAX_HANDLING_KIB)),
        }
    }

    /// Lets a share grow to this many bytes that have been received. Returns whether there is room; nothing waits for
    /// room, because slow senders would keep others from it.
    pub(super) fn receive(&self, share: &mut Share, bytes: usize) -> bool {
        let held = share.0.as_ref().map_or(0, OwnedSemaphorePermit::num_permits);
        let Some(more) = kib(bytes).checked_sub(held).filter(|more| *more > 0) else { return true };
        let Ok(permit) = Arc::clone(&self.receiving).try_acquire_many_owned(u32::try_from(more).unwrap_or(u32::MAX))
        else {
            return false;
        };
        match &mut share.0 {
            Some(held) => held.merge(permit),
            None => share.0 = Some(permit),
        }
        true
    }

    /// Waits until a body of this many bytes may be handled.
    pub(super) async fn handle(&self, bytes: usize) -> Share {
        let wanted = u32::try_from(kib(bytes)).unwrap_or(u32::MAX);
        Share(Arc::clone(&self.handling).acquire_many_owned(wanted).await.ok())
    }
}

/// The KiB of some bytes, at least one.
fn kib(bytes: usize) -> usize {
    (bytes >> 10) + 1
}
