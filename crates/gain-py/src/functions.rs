//! Functions of the module that make arrays, and those that need no method.

use crate::array::{self, NdArray};
use crate::errors::{OrRaise, exception};
use crate::runtime::runtime;
use crate::value::{alone, value};
use crate::{bridge, dtypes, fallback};
use gain_core::ufunc as table;
use gain_core::{Array, DType, Error, Operand, Runtime, Scalar, create, operate};
use pyo3::exceptions::{PyTypeError, PyValueError};
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyInt, PyTuple};
use smallvec::SmallVec;

type Shape = SmallVec<[usize; 4]>;
type Maker = fn(&Runtime, &[usize], DType) -> gain_core::Result<Array>;

/// A shape: an integer or a sequence of them.
fn shape_of(object: &Bound<'_, PyAny>) -> PyResult<Shape> {
    let length = |item: &Bound<'_, PyAny>| -> PyResult<usize> {
        let length = item.extract::<isize>().map_err(|_| {
            let class = item
                .get_type()
                .name()
                .map_or_else(|_| String::new(), |name| name.to_string());
            PyTypeError::new_err(format!(
                "'{class}' object cannot be interpreted as an integer"
            ))
        })?;
        usize::try_from(length)
            .map_err(|_| PyValueError::new_err("negative dimensions are not allowed"))
    };
    if object.cast_exact::<PyInt>().is_ok() {
        return Ok(SmallVec::from_slice(&[length(object)?]));
    }
    match object.try_iter() {
        Ok(items) => items.map(|item| length(&item?)).collect(),
        Err(_) => Ok(SmallVec::from_slice(&[length(object)?])),
    }
}

/// The keywords that all makers have beside dtype and order.
type Rest<'a, 'py> = [(&'static str, Option<&'a Bound<'py, PyAny>>); 2];

/// The keywords that are given, as a dict; None when there are none.
fn given<'py>(py: Python<'py>, rest: Rest<'_, 'py>) -> PyResult<Option<Bound<'py, PyDict>>> {
    let mut found = None;
    for (name, value) in rest {
        if let Some(value) = value.filter(|value| !value.is_none()) {
            found
                .get_or_insert_with(|| PyDict::new(py))
                .set_item(name, value)?;
        }
    }
    Ok(found)
}

/// Whether the keywords leave the array to gain: no other device than its one, no other class.
fn is_ours(rest: Rest<'_, '_>) -> bool {
    let [(_, device), (_, like)] = rest;
    let cpu = device.is_none_or(|device| {
        device.is_none() || device.extract::<&str>().is_ok_and(|name| name == "cpu")
    });
    let own = like.is_none_or(|like| {
        like.is_none()
            || like.is_exact_instance_of::<NdArray>()
            || bridge::numpy_array(like)
                .is_some_and(|array| array.is_exact_instance_of::<numpy::PyUntypedArray>())
    });
    cpu && own
}

/// The dtype asked for: `Ok(None)` when only NumPy has it.
fn dtype_of(dtype: Option<&Bound<'_, PyAny>>) -> PyResult<Option<DType>> {
    match dtype {
        None => Ok(Some(DType::F64)),
        Some(dtype) => dtypes::from_object(dtype),
    }
}

fn make<'py>(
    name: &str,
    maker: Maker,
    shape: &Bound<'py, PyAny>,
    (dtype, order): (Option<&Bound<'py, PyAny>>, Option<&Bound<'py, PyAny>>),
    rest: Rest<'_, 'py>,
) -> PyResult<Py<PyAny>> {
    let py = shape.py();
    match dtype_of(dtype)?.filter(|_| is_ours(rest)) {
        Some(known) => {
            let shape = shape_of(shape)?;
            if is_fortran(order)? && shape.len() > 1 {
                return array::object(py, fortran(maker, runtime(py), &shape, known)?);
            }
            array::object(py, maker(runtime(py), &shape, known).or_raise()?)
        }
        None => {
            let arguments = (shape, dtype, order);
            fallback::function(py, name, arguments, given(py, rest)?.as_ref()).map(Bound::unbind)
        }
    }
}

/// Whether an `order=` argument asks for columns that follow one another.
fn is_fortran(order: Option<&Bound<'_, PyAny>>) -> PyResult<bool> {
    let Some(order) = order.filter(|order| !order.is_none()) else {
        return Ok(false);
    };
    match order.extract::<&str>() {
        Ok("F" | "f") => Ok(true),
        Ok("C" | "c") => Ok(false),
        Ok("A" | "a" | "K" | "k") => {
            Err(PyValueError::new_err("only 'C' or 'F' order is permitted"))
        }
        Ok(other) => Err(PyValueError::new_err(format!(
            "order must be one of 'C', 'F', 'A', or 'K' (got '{other}')"
        ))),
        Err(_) => Err(PyTypeError::new_err(format!(
            "order must be str, not {}",
            order.get_type().name()?
        ))),
    }
}

/// A new array whose first axis is the innermost in memory.
fn fortran(maker: Maker, rt: &Runtime, shape: &[usize], dtype: DType) -> PyResult<Array> {
    let reversed: Shape = shape.iter().rev().copied().collect();
    let order: Shape = (0..shape.len()).rev().collect();
    let made = maker(rt, &reversed, dtype).or_raise()?;
    made.into_order(&order).or_raise()
}

/// A new array of this shape and dtype, whose content is not set.
#[pyfunction]
#[pyo3(
    signature = (shape, dtype = None, order = None, *, device = None, like = None),
    text_signature = "(shape, dtype=None, order='C', *, device=None, like=None)"
)]
fn empty<'py>(
    shape: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
    order: Option<&Bound<'py, PyAny>>,
    device: Option<&Bound<'py, PyAny>>,
    like: Option<&Bound<'py, PyAny>>,
) -> PyResult<Py<PyAny>> {
    let rest = [("device", device), ("like", like)];
    make("empty", create::empty, shape, (dtype, order), rest)
}

/// A new array of zeros.
#[pyfunction]
#[pyo3(
    signature = (shape, dtype = None, order = None, *, device = None, like = None),
    text_signature = "(shape, dtype=None, order='C', *, device=None, like=None)"
)]
fn zeros<'py>(
    shape: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
    order: Option<&Bound<'py, PyAny>>,
    device: Option<&Bound<'py, PyAny>>,
    like: Option<&Bound<'py, PyAny>>,
) -> PyResult<Py<PyAny>> {
    let rest = [("device", device), ("like", like)];
    make("zeros", create::zeros, shape, (dtype, order), rest)
}

/// A new array of ones.
#[pyfunction]
#[pyo3(
    signature = (shape, dtype = None, order = None, *, device = None, like = None),
    text_signature = "(shape, dtype=None, order='C', *, device=None, like=None)"
)]
fn ones<'py>(
    shape: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
    order: Option<&Bound<'py, PyAny>>,
    device: Option<&Bound<'py, PyAny>>,
    like: Option<&Bound<'py, PyAny>>,
) -> PyResult<Py<PyAny>> {
    let rest = [("device", device), ("like", like)];
    make("ones", create::ones, shape, (dtype, order), rest)
}

/// A new array, all of whose elements are `fill_value`.
#[pyfunction]
#[pyo3(
    signature = (shape, fill_value, dtype = None, order = None, *, device = None, like = None),
    text_signature = "(shape, fill_value, dtype=None, order='C', *, device=None, like=None)"
)]
fn full<'py>(
    shape: &Bound<'py, PyAny>,
    fill_value: &Bound<'py, PyAny>,
    dtype: Option<&Bound<'py, PyAny>>,
    order: Option<&Bound<'py, PyAny>>,
    device: Option<&Bound<'py, PyAny>>,
    like: Option<&Bound<'py, PyAny>>,
) -> PyResult<Py<PyAny>> {
    let py = shape.py();
    let rest = [("device", device), ("like", like)];
    let fill = value(fill_value)?;
    let own = match &fill {
        crate::value::Value::Weak(weak) => alone(*weak).map(|scalar| scalar.dtype()),
        crate::value::Value::Scalar(scalar) => Some(scalar.dtype()),
        crate::value::Value::Array(given) => Some(given.get().array(py).dtype()),
        crate::value::Value::Made(given) => Some(given.dtype()),
        crate::value::Value::Foreign => None,
    };
    let wanted = match dtype {
        None => own,
        _ => dtype_of(dtype)?,
    };
    match (wanted.filter(|_| is_ours(rest)), fill.operand(py)) {
        (Some(wanted), Some(operand)) => {
            let shape = shape_of(shape)?;
            let made = if is_fortran(order)? && shape.len() > 1 {
                fortran(create::empty, runtime(py), &shape, wanted)?
            } else {
                create::empty(runtime(py), &shape, wanted).or_raise()?
            };
            made.assign(operand).or_raise()?;
            array::object(py, made)
        }
        _ => {
            let arguments = (shape, fill_value, dtype, order);
            fallback::function(py, "full", arguments, given(py, rest)?.as_ref()).map(Bound::unbind)
        }
    }
}

/// `start + i * step` for i below `length`: the body of `arange`.
#[pyfunction]
fn _arange(
    start: &Bound<'_, PyAny>,
    step: &Bound<'_, PyAny>,
    length: usize,
    dtype: &Bound<'_, PyAny>,
) -> PyResult<Py<PyAny>> {
    let py = start.py();
    let dtype = known(dtype)?;
    let (start, step) = (number(start)?, number(step)?);
    array::object(
        py,
        create::arange(runtime(py), start, step, length, dtype).or_raise()?,
    )
}

/// Evenly spaced numbers: the body of `linspace`.
#[pyfunction]
fn _linspace(
    py: Python<'_>,
    start: f64,
    stop: f64,
    num: usize,
    endpoint: bool,
    dtype: &Bound<'_, PyAny>,
) -> PyResult<Py<PyAny>> {
    array::object(
        py,
        create::linspace(runtime(py), start, stop, num, endpoint, known(dtype)?).or_raise()?,
    )
}

/// Ones on a diagonal: the body of `eye`.
#[pyfunction]
fn _eye(
    py: Python<'_>,
    n: usize,
    m: usize,
    k: isize,
    dtype: &Bound<'_, PyAny>,
) -> PyResult<Py<PyAny>> {
    array::object(
        py,
        create::eye(runtime(py), n, m, k, known(dtype)?).or_raise()?,
    )
}

/// Each element's index along an axis, as int64.
#[pyfunction]
fn _index_along(py: Python<'_>, shape: Vec<usize>, axis: usize) -> PyResult<Py<PyAny>> {
    array::object(
        py,
        create::index_along(runtime(py), &shape, axis).or_raise()?,
    )
}

fn known(dtype: &Bound<'_, PyAny>) -> PyResult<DType> {
    dtypes::from_object(dtype)?
        .ok_or_else(|| PyTypeError::new_err("gain arrays can not hold this dtype"))
}

fn number(object: &Bound<'_, PyAny>) -> PyResult<Scalar> {
    let found = match value(object)? {
        crate::value::Value::Scalar(scalar) => Some(scalar),
        crate::value::Value::Weak(weak) => alone(weak),
        _ => None,
    };
    found.ok_or_else(|| PyTypeError::new_err("a number is required"))
}

/// Whether gain's arrays can hold a dtype.
#[pyfunction]
fn holds(dtype: &Bound<'_, PyAny>) -> PyResult<bool> {
    Ok(dtypes::from_object(dtype)?.is_some())
}

/// A gain array with a NumPy array's elements, by columns where they lie so; the NumPy array itself when gain can not hold its dtype. Every rank
/// passes equal elements.
#[pyfunction]
fn from_numpy(source: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    let py = source.py();
    match bridge::numpy_array(source) {
        Some(given) => match bridge::array_in_order(given)? {
            Some(made) => array::object(py, made),
            None => Ok(source.clone().unbind()),
        },
        None => Err(PyTypeError::new_err("a NumPy array is required")),
    }
}

/// Elements of `x` where the condition holds, of `y` elsewhere; with one argument the places where it holds.
#[pyfunction]
#[pyo3(
    name = "where",
    signature = (condition, *choices),
    text_signature = "(condition, x=None, y=None, /)"
)]
fn select<'py>(
    condition: &Bound<'py, PyAny>,
    choices: &Bound<'py, PyTuple>,
) -> PyResult<Py<PyAny>> {
    let py = condition.py();
    // `None` is a choice like any other, unlike one that is not given.
    if let [x, y] = choices.as_slice() {
        let (mask, left, right) = (value(condition)?, value(x)?, value(y)?);
        if let (Some(mask), Some(left), Some(right)) =
            (mask.operand(py), left.operand(py), right.operand(py))
        {
            let chosen =
                operate::ufunc(runtime(py), table::WHERE, &[mask, left, right]).or_raise()?;
            // Unlike a ufunc, `where` gives an array even without axes.
            return array::object(py, chosen);
        }
        return fallback::function(py, "where", (condition, x, y), None).map(Bound::unbind);
    }
    match choices.len() {
        0 => {}
        1 => {
            return Err(PyValueError::new_err(
                "either both or neither of x and y should be given",
            ));
        }
        given => {
            return Err(PyTypeError::new_err(format!(
                "where() takes from 1 to 3 positional arguments but {} were given",
                given + 1
            )));
        }
    }
    match value(condition)?.into_array(py)? {
        Some(mask) => crate::selectors::nonzero(py, &mask),
        None => fallback::function(py, "where", (condition,), None).map(Bound::unbind),
    }
}

/// The elements limited to the interval between two numbers or arrays; None for what only NumPy understands.
#[pyfunction]
fn _clip<'py>(
    a: &Bound<'py, NdArray>,
    low: &Bound<'py, PyAny>,
    high: &Bound<'py, PyAny>,
) -> PyResult<Option<Py<PyAny>>> {
    let py = a.py();
    let (low, high) = (value(low)?, value(high)?);
    let (Some(low), Some(high)) = (low.operand(py), high.operand(py)) else {
        return Ok(None);
    };
    let operands = [Operand::Array(a.get().array(py)), low, high];
    match operate::ufunc(runtime(py), table::CLIP, &operands) {
        Ok(limited) => array::result(py, limited).map(Some),
        Err(Error::Ufunc(_)) => Ok(None),
        Err(error) => Err(exception(error)),
    }
}

/// The elements along an axis in ascending order, or the indices that sort them.
#[pyfunction]
fn _sorted(
    py: Python<'_>,
    a: &Bound<'_, NdArray>,
    axis: isize,
    indices: bool,
) -> PyResult<Py<PyAny>> {
    let this = a.get().array(py);
    let found = if indices {
        gain_core::sort::argsort(this, axis)
    } else {
        gain_core::sort::sort(this, axis)
    };
    array::object(py, found.or_raise()?)
}

/// `left @ right`, for callers that are no operators; None where only NumPy has the product.
#[pyfunction]
fn _matmul<'py>(
    left: &Bound<'py, PyAny>,
    right: &Bound<'py, PyAny>,
) -> PyResult<Option<Py<PyAny>>> {
    product(left, right, gain_linalg::matmul)
}

/// `left . right` of at most two axes each; None where only NumPy has the product.
#[pyfunction]
fn _dot<'py>(left: &Bound<'py, PyAny>, right: &Bound<'py, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    product(left, right, gain_linalg::dot)
}

/// `left @ right`.
pub(crate) fn matmul<'py>(
    left: &Bound<'py, PyAny>,
    right: &Bound<'py, PyAny>,
) -> PyResult<Py<PyAny>> {
    let py = left.py();
    if let (Ok(x), Ok(y)) = (left.cast_exact::<NdArray>(), right.cast_exact::<NdArray>())
        && let Some(number) = gain_linalg::dot_at_hand(x.get().array(py), y.get().array(py))
    {
        return bridge::scalar_object(py, number);
    }
    match product(left, right, gain_linalg::matmul)? {
        Some(product) => Ok(product),
        None => fallback::operator("matmul", left, right).map(Bound::unbind),
    }
}

/// A product, where gain-linalg has it.
fn product<'py>(
    left: &Bound<'py, PyAny>,
    right: &Bound<'py, PyAny>,
    of: fn(&gain_core::Array, &gain_core::Array) -> gain_core::Result<gain_core::Array>,
) -> PyResult<Option<Py<PyAny>>> {
    let py = left.py();
    let (Some(x), Some(y)) = (value(left)?.into_array(py)?, value(right)?.into_array(py)?) else {
        return Ok(None);
    };
    match of(&x, &y) {
        Ok(product) => array::result(py, product).map(Some),
        Err(gain_core::Error::Unsupported { .. }) => Ok(None),
        Err(error) => Err(error).or_raise(),
    }
}

/// A 0-d or larger array of an operand, sharing the memory of gain arrays; None for what only NumPy understands.
#[pyfunction]
fn _operand<'py>(object: &Bound<'py, PyAny>) -> PyResult<Option<Py<PyAny>>> {
    let py = object.py();
    if object.is_exact_instance_of::<NdArray>() {
        return Ok(Some(object.clone().unbind()));
    }
    value(object)?
        .into_array(py)?
        .map(|made| array::object(py, made))
        .transpose()
}

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(empty, module)?)?;
    module.add_function(wrap_pyfunction!(zeros, module)?)?;
    module.add_function(wrap_pyfunction!(ones, module)?)?;
    module.add_function(wrap_pyfunction!(full, module)?)?;
    module.add_function(wrap_pyfunction!(_arange, module)?)?;
    module.add_function(wrap_pyfunction!(_linspace, module)?)?;
    module.add_function(wrap_pyfunction!(_eye, module)?)?;
    module.add_function(wrap_pyfunction!(_index_along, module)?)?;
    module.add_function(wrap_pyfunction!(_operand, module)?)?;
    module.add_function(wrap_pyfunction!(holds, module)?)?;
    module.add_function(wrap_pyfunction!(from_numpy, module)?)?;
    module.add_function(wrap_pyfunction!(select, module)?)?;
    module.add_function(wrap_pyfunction!(_clip, module)?)?;
    module.add_function(wrap_pyfunction!(_sorted, module)?)?;
    module.add_function(wrap_pyfunction!(_matmul, module)?)?;
    module.add_function(wrap_pyfunction!(_dot, module)?)
}
