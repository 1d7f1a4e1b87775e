//! Attributes of `gain.ndarray`, and what Python's built-in functions ask of it.

use crate::array::{self, NdArray};
use crate::errors::OrRaise;
use crate::index::{Parts, parse};
use crate::indexing::element;
use crate::{bridge, dtypes, fallback};
use gain_core::{DType, Scalar};
use pyo3::exceptions::{PyAttributeError, PyIndexError, PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;

#[pymethods]
impl NdArray {
    #[getter]
    fn shape<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.array(py).shape())
    }

    #[setter(shape)]
    fn set_shape(slf: &Bound<'_, Self>, shape: &Bound<'_, PyAny>) -> PyResult<()> {
        let py = slf.py();
        let shape: Vec<isize> = match shape.extract::<isize>() {
            Ok(n) => vec![n],
            Err(_) => shape.extract()?,
        };
        let this = slf.get().array(py);
        let shape = completed(&shape, this.size())?;
        match this.reshape(&shape).or_raise()? {
            Some(view) => {
                slf.get().set_shaped(py, view);
                Ok(())
            }
            None => Err(PyAttributeError::new_err(
                "Incompatible shape for in-place modification. Use `.reshape()` to make a copy with the desired shape.",
            )),
        }
    }

    /// A view of a diagonal, or None where only a copy would do. Collective.
    fn _diagonal(
        slf: &Bound<'_, Self>,
        offset: isize,
        one: isize,
        other: isize,
    ) -> PyResult<Option<Py<PyAny>>> {
        let view = slf.get().array(slf.py()).diagonal(offset, one, other);
        view.or_raise()?
            .map(|view| array::view(slf, view))
            .transpose()
    }

    /// Puts another array's elements, dtype and shape in the place of this object's.
    fn _become(&self, py: Python<'_>, other: &Bound<'_, NdArray>) {
        let array = other.get().array(py).clone().into_own();
        self.set_shaped(py, array);
    }

    /// The array of which this one is a view, if Python knows it.
    #[getter(_owner)]
    fn owner_object(&self, py: Python<'_>) -> Option<Py<NdArray>> {
        self.owner().map(|owner| owner.clone_ref(py))
    }

    /// A view of the real parts (0) or the imaginary parts (1) of complex elements, or None.
    fn _complex_part(slf: &Bound<'_, Self>, part: usize) -> PyResult<Option<Py<PyAny>>> {
        let view = slf.get().array(slf.py()).complex_part(part).or_raise()?;
        view.map(|view| array::view(slf, view)).transpose()
    }

    /// A view of the same bytes as elements of another dtype, or None where only NumPy knows what to do.
    fn _reinterpreted(
        slf: &Bound<'_, Self>,
        dtype: &Bound<'_, PyAny>,
    ) -> PyResult<Option<Py<PyAny>>> {
        let Some(dtype) = dtypes::from_object(dtype)? else {
            return Ok(None);
        };
        let view = slf.get().array(slf.py()).reinterpreted(dtype).or_raise()?;
        view.map(|view| array::view(slf, view)).transpose()
    }

    /// All elements of the memory that this is a view of, and the place among them of the view's first one.
    fn _underlying(slf: &Bound<'_, Self>) -> PyResult<(Py<PyAny>, usize)> {
        let (whole, first) = slf.get().array(slf.py()).underlying();
        Ok((array::view(slf, whole)?, first))
    }

    #[getter]
    fn strides<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyTuple>> {
        PyTuple::new(py, self.array(py).strides())
    }

    #[getter]
    fn dtype(&self, py: Python<'_>) -> Py<PyAny> {
        dtypes::object(py, self.array(py).dtype()).clone().unbind()
    }

    #[getter]
    fn ndim(&self, py: Python<'_>) -> usize {
        self.array(py).ndim()
    }

    #[getter]
    fn size(&self, py: Python<'_>) -> usize {
        self.array(py).size()
    }

    #[getter]
    fn itemsize(&self, py: Python<'_>) -> usize {
        self.array(py).itemsize()
    }

    #[getter]
    fn nbytes(&self, py: Python<'_>) -> usize {
        self.array(py).size() * self.array(py).itemsize()
    }

    /// Whether the elements may be written.
    #[getter]
    fn _writeable(&self, py: Python<'_>) -> bool {
        self.array(py).writeable()
    }

    #[setter(_writeable)]
    fn make_writeable(&self, py: Python<'_>, writeable: bool) -> PyResult<()> {
        self.set_writeable(py, writeable)
    }

    /// Whether the array is not a view of another.
    #[getter]
    fn _owns_data(&self, py: Python<'_>) -> bool {
        self.array(py).owns_data()
    }

    /// Whether every rank holds all of it.
    #[getter]
    fn _is_replicated(&self, py: Python<'_>) -> bool {
        self.array(py).is_replicated()
    }

    /// Whether two arrays are views of one base.
    fn _same_memory(&self, py: Python<'_>, other: &Bound<'_, NdArray>) -> bool {
        self.array(py).same_memory(other.get().array(py))
    }

    /// Whether two arrays may have an element in common; `False` is certain.
    fn _may_share(&self, py: Python<'_>, other: &Bound<'_, NdArray>) -> bool {
        self.array(py).may_share_memory(other.get().array(py))
    }

    fn __len__(&self, py: Python<'_>) -> PyResult<usize> {
        self.array(py)
            .shape()
            .first()
            .copied()
            .ok_or_else(|| PyTypeError::new_err("len() of unsized object"))
    }

    fn __bool__(&self, py: Python<'_>) -> PyResult<bool> {
        let this = self.array(py);
        match this.size() {
            1 => Ok(this.item().or_raise()?.as_bool()),
            0 => Err(PyValueError::new_err(
                "The truth value of an empty array is ambiguous. Use `array.size > 0` to check that an array is not empty.",
            )),
            _ => Err(PyValueError::new_err(
                "The truth value of an array with more than one element is ambiguous. Use a.any() or a.all()",
            )),
        }
    }

    fn __float__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let number = self.scalar(py)?;
        bridge::scalar_object(py, number)?.call_method0(py, "__float__")
    }

    fn __int__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let number = self.scalar(py)?;
        bridge::scalar_object(py, number)?.call_method0(py, "__int__")
    }

    fn __complex__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let number = self.scalar(py)?;
        bridge::python_object(py, number.cast(DType::C128))
    }

    fn __index__(&self, py: Python<'_>) -> PyResult<Py<PyAny>> {
        let this = self.array(py);
        if this.ndim() != 0 || !this.dtype().is_integer() {
            return Err(PyTypeError::new_err(
                "only integer scalar arrays can be converted to a scalar index",
            ));
        }
        bridge::python_object(py, this.item().or_raise()?)
    }

    /// The elements as a NumPy array of this rank's own. Collective.
    #[pyo3(name = "_gather")]
    fn gather<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        bridge::gather(py, self.array(py))
    }

    /// A NumPy array on the elements themselves, where this rank has all of them; else None. Collective.
    fn _memory<'py>(&self, py: Python<'py>) -> PyResult<Option<Bound<'py, PyAny>>> {
        let this = self.array(py);
        let view = || bridge::numpy_view(py, this);
        bridge::holds_whole(py, this).then(view).transpose()
    }

    /// This rank's part: its box of global indices, as two tuples.
    #[pyo3(name = "_local_box")]
    fn local_box<'py>(
        &self,
        py: Python<'py>,
    ) -> PyResult<(Bound<'py, PyTuple>, Bound<'py, PyTuple>)> {
        let part = self.array(py).local_box().or_raise()?;
        Ok((
            PyTuple::new(py, part.lo.iter())?,
            PyTuple::new(py, part.hi.iter())?,
        ))
    }

    /// This rank's part of the array, as a NumPy array on its memory. Collective.
    #[pyo3(name = "_local")]
    fn local<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        bridge::numpy_view(py, self.array(py))
    }

    /// Copies an element to a Python number.
    #[pyo3(signature = (*args))]
    fn item<'py>(slf: &Bound<'py, Self>, args: &Bound<'py, PyTuple>) -> PyResult<Py<PyAny>> {
        item(slf, args)
    }
}

/// A shape with its -1 filled in.
fn completed(shape: &[isize], size: usize) -> PyResult<Vec<usize>> {
    let known: usize = shape
        .iter()
        .filter(|&&n| n >= 0)
        .map(|&n| n as usize)
        .product();
    let unknown = shape.iter().filter(|&&n| n < 0).count();
    let fits = match unknown {
        0 => known == size,
        1 => known > 0 && size.is_multiple_of(known),
        _ => false,
    };
    if !fits {
        let text: Vec<String> = shape.iter().map(isize::to_string).collect();
        let comma = if text.len() == 1 { "," } else { "" };
        return Err(PyValueError::new_err(format!(
            "cannot reshape array of size {size} into shape ({}{comma})",
            text.join(",")
        )));
    }
    let missing = |n: &isize| usize::try_from(*n).unwrap_or_else(|_| size / known.max(1));
    Ok(shape.iter().map(missing).collect())
}

impl NdArray {
    /// The only element of a 0-d array, as `float()` and `int()` take it.
    fn scalar(&self, py: Python<'_>) -> PyResult<Scalar> {
        let this = self.array(py);
        if this.ndim() != 0 {
            return Err(PyTypeError::new_err(
                "only 0-dimensional arrays can be converted to Python scalars",
            ));
        }
        this.item().or_raise()
    }
}

fn item<'py>(slf: &Bound<'py, NdArray>, args: &Bound<'py, PyTuple>) -> PyResult<Py<PyAny>> {
    let py = slf.py();
    let this = slf.get().array(py);
    match args.len() {
        0 => bridge::python_object(py, this.item().or_raise()?),
        n if n == this.ndim() => {
            let mut parts = Parts::new();
            match parse(args, &mut parts)? {
                true => match element(this, &parts)? {
                    Some(place) => bridge::python_object(py, this.element(&place).or_raise()?),
                    None => slf.get_item(args)?.call_method0("item").map(Bound::unbind),
                },
                false => slf.get_item(args)?.call_method0("item").map(Bound::unbind),
            }
        }
        1 if this.ndim() > 1 && this.size() > 0 => {
            let given = args.get_item(0)?;
            let Ok(place) = given.extract::<isize>() else {
                return fallback::method(slf.as_any(), "item", args.clone(), None)
                    .map(Bound::unbind);
            };
            let size = this.size() as isize;
            if place < -size || place >= size {
                return Err(PyIndexError::new_err(format!(
                    "index {place} is out of bounds for size {size}"
                )));
            }
            let mut rest = if place < 0 { place + size } else { place } as usize;
            let mut indices = vec![0; this.ndim()];
            for (index, &n) in indices.iter_mut().zip(this.shape()).rev() {
                *index = rest % n;
                rest /= n;
            }
            slf.get_item(PyTuple::new(py, indices)?)?
                .call_method0("item")
                .map(Bound::unbind)
        }
        _ => fallback::method(slf.as_any(), "item", args.clone(), None).map(Bound::unbind),
    }
}
