//! Methods of `gain.ndarray` that make arrays or views. Those that only combine these are Python (`gain/_methods.py`).

use crate::array::{self, NdArray};
use crate::errors::{OrRaise, warn_of_discarded, with_cast_faults};
use crate::index;
use crate::value::value;
use crate::{bridge, dtypes, fallback};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use smallvec::SmallVec;

#[pymethods]
impl NdArray {
    /// A copy of the array, in C order.
    #[pyo3(signature = (order = None))]
    fn copy<'py>(slf: &Bound<'py, Self>, order: Option<&Bound<'py, PyAny>>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        if let Some(order) = order.filter(|order| !order.is_none()) {
            return slf.call_method1("_copy_in", (order,)).map(Bound::unbind);
        }
        array::object(py, slf.get().array(py).copy().or_raise()?)
    }

    /// This array, new and of nobody else's, with its axes in another order, as an array of its own.
    fn _into_order(&self, py: Python<'_>, order: Vec<usize>) -> PyResult<Py<PyAny>> {
        let turned = self.array(py).clone().into_order(&order);
        array::object(py, turned.or_raise()?)
    }

    /// A copy whose axes lie in memory in the order given, the outermost first.
    fn _copy_ordered(&self, py: Python<'_>, order: Vec<usize>) -> PyResult<Py<PyAny>> {
        let this = self.array(py);
        array::object(py, this.astype_along(this.dtype(), &order).or_raise()?)
    }

    /// The axes by falling strides, the outermost first: NumPy's K order.
    fn _axes_in_memory(&self, py: Python<'_>) -> Vec<usize> {
        self.array(py).axes_in_memory().to_vec()
    }

    fn __copy__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let this = self.array(py);
        array::object(py, this.astype_in_order(this.dtype()).or_raise()?)
    }

    fn __deepcopy__(&self, py: Python<'_>, _memo: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
        self.__copy__(py)
    }

    /// The elements cast to another dtype.
    #[pyo3(signature = (dtype, order = None, casting = None, subok = None, copy = None))]
    fn astype<'py>(
        slf: &Bound<'py, Self>,
        dtype: &Bound<'py, PyAny>,
        order: Option<&Bound<'py, PyAny>>,
        casting: Option<&str>,
        subok: Option<bool>,
        copy: Option<bool>,
    ) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        let _only_one_class = subok;
        let order = match order.map(|order| order.extract::<&str>()) {
            Some(Ok("C" | "c")) => 'C',
            Some(Ok("F" | "f")) => 'F',
            Some(Ok("A" | "a")) => 'A',
            _ => 'K',
        };
        let this = slf.get().array(py);
        if let Some(rule) = casting.filter(|&rule| rule != "unsafe") {
            // NumPy judges the stricter rules, and says what is wrong in its own words.
            let keywords = PyDict::new(py);
            keywords.set_item("casting", rule)?;
            bridge::numpy_from_bytes(py, &[0], this.dtype(), &[])?.call_method(
                "astype",
                (dtype,),
                Some(&keywords),
            )?;
        }
        match dtypes::from_object(dtype)? {
            Some(wanted) => {
                let lies_so = match order {
                    'C' => this.is_c_contiguous(),
                    'F' => this.is_f_contiguous(),
                    'A' => this.is_c_contiguous() || this.is_f_contiguous(),
                    _ => true,
                };
                if wanted == this.dtype() && copy == Some(false) && lies_so {
                    return Ok(slf.clone().into_any().unbind());
                }
                warn_of_discarded(py, this.dtype(), wanted)?;
                let by_columns = order == 'F' || (order == 'A' && this.is_f_contiguous());
                let cast = with_cast_faults(py, || match order {
                    'K' => this.astype_in_order(wanted).or_raise(),
                    _ if by_columns && !(order == 'A' && this.is_c_contiguous()) => {
                        let reversed: SmallVec<[usize; 4]> = (0..this.ndim()).rev().collect();
                        this.astype_along(wanted, &reversed).or_raise()
                    }
                    _ => this.astype(wanted).or_raise(),
                })?;
                array::object(py, cast)
            }
            _ => {
                let keywords = PyDict::new(py);
                if let Some(casting) = casting {
                    keywords.set_item("casting", casting)?;
                }
                fallback::method(slf.as_any(), "astype", (dtype,), Some(&keywords))
                    .map(Bound::unbind)
            }
        }
    }

    /// Sets all elements to one value.
    fn fill<'py>(slf: &Bound<'py, Self>, value: &Bound<'py, PyAny>) -> PyResult<()> {
        slf.set_item(slf.py().Ellipsis(), value)
    }

    /// A view with the axes in another order; reversed without arguments.
    #[pyo3(signature = (*axes))]
    fn transpose(slf: &Bound<'_, Self>, axes: &Bound<'_, PyTuple>) -> PyResult<Py<PyAny>> {
        let this = slf.get().array(slf.py());
        let ndim = this.ndim();
        let mut given: SmallVec<[isize; 4]> = SmallVec::new();
        if axes.len() == 1 && axes.get_item(0)?.extract::<isize>().is_err() {
            let only = axes.get_item(0)?;
            if only.is_none() {
                given.extend((0..ndim as isize).rev());
            } else {
                for axis in only.try_iter()? {
                    given.push(axis?.extract()?);
                }
            }
        } else if axes.is_empty() {
            given.extend((0..ndim as isize).rev());
        } else {
            for axis in axes.iter_borrowed() {
                given.push(axis.extract()?);
            }
        }
        if given.len() != ndim {
            return Err(PyValueError::new_err("axes don't match array"));
        }
        let mut order: SmallVec<[usize; 4]> = SmallVec::new();
        for &axis in &given {
            let place = normalised(axis, ndim)?;
            if order.contains(&place) {
                return Err(PyValueError::new_err("repeated axis in transpose"));
            }
            order.push(place);
        }
        array::view(slf, this.transpose(&order).or_raise()?)
    }

    /// A view of this shape where one is possible, or None.
    #[pyo3(name = "_reshaped")]
    fn reshaped(slf: &Bound<'_, Self>, shape: Vec<usize>) -> PyResult<Option<Py<PyAny>>> {
        let view = slf.get().array(slf.py()).reshape(&shape).or_raise()?;
        view.map(|view| array::view(slf, view)).transpose()
    }

    /// A read-only view that repeats the elements along new and stretched axes.
    #[pyo3(name = "_broadcast")]
    fn broadcast(slf: &Bound<'_, Self>, shape: Vec<usize>) -> PyResult<Py<PyAny>> {
        array::view(
            slf,
            slf.get().array(slf.py()).broadcast_to(&shape).or_raise()?,
        )
    }

    /// A view with an axis of length 1 more.
    #[pyo3(name = "_with_axis")]
    fn with_axis(slf: &Bound<'_, Self>, axis: usize) -> PyResult<Py<PyAny>> {
        array::view(slf, slf.get().array(slf.py()).insert_axis(axis).or_raise()?)
    }

    /// A view without an axis of length 1.
    #[pyo3(name = "_without_axis")]
    fn without_axis(slf: &Bound<'_, Self>, axis: usize) -> PyResult<Py<PyAny>> {
        array::view(slf, slf.get().array(slf.py()).drop_axis(axis).or_raise()?)
    }

    /// A view even where `a[...]` gives a scalar; None for an index that is no view.
    #[pyo3(name = "_view")]
    fn view_of(slf: &Bound<'_, Self>, key: &Bound<'_, PyAny>) -> PyResult<Option<Py<PyAny>>> {
        let mut parts = index::Parts::new();
        if !index::parse(key, &mut parts)? {
            return Ok(None);
        }
        array::view(slf, slf.get().array(slf.py()).index(&parts).or_raise()?).map(Some)
    }

    /// Writes a value over all elements, casting as assignment does.
    #[pyo3(name = "_assign")]
    fn assign(&self, py: Python<'_>, source: &Bound<'_, PyAny>) -> PyResult<()> {
        let source = value(source)?;
        let operand = source
            .operand(py)
            .ok_or_else(|| PyTypeError::new_err("a gain array can not hold this"))?;
        self.array(py).assign(operand).or_raise()
    }

    /// The elements as (nested lists of) Python numbers. Collective.
    fn tolist(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
        let py = slf.py();
        bridge::gather(py, slf.get().array(py))?
            .call_method0("tolist")
            .map(Bound::unbind)
    }
}

/// An axis counted from the start.
pub(crate) fn normalised(axis: isize, ndim: usize) -> PyResult<usize> {
    let from_start = if axis < 0 { axis + ndim as isize } else { axis };
    if from_start < 0 || from_start >= ndim as isize {
        return Err(crate::errors::no_such_axis(axis, ndim));
    }
    Ok(from_start as usize)
}
