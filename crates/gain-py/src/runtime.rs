//! The one runtime of the process, and the Python functions that speak to it.

use crate::errors::OrRaise;
use crate::gil::GilBound;
use crate::locator;
use gain_core::Runtime;
use pyo3::exceptions::{PyImportError, PyRuntimeError};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyBytes;
use std::cell::RefCell;
use std::rc::Rc;

static RUNTIME: PyOnceLock<GilBound<Runtime>> = PyOnceLock::new();

/// Starts the runtime: joins the team that the environment names. Once per process.
///
/// # Collective
pub(crate) fn start(py: Python<'_>) -> PyResult<()> {
    if RUNTIME.get(py).is_some() {
        return Ok(());
    }
    let runtime = Runtime::start().map_err(|error| PyImportError::new_err(error.to_string()))?;
    runtime.set_locator(Box::new(locator::user_line));
    runtime.set_watcher(Box::new(crate::errors::watch));
    runtime.team().set_interrupt(Some(Rc::new(interrupted)));
    RUNTIME
        .set(py, GilBound::new(py, runtime))
        .map_err(|_| PyRuntimeError::new_err("gain was started twice"))
}

/// What Python's signal handlers raised while this rank waited for another.
static RAISED: PyOnceLock<GilBound<RefCell<Option<PyErr>>>> = PyOnceLock::new();

fn raised(py: Python<'_>) -> &RefCell<Option<PyErr>> {
    RAISED
        .get_or_init(py, || GilBound::new(py, RefCell::new(None)))
        .get(py)
}

/// Runs the handlers of signals that came (Ctrl-C); whether one raised. Asked now and then by a rank that waits.
fn interrupted() -> bool {
    Python::attach(|py| match py.check_signals() {
        Ok(()) => false,
        Err(error) => {
            *raised(py).borrow_mut() = Some(error);
            true
        }
    })
}

/// The exception that ended a wait, once.
pub(crate) fn take_raised(py: Python<'_>) -> Option<PyErr> {
    raised(py).borrow_mut().take()
}

/// The runtime.
#[inline(always)]
pub(crate) fn runtime(py: Python<'_>) -> &Runtime {
    RUNTIME
        .get(py)
        .expect("the module starts the runtime before it can be called")
        .get(py)
}

/// Runs everything recorded so far and waits for all ranks.
#[pyfunction]
fn sync(py: Python<'_>) -> PyResult<()> {
    let runtime = runtime(py);
    runtime.sync().or_raise()?;
    runtime
        .team()
        .barrier()
        .map_err(gain_core::Error::from)
        .or_raise()
}

/// This process' number, from 0.
#[pyfunction]
fn rank(py: Python<'_>) -> usize {
    runtime(py).rank()
}

/// How many processes share the arrays.
#[pyfunction]
fn n_ranks(py: Python<'_>) -> usize {
    runtime(py).n_ranks()
}

/// Whether an array of so many elements is whole on every rank.
#[pyfunction]
fn _is_small(py: Python<'_>, size: usize) -> bool {
    runtime(py).is_small(size)
}

/// Leaves the team; called when Python ends.
#[pyfunction]
fn finish(py: Python<'_>) -> PyResult<()> {
    runtime(py).finish().or_raise()
}

/// True for the first rank of this node that asks: it tells the user what went wrong.
#[pyfunction]
fn claim_telling(py: Python<'_>) -> bool {
    runtime(py).team().claim_telling()
}

/// Ends all ranks at once, with this exit status.
#[pyfunction]
#[pyo3(signature = (code, message = ""))]
fn abort(py: Python<'_>, code: i32, message: &str) {
    runtime(py).abort(code, message)
}

/// Rank 0's bytes, on every rank.
#[pyfunction]
fn broadcast<'py>(py: Python<'py>, data: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
    let runtime = runtime(py);
    let mut bytes = data.to_vec();
    runtime
        .team()
        .broadcast(0, &mut bytes)
        .map_err(gain_core::Error::from)
        .or_raise()?;
    Ok(PyBytes::new(py, &bytes))
}

/// Says what the communication that follows belongs to. Every rank says the same.
#[pyfunction]
fn stand_at(py: Python<'_>, operation: &str) {
    runtime(py).stand_at(operation)
}

/// Every rank's bytes, in order of the ranks.
#[pyfunction]
fn all_gather<'py>(py: Python<'py>, data: &[u8]) -> PyResult<Vec<Bound<'py, PyBytes>>> {
    let found = runtime(py)
        .team()
        .all_gather(data)
        .map_err(gain_core::Error::from)
        .or_raise()?;
    Ok(found.iter().map(|bytes| PyBytes::new(py, bytes)).collect())
}

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(sync, module)?)?;
    module.add_function(wrap_pyfunction!(rank, module)?)?;
    module.add_function(wrap_pyfunction!(n_ranks, module)?)?;
    module.add_function(wrap_pyfunction!(_is_small, module)?)?;
    module.add_function(wrap_pyfunction!(finish, module)?)?;
    module.add_function(wrap_pyfunction!(abort, module)?)?;
    module.add_function(wrap_pyfunction!(stand_at, module)?)?;
    module.add_function(wrap_pyfunction!(all_gather, module)?)?;
    module.add_function(wrap_pyfunction!(claim_telling, module)?)?;
    module.add_function(wrap_pyfunction!(broadcast, module)?)
}
