//! Scheduled moves between global arrays: a list known on both sides, packed, started, then finished.
#![expect(unsafe_code, reason = "packs from and unpacks into local blocks")]

use super::GlobalArray;
use crate::element::Element;
use crate::error::Error;
use crate::exchange::{Exchange, Incoming, Outgoing};
use crate::index_box::IndexBox;
use crate::moves::{Move, moves_between};
use crate::strided::{StridedBytes, c_strides, copy};

/// Moves on their way; made by [`GlobalArray::start_moves`].
#[must_use = "moves are finished to be in place"]
pub struct PendingMoves {
    exchange: Exchange,
    /// The target boxes of what this rank receives, in the order of the receives.
    targets: Vec<IndexBox>,
}

impl<T: Element> GlobalArray<T> {
    /// Starts to carry boxes of `source` to boxes of this array; what is sent is packed before it returns.
    ///
    /// Every rank lists the moves in which it takes part, those of each pair of ranks in one order on both. Boxes keep their
    /// number of elements, which travel in C order.
    ///
    /// # Collective
    /// Among the pairs named. It is up to the caller that nobody puts to the source's block meanwhile.
    ///
    /// # Errors
    /// [`Error::Usage`] when a box lies outside its rank's block, the two boxes of a move differ in size, or a move names other ranks only;
    /// those of [`crate::Team::start`].
    pub fn start_moves(
        &self,
        source: &GlobalArray<T>,
        moves: &[Move],
    ) -> Result<PendingMoves, Error> {
        let rank = self.team.rank();
        let block = source.local()?;
        let strides = c_strides(&source.block.shape(), size_of::<T>());
        let (mut sends, mut receives, mut targets) = (Vec::new(), Vec::new(), Vec::new());
        for step in moves {
            check_move(step, rank, &source.block, &self.block)?;
            if step.from == rank {
                let offset = if step.source.is_empty() {
                    0
                } else {
                    source.block.offset_of(&step.source.lo)
                };
                let start = block.as_ptr().wrapping_add(offset);
                // SAFETY: the box lies in this rank's block, which `block` keeps from being written until it is packed.
                let piece = unsafe {
                    StridedBytes::new(start.cast(), size_of::<T>(), &step.source.shape(), &strides)
                };
                sends.push(Outgoing {
                    to: step.to,
                    source: piece,
                });
            }
            if step.to == rank {
                receives.push(Incoming {
                    from: step.from,
                    bytes: step.target.len() * size_of::<T>(),
                });
                targets.push(step.target.clone());
            }
        }
        Ok(PendingMoves {
            exchange: self.team.start(&sends, &receives)?,
            targets,
        })
    }

    /// Waits for moves and puts what has come in place.
    ///
    /// # Collective
    /// Among the pairs named.
    ///
    /// # Errors
    /// Those of [`Exchange::finish`].
    pub fn finish_moves(&mut self, moves: PendingMoves) -> Result<(), Error> {
        let received = moves.exchange.finish()?;
        let (shape, own) = (self.block.shape(), self.block.clone());
        let strides = c_strides(&shape, size_of::<T>());
        let mut block = self.local_mut()?;
        for (i, target) in moves
            .targets
            .iter()
            .enumerate()
            .filter(|(_, target)| !target.is_empty())
        {
            let packed = c_strides(&target.shape(), size_of::<T>());
            let start = block[own.offset_of(&target.lo)..].as_mut_ptr();
            // SAFETY: `check_move` has seen that the box lies in this rank's block; the piece holds it in C order.
            unsafe {
                copy(
                    &target.shape(),
                    size_of::<T>(),
                    (received.piece(i).as_ptr(), &packed),
                    (start.cast(), &strides),
                )
            };
        }
        Ok(())
    }

    /// Makes this array's content that of `source`, an array of the same shape and any distribution.
    ///
    /// # Collective
    /// Over all ranks; includes a [`GlobalArray::sync`] of both before, and of this one after.
    ///
    /// # Errors
    /// [`Error::Usage`] when the shapes differ; those of a collective call.
    pub fn copy_from(&mut self, source: &GlobalArray<T>) -> Result<(), Error> {
        if self.distribution.shape() != source.distribution.shape() {
            let (to, from) = (self.distribution.shape(), source.distribution.shape());
            return Err(Error::Usage {
                operation: "copy_from",
                reason: format!("an array of shape {from:?} into one of shape {to:?}"),
            });
        }
        source.sync()?;
        self.sync()?;
        let moves = moves_between(&source.distribution, &self.distribution, self.team.rank());
        let pending = self.start_moves(source, &moves)?;
        self.finish_moves(pending)?;
        self.sync()
    }
}

/// Checks a move against the blocks of the rank that takes part in it.
fn check_move(step: &Move, rank: usize, source: &IndexBox, target: &IndexBox) -> Result<(), Error> {
    let fits = step.source.len() == step.target.len()
        && (step.from == rank || step.to == rank)
        && (step.from != rank || source.contains_box(&step.source))
        && (step.to != rank || target.contains_box(&step.target));
    if fits {
        return Ok(());
    }
    let reason = format!(
        "{step} does not fit rank {rank}, which holds {source} of the source and {target} of the target"
    );
    Err(Error::Usage {
        operation: "start_moves",
        reason,
    })
}
