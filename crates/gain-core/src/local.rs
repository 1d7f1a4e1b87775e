//! Local parts: a rank's own elements as plain memory, and arrays made of such parts.

use std::cell::Ref;
use std::rc::Rc;

use gain_ga::{Buffer, Distribution, IndexBox};
use gain_ufunc::DType;
use smallvec::{SmallVec, smallvec};

use crate::array::Array;
use crate::base::Base;
use crate::error::Result;
use crate::graph::Source;
use crate::layout::c_strides;
use crate::plan::Work;
use crate::runtime::Runtime;

/// The largest block may be this many times the mean before parts are spread anew.
const TOLERATED_IMBALANCE: f64 = 1.25;

/// What one rank has of an array: a box of the array's own indices, and its elements in C order.
///
/// While it lives no statement may write the array; recording one is a panic.
pub struct LocalPart<'a> {
    /// The box.
    pub index_box: IndexBox,
    store: Store<'a>,
}

enum Store<'a> {
    Lent(Ref<'a, [u8]>),
    Packed(Buffer),
}

impl LocalPart<'_> {
    /// The elements' bytes. Local.
    pub fn bytes(&self) -> &[u8] {
        match &self.store {
            Store::Lent(bytes) => bytes,
            Store::Packed(buffer) => buffer.as_slice(),
        }
    }

    /// The elements. Local.
    ///
    /// # Panics
    /// If `T` has another size than the array's elements.
    pub fn elements<T: bytemuck::Pod>(&self) -> &[T] {
        bytemuck::cast_slice(self.bytes())
    }
}

/// The address of this rank's own elements, for who reads and writes them without this crate. While it lives the memory stays where it is,
/// and what is recorded on it runs at once.
pub struct Loan {
    /// The box of the array's own indices.
    pub index_box: IndexBox,
    /// Where its first element lies; null when the box is empty.
    pub address: *mut u8,
    /// Bytes per index along each axis.
    pub strides: SmallVec<[isize; 4]>,
    base: Rc<Base>,
}

impl Drop for Loan {
    fn drop(&mut self) {
        self.base.end_loan();
    }
}

impl Array {
    /// Lends out the memory of this rank's own elements. Collective: every rank lends at the same point of the program, since statements on
    /// memory that is lent are not gathered but run one by one.
    ///
    /// # Errors
    /// As [`Runtime::sync`].
    pub fn lend_out(&self) -> Result<Loan> {
        // What waits to read the memory must have read it before somebody outside writes.
        if self.base.is_busy() || !self.base.is_placed() {
            self.runtime.sync()?;
        }
        let index_box = self.local_box()?;
        let block = self.base.local_box(self.runtime.rank());
        let (mut address, mut strides) =
            (std::ptr::null_mut(), SmallVec::from_elem(0, self.ndim()));
        if let Some(block) = block.filter(|_| !index_box.is_empty()) {
            let memory = self.base.byte_strides(&block.shape());
            strides = self.layout.strides(&memory);
            let offset = self.layout.position(&index_box.lo, &block.lo, &memory);
            address = self.base.address().wrapping_offset(offset);
        }
        self.base.count_loan();
        Ok(Loan {
            index_box,
            address,
            strides,
            base: Rc::clone(&self.base),
        })
    }

    /// This rank's own part; memory is copied only if the view's elements do not follow one another. Collective when the array
    /// waits to be computed.
    ///
    /// # Errors
    /// As [`Runtime::sync`].
    ///
    /// # Examples
    /// ```
    /// use gain_core::{Runtime, Settings, create};
    ///
    /// let rt = Runtime::single(Settings::default());
    /// let a = create::from_slice(&rt, &[2, 2], &[1.0, 2.0, 3.0, 4.0])?;
    /// assert_eq!(a.local_part()?.elements::<f64>(), [1.0, 2.0, 3.0, 4.0]);
    /// # Ok::<(), gain_core::Error>(())
    /// ```
    pub fn local_part(&self) -> Result<LocalPart<'_>> {
        let index_box = self.local_box()?;
        self.local_part_of(index_box)
    }

    /// As [`Array::local_part`], of a box that this rank holds. Local; the array is computed.
    pub(crate) fn local_part_of(&self, index_box: IndexBox) -> Result<LocalPart<'_>> {
        let store = match self.run_of(&index_box) {
            Some((start, end)) => Store::Lent(Ref::map(self.base.lend(), |all| &all[start..end])),
            None => Store::Packed(self.pack(&index_box)?),
        };
        Ok(LocalPart { index_box, store })
    }

    /// Where in the local block the box lies, if its elements follow one another there.
    fn run_of(&self, index_box: &IndexBox) -> Option<(usize, usize)> {
        if index_box.is_empty() {
            return None;
        }
        let block = self.base.local_box(self.runtime.rank())?;
        let memory = c_strides(&block.shape());
        let shape = index_box.shape();
        let in_order = self
            .layout
            .strides(&memory)
            .iter()
            .zip(c_strides(&shape))
            .zip(&shape)
            .all(|((&have, want), &len)| len == 1 || have == want);
        if !in_order {
            return None;
        }
        let start = self.layout.position(&index_box.lo, &block.lo, &memory);
        let start = usize::try_from(start).ok()? * self.itemsize();
        Some((start, start + index_box.len() * self.itemsize()))
    }

    /// The array whose parts are the ranks' blocks: each gives the elements of its box of `distribution`, in C order. Small ones become
    /// whole on every rank, as all small arrays are. Collective.
    ///
    /// # Errors
    /// As [`Runtime::sync`].
    ///
    /// # Panics
    /// If the block has another length than this rank's box.
    pub fn from_local(
        rt: &Runtime,
        dtype: DType,
        distribution: Distribution,
        block: Buffer,
    ) -> Result<Array> {
        let shape = distribution.shape();
        let size: usize = shape.iter().product();
        let small = rt.is_small(size) || shape.is_empty();
        assert_eq!(
            block.len(),
            distribution.box_of(rt.rank()).len() * dtype.size(),
            "a block holds its rank's box"
        );
        let whole = distribution.is_replicated() || (small && rt.n_ranks() == 1);
        let base = Base::promised(dtype, shape, whole);
        base.distribute(distribution);
        base.place(block);
        let made = Array::whole(rt, base);
        if small && !whole {
            made.replicate()
        } else {
            Ok(made)
        }
    }

    /// The array made by putting the ranks' blocks behind one another along the first axis: `count` of this rank's, each of shape
    /// `trailing`. Spread anew when the counts differ much. Collective.
    ///
    /// # Errors
    /// As [`Runtime::sync`].
    pub fn from_parts(
        rt: &Runtime,
        dtype: DType,
        count: usize,
        trailing: &[usize],
        block: Buffer,
    ) -> Result<Array> {
        let mut cuts = vec![0];
        if rt.n_ranks() == 1 {
            cuts.push(count);
        } else {
            for bytes in rt.team().all_gather(&(count as u64).to_le_bytes())? {
                let count: u64 = bytemuck::pod_read_unaligned(&bytes);
                cuts.push(cuts[cuts.len() - 1] + count as usize);
            }
        }
        let mut points = vec![cuts];
        points.extend(trailing.iter().map(|&len| vec![0, len]));
        let distribution = Distribution::irregular(&points, rt.n_ranks())?;
        Array::from_local(rt, dtype, distribution, block)?.balanced()
    }

    /// This array, or a copy in even blocks where its own are too uneven to work with. Collective.
    ///
    /// # Errors
    /// As [`Runtime::sync`].
    pub fn balanced(self) -> Result<Array> {
        if self.is_replicated() || self.distribution()?.imbalance() <= TOLERATED_IMBALANCE {
            return Ok(self);
        }
        let even = self.runtime.default_distribution(self.shape());
        self.redistributed(even)
    }

    /// A copy of these elements under another distribution. Collective.
    ///
    /// # Errors
    /// As [`Runtime::sync`].
    ///
    /// # Panics
    /// If the distribution is of another shape.
    pub fn redistributed(&self, distribution: Distribution) -> Result<Array> {
        let source = self.source(self.shape()).expect("its own shape");
        self.laid_out(self.dtype(), distribution, source)
    }

    /// The elements of a source of this runtime in memory of the given distribution and dtype.
    pub(crate) fn laid_out(
        &self,
        dtype: DType,
        distribution: Distribution,
        source: Source,
    ) -> Result<Array> {
        let rt = &self.runtime;
        let base = Base::promised(dtype, distribution.shape(), distribution.is_replicated());
        let share = distribution.box_of(rt.rank()).len() * dtype.size();
        base.distribute(distribution);
        base.place(Buffer::new(share)?);
        let made = Array::whole(rt, base);
        if made.size() > 0 {
            made.record(Work::Copy, smallvec![source])?;
        }
        Ok(made)
    }
}
