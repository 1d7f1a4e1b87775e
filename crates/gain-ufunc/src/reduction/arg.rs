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

/// Which of two values is better.
pub(crate) trait Order: 'static {
    type Value: Number;
    /// Whether `a` beats `b` or ties with it, or is NaN.
    fn wins(a: Self::Value, b: Self::Value) -> bool;
    /// Whether `a` beats `b` or, where the processor has it so, ties with it; neither being NaN.
    fn beats(a: Self::Value, b: Self::Value) -> bool;
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
    #[inline(always)]
    fn beats(a: T, b: T) -> bool {
        a.is_minimum(b)
    }
}

impl<T: Number> Order for Greatest<T> {
    type Value = T;
    #[inline(always)]
    fn wins(a: T, b: T) -> bool {
        b.at_most(a) | a.is_nan()
    }
    #[inline(always)]
    fn beats(a: T, b: T) -> bool {
        a.is_maximum(b)
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
    // SAFETY: the caller passes so many rows, and room for as many results.
    unsafe {
        let to = to.cast::<Arg<O::Value>>();
        // Rows of a few elements (distances to some centres) have loops without branches.
        macro_rules! by_length {
            ($($len:literal)+) => {
                match n {
                    $($len => {
                        for r in 0..n_rows {
                            let (from, index) = (from.offset(r as isize * stride), index + r as i64 * step);
                            to.add(r).write_unaligned(few::<O, $len>(from, index));
                        }
                    })+
                    _ => {
                        for r in 0..n_rows {
                            let (from, index) = (from.offset(r as isize * stride), index + r as i64 * step);
                            leaf::<O>(n, from, index, to.add(r).cast());
                        }
                    }
                }
            };
        }
        by_length!(1 2 3 4 5 6 7 8);
    }
}

#[inline(always)]
unsafe fn few<O: Order, const N: usize>(from: *const u8, index: i64) -> Arg<O::Value> {
    // SAFETY: the caller passes `N` elements.
    unsafe {
        let row = from.cast::<[O::Value; N]>().read_unaligned();
        // The best value, then the first that is as good: which it is can't be guessed, so there are no branches.
        let mut best = row[0];
        for &x in &row[1..] {
            best = if O::beats(x, best) { x } else { best };
        }
        let (mut good, mut odd) = (0u32, 0u32);
        for (i, &x) in row.iter().enumerate() {
            good |= u32::from(O::wins(x, best)) << i;
            odd |= u32::from(x.is_nan()) << i;
        }
        let at = (if odd == 0 { good } else { odd }).trailing_zeros() as usize % N;
        Arg::new(row[at], index + at as i64)
    }
}

/// Elements whose best are kept side by side.
const LANES: usize = 32;

/// Elements of a leaf that are searched for the best one's place, if it is among them.
const BLOCK: usize = 8 * LANES;

/// The first of the best of a leaf: the best value of each block, and in the first block that has the best of all the first element that is
/// as good. A NaN beats all.
#[inline(always)]
unsafe fn leaf<O: Order>(n: usize, from: *const u8, index: i64, to: *mut u8) {
    // SAFETY: the caller passes `n` elements, at least one, and room for a result.
    unsafe {
        let from = from.cast::<O::Value>();
        let mut best = from.read_unaligned();
        let mut strange = false;
        let mut start = 0;
        let mut next = 0;
        while next < n && !strange {
            let (value, odd) = block::<O>(BLOCK.min(n - next), from.add(next));
            if odd | !O::wins(best, value) {
                (best, start) = (value, next);
            }
            strange = odd;
            next += BLOCK;
        }
        let end = n.min(start + BLOCK);
        // Plain loops: a closure would not be compiled for the instruction set.
        macro_rules! is_it {
            ($at:expr) => {{
                let x = from.add($at).read_unaligned();
                if strange {
                    x.is_nan()
                } else {
                    O::wins(x, best)
                }
            }};
        }
        let mut at = start;
        macro_rules! skip {
            ($step:expr) => {
                while at + $step <= end {
                    let mut any = false;
                    for l in 0..$step {
                        any |= is_it!(at + l);
                    }
                    if any {
                        break;
                    }
                    at += $step;
                }
            };
        }
        skip!(LANES);
        skip!(8);
        while at + 1 < end && !is_it!(at) {
            at += 1;
        }
        to.cast::<Arg<O::Value>>()
            .write_unaligned(Arg::new(from.add(at).read_unaligned(), index + at as i64));
    }
}

/// The best value of a block by lanes, in any order, and whether there is a NaN, which is looked for apart so that a lane is one instruction.
#[inline(always)]
unsafe fn block<O: Order>(n: usize, from: *const O::Value) -> (O::Value, bool) {
    macro_rules! better {
        ($x:expr, $than:expr) => {
            if O::beats($x, $than) { $x } else { $than }
        };
    }
    // SAFETY: the caller passes `n` elements, at least one.
    unsafe {
        let mut best = from.read_unaligned();
        let mut odd = false;
        let whole = n / LANES * LANES;
        if whole > 0 {
            let mut lanes: [O::Value; LANES] = from.cast::<[O::Value; LANES]>().read_unaligned();
            for at in (LANES..whole).step_by(LANES) {
                for (l, lane) in lanes.iter_mut().enumerate() {
                    *lane = better!(from.add(at + l).read_unaligned(), *lane);
                }
            }
            // Two at a time: one comparison tells whether either of two vectors has a NaN.
            for i in 0..whole / 2 {
                let (x, y) = (from.add(i), from.add(whole / 2 + i));
                odd |= x.read_unaligned().is_nan() | y.read_unaligned().is_nan();
            }
            // Laid down in memory, for the compiler would compute the lanes in the short vectors that the end of their folding takes.
            let mut lanes = std::hint::black_box(lanes);
            let mut half = LANES / 2;
            while half > 0 {
                for l in 0..half {
                    lanes[l] = better!(lanes[l + half], lanes[l]);
                }
                half /= 2;
            }
            best = lanes[0];
        }
        for i in whole..n {
            let x = from.add(i).read_unaligned();
            best = better!(x, best);
            odd |= x.is_nan();
        }
        (best, odd)
    }
}

/// Elements of a row whose best are kept side by side.
const SIDE: usize = 128;

/// Combines rows elementwise: the best values so far and their rows stay in the first cache while row after row is read.
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
        let to = to.cast::<Arg<O::Value>>();
        for start in (0..width).step_by(SIDE) {
            let n = SIDE.min(width - start);
            let from = from.cast::<O::Value>().add(start).cast::<u8>();
            let mut best = [from.cast::<O::Value>().read_unaligned(); SIDE];
            let mut row = [0i64; SIDE];
            for (w, best) in best[..n].iter_mut().enumerate() {
                *best = from.cast::<O::Value>().add(w).read_unaligned();
            }
            for r in 1..1isize << log2 {
                let from = from.offset(r * stride).cast::<O::Value>();
                for (w, (best, row)) in best[..n].iter_mut().zip(&mut row[..n]).enumerate() {
                    let x = from.add(w).read_unaligned();
                    let stays = O::wins(*best, x);
                    *best = if stays { *best } else { x };
                    *row = if stays { *row } else { r as i64 };
                }
            }
            for (w, (&best, &row)) in best[..n].iter().zip(&row).enumerate() {
                to.add(start + w)
                    .write_unaligned(Arg::new(best, index + row * step));
            }
        }
    }
}
