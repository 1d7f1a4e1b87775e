//! Linear algebra: gain-linalg's functions on large matrices, and what `gain/_stacks.py` needs.

use crate::array::{self, NdArray};
use crate::errors::OrRaise;
use crate::runtime::runtime;
use gain_linalg::factor;
use num_complex::Complex64;
use pyo3::prelude::*;
use pyo3::types::PyBytes;

/// Every rank's bytes, in rank order. Collective.
#[pyfunction]
fn _all_gather<'py>(py: Python<'py>, mine: &[u8]) -> PyResult<Vec<Bound<'py, PyBytes>>> {
    let runtime = runtime(py);
    if runtime.n_ranks() == 1 {
        return Ok(vec![PyBytes::new(py, mine)]);
    }
    let all = runtime.team().all_gather(mine);
    let all = all.map_err(gain_core::Error::from).or_raise()?;
    Ok(all.iter().map(|bytes| PyBytes::new(py, bytes)).collect())
}

fn made(
    py: Python<'_>,
    found: gain_core::Result<Option<gain_core::Array>>,
) -> PyResult<Option<Py<PyAny>>> {
    found
        .or_raise()?
        .map(|found| array::object(py, found))
        .transpose()
}

/// The x of `a x = b`; None if `a` is singular. Collective, as all that follow.
#[pyfunction]
fn _solve(
    py: Python<'_>,
    a: &Bound<'_, NdArray>,
    b: &Bound<'_, NdArray>,
) -> PyResult<Option<Py<PyAny>>> {
    made(py, factor::solve(a.get().array(py), b.get().array(py)))
}

/// The inverse; None if there is none.
#[pyfunction]
fn _inv(py: Python<'_>, a: &Bound<'_, NdArray>) -> PyResult<Option<Py<PyAny>>> {
    made(py, factor::inv(a.get().array(py)))
}

/// The lower triangular factor; None if there is none.
#[pyfunction]
fn _cholesky(py: Python<'_>, a: &Bound<'_, NdArray>) -> PyResult<Option<Py<PyAny>>> {
    made(py, factor::cholesky(a.get().array(py)))
}

type Factors = (Option<Py<PyAny>>, Py<PyAny>);

/// Q, if wanted, and R.
#[pyfunction]
fn _qr(py: Python<'_>, a: &Bound<'_, NdArray>, complete: bool, with_q: bool) -> PyResult<Factors> {
    let (q, r) = factor::qr(a.get().array(py), complete, with_q).or_raise()?;
    let q = q.map(|q| array::object(py, q)).transpose()?;
    Ok((q, array::object(py, r)?))
}

/// The determinant.
#[pyfunction]
fn _det(py: Python<'_>, a: &Bound<'_, NdArray>) -> PyResult<Complex64> {
    factor::det(a.get().array(py)).or_raise()
}

/// The determinant's sign and the logarithm of its size.
#[pyfunction]
fn _slogdet(py: Python<'_>, a: &Bound<'_, NdArray>) -> PyResult<(Complex64, f64)> {
    factor::slogdet(a.get().array(py)).or_raise()
}

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_all_gather, module)?)?;
    module.add_function(wrap_pyfunction!(_solve, module)?)?;
    module.add_function(wrap_pyfunction!(_inv, module)?)?;
    module.add_function(wrap_pyfunction!(_cholesky, module)?)?;
    module.add_function(wrap_pyfunction!(_det, module)?)?;
    module.add_function(wrap_pyfunction!(_qr, module)?)?;
    module.add_function(wrap_pyfunction!(_slogdet, module)?)
}
