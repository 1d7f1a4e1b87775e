//! What an operand is: a gain array, a number, a NumPy object, or something that only NumPy understands.
#![expect(
    unsafe_code,
    reason = "tells exact Python classes apart by their type pointer"
)]

use crate::array::NdArray;
use crate::bridge;
use crate::errors::OrRaise;
use crate::runtime::runtime;
use gain_core::{Array, Operand, Scalar, WeakNumber, create};
use num_complex::Complex64;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyComplex, PyFloat, PyInt, PyList, PyRange, PyTuple};

/// An operand.
pub(crate) enum Value<'a, 'py> {
    /// A gain array.
    Array(&'a Bound<'py, NdArray>),
    /// A gain array made from a NumPy array or a list.
    Made(Array),
    /// A value with a dtype of its own: a NumPy scalar, a 0-d NumPy array, a Python bool.
    Scalar(Scalar),
    /// A Python number, which takes the dtype of the others.
    Weak(WeakNumber),
    /// Anything else: the operation goes through NumPy.
    Foreign,
}

impl Value<'_, '_> {
    /// As gain-core takes it; `None` when foreign.
    #[inline]
    pub(crate) fn operand<'b>(&'b self, py: Python<'b>) -> Option<Operand<'b>> {
        Some(match self {
            Value::Array(array) => Operand::Array(array.get().array(py)),
            Value::Made(array) => Operand::Array(array),
            Value::Scalar(scalar) => Operand::Scalar(*scalar),
            Value::Weak(weak) => Operand::Weak(*weak),
            Value::Foreign => return None,
        })
    }

    /// As an array, 0-d for a number; `None` when foreign.
    pub(crate) fn into_array(self, py: Python<'_>) -> PyResult<Option<Array>> {
        Ok(Some(match self {
            Value::Array(array) => array.get().array(py).clone(),
            Value::Made(array) => array,
            Value::Scalar(scalar) => create::full(runtime(py), &[], scalar).or_raise()?,
            Value::Weak(weak) => match alone(weak) {
                Some(scalar) => create::full(runtime(py), &[], scalar).or_raise()?,
                None => return Ok(None),
            },
            Value::Foreign => return Ok(None),
        }))
    }
}

/// The value of a Python number with nothing to adapt to; `None` when no dtype of ours holds it.
pub(crate) fn alone(weak: WeakNumber) -> Option<Scalar> {
    Some(match weak {
        WeakNumber::Int(value) => match i64::try_from(value) {
            Ok(value) => Scalar::from(value),
            Err(_) => Scalar::from(u64::try_from(value).ok()?),
        },
        WeakNumber::Float(value) => Scalar::from(value),
        WeakNumber::Complex(value) => Scalar::from(value),
    })
}

/// Whether an exponent is a negative integer, which NumPy refuses for integers at once and not when elements are computed.
pub(crate) fn is_negative_integer(operand: &Operand<'_>) -> bool {
    match operand {
        Operand::Weak(WeakNumber::Int(value)) => *value < 0,
        Operand::Scalar(scalar) => scalar.dtype().is_signed() && scalar.as_i64() < 0,
        _ => false,
    }
}

/// Looks at an object: the classes that come most often first, by identity of class.
#[inline]
pub(crate) fn value<'a, 'py>(object: &'a Bound<'py, PyAny>) -> PyResult<Value<'a, 'py>> {
    if let Ok(array) = object.cast_exact::<NdArray>() {
        return Ok(Value::Array(array));
    }
    if let Ok(number) = object.cast_exact::<PyFloat>() {
        return Ok(Value::Weak(WeakNumber::Float(number.value())));
    }
    if object.cast_exact::<PyInt>().is_ok() {
        return Ok(
            integer(object).map_or(Value::Foreign, |value| Value::Weak(WeakNumber::Int(value)))
        );
    }
    if let Some(scalar) = bridge::scalar_value(object) {
        return Ok(Value::Scalar(scalar));
    }
    other(object)
}

/// The value of an exact Python int that fits 128 bits.
#[inline]
fn integer(object: &Bound<'_, PyAny>) -> Option<i128> {
    let mut overflow = 0;
    // SAFETY: the object is an int and the GIL is held; with an int the call raises nothing, it reports overflow instead.
    let small = unsafe { ffi::PyLong_AsLongLongAndOverflow(object.as_ptr(), &mut overflow) };
    if overflow == 0 {
        Some(i128::from(small))
    } else {
        object.extract::<i128>().ok()
    }
}

fn other<'a, 'py>(object: &'a Bound<'py, PyAny>) -> PyResult<Value<'a, 'py>> {
    let py = object.py();
    if object.is_exact_instance_of::<pyo3::types::PyBool>() {
        return Ok(Value::Scalar(Scalar::from(object.is_truthy()?)));
    }
    if let Ok(number) = object.cast_exact::<PyComplex>() {
        return Ok(Value::Weak(WeakNumber::Complex(Complex64::new(
            number.real(),
            number.imag(),
        ))));
    }
    if let Some(array) = bridge::numpy_array(object) {
        return from_numpy(array);
    }
    if is_sequence(object) {
        let array = py.import("numpy")?.getattr("asarray")?.call1((object,))?;
        return match bridge::numpy_array(&array) {
            Some(array) => from_numpy(array),
            None => Ok(Value::Foreign),
        };
    }
    Ok(Value::Foreign)
}

/// A list, a tuple or a range: NumPy makes an array of it, with the axes of what it is assigned to.
pub(crate) fn is_sequence(object: &Bound<'_, PyAny>) -> bool {
    object.is_instance_of::<PyList>()
        || object.is_instance_of::<PyTuple>()
        || object.is_exact_instance_of::<PyRange>()
}

fn from_numpy<'a, 'py>(array: &Bound<'py, numpy::PyUntypedArray>) -> PyResult<Value<'a, 'py>> {
    use numpy::PyUntypedArrayMethods;
    if array.get_type().qualname()? != "ndarray" {
        // Matrices, masked and record arrays have rules of their own.
        return Ok(Value::Foreign);
    }
    if array.ndim() == 0 {
        return Ok(bridge::scalar_from_numpy(array)?.map_or(Value::Foreign, Value::Scalar));
    }
    Ok(bridge::array_from_numpy(array)?.map_or(Value::Foreign, Value::Made))
}

/// Whether the caller's reference is the only one: the object dies when the call returns, unless the call keeps it.
///
/// From Python 3.14 on a variable's value may be lent to the stack without a reference of its own, so that nothing can be said there.
#[inline]
pub(crate) fn is_temporary(object: &Bound<'_, PyAny>) -> bool {
    // SAFETY: the object is alive and the GIL is held.
    let alone = unsafe { ffi::Py_REFCNT(object.as_ptr()) } == 1;
    alone && object.py().version_info() < (3, 14)
}
