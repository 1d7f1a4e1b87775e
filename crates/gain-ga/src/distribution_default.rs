//! The distribution that a new array takes when nobody says otherwise.
//!
//! # Rationale
//! Leading axes are cut first, so that local memory stays long runs and halos are contiguous rows. Where the leading
//! axis is too short for that, a balanced grid keeps the blocks thick. One-dimensional arrays are cut at multiples of
//! 1024 when they are long (the leaves of a reduction then never straddle two ranks), of 8 when they are middling.

use smallvec::SmallVec;

use crate::axis_cuts::AxisCuts;
use crate::distribution::Distribution;

/// Grids with fewer places than ranks are tried down to this many below the team's size.
const GRIDS_TRIED: usize = 64;

impl Distribution {
    /// The default blocks of an array of this shape over `n_ranks` ranks. Local.
    ///
    /// # Panics
    /// If `n_ranks` is 0.
    #[must_use]
    pub fn default_for(shape: &[usize], n_ranks: usize) -> Distribution {
        assert!(n_ranks > 0, "a team has at least one rank");
        let build = |axes: SmallVec<[AxisCuts; 4]>, dims| {
            Distribution::from_cuts(axes, dims, n_ranks).expect("a default grid fits its team")
        };
        match shape {
            [] => build(SmallVec::new(), 0),
            [len] => {
                let grain = grain_for(*len, n_ranks);
                build(
                    SmallVec::from_elem(
                        AxisCuts::Regular {
                            len: *len,
                            parts: n_ranks,
                            grain,
                        },
                        1,
                    ),
                    1,
                )
            }
            [leading, ..] if *leading >= 2 * n_ranks || shape.contains(&0) => {
                let mut axes: SmallVec<[AxisCuts; 4]> =
                    shape.iter().map(|&len| AxisCuts::whole(len)).collect();
                axes[0] = AxisCuts::Regular {
                    len: *leading,
                    parts: n_ranks,
                    grain: 1,
                };
                build(axes, 1)
            }
            _ => {
                let grid = balanced_grid(shape, n_ranks);
                let dims = grid
                    .iter()
                    .rposition(|&parts| parts > 1)
                    .map_or(1, |last| last + 1);
                let axes = shape
                    .iter()
                    .zip(&grid)
                    .map(|(&len, &parts)| AxisCuts::Regular {
                        len,
                        parts,
                        grain: 1,
                    });
                build(axes.collect(), dims)
            }
        }
    }
}

/// Indices of a one-dimensional array that stay together.
fn grain_for(len: usize, n_ranks: usize) -> usize {
    if len >= 4096 * n_ranks {
        1024
    } else if len >= 64 * n_ranks {
        8
    } else {
        1
    }
}

/// The grid, one extent per axis, with the smallest largest block; among equals the one with most places.
fn balanced_grid(shape: &[usize], n_ranks: usize) -> SmallVec<[usize; 4]> {
    let block = |grid: &[usize]| -> usize {
        shape
            .iter()
            .zip(grid)
            .map(|(len, parts)| len.div_ceil(*parts))
            .product()
    };
    let fewest = n_ranks.saturating_sub(GRIDS_TRIED).max(1);
    (fewest..=n_ranks)
        .rev()
        .map(|places| spread(shape, places))
        .min_by_key(|grid| block(grid))
        .expect("at least the grid with a place per rank is tried")
}

/// Gives the prime factors of `places`, largest first, each to the axis that is longest per part.
fn spread(shape: &[usize], places: usize) -> SmallVec<[usize; 4]> {
    let mut grid: SmallVec<[usize; 4]> = SmallVec::from_elem(1, shape.len());
    for factor in prime_factors(places).into_iter().rev() {
        // Compare len / parts as fractions; a leading axis wins a tie.
        let mut best = 0;
        for axis in 1..shape.len() {
            if shape[axis] as u128 * grid[best] as u128 > shape[best] as u128 * grid[axis] as u128 {
                best = axis;
            }
        }
        grid[best] *= factor;
    }
    grid
}

/// The prime factors of `number`, ascending, with repetition.
fn prime_factors(mut number: usize) -> SmallVec<[usize; 16]> {
    let mut factors = SmallVec::new();
    let mut divisor = 2;
    while divisor * divisor <= number {
        while number.is_multiple_of(divisor) {
            factors.push(divisor);
            number /= divisor;
        }
        divisor += 1;
    }
    if number > 1 {
        factors.push(number);
    }
    factors
}
