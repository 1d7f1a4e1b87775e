//! Products of matrices in one rank's memory, for every dtype.
//!
//! # Rationale
//! The bits of an element depend on its row, its column and the contracted axis alone, never on the block in which it is computed, so that
//! any cut of the product gives the same ones: floating-point kernels add up [`CHUNK`](super::plan::CHUNK) products by fused
//! multiply-add in ascending order, and add the chunks in ascending order. faer's kernels (private-gemm-x86) do that; they
//! are called directly, since faer itself chooses other orders for small shapes and vectors.
#![expect(unsafe_code, reason = "kernels take raw pointers")]

use gain_core::{DType, Pool};
use num_complex::Complex;

/// A matrix to be read: elements at `ptr + i * rows + j * columns` (strides in elements).
#[derive(Clone, Copy)]
pub struct Matrix {
    /// The first element.
    pub ptr: *const u8,
    /// Elements from a row to the next.
    pub rows: isize,
    /// Elements from a column to the next.
    pub columns: isize,
}

impl Matrix {
    /// Whether this is the other one's transpose, in the same memory.
    pub fn is_transpose_of(&self, other: Matrix) -> bool {
        self.ptr == other.ptr && self.rows == other.columns && self.columns == other.rows
    }
}

// SAFETY: a matrix is only read, by threads that the caller of `product` waits for.
unsafe impl Send for Matrix {}
// SAFETY: as above.
unsafe impl Sync for Matrix {}

#[derive(Clone, Copy)]
struct Target(*mut u8);

// SAFETY: threads write disjoint blocks of the target.
unsafe impl Sync for Target {}

/// Work (products of elements) that is worth a second thread.
const SHARED_WORK: usize = 1 << 17;

/// Rows or columns of a thread's block are multiples of this.
const GRAIN: usize = 48;

/// `c = a b`, or `c += a b` if `add`, for `a` of `(m, k)`, `b` of `(k, n)` and `c` in C order with rows `row` elements apart.
///
/// # Safety
/// The matrices may be read, `c` written, and nothing overlaps `c`.
#[expect(clippy::too_many_arguments, reason = "all of it is one product")]
pub unsafe fn product(
    dtype: DType,
    [m, k, n]: [usize; 3],
    a: Matrix,
    b: Matrix,
    c: *mut u8,
    row: usize,
    add: bool,
    pool: &Pool,
) {
    if m == 0 || n == 0 {
        return;
    }
    let size = dtype.size();
    let work = m * n * k.max(1);
    let parts = pool.n_threads().min(work.div_ceil(SHARED_WORK));
    let by_rows = m >= n;
    let len = if by_rows { m } else { n };
    let step = len.div_ceil(parts.max(1)).next_multiple_of(GRAIN);
    let c = Target(c);
    let task = |part: usize| {
        let c = &c;
        let (lo, hi) = (part * step, ((part + 1) * step).min(len));
        // SAFETY: the block lies inside the caller's matrices.
        unsafe {
            if by_rows {
                let a = Matrix {
                    ptr: a.ptr.offset(a.rows * (lo * size) as isize),
                    ..a
                };
                block(
                    dtype,
                    [hi - lo, k, n],
                    a,
                    b,
                    c.0.add(lo * row * size),
                    row,
                    add,
                );
            } else {
                let b = Matrix {
                    ptr: b.ptr.offset(b.columns * (lo * size) as isize),
                    ..b
                };
                block(dtype, [m, k, hi - lo], a, b, c.0.add(lo * size), row, add);
            }
        }
    };
    let parts = len.div_ceil(step);
    if parts == 1 {
        task(0);
    } else {
        pool.for_each(parts, &task);
    }
}

/// Rows of a stripe of a symmetric product.
const STRIPE: usize = 192;

/// `c = a b` for `a` of `(n, k)` and its transpose `b`: half of it is computed, the other half is the same numbers. Real dtypes only.
///
/// # Safety
/// As [`product`], with `c` packed.
pub unsafe fn symmetric(
    dtype: DType,
    n: usize,
    k: usize,
    a: Matrix,
    b: Matrix,
    c: *mut u8,
    pool: &Pool,
) {
    let size = dtype.size();
    let c = Target(c);
    let stripes = n.div_ceil(STRIPE);
    let task = |number: usize| {
        let c = &c;
        // Long stripes first, so that threads end together.
        let lo = (stripes - 1 - number) * STRIPE;
        let rows = STRIPE.min(n - lo);
        let mut part: Matrix = a;
        part.ptr = part.ptr.wrapping_offset(a.rows * (lo * size) as isize);
        // SAFETY: the stripe up to the diagonal's block lies inside the matrices, and no other task writes it.
        unsafe {
            let to = c.0.add(lo * n * size);
            block(dtype, [rows, k, lo + rows], part, b, to, n, false);
        }
    };
    pool.for_each(stripes, &task);
    let mirror = |number: usize| {
        let c = &c;
        let lo = number * STRIPE;
        for i in lo..(lo + STRIPE).min(n) {
            for j in (number + 1) * STRIPE..n {
                // SAFETY: both elements lie in `c`; what lies behind the diagonal's blocks is written here alone.
                unsafe {
                    let from = c.0.add((j * n + i) * size);
                    std::ptr::copy_nonoverlapping(from, c.0.add((i * n + j) * size), size);
                }
            }
        }
    };
    pool.for_each(stripes, &mirror);
}

/// One thread's product.
///
/// # Safety
/// As [`product`].
pub unsafe fn block(
    dtype: DType,
    shape: [usize; 3],
    a: Matrix,
    b: Matrix,
    c: *mut u8,
    row: usize,
    add: bool,
) {
    // SAFETY: the caller's contract, with the type of the dtype.
    unsafe {
        match dtype {
            DType::Bool => plain::<u8>(shape, a, b, c, row, add, |s, x, y| s | (x & y)),
            DType::I8 | DType::U8 => plain::<u8>(shape, a, b, c, row, add, |s, x, y| {
                s.wrapping_add(x.wrapping_mul(y))
            }),
            DType::I16 | DType::U16 => plain::<u16>(shape, a, b, c, row, add, |s, x, y| {
                s.wrapping_add(x.wrapping_mul(y))
            }),
            DType::I32 | DType::U32 => plain::<u32>(shape, a, b, c, row, add, |s, x, y| {
                s.wrapping_add(x.wrapping_mul(y))
            }),
            DType::I64 | DType::U64 => plain::<u64>(shape, a, b, c, row, add, |s, x, y| {
                s.wrapping_add(x.wrapping_mul(y))
            }),
            DType::F16 => unreachable!("float16 is multiplied in float32"),
            DType::F32 | DType::F64 | DType::C64 | DType::C128 => {
                float(dtype, shape, a, b, c, row, add);
            }
        }
    }
}

unsafe fn float(
    dtype: DType,
    shape: [usize; 3],
    a: Matrix,
    b: Matrix,
    c: *mut u8,
    row: usize,
    add: bool,
) {
    // SAFETY: the caller's contract.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        if x86::product(dtype, shape, a, b, c, row, add) {
            return;
        }
        match dtype {
            DType::F32 => {
                plain::<f32>(shape, a, b, c, row, add, |s, x, y| x.mul_add(y, s));
            }
            DType::F64 => {
                plain::<f64>(shape, a, b, c, row, add, |s, x, y| x.mul_add(y, s));
            }
            DType::C64 => {
                plain::<Complex<f32>>(shape, a, b, c, row, add, |s, x, y| s + x * y);
            }
            _ => plain::<Complex<f64>>(shape, a, b, c, row, add, |s, x, y| s + x * y),
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod x86 {
    use super::{DType, Matrix};
    use private_gemm_x86::{Accum, DType as Kind, DstKind, IType, InstrSet, gemm};

    /// Whether the processor has fused multiply-add and the product was computed.
    ///
    /// # Safety
    /// As [`product`](super::product), for a floating-point dtype.
    pub(super) unsafe fn product(
        dtype: DType,
        [m, k, n]: [usize; 3],
        a: Matrix,
        b: Matrix,
        c: *mut u8,
        row: usize,
        add: bool,
    ) -> bool {
        let set = if is_x86_feature_detected!("avx512f") {
            InstrSet::Avx512
        } else if is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma") {
            InstrSet::Avx256
        } else {
            return false;
        };
        let one64 = [1.0f64, 0.0];
        let one32 = [1.0f32, 0.0];
        let (kind, one): (Kind, *const ()) = match dtype {
            DType::F32 => (Kind::F32, one32.as_ptr().cast()),
            DType::F64 => (Kind::F64, one64.as_ptr().cast()),
            DType::C64 => (Kind::C32, one32.as_ptr().cast()),
            _ => (Kind::C64, one64.as_ptr().cast()),
        };
        if k == 0 && !add {
            for i in 0..m {
                // SAFETY: the row is the caller's to write.
                unsafe {
                    std::ptr::write_bytes(c.add(i * row * dtype.size()), 0, n * dtype.size())
                };
            }
            return true;
        }
        // SAFETY: the caller's contract; strides are in elements; `one` has the kind's type and outlives the call.
        unsafe {
            gemm(
                kind,
                IType::U64,
                set,
                m,
                n,
                k,
                c.cast(),
                row as isize,
                1,
                std::ptr::null(),
                std::ptr::null(),
                DstKind::Full,
                if add { Accum::Add } else { Accum::Replace },
                a.ptr.cast(),
                a.rows,
                a.columns,
                false,
                std::ptr::null(),
                0,
                b.ptr.cast(),
                b.rows,
                b.columns,
                false,
                one,
                1,
            );
        }
        true
    }
}

/// Columns of `b` and `c` that stay in the first cache.
const WIDE: usize = 512;

unsafe fn plain<T: Copy + Default>(
    [m, k, n]: [usize; 3],
    a: Matrix,
    b: Matrix,
    c: *mut u8,
    row: usize,
    add: bool,
    join: impl Fn(T, T, T) -> T + Copy,
) {
    let (a_ptr, b_ptr, c) = (a.ptr.cast::<T>(), b.ptr.cast::<T>(), c.cast::<T>());
    let mut packed: Vec<T> = Vec::new();
    for left in (0..n).step_by(WIDE) {
        let width = WIDE.min(n - left);
        for top in (0..k.max(1)).step_by(WIDE) {
            let depth = WIDE.min(k.saturating_sub(top));
            packed.clear();
            // SAFETY: indices below stay inside the caller's shapes.
            unsafe {
                for p in top..top + depth {
                    let from = b_ptr.offset(b.rows * p as isize + b.columns * left as isize);
                    packed.extend((0..width).map(|j| from.offset(b.columns * j as isize).read()));
                }
                for i in 0..m {
                    let out = std::slice::from_raw_parts_mut(c.add(i * row + left), width);
                    if top == 0 && !add {
                        out.fill(T::default());
                    }
                    for p in 0..depth {
                        let x = a_ptr
                            .offset(a.rows * i as isize + a.columns * (top + p) as isize)
                            .read();
                        let line = &packed[p * width..][..width];
                        for (o, &y) in out.iter_mut().zip(line) {
                            *o = join(*o, x, y);
                        }
                    }
                }
            }
        }
    }
}

/// `to += from`, element by element, for a floating-point dtype.
///
/// # Safety
/// Both hold `n` elements of the dtype, aligned, and do not overlap.
pub unsafe fn add(dtype: DType, n: usize, to: *mut u8, from: *const u8) {
    unsafe fn each<T: Copy>(n: usize, to: *mut u8, from: *const u8, join: impl Fn(T, T) -> T) {
        // SAFETY: the caller's contract.
        let (to, from) = unsafe {
            (
                std::slice::from_raw_parts_mut(to.cast::<T>(), n),
                std::slice::from_raw_parts(from.cast::<T>(), n),
            )
        };
        for (to, &from) in to.iter_mut().zip(from) {
            *to = join(*to, from);
        }
    }
    // SAFETY: the caller's contract.
    unsafe {
        match dtype {
            DType::Bool => each::<u8>(n, to, from, |a, b| a | b),
            DType::I8 | DType::U8 => each::<u8>(n, to, from, u8::wrapping_add),
            DType::I16 | DType::U16 => each::<u16>(n, to, from, u16::wrapping_add),
            DType::I32 | DType::U32 => each::<u32>(n, to, from, u32::wrapping_add),
            DType::I64 | DType::U64 => each::<u64>(n, to, from, u64::wrapping_add),
            DType::F16 => unreachable!("float16 is multiplied in float32"),
            DType::F32 => each::<f32>(n, to, from, |a, b| a + b),
            DType::F64 => each::<f64>(n, to, from, |a, b| a + b),
            DType::C64 => each::<f32>(2 * n, to, from, |a, b| a + b),
            DType::C128 => each::<f64>(2 * n, to, from, |a, b| a + b),
        }
    }
}

/// The product of one matrix of a stack, by whichever way is quicker for its shape.
///
/// # Safety
/// As [`product`], with `c` packed.
pub unsafe fn small(dtype: DType, shape: [usize; 3], a: Matrix, b: Matrix, c: *mut u8) {
    let [m, k, n] = shape;
    // SAFETY: the caller's contract.
    unsafe {
        if m.max(k).max(n) > 8 {
            return block(dtype, shape, a, b, c, n, false);
        }
        match dtype {
            DType::F64 => plain_small::<f64>(shape, a, b, c, |s, x, y| s + x * y),
            DType::F32 => plain_small::<f32>(shape, a, b, c, |s, x, y| s + x * y),
            _ => block(dtype, shape, a, b, c, n, false),
        }
    }
}

/// As `plain` for at most 8 x 8 x 8, in registers.
unsafe fn plain_small<T: Copy + Default>(
    [m, k, n]: [usize; 3],
    a: Matrix,
    b: Matrix,
    c: *mut u8,
    join: impl Fn(T, T, T) -> T + Copy,
) {
    let (a_ptr, b_ptr, c) = (a.ptr.cast::<T>(), b.ptr.cast::<T>(), c.cast::<T>());
    let mut right = [[T::default(); 8]; 8];
    // SAFETY: indices stay inside the caller's shapes.
    unsafe {
        for (p, line) in right.iter_mut().enumerate().take(k) {
            for (j, to) in line.iter_mut().enumerate().take(n) {
                *to = b_ptr
                    .offset(b.rows * p as isize + b.columns * j as isize)
                    .read();
            }
        }
        for i in 0..m {
            let mut sums = [T::default(); 8];
            for (p, line) in right.iter().enumerate().take(k) {
                let x = a_ptr
                    .offset(a.rows * i as isize + a.columns * p as isize)
                    .read();
                for (s, &y) in sums.iter_mut().zip(line) {
                    *s = join(*s, x, y);
                }
            }
            for (j, &s) in sums.iter().enumerate().take(n) {
                c.add(i * n + j).write(s);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn values(n: usize) -> Vec<f64> {
        (0..n)
            .map(|i| ((i * 7919 + 13) % 1009) as f64 / 97.0 - 5.0)
            .collect()
    }

    fn whole(m: usize, k: usize, n: usize) -> (Vec<f64>, Vec<f64>, Vec<f64>) {
        let (a, b, mut c) = (values(m * k), values(k * n), vec![0.0; m * n]);
        let matrix = |of: &[f64], rows: usize| Matrix {
            ptr: of.as_ptr().cast(),
            rows: rows as isize,
            columns: 1,
        };
        // SAFETY: the vectors have the shapes' lengths.
        unsafe {
            let (x, y) = (matrix(&a, k), matrix(&b, n));
            block(DType::F64, [m, k, n], x, y, c.as_mut_ptr().cast(), n, false);
        }
        (a, b, c)
    }

    #[test]
    fn a_block_of_the_product_has_the_bits_of_the_whole() {
        for (m, k, n) in [(100, 1300, 60), (49, 700, 3), (5, 2000, 97), (97, 513, 2)] {
            let (a, b, c) = whole(m, k, n);
            for (top, rows) in [(0, 1), (1, m - 1), (m / 2, m / 3), (m - 1, 1)] {
                let mut part = vec![0.0; rows * n];
                // In panels of CHUNK, as they travel.
                for at in (0..k).step_by(super::super::plan::CHUNK) {
                    let depth = super::super::plan::CHUNK.min(k - at);
                    let x = Matrix {
                        ptr: a[top * k + at..].as_ptr().cast(),
                        rows: k as isize,
                        columns: 1,
                    };
                    let y = Matrix {
                        ptr: b[at * n..].as_ptr().cast(),
                        rows: n as isize,
                        columns: 1,
                    };
                    // SAFETY: the parts lie in the matrices.
                    unsafe {
                        let to = part.as_mut_ptr().cast();
                        block(DType::F64, [rows, depth, n], x, y, to, n, at > 0);
                    }
                }
                assert_eq!(part, c[top * n..][..rows * n], "{m} x {k} x {n} from {top}");
            }
        }
    }

    #[test]
    fn integers_wrap_around_and_booleans_saturate() {
        let (a, b) = ([200u8, 3], [2u8, 255]);
        let mut c = [0u8];
        let x = Matrix {
            ptr: a.as_ptr(),
            rows: 2,
            columns: 1,
        };
        let y = Matrix {
            ptr: b.as_ptr(),
            rows: 1,
            columns: 1,
        };
        // SAFETY: the arrays have the shapes' lengths.
        unsafe { block(DType::U8, [1, 2, 1], x, y, c.as_mut_ptr(), 1, false) };
        assert_eq!(
            c[0],
            200u8.wrapping_mul(2).wrapping_add(3u8.wrapping_mul(255))
        );
        let (a, b) = ([1u8, 1], [1u8, 1]);
        let (x, y) = (
            Matrix {
                ptr: a.as_ptr(),
                ..x
            },
            Matrix {
                ptr: b.as_ptr(),
                ..y
            },
        );
        // SAFETY: as above.
        unsafe { block(DType::Bool, [1, 2, 1], x, y, c.as_mut_ptr(), 1, false) };
        assert_eq!(c[0], 1);
    }
}
