//! The class `gain.ufunc`: one object for each row of gain_ufunc's table that is a ufunc in NumPy, and one for each ufunc of NumPy's with
//! two outputs, which are two rows that run as one loop. `reduce`, `accumulate`, `outer` and `at` are Python (`gain/_ufuncs.py`), built
//! from calls, reductions and what `walks.rs` has.

use crate::array::{self, NdArray};
use crate::errors::{OrRaise, exception, forget_faults, report_all, report_faults};
use crate::fallback;
use crate::runtime::runtime;
use crate::ufunc_keywords::{keywords, says_out};
use crate::value::{Value, is_negative_integer, value};
use gain_core::ufunc::{self as table, UFUNCS, Ufunc};
use gain_core::{Array, DType, Error, Operand, Options, operate};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyDict, PyTuple};
use smallvec::SmallVec;

/// A function that works element by element, with NumPy's interface.
#[pyclass(name = "ufunc", module = "numpy", frozen)]
pub(crate) struct PyUfunc {
    name: &'static str,
    /// The row of the first output.
    pub(crate) ufunc: &'static Ufunc,
    /// The row of the second output.
    second: Option<&'static Ufunc>,
}

/// What a call with two outputs may be given: the outputs, where to compute, the dtype.
type Outputs<'py> = (
    [Option<Bound<'py, NdArray>>; 2],
    Option<Bound<'py, NdArray>>,
    Option<DType>,
);

/// NumPy's ufuncs with two outputs and their rows.
const PAIRS: [(&str, &Ufunc, &Ufunc); 3] = [
    ("divmod", table::FLOOR_DIVIDE, table::REMAINDER),
    ("frexp", table::FREXP_MANTISSA, table::FREXP_EXPONENT),
    ("modf", table::MODF_FRACTION, table::MODF_INTEGRAL),
];

#[pymethods]
impl PyUfunc {
    #[getter]
    fn __name__(&self) -> &'static str {
        self.name
    }

    #[getter]
    fn __qualname__(&self) -> &'static str {
        self.name
    }

    /// What `__doc__` of the object says; of the class it is the line above.
    #[getter]
    fn _doc(&self) -> String {
        let inputs = if self.ufunc.n_in == 1 { "x" } else { "x1, x2" };
        let outputs = match self.second {
            None => format!("{inputs}, /, out=None"),
            Some(_) => format!("{inputs}[, out1, out2], / [, out=(None, None)]"),
        };
        let tail = "*, where=True, casting='same_kind', order='K', dtype=None, subok=True";
        let second = self
            .second
            .map_or(String::new(), |row| format!("\n{}", row.doc));
        let (name, doc) = (self.name, self.ufunc.doc);
        format!("{name}({outputs}, {tail})\n\n{doc}{second}")
    }

    #[getter]
    fn nin(&self) -> usize {
        self.ufunc.n_in
    }

    #[getter]
    pub(crate) fn nout(&self) -> usize {
        1 + usize::from(self.second.is_some())
    }

    #[getter]
    fn nargs(&self) -> usize {
        self.ufunc.n_in + self.nout()
    }

    #[getter]
    fn ntypes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.theirs(py, "ntypes")
    }

    #[getter]
    fn identity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.theirs(py, "identity")
    }

    #[getter]
    fn signature(&self) -> Option<&'static str> {
        None
    }

    /// NumPy's list: what has no loop of gain's (objects, long doubles) goes through NumPy.
    #[getter]
    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        self.theirs(py, "types")
    }

    /// The signatures of gain's own loops, for the page of docs/.
    #[getter]
    fn _loops(&self) -> Vec<String> {
        let rows = self.ufunc.signatures.iter();
        rows.map(|row| row.signature().to_string()).collect()
    }

    fn __repr__(&self) -> String {
        format!("<ufunc '{}'>", self.name)
    }

    fn __reduce__<'py>(&self, py: Python<'py>) -> PyResult<(Bound<'py, PyAny>, (&'static str,))> {
        let named = py.import("gain._ufuncs")?.getattr("named")?;
        Ok((named, (self.name,)))
    }

    #[pyo3(signature = (*args, **kwargs))]
    pub(crate) fn __call__<'py>(
        &self,
        py: Python<'py>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let n_in = self.ufunc.n_in;
        let most = self.nargs();
        if args.len() < n_in || args.len() > most {
            return Err(PyTypeError::new_err(format!(
                "{}() takes from {} to {} positional arguments but {} {} given",
                self.name,
                n_in,
                most,
                args.len(),
                if args.len() == 1 { "was" } else { "were" },
            )));
        }
        let objects: SmallVec<[Bound<'py, PyAny>; 4]> = args.iter().collect();
        let values = objects[..n_in]
            .iter()
            .map(value)
            .collect::<PyResult<SmallVec<[Value<'_, 'py>; 3]>>>()?;
        let operands: Option<SmallVec<[Operand<'_>; 3]>> =
            values.iter().map(|value| value.operand(py)).collect();
        let Some(operands) = operands else {
            return self.fall_back(py, args, kwargs);
        };
        if self.ufunc == table::POWER && is_negative_integer(&operands[1]) {
            return self.fall_back(py, args, kwargs);
        }
        forget_faults();
        if let Some(second) = self.second {
            return match self.both(py, second, &operands, args, kwargs)? {
                Some(found) => Ok(found),
                None => self.fall_back(py, args, kwargs),
            };
        }
        if args.len() == n_in && kwargs.is_none_or(|kwargs| kwargs.is_empty()) {
            let found = match operate::ufunc(runtime(py), self.ufunc, &operands) {
                Ok(found) => found,
                // No loop for these: NumPy has one, or says so in its own words.
                Err(Error::Ufunc(_)) => return self.fall_back(py, args, kwargs),
                Err(error) => return Err(exception(error)),
            };
            report_faults(py, self.ufunc, self.name)?;
            return array::result(py, found);
        }
        let mut held = None;
        let Some(keywords) = keywords(py, n_in, objects.get(n_in), kwargs, &mut held)? else {
            return self.fall_back(py, args, kwargs);
        };
        if keywords.mask.is_some() && keywords.out.is_none() && !says_out(kwargs)? {
            py.import("gain._errstate")?.call_method0("warn_of_where")?;
        }
        let options = Options {
            out: keywords.out.map(|out| out.get().array(py)),
            dtype: keywords.dtype,
            inputs: &keywords.inputs,
            casting: keywords.casting,
            mask: keywords.mask.as_ref().map(|mask| mask.get().array(py)),
        };
        let found = match operate::ufunc_with(runtime(py), self.ufunc, &operands, &options) {
            Ok(found) => found,
            Err(Error::Ufunc(_)) => return self.fall_back(py, args, kwargs),
            Err(error) => return Err(exception(error)),
        };
        report_faults(py, self.ufunc, self.name)?;
        match keywords.out {
            Some(out) => Ok(out.clone().into_any().unbind()),
            None if keywords.keeps_array => array::object(py, found),
            None => array::result(py, found),
        }
    }
}

impl PyUfunc {
    /// An attribute of NumPy's object.
    fn theirs<'py>(&self, py: Python<'py>, attribute: &str) -> PyResult<Bound<'py, PyAny>> {
        py.import("numpy")?.getattr(self.name)?.getattr(attribute)
    }

    /// Both outputs; `None` for what only NumPy knows.
    fn both<'py>(
        &self,
        py: Python<'py>,
        second: &'static Ufunc,
        operands: &[Operand<'_>],
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Option<Py<PyAny>>> {
        let Some((outs, mask, dtype)) = self.outputs(py, args, kwargs)? else {
            return Ok(None);
        };
        let mask = mask.as_ref().map(|mask| mask.get().array(py));
        let options = Options {
            dtype,
            mask,
            ..Options::default()
        };
        let mut results: SmallVec<[Array; 2]> = SmallVec::new();
        let mut faults = 0;
        for ufunc in [self.ufunc, second] {
            match operate::ufunc_with(runtime(py), ufunc, operands, &options) {
                Ok(found) => {
                    faults |= gain_core::status::take_faults(ufunc.id());
                    results.push(found);
                }
                // NumPy names the ufunc of both outputs.
                Err(Error::Ufunc(_) | Error::InputCasting { .. }) => return Ok(None),
                Err(error) => return Err(exception(error)),
            }
        }
        for (result, out) in results.iter().zip(&outs) {
            if let Some(out) = out {
                gain_core::check_result(self.name, result, out.get().array(py)).or_raise()?;
            }
        }
        let mut objects: SmallVec<[Py<PyAny>; 2]> = SmallVec::new();
        for (result, out) in results.into_iter().zip(outs) {
            objects.push(match out {
                None => array::result(py, result)?,
                Some(out) => {
                    let target = out.get().array(py);
                    let chosen = match mask {
                        None => result,
                        Some(mask) => {
                            let result = result.astype(target.dtype()).or_raise()?;
                            let operands = [mask.into(), (&result).into(), target.into()];
                            operate::ufunc(runtime(py), table::WHERE, &operands).or_raise()?
                        }
                    };
                    target.assign(Operand::Array(&chosen)).or_raise()?;
                    out.into_any().unbind()
                }
            });
        }
        report_all(py, faults, self.name)?;
        Ok(Some(PyTuple::new(py, objects)?.into_any().unbind()))
    }

    /// The outputs given, as positional arguments or as `out=`; the mask and the dtype.
    fn outputs<'py>(
        &self,
        py: Python<'py>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Option<Outputs<'py>>> {
        let mut given: Vec<Bound<'py, PyAny>> = args.iter().skip(self.ufunc.n_in).collect();
        let further = PyDict::new(py);
        for (name, value) in kwargs.into_iter().flatten() {
            match (name.extract::<&str>()?, value.cast::<PyTuple>()) {
                ("out", Ok(tuple)) if given.is_empty() && tuple.len() == 2 => {
                    given.extend(tuple.iter());
                }
                ("where" | "dtype", _) => further.set_item(name, &value)?,
                _ => return Ok(None),
            }
        }
        let mut held = None;
        let Some(keywords) = keywords(py, self.ufunc.n_in, None, Some(&further), &mut held)? else {
            return Ok(None);
        };
        // The exponents of frexp have a dtype of their own.
        if keywords.dtype.is_some() && self.ufunc == table::FREXP_MANTISSA {
            return Ok(None);
        }
        given.resize(2, py.None().into_bound(py));
        let mut outs = [None, None];
        for (out, object) in outs.iter_mut().zip(given) {
            if !object.is_none() {
                match object.cast_into_exact::<NdArray>() {
                    Ok(array) => *out = Some(array),
                    Err(_) => return Ok(None),
                }
            }
        }
        Ok(Some((outs, keywords.mask, keywords.dtype)))
    }

    fn fall_back<'py>(
        &self,
        py: Python<'py>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        fallback::function(py, self.name, args.clone(), kwargs).map(Bound::unbind)
    }
}

/// Adds one object for each row that is a ufunc in NumPy too, by all its names.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let numpy = py.import("numpy")?;
    let class = numpy.getattr("ufunc")?;
    let mut names = Vec::new();
    for ufunc in UFUNCS {
        let Ok(theirs) = numpy.getattr(ufunc.name) else {
            continue;
        };
        if !theirs.is_instance(&class)? {
            continue;
        }
        let object = Bound::new(
            py,
            PyUfunc {
                name: ufunc.name,
                ufunc,
                second: None,
            },
        )?;
        for name in std::iter::once(&ufunc.name).chain(ufunc.aliases) {
            if numpy.hasattr(*name)? {
                module.add(*name, &object)?;
                names.push(*name);
            }
        }
    }
    for (name, ufunc, second) in PAIRS {
        module.add(
            name,
            PyUfunc {
                name,
                ufunc,
                second: Some(second),
            },
        )?;
        names.push(name);
    }
    module.add("_UFUNC_NAMES", PyTuple::new(py, names)?)
}
