//! The one place where gain-core's errors become Python's and NumPy's exceptions.

use crate::gil::GilBound;
use crate::{dtypes, runtime};
use gain_core::{DType, Error, ErrorClass, Ufunc, Watch, faults, status};
use pyo3::exceptions::{
    PyIndexError, PyMemoryError, PyOverflowError, PyRuntimeError, PyTypeError, PyValueError,
};
use pyo3::prelude::*;
use pyo3::sync::PyOnceLock;
use std::cell::RefCell;

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
        ErrorClass::UfuncInputCasting | ErrorClass::UfuncOutputCasting => Python::attach(|py| {
            casting_error(py, &error).unwrap_or_else(|_| PyTypeError::new_err(text))
        }),
        // A wait that Ctrl-C ended: Python's KeyboardInterrupt says it.
        ErrorClass::Runtime => Python::attach(|py| {
            runtime::take_raised(py).unwrap_or_else(|| PyRuntimeError::new_err(text))
        }),
    }
}

/// Forgets faults that were noted before a call.
#[inline(always)]
pub(crate) fn forget_faults() {
    status::take_noted();
}

/// Does what errstate asks for the faults that the last call of this ufunc noted, or the casts of its operands: nothing, a warning, an
/// exception.
#[inline(always)]
pub(crate) fn report_faults(py: Python<'_>, ufunc: &'static Ufunc, name: &str) -> PyResult<()> {
    match status::take_noted() {
        (0, _) => Ok(()),
        (faults, id) if id == ufunc.id() => ask_errstate(py, faults, name),
        (faults, faults::CAST) => ask_errstate(py, faults, "cast"),
        _ => Ok(()),
    }
}

/// Whether a sum or product has a result that is infinite or no number, which errstate minds, as noted since the faults were forgotten.
pub(crate) fn take_strange() -> bool {
    matches!(
        status::take_noted(),
        (1.., faults::REDUCTION | faults::CAST)
    )
}

/// As [`report_faults`], for the cast that `cast` makes; those that others made before are forgotten.
pub(crate) fn with_cast_faults<T>(
    py: Python<'_>,
    cast: impl FnOnce() -> PyResult<T>,
) -> PyResult<T> {
    forget_faults();
    let found = cast()?;
    match status::take_faults(faults::CAST) {
        0 => {}
        faults => ask_errstate(py, faults, "cast")?,
    }
    Ok(found)
}

/// NumPy's warning of a cast that takes the real parts of complex numbers.
pub(crate) fn warn_of_discarded(py: Python<'_>, from: DType, to: DType) -> PyResult<()> {
    if !from.is_complex() || to.is_complex() || to == DType::Bool {
        return Ok(());
    }
    let class = py.import("numpy.exceptions")?.getattr("ComplexWarning")?;
    let text = "Casting complex values to real discards the imaginary part";
    py.import("gain._warnings")?
        .call_method1("tell", (text, class))?;
    Ok(())
}

/// As [`report_faults`], of a call that ran as several rows.
pub(crate) fn report_all(py: Python<'_>, faults: u8, name: &str) -> PyResult<()> {
    match faults {
        0 => Ok(()),
        faults => ask_errstate(py, faults, name),
    }
}

/// NumPy's errstate as it was when last asked: the setting's object, and what it minds.
type Asked = GilBound<RefCell<Option<(Py<PyAny>, Watch)>>>;

static VARIABLE: PyOnceLock<Py<PyAny>> = PyOnceLock::new();
static ASKED: PyOnceLock<Asked> = PyOnceLock::new();

/// The faults that NumPy's errstate minds now. Whether it is still the same setting is asked each time, which is cheap.
pub(crate) fn watch() -> Watch {
    Python::attach(|py| watched(py).unwrap_or_default())
}

fn watched(py: Python<'_>) -> PyResult<Watch> {
    let variable = VARIABLE.get_or_try_init(py, || -> PyResult<Py<PyAny>> {
        let umath = py.import("numpy._core.umath")?;
        Ok(umath.getattr("_extobj_contextvar")?.unbind())
    })?;
    let setting = variable.bind(py).call_method0("get")?;
    let known = ASKED
        .get_or_init(py, || GilBound::new(py, RefCell::new(None)))
        .get(py);
    if let Some((object, watch)) = &*known.borrow()
        && setting.is(object)
    {
        return Ok(*watch);
    }
    let (at_once, of_small) = py
        .import("gain._errstate")?
        .call_method0("watched")?
        .extract::<(u8, u8)>()?;
    let watch = Watch { at_once, of_small };
    *known.borrow_mut() = Some((setting.unbind(), watch));
    Ok(watch)
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

/// NumPy's class for an operand or an output whose dtype does not fit.
fn casting_error(py: Python<'_>, error: &Error) -> PyResult<PyErr> {
    let (class, ufunc, from, to, casting, place) = match *error {
        Error::OutputCasting {
            ufunc,
            from,
            to,
            casting,
        } => ("_UFuncOutputCastingError", ufunc, from, to, casting, 0),
        Error::InputCasting {
            ufunc,
            operand,
            from,
            to,
            casting,
        } => ("_UFuncInputCastingError", ufunc, from, to, casting, operand),
        _ => return Ok(PyTypeError::new_err(error.to_string())),
    };
    let class = py.import("numpy._core._exceptions")?.getattr(class)?;
    let ufunc = py.import("numpy")?.getattr(ufunc)?;
    let (from, to) = (dtypes::object(py, from), dtypes::object(py, to));
    Ok(PyErr::from_value(
        class.call1((ufunc, casting, from, to, place))?,
    ))
}
