//! `float16` loops that are `float32` loops between conversions: widened tile by tile, computed, rounded once.
//!
//! # Rationale
//! So NumPy computes them. The tiles' loop is one for all operations: an operation adds three functions of a few instructions to
//! the program, not another copy of its loop for each instruction set. The conversions are the `half` crate's, which uses the processor's
//! where it has them; both give the same bits.
#![expect(unsafe_code, reason = "loops over strided memory")]

use super::LoopFn;
use super::binary::Binary;
use super::kernel::Kernel;
use super::pair_kernel::PairKernel;
use super::unary::Unary;
use crate::dtype::DType;
use crate::isa::{self, Isa};
use crate::ufunc::Loop;
use half::f16;
use half::slice::HalfFloatSliceExt;
use std::marker::PhantomData;
use std::mem::MaybeUninit;

/// A row of `float32` that is to serve `float16`.
pub(crate) trait InSingle: 'static {
    /// The row.
    const ROW: Loop;
    /// Which of its operands (the output behind the inputs) are `float16` outside: as a rule those that are `float32` in the row.
    const HALVES: [bool; 4] = singles(&Self::ROW);
}

const fn singles(row: &Loop) -> [bool; 4] {
    let mut halves = [false; 4];
    let mut k = 0;
    while k < row.n_in as usize {
        halves[k] = matches!(row.inputs[k], DType::F32);
        k += 1;
    }
    halves[k] = matches!(row.output, DType::F32);
    halves
}

macro_rules! makers {
    ($($maker:ident $class:ident $of:ident $bound:path;)+) => { $(
        struct $class<O>(PhantomData<O>);

        impl<O: $bound> InSingle for $class<O> {
            const ROW: Loop = super::$of::$maker::<O>();
        }

        #[doc = concat!("The `float16` row of what [`", stringify!($maker), "`](super::", stringify!($maker), ") makes.")]
        pub(crate) const fn $maker<O: $bound>() -> Loop {
            row::<$class<O>>()
        }
    )+ };
}
makers! {
    unary_row OfUnary unary Unary;
    binary_row OfBinary binary Binary;
    kernel_row OfKernel kernel Kernel;
    pair_row OfPair pair_kernel PairKernel;
}

const fn row<W: InSingle>() -> Loop {
    let row = W::ROW;
    let mut inputs = row.inputs;
    let mut k = 0;
    while k < row.n_in as usize {
        if W::HALVES[k] {
            inputs[k] = DType::F16;
        }
        k += 1;
    }
    Loop {
        inputs,
        n_in: row.n_in,
        output: if W::HALVES[k] { DType::F16 } else { row.output },
        functions: loops::<W>(),
        scan: if row.scan.is_some() {
            Some(scan::<W>)
        } else {
            None
        },
    }
}

/// The inner functions.
pub(crate) const fn loops<W: InSingle>() -> [LoopFn; Isa::COUNT] {
    [tiled::<W, 0>, tiled::<W, 1>, tiled::<W, 2>]
}

/// # Safety
///
/// As [`LoopFn`] says.
unsafe fn tiled<W: InSingle, const ISA: usize>(
    n: usize,
    ptrs: &[*mut u8; 4],
    strides: &[isize; 4],
) {
    // SAFETY: the caller's contract, with the row's dtypes and the instruction set of the function asked for.
    unsafe { tiles(const { &W::ROW }, W::HALVES, ISA, n, ptrs, strides) }
}

/// # Safety
///
/// As [`Loop::scan`] says.
unsafe fn scan<W: InSingle>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
    // SAFETY: the caller's contract; a row with a scan has two inputs of the output's dtype.
    unsafe { running(const { &W::ROW }, n, ptrs, strides) }
}

/// Elements widened at a time.
const TILE: usize = 256;

/// Room for a tile; what has been written to is initialised.
#[repr(align(64))]
struct Tile(MaybeUninit<[f32; TILE]>);

impl Tile {
    /// The first `len` elements, zeros.
    fn first(&mut self, len: usize) -> &mut [f32] {
        assert!(len <= TILE, "a tile has {TILE} elements");
        let ptr: *mut f32 = self.0.as_mut_ptr().cast();
        // SAFETY: the tile has room for `len` elements, which are zeros now.
        unsafe {
            ptr.write_bytes(0, len);
            std::slice::from_raw_parts_mut(ptr, len)
        }
    }

    fn ptr(&mut self) -> *mut u8 {
        self.0.as_mut_ptr().cast()
    }
}

/// # Safety
///
/// As [`LoopFn`] says, for the row's dtypes with `float16` where `halves` says so, and an instruction set that this machine has.
unsafe fn tiles(
    row: &Loop,
    halves: [bool; 4],
    isa: usize,
    n: usize,
    ptrs: &[*mut u8; 4],
    strides: &[isize; 4],
) {
    if n == 0 {
        return;
    }
    let n_in = row.n_in as usize;
    let function = row.functions[isa];
    let mut tiles = [const { Tile(MaybeUninit::uninit()) }; 4];
    let (mut here, mut steps) = (*ptrs, *strides);
    for k in (0..=n_in).filter(|&k| halves[k]) {
        here[k] = tiles[k].ptr();
        let repeats = k < n_in && strides[k] == 0;
        steps[k] = if repeats {
            0
        } else {
            size_of::<f32>() as isize
        };
        if repeats {
            // SAFETY: the operand has an element.
            unsafe { widen(ptrs[k], 0, tiles[k].first(1)) };
        }
    }
    for done in (0..n).step_by(TILE) {
        let len = TILE.min(n - done);
        let at = |k: usize| ptrs[k].wrapping_offset(strides[k] * done as isize);
        for k in 0..=n_in {
            if !halves[k] {
                here[k] = at(k);
            } else if k == n_in {
                tiles[k].first(len);
            } else if strides[k] != 0 {
                // SAFETY: elements done..done + len lie within the n elements that the caller promises.
                unsafe { widen(at(k), strides[k], tiles[k].first(len)) };
            }
        }
        // SAFETY: tiles and operands hold `len` elements; an input that is the output lies in a tile, or does not change its size.
        unsafe {
            function(len, &here, &steps);
            if halves[n_in] {
                let from = std::slice::from_raw_parts(here[n_in].cast::<f32>(), len);
                narrow(from, at(n_in), strides[n_in]);
            }
        }
    }
}

/// # Safety
///
/// As [`Loop::scan`] says, for `float16`.
unsafe fn running(row: &Loop, n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
    let function = row.functions[isa::active() as usize];
    let [before, mut from, mut to, _] = *ptrs;
    // SAFETY: the caller promises one element behind the first pointer and `n` behind the others.
    unsafe {
        let mut last = before.cast::<f16>().read_unaligned().to_f32();
        for _ in 0..n {
            let mut next = from.cast::<f16>().read_unaligned().to_f32();
            let mut result = 0.0f32;
            let operands = [
                (&raw mut last).cast(),
                (&raw mut next).cast(),
                (&raw mut result).cast(),
                std::ptr::null_mut(),
            ];
            function(1, &operands, &[4, 4, 4, 0]);
            let rounded = f16::from_f32(result);
            to.cast::<f16>().write_unaligned(rounded);
            last = rounded.to_f32();
            from = from.wrapping_offset(strides[1]);
            to = to.wrapping_offset(strides[2]);
        }
    }
}

/// # Safety
///
/// As many `float16` as `to` is long lie behind the pointer.
unsafe fn widen(from: *const u8, stride: isize, to: &mut [f32]) {
    let mut packed = [f16::ZERO; TILE];
    let packed = &mut packed[..to.len()];
    // SAFETY: the caller's promise; elements need not be aligned.
    unsafe {
        if stride == size_of::<f16>() as isize {
            let bytes = size_of_val(packed);
            std::ptr::copy_nonoverlapping(from, packed.as_mut_ptr().cast(), bytes);
        } else {
            let mut from = from;
            for x in packed.iter_mut() {
                *x = from.cast::<f16>().read_unaligned();
                from = from.wrapping_offset(stride);
            }
        }
    }
    packed.convert_to_f32_slice(to);
}

/// # Safety
///
/// As many `float16` as `from` is long may be written behind the pointer.
unsafe fn narrow(from: &[f32], to: *mut u8, stride: isize) {
    let mut packed = [f16::ZERO; TILE];
    let packed = &mut packed[..from.len()];
    packed.convert_from_f32_slice(from);
    // SAFETY: the caller's promise; elements need not be aligned.
    unsafe {
        if stride == size_of::<f16>() as isize {
            std::ptr::copy_nonoverlapping(packed.as_ptr().cast(), to, size_of_val(packed));
        } else {
            let mut to = to;
            for x in packed.iter() {
                to.cast::<f16>().write_unaligned(*x);
                to = to.wrapping_offset(stride);
            }
        }
    }
}
