//! Eigenvalues and eigenvectors of one large Hermitian matrix.
//!
//! Three steps: [`tridiagonal`] reduces the matrix by panels of reflections, [`conquer`] takes the tridiagonal matrix apart and merges the
//! eigenvectors of its parts, [`tridiagonal::turn_back`] applies the reflections to them.
//!
//! # Rationale
//! What was weighed: Jacobi's rotations need five to ten sweeps of 4 n^3 operations each and move the whole matrix in each sweep; the polar
//! decomposition (QDWH) needs only products and QR, but some 50 n^3 operations. Reducing to tridiagonal form takes 8/3 n^3 here, dividing and conquering
//! at most 4/3 n^3 and the way back 2 n^3, all of it shared by the ranks; only the reduction's products of a matrix and a vector are bound by memory
//! instead of arithmetic, and what travels for each column is one vector.
//!
//! # Limitations
//! The matrix is read whole in the reduction, not one triangle, so that no sums cross ranks: on one rank LAPACK does half of that work.

mod conquer;
mod implicit;
mod secular;
mod tridiagonal;

use gain_core::{Array, Buffer, DType, Distribution, Result};

use super::columns::{Columns, Number};

/// Eigenvalues in ascending order, on every rank, and eigenvectors in columns if wanted; `None` for a matrix with numbers that are not finite.
pub(super) fn hermitian<T: Number>(
    a: &Array,
    with_vectors: bool,
) -> Result<Option<(Array, Option<Array>)>> {
    let rt = a.runtime();
    let n = a.shape()[0];
    let reduced = tridiagonal::reduce(Columns::<T>::of(a)?, with_vectors)?;
    let (mut diagonal, mut beside) = (reduced.diagonal.clone(), reduced.beside.clone());
    let largest = diagonal
        .iter()
        .chain(&beside)
        .fold(0.0f64, |largest, x| largest.max(x.abs()));
    if !diagonal.iter().chain(&beside).all(|x| x.is_finite()) {
        return Ok(None);
    }
    // Scaled, so that squares neither overflow nor vanish.
    let scale = if largest == 0.0 { 1.0 } else { largest };
    diagonal
        .iter_mut()
        .chain(&mut beside)
        .for_each(|x| *x /= scale);
    let mut vectors = None;
    if with_vectors {
        let rows = conquer::solve(rt, &mut diagonal, &beside)?;
        vectors = Some(turned::<T>(rt, n, rows, &reduced)?);
    } else if !implicit::solve(&mut diagonal, &mut beside, None) {
        return Ok(None);
    }
    diagonal.iter_mut().for_each(|x| *x *= scale);
    let bytes = bytemuck::cast_slice(&diagonal);
    let values = Array::replicated_from(rt, DType::F64, &[n], |to| to.copy_from_slice(bytes))?;
    Ok(Some((values, vectors)))
}

/// The eigenvectors of the tridiagonal matrix, given by rows, made those of the matrix.
fn turned<T: Number>(
    rt: &gain_core::Runtime,
    n: usize,
    rows: conquer::Rows,
    reduced: &tridiagonal::Reduced<T>,
) -> Result<Array> {
    let by_rows = Distribution::regular(&[n, n], &[rt.n_ranks()], rt.n_ranks())?;
    let count = rows.hi - rows.lo;
    let mut block = Buffer::new(count * n * size_of::<T>())?;
    let places: &mut [T] = bytemuck::cast_slice_mut(block.as_mut_slice());
    for (j, column) in rows.elements.chunks_exact(count.max(1)).enumerate() {
        for (i, &value) in column.iter().enumerate() {
            places[i * n + j] = T::real(value);
        }
    }
    drop(rows);
    let vectors = Columns::<T>::of(&Array::from_local(rt, T::DTYPE, by_rows, block)?)?;
    tridiagonal::turn_back(reduced, &vectors)?;
    vectors.into_array(n)
}
