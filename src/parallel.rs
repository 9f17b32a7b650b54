//! Parallel map over a slice, and work on a deep stack. In: items and the work for each. Out: the results in the order of the items.

use std::sync::OnceLock;
use std::thread;

/// Limit: the input bytes that justify one more thread.
const MIN_BYTES_PER_THREAD: usize = 64 * 1024;

/// Limit: the stack for work on what nests deep, in bytes.
const DEEP_STACK_BYTES: usize = 64 << 20;

/// Does work that needs a deep stack; `None` if it fails.
#[must_use]
pub(crate) fn on_deep_stack<T: Send>(work: impl FnOnce() -> T + Send) -> Option<T> {
    thread::scope(|scope| {
        let worker = thread::Builder::new().stack_size(DEEP_STACK_BYTES).spawn_scoped(scope, work).ok()?;
        worker.join().ok()
    })
}

/// Returns the number of processors. It is cached because the system call takes milliseconds where cgroups limit it.
pub(crate) fn processors() -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    *PROCESSORS.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

/// Applies `work` to every item; `bytes` estimates the total work.
pub(crate) fn map<T: Sync, R: Send>(items: &[T], bytes: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    map_chunks(items, bytes, |chunk| chunk.iter().map(&work).collect())
}

/// Applies `work` to chunks of items, for work that is faster on several items together.
pub(crate) fn map_chunks<T: Sync, R: Send>(items: &[T], bytes: usize, work: impl Fn(&[T]) -> Vec<R> + Sync) -> Vec<R> {
    let threads = processors().min(bytes / MIN_BYTES_PER_THREAD + 1);
    if threads < 2 || items.len() < 2 {
        return work(items);
    }
    // Neighbors stay together, and there are more chunks than threads, so that a slow chunk delays little.
    let chunks: Vec<&[T]> = items.chunks(items.len().div_ceil(threads * 16)).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some(chunk) = chunks.get(at) else { return done };
            done.push((at, work(chunk)));
        }
    };
    let mut done = thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(worker)).collect();
        let mut done = worker();
        for other in others {
            match other.join() {
                Ok(theirs) => done.extend(theirs),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    let mut all = Vec::with_capacity(items.len());
    done.into_iter().for_each(|(_, results)| all.extend(results));
    all
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn results_keep_the_order_of_the_items() {
        let items: Vec<usize> = (0..1000).collect();
        for bytes in [0, usize::MAX / 2] {
            assert_eq!(map(&items, bytes, |n| n * 2), items.iter().map(|n| n * 2).collect::<Vec<_>>());
        }
    }
}
