//! NumPy's K order: a new array lies in memory as its operands do.
//!
//! # Rationale
//! Loops run along the operands' innermost axes, and a result in the same order is written as it is computed. The order is that of the
//! operands' strides, so it depends on the program alone and is the same on every rank.

use gain_ga::Indices;
use gain_ufunc::DType;
use smallvec::SmallVec;

use crate::array::Array;
use crate::error::Result;
use crate::layout::{Layout, c_strides};
use crate::operand::Operand;

type Strides = SmallVec<[isize; 4]>;

/// The axes of a result of `operands`, the outermost first; `None` where that is C order. Operands broadcast to `shape`.
pub(crate) fn of_result(operands: &[Operand<'_>], shape: &[usize]) -> Option<Indices> {
    let turned = |operand: &Operand<'_>| match operand {
        Operand::Array(array) => array.ndim() > 1 && !follows_c(&array.layout),
        _ => false,
    };
    if shape.len() < 2 || !operands.iter().any(turned) {
        return None;
    }
    let strides: SmallVec<[Strides; 3]> = operands
        .iter()
        .filter_map(|operand| match operand {
            Operand::Array(array) => Some(steps(array, shape.len())),
            _ => None,
        })
        .collect();
    not_c(axes(&strides, shape.len()))
}

/// Whether the view walks through its base's axes in their order: what nearly all views do.
fn follows_c(layout: &Layout) -> bool {
    let mut last = None;
    layout
        .walks
        .iter()
        .zip(&layout.shape)
        .filter(|(_, len)| **len > 1)
        .filter_map(|(walk, _)| *walk)
        .all(|walk| {
            last.replace(walk.axis)
                .is_none_or(|before| before < walk.axis)
        })
}

/// How far apart neighbours lie along each of `ndim` axes, in elements and without sign; 0 where nothing is walked.
fn steps(array: &Array, ndim: usize) -> Strides {
    let mut steps: Strides = SmallVec::from_elem(0, ndim - array.ndim());
    let own = array.layout.strides(&c_strides(&array.base.shape));
    steps.extend(own.iter().zip(array.shape()).map(|(step, &len)| match len {
        1 => 0,
        _ => step.abs(),
    }));
    steps
}

/// The axes by falling strides. Where operands contradict one another, or say nothing, C order stands.
fn axes(operands: &[Strides], ndim: usize) -> Indices {
    let mut sorted: Indices = SmallVec::new();
    for axis in (0..ndim).rev() {
        // From the outermost place inwards, past the axes whose strides are larger.
        let mut place = 0;
        for (at, &inner) in sorted.iter().enumerate() {
            match goes_inside(operands, axis, inner) {
                Some(true) => place = at + 1,
                Some(false) => break,
                None => {}
            }
        }
        sorted.insert(place, axis);
    }
    sorted
}

/// Whether `axis` belongs inside `other`, an axis behind it; `None` when no operand walks along both.
fn goes_inside(operands: &[Strides], axis: usize, other: usize) -> Option<bool> {
    let mut inside = None;
    for steps in operands {
        let (one, two) = (steps[axis], steps[other]);
        if one != 0 && two != 0 {
            inside = Some(inside != Some(false) && one < two);
        }
    }
    inside
}

fn not_c(order: Indices) -> Option<Indices> {
    (!order.is_sorted()).then_some(order)
}

/// Where each axis stands in an order.
pub(crate) fn inverse(order: &[usize]) -> Indices {
    let mut inverse = SmallVec::from_elem(0, order.len());
    for (place, &axis) in order.iter().enumerate() {
        inverse[axis] = place;
    }
    inverse
}

impl Array {
    /// The axes by falling strides, the outermost first. Local.
    pub fn axes_in_memory(&self) -> Indices {
        axes(&[steps(self, self.ndim())], self.ndim())
    }

    /// A new array of these elements cast to `dtype` that lies in memory as this one does. Collective.
    ///
    /// # Errors
    /// [`Error::Memory`](crate::Error::Memory).
    pub fn astype_in_order(&self, dtype: DType) -> Result<Array> {
        if follows_c(&self.layout) {
            return self.astype(dtype);
        }
        self.astype_along(dtype, &self.axes_in_memory())
    }

    /// A new array of these elements cast to `dtype` whose axes lie in memory in the order given, the outermost first. Collective.
    ///
    /// # Errors
    /// `ValueError` when `order` is no permutation of the axes; [`Error::Memory`](crate::Error::Memory).
    pub fn astype_along(&self, dtype: DType, order: &[usize]) -> Result<Array> {
        let cast = self.transpose(order)?.astype(dtype)?;
        cast.into_order(&inverse(order))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(strides: &[&[isize]], wanted: &[usize]) {
        let strides: Vec<Strides> = strides
            .iter()
            .map(|one| SmallVec::from_slice(one))
            .collect();
        assert_eq!(axes(&strides, wanted.len())[..], *wanted);
    }

    #[test]
    fn the_largest_stride_is_outermost() {
        check(&[&[12, 4, 1]], &[0, 1, 2]);
        check(&[&[1, 2, 6]], &[2, 1, 0]);
        check(&[&[4, 12, 1]], &[1, 0, 2]);
        check(&[&[1, 12, 3]], &[1, 2, 0]);
    }

    #[test]
    fn operands_that_differ_give_c_order() {
        check(&[&[4, 1], &[1, 4]], &[0, 1]);
        check(&[&[1, 4], &[4, 1]], &[0, 1]);
        check(&[&[1, 4], &[0, 1]], &[1, 0]);
        check(&[&[0, 1], &[1, 0]], &[0, 1]);
    }
}
