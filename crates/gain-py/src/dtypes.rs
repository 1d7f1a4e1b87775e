//! gain's dtypes and NumPy's dtype objects.
#![expect(
    unsafe_code,
    reason = "reads the type number of NumPy's dtype objects and makes the built-in ones"
)]

use gain_core::DType;
use numpy::npyffi::{NPY_TYPES, PyArray_Descr};
use numpy::{PY_ARRAY_API, PyArrayDescr, PyArrayDescrMethods};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use pyo3::types::PyType;

static OBJECTS: PyOnceLock<[Py<PyAny>; DType::COUNT]> = PyOnceLock::new();

fn type_number(dtype: DType) -> NPY_TYPES {
    match dtype {
        DType::Bool => NPY_TYPES::NPY_BOOL,
        DType::I8 => NPY_TYPES::NPY_BYTE,
        DType::I16 => NPY_TYPES::NPY_SHORT,
        DType::I32 => NPY_TYPES::NPY_INT,
        DType::I64 => NPY_TYPES::NPY_LONG,
        DType::U8 => NPY_TYPES::NPY_UBYTE,
        DType::U16 => NPY_TYPES::NPY_USHORT,
        DType::U32 => NPY_TYPES::NPY_UINT,
        DType::U64 => NPY_TYPES::NPY_ULONG,
        DType::F16 => NPY_TYPES::NPY_HALF,
        DType::F32 => NPY_TYPES::NPY_FLOAT,
        DType::F64 => NPY_TYPES::NPY_DOUBLE,
        DType::C64 => NPY_TYPES::NPY_CFLOAT,
        DType::C128 => NPY_TYPES::NPY_CDOUBLE,
    }
}

/// NumPy's dtype object; one for the life of the process.
#[inline]
pub(crate) fn object<'py>(py: Python<'py>, dtype: DType) -> &'py Bound<'py, PyAny> {
    let objects = OBJECTS.get_or_init(py, || {
        DType::ALL.map(|dtype| {
            // SAFETY: the number is a built-in type's, for which the call returns a new reference and does not fail.
            unsafe {
                let descr = PY_ARRAY_API.PyArray_DescrFromType(py, type_number(dtype) as i32);
                Bound::from_owned_ptr(py, descr.cast()).unbind()
            }
        })
    });
    objects[dtype as usize].bind(py)
}

/// The object as NumPy's C API takes it, borrowed.
#[inline]
pub(crate) fn pointer(py: Python<'_>, dtype: DType) -> *mut PyArray_Descr {
    object(py, dtype).as_ptr().cast()
}

/// gain's dtype for a NumPy type number in native byte order.
#[inline]
pub(crate) fn from_number(number: i32) -> Option<DType> {
    const TABLE: [Option<DType>; 16] = [
        Some(DType::Bool),
        Some(DType::I8),
        Some(DType::U8),
        Some(DType::I16),
        Some(DType::U16),
        Some(DType::I32),
        Some(DType::U32),
        Some(DType::I64),
        Some(DType::U64),
        Some(DType::I64),
        Some(DType::U64),
        Some(DType::F32),
        Some(DType::F64),
        None,
        Some(DType::C64),
        Some(DType::C128),
    ];
    if number == NPY_TYPES::NPY_HALF as i32 {
        return Some(DType::F16);
    }
    usize::try_from(number)
        .ok()
        .and_then(|number| TABLE.get(number).copied().flatten())
}

/// gain's dtype for a NumPy dtype object; None for those that gain's arrays can not hold.
pub(crate) fn from_descr(descr: &Bound<'_, PyArrayDescr>) -> Option<DType> {
    // A number may have fields too: names for its parts, which gain's arrays would forget.
    if descr.is_native_byteorder() == Some(false) || descr.has_fields() {
        return None;
    }
    from_number(descr.num())
}

/// gain's dtype for anything that `numpy.dtype` takes, None among it: `Ok(None)` for a dtype that gain's arrays can not hold.
pub(crate) fn from_object(object: &Bound<'_, PyAny>) -> PyResult<Option<DType>> {
    if let Ok(descr) = object.cast::<PyArrayDescr>() {
        return Ok(from_descr(descr));
    }
    if object.is_none() {
        return Ok(Some(DType::F64));
    }
    // A class of dtypes (`type(a.dtype)`) stands for its one native dtype.
    if let Ok(class) = object.cast::<PyType>()
        && class.is_subclass_of::<PyArrayDescr>()?
    {
        let made = class.call0()?;
        return Ok(made
            .cast::<PyArrayDescr>()
            .ok()
            .and_then(|descr| from_descr(descr)));
    }
    Ok(from_descr(&PyArrayDescr::new(object.py(), object)?))
}
