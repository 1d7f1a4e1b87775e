//! The class `gain.ufunc`, one object for each row of gain_ufunc's table. `reduce`, `accumulate`, `outer` and `at` are Python
//! (`gain/_ufuncs.py`), built from calls and reductions.

use crate::array::{self, NdArray};
use crate::errors::exception;
use crate::runtime::runtime;
use crate::value::{Value, is_negative_integer, value};
use crate::{dtypes, fallback};
use gain_core::ufunc::{self as table, UFUNCS, Ufunc};
use gain_core::{Casting, DType, Error, Operand, OperandType, Options, operate};
use pyo3::exceptions::PyTypeError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyList, PyString, PyTuple};
use smallvec::SmallVec;

/// A function that works element by element, with NumPy's interface.
#[pyclass(name = "ufunc", module = "gain", frozen)]
pub(crate) struct PyUfunc {
    ufunc: &'static Ufunc,
}

/// The keywords with a native way.
struct Keywords<'a, 'py> {
    out: Option<&'a Bound<'py, NdArray>>,
    mask: Option<Bound<'py, NdArray>>,
    dtype: Option<DType>,
    casting: Casting,
}

#[pymethods]
impl PyUfunc {
    #[getter]
    fn __name__(&self) -> &'static str {
        self.ufunc.name
    }

    #[getter]
    fn __qualname__(&self) -> &'static str {
        self.ufunc.name
    }

    /// What `__doc__` of the object says; of the class it is the line above.
    #[getter]
    fn _doc(&self) -> String {
        let inputs = if self.ufunc.n_in == 1 { "x" } else { "x1, x2" };
        let tail = "out=None, *, where=True, casting='same_kind', dtype=None";
        format!(
            "{}({inputs}, /, {tail})\n\n{}",
            self.ufunc.name, self.ufunc.doc
        )
    }

    #[getter]
    fn nin(&self) -> usize {
        self.ufunc.n_in
    }

    #[getter]
    fn nout(&self) -> usize {
        1
    }

    #[getter]
    fn nargs(&self) -> usize {
        self.ufunc.n_in + 1
    }

    #[getter]
    fn ntypes(&self) -> usize {
        self.ufunc.signatures.len()
    }

    #[getter]
    fn identity<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        // Minimum and its like have none; those of the logical ones are booleans, which NumPy's own object says.
        py.import("numpy")?
            .getattr(self.ufunc.name)?
            .getattr("identity")
    }

    #[getter]
    fn signature(&self) -> Option<&'static str> {
        None
    }

    /// The loops there are, as NumPy writes them.
    #[getter]
    fn types<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyList>> {
        let text = |dtype: DType| -> PyResult<String> {
            dtypes::object(py, dtype).getattr("char")?.extract()
        };
        let mut lines = Vec::new();
        for row in self.ufunc.signatures {
            let mut line = String::new();
            // NumPy has its loops for int64 with uint64 under the other names of these types.
            let is_mixed = row.inputs() == [DType::I64, DType::U64]
                || row.inputs() == [DType::U64, DType::I64];
            for &input in row.inputs() {
                line += &if is_mixed {
                    text(input)?.replace('l', "q").replace('L', "Q")
                } else {
                    text(input)?
                };
            }
            line += "->";
            line += &text(row.output)?;
            lines.push(line);
        }
        PyList::new(py, lines)
    }

    fn __repr__(&self) -> String {
        format!("<ufunc '{}'>", self.ufunc.name)
    }

    fn __reduce__(&self) -> &'static str {
        self.ufunc.name
    }

    #[pyo3(signature = (*args, **kwargs))]
    fn __call__<'py>(
        &self,
        py: Python<'py>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        let n_in = self.ufunc.n_in;
        if args.len() < n_in || args.len() > n_in + 1 {
            return Err(PyTypeError::new_err(format!(
                "{}() takes from {} to {} positional arguments but {} {} given",
                self.ufunc.name,
                n_in,
                n_in + 1,
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
        if args.len() == n_in && kwargs.is_none_or(|kwargs| kwargs.is_empty()) {
            let found = match operate::ufunc(runtime(py), self.ufunc, &operands) {
                Ok(found) => found,
                // No loop for these: NumPy has one, or says so in its own words.
                Err(Error::Ufunc(_)) => return self.fall_back(py, args, kwargs),
                Err(error) => return Err(exception(error)),
            };
            if found.dtype() == DType::F32 && operands.iter().all(is_narrow) {
                // NumPy computes in float16, which gain has not.
                return self.fall_back(py, args, kwargs);
            }
            return array::result(py, found);
        }
        let mut held = None;
        let Some(keywords) = keywords(py, objects.get(n_in), kwargs, &mut held)? else {
            return self.fall_back(py, args, kwargs);
        };
        let options = Options {
            out: keywords.out.map(|out| out.get().array(py)),
            dtype: keywords.dtype,
            casting: keywords.casting,
            mask: keywords.mask.as_ref().map(|mask| mask.get().array(py)),
        };
        let found = match operate::ufunc_with(runtime(py), self.ufunc, &operands, &options) {
            Ok(found) => found,
            Err(Error::Ufunc(_)) => return self.fall_back(py, args, kwargs),
            Err(error) => return Err(exception(error)),
        };
        match keywords.out {
            Some(out) => Ok(out.clone().into_any().unbind()),
            None => array::result(py, found),
        }
    }
}

impl PyUfunc {
    fn fall_back<'py>(
        &self,
        py: Python<'py>,
        args: &Bound<'py, PyTuple>,
        kwargs: Option<&Bound<'py, PyDict>>,
    ) -> PyResult<Py<PyAny>> {
        fallback::function(py, self.ufunc.name, args.clone(), kwargs).map(Bound::unbind)
    }
}

/// Whether an operand's values all fit float16, so that NumPy's choice of a floating-point loop is that one.
fn is_narrow(operand: &Operand<'_>) -> bool {
    matches!(
        operand.operand_type(),
        OperandType::Array(DType::Bool | DType::I8 | DType::U8)
    )
}

/// The keywords, or `None` when there is one that only NumPy knows.
fn keywords<'a, 'py>(
    py: Python<'py>,
    positional: Option<&Bound<'py, PyAny>>,
    given: Option<&Bound<'py, PyDict>>,
    held: &'a mut Option<Bound<'py, NdArray>>,
) -> PyResult<Option<Keywords<'a, 'py>>> {
    let mut out = positional.cloned();
    let mut keywords = Keywords {
        out: None,
        mask: None,
        dtype: None,
        casting: Casting::SameKind,
    };
    for (name, value) in given.into_iter().flatten() {
        let name = name.cast_into::<PyString>()?;
        match name.to_str()? {
            "out" => out = Some(value),
            "dtype" if value.is_none() => {}
            "dtype" => match dtypes::from_object(&value)? {
                None => return Ok(None),
                known => keywords.dtype = known,
            },
            "casting" => match value.extract::<&str>().ok().and_then(Casting::from_name) {
                None => return Ok(None),
                Some(rule) => keywords.casting = rule,
            },
            "where" => {
                if let Ok(flag) = value.cast::<PyBool>()
                    && flag.is_true()
                {
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
            "order" | "subok" => {}
            _ => return Ok(None),
        }
    }
    if let Some(given) = out {
        let single = match given.cast::<PyTuple>() {
            Ok(tuple) if tuple.len() == 1 => tuple.get_item(0)?,
            Ok(_) => return Ok(None),
            Err(_) => given,
        };
        if !single.is_none() {
            match single.cast_into_exact::<NdArray>() {
                Ok(array) => *held = Some(array),
                Err(_) => return Ok(None),
            }
        }
    }
    keywords.out = held.as_ref();
    Ok(Some(keywords))
}

/// Adds one object for each row that is a ufunc in NumPy too, by all its names.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    let py = module.py();
    let numpy = py.import("numpy")?;
    let class = numpy.getattr("ufunc")?;
    let mut names = Vec::new();
    for ufunc in UFUNCS {
        if !numpy.getattr(ufunc.name)?.is_instance(&class)? {
            continue;
        }
        let object = Bound::new(py, PyUfunc { ufunc })?;
        for name in std::iter::once(&ufunc.name).chain(ufunc.aliases) {
            if numpy.hasattr(*name)? {
                module.add(*name, &object)?;
                names.push(*name);
            }
        }
    }
    module.add("_UFUNC_NAMES", PyTuple::new(py, names)?)
}
