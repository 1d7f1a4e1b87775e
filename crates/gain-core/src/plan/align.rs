//! Where each operand of a loop is found: here, or in a message from its owner; and what other ranks want of ours.

use gain_ga::{Distribution, IndexBox, Indices};
use smallvec::SmallVec;

use crate::layout::{Layout, c_strides};
use crate::plan::placement;
use crate::plan::{Receive, Send};

/// The part of an operand's index space that one rank owns, inside this rank's box.
#[derive(Clone, Debug)]
pub struct Part {
    /// In the loop's global indices.
    pub index_box: IndexBox,
    /// The number of the message's piece that brings it; `None` when it is here.
    pub received: Option<usize>,
}

/// A slot's local block: where it begins and its strides in bytes.
#[derive(Clone, Debug)]
pub struct Block {
    /// The block's box in the base's indices.
    pub index_box: IndexBox,
    /// Bytes per index.
    pub strides: SmallVec<[isize; 4]>,
}

impl Block {
    /// The block of `rank`.
    pub fn of(distribution: &Distribution, rank: usize, itemsize: usize) -> Block {
        let index_box = distribution.box_of(rank);
        let mut strides = c_strides(&index_box.shape());
        strides
            .iter_mut()
            .for_each(|stride| *stride *= itemsize as isize);
        Block { index_box, strides }
    }

    /// Byte offset of a view's index in the block.
    pub fn offset(&self, layout: &Layout, index: &[usize]) -> isize {
        layout.position(index, &self.index_box.lo, &self.strides)
    }
}

/// The shape in which a part of an operand travels: axes on which the view stands still have one index.
pub fn packed_shape(layout: &Layout, part: &IndexBox) -> Indices {
    layout
        .walks
        .iter()
        .enumerate()
        .map(|(v, walk)| {
            if walk.is_some() {
                part.hi[v] - part.lo[v]
            } else {
                1
            }
        })
        .collect()
}

/// What planning an operand's reads needs to know.
pub struct Reader<'a> {
    /// The rank that plans.
    pub rank: usize,
    /// Ranks of the team.
    pub n_ranks: usize,
    /// Who computes what.
    pub iteration: &'a Distribution,
    /// This rank's box of it.
    pub my_box: &'a IndexBox,
}

impl Reader<'_> {
    /// The parts of an operand for this rank's box; pieces that must come are appended to `receives`, those that must go to `sends`.
    pub fn parts(
        &self,
        slot: usize,
        itemsize: usize,
        distribution: &Distribution,
        layout: &Layout,
        sends: &mut Vec<Send>,
        receives: &mut Vec<Receive>,
    ) -> Vec<Part> {
        if distribution.is_replicated() || self.n_ranks == 1 {
            return vec![Part {
                index_box: self.my_box.clone(),
                received: None,
            }];
        }
        let owned = placement::view(distribution, layout);
        self.give(slot, itemsize, distribution, &owned, layout, sends);
        let mut parts = Vec::new();
        for (owner, index_box) in owned.owners(self.my_box) {
            let received = (owner != self.rank).then(|| {
                receives.push(Receive {
                    from: owner,
                    bytes: packed_shape(layout, &index_box).iter().product::<usize>() * itemsize,
                });
                receives.len() - 1
            });
            parts.push(Part {
                index_box,
                received,
            });
        }
        parts
    }

    fn give(
        &self,
        slot: usize,
        itemsize: usize,
        distribution: &Distribution,
        owned: &Distribution,
        layout: &Layout,
        sends: &mut Vec<Send>,
    ) {
        let mine = owned.box_of(self.rank);
        if mine.is_empty() {
            return;
        }
        let block = Block::of(distribution, self.rank, itemsize);
        let mut send = |to: usize, part: &IndexBox| {
            let shape = packed_shape(layout, part);
            sends.push(Send {
                to,
                slot,
                offset: block.offset(layout, &part.lo),
                bytes: shape.iter().product::<usize>() * itemsize,
                shape,
                strides: layout.strides(&block.strides),
                itemsize,
            });
        };
        if self.iteration.is_replicated() {
            (0..self.n_ranks)
                .filter(|&to| to != self.rank)
                .for_each(|to| send(to, &mine));
        } else {
            self.iteration
                .owners(&mine)
                .filter(|(to, _)| *to != self.rank)
                .for_each(|(to, part)| send(to, &part));
        }
    }
}

/// Where a box may be cut into cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// Anywhere.
    Anywhere,
    /// At multiples of this many indices.
    Multiples(usize),
    /// Nowhere.
    Nowhere,
}

/// The cells into which the parts of all operands cut a box, where `allowed` lets them: in each cell every operand comes from one place,
/// or has to be put together from several where a cut was not allowed. In C order.
pub fn cells(my_box: &IndexBox, operands: &[Vec<Part>], allowed: &[Cut]) -> Vec<IndexBox> {
    if my_box.is_empty() {
        return Vec::new();
    }
    let mut cells = vec![IndexBox {
        lo: Indices::new(),
        hi: Indices::new(),
    }];
    for (axis, &allowed) in allowed.iter().enumerate() {
        let (lo, hi) = (my_box.lo[axis], my_box.hi[axis]);
        let mut points = vec![lo, hi];
        for at in operands
            .iter()
            .flatten()
            .flat_map(|part| [part.index_box.lo[axis], part.index_box.hi[axis]])
            .filter(|&at| lo < at && at < hi)
        {
            match allowed {
                Cut::Anywhere => points.push(at),
                Cut::Multiples(grain) => points.extend([
                    (at / grain * grain).max(lo),
                    (at.div_ceil(grain) * grain).min(hi),
                ]),
                Cut::Nowhere => {}
            }
        }
        points.sort_unstable();
        points.dedup();
        cells = cells
            .iter()
            .flat_map(|cell| {
                points.windows(2).map(move |pair| {
                    let mut next = cell.clone();
                    next.lo.push(pair[0]);
                    next.hi.push(pair[1]);
                    next
                })
            })
            .collect();
    }
    cells
}
