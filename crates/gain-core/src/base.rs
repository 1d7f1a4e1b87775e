//! The memory behind arrays: one base, perhaps many views.

use std::cell::{Cell, Ref, RefCell, RefMut};
use std::rc::{Rc, Weak};

use gain_ga::{Buffer, Distribution, IndexBox, Indices};
use gain_ufunc::DType;
use smallvec::SmallVec;

use crate::error::Result;

/// Elements with an owner for each: the memory that arrays are views of.
///
/// A base is *pending* while a recorded statement that writes it has not run.
#[derive(Debug)]
pub(crate) struct Base {
    pub(crate) dtype: DType,
    pub(crate) shape: Indices,
    /// Every rank holds the whole.
    pub(crate) replicated: bool,
    /// The base whose memory this one shares, under another shape or dtype.
    owner: Option<Rc<Base>>,
    /// Elements of this base in the memory of one element of its owner.
    per_element: usize,
    /// The bases that share this one's memory.
    aliases: RefCell<Vec<Weak<Base>>>,
    /// Elements that stay on one rank, for all shapes that this memory has had; 0 before there was a second one.
    unit: Cell<usize>,
    distribution: RefCell<Option<Distribution>>,
    buffer: RefCell<Option<Buffer>>,
    /// The buffer's address, so that small operations need not borrow.
    address: Cell<*mut u8>,
    writes: Cell<u32>,
    reads: Cell<u32>,
    /// Addresses of the buffer that are out of this crate's hands.
    loans: Cell<u32>,
}

impl Base {
    /// A base that a recorded statement will fill.
    pub(crate) fn promised(dtype: DType, shape: Indices, replicated: bool) -> Rc<Base> {
        Rc::new(Base {
            dtype,
            shape,
            replicated,
            owner: None,
            per_element: 1,
            aliases: RefCell::default(),
            unit: Cell::new(0),
            distribution: RefCell::new(None),
            buffer: RefCell::new(None),
            address: Cell::new(std::ptr::null_mut()),
            writes: Cell::new(0),
            reads: Cell::new(0),
            loans: Cell::new(0),
        })
    }

    /// A base that is whole on every rank, with memory of unknown content.
    pub(crate) fn replicated(dtype: DType, shape: Indices) -> Result<Rc<Base>> {
        let bytes = shape.iter().product::<usize>() * dtype.size();
        let base = Base::promised(dtype, shape, true);
        base.place(Buffer::new(bytes)?);
        Ok(base)
    }

    /// The same memory under another shape of as many elements.
    pub(crate) fn reshaped(
        self: &Rc<Base>,
        shape: Indices,
        distribution: Distribution,
    ) -> Rc<Base> {
        self.alias(self.dtype, shape, distribution, 1)
    }

    /// The same memory with `factor` elements of another dtype in the place of each.
    pub(crate) fn alias(
        self: &Rc<Base>,
        dtype: DType,
        shape: Indices,
        distribution: Distribution,
        factor: usize,
    ) -> Rc<Base> {
        let alias = Base::promised(dtype, shape, self.replicated);
        let mut alias = Rc::try_unwrap(alias).expect("a new base has one handle");
        alias.owner = Some(Rc::clone(self.memory()));
        alias.per_element = self.per_element * factor;
        let alias = Rc::new(alias);
        alias.distribute(distribution);
        let mut aliases = self.memory().aliases.borrow_mut();
        aliases.retain(|alias| alias.strong_count() > 0);
        aliases.push(Rc::downgrade(&alias));
        drop(aliases);
        alias
    }

    /// Elements that stay on one rank for all shapes of this memory, counted in the memory's own dtype; 0 for a memory of one shape.
    pub(crate) fn unit(self: &Rc<Base>) -> usize {
        self.memory().unit.get()
    }

    /// Says that rows of so many elements of this base stay on one rank from now on, however the memory is laid out.
    pub(crate) fn keep_together(self: &Rc<Base>, row_len: usize) {
        let of_memory = row_len / greatest_common_divisor(row_len, self.per_element);
        let unit = &self.memory().unit;
        unit.set(least_common_multiple(unit.get().max(1), of_memory));
    }

    /// Elements of this base in the memory of one element of its owner.
    pub(crate) fn per_element(&self) -> usize {
        self.per_element
    }

    /// Gives the memory another block, cut at multiples of `unit`; `cut` says how a shape with so many elements to a unit is spread.
    pub(crate) fn lay_out_anew(
        self: &Rc<Base>,
        unit: usize,
        block: Buffer,
        cut: impl Fn(&[usize], usize) -> Distribution,
    ) {
        let memory = self.memory();
        memory.unit.set(unit);
        let spread = |base: &Base| {
            let distribution = cut(&base.shape, unit * base.per_element);
            *base.distribution.borrow_mut() = Some(distribution);
        };
        spread(memory);
        for alias in memory.aliases.borrow().iter().filter_map(Weak::upgrade) {
            spread(&alias);
        }
        memory.place(block);
    }

    /// The base that has the memory.
    #[inline]
    pub(crate) fn memory(self: &Rc<Base>) -> &Rc<Base> {
        self.owner.as_ref().unwrap_or(self)
    }

    /// Whether the memory is another base's.
    pub(crate) fn is_alias(&self) -> bool {
        self.owner.is_some()
    }

    /// Says who owns what, before memory is given.
    pub(crate) fn distribute(&self, distribution: Distribution) {
        if !self.replicated {
            *self.distribution.borrow_mut() = Some(distribution);
        }
    }

    /// Gives the base its local memory.
    pub(crate) fn place(&self, mut buffer: Buffer) {
        self.address.set(buffer.as_mut_ptr());
        *self.buffer.borrow_mut() = Some(buffer);
    }

    /// Gives the local memory back: nobody will read it any more.
    pub(crate) fn displace(&self) {
        self.address.set(std::ptr::null_mut());
        *self.buffer.borrow_mut() = None;
    }

    /// Whether the local memory is there.
    #[inline]
    pub(crate) fn is_placed(self: &Rc<Base>) -> bool {
        !self.memory().address.get().is_null()
    }

    /// The local block, for reading. Until it is given back no statement may be recorded that writes it.
    pub(crate) fn lend(self: &Rc<Base>) -> Ref<'_, [u8]> {
        Ref::map(self.memory().buffer.borrow(), |buffer| {
            buffer.as_ref().map_or(&[][..], Buffer::as_slice)
        })
    }

    /// The local block, for writing.
    pub(crate) fn lend_mut(self: &Rc<Base>) -> RefMut<'_, [u8]> {
        RefMut::map(self.memory().buffer.borrow_mut(), |buffer| {
            buffer.as_mut().map_or(&mut [][..], Buffer::as_mut_slice)
        })
    }

    /// Whether somebody reads or writes the local block directly at this moment.
    fn is_lent(self: &Rc<Base>) -> bool {
        self.memory().buffer.try_borrow_mut().is_err()
    }

    /// Bytes of the local block.
    pub(crate) fn local_bytes(self: &Rc<Base>) -> usize {
        self.memory()
            .buffer
            .borrow()
            .as_ref()
            .map_or(0, Buffer::len)
    }

    /// Address of the local block.
    #[inline]
    pub(crate) fn address(self: &Rc<Base>) -> *mut u8 {
        let address = self.memory().address.get();
        debug_assert!(
            !address.is_null(),
            "a base is read after its statement has run"
        );
        address
    }

    /// Who owns what; `None` while that is not decided.
    pub(crate) fn distribution(&self) -> Option<Distribution> {
        if self.replicated {
            Some(Distribution::replicated(&self.shape))
        } else {
            self.distribution.borrow().clone()
        }
    }

    /// This rank's box.
    pub(crate) fn local_box(&self, rank: usize) -> Option<IndexBox> {
        self.distribution()
            .map(|distribution| distribution.box_of(rank))
    }

    /// Whether a recorded statement that has not run writes this memory.
    #[inline]
    pub(crate) fn is_written(self: &Rc<Base>) -> bool {
        self.memory().writes.get() > 0
    }

    /// Whether a recorded statement that has not run reads or writes this memory.
    #[inline]
    pub(crate) fn is_busy(self: &Rc<Base>) -> bool {
        let memory = self.memory();
        memory.writes.get() > 0 || memory.reads.get() > 0 || self.is_lent()
    }

    /// Says that the buffer's address is known outside: it stays where it is, and what is recorded on it runs at once.
    pub(crate) fn count_loan(self: &Rc<Base>) {
        let loans = &self.memory().loans;
        loans.set(loans.get() + 1);
    }

    /// Says that one of those who know the address has gone.
    pub(crate) fn end_loan(self: &Rc<Base>) {
        let loans = &self.memory().loans;
        loans.set(loans.get() - 1);
    }

    /// Whether the buffer's address is known outside.
    #[inline]
    pub(crate) fn is_on_loan(self: &Rc<Base>) -> bool {
        self.memory().loans.get() > 0
    }

    pub(crate) fn count_read(self: &Rc<Base>) {
        let memory = self.memory();
        memory.reads.set(memory.reads.get() + 1);
    }

    pub(crate) fn count_write(self: &Rc<Base>) {
        assert!(
            !self.is_lent(),
            "no statement writes memory that somebody reads directly"
        );
        let memory = self.memory();
        memory.writes.set(memory.writes.get() + 1);
    }

    pub(crate) fn forget_counts(self: &Rc<Base>) {
        let memory = self.memory();
        memory.reads.set(0);
        memory.writes.set(0);
    }

    /// Bytes per index along each axis of the local block.
    pub(crate) fn byte_strides(&self, block: &[usize]) -> SmallVec<[isize; 4]> {
        let mut strides = crate::layout::c_strides(block);
        for stride in &mut strides {
            *stride *= self.dtype.size() as isize;
        }
        strides
    }
}

fn greatest_common_divisor(a: usize, b: usize) -> usize {
    let (mut x, mut y) = (a, b);
    while y > 0 {
        (x, y) = (y, x % y);
    }
    x
}

pub(crate) fn least_common_multiple(a: usize, b: usize) -> usize {
    a / greatest_common_divisor(a, b) * b
}
