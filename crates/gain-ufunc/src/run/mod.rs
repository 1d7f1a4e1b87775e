//! Runs Programs over pieces of local memory: `walk.rs` chooses the order of axes and the tile, `setup.rs` what is done per operand, `frame/`
//! runs one tile, `machine.rs` its super-instructions, `lag.rs` in-place updates, `reduce.rs` and `fold/` reductions.

#![expect(
    unsafe_code,
    reason = "pieces are raw memory that the caller vouches for"
)]

mod chain;
mod fold;
mod frame;
mod lag;
mod lanes;
mod layout;
mod machine;
mod reduce;
mod setup;
pub(crate) mod strided;
mod uniforms;
mod walk;

pub(crate) use chain::may_follow;

use crate::error::Error;
use crate::loops::status;
use crate::pool::Pool;
use crate::program::Program;
use crate::reduction::Partials;
use crate::scalar::Scalar;
use frame::Frame;
use setup::{Operands, Setup};
use smallvec::SmallVec;
use std::sync::Mutex;
use uniforms::Uniforms;

/// Work (elements times operations) below which a job is not worth waking a thread for.
pub(crate) const WORK_TO_SHARE: usize = 400_000;

/// Chunks per thread of a large job: more than one, so that a thread that comes late takes fewer.
const CHUNKS_PER_THREAD: usize = 8;

/// Memory to read: the address of the element with all indices 0, and the bytes from one element to the next along each axis of the
/// iteration space, 0 for a broadcast axis.
#[derive(Clone, Debug)]
pub struct View {
    /// Address of the first element.
    pub ptr: *const u8,
    /// Bytes, one per axis of the piece, of any sign.
    pub strides: SmallVec<[isize; 4]>,
}

/// Memory to write, described as in [`View`]; no two indices may lead to one element.
#[derive(Clone, Debug)]
pub struct ViewMut {
    /// Address of the first element.
    pub ptr: *mut u8,
    /// Bytes, one per axis of the piece, of any sign.
    pub strides: SmallVec<[isize; 4]>,
}

/// A store's memory overlaps loads of the same memory, shifted along axis 0 by at most `rows` back (the loads may look ahead at will).
///
/// The piece then runs on one thread in ascending order of axis 0, and a finished row is written back only after the following
/// `rows` rows have been computed; 0 means after the row itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Lag {
    /// How many rows of axis 0 the reads look back.
    pub rows: usize,
}

/// A part of the iteration space with its operands in local memory.
#[derive(Clone, Debug)]
pub struct Piece {
    /// Elements along each axis.
    pub shape: SmallVec<[usize; 4]>,
    /// Global index of the first element: for [`index`](crate::program::ProgramBuilder::index) and for the order of reductions.
    pub origin: SmallVec<[usize; 4]>,
    /// By load slot.
    pub loads: SmallVec<[View; 6]>,
    /// By store slot.
    pub stores: SmallVec<[ViewMut; 2]>,
    /// For in-place updates.
    pub lag: Option<Lag>,
}

impl Piece {
    /// Number of elements.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether there are no elements.
    pub fn is_empty(&self) -> bool {
        self.shape.contains(&0)
    }
}

/// Runs a program over pieces on the pool's threads; a large piece without [`Lag`] is split among them.
///
/// A program with a reduction gives [`Partials`] over all pieces, whatever their number (`None` only without reduction).
///
/// # Local
///
/// # Errors
///
/// What a loop noticed in its data: [`Error::NegativeIntegerPower`]. The stores hold unspecified values then.
///
/// # Panics
///
/// If a piece has fewer loads or stores, or there are fewer constants, than the program asks for; or if a view's axes are not the piece's.
///
/// # Safety
///
/// Every view of every piece is valid for its shape, the elements' dtypes being the program's. Nobody else writes the loads or touches the
/// stores meanwhile. Pieces write disjoint memory and read nothing that another piece writes. Within a piece a store is disjoint from
/// each load, or exactly one (same address and strides), or overlaps as `lag` says.
pub unsafe fn run(
    program: &Program,
    pieces: &[Piece],
    constants: &[Scalar],
    pool: &Pool,
) -> Result<Option<Partials>, Error> {
    check(program, pieces, constants);
    let uniforms = Uniforms::new(program, constants);
    let partials = if program.reduction.is_some() {
        // SAFETY: the caller's contract.
        Some(unsafe { reduce::run(program, pieces, &uniforms, pool) }?)
    } else {
        // SAFETY: the caller's contract.
        unsafe { run_elementwise(program, pieces, &uniforms, pool) }?;
        None
    };
    status::take()?;
    Ok(partials)
}

fn check(program: &Program, pieces: &[Piece], constants: &[Scalar]) {
    assert!(
        constants.len() >= program.n_constants,
        "the program takes {} constants",
        program.n_constants
    );
    for piece in pieces {
        assert!(
            piece.loads.len() >= program.n_loads,
            "the program takes {} loads",
            program.n_loads
        );
        assert!(
            piece.stores.len() >= program.n_stores,
            "the program takes {} stores",
            program.n_stores
        );
        let ndim = piece.shape.len();
        let loads = piece
            .loads
            .iter()
            .take(program.n_loads)
            .map(|view| view.strides.len());
        let stores = piece
            .stores
            .iter()
            .take(program.n_stores)
            .map(|view| view.strides.len());
        assert!(
            loads.chain(stores).all(|n| n == ndim) && piece.origin.len() == ndim,
            "views have the piece's axes"
        );
    }
}

/// The first error that some thread's loops noticed.
#[derive(Default)]
pub(crate) struct Noticed(Mutex<Option<Error>>);

impl Noticed {
    /// Asks this thread's loops.
    pub(crate) fn take_status(&self) {
        if let Err(error) = status::take() {
            self.0
                .lock()
                .unwrap_or_else(std::sync::PoisonError::into_inner)
                .get_or_insert(error);
        }
    }

    pub(crate) fn into_result(self) -> Result<(), Error> {
        match self
            .0
            .into_inner()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
        {
            Some(error) => Err(error),
            None => Ok(()),
        }
    }
}

/// How many chunks to cut `work` (elements times operations) into.
fn n_chunks(work: usize, pool: &Pool) -> usize {
    if pool.n_threads() == 1 || work < WORK_TO_SHARE {
        return 1;
    }
    (work / (WORK_TO_SHARE / 4)).clamp(2, pool.n_threads() * CHUNKS_PER_THREAD)
}

unsafe fn run_elementwise(
    program: &Program,
    pieces: &[Piece],
    uniforms: &Uniforms,
    pool: &Pool,
) -> Result<(), Error> {
    let pieces: SmallVec<[&Piece; 4]> = pieces.iter().filter(|piece| !piece.is_empty()).collect();
    let work: usize = pieces
        .iter()
        .map(|piece| piece.len() * program.weight())
        .sum();
    let wanted = n_chunks(work, pool);
    let setups: SmallVec<[Option<Setup<'_>>; 2]> = pieces
        .iter()
        .map(|piece| {
            piece.lag.is_none().then(|| {
                let operands = Operands::of_piece(program, piece);
                Setup::elementwise(program, &piece.shape, &piece.shape, operands, uniforms)
            })
        })
        .collect();
    // A chunk is a piece and a range of one axis of its walk.
    let mut chunks: SmallVec<[(usize, usize, usize, usize); 8]> = SmallVec::new();
    for (number, setup) in setups.iter().enumerate() {
        match setup {
            None => chunks.push((number, 0, 0, 0)),
            Some(setup) => {
                let share = (wanted * pieces[number].len() * program.weight())
                    .div_ceil(work.max(1))
                    .max(1);
                let (axis, ranges) = setup.walk.split(share);
                chunks.extend(ranges.map(|(lo, hi)| (number, axis, lo, hi)));
            }
        }
    }
    let shared = Shared {
        pieces: &pieces,
        setups: &setups,
        uniforms,
    };
    let noticed = Noticed::default();
    let task = |index: usize| {
        let (number, axis, lo, hi) = chunks[index];
        let shared = &shared;
        let piece = shared.pieces[number];
        // SAFETY: the caller's contract; chunks of one piece are disjoint boxes of it.
        unsafe {
            match &shared.setups[number] {
                None => lag::run(program, piece, shared.uniforms),
                Some(setup) => {
                    Frame::with(setup, &piece.origin, |frame| frame.run_range(axis, lo, hi))
                }
            }
        }
        noticed.take_status();
    };
    if wanted == 1 {
        (0..chunks.len()).for_each(task);
    } else {
        pool.for_each(chunks.len(), &task);
    }
    noticed.into_result()
}

struct Shared<'a> {
    pieces: &'a [&'a Piece],
    setups: &'a [Option<Setup<'a>>],
    uniforms: &'a Uniforms,
}

// SAFETY: the raw addresses inside are only used as the caller of `run` allows: all threads read loads, each element of a store is
// written by the one thread that has its chunk.
unsafe impl Sync for Shared<'_> {}
