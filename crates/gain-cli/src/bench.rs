//! `gain bench`: ratios to NumPy and to hand-written loops, taken side by side in one run.

mod fused;
mod laplace;
mod pages;
mod picture;
pub mod program;
mod rows;
mod small;
mod statement;
mod sum;
mod table;

use clap::Subcommand;

use crate::error::Result;

/// What to measure.
#[derive(Subcommand)]
pub enum Word {
    /// A time step of Laplace's equation by slices, checked bit for bit
    Laplace(laplace::Options),
    /// `(2.5*x + y).sum()` on long vectors
    Sum(sum::Options),
    /// One call on 10 elements: `a+b`, `a[1:]`, `a.sum()`
    Small(small::Options),
    /// What a cached statement of 6 operations costs beyond its loops
    Statement(statement::Options),
    /// Every kind of ufunc and dtype
    Ufuncs(rows::Options),
    /// Views, indexing, memory order, creation
    Ndarray(rows::Options),
    /// Products, norms, factorisations
    Linalg(rows::Options),
    /// Sorting, statistics, manipulation
    Functions(rows::Options),
}

/// Measures and prints a table.
///
/// # Errors
///
/// A contender failed, or its answer is not NumPy's.
pub fn run(word: &Word) -> Result<()> {
    match word {
        Word::Laplace(options) => laplace::run(options),
        Word::Sum(options) => sum::run(options),
        Word::Small(options) => small::run(options),
        Word::Statement(options) => statement::run(options),
        Word::Ufuncs(options) => rows::run("ufuncs", options),
        Word::Ndarray(options) => rows::run("ndarray", options),
        Word::Linalg(options) => rows::run("linalg", options),
        Word::Functions(options) => rows::run("functions", options),
    }
}

/// The middle of some measurements.
fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    let middle = values.len() / 2;
    if values.len() % 2 == 1 {
        values[middle]
    } else {
        (values[middle - 1] + values[middle]) / 2.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_median_is_in_the_middle() {
        assert_eq!(median(vec![3.0, 1.0, 2.0]), 2.0);
        assert_eq!(median(vec![4.0, 1.0, 2.0, 3.0]), 2.5);
    }
}
