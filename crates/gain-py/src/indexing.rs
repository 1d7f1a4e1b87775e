//! `a[...]` and `a[...] = ...`.

use crate::array::{self, NdArray};
use crate::errors::{OrRaise, exception};
use crate::index::{Parts, parse};
use crate::runtime::runtime;
use crate::value::{Value, is_sequence, value};
use crate::{bridge, fallback, selectors};
use gain_core::ufunc as table;
use gain_core::{Array, DType, Error, Index, Operand, WeakNumber, operate};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyTuple};
use smallvec::SmallVec;

#[pymethods]
impl NdArray {
    fn __getitem__<'py>(slf: &Bound<'py, Self>, key: &Bound<'py, PyAny>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let this = slf.get().array(py);
        let mut parts = Parts::new();
        if !parse(key, &mut parts)? {
            return match selectors::get(this, key)? {
                Some(found) => Ok(found),
                None => {
                    fallback::method(slf.as_any(), "__getitem__", (key,), None).map(Bound::unbind)
                }
            };
        }
        if let Some(place) = element(this, &parts)? {
            return bridge::scalar_object(py, this.element(&place).or_raise()?);
        }
        // Not by `or_raise`, which moves the view once more.
        match this.index(&parts) {
            Ok(view) => array::view(slf, view),
            Err(error) => Err(exception(error)),
        }
    }

    fn __delitem__(&self, _key: &Bound<'_, PyAny>) -> PyResult<()> {
        Err(PyValueError::new_err("cannot delete array elements"))
    }

    fn __setitem__<'py>(
        slf: &Bound<'py, Self>,
        key: &Bound<'py, PyAny>,
        item: &Bound<'py, PyAny>,
    ) -> PyResult<()> {
        let py = slf.py();
        let this = slf.get().array(py);
        if !this.writeable() {
            return Err(PyValueError::new_err("assignment destination is read-only"));
        }
        let content = value(item)?;
        let mut parts = Parts::new();
        if !parse(key, &mut parts)? {
            if masked(this, key, &content)? {
                return Ok(());
            }
            if let Some(operand) = content.operand(py)
                && fits(this.dtype(), &operand)
                && (operand.shape().is_empty() || !is_numbers(key, this.ndim()))
                && selectors::set(this, key, operand)?
            {
                return Ok(());
            }
            return fallback::method(slf.as_any(), "__setitem__", (key, item), None).map(drop);
        }
        if let Some(place) = element(this, &parts)?
            && let Some(operand) = content.operand(py)
            && fits(this.dtype(), &operand)
            && this.set_element(&place, &operand).or_raise()?
        {
            return Ok(());
        }
        match content.operand(py) {
            Some(operand)
                if fits(this.dtype(), &operand)
                    && (operand.shape().is_empty() || !names_element(this, &parts)) =>
            {
                let target = this.index(&parts).or_raise()?;
                if operand.shape().len() > target.ndim() && is_sequence(item) {
                    return fallback::method(slf.as_any(), "__setitem__", (key, item), None)
                        .map(drop);
                }
                target.assign(operand).or_raise()
            }
            // Text, objects, and numbers that NumPy refuses in its own words.
            _ => fallback::method(slf.as_any(), "__setitem__", (key, item), None).map(drop),
        }
    }
}

/// Where the one element lies that the parts name; `None` when they name a view.
#[inline]
pub(crate) fn element(this: &Array, parts: &Parts) -> PyResult<Option<SmallVec<[usize; 4]>>> {
    let shape = this.shape();
    if parts.len() != shape.len() {
        return Ok(None);
    }
    let mut place = SmallVec::new();
    for (axis, (part, &size)) in parts.iter().zip(shape).enumerate() {
        let Index::Int(index) = *part else {
            return Ok(None);
        };
        let from_start = if index < 0 {
            index + size as isize
        } else {
            index
        };
        if from_start < 0 || from_start >= size as isize {
            return Err(
                OrRaise::<()>::or_raise(Err(Error::OutOfBounds { index, axis, size })).unwrap_err(),
            );
        }
        place.push(from_start as usize);
    }
    Ok(Some(place))
}

/// Whether the parts name one element, which takes no array.
fn names_element(this: &Array, parts: &Parts) -> bool {
    parts.len() == this.ndim() && parts.iter().all(|part| matches!(part, Index::Int(_)))
}

/// Whether a key is as many integers as there are axes, 0-d arrays among them: NumPy assigns to one element then.
fn is_numbers(key: &Bound<'_, PyAny>, ndim: usize) -> bool {
    let is_number = |item: &Bound<'_, PyAny>| {
        if let Ok(array) = item.cast_exact::<NdArray>() {
            let array = array.get().array(item.py());
            return array.ndim() == 0 && array.dtype().is_integer();
        }
        !item.is_instance_of::<PyBool>() && item.call_method0("__index__").is_ok()
    };
    match key.cast_exact::<PyTuple>() {
        Ok(items) => items.len() == ndim && items.iter().all(|item| is_number(&item)),
        Err(_) => ndim == 1 && is_number(key),
    }
}

/// Whether a value is one that assignment casts without a word; NumPy has exceptions of its own for the others.
fn fits(dtype: DType, operand: &Operand<'_>) -> bool {
    match operand {
        Operand::Weak(WeakNumber::Complex(_)) => dtype.is_complex(),
        Operand::Weak(WeakNumber::Float(value)) => !dtype.is_integer() || value.is_finite(),
        Operand::Scalar(scalar) => !scalar.dtype().is_complex() || dtype.is_complex(),
        Operand::Array(array) => !array.dtype().is_complex() || dtype.is_complex(),
        Operand::Weak(WeakNumber::Int(_)) => true,
    }
}

/// `a[mask] = number` with a gain mask of the array's shape is a choice between the number and what is there: no data need be gathered.
fn masked(this: &Array, key: &Bound<'_, PyAny>, content: &Value<'_, '_>) -> PyResult<bool> {
    let py = key.py();
    let Ok(mask) = key.cast_exact::<NdArray>() else {
        return Ok(false);
    };
    let mask = mask.get().array(py);
    let number = match content {
        Value::Scalar(scalar) => *scalar,
        Value::Weak(weak) if fits(this.dtype(), &Operand::Weak(*weak)) => {
            let Some(scalar) = crate::value::alone(*weak) else {
                return Ok(false);
            };
            if this.dtype().is_integer()
                && matches!(weak, WeakNumber::Int(_))
                && scalar.cast(this.dtype()).cast(scalar.dtype()) != scalar
            {
                // Out of bounds: the fallback raises NumPy's OverflowError.
                return Ok(false);
            }
            scalar
        }
        _ => return Ok(false),
    };
    if mask.dtype() != DType::Bool || mask.shape() != this.shape() || mask.ndim() == 0 {
        return Ok(false);
    }
    if number.dtype().is_complex() && !this.dtype().is_complex() {
        return Ok(false);
    }
    let number = Operand::Scalar(number.cast(this.dtype()));
    let chosen = operate::ufunc(
        runtime(py),
        table::WHERE,
        &[Operand::Array(mask), number, Operand::Array(this)],
    )
    .or_raise()?;
    this.assign(Operand::Array(&chosen)).or_raise()?;
    Ok(true)
}
