//! Ufuncs along an axis in NumPy's order: running results (`accumulate`), their last ones (`reduce` of ufuncs that are not
//! [`Reduction`](crate::Reduction)s), and ufuncs in place at indices (`at`).
//!
//! # Rationale
//! NumPy goes through an axis from left to right, and for floating-point numbers the order is the result. So an axis that is cut is gone
//! through rank by rank: each hands what it came to, its carry, to the next. That keeps the bits and loses the parallelism; therefore the
//! elements are first laid out so that another axis is cut, where there is one long enough. Where grouping can not change the result
//! (integers and booleans under addition, products, bit-wise and logical operations, extremes) all ranks scan their parts at once, and the
//! carries, which are small, follow.
//!
//! # Limitations
//! A vector of floating-point numbers takes as long on many ranks as on one.

use gain_ga::{Buffer, Distribution, Incoming, Outgoing, StridedBytes};
use gain_ufunc::reduction::{Extents, Scan};
use gain_ufunc::{DType, Scalar, Ufunc, ufunc};
use smallvec::SmallVec;

use crate::array::Array;
use crate::create;
use crate::error::{Error, Result};
use crate::index;
use crate::route;
use crate::runtime::Runtime;

/// The running results of `ufunc` along `axis`, computed in `dtype`, as a new array of the same shape. Collective.
///
/// # Errors
/// [`Error::Unsupported`] when the ufunc has no loop from two `dtype` to `dtype`; `AxisError`; `ValueError` for a negative integer power;
/// as [`Runtime::sync`].
///
/// # Examples
/// ```
/// use gain_core::{DType, Runtime, Settings, create, scan, ufunc};
///
/// let rt = Runtime::single(Settings::default());
/// let a = create::from_slice(&rt, &[4], &[1i64, 2, 3, 4])?;
/// assert_eq!(scan::accumulate(&a, ufunc::ADD, 0, DType::I64)?.to_vec::<i64>()?, [1, 3, 6, 10]);
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn accumulate(
    array: &Array,
    ufunc: &'static Ufunc,
    axis: isize,
    dtype: DType,
) -> Result<Array> {
    let line = Line::new(array, ufunc, axis, dtype)?;
    let rt = array.runtime();
    if array.size() == 0 {
        return create::empty(rt, array.shape(), dtype);
    }
    let part = line.array.local_part()?;
    let extents = Extents::of(&part.index_box.shape(), line.axis);
    let mut block = Buffer::new(part.bytes().len())?;
    let chain = line.chain(ufunc);
    let carried = extents.across() * dtype.size();
    let mut done = Ok(());
    if line.is_cut && !part.index_box.is_empty() && regroups(ufunc, dtype) {
        done = line
            .scan
            .accumulate(extents, None, part.bytes(), block.as_mut_slice());
        let mut total = last(extents, dtype.size(), block.as_slice())?;
        let before = chain.receive(rt, carried)?;
        if let Some(before) = &before {
            let one = Extents { len: 1, ..extents };
            done = done.and(line.scan.prepend(one, before, total.as_mut_slice()));
        }
        chain.send(rt, total.as_slice())?;
        if let Some(before) = &before {
            done = done.and(line.scan.prepend(extents, before, block.as_mut_slice()));
        }
    } else if !part.index_box.is_empty() {
        let before = chain.receive(rt, carried)?;
        done = line.scan.accumulate(
            extents,
            before.as_deref(),
            part.bytes(),
            block.as_mut_slice(),
        );
        if chain.next.is_some() {
            chain.send(
                rt,
                last(extents, dtype.size(), block.as_slice())?.as_slice(),
            )?;
        }
    }
    drop(part);
    line.agree(ufunc, dtype, done)?;
    Array::from_local(rt, dtype, line.distribution, block)
}

/// `ufunc` between all elements along `axis`, from left to right, after `initial` if there is one; the axis is dropped. Collective.
///
/// # Errors
/// As [`accumulate`]; `ValueError` for no elements along the axis.
///
/// # Examples
/// ```
/// use gain_core::{DType, Runtime, Settings, create, scan, ufunc};
///
/// let rt = Runtime::single(Settings::default());
/// let a = create::from_slice(&rt, &[3], &[10i64, 3, 2])?;
/// let left = scan::fold(&a, ufunc::SUBTRACT, 0, DType::I64, None)?;
/// assert_eq!(left.item()?.as_i64(), 5);
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn fold(
    array: &Array,
    ufunc: &'static Ufunc,
    axis: isize,
    dtype: DType,
    initial: Option<Scalar>,
) -> Result<Array> {
    if dtype == DType::F16 && is_arithmetic(ufunc) {
        // As NumPy does along an axis whose elements follow one another: rounded once, at the end.
        let initial = initial.map(|value| value.cast(dtype));
        return fold(array, ufunc, axis, DType::F32, initial)?.astype(dtype);
    }
    let line = Line::new(array, ufunc, axis, dtype)?;
    let rt = array.runtime();
    if array.size() == 0 {
        return Err(Error::Unsupported {
            operation: "fold",
            what: "an array of no elements".to_string(),
        });
    }
    let part = line.array.local_part()?;
    let extents = Extents::of(&part.index_box.shape(), line.axis);
    let across = extents.across() * dtype.size();
    let chain = line.chain(ufunc);
    let mut result = Buffer::new(across)?;
    let mut done = Ok(());
    if !part.index_box.is_empty() {
        let before = match chain.receive(rt, across)? {
            Some(before) => Some(before),
            None => initial.map(|value| value.cast(dtype).bytes().repeat(extents.across())),
        };
        done = line.scan.fold(
            extents,
            before.as_deref(),
            part.bytes(),
            result.as_mut_slice(),
        );
        chain.send(rt, result.as_slice())?;
    }
    drop(part);
    line.agree(ufunc, dtype, done)?;
    let shape: SmallVec<[usize; 4]> = without(array.shape(), line.axis);
    if !line.is_cut {
        let kept = line.distribution.view(&kept_axes(array.shape(), line.axis));
        return Array::from_local(rt, dtype, kept, result);
    }
    // The last rank of the chain has all of it, which is little: all other axes are shorter than the team.
    let root = chain.last;
    let mut bytes = if rt.rank() == root {
        result.as_slice().to_vec()
    } else {
        Vec::new()
    };
    rt.team().broadcast(root, &mut bytes)?;
    let mut whole = Buffer::new(bytes.len())?;
    whole.as_mut_slice().copy_from_slice(&bytes);
    Array::from_local(rt, dtype, Distribution::replicated(&shape), whole)
}

fn is_arithmetic(ufunc: &'static Ufunc) -> bool {
    [ufunc::ADD, ufunc::SUBTRACT, ufunc::MULTIPLY, ufunc::DIVIDE].contains(&ufunc)
}

/// `target[i] = ufunc(target[i], value)` for the entry `i` of each index, a repeated one as often as it comes, in order. The indices are
/// integer arrays that broadcast together, one for each axis; the values broadcast to their shape. Collective.
///
/// # Errors
/// [`Error::Unsupported`] as [`accumulate`], and unless there is an index for each axis; `IndexError`; as [`Runtime::sync`].
///
/// # Examples
/// ```
/// use gain_core::{Runtime, Settings, create, scan, ufunc};
///
/// let rt = Runtime::single(Settings::default());
/// let counts = create::from_slice(&rt, &[3], &[0i64, 0, 0])?;
/// let places = create::from_slice(&rt, &[3], &[2i64, 0, 2])?;
/// let ones = create::from_slice(&rt, &[3], &[1i64, 1, 1])?;
/// scan::at(&counts, ufunc::ADD, &[&places], &ones)?;
/// assert_eq!(counts.to_vec::<i64>()?, [1, 0, 2]);
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn at(target: &Array, ufunc: &'static Ufunc, indices: &[&Array], values: &Array) -> Result<()> {
    let scan = Scan::of(ufunc, target.dtype());
    let (Some(scan), true) = (scan, indices.len() == target.ndim()) else {
        return Err(unsupported(ufunc, target.dtype()));
    };
    let axes: SmallVec<[usize; 4]> = (0..indices.len()).collect();
    let mut done = Ok(());
    route::accumulate(
        target,
        indices,
        &axes,
        values,
        &mut |block, places, values| {
            let joined = scan.at(block, places, values);
            done = std::mem::replace(&mut done, Ok(())).and(joined);
        },
    )?;
    agree(
        target.runtime(),
        target.is_replicated(),
        ufunc,
        target.dtype(),
        done,
    )
}

/// An array laid out for a walk along one axis.
struct Line {
    array: Array,
    distribution: Distribution,
    axis: usize,
    is_cut: bool,
    scan: Scan,
}

impl Line {
    fn new(array: &Array, ufunc: &'static Ufunc, axis: isize, dtype: DType) -> Result<Line> {
        let axis = index::axes(Some(&[axis]), array.ndim())?[0];
        let scan = Scan::of(ufunc, dtype).ok_or_else(|| unsupported(ufunc, dtype))?;
        let mut array = match array.dtype() == dtype {
            true => array.clone(),
            false => array.astype(dtype)?,
        };
        let mut distribution = array.distribution()?;
        let rt = array.runtime().clone();
        let wanted = layout_for(&distribution, axis, rt.n_ranks(), regroups(ufunc, dtype))?;
        if let Some(wanted) = wanted {
            array = array.redistributed(wanted)?;
            distribution = array.distribution()?;
        }
        let is_cut = cuts(&distribution, axis);
        Ok(Line {
            array,
            distribution,
            axis,
            is_cut,
            scan,
        })
    }

    /// Who hands to whom along a cut axis.
    fn chain(&self, ufunc: &Ufunc) -> Chain {
        let rt = self.array.runtime();
        let mut chain = Chain {
            previous: None,
            next: None,
            last: rt.rank(),
        };
        if !self.is_cut {
            return chain;
        }
        rt.stand_at(ufunc.name);
        let mut links: Vec<(usize, usize)> = (0..rt.n_ranks())
            .map(|rank| (self.distribution.box_of(rank), rank))
            .filter(|(index_box, _)| !index_box.is_empty())
            .map(|(index_box, rank)| (index_box.lo[self.axis], rank))
            .collect();
        links.sort_unstable();
        if let Some(here) = links.iter().position(|&(_, rank)| rank == rt.rank()) {
            chain.previous = here.checked_sub(1).map(|before| links[before].1);
            chain.next = links.get(here + 1).map(|&(_, rank)| rank);
        }
        chain.last = links.last().map_or(0, |&(_, rank)| rank);
        chain
    }

    fn agree(
        &self,
        ufunc: &Ufunc,
        dtype: DType,
        done: std::result::Result<(), gain_ufunc::Error>,
    ) -> Result<()> {
        let alone = self.distribution.is_replicated();
        agree(self.array.runtime(), alone, ufunc, dtype, done)
    }
}

/// A loop's complaint on one rank becomes every rank's.
fn agree(
    rt: &Runtime,
    alone: bool,
    ufunc: &Ufunc,
    dtype: DType,
    done: std::result::Result<(), gain_ufunc::Error>,
) -> Result<()> {
    if alone || rt.n_ranks() == 1 || ufunc.id() != ufunc::POWER.id() || !dtype.is_signed() {
        return Ok(done?);
    }
    let mut failed = [i64::from(done.is_err())];
    rt.team().all_reduce(gain_ga::ReduceOp::Max, &mut failed)?;
    match failed {
        [0] => Ok(()),
        _ => Err(gain_ufunc::Error::NegativeIntegerPower.into()),
    }
}

/// The neighbours of a rank along the axis.
struct Chain {
    previous: Option<usize>,
    next: Option<usize>,
    last: usize,
}

impl Chain {
    fn receive(&self, rt: &Runtime, bytes: usize) -> Result<Option<Vec<u8>>> {
        let Some(from) = self.previous else {
            return Ok(None);
        };
        let received = rt
            .team()
            .start(&[], &[Incoming { from, bytes }])?
            .finish()?;
        Ok(Some(received.piece(0).to_vec()))
    }

    fn send(&self, rt: &Runtime, carry: &[u8]) -> Result<()> {
        if let Some(to) = self.next {
            let source = StridedBytes::contiguous(carry);
            rt.team().start(&[Outgoing { to, source }], &[])?.finish()?;
        }
        Ok(())
    }
}

/// Where the elements should lie for a walk along `axis`; `None` when they may stay.
fn layout_for(
    distribution: &Distribution,
    axis: usize,
    n_ranks: usize,
    regroups: bool,
) -> Result<Option<Distribution>> {
    if !cuts(distribution, axis) {
        return Ok(None);
    }
    let shape = distribution.shape();
    let only = (0..shape.len()).all(|other| other == axis || !cuts(distribution, other));
    let across = (0..shape.len())
        .filter(|&other| other != axis && shape[other] >= n_ranks)
        .max_by_key(|&other| shape[other]);
    let cut = match across {
        Some(other) if !(only && regroups) => other,
        _ if only => return Ok(None),
        _ => axis,
    };
    let mut grid: SmallVec<[usize; 4]> = SmallVec::from_elem(1, shape.len());
    grid[cut] = n_ranks;
    Ok(Some(Distribution::regular(&shape, &grid, n_ranks)?))
}

/// Whether an axis is spread over several ranks.
fn cuts(distribution: &Distribution, axis: usize) -> bool {
    match distribution {
        Distribution::Blocks(blocks) => {
            blocks.axis_dim[axis].is_some_and(|dim| blocks.grid[dim] > 1)
        }
        Distribution::Replicated { .. } => false,
    }
}

/// Whether elements may be joined in groups without a change of the result's bits.
fn regroups(ufunc: &Ufunc, dtype: DType) -> bool {
    const UFUNCS: [&Ufunc; 11] = [
        ufunc::ADD,
        ufunc::MULTIPLY,
        ufunc::MINIMUM,
        ufunc::MAXIMUM,
        ufunc::BITWISE_AND,
        ufunc::BITWISE_OR,
        ufunc::BITWISE_XOR,
        ufunc::LOGICAL_AND,
        ufunc::LOGICAL_OR,
        ufunc::LOGICAL_XOR,
        ufunc::GCD,
    ];
    (dtype.is_integer() || dtype.is_bool()) && UFUNCS.iter().any(|other| other.id() == ufunc.id())
}

/// The last running results of a block.
fn last(extents: Extents, itemsize: usize, block: &[u8]) -> Result<Buffer> {
    let row = extents.inner * itemsize;
    let mut total = Buffer::new(extents.outer * row)?;
    for (o, to) in total.as_mut_slice().chunks_exact_mut(row).enumerate() {
        to.copy_from_slice(&block[((o + 1) * extents.len - 1) * row..][..row]);
    }
    Ok(total)
}

fn without(shape: &[usize], axis: usize) -> SmallVec<[usize; 4]> {
    let (before, after) = (&shape[..axis], &shape[axis + 1..]);
    before.iter().chain(after).copied().collect()
}

/// All axes but one, as a view of the whole; that one is not cut.
fn kept_axes(shape: &[usize], axis: usize) -> SmallVec<[gain_ga::ViewAxis; 6]> {
    (0..shape.len())
        .map(|other| match other == axis {
            true => gain_ga::ViewAxis::Fixed { axis, index: 0 },
            false => gain_ga::ViewAxis::Base {
                axis: other,
                start: 0,
                step: 1,
                len: shape[other],
            },
        })
        .collect()
}

fn unsupported(ufunc: &Ufunc, dtype: DType) -> Error {
    Error::Unsupported {
        operation: ufunc.name,
        what: format!("two {dtype} that give one"),
    }
}
