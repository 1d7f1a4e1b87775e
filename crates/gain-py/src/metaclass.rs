//! The class of the class `ndarray`: Python code decides who counts as an instance, and what deriving from it means.
#![expect(
    unsafe_code,
    reason = "the class of a class of an extension module can be set only through its header"
)]

use pyo3::PyTypeInfo;
use pyo3::exceptions::PyTypeError;
use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::PyType;

use crate::array::NdArray;

/// Makes a subclass of `type` the class of `ndarray`.
#[pyfunction]
fn adopt(py: Python<'_>, class: &Bound<'_, PyType>) -> PyResult<()> {
    let plain = PyType::type_object(py);
    let size = |of: &Bound<'_, PyType>| of.getattr("__basicsize__")?.extract::<isize>();
    if !class.is_subclass(&plain)? || size(class)? != size(&plain)? {
        return Err(PyTypeError::new_err("a plain subclass of type is needed"));
    }
    let ndarray = NdArray::type_object(py);
    // SAFETY: `ndarray` is a type object that lives as long as the process, and the GIL is held. Its new class is a subclass of its old one
    // with the same layout, so whatever held for the header holds still; the header owns one reference to it, taken here.
    unsafe {
        ffi::Py_INCREF(class.as_ptr());
        (*ndarray.as_ptr()).ob_type = class.as_type_ptr();
        ffi::PyType_Modified(ndarray.as_type_ptr());
    }
    Ok(())
}

/// Adds the function of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(adopt, module)?)
}
