//! A Hermitian matrix made tridiagonal, by panels.
//!
//! LAPACK's hetrd and latrd (Dongarra, Hammarling, Sorensen, J. Comput. Appl. Math. 27, 1989): within a panel each reflection's product with the matrix is made from the matrix
//! as it was before the panel and from the panel's own corrections; behind the panel all columns are corrected by two products of matrices.
//!
//! # Rationale
//! Columns are dealt out by panels. A panel goes to all ranks before its columns are reduced, so that every rank knows each reflection without a message; the
//! product of the matrix and a vector is one dot product for each own column, and the ranks exchange these numbers: no sum crosses ranks.

use gain_core::{Error, Result, Runtime};

use crate::factor::columns::{Columns, Number, Panel, add_product, broadcast};
use crate::factor::deal::{Deal, WIDTH};
use crate::factor::qr::{apply, dot, gather, reflection};
use crate::factor::steps::{Message, replay};

/// A tridiagonal matrix, whole on every rank, and the reflections that made it.
pub(super) struct Reduced<T> {
    pub diagonal: Vec<f64>,
    pub beside: Vec<f64>,
    n: usize,
    /// The reflections of this rank's panels, in compact form: V and below it T.
    kept: Vec<(usize, Panel<T>)>,
}

/// The reflections of one panel and their corrections, from the row behind the panel's first column on.
struct Corrections<T> {
    v: Panel<T>,
    w: Panel<T>,
}

/// The tridiagonal matrix that `a` is similar to. Both triangles of `a` are read. Collective.
pub(super) fn reduce<T: Number>(a: Columns<T>, with_reflections: bool) -> Result<Reduced<T>> {
    let n = a.rows;
    let mut made = Reduced {
        diagonal: Vec::with_capacity(n),
        beside: Vec::with_capacity(n.saturating_sub(1)),
        n,
        kept: Vec::new(),
    };
    for number in 0..a.deal.count() {
        let (first, end) = a.deal.span(number);
        let mut panel = Panel::zeros(0, end - first);
        if a.is_own(number) {
            panel = a.own(number).copy_of(first, n);
        }
        broadcast(
            &a.rt,
            a.deal.owner(number),
            &mut panel.elements,
            &mut Vec::new(),
        )?;
        panel.rows = n - first;
        let (corrections, taus) = reduce_panel(&a, first, &mut panel, &mut made)?;
        a.each(number + 1, &|other, target| {
            let (v, w) = (&corrections.v, &corrections.w);
            let lo = other * WIDTH;
            let at = lo - first - 1;
            let across = |of: &Panel<T>| of.copy_of(at, at + target.columns);
            let (v_here, w_here) = (across(v), across(w));
            let skip = end - first - 1;
            let mut rest = target.below_mut(end);
            add_product(
                rest.as_mut(),
                v.below(skip),
                w_here.below(0).adjoint(),
                -1.0,
            );
            add_product(rest, w.below(skip), v_here.below(0).adjoint(), -1.0);
        });
        if with_reflections && a.is_own(number) && n > first + 1 {
            made.kept.push((number, compact(corrections.v, &taus)));
        }
    }
    Ok(made)
}

/// V with T below it.
fn compact<T: Number>(v: Panel<T>, taus: &[T]) -> Panel<T> {
    let (rows, w) = (v.rows, v.columns);
    let mut found = Panel::zeros(rows + w, w);
    for (j, &tau) in taus.iter().enumerate() {
        found.elements[j * (rows + w)..][..rows].copy_from_slice(&v.elements[j * rows..][..rows]);
        found.elements[j * (rows + w) + rows + j] = tau;
    }
    gather(&mut found, rows);
    found
}

/// Reduces the columns of a panel, which holds the rows from `first` on. Collective.
fn reduce_panel<T: Number>(
    a: &Columns<T>,
    first: usize,
    panel: &mut Panel<T>,
    made: &mut Reduced<T>,
) -> Result<(Corrections<T>, Vec<T>)> {
    let (n, width) = (a.rows, panel.columns);
    let rows = n - first - 1;
    let mut v = Panel::<T>::zeros(rows, width);
    let mut w = Panel::<T>::zeros(rows, width);
    let mut taus = vec![T::zero(); width];
    for j in 0..width {
        let c = first + j;
        let column = &mut panel.elements[j * panel.rows..][..panel.rows];
        // Earlier reflections of this panel; their rows begin one behind the panel's.
        for l in 0..j {
            let (vl, wl) = (
                &v.elements[l * rows..][..rows],
                &w.elements[l * rows..][..rows],
            );
            let (at_v, at_w) = (vl[j - 1].conj(), wl[j - 1].conj());
            for i in j..panel.rows {
                column[i] -= vl[i - 1] * at_w + wl[i - 1] * at_v;
            }
        }
        made.diagonal.push(column[j].re());
        if c + 1 == n {
            break;
        }
        let (tau, scale) = reflection(&mut column[j + 1..]);
        made.beside.push(column[j + 1].re());
        taus[j] = tau;
        let start = j * rows;
        v.elements[start + j] = T::one();
        let (places, below) = (
            &mut v.elements[start + j + 1..start + rows],
            &column[j + 2..],
        );
        for (place, &element) in places.iter_mut().zip(below) {
            *place = element * scale;
        }
        let x = times_vector(a, c + 1, &v.elements[start + j..start + rows])?;
        let (v_done, v_rest) = v.elements.split_at(start);
        let here = &v_rest[j..rows];
        let (w_done, w_rest) = w.elements.split_at_mut(start);
        let target = &mut w_rest[j..rows];
        target.copy_from_slice(&x);
        for l in 0..j {
            let (vl, wl) = (
                &v_done[l * rows + j..(l + 1) * rows],
                &w_done[l * rows + j..(l + 1) * rows],
            );
            let (by_w, by_v) = (dot(wl, here), dot(vl, here));
            for (i, to) in target.iter_mut().enumerate() {
                *to -= vl[i] * by_w + wl[i] * by_v;
            }
        }
        for to in target.iter_mut() {
            *to *= tau;
        }
        let half = T::real(0.5) * tau.conj() * dot(here, target);
        for (to, &value) in target.iter_mut().zip(here) {
            *to -= half * value;
        }
    }
    Ok((Corrections { v, w }, taus))
}

/// The matrix of the rows and columns from `first` on, as they are stored, times a vector. Collective.
fn times_vector<T: Number>(a: &Columns<T>, first: usize, x: &[T]) -> Result<Vec<T>> {
    let n = a.rows;
    let start = first / WIDTH;
    let n_ranks = a.rt.n_ranks();
    let sums = std::sync::Mutex::new(Vec::new());
    a.each(start, &|number, panel| {
        let from = first.saturating_sub(number * WIDTH);
        let found: Vec<T> = (from..panel.columns)
            .map(|j| dot(&panel.elements[j * n + first..(j + 1) * n], x))
            .collect();
        let mut sums = sums.lock().expect("no thread panicked");
        sums.push((number, found));
    });
    let mut sums = sums.into_inner().expect("no thread panicked");
    sums.sort_by_key(|&(number, _)| number);
    let mine: Vec<T> = sums.into_iter().flat_map(|(_, found)| found).collect();
    if n_ranks == 1 {
        return Ok(mine);
    }
    let all = a.rt.team().all_gather(bytemuck::cast_slice(&mine));
    let all = all.map_err(Error::from)?;
    let mut at = vec![0; n_ranks];
    let mut y = vec![T::zero(); n - first];
    for number in start..a.deal.count() {
        let (lo, hi) = a.deal.span(number);
        let lo = lo.max(first);
        let owner = a.deal.owner(number);
        let bytes = &all[owner][at[owner]..][..(hi - lo) * size_of::<T>()];
        bytemuck::cast_slice_mut(&mut y[lo - first..hi - first]).copy_from_slice(bytes);
        at[owner] += bytes.len();
    }
    Ok(y)
}

/// Applies the reflections, in descending order, to columns: eigenvectors of the tridiagonal matrix become those of the matrix. Collective.
pub(super) fn turn_back<T: Number>(reduced: &Reduced<T>, vectors: &Columns<T>) -> Result<()> {
    let rt: &Runtime = &vectors.rt;
    let n = reduced.n;
    let deal = Deal {
        columns: n,
        n_ranks: rt.n_ranks(),
    };
    let order: Vec<usize> = (0..(n - 1).div_ceil(WIDTH)).rev().collect();
    replay(
        rt,
        &order,
        &|k| deal.travel(k, n - k * WIDTH - 1 + deal.width(k), 0),
        &|k| {
            let kept = reduced.kept.iter().find(|(number, _)| *number == k);
            let (_, message) = kept.expect("an own panel's reflections were kept");
            Message {
                panel: message.copy_of(0, message.rows),
                numbers: Vec::new(),
            }
        },
        &mut |k, message: &Message<T>| {
            vectors.each(0, &|_, target| {
                apply(&message.panel, k * WIDTH + 1, false, target)
            });
        },
    )
}
