//! Cholesky's factorisation.
//!
//! Right-looking by panels (LAPACK's potrf; Golub and Van Loan, Matrix Computations, 4.2): the owner factorises the diagonal block and
//! solves for the panel below it, all update their later panels with it. Only the lower triangle is read.

use faer::Par;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::cholesky::llt::factor::{cholesky_in_place, cholesky_in_place_scratch};
use faer::linalg::triangular_solve::solve_lower_triangular_in_place;
use gain_core::{Array, Result};

use super::columns::{Columns, Number, Panel, WIDTH, add_product, broadcast};

/// The lower factor, in blocks of rows; `None` if the matrix is not positive definite. Collective.
pub(crate) fn lower<T: Number>(a: &Array) -> Result<Option<Array>> {
    let l = Columns::<T>::of(a)?;
    let n = l.columns;
    for k in 0..l.count() {
        let (first, end) = l.span(k);
        let mut panel = Panel {
            elements: Vec::new(),
            rows: n - first,
            columns: end - first,
        };
        let mut failed = vec![0];
        if l.is_own(k) {
            let mut own = l.own(k);
            failed[0] = u64::from(!factorise_panel(&mut own, first));
            panel = own.copy_of(first, n);
        }
        broadcast(&l.rt, l.owner(k), &mut panel.elements, &mut failed)?;
        if failed[0] != 0 {
            return Ok(None);
        }
        l.each(k + 1, &|number, target| {
            let first_here = number * WIDTH;
            let end_here = first_here + target.columns;
            add_product(
                target.below_mut(first_here),
                panel.below(first_here - first),
                panel.part(first_here - first, end_here - first).adjoint(),
                -1.0,
            );
        });
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
    // X L^H = B, as conj(L) X^T = B^T.
    solve_lower_triangular_in_place(top.as_ref().conjugate(), below.transpose_mut(), Par::Seq);
    true
}
