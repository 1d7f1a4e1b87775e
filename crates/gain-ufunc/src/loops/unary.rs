//! The body of loops with one input.
#![expect(unsafe_code, reason = "loops over strided memory")]

use super::native::{Native, Unaligned};
use super::{B8, LoopFn};
use crate::isa::{Isa, versions};
use crate::ufunc::Loop;
use std::mem::MaybeUninit;
use std::slice::{from_raw_parts, from_raw_parts_mut};

/// An operation on one element.
pub(crate) trait Unary: 'static {
    /// The element it takes.
    type In: Native;
    /// The element it gives.
    type Out: Native;
    /// Whether to compile it for every instruction set.
    const HOT: bool = <Self::In as Native>::HOT;
    /// The operation.
    fn apply(x: Self::In) -> Self::Out;
}

/// # Safety
///
/// As [`LoopFn`] says.
#[inline(always)]
unsafe fn body<O: Unary>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
    let [from, to, ..] = *ptrs;
    let [from_stride, to_stride, ..] = *strides;
    let contiguous =
        from_stride == size_of::<O::In>() as isize && to_stride == size_of::<O::Out>() as isize;
    // SAFETY: `LoopFn` promises n elements behind each pointer, disjoint or exactly the same.
    unsafe {
        if contiguous && from != to {
            let from = from_raw_parts(from.cast::<Unaligned<O::In>>(), n);
            map(
                from,
                from_raw_parts_mut(to.cast::<Unaligned<O::Out>>(), n),
                O::apply,
            );
        } else if contiguous {
            for i in 0..n {
                let x = from.cast::<O::In>().add(i).read_unaligned();
                from.cast::<O::Out>().add(i).write_unaligned(O::apply(x));
            }
        } else if from_stride == 0 && to_stride == size_of::<O::Out>() as isize && n > 0 {
            // A number that is written everywhere is computed once.
            let value = Unaligned(O::apply(from.cast::<O::In>().read_unaligned()));
            from_raw_parts_mut(to.cast::<Unaligned<O::Out>>(), n).fill(value);
        } else if O::HOT {
            through_tiles::<O>(n, from, from_stride, to, to_stride);
        } else {
            let (mut from, mut to) = (from, to);
            for _ in 0..n {
                to.cast::<O::Out>()
                    .write_unaligned(O::apply(from.cast::<O::In>().read_unaligned()));
                from = from.wrapping_offset(from_stride);
                to = to.wrapping_offset(to_stride);
            }
        }
    }
}

/// Elements gathered at a time.
const TILE: usize = 64;

/// Gathers, computes with vectors, scatters: scalar square roots and roundings are several times as slow.
///
/// # Safety
///
/// As [`LoopFn`] says.
#[inline(always)]
unsafe fn through_tiles<O: Unary>(
    n: usize,
    mut from: *const u8,
    from_stride: isize,
    mut to: *mut u8,
    to_stride: isize,
) {
    let mut x = [Unaligned(O::In::FILL); TILE];
    let mut y = [const { MaybeUninit::<Unaligned<O::Out>>::uninit() }; TILE];
    let mut done = 0;
    while done < n {
        let len = TILE.min(n - done);
        // SAFETY: the pointers stand at element `done` and take `len <= n - done` steps; y is written before it is read.
        unsafe {
            for x in &mut x[..len] {
                *x = from.cast::<Unaligned<O::In>>().read();
                from = from.wrapping_offset(from_stride);
            }
            for (y, x) in y[..len].iter_mut().zip(&x[..len]) {
                y.write(Unaligned(O::apply(x.0)));
            }
            for y in &y[..len] {
                to.cast::<Unaligned<O::Out>>().write(y.assume_init());
                to = to.wrapping_offset(to_stride);
            }
        }
        done += len;
    }
}

#[inline(always)]
fn map<A: Copy, B: Copy>(from: &[Unaligned<A>], to: &mut [Unaligned<B>], f: impl Fn(A) -> B) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = Unaligned(f(from.0));
    }
}

versions!(mod each = body<O: Unary>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]));

/// The loops of an operation.
pub(crate) const fn unary_loops<O: Unary>() -> [LoopFn; Isa::COUNT] {
    let all = each::all::<O>();
    if O::HOT { all } else { [all[0]; Isa::COUNT] }
}

/// The row of an operation.
pub(crate) const fn unary_row<O: Unary>() -> Loop {
    Loop {
        inputs: [O::In::DTYPE, B8::DTYPE, B8::DTYPE],
        n_in: 1,
        output: O::Out::DTYPE,
        functions: unary_loops::<O>(),
        scan: None,
    }
}

/// Implements [`Unary`] for `$op<T>` of several types; `=> same` keeps the type.
macro_rules! unary {
    ($op:ident, |$x:ident| $body:expr, same: $($t:ty)+) => {
        $(
            impl $crate::loops::Unary for $op<$t> {
                type In = $t;
                type Out = $t;
                #[inline(always)]
                fn apply($x: $t) -> $t { $body }
            }
        )+
    };
    ($op:ident, |$x:ident| $body:expr, $out:ty: $($t:ty)+) => {
        $(
            impl $crate::loops::Unary for $op<$t> {
                type In = $t;
                type Out = $out;
                #[inline(always)]
                fn apply($x: $t) -> $out { $body }
            }
        )+
    };
}
pub(crate) use unary;

/// Declares the empty types that stand for operations.
macro_rules! operations {
    ($($(#[$meta:meta])* $name:ident)+) => {
        $(
            $(#[$meta])*
            pub(crate) struct $name<T>(std::marker::PhantomData<T>);
        )+
    };
}
pub(crate) use operations;
