//! Memory is asked for before it is used.

#![expect(unsafe_code, reason = "the instruction takes an address")]

/// Asks for a cache line, into the second level: the first is too small for a stencil's rows. Any address will do. Local.
#[inline(always)]
pub fn fetch(at: *const u8) {
    #[cfg(target_arch = "x86_64")]
    // SAFETY: a prefetch has no effect but on caches, and every x86-64 machine has it.
    unsafe {
        std::arch::x86_64::_mm_prefetch::<{ std::arch::x86_64::_MM_HINT_T1 }>(at.cast());
    }
    #[cfg(not(target_arch = "x86_64"))]
    let _ = at;
}
