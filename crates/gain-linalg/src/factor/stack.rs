//! Small matrices, and stacks of them: solved, inverted and their determinants, in registers.
//!
//! LU with partial pivoting (Golub and Van Loan, Matrix Computations, 3.4), unrolled for each size: backward stable as LAPACK's gesv, without
//! the cost of its calls, which is several times that of the arithmetic.
//!
//! # Limitations
//! At most [`LARGEST`] rows: from there on LAPACK's blocks pay.
#![expect(unsafe_code, reason = "kernels take raw pointers")]

use gain_core::{Array, Error, Result};
use std::sync::atomic::{AtomicBool, Ordering};

use super::columns::Number;
use crate::matmul::kernel::Matrix;
use crate::matmul::stack::load;
use crate::set::{Set, Work};
use crate::stacks::{self, Run};

/// Rows of the largest matrices that are worked on here.
pub const LARGEST: usize = 8;

/// Calls a function for the number of rows.
macro_rules! sized {
    ($n:expr, $work:ident { $($field:ident),* }, $set:expr) => {
        match $n {
            1 => $set.run($work::<T, 1> { $($field),* }),
            2 => $set.run($work::<T, 2> { $($field),* }),
            3 => $set.run($work::<T, 3> { $($field),* }),
            4 => $set.run($work::<T, 4> { $($field),* }),
            5 => $set.run($work::<T, 5> { $($field),* }),
            6 => $set.run($work::<T, 6> { $($field),* }),
            7 => $set.run($work::<T, 7> { $($field),* }),
            _ => $set.run($work::<T, 8> { $($field),* }),
        }
    };
}

/// The x of `a x = b` for each pair of matrices; `None` if one `a` is singular. Collective.
pub(super) fn solve<T: Number>(a: &Array, b: &Array) -> Result<Option<Array>> {
    let stack = stacks::broadcast(a.shape(), b.shape())?;
    let (n, columns) = (a.shape()[a.ndim() - 1], b.shape()[b.ndim() - 1]);
    let set = Set::named(a.runtime().isa_name());
    let singular = AtomicBool::new(false);
    let x = stacks::each(
        [a, b],
        &stack,
        &[n, columns],
        n * n * (n + columns),
        &|count, [a, b], to| {
            let (singular, to) = (&singular, to.cast::<T>());
            sized!(
                n,
                Solve {
                    count,
                    columns,
                    a,
                    b,
                    to,
                    singular
                },
                set
            );
        },
    )?;
    unless_singular(a, x, &singular)
}

/// The inverse of each matrix; `None` if one is singular. Collective.
pub(super) fn inv<T: Number>(a: &Array) -> Result<Option<Array>> {
    let (stack, n) = (&a.shape()[..a.ndim() - 2], a.shape()[a.ndim() - 1]);
    let set = Set::named(a.runtime().isa_name());
    let singular = AtomicBool::new(false);
    let x = stacks::each([a], stack, &[n, n], 2 * n * n * n, &|count, [a], to| {
        let (singular, to) = (&singular, to.cast::<T>());
        sized!(
            n,
            Invert {
                count,
                a,
                to,
                singular
            },
            set
        );
    })?;
    unless_singular(a, x, &singular)
}

/// The determinant of each matrix. Collective.
pub(super) fn det<T: Number>(a: &Array) -> Result<Array> {
    let (stack, n) = (&a.shape()[..a.ndim() - 2], a.shape()[a.ndim() - 1]);
    let set = Set::named(a.runtime().isa_name());
    stacks::each([a], stack, &[], n * n * n, &|count, [a], to| {
        let to = to.cast::<T>();
        sized!(n, Determinant { count, a, to }, set);
    })
}

/// The result, or `None` on all ranks if one of them met a zero pivot.
fn unless_singular(a: &Array, found: Array, singular: &AtomicBool) -> Result<Option<Array>> {
    let mine = singular.load(Ordering::Relaxed);
    let rt = a.runtime();
    let any = if rt.n_ranks() == 1 || found.is_replicated() && a.is_replicated() {
        mine
    } else {
        let all = rt.team().all_gather(&[u8::from(mine)]);
        all.map_err(Error::from)?.iter().any(|told| told == &[1])
    };
    Ok((!any).then_some(found))
}

/// Eliminates below the diagonal of `a`, and the same in `b`; whether rows were exchanged an odd number of times, or `None` at a zero pivot.
#[inline(always)]
fn eliminate<T: Number, const N: usize, const M: usize>(
    a: &mut [[T; N]; N],
    b: &mut [[T; M]; N],
) -> Option<bool> {
    let mut flipped = false;
    for k in 0..N {
        let (mut best, mut size) = (k, T::magnitude(a[k][k]));
        for (i, row) in a.iter().enumerate().skip(k + 1) {
            let other = T::magnitude(row[k]);
            if other > size {
                (best, size) = (i, other);
            }
        }
        if size == 0.0 {
            return None;
        }
        if best != k {
            a.swap(best, k);
            b.swap(best, k);
            flipped = !flipped;
        }
        let (pivot, with) = (a[k], b[k]);
        let reciprocal = T::one() / pivot[k];
        for i in k + 1..N {
            let factor = a[i][k] * reciprocal;
            for j in k + 1..N {
                a[i][j] -= factor * pivot[j];
            }
            for j in 0..M {
                b[i][j] -= factor * with[j];
            }
        }
    }
    Some(flipped)
}

/// Solves with the upper triangle of `a`.
#[inline(always)]
fn substitute<T: Number, const N: usize, const M: usize>(a: &[[T; N]; N], b: &mut [[T; M]; N]) {
    for k in (0..N).rev() {
        let reciprocal = T::one() / a[k][k];
        for element in &mut b[k] {
            *element *= reciprocal;
        }
        let with = b[k];
        for i in 0..k {
            let factor = a[i][k];
            for j in 0..M {
                b[i][j] -= factor * with[j];
            }
        }
    }
}

struct Solve<'a, T, const N: usize> {
    count: usize,
    columns: usize,
    a: Run,
    b: Run,
    to: *mut T,
    singular: &'a AtomicBool,
}

impl<T: Number, const N: usize> Work for Solve<'_, T, N> {
    #[inline(always)]
    fn run(self) {
        for place in 0..self.count {
            // SAFETY: the driver hands over `count` matrices of N rows each, and places for as many results.
            unsafe {
                let (a, b) = (self.a.at(place), self.b.at(place));
                let to = self.to.add(place * N * self.columns);
                let is_regular = if self.columns == 1 {
                    solve_columns::<T, N, 1>(a, b, 0, self.columns, to)
                } else {
                    (0..self.columns).step_by(N).all(|first| {
                        let first = first.min(self.columns.saturating_sub(N));
                        if self.columns < N {
                            (0..self.columns)
                                .all(|j| solve_columns::<T, N, 1>(a, b, j, self.columns, to))
                        } else {
                            solve_columns::<T, N, N>(a, b, first, self.columns, to)
                        }
                    })
                };
                if !is_regular {
                    self.singular.store(true, Ordering::Relaxed);
                }
            }
        }
    }
}

/// Solves for the right-hand sides `first..first + M` of `columns`; whether the matrix is regular.
///
/// # Safety
/// The matrices may be read, `to` has places for the result.
#[inline(always)]
unsafe fn solve_columns<T: Number, const N: usize, const M: usize>(
    a: Matrix,
    b: Matrix,
    first: usize,
    columns: usize,
    to: *mut T,
) -> bool {
    // SAFETY: indices below N and `columns`.
    unsafe {
        let mut a = load::<T, N>(a);
        let mut x = [[T::zero(); M]; N];
        for (i, row) in x.iter_mut().enumerate() {
            for (j, to) in row.iter_mut().enumerate() {
                let at = b.rows * i as isize + b.columns * (first + j) as isize;
                *to = b.ptr.cast::<T>().offset(at).read();
            }
        }
        if eliminate(&mut a, &mut x).is_none() {
            return false;
        }
        substitute(&a, &mut x);
        for (i, row) in x.iter().enumerate() {
            to.add(i * columns + first).cast::<[T; M]>().write(*row);
        }
    }
    true
}

struct Invert<'a, T, const N: usize> {
    count: usize,
    a: Run,
    to: *mut T,
    singular: &'a AtomicBool,
}

impl<T: Number, const N: usize> Work for Invert<'_, T, N> {
    #[inline(always)]
    fn run(self) {
        for place in 0..self.count {
            // SAFETY: as in `Solve`.
            unsafe {
                let mut a = load::<T, N>(self.a.at(place));
                let mut x = [[T::zero(); N]; N];
                for (i, row) in x.iter_mut().enumerate() {
                    row[i] = T::one();
                }
                if eliminate(&mut a, &mut x).is_none() {
                    self.singular.store(true, Ordering::Relaxed);
                }
                substitute(&a, &mut x);
                self.to.cast::<[[T; N]; N]>().add(place).write(x);
            }
        }
    }
}

struct Determinant<T, const N: usize> {
    count: usize,
    a: Run,
    to: *mut T,
}

impl<T: Number, const N: usize> Work for Determinant<T, N> {
    #[inline(always)]
    fn run(self) {
        for place in 0..self.count {
            // SAFETY: as in `Solve`.
            unsafe {
                let mut a = load::<T, N>(self.a.at(place));
                let product = match eliminate(&mut a, &mut [[]; N]) {
                    None => T::zero(),
                    Some(flipped) => {
                        let start = T::real(if flipped { -1.0 } else { 1.0 });
                        (0..N).fold(start, |product, i| product * a[i][i])
                    }
                };
                self.to.add(place).write(product);
            }
        }
    }
}
