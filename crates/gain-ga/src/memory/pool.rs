//! Aligned buffers, recycled by size class.
//!
//! # Rationale
//! First touch of fresh memory costs 3 to 10 times a warm pass, and an array program makes and drops temporaries of
//! few sizes all the time. Small classes live in a free list of the thread, large ones (whole huge pages) in one list
//! of the process. The pool never makes the process's peak higher than that of its live buffers: before fresh pages
//! would raise it, pages that lie idle are given back.
//!
//! # Limitations
//! A small buffer dropped on another thread joins that thread's list.
#![expect(unsafe_code, reason = "owns raw allocations")]

use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::cell::RefCell;
use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::limit::{available_memory, memory_limit};
use super::pages::{self, HUGE_PAGE};
use crate::error::Error;

/// Alignment of every buffer, in bytes: a cache line, and the widest vector register.
pub(crate) const ALIGNMENT: usize = 64;
/// Requests up to this are served from the thread's lists, larger ones by whole huge pages.
const SMALL_UP_TO: usize = HUGE_PAGE / 8 * 7;
/// Steps of size between one power of two and the next.
const STEPS: usize = 4;
/// Number of small classes: 64 bytes to 1.75 MiB, in quarters of a power of two.
const CLASSES: usize = 16 * STEPS;
/// Bytes that lie idle in one class of one thread, at most.
const IDLE_PER_CLASS: usize = 4 << 20;
/// Buffers that lie idle in one class of one thread, at most.
const IDLE_BUFFERS: usize = 256;
/// From this size on, fresh pages are compared with the memory that the kernel says is available.
const ASK_KERNEL: usize = 64 << 20;

/// Memory aligned to 64 bytes, taken from a pool and given back to it when dropped. Local.
///
/// Its content is not initialised (what a former user left), unless it is made by [`Buffer::zeroed`]; from 2 MiB on it
/// lies on huge pages. Dropping it never communicates.
///
/// ```
/// let mut buffer = gain_ga::Buffer::zeroed(100)?;
/// assert_eq!(buffer.len(), 100);
/// assert_eq!(buffer.as_ptr().align_offset(64), 0);
/// assert!(buffer.as_slice().iter().all(|&byte| byte == 0));
/// buffer.as_mut_slice()[3] = 7;
/// # Ok::<(), gain_ga::Error>(())
/// ```
#[derive(Debug)]
pub struct Buffer {
    start: NonNull<u8>,
    len: usize,
    capacity: usize,
}

// SAFETY: a buffer owns its memory alone, and the pool takes it back on any thread.
unsafe impl Send for Buffer {}
// SAFETY: through a shared reference the memory can only be read, or reached by pointers whose users vouch for themselves.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// A buffer of `bytes` bytes with whatever content the memory has. Local.
    ///
    /// # Errors
    /// [`Error::Memory`] when the buffers of this process would take more than [`crate::memory_limit`], or more than there is.
    pub fn new(bytes: usize) -> Result<Buffer, Error> {
        let (start, capacity, _) = acquire(bytes)?;
        Ok(Buffer {
            start,
            len: bytes,
            capacity,
        })
    }

    /// A buffer of `bytes` zeros; fresh pages need no pass over them. Local.
    ///
    /// # Errors
    /// As [`Buffer::new`].
    pub fn zeroed(bytes: usize) -> Result<Buffer, Error> {
        let (start, capacity, is_zero) = acquire(bytes)?;
        if !is_zero {
            // SAFETY: the memory was acquired with at least `bytes` bytes and nobody else knows it yet.
            unsafe { start.write_bytes(0, bytes) };
        }
        Ok(Buffer {
            start,
            len: bytes,
            capacity,
        })
    }

    /// First byte. Local.
    #[must_use]
    pub fn as_ptr(&self) -> *const u8 {
        self.start.as_ptr()
    }

    /// First byte, for writing. Local.
    #[must_use]
    pub fn as_mut_ptr(&mut self) -> *mut u8 {
        self.start.as_ptr()
    }

    /// Number of bytes asked for. Local.
    #[must_use]
    pub fn len(&self) -> usize {
        self.len
    }

    /// Whether no byte was asked for. Local.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// The bytes. Local.
    ///
    /// Every byte that was not written since [`Buffer::new`] holds an arbitrary value.
    #[must_use]
    pub fn as_slice(&self) -> &[u8] {
        // SAFETY: the buffer owns `len` bytes at `start`. Memory of the pool is initialised: blocks come zeroed from the
        // allocator or the kernel (`acquire`), and later only hold what its users wrote.
        unsafe { std::slice::from_raw_parts(self.start.as_ptr(), self.len) }
    }

    /// The bytes, for writing. Local.
    #[must_use]
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: as in `as_slice`; `&mut self` makes the access unique.
        unsafe { std::slice::from_raw_parts_mut(self.start.as_ptr(), self.len) }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        release(self.start, self.capacity);
    }
}

/// Gives the memory that lies idle in the pool back to the system: large blocks, and this thread's small ones. Local.
pub fn trim_pool() {
    large().trim(0);
    let _ = SMALL.try_with(|small| {
        if let Ok(mut small) = small.try_borrow_mut() {
            small.trim();
        }
    });
}

/// Free small blocks of one thread, by class.
struct Small {
    free: [Vec<NonNull<u8>>; CLASSES],
}

impl Small {
    fn trim(&mut self) {
        for (class, free) in self.free.iter_mut().enumerate() {
            for start in free.drain(..) {
                // SAFETY: blocks in a list came from `alloc_zeroed` with their class's layout and have no user.
                unsafe { dealloc(start.as_ptr(), small_layout(class_size(class))) };
            }
        }
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        self.trim();
    }
}

thread_local! {
    static SMALL: RefCell<Small> = const { RefCell::new(Small { free: [const { Vec::new() }; CLASSES] }) };
}

/// Large blocks of the process.
struct Large {
    /// Idle mappings, oldest first.
    idle: Vec<Mapping>,
    idle_bytes: usize,
    live_bytes: usize,
    /// The most that was ever live at once.
    peak_bytes: usize,
}

struct Mapping {
    start: NonNull<u8>,
    bytes: usize,
}

// SAFETY: an idle mapping has no user; the list's lock hands it from thread to thread.
unsafe impl Send for Mapping {}

static LARGE_BLOCKS: Mutex<Large> = Mutex::new(Large {
    idle: Vec::new(),
    idle_bytes: 0,
    live_bytes: 0,
    peak_bytes: 0,
});

fn large() -> MutexGuard<'static, Large> {
    // The state is plain numbers and a list, whole after every statement; a panic elsewhere does not spoil it.
    LARGE_BLOCKS.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Large {
    /// Unmaps idle mappings, oldest first, until at most `keep` bytes lie idle.
    fn trim(&mut self, keep: usize) {
        while self.idle_bytes > keep {
            let oldest = self.idle.remove(0);
            self.idle_bytes -= oldest.bytes;
            // SAFETY: idle mappings are whole mappings of `pages::map` without users.
            unsafe { pages::unmap(oldest.start, oldest.bytes) };
        }
    }

    /// A mapping of `capacity` bytes, and whether it is known to hold zeros.
    fn acquire(&mut self, bytes: usize, capacity: usize) -> Result<(NonNull<u8>, bool), Error> {
        if let Some(found) = self.idle.iter().rposition(|idle| idle.bytes == capacity) {
            let mapping = self.idle.remove(found);
            self.idle_bytes -= capacity;
            self.live_bytes += capacity;
            return Ok((mapping.start, false));
        }
        let limit = memory_limit();
        if self.live_bytes + capacity > limit {
            return Err(Error::Memory {
                bytes,
                limit: limit.saturating_sub(self.live_bytes),
            });
        }
        self.peak_bytes = self.peak_bytes.max(self.live_bytes + capacity);
        self.trim(self.peak_bytes - self.live_bytes - capacity);
        if capacity >= ASK_KERNEL {
            self.ask_kernel(bytes, capacity)?;
        }
        let start = match pages::map(capacity) {
            Some(start) => start,
            None => {
                self.trim(0);
                pages::map(capacity).ok_or_else(|| refused(bytes))?
            }
        };
        self.live_bytes += capacity;
        Ok((start, true))
    }

    /// Refuses what the machine does not have at this moment, after giving it what lies idle here.
    fn ask_kernel(&mut self, bytes: usize, capacity: usize) -> Result<(), Error> {
        let fits =
            |available: Option<usize>| available.is_none_or(|available| capacity <= available);
        if fits(available_memory()) {
            return Ok(());
        }
        self.trim(0);
        match available_memory() {
            Some(available) if capacity > available => Err(Error::Memory {
                bytes,
                limit: available,
            }),
            _ => Ok(()),
        }
    }
}

/// Memory for `bytes` bytes, its capacity, and whether it is known to hold zeros.
fn acquire(bytes: usize) -> Result<(NonNull<u8>, usize, bool), Error> {
    if bytes > SMALL_UP_TO {
        let capacity = large_capacity(bytes).ok_or(Error::Memory {
            bytes,
            limit: memory_limit(),
        })?;
        let (start, is_zero) = large().acquire(bytes, capacity)?;
        return Ok((start, capacity, is_zero));
    }
    let class = class_of(bytes);
    let capacity = class_size(class);
    let recycled = SMALL
        .try_with(|small| small.borrow_mut().free[class].pop())
        .ok()
        .flatten();
    if let Some(start) = recycled {
        return Ok((start, capacity, false));
    }
    let layout = small_layout(capacity);
    // Zeroed, because memory is handed out as initialised bytes.
    // SAFETY: the layout has a size of at least 64.
    let start = unsafe { alloc_zeroed(layout) };
    let start = NonNull::new(start).ok_or_else(|| refused(bytes))?;
    Ok((start, capacity, true))
}

/// What the system has not. Asking it what it has takes longer than a small block.
fn refused(bytes: usize) -> Error {
    Error::Memory {
        bytes,
        limit: available_memory().unwrap_or(0),
    }
}

/// Takes memory of [`acquire`] back.
fn release(start: NonNull<u8>, capacity: usize) {
    if capacity > SMALL_UP_TO {
        let mut large = large();
        large.live_bytes -= capacity;
        large.idle_bytes += capacity;
        large.idle.push(Mapping {
            start,
            bytes: capacity,
        });
        // Idle memory is no use to anybody else: half of what the rank may have is enough.
        large.trim(memory_limit() / 2);
        return;
    }
    let class = class_of(capacity);
    let kept = SMALL.try_with(|small| {
        let free = &mut small.borrow_mut().free[class];
        let room = free.len() < IDLE_BUFFERS && free.len() * capacity < IDLE_PER_CLASS;
        if room {
            free.push(start);
        }
        room
    });
    // A thread that is ending has no list any more.
    if !kept.unwrap_or(false) {
        // SAFETY: small capacities come from `alloc_zeroed` with this layout, and the buffer was the only user.
        unsafe { dealloc(start.as_ptr(), small_layout(capacity)) };
    }
}

fn small_layout(capacity: usize) -> Layout {
    Layout::from_size_align(capacity, ALIGNMENT)
        .expect("a class's size is small and its alignment a power of two")
}

/// The smallest class that holds `bytes` bytes, at most [`SMALL_UP_TO`].
fn class_of(bytes: usize) -> usize {
    let lines = bytes.div_ceil(ALIGNMENT).max(1);
    // Up to one power of two the classes are the multiples of a line; then quarters of each power of two.
    if lines <= STEPS {
        return lines - 1;
    }
    let power = (lines - 1).ilog2() as usize;
    let quarter = (lines - 1) >> (power - 2);
    (power - 2) * STEPS + quarter
}

/// Bytes of a class's blocks.
fn class_size(class: usize) -> usize {
    if class < STEPS {
        return (class + 1) * ALIGNMENT;
    }
    let power = class / STEPS + 1;
    let quarter = class % STEPS;
    ((STEPS + quarter + 1) << (power - 2)) * ALIGNMENT
}

/// Whole huge pages, in eighths of a power of two, so that sizes that differ little share blocks.
fn large_capacity(bytes: usize) -> Option<usize> {
    let pages = bytes.div_ceil(HUGE_PAGE);
    let step = 1usize << (pages.ilog2().saturating_sub(3));
    pages
        .div_ceil(step)
        .checked_mul(step)?
        .checked_mul(HUGE_PAGE)
        .filter(|&capacity| capacity <= isize::MAX as usize)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_hold_their_sizes_tightly() {
        let mut last = 0;
        for bytes in (0..5000)
            .chain((5000..SMALL_UP_TO).step_by(997))
            .chain([SMALL_UP_TO])
        {
            let class = class_of(bytes);
            assert!(class < CLASSES, "{bytes} bytes fall in class {class}");
            let size = class_size(class);
            assert!(
                size >= bytes
                    && size <= SMALL_UP_TO
                    && (size <= 256 || size <= bytes + bytes / 4 + 64),
                "{bytes} bytes take {size}"
            );
            assert_eq!(class_of(size), class, "a class's own size falls in it");
            assert!(class >= last);
            last = class;
        }
        for bytes in [SMALL_UP_TO + 1, HUGE_PAGE + 1, 100 << 20, (1 << 30) + 1] {
            let capacity = large_capacity(bytes).unwrap();
            assert!(capacity >= bytes && capacity <= bytes + bytes / 8 + HUGE_PAGE);
            assert_eq!(large_capacity(capacity), Some(capacity));
        }
        assert_eq!(large_capacity(usize::MAX), None);
    }

    #[test]
    fn recycled_memory_is_zeroed_when_asked() {
        for bytes in [10, 1000, 100_000, 3 << 20] {
            let mut buffer = Buffer::new(bytes).unwrap();
            buffer.as_mut_slice().fill(255);
            drop(buffer);
            let buffer = Buffer::zeroed(bytes).unwrap();
            assert!(buffer.as_slice().iter().all(|&byte| byte == 0), "{bytes}");
            assert_eq!(buffer.as_ptr().align_offset(ALIGNMENT), 0);
        }
    }

    #[test]
    fn a_request_beyond_the_machine_is_refused() {
        assert!(
            matches!(Buffer::new(usize::MAX / 2), Err(Error::Memory { bytes, .. }) if bytes == usize::MAX / 2)
        );
        assert!(matches!(Buffer::new(1 << 50), Err(Error::Memory { .. })));
    }
}
