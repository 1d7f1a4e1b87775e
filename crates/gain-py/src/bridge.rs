//! Elements in and out of NumPy's arrays and scalars.
#![expect(
    unsafe_code,
    reason = "copies elements between gain's bytes and the memory of NumPy's objects"
)]

use crate::dtypes;
use crate::errors::OrRaise;
use crate::gil::GilBound;
use crate::runtime::runtime;
use gain_core::{Array, DType, Loan, Scalar, create};
use numpy::npyffi::{
    self, NPY_ARRAY_CARRAY_RO, NPY_ARRAY_NOTSWAPPED, NPY_ARRAY_UPDATE_ALL, NPY_ARRAY_WRITEABLE,
    NpyTypes, PyArrayObject,
};
use numpy::{PY_ARRAY_API, PyArrayDescr, PyUntypedArray, PyUntypedArrayMethods};
use pyo3::ffi;
use pyo3::intern;
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use smallvec::SmallVec;
use std::ptr;

/// A NumPy scalar object (`numpy.float64` ...) of a value.
#[inline]
pub(crate) fn scalar_object(py: Python<'_>, scalar: Scalar) -> PyResult<Py<PyAny>> {
    if let Some(value) = scalar.get::<f64>() {
        return float_object(py, value);
    }
    // SAFETY: the data is one element of the dtype, which the call copies; it returns a new reference or null with an exception set.
    unsafe {
        let data = scalar.as_ptr().cast_mut().cast();
        let object = PY_ARRAY_API.PyArray_Scalar(
            py,
            data,
            dtypes::pointer(py, scalar.dtype()),
            ptr::null_mut(),
        );
        Bound::from_owned_ptr_or_err(py, object).map(Bound::unbind)
    }
}

/// A `numpy.float64`, the commonest scalar by far.
#[inline]
fn float_object(py: Python<'_>, value: f64) -> PyResult<Py<PyAny>> {
    // SAFETY: the GIL is held. `numpy.float64` is derived from Python's float without members of its own, so an instance, which its
    // allocator makes (a new reference, or null with an exception set), has a float's layout; nobody else has seen it yet.
    unsafe {
        let class = npyffi::get_type_object(py, NpyTypes::PyDoubleArrType_Type);
        let allocate = (*class).tp_alloc.unwrap_or(ffi::PyType_GenericAlloc);
        let object = Bound::from_owned_ptr_or_err(py, allocate(class, 0))?;
        (*object.as_ptr().cast::<ffi::PyFloatObject>()).ob_fval = value;
        Ok(object.unbind())
    }
}

static SCALAR_TYPES: PyOnceLock<[Py<PyAny>; DType::COUNT]> = PyOnceLock::new();

/// NumPy's scalar classes in gain's order of dtypes, and the class of all of them.
fn scalar_types(py: Python<'_>) -> &[Py<PyAny>; DType::COUNT] {
    SCALAR_TYPES.get_or_init(py, || {
        DType::ALL.map(|dtype| {
            dtypes::object(py, dtype)
                .getattr("type")
                .expect("a dtype object has a scalar type")
                .unbind()
        })
    })
}

/// The value of a NumPy scalar: `None` if it is none, or one that gain's arrays can not hold.
#[inline]
pub(crate) fn scalar_value(object: &Bound<'_, PyAny>) -> Option<Scalar> {
    let py = object.py();
    let class = object.get_type_ptr().cast::<ffi::PyObject>();
    let types = scalar_types(py);
    const OFTEN: [DType; 3] = [DType::F64, DType::I64, DType::Bool];
    let dtype = OFTEN
        .into_iter()
        .chain(DType::ALL)
        .find(|&dtype| types[dtype as usize].as_ptr() == class)
        .or_else(|| uncommon_scalar(object))?;
    let mut bytes = Aligned([0; 16]);
    // SAFETY: the object is a NumPy scalar of this dtype, whose value is at most 16 bytes.
    unsafe { PY_ARRAY_API.PyArray_ScalarAsCtype(py, object.as_ptr(), (&raw mut bytes).cast()) };
    Some(Scalar::from_bytes(dtype, &bytes.0[..dtype.size()]))
}

#[repr(align(16))]
struct Aligned([u8; 16]);

/// The dtype of scalars of a second class for the same memory (`numpy.longlong`).
#[cold]
fn uncommon_scalar(object: &Bound<'_, PyAny>) -> Option<DType> {
    let py = object.py();
    // SAFETY: the GIL is held; the generic scalar's type object lives as long as NumPy.
    let generic = unsafe { npyffi::get_type_object(py, NpyTypes::PyGenericArrType_Type) };
    // SAFETY: both are type objects.
    if unsafe { ffi::PyObject_TypeCheck(object.as_ptr(), generic) } == 0 {
        return None;
    }
    // SAFETY: the object is a NumPy scalar, for which the call returns a new reference or null with an exception set.
    let descr = unsafe {
        let descr = PY_ARRAY_API.PyArray_DescrFromScalar(py, object.as_ptr());
        Bound::from_owned_ptr_or_err(py, descr.cast()).ok()?
    };
    dtypes::from_descr(descr.cast::<PyArrayDescr>().ok()?)
}

/// A Python scalar of a value, as `item()` gives.
pub(crate) fn python_object(py: Python<'_>, scalar: Scalar) -> PyResult<Py<PyAny>> {
    use pyo3::IntoPyObjectExt;
    match scalar.dtype() {
        DType::Bool => scalar.as_bool().into_py_any(py),
        DType::F16 | DType::F32 | DType::F64 => scalar.as_f64().into_py_any(py),
        DType::C64 | DType::C128 => {
            let value = scalar.as_complex();
            Ok(pyo3::types::PyComplex::from_doubles(py, value.re, value.im)
                .into_any()
                .unbind())
        }
        DType::U64 => scalar
            .get::<u64>()
            .expect("the dtype is uint64")
            .into_py_any(py),
        _ => scalar.as_i64().into_py_any(py),
    }
}

/// Whether the object is exactly a `numpy.ndarray`, or an instance of a class derived from it.
#[inline]
pub(crate) fn numpy_array<'a, 'py>(
    object: &'a Bound<'py, PyAny>,
) -> Option<&'a Bound<'py, PyUntypedArray>> {
    object.cast::<PyUntypedArray>().ok()
}

/// A gain array with a NumPy array's elements; `None` for dtypes that gain can not hold. Every rank passes equal elements.
pub(crate) fn array_from_numpy(source: &Bound<'_, PyUntypedArray>) -> PyResult<Option<Array>> {
    let py = source.py();
    let Some(dtype) = dtypes::from_descr(&source.dtype()) else {
        return Ok(None);
    };
    let shape: SmallVec<[usize; 4]> = source.shape().iter().copied().collect();
    with_bytes(source, dtype, |bytes| {
        create::from_bytes(runtime(py), &shape, dtype, bytes)
    })
    .map(Some)
}

/// As [`array_from_numpy`], and the elements lie by columns where NumPy's do.
pub(crate) fn array_in_order(source: &Bound<'_, PyUntypedArray>) -> PyResult<Option<Array>> {
    if source.is_c_contiguous() || !source.is_fortran_contiguous() {
        return array_from_numpy(source);
    }
    let turned = source.getattr(intern!(source.py(), "T"))?;
    let Some(made) = array_from_numpy(turned.cast::<PyUntypedArray>()?)? else {
        return Ok(None);
    };
    let reversed: SmallVec<[usize; 4]> = (0..made.ndim()).rev().collect();
    made.into_order(&reversed).or_raise().map(Some)
}

/// A dtype, a shape, and bytes in C order.
pub(crate) type Elements = (DType, Vec<usize>, Vec<u8>);

/// What a NumPy array holds; `None` for dtypes that gain can not hold.
pub(crate) fn elements(source: &Bound<'_, PyUntypedArray>) -> PyResult<Option<Elements>> {
    let Some(dtype) = dtypes::from_descr(&source.dtype()) else {
        return Ok(None);
    };
    let bytes = with_bytes(source, dtype, |bytes| Ok(bytes.to_vec()))?;
    Ok(Some((dtype, source.shape().to_vec(), bytes)))
}

/// The only element of a NumPy array of one, if gain can hold it.
pub(crate) fn scalar_from_numpy(source: &Bound<'_, PyUntypedArray>) -> PyResult<Option<Scalar>> {
    let Some(dtype) = dtypes::from_descr(&source.dtype()) else {
        return Ok(None);
    };
    with_bytes(source, dtype, |bytes| Ok(Scalar::from_bytes(dtype, bytes))).map(Some)
}

/// Calls `take` with the elements in C order.
fn with_bytes<T>(
    source: &Bound<'_, PyUntypedArray>,
    dtype: DType,
    take: impl FnOnce(&[u8]) -> gain_core::Result<T>,
) -> PyResult<T> {
    let py = source.py();
    let descr = dtypes::pointer(py, dtype);
    let flags = NPY_ARRAY_CARRAY_RO | NPY_ARRAY_NOTSWAPPED;
    // SAFETY: the call steals a reference to the dtype, which is taken here first; it returns a new reference (to the source itself where
    // that is already in C order) or null with an exception set.
    let ordered = unsafe {
        ffi::Py_INCREF(descr.cast());
        let made =
            PY_ARRAY_API.PyArray_FromAny(py, source.as_ptr(), descr, 0, 0, flags, ptr::null_mut());
        Bound::from_owned_ptr_or_err(py, made)?
    };
    let n_bytes = source.len() * dtype.size();
    if n_bytes == 0 {
        return take(&[]).or_raise();
    }
    let raw = ordered.as_ptr().cast::<PyArrayObject>();
    // SAFETY: `ordered` is an aligned array in C order of this dtype with as many elements as the source; it lives until the end of this
    // function, and no Python code runs meanwhile that could write to it.
    let bytes = unsafe {
        std::slice::from_raw_parts((*raw).fields.data.cast::<u8>().cast_const(), n_bytes)
    };
    take(bytes).or_raise()
}

/// A new NumPy array with these elements in C order.
pub(crate) fn numpy_from_bytes<'py>(
    py: Python<'py>,
    shape: &[usize],
    dtype: DType,
    bytes: &[u8],
) -> PyResult<Bound<'py, PyAny>> {
    let mut dims: SmallVec<[npyffi::npy_intp; 4]> =
        shape.iter().map(|&n| n as npyffi::npy_intp).collect();
    let descr = dtypes::pointer(py, dtype);
    // SAFETY: the call steals a reference to the dtype, which is taken here first; the dimensions are as many as it is told; with a null
    // pointer for data it allocates. It returns a new reference or null with an exception set.
    let made = unsafe {
        ffi::Py_INCREF(descr.cast());
        let class = npyffi::get_type_object(py, NpyTypes::PyArray_Type);
        let made = PY_ARRAY_API.PyArray_NewFromDescr(
            py,
            class,
            descr,
            dims.len() as i32,
            dims.as_mut_ptr(),
            ptr::null_mut(),
            ptr::null_mut(),
            0,
            ptr::null_mut(),
        );
        Bound::from_owned_ptr_or_err(py, made)?
    };
    let n_bytes = shape.iter().product::<usize>() * dtype.size();
    assert_eq!(bytes.len(), n_bytes, "as many bytes as the shape has");
    let raw = made.as_ptr().cast::<PyArrayObject>();
    // SAFETY: the new array owns `n_bytes` bytes in C order that nobody else has seen yet.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), (*raw).fields.data.cast::<u8>(), n_bytes) };
    Ok(made)
}

/// Whether this rank has all elements of an array.
pub(crate) fn holds_whole(py: Python<'_>, array: &Array) -> bool {
    runtime(py).n_ranks() == 1 || array.is_replicated()
}

/// Keeps memory that NumPy's arrays look at.
#[pyclass(module = "gain", frozen)]
struct Lent {
    _loan: GilBound<Loan>,
}

/// A NumPy array on this rank's own elements, without a copy: it sees what is written to the array, and the array what is written to it.
///
/// # Collective
pub(crate) fn numpy_view<'py>(py: Python<'py>, array: &Array) -> PyResult<Bound<'py, PyAny>> {
    let loan = array.lend_out().or_raise()?;
    let shape = if holds_whole(py, array) {
        // The box of nothing has lost the lengths of the other axes.
        SmallVec::from_slice(array.shape())
    } else {
        loan.index_box.shape()
    };
    if loan.address.is_null() {
        return numpy_from_bytes(py, &shape, array.dtype(), &[]);
    }
    let mut dims: SmallVec<[npyffi::npy_intp; 4]> =
        shape.iter().map(|&n| n as npyffi::npy_intp).collect();
    let mut strides: SmallVec<[npyffi::npy_intp; 4]> = loan.strides.iter().copied().collect();
    let flags = if array.writeable() {
        NPY_ARRAY_WRITEABLE
    } else {
        0
    };
    let address = loan.address;
    let keeper = Bound::new(
        py,
        Lent {
            _loan: GilBound::new(py, loan),
        },
    )?;
    let descr = dtypes::pointer(py, array.dtype());
    // SAFETY: as in `numpy_from_bytes`; the address and the strides stay inside the rank's block, which neither moves nor goes while the loan
    // lives; the array owns the loan (`PyArray_SetBaseObject` steals the reference), and recorded statements on the block run at once, under
    // the GIL, so no loop of gain's runs while Python code uses the array.
    unsafe {
        ffi::Py_INCREF(descr.cast());
        let class = npyffi::get_type_object(py, NpyTypes::PyArray_Type);
        let made = PY_ARRAY_API.PyArray_NewFromDescr(
            py,
            class,
            descr,
            dims.len() as i32,
            dims.as_mut_ptr(),
            strides.as_mut_ptr(),
            address.cast(),
            flags,
            ptr::null_mut(),
        );
        let made = Bound::from_owned_ptr_or_err(py, made)?;
        let raw = made.as_ptr().cast::<PyArrayObject>();
        if PY_ARRAY_API.PyArray_SetBaseObject(py, raw, keeper.into_ptr()) < 0 {
            return Err(PyErr::fetch(py));
        }
        PY_ARRAY_API.PyArray_UpdateFlags(py, raw, NPY_ARRAY_UPDATE_ALL);
        Ok(made)
    }
}

/// The whole array as a NumPy array, on every rank.
///
/// # Collective
pub(crate) fn gather<'py>(py: Python<'py>, array: &Array) -> PyResult<Bound<'py, PyAny>> {
    if array.is_replicated() {
        let part = array.local_part().or_raise()?;
        return numpy_from_bytes(py, array.shape(), array.dtype(), part.bytes());
    }
    let bytes = array.to_bytes().or_raise()?;
    numpy_from_bytes(py, array.shape(), array.dtype(), &bytes)
}

/// As [`gather`], and the elements lie by columns where gain's do.
///
/// # Collective
pub(crate) fn gather_in_order<'py>(py: Python<'py>, array: &Array) -> PyResult<Bound<'py, PyAny>> {
    if array.is_c_contiguous() || !array.is_f_contiguous() {
        return gather(py, array);
    }
    let reversed: SmallVec<[usize; 4]> = (0..array.ndim()).rev().collect();
    gather(py, &array.transpose(&reversed).or_raise()?)?.getattr(intern!(py, "T"))
}
