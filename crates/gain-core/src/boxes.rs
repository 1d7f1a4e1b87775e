//! Boxes of an array for those who need them: what a rank wants of an operand comes from its owners, the wanted boxes may overlap.
//!
//! # Rationale
//! A product of matrices needs panels that several ranks want at once, which no [`redistributed`](Array::redistributed) array describes. Who
//! wants what is a formula that all ranks know, so that each pair exchanges at most one message and nobody asks.

use std::cell::Ref;

use gain_ga::{
    Buffer, Distribution, Exchange, Incoming, IndexBox, Outgoing, Received, StridedBytes,
};
use gain_ufunc::DType;
use smallvec::SmallVec;

use crate::array::Array;
use crate::base::Base;
use crate::error::Result;
use crate::layout::c_strides;
use crate::runtime::Runtime;

/// An operand of which boxes are wanted. While it lives no statement may write the array; recording one is a panic.
pub struct Wanted<'a> {
    array: &'a Array,
    distribution: Distribution,
    own: IndexBox,
    memory: Ref<'a, [u8]>,
    /// Where the first own element lies, in bytes.
    offset: usize,
    /// Bytes per index of the array.
    strides: SmallVec<[isize; 4]>,
}

/// A box on its way.
#[must_use = "a box that is started is finished"]
pub struct Coming {
    wanted: IndexBox,
    exchange: Option<Exchange>,
    parts: Vec<IndexBox>,
}

/// The elements of a wanted box.
pub struct Held<'w> {
    bytes: Bytes<'w>,
    offset: usize,
    /// Bytes per index.
    pub strides: SmallVec<[isize; 4]>,
}

enum Bytes<'w> {
    Lent(&'w [u8]),
    AtHand(Ref<'w, [u8]>),
    Made(Buffer),
    Came(Box<Received>),
}

impl Held<'_> {
    /// The memory in which the elements lie. Local.
    pub fn bytes(&self) -> &[u8] {
        match &self.bytes {
            Bytes::Lent(bytes) => bytes,
            Bytes::AtHand(bytes) => bytes,
            Bytes::Made(buffer) => buffer.as_slice(),
            Bytes::Came(received) => received.piece(0),
        }
    }

    /// Where in [`Held::bytes`] the box's first element begins. Local.
    pub fn offset(&self) -> usize {
        self.offset
    }
}

impl Array {
    /// All elements, if every rank holds them and they are computed: what small operations read, without a plan. Local.
    #[inline]
    pub fn at_hand(&self) -> Option<Held<'_>> {
        let base = &self.base;
        if !base.replicated || !base.is_placed() || base.is_written() {
            return None;
        }
        let memory = base.byte_strides(&base.shape);
        let first: isize = self
            .layout
            .origin
            .iter()
            .zip(&memory)
            .map(|(&at, stride)| at as isize * stride)
            .sum();
        Some(Held {
            bytes: Bytes::AtHand(base.lend()),
            offset: usize::try_from(first).expect("an origin lies in its base"),
            strides: self.layout.strides(&memory),
        })
    }

    /// An array that every rank holds, of elements that are all computed now: `fill` writes them, in C order. Local.
    ///
    /// # Errors
    /// Memory.
    #[inline]
    pub fn replicated_from(
        rt: &Runtime,
        dtype: DType,
        shape: &[usize],
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<Array> {
        let mut block = Buffer::new(shape.iter().product::<usize>() * dtype.size())?;
        fill(block.as_mut_slice());
        let base = Base::promised(dtype, shape.into(), true);
        base.place(block);
        Ok(Array::whole(rt, base))
    }

    /// This array as an operand of which boxes are wanted. Collective when the array waits to be computed.
    ///
    /// # Errors
    /// As [`Runtime::sync`](crate::Runtime::sync).
    pub fn wanted(&self) -> Result<Wanted<'_>> {
        let distribution = self.distribution()?;
        let rank = self.runtime.rank();
        let own = distribution.box_of(rank);
        let block = self.base.local_box(rank);
        let (mut offset, mut strides) = (0, SmallVec::from_elem(0, self.ndim()));
        if let Some(block) = block.filter(|_| !own.is_empty()) {
            let memory = self.base.byte_strides(&block.shape());
            strides = self.layout.strides(&memory);
            offset = usize::try_from(self.layout.position(&own.lo, &block.lo, &memory))
                .expect("an own element lies in the block");
        }
        Ok(Wanted {
            array: self,
            distribution,
            own,
            memory: self.base.lend(),
            offset,
            strides,
        })
    }
}

impl Wanted<'_> {
    /// Who owns what. Local.
    pub fn distribution(&self) -> &Distribution {
        &self.distribution
    }

    /// Sends what others want of this rank, and awaits what this one wants of them; returns without waiting. `wants` tells what each rank
    /// wants, the same on all of them. Collective.
    ///
    /// # Errors
    /// Memory; errors of the network.
    pub fn start(&self, operation: &str, wants: &dyn Fn(usize) -> IndexBox) -> Result<Coming> {
        let rt = &self.array.runtime;
        let rank = rt.rank();
        let wanted = wants(rank);
        if rt.n_ranks() == 1 || self.distribution.is_replicated() {
            return Ok(Coming {
                wanted,
                exchange: None,
                parts: Vec::new(),
            });
        }
        let mut packed: Vec<(usize, Buffer)> = Vec::new();
        for to in (0..rt.n_ranks()).filter(|&to| to != rank) {
            let part = wants(to).intersect(&self.own);
            if !part.is_empty() {
                packed.push((to, self.array.pack(&part)?));
            }
        }
        let sends: Vec<Outgoing<'_>> = packed
            .iter()
            .map(|(to, buffer)| Outgoing {
                to: *to,
                source: StridedBytes::contiguous(buffer.as_slice()),
            })
            .collect();
        let (mut receives, mut parts) = (Vec::new(), Vec::new());
        if !wanted.is_empty() {
            for (from, part) in self.distribution.owners(&wanted) {
                if from != rank {
                    receives.push(Incoming {
                        from,
                        bytes: part.len() * self.array.itemsize(),
                    });
                    parts.push(part);
                }
            }
        }
        rt.stand_at(operation);
        let exchange = rt.team().start(&sends, &receives)?;
        Ok(Coming {
            wanted,
            exchange: Some(exchange),
            parts,
        })
    }

    /// Waits for a box. Collective among those who share elements.
    ///
    /// # Errors
    /// Memory; errors of the network.
    pub fn finish(&self, coming: Coming) -> Result<Held<'_>> {
        let received = coming.exchange.map(Exchange::finish).transpose()?;
        let wanted = &coming.wanted;
        let itemsize = self.array.itemsize();
        let packed = || {
            c_strides(&wanted.shape())
                .iter()
                .map(|stride| stride * itemsize as isize)
                .collect()
        };
        if wanted.is_empty() || self.own.contains_box(wanted) {
            let mut offset = self.offset as isize;
            if !wanted.is_empty() {
                for (axis, stride) in self.strides.iter().enumerate() {
                    offset += (wanted.lo[axis] - self.own.lo[axis]) as isize * stride;
                }
            }
            return Ok(Held {
                bytes: Bytes::Lent(&self.memory),
                offset: usize::try_from(offset).expect("an own element lies in the block"),
                strides: self.strides.clone(),
            });
        }
        let received = received.expect("what is not here comes from somebody");
        if let [part] = &coming.parts[..]
            && part.contains_box(wanted)
        {
            return Ok(Held {
                bytes: Bytes::Came(Box::new(received)),
                offset: 0,
                strides: packed(),
            });
        }
        let mut made = Buffer::new(wanted.len() * itemsize)?;
        let mine = wanted.intersect(&self.own);
        if !mine.is_empty() {
            let bytes = self.array.pack(&mine)?;
            put(
                made.as_mut_slice(),
                wanted,
                &mine,
                bytes.as_slice(),
                itemsize,
            );
        }
        for (number, part) in coming.parts.iter().enumerate() {
            put(
                made.as_mut_slice(),
                wanted,
                part,
                received.piece(number),
                itemsize,
            );
        }
        Ok(Held {
            bytes: Bytes::Made(made),
            offset: 0,
            strides: packed(),
        })
    }
}

/// Copies a packed part to its place in a packed box.
fn put(target: &mut [u8], whole: &IndexBox, part: &IndexBox, bytes: &[u8], itemsize: usize) {
    let ndim = whole.ndim();
    let (strides, shape) = (c_strides(&whole.shape()), part.shape());
    let mut at: SmallVec<[usize; 4]> = part.lo.iter().copied().collect();
    let run = shape.last().map_or(1, |&len| len) * itemsize;
    for row in bytes.chunks_exact(run) {
        let place: usize = (0..ndim)
            .map(|axis| (at[axis] - whole.lo[axis]) * strides[axis] as usize)
            .sum();
        target[place * itemsize..][..run].copy_from_slice(row);
        for axis in (0..ndim.saturating_sub(1)).rev() {
            at[axis] += 1;
            if at[axis] < part.hi[axis] {
                break;
            }
            at[axis] = part.lo[axis];
        }
    }
}
