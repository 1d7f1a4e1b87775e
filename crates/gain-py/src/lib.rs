//! `gain._gain`: NumPy's face of gain-core. Argument parsing, NumPy objects in and out, exceptions; nothing is computed here.
//!
//! What is called ten thousand times a second is Rust (operators, indexing, reductions, ufunc calls); what is called now and then is
//! Python in the package `gain`, built from the functions below. Whatever neither has goes through the gathering fallback
//! (`gain/_fallback.py`).
//!
//! Invariant: gain-core's objects are not `Send`. They live in `gil::GilBound` cells that only open for who holds the GIL, so the
//! module refuses interpreters without one, and no function here releases it.

mod array;
mod attributes;
mod blocks;
mod bridge;
mod buffer;
mod builtin;
mod dtypes;
mod errors;
mod fallback;
mod functions;
mod gil;
mod index;
mod indexing;
mod info;
mod linalg;
mod locator;
mod lookup;
mod metaclass;
mod methods;
mod one_sided;
mod operators;
mod parts;
mod quick;
mod reductions;
mod runtime;
mod selectors;
mod shapes;
mod small;
mod ufunc;
mod ufunc_keywords;
mod value;
mod walks;

use pyo3::prelude::*;

/// The native part of the package `gain`.
#[pymodule(gil_used = true)]
fn _gain(module: &Bound<'_, PyModule>) -> PyResult<()> {
    runtime::start(module.py())?;
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    module.add_class::<array::NdArray>()?;
    module.add_class::<ufunc::PyUfunc>()?;
    builtin::register(module)?;
    metaclass::register(module)?;
    runtime::register(module)?;
    info::register(module)?;
    linalg::register(module)?;
    functions::register(module)?;
    lookup::register(module)?;
    blocks::register(module)?;
    one_sided::register(module)?;
    reductions::register(module)?;
    small::register(module)?;
    ufunc::register(module)
}
