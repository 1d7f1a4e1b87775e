//! Functions that are no methods where a class holds them, as NumPy's that are written in C.

use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

// No documentation of its own, so that `__doc__` is the function's.
// A function of Python's that does not become a method: `class A: make = np.array`. Its attributes are the function's.
#[pyclass(frozen, module = "gain", weakref)]
pub(crate) struct Builtin {
    #[pyo3(get, name = "__wrapped__")]
    wrapped: Py<PyAny>,
}

#[pymethods]
impl Builtin {
    #[new]
    fn new(wrapped: Py<PyAny>) -> Builtin {
        Builtin { wrapped }
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn __call__(
        &self,
        py: Python<'_>,
        args: &Bound<'_, PyTuple>,
        kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        self.wrapped.call(py, args, kwargs)
    }

    fn __getattr__<'py>(&self, name: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
        self.wrapped.bind(name.py()).getattr(name.cast()?)
    }

    #[getter]
    fn __doc__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.wrapped.getattr(py, "__doc__")
    }

    fn __repr__(&self, py: Python<'_>) -> PyResult<String> {
        let name = self.wrapped.getattr(py, "__name__")?;
        Ok(format!("<built-in function {name}>"))
    }

    fn __reduce__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        self.wrapped.getattr(py, "__name__")
    }
}

/// Adds the class to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<Builtin>()
}
