//! Memory of all ranks that one rank reaches by itself: what a global array lies in.
#![expect(unsafe_code, reason = "memory that other ranks reach")]

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use smallvec::SmallVec;

use crate::element::{AccumulateOp, NumberKind};
use crate::error::Error;
use crate::memory::Buffer;
use crate::team::Team;
use crate::waiting::Wait;

/// Memory of every rank of a team, reachable by all of them.
pub(crate) trait Window {
    /// First byte of a rank's memory where this process can address it.
    fn direct(&self, rank: usize) -> Option<*mut u8>;
    /// The lock that orders direct access to a rank's memory. `None` when not all ranks come by it: then the
    /// network orders accumulations, and nothing else.
    fn lock(&self, rank: usize) -> Option<&AccessLock>;
    /// The network's way to ranks, when not all can be addressed.
    fn remote(&self) -> Option<&dyn Remote>;
    /// Gives the memory back. Collective over the team, in one order of windows.
    fn free(self: Box<Self>) -> Result<(), Error>;
}

/// A window that is being opened: this rank has its memory.
pub(crate) trait OpeningWindow {
    /// The window, once every rank has its memory. Collective over the team.
    fn open(self: Box<Self>) -> Result<Box<dyn Window>, Error>;
}

/// A window in use, with what the network still works on.
pub(crate) struct OpenWindow {
    pub window: Box<dyn Window>,
    /// Packed sides of transfers whose handles have gone.
    pub in_flight: RefCell<Vec<Buffer>>,
}

impl OpenWindow {
    /// Completes all transfers of this rank.
    pub(crate) fn flush_all(&self) -> Result<(), Error> {
        if let Some(remote) = self.window.remote() {
            remote.flush_all()?;
            self.in_flight.borrow_mut().clear();
        }
        Ok(())
    }
}

/// The windows of a team that this rank has dropped and not all ranks yet, by number.
#[derive(Default)]
pub(crate) struct Windows {
    opened: Cell<u64>,
    dropped: RefCell<BTreeMap<u64, Rc<OpenWindow>>>,
}

impl Team {
    /// Opens a window of `bytes` zeroed bytes of this rank, and frees those that all ranks have dropped. Collective over
    /// the team; `agreed` is equal on all ranks.
    pub(crate) fn open_window(
        &self,
        agreed: u64,
        bytes: usize,
    ) -> Result<(u64, OpenWindow), Error> {
        let windows = &self.inner.windows;
        let mut mine = vec![agreed];
        mine.extend(
            windows
                .dropped
                .borrow()
                .iter()
                .filter(|(_, open)| Rc::strong_count(open) == 1)
                .map(|(number, _)| number),
        );
        let all: Vec<Vec<u64>> = self
            .all_gather(bytemuck::cast_slice(&mine))?
            .iter()
            .map(|bytes| {
                bytes
                    .chunks_exact(8)
                    .map(bytemuck::pod_read_unaligned)
                    .collect()
            })
            .collect();
        if let Some(other) = all.iter().position(|other| other[0] != agreed) {
            let reason = format!(
                "rank {other} gives another distribution or element type than rank {}",
                self.rank()
            );
            return Err(Error::Usage {
                operation: "GlobalArray::create",
                reason,
            });
        }
        for number in mine[1..]
            .iter()
            .filter(|number| all.iter().all(|other| other[1..].contains(number)))
        {
            let open = windows
                .dropped
                .borrow_mut()
                .remove(number)
                .map(Rc::try_unwrap);
            if let Some(Ok(open)) = open {
                open.flush_all()?;
                open.window.free()?;
            }
        }
        let number = windows.opened.replace(windows.opened.get() + 1);
        let opening = self.inner.transport.begin_window(bytes, number);
        // A rank that can not have its memory tells the others.
        let mut refused = [0, 0];
        match &opening {
            Err(Error::Memory { bytes, limit }) => refused = [*bytes as u64, *limit as u64],
            Err(error) => return Err(error.clone()),
            Ok(_) => {}
        }
        self.all_reduce(crate::ReduceOp::Max, &mut refused)?;
        match opening {
            Ok(opening) if refused[0] == 0 => Ok((
                number,
                OpenWindow {
                    window: opening.open()?,
                    in_flight: RefCell::default(),
                },
            )),
            _ => Err(Error::Memory {
                bytes: refused[0] as usize,
                limit: refused[1] as usize,
            }),
        }
    }

    /// Keeps a window until all ranks have dropped it. Local.
    pub(crate) fn drop_window(&self, number: u64, window: Rc<OpenWindow>) {
        self.inner
            .windows
            .dropped
            .borrow_mut()
            .insert(number, window);
    }
}

/// A strided piece of one rank's window.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    /// First byte.
    pub offset: usize,
    /// Extent on each axis.
    pub shape: SmallVec<[usize; 4]>,
    /// Distance of neighbours on each axis, in bytes.
    pub strides: SmallVec<[isize; 4]>,
}

/// One-sided access by the network. The other side of each transfer is packed in C order. A transfer is complete, and its
/// packed side free, after a flush of its rank.
pub(crate) trait Remote {
    /// Starts to read a region into `packed`.
    ///
    /// # Safety
    /// `packed` holds the region's elements, and nobody else uses it, until a flush.
    unsafe fn get(
        &self,
        rank: usize,
        region: &Region,
        item: (NumberKind, usize),
        packed: *mut u8,
    ) -> Result<(), Error>;
    /// Starts to write a region from `packed`.
    ///
    /// # Safety
    /// `packed` holds the region's elements, and nobody writes to it, until a flush.
    unsafe fn put(
        &self,
        rank: usize,
        region: &Region,
        item: (NumberKind, usize),
        packed: *const u8,
    ) -> Result<(), Error>;
    /// Starts to accumulate `packed` into a region, each element atomically.
    ///
    /// # Safety
    /// As for `put`.
    unsafe fn accumulate(
        &self,
        rank: usize,
        region: &Region,
        item: (NumberKind, usize),
        packed: *const u8,
        op: AccumulateOp,
    ) -> Result<(), Error>;
    /// Adds to a 64-bit integer and gives what was there, atomically among accumulations.
    fn fetch_add(
        &self,
        rank: usize,
        offset: usize,
        kind: NumberKind,
        increment: u64,
    ) -> Result<u64, Error>;
    /// Waits until all transfers to and from a rank are complete at both ends.
    fn flush(&self, rank: usize) -> Result<(), Error>;
    /// Waits until all transfers of this rank are complete at both ends.
    fn flush_all(&self) -> Result<(), Error>;
    /// Makes what the network wrote here and what this process wrote known to one another.
    fn sync(&self) -> Result<(), Error>;
}

/// A lock in shared memory: any number of readers, or one writer.
#[derive(Debug, Default)]
#[repr(transparent)]
pub(crate) struct AccessLock {
    /// Number of readers, or [`WRITER`].
    state: AtomicU32,
}

const WRITER: u32 = 1 << 31;

/// Holds a lock until it is dropped.
#[derive(Debug)]
pub(crate) struct AccessGuard<'a> {
    lock: &'a AccessLock,
    held: u32,
}

impl AccessLock {
    /// Reads along with other readers, once no writer is there; `owner` is the rank whose memory it is.
    pub(crate) fn read(&self, team: &Team, owner: usize) -> Result<AccessGuard<'_>, Error> {
        self.acquire(team, owner, 1)
    }

    /// Is alone, once nobody else is there.
    pub(crate) fn write(&self, team: &Team, owner: usize) -> Result<AccessGuard<'_>, Error> {
        self.acquire(team, owner, WRITER)
    }

    fn acquire(&self, team: &Team, owner: usize, held: u32) -> Result<AccessGuard<'_>, Error> {
        let mut wait = Wait::new();
        loop {
            let state = self.state.load(Ordering::Relaxed);
            let free = if held == WRITER {
                state == 0
            } else {
                state < WRITER
            };
            if free
                && self
                    .state
                    .compare_exchange_weak(
                        state,
                        state + held,
                        Ordering::Acquire,
                        Ordering::Relaxed,
                    )
                    .is_ok()
            {
                return Ok(AccessGuard { lock: self, held });
            }
            wait.pause(&team.inner, &team.inner.header.borrow(), owner)?;
        }
    }
}

impl Drop for AccessGuard<'_> {
    fn drop(&mut self) {
        self.lock.state.fetch_sub(self.held, Ordering::Release);
    }
}

/// One rank's memory in a window of ranks that are all in this process.
pub(crate) struct ProcessPart {
    /// Reached by pointer only, from the moment it is shared.
    start: *mut u8,
    _memory: Buffer,
    lock: AccessLock,
}

// SAFETY: the memory belongs to the part, which gives it out as a raw pointer whose users hold `lock`.
unsafe impl Send for ProcessPart {}
// SAFETY: as above.
unsafe impl Sync for ProcessPart {}

impl ProcessPart {
    /// Zeroed memory.
    pub(crate) fn new(bytes: usize) -> Result<ProcessPart, Error> {
        let mut memory = Buffer::zeroed(bytes)?;
        Ok(ProcessPart {
            start: memory.as_mut_ptr(),
            _memory: memory,
            lock: AccessLock::default(),
        })
    }
}

/// A window of ranks that are all in this process.
pub(crate) struct ProcessWindow {
    /// By rank. Each rank holds them all, so that the memory lives as long as anybody may reach it.
    pub parts: Vec<Arc<ProcessPart>>,
}

impl Window for ProcessWindow {
    fn direct(&self, rank: usize) -> Option<*mut u8> {
        Some(self.parts[rank].start)
    }

    fn lock(&self, rank: usize) -> Option<&AccessLock> {
        Some(&self.parts[rank].lock)
    }

    fn remote(&self) -> Option<&dyn Remote> {
        None
    }

    fn free(self: Box<Self>) -> Result<(), Error> {
        Ok(())
    }
}
