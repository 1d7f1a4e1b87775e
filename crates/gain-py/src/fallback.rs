//! Calls into `gain._fallback`: what has no native way is gathered, computed by NumPy, and spread again.

use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::{PyDict, PyTuple};

static MODULE: PyOnceLock<Py<PyModule>> = PyOnceLock::new();

fn module(py: Python<'_>) -> PyResult<&Bound<'_, PyModule>> {
    Ok(MODULE
        .get_or_try_init(py, || py.import("gain._fallback").map(Bound::unbind))?
        .bind(py))
}

/// `operator.<name>(left, right)` on NumPy arrays.
#[cold]
pub(crate) fn operator<'py>(
    name: &str,
    left: &Bound<'py, PyAny>,
    right: &Bound<'py, PyAny>,
) -> PyResult<Bound<'py, PyAny>> {
    module(left.py())?
        .getattr("operator")?
        .call1((name, left, right))
}

/// `operator.<name>(operand)` on a NumPy array.
#[cold]
pub(crate) fn unary<'py>(name: &str, operand: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    module(operand.py())?
        .getattr("unary_operator")?
        .call1((name, operand))
}

/// The method `name` of `numpy.ndarray`.
#[cold]
pub(crate) fn method<'py>(
    this: &Bound<'py, PyAny>,
    name: &str,
    arguments: impl IntoPyObject<
        'py,
        Target = PyTuple,
        Output = Bound<'py, PyTuple>,
        Error: Into<PyErr>,
    >,
    keywords: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let arguments = arguments.into_pyobject(this.py()).map_err(Into::into)?;
    module(this.py())?
        .getattr("method")?
        .call1((this, name, arguments, keywords))
}

/// NumPy's function `name`.
#[cold]
pub(crate) fn function<'py>(
    py: Python<'py>,
    name: &str,
    arguments: impl IntoPyObject<
        'py,
        Target = PyTuple,
        Output = Bound<'py, PyTuple>,
        Error: Into<PyErr>,
    >,
    keywords: Option<&Bound<'py, PyDict>>,
) -> PyResult<Bound<'py, PyAny>> {
    let arguments = arguments.into_pyobject(py).map_err(Into::into)?;
    module(py)?
        .getattr("function")?
        .call1((name, arguments, keywords))
}

/// A reduction with NumPy's further keywords (`initial`, `where`), from native operations; `None` when only NumPy has it.
pub(crate) fn reduction<'py>(
    name: &str,
    operand: &Bound<'py, PyAny>,
    keywords: &Bound<'py, PyDict>,
) -> PyResult<Option<Bound<'py, PyAny>>> {
    let py = operand.py();
    let found = py
        .import("gain._ufuncs")?
        .getattr("reduction")?
        .call1((name, operand, keywords))?;
    let is_none = found.is(py.NotImplemented().bind(py));
    Ok((!is_none).then_some(found))
}
