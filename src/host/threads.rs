//! Work on many small things, several at a time.

use std::num::NonZero;
use std::panic::resume_unwind;
use std::thread::{self, Builder};

/// More of them only wait for the same locks of the file system.
const MOST: usize = 8;
/// Fewer things are done before a thread has started.
const LEAST: usize = 32;

/// Does `work` with shares of `items`, each a run of neighbours, at once. The results are in the order of the items; of
/// several errors the first in that order counts.
pub fn share<T: Sync, R: Send, E: Send>(
    items: &[T],
    work: &(dyn Fn(&[T]) -> Result<R, E> + Sync),
) -> Result<Vec<R>, E> {
    let processors = thread::available_parallelism().map_or(1, NonZero::get);
    let count = processors.min(MOST).min(items.len() / LEAST).max(1);
    let (own, others) = items.split_at(items.len().div_ceil(count));
    thread::scope(|scope| {
        let shares = others.chunks(own.len().max(1));
        // Where no thread can be had, this one does it.
        let begun: Vec<_> =
            shares.map(|share| (share, Builder::new().spawn_scoped(scope, move || work(share)))).collect();
        let mut results = vec![work(own)];
        results.extend(begun.into_iter().map(|(share, thread)| match thread {
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => work(share),
        }));
        results.into_iter().collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_item_is_in_one_share_and_the_results_are_in_order() {
        for count in [0, 1, LEAST, 2 * LEAST, 2 * LEAST + 1, 1000] {
            let items: Vec<usize> = (0..count).collect();
            let shares = share(&items, &|share| Ok::<_, ()>(share.to_vec())).unwrap();
            assert_eq!(shares.concat(), items);
            assert!(shares.len() <= MOST);
        }
    }

    #[test]
    fn of_several_errors_the_first_in_order_counts() {
        let items: Vec<usize> = (0..1000).collect();
        assert_eq!(share(&items, &|share| Err::<(), _>(share[0])), Err(0));
        // Where all is one share, what comes behind its end is in none.
        let ends = share(&items, &|share| Ok::<_, usize>(share.len())).unwrap();
        let failed = share(&items, &|share| if share[0] < ends[0] { Ok(()) } else { Err(share[0]) });
        assert_eq!(failed.err(), (ends.len() > 1).then_some(ends[0]));
    }
}
