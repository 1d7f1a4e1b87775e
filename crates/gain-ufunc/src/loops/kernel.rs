//! The body of the transcendental functions that are written here: tile by tile, branch-free but for rare arguments.
//!
//! # Rationale
//!
//! A kernel has a usual path, a straight line of arithmetic that the compiler turns into vector instructions, and a rare path
//! for arguments that need another method (huge angles). A tile is gathered, tested as a whole, and computed by
//! the usual path unless one of its elements is rare; those are then computed alone. Gathering also makes strides,
//! alignment and overlap the affair of two small loops.
#![expect(unsafe_code, reason = "loops over strided memory")]

use super::LoopFn;
use super::native::{B8, Native, Unaligned};
use crate::isa::{Isa, versions};
use crate::ufunc::Loop;
use std::mem::MaybeUninit;

/// A function of one real number.
pub(crate) trait Kernel: 'static {
    /// Its type.
    type T: Native;
    /// Whether the usual path is right for `x`.
    #[inline(always)]
    fn is_usual(_x: Self::T) -> bool {
        true
    }
    /// The usual path, which gives something for rare arguments, too.
    fn usual(x: Self::T) -> Self::T;
    /// The path for rare arguments.
    #[inline(always)]
    fn rare(x: Self::T) -> Self::T {
        x
    }
    /// Whether the path for rare arguments is a straight line too, and right for all: a tile with rare ones then takes it as a whole.
    const STRAIGHT: bool = false;
    /// Whether a tile is computed in two loops, `first` and `second`: a long chain of operations leaves the processor more of the next
    /// elements' work within its window when it is cut.
    const SPLIT: bool = false;
    /// What the second loop needs of the first.
    #[inline(always)]
    fn first(x: Self::T) -> [Self::T; 2] {
        [x, x]
    }
    /// The result, as the usual path has it.
    #[inline(always)]
    fn second(x: Self::T, _middle: [Self::T; 2]) -> Self::T {
        Self::usual(x)
    }
}

/// Elements in a tile.
const TILE: usize = 128;

/// Tiles are computed in whole steps, so that no scalar end is left.
const STEP: usize = 16;

/// # Safety
///
/// As [`LoopFn`] says.
#[inline(always)]
unsafe fn body<K: Kernel>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
    let [from, to, ..] = *ptrs;
    let [from_stride, to_stride, ..] = *strides;
    let mut done = 0;
    let size = size_of::<K::T>() as isize;
    let contiguous = from_stride == size && to_stride == size && from != to;
    while done < n {
        let len = TILE.min(n - done);
        let from = from.wrapping_offset(from_stride * done as isize);
        let to = to.wrapping_offset(to_stride * done as isize);
        // SAFETY: elements done..done + len lie within the n elements that `LoopFn` promises; arrays that are not the same
        // are disjoint.
        unsafe {
            if !(contiguous && len == TILE && whole_tile::<K>(from, to)) {
                tile::<K>(len, from, from_stride, to, to_stride);
            }
        }
        done += len;
    }
}

/// Computes a whole contiguous tile without copies, unless it holds rare arguments.
///
/// # Safety
///
/// TILE elements lie behind both pointers, disjoint.
#[inline(always)]
unsafe fn whole_tile<K: Kernel>(from: *const u8, to: *mut u8) -> bool {
    // SAFETY: the caller promises the elements.
    let (from, to) = unsafe {
        (
            &*from.cast::<[Unaligned<K::T>; TILE]>(),
            &mut *to.cast::<[Unaligned<K::T>; TILE]>(),
        )
    };
    let mut usual = true;
    for x in from {
        usual &= K::is_usual(x.0);
    }
    if usual {
        each_usual::<K>(from, to);
    }
    usual
}

#[inline(always)]
fn each_usual<K: Kernel>(from: &[Unaligned<K::T>; TILE], to: &mut [Unaligned<K::T>; TILE]) {
    if K::SPLIT {
        let mut high = [K::T::FILL; TILE];
        let mut low = [K::T::FILL; TILE];
        for ((high, low), from) in high.iter_mut().zip(&mut low).zip(from) {
            [*high, *low] = K::first(from.0);
        }
        for (((to, from), high), low) in to.iter_mut().zip(from).zip(&high).zip(&low) {
            *to = Unaligned(K::second(from.0, [*high, *low]));
        }
        return;
    }
    for (to, from) in to.iter_mut().zip(from) {
        *to = Unaligned(K::usual(from.0));
    }
}

/// # Safety
///
/// `len <= TILE` elements lie behind both pointers.
#[inline(always)]
unsafe fn tile<K: Kernel>(
    len: usize,
    from: *const u8,
    from_stride: isize,
    to: *mut u8,
    to_stride: isize,
) {
    let size = size_of::<K::T>();
    let mut x = [const { MaybeUninit::<K::T>::uninit() }; TILE];
    // SAFETY: the caller promises `len` elements.
    unsafe {
        if from_stride == size as isize {
            std::ptr::copy_nonoverlapping(from, x.as_mut_ptr().cast(), len * size);
        } else {
            for (i, x) in x.iter_mut().enumerate().take(len) {
                x.write(
                    from.wrapping_offset(from_stride * i as isize)
                        .cast::<K::T>()
                        .read_unaligned(),
                );
            }
        }
    }
    let steps = len.div_ceil(STEP) * STEP;
    for x in &mut x[len..steps] {
        x.write(K::T::FILL);
    }
    // SAFETY: the first `steps` elements have been written.
    let x = unsafe { std::slice::from_raw_parts(x.as_ptr().cast::<K::T>(), steps) };
    let mut y = [const { MaybeUninit::<K::T>::uninit() }; TILE];
    let mut usual = true;
    for x in x {
        usual &= K::is_usual(*x);
    }
    for (y, x) in y[..steps].iter_mut().zip(x) {
        y.write(K::usual(*x));
    }
    if !usual && K::STRAIGHT {
        for (y, x) in y[..steps].iter_mut().zip(x) {
            y.write(K::rare(*x));
        }
    } else if !usual {
        for (y, x) in y[..len].iter_mut().zip(x) {
            if !K::is_usual(*x) {
                y.write(K::rare(*x));
            }
        }
    }
    // SAFETY: as above; the first `len` elements of y have been written.
    unsafe {
        if to_stride == size as isize {
            std::ptr::copy_nonoverlapping(y.as_ptr().cast::<u8>(), to, len * size);
        } else {
            for (i, y) in y.iter().enumerate().take(len) {
                to.wrapping_offset(to_stride * i as isize)
                    .cast::<K::T>()
                    .write_unaligned(y.assume_init());
            }
        }
    }
}

versions!(mod each = body<K: Kernel>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]));

/// The row of a kernel.
pub(crate) const fn kernel_row<K: Kernel>() -> Loop {
    let functions: [LoopFn; Isa::COUNT] = each::all::<K>();
    Loop {
        inputs: [K::T::DTYPE, B8::DTYPE, B8::DTYPE],
        n_in: 1,
        output: K::T::DTYPE,
        functions,
        scan: None,
    }
}

/// Implements [`Kernel`] for a function without rare arguments.
macro_rules! kernels {
    ($($op:ident: $t:ty = $usual:path;)+) => { $(
        impl $crate::loops::Kernel for $op<$t> {
            type T = $t;
            #[inline(always)]
            fn usual(x: $t) -> $t { $usual(x) }
        }
    )+ };
}
pub(crate) use kernels;
