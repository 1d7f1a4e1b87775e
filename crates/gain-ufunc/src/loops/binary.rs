//! The body of loops with two inputs.
#![expect(unsafe_code, reason = "loops over strided memory")]

use super::native::{Native, Unaligned};
use super::{B8, LoopFn};
use crate::isa::{Isa, versions};
use crate::ufunc::Loop;
use std::slice::{from_raw_parts, from_raw_parts_mut};

/// An operation on two elements.
pub(crate) trait Binary: 'static {
    /// The left element.
    type A: Native;
    /// The right element.
    type B: Native;
    /// The element it gives.
    type Out: Native;
    /// Whether to compile it for every instruction set, with paths for each kind of operand.
    const HOT: bool = <Self::A as Native>::HOT;
    /// The operation.
    fn apply(a: Self::A, b: Self::B) -> Self::Out;
    /// The operation with one right element, where that can be prepared to be quicker.
    #[inline(always)]
    fn by_one(_b: Self::B) -> Option<impl Fn(Self::A) -> Self::Out> {
        None::<fn(Self::A) -> Self::Out>
    }
}

/// # Safety
///
/// As [`LoopFn`] says.
#[inline(always)]
unsafe fn body<O: Binary>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
    let [a, b, to, _] = *ptrs;
    let [a_stride, b_stride, to_stride, _] = *strides;
    let a_step = size_of::<O::A>() as isize;
    let b_step = size_of::<O::B>() as isize;
    // SAFETY: `LoopFn` promises n elements behind each pointer; the output is disjoint from the inputs or exactly one of
    // them, which the comparisons of pointers tell apart. A scalar is read before anything is written.
    unsafe {
        if n == 0 {
        } else if to_stride != size_of::<O::Out>() as isize {
            strided::<O>(n, ptrs, strides);
        } else if a_stride == a_step && b_stride == b_step {
            if a != to && b != to {
                pair::<O>(n, a, b, to);
            } else if O::HOT && b != to {
                first_in_place::<O>(n, to, b);
            } else if O::HOT && a != to {
                second_in_place::<O>(n, a, to);
            } else {
                strided::<O>(n, ptrs, strides);
            }
        } else if b_stride == 0 && a_stride == a_step && b != to {
            let b = b.cast::<O::B>().read_unaligned();
            if let Some(apply) = O::by_one(b) {
                for i in 0..n {
                    let a = a.cast::<O::A>().add(i).read_unaligned();
                    to.cast::<O::Out>().add(i).write_unaligned(apply(a));
                }
            } else if a != to {
                let from = from_raw_parts(a.cast::<Unaligned<O::A>>(), n);
                map(from, from_raw_parts_mut(to.cast(), n), |a| O::apply(a, b));
            } else {
                for i in 0..n {
                    let a = to.cast::<O::A>().add(i).read_unaligned();
                    to.cast::<O::Out>().add(i).write_unaligned(O::apply(a, b));
                }
            }
        } else if a_stride == 0 && b_stride == b_step && a != to {
            let a = a.cast::<O::A>().read_unaligned();
            if b != to {
                let from = from_raw_parts(b.cast::<Unaligned<O::B>>(), n);
                map(from, from_raw_parts_mut(to.cast(), n), |b| O::apply(a, b));
            } else {
                for i in 0..n {
                    let b = to.cast::<O::B>().add(i).read_unaligned();
                    to.cast::<O::Out>().add(i).write_unaligned(O::apply(a, b));
                }
            }
        } else {
            strided::<O>(n, ptrs, strides);
        }
    }
}

/// # Safety
///
/// As [`LoopFn`] says, for three contiguous arrays, `to` disjoint from both.
#[inline(always)]
unsafe fn pair<O: Binary>(n: usize, a: *const u8, b: *const u8, to: *mut u8) {
    // SAFETY: the caller promises n elements behind each pointer and a disjoint output.
    let (a, b, to) = unsafe {
        (
            from_raw_parts(a.cast::<Unaligned<O::A>>(), n),
            from_raw_parts(b.cast::<Unaligned<O::B>>(), n),
            from_raw_parts_mut(to.cast::<Unaligned<O::Out>>(), n),
        )
    };
    zip::<O>(a, b, to);
}

#[inline(always)]
fn zip<O: Binary>(a: &[Unaligned<O::A>], b: &[Unaligned<O::B>], to: &mut [Unaligned<O::Out>]) {
    for ((to, a), b) in to.iter_mut().zip(a).zip(b) {
        *to = Unaligned(O::apply(a.0, b.0));
    }
}

#[inline(always)]
fn map<A: Copy, B: Copy>(from: &[Unaligned<A>], to: &mut [Unaligned<B>], f: impl Fn(A) -> B) {
    for (to, from) in to.iter_mut().zip(from) {
        *to = Unaligned(f(from.0));
    }
}

/// # Safety
///
/// As [`LoopFn`] says, for contiguous arrays; the output is the first input, `b` is disjoint from it.
#[inline(always)]
unsafe fn first_in_place<O: Binary>(n: usize, to: *mut u8, b: *const u8) {
    // SAFETY: the caller promises n elements behind each pointer.
    unsafe {
        for i in 0..n {
            let a = to.cast::<O::A>().add(i).read_unaligned();
            let b = b.cast::<O::B>().add(i).read_unaligned();
            to.cast::<O::Out>().add(i).write_unaligned(O::apply(a, b));
        }
    }
}

/// # Safety
///
/// As [`LoopFn`] says, for contiguous arrays; the output is the second input, `a` is disjoint from it.
#[inline(always)]
unsafe fn second_in_place<O: Binary>(n: usize, a: *const u8, to: *mut u8) {
    // SAFETY: the caller promises n elements behind each pointer.
    unsafe {
        for i in 0..n {
            let a = a.cast::<O::A>().add(i).read_unaligned();
            let b = to.cast::<O::B>().add(i).read_unaligned();
            to.cast::<O::Out>().add(i).write_unaligned(O::apply(a, b));
        }
    }
}

/// # Safety
///
/// As [`LoopFn`] says.
#[inline(always)]
unsafe fn strided<O: Binary>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
    let [mut a, mut b, mut to, _] = *ptrs;
    for _ in 0..n {
        // SAFETY: the pointers stand at element i < n of each operand; they step past the end only without being read.
        unsafe {
            let result = O::apply(
                a.cast::<O::A>().read_unaligned(),
                b.cast::<O::B>().read_unaligned(),
            );
            to.cast::<O::Out>().write_unaligned(result);
        }
        a = a.wrapping_offset(strides[0]);
        b = b.wrapping_offset(strides[1]);
        to = to.wrapping_offset(strides[2]);
    }
}

versions!(mod each = body<O: Binary>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]));

/// The row of an operation.
pub(crate) const fn binary_row<O: Binary>() -> Loop {
    let all = each::all::<O>();
    let functions: [LoopFn; Isa::COUNT] = if O::HOT { all } else { [all[0]; Isa::COUNT] };
    Loop {
        inputs: [O::A::DTYPE, O::B::DTYPE, B8::DTYPE],
        n_in: 2,
        output: O::Out::DTYPE,
        functions,
        scan: if is_running::<O>() {
            Some(scan::<O>)
        } else {
            None
        },
    }
}

/// Whether a result can be the next left element.
const fn is_running<O: Binary>() -> bool {
    let dtype = O::Out::DTYPE as u8;
    O::A::DTYPE as u8 == dtype && O::B::DTYPE as u8 == dtype
}

/// The running result, in order; see [`Loop::scan`](crate::ufunc::Loop).
///
/// # Safety
///
/// One element behind the first pointer, `n` behind the others; the output is disjoint from the input, or is exactly it.
unsafe fn scan<O: Binary>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
    let [before, mut from, mut to, _] = *ptrs;
    assert!(is_running::<O>(), "a scan of a loop whose types differ");
    // SAFETY: the caller's promise; the left element and the result are of one type, as was asserted.
    unsafe {
        let mut running = before.cast::<O::A>().read_unaligned();
        for _ in 0..n {
            let result = O::apply(running, from.cast::<O::B>().read_unaligned());
            to.cast::<O::Out>().write_unaligned(result);
            running = std::mem::transmute_copy::<O::Out, O::A>(&result);
            from = from.wrapping_offset(strides[1]);
            to = to.wrapping_offset(strides[2]);
        }
    }
}

/// Implements [`Binary`] for `$op<T>` of several types: `same`, `hot` and `cold` keep the type, the latter two say for which
/// instruction sets to compile.
macro_rules! binary {
    ($op:ident, |$a:ident, $b:ident| $body:expr, same: $($t:ty)+) => {
        $(
            impl $crate::loops::Binary for $op<$t> {
                type A = $t;
                type B = $t;
                type Out = $t;
                #[inline(always)]
                fn apply($a: $t, $b: $t) -> $t { $body }
            }
        )+
    };
    ($op:ident, |$a:ident, $b:ident| $body:expr, cold: $($t:ty)+) => {
        $(
            impl $crate::loops::Binary for $op<$t> {
                type A = $t;
                type B = $t;
                type Out = $t;
                const HOT: bool = false;
                #[inline(always)]
                fn apply($a: $t, $b: $t) -> $t { $body }
            }
        )+
    };
    ($op:ident, |$a:ident, $b:ident| $body:expr, by_one: $prepare:path, $t:ty) => {
        impl $crate::loops::Binary for $op<$t> {
            type A = $t;
            type B = $t;
            type Out = $t;
            const HOT: bool = false;
            #[inline(always)]
            fn apply($a: $t, $b: $t) -> $t { $body }
            #[inline(always)]
            fn by_one(b: $t) -> Option<impl Fn($t) -> $t> {
                $prepare(b)
            }
        }
    };
    ($op:ident, |$a:ident, $b:ident| $body:expr, hot: $($t:ty)+) => {
        $(
            impl $crate::loops::Binary for $op<$t> {
                type A = $t;
                type B = $t;
                type Out = $t;
                const HOT: bool = true;
                #[inline(always)]
                fn apply($a: $t, $b: $t) -> $t { $body }
            }
        )+
    };
    ($op:ident, |$a:ident, $b:ident| $body:expr, B8: $($t:ty)+) => {
        $(
            impl $crate::loops::Binary for $op<$t> {
                type A = $t;
                type B = $t;
                type Out = $crate::loops::B8;
                #[inline(always)]
                fn apply($a: $t, $b: $t) -> $crate::loops::B8 { $crate::loops::B8::new($body) }
            }
        )+
    };
}
pub(crate) use binary;
