//! The one place where gain-core's errors become Python's and NumPy's exceptions.

use crate::{dtypes, runtime};
use gain_core::{Error, ErrorClass, Ufunc};
use pyo3::exceptions::{
    PyIndexError, PyMemoryError, PyOverflowError, PyRuntimeError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;

/// `?` for gain-core's results in functions that raise.
pub(crate) trait OrRaise<T> {
    /// The value, or the exception of the error's class.
    fn or_raise(self) -> PyResult<T>;
}

impl<T> OrRaise<T> for Result<T, Error> {
    #[inline(always)]
    fn or_raise(self) -> PyResult<T> {
        self.map_err(exception)
    }
}

/// The exception of an error: class by `Error::class`, text by `Display`.
#[cold]
pub(crate) fn exception(error: Error) -> PyErr {
    let text = error.to_string();
    match error.class() {
        ErrorClass::Value => PyValueError::new_err(text),
        ErrorClass::Type | ErrorClass::UfuncNoLoop => PyTypeError::new_err(text),
        ErrorClass::Index => PyIndexError::new_err(text),
        ErrorClass::Overflow => PyOverflowError::new_err(text),
        ErrorClass::Memory => PyMemoryError::new_err(text),
        ErrorClass::Axis => Python::attach(|py| {
            axis_error(py, &error).unwrap_or_else(|_| PyValueError::new_err(text))
        }),
        ErrorClass::UfuncOutputCasting => Python::attach(|py| {
            casting_error(py, &error).unwrap_or_else(|_| PyTypeError::new_err(text))
        }),
        // A wait that Ctrl-C ended: Python's KeyboardInterrupt says it.
        ErrorClass::Runtime => Python::attach(|py| {
            runtime::take_raised(py).unwrap_or_else(|| PyRuntimeError::new_err(text))
        }),
    }
}

/// Does what errstate asks for the faults that the last call of this ufunc noted: nothing, a warning, an exception.
#[inline(always)]
pub(crate) fn report_faults(py: Python<'_>, ufunc: &'static Ufunc, name: &str) -> PyResult<()> {
    match gain_core::status::take_faults(ufunc.id()) {
        0 => Ok(()),
        faults => ask_errstate(py, faults, name),
    }
}

/// As [`report_faults`], for the cast that `cast` makes; those that others made before are forgotten.
pub(crate) fn with_cast_faults<T>(
    py: Python<'_>,
    cast: impl FnOnce() -> PyResult<T>,
) -> PyResult<T> {
    gain_core::status::take_faults(gain_core::faults::CAST);
    let found = cast()?;
    match gain_core::status::take_faults(gain_core::faults::CAST) {
        0 => {}
        faults => ask_errstate(py, faults, "cast")?,
    }
    Ok(found)
}

#[cold]
fn ask_errstate(py: Python<'_>, faults: u8, name: &str) -> PyResult<()> {
    let report = py.import("gain._errstate")?.getattr("report")?;
    report.call1((faults, name)).map(drop)
}

/// `numpy.exceptions.AxisError`, which is a ValueError and an IndexError.
fn axis_error(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let class = py.import("numpy.exceptions")?.getattr("AxisError")?;
    let value = match error {
        Error::Axis { axis, ndim } => class.call1((*axis, *ndim))?,
        _ => class.call1((error.to_string(),))?,
    };
    Ok(PyErr::from_value(value))
}

/// The AxisError of an axis that an array of `ndim` axes does not have.
#[cold]
pub(crate) fn no_such_axis(axis: isize, ndim: usize) -> PyErr {
    exception(Error::Axis { axis, ndim })
}

/// NumPy's class for an output whose dtype can not take the result.
fn casting_error(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let Error::OutputCasting {
        ufunc,
        from,
        to,
        casting,
    } = error
    else {
        return Ok(PyTypeError::new_err(error.to_string()));
    };
    let class = py
        .import("numpy._core._exceptions")?
        .getattr("_UFuncOutputCastingError")?;
    let ufunc = py.import("numpy")?.getattr(*ufunc)?;
    let arguments = (
        ufunc,
        *casting,
        dtypes::object(py, *from),
        dtypes::object(py, *to),
        0,
    );
    Ok(PyErr::from_value(class.call1(arguments)?))
}
