//! Views of another shape.
//!
//! # Rationale
//! Memory that is cut at the same places of its C order for two shapes can be seen as either: the second shape is another base on the same
//! memory. Where the cuts of a distributed array fall inside the rows of the new shape, the array is laid out anew, once, in units that suit
//! all shapes that it has had (their rows' least common multiple); from then on writes to any of them are seen by all.
//!
//! # Limitations
//! A new layout that would leave the ranks very uneven is made for arrays of up to a million elements only; a larger one is copied. A view
//! whose elements do not follow one another is for `restride.rs`.

use std::rc::Rc;

use gain_ga::{AxisCuts, Blocks, Buffer, Distribution, Indices};
use smallvec::{SmallVec, smallvec};

use crate::array::Array;
use crate::base::least_common_multiple;
use crate::error::{Error, Result, shape_text};
use crate::layout::{Layout, c_strides};
use crate::route::reshaping;

/// The most elements that may end up very unevenly spread for the sake of a view.
const MOST_UNEVEN: usize = 1 << 20;

/// The unevenness, largest block to mean, from which on that matters.
const TOLERATED_IMBALANCE: f64 = 1.25;

impl Array {
    /// The view of another shape with the elements in the same C order; `None` where only a copy would do. Collective.
    ///
    /// # Errors
    /// `ValueError` when the sizes differ; as [`Runtime::sync`](crate::Runtime::sync).
    ///
    /// # Examples
    /// ```
    /// use gain_core::{Runtime, Settings, create};
    ///
    /// let rt = Runtime::single(Settings::default());
    /// let a = create::zeros(&rt, &[6], gain_core::DType::F64)?;
    /// let table = a.reshape(&[2, 3])?.expect("a whole array takes any shape");
    /// table.assign(1.0.into())?;
    /// assert_eq!(a.to_vec::<f64>()?, [1.0; 6]);
    /// # Ok::<(), gain_core::Error>(())
    /// ```
    pub fn reshape(&self, shape: &[usize]) -> Result<Option<Array>> {
        if shape.iter().product::<usize>() != self.size() {
            return Err(Error::Reshape {
                size: self.size(),
                shape: shape_text(shape),
            });
        }
        if significant(shape) == significant(self.shape()) {
            return self.with_other_ones(shape).map(Some);
        }
        let Some(target) = Target::of(self, shape) else {
            return self.restrided(shape);
        };
        self.flush()?;
        let Some(distribution) = self.distribution_for(&target)? else {
            return Ok(None);
        };
        let base = self.base.reshaped(target.base_shape.clone(), distribution);
        let mut layout = Layout::identity(&target.base_shape);
        layout.narrow(target.axis, target.first, 1, shape[target.axis]);
        let mut view = self.with_layout(layout);
        view.base = base;
        Ok(Some(view))
    }

    /// The view in which axes of length 1 come and go.
    fn with_other_ones(&self, shape: &[usize]) -> Result<Array> {
        let mut view = self.clone();
        let ones = (0..self.ndim()).filter(|&axis| self.shape()[axis] == 1);
        for axis in ones.rev() {
            view = view.drop_axis(axis)?;
        }
        for (axis, _) in shape.iter().enumerate().filter(|(_, len)| **len == 1) {
            view = view.insert_axis(axis)?;
        }
        view.is_view = true;
        Ok(view)
    }

    /// How the base of the target's shape is spread on this memory, laid out anew if need be; `None` where that is not worth while.
    fn distribution_for(&self, target: &Target) -> Result<Option<Distribution>> {
        if self.is_replicated() {
            return Ok(Some(Distribution::replicated(&target.base_shape)));
        }
        let n_ranks = self.runtime.n_ranks();
        let base = &self.base;
        let have = base.distribution().expect("the base is placed");
        if let Some(unit) = unit_of(&have)
            && unit.is_multiple_of(row_len(&target.base_shape))
        {
            // The cuts suit the new shape as they are.
            base.keep_together(row_len(&base.shape));
            base.keep_together(row_len(&target.base_shape));
            return Ok(Some(in_units(&target.base_shape, unit, n_ranks)));
        }
        if base.per_element() > 1 || base.is_on_loan() {
            return Ok(None);
        }
        let memory = base.memory();
        let rows = [row_len(&memory.shape), row_len(&target.base_shape)];
        let unit = rows
            .into_iter()
            .chain([row_len(&base.shape), base.unit().max(1)])
            .fold(1, least_common_multiple);
        let distribution = in_units(&target.base_shape, unit, n_ranks);
        let size: usize = target.base_shape.iter().product();
        if distribution.imbalance() > TOLERATED_IMBALANCE && size > MOST_UNEVEN {
            return Ok(None);
        }
        self.lay_out_in_units(unit)?;
        Ok(Some(distribution))
    }

    /// Moves the memory's elements so that it is cut at multiples of `unit`.
    fn lay_out_in_units(&self, unit: usize) -> Result<()> {
        let n_ranks = self.runtime.n_ranks();
        let memory = self.base.memory();
        let whole = Array::whole(&self.runtime, Rc::clone(memory));
        let wanted = in_units(&memory.shape, unit, n_ranks);
        let have = memory.distribution().expect("the base is placed");
        let rank = self.runtime.rank();
        let mut block = Buffer::new(wanted.box_of(rank).len() * memory.dtype.size())?;
        whole.carry(&reshaping(&have, &wanted, rank), &mut block)?;
        memory.lay_out_anew(unit, block, |shape, unit| in_units(shape, unit, n_ranks));
        Ok(())
    }
}

/// A view of another shape as a run of rows of a base of another shape.
struct Target {
    base_shape: Indices,
    /// The first axis longer than 1.
    axis: usize,
    /// Where the view begins on it.
    first: usize,
}

impl Target {
    /// `None` when the view's elements do not follow one another in the base, or do not begin and end with rows of the shape.
    fn of(array: &Array, shape: &[usize]) -> Option<Target> {
        if array.size() == 0 {
            return None;
        }
        let memory = c_strides(&array.base.shape);
        let follow = array.layout.strides(&memory);
        let in_order = follow
            .iter()
            .zip(c_strides(array.shape()))
            .zip(array.shape())
            .all(|((&have, want), &len)| len == 1 || have == want);
        if !in_order {
            return None;
        }
        let origin: Indices = smallvec![0; array.base.shape.len()];
        let zeros: Indices = smallvec![0; array.ndim()];
        let start = array.layout.position(&zeros, &origin, &memory) as usize;
        let axis = shape.iter().position(|&len| len > 1)?;
        let row: usize = shape[axis + 1..].iter().product();
        let size: usize = array.base.shape.iter().product();
        if !size.is_multiple_of(row) || !start.is_multiple_of(row) {
            return None;
        }
        let mut base_shape: Indices = SmallVec::from_slice(shape);
        base_shape[axis] = size / row;
        Some(Target {
            base_shape,
            axis,
            first: start / row,
        })
    }
}

fn significant(shape: &[usize]) -> Indices {
    shape.iter().copied().filter(|&len| len != 1).collect()
}

/// The axis along which an array is cut in units: the first one longer than 1.
fn unit_axis(shape: &[usize]) -> usize {
    shape.iter().position(|&len| len > 1).unwrap_or(0)
}

/// Elements of a row behind that axis.
fn row_len(shape: &[usize]) -> usize {
    shape
        .get(unit_axis(shape) + 1..)
        .map_or(1, |rest| rest.iter().product())
}

/// The distribution of a shape that is cut at multiples of `unit` elements, which is a multiple of its rows.
fn in_units(shape: &[usize], unit: usize, n_ranks: usize) -> Distribution {
    let axis = unit_axis(shape);
    let mut axes: SmallVec<[AxisCuts; 4]> = shape.iter().map(|&len| AxisCuts::whole(len)).collect();
    let mut axis_dim = smallvec![None; shape.len()];
    let mut fixed = smallvec![Some(0)];
    if n_ranks > 1 && !shape.is_empty() {
        axes[axis] = AxisCuts::Regular {
            len: shape[axis],
            parts: n_ranks,
            grain: unit / row_len(shape),
        };
        axis_dim[axis] = Some(0);
        fixed[0] = None;
    }
    Distribution::Blocks(Blocks {
        n_ranks,
        grid: smallvec![n_ranks],
        axes,
        axis_dim,
        fixed,
    })
}

/// The elements that stay together, if the distribution is one that [`in_units`] might have made.
fn unit_of(distribution: &Distribution) -> Option<usize> {
    let Distribution::Blocks(blocks) = distribution else {
        return None;
    };
    let shape = distribution.shape();
    if blocks.n_ranks == 1 {
        // One rank has all: any unit will do.
        return Some(shape.iter().product());
    }
    let axis = unit_axis(&shape);
    let mut others = blocks.axis_dim.iter().enumerate();
    let alone = others.all(|(other, dim)| dim.is_none() == (other != axis));
    match blocks.axes.get(axis)? {
        AxisCuts::Regular { parts, grain, .. } if alone && *parts == blocks.n_ranks => {
            Some(grain * row_len(&shape))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::route::Runs;

    /// Two shapes cut in one unit hold the same ranges of C order on every rank.
    fn check(one: &[usize], other: &[usize], unit: usize, n_ranks: usize) {
        let (a, b) = (in_units(one, unit, n_ranks), in_units(other, unit, n_ranks));
        for rank in 0..n_ranks {
            let range = |distribution: &Distribution, shape: &[usize]| {
                Runs::new(shape, &distribution.box_of(rank)).hull()
            };
            assert_eq!(range(&a, one), range(&b, other));
        }
        assert!(
            [a, b]
                .iter()
                .all(|made| n_ranks == 1 || unit_of(made) == Some(unit))
        );
    }

    #[test]
    fn shapes_of_one_unit_lie_alike() {
        check(&[12], &[3, 4], 4, 2);
        check(&[1, 60], &[5, 12], 12, 3);
        check(&[4, 15], &[6, 10], 30, 4);
        check(&[100, 10], &[1000], 10, 7);
        check(&[6], &[2, 3], 3, 1);
    }

    #[test]
    fn thousands_of_ranks_need_no_table() {
        check(&[4096 * 10, 6], &[4096 * 60], 6, 4096);
    }
}
