//! Python's operators on `gain.ndarray`.
#![expect(
    unsafe_op_in_unsafe_fn,
    reason = "pyo3's trampolines carry the places of this file's macro, so that the lint sees them"
)]

use crate::array::{self, NdArray};
use crate::errors::{exception, forget_faults, report_faults};
use crate::fallback;
use crate::runtime::runtime;
use crate::value::{Value, is_negative_integer, value};
use gain_core::ufunc::{self as table, Ufunc};
use gain_core::{Error, Operand, Options, WeakNumber, operate};
use pyo3::basic::CompareOp;
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;

type Table = &'static Ufunc;

/// `left op right`, both asked by the classes of their objects.
#[inline]
fn binary<'py>(
    ufunc: Table,
    name: &str,
    left: &Bound<'py, PyAny>,
    right: &Bound<'py, PyAny>,
) -> PyResult<Py<PyAny>> {
    let py = left.py();
    let (x, y) = (value(left)?, value(right)?);
    forget_faults();
    if let (Some(x), Some(y)) = (x.operand(py), y.operand(py)) {
        match operate::ufunc(runtime(py), ufunc, &[x, y]) {
            Ok(found) => {
                report_faults(py, ufunc, ufunc.name)?;
                return array::result(py, found);
            }
            // No loop for these: NumPy has one, or says so in its own words.
            Err(Error::Ufunc(_)) => {}
            Err(error) => return Err(exception(error)),
        }
    }
    fallback::operator(name, left, right).map(Bound::unbind)
}

/// `this op= other`.
#[inline]
fn in_place<'py>(
    ufunc: Table,
    name: &str,
    this: &Bound<'py, NdArray>,
    other: &Bound<'py, PyAny>,
) -> PyResult<()> {
    let py = this.py();
    let array = this.get().array(py);
    let y = value(other)?;
    if let Some(y) = y.operand(py) {
        let options = Options {
            out: Some(array),
            ..Options::default()
        };
        forget_faults();
        match operate::ufunc_with(runtime(py), ufunc, &[Operand::Array(array), y], &options) {
            Ok(_) => return report_faults(py, ufunc, ufunc.name),
            Err(Error::Ufunc(_)) => {}
            Err(error) => return Err(exception(error)),
        }
    }
    fallback::operator(name, this.as_any(), other).map(drop)
}

/// `op this`.
#[inline]
fn unary(ufunc: Table, name: &str, this: &Bound<'_, NdArray>) -> PyResult<Py<PyAny>> {
    let py = this.py();
    match operate::ufunc(runtime(py), ufunc, &[Operand::Array(this.get().array(py))]) {
        Ok(found) => {
            report_faults(py, ufunc, ufunc.name)?;
            array::result(py, found)
        }
        Err(Error::Ufunc(_)) => fallback::unary(name, this.as_any()).map(Bound::unbind),
        Err(error) => Err(exception(error)),
    }
}

/// `this ** other`: the exponents that NumPy gives to another ufunc go there.
fn power<'py>(this: &Bound<'py, NdArray>, other: &Bound<'py, PyAny>) -> PyResult<Py<PyAny>> {
    let py = this.py();
    let array = this.get().array(py);
    let exponent = value(other)?;
    let real = array.dtype().is_float() || array.dtype().is_complex();
    if !real
        && exponent
            .operand(py)
            .is_some_and(|exponent| is_negative_integer(&exponent))
    {
        return fallback::operator("pow", this.as_any(), other).map(Bound::unbind);
    }
    let exponent = match exponent {
        Value::Weak(WeakNumber::Int(value)) => value as f64,
        Value::Weak(WeakNumber::Float(value)) => value,
        _ => return binary(table::POWER, "pow", this.as_any(), other),
    };
    let dtype = array.dtype();
    let is_int = other.is_exact_instance_of::<pyo3::types::PyInt>();
    // These have loops for every dtype that gets here.
    let ufunc = match exponent {
        2.0 if dtype.is_float() || dtype.is_complex() || (!dtype.is_float() && is_int) => {
            table::SQUARE
        }
        1.0 if dtype.is_float() || dtype.is_complex() => table::POSITIVE,
        0.5 if dtype.is_float() => table::SQRT,
        -1.0 if dtype.is_float() => table::RECIPROCAL,
        _ => return binary(table::POWER, "pow", this.as_any(), other),
    };
    unary(ufunc, "square", this)
}

fn divmod(left: &Bound<'_, PyAny>, right: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
    if matches!(value(left)?, Value::Foreign) || matches!(value(right)?, Value::Foreign) {
        return fallback::operator("divmod", left, right).map(Bound::unbind);
    }
    let ours = left.py().import("gain._gain")?.getattr("divmod")?;
    ours.call1((left, right)).map(Bound::unbind)
}

macro_rules! operators {
    ($($forward:ident $reflected:ident $inplace:ident $ufunc:ident $name:literal $iname:literal)+) => {
        #[pymethods]
        impl NdArray {
            $(
                fn $forward(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                    binary(table::$ufunc, $name, slf.as_any(), other)
                }

                fn $reflected(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                    binary(table::$ufunc, $name, other, slf.as_any())
                }

                fn $inplace(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<()> {
                    in_place(table::$ufunc, $iname, slf, other)
                }
            )+

            /// `operator.concat`, which NumPy refuses.
            fn __concat__(&self, _other: &Bound<'_, PyAny>) -> PyResult<()> {
                Err(PyTypeError::new_err(
                    "Concatenation operation is not implemented for NumPy arrays, use np.concatenate() instead. Please do not rely on this \
                     error; it may not be given on all Python implementations.",
                ))
            }

            fn __pow__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>, modulo: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                if !modulo.is_none() {
                    return Ok(slf.py().NotImplemented());
                }
                power(slf, other)
            }

            fn __rpow__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>, modulo: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                if !modulo.is_none() {
                    return Ok(slf.py().NotImplemented());
                }
                binary(table::POWER, "pow", other, slf.as_any())
            }

            fn __ipow__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>, _modulo: &Bound<'_, PyAny>) -> PyResult<()> {
                in_place(table::POWER, "ipow", slf, other)
            }

            fn __divmod__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                divmod(slf.as_any(), other)
            }

            fn __rdivmod__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                divmod(other, slf.as_any())
            }

            fn __matmul__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                crate::functions::matmul(slf.as_any(), other)
            }

            fn __rmatmul__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>) -> PyResult<Py<PyAny>> {
                crate::functions::matmul(other, slf.as_any())
            }

            fn __neg__(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
                unary(table::NEGATIVE, "neg", slf)
            }

            fn __pos__(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
                unary(table::POSITIVE, "pos", slf)
            }

            fn __abs__(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
                unary(table::ABSOLUTE, "abs", slf)
            }

            fn __invert__(slf: &Bound<'_, Self>) -> PyResult<Py<PyAny>> {
                unary(table::INVERT, "invert", slf)
            }

            fn __richcmp__(slf: &Bound<'_, Self>, other: &Bound<'_, PyAny>, op: CompareOp) -> PyResult<Py<PyAny>> {
                let (ufunc, name): (Table, &str) = match op {
                    CompareOp::Lt => (table::LESS, "lt"),
                    CompareOp::Le => (table::LESS_EQUAL, "le"),
                    CompareOp::Eq => (table::EQUAL, "eq"),
                    CompareOp::Ne => (table::NOT_EQUAL, "ne"),
                    CompareOp::Gt => (table::GREATER, "gt"),
                    CompareOp::Ge => (table::GREATER_EQUAL, "ge"),
                };
                binary(ufunc, name, slf.as_any(), other)
            }
        }
    };
}

operators! {
    __add__ __radd__ __iadd__ ADD "add" "iadd"
    __sub__ __rsub__ __isub__ SUBTRACT "sub" "isub"
    __mul__ __rmul__ __imul__ MULTIPLY "mul" "imul"
    __truediv__ __rtruediv__ __itruediv__ DIVIDE "truediv" "itruediv"
    __floordiv__ __rfloordiv__ __ifloordiv__ FLOOR_DIVIDE "floordiv" "ifloordiv"
    __mod__ __rmod__ __imod__ REMAINDER "mod" "imod"
    __and__ __rand__ __iand__ BITWISE_AND "and_" "iand"
    __or__ __ror__ __ior__ BITWISE_OR "or_" "ior"
    __xor__ __rxor__ __ixor__ BITWISE_XOR "xor" "ixor"
    __lshift__ __rlshift__ __ilshift__ LEFT_SHIFT "lshift" "ilshift"
    __rshift__ __rrshift__ __irshift__ RIGHT_SHIFT "rshift" "irshift"
}
