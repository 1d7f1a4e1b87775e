//! Calls on small arrays, which every rank holds whole: NumPy's function does the work on each rank's own copy, at NumPy's cost.
//!
//! Only for functions that move, select, order or count elements, or combine neighbours in an order that gain has too (cumsum, gradient,
//! interp): never for sums, means and products of matrices (`gain/_small.py` names them).

use crate::array::{self, NdArray};
use crate::bridge;
use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use pyo3::types::{PyBool, PyDict, PyFloat, PyInt, PyList, PySlice, PyString, PyTuple, PyType};

/// Bound on the elements of operands and result: up to here two copies and NumPy's call cost less than ours.
const MOST_ELEMENTS: usize = 1 << 14;

/// Functions whose result may have an element for each pair of the operands' elements.
const PAIRS: [&str; 7] = [
    "choose", "cross", "kron", "meshgrid", "outer", "select", "vander",
];

/// Functions of whose integers one may say how many elements the result has, or how many times the operand's.
const COUNTED: [&str; 6] = ["bincount", "histogram", "pad", "repeat", "tile", "vander"];

/// Functions whose third argument may be an array that is read; of the others it may be `out`.
const READS_THREE: [&str; 2] = ["insert", "interp"];

/// A function of NumPy's that works on copies of small arrays.
pub(crate) struct Small {
    theirs: Py<PyAny>,
    cost: Cost,
    reads_three: bool,
}

/// By what the result may be larger than the operands.
#[derive(Clone, Copy)]
struct Cost {
    /// It may have an element for each pair of theirs.
    of_pairs: bool,
    /// Integers among the operands may say how large it is.
    is_counted: bool,
}

impl Small {
    /// The way of a function of NumPy's.
    pub(crate) fn of(theirs: &Bound<'_, PyAny>) -> PyResult<Small> {
        let name: String = theirs.getattr("__name__")?.extract()?;
        Ok(Small {
            theirs: theirs.clone().unbind(),
            cost: Cost {
                of_pairs: PAIRS.contains(&name.as_str()),
                is_counted: COUNTED.contains(&name.as_str()),
            },
            reads_three: READS_THREE.contains(&name.as_str()),
        })
    }

    /// The function's result; `None` unless all operands are small.
    pub(crate) fn answer(
        &self,
        args: &Bound<'_, PyTuple>,
        keywords: Option<&Bound<'_, PyDict>>,
    ) -> PyResult<Option<Py<PyAny>>> {
        let n = args.len();
        if n > 3
            || (n == 3
                && !self.reads_three
                && args.get_borrowed_item(2)?.is_exact_instance_of::<NdArray>())
        {
            return Ok(None);
        }
        on_copies(self.theirs.bind(args.py()), self.cost, args, keywords)
    }
}

/// NumPy's function on copies of the operands, its arrays as gain's; `NotImplemented` unless all operands are small gain arrays, numbers,
/// text, or lists and tuples of them, with at least one array. Collective where an array waits to be computed.
#[pyfunction]
fn _small<'py>(
    function: &Bound<'py, PyAny>,
    args: &Bound<'py, PyTuple>,
    keywords: Option<&Bound<'py, PyDict>>,
) -> PyResult<Py<PyAny>> {
    let cost = Cost {
        of_pairs: true,
        is_counted: false,
    };
    let found = on_copies(function, cost, args, keywords)?;
    Ok(found.unwrap_or_else(|| function.py().NotImplemented()))
}

fn on_copies<'py>(
    function: &Bound<'py, PyAny>,
    cost: Cost,
    args: &Bound<'py, PyTuple>,
    keywords: Option<&Bound<'py, PyDict>>,
) -> PyResult<Option<Py<PyAny>>> {
    let py = args.py();
    let mut seen = Seen {
        n_elements: 1,
        n_times: 1,
        n_arrays: 0,
    };
    for operand in args.iter_borrowed() {
        if !seen.allows(&operand) {
            return Ok(None);
        }
    }
    for (name, operand) in keywords.into_iter().flatten() {
        // What is written to is no operand; where NumPy's result may have any order, gain's is one order on arrays of any size.
        if (name.eq("out")? && !operand.is_none()) || name.eq("sorted")? || !seen.allows(&operand) {
            return Ok(None);
        }
    }
    if seen.n_arrays == 0 || !seen.few(cost) {
        return Ok(None);
    }
    let taken = args
        .iter_borrowed()
        .map(|operand| copied(&operand))
        .collect::<PyResult<Vec<_>>>()?;
    let taken_keywords = match keywords {
        None => None,
        Some(given) => {
            let taken_keywords = PyDict::new(py);
            for (name, operand) in given {
                taken_keywords.set_item(name, copied(&operand)?)?;
            }
            Some(taken_keywords)
        }
    };
    let found = match function.call(PyTuple::new(py, taken)?, taken_keywords.as_ref()) {
        Err(error) if refuses(py, &error)? => return Ok(None),
        found => found?,
    };
    given_back(found).map(|found| Some(found.unbind()))
}

/// Whether NumPy met an object in a list whose `__array__` gives a gain array, which it does not take (`gain/_objects.py`).
fn refuses(py: Python<'_>, error: &PyErr) -> PyResult<bool> {
    Ok(error.is_instance_of::<PyValueError>(py)
        && error
            .value(py)
            .str()?
            .to_cow()?
            .contains("__array__ method not producing an array"))
}

/// What the operands have so far.
struct Seen {
    n_elements: usize,
    n_times: usize,
    n_arrays: usize,
}

impl Seen {
    fn few(&self, cost: Cost) -> bool {
        // A product of pairs costs more than a copy of it.
        let most = if cost.of_pairs {
            4 * MOST_ELEMENTS
        } else {
            MOST_ELEMENTS
        };
        let n_results = match cost.of_pairs {
            true => self.n_elements.saturating_mul(self.n_elements),
            false => self.n_elements,
        };
        let n_times = if cost.is_counted { self.n_times } else { 1 };
        n_results.saturating_mul(n_times) <= most
    }

    /// Takes an operand into account; whether it is one of those that are dealt with here.
    fn allows(&mut self, operand: &Bound<'_, PyAny>) -> bool {
        let py = operand.py();
        if let Ok(array) = operand.cast_exact::<NdArray>() {
            let array = array.get().array(py);
            self.n_elements += array.size();
            self.n_arrays += 1;
            // Products of complex numbers are NumPy's own in their last bits.
            return array.is_small() && !array.dtype().is_complex();
        }
        if operand.is_none()
            || operand.is_exact_instance_of::<PyFloat>()
            || operand.is_exact_instance_of::<PyBool>()
            || operand.is_exact_instance_of::<PyString>()
            || operand.is_exact_instance_of::<PySlice>()
            || operand.is_exact_instance_of::<PyType>()
        {
            return true;
        }
        if operand.is_exact_instance_of::<PyInt>() {
            let times = operand
                .extract::<isize>()
                .map_or(usize::MAX, isize::unsigned_abs);
            self.n_times = self.n_times.saturating_mul(times.max(1));
            return true;
        }
        if let Ok(list) = operand.cast_exact::<PyList>() {
            return list.iter().all(|item| self.allows(&item));
        }
        if let Ok(tuple) = operand.cast_exact::<PyTuple>() {
            return tuple.iter_borrowed().all(|item| self.allows(&item));
        }
        bridge::scalar_value(operand).is_some()
    }
}

/// The operand with NumPy arrays in place of gain arrays.
fn copied<'py>(operand: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = operand.py();
    if let Ok(array) = operand.cast_exact::<NdArray>() {
        return bridge::gather_in_order(py, array.get().array(py));
    }
    if let Ok(list) = operand.cast_exact::<PyList>() {
        let items: Vec<_> = list
            .iter()
            .map(|item| copied(&item))
            .collect::<PyResult<_>>()?;
        return Ok(PyList::new(py, items)?.into_any());
    }
    if let Ok(tuple) = operand.cast_exact::<PyTuple>() {
        let items: Vec<_> = tuple
            .iter_borrowed()
            .map(|item| copied(&item))
            .collect::<PyResult<_>>()?;
        return Ok(PyTuple::new(py, items)?.into_any());
    }
    Ok(operand.clone())
}

/// The result with gain arrays in place of NumPy arrays.
pub(crate) fn given_back<'py>(result: Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = result.py();
    if let Ok(list) = result.cast_exact::<PyList>() {
        let items: Vec<_> = list.iter().map(given_back).collect::<PyResult<_>>()?;
        return Ok(PyList::new(py, items)?.into_any());
    }
    if let Ok(tuple) = result.cast_exact::<PyTuple>() {
        let items: Vec<_> = tuple.iter().map(given_back).collect::<PyResult<_>>()?;
        return Ok(PyTuple::new(py, items)?.into_any());
    }
    if let Ok(tuple) = result.cast::<PyTuple>()
        && let Ok(make) = result.get_type().getattr("_make")
    {
        let items: Vec<_> = tuple.iter().map(given_back).collect::<PyResult<_>>()?;
        return make.call1((items,));
    }
    match bridge::numpy_array(&result) {
        Some(made) => Ok(match bridge::array_in_order(made)? {
            Some(array) => array::object(py, array)?.into_bound(py),
            None => result,
        }),
        None => Ok(result),
    }
}

/// Adds the functions of this file to the module.
pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(_small, module)?)
}
