//! For those who want to see and steer where elements lie: `gain.from_local`, `gain.distribution`, `gain.redistribute`.

use crate::array::{self, NdArray};
use crate::bridge;
use crate::errors::OrRaise;
use crate::runtime::runtime;
use gain_core::{Array, Buffer, Distribution};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;

/// The array of all ranks' blocks, one behind the other along the first axis; they agree in dtype and in their other axes. Collective.
#[pyfunction]
fn _from_parts(block: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let py = block.py();
    let given = bridge::numpy_array(block)
        .ok_or_else(|| PyTypeError::new_err("a block is a NumPy array"))?;
    let runtime = runtime(py);
    let found = bridge::elements(given)?;
    let mut kind = Vec::new();
    if let Some((dtype, shape, _)) = &found {
        kind = format!("{dtype} {:?}", shape.get(1..)).into_bytes();
    }
    let kinds = runtime
        .team()
        .all_gather(&kind)
        .map_err(gain_core::Error::from)
        .or_raise()?;
    let agree = kinds.iter().all(|other| *other == kinds[0]);
    let Some((dtype, shape, bytes)) = found.filter(|_| agree && !kinds[0].is_empty()) else {
        return Err(PyValueError::new_err(
            "the ranks' blocks must have one dtype that gain can hold and agree in all axes but the first",
        ));
    };
    let Some((&count, trailing)) = shape.split_first() else {
        return Err(PyValueError::new_err("a block has at least one axis"));
    };
    let mut buffer = Buffer::new(bytes.len())
        .map_err(gain_core::Error::from)
        .or_raise()?;
    buffer.as_mut_slice().copy_from_slice(&bytes);
    let made = Array::from_parts(runtime, dtype, count, trailing, buffer).or_raise()?;
    array::object(py, made)
}

type Corners = (Vec<usize>, Vec<usize>);

#[pymethods]
impl NdArray {
    /// Each rank's box: its first indices and those behind its last.
    fn _boxes(&self, py: Python<'_>) -> PyResult<Vec<Corners>> {
        let distribution = self.array(py).distribution().or_raise()?;
        let boxes = (0..runtime(py).n_ranks()).map(|rank| {
            let part = distribution.box_of(rank);
            (part.lo.to_vec(), part.hi.to_vec())
        });
        Ok(boxes.collect())
    }

    /// A copy cut at the given points, a list for each axis, from 0 to its length.
    fn _redistributed(&self, py: Python<'_>, cuts: Vec<Vec<usize>>) -> PyResult<Py<PyAny>> {
        let this = self.array(py);
        let wanted = Distribution::irregular(&cuts, runtime(py).n_ranks())
            .map_err(|error| PyValueError::new_err(error.to_string()))?;
        if wanted.shape()[..] != *this.shape() {
            return Err(PyValueError::new_err(
                "the last cut of each axis is its length",
            ));
        }
        array::object(py, this.redistributed(wanted).or_raise()?)
    }
}

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_from_parts, module)?)
}
