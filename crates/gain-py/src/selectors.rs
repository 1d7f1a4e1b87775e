//! Index expressions with arrays, masks and lists among their parts.

use crate::array::{self, NdArray};
use crate::errors::OrRaise;
use crate::runtime::runtime;
use crate::{bridge, index};
use gain_core::route::Content;
use gain_core::{Array, DType, Index, Operand, Scalar, Selector, create};
use pyo3::exceptions::{PyIndexError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyList, PyString, PyTuple};
use smallvec::SmallVec;

/// Index expressions with arrays have fewer parts than this, as NumPy's have.
const MOST_PARTS: usize = 64;

/// The parts of an index expression; `None` where one is a field's name, a float, or what else only NumPy has words for.
fn parse(key: &Bound<'_, PyAny>) -> PyResult<Option<Vec<Selector>>> {
    let Ok(tuple) = key.cast::<PyTuple>() else {
        return Ok(part(key)?.map(|part| vec![part]));
    };
    if tuple.len() >= MOST_PARTS {
        return Err(PyIndexError::new_err("too many indices for array"));
    }
    tuple.iter().map(|item| part(&item)).collect()
}

fn part(item: &Bound<'_, PyAny>) -> PyResult<Option<Selector>> {
    let py = item.py();
    if let Ok(array) = item.cast_exact::<NdArray>() {
        return selector(array.get().array(py).clone());
    }
    if item.is_instance_of::<PyString>() {
        return Ok(None);
    }
    if let Some(basic) = index::part(item)? {
        return Ok(Some(Selector::Basic(basic)));
    }
    if item.is_instance_of::<PyBool>() {
        let flag = Scalar::from(item.is_truthy()?);
        return selector(create::full(runtime(py), &[], flag).or_raise()?);
    }
    let made = py.import("numpy")?.getattr("asarray")?.call1((item,))?;
    let Some(given) = bridge::numpy_array(&made) else {
        return Ok(None);
    };
    let Some(array) = bridge::array_from_numpy(given)? else {
        return Ok(None);
    };
    if array.size() == 0 && !array.dtype().is_integer() && item.is_instance_of::<PyList>() {
        return selector(array.astype(DType::I64).or_raise()?);
    }
    selector(array)
}

fn selector(array: Array) -> PyResult<Option<Selector>> {
    Ok(match array.dtype() {
        DType::Bool => Some(Selector::Mask(array)),
        dtype if dtype.is_integer() && array.ndim() == 0 => {
            let at = array.item().or_raise()?.as_i64();
            Some(Selector::Basic(Index::Int(at as isize)))
        }
        dtype if dtype.is_integer() => Some(Selector::Integers(array)),
        _ => None,
    })
}

/// All parts, if none of them is an array after all.
fn basic(selectors: &[Selector]) -> Option<SmallVec<[Index; 4]>> {
    selectors
        .iter()
        .map(|selector| match selector {
            Selector::Basic(index) => Some(*index),
            _ => None,
        })
        .collect()
}

/// `array[key]`; `None` for keys that only NumPy has words for.
pub(crate) fn get(array: &Array, key: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    let py = key.py();
    let Some(selectors) = parse(key)? else {
        return Ok(None);
    };
    let found = match basic(&selectors) {
        Some(indices) => {
            let view = array.index(&indices).or_raise()?;
            if view.ndim() == 0 && !indices.contains(&Index::Ellipsis) {
                return array::result(py, view).map(Some);
            }
            view.copy()
        }
        None => array.select(&selectors),
    };
    array::object(py, found.or_raise()?).map(Some)
}

/// `array[key] = operand`; whether it was done: not for keys that only NumPy has words for.
pub(crate) fn set(array: &Array, key: &Bound<'_, PyAny>, operand: Operand<'_>) -> PyResult<bool> {
    let Some(selectors) = parse(key)? else {
        return Ok(false);
    };
    if let Some(indices) = basic(&selectors) {
        let target = array.index(&indices).or_raise()?;
        target.assign(operand).or_raise()?;
        return Ok(true);
    }
    let content = Content::of(operand, array.dtype()).or_raise()?;
    array.assign_selected(&selectors, content).or_raise()?;
    Ok(true)
}

/// The places of the elements that are not zero, as a tuple of arrays.
pub(crate) fn nonzero(py: Python<'_>, array: &Array) -> PyResult<Py<PyAny>> {
    if array.ndim() == 0 {
        return Err(PyValueError::new_err(
            "Calling nonzero on 0d arrays is not allowed. Use np.atleast_1d(scalar).nonzero() instead. \
             If the context of this error is of the form `arr[nonzero(cond)]`, just use `arr[cond]`.",
        ));
    }
    let places = array.nonzero().or_raise()?;
    let places = places
        .into_iter()
        .map(|column| array::object(py, column))
        .collect::<PyResult<Vec<_>>>()?;
    Ok(PyTuple::new(py, places)?.into_any().unbind())
}

#[pymethods]
impl NdArray {
    /// The places of the elements that are not zero, as a tuple with an array for each axis.
    #[pyo3(name = "nonzero")]
    fn places<'py>(slf: &Bound<'py, Self>) -> PyResult<Py<PyAny>> {
        nonzero(slf.py(), slf.get().array(slf.py()))
    }

    /// The places of the elements that are not zero, a row for each.
    #[pyo3(name = "_argwhere")]
    fn rows_of_places<'py>(slf: &Bound<'py, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        array::object(py, slf.get().array(py).argwhere().or_raise()?)
    }

    /// A copy of the elements in C order under another shape.
    #[pyo3(name = "_reshaped_copy")]
    fn reshaped_copy<'py>(slf: &Bound<'py, Self>, shape: Vec<usize>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        array::object(py, slf.get().array(py).reshaped_copy(&shape).or_raise()?)
    }
}
