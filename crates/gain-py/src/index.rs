//! What stands between the brackets: integers, slices, None and Ellipsis; all else is for the fallback.
#![expect(
    unsafe_code,
    reason = "reads the three members of a slice object, as the interpreter does"
)]

use crate::array::NdArray;
use gain_core::Index;
use pyo3::exceptions::{PyIndexError, PyTypeError};
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyEllipsis, PyFloat, PyInt, PySlice, PyTuple};
use smallvec::SmallVec;

/// The parts of an index.
pub(crate) type Parts = SmallVec<[Index; 2]>;

/// Fills in the parts; false when there are index arrays, masks or fields among them.
///
/// The parts are the caller's, as they are many bytes to move.
#[inline]
pub(crate) fn parse(key: &Bound<'_, PyAny>, parts: &mut Parts) -> PyResult<bool> {
    if let Ok(tuple) = key.cast_exact::<PyTuple>() {
        for item in tuple.iter_borrowed() {
            match part(&item) {
                Ok(Some(part)) => parts.push(part),
                Ok(None) => return Ok(false),
                Err(error) => return Err(more_wrong(tuple, error)),
            }
        }
        return Ok(true);
    }
    match part(key)? {
        Some(part) => parts.push(part),
        None => return Ok(false),
    }
    Ok(true)
}

/// A float between the brackets is worse than a slice with a wrong bound.
#[cold]
pub(crate) fn more_wrong(tuple: &Bound<'_, PyTuple>, error: PyErr) -> PyErr {
    if tuple.iter().any(|item| item.is_instance_of::<PyFloat>()) {
        return PyIndexError::new_err(
            "only integers, slices (`:`), ellipsis (`...`), numpy.newaxis (`None`) and integer or boolean arrays are valid indices",
        );
    }
    error
}

#[inline]
pub(crate) fn part(item: &Bound<'_, PyAny>) -> PyResult<Option<Index>> {
    if item.cast_exact::<PyInt>().is_ok() {
        return Ok(Some(Index::Int(whole(item)?)));
    }
    if let Ok(slice) = item.cast_exact::<PySlice>() {
        return bounds(slice).map(Some);
    }
    if item.is_none() {
        return Ok(Some(Index::NewAxis));
    }
    if item.is_instance_of::<PyEllipsis>() {
        return Ok(Some(Index::Ellipsis));
    }
    other(item)
}

/// NumPy's integer scalars and whatever else is an integer, but no arrays and no booleans.
fn other(item: &Bound<'_, PyAny>) -> PyResult<Option<Index>> {
    // SAFETY: the GIL is held; the object lives through the call, which only looks at its class.
    let is_index = unsafe { ffi::PyIndex_Check(item.as_ptr()) } != 0;
    if !is_index
        || item.is_exact_instance_of::<NdArray>()
        || item.is_instance_of::<PyBool>()
        || has_length(item)
    {
        return Ok(None);
    }
    // SAFETY: the GIL is held; the call returns a new reference or null with an exception set.
    let number =
        unsafe { Bound::from_owned_ptr_or_err(item.py(), ffi::PyNumber_Index(item.as_ptr())) };
    match number {
        Ok(number) => Ok(Some(Index::Int(whole(&number)?))),
        Err(_) => Ok(None),
    }
}

/// Whether the object's class has `__len__`, as arrays have and NumPy's scalars have not.
fn has_length(item: &Bound<'_, PyAny>) -> bool {
    let class = item.get_type().as_type_ptr();
    // SAFETY: a class lives as long as its object, and the tables of its methods as long as the class.
    unsafe {
        let (sequence, mapping) = ((*class).tp_as_sequence, (*class).tp_as_mapping);
        !sequence.is_null() && (*sequence).sq_length.is_some()
            || !mapping.is_null() && (*mapping).mp_length.is_some()
    }
}

/// An int as an index.
#[inline]
fn whole(item: &Bound<'_, PyAny>) -> PyResult<isize> {
    // SAFETY: the object is an int and the GIL is held.
    let value = unsafe { ffi::PyLong_AsSsize_t(item.as_ptr()) };
    if value == -1
        && let Some(_overflow) = PyErr::take(item.py())
    {
        return Err(PyIndexError::new_err(
            "cannot fit 'int' into an index-sized integer",
        ));
    }
    Ok(value)
}

/// A slice's members; those beyond the range of indices are moved to its ends, as Python does.
#[inline]
fn bounds(slice: &Bound<'_, PySlice>) -> PyResult<Index> {
    let raw = slice.as_ptr().cast::<ffi::PySliceObject>();
    // SAFETY: the object is a slice, whose members are set once and live as long as it does.
    let (start, stop, step) = unsafe { ((*raw).start, (*raw).stop, (*raw).step) };
    let py = slice.py();
    Ok(Index::Slice {
        start: bound(py, start)?,
        stop: bound(py, stop)?,
        step: bound(py, step)?,
    })
}

#[inline]
fn bound(py: Python<'_>, member: *mut ffi::PyObject) -> PyResult<Option<isize>> {
    // SAFETY: the GIL is held; None lives for ever.
    if member == unsafe { ffi::Py_None() } {
        return Ok(None);
    }
    // SAFETY: the member of a living slice is a living object.
    if unsafe { ffi::PyLong_CheckExact(member) } != 0 {
        // SAFETY: the object is an int and the GIL is held.
        let value = unsafe { ffi::PyLong_AsSsize_t(member) };
        if value != -1 || PyErr::take(py).is_none() {
            return Ok(Some(value));
        }
    }
    // SAFETY: as above; with a null exception class the call clamps instead of raising for numbers out of range.
    let value = unsafe { ffi::PyNumber_AsSsize_t(member, std::ptr::null_mut()) };
    if value == -1 && PyErr::take(py).is_some() {
        return Err(PyTypeError::new_err(
            "slice indices must be integers or None or have an __index__ method",
        ));
    }
    Ok(Some(value))
}
