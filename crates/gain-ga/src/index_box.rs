//! Half-open boxes of global indices: the unit in which ownership and moves are spoken of.

use std::fmt;

use smallvec::SmallVec;

/// One number per axis: an index, a shape, a corner of a box.
pub type Indices = SmallVec<[usize; 4]>;

/// A half-open box of global indices: `lo[a] <= index[a] < hi[a]` on every axis.
///
/// A box is empty when `lo[a] >= hi[a]` on some axis. The box of a 0-d space holds its one element; a 0-d space's
/// *empty* box, which no pair of corners could express, is written as [`IndexBox::nothing`] writes it (`lo = hi = [0]`).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct IndexBox {
    /// First index of the box on each axis.
    pub lo: Indices,
    /// One past the last index of the box on each axis.
    pub hi: Indices,
}

impl IndexBox {
    /// The box from `lo` up to, not including, `hi`. Local.
    ///
    /// # Panics
    /// If the corners differ in length.
    #[must_use]
    pub fn new(lo: impl AsRef<[usize]>, hi: impl AsRef<[usize]>) -> Self {
        let (lo, hi) = (
            Indices::from_slice(lo.as_ref()),
            Indices::from_slice(hi.as_ref()),
        );
        assert_eq!(
            lo.len(),
            hi.len(),
            "the corners of a box have as many axes each"
        );
        Self { lo, hi }
    }

    /// The whole index space of an array of this shape. Local.
    #[must_use]
    pub fn full(shape: &[usize]) -> Self {
        Self {
            lo: SmallVec::from_elem(0, shape.len()),
            hi: SmallVec::from_slice(shape),
        }
    }

    /// The canonical empty box of a space of `ndim` axes. Local.
    ///
    /// For `ndim == 0` it is written with one axis of no length, since a box without axes holds one element.
    #[must_use]
    pub fn nothing(ndim: usize) -> Self {
        let axes = ndim.max(1);
        Self {
            lo: SmallVec::from_elem(0, axes),
            hi: SmallVec::from_elem(0, axes),
        }
    }

    /// Number of axes. Local.
    #[must_use]
    pub fn ndim(&self) -> usize {
        self.lo.len()
    }

    /// Extent on each axis, 0 where the box is empty. Local.
    #[must_use]
    pub fn shape(&self) -> Indices {
        self.lo
            .iter()
            .zip(&self.hi)
            .map(|(&lo, &hi)| hi.saturating_sub(lo))
            .collect()
    }

    /// Number of elements. Local.
    #[must_use]
    pub fn len(&self) -> usize {
        self.lo
            .iter()
            .zip(&self.hi)
            .map(|(&lo, &hi)| hi.saturating_sub(lo))
            .product()
    }

    /// Whether the box holds no element. Local.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.lo.iter().zip(&self.hi).any(|(lo, hi)| lo >= hi)
    }

    /// Whether `index` lies in the box. Local.
    #[must_use]
    pub fn contains(&self, index: &[usize]) -> bool {
        index.len() == self.ndim()
            && index
                .iter()
                .zip(self.lo.iter().zip(&self.hi))
                .all(|(i, (lo, hi))| lo <= i && i < hi)
    }

    /// Whether every element of `other` lies in this box (an empty one always does). Local.
    #[must_use]
    pub fn contains_box(&self, other: &IndexBox) -> bool {
        other.is_empty()
            || (self.ndim() == other.ndim()
                && self.lo.iter().zip(&other.lo).all(|(a, b)| a <= b)
                && self.hi.iter().zip(&other.hi).all(|(a, b)| a >= b))
    }

    /// The elements that both boxes hold; [`IndexBox::nothing`] when there are none. Local.
    #[must_use]
    pub fn intersect(&self, other: &IndexBox) -> IndexBox {
        if self.ndim() != other.ndim() {
            // Only the empty box of a 0-d space has another number of axes than its space.
            return IndexBox::nothing(self.ndim().min(other.ndim()));
        }
        let lo: Indices = self
            .lo
            .iter()
            .zip(&other.lo)
            .map(|(&a, &b)| a.max(b))
            .collect();
        let hi: Indices = self
            .hi
            .iter()
            .zip(&other.hi)
            .map(|(&a, &b)| a.min(b))
            .collect();
        let both = IndexBox { lo, hi };
        if both.is_empty() {
            IndexBox::nothing(self.ndim())
        } else {
            both
        }
    }

    /// The smallest box that holds both; an empty one adds nothing. Local.
    #[must_use]
    pub fn bounding(&self, other: &IndexBox) -> IndexBox {
        if self.is_empty() {
            return other.clone();
        }
        if other.is_empty() {
            return self.clone();
        }
        IndexBox {
            lo: self
                .lo
                .iter()
                .zip(&other.lo)
                .map(|(&a, &b)| a.min(b))
                .collect(),
            hi: self
                .hi
                .iter()
                .zip(&other.hi)
                .map(|(&a, &b)| a.max(b))
                .collect(),
        }
    }

    /// The parts of the box before and from `index` on one axis; either may be empty. Local.
    ///
    /// # Panics
    /// If the box has no such axis.
    #[must_use]
    pub fn split_axis(&self, axis: usize, index: usize) -> (IndexBox, IndexBox) {
        let at = index.clamp(self.lo[axis], self.hi[axis].max(self.lo[axis]));
        let (mut before, mut after) = (self.clone(), self.clone());
        before.hi[axis] = at;
        after.lo[axis] = at;
        (before, after)
    }

    /// The box with every index moved by `offset`. Local.
    ///
    /// # Panics
    /// If an index would become negative, or the offsets are not one per axis.
    #[must_use]
    pub fn shifted(&self, offset: &[isize]) -> IndexBox {
        assert_eq!(offset.len(), self.ndim(), "one offset per axis");
        let add = |corner: &Indices| -> Indices {
            corner
                .iter()
                .zip(offset)
                .map(|(&i, &o)| {
                    i.checked_add_signed(o)
                        .expect("a shifted box stays in the index space")
                })
                .collect()
        };
        IndexBox {
            lo: add(&self.lo),
            hi: add(&self.hi),
        }
    }

    /// This box as seen from `origin`: `lo - origin .. hi - origin`. Local.
    ///
    /// # Panics
    /// If the box begins before `origin`.
    #[must_use]
    pub fn relative_to(&self, origin: &[usize]) -> IndexBox {
        let subtract = |corner: &Indices| -> Indices {
            corner
                .iter()
                .zip(origin)
                .map(|(&i, &o)| {
                    i.checked_sub(o)
                        .expect("a box lies behind the origin it is seen from")
                })
                .collect()
        };
        IndexBox {
            lo: subtract(&self.lo),
            hi: subtract(&self.hi),
        }
    }

    /// Position of `index` in the box's elements taken in C order. Local.
    ///
    /// # Panics
    /// If the index lies outside.
    #[must_use]
    pub fn offset_of(&self, index: &[usize]) -> usize {
        assert!(
            self.contains(index),
            "index {index:?} lies outside box {self}"
        );
        let mut offset = 0;
        for (axis, &i) in index.iter().enumerate() {
            offset = offset * (self.hi[axis] - self.lo[axis]) + (i - self.lo[axis]);
        }
        offset
    }

    /// Every index of the box, in C order. Local.
    pub fn indices(&self) -> impl Iterator<Item = Indices> + '_ {
        let total = self.len();
        (0..total).map(move |mut flat| {
            let mut index = self.lo.clone();
            for axis in (0..self.ndim()).rev() {
                let extent = self.hi[axis] - self.lo[axis];
                index[axis] += flat % extent;
                flat /= extent;
            }
            index
        })
    }
}

/// `[2:5, 0:10]`, as a slice would be written; `[]` is the one element of a 0-d space.
impl fmt::Display for IndexBox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[")?;
        for (axis, (lo, hi)) in self.lo.iter().zip(&self.hi).enumerate() {
            let comma = if axis == 0 { "" } else { ", " };
            write!(f, "{comma}{lo}:{hi}")?;
        }
        f.write_str("]")
    }
}
