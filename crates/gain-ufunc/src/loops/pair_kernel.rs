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

/// Where the pairs of a tile lie.
trait Pairs<T>: Copy {
    /// # Safety
    ///
    /// There are more than `i` pairs.
    unsafe fn get(self, i: usize) -> (T, T);
}

/// Two operands.
#[derive(Clone, Copy)]
struct Apart<T: Copy>(*const Unaligned<T>, *const Unaligned<T>);

impl<T: Copy> Pairs<T> for Apart<T> {
    #[inline(always)]
    unsafe fn get(self, i: usize) -> (T, T) {
        // SAFETY: the caller's promise.
        unsafe { ((*self.0.add(i)).0, (*self.1.add(i)).0) }
    }
}

/// One operand, of complex numbers.
#[derive(Clone, Copy)]
struct Together<T: Copy>(*const Unaligned<[T; 2]>);

impl<T: Copy> Pairs<T> for Together<T> {
    #[inline(always)]
    unsafe fn get(self, i: usize) -> (T, T) {
        // SAFETY: the caller's promise.
        let [real, imaginary] = unsafe { (*self.0.add(i)).0 };
        (real, imaginary)
    }
}

/// # Safety
///
/// As [`LoopFn`] says.
#[inline(always)]
unsafe fn body<K: PairKernel>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
    let to = ptrs[2];
    let mut tiles = [[const { MaybeUninit::<K::T>::uninit() }; TILE]; 2];
    for done in (0..n).step_by(TILE) {
        let len = TILE.min(n - done);
        let at = |operand: usize| ptrs[operand].wrapping_offset(strides[operand] * done as isize);
        let mut from = [std::ptr::null(); 2];
        for (operand, tile) in tiles.iter_mut().enumerate() {
            // An output that is an input is written before rare arguments are read.
            let stays = is_whole::<K::T>(len, strides[operand]) && ptrs[operand] != to;
            from[operand] = if stays {
                at(operand).cast_const().cast()
            } else {
                // SAFETY: elements done..done + len lie within the n elements that `LoopFn` promises.
                unsafe { gather(len, at(operand), strides[operand], tile) };
                tile.as_ptr().cast()
            };
        }
        // SAFETY: as above, and gathered tiles are filled to whole steps.
        unsafe { tile::<K>(len, Apart(from[0], from[1]), at(2), strides[2]) };
    }
}

/// Whether a tile of `len` elements needs no copy to be computed in whole steps.
#[inline(always)]
fn is_whole<T>(len: usize, stride: isize) -> bool {
    stride == size_of::<T>() as isize && len.is_multiple_of(STEP)
}

/// Computes `len` results and writes them.
///
/// # Safety
///
/// There are `len <= TILE` pairs, rounded up to whole steps, and `len` elements behind the pointer, where no pair lies.
#[inline(always)]
unsafe fn tile<K: PairKernel>(len: usize, pairs: impl Pairs<K::T>, to: *mut u8, to_stride: isize) {
    let steps = len.div_ceil(STEP) * STEP;
    let mut results = [const { MaybeUninit::<K::T>::uninit() }; TILE];
    let stays = is_whole::<K::T>(len, to_stride);
    let y: *mut Unaligned<K::T> = if stays {
        to.cast()
    } else {
        results.as_mut_ptr().cast()
    };
    // SAFETY: the caller promises pairs and places.
    unsafe {
        let usual = if K::SPLIT {
            compute_split::<K>(steps, pairs, y)
        } else {
            compute::<K>(steps, pairs, y)
        };
        if !usual {
            for i in 0..len {
                let (a, b) = pairs.get(i);
                if !K::is_usual(a, b) {
                    *y.add(i) = Unaligned(K::rare(a, b));
                }
            }
        }
        if !stays {
            scatter(len, &results, to, to_stride);
        }
    }
}

/// Computes `n` pairs by the usual path; whether it was right for all.
///
/// # Safety
///
/// There are `n` pairs, and as many elements behind the pointer, where no pair lies.
#[inline(always)]
unsafe fn compute<K: PairKernel>(
    n: usize,
    pairs: impl Pairs<K::T>,
    y: *mut Unaligned<K::T>,
) -> bool {
    let mut usual = true;
    for i in 0..n {
        // SAFETY: the caller's promise.
        unsafe {
            let (a, b) = pairs.get(i);
            usual &= K::is_usual(a, b);
            *y.add(i) = Unaligned(K::usual(a, b));
        }
    }
    usual
}

/// As [`compute`]: a long chain of operations in two loops, so that the processor finds more of the next elements' work within its window.
///
/// # Safety
///
/// As [`compute`], for `n <= TILE`.
#[inline(always)]
unsafe fn compute_split<K: PairKernel>(
    n: usize,
    pairs: impl Pairs<K::T>,
    y: *mut Unaligned<K::T>,
) -> bool {
    let (mut high, mut low) = ([K::T::FILL; TILE], [K::T::FILL; TILE]);
    let (high, low) = (&mut high[..n], &mut low[..n]);
    let mut usual = true;
    // SAFETY: the caller's promise.
    unsafe {
        for i in 0..n {
            let (a, b) = pairs.get(i);
            usual &= K::is_usual(a, b);
            [high[i], low[i]] = K::first(a, b);
        }
        for i in 0..n {
            let (a, b) = pairs.get(i);
            *y.add(i) = Unaligned(K::second(a, b, [high[i], low[i]]));
        }
    }
    usual
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
            // Pairs may be loaded as vectors; nobody promises the last one's second half.
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
    let size = size_of::<K::T>();
    let whole = if from_stride == 2 * size as isize {
        n / STEP * STEP
    } else {
        0
    };
    let at = |ptr: *mut u8, stride: isize, i: usize| ptr.wrapping_offset(stride * i as isize);
    // SAFETY: a complex number is its real part and its imaginary part, one after the other. Numbers of twice the result's size are disjoint
    // from it.
    unsafe {
        for done in (0..whole).step_by(TILE) {
            let pairs = Together(at(from, from_stride, done).cast_const().cast());
            let to = at(to, to_stride, done);
            tile::<K>(TILE.min(whole - done), pairs, to, to_stride);
        }
        let (real, to) = (at(from, from_stride, whole), at(to, to_stride, whole));
        let strides = [from_stride, from_stride, to_stride, 0];
        body::<K>(
            n - whole,
            &[real, real.wrapping_add(size), to, to],
            &strides,
        );
    }
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
