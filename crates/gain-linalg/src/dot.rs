//! Inner products of vectors, and matrices times vectors.
//!
//! # Rationale
//! Each is a multiplication fused with a reduction, so that the matrix is read once, where it lies; only the vector and partial sums
//! move. The sums follow the order of `gain_ufunc::reduction`, so that the bits do not depend on ranks or threads.
//!
//! # Limitations
//! One vector at a time: memory-bound by nature, and no BLAS can read the matrix faster.

use crate::matmul::{cast, common};
use crate::matvec;
use gain_core::{Array, DType, Error, Operand, Reduction, Result, operate, reduce, ufunc};

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
    if a.ndim() + b.ndim() == 3 && a.size() > 0 && b.size() > 0 {
        let dtype = common(a.dtype(), b.dtype())?;
        if matvec::knows(dtype) {
            let (a, b) = (cast(a, dtype)?, cast(b, dtype)?);
            return match a.ndim() {
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
