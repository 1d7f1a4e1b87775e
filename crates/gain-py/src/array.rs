//! The class `gain.ndarray`: a handle of a gain-core array.

use crate::bridge;
use crate::errors::OrRaise;
use crate::gil::GilBound;
use gain_core::Array;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::cell::{Cell, OnceCell};

/// An array spread over all ranks, with NumPy's interface. Made by `array`, `zeros`, `arange` ... and by operations.
#[pyclass(name = "ndarray", module = "gain", frozen, weakref)]
pub(crate) struct NdArray {
    array: GilBound<Handles>,
}

/// The handle, and the one in its place while the user has made the array read-only.
struct Handles {
    given: Array,
    locked: OnceCell<Box<Array>>,
    is_locked: Cell<bool>,
}

impl NdArray {
    /// A Python object's content.
    #[inline]
    pub(crate) fn new(py: Python<'_>, array: Array) -> NdArray {
        let handles = Handles {
            given: array,
            locked: OnceCell::new(),
            is_locked: Cell::new(false),
        };
        NdArray {
            array: GilBound::new(py, handles),
        }
    }

    /// The handle.
    #[inline(always)]
    pub(crate) fn array<'a>(&'a self, py: Python<'a>) -> &'a Array {
        let handles = self.array.get(py);
        if handles.is_locked.get() {
            return handles
                .locked
                .get()
                .expect("a locked array has its read-only handle");
        }
        &handles.given
    }

    /// Makes the array read-only, or writeable again if it ever was.
    pub(crate) fn set_writeable(&self, py: Python<'_>, writeable: bool) -> PyResult<()> {
        let handles = self.array.get(py);
        if writeable && !handles.given.writeable() {
            return Err(PyValueError::new_err(
                "cannot set WRITEABLE flag to True of this array",
            ));
        }
        if !writeable {
            handles.locked.get_or_init(|| {
                let mut locked = handles.given.clone();
                locked.set_writeable(false);
                Box::new(locked)
            });
        }
        handles.is_locked.set(!writeable);
        Ok(())
    }
}

/// A new Python object of an array.
#[inline]
pub(crate) fn object(py: Python<'_>, array: Array) -> PyResult<Py<PyAny>> {
    Ok(Bound::new(py, NdArray::new(py, array))?.into_any().unbind())
}

/// The result of an operation as NumPy gives it: a NumPy scalar when it has no axes.
#[inline]
pub(crate) fn result(py: Python<'_>, array: Array) -> PyResult<Py<PyAny>> {
    if array.ndim() == 0 {
        return bridge::scalar_object(py, array.item().or_raise()?);
    }
    object(py, array)
}
