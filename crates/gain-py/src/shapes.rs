//! Other shapes and orders of one array, and arrays like it, as methods and as functions: their common calls, without Python code.
//!
//! Each answers `None` where `gain/_functions.py` or `gain/_methods.py` has to think.

use crate::array::{self, NdArray};
use crate::errors::OrRaise;
use gain_core::{Array, Index, create};
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyTuple};
use smallvec::SmallVec;

/// What a function makes of one array alone.
pub(crate) type OfOne = fn(&Bound<'_, NdArray>) -> PyResult<Option<Py<PyAny>>>;

/// The function of one array that has this name.
pub(crate) fn named(name: &str) -> Option<OfOne> {
    Some(match name {
        "flip" => |of| reversed(of, 1, |_| true),
        "flipud" => |of| reversed(of, 1, |axis| axis == 0),
        "fliplr" => |of| reversed(of, 2, |axis| axis == 1),
        "ravel" => raveled,
        "squeeze" => squeezed,
        "transpose" => |of| turned(of).map(Some),
        "empty_like" => |of| alike(of, |a| create::empty(a.runtime(), a.shape(), a.dtype())),
        "zeros_like" => |of| alike(of, |a| create::zeros(a.runtime(), a.shape(), a.dtype())),
        "ones_like" => |of| alike(of, |a| create::ones(a.runtime(), a.shape(), a.dtype())),
        _ => return None,
    })
}

#[pymethods]
impl NdArray {
    /// The same elements in C order under another shape, as a view where that is possible.
    #[pyo3(signature = (*shape, **kwargs), text_signature = "($self, /, *shape, order='C', copy=None)")]
    fn reshape<'py>(
        slf: &Bound<'py, Self>,
        shape: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let found = match (kwargs, shape.len()) {
            (None, 1) => reshaped(slf, &shape.get_item(0)?)?,
            (None, 2..) => reshaped(slf, shape)?,
            _ => None,
        };
        match found {
            Some(found) => Ok(found),
            None => slf
                .call_method(intern!(py, "_reshape"), shape.clone(), kwargs)
                .map(Bound::unbind),
        }
    }

    /// The elements in one dimension, as a view where that is possible.
    #[pyo3(signature = (*args, **kwargs), text_signature = "($self, /, order='C')")]
    fn ravel<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        or_python(slf, raveled, intern!(slf.py(), "_ravel"), args, kwargs)
    }

    /// A copy of the elements in one dimension.
    #[pyo3(signature = (*args, **kwargs), text_signature = "($self, /, order='C')")]
    fn flatten<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        or_python(slf, flattened, intern!(slf.py(), "_flatten"), args, kwargs)
    }

    /// A view without axes of length 1.
    #[pyo3(signature = (*args, **kwargs), text_signature = "($self, /, axis=None)")]
    fn squeeze<'py>(
        slf: &Bound<'py, Self>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        or_python(slf, squeezed, intern!(slf.py(), "_squeeze"), args, kwargs)
    }

    /// A view of the array with its axes in reverse.
    #[getter(T)]
    fn transposed(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        turned(slf)
    }

    /// As `reshape(shape)`, for an int or a tuple of ints that fits; None for anything else, also where only a copy would do.
    #[pyo3(name = "_quickly_reshaped")]
    fn quickly_reshaped<'py>(
        slf: &Bound<'py, Self>,
        shape: &Bound<'py, PyAny>,
    ) -> PyResult<Option<Py<PyAny>>> {
        reshaped(slf, shape)
    }
}

/// A method without arguments; with some it is Python's.
fn or_python<'py>(
    slf: &Bound<'py, NdArray>,
    quick: OfOne,
    name: &Bound<'py, pyo3::types::PyString>,
    args: &Bound<'py, PyTuple>,
    kwargs: Option<&Bound<'py, PyDict>>,
) -> PyResult<Py<PyAny>> {
    if args.is_empty()
        && kwargs.is_none()
        && let Some(found) = quick(slf)?
    {
        return Ok(found);
    }
    slf.call_method(name, args.clone(), kwargs)
        .map(Bound::unbind)
}

/// The view that walks backwards along some axes.
fn reversed(
    of: &Bound<'_, NdArray>,
    least_axes: usize,
    turns: fn(usize) -> bool,
) -> PyResult<Option<Py<PyAny>>> {
    let this = of.get().array(of.py());
    if this.ndim() < least_axes {
        return Ok(None);
    }
    let parts: SmallVec<[Index; 4]> = (0..this.ndim())
        .map(|axis| Index::Slice {
            start: None,
            stop: None,
            step: turns(axis).then_some(-1),
        })
        .collect();
    array::view(of, this.index(&parts).or_raise()?).map(Some)
}

/// The view with the axes in reverse.
fn turned(of: &Bound<'_, NdArray>) -> PyResult<Py<PyAny>> {
    let this = of.get().array(of.py());
    let order: SmallVec<[usize; 4]> = (0..this.ndim()).rev().collect();
    array::view(of, this.transpose(&order).or_raise()?)
}

/// A view of one axis whose elements lie side by side, in C order.
fn raveled(of: &Bound<'_, NdArray>) -> PyResult<Option<Py<PyAny>>> {
    let this = of.get().array(of.py());
    let view = this.reshape(&[this.size()]).or_raise()?;
    view.filter(Array::is_c_contiguous)
        .map(|view| array::view(of, view))
        .transpose()
}

fn flattened(of: &Bound<'_, NdArray>) -> PyResult<Option<Py<PyAny>>> {
    let py = of.py();
    let this = of.get().array(py);
    let copied = match this.ndim() {
        1 => this.copy(),
        _ => this.reshaped_copy(&[this.size()]),
    };
    array::object(py, copied.or_raise()?).map(Some)
}

fn squeezed(of: &Bound<'_, NdArray>) -> PyResult<Option<Py<PyAny>>> {
    let this = of.get().array(of.py());
    if !this.shape().contains(&1) {
        return Ok(Some(of.clone().into_any().unbind()));
    }
    let mut view = this.clone();
    for axis in (0..this.ndim())
        .rev()
        .filter(|&axis| this.shape()[axis] == 1)
    {
        view = view.drop_axis(axis).or_raise()?;
    }
    array::view(of, view).map(Some)
}

/// A new array like one whose elements lie in C order.
fn alike(
    of: &Bound<'_, NdArray>,
    make: fn(&Array) -> gain_core::Result<Array>,
) -> PyResult<Option<Py<PyAny>>> {
    let py = of.py();
    let this = of.get().array(py);
    if this.ndim() > 1 && !this.is_c_contiguous() {
        return Ok(None);
    }
    array::object(py, make(this).or_raise()?).map(Some)
}

fn reshaped(of: &Bound<'_, NdArray>, shape: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    let this = of.get().array(of.py());
    let Some(shape) = lengths(shape, this.size()) else {
        return Ok(None);
    };
    let view = this.reshape(&shape).or_raise()?;
    view.map(|view| array::view(of, view)).transpose()
}

/// Lengths whose product is `size`, one of which may be -1 for what is left.
fn lengths(shape: &Bound<'_, PyAny>, size: usize) -> Option<SmallVec<[usize; 4]>> {
    let mut given: SmallVec<[isize; 4]> = SmallVec::new();
    let mut take = |length: &Bound<'_, PyAny>| -> Option<()> {
        length.cast_exact::<PyInt>().ok()?;
        given.push(length.extract().ok()?);
        Some(())
    };
    match shape.cast_exact::<PyTuple>() {
        Ok(tuple) => tuple.iter_borrowed().try_for_each(|length| take(&length))?,
        Err(_) => take(shape)?,
    }
    let known = given
        .iter()
        .filter(|&&length| length != -1)
        .try_fold(1usize, |known, &length| {
            known.checked_mul(usize::try_from(length).ok()?)
        })?;
    let unknown = given.iter().filter(|&&length| length == -1).count();
    let left = match unknown {
        0 if known == size => 1,
        1 if known > 0 && size.is_multiple_of(known) => size / known,
        _ => return None,
    };
    let length = |&length: &isize| usize::try_from(length).unwrap_or(left);
    Some(given.iter().map(length).collect())
}
