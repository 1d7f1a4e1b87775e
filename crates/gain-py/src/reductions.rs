//! `a.sum()` and its kin, as methods and as functions of the module.

use crate::array::{self, NdArray};
use crate::errors::{OrRaise, forget_faults, take_strange};
use crate::value::{is_temporary, value};
use crate::{dtypes, fallback};
use gain_core::{Array, Operand, Reduction, reduce};
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyInt, PyTuple};
use smallvec::SmallVec;

/// What to compute.
#[derive(Clone, Copy)]
enum What {
    Reduction(Reduction),
    Mean,
}

/// The keywords that all of them know.
struct Arguments<'a, 'py> {
    axis: Option<&'a Bound<'py, PyAny>>,
    dtype: Option<&'a Bound<'py, PyAny>>,
    out: Option<&'a Bound<'py, PyAny>>,
    keepdims: Option<&'a Bound<'py, PyAny>>,
    rest: Option<&'a Bound<'py, PyDict>>,
}

impl<'py> Arguments<'_, 'py> {
    /// Whether there are keywords beyond the common ones.
    fn has_rest(&self) -> bool {
        self.rest
            .is_some_and(|rest| !rest.values().iter().all(|value| is_no_value(&value)))
    }

    /// The keywords as a dict again, for the fallback.
    fn keywords(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
        let keywords = match self.rest {
            Some(rest) => rest.copy()?,
            None => PyDict::new(py),
        };
        let named = [
            ("axis", self.axis),
            ("dtype", self.dtype),
            ("out", self.out),
            ("keepdims", self.keepdims),
        ];
        for (name, value) in named {
            if let Some(value) = value {
                keywords.set_item(name, value)?;
            }
        }
        Ok(keywords)
    }
}

/// Whether an argument is what NumPy's own functions pass for one that was not given.
pub(crate) fn is_no_value(argument: &Bound<'_, PyAny>) -> bool {
    argument
        .get_type()
        .name()
        .is_ok_and(|name| name == "_NoValueType")
}

/// Axes as given; the outer `None` for what only NumPy can judge.
fn axes(axis: Option<&Bound<'_, PyAny>>) -> PyResult<Option<Option<SmallVec<[isize; 4]>>>> {
    let Some(axis) = axis else {
        return Ok(Some(None));
    };
    if axis.cast_exact::<PyInt>().is_ok() {
        return Ok(Some(Some(SmallVec::from_slice(
            &[axis.extract::<isize>()?],
        ))));
    }
    let Ok(tuple) = axis.cast_exact::<PyTuple>() else {
        return Ok(None);
    };
    let mut all = SmallVec::new();
    for item in tuple.iter_borrowed() {
        match item.extract::<isize>() {
            Ok(axis) => all.push(axis),
            Err(_) => return Ok(None),
        }
    }
    Ok(Some(Some(all)))
}

/// The native way; `None` when the arguments ask for something that only NumPy has.
fn native(
    py: Python<'_>,
    what: What,
    this: &Array,
    arguments: &Arguments<'_, '_>,
    temporary: bool,
) -> PyResult<Option<Py<PyAny>>> {
    if arguments.has_rest() {
        return Ok(None);
    }
    let keepdims = match arguments.keepdims {
        None => false,
        Some(flag) => match flag.cast_exact::<PyBool>() {
            Ok(flag) => flag.is_true(),
            Err(_) if is_no_value(flag) => false,
            Err(_) => return Ok(None),
        },
    };
    let dtype = match arguments.dtype {
        None => None,
        Some(dtype) => match dtypes::from_object(dtype)? {
            None => return Ok(None),
            known => known,
        },
    };
    let Some(axes) = axes(arguments.axis)? else {
        return Ok(None);
    };
    if matches!(what, What::Reduction(Reduction::ArgMin | Reduction::ArgMax))
        && axes.as_ref().is_some_and(|axes| axes.len() != 1)
    {
        return Ok(None);
    }
    if this.dtype().is_complex()
        && matches!(what, What::Reduction(Reduction::ArgMin | Reduction::ArgMax))
    {
        return Ok(None);
    }
    let out = match arguments.out {
        None => None,
        Some(out) => match out.cast_exact::<NdArray>() {
            Ok(out) => Some(out),
            Err(_) => return Ok(None),
        },
    };
    let axes = axes.as_deref();
    forget_faults();
    let found = match what {
        What::Reduction(reduction) => {
            reduce::reduce(this, reduction, axes, keepdims, dtype, temporary)
        }
        What::Mean
            if this.size() == 0
                || this.ndim() == 0 && axes.is_some_and(|axes| !axes.is_empty())
                || dtype.is_some_and(|dtype| !dtype.is_float() && !dtype.is_complex()) =>
        {
            return Ok(None);
        }
        What::Mean => reduce::mean(this, axes, keepdims, dtype, temporary),
    };
    let found = match found {
        Err(gain_core::Error::Unsupported { .. }) => return Ok(None),
        found => found.or_raise()?,
    };
    if take_strange() {
        let report = py.import("gain._errstate")?.getattr("report_reduction")?;
        let result = array::object(py, found.clone())?;
        report.call1((
            array::object(py, this.clone())?,
            arguments.axis,
            keepdims,
            result,
        ))?;
    }
    if let Some(out) = out {
        let target = out.get().array(py);
        if target.shape() != found.shape() {
            return Ok(None);
        }
        target.assign(Operand::Array(&found)).or_raise()?;
        return Ok(Some(out.clone().into_any().unbind()));
    }
    array::result(py, found).map(Some)
}

fn method<'py>(
    what: What,
    name: &str,
    this: &Bound<'py, NdArray>,
    arguments: &Arguments<'_, 'py>,
) -> PyResult<Py<PyAny>> {
    let py = this.py();
    let temporary = is_temporary(this.as_any());
    if let Some(found) = native(py, what, this.get().array(py), arguments, temporary)? {
        return Ok(found);
    }
    let keywords = arguments.keywords(py)?;
    if arguments.has_rest()
        && let Some(found) = fallback::reduction(name, this.as_any(), &keywords)?
    {
        return Ok(found.unbind());
    }
    fallback::method(this.as_any(), name, (), Some(&keywords)).map(Bound::unbind)
}

fn function<'py>(
    what: What,
    name: &str,
    operand: &Bound<'py, PyAny>,
    arguments: &Arguments<'_, 'py>,
) -> PyResult<Py<PyAny>> {
    let py = operand.py();
    let temporary = is_temporary(operand);
    if let Ok(this) = operand.cast_exact::<NdArray>() {
        if let Some(found) = native(py, what, this.get().array(py), arguments, temporary)? {
            return Ok(found);
        }
    } else if let Some(this) = value(operand)?.into_array(py)?
        && let Some(found) = native(py, what, &this, arguments, false)?
    {
        return Ok(found);
    }
    let keywords = arguments.keywords(py)?;
    if arguments.has_rest()
        && let Some(found) = fallback::reduction(name, operand, &keywords)?
    {
        return Ok(found.unbind());
    }
    fallback::function(py, name, (operand,), Some(&keywords)).map(Bound::unbind)
}

macro_rules! reductions {
    ($($name:ident $function:ident $python:literal $what:expr, $doc:literal;)+) => {
        #[pymethods]
        impl NdArray {
            $(
                #[doc = $doc]
                #[pyo3(signature = (axis=None, dtype=None, out=None, keepdims=None, **rest))]
                fn $name<'py>(
                    slf: &Bound<'py, Self>,
                    axis: Option<&Bound<'py, PyAny>>,
                    dtype: Option<&Bound<'py, PyAny>>,
                    out: Option<&Bound<'py, PyAny>>,
                    keepdims: Option<&Bound<'py, PyAny>>,
                    rest: Option<&Bound<'py, PyDict>>,
                ) -> PyResult<Py<PyAny>> {
                    method($what, $python, slf, &Arguments { axis, dtype, out, keepdims, rest })
                }
            )+
        }

        $(
            #[doc = $doc]
            #[pyfunction]
            #[pyo3(name = $python, signature = (a, axis=None, dtype=None, out=None, keepdims=None, **rest))]
            fn $function<'py>(
                a: &Bound<'py, PyAny>,
                axis: Option<&Bound<'py, PyAny>>,
                dtype: Option<&Bound<'py, PyAny>>,
                out: Option<&Bound<'py, PyAny>>,
                keepdims: Option<&Bound<'py, PyAny>>,
                rest: Option<&Bound<'py, PyDict>>,
            ) -> PyResult<Py<PyAny>> {
                function($what, $python, a, &Arguments { axis, dtype, out, keepdims, rest })
            }
        )+
    };
}

macro_rules! plain_reductions {
    ($($name:ident $function:ident $python:literal $what:expr, $doc:literal;)+) => {
        #[pymethods]
        impl NdArray {
            $(
                #[doc = $doc]
                #[pyo3(signature = (axis=None, out=None, keepdims=None, **rest))]
                fn $name<'py>(
                    slf: &Bound<'py, Self>,
                    axis: Option<&Bound<'py, PyAny>>,
                    out: Option<&Bound<'py, PyAny>>,
                    keepdims: Option<&Bound<'py, PyAny>>,
                    rest: Option<&Bound<'py, PyDict>>,
                ) -> PyResult<Py<PyAny>> {
                    method($what, $python, slf, &Arguments { axis, dtype: None, out, keepdims, rest })
                }
            )+
        }

        $(
            #[doc = $doc]
            #[pyfunction]
            #[pyo3(name = $python, signature = (a, axis=None, out=None, keepdims=None, **rest))]
            fn $function<'py>(
                a: &Bound<'py, PyAny>,
                axis: Option<&Bound<'py, PyAny>>,
                out: Option<&Bound<'py, PyAny>>,
                keepdims: Option<&Bound<'py, PyAny>>,
                rest: Option<&Bound<'py, PyDict>>,
            ) -> PyResult<Py<PyAny>> {
                function($what, $python, a, &Arguments { axis, dtype: None, out, keepdims, rest })
            }
        )+
    };
}

reductions! {
    sum sum_of "sum" What::Reduction(Reduction::Sum), "The sum of the elements, of all or along axes.";
    prod prod_of "prod" What::Reduction(Reduction::Prod), "The product of the elements, of all or along axes.";
    mean mean_of "mean" What::Mean, "The arithmetic mean of the elements, of all or along axes.";
}

plain_reductions! {
    min min_of "min" What::Reduction(Reduction::Min), "The smallest element, of all or along axes.";
    max max_of "max" What::Reduction(Reduction::Max), "The largest element, of all or along axes.";
    any any_of "any" What::Reduction(Reduction::Any), "Whether an element is true, of all or along axes.";
    all all_of "all" What::Reduction(Reduction::All), "Whether all elements are true, of all or along axes.";
    argmin argmin_of "argmin" What::Reduction(Reduction::ArgMin), "Where the smallest element is: its flat index, or its index along an axis.";
    argmax argmax_of "argmax" What::Reduction(Reduction::ArgMax), "Where the largest element is: its flat index, or its index along an axis.";
}

/// The reduction of this name along axes; `None` when only NumPy has it.
#[pyfunction]
fn _reduced<'py>(
    name: &str,
    array: &Bound<'py, NdArray>,
    axis: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
    keepdims: &Bound<'py, PyAny>,
) -> PyResult<Option<Py<PyAny>>> {
    let py = array.py();
    let reduction = Reduction::REDUCTIONS
        .into_iter()
        .find(|reduction| reduction.name() == name)
        .ok_or_else(|| PyValueError::new_err(format!("no reduction is called {name}")))?;
    let arguments = Arguments {
        axis: Some(axis),
        dtype,
        out: None,
        keepdims: Some(keepdims),
        rest: None,
    };
    let what = What::Reduction(reduction);
    native(py, what, array.get().array(py), &arguments, false)
}

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_reduced, module)?)?;
    module.add_function(wrap_pyfunction!(sum_of, module)?)?;
    module.add_function(wrap_pyfunction!(prod_of, module)?)?;
    module.add_function(wrap_pyfunction!(mean_of, module)?)?;
    module.add_function(wrap_pyfunction!(min_of, module)?)?;
    module.add_function(wrap_pyfunction!(max_of, module)?)?;
    module.add_function(wrap_pyfunction!(any_of, module)?)?;
    module.add_function(wrap_pyfunction!(all_of, module)?)?;
    module.add_function(wrap_pyfunction!(argmin_of, module)?)?;
    module.add_function(wrap_pyfunction!(argmax_of, module)?)
}
