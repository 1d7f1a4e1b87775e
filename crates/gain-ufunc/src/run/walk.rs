//! The order in which an iteration space is visited, and the tile it is cut into. Pure.
//!
//! # Rationale
//!
//! Elementwise work may run in any order: axes are sorted so that the first store's shortest stride is innermost, and neighbours that every
//! operand steps through evenly are merged. A tile is then a run of the innermost axis; but where that axis is short, or some
//! operand's unit stride lies elsewhere (`a + a.T`), it is a box of several axes, into which operands are gathered.

use smallvec::SmallVec;

/// Per-axis numbers, outermost first.
pub(super) type PerAxis<T> = SmallVec<[T; 5]>;

/// An innermost axis at least this long makes tiles by itself.
const LONG: usize = 48;

/// The sides of a box for operands that disagree on the innermost axis.
const BLOCK: usize = 32;

/// The axes of a visit, outermost first.
#[derive(Clone, Debug)]
pub(super) struct Walk {
    pub(super) lens: PerAxis<usize>,
    /// Which axis of the piece each is (of merged ones the innermost, never asked).
    pub(super) sources: PerAxis<usize>,
    /// Per operand.
    pub(super) strides: SmallVec<[PerAxis<isize>; 8]>,
    /// Elements of a tile along each axis.
    pub(super) extents: PerAxis<usize>,
}

impl Walk {
    /// The axes of `shape` in the order `axes`, without the ones of length 1.
    pub(super) fn in_order(
        shape: &[usize],
        strides: &[SmallVec<[isize; 4]>],
        axes: impl Iterator<Item = usize> + Clone,
    ) -> Walk {
        let kept = axes.filter(|&axis| shape[axis] != 1);
        Walk {
            lens: kept.clone().map(|axis| shape[axis]).collect(),
            sources: kept.clone().collect(),
            strides: strides
                .iter()
                .map(|s| kept.clone().map(|axis| s[axis]).collect())
                .collect(),
            extents: kept.map(|_| 1).collect(),
        }
    }

    /// The best order for elementwise work. `key` is the operand that rules the order; axes whose bit is set in `fixed` are not merged.
    pub(super) fn elementwise(
        shape: &[usize],
        strides: &[SmallVec<[isize; 4]>],
        key: usize,
        fixed: u32,
    ) -> Walk {
        let mut order: SmallVec<[usize; 5]> = (0..shape.len()).collect();
        let total = |axis: usize| {
            strides
                .iter()
                .map(|s| s[axis].unsigned_abs())
                .sum::<usize>()
        };
        if let Some(ruling) = strides.get(key) {
            order
                .sort_by_key(|&axis| std::cmp::Reverse((ruling[axis].unsigned_abs(), total(axis))));
        }
        let mut walk = Walk::in_order(shape, strides, order.iter().copied());
        walk.merge(0, fixed);
        walk
    }

    pub(super) fn n_axes(&self) -> usize {
        self.lens.len()
    }

    /// Merges neighbours from position `from` on that every operand steps through evenly.
    pub(super) fn merge(&mut self, from: usize, fixed: u32) {
        let mut outer = from;
        while outer + 1 < self.n_axes() {
            let inner = outer + 1;
            let free = |position: usize| fixed >> self.sources[position] & 1 == 0;
            let even = self
                .strides
                .iter()
                .all(|s| s[outer] == s[inner] * self.lens[inner] as isize);
            if !(free(outer) && free(inner) && even) {
                outer += 1;
                continue;
            }
            self.lens[inner] *= self.lens[outer];
            self.lens.remove(outer);
            self.sources.remove(outer);
            self.extents.remove(outer);
            self.strides.iter_mut().for_each(|s| {
                s.remove(outer);
            });
        }
    }

    /// Chooses the tile: at most about `capacity` elements. `loads` are the operands that are read, with the size of their elements.
    pub(super) fn choose_tile(&mut self, capacity: usize, loads: std::ops::Range<usize>) {
        let Some(inner) = self.n_axes().checked_sub(1) else {
            return;
        };
        self.extents.fill(1);
        if let Some(across) = self.disagreeing_axis(loads) {
            self.extents[inner] = BLOCK.min(self.lens[inner]);
            self.extents[across] = (capacity / self.extents[inner])
                .clamp(1, BLOCK)
                .min(self.lens[across]);
            return;
        }
        let mut room = capacity.max(1);
        for position in (0..=inner).rev() {
            let extent = room.min(self.lens[position]);
            self.extents[position] = extent;
            room /= extent;
            if extent < self.lens[position] || self.lens[position] >= LONG || room <= 1 {
                break;
            }
        }
    }

    /// The axis along which an operand that jumps on the innermost axis is dense.
    fn disagreeing_axis(&self, loads: std::ops::Range<usize>) -> Option<usize> {
        let inner = self.n_axes() - 1;
        if self.lens[inner] < 8 {
            return None;
        }
        self.strides[loads].iter().find_map(|strides| {
            let jump = strides[inner].unsigned_abs();
            (0..inner).find(|&axis| {
                let step = strides[axis].unsigned_abs();
                jump >= 64 && step > 0 && step * 4 <= jump && self.lens[axis] >= 8
            })
        })
    }

    /// Whether tiles are runs of the innermost axis.
    pub(super) fn by_rows(&self) -> bool {
        self.extents.iter().rev().skip(1).all(|&extent| extent == 1)
    }

    /// The single stride over a whole tile of an operand, if it has one.
    pub(super) fn tile_stride(&self, operand: usize) -> Option<isize> {
        let strides = &self.strides[operand];
        let mut stride: Option<(isize, usize, bool)> = None;
        for position in (0..self.n_axes()).rev() {
            let (extent, len) = (self.extents[position], self.lens[position]);
            match &mut stride {
                None if extent == 1 => {}
                None => stride = Some((strides[position], len, extent == len)),
                Some(_) if extent == 1 => {}
                Some((step, inside, whole)) => {
                    let even = *whole && strides[position] == *step * *inside as isize;
                    let both_still = *step == 0 && strides[position] == 0;
                    if !(even || both_still) {
                        return None;
                    }
                    *inside *= len;
                    *whole &= extent == len;
                }
            }
        }
        Some(stride.map_or(0, |s| s.0))
    }

    /// Elements of a full tile.
    pub(super) fn tile_len(&self) -> usize {
        self.extents.iter().product()
    }

    /// Cuts one axis into about `n` ranges, in whole tiles: the axis, and the ranges.
    pub(super) fn split(&self, n: usize) -> (usize, impl Iterator<Item = (usize, usize)> + use<>) {
        let tiles = |axis: usize| self.lens[axis].div_ceil(self.extents[axis]);
        let axis = (0..self.n_axes())
            .find(|&axis| tiles(axis) >= 2 * n)
            .or_else(|| (0..self.n_axes()).max_by_key(|&axis| tiles(axis)));
        let (at, len, n_tiles, extent) = match axis {
            Some(axis) => (axis, self.lens[axis], tiles(axis), self.extents[axis]),
            None => (0, 1, 1, 1),
        };
        let parts = n.clamp(1, n_tiles);
        let cut = move |part: usize| (part * n_tiles / parts * extent).min(len);
        (at, (0..parts).map(move |part| (cut(part), cut(part + 1))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walk(shape: &[usize], strides: &[&[isize]]) -> Walk {
        let strides: Vec<SmallVec<[isize; 4]>> =
            strides.iter().map(|&s| SmallVec::from_slice(s)).collect();
        let mut walk = Walk::elementwise(shape, &strides, strides.len() - 1, 0);
        walk.choose_tile(512, 0..strides.len() - 1);
        walk
    }

    #[test]
    fn contiguous_operands_are_one_axis() {
        let walk = walk(&[4, 5, 6], &[&[240, 48, 8], &[240, 48, 8]]);
        assert_eq!(walk.lens.as_slice(), [120]);
        assert_eq!(walk.extents.as_slice(), [120]);
    }

    #[test]
    fn the_store_rules_the_order() {
        let walk = walk(&[400, 500], &[&[8, 3200], &[8, 3200]]);
        assert_eq!(walk.lens.as_slice(), [200_000]);
        assert!(walk.by_rows());
    }

    #[test]
    fn a_transposed_operand_is_blocked() {
        let walk = walk(&[400, 500], &[&[8, 3200], &[4000, 8]]);
        assert_eq!(walk.lens.as_slice(), [400, 500]);
        assert_eq!(walk.extents.as_slice(), [16, 32]);
        assert_eq!(walk.tile_stride(0), None);
    }

    #[test]
    fn short_rows_are_gathered() {
        let walk = walk(&[1000, 3], &[&[0, 8], &[24, 8]]);
        assert_eq!(walk.extents.as_slice(), [170, 3]);
        assert_eq!((walk.tile_stride(0), walk.tile_stride(1)), (None, Some(8)));
    }

    #[test]
    fn a_split_covers_the_axis_in_whole_tiles() {
        let walk = walk(&[100_000], &[&[8], &[8]]);
        let (axis, ranges) = walk.split(7);
        let ranges: Vec<_> = ranges.collect();
        assert_eq!(
            (axis, ranges.len(), ranges[0].0, ranges[6].1),
            (0, 7, 0, 100_000)
        );
        assert!(
            ranges
                .windows(2)
                .all(|w| w[0].1 == w[1].0 && w[0].1 % 512 == 0)
        );
    }
}
