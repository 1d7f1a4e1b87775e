//! Iterating over an array: its elements, or the views of its first axis.

use crate::array::{self, NdArray};
use crate::bridge;
use crate::errors::OrRaise;
use gain_core::Index;
use pyo3::intern;
use pyo3::prelude::*;
use std::sync::atomic::{AtomicUsize, Ordering};

/// What comes next of an array.
#[pyclass(frozen, module = "gain")]
struct Parts {
    of: Py<NdArray>,
    next: AtomicUsize,
}

#[pymethods]
impl Parts {
    fn __iter__<'py>(slf: &Bound<'py, Self>) -> Bound<'py, Self> {
        slf.clone()
    }

    fn __next__(&self, py: Python<'_>) -> PyResult<Option<Py<PyAny>>> {
        let this = self.of.get().array(py);
        // The GIL is held: nobody else takes the same place.
        let at = self.next.load(Ordering::Relaxed);
        if this.shape().first().is_none_or(|&len| at >= len) {
            return Ok(None);
        }
        self.next.store(at + 1, Ordering::Relaxed);
        if this.ndim() == 1 {
            return bridge::scalar_object(py, this.element(&[at]).or_raise()?).map(Some);
        }
        let view = this.index(&[Index::Int(at as isize)]).or_raise()?;
        array::view(self.of.bind(py), view).map(Some)
    }

    fn __length_hint__(&self, py: Python<'_>) -> usize {
        let len = self.of.get().array(py).shape().first().copied();
        len.unwrap_or(0)
            .saturating_sub(self.next.load(Ordering::Relaxed))
    }
}

#[pymethods]
impl NdArray {
    /// The elements of a 1-D array, the views of others. Elements that are spread come in pieces, which is Python's affair.
    fn __iter__<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        let py = slf.py();
        let this = slf.get().array(py);
        if this.ndim() == 0 || (this.ndim() == 1 && !this.is_replicated()) {
            return slf.call_method0(intern!(py, "_parts"));
        }
        let parts = Parts {
            of: slf.clone().unbind(),
            next: AtomicUsize::new(0),
        };
        Ok(Bound::new(py, parts)?.into_any())
    }
}
