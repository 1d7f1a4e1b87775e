//! The class `gain.ndarray`: a handle of a gain-core array.

use crate::bridge;
use crate::errors::OrRaise;
use crate::gil::GilBound;
use gain_core::Array;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use std::cell::{Cell, OnceCell};

/// An array spread over all ranks, with NumPy's interface. Made by `array`, `zeros`, `arange` ... and by operations.
#[pyclass(name = "ndarray", module = "numpy", frozen, weakref)]
pub(crate) struct NdArray {
    array: GilBound<Handles>,
    /// The object of which this is a view, never itself a view of one that Python knows.
    owner: Option<Py<NdArray>>,
}

/// The handle, and the one in its place while the user has made the array read-only.
struct Handles {
    given: Array,
    locked: OnceCell<Box<Array>>,
    is_locked: Cell<bool>,
    /// What stands for all this once the user has set another shape.
    reshaped: OnceCell<Box<Handles>>,
}

impl Handles {
    fn new(given: Array) -> Handles {
        Handles {
            given,
            locked: OnceCell::new(),
            is_locked: Cell::new(false),
            reshaped: OnceCell::new(),
        }
    }

    #[inline(always)]
    fn last(&self) -> &Handles {
        let mut handles = self;
        while let Some(next) = handles.reshaped.get() {
            handles = next;
        }
        handles
    }
}

impl NdArray {
    /// A Python object's content.
    #[inline]
    pub(crate) fn new(py: Python<'_>, array: Array) -> NdArray {
        NdArray {
            array: GilBound::new(py, Handles::new(array)),
            owner: None,
        }
    }

    /// The object of which this one is a view, if Python knows one.
    pub(crate) fn owner(&self) -> Option<&Py<NdArray>> {
        self.owner.as_ref()
    }

    /// Puts a view of another shape in this object's place.
    pub(crate) fn set_shaped(&self, py: Python<'_>, shaped: Array) {
        let handles = self.array.get(py).last();
        let next = Box::new(Handles::new(shaped));
        if handles.is_locked.get() {
            let mut locked = next.given.clone();
            locked.set_writeable(false);
            next.locked.get_or_init(|| Box::new(locked));
            next.is_locked.set(true);
        }
        handles.reshaped.get_or_init(|| next);
    }

    /// The handle.
    #[inline(always)]
    pub(crate) fn array<'a>(&'a self, py: Python<'a>) -> &'a Array {
        let handles = self.array.get(py).last();
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
        let handles = self.array.get(py).last();
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

/// A new Python object of a view of an array that has one.
#[inline]
pub(crate) fn view(of: &Bound<'_, NdArray>, array: Array) -> PyResult<Py<PyAny>> {
    let py = of.py();
    let owner = match &of.get().owner {
        Some(owner) => owner.clone_ref(py),
        None => of.clone().unbind(),
    };
    let made = NdArray {
        array: GilBound::new(py, Handles::new(array)),
        owner: Some(owner),
    };
    Ok(Bound::new(py, made)?.into_any().unbind())
}

/// The result of an operation as NumPy gives it: a NumPy scalar when it has no axes.
#[inline]
pub(crate) fn result(py: Python<'_>, array: Array) -> PyResult<Py<PyAny>> {
    if array.ndim() == 0 {
        return bridge::scalar_object(py, array.item().or_raise()?);
    }
    object(py, array)
}
