//! Cholesky's factorisation.
//!
//! Right-looking by panels (LAPACK's potrf; Golub and Van Loan, Matrix Computations, 4.2): the owner factorises the diagonal block and
//! solves for the panel below it, all update their later panels with it. Only the lower triangle is read.

use faer::Par;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use gain_core::{Array, Result};

use super::columns::{Columns, Number, Panel, add_product};
use super::deal::WIDTH;
use super::steps::{Message, Method, run};

struct Lower {
    n: usize,
}

impl<T: Number> Method<T> for Lower {
    fn size(&self, k: usize) -> (usize, usize) {
        (self.n - k * WIDTH, 1)
    }

    /// Its number tells whether a pivot was not positive.
    fn factorise(&self, k: usize, panel: &mut Panel<T>) -> Message<T> {
        let failed = !factorise_panel(panel, k * WIDTH);
        Message {
            panel: panel.copy_of(k * WIDTH, self.n),
            numbers: vec![u64::from(failed)],
        }
    }

    fn update(&self, k: usize, message: &Message<T>, j: usize, target: &mut Panel<T>) {
        let (lo, hi) = (j * WIDTH, j * WIDTH + target.columns);
        let first = k * WIDTH;
        let across = message.panel.part(lo - first, hi - first).adjoint();
        add_product(
            target.below_mut(lo),
            message.panel.below(lo - first),
            across,
            -1.0,
        );
    }
}

/// The lower factor, in blocks of rows; `None` if the matrix is not positive definite. Collective.
pub(crate) fn lower<T: Number>(a: &Array) -> Result<Option<Array>> {
    let l = Columns::<T>::of(a)?;
    let n = l.deal.columns;
    let mut is_positive = true;
    run(&l, l.deal.count(), None, &Lower { n }, &mut |_, message| {
        is_positive = message.numbers[0] == 0;
        is_positive
    })?;
    if !is_positive {
        return Ok(None);
    }
    l.each(0, &|number, panel| {
        let (first, rows) = (number * WIDTH, panel.rows);
        for (j, column) in panel.elements.chunks_exact_mut(rows).enumerate() {
            column[..first + j].fill(T::zero());
        }
    });
    Ok(Some(l.into_array(n)?))
}

/// The diagonal block and what is below it; whether all pivots are positive.
fn factorise_panel<T: Number>(panel: &mut Panel<T>, first: usize) -> bool {
    let w = panel.columns;
    let (mut top, below) = panel.below_mut(first).split_at_row_mut(w);
    let mut memory = MemBuffer::new(cholesky_in_place_scratch::<T>(
        w,
        Par::Seq,
        Default::default(),
    ));
    // The diagonal is real: what the matrix has beside that is not read, and what rounding leaves is no part of the factor.
    for j in 0..w {
        top[(j, j)] = T::real(top[(j, j)].re());
    }
    let found = cholesky_in_place(
        top.as_mut(),
        Default::default(),
        Par::Seq,
        MemStack::new(&mut memory),
        Default::default(),
    );
    if found.is_err() {
        return false;
    }
    for j in 0..w {
        top[(j, j)] = T::real(top[(j, j)].re());
    }
    // X L^H = B, as conj(L) X^T = B^T.
    solve_lower_triangular_in_place(top.as_ref().conjugate(), below.transpose_mut(), Par::Seq);
    true
}
