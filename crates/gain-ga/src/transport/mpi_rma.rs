//! Windows of global arrays under MPI: memory shared on the node, MPI's passive-target communication between nodes.
#![expect(
    unsafe_code,
    reason = "calls of MPI's C interface, memory that other ranks reach"
)]

use std::ffi::{CString, c_int};

use mpi::ffi;

use super::mpi_calls::call;
use super::mpi_datatype::{Datatype, number};
use super::mpi_window::SharedWindow;
use crate::element::{AccumulateOp, NumberKind};
use crate::error::Error;
use crate::memory::memory_limit;
use crate::window::{AccessLock, OpeningWindow, Region, Remote, Window};

/// What a part begins with: its lock, alone on its cache line, behind which the block is aligned.
const FRONT: usize = 64;
/// Windows from this size on are compared with the room that shared memory has.
const ASK_ROOM: usize = 1 << 20;

/// A window that is about to be opened. Its memory is had when it is opened, collectively.
pub(super) struct OpeningMpiWindow {
    comm: ffi::MPI_Comm,
    node: ffi::MPI_Comm,
    mine: Vec<usize>,
    n_ranks: usize,
    bytes: usize,
}

impl OpeningMpiWindow {
    /// Refuses what can not be had; a kernel without room for shared memory would end the process at its first touch.
    pub(super) fn new(
        (comm, node, mine, n_ranks): (ffi::MPI_Comm, ffi::MPI_Comm, Vec<usize>, usize),
        bytes: usize,
    ) -> Result<Self, Error> {
        let limit = memory_limit().min(shared_room().map_or(usize::MAX, |room| room / mine.len()));
        if bytes >= ASK_ROOM && bytes > limit {
            return Err(Error::Memory { bytes, limit });
        }
        Ok(OpeningMpiWindow {
            comm,
            node,
            mine,
            n_ranks,
            bytes,
        })
    }
}

/// Bytes that shared memory has left, where it is a file system of its own.
fn shared_room() -> Option<usize> {
    let path = CString::new("/dev/shm").ok()?;
    let mut room = std::mem::MaybeUninit::<libc::statvfs>::zeroed();
    // SAFETY: the path ends in 0 and the result is written by the call; all zeros are a valid value of it.
    let room = unsafe {
        (libc::statvfs(path.as_ptr(), room.as_mut_ptr()) == 0).then(|| room.assume_init())
    }?;
    usize::try_from(room.f_bavail)
        .ok()?
        .checked_mul(usize::try_from(room.f_frsize).ok()?)
}

impl OpeningWindow for OpeningMpiWindow {
    fn open(self: Box<Self>) -> Result<Box<dyn Window>, Error> {
        // Room for the front at any alignment that MPI chooses.
        let shared = SharedWindow::new(self.node, self.bytes + 2 * FRONT)?;
        let mut direct = vec![None; self.n_ranks];
        for (place, &rank) in self.mine.iter().enumerate() {
            direct[rank] = Some(aligned(shared.part(place).0));
        }
        let own_place = super::mpi_calls::comm_rank(self.node)?;
        let own = aligned(shared.part(own_place).0);
        // SAFETY: the part holds the front and `bytes` behind it, and nobody else reaches it before the barriers below.
        unsafe { own.write_bytes(0, FRONT + self.bytes) };
        let everywhere = self.mine.len() == self.n_ranks;
        let rma = if everywhere {
            None
        } else {
            Some(Rma::new(self.comm, own.wrapping_add(FRONT), self.bytes)?)
        };
        shared.barrier()?;
        Ok(Box::new(MpiWindow {
            shared,
            direct,
            rma,
        }))
    }
}

/// The first multiple of [`FRONT`]; the same byte in every process, since they map parts at pages.
fn aligned(start: *mut u8) -> *mut u8 {
    start.wrapping_add(start.align_offset(FRONT))
}

/// An open window.
struct MpiWindow {
    shared: SharedWindow,
    /// By rank: the front of its part, on this node.
    direct: Vec<Option<*mut u8>>,
    /// When there are several nodes.
    rma: Option<Rma>,
}

impl Window for MpiWindow {
    fn direct(&self, rank: usize) -> Option<*mut u8> {
        self.direct[rank].map(|front| front.wrapping_add(FRONT))
    }

    fn lock(&self, rank: usize) -> Option<&AccessLock> {
        if self.rma.is_some() {
            return None;
        }
        // SAFETY: a part begins with its lock, an atomic that was zeroed before anybody saw it, aligned by `aligned`.
        self.direct[rank].map(|front| unsafe { &*front.cast::<AccessLock>() })
    }

    fn remote(&self) -> Option<&dyn Remote> {
        self.rma.as_ref().map(|rma| rma as &dyn Remote)
    }

    fn free(self: Box<Self>) -> Result<(), Error> {
        if let Some(rma) = self.rma {
            rma.free()?;
        }
        self.shared.free()
    }
}

/// The same memory as an MPI window over all ranks, locked for all of its life.
struct Rma {
    window: ffi::MPI_Win,
}

impl Rma {
    fn new(comm: ffi::MPI_Comm, start: *mut u8, bytes: usize) -> Result<Rma, Error> {
        // SAFETY: the constant is the library's own; it is overwritten below.
        let mut window = unsafe { ffi::RSMPI_WIN_NULL };
        // SAFETY: the memory lives until the window is freed; all ranks of the communicator come here together.
        call("MPI_Win_create", || unsafe {
            ffi::MPI_Win_create(
                start.cast(),
                bytes as ffi::MPI_Aint,
                1,
                ffi::RSMPI_INFO_NULL,
                comm,
                &mut window,
            )
        })?;
        // SAFETY: the window is live; errors come back as codes from now on.
        call("MPI_Win_set_errhandler", || unsafe {
            ffi::MPI_Win_set_errhandler(window, ffi::RSMPI_ERRORS_RETURN)
        })?;
        // SAFETY: no rank takes an exclusive lock of this window, as the assertion says.
        call("MPI_Win_lock_all", || unsafe {
            ffi::MPI_Win_lock_all(ffi::MPI_MODE_NOCHECK as c_int, window)
        })?;
        Ok(Rma { window })
    }

    fn free(mut self) -> Result<(), Error> {
        // SAFETY: the window is live and locked.
        call("MPI_Win_unlock_all", || unsafe {
            ffi::MPI_Win_unlock_all(self.window)
        })?;
        // SAFETY: as above; all ranks come here together.
        call("MPI_Win_free", || unsafe {
            ffi::MPI_Win_free(&mut self.window)
        })
    }
}

/// Both datatypes of a transfer: of the region, and of its packed side.
fn datatypes(region: &Region, item: (NumberKind, usize)) -> Result<(Datatype, Datatype), Error> {
    let size = super::mpi_datatype::number_bytes(item.0) * item.1;
    let packed = crate::strided::c_strides(&region.shape, size);
    Ok((
        Datatype::strided(item, &region.shape, &region.strides)?,
        Datatype::strided(item, &region.shape, &packed)?,
    ))
}

impl Remote for Rma {
    unsafe fn get(
        &self,
        rank: usize,
        region: &Region,
        item: (NumberKind, usize),
        packed: *mut u8,
    ) -> Result<(), Error> {
        let (there, here) = datatypes(region, item)?;
        let (at, rank) = (region.offset as ffi::MPI_Aint, rank as c_int);
        // SAFETY: the window is live and locked, the region lies in the rank's part, and the caller vouches for `packed`.
        call("MPI_Get", || unsafe {
            ffi::MPI_Get(
                packed.cast(),
                1,
                here.raw,
                rank,
                at,
                1,
                there.raw,
                self.window,
            )
        })
    }

    unsafe fn put(
        &self,
        rank: usize,
        region: &Region,
        item: (NumberKind, usize),
        packed: *const u8,
    ) -> Result<(), Error> {
        let (there, here) = datatypes(region, item)?;
        let (at, rank) = (region.offset as ffi::MPI_Aint, rank as c_int);
        // SAFETY: as for `get`.
        call("MPI_Put", || unsafe {
            ffi::MPI_Put(
                packed.cast(),
                1,
                here.raw,
                rank,
                at,
                1,
                there.raw,
                self.window,
            )
        })
    }

    unsafe fn accumulate(
        &self,
        rank: usize,
        region: &Region,
        item: (NumberKind, usize),
        packed: *const u8,
        op: AccumulateOp,
    ) -> Result<(), Error> {
        let (there, here) = datatypes(region, item)?;
        let (at, rank) = (region.offset as ffi::MPI_Aint, rank as c_int);
        // SAFETY: as for `get`; the operations are the library's own.
        call("MPI_Accumulate", || unsafe {
            let op = match op {
                AccumulateOp::Sum => ffi::RSMPI_SUM,
                AccumulateOp::Min => ffi::RSMPI_MIN,
                AccumulateOp::Max => ffi::RSMPI_MAX,
            };
            ffi::MPI_Accumulate(
                packed.cast(),
                1,
                here.raw,
                rank,
                at,
                1,
                there.raw,
                op,
                self.window,
            )
        })
    }

    fn fetch_add(
        &self,
        rank: usize,
        offset: usize,
        kind: NumberKind,
        increment: u64,
    ) -> Result<u64, Error> {
        let mut there = 0u64;
        // SAFETY: the window is live and locked and the element lies in the rank's part; both words live until the flush below.
        call("MPI_Fetch_and_op", || unsafe {
            ffi::MPI_Fetch_and_op(
                (&raw const increment).cast(),
                (&raw mut there).cast(),
                number(kind),
                rank as c_int,
                offset as ffi::MPI_Aint,
                ffi::RSMPI_SUM,
                self.window,
            )
        })?;
        self.flush(rank)?;
        // The network wrote it behind the compiler's back.
        Ok(std::hint::black_box(there))
    }

    fn flush(&self, rank: usize) -> Result<(), Error> {
        // SAFETY: the window is live and locked.
        call("MPI_Win_flush", || unsafe {
            ffi::MPI_Win_flush(rank as c_int, self.window)
        })
    }

    fn flush_all(&self) -> Result<(), Error> {
        // SAFETY: the window is live and locked.
        call("MPI_Win_flush_all", || unsafe {
            ffi::MPI_Win_flush_all(self.window)
        })
    }

    fn sync(&self) -> Result<(), Error> {
        // SAFETY: the window is live and locked.
        call("MPI_Win_sync", || unsafe { ffi::MPI_Win_sync(self.window) })
    }
}
