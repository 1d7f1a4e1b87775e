//! Zeroed memory on huge pages, for the hand-written loops.
#![expect(
    unsafe_code,
    reason = "mmap, madvise and the slice over what they give"
)]

use std::{
    io,
    marker::PhantomData,
    ops::{Deref, DerefMut},
    ptr::NonNull,
    slice,
};

use crate::error::{Error, Result};

/// Types for which all bits zero are the number 0.
pub trait Number: Copy + Send + Sync + 'static {}

impl Number for f32 {}
impl Number for f64 {}

/// `len` numbers, zero at first.
pub struct Pages<T: Number> {
    start: NonNull<T>,
    len: usize,
    owned: PhantomData<T>,
}

impl<T: Number> Pages<T> {
    /// Memory for `len` numbers, with the kernel asked for huge pages.
    pub fn zeroed(len: usize) -> Result<Self> {
        let bytes = Self::bytes(len);
        let protection = libc::PROT_READ | libc::PROT_WRITE;
        let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS;
        // SAFETY: a new anonymous mapping touches no memory that anything else holds.
        let start = unsafe { libc::mmap(std::ptr::null_mut(), bytes, protection, flags, -1, 0) };
        if start == libc::MAP_FAILED {
            return Err(Error::Memory {
                bytes,
                cause: io::Error::last_os_error(),
            });
        }
        // SAFETY: the range is the mapping above. A refusal only costs speed.
        unsafe { libc::madvise(start, bytes, libc::MADV_HUGEPAGE) };
        let start = NonNull::new(start.cast()).expect("a mapping is not at address 0");
        Ok(Self {
            start,
            len,
            owned: PhantomData,
        })
    }

    /// At least one byte: an empty mapping is an error.
    fn bytes(len: usize) -> usize {
        (len * size_of::<T>()).max(1)
    }
}

impl<T: Number> Deref for Pages<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        // SAFETY: the mapping holds `len` numbers (all bits are valid, see Number) and lives as long as self.
        unsafe { slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }
}

impl<T: Number> DerefMut for Pages<T> {
    fn deref_mut(&mut self) -> &mut [T] {
        // SAFETY: as in deref, and self is borrowed exclusively.
        unsafe { slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl<T: Number> Drop for Pages<T> {
    fn drop(&mut self) {
        // SAFETY: the mapping of `zeroed`, which no slice outlives.
        unsafe { libc::munmap(self.start.as_ptr().cast(), Self::bytes(self.len)) };
    }
}
