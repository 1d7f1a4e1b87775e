//! Memory that the ranks of a node share, from `MPI_Win_allocate_shared`.
#![expect(unsafe_code, reason = "calls of MPI's C interface")]

use std::ffi::{c_int, c_void};

use mpi::ffi;

use super::mpi_calls::{call, comm_size};
use crate::error::Error;

/// A window over the ranks of a node, one part each, every part mapped by every rank.
pub(super) struct SharedWindow {
    comm: ffi::MPI_Comm,
    window: ffi::MPI_Win,
    /// By place in the node: first byte and length.
    parts: Vec<(*mut u8, usize)>,
}

impl SharedWindow {
    /// A window with `bytes` bytes of this rank's own. Collective over the node.
    pub(super) fn new(comm: ffi::MPI_Comm, bytes: usize) -> Result<SharedWindow, Error> {
        // SAFETY: the constant is the library's own; it is overwritten below.
        let mut window = unsafe { ffi::RSMPI_WIN_NULL };
        let mut base: *mut c_void = std::ptr::null_mut();
        // SAFETY: all ranks of the node's communicator come here together; base and window are written by the call.
        call("MPI_Win_allocate_shared", || unsafe {
            ffi::MPI_Win_allocate_shared(
                bytes as ffi::MPI_Aint,
                1,
                ffi::RSMPI_INFO_NULL,
                comm,
                (&raw mut base).cast(),
                &mut window,
            )
        })?;
        let mut parts = Vec::new();
        for place in 0..comm_size(comm)? {
            let (mut len, mut unit, mut start): (ffi::MPI_Aint, c_int, *mut c_void) =
                (0, 0, std::ptr::null_mut());
            // SAFETY: the window is live, the place is one of its ranks, and all three results are written by the call.
            call("MPI_Win_shared_query", || unsafe {
                ffi::MPI_Win_shared_query(
                    window,
                    place as c_int,
                    &mut len,
                    &mut unit,
                    (&raw mut start).cast(),
                )
            })?;
            parts.push((start.cast::<u8>(), len as usize));
        }
        Ok(SharedWindow {
            comm,
            window,
            parts,
        })
    }

    /// First byte and length of a part.
    pub(super) fn part(&self, place: usize) -> (*mut u8, usize) {
        self.parts[place]
    }

    /// Waits for all ranks of the node. Collective over the node.
    pub(super) fn barrier(&self) -> Result<(), Error> {
        // SAFETY: the communicator is live.
        call("MPI_Barrier", || unsafe { ffi::MPI_Barrier(self.comm) })
    }

    /// Gives the memory back. Collective over the node.
    pub(super) fn free(mut self) -> Result<(), Error> {
        // SAFETY: the window is live, and nobody reaches its parts any more.
        call("MPI_Win_free", || unsafe {
            ffi::MPI_Win_free(&mut self.window)
        })
    }

    /// Leaves the window to the end of the program.
    pub(super) fn keep(self) {
        let _ = self.window;
    }
}
