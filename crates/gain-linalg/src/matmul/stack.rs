//! Stacks of matrices, each rank its own ones.
#![expect(unsafe_code, reason = "kernels take raw pointers")]

use gain_core::{Array, DType, Result};
use std::ops::{Add, Mul};

use super::kernel::{self, Matrix};
use crate::set::{Set, Work};
use crate::stacks::{self, Run};

/// `a b` for stacks of one dtype, at least one of them of more than two axes. Collective.
pub(super) fn multiply(a: &Array, b: &Array) -> Result<Array> {
    let stack = stacks::broadcast(a.shape(), b.shape())?;
    let (m, k) = (a.shape()[a.ndim() - 2], a.shape()[a.ndim() - 1]);
    let n = b.shape()[b.ndim() - 1];
    let dtype = a.dtype();
    let set = Set::named(a.runtime().isa_name());
    let shape = [m, k, n];
    stacks::each([a, b], &stack, &[m, n], m * k * n, &|count, runs, to| {
        // SAFETY: the driver hands over matrices of these shapes, and a packed place for each result.
        unsafe {
            match dtype {
                DType::F64 if is_tiny(shape) => tiny::<f64>(set, m, count, runs, to),
                DType::F32 if is_tiny(shape) => tiny::<f32>(set, m, count, runs, to),
                _ => {
                    let [a, b] = runs;
                    for place in 0..count {
                        let c = to.add(place * m * n * dtype.size());
                        kernel::small(dtype, shape, a.at(place), b.at(place), c);
                    }
                }
            }
        }
    })
}

fn is_tiny([m, k, n]: [usize; 3]) -> bool {
    m == k && k == n && (2..=4).contains(&m)
}

/// Square matrices of 2 to 4 rows, in the order of additions of [`kernel::small`].
unsafe fn tiny<T>(set: Set, n: usize, count: usize, runs: [Run; 2], to: *mut u8)
where
    T: Copy + Default + Add<Output = T> + Mul<Output = T>,
{
    let to = to.cast::<T>();
    match n {
        2 => set.run(Tiny::<T, 2> { count, runs, to }),
        3 => set.run(Tiny::<T, 3> { count, runs, to }),
        _ => set.run(Tiny::<T, 4> { count, runs, to }),
    }
}

/// The sum of products of each row of `a` with the row of `b`: stacks of matrices of one row and `k` columns, of f32 or f64. Collective.
pub(crate) fn dots(a: &Array, b: &Array) -> Result<Array> {
    let stack = stacks::broadcast(a.shape(), b.shape())?;
    let k = a.shape()[a.ndim() - 1];
    let set = Set::named(a.runtime().isa_name());
    let is_single = a.dtype() == DType::F32;
    stacks::each([a, b], &stack, &[], k, &|count, runs, to| {
        if is_single {
            let to = to.cast::<f32>();
            set.run(Dots { count, k, runs, to });
        } else {
            let to = to.cast::<f64>();
            set.run(Dots { count, k, runs, to });
        }
    })
}

/// Sums that a row is added up in.
const LANES: usize = 8;

/// Elements of a row that are added up one after another; longer rows are halves.
const LEAF: usize = 512;

struct Dots<T> {
    count: usize,
    k: usize,
    runs: [Run; 2],
    to: *mut T,
}

impl<T> Work for Dots<T>
where
    T: Copy + Default + Add<Output = T> + Mul<Output = T>,
{
    #[inline(always)]
    fn run(self) {
        let mut packed: [Vec<T>; 2] = [Vec::new(), Vec::new()];
        for place in 0..self.count {
            // SAFETY: the driver hands over `count` rows of `k` elements each, and places for as many results.
            unsafe {
                let [x, y] = self.runs.map(|run| run.at(place));
                let x = row(x, self.k, &mut packed[0]);
                let y = row(y, self.k, &mut packed[1]);
                let mut sum = leaf(x, y, self.k.min(LEAF));
                // Few leaves, in order: a row is at most some leaves long.
                for at in (LEAF..self.k).step_by(LEAF) {
                    sum = sum + leaf(x.add(at), y.add(at), LEAF.min(self.k - at));
                }
                self.to.add(place).write(sum);
            }
        }
    }
}

/// The elements of a matrix of one row, where they lie if they follow one another.
///
/// # Safety
/// The matrix has `k` elements of this type.
#[inline(always)]
unsafe fn row<T: Copy>(of: Matrix, k: usize, packed: &mut Vec<T>) -> *const T {
    let from = of.ptr.cast::<T>();
    if of.columns == 1 {
        return from;
    }
    packed.clear();
    // SAFETY: places below `k`.
    packed.extend((0..k as isize).map(|p| unsafe { from.offset(of.columns * p).read() }));
    packed.as_ptr()
}

/// The sum of products of `k` elements: element `p` goes to sum `p % LANES`, and the sums combine by halves.
///
/// # Safety
/// Both have `k` elements.
#[inline(always)]
unsafe fn leaf<T>(x: *const T, y: *const T, k: usize) -> T
where
    T: Copy + Default + Add<Output = T> + Mul<Output = T>,
{
    let mut sums = [T::default(); LANES];
    let whole = k / LANES * LANES;
    // SAFETY: places below `k`.
    unsafe {
        for at in (0..whole).step_by(LANES) {
            for (j, sum) in sums.iter_mut().enumerate() {
                *sum = *sum + *x.add(at + j) * *y.add(at + j);
            }
        }
        for (j, sum) in sums.iter_mut().enumerate().take(k - whole) {
            *sum = *sum + *x.add(whole + j) * *y.add(whole + j);
        }
    }
    let mut half = LANES / 2;
    while half >= 1 {
        for j in 0..half {
            sums[j] = sums[j] + sums[j + half];
        }
        half /= 2;
    }
    sums[0]
}

struct Tiny<T, const N: usize> {
    count: usize,
    runs: [Run; 2],
    to: *mut T,
}

impl<T, const N: usize> Work for Tiny<T, N>
where
    T: Copy + Default + Add<Output = T> + Mul<Output = T>,
{
    #[inline(always)]
    fn run(self) {
        let [a, b] = self.runs;
        for place in 0..self.count {
            // SAFETY: `tiny`'s caller hands over `count` matrices of N x N each, and places for as many results.
            unsafe {
                let (x, y) = (load::<T, N>(a.at(place)), load::<T, N>(b.at(place)));
                let mut sums = [[T::default(); N]; N];
                for i in 0..N {
                    for p in 0..N {
                        for j in 0..N {
                            sums[i][j] = sums[i][j] + x[i][p] * y[p][j];
                        }
                    }
                }
                self.to.cast::<[[T; N]; N]>().add(place).write(sums);
            }
        }
    }
}

/// The elements of a matrix of N rows and columns.
///
/// # Safety
/// The matrix may be read, and holds elements of this type.
#[inline(always)]
pub(crate) unsafe fn load<T: Copy + Default, const N: usize>(of: Matrix) -> [[T; N]; N] {
    let from = of.ptr.cast::<T>();
    // SAFETY: indices below N.
    unsafe {
        if of.columns == 1 && of.rows == N as isize {
            return from.cast::<[[T; N]; N]>().read();
        }
        let mut made = [[T::default(); N]; N];
        for (i, row) in made.iter_mut().enumerate() {
            for (j, to) in row.iter_mut().enumerate() {
                *to = from
                    .offset(of.rows * i as isize + of.columns * j as isize)
                    .read();
            }
        }
        made
    }
}
