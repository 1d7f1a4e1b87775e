//! A ufunc of two inputs taken along an axis, one element after the other: running results, and their last ones.
//!
//! # Rationale
//! NumPy's `accumulate`, and its `reduce` of ufuncs that are not among [`Reduction`](super::Reduction)s, go from left to right; so does this.
//! A block is seen as `outer x len x inner` elements with the axis in the middle. Along the last axis a loop of its own keeps the running
//! value in a register; along others whole rows meet in the ufunc's ordinary loop. What came before the block is its *carry*,
//! `outer x inner` elements, so that a cut axis gives the same bits as a whole one.
#![expect(unsafe_code, reason = "calls loops on blocks whose lengths it checks")]

use crate::dtype::DType;
use crate::error::Error;
use crate::isa;
use crate::loops::{LoopFn, status};
use crate::promote;
use crate::ufunc::Ufunc;

/// A ufunc whose inputs and output have one dtype, ready to run along an axis.
#[derive(Clone, Copy)]
pub struct Scan {
    function: LoopFn,
    running: Option<LoopFn>,
    itemsize: usize,
}

/// The extents of a block around the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extents {
    /// Elements before the axis.
    pub outer: usize,
    /// Elements along it.
    pub len: usize,
    /// Elements behind it.
    pub inner: usize,
}

impl Extents {
    /// Of a C-ordered block.
    pub fn of(shape: &[usize], axis: usize) -> Extents {
        Extents {
            outer: shape[..axis].iter().product(),
            len: shape[axis],
            inner: shape[axis + 1..].iter().product(),
        }
    }

    /// Elements of a carry.
    pub fn across(self) -> usize {
        self.outer * self.inner
    }
}

impl Scan {
    /// The loops of a ufunc for one dtype; `None` when it has none that take two of it and give it back.
    pub fn of(ufunc: &'static Ufunc, dtype: DType) -> Option<Scan> {
        let row = &ufunc.signatures[promote::exact(ufunc, &[dtype, dtype])?];
        (ufunc.n_in == 2 && row.output == dtype).then(|| Scan {
            function: row.functions[isa::active() as usize],
            running: row.scan,
            itemsize: dtype.size(),
        })
    }

    /// Writes the running results of `input` to `output`, both C-ordered blocks of these extents.
    ///
    /// # Errors
    /// [`Error::NegativeIntegerPower`].
    ///
    /// # Panics
    /// If a length does not fit the extents.
    pub fn accumulate(
        self,
        extents: Extents,
        carry: Option<&[u8]>,
        input: &[u8],
        output: &mut [u8],
    ) -> Result<(), Error> {
        let Extents { outer, len, inner } = extents;
        let row = inner * self.itemsize;
        self.check(extents, carry, input);
        assert_eq!(output.len(), input.len(), "as many results as elements");
        for o in 0..outer {
            let from = &input[o * len * row..][..len * row];
            let to = &mut output[o * len * row..][..len * row];
            let before = carry.map(|carry| &carry[o * row..][..row]);
            if let (1, Some(running)) = (inner, self.running) {
                let (before, done) = match before {
                    Some(before) => (before, 0),
                    None => {
                        to[..row].copy_from_slice(&from[..row]);
                        (&from[..row], 1)
                    }
                };
                let step = self.itemsize as isize;
                let ptrs = [
                    before.as_ptr().cast_mut(),
                    from[done * row..].as_ptr().cast_mut(),
                    to[done * row..].as_mut_ptr(),
                    std::ptr::null_mut(),
                ];
                // SAFETY: the slices hold `len - done` elements each and one before them; input and output are two borrows.
                unsafe { running(len - done, &ptrs, &[0, step, step, 0]) };
                continue;
            }
            for k in 0..len {
                let (done, rest) = to.split_at_mut(k * row);
                let here = &from[k * row..][..row];
                match if k > 0 {
                    Some(&done[(k - 1) * row..])
                } else {
                    before
                } {
                    None => rest[..row].copy_from_slice(here),
                    Some(last) => self.rows(inner, last, here, &mut rest[..row]),
                }
            }
        }
        status::take()
    }

    /// Writes the last running results of `input` to `result`, `outer x inner` elements.
    ///
    /// # Errors
    /// [`Error::NegativeIntegerPower`].
    ///
    /// # Panics
    /// If a length does not fit the extents, and for no elements along the axis without a carry.
    pub fn fold(
        self,
        extents: Extents,
        carry: Option<&[u8]>,
        input: &[u8],
        result: &mut [u8],
    ) -> Result<(), Error> {
        let Extents { outer, len, inner } = extents;
        let row = inner * self.itemsize;
        self.check(extents, carry, input);
        assert_eq!(result.len(), outer * row, "a result for each line");
        let first = match carry {
            Some(carry) => {
                result.copy_from_slice(carry);
                0
            }
            None => {
                assert!(len > 0, "a first element, or a carry");
                for o in 0..outer {
                    result[o * row..][..row].copy_from_slice(&input[o * len * row..][..row]);
                }
                1
            }
        };
        for o in 0..outer {
            let from = &input[o * len * row..][..len * row];
            let to = &mut result[o * row..][..row];
            if let (1, Some(running)) = (inner, self.running) {
                let to = to.as_mut_ptr();
                let from = from[first * row..].as_ptr().cast_mut();
                let ptrs = [to, from, to, std::ptr::null_mut()];
                // SAFETY: `len - first` elements follow; the first pointer is read before the third, the same element, is written.
                unsafe { running(len - first, &ptrs, &[0, self.itemsize as isize, 0, 0]) };
                continue;
            }
            for k in first..len {
                self.into_first(inner, to, &from[k * row..][..row]);
            }
        }
        status::take()
    }

    /// Joins `inner` carried elements of each line to every element behind them, for a ufunc in which grouping does not matter.
    ///
    /// # Errors
    /// [`Error::NegativeIntegerPower`].
    ///
    /// # Panics
    /// If a length does not fit the extents.
    pub fn prepend(self, extents: Extents, carry: &[u8], block: &mut [u8]) -> Result<(), Error> {
        let Extents { outer, len, inner } = extents;
        let row = inner * self.itemsize;
        self.check(extents, Some(carry), block);
        for o in 0..outer {
            let before = &carry[o * row..][..row];
            let lines = &mut block[o * len * row..][..len * row];
            // One call for a whole line where one element is carried.
            let step = if inner == 1 {
                0
            } else {
                self.itemsize as isize
            };
            let (calls, n) = if inner == 1 { (1, len) } else { (len, inner) };
            for call in 0..calls {
                let to = lines[call * row..].as_mut_ptr();
                let ptrs = [before.as_ptr().cast_mut(), to, to, std::ptr::null_mut()];
                let size = self.itemsize as isize;
                // SAFETY: `n` elements from `to` on lie in the line, and as many in the carry, or one that is repeated.
                unsafe { (self.function)(n, &ptrs, &[step, size, size, 0]) };
            }
        }
        status::take()
    }

    /// `block[place] = f(block[place], value)` for each place, in order; a place that comes twice is joined twice.
    ///
    /// # Errors
    /// [`Error::NegativeIntegerPower`].
    ///
    /// # Panics
    /// For a place outside the block, and fewer values than places.
    pub fn at(self, block: &mut [u8], places: &[u64], values: &[u8]) -> Result<(), Error> {
        let size = self.itemsize;
        for (&place, value) in places.iter().zip(values.chunks_exact(size)) {
            self.into_first(1, &mut block[place as usize * size..][..size], value);
        }
        status::take()
    }

    fn check(self, extents: Extents, carry: Option<&[u8]>, block: &[u8]) {
        let n = extents.across() * extents.len;
        assert_eq!(block.len(), n * self.itemsize, "a block of {extents:?}");
        let carried = extents.across() * self.itemsize;
        assert!(
            carry.is_none_or(|carry| carry.len() == carried),
            "a carry of {extents:?}"
        );
    }

    /// `to[i] = f(a[i], b[i])`.
    fn rows(self, n: usize, a: &[u8], b: &[u8], to: &mut [u8]) {
        let (a, b) = (a.as_ptr().cast_mut(), b.as_ptr().cast_mut());
        let step = self.itemsize as isize;
        // SAFETY: three slices of `n` elements, the output borrowed apart from the inputs.
        unsafe {
            (self.function)(
                n,
                &[a, b, to.as_mut_ptr(), std::ptr::null_mut()],
                &[step, step, step, 0],
            )
        };
    }

    /// `to[i] = f(to[i], b[i])`.
    fn into_first(self, n: usize, to: &mut [u8], b: &[u8]) {
        let (to, b) = (to.as_mut_ptr(), b.as_ptr().cast_mut());
        let step = self.itemsize as isize;
        // SAFETY: two slices of `n` elements; the output is exactly the first input.
        unsafe {
            (self.function)(
                n,
                &[to, b, to, std::ptr::null_mut()],
                &[step, step, step, 0],
            )
        };
    }
}
