//! Loops with three inputs: `where` and `clip`.
#![expect(unsafe_code, reason = "loops over strided memory")]

use super::binary::Binary;
use super::native::{B8, Native};
use super::{LoopFn, Maximum, Minimum};
use crate::isa::{Isa, versions};
use crate::ufunc::Loop;
use std::marker::PhantomData;

/// An operation on three elements, the last two and the result of one type.
pub(crate) trait Ternary: 'static {
    /// The first element.
    type First: Native;
    /// The other two, and the result.
    type Value: Native;
    /// The operation.
    fn apply(first: Self::First, x: Self::Value, y: Self::Value) -> Self::Value;
}

/// The second where the first is true, else the third.
struct Where<T>(PhantomData<T>);

impl<T: Native> Ternary for Where<T> {
    type First = B8;
    type Value = T;
    #[inline(always)]
    fn apply(first: B8, x: T, y: T) -> T {
        if first.get() { x } else { y }
    }
}

/// The first, not less than the second, not greater than the third.
struct Clip<T>(PhantomData<T>);

impl<T: Native> Ternary for Clip<T>
where
    Minimum<T>: Binary<A = T, B = T, Out = T>,
    Maximum<T>: Binary<A = T, B = T, Out = T>,
{
    type First = T;
    type Value = T;
    #[inline(always)]
    fn apply(first: T, x: T, y: T) -> T {
        Minimum::<T>::apply(Maximum::<T>::apply(first, x), y)
    }
}

/// # Safety
///
/// As [`LoopFn`] says.
#[inline(always)]
unsafe fn body<O: Ternary>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
    let [first, x, y, to] = *ptrs;
    let size = size_of::<O::Value>() as isize;
    let first_size = size_of::<O::First>() as isize;
    // SAFETY: `LoopFn` promises n elements behind each pointer; element i of the output is written after element i of all
    // inputs was read, and scalars are read before anything is written.
    unsafe {
        // Plain loops: a closure of `for_each` would not be compiled for the instruction set.
        macro_rules! each {
            (|$i:ident| $x:expr, $y:expr) => {
                for $i in 0..n {
                    let first = first.cast::<O::First>().add($i).read_unaligned();
                    let value = O::apply(first, $x, $y);
                    to.cast::<O::Value>().add($i).write_unaligned(value);
                }
            };
        }
        let (x, y) = (x.cast::<O::Value>(), y.cast::<O::Value>());
        match *strides {
            _ if n == 0 => {}
            [f, a, b, t] if f == first_size && a == size && b == size && t == size => {
                each!(|i| x.add(i).read_unaligned(), y.add(i).read_unaligned());
            }
            [f, a, 0, t] if f == first_size && a == size && t == size => {
                let y = y.read_unaligned();
                each!(|i| x.add(i).read_unaligned(), y);
            }
            [f, 0, b, t] if f == first_size && b == size && t == size => {
                let x = x.read_unaligned();
                each!(|i| x, y.add(i).read_unaligned());
            }
            [f, 0, 0, t] if f == first_size && t == size => {
                let (x, y) = (x.read_unaligned(), y.read_unaligned());
                each!(|i| x, y);
            }
            _ => strided::<O>(n, ptrs, strides),
        }
    }
}

/// # Safety
///
/// As [`LoopFn`] says.
#[inline(always)]
unsafe fn strided<O: Ternary>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
    let [mut first, mut x, mut y, mut to] = *ptrs;
    for _ in 0..n {
        // SAFETY: the pointers stand at element i < n of each operand; they step past the end only without being read.
        unsafe {
            let value = O::apply(
                first.cast::<O::First>().read_unaligned(),
                x.cast::<O::Value>().read_unaligned(),
                y.cast::<O::Value>().read_unaligned(),
            );
            to.cast::<O::Value>().write_unaligned(value);
        }
        first = first.wrapping_offset(strides[0]);
        x = x.wrapping_offset(strides[1]);
        y = y.wrapping_offset(strides[2]);
        to = to.wrapping_offset(strides[3]);
    }
}

versions!(mod each = body<O: Ternary>(n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]));

const fn ternary_row<O: Ternary>() -> Loop {
    let all = each::all::<O>();
    let functions: [LoopFn; Isa::COUNT] = if <O::Value as Native>::HOT {
        all
    } else {
        [all[0]; Isa::COUNT]
    };
    let value = O::Value::DTYPE;
    Loop {
        inputs: [O::First::DTYPE, value, value],
        n_in: 3,
        output: value,
        functions,
        scan: None,
    }
}

/// The row of `where` for one type.
pub(crate) const fn select_row<T: Native>() -> Loop {
    ternary_row::<Where<T>>()
}

/// The row of `clip` for one type.
#[expect(private_bounds, reason = "the operations are an affair of the loops")]
pub(crate) const fn clip_row<T: Native>() -> Loop
where
    Clip<T>: Ternary,
{
    ternary_row::<Clip<T>>()
}
