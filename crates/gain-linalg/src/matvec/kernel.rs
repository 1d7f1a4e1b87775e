//! Sums of products of real numbers, compiled for three instruction sets with the same bits: what a matrix times a vector is made of.
//!
//! # Rationale
//! Along rows that lie in memory in their order, element `p` of a leaf is added to sum `p % LANES`, and the sums combine by halves. Across
//! rows (a transposed matrix) every element of the result adds up its leaf in ascending order, many elements at once. Multiplications and
//! additions are not fused, so that the instruction set changes nothing; the memory is the limit in either case. Complex
//! numbers are pairs of real ones: the sums of even and odd places are kept apart.
#![expect(
    unsafe_code,
    reason = "kernels take raw pointers and are compiled for instruction sets that were detected"
)]

use std::ops::{Add, Mul};

use crate::set::Set;

/// Sums that a row is added up in.
const LANES: usize = 32;

/// Rows that are added up at once: several streams of memory keep it busier than one, and share what is read of the vector.
pub(super) const ROWS: usize = 4;

/// Rows of at most so many elements have a loop without branches. A power of two.
pub(super) const SHORT: usize = 16;

/// Columns whose products are added to a sum while it is in a register.
const GROUP: usize = 8;

/// A floating-point number.
pub(super) trait Real:
    Copy + Default + Send + Sync + Add<Output = Self> + Mul<Output = Self> + Lanes + 'static
{
}

impl Real for f32 {}
impl Real for f64 {}

/// For each of at most `ROWS` rows, the sums of `row[p] * x[p]` over even and over odd `p`.
///
/// # Safety
/// The rows hold as many elements as `x`; the machine has the set.
#[inline]
pub(super) unsafe fn dots<T: Real>(
    set: Set,
    rows: &[*const T],
    x: &[T],
    sums: &mut [[T; 2]; ROWS],
) {
    let mut lanes = [[T::default(); LANES]; ROWS];
    // SAFETY: the caller's contract.
    unsafe {
        match (set, <[*const T; ROWS]>::try_from(rows)) {
            #[cfg(target_arch = "x86_64")]
            (Set::Avx512, Ok(rows)) => T::rows_avx512(rows, x, &mut lanes),
            _ => {
                for (&row, lanes) in rows.iter().zip(&mut lanes) {
                    match set {
                        #[cfg(target_arch = "x86_64")]
                        Set::Avx512 => T::lanes_avx512(row, x, lanes),
                        #[cfg(target_arch = "x86_64")]
                        Set::Avx2 => T::lanes_avx2(row, x, lanes),
                        Set::Baseline => lanes_baseline(row, x, lanes),
                    }
                }
            }
        }
    }
    for (lanes, sums) in lanes.iter_mut().zip(sums).take(rows.len()) {
        let mut half = LANES / 2;
        while half >= 2 {
            for j in 0..half {
                lanes[j] = lanes[j] + lanes[j + half];
            }
            half /= 2;
        }
        *sums = [lanes[0], lanes[1]];
    }
}

/// Adds `row[p] * x[p]` to sum `p % LANES`.
///
/// # Safety
/// The row holds as many elements as `x`.
unsafe fn lanes_baseline<T: Real>(row: *const T, x: &[T], lanes: &mut [T; LANES]) {
    for (p, &x) in x.iter().enumerate() {
        // SAFETY: a place below the length of `x`.
        let a = unsafe { *row.add(p) };
        lanes[p % LANES] = lanes[p % LANES] + a * x;
    }
}

/// As [`lanes_baseline`], the whole stretches in vector registers: the compiler does not find them by itself.
#[cfg(target_arch = "x86_64")]
macro_rules! lanes {
    ($name:ident, $features:literal, $type:ty, $width:literal, $zero:ident, $load:ident, $add:ident, $mul:ident, $store:ident) => {
        #[target_feature(enable = $features)]
        unsafe fn $name(row: *const $type, x: &[$type], lanes: &mut [$type; LANES]) {
            use std::arch::x86_64::*;
            let whole = x.len() / LANES * LANES;
            // SAFETY: places below the length of `x`, and of `lanes`.
            unsafe {
                let mut sums = [$zero(); LANES / $width];
                for at in (0..whole).step_by(LANES) {
                    for (part, sum) in sums.iter_mut().enumerate() {
                        let at = at + part * $width;
                        let product = $mul($load(row.add(at)), $load(x.as_ptr().add(at)));
                        *sum = $add(*sum, product);
                    }
                }
                for (part, &sum) in sums.iter().enumerate() {
                    $store(lanes.as_mut_ptr().add(part * $width), sum);
                }
                lanes_baseline(row.add(whole), &x[whole..], lanes);
            }
        }
    };
}

/// As `lanes`, for all rows at once: there are registers for the sums of all of them.
#[cfg(target_arch = "x86_64")]
macro_rules! rows {
    ($name:ident, $type:ty, $width:literal, $zero:ident, $load:ident, $add:ident, $mul:ident, $store:ident) => {
        #[target_feature(enable = "avx512f")]
        unsafe fn $name(
            rows: [*const $type; ROWS],
            x: &[$type],
            lanes: &mut [[$type; LANES]; ROWS],
        ) {
            use std::arch::x86_64::*;
            let whole = x.len() / LANES * LANES;
            // SAFETY: places below the length of `x`, and of `lanes`.
            unsafe {
                let mut sums = [[$zero(); LANES / $width]; ROWS];
                for at in (0..whole).step_by(LANES) {
                    for part in 0..LANES / $width {
                        let at = at + part * $width;
                        let with = $load(x.as_ptr().add(at));
                        for (row, sums) in rows.iter().zip(&mut sums) {
                            sums[part] = $add(sums[part], $mul($load(row.add(at)), with));
                        }
                    }
                }
                for ((row, sums), lanes) in rows.iter().zip(&sums).zip(lanes) {
                    for (part, &sum) in sums.iter().enumerate() {
                        $store(lanes.as_mut_ptr().add(part * $width), sum);
                    }
                    lanes_baseline(row.add(whole), &x[whole..], lanes);
                }
            }
        }
    };
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{LANES, ROWS, lanes_baseline};

    rows!(
        f64_rows,
        f64,
        8,
        _mm512_setzero_pd,
        _mm512_loadu_pd,
        _mm512_add_pd,
        _mm512_mul_pd,
        _mm512_storeu_pd
    );
    rows!(
        f32_rows,
        f32,
        16,
        _mm512_setzero_ps,
        _mm512_loadu_ps,
        _mm512_add_ps,
        _mm512_mul_ps,
        _mm512_storeu_ps
    );

    lanes!(
        f64_avx2,
        "avx2",
        f64,
        4,
        _mm256_setzero_pd,
        _mm256_loadu_pd,
        _mm256_add_pd,
        _mm256_mul_pd,
        _mm256_storeu_pd
    );
    lanes!(
        f32_avx2,
        "avx2",
        f32,
        8,
        _mm256_setzero_ps,
        _mm256_loadu_ps,
        _mm256_add_ps,
        _mm256_mul_ps,
        _mm256_storeu_ps
    );
    lanes!(
        f64_avx512,
        "avx512f",
        f64,
        8,
        _mm512_setzero_pd,
        _mm512_loadu_pd,
        _mm512_add_pd,
        _mm512_mul_pd,
        _mm512_storeu_pd
    );
    lanes!(
        f32_avx512,
        "avx512f",
        f32,
        16,
        _mm512_setzero_ps,
        _mm512_loadu_ps,
        _mm512_add_ps,
        _mm512_mul_ps,
        _mm512_storeu_ps
    );

    impl super::Lanes for f64 {
        unsafe fn lanes_avx2(row: *const f64, x: &[f64], lanes: &mut [f64; LANES]) {
            // SAFETY: the caller's contract.
            unsafe { f64_avx2(row, x, lanes) }
        }
        unsafe fn lanes_avx512(row: *const f64, x: &[f64], lanes: &mut [f64; LANES]) {
            // SAFETY: the caller's contract.
            unsafe { f64_avx512(row, x, lanes) }
        }
        unsafe fn rows_avx512(
            rows: [*const f64; ROWS],
            x: &[f64],
            lanes: &mut [[f64; LANES]; ROWS],
        ) {
            // SAFETY: the caller's contract.
            unsafe { f64_rows(rows, x, lanes) }
        }
    }

    impl super::Lanes for f32 {
        unsafe fn lanes_avx2(row: *const f32, x: &[f32], lanes: &mut [f32; LANES]) {
            // SAFETY: the caller's contract.
            unsafe { f32_avx2(row, x, lanes) }
        }
        unsafe fn lanes_avx512(row: *const f32, x: &[f32], lanes: &mut [f32; LANES]) {
            // SAFETY: the caller's contract.
            unsafe { f32_avx512(row, x, lanes) }
        }
        unsafe fn rows_avx512(
            rows: [*const f32; ROWS],
            x: &[f32],
            lanes: &mut [[f32; LANES]; ROWS],
        ) {
            // SAFETY: the caller's contract.
            unsafe { f32_rows(rows, x, lanes) }
        }
    }
}

/// A row's sums by instruction sets that were detected.
pub(super) trait Lanes: Sized {
    /// As [`lanes_baseline`].
    ///
    /// # Safety
    /// As there; the machine has AVX2.
    #[cfg(target_arch = "x86_64")]
    unsafe fn lanes_avx2(row: *const Self, x: &[Self], lanes: &mut [Self; LANES]);

    /// As [`lanes_baseline`].
    ///
    /// # Safety
    /// As there; the machine has AVX-512 F.
    #[cfg(target_arch = "x86_64")]
    unsafe fn lanes_avx512(row: *const Self, x: &[Self], lanes: &mut [Self; LANES]);

    /// As [`lanes_baseline`], for each row.
    ///
    /// # Safety
    /// As there, for each row; the machine has AVX-512 F.
    #[cfg(target_arch = "x86_64")]
    unsafe fn rows_avx512(rows: [*const Self; ROWS], x: &[Self], lanes: &mut [[Self; LANES]; ROWS]);
}

#[cfg(not(target_arch = "x86_64"))]
impl Lanes for f32 {}
#[cfg(not(target_arch = "x86_64"))]
impl Lanes for f64 {}

/// `to[i] = columns[0][i] * x[0] + columns[1][i] * x[1] + ...`, from left to right.
///
/// # Safety
/// The columns hold as many elements as `to`; there are as many as `x` has.
#[inline(always)]
unsafe fn combine_body<T: Real>(columns: &[*const T], x: &[T], to: &mut [T]) {
    let len = to.len();
    let out = to.as_mut_ptr();
    let mut p = 0;
    // SAFETY: places below the lengths.
    unsafe {
        while p + GROUP <= columns.len() {
            let (c, x) = (&columns[p..p + GROUP], &x[p..p + GROUP]);
            let (c0, c1, c2, c3, c4, c5, c6, c7) = (c[0], c[1], c[2], c[3], c[4], c[5], c[6], c[7]);
            let (x0, x1, x2, x3, x4, x5, x6, x7) = (x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7]);
            for i in 0..len {
                let mut sum = if p == 0 { T::default() } else { *out.add(i) };
                sum = sum + *c0.add(i) * x0;
                sum = sum + *c1.add(i) * x1;
                sum = sum + *c2.add(i) * x2;
                sum = sum + *c3.add(i) * x3;
                sum = sum + *c4.add(i) * x4;
                sum = sum + *c5.add(i) * x5;
                sum = sum + *c6.add(i) * x6;
                *out.add(i) = sum + *c7.add(i) * x7;
            }
            p += GROUP;
        }
        if p == 0 {
            to.fill(T::default());
        }
        for (&column, &x) in columns[p..].iter().zip(&x[p..]) {
            for i in 0..len {
                *out.add(i) = *out.add(i) + *column.add(i) * x;
            }
        }
    }
}

/// `to[i]`: the sum of `row[p] * x[p]` for row `i`, the rows `step` elements apart: the sums of [`dots`] without those that nothing is added to.
///
/// # Safety
/// The rows hold as many elements as `x`, at most [`SHORT`].
#[inline(always)]
unsafe fn short_rows_body<T: Real>(first: *const T, step: isize, x: &[T], to: &mut [T]) {
    // SAFETY: the caller's contract.
    unsafe {
        // Plain loops for each length: a closure would not be compiled for the instruction set.
        macro_rules! by_length {
            ($($len:literal)+) => {
                match x.len() {
                    $($len => {
                        let x: [T; $len] = x.try_into().expect("its length");
                        for (i, to) in to.iter_mut().enumerate() {
                            let row = first.offset(i as isize * step).cast::<[T; $len]>().read();
                            *to = short_row(row, x);
                        }
                    })+
                    _ => unreachable!("rows are short"),
                }
            };
        }
        by_length!(1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16);
    }
}

/// A row's sum.
#[inline(always)]
fn short_row<T: Real, const N: usize>(row: [T; N], x: [T; N]) -> T {
    let mut lanes = [T::default(); SHORT];
    for (lane, (a, x)) in lanes.iter_mut().zip(row.into_iter().zip(x)) {
        *lane = T::default() + a * x;
    }
    let mut half = N.next_power_of_two().max(2) / 2;
    while half >= 1 {
        for j in 0..half {
            lanes[j] = lanes[j] + lanes[j + half];
        }
        half /= 2;
    }
    lanes[0]
}

macro_rules! versions {
    ($name:ident = $body:ident($($arg:ident: $type:ty),*)) => {
        /// As its body says, by the given instruction set.
        ///
        /// # Safety
        /// As of the body; the machine has the set.
        #[inline]
        pub(super) unsafe fn $name<T: Real>(set: Set, $($arg: $type),*) {
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            unsafe fn avx2<T: Real>($($arg: $type),*) {
                // SAFETY: the caller's contract.
                unsafe { $body($($arg),*) }
            }
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2")]
            unsafe fn avx512<T: Real>($($arg: $type),*) {
                // SAFETY: the caller's contract.
                unsafe { $body($($arg),*) }
            }
            // SAFETY: the caller's contract; a set is only named where it was detected.
            unsafe {
                match set {
                    #[cfg(target_arch = "x86_64")]
                    Set::Avx512 => avx512($($arg),*),
                    #[cfg(target_arch = "x86_64")]
                    Set::Avx2 => avx2($($arg),*),
                    Set::Baseline => $body($($arg),*),
                }
            }
        }
    };
}

versions!(combine = combine_body(columns: &[*const T], x: &[T], to: &mut [T]));
versions!(short_rows = short_rows_body(first: *const T, step: isize, x: &[T], to: &mut [T]));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_rows_have_the_sums_of_others() {
        let numbers: Vec<f64> = (0..400)
            .map(|i| f64::from(i * 7919 % 1009) / 97.0 - 5.0)
            .collect();
        for n in 1..=SHORT {
            let x = &numbers[300..300 + n];
            let mut found = [0.0; 9];
            let set = Set::named("avx2");
            // SAFETY: nine rows lie in the vector; the set is one of this machine.
            unsafe { short_rows(set, numbers.as_ptr(), 20, x, &mut found) };
            for (row, found) in found.iter().enumerate() {
                let mut sums = [[0.0; 2]; ROWS];
                // SAFETY: as above.
                unsafe { dots(set, &[numbers[20 * row..].as_ptr()], x, &mut sums) };
                assert_eq!(found.to_bits(), (sums[0][0] + sums[0][1]).to_bits(), "{n}");
            }
        }
    }

    #[test]
    fn all_instruction_sets_give_the_same_bits() {
        let value = |i: usize| ((i * 7919 + 13) % 1009) as f64 / 97.0 - 5.0;
        let numbers: Vec<f64> = (0..4000).map(value).collect();
        let results = |set: Set, n: usize, count: usize| {
            let mut sums = [[0.0; 2]; ROWS];
            let rows: [*const f64; ROWS] = std::array::from_fn(|r| numbers[700 * r..].as_ptr());
            let mut to = vec![9.0; 37];
            let columns: Vec<*const f64> =
                (0..n.min(19)).map(|p| numbers[40 * p..].as_ptr()).collect();
            // SAFETY: the rows and columns lie in the vector; the sets are those of this machine.
            unsafe {
                dots(set, &rows[..count], &numbers[3000..3000 + n], &mut sums);
                combine(set, &columns, &numbers[..columns.len()], &mut to);
            }
            (sums, to)
        };
        for n in [0, 1, 31, 32, 33, 512, 700] {
            for count in [1, ROWS] {
                let wanted = results(Set::Baseline, n, count);
                for name in ["avx2", "avx512"] {
                    let found = results(Set::named(name), n, count);
                    assert_eq!(found, wanted, "{name}, {n}, {count} rows");
                }
            }
        }
    }
}
