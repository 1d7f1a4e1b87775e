//! Memory is asked for some time before a tile comes to it.

use super::Frame;
use crate::prefetch::fetch;

/// How far ahead of its use memory is fetched.
const AHEAD_BYTES: isize = 16 << 10;

/// The same before a reduction, which takes a leaf at a time.
const AHEAD_OF_LEAF_BYTES: isize = 4 << 10;

impl Frame<'_> {
    /// Asks for the memory that lies ahead of the tile's elements `from..to`.
    #[inline]
    pub(super) fn fetch_ahead(&self, from_element: usize, to: usize) {
        if self.fetched {
            return;
        }
        let ahead = if self.setup.program.reduction.is_some() {
            AHEAD_OF_LEAF_BYTES
        } else {
            AHEAD_BYTES
        };
        for &(operand, stride) in &self.setup.ahead {
            let bytes = |elements: usize| stride * elements as isize;
            let onwards = stride.signum();
            let from = self.ptrs[operand].wrapping_offset(bytes(from_element) + onwards * ahead);
            for at in (0..bytes(to - from_element).abs()).step_by(64) {
                fetch(from.wrapping_offset(onwards * at));
            }
        }
    }
}
