//! Memory of a thread for registers, slots and scratch.

use std::cell::RefCell;

/// A cache line of arena memory.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; 64]);

thread_local! {
    /// Memory for registers and scratch, kept from run to run.
    static ARENA: RefCell<Vec<Line>> = const { RefCell::new(Vec::new()) };
}

/// Lends `bytes` bytes of this thread's arena, aligned to 64, with unspecified content.
pub(in crate::run) fn with_arena<R>(bytes: usize, work: impl FnOnce(*mut u8) -> R) -> R {
    // The arena is taken out, so that work which lends again gets another one.
    let mut arena = ARENA.take();
    let lines = bytes.div_ceil(64);
    if arena.len() < lines {
        arena.resize(lines, Line([0; 64]));
    }
    let result = work(arena.as_mut_ptr().cast());
    ARENA.replace(arena);
    result
}
