//! Work on many things at once. In: things and what is done to each. Out: the results in the order of the things, the
//! same as if one were done after the other.

use std::sync::OnceLock;
use std::thread;

/// Limit: how many bytes of text are worth another thread.
const WORTH: usize = 64 * 1024;

/// How many threads run at once. To ask the system takes it milliseconds where it limits groups of processes.
fn processors() -> usize {
    static PROCESSORS: OnceLock<usize> = OnceLock::new();
    *PROCESSORS.get_or_init(|| thread::available_parallelism().map_or(1, usize::from))
}

/// Does the same to each of some things, whose texts have so many bytes together.
pub(crate) fn map<T: Sync, R: Send>(things: &[T], bytes: usize, work: impl Fn(&T) -> R + Sync) -> Vec<R> {
    by_pieces(things, bytes, |piece| piece.iter().map(&work).collect())
}

/// The same to some of the things at a time, for work that goes quicker with several.
pub(crate) fn by_pieces<T: Sync, R: Send>(things: &[T], bytes: usize, work: impl Fn(&[T]) -> Vec<R> + Sync) -> Vec<R> {
    let threads = processors().min(bytes / WORTH + 1);
    if threads < 2 || things.len() < 2 {
        return work(things);
    }
    // Neighbours stay together, in more pieces than threads, so that a slow piece holds up little.
    let pieces: Vec<&[T]> = things.chunks(things.len().div_ceil(threads * 16)).collect();
    let next = std::sync::atomic::AtomicUsize::new(0);
    let worker = || {
        let mut done = Vec::new();
        loop {
            let at = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            let Some(piece) = pieces.get(at) else { return done };
            done.push((at, work(piece)));
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
    let mut all = Vec::with_capacity(things.len());
    done.into_iter().for_each(|(_, results)| all.extend(results));
    all
}

#[cfg(test)]
mod tests {
    use super::map;

    #[test]
    fn results_come_in_the_order_of_the_things() {
        let things: Vec<usize> = (0..1000).collect();
        for bytes in [0, usize::MAX / 2] {
            assert_eq!(map(&things, bytes, |n| n * 2), things.iter().map(|n| n * 2).collect::<Vec<_>>());
        }
    }
}
