//! How the indices of a view map to the indices of its base: pure, and the same on every rank.

use gain_ga::{Indices, ViewAxis};
use smallvec::SmallVec;

/// How one axis of a view walks through its base.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Walk {
    /// The base's axis that it follows.
    pub axis: usize,
    /// Base indices per view index, never 0.
    pub step: isize,
}

/// An affine map from the indices of a view to those of its base.
///
/// View axis `v` either follows one base axis (`walks[v]`), each base axis followed at most once, or stands still
/// (`None`: a new axis, or one that is broadcast). Base axes that nobody follows stay at `origin`.
#[derive(Debug, PartialEq, Eq, Hash)]
pub struct Layout {
    /// Shape of the view.
    pub shape: Indices,
    /// The base index of the view's element 0.
    pub origin: Indices,
    /// What each view axis does.
    pub walks: SmallVec<[Option<Walk>; 4]>,
}

impl Clone for Layout {
    /// As derived, but by copying memory: a view of a small array is made in a few nanoseconds.
    #[inline]
    fn clone(&self) -> Layout {
        Layout {
            shape: SmallVec::from_slice(&self.shape),
            origin: SmallVec::from_slice(&self.origin),
            walks: SmallVec::from_slice(&self.walks),
        }
    }
}

impl Layout {
    /// The view that is the whole base.
    pub fn identity(shape: &[usize]) -> Layout {
        const FEW: [Option<Walk>; 4] = [
            Some(Walk { axis: 0, step: 1 }),
            Some(Walk { axis: 1, step: 1 }),
            Some(Walk { axis: 2, step: 1 }),
            Some(Walk { axis: 3, step: 1 }),
        ];
        let walks = match FEW.get(..shape.len()) {
            Some(few) => SmallVec::from_slice(few),
            None => (0..shape.len())
                .map(|axis| Some(Walk { axis, step: 1 }))
                .collect(),
        };
        Layout {
            shape: SmallVec::from_slice(shape),
            origin: SmallVec::from_elem(0, shape.len()),
            walks,
        }
    }

    /// Number of view axes.
    pub fn ndim(&self) -> usize {
        self.shape.len()
    }

    /// Number of elements of the view.
    pub fn size(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether the view is the whole of a base of this shape, in its order.
    pub fn is_identity(&self, base: &[usize]) -> bool {
        self.shape[..] == *base
            && self.origin.iter().all(|&o| o == 0)
            && self.walks.iter().enumerate().all(|(v, walk)| match walk {
                Some(walk) => walk.axis == v && (walk.step == 1 || self.shape[v] <= 1),
                None => false,
            })
    }

    /// The view in which axis `v` keeps `len` of its indices, from `start` by `step`.
    #[must_use]
    pub fn slice(&self, v: usize, start: usize, step: isize, len: usize) -> Layout {
        let mut sliced = self.clone();
        sliced.narrow(v, start, step, len);
        sliced
    }

    /// Makes this the view of [`Layout::slice`].
    #[inline]
    pub fn narrow(&mut self, v: usize, start: usize, step: isize, len: usize) {
        self.shape[v] = len;
        if let Some(walk) = &mut self.walks[v] {
            if len > 0 {
                self.origin[walk.axis] = offset(self.origin[walk.axis], walk.step * start as isize);
            }
            // One spelling for each map: an axis of at most one index has no step.
            walk.step = if len <= 1 { 1 } else { walk.step * step };
        }
    }

    /// Makes this the view of [`Layout::pick`].
    #[inline]
    pub fn fix(&mut self, v: usize, index: usize) {
        self.narrow(v, index, 1, 1);
        self.shape.remove(v);
        self.walks.remove(v);
    }

    /// Makes this the view of [`Layout::insert`].
    #[inline]
    pub fn widen(&mut self, v: usize, len: usize) {
        self.shape.insert(v, len);
        self.walks.insert(v, None);
    }

    /// The view at one index of axis `v`, without that axis.
    #[must_use]
    pub fn pick(&self, v: usize, index: usize) -> Layout {
        let mut picked = self.clone();
        picked.fix(v, index);
        picked
    }

    /// The view with a new axis of length `len` before axis `v`, on which it stands still.
    #[must_use]
    pub fn insert(&self, v: usize, len: usize) -> Layout {
        let mut inserted = self.clone();
        inserted.widen(v, len);
        inserted
    }

    /// The view with its axes in the order `order`.
    #[must_use]
    pub fn transpose(&self, order: &[usize]) -> Layout {
        Layout {
            shape: order.iter().map(|&v| self.shape[v]).collect(),
            origin: self.origin.clone(),
            walks: order.iter().map(|&v| self.walks[v]).collect(),
        }
    }

    /// The view repeated to `shape` by NumPy's rule; `None` when the shapes do not agree.
    pub fn broadcast(&self, shape: &[usize]) -> Option<Layout> {
        let missing = shape.len().checked_sub(self.ndim())?;
        let mut wide = Layout {
            shape: SmallVec::from_slice(shape),
            origin: self.origin.clone(),
            walks: SmallVec::new(),
        };
        wide.walks.resize(missing, None);
        for (v, walk) in self.walks.iter().enumerate() {
            let (have, want) = (self.shape[v], shape[missing + v]);
            if have == want {
                wide.walks.push(*walk);
            } else if have == 1 {
                wide.walks.push(None);
            } else {
                return None;
            }
        }
        Some(wide)
    }

    /// The view that the layout `inner`, made over this view's index space, sees of this view's base.
    #[must_use]
    pub fn compose(&self, inner: &Layout) -> Layout {
        let mut origin = self.origin.clone();
        for (v, walk) in self.walks.iter().enumerate() {
            if let Some(walk) = walk {
                origin[walk.axis] = offset(origin[walk.axis], walk.step * inner.origin[v] as isize);
            }
        }
        let walks = inner
            .walks
            .iter()
            .map(|walk| {
                walk.and_then(|inner| {
                    self.walks[inner.axis].map(|outer| Walk {
                        axis: outer.axis,
                        step: outer.step * inner.step,
                    })
                })
            })
            .collect();
        Layout {
            shape: inner.shape.clone(),
            origin,
            walks,
        }
    }

    /// The view's axes as a distribution's view wants them: its own axes, then the base axes that it holds fixed.
    pub fn view_axes(&self) -> SmallVec<[ViewAxis; 6]> {
        let mut followed: SmallVec<[bool; 6]> = SmallVec::from_elem(false, self.origin.len());
        let mut axes: SmallVec<[ViewAxis; 6]> = SmallVec::new();
        for (v, walk) in self.walks.iter().enumerate() {
            let len = self.shape[v];
            axes.push(match walk {
                Some(walk) => {
                    followed[walk.axis] = true;
                    ViewAxis::Base {
                        axis: walk.axis,
                        start: self.origin[walk.axis],
                        step: walk.step,
                        len,
                    }
                }
                None => ViewAxis::New { len },
            });
        }
        for (axis, followed) in followed.iter().enumerate() {
            if !followed {
                axes.push(ViewAxis::Fixed {
                    axis,
                    index: self.origin[axis],
                });
            }
        }
        axes
    }

    /// Elements per view index, by axis, in memory that holds a box of the base with these element strides.
    pub fn strides(&self, memory: &[isize]) -> SmallVec<[isize; 4]> {
        self.walks
            .iter()
            .map(|walk| walk.map_or(0, |walk| walk.step * memory[walk.axis]))
            .collect()
    }

    /// Where, in elements from the start of memory that holds the base's box beginning at `lo`, the view's `index` lies.
    pub fn position(&self, index: &[usize], lo: &[usize], memory: &[isize]) -> isize {
        let mut at: isize = self
            .origin
            .iter()
            .zip(lo)
            .zip(memory)
            .map(|((&o, &lo), &stride)| (o as isize - lo as isize) * stride)
            .sum();
        for (v, walk) in self.walks.iter().enumerate() {
            if let Some(walk) = walk {
                at += walk.step * index[v] as isize * memory[walk.axis];
            }
        }
        at
    }

    /// The base index at which the view's `index` lies.
    pub fn base_index(&self, index: &[usize]) -> Indices {
        let mut at: Indices = SmallVec::from_slice(&self.origin);
        for (walk, &i) in self.walks.iter().zip(index) {
            if let Some(walk) = walk {
                at[walk.axis] = at[walk.axis].wrapping_add_signed(walk.step * i as isize);
            }
        }
        at
    }

    /// The place in C order of a whole base of this shape at which the view's `index` lies.
    #[inline]
    pub fn place(&self, index: &[usize], base: &[usize]) -> usize {
        c_place(&self.base_index(index), base)
    }

    /// First and last base index (inclusive) and the step's size along each base axis: what a non-empty view touches.
    pub fn span(&self) -> SmallVec<[(usize, usize, usize); 4]> {
        let mut span: SmallVec<[(usize, usize, usize); 4]> =
            self.origin.iter().map(|&o| (o, o, 1)).collect();
        for (v, walk) in self.walks.iter().enumerate() {
            if let Some(walk) = walk {
                let end = offset(
                    self.origin[walk.axis],
                    walk.step * (self.shape[v] as isize - 1),
                );
                let (lo, hi) = (
                    self.origin[walk.axis].min(end),
                    self.origin[walk.axis].max(end),
                );
                span[walk.axis] = (lo, hi, walk.step.unsigned_abs());
            }
        }
        span
    }

    /// Whether this view and `other` certainly have no base element in common.
    pub fn disjoint(&self, other: &Layout) -> bool {
        if self.size() == 0 || other.size() == 0 {
            return true;
        }
        self.span().iter().zip(other.span()).any(|(a, b)| {
            let apart = a.1 < b.0 || b.1 < a.0;
            // Two combs of one step and different teeth never meet.
            let combs = a.2 == b.2 && a.2 > 1 && a.0 % a.2 != b.0 % b.2;
            apart || combs
        })
    }
}

/// `index + by`, for maps that stay inside their base.
fn offset(index: usize, by: isize) -> usize {
    index
        .checked_add_signed(by)
        .expect("a view stays inside its base")
}

/// Element strides of a C-ordered block of this shape.
pub fn c_strides(shape: &[usize]) -> SmallVec<[isize; 4]> {
    let mut strides = SmallVec::from_elem(1isize, shape.len());
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis].max(1) as isize;
    }
    strides
}

/// The place of an index in C order.
#[inline]
pub fn c_place(index: &[usize], shape: &[usize]) -> usize {
    let steps = index.iter().zip(shape);
    steps.fold(0, |place, (&at, &len)| place * len + at)
}

/// The shape to which all of `shapes` broadcast, by NumPy's rule.
pub fn broadcast_shapes<'a>(shapes: impl Iterator<Item = &'a [usize]> + Clone) -> Option<Indices> {
    let ndim = shapes.clone().map(<[usize]>::len).max().unwrap_or(0);
    let mut out: Indices = SmallVec::from_elem(1, ndim);
    for shape in shapes {
        let missing = ndim - shape.len();
        for (axis, &len) in shape.iter().enumerate() {
            let have = &mut out[missing + axis];
            if *have == 1 {
                *have = len;
            } else if len != 1 && len != *have {
                return None;
            }
        }
    }
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(layout: &Layout, base: &[usize], wanted: &[usize]) {
        let memory = c_strides(base);
        let lo = vec![0; base.len()];
        let mut got = Vec::new();
        let mut index = vec![0; layout.ndim()];
        for flat in 0..layout.size() {
            let mut rest = flat;
            for v in (0..layout.ndim()).rev() {
                index[v] = rest % layout.shape[v];
                rest /= layout.shape[v];
            }
            got.push(usize::try_from(layout.position(&index, &lo, &memory)).expect("inside"));
        }
        assert_eq!(got, wanted);
    }

    #[test]
    fn slices_of_slices() {
        let layout = Layout::identity(&[10]).slice(0, 8, -2, 4).slice(0, 1, 2, 2);
        check(&layout, &[10], &[6, 2]);
    }

    #[test]
    fn rows_columns_and_transposes() {
        let layout = Layout::identity(&[3, 4]);
        check(&layout.pick(0, 1), &[3, 4], &[4, 5, 6, 7]);
        check(&layout.pick(1, 3), &[3, 4], &[3, 7, 11]);
        check(
            &layout.transpose(&[1, 0]).slice(0, 0, 1, 1),
            &[3, 4],
            &[0, 4, 8],
        );
        check(
            &layout.pick(0, 2).broadcast(&[2, 4]).expect("fits"),
            &[3, 4],
            &[8, 9, 10, 11, 8, 9, 10, 11],
        );
    }

    #[test]
    fn composed_is_applied_twice() {
        let outer = Layout::identity(&[6, 5])
            .slice(0, 5, -1, 6)
            .transpose(&[1, 0]);
        let inner = Layout::identity(&[5, 6]).slice(1, 1, 2, 2).pick(0, 3);
        check(&outer.compose(&inner), &[6, 5], &[4 * 5 + 3, 2 * 5 + 3]);
    }

    #[test]
    fn combs_and_boxes_apart_are_disjoint() {
        let whole = Layout::identity(&[10]);
        assert!(whole.slice(0, 0, 2, 5).disjoint(&whole.slice(0, 1, 2, 5)));
        assert!(whole.slice(0, 0, 1, 5).disjoint(&whole.slice(0, 5, 1, 5)));
        assert!(!whole.slice(0, 0, 1, 6).disjoint(&whole.slice(0, 5, 1, 5)));
        assert!(whole.slice(0, 0, 1, 0).disjoint(&whole));
    }
}
