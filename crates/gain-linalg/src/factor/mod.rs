//! Factorisations of one large matrix, spread over the ranks; no rank ever holds the whole.

mod cholesky;
mod columns;
mod deal;
mod eigen;
mod lu;
mod qr;
mod stack;
mod steps;
mod tall;

use gain_core::{Array, DType, Error, Result};
use num_complex::Complex64;
pub use stack::LARGEST as LARGEST_OF_STACK;

/// Calls a function for the two element types; others have no form here.
macro_rules! typed {
    ($a:expr, $function:ident :: $name:ident ( $($argument:expr),* )) => {
        match $a.dtype() {
            DType::F64 => $function::$name::<f64>($($argument),*),
            DType::C128 => $function::$name::<Complex64>($($argument),*),
            other => Err(unsupported(stringify!($name), other)),
        }
    };
}

fn unsupported(operation: &'static str, dtype: DType) -> Error {
    Error::Unsupported {
        operation,
        what: format!("{dtype}: matrices are factorised in f64 and c128"),
    }
}

fn check_square(a: &Array) -> Result<()> {
    match *a.shape() {
        [m, n] if m == n => Ok(()),
        _ => Err(Error::Value(
            "Last 2 dimensions of the array must be square".to_owned(),
        )),
    }
}

/// The x of `a x = b` for a square matrix and right-hand sides in columns; `None` if `a` is singular. Collective.
///
/// LU with partial pivoting; backward stable as LAPACK's gesv. The result lies in blocks of rows.
///
/// # Errors
/// `ValueError` for other shapes, [`Error::Unsupported`] for dtypes other than f64 and c128.
///
/// # Examples
/// ```
/// use gain_core::{Runtime, Settings, create};
///
/// let rt = Runtime::single(Settings::default());
/// let a = create::from_slice(&rt, &[2, 2], &[0.0, 2.0, 1.0, 1.0])?;
/// let b = create::from_slice(&rt, &[2, 1], &[2.0, 3.0])?;
/// let x = gain_linalg::factor::solve(&a, &b)?.expect("it is regular");
/// assert_eq!(x.to_vec::<f64>()?, [2.0, 1.0]);
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn solve(a: &Array, b: &Array) -> Result<Option<Array>> {
    check_square(a)?;
    if b.ndim() != 2 || b.shape()[0] != a.shape()[0] || b.dtype() != a.dtype() {
        return Err(Error::Value(
            "right-hand sides have as many rows as the matrix, and its dtype".to_owned(),
        ));
    }
    typed!(a, lu::solve(a, b))
}

/// The inverse of a square matrix; `None` if it is singular. Collective.
///
/// # Errors
/// As [`solve`].
pub fn inv(a: &Array) -> Result<Option<Array>> {
    check_square(a)?;
    typed!(a, lu::inv(a))
}

/// Sign (or phase) of the determinant, and the logarithm of its absolute value. Collective.
///
/// # Errors
/// As [`solve`].
pub fn slogdet(a: &Array) -> Result<(Complex64, f64)> {
    check_square(a)?;
    let (pivots, flipped) = pivots(a)?;
    let mut sign = Complex64::new(if flipped { -1.0 } else { 1.0 }, 0.0);
    let mut logarithm = 0.0;
    for pivot in pivots {
        let size = pivot.norm();
        if size == 0.0 {
            return Ok((Complex64::new(0.0, 0.0), f64::NEG_INFINITY));
        }
        sign *= pivot / size;
        logarithm += size.ln();
    }
    Ok((sign, logarithm))
}

/// The determinant. Collective.
///
/// # Errors
/// As [`solve`].
pub fn det(a: &Array) -> Result<Complex64> {
    check_square(a)?;
    let (pivots, flipped) = pivots(a)?;
    let start = Complex64::new(if flipped { -1.0 } else { 1.0 }, 0.0);
    if pivots
        .last()
        .is_some_and(|&last| last == Complex64::new(0.0, 0.0))
    {
        return Ok(Complex64::new(0.0, 0.0));
    }
    if a.dtype() == DType::F64 {
        // Without imaginary parts, so that an overflow is an infinity and no NaN.
        let product = pivots
            .iter()
            .fold(start.re, |product, pivot| product * pivot.re);
        return Ok(Complex64::new(product, 0.0));
    }
    Ok(pivots.iter().fold(start, |product, pivot| product * pivot))
}

fn pivots(a: &Array) -> Result<(Vec<Complex64>, bool)> {
    match a.dtype() {
        DType::F64 => {
            let (pivots, flipped) = lu::pivots::<f64>(a)?;
            Ok((pivots.into_iter().map(Complex64::from).collect(), flipped))
        }
        DType::C128 => lu::pivots::<Complex64>(a),
        other => Err(unsupported("det", other)),
    }
}

/// The lower triangular L of `a = L L^H`, of which the lower triangle is read; `None` if `a` is not positive definite. Collective.
///
/// # Errors
/// As [`solve`].
pub fn cholesky(a: &Array) -> Result<Option<Array>> {
    check_square(a)?;
    typed!(a, cholesky::lower(a))
}

/// Q (if wanted) and R of `a = Q R`: reduced, or complete with a square Q. Collective.
///
/// Householder's reflections by panels, or a tree of blocks of rows for tall matrices; R's diagonal is real and has LAPACK's signs.
///
/// # Errors
/// [`Error::Unsupported`] for dtypes other than f64 and c128; `ValueError` for other than two axes.
pub fn qr(a: &Array, complete: bool, with_q: bool) -> Result<(Option<Array>, Array)> {
    if a.ndim() != 2 {
        return Err(Error::Value("a matrix has two axes".to_owned()));
    }
    if !complete && tall::is_tall(a.shape()[0], a.shape()[1]) {
        return typed!(a, tall::factorise(a, with_q));
    }
    typed!(a, qr::factorise(a, complete, with_q))
}

/// Eigenvalues of a Hermitian matrix in ascending order, whole on every rank, and its eigenvectors in columns if wanted; `None` if the matrix has numbers
/// that are not finite. Collective.
///
/// Tridiagonal form by panels of Householder's reflections, then divide and conquer; backward stable. Both triangles are read, and
/// have to mirror one another. The signs of the vectors are not specified.
///
/// # Errors
/// As [`solve`].
///
/// # Examples
/// ```
/// use gain_core::{Runtime, Settings, create};
///
/// let rt = Runtime::single(Settings::default());
/// let a = create::from_slice(&rt, &[2, 2], &[2.0, 1.0, 1.0, 2.0])?;
/// let (values, _) = gain_linalg::factor::eigh(&a, false)?.expect("it is finite");
/// let values = values.to_vec::<f64>()?;
/// assert!((values[0] - 1.0).abs() < 1e-15 && (values[1] - 3.0).abs() < 1e-15);
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn eigh(a: &Array, with_vectors: bool) -> Result<Option<(Array, Option<Array>)>> {
    check_square(a)?;
    typed!(a, eigen::hermitian(a, with_vectors))
}

/// The x of `a x = b` for stacks of small matrices: `a` of shape `(..., n, n)`, `b` of `(..., n, k)`, whose stacks broadcast; `None` if one `a` is
/// singular. Collective.
///
/// # Errors
/// `ValueError` for other shapes, [`Error::Unsupported`] for dtypes other than f64 and c128 and for more than [`LARGEST_OF_STACK`] rows.
pub fn solve_stack(a: &Array, b: &Array) -> Result<Option<Array>> {
    check_stack("solve", a)?;
    if b.ndim() < 2 || b.shape()[b.ndim() - 2] != a.shape()[a.ndim() - 1] || b.dtype() != a.dtype()
    {
        return Err(Error::Value(
            "right-hand sides have as many rows as the matrix, and its dtype".to_owned(),
        ));
    }
    typed!(a, stack::solve(a, b))
}

/// The inverses of a stack of small matrices; `None` if one is singular. Collective.
///
/// # Errors
/// As [`solve_stack`].
pub fn inv_stack(a: &Array) -> Result<Option<Array>> {
    check_stack("inv", a)?;
    typed!(a, stack::inv(a))
}

/// The determinants of a stack of small matrices. Collective.
///
/// # Errors
/// As [`solve_stack`].
pub fn det_stack(a: &Array) -> Result<Array> {
    check_stack("det", a)?;
    typed!(a, stack::det(a))
}

fn check_stack(operation: &'static str, a: &Array) -> Result<()> {
    match *a.shape() {
        [.., m, n] if m == n && (1..=LARGEST_OF_STACK).contains(&n) => Ok(()),
        _ => Err(Error::Unsupported {
            operation,
            what: format!("matrices of shape {:?}", a.shape()),
        }),
    }
}
