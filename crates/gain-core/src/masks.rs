//! Masks: the places where they are true, and the elements there.
//!
//! # Rationale
//! With the first axis alone cut, in the ranks' order, what the ranks find one behind the other is what one rank would find: the result is
//! made of the parts as they are, and only their counts travel. Other distributions are laid out so first.

use gain_ga::{Buffer, Distribution, IndexBox};
use gain_ufunc::{DType, Scalar, ufunc};
use smallvec::SmallVec;

use crate::array::Array;
use crate::error::{Error, Result};
use crate::operate;
use crate::route::{self, Content};

impl Array {
    /// The elements where a mask of the same shape is true, in C order: 1-D. Collective.
    ///
    /// # Errors
    /// As [`Runtime::sync`](crate::Runtime::sync).
    ///
    /// # Panics
    /// If the mask is no boolean array of this shape.
    pub fn compress(&self, mask: &Array) -> Result<Array> {
        assert!(
            mask.dtype() == DType::Bool && mask.shape() == self.shape(),
            "a mask is a boolean array of the shape it is for"
        );
        let (array, mask) = in_order_both(self, mask)?;
        let (elements, flags) = (array.local_part()?, mask.local_part()?);
        let count = count_true(flags.bytes());
        let itemsize = array.itemsize();
        let mut found = Buffer::new(count * itemsize)?;
        keep(
            itemsize,
            elements.bytes(),
            flags.bytes(),
            found.as_mut_slice(),
        );
        joined(&mask, count, array.dtype(), &[], found)
    }

    /// The indices of the elements that are not zero, in C order: an array for each axis. Collective.
    ///
    /// # Errors
    /// As [`Runtime::sync`](crate::Runtime::sync).
    ///
    /// # Examples
    /// ```
    /// use gain_core::{Runtime, Settings, create};
    ///
    /// let rt = Runtime::single(Settings::default());
    /// let a = create::from_slice(&rt, &[2, 2], &[0.0, 5.0, 0.0, -1.0])?;
    /// let places = a.nonzero()?;
    /// assert_eq!(places[0].to_vec::<i64>()?, [0, 1]);
    /// assert_eq!(places[1].to_vec::<i64>()?, [1, 1]);
    /// # Ok::<(), gain_core::Error>(())
    /// ```
    pub fn nonzero(&self) -> Result<Vec<Array>> {
        self.truth()?.truth_places()
    }

    /// The indices of the elements that are not zero, in C order: a row for each. Collective.
    ///
    /// # Errors
    /// As [`Runtime::sync`](crate::Runtime::sync).
    pub fn argwhere(&self) -> Result<Array> {
        let mask = in_order(&self.truth()?)?;
        let n_axes = mask.ndim();
        let part = mask.local_part()?;
        let count = count_true(part.bytes());
        let columns = places(&part.index_box, part.bytes(), count)?;
        let mut rows = Buffer::new(count * n_axes * size_of::<i64>())?;
        let cells: &mut [i64] = bytemuck::cast_slice_mut(rows.as_mut_slice());
        for (axis, column) in columns.iter().enumerate() {
            let column: &[i64] = bytemuck::cast_slice(column.as_slice());
            for (row, &index) in column.iter().enumerate() {
                cells[row * n_axes + axis] = index;
            }
        }
        joined(&mask, count, DType::I64, &[n_axes], rows)
    }

    /// This array's elements as booleans.
    fn truth(&self) -> Result<Array> {
        if self.dtype() == DType::Bool {
            return Ok(self.clone());
        }
        let zero = Scalar::zero(self.dtype());
        operate::ufunc(&self.runtime, ufunc::NOT_EQUAL, &[self.into(), zero.into()])
    }

    /// The places where this mask is true, an array for each axis; for a mask without axes one array of none or one 0.
    pub(crate) fn truth_places(&self) -> Result<Vec<Array>> {
        let widened = if self.ndim() == 0 {
            self.insert_axis(0)?
        } else {
            self.clone()
        };
        let mask = in_order(&widened)?;
        let part = mask.local_part()?;
        let count = count_true(part.bytes());
        places(&part.index_box, part.bytes(), count)?
            .into_iter()
            .map(|column| joined(&mask, count, DType::I64, &[], column))
            .collect()
    }

    /// Writes values, one for each true element of a mask of this shape, or one for all. Collective.
    ///
    /// # Errors
    /// `ValueError` when the values are not as many; as [`Runtime::sync`](crate::Runtime::sync).
    pub(crate) fn assign_masked(&self, mask: &Array, content: Content<'_>) -> Result<()> {
        let places = mask.truth_places()?;
        let count = places[0].size();
        if let Content::Array(values) = content {
            if values.ndim() > 1 {
                return Err(Error::Type(format!(
                    "NumPy boolean array indexing assignment requires a 0 or 1-dimensional input, input has {} dimensions",
                    values.ndim()
                )));
            }
            if values.size() != count && values.size() != 1 {
                return Err(Error::Value(format!(
                    "NumPy boolean array indexing assignment cannot assign {} input values to the {count} output values where the mask is true",
                    values.size()
                )));
            }
        }
        let indices: SmallVec<[&Array; 4]> = places.iter().collect();
        let axes: SmallVec<[usize; 4]> = (0..self.ndim()).collect();
        route::write(self, &indices, &axes, content)
    }
}

/// Whether what the ranks hold, one behind the other, is the array in C order.
fn is_in_order(distribution: &Distribution) -> bool {
    let Distribution::Blocks(blocks) = distribution else {
        return true;
    };
    // Axes of length 1 in front of the one that is cut change no order.
    let first = blocks.axes.iter().position(|cuts| cuts.len() > 1);
    let first = first.unwrap_or(0);
    let leading_only = blocks.axis_dim.iter().enumerate().all(|(axis, dim)| {
        dim.is_none_or(|dim| axis == first && blocks.n_places() == blocks.grid[dim])
    });
    let ascends = blocks.axes.get(first).is_none_or(|cuts| {
        let parts = cuts.parts();
        cuts.is_empty() || cuts.coord_of(0) <= cuts.coord_of(cuts.len() - 1) || parts == 1
    });
    leading_only && ascends
}

/// The array with its first axis alone cut, in the ranks' order.
fn in_order(array: &Array) -> Result<Array> {
    if is_in_order(&array.distribution()?) {
        return Ok(array.clone());
    }
    array.redistributed(along_first_axis(array)?)
}

fn along_first_axis(array: &Array) -> Result<Distribution> {
    let n_ranks = array.runtime().n_ranks();
    Ok(Distribution::regular(array.shape(), &[n_ranks], n_ranks)?)
}

/// Both arrays in order, and cut alike.
fn in_order_both(array: &Array, mask: &Array) -> Result<(Array, Array)> {
    let (one, other) = (array.distribution()?, mask.distribution()?);
    if one == other && is_in_order(&one) {
        return Ok((array.clone(), mask.clone()));
    }
    let wanted = match (&one, &other) {
        (Distribution::Blocks(_), _) if is_in_order(&one) => one,
        (_, Distribution::Blocks(_)) if is_in_order(&other) => other,
        _ => along_first_axis(array)?,
    };
    let moved = |array: &Array, have: &Distribution| match *have == wanted {
        true => Ok(array.clone()),
        false => array.redistributed(wanted.clone()),
    };
    let pair = (
        moved(array, &array.distribution()?)?,
        moved(mask, &mask.distribution()?)?,
    );
    pair.0.flush()?;
    Ok(pair)
}

/// The array of what all ranks found with a mask; what every rank found alone is whole on each.
fn joined(
    mask: &Array,
    count: usize,
    dtype: DType,
    trailing: &[usize],
    found: Buffer,
) -> Result<Array> {
    let rt = mask.runtime();
    if mask.is_replicated() {
        let mut shape: SmallVec<[usize; 4]> = SmallVec::from_slice(&[count]);
        shape.extend_from_slice(trailing);
        return Array::from_local(rt, dtype, Distribution::replicated(&shape), found);
    }
    Array::from_parts(rt, dtype, count, trailing, found)
}

fn count_true(flags: &[u8]) -> usize {
    // Sums of 255 bytes fit a byte, so that they are added many at a time.
    flags
        .chunks(255)
        .map(|chunk| usize::from(chunk.iter().sum::<u8>()))
        .sum()
}

/// Copies the elements whose flag is set; `found` has room for as many.
fn keep(itemsize: usize, elements: &[u8], flags: &[u8], found: &mut [u8]) {
    match itemsize {
        1 => keep_typed(elements, flags, found),
        2 => keep_typed::<u16>(cast(elements), flags, cast_mut(found)),
        4 => keep_typed::<u32>(cast(elements), flags, cast_mut(found)),
        8 => keep_typed::<u64>(cast(elements), flags, cast_mut(found)),
        16 => keep_typed::<u128>(cast(elements), flags, cast_mut(found)),
        _ => unreachable!("elements have 1, 2, 4, 8 or 16 bytes"),
    }
}

fn cast<T: bytemuck::Pod>(bytes: &[u8]) -> &[T] {
    bytemuck::cast_slice(bytes)
}

fn cast_mut<T: bytemuck::Pod>(bytes: &mut [u8]) -> &mut [T] {
    bytemuck::cast_slice_mut(bytes)
}

fn keep_typed<T: Copy>(elements: &[T], flags: &[u8], found: &mut [T]) {
    let mut n = 0;
    for (&element, &flag) in elements.iter().zip(flags) {
        // Written in any case, and kept if the flag is set: no branch depends on the data but the last.
        match found.get_mut(n) {
            Some(to) => *to = element,
            None => return,
        }
        n += flag as usize;
    }
}

/// The indices, in the whole array, of the flags of a box that are set: a column for each axis.
fn places(index_box: &IndexBox, flags: &[u8], count: usize) -> Result<Vec<Buffer>> {
    let n_axes = index_box.ndim();
    let mut columns: Vec<Buffer> = (0..n_axes)
        .map(|_| Buffer::new(count * size_of::<i64>()))
        .collect::<std::result::Result<_, _>>()?;
    if count == 0 {
        return Ok(columns);
    }
    let shape = index_box.shape();
    let (outer, inner) = columns.split_at_mut(n_axes - 1);
    let inner: &mut [i64] = cast_mut(inner[0].as_mut_slice());
    let (first, len) = (index_box.lo[n_axes - 1] as i64, shape[n_axes - 1]);
    let mut n = 0;
    for (row, flags) in flags.chunks_exact(len).enumerate() {
        let start = n;
        for (i, &flag) in flags.iter().enumerate() {
            match inner.get_mut(n) {
                Some(to) => *to = first + i as i64,
                None => break,
            }
            n += flag as usize;
        }
        let mut rest = row;
        for axis in (0..n_axes - 1).rev() {
            let index = (index_box.lo[axis] + rest % shape[axis]) as i64;
            cast_mut::<i64>(outer[axis].as_mut_slice())[start..n].fill(index);
            rest /= shape[axis];
        }
    }
    Ok(columns)
}
