//! QR by Householder reflections, in panels.
//!
//! The owner reduces a panel column by column and gathers its reflections in the compact form `I - V T V^H` (Schreiber and Van Loan,
//! SIAM J. Sci. Stat. Comput. 10, 1989; LAPACK's geqrf and larft, with its signs: the diagonal of R is real); all apply it to their later panels.
//! Q is made by applying the reflections in descending order to the identity; their panels travel a second time for that.

use std::sync::Mutex;

use gain_core::{Array, Result};

use super::columns::{Columns, Number, Panel, add_product};
use super::deal::{Deal, WIDTH};
use super::steps::{Message, Method, replay, run};

/// Messages by the panel's number.
type Kept<T> = Mutex<Vec<(usize, Panel<T>)>>;

struct Householder<'a, T> {
    rows: usize,
    deal: Deal,
    /// The messages of this rank's panels, if Q is wanted.
    kept: Option<&'a Kept<T>>,
}

impl<T: Number> Householder<'_, T> {
    /// Rows of V, and then as many of T as a panel has columns.
    fn message_rows(&self, k: usize) -> usize {
        self.rows - k * WIDTH + self.deal.width(k)
    }
}

impl<T: Number> Method<T> for Householder<'_, T> {
    fn size(&self, k: usize) -> (usize, usize) {
        (self.message_rows(k), 0)
    }

    fn factorise(&self, k: usize, panel: &mut Panel<T>) -> Message<T> {
        let message = reduce(panel, k * WIDTH);
        if let Some(kept) = self.kept {
            let copy = message.copy_of(0, message.rows);
            kept.lock().expect("nothing panicked").push((k, copy));
        }
        Message {
            panel: message,
            numbers: Vec::new(),
        }
    }

    fn update(&self, k: usize, message: &Message<T>, _: usize, target: &mut Panel<T>) {
        apply(&message.panel, k * WIDTH, true, target);
    }
}

/// Applies `I - V T V^H`, or its adjoint, to the rows from `first` on.
pub(crate) fn apply<T: Number>(
    message: &Panel<T>,
    first: usize,
    adjoint: bool,
    target: &mut Panel<T>,
) {
    let rows = target.rows - first;
    let w = message.columns;
    let (v, t) = (message.part(0, rows), message.part(rows, rows + w));
    let mut projected = Panel::<T>::zeros(w, target.columns);
    add_product(
        projected.below_mut(0),
        v.adjoint(),
        target.below(first),
        1.0,
    );
    let mut turned = Panel::<T>::zeros(w, target.columns);
    if adjoint {
        add_product(turned.below_mut(0), t.adjoint(), projected.below(0), 1.0);
    } else {
        add_product(turned.below_mut(0), t, projected.below(0), 1.0);
    }
    add_product(target.below_mut(first), v, turned.below(0), -1.0);
}

/// Columns that are reduced one by one before the rest of the panel sees them.
const INNER: usize = 8;

/// Reduces the rows from `first` on to upper triangular form; V with its ones and zeros, and T below it.
pub(crate) fn reduce<T: Number>(panel: &mut Panel<T>, first: usize) -> Panel<T> {
    let rows = panel.rows - first;
    let (w, stride) = (panel.columns, panel.rows);
    let mut found = Panel::zeros(rows + w, w);
    for start in (0..w).step_by(INNER) {
        let end = (start + INNER).min(w);
        let mut inner = Panel::zeros(0, 0);
        if start < rows {
            inner = reduce_few(panel, first + start, start, end);
        }
        // The reflections of these columns on those to their right.
        if start < rows && end < w {
            let mut rest = Panel {
                elements: panel.elements.split_off(end * stride),
                rows: stride,
                columns: w - end,
            };
            apply(&inner, first + start, true, &mut rest);
            panel.elements.append(&mut rest.elements);
        }
        for j in 0..inner.columns {
            let from = &inner.elements[j * inner.rows..][..rows - start];
            found.elements[(start + j) * (rows + w) + start..][..rows - start]
                .copy_from_slice(from);
        }
        for j in start..end {
            let tau = if j - start < inner.columns && j < rows {
                inner.elements[(j - start) * inner.rows + (rows - start) + (j - start)]
            } else {
                T::zero()
            };
            found.elements[j * (rows + w) + rows + j] = tau;
        }
    }
    gather(&mut found, rows);
    found
}

/// Fills T above its diagonal: `T[:j, j] = -tau T[:j, :j] (V[:, :j]^H v_j)`.
pub(crate) fn gather<T: Number>(found: &mut Panel<T>, rows: usize) {
    let w = found.columns;
    let mut products = Panel::<T>::zeros(w, w);
    add_product(
        products.below_mut(0),
        found.part(0, rows).adjoint(),
        found.part(0, rows),
        1.0,
    );
    let stride = rows + w;
    for j in 1..w {
        let tau = found.elements[j * stride + rows + j];
        for i in 0..j {
            let mut sum = T::zero();
            for l in i..j {
                let t = found.elements[l * stride + rows + i];
                sum += t * products.elements[j * w + l];
            }
            found.elements[j * stride + rows + i] = -(tau * sum);
        }
    }
}

/// Columns `start..end` reduced one by one; their V from row `first` on, and T below.
fn reduce_few<T: Number>(panel: &mut Panel<T>, first: usize, start: usize, end: usize) -> Panel<T> {
    let (stride, rows, w) = (panel.rows, panel.rows - first, end - start);
    let mut found = Panel::zeros(rows + w, w);
    for j in 0..w {
        let (done, rest) = panel.elements.split_at_mut((start + j + 1) * stride);
        let column = &mut done[(start + j) * stride + first..];
        if j >= rows {
            continue;
        }
        let (tau, scale) = reflection(&mut column[j..]);
        let v = &mut found.elements[j * (rows + w)..][..rows];
        v[j] = T::one();
        for (place, element) in v[j + 1..].iter_mut().zip(&mut column[j + 1..]) {
            *place = *element * scale;
            *element = T::zero();
        }
        found.elements[j * (rows + w) + rows + j] = tau;
        let v = &found.elements[j * (rows + w)..][j..rows];
        for other in rest.chunks_exact_mut(stride).take(w - j - 1) {
            let other = &mut other[first + j..];
            let product = dot(v, other) * tau.conj();
            for (element, &value) in other.iter_mut().zip(v) {
                *element -= product * value;
            }
        }
    }
    gather(&mut found, rows);
    found
}

/// `x^H y`, in eight sums.
pub(crate) fn dot<T: Number>(x: &[T], y: &[T]) -> T {
    let mut sums = [T::zero(); 8];
    let (x8, y8) = (x.chunks_exact(8), y.chunks_exact(8));
    let mut rest = T::zero();
    for (&a, &b) in x8.remainder().iter().zip(y8.remainder()) {
        rest += a.conj() * b;
    }
    for (a, b) in x8.zip(y8) {
        for lane in 0..8 {
            sums[lane] += a[lane].conj() * b[lane];
        }
    }
    sums.into_iter().fold(rest, |sum, lane| sum + lane)
}

/// LAPACK's larfg: tau, and what the elements behind the first are multiplied with to be v's. The first becomes R's diagonal.
pub(crate) fn reflection<T: Number>(column: &mut [T]) -> (T, T) {
    let (head, tail) = column.split_first_mut().expect("a column has a first row");
    let size = norm(tail);
    if size == 0.0 && head.im() == 0.0 {
        return (T::zero(), T::zero());
    }
    let length = head.abs().hypot(size);
    let beta = if head.re() < 0.0 { length } else { -length };
    let tau = (T::real(beta) - *head) / T::real(beta);
    let scale = T::one() / (*head - T::real(beta));
    *head = T::real(beta);
    (tau, scale)
}

/// The length of a vector, scaled where squares would overflow or vanish.
fn norm<T: Number>(vector: &[T]) -> f64 {
    let plain = dot(vector, vector).re();
    if plain.is_nan() || (1e-280..1e280).contains(&plain) {
        return plain.sqrt();
    }
    let largest = vector
        .iter()
        .fold(0.0, |largest: f64, x| largest.max(x.abs()));
    if largest == 0.0 || largest.is_infinite() {
        return largest;
    }
    let sum: f64 = vector.iter().map(|x| (x.abs() / largest).powi(2)).sum();
    largest * sum.sqrt()
}

/// R with `rows_of_r` rows, and Q with as many columns if wanted, in blocks of rows. Collective.
pub(crate) fn factorise<T: Number>(
    a: &Array,
    complete: bool,
    with_q: bool,
) -> Result<(Option<Array>, Array)> {
    let r = Columns::<T>::of(a)?;
    let (m, n) = (r.rows, r.deal.columns);
    let least = m.min(n);
    let count = least.div_ceil(WIDTH);
    let kept = Mutex::new(Vec::new());
    let method = Householder {
        rows: m,
        deal: r.deal,
        kept: with_q.then_some(&kept),
    };
    run(&r, count, None, &method, &mut |_, _| true)?;
    let mut q = None;
    if with_q {
        let made = Columns::<T>::identity(&r.rt, m, if complete { m } else { least });
        let kept = std::mem::take(&mut *kept.lock().expect("nothing panicked"));
        let order: Vec<usize> = (0..count).rev().collect();
        replay(
            &r.rt,
            &order,
            &|k| r.deal.travel(k, method.message_rows(k), 0),
            &|k| {
                let (_, message) = kept
                    .iter()
                    .find(|(number, _)| *number == k)
                    .expect("it is own");
                Message {
                    panel: message.copy_of(0, message.rows),
                    numbers: Vec::new(),
                }
            },
            // Columns before the panel's have zeros in its rows.
            &mut |k, message: &Message<T>| {
                made.each(k, &|_, target| {
                    apply(&message.panel, k * WIDTH, false, target)
                });
            },
        )?;
        q = Some(made.into_array(m)?);
    }
    r.each(0, &|number, panel| {
        let rows = panel.rows;
        for (j, column) in panel.elements.chunks_exact_mut(rows).enumerate() {
            column[(number * WIDTH + j + 1).min(rows)..].fill(T::zero());
        }
    });
    let r = r.into_array(if complete { m } else { least })?;
    Ok((q, r))
}
