//! Rows by index where the array, the indices and the values are small and every rank has them: one loop, no plan and no message.

use std::cell::Ref;

use gain_ufunc::DType;
use smallvec::SmallVec;

use crate::array::Array;
use crate::eager;
use crate::error::Result;
use crate::layout::{c_place, c_strides};
use crate::route::addresses::Place;
use crate::route::arrays::Content;
use crate::route::entries::{complaint_of, offsets};
use crate::route::rows::{self, Row};

/// The rows at `indices` of their common shape, as an array of shape `whole`; `None` if something is not small, here and ready.
pub(crate) fn read(
    source: &Array,
    indices: &[&Array],
    axes: &[usize],
    shape: &[usize],
    whole: &[usize],
) -> Result<Option<Array>> {
    let rt = source.runtime();
    if !eager::is_small(rt, whole) || !eager::is_ready(source) {
        return Ok(None);
    }
    let Some(columns) = columns(indices, shape)? else {
        return Ok(None);
    };
    let n_leading = indices.len();
    let (lens, rest) = source.shape().split_at(n_leading);
    let parts: SmallVec<[Ref<'_, [u8]>; 2]> = columns.iter().map(elements).collect();
    let columns = checked(&parts, lens, axes)?;
    let place = place(source, n_leading);
    let row = Row::new(rest, &place.row);
    let count = shape.iter().product();
    let (memory, itemsize) = (source.base.lend(), source.itemsize());
    Array::replicated_from(rt, source.dtype(), whole, |out| {
        let offsets = offsets(&columns, lens, &place, 0..count);
        rows::take(itemsize, &memory, offsets, &row, out);
    })
    .map(Some)
}

/// Writes `content` to the rows at `indices`, none of which lies in the target's memory; whether it was done, as everything is small, here and
/// ready.
pub(crate) fn write(
    target: &Array,
    indices: &[&Array],
    axes: &[usize],
    [shape, whole]: [&[usize]; 2],
    content: Content<'_>,
) -> Result<bool> {
    if !eager::is_small(target.runtime(), whole) || !eager::is_free(target) {
        return Ok(false);
    }
    let values = match content {
        Content::One(_) => None,
        Content::Array(values) => {
            // Values that broadcast are written out first, and so are those that are overwritten.
            let fits = values.shape() == whole && !values.same_memory(target);
            let Some(values) = (match fits {
                true => as_elements(values, target.dtype())?,
                false if values.layout.broadcast(whole).is_none() => None,
                false => eager::cast(&values.broadcast_to(whole)?, target.dtype())?,
            }) else {
                return Ok(false);
            };
            Some(values)
        }
    };
    let Some(columns) = columns(indices, shape)? else {
        return Ok(false);
    };
    let n_leading = indices.len();
    let (lens, rest) = target.shape().split_at(n_leading);
    let parts: SmallVec<[Ref<'_, [u8]>; 2]> = columns.iter().map(elements).collect();
    let columns = checked(&parts, lens, axes)?;
    let place = place(target, n_leading);
    let row = Row::new(rest, &place.row);
    let offsets = offsets(&columns, lens, &place, 0..shape.iter().product());
    let held = values.as_ref().map(elements);
    let (bytes, repeated) = match (&content, &held) {
        (Content::One(value), _) => (value.bytes(), true),
        (_, values) => (values.as_deref().expect("an array's elements"), false),
    };
    let mut memory = target.base.lend_mut();
    rows::put(
        target.itemsize(),
        &mut memory,
        offsets,
        &row,
        bytes,
        repeated,
    );
    Ok(true)
}

/// The index arrays as `int64` of their common shape, their elements in C order without gaps; `None` if one is not here and ready.
fn columns(indices: &[&Array], shape: &[usize]) -> Result<Option<SmallVec<[Array; 2]>>> {
    let mut found = SmallVec::new();
    for &index in indices {
        let column = match index.shape() == shape {
            true => as_elements(index, DType::I64)?,
            false => eager::cast(&index.broadcast_to(shape)?, DType::I64)?,
        };
        match column {
            Some(column) => found.push(column),
            None => return Ok(None),
        }
    }
    Ok(Some(found))
}

/// The array itself if its elements are of the dtype, in C order and without gaps, else a copy; `None` if it is not small, here and ready.
fn as_elements(array: &Array, dtype: DType) -> Result<Option<Array>> {
    let lie_so = array.is_whole() || array.is_c_contiguous();
    if array.dtype() == dtype && lie_so && eager::is_ready(array) {
        return Ok(Some(array.clone()));
    }
    eager::cast(array, dtype)
}

/// The elements of an array that [`as_elements`] gave.
fn elements(array: &Array) -> Ref<'_, [u8]> {
    let itemsize = array.itemsize();
    let first = c_place(&array.layout.origin, &array.base.shape) * itemsize;
    let bytes = array.size() * itemsize;
    Ref::map(array.base.lend(), |memory| {
        memory.get(first..first + bytes).unwrap_or_default()
    })
}

/// The columns as numbers.
///
/// # Errors
/// `IndexError` for the first index that is out of bounds.
fn checked<'a>(
    parts: &'a [Ref<'_, [u8]>],
    lens: &[usize],
    axes: &[usize],
) -> Result<SmallVec<[&'a [i64]; 2]>> {
    let columns: SmallVec<[&[i64]; 2]> = parts
        .iter()
        .map(|part| bytemuck::cast_slice(part))
        .collect();
    for ((column, &len), &axis) in columns.iter().zip(lens).zip(axes) {
        if let Some(complaint) = complaint_of(column, 0, axis, len) {
            return Err(complaint.error());
        }
    }
    Ok(columns)
}

/// Where the rows behind the leading axes of an array lie that is whole here.
fn place(array: &Array, n_leading: usize) -> Place {
    let strides = array.layout.strides(&c_strides(&array.base.shape));
    let (leading, row) = strides.split_at(n_leading);
    Place {
        start: c_place(&array.layout.origin, &array.base.shape) as isize,
        leading: SmallVec::from_slice(leading),
        row: SmallVec::from_slice(row),
    }
}
