//! `gain._gain.info()`: what this process runs on.

use crate::runtime::runtime;
use pyo3::prelude::*;
use pyo3::types::PyDict;

/// The MPI library, ranks, nodes, threads, instruction set, memory and settings, as a dict.
#[pyfunction]
fn info(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let runtime = runtime(py);
    let team = runtime.team();
    let dict = PyDict::new(py);
    dict.set_item("version", env!("CARGO_PKG_VERSION"))?;
    dict.set_item("mpi", cfg!(feature = "mpi"))?;
    dict.set_item("rank", runtime.rank())?;
    dict.set_item("ranks", runtime.n_ranks())?;
    dict.set_item("nodes", team.n_nodes())?;
    dict.set_item("threads", runtime.n_threads())?;
    dict.set_item("isa", runtime.isa_name())?;
    dict.set_item("memory", team.memory_limit())?;
    dict.set_item("threshold", runtime.threshold())?;
    Ok(dict)
}

/// Messages and bytes that this rank has sent and received.
#[pyfunction]
fn counters(py: Python<'_>) -> PyResult<Bound<'_, PyDict>> {
    let runtime = runtime(py);
    let counters = runtime.team().counters();
    let done = runtime.counters();
    let dict = PyDict::new(py);
    dict.set_item("flushes", done.flushes)?;
    dict.set_item("plans", done.plans)?;
    dict.set_item("messages_sent", counters.messages_sent)?;
    dict.set_item("bytes_sent", counters.bytes_sent)?;
    dict.set_item("messages_received", counters.messages_received)?;
    dict.set_item("bytes_received", counters.bytes_received)?;
    Ok(dict)
}

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(info, module)?)?;
    module.add_function(wrap_pyfunction!(counters, module)?)
}
