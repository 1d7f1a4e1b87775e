//! The order of reductions: the document, and its plain implementation. Pure.
//!
//! An iteration space of global shape `S` (in C order) is reduced over some of its axes. Reduced axes are reduced from the last to the
//! first; the elements of each are combined by a tree over its units.
//!
//! - If the last axis of the space is reduced, its units are *leaves*: [`LEAF`] consecutive indices, aligned at multiples of `LEAF` of the
//!   global index (the last leaf may be short). Inside a leaf there are [`LANES`] lanes. Lane `l` combines the elements `l`, `l + 64`,
//!   `l + 128`, ... of the leaf in ascending order; then the lanes are folded by halves: lane `l` with lane `l + 32`, then 16, 8, 4, 2, 1. A short leaf's missing
//!   elements and lanes are absent: `x` combined with nothing is `x`.
//! - The units of every other reduced axis are its indices.
//! - The tree is dyadic: node `(level, j)` covers the units `j << level` up to `(j + 1) << level`, as far as there are units; its value
//!   is its left half's combined with its right half's, or the left one's if the right half is empty.
//!
//! Whoever owns a contiguous range of units of the outermost reduced axis can compute the maximal nodes inside it, and these merge to the root's
//! value whatever the ranges are: the result does not depend on ranks and threads.
//!
//! # Rationale
//!
//! The tree over leaves bounds the error of a sum of `n` elements by `(16 + 6 + log2(n / 1024))` roundings of partial sums, less than
//! NumPy's pairwise sum (Higham 1993, "The accuracy of floating point summation"), and 64 lanes fill eight
//! AVX-512 registers of `f64`, so that a leaf is added at the speed of memory.
//!
//! # Limitations
//!
//! Inner reduced axes are never cut between ranks: their units are indices of whole trees.

/// Elements of a leaf.
pub const LEAF: usize = 1024;

/// Lanes of a leaf.
pub const LANES: usize = 64;

/// The unit to which an index of a reduced axis belongs; `axis_is_last` tells whether it is the last axis of the iteration space.
pub const fn unit_of(axis_is_last: bool, index: usize) -> usize {
    if axis_is_last { index / LEAF } else { index }
}

/// How many units a reduced axis of `len` elements has.
pub const fn n_units(axis_is_last: bool, len: usize) -> usize {
    if axis_is_last {
        len.div_ceil(LEAF)
    } else {
        len
    }
}

/// One leaf by the letter of the document.
pub fn leaf<T: Copy>(elements: &[T], join: impl Fn(T, T) -> T) -> Option<T> {
    let mut lanes: [Option<T>; LANES] = [None; LANES];
    let both = |a: Option<T>, b: Option<T>| match (a, b) {
        (Some(a), Some(b)) => Some(join(a, b)),
        (a, b) => a.or(b),
    };
    for (index, &x) in elements.iter().enumerate() {
        lanes[index % LANES] = both(lanes[index % LANES], Some(x));
    }
    let mut half = LANES / 2;
    while half > 0 {
        for lane in 0..half {
            lanes[lane] = both(lanes[lane], lanes[lane + half]);
        }
        half /= 2;
    }
    lanes[0]
}

/// The tree over units by the letter of the document.
pub fn tree<T: Clone>(units: &[T], join: impl Fn(T, T) -> T + Copy) -> Option<T> {
    match units {
        [] => None,
        [one] => Some(one.clone()),
        _ => {
            let left = units.len().next_power_of_two() / 2;
            let (left, right) = units.split_at(left);
            match (tree(left, join), tree(right, join)) {
                (Some(a), Some(b)) => Some(join(a, b)),
                (a, b) => a.or(b),
            }
        }
    }
}

/// Length of the largest aligned power-of-two block of units that starts at `start` and ends at or before `end`, at most `most` (a power of two).
pub(crate) fn block_at(start: usize, end: usize, most: usize) -> usize {
    let aligned = if start == 0 {
        most
    } else {
        most.min(1 << start.trailing_zeros())
    };
    let room = end - start;
    if aligned <= room {
        aligned
    } else {
        1 << room.ilog2()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leaf_folds_its_lanes_by_halves() {
        let text = |n: usize| {
            leaf(
                &(0..n).map(|i| i as f64 + 0.5).collect::<Vec<_>>(),
                |a, b| a + b,
            )
        };
        assert_eq!(text(0), None);
        assert_eq!(text(3), Some(4.5));
        assert_eq!(text(1024), Some(1024.0 * 512.0));
    }

    #[test]
    fn the_tree_is_dyadic() {
        let units: Vec<String> = (0..6).map(|i| i.to_string()).collect();
        let joined = tree(&units, |a, b| format!("({a}{b})"));
        assert_eq!(joined.as_deref(), Some("(((01)(23))(45))"));
    }

    #[test]
    fn blocks_cover_a_range() {
        for (start, end) in [(0, 13), (3, 17), (8, 9), (5, 64)] {
            let mut at = start;
            while at < end {
                let block = block_at(at, end, 8);
                assert!(
                    block.is_power_of_two() && at % block == 0 && at + block <= end && block <= 8
                );
                at += block;
            }
        }
    }
}
