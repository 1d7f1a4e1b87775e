//! What the methods of `gain.ufunc` are built from: running results, reductions in NumPy's order, and ufuncs in place at indices.
//!
//! Each gives `None` where only NumPy has a way; `gain/_ufuncs.py` then calls it.

use crate::array::{self, NdArray};
use crate::dtypes;
use crate::errors::OrRaise;
use crate::ufunc::PyUfunc;
use crate::value::{Value, value};
use gain_core::ufunc as table;
use gain_core::{Array, DType, Error, OperandType, Scalar, Ufunc, resolve, scan};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use smallvec::SmallVec;

#[pymethods]
impl PyUfunc {
    /// The running results along an axis.
    fn _accumulate<'py>(
        &self,
        py: Python<'py>,
        array: &Bound<'py, NdArray>,
        axis: isize,
        dtype: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Py<PyAny>>> {
        let array = array.get().array(py);
        let Some(dtype) = self.walked(array.dtype(), dtype)? else {
            return Ok(None);
        };
        finished(py, scan::accumulate(array, self.ufunc, axis, dtype))
    }

    /// The reduction along one axis, from left to right.
    fn _fold<'py>(
        &self,
        py: Python<'py>,
        array: &Bound<'py, NdArray>,
        axis: isize,
        dtype: Option<&Bound<'py, PyAny>>,
        initial: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Option<Py<PyAny>>> {
        let array = array.get().array(py);
        let Some(dtype) = self.walked(array.dtype(), dtype)? else {
            return Ok(None);
        };
        let initial = match initial {
            None => None,
            Some(object) => match element(object, dtype)? {
                None => return Ok(None),
                known => known,
            },
        };
        finished(py, scan::fold(array, self.ufunc, axis, dtype, initial))
    }

    /// The ufunc in place at indices, one array of integers for each axis; whether it was done.
    fn _at<'py>(
        &self,
        py: Python<'py>,
        target: &Bound<'py, NdArray>,
        indices: &Bound<'py, PyTuple>,
        values: &Bound<'py, PyAny>,
    ) -> PyResult<bool> {
        let target = target.get().array(py);
        let mut arrays: SmallVec<[Array; 4]> = SmallVec::new();
        for index in indices {
            match value(&index)?.into_array(py)? {
                Some(array) if array.dtype().is_integer() => arrays.push(match array.dtype() {
                    DType::I64 => array,
                    _ => array.astype(DType::I64).or_raise()?,
                }),
                _ => return Ok(false),
            }
        }
        let given = value(values)?;
        let Some(operand) = given.operand(py) else {
            return Ok(false);
        };
        let dtype = target.dtype();
        let types = [OperandType::Array(dtype), operand.operand_type()];
        let fits = self.is_walk()
            && resolve(self.ufunc, &types).is_ok_and(|signature| {
                signature.inputs[..] == [dtype, dtype] && signature.output == dtype
            });
        if !fits {
            return Ok(false);
        }
        let values = match given {
            Value::Weak(_) | Value::Scalar(_) => match element(values, dtype)? {
                Some(scalar) => {
                    gain_core::create::full(target.runtime(), &[], scalar).or_raise()?
                }
                None => return Ok(false),
            },
            given => match given.into_array(py)? {
                Some(array) => array,
                None => return Ok(false),
            },
        };
        let indices: SmallVec<[&Array; 4]> = arrays.iter().collect();
        match scan::at(target, self.ufunc, &indices, &values) {
            Ok(()) => Ok(true),
            Err(Error::Unsupported { .. }) => Ok(false),
            Err(error) => Err(error).or_raise(),
        }
    }
}

impl PyUfunc {
    fn is_walk(&self) -> bool {
        self.nout() == 1 && self.ufunc.n_in == 2
    }

    /// The dtype in which NumPy walks along an axis; `None` for what only NumPy knows.
    fn walked(&self, from: DType, asked: Option<&Bound<'_, PyAny>>) -> PyResult<Option<DType>> {
        if !self.is_walk() {
            return Ok(None);
        }
        if let Some(asked) = asked {
            return dtypes::from_object(asked);
        }
        Ok(natural(self.ufunc, from))
    }
}

fn natural(ufunc: &'static Ufunc, from: DType) -> Option<DType> {
    let is_any = |rows: &[&Ufunc]| rows.iter().any(|row| **row == *ufunc);
    if is_any(&[table::LOGICAL_AND, table::LOGICAL_OR, table::LOGICAL_XOR]) {
        return Some(DType::Bool);
    }
    if is_any(&[table::ADD, table::MULTIPLY]) {
        if from.is_bool() || from.is_signed() {
            return Some(DType::I64);
        }
        if from.is_unsigned() {
            return Some(DType::U64);
        }
    }
    let signature = resolve(ufunc, &[OperandType::Array(from); 2]).ok()?;
    let dtype = signature.output;
    (signature.inputs[..] == [dtype, dtype]).then_some(dtype)
}

/// A number as an element, unless it is of a higher kind.
fn element(object: &Bound<'_, PyAny>, dtype: DType) -> PyResult<Option<Scalar>> {
    Ok(match value(object)? {
        Value::Weak(number) => gain_core::weak_scalar(number, dtype).ok(),
        Value::Scalar(scalar) if scalar.dtype().kind() <= dtype.kind() => Some(scalar.cast(dtype)),
        _ => None,
    })
}

fn finished(py: Python<'_>, found: gain_core::Result<Array>) -> PyResult<Option<Py<PyAny>>> {
    match found {
        Ok(found) => array::result(py, found).map(Some),
        Err(Error::Unsupported { .. }) => Ok(None),
        Err(error) => Err(error).or_raise(),
    }
}
