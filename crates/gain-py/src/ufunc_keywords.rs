//! The keywords of a ufunc's call that have a native way: `out`, `where`, `dtype`, `signature`, `casting`.

use crate::array::NdArray;
use crate::dtypes;
use crate::value::value;
use gain_core::{Casting, DType};
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyString, PyTuple};
use smallvec::SmallVec;

/// The keywords with a native way.
pub(crate) struct Keywords<'a, 'py> {
    pub(crate) out: Option<&'a Bound<'py, NdArray>>,
    pub(crate) mask: Option<Bound<'py, NdArray>>,
    pub(crate) dtype: Option<DType>,
    pub(crate) inputs: SmallVec<[Option<DType>; 3]>,
    pub(crate) casting: Casting,
    /// `out=...`: a result without axes is an array too.
    pub(crate) keeps_array: bool,
}

/// Whether `out` is among the keywords, be it None.
pub(crate) fn says_out(given: Option<&Bound<'_, PyDict>>) -> PyResult<bool> {
    given.map_or(Ok(false), |given| given.contains("out"))
}

/// The keywords, or `None` when there is one that only NumPy knows.
pub(crate) fn keywords<'a, 'py>(
    py: Python<'py>,
    n_in: usize,
    positional: Option<&Bound<'py, PyAny>>,
    given: Option<&Bound<'py, PyDict>>,
    held: &'a mut Option<Bound<'py, NdArray>>,
) -> PyResult<Option<Keywords<'a, 'py>>> {
    let mut out = positional.cloned();
    let mut keywords = Keywords {
        out: None,
        mask: None,
        dtype: None,
        inputs: SmallVec::new(),
        casting: Casting::SameKind,
        keeps_array: false,
    };
    for (name, value) in given.into_iter().flatten() {
        let name = name.cast_into::<PyString>()?;
        match name.to_str()? {
            // Two outputs for one, two signatures: NumPy says so.
            "out" if positional.is_some() => return Ok(None),
            "sig" if given.is_some_and(|given| given.contains("signature").unwrap_or(true)) => {
                return Ok(None);
            }
            "out" => out = Some(value),
            "dtype" | "signature" | "sig" if value.is_none() => {}
            "signature" | "sig" => match signature(&value, n_in)? {
                None => return Ok(None),
                Some((inputs, output)) => {
                    (keywords.inputs, keywords.dtype) = (inputs, output);
                }
            },
            "dtype" => match dtypes::from_object(&value)? {
                None => return Ok(None),
                known => keywords.dtype = known,
            },
            "casting" => match value.extract::<&str>().ok().and_then(Casting::from_name) {
                None => return Ok(None),
                Some(rule) => keywords.casting = rule,
            },
            "where" => {
                let is_true = value.cast::<PyBool>().is_ok_and(|flag| flag.is_true());
                if is_true || crate::reductions::is_no_value(&value) {
                    continue;
                }
                let Some(mask) = self::value(&value)?.into_array(py)? else {
                    return Ok(None);
                };
                if mask.dtype() != DType::Bool {
                    return Ok(None);
                }
                keywords.mask = Some(Bound::new(py, NdArray::new(py, mask))?);
            }
            // Results lie in C order, and are of no other class; what is no order is NumPy's to refuse.
            "order"
                if value
                    .extract::<&str>()
                    .is_ok_and(|order| "KACF".contains(order) && order.len() == 1) => {}
            "subok" if value.is_instance_of::<PyBool>() => {}
            _ => return Ok(None),
        }
    }
    if let Some(given) = out {
        let is_bare = positional.is_none() && !given.is_instance_of::<PyTuple>();
        let single = match given.cast::<PyTuple>() {
            Ok(tuple) if tuple.len() == 1 => tuple.get_item(0)?,
            Ok(_) => return Ok(None),
            Err(_) => given,
        };
        if is_bare && single.is(py.Ellipsis()) {
            keywords.keeps_array = true;
        } else if !single.is_none() {
            match single.cast_into_exact::<NdArray>() {
                Ok(array) => *held = Some(array),
                Err(_) => return Ok(None),
            }
        }
    }
    keywords.out = held.as_ref();
    Ok(Some(keywords))
}

/// The loop that `signature=` names: what is asked of each input, and of the output.
type Asked = (SmallVec<[Option<DType>; 3]>, Option<DType>);

/// `signature=` as a string such as `dd->d`, or a tuple with a dtype or None for each input and the output; `None` for what only NumPy knows.
fn signature(given: &Bound<'_, PyAny>, n_in: usize) -> PyResult<Option<Asked>> {
    let class = given.py().import("numpy")?.getattr("dtype")?;
    let mut asked: SmallVec<[Option<DType>; 3]> = SmallVec::new();
    if let Ok(text) = given.extract::<&str>() {
        match text.split_once("->") {
            Some((inputs, output)) if inputs.len() == n_in && output.len() == 1 => {
                for code in inputs.chars().chain(output.chars()) {
                    // What names no dtype is NumPy's to refuse.
                    let Ok(dtype) = class.call1((code,)) else {
                        return Ok(None);
                    };
                    match dtypes::from_object(&dtype)? {
                        None => return Ok(None),
                        known => asked.push(known),
                    }
                }
            }
            _ => return Ok(None),
        }
    } else if let Ok(tuple) = given.cast::<PyTuple>() {
        if tuple.len() != n_in + 1 {
            return Ok(None);
        }
        for item in tuple {
            if item.is_none() {
                asked.push(None);
                continue;
            }
            match dtypes::from_object(&class.call1((item,))?)? {
                None => return Ok(None),
                known => asked.push(known),
            }
        }
    } else {
        return Ok(None);
    }
    let output = asked.pop().flatten();
    Ok(Some((asked, output)))
}
