//! Names the user's source line for reports: asked at a flush, never per operation.
#![expect(
    unsafe_code,
    reason = "reads the interpreter's frames through its C API, which runs no Python code"
)]

use pyo3::ffi;
use pyo3::prelude::*;
use pyo3::types::{PyAnyMethods, PyString};

/// "file:line" of the innermost Python frame outside the package `gain`; empty when there is none.
///
/// # Rationale
///
/// Making a frame object may start the cyclic garbage collector (until Python 3.12), whose finalisers may drop arrays while the runtime is at
/// work; the collector rests meanwhile.
pub(crate) fn user_line() -> String {
    Python::attach(|py| {
        // SAFETY: the GIL is held; the call only sets a flag and returns its old value.
        let collecting = unsafe { ffi::PyGC_Disable() };
        let line = find(py);
        if collecting != 0 {
            // SAFETY: as above.
            unsafe { ffi::PyGC_Enable() };
        }
        line
    })
}

fn find(py: Python<'_>) -> String {
    // SAFETY: the GIL is held; the result is borrowed or null, and `from_borrowed_ptr_or_opt` takes a reference of its own.
    let mut frame = unsafe { Bound::from_borrowed_ptr_or_opt(py, ffi::PyEval_GetFrame().cast()) };
    while let Some(here) = frame {
        let raw = here.as_ptr().cast::<ffi::PyFrameObject>();
        // SAFETY: `here` is a frame that we hold; the call returns a new reference that is never null.
        let code = unsafe { Bound::from_owned_ptr(py, ffi::PyFrame_GetCode(raw).cast()) };
        if let Ok(name) = code.getattr("co_filename")
            && let Ok(name) = name.cast::<PyString>()
            && let Ok(name) = name.to_str()
            && !in_package(name)
        {
            // SAFETY: `here` is a frame that we hold.
            let line = unsafe { ffi::PyFrame_GetLineNumber(raw) };
            return format!("{name}:{line}");
        }
        // SAFETY: `here` is a frame that we hold; the call returns a new reference or null without an exception.
        frame = unsafe { Bound::from_owned_ptr_or_opt(py, ffi::PyFrame_GetBack(raw).cast()) };
    }
    String::new()
}

/// Whether a file belongs to the package's own machinery.
fn in_package(name: &str) -> bool {
    name.starts_with('<')
        || name.contains("/gain/_")
        || name.ends_with("/gain/__init__.py")
        || name.ends_with("/gain/launch.py")
}
