//! Linear algebra: gain-linalg's functions on large matrices, and what `gain/_stacks.py` needs.

use crate::array::{self, NdArray};
use crate::bridge;
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

/// The x of `a x = b` for small matrices and stacks of them; None if one is singular.
#[pyfunction]
fn _solve_stack(
    py: Python<'_>,
    a: &Bound<'_, NdArray>,
    b: &Bound<'_, NdArray>,
) -> PyResult<Option<Py<PyAny>>> {
    let (a, b) = (a.get().array(py), b.get().array(py));
    if b.ndim() > 1 {
        return made(py, factor::solve_stack(a, b));
    }
    let columns = b.insert_axis(1).or_raise()?;
    let found = factor::solve_stack(a, &columns).or_raise()?;
    let vector = found.map(|x| x.drop_axis(x.ndim() - 1)).transpose();
    made(py, vector)
}

/// The inverses of small matrices and stacks of them; None if one is singular.
#[pyfunction]
fn _inv_stack(py: Python<'_>, a: &Bound<'_, NdArray>) -> PyResult<Option<Py<PyAny>>> {
    made(py, factor::inv_stack(a.get().array(py)))
}

/// The determinants of small matrices and stacks of them: a scalar for one matrix.
#[pyfunction]
fn _det_stack(py: Python<'_>, a: &Bound<'_, NdArray>) -> PyResult<Py<PyAny>> {
    let found = factor::det_stack(a.get().array(py)).or_raise()?;
    array::result(py, found)
}

/// The sums of products along the last axes; None where gain-linalg has no such form.
#[pyfunction]
fn _vecdot(
    py: Python<'_>,
    a: &Bound<'_, NdArray>,
    b: &Bound<'_, NdArray>,
) -> PyResult<Option<Py<PyAny>>> {
    known(
        py,
        gain_linalg::vecdot(a.get().array(py), b.get().array(py)),
    )
}

/// The Euclidean length of all elements; None where gain-linalg has no such form.
#[pyfunction]
fn _length(py: Python<'_>, a: &Bound<'_, NdArray>) -> PyResult<Option<Py<PyAny>>> {
    known(py, gain_linalg::length(a.get().array(py)))
}

pub(crate) fn known(
    py: Python<'_>,
    found: gain_core::Result<gain_core::Array>,
) -> PyResult<Option<Py<PyAny>>> {
    match found {
        Err(gain_core::Error::Unsupported { .. }) => Ok(None),
        found => array::result(py, found.or_raise()?).map(Some),
    }
}

/// The dot product: of vectors, of matrices, or over the last axis of `a` and the second to last of `b`. Collective.
#[pyfunction]
#[pyo3(signature = (a, b, out = None))]
fn dot<'py>(
    a: &Bound<'py, PyAny>,
    b: &Bound<'py, PyAny>,
    out: Option<&Bound<'py, PyAny>>,
) -> PyResult<Py<PyAny>> {
    let py = a.py();
    if out.is_none()
        && let (Ok(x), Ok(y)) = (a.cast_exact::<NdArray>(), b.cast_exact::<NdArray>())
    {
        let (x, y) = (x.get().array(py), y.get().array(py));
        if let Some(number) = gain_linalg::dot_at_hand(x, y) {
            return bridge::scalar_object(py, number);
        }
        if (1..=2).contains(&x.ndim())
            && (1..=2).contains(&y.ndim())
            && let Some(found) = known(py, gain_linalg::dot(x, y))?
        {
            return Ok(found);
        }
    }
    let general = py.import("gain._products")?.getattr("dot_of_any")?;
    general.call1((a, b, out)).map(Bound::unbind)
}

#[pymethods]
impl NdArray {
    /// The dot product.
    #[pyo3(name = "dot", signature = (b, out = None))]
    fn dot_with<'py>(
        slf: &Bound<'py, Self>,
        b: &Bound<'py, PyAny>,
        out: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Py<PyAny>> {
        dot(slf.as_any(), b, out)
    }
}

type Factors = (Option<Py<PyAny>>, Py<PyAny>);

/// Q, if wanted, and R.
#[pyfunction]
fn _qr(py: Python<'_>, a: &Bound<'_, NdArray>, complete: bool, with_q: bool) -> PyResult<Factors> {
    let (q, r) = factor::qr(a.get().array(py), complete, with_q).or_raise()?;
    let q = q.map(|q| array::object(py, q)).transpose()?;
    Ok((q, array::object(py, r)?))
}

type Eigen = (Py<PyAny>, Option<Py<PyAny>>);

/// Eigenvalues of a Hermitian matrix, and eigenvectors if wanted; None if it has numbers that are not finite.
#[pyfunction]
fn _eigh(py: Python<'_>, a: &Bound<'_, NdArray>, with_vectors: bool) -> PyResult<Option<Eigen>> {
    let Some((values, vectors)) = factor::eigh(a.get().array(py), with_vectors).or_raise()? else {
        return Ok(None);
    };
    let vectors = vectors.map(|made| array::object(py, made)).transpose()?;
    Ok(Some((array::object(py, values)?, vectors)))
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
    module.add_function(wrap_pyfunction!(_solve_stack, module)?)?;
    module.add_function(wrap_pyfunction!(_vecdot, module)?)?;
    module.add_function(wrap_pyfunction!(_length, module)?)?;
    module.add_function(wrap_pyfunction!(dot, module)?)?;
    module.add_function(wrap_pyfunction!(_inv_stack, module)?)?;
    module.add_function(wrap_pyfunction!(_det_stack, module)?)?;
    module.add_function(wrap_pyfunction!(_cholesky, module)?)?;
    module.add_function(wrap_pyfunction!(_det, module)?)?;
    module.add_function(wrap_pyfunction!(_eigh, module)?)?;
    module.add_function(wrap_pyfunction!(_qr, module)?)?;
    module.add_function(wrap_pyfunction!(_slogdet, module)?)
}
