//! argmin and argmax: partial results carry the value and its index.

#![expect(
    unsafe_code,
    reason = "values are kept as raw bits, and elements are raw memory"
)]

use super::join::{Join, Number};
use std::marker::PhantomData;

/// A value and where it stands. The value is kept as bits, so that there is no padding and the memory can be sent.
#[derive(Clone, Copy)]
#[repr(C)]
pub(crate) struct Arg<T> {
    pub(crate) index: i64,
    bits: [u64; 2],
    of: PhantomData<T>,
}

impl<T: Number> Arg<T> {
    #[inline(always)]
    pub(crate) fn new(value: T, index: i64) -> Arg<T> {
        const { assert!(size_of::<T>() <= 16) };
        let mut bits = [0u64; 2];
        // SAFETY: 16 bytes hold any element.
        unsafe { bits.as_mut_ptr().cast::<T>().write_unaligned(value) };
        Arg {
            index,
            bits,
            of: PhantomData,
        }
    }

    #[inline(always)]
    fn value(&self) -> T {
        // SAFETY: `new` wrote an element here; every bit pattern that was sent was one.
        unsafe { self.bits.as_ptr().cast::<T>().read_unaligned() }
    }
}

/// Whether `a` beats `b` or ties with it.
pub(crate) trait Order: 'static {
    type Value: Number;
    fn wins(a: Self::Value, b: Self::Value) -> bool;
}

/// The least value wins.
pub(crate) struct Least<T>(PhantomData<T>);
/// The greatest value wins.
pub(crate) struct Greatest<T>(PhantomData<T>);

impl<T: Number> Order for Least<T> {
    type Value = T;
    #[inline(always)]
    fn wins(a: T, b: T) -> bool {
        a.at_most(b) | a.is_nan()
    }
}

impl<T: Number> Order for Greatest<T> {
    type Value = T;
    #[inline(always)]
    fn wins(a: T, b: T) -> bool {
        b.at_most(a) | a.is_nan()
    }
}

/// The earlier of two partial results stands left, so a tie goes left.
pub(crate) struct ArgJoin<O>(PhantomData<O>);

impl<O: Order> Join for ArgJoin<O> {
    type Item = Arg<O::Value>;
    #[inline(always)]
    fn join(a: Self::Item, b: Self::Item) -> Self::Item {
        if O::wins(a.value(), b.value()) { a } else { b }
    }
}

/// The first of the best of each row.
#[inline(always)]
pub(super) unsafe fn leaves_body<O: Order>(
    n_rows: usize,
    n: usize,
    from: *const u8,
    stride: isize,
    index: i64,
    step: i64,
    to: *mut u8,
) {
    for r in 0..n_rows {
        // SAFETY: the caller passes so many rows, and room for as many results.
        unsafe {
            let (from, index) = (from.offset(r as isize * stride), index + r as i64 * step);
            let to = to.cast::<Arg<O::Value>>().add(r);
            if n <= FEW {
                to.write_unaligned(few::<O>(n, from, index));
            } else {
                leaf::<O>(n, from, index, to.cast());
            }
        }
    }
}

/// Elements up to which a leaf is looked through one by one.
const FEW: usize = 16;

#[inline(always)]
unsafe fn few<O: Order>(n: usize, from: *const u8, index: i64) -> Arg<O::Value> {
    // SAFETY: the caller passes `n` elements, at least one.
    unsafe {
        let from = from.cast::<O::Value>();
        let mut best = (from.read_unaligned(), 0);
        for i in 1..n {
            let x = from.add(i).read_unaligned();
            if !O::wins(best.0, x) {
                best = (x, i);
            }
        }
        Arg::new(best.0, index + best.1 as i64)
    }
}

/// The first of the best of a leaf: the best value by lanes, in any order, then the first element that is as good.
#[inline(always)]
unsafe fn leaf<O: Order>(n: usize, from: *const u8, index: i64, to: *mut u8) {
    const LANES: usize = 32;
    // SAFETY: the caller passes `n` elements, at least one, and room for a result.
    unsafe {
        let from = from.cast::<O::Value>();
        let better = |a: O::Value, b: O::Value| if O::wins(a, b) { a } else { b };
        let mut best = from.read_unaligned();
        let whole = n / LANES * LANES;
        if whole > 0 {
            let mut lanes: [O::Value; LANES] = from.cast::<[O::Value; LANES]>().read_unaligned();
            for at in (LANES..whole).step_by(LANES) {
                for (l, lane) in lanes.iter_mut().enumerate() {
                    *lane = better(*lane, from.add(at + l).read_unaligned());
                }
            }
            for lane in lanes {
                best = better(best, lane);
            }
        }
        for i in whole..n {
            best = better(best, from.add(i).read_unaligned());
        }
        let wanted = best.is_nan();
        let as_good = |i: usize| {
            let x = from.add(i).read_unaligned();
            if wanted { x.is_nan() } else { O::wins(x, best) }
        };
        let mut start = 0;
        while start + LANES <= n && !(0..LANES).fold(false, |any, l| any | as_good(start + l)) {
            start += LANES;
        }
        let at = (start..n).find(|&i| as_good(i)).unwrap_or(start);
        to.cast::<Arg<O::Value>>()
            .write_unaligned(Arg::new(best, index + at as i64));
    }
}

/// Combines rows elementwise.
#[inline(always)]
pub(super) unsafe fn rows_body<O: Order>(
    log2: u32,
    width: usize,
    from: *const u8,
    stride: isize,
    index: i64,
    step: i64,
    to: *mut u8,
) {
    // SAFETY: the caller passes `1 << log2` rows of `width` elements, and room for `width` results.
    unsafe {
        for w in 0..width {
            let row = |r: isize| {
                from.offset(r * stride)
                    .cast::<O::Value>()
                    .add(w)
                    .read_unaligned()
            };
            let mut best = (row(0), 0);
            for r in 1..1isize << log2 {
                let x = row(r);
                if !O::wins(best.0, x) {
                    best = (x, r);
                }
            }
            to.cast::<Arg<O::Value>>()
                .add(w)
                .write_unaligned(Arg::new(best.0, index + best.1 as i64 * step));
        }
    }
}
