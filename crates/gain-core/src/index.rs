//! NumPy's basic indices: integers, slices, None and Ellipsis become a layout.

use smallvec::SmallVec;

use crate::error::{Error, Result};
use crate::layout::Layout;

/// NumPy's largest number of axes.
const MAX_DIMS: usize = 64;

/// One entry of an index expression.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Index {
    /// `a[3]`, `a[-1]`: the axis goes.
    Int(isize),
    /// `a[start:stop:step]`.
    Slice {
        /// First index, or the end that the step comes from.
        start: Option<isize>,
        /// First index that is left out.
        stop: Option<isize>,
        /// Never 0.
        step: Option<isize>,
    },
    /// `None`: a new axis of length 1.
    NewAxis,
    /// `...`: all axes that the other entries do not name.
    Ellipsis,
}

/// Makes a layout the view that an index expression takes of it. After an error the layout is of no use.
///
/// # Errors
/// NumPy's `IndexError`s: out of bounds, too many indices, two ellipses, too many new axes; `ValueError` for a step of 0.
#[inline]
pub fn apply(layout: &mut Layout, indices: &[Index]) -> Result<()> {
    let named = indices
        .iter()
        .filter(|index| matches!(index, Index::Int(_) | Index::Slice { .. }))
        .count();
    let ellipses = indices
        .iter()
        .filter(|index| matches!(index, Index::Ellipsis))
        .count();
    let ndim = layout.ndim();
    if ellipses > 1 {
        return Err(Error::TwoEllipses);
    }
    if named > ndim {
        return Err(Error::TooManyIndices { ndim, given: named });
    }
    // `v` is the axis of the view under construction, `axis` that of the view indexed.
    let (mut v, mut axis) = (0, 0);
    for index in indices {
        match *index {
            Index::Int(at) => {
                let size = layout.shape[v];
                let index = normalised(at, size).ok_or(Error::OutOfBounds {
                    index: at,
                    axis,
                    size,
                })?;
                layout.fix(v, index);
                axis += 1;
            }
            Index::Slice { .. } => {
                narrow(layout, v, index)?;
                v += 1;
                axis += 1;
            }
            Index::NewAxis => {
                layout.widen(v, 1);
                v += 1;
            }
            Index::Ellipsis => {
                let skipped = ndim - named;
                v += skipped;
                axis += skipped;
            }
        }
    }
    of_allowed_rank(layout.ndim())
}

/// # Errors
/// `IndexError` for more axes than NumPy's arrays have.
#[inline]
pub(crate) fn of_allowed_rank(ndim: usize) -> Result<()> {
    if ndim > MAX_DIMS {
        return Err(Error::TooManyAxes { ndim });
    }
    Ok(())
}

/// Makes a layout the view that a slice of axis `v` takes of it; any other index leaves it.
///
/// # Errors
/// `ValueError` for a step of 0.
#[inline]
pub fn narrow(layout: &mut Layout, v: usize, index: &Index) -> Result<()> {
    if let Index::Slice { start, stop, step } = *index {
        let (first, step, len) = slice(start, stop, step, layout.shape[v])?;
        layout.narrow(v, first, step, len);
    }
    Ok(())
}

/// An index counted from the start, or `None` when it is outside.
pub fn normalised(index: isize, size: usize) -> Option<usize> {
    let from_start = if index < 0 {
        index + size as isize
    } else {
        index
    };
    (0..size as isize)
        .contains(&from_start)
        .then_some(from_start as usize)
}

/// An axis counted from the start.
///
/// # Errors
/// `AxisError` when the array has no such axis.
pub fn axis(axis: isize, ndim: usize) -> Result<usize> {
    normalised(axis, ndim).ok_or(Error::Axis { axis, ndim })
}

/// Axes counted from the start, ascending; all of them for `None`.
///
/// # Errors
/// `AxisError`, and `ValueError` for an axis given twice.
pub fn axes(given: Option<&[isize]>, ndim: usize) -> Result<SmallVec<[usize; 4]>> {
    let Some(given) = given else {
        return Ok((0..ndim).collect());
    };
    if ndim == 0 && matches!(given, [0] | [-1]) {
        // NumPy sees a value as a vector of one here.
        return Ok(SmallVec::new());
    }
    let mut axes: SmallVec<[usize; 4]> = given
        .iter()
        .map(|&a| axis(a, ndim))
        .collect::<Result<_>>()?;
    axes.sort_unstable();
    if axes.windows(2).any(|pair| pair[0] == pair[1]) {
        return Err(Error::RepeatedAxis("duplicate value in 'axis'"));
    }
    Ok(axes)
}

/// Python's slice over an axis: first index, step, number of indices.
#[inline]
fn slice(
    start: Option<isize>,
    stop: Option<isize>,
    step: Option<isize>,
    size: usize,
) -> Result<(usize, isize, usize)> {
    let size = size as isize;
    let step = step.unwrap_or(1);
    if step == 0 {
        return Err(Error::ZeroStep);
    }
    let (lowest, highest) = if step > 0 { (0, size) } else { (-1, size - 1) };
    let clamp = |given: isize| {
        (if given < 0 {
            given.saturating_add(size)
        } else {
            given
        })
        .clamp(lowest, highest)
    };
    let (from_default, to_default) = if step > 0 {
        (lowest, highest)
    } else {
        (highest, lowest)
    };
    let (first, end) = (
        start.map_or(from_default, clamp),
        stop.map_or(to_default, clamp),
    );
    let distance = if step > 0 { end - first } else { first - end };
    let len = if distance <= 0 {
        0
    } else {
        (distance - 1) / step.abs() + 1
    };
    // An empty slice starts anywhere; 0 keeps it inside.
    Ok((
        if len == 0 { 0 } else { first as usize },
        step,
        len as usize,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(
        start: Option<isize>,
        stop: Option<isize>,
        step: Option<isize>,
        size: usize,
        wanted: &[usize],
    ) {
        let (first, step, len) = slice(start, stop, step, size).expect("a step");
        let got: Vec<usize> = (0..len)
            .map(|i| (first as isize + step * i as isize) as usize)
            .collect();
        assert_eq!(got, wanted);
    }

    #[test]
    fn slices_are_pythons() {
        check(None, None, None, 3, &[0, 1, 2]);
        check(None, None, Some(-1), 3, &[2, 1, 0]);
        check(Some(-2), None, None, 5, &[3, 4]);
        check(Some(10), Some(-10), Some(-2), 5, &[4, 2, 0]);
        check(Some(3), Some(1), None, 5, &[]);
        check(Some(1), Some(isize::MAX), Some(2), 4, &[1, 3]);
        check(Some(0), None, None, 0, &[]);
    }

    #[test]
    fn errors_are_numpys() {
        let layout = Layout::identity(&[2, 3]);
        let text = |indices: &[Index]| {
            apply(&mut layout.clone(), indices)
                .expect_err("outside")
                .to_string()
        };
        assert_eq!(
            text(&[Index::Int(0), Index::Int(-4)]),
            "index -4 is out of bounds for axis 1 with size 3"
        );
        assert_eq!(
            text(&[Index::Int(0); 3]),
            "too many indices for array: array is 2-dimensional, but 3 were indexed"
        );
        assert_eq!(
            text(&[Index::Ellipsis, Index::Ellipsis]),
            "an index can only have a single ellipsis ('...')"
        );
    }
}
