//! Functions of Python's whose common calls are answered here, and those that are no methods where a class holds them, as NumPy's in C.

use crate::quick::Quick;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};

// No documentation of its own, so that `__doc__` is the function's.
// A function of Python's, whose attributes it has. It becomes a method of a class that holds it only if it is told so: not
// `class A: make = np.array`.
#[pyclass(frozen, module = "gain", weakref)]
pub(crate) struct Builtin {
    #[pyo3(get, name = "__wrapped__")]
    wrapped: Py<PyAny>,
    becomes_a_method: bool,
    quick: Option<Quick>,
}

#[pymethods]
impl Builtin {
    #[new]
    #[pyo3(signature = (wrapped, becomes_a_method = false, quick = None, theirs = None))]
    fn new(
        wrapped: Py<PyAny>,
        becomes_a_method: bool,
        quick: Option<&str>,
        theirs: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Builtin> {
        let quick = match (quick, theirs) {
            (Some(way), Some(theirs)) => Some(Quick::named(way, theirs)?),
            _ => None,
        };
        Ok(Builtin {
            wrapped,
            becomes_a_method,
            quick,
        })
    }

    fn __get__<'py>(
        slf: &Bound<'py, Self>,
        instance: &Bound<'py, PyAny>,
        _owner: &Bound<'py, PyAny>,
    ) -> PyResult<Bound<'py, PyAny>> {
        if instance.is_none() || !slf.get().becomes_a_method {
            return Ok(slf.clone().into_any());
        }
        slf.py()
            .import("types")?
            .getattr("MethodType")?
            .call1((slf, instance))
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn __call__(
        &self,
        py: Python<'_>,
        args: &Bound<'_, PyTuple>,
        kwargs: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        if let Some(quick) = &self.quick
            && let Some(found) = quick.answer(args, kwargs)?
        {
            return Ok(found);
        }
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
