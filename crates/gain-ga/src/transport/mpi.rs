//! Ranks as MPI processes: messages by MPI, the status board in a window that the ranks of a node share.
#![expect(unsafe_code, reason = "calls of MPI's C interface")]

use std::cell::{Cell, RefCell};
use std::ffi::c_int;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::sleep;
use std::time::{Duration, Instant};

use mpi::ffi;

use super::mpi_calls::{all_gather, call, comm_rank, comm_size};
use super::mpi_messages::{Inbound, Messages, Outbound, TAG};
use super::mpi_node::Node;
use super::mpi_rma::OpeningMpiWindow;
use super::mpi_window::SharedWindow;
use super::{Message, Receiving, Sending, Store, Transport};
use crate::error::Error;
use crate::memory::Buffer;
use crate::position::{Board, Slot};
use crate::team::Team;
use crate::topology::{Topology, pretended_ranks_per_node};
use crate::window::OpeningWindow;

/// The transport of a team of MPI processes.
pub(crate) struct Mpi {
    comm: ffi::MPI_Comm,
    rank: usize,
    n_ranks: usize,
    topology: Topology,
    board: Board,
    messages: Rc<Messages>,
    /// Staging memory, when other ranks of the node share it.
    staging: Option<Rc<Node>>,
    /// The ranks of this node, in the order of their ranks.
    node: ffi::MPI_Comm,
    /// Whether this team initialised MPI and finalises it.
    initialised_here: Cell<bool>,
}

impl Team {
    /// The team of all MPI processes; initialises MPI (thread level funneled) unless that was done.
    ///
    /// The team has a communicator of its own, so that its messages never meet those of other users of MPI. Ranks of one
    /// node exchange messages through memory that they share: `GAIN_STAGING_MIB` (256) bounds it for each rank, 0 does without.
    /// `GAIN_RANKS_PER_NODE` pretends smaller nodes, to test on one machine what happens between several.
    ///
    /// # Collective
    /// Over all processes.
    ///
    /// # Errors
    /// [`Error::Launch`] when MPI was finalised already; MPI's errors.
    pub fn mpi() -> Result<Team, Error> {
        let initialised_here = initialise()?;
        // SAFETY: MPI is initialised; the constant is the library's own.
        let world = unsafe { ffi::RSMPI_COMM_WORLD };
        let mut comm = world;
        // SAFETY: as above; `comm` is written by the call.
        call("MPI_Comm_dup", || unsafe {
            ffi::MPI_Comm_dup(world, &mut comm)
        })?;
        Team::new(Box::new(Mpi::new(comm, initialised_here)?))
    }
}

/// Name and version of the MPI library in use; `None` in a build without MPI. Local.
#[must_use]
pub fn mpi_library() -> Option<String> {
    // SAFETY: the constant is the library's own.
    let mut text = vec![0u8; unsafe { ffi::RSMPI_MAX_LIBRARY_VERSION_STRING } as usize + 1];
    let mut len: c_int = 0;
    // SAFETY: MPI allows this call at any time; the buffer is as long as the longest version string.
    call("MPI_Get_library_version", || unsafe {
        ffi::MPI_Get_library_version(text.as_mut_ptr().cast(), &mut len)
    })
    .ok()?;
    text.truncate(len as usize);
    let text = String::from_utf8_lossy(&text).into_owned();
    text.split(['\n', '\0'])
        .next()
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
}

/// Initialises MPI; false if somebody else did.
fn initialise() -> Result<bool, Error> {
    let (mut initialised, mut finalised, mut provided): (c_int, c_int, c_int) = (0, 0, 0);
    // SAFETY: MPI allows both calls at any time.
    call("MPI_Initialized", || unsafe {
        ffi::MPI_Initialized(&mut initialised)
    })?;
    // SAFETY: as above.
    call("MPI_Finalized", || unsafe {
        ffi::MPI_Finalized(&mut finalised)
    })?;
    if finalised != 0 {
        return Err(Error::Launch {
            reason: "MPI was finalised before GAiN's team began".to_owned(),
        });
    }
    if initialised != 0 {
        return Ok(false);
    }
    // SAFETY: MPI takes null for the program's arguments.
    call("MPI_Init_thread", || unsafe {
        ffi::MPI_Init_thread(
            std::ptr::null_mut(),
            std::ptr::null_mut(),
            ffi::RSMPI_THREAD_FUNNELED,
            &mut provided,
        )
    })?;
    Ok(true)
}

impl Mpi {
    /// Takes over a communicator that nobody else uses.
    fn new(comm: ffi::MPI_Comm, initialised_here: bool) -> Result<Mpi, Error> {
        // SAFETY: `comm` is a live communicator; errors come back as codes from now on.
        call("MPI_Comm_set_errhandler", || unsafe {
            ffi::MPI_Comm_set_errhandler(comm, ffi::RSMPI_ERRORS_RETURN)
        })?;
        let (rank, n_ranks) = (comm_rank(comm)?, comm_size(comm)?);
        let node = split_nodes(comm, rank)?;
        let topology = find_topology(comm, node, rank)?;
        let board = share_board(node, &topology, n_ranks)?;
        if topology.mine().first() == Some(&rank) {
            forget_file_of_mpich();
        }
        let messages = Rc::new(Messages {
            comm,
            abandoned: RefCell::default(),
        });
        let staging = Node::new(&messages, node, topology.mine(), rank, n_ranks)?;
        Ok(Mpi {
            comm,
            rank,
            n_ranks,
            topology,
            board,
            node,
            messages,
            staging,
            initialised_here: Cell::new(initialised_here),
        })
    }
}

/// The communicator of the ranks that share memory with this one.
fn split_nodes(comm: ffi::MPI_Comm, rank: usize) -> Result<ffi::MPI_Comm, Error> {
    let mut node = comm;
    // SAFETY: `comm` is live and `node` is written by the call; the constants are the library's own.
    call("MPI_Comm_split_type", || unsafe {
        ffi::MPI_Comm_split_type(
            comm,
            ffi::RSMPI_COMM_TYPE_SHARED,
            rank as c_int,
            ffi::RSMPI_INFO_NULL,
            &mut node,
        )
    })?;
    if let Some(per_node) = pretended_ranks_per_node() {
        let mut smaller = node;
        // SAFETY: as above.
        call("MPI_Comm_split", || unsafe {
            ffi::MPI_Comm_split(
                node,
                (rank / per_node) as c_int,
                rank as c_int,
                &mut smaller,
            )
        })?;
        node = smaller;
    }
    Ok(node)
}

/// Marks every rank with the first rank of its node.
fn find_topology(comm: ffi::MPI_Comm, node: ffi::MPI_Comm, rank: usize) -> Result<Topology, Error> {
    let mut first = rank as u64;
    // SAFETY: one u64 at `first` on every rank of the node, whose rank 0 is the lowest of the team.
    call("MPI_Bcast", || unsafe {
        ffi::MPI_Bcast((&raw mut first).cast(), 1, ffi::RSMPI_UINT64_T, 0, node)
    })?;
    let marks: Vec<usize> = all_gather(comm, [first])?
        .iter()
        .map(|[mark]| *mark as usize)
        .collect();
    Ok(Topology::new(&marks, rank))
}

/// Removes the name of the memory in /dev/shm that MPICH shares on a node, so that a job that ends early leaves nothing behind.
///
/// Every rank of the node has mapped it: MPI is initialised on all of them. MPICH itself removes the name at the end, and does not mind if it
/// is gone.
fn forget_file_of_mpich() {
    let Ok(maps) = std::fs::read_to_string("/proc/self/maps") else {
        return;
    };
    let mut named = maps
        .lines()
        .filter_map(|line| line.split_whitespace().last());
    if let Some(path) = named.find(|path| path.starts_with("/dev/shm/mpich_shm_")) {
        // Somebody may have removed it already; it is a matter of tidiness alone.
        let _ = std::fs::remove_file(path);
    }
}

/// Lays the status board out in memory shared by the ranks of the node.
fn share_board(node: ffi::MPI_Comm, topology: &Topology, n_ranks: usize) -> Result<Board, Error> {
    let window = SharedWindow::new(node, size_of::<Slot>())?;
    // SAFETY: this rank's part of the window is aligned for words, holds one slot, and nobody reads it
    // before the barrier below.
    unsafe {
        window
            .part(comm_rank(node)?)
            .0
            .cast::<Slot>()
            .write(Slot::new())
    };
    window.barrier()?;
    let mut slots = vec![None; n_ranks];
    for (place, &rank) in topology.mine().iter().enumerate() {
        // SAFETY: every rank of the node has written its slot; slots are atomics, and the window is never freed before
        // MPI is finalised, after which nobody looks at the board.
        slots[rank] = Some(unsafe { &*window.part(place).0.cast::<Slot>() });
    }
    window.keep();
    Ok(Board::Node(Arc::from(slots)))
}

impl Transport for Mpi {
    fn rank(&self) -> usize {
        self.rank
    }

    fn n_ranks(&self) -> usize {
        self.n_ranks
    }

    fn topology(&self) -> &Topology {
        &self.topology
    }

    fn board(&self) -> &Board {
        &self.board
    }

    fn shares_process(&self) -> bool {
        false
    }

    fn room(&self, to: usize, bytes: usize) -> Result<Store, Error> {
        match self
            .staging
            .as_ref()
            .filter(|staging| staging.has(to))
            .and_then(|staging| staging.room(bytes))
        {
            Some(block) => Ok(block),
            None => Buffer::new(bytes).map(Store::Private),
        }
    }

    fn send(&self, to: usize, message: Message) -> Result<Option<Box<dyn Sending>>, Error> {
        self.messages.progress_abandoned()?;
        if let Some(staging) = self.staging.as_ref().filter(|staging| staging.has(to)) {
            staging.progress();
            return staging.send(to, message);
        }
        let mut outbound = Outbound::start(&self.messages, to, TAG, message)?;
        Ok(if outbound.test()? {
            None
        } else {
            Some(Box::new(outbound))
        })
    }

    fn receive(&self, from: usize, bytes: Option<usize>) -> Result<Box<dyn Receiving>, Error> {
        self.messages.progress_abandoned()?;
        if let Some(staging) = self.staging.as_ref().filter(|staging| staging.has(from)) {
            staging.progress();
            return Ok(staging.receive(from));
        }
        Ok(Box::new(Inbound::start(&self.messages, from, TAG, bytes)?))
    }

    fn split(&self, members: &[usize], _: usize, _: u64) -> Result<Box<dyn Transport>, Error> {
        // The lowest member names the part: colours of the user's may be larger than MPI's.
        let colour = members.iter().min().copied().unwrap_or(self.rank) as c_int;
        let key = members
            .iter()
            .position(|&member| member == self.rank)
            .unwrap_or(0) as c_int;
        let mut comm = self.comm;
        // SAFETY: `self.comm` is live, all its ranks come here together, and `comm` is written by the call.
        call("MPI_Comm_split", || unsafe {
            ffi::MPI_Comm_split(self.comm, colour, key, &mut comm)
        })?;
        Ok(Box::new(Mpi::new(comm, false)?))
    }

    fn begin_window(&self, bytes: usize, _: u64) -> Result<Box<dyn OpeningWindow>, Error> {
        let places = (
            self.comm,
            self.node,
            self.topology.mine().to_vec(),
            self.n_ranks,
        );
        Ok(Box::new(OpeningMpiWindow::new(places, bytes)?))
    }

    fn finalise(&self) -> Result<(), Error> {
        if !self.initialised_here.replace(false) {
            return Ok(());
        }
        self.messages.progress_abandoned()?;
        // SAFETY: this team initialised MPI, and finalises it once.
        call("MPI_Finalize", || unsafe { ffi::MPI_Finalize() })
    }

    fn abort(&self, code: i32) -> ! {
        await_readers();
        // Of the world, not of this team: only then does MPICH leave the killing to its launcher. For any other communicator
        // it sends every rank a message and waits for each, for ever when one of them is in MPI_Finalize.
        // SAFETY: MPI is live unless it was finalised, and then the process ends below.
        unsafe { ffi::MPI_Abort(ffi::RSMPI_COMM_WORLD, code) };
        // Without what is registered for the end of the process: threads that still run may hold its locks.
        // SAFETY: it only ends the process.
        unsafe { libc::_exit(code) }
    }
}

/// Waits until what this rank has printed is taken out of its pipes, for a second at most: the launcher listens to requests to end a job
/// beside the ranks' output, and throws away what it has not read when it hears of the end first.
fn await_readers() {
    const LONGEST: Duration = Duration::from_secs(1);
    let start = Instant::now();
    while [libc::STDOUT_FILENO, libc::STDERR_FILENO]
        .into_iter()
        .any(is_unread)
        && start.elapsed() < LONGEST
    {
        sleep(Duration::from_millis(1));
    }
}

/// Whether this is a pipe that holds bytes; its writing end knows too.
fn is_unread(file: c_int) -> bool {
    // SAFETY: all zeros is a `stat`, which the call fills.
    let mut status: libc::stat = unsafe { std::mem::zeroed() };
    // SAFETY: `status` is written by the call; a file that is closed is an error.
    let is_known = unsafe { libc::fstat(file, &mut status) } == 0;
    if !is_known || status.st_mode & libc::S_IFMT != libc::S_IFIFO {
        return false;
    }
    let mut n_bytes: c_int = 0;
    // SAFETY: for this request the call writes one `int`.
    (unsafe { libc::ioctl(file, libc::FIONREAD, &mut n_bytes) }) == 0 && n_bytes > 0
}
