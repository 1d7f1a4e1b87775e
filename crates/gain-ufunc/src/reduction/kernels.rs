//! The loops of reductions: leaves, rows combined elementwise, levels of trees over rows, one vector joined to another.

#![expect(
    unsafe_code,
    reason = "loops over raw memory, compiled per instruction set"
)]

use super::Reduction;
use super::arg::{self, Arg, ArgJoin, Greatest, Least, Order};
use super::join::{Byte, FMax, FMin, Join, Max, Min, Number, Prod, Sum};
use super::order::LANES;
use crate::dtype::DType;
use crate::isa::{Isa, versions};
use half::f16;
use num_complex::Complex;

/// `n_rows` leaves of `n` contiguous elements (1 to [`LEAF`](super::LEAF)) each: row `r` starts at `from + r * stride`, its first element
/// has index `index + r * step`; one partial result each, packed.
pub(crate) type LeavesFn = unsafe fn(
    n_rows: usize,
    n: usize,
    from: *const u8,
    stride: isize,
    index: i64,
    step: i64,
    to: *mut u8,
);

/// `rounds` (at least 1) rounds of a leaf's elements, joined to its lanes; the lanes' first elements if `first`.
pub(crate) type RoundsFn = unsafe fn(rounds: usize, first: bool, from: *const u8, lanes: *mut u8);

/// The partial result of a leaf whose rounds are all in `lanes`.
pub(crate) type FinishFn = unsafe fn(lanes: *mut u8, to: *mut u8);

/// A node over `1 << log2` rows ([`Kernels::most_rows`] at most): row `r` starts at `from + r * stride` and has index `index + r * step`; `width` elements each.
pub(crate) type RowsFn = unsafe fn(
    log2: u32,
    width: usize,
    from: *const u8,
    stride: isize,
    index: i64,
    step: i64,
    to: *mut u8,
);

/// One level of trees over packed rows of `width` partial results, `units` rows for each of `groups` groups: neighbours are joined, and the
/// last of an odd number stays alone.
pub(crate) type LevelFn =
    unsafe fn(groups: usize, units: usize, width: usize, from: *const u8, to: *mut u8);

/// `left = left joined with right`, `width` partial results each.
pub(crate) type JoinFn = unsafe fn(width: usize, left: *mut u8, right: *const u8);

/// Most rows of a [`RowsFn`] that joins values.
const MOST_ROWS: usize = 8;

/// The same where a partial result is more than a value: there are fewer of them to join.
const MOST_ARG_ROWS: usize = 32;

/// The loops of one reduction over one dtype.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Kernels {
    /// Bytes of a partial result.
    pub(crate) item: usize,
    pub(crate) leaves: LeavesFn,
    /// A leaf that comes in parts; none where a partial result is more than a value.
    pub(crate) parts: Option<(RoundsFn, FinishFn)>,
    pub(crate) rows: RowsFn,
    /// Most rows of one call of `rows`.
    pub(crate) most_rows: usize,
    pub(crate) level: LevelFn,
    pub(crate) join: JoinFn,
}

#[inline(always)]
unsafe fn leaves_body<J: Join>(
    n_rows: usize,
    n: usize,
    from: *const u8,
    stride: isize,
    _index: i64,
    _step: i64,
    to: *mut u8,
) {
    // SAFETY: the caller's contract, leaf by leaf.
    unsafe {
        // Leaves of a few elements (points, colours) have loops without branches. Plain loops: a closure of `for_each` would not be
        // compiled for the instruction set.
        macro_rules! by_length {
            ($($len:literal)+) => {
                match n {
                    $($len => {
                        for r in 0..n_rows {
                            few::<J, $len>(from.offset(r as isize * stride), to.cast::<J::Item>().add(r).cast());
                        }
                    })+
                    _ => {
                        for r in 0..n_rows {
                            leaf::<J>(n, from.offset(r as isize * stride), to.cast::<J::Item>().add(r).cast());
                        }
                    }
                }
            };
        }
        by_length!(1 2 3 4 5 6 7 8);
    }
}

/// A leaf of `N` elements, fewer than lanes.
#[inline(always)]
unsafe fn few<J: Join, const N: usize>(from: *const u8, to: *mut u8) {
    // SAFETY: the caller passes `N` elements and room for a result.
    unsafe {
        let mut lanes: [J::Item; N] = from.cast::<[J::Item; N]>().read_unaligned();
        fold_short::<J>(&mut lanes, N);
        to.cast::<J::Item>().write_unaligned(lanes[0]);
    }
}

/// Lanes that are taken together where a round is not full.
const GROUP: usize = 8;

#[inline(always)]
unsafe fn leaf<J: Join>(n: usize, from: *const u8, to: *mut u8) {
    // SAFETY: the caller passes `n` elements, at least one, and room for a result.
    unsafe {
        let from = from.cast::<J::Item>();
        let mut lanes = [from.read_unaligned(); LANES];
        if n < LANES {
            for (l, lane) in lanes.iter_mut().enumerate().take(n) {
                *lane = from.add(l).read_unaligned();
            }
            fold_short::<J>(&mut lanes, n);
        } else {
            lanes = full_rounds::<J>(
                from.cast::<[J::Item; LANES]>().read_unaligned(),
                n / LANES - 1,
                from.add(LANES),
            );
            let done = n / LANES * LANES;
            // What is left, in groups of a known length first, which are vectors.
            let (from, left) = (from.add(done), n - done);
            let grouped = left / GROUP * GROUP;
            for start in (0..grouped).step_by(GROUP) {
                for (l, lane) in lanes[start..start + GROUP].iter_mut().enumerate() {
                    *lane = J::join(*lane, from.add(start + l).read_unaligned());
                }
            }
            for (l, lane) in lanes.iter_mut().enumerate().take(left).skip(grouped) {
                *lane = J::join(*lane, from.add(l).read_unaligned());
            }
            fold_full::<J>(&mut lanes);
        }
        to.cast::<J::Item>().write_unaligned(lanes[0]);
    }
}

/// The lanes after `rounds` more rounds over all of them. All indices are constants, so the lanes stay in vector registers.
#[inline(always)]
unsafe fn full_rounds<J: Join>(
    mut lanes: [J::Item; LANES],
    rounds: usize,
    from: *const J::Item,
) -> [J::Item; LANES] {
    // SAFETY: the caller passes `rounds * LANES` elements.
    unsafe {
        for round in 0..rounds {
            let from = from.add(round * LANES);
            for line in (0..LANES * size_of::<J::Item>()).step_by(64) {
                crate::prefetch::fetch(from.cast::<u8>().wrapping_add(AHEAD_BYTES + line));
            }
            for (l, lane) in lanes.iter_mut().enumerate() {
                *lane = J::join(*lane, from.add(l).read_unaligned());
            }
        }
        lanes
    }
}

/// [`LeavesFn`] of booleans: whether some element is true, or whether all are. The order does not matter, so these are plain loops.
#[inline(always)]
unsafe fn truth_body<T: Truth>(
    n_rows: usize,
    n: usize,
    from: *const u8,
    stride: isize,
    _index: i64,
    _step: i64,
    to: *mut u8,
) {
    for r in 0..n_rows {
        // SAFETY: the caller's contract, leaf by leaf.
        unsafe {
            let row = std::slice::from_raw_parts(from.offset(r as isize * stride), n);
            to.add(r).write(T::of(row));
        }
    }
}

/// What a leaf of booleans' bytes comes to.
trait Truth: 'static {
    fn of(row: &[u8]) -> u8;
}

/// Whether some are true.
struct SomeTrue;
/// Whether all are true.
struct AllTrue;

impl Truth for SomeTrue {
    #[inline(always)]
    fn of(row: &[u8]) -> u8 {
        let mut any = 0;
        for &byte in row {
            any |= byte;
        }
        u8::from(any != 0)
    }
}

impl Truth for AllTrue {
    #[inline(always)]
    fn of(row: &[u8]) -> u8 {
        let mut all = 1;
        for &byte in row {
            all &= u8::from(byte != 0);
        }
        all
    }
}

/// How far ahead of its use a leaf's memory is fetched: the machine's own prefetching stops at pages of 4 KiB.
const AHEAD_BYTES: usize = 2048;

#[inline(always)]
unsafe fn rounds_body<J: Join>(rounds: usize, first: bool, from: *const u8, lanes: *mut u8) {
    // SAFETY: the caller passes `rounds * LANES` elements and room for the lanes, which hold values unless `first`.
    unsafe {
        let (from, lanes) = (from.cast::<J::Item>(), lanes.cast::<[J::Item; LANES]>());
        let after = if first {
            full_rounds::<J>(
                from.cast::<[J::Item; LANES]>().read_unaligned(),
                rounds - 1,
                from.add(LANES),
            )
        } else {
            full_rounds::<J>(lanes.read_unaligned(), rounds, from)
        };
        lanes.write_unaligned(after);
    }
}

#[inline(always)]
unsafe fn finish_body<J: Join>(lanes: *mut u8, to: *mut u8) {
    // SAFETY: the caller passes all lanes, and room for a result.
    unsafe {
        let mut lanes = lanes.cast::<[J::Item; LANES]>().read_unaligned();
        fold_full::<J>(&mut lanes);
        to.cast::<J::Item>().write_unaligned(lanes[0]);
    }
}

#[inline(always)]
fn fold_full<J: Join>(lanes: &mut [J::Item; LANES]) {
    let mut half = LANES / 2;
    while half > 0 {
        for l in 0..half {
            lanes[l] = J::join(lanes[l], lanes[l + half]);
        }
        half /= 2;
    }
}

/// Folds fewer than [`LANES`] lanes by halves.
#[inline(always)]
fn fold_short<J: Join>(lanes: &mut [J::Item], mut present: usize) {
    let mut half = present.next_power_of_two() / 2;
    while half > 0 {
        for l in 0..present - half {
            lanes[l] = J::join(lanes[l], lanes[l + half]);
        }
        present = half;
        half /= 2;
    }
}

#[inline(always)]
unsafe fn rows_body<J: Join>(
    log2: u32,
    width: usize,
    from: *const u8,
    stride: isize,
    _index: i64,
    _step: i64,
    to: *mut u8,
) {
    // SAFETY: the caller passes `1 << log2` rows of `width` elements, and room for `width` results.
    unsafe {
        let row = |r: isize, w: usize| {
            from.offset(r * stride)
                .cast::<J::Item>()
                .add(w)
                .read_unaligned()
        };
        let to = to.cast::<J::Item>();
        let two = |r: isize, w: usize| J::join(row(r, w), row(r + 1, w));
        let four = |r: isize, w: usize| J::join(two(r, w), two(r + 2, w));
        // Plain loops: a closure of `for_each` would not be compiled for the instruction set.
        match log2 {
            0 => {
                for w in 0..width {
                    to.add(w).write_unaligned(row(0, w));
                }
            }
            1 => {
                for w in 0..width {
                    to.add(w).write_unaligned(two(0, w));
                }
            }
            2 => {
                for w in 0..width {
                    to.add(w).write_unaligned(four(0, w));
                }
            }
            _ => {
                for w in 0..width {
                    to.add(w).write_unaligned(J::join(four(0, w), four(4, w)));
                }
            }
        }
    }
}

#[inline(always)]
unsafe fn level_body<J: Join>(
    groups: usize,
    units: usize,
    width: usize,
    from: *const u8,
    to: *mut u8,
) {
    // Where no row stays alone, neighbours are siblings across groups too.
    let (groups, units) = match units % 2 {
        0 => (1, groups * units),
        _ => (groups, units),
    };
    let row = width * size_of::<J::Item>();
    for group in 0..groups {
        // SAFETY: the caller passes `groups * units` rows and room for those of the next level, which do not overlap.
        unsafe {
            let from = from.add(group * units * row);
            let to = to.add(group * units.div_ceil(2) * row);
            pairs::<J>(units / 2, width, from.cast(), to.cast());
            if units % 2 == 1 {
                let (from, to) = (from.add((units - 1) * row), to.add(units / 2 * row));
                for w in 0..width {
                    let item = from.cast::<J::Item>().add(w).read_unaligned();
                    to.cast::<J::Item>().add(w).write_unaligned(item);
                }
            }
        }
    }
}

/// Joins neighbours among `2 * n` packed rows.
#[inline(always)]
unsafe fn pairs<J: Join>(n: usize, width: usize, from: *const J::Item, to: *mut J::Item) {
    // SAFETY: the caller passes the rows and room for `n`, which do not overlap.
    unsafe {
        if width == 1 {
            for i in 0..n {
                to.add(i).write_unaligned(J::join(
                    from.add(2 * i).read_unaligned(),
                    from.add(2 * i + 1).read_unaligned(),
                ));
            }
            return;
        }
        for i in 0..n {
            for w in 0..width {
                let left = from.add(2 * i * width + w);
                to.add(i * width + w).write_unaligned(J::join(
                    left.read_unaligned(),
                    left.add(width).read_unaligned(),
                ));
            }
        }
    }
}

#[inline(always)]
unsafe fn join_body<J: Join>(width: usize, left: *mut u8, right: *const u8) {
    // SAFETY: the caller passes two vectors of `width` results, which do not overlap.
    unsafe {
        let (left, right) = (left.cast::<J::Item>(), right.cast::<J::Item>());
        for w in 0..width {
            let here = left.add(w);
            here.write_unaligned(J::join(
                here.read_unaligned(),
                right.add(w).read_unaligned(),
            ));
        }
    }
}

use arg::{leaves_body as arg_leaves_body, rows_body as arg_rows_body};

versions!(mod leaves = leaves_body<J: Join>(n_rows: usize, n: usize, from: *const u8, stride: isize, index: i64, step: i64, to: *mut u8));
versions!(mod truth = truth_body<T: Truth>(n_rows: usize, n: usize, from: *const u8, stride: isize, index: i64, step: i64, to: *mut u8));
versions!(mod rounds = rounds_body<J: Join>(rounds: usize, first: bool, from: *const u8, lanes: *mut u8));
versions!(mod finish = finish_body<J: Join>(lanes: *mut u8, to: *mut u8));
versions!(mod rows = rows_body<J: Join>(log2: u32, width: usize, from: *const u8, stride: isize, index: i64, step: i64, to: *mut u8));
versions!(mod level = level_body<J: Join>(groups: usize, units: usize, width: usize, from: *const u8, to: *mut u8));
versions!(mod join = join_body<J: Join>(width: usize, left: *mut u8, right: *const u8));
versions!(mod arg_rows = arg_rows_body<O: Order>(log2: u32, width: usize, from: *const u8, stride: isize, index: i64, step: i64, to: *mut u8));
versions!(mod arg_leaves = arg_leaves_body<O: Order>(n_rows: usize, n: usize, from: *const u8, stride: isize, index: i64, step: i64, to: *mut u8));

fn of<J: Join>(isa: Isa) -> Kernels {
    let isa = isa as usize;
    Kernels {
        item: size_of::<J::Item>(),
        leaves: leaves::all::<J>()[isa],
        parts: Some((rounds::all::<J>()[isa], finish::all::<J>()[isa])),
        rows: rows::all::<J>()[isa],
        most_rows: MOST_ROWS,
        level: level::all::<J>()[isa],
        join: join::all::<J>()[isa],
    }
}

/// For element types that are seldom reduced: one version serves all instruction sets.
fn plain<J: Join>() -> Kernels {
    Kernels {
        item: size_of::<J::Item>(),
        leaves: leaves_body::<J>,
        parts: Some((rounds_body::<J>, finish_body::<J>)),
        rows: rows_body::<J>,
        most_rows: MOST_ROWS,
        level: level_body::<J>,
        join: join_body::<J>,
    }
}

fn of_arg<O: Order>(isa: Isa) -> Kernels {
    Kernels {
        item: size_of::<Arg<O::Value>>(),
        leaves: arg_leaves::all::<O>()[isa as usize],
        parts: None,
        rows: arg_rows::all::<O>()[isa as usize],
        most_rows: MOST_ARG_ROWS,
        level: level_body::<ArgJoin<O>>,
        join: join_body::<ArgJoin<O>>,
    }
}

/// The loops of a reduction whose elements have been cast to `dtype`, for an instruction set of this machine.
pub(crate) fn kernels(reduction: Reduction, dtype: DType, isa: Isa) -> Kernels {
    match dtype {
        DType::Bool => of_bytes(reduction, isa),
        DType::I8 => of_narrow::<i8>(reduction, isa),
        DType::I16 => of_narrow::<i16>(reduction, isa),
        DType::I32 => of_narrow::<i32>(reduction, isa),
        DType::I64 => of_number::<i64>(reduction, isa),
        DType::U8 => of_narrow::<u8>(reduction, isa),
        DType::U16 => of_narrow::<u16>(reduction, isa),
        DType::U32 => of_narrow::<u32>(reduction, isa),
        DType::U64 => of_number::<u64>(reduction, isa),
        DType::F16 => of_narrow::<f16>(reduction, isa),
        DType::F32 => of_number::<f32>(reduction, isa),
        DType::F64 => of_number::<f64>(reduction, isa),
        DType::C64 => of_rare::<Complex<f32>>(reduction, isa),
        DType::C128 => of_rare::<Complex<f64>>(reduction, isa),
    }
}

fn of_bytes(reduction: Reduction, isa: Isa) -> Kernels {
    match reduction {
        Reduction::Sum | Reduction::Max | Reduction::FMax | Reduction::Any => Kernels {
            leaves: truth::all::<SomeTrue>()[isa as usize],
            ..of::<Sum<Byte>>(isa)
        },
        Reduction::Prod | Reduction::Min | Reduction::FMin | Reduction::All => Kernels {
            leaves: truth::all::<AllTrue>()[isa as usize],
            ..of::<Prod<Byte>>(isa)
        },
        Reduction::ArgMin => of_arg::<Least<Byte>>(isa),
        Reduction::ArgMax => of_arg::<Greatest<Byte>>(isa),
    }
}

fn of_number<T: Number>(reduction: Reduction, isa: Isa) -> Kernels {
    match reduction {
        Reduction::Sum => of::<Sum<T>>(isa),
        Reduction::Prod => of::<Prod<T>>(isa),
        Reduction::Min => of::<Min<T>>(isa),
        Reduction::Max => of::<Max<T>>(isa),
        Reduction::FMin => of::<FMin<T>>(isa),
        Reduction::FMax => of::<FMax<T>>(isa),
        Reduction::ArgMin => of_arg::<Least<T>>(isa),
        Reduction::ArgMax => of_arg::<Greatest<T>>(isa),
        Reduction::Any | Reduction::All => unreachable!("any and all take booleans"),
    }
}

/// Sums and products of narrow types are taken in wider ones unless a caller asks otherwise.
fn of_narrow<T: Number>(reduction: Reduction, isa: Isa) -> Kernels {
    match reduction {
        Reduction::Min => of::<Min<T>>(isa),
        Reduction::Max => of::<Max<T>>(isa),
        Reduction::FMin => of::<FMin<T>>(isa),
        Reduction::FMax => of::<FMax<T>>(isa),
        _ => of_rare::<T>(reduction, isa),
    }
}

fn of_rare<T: Number>(reduction: Reduction, isa: Isa) -> Kernels {
    match reduction {
        Reduction::Sum => plain::<Sum<T>>(),
        Reduction::Prod => plain::<Prod<T>>(),
        Reduction::Min => plain::<Min<T>>(),
        Reduction::Max => plain::<Max<T>>(),
        Reduction::FMin => plain::<FMin<T>>(),
        Reduction::FMax => plain::<FMax<T>>(),
        Reduction::ArgMin => of_arg::<Least<T>>(isa),
        Reduction::ArgMax => of_arg::<Greatest<T>>(isa),
        Reduction::Any | Reduction::All => unreachable!("any and all take booleans"),
    }
}
