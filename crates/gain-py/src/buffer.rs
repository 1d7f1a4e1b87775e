//! The buffer protocol: `memoryview(a)`, and whatever else reads or writes the elements as plain memory.
#![expect(
    unsafe_code,
    reason = "Python hands the consumer's view over as a pointer to fill in"
)]

use crate::array::NdArray;
use crate::bridge;
use pyo3::exceptions::PyBufferError;
use pyo3::ffi;
use pyo3::prelude::*;
use std::ffi::c_int;

#[pymethods]
impl NdArray {
    /// The elements themselves where this rank has all of them; of an array that is spread over the ranks a copy. Collective.
    ///
    /// # Safety
    /// Python calls it with a view that may be written.
    unsafe fn __getbuffer__(
        slf: &Bound<'_, Self>,
        view: *mut ffi::Py_buffer,
        flags: c_int,
    ) -> PyResult<()> {
        let py = slf.py();
        if view.is_null() {
            return Err(PyBufferError::new_err("there is no view to fill in"));
        }
        let this = slf.get().array(py);
        let content = if bridge::holds_whole(py, this) {
            bridge::numpy_view(py, this)?
        } else {
            bridge::gather(py, this)?
        };
        // SAFETY: the view is one to fill in (above); it is given NumPy's array as its owner, which it keeps alive.
        match unsafe { ffi::PyObject_GetBuffer(content.as_ptr(), view, flags) } {
            0 => Ok(()),
            _ => Err(PyErr::fetch(py)),
        }
    }
}
