//! One element, read and written where it lies: without a statement, and without a message but the one that tells its value.
#![expect(unsafe_code, reason = "an element's place becomes an address")]

use std::hash::Hash;

use gain_ufunc::Scalar;

use crate::array::Array;
use crate::eager::is_ready;

/// One element, if the array is here and ready.
pub(crate) fn get(array: &Array, index: &[usize]) -> Option<Scalar> {
    if !is_ready(array) {
        return None;
    }
    // SAFETY: the caller checked the index against the view's shape; the view lies inside a placed, replicated base.
    let bytes = unsafe { std::slice::from_raw_parts(place(array, index), array.itemsize()) };
    Some(Scalar::from_bytes(array.dtype(), bytes))
}

/// Writes a value of the array's dtype to the element at an index of the view's shape, if it is here and nobody waits for it; whether it was.
#[inline]
pub(crate) fn set(array: &Array, index: &[usize], value: &Scalar) -> bool {
    if !is_ready(array) || array.base.is_busy() || value.dtype() != array.dtype() {
        return false;
    }
    // SAFETY: as in `get`; nobody else looks at the block (it is not busy), and the value has as many bytes as an element.
    unsafe {
        std::ptr::copy_nonoverlapping(value.as_ptr(), place(array, index), array.itemsize());
    }
    true
}

/// The rank that owns one element of an array that is spread and placed, and where the element lies if that is this rank.
fn owner(array: &Array, index: &[usize]) -> (usize, Option<*mut u8>) {
    let (base, rank) = (&array.base, array.runtime.rank());
    let distribution = base
        .distribution()
        .expect("a base that is placed is distributed");
    let at = array.layout.base_index(index);
    let owner = distribution.owner_of(&at);
    let address = (owner == rank).then(|| {
        let block = distribution.box_of(rank);
        let strides = base.byte_strides(&block.shape());
        let steps = at.iter().zip(&block.lo).zip(&strides);
        let offset: isize = steps.map(|((&i, &lo), s)| (i - lo) as isize * s).sum();
        base.address().wrapping_offset(offset)
    });
    (owner, address)
}

/// The rank that owns one element of an array that is spread and computed, and the element if that is this rank.
pub(crate) fn get_own(array: &Array, index: &[usize]) -> (usize, Option<Scalar>) {
    let (rank, address) = owner(array, index);
    let value = address.map(|address| {
        // SAFETY: the caller checked the index against the view's shape, so that it lies in its owner's block, which is here, placed
        // and written by nobody.
        let bytes = unsafe { std::slice::from_raw_parts(address, array.itemsize()) };
        Scalar::from_bytes(array.dtype(), bytes)
    });
    (rank, value)
}

/// As [`set`], of an array that is spread: its owner alone writes.
pub(crate) fn set_own(array: &Array, index: &[usize], value: &Scalar) -> bool {
    let base = &array.base;
    let waits = base.replicated || !base.is_placed() || base.is_busy();
    if waits || value.dtype() != array.dtype() {
        return false;
    }
    if let (_, Some(address)) = owner(array, index) {
        // SAFETY: as in `get_own`; nobody else looks at the block (it is not busy), and the value has as many bytes as an element.
        unsafe { std::ptr::copy_nonoverlapping(value.as_ptr(), address, array.itemsize()) };
    }
    array.runtime.remember(|what| index.hash(what));
    true
}

/// Where the element at an index of the view's shape lies in a base that is whole here.
#[inline]
fn place(array: &Array, index: &[usize]) -> *mut u8 {
    let base = &array.base;
    let place = array.layout.place(index, &base.shape);
    base.address().wrapping_add(place * array.itemsize())
}
