//! What a run decides once per piece: the walk, and for each operand whether it is used where it lies.

use super::Piece;
use super::chain::{self, Chain};
use super::machine::CHUNK_BYTES;
use super::strided;
use super::uniforms::Uniforms;
use super::walk::Walk;
use crate::isa::{self, Isa};
use crate::program::{Fused, Instruction, MicroOp, Pass, Program};
use smallvec::SmallVec;

/// Elements of a tile whose values stay in registers of the program.
const TILE: usize = 512;

/// Bytes of registers above which tiles are halved.
const REGISTER_BYTES: usize = 128 << 10;

/// Bytes of all operands from which on memory is fetched ahead: more than caches hold.
const LARGE_BYTES: usize = 24 << 20;

/// An operand that begins less than this behind another one finds its memory in the cache.
const NEAR_BYTES: usize = 256 << 10;

/// How a load reaches the instructions.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum LoadMode {
    /// Where it lies, with this stride.
    Direct(isize),
    /// One element per tile, repeated over a chunk for super-instructions.
    Repeated,
    /// Copied into the tile.
    Gathered,
}

/// How a result reaches its store.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum StoreMode {
    /// Instructions write there.
    Direct,
    /// Instructions write into scratch, which is copied when the tile is done.
    Scattered,
}

/// The memory of a piece's loads, then of its stores, in the program's order.
#[derive(Clone, Debug, Default)]
pub(super) struct Operands {
    pub(super) ptrs: SmallVec<[*mut u8; 8]>,
    pub(super) strides: SmallVec<[SmallVec<[isize; 4]>; 8]>,
}

impl Operands {
    pub(super) fn of_piece(program: &Program, piece: &Piece) -> Operands {
        let mut operands = Operands::default();
        for load in &program.loads {
            let view = &piece.loads[load.slot];
            operands.push(view.ptr.cast_mut(), &view.strides);
        }
        for store in &program.stores {
            let view = &piece.stores[store.slot];
            operands.push(view.ptr, &view.strides);
        }
        operands
    }

    pub(super) fn push(&mut self, ptr: *mut u8, strides: &[isize]) {
        self.ptrs.push(ptr);
        self.strides.push(SmallVec::from_slice(strides));
    }

    /// The addresses that an operand touches.
    fn span(&self, operand: usize, shape: &[usize], size: usize) -> (usize, usize) {
        let (mut lo, mut hi) = (
            self.ptrs[operand] as usize,
            self.ptrs[operand] as usize + size,
        );
        for (&stride, &len) in self.strides[operand].iter().zip(shape) {
            let reach = stride.unsigned_abs() * (len - 1);
            if stride < 0 { lo -= reach } else { hi += reach }
        }
        (lo, hi)
    }
}

/// What is decided once per piece (or per row of a lagged one) and shared by the threads.
pub(super) struct Setup<'a> {
    pub(super) program: &'a Program,
    pub(super) uniforms: &'a Uniforms,
    pub(super) walk: Walk,
    pub(super) ptrs: SmallVec<[*mut u8; 8]>,
    pub(super) loads: SmallVec<[LoadMode; 6]>,
    pub(super) stores: SmallVec<[StoreMode; 2]>,
    /// Elements that registers and scratch have room for.
    pub(super) capacity: usize,
    /// The compiled loops of all passes of super-instructions, in the program's order.
    pub(super) chains: SmallVec<[Option<Chain>; 4]>,
    /// Whether a tile is a whole row of chains, whose slots serve one stretch of it after another.
    pub(super) streams: bool,
    /// Whether whole leaves of a reduction can be taken up stretch by stretch as they are computed.
    pub(super) drains: bool,
    /// Whether the one ufunc reads its operands where they lie, by its own loop: gathering them costs more than vectors save.
    pub(super) jumps: bool,
    /// Whether some store writes what some load reads.
    pub(super) shares_memory: bool,
    /// Operands whose memory is fetched ahead of the tile, with the bytes from one element to the next.
    pub(super) ahead: SmallVec<[(usize, isize); 4]>,
}

impl<'a> Setup<'a> {
    /// For a program without reduction. The shape has no zeros.
    ///
    /// `whole` is the shape of which `shape` is a part that will be followed by others: what is worth fetching ahead depends on it.
    pub(super) fn elementwise(
        program: &'a Program,
        shape: &[usize],
        whole: &[usize],
        operands: Operands,
        uniforms: &'a Uniforms,
    ) -> Setup<'a> {
        let n_loads = program.loads.len();
        let mut walk = Walk::elementwise(shape, &operands.strides, n_loads, index_axes(program));
        walk.choose_tile(tile_len(program), 0..n_loads);
        let isa = isa::active();
        let chained = match &program.instructions[..] {
            [Instruction::Fused(fused)] => fused
                .passes
                .iter()
                .all(|pass| chain_of(isa, pass, fused.double).is_some()),
            [_] => true,
            _ => false,
        };
        let streams = chained && walk.by_rows() && in_place(program, &walk);
        if streams {
            // Nothing of a tile is kept for long: a whole row is one call.
            if let Some(inner) = walk.n_axes().checked_sub(1) {
                walk.extents[inner] = walk.lens[inner];
            }
        }
        let mut ahead = fetched_ahead(program, whole, &operands, &walk);
        if whole != shape {
            // A part's stores go to a ring that stays in the cache.
            ahead.retain(|&mut (operand, _)| operand < n_loads);
        }
        let mut setup = Setup::new(program, shape, operands, uniforms, walk);
        setup.ahead = ahead;
        setup.streams = streams;
        setup
    }

    /// With a walk whose tile is chosen.
    pub(super) fn new(
        program: &'a Program,
        shape: &[usize],
        operands: Operands,
        uniforms: &'a Uniforms,
        walk: Walk,
    ) -> Setup<'a> {
        let n_loads = program.loads.len();
        let jumps = jumps(program, &walk);
        let loads = program
            .loads
            .iter()
            .enumerate()
            .map(|(i, load)| load_mode(&walk, i, load.dtype.size(), load.fused && !jumps));
        let mut shares_memory = false;
        let stores = program.stores.iter().enumerate().map(|(i, store)| {
            let operand = n_loads + i;
            let (lo, hi) = operands.span(operand, shape, store.dtype.size());
            let shared = program.loads.iter().enumerate().any(|(other, load)| {
                let (from, to) = operands.span(other, shape, load.dtype.size());
                from < hi && lo < to
            });
            shares_memory |= shared;
            if !(shared && store.early)
                && walk.tile_stride(operand) == Some(store.dtype.size() as isize)
            {
                StoreMode::Direct
            } else {
                StoreMode::Scattered
            }
        });
        let stores = stores.collect();
        let isa = isa::active();
        let passes = program
            .instructions
            .iter()
            .flat_map(|instruction| match instruction {
                Instruction::Fused(fused) => fused
                    .passes
                    .iter()
                    .map(|pass| (pass, fused.double))
                    .collect::<SmallVec<[_; 4]>>(),
                _ => SmallVec::new(),
            });
        let ahead = fetched_ahead(program, shape, &operands, &walk);
        let chains: SmallVec<[Option<Chain>; 4]> = passes
            .map(|(pass, double)| chain_of(isa, pass, double))
            .collect();
        let drains = matches!(&program.instructions[..], [Instruction::Fused(_)])
            && program.registers.len() == 1
            && chains.iter().all(Option::is_some)
            && program
                .reduction
                .as_ref()
                .is_some_and(|reduce| reduce.value as usize == program.first_register());
        Setup {
            chains,
            drains,
            ahead,
            program,
            uniforms,
            loads: loads.collect(),
            stores,
            jumps,
            shares_memory,
            streams: false,
            capacity: walk.tile_len(),
            ptrs: operands.ptrs,
            walk,
        }
    }

    /// Whether a tile is the whole of its walk and visited stretch by stretch, so that a copy can go along.
    pub(super) fn takes_along(&self) -> bool {
        self.streams
            && self.walk.n_axes() == 1
            && matches!(&self.program.instructions[..], [Instruction::Fused(_)])
    }

    /// Bytes that a frame needs besides its registers: gathered loads, scattered stores, repeated elements.
    pub(super) fn scratch_bytes(&self, size: usize) -> usize {
        (self.capacity * size).max(CHUNK_BYTES).next_multiple_of(64)
    }
}

fn chain_of(isa: Isa, pass: &Pass, double: bool) -> Option<Chain> {
    let ops: SmallVec<[MicroOp; 6]> = pass.micros[..pass.micros.len() - 1]
        .iter()
        .map(|micro| micro.op)
        .collect();
    pass.chain
        .then(|| chain::chain(isa, double, &ops))
        .flatten()
}

/// Which operands to fetch ahead. A tile's passes read one operand after another in bursts, which the machine's own prefetching follows
/// badly; so memory that no operand has touched before is fetched a while before its tile. In a
/// stencil that is the operand furthest ahead; the others find what it brought a row ago.
fn fetched_ahead(
    program: &Program,
    shape: &[usize],
    operands: &Operands,
    walk: &Walk,
) -> SmallVec<[(usize, isize); 4]> {
    let loads = program.loads.iter().map(|load| load.dtype.size());
    let sizes: SmallVec<[usize; 8]> = loads
        .chain(program.stores.iter().map(|store| store.dtype.size()))
        .collect();
    let n: usize = shape.iter().product();
    let stride = |i: usize| walk.strides[i].last().copied().unwrap_or(0);
    let gathers = !jumps(program, walk)
        && (0..program.loads.len())
            .any(|i| program.loads[i].fused && strided::is_shuffled(stride(i), sizes[i]));
    // Without a second pass the machine sees all operands side by side and needs no help: what a reduction then reads is in the cache.
    let bursts = gathers
        || program.n_fused() > 0 && (program.instructions.len() > 1 || program.n_passes() > 1);
    let dense = |i: usize| {
        stride(i).unsigned_abs() == sizes[i] || strided::is_shuffled(stride(i), sizes[i])
    };
    if !bursts || !walk.by_rows() || n * sizes.iter().sum::<usize>() < LARGE_BYTES {
        return SmallVec::new();
    }
    let behind = |i: usize, other: usize| {
        let distance = (operands.ptrs[other] as usize).wrapping_sub(operands.ptrs[i] as usize);
        walk.strides[i] == walk.strides[other]
            && (distance < NEAR_BYTES && (distance > 0 || other < i))
    };
    (0..sizes.len())
        .filter(|&i| {
            dense(i) && !(0..program.loads.len()).any(|other| other != i && behind(i, other))
        })
        .map(|i| (i, stride(i)))
        .collect()
}

/// Whether the program is one ufunc of operands with even steps, some of which leave out elements.
fn jumps(program: &Program, walk: &Walk) -> bool {
    let [Instruction::Fused(Fused { alone: Some(_), .. })] = &program.instructions[..] else {
        return false;
    };
    let strides = |i: usize| walk.tile_stride(i).map(isize::unsigned_abs);
    let leaves_out = |i: usize| strides(i).is_some_and(|s| s > program.loads[i].dtype.size());
    let n_loads = program.loads.len();
    program.reduction.is_none()
        && (0..n_loads).all(|i| strides(i).is_some())
        && (0..n_loads).any(leaves_out)
}

fn load_mode(walk: &Walk, operand: usize, size: usize, fused: bool) -> LoadMode {
    match walk.tile_stride(operand) {
        Some(0) if fused && walk.tile_len() == 1 => LoadMode::Direct(size as isize),
        Some(0) if fused => LoadMode::Repeated,
        Some(stride) if !fused || stride == size as isize => LoadMode::Direct(stride),
        _ => LoadMode::Gathered,
    }
}

/// Whether every operand can be used where it lies.
fn in_place(program: &Program, walk: &Walk) -> bool {
    let loads =
        program.loads.iter().enumerate().all(|(i, load)| {
            load_mode(walk, i, load.dtype.size(), load.fused) != LoadMode::Gathered
        });
    let stores = program.stores.iter().enumerate().all(|(i, store)| {
        !store.early
            && walk.tile_stride(program.loads.len() + i) == Some(store.dtype.size() as isize)
    });
    loads && stores && program.registers.is_empty()
}

/// Elements per tile, fewer where many registers are needed.
pub(super) fn tile_len(program: &Program) -> usize {
    let bytes: usize = program.registers.iter().sum();
    if program.registers.is_empty() {
        return 2 * TILE;
    }
    if bytes * TILE > REGISTER_BYTES {
        TILE / 2
    } else {
        TILE
    }
}

/// The axes whose index the program asks for, as bits.
pub(super) fn index_axes(program: &Program) -> u32 {
    program
        .instructions
        .iter()
        .map(|instruction| {
            if let Instruction::Index { axis, .. } = instruction {
                1 << axis
            } else {
                0
            }
        })
        .fold(0, |a, b| a | b)
}
