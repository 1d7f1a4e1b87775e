//! Nodes of a tree as they are finished from left to right: siblings join as soon as both are there.

#![expect(
    unsafe_code,
    reason = "the nodes' values are raw memory that kernels write"
)]

use super::Kernels;
use smallvec::SmallVec;

/// The maximal finished nodes, each a vector of partial results.
#[derive(Debug)]
pub(crate) struct Stack {
    /// Level and index, from left to right.
    pub(crate) nodes: SmallVec<[(u32, usize); 32]>,
    memory: Vec<u8>,
    /// Bytes of a node's vector.
    bytes: usize,
}

impl Stack {
    /// For nodes of at most `width` partial results over at most `n_units` units.
    pub(crate) fn new(kernels: &Kernels, width: usize, n_units: usize) -> Stack {
        let bytes = (width * kernels.item).next_multiple_of(64);
        let depth = 2 * (usize::BITS - n_units.leading_zeros()) as usize + 3;
        Stack {
            nodes: SmallVec::new(),
            memory: vec![0; bytes * depth],
            bytes,
        }
    }

    pub(crate) fn clear(&mut self) {
        self.nodes.clear();
    }

    /// Where node `depth` lies.
    pub(crate) fn slot(&mut self, depth: usize) -> *mut u8 {
        debug_assert!(
            (depth + 1) * self.bytes <= self.memory.len(),
            "a range has few maximal nodes"
        );
        self.memory[depth * self.bytes..].as_mut_ptr()
    }

    /// Where the next node has to be written before [`Stack::commit`].
    pub(crate) fn top(&mut self) -> *mut u8 {
        self.slot(self.nodes.len())
    }

    /// Takes the node at the top; joins siblings.
    pub(crate) fn commit(&mut self, kernels: &Kernels, width: usize, level: u32, index: usize) {
        self.nodes.push((level, index));
        while let [.., left, right] = self.nodes[..] {
            if !(left.0 == right.0 && left.1 % 2 == 0 && left.1 + 1 == right.1) {
                return;
            }
            self.join_last(kernels, width);
        }
    }

    fn join_last(&mut self, kernels: &Kernels, width: usize) {
        let n = self.nodes.len();
        let (left, right) = (self.slot(n - 2), self.slot(n - 1));
        // SAFETY: two different slots, both written, of at least `width` results.
        unsafe { (kernels.join)(width, left, right) };
        self.nodes.pop();
        let (level, index) = self.nodes[n - 2];
        self.nodes[n - 2] = (level + 1, index / 2);
    }

    /// Joins what is left to the root, the units having begun at 0; its value is in slot 0.
    pub(crate) fn fold(&mut self, kernels: &Kernels, width: usize) {
        while let [.., left, right] = self.nodes[..] {
            if left.0 == right.0 {
                debug_assert!(
                    left.1 % 2 == 0 && left.1 + 1 == right.1,
                    "the units are contiguous from 0"
                );
                self.join_last(kernels, width);
            } else {
                let n = self.nodes.len();
                // The node's right sibling is empty.
                self.nodes[n - 1] = (right.0 + 1, right.1 / 2);
            }
        }
    }
}
