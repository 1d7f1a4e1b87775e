//! The QL algorithm with implicit shifts for small tridiagonal matrices, and for eigenvalues alone.
//!
//! Golub and Van Loan, Matrix Computations, 8.3; shifts by Wilkinson. Backward stable; about 1.5 n^2 rotations, O(n^2) operations without vectors.

/// Steps for one eigenvalue, of which two or three are the rule.
const MOST_STEPS: usize = 80;

/// The eigenvalues in the place of the diagonal, ascending; `vectors` holds an n x n matrix by columns that the rotations are
/// applied to. False if it does not converge, which no matrix of finite numbers is known to do.
pub(super) fn solve(diagonal: &mut [f64], beside: &mut [f64], vectors: Option<&mut [f64]>) -> bool {
    let n = diagonal.len();
    let mut none = [];
    let vectors = vectors.unwrap_or(&mut none);
    for first in 0..n {
        let mut steps = 0;
        loop {
            let last = (first..n - 1).find(|&i| {
                beside[i].abs() <= f64::EPSILON * (diagonal[i].abs() + diagonal[i + 1].abs())
            });
            let last = last.unwrap_or(n - 1);
            if last == first {
                break;
            }
            steps += 1;
            if steps > MOST_STEPS {
                return false;
            }
            step(diagonal, beside, vectors, first, last);
        }
    }
    sort(diagonal, vectors);
    true
}

/// One step of QL on rows `first..=last`.
fn step(d: &mut [f64], e: &mut [f64], vectors: &mut [f64], first: usize, last: usize) {
    let n = d.len();
    let half = (d[first + 1] - d[first]) / (2.0 * e[first]);
    let shift = d[first] - e[first] / (half + half.hypot(1.0).copysign(half));
    let (mut sine, mut cosine, mut moved) = (1.0, 1.0, 0.0);
    let mut bulge = d[last] - shift;
    for i in (first..last).rev() {
        let (off, kept) = (sine * e[i], cosine * e[i]);
        let length = off.hypot(bulge);
        if i + 1 < last {
            e[i + 1] = length;
        }
        if length == 0.0 {
            // The matrix falls apart here: the rest waits for the next step.
            d[i + 1] -= moved;
            return;
        }
        (sine, cosine) = (off / length, bulge / length);
        let pivot = d[i + 1] - moved;
        let mixed = (d[i] - pivot) * sine + 2.0 * cosine * kept;
        moved = sine * mixed;
        d[i + 1] = pivot + moved;
        bulge = cosine * mixed - kept;
        if !vectors.is_empty() {
            let (left, right) = vectors.split_at_mut((i + 1) * n);
            let left = &mut left[i * n..];
            for (x, y) in left.iter_mut().zip(&mut right[..n]) {
                (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
            }
        }
    }
    d[first] -= moved;
    e[first] = bulge;
    if last < e.len() {
        e[last] = 0.0;
    }
}

/// Eigenvalues in ascending order, with their vectors.
fn sort(values: &mut [f64], vectors: &mut [f64]) {
    let n = values.len();
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let sorted: Vec<f64> = order.iter().map(|&i| values[i]).collect();
    values.copy_from_slice(&sorted);
    if !vectors.is_empty() {
        let moved: Vec<f64> = order
            .iter()
            .flat_map(|&i| vectors[i * n..(i + 1) * n].iter().copied())
            .collect();
        vectors.copy_from_slice(&moved);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_second_difference_has_known_eigenvalues() {
        let n = 40;
        let (mut d, mut e) = (vec![2.0; n], vec![-1.0; n - 1]);
        let mut vectors = vec![0.0; n * n];
        (0..n).for_each(|i| vectors[i * n + i] = 1.0);
        assert!(solve(&mut d, &mut e, Some(&mut vectors)));
        for (k, &value) in d.iter().enumerate() {
            let angle = std::f64::consts::PI * (k + 1) as f64 / (n + 1) as f64;
            assert!((value - (2.0 - 2.0 * angle.cos())).abs() < 1e-14);
            let v = &vectors[k * n..(k + 1) * n];
            for i in 0..n {
                let before = if i > 0 { v[i - 1] } else { 0.0 };
                let behind = if i + 1 < n { v[i + 1] } else { 0.0 };
                assert!((2.0 * v[i] - before - behind - value * v[i]).abs() < 1e-14);
            }
        }
    }
}
