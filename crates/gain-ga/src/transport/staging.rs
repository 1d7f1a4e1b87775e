//! Messages between the ranks of a node through memory that they share.
//!
//! # Rationale
//! The sender packs a message straight into a block of its own staging memory and posts the block's place in a ring for
//! the receiver, who reads the pieces where they lie and gives the block back by a flag in it: one copy in
//! all, no system call, no help of the other rank. Through MPI the same message is copied two or three times. The
//! memory is a `memfd` of each rank, which the others open by `/proc`: sparse, freed with its last user however that
//! ends, and no matter of how large /dev/shm is.
//!
//! # Limitations
//! A rank's staging memory is bounded; blocks are recycled by size class and never joined. What finds no room goes by
//! MPI, announced in the ring, so that order is kept.
#![expect(unsafe_code, reason = "memory that other processes write to")]

use std::fs::OpenOptions;
use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};

/// Messages under way from one rank to another that the ring holds.
const RING: usize = 64;
/// What a block begins with: its flag, alone on its cache line.
const FRONT: usize = 64;
/// The first page: the mark that tells whose memory it is.
const MARK_BYTES: usize = 4096;
/// Blocks of one class that are asked before a new one is cut.
const ASKED: usize = 16;
/// A ring entry's place of a message that comes by the network.
const BY_NETWORK: u64 = u64::MAX;

/// Memory mapped by several processes.
#[derive(Debug)]
pub(crate) struct Mapping {
    start: *mut u8,
    len: usize,
}

// SAFETY: the mapping is plain memory; who may touch which byte when is told by flags and rings in it.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours alone to unmap, and every block holds it by an `Arc`.
        unsafe { libc::munmap(self.start.cast(), self.len) };
    }
}

impl Mapping {
    /// Maps a file whole; `None` if it has another length or the kernel refuses.
    fn new(file: &impl AsRawFd, len: usize) -> Option<Mapping> {
        let mut found = std::mem::MaybeUninit::<libc::stat>::zeroed();
        // SAFETY: the descriptor is open and the result is written by the call; all zeros are a valid value of it.
        let found = unsafe {
            (libc::fstat(file.as_raw_fd(), found.as_mut_ptr()) == 0).then(|| found.assume_init())
        }?;
        if found.st_size != libc::off_t::try_from(len).ok()? {
            return None;
        }
        // SAFETY: a shared mapping of an open file at an address of the kernel's choice.
        let start = unsafe {
            let protection = libc::PROT_READ | libc::PROT_WRITE;
            libc::mmap(
                std::ptr::null_mut(),
                len,
                protection,
                libc::MAP_SHARED | libc::MAP_NORESERVE,
                file.as_raw_fd(),
                0,
            )
        };
        (start != libc::MAP_FAILED).then_some(Mapping {
            start: start.cast(),
            len,
        })
    }

    /// A word of the mapping.
    fn word(&self, offset: usize) -> &AtomicU64 {
        assert!(offset.is_multiple_of(8) && offset + 8 <= self.len);
        // SAFETY: the word is aligned and lies in the mapping, of which all words at such places are only used as atomics.
        unsafe { &*self.start.add(offset).cast() }
    }
}

/// This rank's memory, before the others have opened it.
pub(crate) struct Own {
    file: OwnedFd,
    mapping: Mapping,
    mark: u64,
    places: usize,
}

impl Own {
    /// Memory with `bytes` bytes for messages to the `places` ranks of the node.
    pub(crate) fn new(bytes: usize, places: usize) -> Option<Own> {
        let len = heap_start(places)
            .checked_add(bytes)?
            .next_multiple_of(MARK_BYTES);
        // SAFETY: the name is a string that ends in 0.
        let raw = unsafe { libc::memfd_create(c"gain staging".as_ptr(), libc::MFD_CLOEXEC) };
        if raw < 0 {
            return None;
        }
        // SAFETY: the descriptor was just made and nobody else knows it.
        let file = unsafe { OwnedFd::from_raw_fd(raw) };
        // SAFETY: the descriptor is open.
        if unsafe { libc::ftruncate(raw, libc::off_t::try_from(len).ok()?) } != 0 {
            return None;
        }
        let mapping = Mapping::new(&file, len)?;
        let time = std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |time| time.as_nanos() as u64);
        let mark = time.rotate_left(20) ^ u64::from(std::process::id());
        mapping.word(0).store(mark, Ordering::Release);
        Some(Own {
            file,
            mapping,
            mark,
            places,
        })
    }

    /// What the other ranks need to open it: process, descriptor, length, mark.
    pub(crate) fn ticket(&self) -> [u64; 4] {
        [
            u64::from(std::process::id()),
            self.file.as_raw_fd() as u64,
            self.mapping.len as u64,
            self.mark,
        ]
    }
}

/// Opens another rank's memory; `None` where the system does not let it, or another process has that number here.
pub(crate) fn open(ticket: [u64; 4]) -> Option<Arc<Mapping>> {
    let [process, descriptor, len, mark] = ticket;
    let file = OpenOptions::new()
        .read(true)
        .write(true)
        .open(format!("/proc/{process}/fd/{descriptor}"))
        .ok()?;
    let mapping = Mapping::new(&file, usize::try_from(len).ok()?)?;
    (mapping.word(0).load(Ordering::Acquire) == mark).then(|| Arc::new(mapping))
}

/// Where a place's ring begins.
fn ring_start(place: usize) -> usize {
    // The count of entries taken, on a line of its own, then entries of four words.
    MARK_BYTES + place * (FRONT + RING * 32)
}

/// Where the blocks begin.
fn heap_start(places: usize) -> usize {
    ring_start(places).next_multiple_of(MARK_BYTES)
}

/// A ring from one rank to another, in the sender's memory.
#[derive(Clone, Debug)]
pub(crate) struct Ring {
    mapping: Arc<Mapping>,
    start: usize,
}

/// What a ring says of a message.
#[derive(Debug)]
pub(crate) enum Posted {
    /// It lies here.
    Here(SharedBlock),
    /// It comes by the network, this long.
    ByNetwork(usize),
}

impl Ring {
    /// The ring of `mapping`'s rank for the rank at `place` of the node.
    pub(crate) fn new(mapping: &Arc<Mapping>, place: usize) -> Ring {
        Ring {
            mapping: Arc::clone(mapping),
            start: ring_start(place),
        }
    }

    fn entry(&self, number: u64) -> usize {
        self.start + FRONT + (number as usize % RING) * 32
    }

    /// Whether message `number` has room.
    pub(crate) fn has_room(&self, number: u64) -> bool {
        number - self.mapping.word(self.start).load(Ordering::Acquire) < RING as u64
    }

    /// Posts message `number`, the next one, which has room.
    pub(crate) fn post(&self, number: u64, message: Posted) {
        let entry = self.entry(number);
        let (place, bytes) = match message {
            Posted::Here(block) => block.hand_over(),
            Posted::ByNetwork(bytes) => (BY_NETWORK, bytes as u64),
        };
        self.mapping.word(entry + 8).store(place, Ordering::Relaxed);
        self.mapping
            .word(entry + 16)
            .store(bytes, Ordering::Relaxed);
        self.mapping
            .word(entry)
            .store(number + 1, Ordering::Release);
    }

    /// Takes message `number`, the next one, if it is posted.
    #[inline]
    pub(crate) fn take(&self, number: u64) -> Option<Posted> {
        let entry = self.entry(number);
        if self.mapping.word(entry).load(Ordering::Acquire) != number + 1 {
            return None;
        }
        let place = self.mapping.word(entry + 8).load(Ordering::Relaxed);
        let bytes = self.mapping.word(entry + 16).load(Ordering::Relaxed) as usize;
        self.mapping
            .word(self.start)
            .store(number + 1, Ordering::Release);
        if place == BY_NETWORK {
            return Some(Posted::ByNetwork(bytes));
        }
        Some(Posted::Here(SharedBlock::new(
            &self.mapping,
            place as usize,
            bytes,
        )))
    }
}

/// A block of some rank's staging memory, in the hands of this one: it alone may use the bytes. Dropping it gives it back
/// to its rank.
#[derive(Debug)]
pub(crate) struct SharedBlock {
    mapping: Arc<Mapping>,
    /// Where its flag lies; the bytes follow behind [`FRONT`].
    place: usize,
    len: usize,
}

impl SharedBlock {
    fn new(mapping: &Arc<Mapping>, place: usize, len: usize) -> SharedBlock {
        assert!(
            place.is_multiple_of(FRONT) && place + FRONT + len <= mapping.len,
            "a block lies in its mapping"
        );
        SharedBlock {
            mapping: Arc::clone(mapping),
            place,
            len,
        }
    }

    pub(crate) fn as_slice(&self) -> &[u8] {
        // SAFETY: the bytes lie in the mapping (`new`), and the flag keeps them this block's alone, by the rings' order.
        unsafe { std::slice::from_raw_parts(self.mapping.start.add(self.place + FRONT), self.len) }
    }

    pub(crate) fn as_mut_slice(&mut self) -> &mut [u8] {
        // SAFETY: as above.
        unsafe {
            std::slice::from_raw_parts_mut(self.mapping.start.add(self.place + FRONT), self.len)
        }
    }

    /// Leaves the block to the rank that takes it from the ring: its place and length.
    fn hand_over(self) -> (u64, u64) {
        let block = std::mem::ManuallyDrop::new(self);
        // SAFETY: the block is never dropped, so that the mapping is read out of it once.
        drop(unsafe { std::ptr::read(&block.mapping) });
        (block.place as u64, block.len as u64)
    }
}

impl Drop for SharedBlock {
    fn drop(&mut self) {
        flag(&self.mapping, self.place).store(0, Ordering::Release);
    }
}

/// A block's flag: 1 while somebody holds the block.
fn flag(mapping: &Mapping, place: usize) -> &AtomicU32 {
    assert!(place.is_multiple_of(FRONT) && place + FRONT <= mapping.len);
    // SAFETY: the flag is aligned, lies in the mapping, and is only used as an atomic.
    unsafe { &*mapping.start.add(place).cast() }
}

/// The blocks of this rank's memory.
#[derive(Debug)]
pub(crate) struct Blocks {
    mapping: Arc<Mapping>,
    /// Where the memory begins that no block has yet.
    unused: usize,
    classes: Vec<Class>,
}

/// The blocks of one capacity.
#[derive(Debug)]
struct Class {
    capacity: usize,
    /// Where they lie.
    places: Vec<usize>,
    /// Which of them to ask next.
    next: usize,
}

impl Blocks {
    /// Shares the memory out; the descriptor is closed, the others having opened it.
    pub(crate) fn new(own: Own) -> Blocks {
        Blocks {
            unused: heap_start(own.places),
            mapping: Arc::new(own.mapping),
            classes: Vec::new(),
        }
    }

    /// The memory.
    pub(crate) fn mapping(&self) -> &Arc<Mapping> {
        &self.mapping
    }

    /// A block for `len` bytes; `None` when there is no room.
    pub(crate) fn take(&mut self, len: usize) -> Option<SharedBlock> {
        let capacity = capacity(len);
        // A program uses few sizes, so that looking through them beats hashing.
        let class = match self
            .classes
            .iter()
            .position(|class| class.capacity == capacity)
        {
            Some(class) => class,
            None => {
                self.classes.push(Class {
                    capacity,
                    places: Vec::new(),
                    next: 0,
                });
                self.classes.len() - 1
            }
        };
        let Class { places, next, .. } = &mut self.classes[class];
        let is_free = |place: usize| flag(&self.mapping, place).load(Ordering::Acquire) == 0;
        // A block that is free again is likely the one asked longest ago; asking all would cost more than a new one.
        for _ in 0..places.len().min(ASKED) {
            let place = places[*next];
            *next = (*next + 1) % places.len();
            if is_free(place) {
                return Some(self.hold(place, len));
            }
        }
        let place = self.unused;
        if place + FRONT + capacity <= self.mapping.len {
            self.unused += FRONT + capacity;
            places.push(place);
            return Some(self.hold(place, len));
        }
        let free = places.iter().copied().find(|&place| is_free(place))?;
        Some(self.hold(free, len))
    }

    fn hold(&self, place: usize, len: usize) -> SharedBlock {
        flag(&self.mapping, place).store(1, Ordering::Relaxed);
        SharedBlock::new(&self.mapping, place, len)
    }
}

/// The capacity of a block for `len` bytes: eighths of a power of two, whole cache lines.
fn capacity(len: usize) -> usize {
    let step = (len.max(512).next_power_of_two() / 16).max(FRONT);
    len.max(1).next_multiple_of(step)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two ends in this process: the memory of a sender, and a receiver's ring into it.
    fn pair(bytes: usize) -> (Blocks, Ring, Ring) {
        let own = Own::new(bytes, 2).unwrap();
        let opened = open(own.ticket()).unwrap();
        let blocks = Blocks::new(own);
        let sending = Ring::new(blocks.mapping(), 1);
        (blocks, sending, Ring::new(&opened, 1))
    }

    #[test]
    fn messages_come_in_order_and_blocks_come_back() {
        let (mut blocks, sending, receiving) = pair(1 << 20);
        assert!(receiving.take(0).is_none());
        for number in 0..1000u64 {
            let mut block = blocks.take(100_000).unwrap();
            block.as_mut_slice()[..8].copy_from_slice(&number.to_le_bytes());
            assert!(sending.has_room(number));
            sending.post(number, Posted::Here(block));
            let Some(Posted::Here(block)) = receiving.take(number) else {
                panic!("message {number} is posted")
            };
            assert_eq!(block.as_slice()[..8], number.to_le_bytes());
            assert_eq!(block.as_slice().len(), 100_000);
        }
        assert!(receiving.take(1000).is_none());
    }

    #[test]
    fn full_rings_and_full_memory_say_so() {
        let (mut blocks, sending, receiving) = pair(1 << 16);
        for number in 0..RING as u64 {
            assert!(sending.has_room(number));
            sending.post(number, Posted::ByNetwork(number as usize));
        }
        assert!(!sending.has_room(RING as u64));
        assert!(matches!(receiving.take(0), Some(Posted::ByNetwork(0))));
        assert!(sending.has_room(RING as u64));
        let held: Vec<SharedBlock> = std::iter::from_fn(|| blocks.take(5000)).collect();
        assert!(held.len() >= 10);
        assert!(blocks.take(1 << 16).is_none());
        drop(held);
        assert!(blocks.take(5000).is_some());
    }

    #[test]
    fn another_processes_memory_is_not_taken_for_the_ranks() {
        let own = Own::new(1 << 16, 2).unwrap();
        let [process, descriptor, len, mark] = own.ticket();
        assert!(open([process, descriptor, len, mark + 1]).is_none());
        assert!(open([process, descriptor, len * 2, mark]).is_none());
        assert!(open([process, descriptor + 1000, len, mark]).is_none());
    }

    #[test]
    fn capacities_are_tight() {
        for len in [0, 1, 64, 65, 300, 1000, 5000, 1 << 20, (1 << 20) + 1] {
            let capacity = capacity(len);
            assert!(
                capacity >= len
                    && capacity <= len + len / 8 + FRONT
                    && capacity.is_multiple_of(FRONT),
                "{len}: {capacity}"
            );
        }
    }
}
