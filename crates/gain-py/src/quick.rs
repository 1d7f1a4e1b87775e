//! The calls of functions written in Python that programs make most, answered without Python code.

use crate::array::{self, NdArray};
use crate::bridge;
use crate::errors::OrRaise;
use crate::linalg;
use crate::runtime::runtime;
use crate::shapes::{self, OfOne};
use crate::small::{self, Small};
use crate::ufunc::PyUfunc;
use gain_core::{DType, Operand, Scalar, create};
use numpy::PyUntypedArray;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyComplex, PyDict, PyFloat, PyInt, PyList, PyString, PyTuple};

/// What a function does in its common calls.
pub(crate) enum Quick {
    /// `arange` of numbers.
    Arange,
    /// `array` of a list or a gain array; `asarray`, which gives the array itself.
    Array { copies: bool, theirs: Py<PyAny> },
    /// `__array_ufunc__` of arrays and numbers: gain's ufunc for each of NumPy's.
    ArrayUfunc { ours: Py<PyDict> },
    /// NumPy's function on small arrays.
    Small(Small),
    /// A function of one array alone.
    OfOne(OfOne),
    /// The inner product of two vectors.
    Inner,
    /// `copyto` between arrays of one dtype.
    CopyTo,
}

impl Quick {
    /// The way of a function by its name, with NumPy's function, or the dict of `__array_ufunc__`.
    pub(crate) fn named(way: &str, theirs: &Bound<'_, PyAny>) -> PyResult<Quick> {
        Ok(match way {
            "arange" => Quick::Arange,
            "array" | "asarray" => Quick::Array {
                copies: way == "array",
                theirs: theirs.py().import("numpy")?.getattr("array")?.unbind(),
            },
            "array_ufunc" => Quick::ArrayUfunc {
                ours: theirs.cast::<PyDict>()?.clone().unbind(),
            },
            "small" => Quick::Small(Small::of(theirs)?),
            "of_one" => {
                let name: String = theirs.getattr("__name__")?.extract()?;
                let function = shapes::named(&name);
                Quick::OfOne(function.ok_or_else(|| PyValueError::new_err(name))?)
            }
            "inner" => Quick::Inner,
            "copyto" => Quick::CopyTo,
            _ => return Err(PyValueError::new_err(format!("there is no way {way:?}"))),
        })
    }

    /// The result; `None` for all but common calls.
    pub(crate) fn answer(
        &self,
        args: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Option<Py<PyAny>>> {
        if let Quick::Small(small) = self {
            return small.answer(args, keywords);
        }
        if keywords.is_some_and(|keywords| !keywords.is_empty()) {
            return Ok(None);
        }
        match self {
            Quick::Arange => arange(args),
            Quick::Array { copies, theirs } => made_of(args, *copies, theirs),
            Quick::ArrayUfunc { ours } => dispatched(args, ours),
            Quick::OfOne(function) => match one(args) {
                Some(array) => function(array),
                None => Ok(None),
            },
            Quick::Inner => inner(args),
            Quick::CopyTo => copied_to(args),
            Quick::Small(_) => unreachable!("answered above"),
        }
    }
}

/// The argument, if it is one array.
fn one<'a, 'py>(args: &'a Bound<'py, PyTuple>) -> Option<&'a Bound<'py, NdArray>> {
    match args.as_slice() {
        [only] => only.cast_exact::<NdArray>().ok(),
        _ => None,
    }
}

/// The arguments, if they are two arrays.
fn two<'a, 'py>(args: &'a Bound<'py, PyTuple>) -> Option<[&'a Bound<'py, NdArray>; 2]> {
    match args.as_slice() {
        [a, b] => Some([a.cast_exact().ok()?, b.cast_exact().ok()?]),
        _ => None,
    }
}

fn inner(args: &Bound<'_, PyTuple>) -> PyResult<Option<Py<PyAny>>> {
    let py = args.py();
    let Some([a, b]) = two(args).map(|pair| pair.map(|array| array.get().array(py))) else {
        return Ok(None);
    };
    // One of the two functions conjugates.
    let are_real = !a.dtype().is_complex() && !b.dtype().is_complex();
    if a.ndim() != 1 || a.shape() != b.shape() || !are_real {
        return Ok(None);
    }
    match gain_linalg::dot_at_hand(a, b) {
        Some(number) => bridge::scalar_object(py, number).map(Some),
        None => linalg::known(py, gain_linalg::dot(a, b)),
    }
}

fn copied_to(args: &Bound<'_, PyTuple>) -> PyResult<Option<Py<PyAny>>> {
    let py = args.py();
    let Some([to, from]) = two(args).map(|pair| pair.map(|array| array.get().array(py))) else {
        return Ok(None);
    };
    if to.dtype() != from.dtype() || !to.writeable() {
        return Ok(None);
    }
    to.assign(Operand::Array(from)).or_raise()?;
    Ok(Some(py.None()))
}

/// The call that `__array_ufunc__` was given in `(self, ufunc, "__call__", *inputs)`.
fn dispatched(args: &Bound<'_, PyTuple>, ours: &Py<PyDict>) -> PyResult<Option<Py<PyAny>>> {
    let py = args.py();
    if args.len() < 4 || args.get_borrowed_item(2)?.cast::<PyString>()? != "__call__" {
        return Ok(None);
    }
    let inputs = args.get_slice(3, args.len());
    if !inputs.iter_borrowed().all(|item| is_common(&item)) {
        return Ok(None);
    }
    let Some(ours) = ours.bind(py).get_item(args.get_borrowed_item(1)?)? else {
        return Ok(None);
    };
    match ours.cast_exact::<PyUfunc>() {
        Ok(ours) => ours.get().__call__(py, &inputs, None).map(Some),
        Err(_) => ours.call1(inputs).map(|found| Some(found.unbind())),
    }
}

/// Whether an operand is of a class that leaves the ufunc to gain: its arrays, NumPy's, and numbers.
fn is_common(item: &Bound<'_, PyAny>) -> bool {
    item.is_exact_instance_of::<NdArray>()
        || item.is_exact_instance_of::<PyFloat>()
        || item.is_exact_instance_of::<PyInt>()
        || bridge::scalar_value(item).is_some()
        || item.is_exact_instance_of::<PyUntypedArray>()
}

/// Bound on integers whose differences and multiples overflow nothing.
const FAR: i64 = 1 << 62;

/// Up to here `float64` has all integers.
const EXACT: u64 = 1 << 53;

fn arange(args: &Bound<'_, PyTuple>) -> PyResult<Option<Py<PyAny>>> {
    let py = args.py();
    let (mut numbers, mut integers) = ([0.0; 3], [0i64; 3]);
    let n = args.len();
    let mut whole = true;
    if !(1..=3).contains(&n) {
        return Ok(None);
    }
    for (place, item) in args.iter_borrowed().enumerate() {
        if item.is_exact_instance_of::<PyInt>() {
            match item.extract::<i64>() {
                Ok(integer) if (-FAR..FAR).contains(&integer) => integers[place] = integer,
                _ => return Ok(None),
            }
            numbers[place] = integers[place] as f64;
        } else if let Ok(number) = item.cast_exact::<PyFloat>() {
            (numbers[place], whole) = (number.value(), false);
        } else {
            return Ok(None);
        }
    }
    let (start, delta, len, dtype) = if whole {
        let [start, stop, step] = bounds(integers, n, 1);
        if step == 0 {
            return Ok(None);
        }
        let (span, step_size) = (i128::from(stop) - i128::from(start), i128::from(step));
        let len = match span.signum() == step_size.signum() {
            true => (span.abs() - 1) / step_size.abs() + 1,
            false => 0,
        };
        let Ok(len) = usize::try_from(len) else {
            return Ok(None);
        };
        (Scalar::from(start), Scalar::from(step), len, DType::I64)
    } else if integers
        .iter()
        .any(|integer| integer.unsigned_abs() > EXACT)
    {
        // Python takes the difference of its integers before they are rounded.
        return Ok(None);
    } else {
        let [start, stop, step] = bounds(numbers, n, 1.0);
        let len = ((stop - start) / step).ceil();
        // NumPy computes the second element and goes on by the difference.
        let delta = (start + step) - start;
        if !len.is_finite() || len > FAR as f64 {
            return Ok(None);
        }
        let len = len.max(0.0) as usize;
        (Scalar::from(start), Scalar::from(delta), len, DType::F64)
    };
    let made = create::arange(runtime(py), start, delta, len, dtype).or_raise()?;
    array::object(py, made).map(Some)
}

/// Start, stop and step of so many numbers.
fn bounds<T: Copy + Default>(given: [T; 3], n: usize, one: T) -> [T; 3] {
    match n {
        1 => [T::default(), given[0], one],
        2 => [given[0], given[1], one],
        _ => given,
    }
}

fn made_of(
    args: &Bound<'_, PyTuple>,
    copies: bool,
    theirs: &Py<PyAny>,
) -> PyResult<Option<Py<PyAny>>> {
    let py = args.py();
    if args.len() != 1 {
        return Ok(None);
    }
    let given = args.get_item(0)?;
    if let Ok(given) = given.cast_exact::<NdArray>() {
        let this = given.get().array(py);
        return Ok(match copies {
            false => Some(given.clone().into_any().unbind()),
            true if this.ndim() < 2 => Some(array::object(py, this.copy().or_raise()?)?),
            true => None,
        });
    }
    let Ok(list) = given.cast_exact::<PyList>() else {
        return Ok(None);
    };
    if let Some(made) = of_numbers(list)? {
        return Ok(Some(made));
    }
    if !list.iter().all(|item| is_plain(&item)) {
        return Ok(None);
    }
    let made = theirs.call1(py, (list,))?;
    small::given_back(made.into_bound(py)).map(|made| Some(made.unbind()))
}

/// Whether an object is a number of Python's, or lists of them: nothing that gain has to be asked about.
fn is_plain(item: &Bound<'_, PyAny>) -> bool {
    item.is_exact_instance_of::<PyFloat>()
        || item.is_exact_instance_of::<PyInt>()
        || item.is_exact_instance_of::<PyBool>()
        || item.is_exact_instance_of::<PyComplex>()
        || item
            .cast_exact::<PyList>()
            .is_ok_and(|list| list.iter().all(|item| is_plain(&item)))
}

/// The vector of a list of Python's floats, or of its integers; `None` for other lists.
fn of_numbers(list: &Bound<'_, PyList>) -> PyResult<Option<Py<PyAny>>> {
    let py = list.py();
    let n = list.len();
    let mut bytes = Vec::with_capacity(8 * n);
    let Some(first) = list.iter().next() else {
        return Ok(None);
    };
    let dtype = if first.is_exact_instance_of::<PyFloat>() {
        for item in list.iter() {
            match item.cast_exact::<PyFloat>() {
                Ok(number) => bytes.extend(number.value().to_ne_bytes()),
                Err(_) => return Ok(None),
            }
        }
        DType::F64
    } else {
        for item in list.iter() {
            match item
                .cast_exact::<PyInt>()
                .ok()
                .map(|item| item.extract::<i64>())
            {
                Some(Ok(number)) => bytes.extend(number.to_ne_bytes()),
                _ => return Ok(None),
            }
        }
        DType::I64
    };
    let made = create::from_bytes(runtime(py), &[n], dtype, &bytes).or_raise()?;
    array::object(py, made).map(Some)
}
