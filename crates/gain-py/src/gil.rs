//! A cell that opens only for who holds Python's global lock.
#![expect(
    unsafe_code,
    reason = "gain-core's handles are not Send; the lock serialises every access to them"
)]

use pyo3::Python;

/// A value that is touched only under the GIL.
///
/// # Rationale
///
/// A Python object may be passed from thread to thread, so a pyclass has to be `Send + Sync`; gain-core's handles are reference-counted
/// without atomics and are neither. With a GIL only one thread at a time runs in this module, and nothing here releases it.
pub(crate) struct GilBound<T>(T);

// SAFETY: the value is reached through `get`, which asks for the GIL's token, and dropped by Python's deallocator, which runs under the GIL;
// the module declares `gil_used`, so that an interpreter without one takes the lock for it.
unsafe impl<T> Send for GilBound<T> {}
// SAFETY: as above: two threads never hold the GIL at once, so no two accesses overlap.
unsafe impl<T> Sync for GilBound<T> {}

impl<T> GilBound<T> {
    /// Puts a value in; the caller holds the GIL.
    pub(crate) fn new(_py: Python<'_>, value: T) -> GilBound<T> {
        GilBound(value)
    }

    /// The value, for as long as the GIL is held.
    #[inline(always)]
    pub(crate) fn get<'a>(&'a self, _py: Python<'a>) -> &'a T {
        &self.0
    }
}
