//! Divide and conquer for the eigenvectors of a tridiagonal matrix, by rows.
//!
//! Cuppen, Numer. Math. 36, 1981; deflation by Dongarra and Sorensen, SIAM J. Sci. Stat. Comput. 8, 1987; vectors by Gu and Eisenstat, 1995 (LAPACK's
//! stedc): the matrix is torn into two, and the eigenvectors of the halves are multiplied by those of a diagonal matrix and one of rank one.
//!
//! # Rationale
//! Every rank has its own rows of the eigenvectors and knows all eigenvalues. A merge multiplies columns from the right, which needs nothing of other
//! rows: what travels is one row of each half, and the roots, which the ranks find by shares. The factor of a merge is made panel by panel where it is
//! used, so that nobody holds it.
//!
//! # Limitations
//! A rank holds its rows twice while the last merge runs.

use std::sync::Mutex;

use faer::{MatMut, MatRef};
use gain_core::{Distribution, Error, Result, Runtime};

use super::implicit;
use super::secular::{Root, element, root};
use crate::factor::columns::add_product;

/// Matrices up to this size are solved by rotations.
const LEAF: usize = 32;

/// Parts up to this size are solved by every rank, without messages.
const WHOLE: usize = 128;

/// Columns of a merge's factor that are made at once.
const PANEL: usize = 128;

/// This rank's rows of the eigenvectors, by columns.
pub(super) struct Rows {
    pub lo: usize,
    pub hi: usize,
    pub elements: Vec<f64>,
}

/// The columns of one part: of each, the rows of the upper half and those of the lower half that are here follow one another.
struct Part<'a> {
    columns: &'a mut [f64],
    /// Elements from a column to the next.
    stride: usize,
    /// Where the part's rows begin in a column, where those of the lower half do, and where they end.
    top: usize,
    middle: usize,
    bottom: usize,
}

/// Those who solve a part together.
#[derive(Clone, Copy)]
struct Solvers<'a> {
    rt: &'a Runtime,
    /// Whether every rank has all rows of the part and works alone.
    alone: bool,
}

/// The eigenvalues, ascending, in the place of the diagonal, and this rank's rows of the eigenvectors. Collective.
pub(super) fn solve(rt: &Runtime, diagonal: &mut [f64], beside: &[f64]) -> Result<Rows> {
    let n = diagonal.len();
    let by_rows = Distribution::regular(&[n, n], &[rt.n_ranks()], rt.n_ranks())?;
    let own = by_rows.box_of(rt.rank());
    let (lo, hi) = if own.is_empty() {
        (0, 0)
    } else {
        (own.lo[0], own.hi[0])
    };
    let mut rows = Rows {
        lo,
        hi,
        elements: vec![0.0; (hi - lo) * n],
    };
    let owner = |row: usize| {
        (0..rt.n_ranks())
            .find(|&rank| {
                let has = by_rows.box_of(rank);
                !has.is_empty() && has.lo[0] <= row && row < has.hi[0]
            })
            .expect("every row has an owner")
    };
    spread(rt, diagonal, beside, 0, &mut rows, &owner)?;
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| diagonal[i].total_cmp(&diagonal[j]));
    let sorted: Vec<f64> = order.iter().map(|&i| diagonal[i]).collect();
    diagonal.copy_from_slice(&sorted);
    let height = hi - lo;
    rows.elements = order
        .iter()
        .flat_map(|&j| rows.elements[j * height..(j + 1) * height].iter().copied())
        .collect();
    Ok(rows)
}

/// A part whose rows are spread over the ranks; its columns and rows begin at `first`.
fn spread(
    rt: &Runtime,
    d: &mut [f64],
    e: &[f64],
    first: usize,
    rows: &mut Rows,
    owner: &dyn Fn(usize) -> usize,
) -> Result<()> {
    let (n, height) = (d.len(), rows.hi - rows.lo);
    if n <= WHOLE {
        let mut vectors = vec![0.0; n * n];
        whole(rt, d, e, &mut vectors, n)?;
        let (lo, hi) = (rows.lo.max(first), rows.hi.min(first + n));
        for j in 0..n {
            for row in lo..hi {
                rows.elements[(first + j) * height + row - rows.lo] = vectors[j * n + row - first];
            }
        }
        return Ok(());
    }
    let cut = n / 2;
    tear(d, e[cut - 1], cut);
    spread(rt, &mut d[..cut], &e[..cut - 1], first, rows, owner)?;
    spread(rt, &mut d[cut..], &e[cut..], first + cut, rows, owner)?;
    // The last row of the upper half, the first of the lower one.
    let mut z = Vec::with_capacity(n);
    for (row, columns) in [(first + cut - 1, 0..cut), (first + cut, cut..n)] {
        let mut mine: Vec<u8> = Vec::new();
        if (rows.lo..rows.hi).contains(&row) {
            let values: Vec<f64> = columns
                .map(|j| rows.elements[(first + j) * height + row - rows.lo])
                .collect();
            mine = bytemuck::cast_slice(&values).to_vec();
        }
        rt.team()
            .broadcast(owner(row), &mut mine)
            .map_err(Error::from)?;
        z.extend(
            mine.chunks_exact(8)
                .map(bytemuck::pod_read_unaligned::<f64>),
        );
    }
    let place = |row: usize| row.clamp(rows.lo, rows.hi) - rows.lo;
    let (top, middle, bottom) = (place(first), place(first + cut), place(first + n));
    let part = Part {
        columns: &mut rows.elements[first * height..(first + n) * height],
        stride: height,
        top,
        middle,
        bottom,
    };
    let solvers = Solvers { rt, alone: false };
    merge(solvers, d, e[cut - 1], cut, z, part)
}

/// A part of which this rank has all rows: `columns` are those of a matrix of `stride` rows that begin at the part's first row.
fn whole(rt: &Runtime, d: &mut [f64], e: &[f64], columns: &mut [f64], stride: usize) -> Result<()> {
    let n = d.len();
    if n <= LEAF {
        let mut vectors = vec![0.0; n * n];
        (0..n).for_each(|i| vectors[i * n + i] = 1.0);
        let converged = implicit::solve(d, &mut e.to_vec(), Some(&mut vectors));
        debug_assert!(converged, "finite numbers converge");
        for (to, from) in columns.chunks_mut(stride).zip(vectors.chunks_exact(n)) {
            to[..n].copy_from_slice(from);
        }
        return Ok(());
    }
    let cut = n / 2;
    tear(d, e[cut - 1], cut);
    whole(rt, &mut d[..cut], &e[..cut - 1], columns, stride)?;
    let lower = &mut columns[cut * stride + cut..];
    whole(rt, &mut d[cut..], &e[cut..], lower, stride)?;
    let z = (0..n)
        .map(|j| columns[j * stride + if j < cut { cut - 1 } else { cut }])
        .collect();
    let part = Part {
        columns,
        stride,
        top: 0,
        middle: cut,
        bottom: n,
    };
    merge(Solvers { rt, alone: true }, d, e[cut - 1], cut, z, part)
}

/// Takes the matrix of rank one out that ties two halves.
fn tear(d: &mut [f64], tie: f64, cut: usize) {
    d[cut - 1] -= tie.abs();
    d[cut] -= tie.abs();
}

/// The eigenvectors of two halves become those of the whole: `d + 2 |tie| z z^T`. Columns stay unsorted.
fn merge(
    solvers: Solvers<'_>,
    d: &mut [f64],
    tie: f64,
    cut: usize,
    mut z: Vec<f64>,
    mut part: Part<'_>,
) -> Result<()> {
    for (j, value) in z.iter_mut().enumerate() {
        let sign = if j >= cut && tie < 0.0 { -1.0 } else { 1.0 };
        *value *= sign * std::f64::consts::FRAC_1_SQRT_2;
    }
    let rho = 2.0 * tie.abs();
    // Whether a column has elements in the upper and in the lower half.
    let mut halves: Vec<[bool; 2]> = (0..d.len()).map(|j| [j < cut, j >= cut]).collect();
    let kept = deflate(d, rho, &mut z, &mut halves, &mut part);
    if kept.is_empty() {
        return Ok(());
    }
    let poles: Vec<f64> = kept.iter().map(|&j| d[j]).collect();
    let squares: Vec<f64> = kept.iter().map(|&j| z[j] * z[j]).collect();
    let count = kept.len();
    let roots: Vec<Root> = shared(solvers, count, &|i| {
        let found = root(&poles, &squares, rho, i);
        [found.origin as f64, found.offset]
    })?
    .into_iter()
    .map(|[origin, offset]| Root {
        origin: origin as usize,
        offset,
    })
    .collect();
    let exact: Vec<f64> = shared(solvers, count, &|j| {
        [element(&poles, &roots, j).copysign(z[kept[j]]), 0.0]
    })?
    .into_iter()
    .map(|[value, _]| value)
    .collect();
    multiply(
        solvers.rt, &kept, &halves, &poles, &roots, &exact, &mut part,
    );
    for (&j, root) in kept.iter().zip(&roots) {
        d[j] = root.value(&poles);
    }
    Ok(())
}

/// Which columns take part in the merge, by ascending eigenvalue: not those whose element of z is negligible, and of two eigenvalues that are nearly equal
/// one, after a rotation.
fn deflate(
    d: &mut [f64],
    rho: f64,
    z: &mut [f64],
    halves: &mut [[bool; 2]],
    part: &mut Part<'_>,
) -> Vec<usize> {
    let mut order: Vec<usize> = (0..d.len()).collect();
    order.sort_by(|&i, &j| d[i].total_cmp(&d[j]));
    let largest = |of: &[f64]| of.iter().fold(0.0f64, |largest, x| largest.max(x.abs()));
    let tolerance = 8.0 * f64::EPSILON * largest(d).max(largest(z));
    let mut kept = Vec::new();
    let mut waiting: Option<usize> = None;
    for j in order {
        if rho * z[j].abs() <= tolerance {
            continue;
        }
        let Some(p) = waiting.replace(j) else {
            continue;
        };
        let length = z[p].hypot(z[j]);
        let (cosine, sine) = (z[j] / length, -z[p] / length);
        if ((d[j] - d[p]) * cosine * sine).abs() > tolerance {
            kept.push(p);
            continue;
        }
        (z[p], z[j]) = (0.0, length);
        let (a, b) = (d[p], d[j]);
        d[p] = a * cosine * cosine + b * sine * sine;
        d[j] = a * sine * sine + b * cosine * cosine;
        part.rotate(p, j, cosine, sine);
        let either = [0, 1].map(|half| halves[p][half] || halves[j][half]);
        (halves[p], halves[j]) = (either, either);
    }
    kept.extend(waiting);
    kept
}

impl Part<'_> {
    /// `p` becomes `c p + s j`, and `j` becomes `c j - s p`.
    fn rotate(&mut self, p: usize, j: usize, cosine: f64, sine: f64) {
        for row in self.top..self.bottom {
            let (x, y) = (
                self.columns[p * self.stride + row],
                self.columns[j * self.stride + row],
            );
            self.columns[p * self.stride + row] = cosine * x + sine * y;
            self.columns[j * self.stride + row] = cosine * y - sine * x;
        }
    }
}

/// Pairs of numbers by index: each rank makes its share, unless all work alone.
fn shared(
    solvers: Solvers<'_>,
    count: usize,
    of: &(dyn Fn(usize) -> [f64; 2] + Sync),
) -> Result<Vec<[f64; 2]>> {
    let rt = solvers.rt;
    let (rank, n_ranks) = if solvers.alone {
        (0, 1)
    } else {
        (rt.rank(), rt.n_ranks())
    };
    let (lo, hi) = (count * rank / n_ranks, count * (rank + 1) / n_ranks);
    let mut mine = vec![[0.0; 2]; hi - lo];
    let chunk = (mine.len() / (4 * rt.pool().n_threads())).max(16);
    let parts: Vec<_> = mine.chunks_mut(chunk).map(Mutex::new).collect();
    rt.pool().for_each(parts.len(), &|number| {
        let mut part = parts[number].lock().expect("nothing panicked");
        for (i, to) in part.iter_mut().enumerate() {
            *to = of(lo + number * chunk + i);
        }
    });
    drop(parts);
    if n_ranks == 1 {
        return Ok(mine);
    }
    let all = rt.team().all_gather(bytemuck::cast_slice(&mine));
    let all = all.map_err(Error::from)?;
    Ok(all
        .iter()
        .flat_map(|bytes| bytes.chunks_exact(16))
        .map(bytemuck::pod_read_unaligned::<[f64; 2]>)
        .collect())
}

/// The kept columns times the eigenvectors of the merge: `z_j / (d_j - root)`, of length 1.
fn multiply(
    rt: &Runtime,
    kept: &[usize],
    halves: &[[bool; 2]],
    poles: &[f64],
    roots: &[Root],
    exact: &[f64],
    part: &mut Part<'_>,
) {
    let spans = [(part.top, part.middle), (part.middle, part.bottom)];
    // Of each half the kept columns that have elements there, packed.
    let chosen: [Vec<usize>; 2] =
        std::array::from_fn(|half| (0..kept.len()).filter(|&k| halves[kept[k]][half]).collect());
    let packed: [Vec<f64>; 2] = std::array::from_fn(|half| {
        let (lo, hi) = spans[half];
        let column = |k: &usize| {
            let at = kept[*k] * part.stride;
            part.columns[at + lo..at + hi].iter().copied()
        };
        chosen[half].iter().flat_map(column).collect()
    });
    let height = part.bottom - part.top;
    let mut made = vec![0.0; height.max(1) * kept.len()];
    let panels: Vec<_> = made
        .chunks_mut(height.max(1) * PANEL)
        .map(Mutex::new)
        .collect();
    rt.pool().for_each(panels.len(), &|number| {
        let mut target = panels[number].lock().expect("nothing panicked");
        let width = target.len() / height.max(1);
        let mut factors: [Vec<f64>; 2] = [Vec::new(), Vec::new()];
        let mut vector = vec![0.0; kept.len()];
        for root in &roots[number * PANEL..][..width] {
            let mut squares = 0.0;
            for (j, to) in vector.iter_mut().enumerate() {
                *to = exact[j] / root.below(poles, j);
                squares += *to * *to;
            }
            let scale = 1.0 / squares.sqrt();
            for (factor, chosen) in factors.iter_mut().zip(&chosen) {
                factor.extend(chosen.iter().map(|&j| vector[j] * scale));
            }
        }
        for half in 0..2 {
            let (rows, depth) = (spans[half].1 - spans[half].0, chosen[half].len());
            if rows == 0 || depth == 0 {
                continue;
            }
            let left = MatRef::from_column_major_slice(&packed[half], rows, depth);
            let right = MatRef::from_column_major_slice(&factors[half], depth, width);
            let whole = MatMut::from_column_major_slice_mut(&mut target, height, width);
            let from = spans[half].0 - part.top;
            add_product::<f64, _, _>(whole.get_mut(from..from + rows, ..), left, right, 1.0);
        }
    });
    drop(panels);
    for (k, &j) in kept.iter().enumerate() {
        let at = j * part.stride;
        part.columns[at + part.top..at + part.bottom]
            .copy_from_slice(&made[k * height..(k + 1) * height]);
    }
}
