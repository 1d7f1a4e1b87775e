//! Sorting along an axis, and the indices that sort.
//!
//! # Rationale
//! Elements become unsigned keys of their order, so that comparisons are those of integers. Lines along an axis that no rank shares are
//! sorted where they lie; otherwise the array is laid out so that they are. A vector is sorted by all ranks: each its own part, then
//! exact cuts, one exchange and a merge.
//!
//! # Limitations
//! Where an axis is cut and there are fewer other lines than ranks, lines are sorted one after the other by all ranks.

mod keys;
mod merge;
mod radix;
mod split;

use std::sync::{Mutex, PoisonError};

use bytemuck::{Pod, Zeroable};
use gain_ga::{Buffer, Distribution};
use gain_ufunc::DType;
use gain_ufunc::pool::Pool;
use half::f16;
use smallvec::SmallVec;

use crate::array::Array;
use crate::create;
use crate::error::Result;
use crate::index::{self, Index};
use crate::operand::Operand;
use crate::runtime::Runtime;
use keys::Element;

/// The elements in ascending order along an axis, NaN last, as a new array. Collective.
///
/// # Errors
/// `AxisError`; as [`Runtime::sync`].
///
/// # Examples
/// ```
/// use gain_core::{Runtime, Settings, create, sort};
///
/// let rt = Runtime::single(Settings::default());
/// let a = create::from_slice(&rt, &[4], &[2.0, f64::NAN, -1.0, 0.5])?;
/// assert_eq!(sort::sort(&a, 0)?.to_vec::<f64>()?[..3], [-1.0, 0.5, 2.0]);
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn sort(array: &Array, axis: isize) -> Result<Array> {
    lines(array, axis, false)
}

/// The indices along an axis that sort it; of equal elements the first comes first. `int64`. Collective.
///
/// # Errors
/// As [`sort`].
///
/// # Examples
/// ```
/// use gain_core::{Runtime, Settings, create, sort};
///
/// let rt = Runtime::single(Settings::default());
/// let a = create::from_slice(&rt, &[4], &[2i64, 1, 2, 0])?;
/// assert_eq!(sort::argsort(&a, 0)?.to_vec::<i64>()?, [3, 1, 0, 2]);
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn argsort(array: &Array, axis: isize) -> Result<Array> {
    lines(array, axis, true)
}

fn lines(array: &Array, axis: isize, indices: bool) -> Result<Array> {
    let rt = array.runtime();
    let ndim = array.ndim();
    let axis = index::axes(Some(&[axis]), ndim)?[0];
    let dtype = if indices { DType::I64 } else { array.dtype() };
    if array.size() == 0 {
        return create::empty(rt, array.shape(), dtype);
    }
    let mut order: SmallVec<[usize; 4]> = (0..ndim).filter(|&other| other != axis).collect();
    order.push(axis);
    let last = array.transpose(&order)?;
    let sorted = along_last(&last, indices)?;
    if axis + 1 == ndim {
        return Ok(sorted);
    }
    let mut back: SmallVec<[usize; 4]> = SmallVec::from_elem(0, ndim);
    for (place, &axis) in order.iter().enumerate() {
        back[axis] = place;
    }
    let turned = sorted.transpose(&back)?;
    // Results lie in C order.
    turned.astype(dtype)
}

/// Sorts along the last axis.
fn along_last(array: &Array, indices: bool) -> Result<Array> {
    let rt = array.runtime();
    let dtype = if indices { DType::I64 } else { array.dtype() };
    let last = array.ndim() - 1;
    let n_lines: usize = array.shape()[..last].iter().product();
    let distribution = array.distribution()?;
    let is_cut = !distribution.is_replicated() && {
        (0..rt.n_ranks()).any(|rank| {
            let own = distribution.box_of(rank);
            !own.is_empty() && (own.lo[last] > 0 || own.hi[last] < array.shape()[last])
        })
    };
    if is_cut && n_lines < rt.n_ranks() {
        return one_by_one(array, indices, dtype);
    }
    let laid_out = if is_cut {
        let longest = (0..last)
            .rev()
            .max_by_key(|&axis| array.shape()[axis])
            .expect("there are as many lines as ranks");
        let mut grid: SmallVec<[usize; 4]> = SmallVec::from_elem(1, array.ndim());
        grid[longest] = rt.n_ranks();
        let even = Distribution::regular(array.shape(), &grid, rt.n_ranks())?;
        array.redistributed(even)?
    } else {
        array.clone()
    };
    let distribution = laid_out.distribution()?;
    let part = laid_out.local_part()?;
    let len = array.shape()[last];
    let mut block = Buffer::new(part.index_box.len() * dtype.size())?;
    let (from, to) = (part.bytes(), block.as_mut_slice());
    let work = Local {
        rt,
        from,
        to,
        len,
        indices,
    };
    each_dtype(array.dtype(), work)?;
    drop(part);
    Array::from_local(rt, dtype, distribution, block)
}

/// Each line by all ranks: a vector, or few lines of a cut axis.
fn one_by_one(array: &Array, indices: bool, dtype: DType) -> Result<Array> {
    if array.ndim() == 1 {
        return vector(array, indices, dtype);
    }
    let result = create::empty(array.runtime(), array.shape(), dtype)?;
    for row in 0..array.shape()[0] {
        let line = array.index(&[Index::Int(row as isize)])?;
        let sorted = along_last(&line, indices)?;
        let target = result.index(&[Index::Int(row as isize)])?;
        target.assign(Operand::Array(&sorted))?;
    }
    Ok(result)
}

/// A vector that is cut.
fn vector(array: &Array, indices: bool, dtype: DType) -> Result<Array> {
    let rt = array.runtime();
    // Parts in the order of the ranks: equal elements are dealt out in that order.
    let target = rt.default_distribution(array.shape());
    let have = array.distribution()?;
    let in_order = {
        let mut end = 0;
        (0..rt.n_ranks()).all(|rank| {
            let own = have.box_of(rank);
            own.is_empty() || std::mem::replace(&mut end, own.hi[0]) == own.lo[0]
        })
    };
    let array = if in_order {
        array.clone()
    } else {
        array.redistributed(target.clone())?
    };
    let part = array.local_part()?;
    let first = part.index_box.lo.first().copied().unwrap_or(0);
    let mut end = 0;
    let mut cuts: Vec<usize> = (0..rt.n_ranks())
        .map(|rank| {
            let own = target.box_of(rank);
            let start = if own.is_empty() { end } else { own.lo[0] };
            end = if own.is_empty() { end } else { own.hi[0] };
            start
        })
        .collect();
    cuts.push(array.size());
    let mut block = Buffer::new(target.box_of(rt.rank()).len() * dtype.size())?;
    let work = Shared {
        rt,
        from: part.bytes(),
        to: block.as_mut_slice(),
        cuts: &cuts,
        first,
        indices,
    };
    each_dtype(array.dtype(), work)?;
    drop(part);
    Array::from_local(rt, dtype, target, block)
}

/// Work that is the same for every type of elements.
trait Work {
    fn run<E: Element + Send + Sync>(self) -> Result<()>;
}

fn each_dtype(dtype: DType, work: impl Work) -> Result<()> {
    match dtype {
        DType::Bool | DType::U8 => work.run::<u8>(),
        DType::U16 => work.run::<u16>(),
        DType::U32 => work.run::<u32>(),
        DType::U64 => work.run::<u64>(),
        DType::I8 => work.run::<i8>(),
        DType::I16 => work.run::<i16>(),
        DType::I32 => work.run::<i32>(),
        DType::I64 => work.run::<i64>(),
        DType::F16 => work.run::<f16>(),
        DType::F32 => work.run::<f32>(),
        DType::F64 => work.run::<f64>(),
        DType::C64 => work.run::<[f32; 2]>(),
        DType::C128 => work.run::<[f64; 2]>(),
    }
}

/// Lines that this rank has whole.
struct Local<'a> {
    rt: &'a Runtime,
    from: &'a [u8],
    to: &'a mut [u8],
    len: usize,
    indices: bool,
}

impl Work for Local<'_> {
    fn run<E: Element + Send + Sync>(self) -> Result<()> {
        if self.from.is_empty() {
            return Ok(());
        }
        let size = if self.indices { 8 } else { size_of::<E>() };
        let pool = self.rt.pool();
        if self.from.len() == self.len * size_of::<E>() {
            return if self.indices {
                let mut items = items_of::<E>(self.from, 0)?;
                let items: &mut [E::Item] = bytemuck::cast_slice_mut(items.as_mut_slice());
                merge::sort(items, pool)?;
                put_indices::<E>(items, self.to);
                Ok(())
            } else {
                whole::<E>(self.from, self.to, pool)
            };
        }
        let elements = self.from.chunks_exact(self.len * size_of::<E>());
        let targets = self.to.chunks_exact_mut(self.len * size);
        let all: Vec<Mutex<(&[u8], &mut [u8])>> = elements.zip(targets).map(Mutex::new).collect();
        let chunk = (16_384 / self.len).max(1);
        pool.for_each(all.len().div_ceil(chunk), &|number| {
            let mut keys: Vec<E::Key> = Vec::new();
            let mut items: Vec<E::Item> = Vec::new();
            let (mut spare_keys, mut spare_items) = (Vec::new(), Vec::new());
            for line in all.iter().skip(number * chunk).take(chunk) {
                let mut line = line.lock().unwrap_or_else(PoisonError::into_inner);
                let (from, to) = &mut *line;
                if self.indices {
                    items.clear();
                    items.extend(
                        elements_of::<E>(from)
                            .enumerate()
                            .map(|(place, element)| element.item(place as u64)),
                    );
                    spare_items.resize(items.len(), E::Item::zeroed());
                    radix::sort(&mut items, &mut spare_items);
                    put_indices::<E>(&items, to);
                } else {
                    keys.clear();
                    keys.extend(elements_of::<E>(from).map(E::key));
                    spare_keys.resize(keys.len(), E::Key::zeroed());
                    radix::sort(&mut keys, &mut spare_keys);
                    put::<E>(&keys, to);
                }
            }
        });
        Ok(())
    }
}

/// Sorts a vector that is not shared; its keys lie in the result's memory where they fit there.
fn whole<E: Element>(from: &[u8], to: &mut [u8], pool: &Pool) -> Result<()> {
    if size_of::<E::Key>() != size_of::<E>() {
        let mut keys = keys_of::<E>(from)?;
        let keys: &mut [E::Key] = bytemuck::cast_slice_mut(keys.as_mut_slice());
        merge::sort(keys, pool)?;
        put::<E>(keys, to);
        return Ok(());
    }
    let keys: &mut [E::Key] = bytemuck::cast_slice_mut(to);
    put_keys::<E>(from, keys);
    merge::sort(keys, pool)?;
    for key in keys {
        let element = E::element(*key);
        bytemuck::bytes_of_mut(key).copy_from_slice(bytemuck::bytes_of(&element));
    }
    Ok(())
}

/// A vector that all ranks sort.
struct Shared<'a> {
    rt: &'a Runtime,
    from: &'a [u8],
    to: &'a mut [u8],
    cuts: &'a [usize],
    first: usize,
    indices: bool,
}

impl Work for Shared<'_> {
    fn run<E: Element + Send + Sync>(self) -> Result<()> {
        let pool = self.rt.pool();
        if self.indices {
            let mut items = items_of::<E>(self.from, self.first)?;
            let items: &mut [E::Item] = bytemuck::cast_slice_mut(items.as_mut_slice());
            merge::sort(items, pool)?;
            put_indices::<E>(&split::distributed(self.rt, items, self.cuts)?, self.to);
        } else {
            let mut keys = keys_of::<E>(self.from)?;
            let keys: &mut [E::Key] = bytemuck::cast_slice_mut(keys.as_mut_slice());
            merge::sort(keys, pool)?;
            put::<E>(&split::distributed(self.rt, keys, self.cuts)?, self.to);
        }
        Ok(())
    }
}

fn elements_of<E: Pod>(bytes: &[u8]) -> impl Iterator<Item = E> + '_ {
    bytes
        .chunks_exact(size_of::<E>())
        .map(bytemuck::pod_read_unaligned)
}

/// The elements' keys, in memory that is recycled.
fn keys_of<E: Element>(bytes: &[u8]) -> Result<Buffer> {
    let count = bytes.len() / size_of::<E>();
    let mut buffer = Buffer::new(count * size_of::<E::Key>())?;
    put_keys::<E>(bytes, bytemuck::cast_slice_mut(buffer.as_mut_slice()));
    Ok(buffer)
}

fn put_keys<E: Element>(bytes: &[u8], keys: &mut [E::Key]) {
    for (to, element) in keys.iter_mut().zip(elements_of::<E>(bytes)) {
        *to = element.key();
    }
}

fn put<E: Element>(keys: &[E::Key], to: &mut [u8]) {
    for (&key, to) in keys.iter().zip(to.chunks_exact_mut(size_of::<E>())) {
        to.copy_from_slice(bytemuck::bytes_of(&E::element(key)));
    }
}

/// Keys with indices behind them, in memory that is recycled.
fn items_of<E: Element>(bytes: &[u8], first: usize) -> Result<Buffer> {
    let count = bytes.len() / size_of::<E>();
    let mut buffer = Buffer::new(count * size_of::<E::Item>())?;
    let items: &mut [E::Item] = bytemuck::cast_slice_mut(buffer.as_mut_slice());
    for (place, (to, element)) in items.iter_mut().zip(elements_of::<E>(bytes)).enumerate() {
        *to = element.item((first + place) as u64);
    }
    Ok(buffer)
}

fn put_indices<E: Element>(items: &[E::Item], to: &mut [u8]) {
    for (item, to) in items.iter().zip(to.chunks_exact_mut(8)) {
        to.copy_from_slice(&E::index(item).to_le_bytes());
    }
}
