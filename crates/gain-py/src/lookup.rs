//! Numbers looked up in tables, for `gain._searching`: NumPy's arrays in and out, this rank's own. Local.

use crate::runtime::runtime;
use gain_core::lookup::{self, Ends, Sortable};
use numpy::{Element, PyArray1, PyArrayMethods, PyReadonlyArray1};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

/// How many elements of an ascending vector stand before each of `values`, a vector of the same dtype: `float64`, `int64` or `uint64`.
#[pyfunction]
fn _places<'py>(
    table: &Bound<'py, PyAny>,
    values: &Bound<'py, PyAny>,
    after_equals: bool,
) -> PyResult<Bound<'py, PyArray1<i64>>> {
    for places in [places::<f64>, places::<i64>, places::<u64>] {
        if let Some(found) = places(table, values, after_equals)? {
            return Ok(found);
        }
    }
    Err(PyTypeError::new_err(
        "a table and values of float64, int64 or uint64",
    ))
}

/// The same for one dtype; `None` for others.
fn places<'py, T: Element + Sortable>(
    table: &Bound<'py, PyAny>,
    values: &Bound<'py, PyAny>,
    after_equals: bool,
) -> PyResult<Option<Bound<'py, PyArray1<i64>>>> {
    let (Ok(table), Ok(values)) = (
        table.extract::<PyReadonlyArray1<'py, T>>(),
        values.extract::<PyReadonlyArray1<'py, T>>(),
    ) else {
        return Ok(None);
    };
    let py = table.py();
    let found = PyArray1::zeros(py, values.as_slice()?.len(), false);
    let pool = runtime(py).pool();
    let mut writing = found.readwrite();
    let (table, values) = (table.as_slice()?, values.as_slice()?);
    lookup::places(pool, table, values, after_equals, writing.as_slice_mut()?);
    drop(writing);
    Ok(Some(found))
}

/// The linear interpolation at `x` between the points `(at, values)`, all of them vectors of `float64`; `at` ascends and is not empty.
#[pyfunction]
fn _interpolated<'py>(
    x: PyReadonlyArray1<'py, f64>,
    at: PyReadonlyArray1<'py, f64>,
    values: PyReadonlyArray1<'py, f64>,
    left: f64,
    right: f64,
) -> PyResult<Bound<'py, PyArray1<f64>>> {
    let py = x.py();
    let found = PyArray1::zeros(py, x.as_slice()?.len(), false);
    let pool = runtime(py).pool();
    let mut writing = found.readwrite();
    let (at, values, ends) = (at.as_slice()?, values.as_slice()?, Ends { left, right });
    lookup::interpolate(
        pool,
        at,
        values,
        ends,
        x.as_slice()?,
        writing.as_slice_mut()?,
    );
    drop(writing);
    Ok(found)
}

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_places, module)?)?;
    module.add_function(wrap_pyfunction!(_interpolated, module)?)
}
