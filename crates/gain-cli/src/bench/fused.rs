//! The loops one would write by hand, compiled for the instruction sets that gain's loops have.
#![expect(
    unsafe_code,
    reason = "calls of functions for instruction sets found at run time"
)]

use std::{ops::Range, thread};

use super::pages::{Number, Pages};
use crate::error::Result;

/// f32 and f64, as far as the loops need them.
pub trait Real: Number + std::ops::Add<Output = Self> + std::ops::Mul<Output = Self> {
    /// Rounded from f64.
    fn of(value: f64) -> Self;
    /// The bits, widened.
    fn bits(self) -> u64;
}

impl Real for f32 {
    fn of(value: f64) -> Self {
        value as f32
    }
    fn bits(self) -> u64 {
        self.to_bits().into()
    }
}

impl Real for f64 {
    fn of(value: f64) -> Self {
        value
    }
    fn bits(self) -> u64 {
        self.to_bits()
    }
}

/// Instruction sets, best last.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Isa {
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

fn isa() -> Isa {
    #[cfg(target_arch = "x86_64")]
    {
        let named = std::env::var("GAIN_ISA").unwrap_or_default();
        let has_avx512 = std::arch::is_x86_feature_detected!("avx512f");
        if has_avx512 && !matches!(named.as_str(), "baseline" | "avx2") {
            return Isa::Avx512;
        }
        if std::arch::is_x86_feature_detected!("avx2") && named != "baseline" {
            return Isa::Avx2;
        }
    }
    Isa::Baseline
}

/// The factors of a time step.
#[derive(Clone, Copy)]
pub struct Factors<T> {
    /// Square of the columns' distance.
    pub dx2: T,
    /// Square of the rows' distance.
    pub dy2: T,
    /// `0.5 / (dx2 + dy2)`.
    pub inv: T,
}

/// `n_sweeps` double-buffered time steps of an n x n grid on `n_threads` threads, from `u` to `other` and back; the result is
/// in the first if `n_sweeps` is even.
pub fn sweeps<T: Real>(
    grids: &mut [Pages<T>; 2],
    n: usize,
    factors: Factors<T>,
    n_sweeps: usize,
    n_threads: usize,
) {
    for sweep in 0..n_sweeps {
        let [first, second] = grids;
        let (from, to) = if sweep % 2 == 0 {
            (first, second)
        } else {
            (second, first)
        };
        parallel_sweep(from, to, n, factors, n_threads);
    }
}

/// Starting threads anew costs some 30 us a sweep, which is nothing beside millions of points.
fn parallel_sweep<T: Real>(
    from: &[T],
    to: &mut [T],
    n: usize,
    factors: Factors<T>,
    n_threads: usize,
) {
    let isa = isa();
    let inner = &mut to[n..n * (n - 1)];
    if n_threads == 1 {
        return sweep(isa, from, inner, n, 1..n - 1, factors);
    }
    thread::scope(|scope| {
        let mut rest = inner;
        let mut rows = 1..n - 1;
        for part in 0..n_threads {
            let count = rows.len() / (n_threads - part);
            let (mine, others) = rest.split_at_mut(count * n);
            let range = rows.start..rows.start + count;
            (rest, rows) = (others, range.end..rows.end);
            scope.spawn(move || sweep(isa, from, mine, n, range, factors));
        }
    });
}

fn sweep<T: Real>(
    isa: Isa,
    from: &[T],
    to: &mut [T],
    n: usize,
    rows: Range<usize>,
    factors: Factors<T>,
) {
    match isa {
        Isa::Baseline => sweep_rows(from, to, n, rows, factors),
        // SAFETY: `isa` found the instruction set on this machine.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => unsafe { sweep_avx2(from, to, n, rows, factors) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => unsafe { sweep_avx512(from, to, n, rows, factors) },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn sweep_avx2<T: Real>(
    from: &[T],
    to: &mut [T],
    n: usize,
    rows: Range<usize>,
    factors: Factors<T>,
) {
    sweep_rows(from, to, n, rows, factors);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq")]
fn sweep_avx512<T: Real>(
    from: &[T],
    to: &mut [T],
    n: usize,
    rows: Range<usize>,
    factors: Factors<T>,
) {
    sweep_rows(from, to, n, rows, factors);
}

/// The rows `rows` of the new grid into `to`, in NumPy's order of operations.
#[inline(always)]
fn sweep_rows<T: Real>(
    from: &[T],
    to: &mut [T],
    n: usize,
    rows: Range<usize>,
    factors: Factors<T>,
) {
    let Factors { dx2, dy2, inv } = factors;
    for (row, out) in rows.zip(to.chunks_exact_mut(n)) {
        let out = &mut out[1..n - 1];
        let up = &from[(row - 1) * n..][1..n - 1];
        let down = &from[(row + 1) * n..][1..n - 1];
        let left = &from[row * n..][..n - 2];
        let right = &from[row * n..][2..n];
        for j in 0..out.len() {
            out[j] = ((up[j] + down[j]) * dy2 + (left[j] + right[j]) * dx2) * inv;
        }
    }
}

/// How many sums run beside one another: eight registers of eight f64, so that the adder's latency doesn't show.
const LANES: usize = 64;

/// The sum of `2.5 * x + y` on `n_threads` threads.
pub fn weighted_sum(x: &[f64], y: &[f64], n_threads: usize) -> f64 {
    let isa = isa();
    let part = x.len().div_ceil(n_threads).next_multiple_of(LANES);
    if n_threads == 1 {
        return sum(isa, x, y);
    }
    thread::scope(|scope| {
        let parts = x.chunks(part).zip(y.chunks(part));
        let started: Vec<_> = parts
            .map(|(x, y)| scope.spawn(move || sum(isa, x, y)))
            .collect();
        started
            .into_iter()
            .map(|thread| thread.join().expect("a loop over slices doesn't panic"))
            .sum()
    })
}

fn sum(isa: Isa, x: &[f64], y: &[f64]) -> f64 {
    match isa {
        Isa::Baseline => sum_lanes(x, y),
        // SAFETY: `isa` found the instruction set on this machine.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => unsafe { sum_avx2(x, y) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => unsafe { sum_avx512(x, y) },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn sum_avx2(x: &[f64], y: &[f64]) -> f64 {
    sum_lanes(x, y)
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq")]
fn sum_avx512(x: &[f64], y: &[f64]) -> f64 {
    sum_lanes(x, y)
}

#[inline(always)]
fn sum_lanes(x: &[f64], y: &[f64]) -> f64 {
    let mut lanes = [0.0; LANES];
    let (x_chunks, y_chunks) = (x.chunks_exact(LANES), y.chunks_exact(LANES));
    let rest = x_chunks.remainder().iter().zip(y_chunks.remainder());
    let rest: f64 = rest.map(|(x, y)| 2.5 * x + y).sum();
    for (x, y) in x_chunks.zip(y_chunks) {
        for lane in 0..LANES {
            lanes[lane] += 2.5 * x[lane] + y[lane];
        }
    }
    lanes.iter().sum::<f64>() + rest
}

/// The operands of `r[:] = ((a + b) * c - d) * e + f - g`.
pub type Seven<'a> = [&'a [f64]; 7];

/// `r[:] = ((a + b) * c - d) * e + f - g` on one thread.
pub fn six_operations(operands: Seven<'_>, r: &mut [f64]) {
    match isa() {
        Isa::Baseline => six(operands, r),
        // SAFETY: `isa` found the instruction set on this machine.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx2 => unsafe { six_avx2(operands, r) },
        // SAFETY: as above.
        #[cfg(target_arch = "x86_64")]
        Isa::Avx512 => unsafe { six_avx512(operands, r) },
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn six_avx2(operands: Seven<'_>, r: &mut [f64]) {
    six(operands, r);
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx512f,avx512vl,avx512bw,avx512dq")]
fn six_avx512(operands: Seven<'_>, r: &mut [f64]) {
    six(operands, r);
}

#[inline(always)]
fn six([a, b, c, d, e, f, g]: Seven<'_>, r: &mut [f64]) {
    let n = r.len();
    let [a, b, c, d, e, f, g] = [
        &a[..n],
        &b[..n],
        &c[..n],
        &d[..n],
        &e[..n],
        &f[..n],
        &g[..n],
    ];
    for i in 0..n {
        r[i] = ((a[i] + b[i]) * c[i] - d[i]) * e[i] + f[i] - g[i];
    }
}

/// A grid's checksum: every bit and its place count. The Python programs compute the same.
pub fn checksum<T: Real>(grid: &[T], n: usize) -> u64 {
    let mut total = 0u64;
    for (row, values) in grid.chunks_exact(n).enumerate() {
        let mut sum = 0u64;
        for (column, value) in values.iter().enumerate() {
            sum = sum.wrapping_add(value.bits().wrapping_mul(2 * column as u64 + 1));
        }
        total = total.wrapping_add(sum.wrapping_mul(2 * row as u64 + 1));
    }
    total
}

/// A new pair of grids, zero but for the boundary `x*x - y*y` of the unit square.
pub fn grids<T: Real>(n: usize) -> Result<[Pages<T>; 2]> {
    let mut pair = [Pages::<T>::zeroed(n * n)?, Pages::<T>::zeroed(n * n)?];
    for grid in &mut pair {
        for k in 0..n {
            let x = k as f64 * (1.0 / (n as f64 - 1.0));
            grid[k] = T::of(x * x);
            grid[(n - 1) * n + k] = T::of(x * x - 1.0);
        }
        // As in the Python programs, the columns come last.
        for k in 0..n {
            let y = k as f64 * (1.0 / (n as f64 - 1.0));
            grid[k * n] = T::of(-(y * y));
            grid[k * n + n - 1] = T::of(1.0 - y * y);
        }
    }
    Ok(pair)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTORS: Factors<f64> = Factors {
        dx2: 0.01,
        dy2: 0.02,
        inv: 0.5 / 0.03,
    };

    fn naive(u: &[f64], n: usize) -> Vec<f64> {
        let mut new = u.to_vec();
        for i in 1..n - 1 {
            for j in 1..n - 1 {
                let vertical = u[(i - 1) * n + j] + u[(i + 1) * n + j];
                let horizontal = u[i * n + j - 1] + u[i * n + j + 1];
                new[i * n + j] = (vertical * FACTORS.dy2 + horizontal * FACTORS.dx2) * FACTORS.inv;
            }
        }
        new
    }

    #[test]
    fn sweeps_are_the_naive_ones_on_any_number_of_threads() {
        for n_threads in [1, 2, 3, 50] {
            let n = 37;
            let mut pair = grids::<f64>(n).expect("a small grid fits");
            let expected = naive(&naive(&naive(&pair[0], n), n), n);
            sweeps(&mut pair, n, FACTORS, 3, n_threads);
            assert!(pair[1][..] == expected[..], "{n_threads} threads");
        }
    }

    #[test]
    fn the_sum_takes_every_element_once() {
        let x: Vec<f64> = (0..1000).map(f64::from).collect();
        let y = vec![1.0; 1000];
        for n_threads in [1, 2, 3] {
            assert_eq!(weighted_sum(&x, &y, n_threads), 2.5 * 499_500.0 + 1000.0);
        }
    }

    #[test]
    fn six_operations_are_taken_in_order() {
        let operands: Vec<Vec<f64>> = (0..7).map(|k| vec![f64::from(k) + 0.5; 20]).collect();
        let mut r = vec![0.0; 20];
        six_operations(std::array::from_fn(|k| &operands[k][..]), &mut r);
        assert_eq!(r, vec![((0.5 + 1.5) * 2.5 - 3.5) * 4.5 + 5.5 - 6.5; 20]);
    }

    #[test]
    fn the_checksum_sees_places() {
        assert_ne!(
            checksum(&[1.0, 0.0, 0.0, 0.0], 2),
            checksum(&[0.0, 1.0, 0.0, 0.0], 2)
        );
        assert_ne!(
            checksum(&[1.0, 0.0, 0.0, 0.0], 2),
            checksum(&[0.0, 0.0, 1.0, 0.0], 2)
        );
    }
}
