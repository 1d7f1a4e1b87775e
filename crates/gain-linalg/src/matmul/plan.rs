//! How a product of matrices is computed: decided by the shapes, the ranks and who owns what. Pure; prints as text.

use gain_core::Distribution;
use std::fmt;

/// Indices of the contracted axis that one call of the kernel adds up in its registers.
pub const CHUNK: usize = 512;

/// A panel holds about this many bytes of the operand that travels.
const PANEL_BYTES: usize = 4 << 20;

/// Products of at most this many elements, over a long contracted axis, are sums of partial products.
const TREE_MOST: usize = 1 << 14;

/// The contracted axis is long from here on.
pub(crate) const TREE_LONG: usize = 4096;

/// How an operand lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Placement {
    /// Whole on every rank.
    Replicated,
    /// Cut along the rows alone.
    Rows,
    /// Cut along the columns alone.
    Columns,
    /// Cut otherwise.
    Other,
}

impl Placement {
    /// How an operand of two axes lies. Local.
    pub fn of(distribution: &Distribution) -> Placement {
        let whole = |axis: usize| {
            let own = distribution.box_of(0);
            own.lo[axis] == 0 && own.hi[axis] == distribution.shape()[axis]
        };
        match (distribution.is_replicated(), whole(0), whole(1)) {
            (true, ..) => Placement::Replicated,
            (_, false, true) => Placement::Rows,
            (_, true, false) => Placement::Columns,
            _ => Placement::Other,
        }
    }
}

/// The algorithm.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Each rank has a block of the product, on a grid of `rows` by `columns`, and adds to it panels of `panel` indices of the contracted axis, in
    /// ascending order (SUMMA: van de Geijn and Watts 1997).
    Panels {
        /// Ranks along the product's rows.
        rows: usize,
        /// Ranks along its columns.
        columns: usize,
        /// Indices of the contracted axis that travel at once.
        panel: usize,
    },
    /// Each rank multiplies its own part of the contracted axis; products of `leaf` indices combine in a dyadic tree over all leaves.
    Tree {
        /// Indices of the contracted axis in a leaf.
        leaf: usize,
    },
}

/// A product's plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// About how many bytes a rank receives.
    pub bytes: u128,
}

impl fmt::Display for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.algorithm {
            Algorithm::Panels {
                rows,
                columns,
                panel,
            } => write!(f, "panels of {panel} on a grid of {rows} x {columns}")?,
            Algorithm::Tree { leaf } => write!(f, "tree over leaves of {leaf}")?,
        }
        write!(f, ", {} bytes to each rank", self.bytes)
    }
}

/// The plan for `(m, k)` times `(k, n)` with elements of `itemsize` bytes. Local.
///
/// Between the two algorithms the shapes alone decide, since they differ in the order of additions; between grids the bytes moved.
pub fn plan(
    [m, k, n]: [usize; 3],
    itemsize: usize,
    n_ranks: usize,
    left: Placement,
    right: Placement,
) -> Plan {
    if m * n <= TREE_MOST && k >= TREE_LONG && k >= 16 * m.max(n) {
        let leaf = ((1usize << 21) / (m * n).max(1)).next_power_of_two();
        let log2 = usize::BITS - n_ranks.leading_zeros();
        return Plan {
            algorithm: Algorithm::Tree {
                leaf: leaf.clamp(CHUNK, 8 * CHUNK),
            },
            bytes: (m * n * itemsize * n_ranks * 2) as u128 * u128::from(log2),
        };
    }
    let size = itemsize as u128;
    let (m, k, n) = (m as u128, k as u128, n as u128);
    let bytes = |rows: usize, columns: usize| {
        let (rows, columns) = (rows as u128, columns as u128);
        let here = |placed: bool, len: u128, ranks: u128| {
            let whole = len.div_ceil(ranks) * k;
            if placed {
                0
            } else {
                whole - whole / (rows * columns)
            }
        };
        let a = here(
            left == Placement::Replicated || (left == Placement::Rows && columns == 1),
            m,
            rows,
        );
        let b = here(
            right == Placement::Replicated || (right == Placement::Columns && rows == 1),
            n,
            columns,
        );
        (a + b) * size
    };
    // Columns of the product are cut only where each rank keeps several: the kernel runs along them.
    let grids = (1..=n_ranks)
        .filter(|columns| n_ranks.is_multiple_of(*columns))
        .map(|columns| (n_ranks / columns, columns))
        .filter(|&(_, columns)| columns == 1 || n >= 16 * columns as u128);
    let (rows, columns) = grids
        .min_by_key(|&(rows, columns)| {
            // A grid that leaves ranks without rows costs their work.
            let idle = m.div_ceil(rows as u128) * n.div_ceil(columns as u128);
            (bytes(rows, columns) + idle * k / 8, columns)
        })
        .unwrap_or((n_ranks, 1));
    let travelling = (m.div_ceil(rows as u128)).max(n.div_ceil(columns as u128)) as usize;
    let panel = (PANEL_BYTES / (travelling * itemsize).max(1))
        .next_multiple_of(CHUNK)
        .max(CHUNK);
    Plan {
        algorithm: Algorithm::Panels {
            rows,
            columns,
            panel,
        },
        bytes: if n_ranks == 1 {
            0
        } else {
            bytes(rows, columns)
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(shape: [usize; 3], n_ranks: usize, left: Placement, right: Placement) -> String {
        plan(shape, 8, n_ranks, left, right).to_string()
    }

    #[test]
    fn the_large_operand_of_a_tall_product_stays() {
        assert_eq!(
            text([1_000_000, 16, 8], 4, Placement::Rows, Placement::Rows),
            "panels of 512 on a grid of 4 x 1, 768 bytes to each rank"
        );
        assert_eq!(
            text([8, 1000, 1_000_000], 4, Placement::Rows, Placement::Columns),
            "panels of 512 on a grid of 1 x 4, 48000 bytes to each rank"
        );
    }

    #[test]
    fn a_long_contracted_axis_is_a_tree() {
        assert_eq!(
            text([16, 1_000_000, 16], 1, Placement::Columns, Placement::Rows),
            "tree over leaves of 4096, 4096 bytes to each rank"
        );
    }

    #[test]
    fn thousands_of_ranks_are_planned_by_the_bytes_they_receive() {
        let of = |shape| text(shape, 4096, Placement::Rows, Placement::Rows);
        assert_eq!(
            of([20_000; 3]),
            "panels of 2048 on a grid of 64 x 64, 100135552 bytes to each rank"
        );
        assert_eq!(
            of([1 << 24, 64, 64]),
            "panels of 512 on a grid of 4096 x 1, 32760 bytes to each rank"
        );
        assert_eq!(
            of([16, 1 << 24, 16]),
            "tree over leaves of 4096, 218103808 bytes to each rank"
        );
    }
}
