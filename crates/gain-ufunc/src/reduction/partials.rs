//! Partial results of a reduction: what one thread or rank has of it, ready to be merged, cut, sent and finished.

#![expect(unsafe_code, reason = "kernels and strided copies work on raw memory")]

use super::arg::Arg;
use super::join::Byte;
use super::{Kernels, Reduction, kernels};
use crate::dtype::DType;
use crate::error::Error;
use crate::isa;
use crate::run::strided::{self, CopyAxis};
use num_complex::Complex;
use smallvec::SmallVec;
use std::borrow::Cow;

/// The maximal nodes of the tree over the outermost reduced axis that somebody has computed, for each element of a box of the kept axes.
///
/// Merging, cutting and sending never change the bits of the result: it is fixed by [`order`](super::order).
#[derive(Clone, Debug)]
pub struct Partials {
    reduction: Reduction,
    /// What the elements were cast to.
    dtype: DType,
    /// Disjoint boxes of the kept axes; one, unless boxes with different units were merged.
    parts: Vec<Part>,
}

/// The nodes for one box of the kept axes.
#[derive(Clone, Debug)]
pub(crate) struct Part {
    /// First global index along each kept axis.
    pub(crate) lo: SmallVec<[usize; 4]>,
    pub(crate) shape: SmallVec<[usize; 4]>,
    /// By ascending units.
    pub(crate) nodes: Vec<PartNode>,
}

/// One node's partial results over the box, in C order.
#[derive(Clone, Debug)]
pub(crate) struct PartNode {
    pub(crate) level: u32,
    pub(crate) index: usize,
    pub(crate) data: Vec<u8>,
}

impl PartNode {
    fn units(&self) -> (usize, usize) {
        (self.index << self.level, (self.index + 1) << self.level)
    }
}

impl Part {
    fn len(&self) -> usize {
        self.shape.iter().product()
    }

    fn same_box(&self, other: &Part) -> bool {
        self.lo == other.lo && self.shape == other.shape
    }

    fn meets(&self, other: &Part) -> bool {
        let apart = |axis: usize| {
            self.lo[axis] + self.shape[axis] <= other.lo[axis]
                || other.lo[axis] + other.shape[axis] <= self.lo[axis]
        };
        self.len() > 0 && other.len() > 0 && !(0..self.lo.len()).any(apart)
    }

    /// The part of this box that lies in `lo..hi`.
    fn cut(&self, lo: &[usize], hi: &[usize], item: usize) -> Part {
        let from: SmallVec<[usize; 4]> = self.lo.iter().zip(lo).map(|(&a, &b)| a.max(b)).collect();
        let ends = self
            .lo
            .iter()
            .zip(&self.shape)
            .zip(hi)
            .map(|((&first, &len), &hi)| (first + len).min(hi));
        let shape: SmallVec<[usize; 4]> = ends
            .zip(&from)
            .map(|(end, &from)| end.saturating_sub(from))
            .collect();
        let len: usize = shape.iter().product();
        let relative: SmallVec<[usize; 4]> =
            from.iter().zip(&self.lo).map(|(a, b)| a - b).collect();
        let nodes = self.nodes.iter().filter(|_| len > 0).map(|node| {
            let mut data = vec![0; len * item];
            copy_box(
                &node.data,
                &self.shape,
                Some(&relative),
                &mut data,
                &shape,
                None,
                &shape,
                item,
            );
            PartNode {
                level: node.level,
                index: node.index,
                data,
            }
        });
        Part {
            nodes: nodes.collect(),
            lo: from,
            shape,
        }
    }

    /// What lies in another part's box, and the rest in boxes.
    fn carve(&self, other: &Part, item: usize) -> (Part, Vec<Part>) {
        let (mut lo, mut rest) = (self.lo.clone(), Vec::new());
        let mut hi: SmallVec<[usize; 4]> = self
            .lo
            .iter()
            .zip(&self.shape)
            .map(|(lo, len)| lo + len)
            .collect();
        for axis in 0..lo.len() {
            let (from, to) = (other.lo[axis], other.lo[axis] + other.shape[axis]);
            if lo[axis] < from {
                let mut end = hi.clone();
                end[axis] = from;
                rest.push(self.cut(&lo, &end, item));
                lo[axis] = from;
            }
            if to < hi[axis] {
                let mut start = lo.clone();
                start[axis] = to;
                rest.push(self.cut(&start, &hi, item));
                hi[axis] = to;
            }
        }
        (self.cut(&lo, &hi, item), rest)
    }

    fn same_nodes(&self, other: &Part) -> bool {
        self.nodes.len() == other.nodes.len()
            && self
                .nodes
                .iter()
                .zip(&other.nodes)
                .all(|(a, b)| (a.level, a.index) == (b.level, b.index))
    }

    /// Joins siblings until there are none.
    fn normalise(&mut self, kernels: &Kernels) {
        let len = self.len();
        self.nodes.sort_by_key(|node| node.units());
        let mut done: Vec<PartNode> = Vec::with_capacity(self.nodes.len());
        for node in self.nodes.drain(..) {
            done.push(node);
            while let [.., left, right] = &done[..] {
                if !(left.level == right.level
                    && left.index % 2 == 0
                    && left.index + 1 == right.index)
                {
                    break;
                }
                join_last(&mut done, kernels, len);
            }
        }
        self.nodes = done;
    }
}

fn join_last(nodes: &mut Vec<PartNode>, kernels: &Kernels, len: usize) {
    let right = nodes.pop().expect("two siblings");
    let left = nodes.last_mut().expect("two siblings");
    // SAFETY: both hold `len` partial results.
    unsafe { (kernels.join)(len, left.data.as_mut_ptr(), right.data.as_ptr()) };
    left.level += 1;
    left.index /= 2;
}

impl Partials {
    pub(crate) fn new(reduction: Reduction, dtype: DType, parts: Vec<Part>) -> Partials {
        let mut partials = Partials {
            reduction,
            dtype,
            parts: Vec::new(),
        };
        partials.take_in(parts);
        partials.assemble();
        partials
    }

    fn kernels(&self) -> Kernels {
        kernels(self.reduction, self.dtype, isa::active())
    }

    /// What was reduced.
    pub fn reduction(&self) -> Reduction {
        self.reduction
    }

    /// The dtype of the elements before the reduction.
    pub fn dtype(&self) -> DType {
        self.dtype
    }

    /// The dtype of the result.
    pub fn result_dtype(&self) -> DType {
        if self.reduction.is_arg() {
            DType::I64
        } else {
            self.dtype
        }
    }

    /// The box of kept axes that the partial results span: first global indices and shape.
    pub fn kept_box(&self) -> (SmallVec<[usize; 4]>, SmallVec<[usize; 4]>) {
        let filled: SmallVec<[&Part; 4]> = self.parts.iter().filter(|p| p.len() > 0).collect();
        let Some((first, rest)) = filled.split_first() else {
            return self
                .parts
                .first()
                .map_or_else(Default::default, |p| (p.lo.clone(), p.shape.clone()));
        };
        let (mut lo, mut hi) = (first.lo.clone(), first.lo.clone());
        for part in std::iter::once(first).chain(rest) {
            for axis in 0..lo.len() {
                lo[axis] = lo[axis].min(part.lo[axis]);
                hi[axis] = hi[axis].max(part.lo[axis] + part.shape[axis]);
            }
        }
        let shape = lo.iter().zip(&hi).map(|(&lo, &hi)| hi - lo).collect();
        (lo, shape)
    }

    /// Adds what somebody else has: other units of the same box of kept axes, or a disjoint box.
    ///
    /// # Panics
    ///
    /// If the other partial results are of another reduction or dtype.
    pub fn merge(&mut self, other: Partials) {
        assert_eq!(
            (self.reduction, self.dtype),
            (other.reduction, other.dtype),
            "partial results of one reduction"
        );
        self.take_in(other.parts);
    }

    fn take_in(&mut self, parts: Vec<Part>) {
        let kernels = self.kernels();
        let mut queue = parts;
        while let Some(part) = queue.pop() {
            let Some(number) = self
                .parts
                .iter()
                .position(|mine| mine.same_box(&part) || mine.meets(&part))
            else {
                self.parts.push(part);
                continue;
            };
            if self.parts[number].same_box(&part) {
                self.parts[number].nodes.extend(part.nodes);
                continue;
            }
            // Boxes that overlap are cut so that they are the same or disjoint.
            let mine = self.parts.swap_remove(number);
            let (mut inside, rest) = mine.carve(&part, kernels.item);
            self.parts.extend(rest);
            let (theirs, rest) = part.carve(&inside, kernels.item);
            inside.nodes.extend(theirs.nodes);
            self.parts.push(inside);
            queue.extend(rest);
        }
        if self.parts.len() > 1 {
            // A part without nodes says nothing beside one that has some.
            let some = self.parts.iter().any(|part| !part.nodes.is_empty());
            self.parts.retain(|part| !some || !part.nodes.is_empty());
        }
        self.parts
            .iter_mut()
            .for_each(|part| part.normalise(&kernels));
    }

    /// Makes one part of many if they tile a box and have the same nodes.
    fn assemble(&mut self) {
        let item = self.kernels().item;
        let [first, rest @ ..] = &self.parts[..] else {
            return;
        };
        let (lo, shape) = self.kept_box();
        let total: usize = self.parts.iter().map(Part::len).sum();
        if rest.is_empty()
            || total != shape.iter().product()
            || !rest.iter().all(|part| part.same_nodes(first))
        {
            return;
        }
        let nodes = first.nodes.iter().enumerate().map(|(number, node)| {
            let mut data = vec![0; total * item];
            for part in &self.parts {
                let relative: SmallVec<[usize; 4]> =
                    part.lo.iter().zip(&lo).map(|(a, b)| a - b).collect();
                copy_box(
                    &part.nodes[number].data,
                    &part.shape,
                    None,
                    &mut data,
                    &shape,
                    Some(&relative),
                    &part.shape,
                    item,
                );
            }
            PartNode {
                level: node.level,
                index: node.index,
                data,
            }
        });
        self.parts = vec![Part {
            nodes: nodes.collect(),
            lo,
            shape: shape.clone(),
        }];
    }

    /// The part of these results that lies in the box `lo..hi` of the kept axes (global indices).
    pub fn restrict(&self, lo: &[usize], hi: &[usize]) -> Partials {
        let item = self.kernels().item;
        let mut parts: Vec<Part> = self
            .parts
            .iter()
            .map(|part| part.cut(lo, hi, item))
            .collect();
        if parts.iter().any(|part| part.len() > 0) {
            parts.retain(|part| part.len() > 0);
        } else {
            parts.truncate(1);
        }
        let mut restricted = Partials {
            reduction: self.reduction,
            dtype: self.dtype,
            parts,
        };
        // One part, so that its length as bytes follows from the box alone.
        restricted.assemble();
        restricted
    }

    /// The result over the kept box in C order, `n_units` being the number of units of the outermost reduced axis (1 if no axis is reduced).
    ///
    /// The dtype is [`Partials::result_dtype`].
    ///
    /// # Errors
    ///
    /// [`Error::EmptyReduction`] if there are no units and the reduction has no identity.
    ///
    /// # Panics
    ///
    /// If the partial results do not cover all units of every element of their box.
    pub fn finish(&self, n_units: usize) -> Result<Vec<u8>, Error> {
        let kernels = self.kernels();
        let dtype = self.result_dtype();
        let (lo, shape) = self.kept_box();
        let total: usize = shape.iter().product();
        if n_units == 0 {
            return self.over_nothing(total);
        }
        if total == 0 {
            return Ok(Vec::new());
        }
        let covered: usize = self.parts.iter().map(Part::len).sum();
        assert_eq!(covered, total, "partial results cover a box");
        let mut result = if self.parts.len() == 1 {
            Vec::new()
        } else {
            vec![0u8; total * dtype.size()]
        };
        for part in &self.parts {
            let values = self.result_bytes(fold(&part.nodes, n_units, &kernels, part.len()));
            if self.parts.len() == 1 {
                return Ok(values);
            }
            let relative: SmallVec<[usize; 4]> =
                part.lo.iter().zip(&lo).map(|(a, b)| a - b).collect();
            copy_box(
                &values,
                &part.shape,
                None,
                &mut result,
                &shape,
                Some(&relative),
                &part.shape,
                dtype.size(),
            );
        }
        Ok(result)
    }

    fn over_nothing(&self, total: usize) -> Result<Vec<u8>, Error> {
        if let Some(operation) = self.reduction.empty_text() {
            // NumPy has no objection when there is no result either.
            return if total == 0 {
                Ok(Vec::new())
            } else {
                Err(Error::EmptyReduction { operation })
            };
        }
        let one = matches!(self.reduction, Reduction::Prod | Reduction::All);
        let identity = if one {
            crate::Scalar::one(self.dtype)
        } else {
            crate::Scalar::zero(self.dtype)
        };
        Ok(identity.bytes().repeat(total))
    }

    /// From partial results to elements of the result.
    fn result_bytes(&self, data: Cow<'_, [u8]>) -> Vec<u8> {
        if self.reduction.is_arg() {
            let item = size_of::<Arg<f64>>();
            let mut indices = vec![0; data.len() / item * 8];
            // The index stands first in a partial result, whatever the dtype.
            for (index, arg) in indices.chunks_exact_mut(8).zip(data.chunks_exact(item)) {
                index.copy_from_slice(&arg[..8]);
            }
            return indices;
        }
        if self.dtype.is_bool() {
            return data.iter().map(|&byte| u8::from(byte != 0)).collect();
        }
        data.into_owned()
    }

    /// The partial results as bytes, for a message.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![self.reduction as u8, self.dtype as u8];
        let mut put = |value: usize| bytes.extend((value as u64).to_le_bytes());
        put(self.parts.len());
        for part in &self.parts {
            put(part.lo.len());
            part.lo
                .iter()
                .chain(&part.shape)
                .for_each(|&value| put(value));
            put(part.nodes.len());
            for node in &part.nodes {
                put(node.level as usize);
                put(node.index);
            }
        }
        for node in self.parts.iter().flat_map(|part| &part.nodes) {
            bytes.extend_from_slice(&node.data);
        }
        bytes
    }

    /// What [`Partials::to_bytes`] wrote.
    ///
    /// # Panics
    ///
    /// If the bytes are not what [`Partials::to_bytes`] wrote.
    pub fn from_bytes(bytes: &[u8]) -> Partials {
        let mut reader = Reader { bytes };
        let head = reader.take(2);
        let reduction = Reduction::REDUCTIONS[head[0] as usize];
        let dtype = DType::from_index(head[1] as usize).expect("partial results carry a dtype");
        let item = kernels(reduction, dtype, isa::active()).item;
        let mut parts: Vec<Part> = (0..reader.number())
            .map(|_| {
                let ndim = reader.number();
                let lo = (0..ndim).map(|_| reader.number()).collect();
                let shape = (0..ndim).map(|_| reader.number()).collect();
                let nodes = (0..reader.number())
                    .map(|_| PartNode {
                        level: reader.number() as u32,
                        index: reader.number(),
                        data: Vec::new(),
                    })
                    .collect();
                Part { lo, shape, nodes }
            })
            .collect();
        for part in &mut parts {
            let len = part.len() * item;
            part.nodes
                .iter_mut()
                .for_each(|node| node.data = reader.take(len).to_vec());
        }
        Partials {
            reduction,
            dtype,
            parts,
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> &'a [u8] {
        let (head, rest) = self.bytes.split_at(n);
        self.bytes = rest;
        head
    }

    fn number(&mut self) -> usize {
        u64::from_le_bytes(self.take(8).try_into().expect("eight bytes")) as usize
    }
}

/// The root's partial results over `n_units` units.
fn fold<'a>(nodes: &'a [PartNode], n_units: usize, kernels: &Kernels, len: usize) -> Cow<'a, [u8]> {
    let mut next = 0;
    for node in nodes {
        assert_eq!(node.units().0, next, "partial results cover all units");
        next = node.units().1.min(n_units);
    }
    assert_eq!(next, n_units, "partial results cover all units");
    // From the right: the value of everything right of a node is its right sibling's, since what lies beyond is empty.
    let mut nodes = nodes.iter().rev();
    let mut right = Cow::Borrowed(&nodes.next().expect("there are units").data[..]);
    for left in nodes {
        let mut joined = left.data.clone();
        // SAFETY: both hold `len` partial results.
        unsafe { (kernels.join)(len, joined.as_mut_ptr(), right.as_ptr()) };
        right = Cow::Owned(joined);
    }
    right
}

/// Copies a box of `shape` from one C-ordered array to another; the corners are 0 where not given.
#[allow(clippy::too_many_arguments)]
fn copy_box(
    from: &[u8],
    from_shape: &[usize],
    from_lo: Option<&[usize]>,
    to: &mut [u8],
    to_shape: &[usize],
    to_lo: Option<&[usize]>,
    shape: &[usize],
    item: usize,
) {
    let (mut axes, mut from_step, mut to_step) = (SmallVec::<[CopyAxis; 4]>::new(), item, item);
    let (mut from_at, mut to_at) = (0, 0);
    for axis in (0..shape.len()).rev() {
        axes.push(CopyAxis {
            len: shape[axis],
            from: from_step as isize,
            to: to_step as isize,
        });
        from_at += from_lo.map_or(0, |lo| lo[axis]) * from_step;
        to_at += to_lo.map_or(0, |lo| lo[axis]) * to_step;
        from_step *= from_shape[axis];
        to_step *= to_shape[axis];
    }
    if shape.contains(&0) {
        return;
    }
    assert!(
        from.len() >= from_step && to.len() >= to_step,
        "boxes lie inside their arrays"
    );
    // Items of three words are copied as words.
    let (words, size) = if item == 24 { (3, 8) } else { (1, item) };
    axes.push(CopyAxis {
        len: words,
        from: size as isize,
        to: size as isize,
    });
    // SAFETY: the box lies inside both arrays, which are different.
    unsafe {
        strided::copy(
            &axes,
            from.as_ptr().add(from_at),
            to.as_mut_ptr().add(to_at),
            size,
        )
    };
}

const _: () = {
    // `result_bytes` and `copy_box` rely on these.
    assert!(size_of::<Arg<Byte>>() == 24 && size_of::<Arg<Complex<f64>>>() == 24);
    assert!(std::mem::offset_of!(Arg<f64>, index) == 0);
};
