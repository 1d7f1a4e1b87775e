//! How long partial results are as bytes, known before they are computed: so that a receiver can name the length it waits for.

use super::{Partials, Reduction, kernels};
use crate::dtype::DType;
use crate::isa;

/// Number of maximal dyadic nodes that cover the units `lo..hi`.
///
/// # Examples
/// ```
/// // [1, 8) is [1], [2, 4) and [4, 8).
/// assert_eq!(gain_ufunc::reduction::cover_len(1, 8), 3);
/// ```
pub fn cover_len(lo: usize, hi: usize) -> usize {
    let (mut at, mut nodes) = (lo, 0);
    while at < hi {
        let room = (hi - at).ilog2();
        let aligned = if at == 0 { room } else { at.trailing_zeros() };
        at += 1 << aligned.min(room);
        nodes += 1;
    }
    nodes
}

impl Partials {
    /// Length of [`Partials::to_bytes`] for one box of `kept_len` elements over `kept_ndim` kept axes in `n_nodes` nodes.
    pub fn encoded_len(
        reduction: Reduction,
        dtype: DType,
        kept_len: usize,
        kept_ndim: usize,
        n_nodes: usize,
    ) -> usize {
        let item = kernels(reduction, dtype, isa::active()).item;
        let numbers = 3 + 2 * kept_ndim + 2 * n_nodes;
        2 + 8 * numbers + n_nodes * kept_len * item
    }
}
