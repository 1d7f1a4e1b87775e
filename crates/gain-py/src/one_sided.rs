//! The class behind `gain.ga`: one-sided calls with boxes as two tuples and values as NumPy arrays. The names are given in Python.

use std::cell::RefCell;

use crate::array::{self, NdArray};
use crate::errors::OrRaise;
use crate::gil::GilBound;
use crate::runtime::runtime;
use crate::{bridge, dtypes};
use gain_core::one_sided::Global;
use gain_core::{Distribution, IndexBox, Indices};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use smallvec::SmallVec;

/// An array whose elements every rank reaches by itself; `gain.ga` has the functions that take it.
#[pyclass(name = "GlobalArray", module = "gain.ga", frozen)]
pub(crate) struct GlobalArray(GilBound<RefCell<Option<Global>>>);

impl GlobalArray {
    fn new(py: Python<'_>, global: Global) -> GlobalArray {
        GlobalArray(GilBound::new(py, RefCell::new(Some(global))))
    }

    fn with<T>(
        &self,
        py: Python<'_>,
        run: impl FnOnce(&Global) -> gain_core::Result<T>,
    ) -> PyResult<T> {
        match self.0.get(py).borrow().as_ref() {
            Some(global) => run(global).or_raise(),
            None => Err(PyValueError::new_err("the global array has been destroyed")),
        }
    }

    /// The bytes of values, which Python has cast and broadcast.
    fn bytes(&self, py: Python<'_>, values: &Bound<'_, PyAny>) -> PyResult<Vec<u8>> {
        let wanted = self.with(py, |global| Ok(global.dtype()))?;
        let given = bridge::numpy_array(values)
            .map(bridge::elements)
            .transpose()?;
        match given.flatten() {
            Some((dtype, _, bytes)) if dtype == wanted => Ok(bytes),
            _ => Err(PyTypeError::new_err(
                "the values are a NumPy array of the global array's dtype",
            )),
        }
    }

    fn array<'py>(
        &self,
        py: Python<'py>,
        shape: &[usize],
        bytes: &[u8],
    ) -> PyResult<Bound<'py, PyAny>> {
        let dtype = self.with(py, |global| Ok(global.dtype()))?;
        bridge::numpy_from_bytes(py, shape, dtype, bytes)
    }
}

fn indices(places: Vec<Vec<usize>>) -> Vec<Indices> {
    places.into_iter().map(SmallVec::from_vec).collect()
}

type Lens = Vec<usize>;

#[pymethods]
impl GlobalArray {
    /// The shape.
    #[getter]
    fn shape(&self, py: Python<'_>) -> PyResult<Py<pyo3::types::PyTuple>> {
        let shape = self.with(py, |global| Ok(global.distribution().shape()))?;
        Ok(pyo3::types::PyTuple::new(py, shape)?.unbind())
    }

    /// The dtype.
    #[getter]
    fn dtype(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let dtype = self.with(py, |global| Ok(global.dtype()))?;
        Ok(dtypes::object(py, dtype).clone().unbind())
    }

    fn _box(&self, py: Python<'_>, rank: usize) -> PyResult<(Lens, Lens)> {
        let part = self.with(py, |global| Ok(global.distribution().box_of(rank)))?;
        Ok((part.lo.to_vec(), part.hi.to_vec()))
    }

    fn _owners(&self, py: Python<'_>, lo: Lens, hi: Lens) -> PyResult<Vec<(usize, Lens, Lens)>> {
        self.with(py, |global| {
            let owners = global.distribution().owners(&IndexBox::new(lo, hi));
            Ok(owners
                .map(|(rank, part)| (rank, part.lo.to_vec(), part.hi.to_vec()))
                .collect())
        })
    }

    fn _get<'py>(
        &self,
        py: Python<'py>,
        lo: Lens,
        hi: Lens,
        step: Lens,
    ) -> PyResult<Bound<'py, PyAny>> {
        let part = IndexBox::new(lo, hi);
        let lens = part.shape();
        let taken: Lens = lens
            .iter()
            .zip(&step)
            .map(|(n, step)| n.div_ceil(*step))
            .collect();
        let bytes = self.with(py, |global| global.get(&part, &step))?;
        self.array(py, &taken, &bytes)
    }

    fn _put(
        &self,
        py: Python<'_>,
        lo: Lens,
        hi: Lens,
        step: Lens,
        values: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let bytes = self.bytes(py, values)?;
        self.with(py, |global| {
            global.put(&IndexBox::new(lo, hi), &step, &bytes)
        })
    }

    fn _acc(
        &self,
        py: Python<'_>,
        lo: Lens,
        hi: Lens,
        step: Lens,
        values: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let bytes = self.bytes(py, values)?;
        self.with(py, |global| {
            global.accumulate(&IndexBox::new(lo, hi), &step, &bytes)
        })
    }

    fn _gather<'py>(&self, py: Python<'py>, places: Vec<Lens>) -> PyResult<Bound<'py, PyAny>> {
        let places = indices(places);
        let bytes = self.with(py, |global| global.gather(&places))?;
        self.array(py, &[places.len()], &bytes)
    }

    fn _scatter(
        &self,
        py: Python<'_>,
        places: Vec<Lens>,
        values: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let bytes = self.bytes(py, values)?;
        self.with(py, |global| global.scatter(&indices(places), &bytes))
    }

    fn _scatter_acc(
        &self,
        py: Python<'_>,
        places: Vec<Lens>,
        values: &Bound<'_, PyAny>,
    ) -> PyResult<()> {
        let bytes = self.bytes(py, values)?;
        self.with(py, |global| {
            global.scatter_accumulate(&indices(places), &bytes)
        })
    }

    fn _read_inc(&self, py: Python<'_>, index: Lens, increment: i64) -> PyResult<i128> {
        self.with(py, |global| global.read_inc(&index, increment))
    }

    fn _fence(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, Global::fence)
    }

    fn _sync(&self, py: Python<'_>) -> PyResult<()> {
        self.with(py, Global::sync)
    }

    fn _to_array(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        array::object(py, self.with(py, Global::to_array)?)
    }

    fn _destroy(&self, py: Python<'_>) -> PyResult<()> {
        match self.0.get(py).borrow_mut().take() {
            Some(global) => global.destroy().or_raise(),
            None => Err(PyValueError::new_err("the global array has been destroyed")),
        }
    }
}

/// A global array of zeros, cut at the given points or as large arrays are. Collective.
#[pyfunction]
fn _global_array(
    py: Python<'_>,
    shape: Lens,
    dtype: &Bound<'_, PyAny>,
    cuts: Option<Vec<Lens>>,
) -> PyResult<GlobalArray> {
    let dtype = dtypes::from_object(dtype)?
        .ok_or_else(|| PyTypeError::new_err("gain arrays can not hold this dtype"))?;
    let rt = runtime(py);
    let distribution = match cuts {
        Some(cuts) => Distribution::irregular(&cuts, rt.n_ranks())
            .map_err(|error| PyValueError::new_err(error.to_string()))?,
        None => Distribution::default_for(&shape, rt.n_ranks()),
    };
    if distribution.shape()[..] != shape {
        return Err(PyValueError::new_err(
            "the last cut of each axis is its length",
        ));
    }
    Ok(GlobalArray::new(
        py,
        Global::create(rt, dtype, &distribution).or_raise()?,
    ))
}

/// A global array of an array's elements. Collective.
#[pyfunction]
fn _global_of(py: Python<'_>, source: &Bound<'_, NdArray>) -> PyResult<GlobalArray> {
    let global = Global::of(source.get().array(py)).or_raise()?;
    Ok(GlobalArray::new(py, global))
}

/// Waits until all ranks have come here. Collective.
#[pyfunction]
fn _barrier(py: Python<'_>) -> PyResult<()> {
    let arrived = runtime(py).team().barrier();
    arrived.map_err(gain_core::Error::from).or_raise()
}

/// Adds the class and the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_class::<GlobalArray>()?;
    module.add_function(wrap_pyfunction!(_global_array, module)?)?;
    module.add_function(wrap_pyfunction!(_global_of, module)?)?;
    module.add_function(wrap_pyfunction!(_barrier, module)?)
}
