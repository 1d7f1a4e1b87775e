//! Whole pages from the kernel, on huge pages where it has them.
#![expect(unsafe_code, reason = "mmap, madvise and munmap")]

use std::ptr::NonNull;

/// Size and alignment of a huge page.
pub(super) const HUGE_PAGE: usize = 2 << 20;

/// Maps `bytes` (a multiple of a huge page) of zeroed memory at a multiple of a huge page; `None` when the kernel refuses.
pub(super) fn map(bytes: usize) -> Option<NonNull<u8>> {
    debug_assert!(bytes > 0 && bytes.is_multiple_of(HUGE_PAGE));
    let with_slack = bytes.checked_add(HUGE_PAGE)?;
    // SAFETY: an anonymous private mapping at an address of the kernel's choice touches no memory of ours.
    let start = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            with_slack,
            libc::PROT_READ | libc::PROT_WRITE,
            libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE,
            -1,
            0,
        )
    };
    if start == libc::MAP_FAILED {
        return None;
    }
    let skip = start.align_offset(HUGE_PAGE);
    // SAFETY: both ends given back lie inside the mapping just made, outside the aligned `bytes` that are kept; all
    // three are multiples of the page size because the mapping's start is.
    unsafe {
        let kept = start.cast::<u8>().add(skip);
        if skip > 0 {
            libc::munmap(start, skip);
        }
        if HUGE_PAGE - skip > 0 {
            libc::munmap(kept.add(bytes).cast(), HUGE_PAGE - skip);
        }
        // Advice only: a kernel without transparent huge pages says no, and small pages serve.
        libc::madvise(kept.cast(), bytes, libc::MADV_HUGEPAGE);
        NonNull::new(kept)
    }
}

/// Gives a mapping of [`map`] back.
///
/// # Safety
/// `start` and `bytes` come from one call of [`map`], are given back once, and nothing uses the memory any more.
pub(super) unsafe fn unmap(start: NonNull<u8>, bytes: usize) {
    // SAFETY: the caller promises that this is a whole mapping of `map` without users.
    unsafe { libc::munmap(start.as_ptr().cast(), bytes) };
}
