//! Rows of arrays by arrays of indices: laying out indices and values, then the exchange.

use gain_ga::{Buffer, Distribution, IndexBox, Indices};
use gain_ufunc::{DType, Scalar};
use smallvec::SmallVec;

use crate::array::Array;
use crate::error::{Error, Result, shape_text};
use crate::layout::broadcast_shapes;
use crate::operand::Operand;
use crate::operate::weak_value;
use crate::route::at_hand;
use crate::route::entries::{Entries, entry_distribution};
use crate::route::gather::gather;
use crate::route::scatter::{Join, Values, Write, scatter};

/// A value that is written to many places.
#[derive(Clone, Copy, Debug)]
pub enum Content<'a> {
    /// One element of the target's dtype.
    One(Scalar),
    /// An array that broadcasts to the shape of the indices and the rows.
    Array(&'a Array),
}

impl<'a> Content<'a> {
    /// An operand as it is assigned to elements of a dtype. Local.
    ///
    /// # Errors
    /// `OverflowError` for a Python integer that does not fit.
    pub fn of(operand: Operand<'a>, dtype: DType) -> Result<Content<'a>> {
        Ok(match operand {
            Operand::Array(array) => Content::Array(array),
            Operand::Scalar(value) => Content::One(value.cast(dtype)),
            Operand::Weak(number) => Content::One(weak_value(number, dtype)?),
        })
    }
}

/// Index arrays with their common shape and where their entries lie.
struct Plan {
    entries: Entries,
    /// Of the indices' shape and the rows'.
    distribution: Distribution,
    n_entry_axes: usize,
}

impl Plan {
    fn new(
        array: &Array,
        indices: &[&Array],
        axes: &[usize],
        everywhere_is_whole: bool,
    ) -> Result<Plan> {
        let rt = array.runtime();
        let shape = common_shape(indices)?;
        let (lens, rows) = array.shape().split_at(indices.len());
        let everywhere = indices.iter().all(|index| index.is_replicated());
        let whole: Indices = shape.iter().chain(rows).copied().collect();
        let distribution = if everywhere && everywhere_is_whole {
            Distribution::replicated(&whole)
        } else {
            match own_distribution(indices, &shape, rows)? {
                Some(own) => own,
                None => entry_distribution(&shape, rows, everywhere, rt.n_ranks()),
            }
        };
        Ok(Plan {
            entries: Entries::new(indices, &shape, &distribution, lens, axes)?,
            distribution,
            n_entry_axes: shape.len(),
        })
    }

    /// The box of the rows' axes with which a rank has to do.
    fn rows_of(&self, rank: usize) -> IndexBox {
        let own = self.distribution.box_of(rank);
        if own.is_empty() {
            return IndexBox::nothing(self.distribution.ndim() - self.n_entry_axes);
        }
        IndexBox::new(&own.lo[self.n_entry_axes..], &own.hi[self.n_entry_axes..])
    }
}

/// The distribution of a vector of indices, where it serves as it is: blocks that ascend with the ranks and are even.
fn own_distribution(
    indices: &[&Array],
    shape: &[usize],
    rows: &[usize],
) -> Result<Option<Distribution>> {
    let [index] = indices else { return Ok(None) };
    if shape.len() != 1 || index.is_replicated() {
        return Ok(None);
    }
    let own = index.distribution()?;
    let Distribution::Blocks(blocks) = &own else {
        return Ok(None);
    };
    let ascends = blocks.axis_dim[0] == Some(0) && blocks.grid.len() == 1;
    if !ascends || own.imbalance() > 1.25 || index.layout.walks[0].is_none_or(|walk| walk.step < 0)
    {
        return Ok(None);
    }
    let mut blocks = blocks.clone();
    for &len in rows {
        blocks.axes.push(gain_ga::AxisCuts::whole(len));
        blocks.axis_dim.push(None);
    }
    Ok(Some(Distribution::Blocks(blocks)))
}

/// The shape to which index arrays broadcast.
///
/// # Errors
/// `IndexError` with NumPy's words.
pub(crate) fn common_shape(indices: &[&Array]) -> Result<Indices> {
    let shapes = indices.iter().map(|index| index.shape());
    broadcast_shapes(shapes.clone()).ok_or_else(|| {
        let texts = shapes.map(|shape| shape_text(shape).replace(", ", ","));
        Error::Index(format!(
            "shape mismatch: indexing arrays could not be broadcast together with shapes {} ",
            texts.collect::<Vec<_>>().join(" ")
        ))
    })
}

/// The rows of `source` at `indices`, integer arrays that broadcast together and index its first axes in order: a new array of the indices'
/// shape and the rows'. `axes` are the axes' numbers in errors. Collective.
///
/// A result that is spread lies where the indices lie, its rows whole; few indices of long rows cut the rows instead.
///
/// # Errors
/// `IndexError` for an index out of bounds or shapes that do not broadcast; as [`Runtime::sync`](crate::Runtime::sync).
///
/// # Examples
/// ```
/// use gain_core::{Runtime, Settings, create, route};
///
/// let rt = Runtime::single(Settings::default());
/// let a = create::from_slice(&rt, &[3, 2], &[1.0, 2.0, 3.0, 4.0, 5.0, 6.0])?;
/// let index = create::from_slice(&rt, &[2], &[2i64, -3])?;
/// assert_eq!(route::read(&a, &[&index], &[0])?.to_vec::<f64>()?, [5.0, 6.0, 1.0, 2.0]);
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn read(source: &Array, indices: &[&Array], axes: &[usize]) -> Result<Array> {
    let rt = source.runtime();
    let shape = common_shape(indices)?;
    let rows = &source.shape()[indices.len()..];
    let size: usize = shape.iter().chain(rows).product();
    let whole: Indices = shape.iter().chain(rows).copied().collect();
    if let Some(found) = at_hand::read(source, indices, axes, &shape, &whole)? {
        return Ok(found);
    }
    rt.check_memory(&whole, source.dtype())?;
    let local = source.is_replicated() && (rt.is_small(size) || whole.is_empty());
    let plan = Plan::new(source, indices, axes, local)?;
    let found = gather(source, &plan.entries, &|rank| plan.rows_of(rank))?;
    Array::from_local(rt, source.dtype(), plan.distribution, found)
}

/// Writes `content` to the rows of `target` at `indices`; of several values for one element the last in C order stays. Collective.
///
/// # Errors
/// As [`read`]; `ValueError` when the content does not broadcast to the indices' shape and the rows'.
pub fn write(
    target: &Array,
    indices: &[&Array],
    axes: &[usize],
    content: Content<'_>,
) -> Result<()> {
    join(target, indices, axes, content, &mut Write::Replace)
}

/// As [`write()`], with `join(block, places, values)` called instead: it gets the local block, where in it the elements lie, and a value for
/// each, in the order in which one rank alone would take them. All axes of the target are indexed. Collective.
///
/// # Errors
/// As [`write()`].
///
/// # Examples
/// ```
/// use gain_core::{Runtime, Settings, create, route};
///
/// let rt = Runtime::single(Settings::default());
/// let counts = create::zeros(&rt, &[3], gain_core::DType::I64)?;
/// let index = create::from_slice(&rt, &[4], &[2i64, 0, 2, 2])?;
/// let one = create::from_slice(&rt, &[1], &[1i64])?;
/// route::accumulate(&counts, &[&index], &[0], &one, &mut |block, places, values| {
///     let (block, values) = (bytemuck::cast_slice_mut::<u8, i64>(block), bytemuck::cast_slice(values));
///     places.iter().zip(values).for_each(|(&at, value): (_, &i64)| block[at as usize] += value);
/// })?;
/// assert_eq!(counts.to_vec::<i64>()?, [1, 0, 3]);
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn accumulate(
    target: &Array,
    indices: &[&Array],
    axes: &[usize],
    values: &Array,
    join: &mut Join<'_>,
) -> Result<()> {
    let mut write = Write::Join(join);
    self::join(target, indices, axes, Content::Array(values), &mut write)
}

fn join(
    target: &Array,
    indices: &[&Array],
    axes: &[usize],
    content: Content<'_>,
    write: &mut Write<'_, '_>,
) -> Result<()> {
    if !target.writeable() {
        return Err(Error::ReadOnly("assignment destination"));
    }
    let rt = target.runtime();
    let copies: SmallVec<[Array; 2]> = indices
        .iter()
        .map(|index| match index.same_memory(target) {
            true => index.copy(),
            false => Ok(Array::clone(index)),
        })
        .collect::<Result<_>>()?;
    let indices: SmallVec<[&Array; 2]> = copies.iter().collect();
    let shape = common_shape(&indices)?;
    let rows = &target.shape()[indices.len()..];
    let whole: Indices = shape.iter().chain(rows).copied().collect();
    if matches!(write, Write::Replace)
        && at_hand::write(target, &indices, axes, [&shape, &whole], content)?
    {
        return Ok(());
    }
    let everywhere = indices.iter().all(|index| index.is_replicated());
    let known = match content {
        Content::One(_) => everywhere,
        Content::Array(values) => everywhere && values.is_replicated(),
    };
    if target.is_replicated() && !known && rt.n_ranks() > 1 {
        // Every rank writes a part, and then all get the whole again.
        let parts = target.redistributed(rt.default_distribution(target.shape()))?;
        join(&parts, &indices, axes, content, write)?;
        return target.assign((&parts).into());
    }
    let plan = Plan::new(target, &indices, axes, target.is_replicated())?;
    let given = |rank| plan.rows_of(rank);
    match content {
        Content::One(value) => {
            let mut bytes = Buffer::new(value.bytes().len())?;
            bytes.as_mut_slice().copy_from_slice(value.bytes());
            let values = Values::One(bytes.as_slice());
            scatter(target, &plan.entries, &given, values, write)
        }
        Content::Array(values) => {
            let values = laid_out(values, target, &whole, &plan.distribution)?;
            values.flush()?;
            let part = values.local_part_of(plan.distribution.box_of(rt.rank()))?;
            let values = Values::Each(part.bytes());
            scatter(target, &plan.entries, &given, values, write)
        }
    }
}

/// Values of the target's dtype, broadcast to the entries' and rows' shape, each rank's part where it has the entries.
fn laid_out(
    values: &Array,
    target: &Array,
    whole: &[usize],
    distribution: &Distribution,
) -> Result<Array> {
    let mut values = values.clone();
    while values.ndim() > whole.len() && values.shape()[0] == 1 {
        values = values.drop_axis(0)?;
    }
    if values.layout.broadcast(whole).is_none() {
        return Err(Error::Value(format!(
            "shape mismatch: value array of shape {} could not be broadcast to indexing result of shape {}",
            shape_text(values.shape()).replace(", ", ","),
            shape_text(whole).replace(", ", ",")
        )));
    }
    if values.is_replicated() {
        if values.dtype() != target.dtype() || values.same_memory(target) {
            values = values.astype(target.dtype())?;
        }
        return values.broadcast_to(whole);
    }
    let fits = values.dtype() == target.dtype() && values.shape() == whole;
    if fits && !values.same_memory(target) && values.distribution()? == *distribution {
        return Ok(values);
    }
    let source = values.source(whole).expect("it was broadcast above");
    values.laid_out(target.dtype(), distribution.clone(), source)
}
