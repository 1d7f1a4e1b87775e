//! Inner products of vectors, and matrices times vectors.
//!
//! # Rationale
//! Each is a multiplication fused with a reduction, so that the matrix is read once, where it lies; only the vector and partial sums
//! move. The sums follow the order of `gain_ufunc::reduction`, so that the bits do not depend on ranks or threads.
//!
//! # Limitations
//! One vector at a time: memory-bound by nature, and no BLAS can read the matrix faster.

use crate::matmul::{cast, common, widened};
use crate::matvec;
use gain_core::{Array, DType, Error, Operand, Reduction, Result, Scalar, operate, reduce, ufunc};

/// `a . b` for two vectors (a result of no axes), a matrix and a vector, a vector and a matrix, or two matrices. Collective.
///
/// Integers wrap around in their common dtype and booleans are combined by `or` of `and`s, as in NumPy.
///
/// # Errors
/// `ValueError` when the lengths differ; [`Error::Unsupported`] for other numbers of axes.
///
/// # Examples
/// ```
/// use gain_core::{Runtime, Settings, create};
///
/// let rt = Runtime::single(Settings::default());
/// let a = create::from_slice(&rt, &[2, 2], &[1.0, 2.0, 3.0, 4.0])?;
/// let x = create::from_slice(&rt, &[2], &[1.0, 10.0])?;
/// assert_eq!(gain_linalg::dot(&a, &x)?.to_vec::<f64>()?, [21.0, 43.0]);
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn dot(a: &Array, b: &Array) -> Result<Array> {
    let (left, right, axis) = match (a.ndim(), b.ndim()) {
        (1, 1) => (a.clone(), b.clone(), 0),
        (2, 1) => (a.clone(), b.clone(), 1),
        // The vector runs down the columns.
        (1, 2) => (a.insert_axis(1)?, b.clone(), 0),
        (2, 2) if a.shape()[1] == b.shape()[0] => return crate::matmul(a, b),
        (2, 2) => (a.clone(), b.clone(), 0),
        (m, n) => {
            return Err(Error::Unsupported {
                operation: "dot",
                what: format!("operands of {m} and {n} axes"),
            });
        }
    };
    let (inner_a, inner_b) = (a.shape()[a.ndim() - 1], b.shape()[0]);
    if inner_a != inner_b {
        return Err(Error::Value(format!(
            "shapes {} and {} not aligned: {inner_a} (dim {}) != {inner_b} (dim 0)",
            shape(a),
            shape(b),
            a.ndim() - 1
        )));
    }
    if let Some([a, b]) = widened(a, b)? {
        return dot(&a, &b)?.astype(DType::F16);
    }
    if a.ndim() + b.ndim() <= 3 && a.size() > 0 && b.size() > 0 {
        let dtype = common(a.dtype(), b.dtype())?;
        if matvec::knows(dtype) {
            let (a, b) = (cast(a, dtype)?, cast(b, dtype)?);
            return match a.ndim() {
                1 if b.ndim() == 1 => matvec::inner(&a, &b),
                2 => matvec::multiply(&a, &b),
                // The vector runs down the columns: a product with the transposed matrix.
                _ => matvec::multiply(&b.transpose(&[1, 0])?, &a),
            };
        }
    }
    let products = operate::ufunc(
        a.runtime(),
        ufunc::MULTIPLY,
        &[Operand::Array(&left), Operand::Array(&right)],
    )?;
    let dtype = products.dtype();
    if dtype == DType::Bool {
        return reduce::reduce(&products, Reduction::Any, Some(&[axis]), false, None, true);
    }
    reduce::reduce(
        &products,
        Reduction::Sum,
        Some(&[axis]),
        false,
        Some(dtype),
        true,
    )
}

/// `a . b` for two vectors of one length and floating-point dtype that every rank has, if they are computed and short: the number itself, which
/// [`dot`] puts into an array. Local.
#[must_use]
pub fn dot_at_hand(a: &Array, b: &Array) -> Option<Scalar> {
    let dtype = a.dtype();
    let fits = a.ndim() == 1
        && a.shape() == b.shape()
        && a.size() > 0
        && b.dtype() == dtype
        && dtype != DType::F16
        && matvec::knows(dtype);
    fits.then(|| matvec::inner_at_hand(a, b)).flatten()
}

/// The longest rows that [`vecdot`] adds up whole, so that a few rows are no more than some panels of a product.
const LONGEST_ROW: usize = 4096;

/// The sums of products along the last axes of two arrays, whose other axes broadcast; a result with one axis less. Collective.
///
/// Each row is added up in eight sums, in leaves of 512: the bits depend on the row alone. Rows that ranks share move, whole.
///
/// # Errors
/// `ValueError` when the lengths differ or the stacks do not broadcast; [`Error::Unsupported`] for other dtypes than f32 and f64, and for rows
/// of more than 4096 elements, which are better multiplied and summed where they lie.
///
/// # Examples
/// ```
/// use gain_core::{Runtime, Settings, create};
///
/// let rt = Runtime::single(Settings::default());
/// let a = create::from_slice(&rt, &[2, 2], &[1.0, 2.0, 3.0, 4.0])?;
/// assert_eq!(gain_linalg::vecdot(&a, &a)?.to_vec::<f64>()?, [5.0, 25.0]);
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn vecdot(a: &Array, b: &Array) -> Result<Array> {
    let unsupported = |what: String| Error::Unsupported {
        operation: "vecdot",
        what,
    };
    let (Some(&k), Some(&other)) = (a.shape().last(), b.shape().last()) else {
        return Err(unsupported("operands without axes".to_owned()));
    };
    if k != other {
        return Err(Error::Value(format!(
            "vecdot: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (n),(n)->() (size {other} is different from {k})"
        )));
    }
    if let Some([a, b]) = widened(a, b)? {
        return vecdot(&a, &b)?.astype(DType::F16);
    }
    let dtype = common(a.dtype(), b.dtype())?;
    if !dtype.is_float() || !(1..=LONGEST_ROW).contains(&k) {
        return Err(unsupported(format!("rows of {k} elements of {dtype}")));
    }
    if a.ndim() == 1 && b.ndim() == 1 {
        return matvec::inner(&cast(a, dtype)?, &cast(b, dtype)?);
    }
    let row = |of: &Array| cast(of, dtype)?.insert_axis(of.ndim() - 1);
    crate::matmul::stack::dots(&row(a)?, &row(b)?)
}

/// The Euclidean length of an array's elements: f32 or f64 in C order; an array without axes. Collective.
///
/// The square root of the inner product with itself, as NumPy's `norm`: squares that overflow give infinity.
///
/// # Errors
/// [`Error::Unsupported`] for other dtypes, orders and for no elements.
pub fn length(a: &Array) -> Result<Array> {
    let is_half = a.dtype() == DType::F16;
    if is_half || !a.dtype().is_float() || a.size() == 0 || !a.is_c_contiguous() {
        return Err(Error::Unsupported {
            operation: "norm",
            what: format!("arrays of {} of shape {:?}", a.dtype(), a.shape()),
        });
    }
    let flat = match a.ndim() {
        1 => a.clone(),
        _ => match a.reshape(&[a.size()])? {
            Some(flat) => flat,
            None => a.copy()?.reshape(&[a.size()])?.expect("a copy is a run"),
        },
    };
    let square = matvec::inner(&flat, &flat)?;
    operate::ufunc(a.runtime(), ufunc::SQRT, &[Operand::Array(&square)])
}

fn shape(array: &Array) -> String {
    match array.shape() {
        [n] => format!("({n},)"),
        lens => format!(
            "({})",
            lens.iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join(",")
        ),
    }
}
