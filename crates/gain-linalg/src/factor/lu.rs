//! LU with partial pivoting: solving, inverting, determinants.
//!
//! Right-looking by panels (LAPACK's getrf; Golub and Van Loan, Matrix Computations, 3.4): the panel's owner factorises it and sends it
//! to all, each exchanges rows of its own later panels and updates them. Right-hand sides are further columns, so that the forward
//! substitution is part of the same steps and L is never needed again.

use faer::Par;
use faer::dyn_stack::{MemBuffer, MemStack};
use faer::linalg::lu::partial_pivoting::factor::{lu_in_place, lu_in_place_scratch};
use faer::linalg::triangular_solve::{
    solve_unit_lower_triangular_in_place, solve_upper_triangular_in_place,
};
use gain_core::{Array, Result};

use super::columns::{Columns, Number, Panel, add_product, broadcast};
use super::deal::WIDTH;
use super::steps::{Message, Method, replay, run};

/// What is left of a factorised matrix: U, and what the determinant needs.
struct Factored<T> {
    u: Columns<T>,
    diagonal: Vec<T>,
    exchanges: u64,
}

struct Elimination {
    n: usize,
}

impl<T: Number> Method<T> for Elimination {
    fn size(&self, k: usize) -> (usize, usize) {
        (self.n - k * WIDTH, NUMBERS)
    }

    fn factorise(&self, k: usize, panel: &mut Panel<T>) -> Message<T> {
        let first = k * WIDTH;
        let mut numbers = factorise_panel(panel, first);
        numbers.resize(NUMBERS, 0);
        Message {
            panel: panel.copy_of(first, self.n),
            numbers,
        }
    }

    fn update(&self, k: usize, message: &Message<T>, _: usize, target: &mut Panel<T>) {
        let (first, panel) = (k * WIDTH, &message.panel);
        exchange_rows(target, first, moves(&message.numbers));
        let w = panel.columns;
        let (mut top, rest) = target.below_mut(first).split_at_row_mut(w);
        solve_unit_lower_triangular_in_place(panel.part(0, w), top.as_mut(), Par::Seq);
        add_product(rest, panel.below(w), top.as_ref(), -1.0);
    }
}

/// Exchanges of a panel: their count, how many rows changed, and for each of these its place and where it was. A panel's exchanges touch two rows each at most.
const NUMBERS: usize = 2 + 4 * WIDTH;

fn moves(numbers: &[u64]) -> &[u64] {
    &numbers[2..2 + 2 * numbers[1] as usize]
}

/// Factorises, and carries the right-hand sides along. Stops at a zero pivot, which is then the last of the diagonal. Collective.
fn factorise<T: Number>(u: Columns<T>, right: Option<&Columns<T>>) -> Result<Factored<T>> {
    let n = u.deal.columns;
    let mut diagonal = Vec::with_capacity(n);
    let mut exchanges = 0;
    run(
        &u,
        u.deal.count(),
        right,
        &Elimination { n },
        &mut |_, message| {
            exchanges += message.numbers[0];
            let panel = &message.panel;
            for j in 0..panel.columns {
                let pivot = panel.elements[j * panel.rows + j];
                diagonal.push(pivot);
                if pivot == T::zero() {
                    return false;
                }
            }
            true
        },
    )?;
    Ok(Factored {
        u,
        diagonal,
        exchanges,
    })
}

/// Factorises the rows from `first` on; how many exchanges there were, and which row each changed row has now.
fn factorise_panel<T: Number>(panel: &mut Panel<T>, first: usize) -> Vec<u64> {
    let (rows, columns) = (panel.rows - first, panel.columns);
    let (mut forward, mut backward) = (vec![0usize; rows], vec![0usize; rows]);
    let mut memory = MemBuffer::new(lu_in_place_scratch::<usize, T>(
        rows,
        columns,
        Par::Seq,
        Default::default(),
    ));
    let (found, _) = lu_in_place(
        panel.below_mut(first),
        &mut forward,
        &mut backward,
        Par::Seq,
        MemStack::new(&mut memory),
        Default::default(),
    );
    let mut moved = vec![found.transposition_count as u64, 0];
    for (to, &from) in forward.iter().enumerate().filter(|(to, from)| to != *from) {
        moved.extend([to as u64, from as u64]);
        moved[1] += 1;
    }
    moved
}

fn exchange_rows<T: Number>(panel: &mut Panel<T>, first: usize, moved: &[u64]) {
    let mut kept = Vec::with_capacity(moved.len() / 2);
    let rows = panel.rows;
    for column in panel.elements.chunks_exact_mut(rows) {
        let column = &mut column[first..];
        kept.clear();
        kept.extend(moved.chunks_exact(2).map(|pair| column[pair[1] as usize]));
        for (pair, &value) in moved.chunks_exact(2).zip(&kept) {
            column[pair[0] as usize] = value;
        }
    }
}

/// `U x = b` for right-hand sides in panels. Collective.
fn back_substitute<T: Number>(u: &Columns<T>, right: &Columns<T>) -> Result<()> {
    if right.deal.count() == 1 {
        return back_substitute_few(u, right);
    }
    let order: Vec<usize> = (0..u.deal.count()).rev().collect();
    replay(
        &u.rt,
        &order,
        &|k| u.deal.travel(k, u.deal.span(k).1, 0),
        &|k| Message {
            panel: u.own(k).copy_of(0, u.deal.span(k).1),
            numbers: Vec::new(),
        },
        &mut |k, message: &Message<T>| {
            right.each(0, &|_, target| {
                substitute(&message.panel, k * WIDTH, target)
            });
        },
    )
}

/// One step: the rows of a panel of U are solved, those above are updated.
fn substitute<T: Number>(panel: &Panel<T>, first: usize, target: &mut Panel<T>) {
    let end = first + panel.columns;
    let (above, rest) = target.below_mut(0).split_at_row_mut(first);
    let mut here = rest.get_mut(..panel.columns, ..);
    solve_upper_triangular_in_place(panel.part(first, end), here.as_mut(), Par::Seq);
    add_product(above, panel.part(0, first), here.as_ref(), -1.0);
}

/// As [`back_substitute`] for one panel of right-hand sides: it travels, and U stays.
fn back_substitute_few<T: Number>(u: &Columns<T>, right: &Columns<T>) -> Result<()> {
    let mut travelling = Panel::zeros(0, right.deal.columns);
    if right.is_own(0) {
        travelling = right.own(0).copy_of(0, right.rows);
    }
    travelling.rows = right.rows;
    let mut holder = right.deal.owner(0);
    for k in (0..u.deal.count()).rev() {
        if u.deal.owner(k) != holder {
            broadcast(&u.rt, holder, &mut travelling.elements, &mut Vec::new())?;
            holder = u.deal.owner(k);
        }
        if u.is_own(k) {
            let (first, end) = u.deal.span(k);
            let panel = u.own(k).copy_of(0, end);
            substitute(&panel, first, &mut travelling);
        }
    }
    broadcast(&u.rt, holder, &mut travelling.elements, &mut Vec::new())?;
    if right.is_own(0) {
        right.own(0).elements = travelling.elements;
    }
    Ok(())
}

/// The x of `a x = b`, in blocks of rows; `None` if `a` is singular. `b` has two axes. Collective.
pub(crate) fn solve<T: Number>(a: &Array, b: &Array) -> Result<Option<Array>> {
    solve_columns::<T>(a, Columns::of(b)?)
}

/// The inverse; `None` if the matrix is singular. Collective.
pub(crate) fn inv<T: Number>(a: &Array) -> Result<Option<Array>> {
    let n = a.shape()[0];
    solve_columns::<T>(a, Columns::identity(a.runtime(), n, n))
}

fn solve_columns<T: Number>(a: &Array, right: Columns<T>) -> Result<Option<Array>> {
    let found = factorise(Columns::of(a)?, Some(&right))?;
    if found.diagonal.last().is_some_and(|&last| last == T::zero()) {
        return Ok(None);
    }
    back_substitute(&found.u, &right)?;
    drop(found);
    let rows = right.rows;
    Ok(Some(right.into_array(rows)?))
}

/// The diagonal of U, cut behind a zero pivot, and whether the determinant has the other sign than its product. Collective.
pub(crate) fn pivots<T: Number>(a: &Array) -> Result<(Vec<T>, bool)> {
    let found = factorise(Columns::<T>::of(a)?, None)?;
    Ok((found.diagonal, found.exchanges % 2 == 1))
}
