//! Products of matrices and of stacks of matrices.
//!
//! [`plan`] decides by the shapes and by who owns what, and prints what it decided; `panels`, `tree` and `stack` do it; `kernel` is the work of one rank.

pub(crate) mod kernel;
pub(crate) mod panels;
pub mod plan;
pub(crate) mod stack;
mod tree;

use gain_core::{Array, DType, Error, OperandType, Result, resolve, ufunc};

use plan::{Algorithm, Placement};

/// `a @ b` by NumPy's rules: the last two axes are matrices, the others stacks that broadcast; a vector is a row on the left and a column on the right. Collective.
///
/// The result has the operands' common dtype; integers wrap around, and booleans combine by `or` of `and`s. Its bits do not depend on
/// ranks or threads: sums run over the contracted axis in ascending order, by fused multiply-add where the machine has it.
///
/// # Errors
/// `ValueError` for an operand without axes, and when the contracted axes differ in length or the stacks do not broadcast.
///
/// # Examples
/// ```
/// use gain_core::{Runtime, Settings, create};
///
/// let rt = Runtime::single(Settings::default());
/// let a = create::from_slice(&rt, &[2, 2], &[1.0, 2.0, 3.0, 4.0])?;
/// assert_eq!(gain_linalg::matmul(&a, &a)?.to_vec::<f64>()?, [7.0, 10.0, 15.0, 22.0]);
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn matmul(a: &Array, b: &Array) -> Result<Array> {
    for (number, operand) in [a, b].into_iter().enumerate() {
        if operand.ndim() == 0 {
            return Err(Error::Value(format!(
                "matmul: Input operand {number} does not have enough dimensions (has 0, gufunc core with signature (n?,k),(k,m?)->(n?,m?) requires 1)"
            )));
        }
    }
    let inner = a.shape()[a.ndim() - 1];
    let other = b.shape()[b.ndim().saturating_sub(2)];
    if inner != other {
        return Err(Error::Value(format!(
            "matmul: Input operand 1 has a mismatch in its core dimension 0, with gufunc signature (n?,k),(k,m?)->(n?,m?) (size {other} is different from {inner})"
        )));
    }
    if let Some([a, b]) = widened(a, b)? {
        return matmul(&a, &b)?.astype(DType::F16);
    }
    match (a.ndim(), b.ndim()) {
        (1, 1) | (2, 1) | (1, 2) => return crate::dot(a, b),
        (1, n) => return matmul(&a.insert_axis(0)?, b)?.drop_axis(n - 2),
        (n, 1) => return matmul(a, &b.insert_axis(1)?)?.drop_axis(n - 1),
        _ => {}
    }
    let dtype = common(a.dtype(), b.dtype())?;
    let (a, b) = (cast(a, dtype)?, cast(b, dtype)?);
    let (a, b) = (ascending(a, 1)?, ascending(b, 2)?);
    if a.ndim() > 2 || b.ndim() > 2 {
        return stack::multiply(&a, &b);
    }
    matrices(&a, &b)
}

/// The operand with its contracted axis, the `back`th from the end, not in reverse: the kernels go along memory, and the order of
/// additions must not depend on whether a part is read in place or was packed for its way.
fn ascending(array: Array, back: usize) -> Result<Array> {
    if array.strides()[array.ndim() - back] < 0 {
        return array.copy();
    }
    Ok(array)
}

/// Work (products of elements) that is done at once where all is at hand: less than the shortest product that is a tree.
const AT_ONCE: usize = plan::TREE_LONG - 1;

/// The product of two matrices of one dtype.
fn matrices(a: &Array, b: &Array) -> Result<Array> {
    let rt = a.runtime();
    let shape = [a.shape()[0], a.shape()[1], b.shape()[1]];
    let small = shape[0] * shape[2] <= rt.threshold();
    if small
        && shape.iter().product::<usize>() <= AT_ONCE
        && let Some(made) = panels::at_once(a, b)
    {
        return made;
    }
    let here = a.is_replicated() && b.is_replicated();
    let place = |array: &Array| -> Result<Placement> {
        Ok(if array.is_replicated() {
            Placement::Replicated
        } else {
            Placement::of(&array.distribution()?)
        })
    };
    let plan = plan::plan(shape, a.itemsize(), rt.n_ranks(), place(a)?, place(b)?);
    match plan.algorithm {
        Algorithm::Tree { leaf } => tree::multiply(a, b, leaf),
        Algorithm::Panels {
            rows,
            columns,
            panel,
        } => panels::multiply(
            a,
            b,
            (rows, columns),
            panel,
            rt.n_ranks() == 1 || (here && small),
        ),
    }
}

/// The dtype in which two operands are multiplied.
pub(crate) fn common(a: DType, b: DType) -> Result<DType> {
    if a == b {
        return Ok(a);
    }
    let signature = resolve(
        ufunc::MULTIPLY,
        &[OperandType::Array(a), OperandType::Array(b)],
    )
    .map_err(Error::from)?;
    Ok(signature.inputs[0])
}

/// The operands in `float32` where the product is `float16`: NumPy's sums of such products are `float32`, rounded once.
pub(crate) fn widened(a: &Array, b: &Array) -> Result<Option<[Array; 2]>> {
    if common(a.dtype(), b.dtype())? != DType::F16 {
        return Ok(None);
    }
    Ok(Some([cast(a, DType::F32)?, cast(b, DType::F32)?]))
}

/// The array in another dtype, itself if it has it.
pub(crate) fn cast(array: &Array, dtype: DType) -> Result<Array> {
    if array.dtype() == dtype {
        Ok(array.clone())
    } else {
        array.astype(dtype)
    }
}
