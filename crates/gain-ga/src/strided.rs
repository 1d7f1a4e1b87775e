//! Strided pieces of memory, and the copy between two of them.
#![expect(unsafe_code, reason = "strided loads and stores through raw pointers")]

use std::marker::PhantomData;

use smallvec::SmallVec;

/// A strided piece of memory to be read: what a message is packed from. Its elements are taken in C order. Local.
#[derive(Clone, Debug)]
pub struct StridedBytes<'a> {
    start: *const u8,
    itemsize: usize,
    shape: SmallVec<[usize; 4]>,
    strides: SmallVec<[isize; 4]>,
    life: PhantomData<&'a [u8]>,
}

impl<'a> StridedBytes<'a> {
    /// The elements of `itemsize` bytes each at `start + sum(index[a] * strides[a])`, strides in bytes. Local.
    ///
    /// # Safety
    /// For as long as `'a` lasts, every element may be read and nothing writes to it.
    ///
    /// # Panics
    /// If `strides` has another length than `shape`.
    #[must_use]
    pub unsafe fn new(
        start: *const u8,
        itemsize: usize,
        shape: &[usize],
        strides: &[isize],
    ) -> Self {
        assert_eq!(shape.len(), strides.len(), "one stride per axis");
        StridedBytes {
            start,
            itemsize,
            shape: SmallVec::from_slice(shape),
            strides: SmallVec::from_slice(strides),
            life: PhantomData,
        }
    }

    /// Bytes that lie one behind the other. Local.
    #[must_use]
    pub fn contiguous(bytes: &'a [u8]) -> Self {
        StridedBytes {
            start: bytes.as_ptr(),
            itemsize: 1,
            shape: SmallVec::from_slice(&[bytes.len()]),
            strides: SmallVec::from_slice(&[1]),
            life: PhantomData,
        }
    }

    /// Bytes that the packed piece takes. Local.
    #[must_use]
    pub fn len(&self) -> usize {
        self.itemsize * self.shape.iter().product::<usize>()
    }

    /// Whether there is nothing to pack. Local.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Packs the elements, in C order, into `target`. Local.
    ///
    /// # Panics
    /// If `target` has another length than [`StridedBytes::len`].
    pub fn pack(&self, target: &mut [u8]) {
        assert_eq!(
            target.len(),
            self.len(),
            "a piece is packed into its own length"
        );
        let packed = c_strides(&self.shape, self.itemsize);
        // SAFETY: `new` was promised that every element may be read; `target` is unique and holds shape x itemsize bytes,
        // which is what C-order strides reach.
        unsafe {
            copy(
                &self.shape,
                self.itemsize,
                (self.start, &self.strides),
                (target.as_mut_ptr(), &packed),
            )
        };
    }
}

/// Strides in bytes of a C-ordered array. Local.
#[must_use]
pub fn c_strides(shape: &[usize], itemsize: usize) -> SmallVec<[isize; 4]> {
    let mut strides = SmallVec::from_elem(itemsize as isize, shape.len());
    for axis in (1..shape.len()).rev() {
        strides[axis - 1] = strides[axis] * shape[axis] as isize;
    }
    strides
}

/// Copies elements of `itemsize` bytes between two strided places of one shape; strides are in bytes. Local.
///
/// Axes that continue one another on both sides are merged and contiguous runs copied whole.
///
/// # Safety
/// Every element of `from` may be read, every element of `to` may be written by nobody else meanwhile, and the two do not overlap.
pub unsafe fn copy(
    shape: &[usize],
    itemsize: usize,
    from: (*const u8, &[isize]),
    to: (*mut u8, &[isize]),
) {
    let mut axes: SmallVec<[(usize, isize, isize); 4]> = SmallVec::new();
    for ((&len, &read), &write) in shape.iter().zip(from.1).zip(to.1) {
        match (len, axes.last_mut()) {
            (0, _) => return,
            (1, _) => {}
            (_, Some(outer))
                if outer.1 == read * len as isize && outer.2 == write * len as isize =>
            {
                *outer = (outer.0 * len, read, write);
            }
            _ => axes.push((len, read, write)),
        }
    }
    let inner = axes
        .pop()
        .unwrap_or((1, itemsize as isize, itemsize as isize));
    let (len, read, write) = inner;
    let contiguous = read == itemsize as isize && write == itemsize as isize;
    let row = |source: *const u8, target: *mut u8| {
        // SAFETY: the row begins at an element of each side and runs along an axis of the shape, so that every element it
        // touches is one that the caller vouched for.
        unsafe {
            match itemsize {
                _ if contiguous => copy_run(source, target, len * itemsize),
                1 => copy_row::<u8>(len, (source, read), (target, write)),
                2 => copy_row::<u16>(len, (source, read), (target, write)),
                4 => copy_row::<u32>(len, (source, read), (target, write)),
                8 => copy_row::<u64>(len, (source, read), (target, write)),
                16 => copy_row::<[u64; 2]>(len, (source, read), (target, write)),
                _ => {
                    for i in 0..len as isize {
                        source
                            .offset(i * read)
                            .copy_to_nonoverlapping(target.offset(i * write), itemsize);
                    }
                }
            }
        }
    };
    rows(&axes, from.0, to.0, &row);
}

/// Bytes up to which the C library copies by vector loads and stores. Longer runs it may leave to `rep movsb`, which on AMD's Zen 3 and 4
/// falls from 50 to 3.5 GB/s where the two sides are aligned differently, as the rows of a block and a message are.
const LIBRARY_BYTES: usize = 2048;

/// Copies bytes that lie one behind the other.
///
/// # Safety
/// As [`copy`], for `n_bytes` bytes.
unsafe fn copy_run(source: *const u8, target: *mut u8, n_bytes: usize) {
    for at in (0..n_bytes).step_by(LIBRARY_BYTES) {
        let part = LIBRARY_BYTES.min(n_bytes - at);
        // SAFETY: the caller vouches for the run, and the part ends with it.
        unsafe { source.add(at).copy_to_nonoverlapping(target.add(at), part) };
    }
}

/// Calls `row` at every index of the outer axes, in C order.
pub(crate) fn rows(
    axes: &[(usize, isize, isize)],
    source: *const u8,
    target: *mut u8,
    row: &impl Fn(*const u8, *mut u8),
) {
    match axes {
        [] => row(source, target),
        [(len, read, write), rest @ ..] => {
            for i in 0..*len as isize {
                rows(
                    rest,
                    source.wrapping_offset(i * read),
                    target.wrapping_offset(i * write),
                    row,
                );
            }
        }
    }
}

/// One row of elements of the size of `T`, at any alignment.
///
/// # Safety
/// As [`copy`], for `len` elements along each side's stride.
#[inline]
unsafe fn copy_row<T: Copy>(len: usize, from: (*const u8, isize), to: (*mut u8, isize)) {
    for i in 0..len as isize {
        // SAFETY: the caller vouches for each of the `len` elements.
        unsafe {
            let value = from.0.offset(i * from.1).cast::<T>().read_unaligned();
            to.0.offset(i * to.1).cast::<T>().write_unaligned(value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn packing_equals_the_plain_loop(
            shape in prop::collection::vec(0usize..5, 0..4),
            gaps in prop::collection::vec(1isize..3, 4),
            signs in prop::collection::vec(any::<bool>(), 4),
            itemsize in prop::sample::select(vec![1usize, 2, 3, 4, 8, 16]),
        ) {
            let mut strides: SmallVec<[isize; 4]> = SmallVec::from_elem(0, shape.len());
            let mut extent = itemsize as isize;
            let mut start = 0isize;
            for axis in (0..shape.len()).rev() {
                let stride = extent * gaps[axis];
                extent = stride * shape[axis].max(1) as isize;
                strides[axis] = if signs[axis] { stride } else { -stride };
                if !signs[axis] {
                    start += stride * (shape[axis].max(1) as isize - 1);
                }
            }
            let memory: Vec<u8> = (0..extent).map(|i| (i % 251) as u8).collect();
            // SAFETY: the strides were built to stay inside `memory`.
            let piece = unsafe { StridedBytes::new(memory.as_ptr().offset(start), itemsize, &shape, &strides) };
            let mut packed = vec![0; piece.len()];
            piece.pack(&mut packed);
            let mut expected = Vec::new();
            for index in crate::IndexBox::full(&shape).indices() {
                let at: isize = start + index.iter().zip(&strides).map(|(&i, s)| i as isize * s).sum::<isize>();
                expected.extend_from_slice(&memory[at as usize..at as usize + itemsize]);
            }
            prop_assert_eq!(packed, expected);
        }
    }
}
