//! Sorting and merging in one rank's memory, on the pool's threads.

use bytemuck::Pod;
use gain_ga::Buffer;
use gain_ufunc::pool::Pool;

use super::radix::{self, Leading};
use crate::error::Result;

/// Fewer items than this are sorted by one thread.
const SHARED: usize = 1 << 15;

/// Sorts items; equal ones are alike, so that no order among them is seen.
///
/// # Errors
/// Memory for a copy of the items.
pub(super) fn sort<T: Leading>(items: &mut [T], pool: &Pool) -> Result<()> {
    let mut copy = Buffer::new(size_of_val(items))?;
    let spare: &mut [T] = bytemuck::cast_slice_mut(copy.as_mut_slice());
    let parts = pool.n_threads();
    if parts == 1 || items.len() < SHARED {
        radix::sort(items, spare);
        return Ok(());
    }
    let step = items.len().div_ceil(parts);
    let pieces = items.chunks_mut(step).zip(spare.chunks_mut(step));
    pool.for_pieces(pieces.collect(), &|_, (chunk, spare)| {
        radix::sort(chunk, spare);
    });
    drop(copy);
    let ends: Vec<usize> = (0..=parts)
        .map(|part| (part * step).min(items.len()))
        .collect();
    merge_runs(items, ends, pool)
}

/// Merges sorted runs, which lie behind one another between `ends`; of equal items those of earlier runs come first.
///
/// # Errors
/// Memory for a copy of the items.
pub(super) fn merge_runs<T: Pod + Ord + Send + Sync>(
    items: &mut [T],
    mut ends: Vec<usize>,
    pool: &Pool,
) -> Result<()> {
    ends.dedup();
    if ends.len() <= 2 {
        return Ok(());
    }
    let mut copy = Buffer::new(size_of_val(items))?;
    let other: &mut [T] = bytemuck::cast_slice_mut(copy.as_mut_slice());
    let (mut from, mut to) = (&mut *items, other);
    let mut swapped = false;
    while ends.len() > 2 {
        let mut rest = &mut to[..];
        let mut next = vec![ends[0]];
        for run in ends.windows(3).step_by(2) {
            let (target, behind) = rest.split_at_mut(run[2] - run[0]);
            merge(&from[run[0]..run[1]], &from[run[1]..run[2]], target, pool);
            rest = behind;
            next.push(run[2]);
        }
        if ends.len().is_multiple_of(2) {
            // An odd run waits for the next round.
            rest.copy_from_slice(&from[ends[ends.len() - 2]..]);
            next.push(ends[ends.len() - 1]);
        }
        std::mem::swap(&mut from, &mut to);
        swapped = !swapped;
        ends = next;
    }
    if swapped {
        // The result lies in the copy.
        let step = from.len().div_ceil(pool.n_threads()).max(1);
        let from = &*from;
        pool.for_pieces(to.chunks_mut(step).collect(), &|number, piece| {
            piece.copy_from_slice(&from[number * step..][..piece.len()]);
        });
    }
    Ok(())
}

/// Merges two sorted runs, cut where the result is cut into even pieces.
fn merge<T: Ord + Copy + Send + Sync>(a: &[T], b: &[T], target: &mut [T], pool: &Pool) {
    let step = target.len().div_ceil(pool.n_threads()).max(SHARED / 4);
    pool.for_pieces(target.chunks_mut(step).collect(), &|number, piece| {
        let from = number * step;
        let (i, j) = (cut(a, b, from), cut(a, b, from + piece.len()));
        merge_into(&a[i..j], &b[from - i..from + piece.len() - j], piece);
    });
}

/// How many of the first `n` items of the merged runs come from `a` (merge path: Odeh, Green, Mwassi, Shmueli, Birk 2012).
fn cut<T: Ord>(a: &[T], b: &[T], n: usize) -> usize {
    let (mut lo, mut hi) = (n.saturating_sub(b.len()), n.min(a.len()));
    while lo < hi {
        let middle = lo + (hi - lo) / 2;
        if a[middle] <= b[n - middle - 1] {
            lo = middle + 1;
        } else {
            hi = middle;
        }
    }
    lo
}

fn merge_into<T: Ord + Copy>(a: &[T], b: &[T], target: &mut [T]) {
    let (mut i, mut j) = (0, 0);
    for to in target {
        let left = j == b.len() || (i < a.len() && a[i] <= b[j]);
        *to = if left { a[i] } else { b[j] };
        i += usize::from(left);
        j += usize::from(!left);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(n: usize, most: u64) -> Vec<u64> {
        let mut state = 12345u64;
        (0..n)
            .map(|_| {
                state = state
                    .wrapping_mul(6364136223846793005)
                    .wrapping_add(1442695040888963407);
                (state >> 33) % most
            })
            .collect()
    }

    #[test]
    fn any_number_of_threads_sorts() {
        for threads in [1, 2, 3] {
            let pool = Pool::new(threads);
            for (n, most) in [(0, 5), (1, 5), (100_000, 7), (100_001, 1 << 30)] {
                let mut items = numbers(n, most);
                let mut wanted = items.clone();
                wanted.sort_unstable();
                sort(&mut items, &pool).expect("memory");
                assert_eq!(items, wanted);
            }
        }
    }

    #[test]
    fn runs_merge_in_order() {
        let pool = Pool::new(1);
        let mut items = [3u64, 5, 9, 1, 2, 2, 4, 10];
        merge_runs(&mut items, vec![0, 3, 4, 4, 6, 8], &pool).expect("memory");
        assert_eq!(items, [1, 2, 2, 3, 4, 5, 9, 10]);
    }
}
