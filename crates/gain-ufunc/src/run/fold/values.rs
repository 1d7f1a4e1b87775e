//! The values of a tile: read where they lie, packed, or computed.

#![expect(
    unsafe_code,
    reason = "tiles are raw memory, and kernels take raw pointers"
)]

use super::Fold;
use crate::program::Reduce;
use crate::run::layout::Shape;
use crate::run::setup::Setup;
use crate::run::strided::{self, CopyAxis};
use crate::run::walk::PerAxis;
use smallvec::SmallVec;

/// Whether a tile's values have to be copied or computed, rather than read where they lie.
pub(super) fn collects(setup: &Setup<'_>, reduce: &Reduce, size: usize) -> bool {
    plain_load(setup, reduce, size).is_none()
}

/// The operand that is reduced as it lies, if the program does nothing else.
pub(super) fn plain_load(setup: &Setup<'_>, reduce: &Reduce, size: usize) -> Option<usize> {
    let program = setup.program;
    let load = (reduce.value as usize)
        .checked_sub(program.first_load())
        .filter(|&l| l < program.loads.len())?;
    let inner = setup.walk.strides[load].last().copied();
    (program.instructions.is_empty() && inner.is_none_or(|s| s == size as isize)).then_some(load)
}

impl Fold<'_, '_> {
    /// The values of `n_rows` rows of `n` elements of the tile's axes at the position at hand: where the first row is, and the distance
    /// to the next, which is `n` elements if `packed` says so.
    pub(super) unsafe fn values(
        &mut self,
        n_rows: usize,
        n: usize,
        packed: bool,
    ) -> (*const u8, isize) {
        let size = self.reduce.dtype.size();
        let walk = &self.setup.walk;
        let row_bytes = (n * size) as isize;
        // SAFETY: the caller's position and counts are inside the walk; the tile has room for `n_rows * n` values.
        unsafe {
            if let Some(load) = plain_load(self.setup, self.reduce, size) {
                let strides = &walk.strides[load];
                let offset: isize = strides
                    .iter()
                    .zip(&self.at)
                    .map(|(&s, &at)| s * at as isize)
                    .sum();
                let from = self.frame.base[load].wrapping_offset(offset).cast_const();
                let stride = self.row_axis().checked_sub(1).map_or(0, |p| strides[p]);
                let fits = n_rows == 1 || stride == row_bytes || !packed;
                if fits && self.rows_are_even(load) {
                    return (from, stride);
                }
                let axes = self.copy_axes(load, n_rows, n);
                return (self.collect(from, &axes, n_rows * n), row_bytes);
            }
            let mut extents: PerAxis<usize> = SmallVec::from_elem(1, walk.n_axes());
            if let Some(last) = extents.last_mut() {
                *last = n;
            }
            self.frame.seek(&self.at);
            let boxed = !walk.by_rows();
            if boxed || n_rows == 1 {
                if boxed {
                    self.set_extents(&mut extents, n_rows, n);
                }
                self.frame.tile(&self.at, &extents, n_rows * n);
                let (from, stride) = self.frame.value(self.reduce.value, size);
                if stride == size as isize {
                    return (from, row_bytes);
                }
                let axes = packing(stride * n as isize, stride, n_rows, n, size);
                return (self.collect(from, &axes, n_rows * n), row_bytes);
            }
            let across = self.tile_axes.start;
            let is_register = self.reduce.value as usize >= self.setup.program.first_register();
            let first = self.at[across];
            for row in 0..n_rows {
                let target = self.tile.as_mut_ptr().add(row * n * size);
                if is_register {
                    self.frame.redirect(self.reduce.value, target);
                }
                self.at[across] = first + row;
                self.frame.tile(&self.at, &extents, n);
                let (from, stride) = self.frame.value(self.reduce.value, size);
                if from != target {
                    strided::copy(
                        &[CopyAxis {
                            len: n,
                            from: stride,
                            to: size as isize,
                        }],
                        from,
                        target,
                        size,
                    );
                }
                self.frame.advance(across, 1);
            }
            self.at[across] = first;
            (self.tile.as_ptr(), row_bytes)
        }
    }

    /// Where the axes of a tile's rows begin.
    fn row_axis(&self) -> usize {
        match (self.shape, self.vector) {
            (Shape::Rows { .. }, Some(vector)) => vector,
            _ => self.tile_axes.end - 1,
        }
    }

    /// How many indices of its axes a tile of `n_rows` rows of `n` elements has.
    fn set_extents(&self, extents: &mut [usize], n_rows: usize, n: usize) {
        let tile = self.tile_axes.clone();
        let (start, row_axis) = (tile.start, self.row_axis());
        extents[tile.clone()].copy_from_slice(&self.setup.walk.lens[tile]);
        match self.shape {
            Shape::Leaves { inside, units, .. } => {
                extents[row_axis] = n;
                if start < row_axis {
                    extents[start] = n_rows / (inside * units);
                }
            }
            Shape::Rows { inside, units, .. } => {
                extents[row_axis] = n / inside;
                if start + self.whole.len() < row_axis {
                    extents[start] = n_rows / units;
                }
            }
        }
    }

    /// Whether the rows of a tile lie at even distances, and in each of them the elements.
    fn rows_are_even(&self, load: usize) -> bool {
        let walk = &self.setup.walk;
        let strides = &walk.strides[load];
        let is_even = |p: usize| strides[p] == strides[p + 1] * walk.lens[p + 1] as isize;
        let tile = self.tile_axes.clone();
        let row_axis = self.row_axis();
        (tile.start..tile.end - 1).all(|p| p + 1 == row_axis || is_even(p))
    }

    /// The copy that packs a tile of `n_rows` rows of `n` elements of an operand.
    fn copy_axes(&self, load: usize, n_rows: usize, n: usize) -> SmallVec<[CopyAxis; 6]> {
        let walk = &self.setup.walk;
        let mut extents: PerAxis<usize> = SmallVec::from_elem(1, walk.n_axes());
        self.set_extents(&mut extents, n_rows, n);
        let mut packed = self.reduce.dtype.size() as isize;
        let mut axes: SmallVec<[CopyAxis; 6]> = SmallVec::new();
        for (&len, &from) in extents.iter().zip(&walk.strides[load]).rev() {
            axes.push(CopyAxis {
                len,
                from,
                to: packed,
            });
            packed *= len as isize;
        }
        axes
    }

    /// Packs `n` values into the tile.
    unsafe fn collect(&mut self, from: *const u8, axes: &[CopyAxis], n: usize) -> *const u8 {
        let size = self.reduce.dtype.size();
        if self.tile.len() < n * size {
            self.tile.resize(n * size, 0);
        }
        // SAFETY: the caller's values; the tile has the room.
        unsafe { strided::copy(axes, from, self.tile.as_mut_ptr(), size) };
        self.tile.as_ptr()
    }
}

/// The copy that packs `n_rows` rows of `n` elements of `size` bytes.
fn packing(row: isize, step: isize, n_rows: usize, n: usize, size: usize) -> [CopyAxis; 2] {
    [
        CopyAxis {
            len: n_rows,
            from: row,
            to: (n * size) as isize,
        },
        CopyAxis {
            len: n,
            from: step,
            to: size as isize,
        },
    ]
}
