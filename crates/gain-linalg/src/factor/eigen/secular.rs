//! The eigenvalues of a diagonal matrix and a matrix of rank one together: the roots of the secular equation.
//!
//! `1 / rho + sum z_j^2 / (d_j - x) = 0` has one root behind each pole. Roots by rational interpolation through both neighbouring poles (Bunch, Nielsen and Sorensen, Numer. Math. 31,
//! 1978; Li, LAPACK Working Note 89, 1993), inside a bracket that bisection saves; each is kept as a pole and its distance from that, so that differences to
//! all poles are accurate. The vector of which these are exactly the roots is computed anew from them (Gu and Eisenstat, SIAM J. Matrix Anal. Appl. 15,
//! 1994), which makes the eigenvectors orthogonal whatever the roots' own errors.

/// A root: a pole's number and the distance from it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Root {
    pub origin: usize,
    pub offset: f64,
}

impl Root {
    /// `poles[j]` minus the root.
    #[inline(always)]
    pub fn below(&self, poles: &[f64], j: usize) -> f64 {
        (poles[j] - poles[self.origin]) - self.offset
    }

    /// The root itself.
    pub fn value(&self, poles: &[f64]) -> f64 {
        poles[self.origin] + self.offset
    }
}

/// Steps for a root, of which five to eight are the rule.
const MOST_STEPS: usize = 120;

/// Sums that run side by side.
const LANES: usize = 8;

/// The sum of `z_j^2 / (d_j - x)` over a range of poles, and its derivative.
#[inline(always)]
fn sums(poles: &[f64], squares: &[f64], root: f64, offset: f64) -> (f64, f64) {
    let (mut value, mut slope) = ([0.0; LANES], [0.0; LANES]);
    let mut add = |lane: usize, pole: f64, square: f64| {
        let reciprocal = 1.0 / ((pole - root) - offset);
        let term = square * reciprocal;
        value[lane] += term;
        slope[lane] += term * reciprocal;
    };
    let (poles8, squares8) = (poles.chunks_exact(LANES), squares.chunks_exact(LANES));
    for (lane, (&pole, &square)) in poles8
        .remainder()
        .iter()
        .zip(squares8.remainder())
        .enumerate()
    {
        add(lane, pole, square);
    }
    for (poles, squares) in poles8.zip(squares8) {
        for lane in 0..LANES {
            add(lane, poles[lane], squares[lane]);
        }
    }
    (value.iter().sum(), slope.iter().sum())
}

/// The zero nearest to the current place of `c + s / (left - x) + t / (right - x)`, seen from there: `value` is the function's value now.
fn step(c: f64, s: f64, t: f64, left: f64, right: f64, value: f64) -> f64 {
    let a = c * (left + right) + s + t;
    let b = left * right * value;
    let root = (a * a - 4.0 * b * c).abs().sqrt();
    if a <= 0.0 {
        (a - root) / (2.0 * c)
    } else {
        2.0 * b / (a + root)
    }
}

/// The root behind pole `i`. Poles ascend, squares are positive, `rho` is too.
pub(super) fn root(poles: &[f64], squares: &[f64], rho: f64, i: usize) -> Root {
    let last = poles.len() - 1;
    let base = 1.0 / rho;
    let (lower, upper) = poles.split_at(i + 1);
    let (lower_squares, upper_squares) = squares.split_at(i + 1);
    if i == last {
        let mut most = 0.0;
        squares.iter().for_each(|square| most += square);
        return search(last, (0.0, rho * most), rho * squares[last], |x| {
            let (psi, slope) = sums(lower, lower_squares, poles[last], x);
            let value = base + psi;
            let left = -x;
            // psi as r + s / (left - x).
            let s = slope * left * left;
            let c = base + psi - slope * left;
            let moved = if c > 0.0 { left + s / c } else { f64::NAN };
            (value, moved, base - psi)
        });
    }
    let gap = poles[i + 1] - poles[i];
    let middle = gap / 2.0;
    let (psi, _) = sums(lower, lower_squares, poles[i], middle);
    let (phi, _) = sums(upper, upper_squares, poles[i], middle);
    let value = base + psi + phi;
    // What the other poles add, taken as constant, gives the first place.
    let c = value + squares[i] / middle - squares[i + 1] / (gap - middle);
    let (s, t) = (squares[i], squares[i + 1]);
    let from_left = value >= 0.0;
    let origin = if from_left { i } else { i + 1 };
    let (left, right) = if from_left { (0.0, gap) } else { (-gap, 0.0) };
    // The function times both distances, where one of them is zero.
    let a = c * (left + right) + s + t;
    let b = if from_left { s * gap } else { -t * gap };
    let size = (a * a - 4.0 * b * c).abs().sqrt();
    let start = if a <= 0.0 {
        (a - size) / (2.0 * c)
    } else {
        2.0 * b / (a + size)
    };
    let bracket = if from_left {
        (0.0, middle)
    } else {
        (-middle, 0.0)
    };
    search(origin, bracket, start, |x| {
        let (psi, psi_slope) = sums(lower, lower_squares, poles[origin], x);
        let (phi, phi_slope) = sums(upper, upper_squares, poles[origin], x);
        let value = base + psi + phi;
        let (left, right) = (left - x, right - x);
        let (s, t) = (psi_slope * left * left, phi_slope * right * right);
        let c = value - psi_slope * left - phi_slope * right;
        (value, step(c, s, t, left, right, value), base - psi + phi)
    })
}

/// Looks for the zero inside a bracket: `look` gives the ascending function's value, the step that interpolation proposes and the size of the terms.
fn search(
    origin: usize,
    (mut lo, mut hi): (f64, f64),
    start: f64,
    look: impl Fn(f64) -> (f64, f64, f64),
) -> Root {
    let between = |lo: f64, hi: f64| {
        // By the exponent: near the pole the zero may be tiny.
        if lo == 0.0 {
            hi * 1e-3
        } else if hi == 0.0 {
            lo * 1e-3
        } else {
            (lo.abs().sqrt() * hi.abs().sqrt()).copysign(lo)
        }
    };
    let mut x = if start > lo && start < hi {
        start
    } else {
        between(lo, hi)
    };
    for _ in 0..MOST_STEPS {
        let (value, moved, size) = look(x);
        if value < 0.0 {
            lo = x;
        } else {
            hi = x;
        }
        let is_narrow = hi - lo <= 2.0 * f64::EPSILON * lo.abs().max(hi.abs());
        if value.abs() <= 8.0 * f64::EPSILON * size || is_narrow {
            break;
        }
        let next = x + moved;
        x = if next > lo && next < hi && next != x {
            next
        } else {
            between(lo, hi)
        };
        if x == 0.0 {
            x = f64::MIN_POSITIVE.copysign(lo + hi);
            break;
        }
    }
    Root { origin, offset: x }
}

/// The size of element `j` of the vector that has exactly these roots.
pub(super) fn element(poles: &[f64], roots: &[Root], j: usize) -> f64 {
    let mut product = [1.0; LANES];
    for (i, root) in roots.iter().enumerate() {
        let factor = if i == j {
            root.below(poles, j)
        } else {
            root.below(poles, j) / (poles[j] - poles[i])
        };
        product[i % LANES] *= factor;
    }
    product.iter().product::<f64>().abs().sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_lie_between_the_poles_and_are_zeros() {
        let poles = [-3.0, -1.0, -1.0 + 1e-9, 0.0, 2.0, 2.5];
        let squares = [0.1, 1e-12, 0.3, 1e-20, 0.2, 0.4];
        for rho in [1e-6, 0.5, 1e3] {
            let mut sum = 0.0;
            for i in 0..poles.len() {
                let found = root(&poles, &squares, rho, i);
                assert!(found.below(&poles, i) <= 0.0, "{i}, {rho}");
                if i + 1 < poles.len() {
                    assert!(found.below(&poles, i + 1) >= 0.0, "{i}, {rho}");
                }
                sum += found.value(&poles);
            }
            // The trace.
            let wanted: f64 = poles.iter().sum::<f64>() + rho * squares.iter().sum::<f64>();
            assert!((sum - wanted).abs() < 1e-13 * (6.0 + rho), "{sum} {wanted}");
        }
    }
}
