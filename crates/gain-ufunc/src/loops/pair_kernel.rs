//! The body of the functions of two real numbers that are written here; `kernel.rs` says why tiles.
#![expect(unsafe_code, reason = "loops over strided memory")]

use super::LoopFn;
use super::native::{B8, Native, Unaligned};
use crate::dtype::DType;
use crate::isa::{Isa, versions};
use crate::ufunc::Loop;
use std::mem::MaybeUninit;

/// A function of two real numbers.
pub(crate) trait PairKernel: 'static {
    /// Their type.
    type T: Native;
    /// Whether the usual path is right for these.
    fn is_usual(a: Self::T, b: Self::T) -> bool;
    /// The usual path, which gives something for rare arguments, too.
    fn usual(a: Self::T, b: Self::T) -> Self::T;
    /// Whether a tile is computed in two loops, `first` and `second`.
    const SPLIT: bool = false;
    /// What the second loop needs of the first.
    #[inline(always)]
    fn first(a: Self::T, b: Self::T) -> [Self::T; 2] {
        [a, b]
    }
    /// The result, as the usual path has it.
    #[inline(always)]
    fn second(a: Self::T, b: Self::T, _middle: [Self::T; 2]) -> Self::T {
        Self::usual(a, b)
    }
    /// The path for rare arguments.
    fn rare(a: Self::T, b: Self::T) -> Self::T;
}

/// Elements in a tile.
const TILE: usize = 128;

/// Tiles are computed in whole steps, so that no scalar end is left.
const STEP: usize = 16;

type Tile<T> = [MaybeUninit<T>; TILE];

/// # Safety
///
/// As [`LoopFn`] says.
#[inline(always)]
unsafe fn body<K: PairKernel>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
    let mut a = [const { MaybeUninit::<K::T>::uninit() }; TILE];
    let mut b = [const { MaybeUninit::<K::T>::uninit() }; TILE];
    let mut done = 0;
    while done < n {
        let len = TILE.min(n - done);
        let at = |operand: usize| ptrs[operand].wrapping_offset(strides[operand] * done as isize);
        // SAFETY: elements done..done + len lie within the n elements that `LoopFn` promises; all are read before one is written.
        unsafe {
            gather(len, at(0), strides[0], &mut a);
            gather(len, at(1), strides[1], &mut b);
            let steps = len.div_ceil(STEP) * STEP;
            let a = std::slice::from_raw_parts(a.as_ptr().cast::<K::T>(), steps);
            let b = std::slice::from_raw_parts(b.as_ptr().cast::<K::T>(), steps);
            let mut y = [const { MaybeUninit::<K::T>::uninit() }; TILE];
            compute::<K>(len, a, b, &mut y);
            scatter(len, &y, at(2), strides[2]);
        }
        done += len;
    }
}

/// Computes a tile of whole steps, of which `len` elements count.
#[inline(always)]
fn compute<K: PairKernel>(len: usize, a: &[K::T], b: &[K::T], y: &mut Tile<K::T>) {
    let mut usual = true;
    for (a, b) in a.iter().zip(b) {
        usual &= K::is_usual(*a, *b);
    }
    if K::SPLIT {
        compute_split::<K>(a, b, y);
    } else {
        for ((y, a), b) in y.iter_mut().zip(a).zip(b) {
            y.write(K::usual(*a, *b));
        }
    }
    if !usual {
        for ((y, a), b) in y[..len].iter_mut().zip(a).zip(b) {
            if !K::is_usual(*a, *b) {
                y.write(K::rare(*a, *b));
            }
        }
    }
}

/// A long chain of operations in two loops, so that the processor finds more of the next elements' work within its window.
#[inline(always)]
fn compute_split<K: PairKernel>(a: &[K::T], b: &[K::T], y: &mut Tile<K::T>) {
    let mut high = [K::T::FILL; TILE];
    let mut low = [K::T::FILL; TILE];
    for (((high, low), a), b) in high.iter_mut().zip(&mut low).zip(a).zip(b) {
        [*high, *low] = K::first(*a, *b);
    }
    for ((((y, high), low), a), b) in y.iter_mut().zip(&high).zip(&low).zip(a).zip(b) {
        y.write(K::second(*a, *b, [*high, *low]));
    }
}

/// Reads `len` elements, and fills the last step.
///
/// # Safety
///
/// `len <= TILE` elements lie behind the pointer.
#[inline(always)]
unsafe fn gather<T: Native>(len: usize, from: *const u8, stride: isize, x: &mut Tile<T>) {
    let size = size_of::<T>();
    // SAFETY: the caller promises `len` elements.
    unsafe {
        if stride == size as isize {
            std::ptr::copy_nonoverlapping(from, x.as_mut_ptr().cast(), len * size);
        } else if stride == 0 {
            let value = from.cast::<T>().read_unaligned();
            for x in &mut x[..len] {
                x.write(value);
            }
        } else if stride == 2 * size as isize && len > 1 {
            // Parts of complex numbers, for one: pairs may be loaded as vectors. Nobody promises the last pair's second half.
            let pairs = std::slice::from_raw_parts(from.cast::<Unaligned<[T; 2]>>(), len - 1);
            for (x, pair) in x.iter_mut().zip(pairs) {
                let [first, _] = pair.0;
                x.write(first);
            }
            let last = from.wrapping_offset(stride * (len as isize - 1));
            x[len - 1].write(last.cast::<T>().read_unaligned());
        } else {
            for (i, x) in x.iter_mut().enumerate().take(len) {
                let from = from.wrapping_offset(stride * i as isize);
                x.write(from.cast::<T>().read_unaligned());
            }
        }
    }
    for x in &mut x[len..len.div_ceil(STEP) * STEP] {
        x.write(T::FILL);
    }
}

/// # Safety
///
/// The first `len <= TILE` elements of the tile are written, and as many lie behind the pointer.
#[inline(always)]
unsafe fn scatter<T: Native>(len: usize, y: &Tile<T>, to: *mut u8, stride: isize) {
    let size = size_of::<T>();
    // SAFETY: the caller promises `len` elements.
    unsafe {
        if stride == size as isize {
            std::ptr::copy_nonoverlapping(y.as_ptr().cast::<u8>(), to, len * size);
        } else {
            for (i, y) in y.iter().enumerate().take(len) {
                let to = to.wrapping_offset(stride * i as isize);
                to.cast::<T>().write_unaligned(y.assume_init());
            }
        }
    }
}

versions!(mod each = body<K: PairKernel>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]));

/// The row of a kernel.
pub(crate) const fn pair_row<K: PairKernel>() -> Loop {
    let functions: [LoopFn; Isa::COUNT] = each::all::<K>();
    Loop {
        inputs: [K::T::DTYPE, K::T::DTYPE, B8::DTYPE],
        n_in: 2,
        output: K::T::DTYPE,
        functions,
        scan: Some(scan::<K>),
    }
}

/// # Safety
///
/// As [`LoopFn`] says, for one input of complex numbers and an output of their parts' type.
#[inline(always)]
unsafe fn parts_body<K: PairKernel>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
    let [from, to, ..] = *ptrs;
    let [from_stride, to_stride, ..] = *strides;
    let imaginary = from.wrapping_add(size_of::<K::T>());
    let strides = [from_stride, from_stride, to_stride, 0];
    // SAFETY: a complex number is its real part and its imaginary part, one after the other.
    unsafe { body::<K>(n, &[from, imaginary, to, to], &strides) }
}

versions!(mod each_parts = parts_body<K: PairKernel>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]));

/// The row of a kernel whose operands are the parts of a complex number.
pub(crate) const fn parts_row<K: PairKernel>(complex: DType) -> Loop {
    Loop {
        inputs: [complex, B8::DTYPE, B8::DTYPE],
        n_in: 1,
        output: K::T::DTYPE,
        functions: each_parts::all::<K>(),
        scan: None,
    }
}

/// The running result, in order; see [`Loop::scan`](crate::ufunc::Loop).
///
/// # Safety
///
/// One element behind the first pointer, `n` behind the others; the output is disjoint from the input, or is exactly it.
unsafe fn scan<K: PairKernel>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
    let [before, mut from, mut to, _] = *ptrs;
    // SAFETY: the caller's promise.
    unsafe {
        let mut running = before.cast::<K::T>().read_unaligned();
        for _ in 0..n {
            let next = from.cast::<K::T>().read_unaligned();
            running = if K::is_usual(running, next) {
                K::usual(running, next)
            } else {
                K::rare(running, next)
            };
            to.cast::<K::T>().write_unaligned(running);
            from = from.wrapping_offset(strides[1]);
            to = to.wrapping_offset(strides[2]);
        }
    }
}
