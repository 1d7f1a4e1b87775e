//! Linear algebra: gain-linalg's functions on large matrices, and what `gain/_stacks.py` needs.

use crate::errors::OrRaise;
use crate::runtime::runtime;
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

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_all_gather, module)?)
}
