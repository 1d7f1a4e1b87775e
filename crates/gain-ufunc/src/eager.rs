//! One ufunc, at once, on memory at hand: no graph, no allocation, the price of a function call.
//!
//! This is the path of small arrays. Large ones are the affair of [`Program`](crate::Program)s, which fuse and use threads.
#![expect(
    unsafe_code,
    reason = "walks strided memory that the caller vouches for"
)]

use crate::dtype::DType;
use crate::error::Error;
use crate::loops::{LoopFn, cast_loop, status};
use crate::ufunc::{Signature, Ufunc};
use smallvec::SmallVec;
use std::mem::MaybeUninit;

/// An array to read: where its first element lies, the bytes from one element to the next along each axis (0 repeats), and
/// its element type. The shape is the call's.
#[derive(Clone, Copy, Debug)]
pub struct Operand<'a> {
    /// The first element.
    pub ptr: *const u8,
    /// Bytes per step along each axis.
    pub strides: &'a [isize],
    /// The element type.
    pub dtype: DType,
}

/// An array to write; fields as in [`Operand`].
#[derive(Clone, Copy, Debug)]
pub struct OperandMut<'a> {
    /// The first element.
    pub ptr: *mut u8,
    /// Bytes per step along each axis.
    pub strides: &'a [isize],
    /// The element type.
    pub dtype: DType,
}

/// Computes `output[i] = ufunc(inputs[0][i], ...)` over `shape`, casting where a dtype differs from the signature's (by the rules of
/// `astype`; whether the cast is allowed is the caller's affair).
///
/// # Local
///
/// # Errors
///
/// [`Error::NegativeIntegerPower`]; the output has been written all the same.
///
/// # Panics
///
/// If the number of inputs or of strides does not fit, or the signature is none of the ufunc's.
///
/// # Safety
///
/// All elements that shape and strides reach are valid, those of the output for writing. The output is disjoint from each
/// input, or is exactly one (the same pointer, strides and dtype).
///
/// # Examples
///
/// ```
/// use gain_ufunc::{apply, resolve, ufunc, DType, Operand, OperandMut, OperandType};
///
/// let (x, y, mut sum) = ([1.0_f64, 2.0], [10.0_f64, 20.0], [0.0_f64; 2]);
/// let signature = resolve(ufunc::ADD, &[OperandType::Array(DType::F64); 2])?;
/// let operand = |array: &[f64; 2]| Operand { ptr: array.as_ptr().cast(), strides: &[8], dtype: DType::F64 };
/// let output = OperandMut { ptr: sum.as_mut_ptr().cast(), strides: &[8], dtype: DType::F64 };
/// // SAFETY: all three arrays hold two contiguous numbers.
/// unsafe { apply(ufunc::ADD, &signature, &[2], &[operand(&x), operand(&y)], output)? };
/// assert_eq!(sum, [11.0, 22.0]);
/// # Ok::<(), gain_ufunc::Error>(())
/// ```
#[inline]
pub unsafe fn apply(
    ufunc: &'static Ufunc,
    signature: &Signature,
    shape: &[usize],
    inputs: &[Operand<'_>],
    output: OperandMut<'_>,
) -> Result<(), Error> {
    let function = ufunc.loop_for(signature);
    let n_in = inputs.len();
    assert_eq!(
        n_in,
        signature.inputs.len(),
        "{ufunc} takes {} inputs",
        signature.inputs.len()
    );
    let mut ptrs = [std::ptr::null_mut(); 4];
    let mut casts = output.dtype != signature.output;
    for (k, (input, dtype)) in inputs.iter().zip(&signature.inputs).enumerate() {
        ptrs[k] = input.ptr.cast_mut();
        casts |= input.dtype != *dtype;
    }
    ptrs[n_in] = output.ptr;
    // SAFETY: the caller vouches for the elements; the strides come with their operands.
    unsafe {
        if let ([n], false) = (shape, casts) {
            let mut strides = [0; 4];
            for (k, input) in inputs.iter().enumerate() {
                strides[k] = input.strides[0];
            }
            strides[n_in] = output.strides[0];
            function(*n, &ptrs, &strides);
        } else {
            let axes = Axes::new(shape, inputs, &output);
            if casts {
                let tiles = Tiles::new(function, signature, inputs, &output);
                axes.for_each_run(ptrs, |n, ptrs, strides| tiles.run(n, ptrs, strides));
            } else {
                axes.for_each_run(ptrs, |n, ptrs, strides| function(n, ptrs, strides));
            }
        }
    }
    status::take()
}

/// Copies `from` to `to` over `shape`, casting as `astype` does where the dtypes differ.
///
/// # Local
///
/// # Panics
///
/// If there are not as many strides as axes.
///
/// # Safety
///
/// As for [`apply`].
#[inline]
pub unsafe fn copy(shape: &[usize], from: Operand<'_>, to: OperandMut<'_>) {
    let function = cast_loop(from.dtype, to.dtype);
    let ptrs = [
        from.ptr.cast_mut(),
        to.ptr,
        std::ptr::null_mut(),
        std::ptr::null_mut(),
    ];
    // SAFETY: the caller vouches for the elements; the strides come with their operands.
    unsafe {
        if let [n] = shape {
            function(*n, &ptrs, &[from.strides[0], to.strides[0], 0, 0]);
        } else {
            Axes::new(shape, &[from], &to)
                .for_each_run(ptrs, |n, ptrs, strides| function(n, ptrs, strides));
        }
    }
}

/// An axis of the iteration: its length and each operand's stride.
#[derive(Clone, Copy)]
struct Axis {
    len: usize,
    strides: [isize; 4],
}

/// The axes of an iteration, outermost first, merged where all operands allow it.
struct Axes {
    axes: SmallVec<[Axis; 6]>,
    n_elements: usize,
}

impl Axes {
    fn new(shape: &[usize], inputs: &[Operand<'_>], output: &OperandMut<'_>) -> Axes {
        let mut axes: SmallVec<[Axis; 6]> = SmallVec::new();
        for (d, &len) in shape.iter().enumerate() {
            if len != 1 {
                let mut strides = [0; 4];
                for (stride, input) in strides.iter_mut().zip(inputs) {
                    *stride = input.strides[d];
                }
                strides[inputs.len()] = output.strides[d];
                axes.push(Axis { len, strides });
            }
        }
        // The output's order in memory decides, then the first input's; a stable insertion sort, for there are few axes.
        let key = |axis: &Axis| {
            (
                axis.strides[inputs.len()].unsigned_abs(),
                axis.strides[0].unsigned_abs(),
            )
        };
        for i in 1..axes.len() {
            let mut j = i;
            while j > 0 && key(&axes[j - 1]) < key(&axes[j]) {
                axes.swap(j - 1, j);
                j -= 1;
            }
        }
        let mut merged: SmallVec<[Axis; 6]> = SmallVec::new();
        for axis in axes {
            match merged.last_mut() {
                Some(outer)
                    if (0..4).all(|k| outer.strides[k] == axis.strides[k] * axis.len as isize) =>
                {
                    *outer = Axis {
                        len: outer.len * axis.len,
                        strides: axis.strides,
                    };
                }
                _ => merged.push(axis),
            }
        }
        Axes {
            axes: merged,
            n_elements: shape.iter().product(),
        }
    }

    /// Calls `run` with the length, pointers and strides of each innermost run.
    ///
    /// # Safety
    ///
    /// `run` may be called for all runs of operands that start at `ptrs`.
    unsafe fn for_each_run(
        &self,
        mut ptrs: [*mut u8; 4],
        run: impl Fn(usize, &[*mut u8; 4], &[isize; 4]),
    ) {
        if self.n_elements == 0 {
            return;
        }
        let Some((inner, outer)) = self.axes.split_last() else {
            return run(1, &ptrs, &[0; 4]);
        };
        let mut index: SmallVec<[usize; 6]> = SmallVec::from_elem(0, outer.len());
        loop {
            run(inner.len, &ptrs, &inner.strides);
            let mut d = outer.len();
            loop {
                if d == 0 {
                    return;
                }
                d -= 1;
                index[d] += 1;
                let rewind = if index[d] < outer[d].len {
                    1
                } else {
                    1 - outer[d].len as isize
                };
                for (ptr, stride) in ptrs.iter_mut().zip(&outer[d].strides) {
                    *ptr = ptr.wrapping_offset(stride * rewind);
                }
                if index[d] < outer[d].len {
                    break;
                }
                index[d] = 0;
            }
        }
    }
}

/// Elements cast at a time.
const TILE: usize = 64;

/// Room for a tile of any dtype.
#[repr(C, align(64))]
struct Tile(MaybeUninit<[u8; TILE * 16]>);

/// A loop between casts: inputs are cast into tiles, the loop runs on those, the output is cast out of one.
struct Tiles {
    function: LoopFn,
    n_in: usize,
    /// Per operand (the output last): the cast and the size of a tile's element, where the dtype differs.
    casts: [Option<(LoopFn, usize)>; 4],
}

impl Tiles {
    fn new(
        function: LoopFn,
        signature: &Signature,
        inputs: &[Operand<'_>],
        output: &OperandMut<'_>,
    ) -> Tiles {
        let mut casts = [None; 4];
        for (k, (input, &dtype)) in inputs.iter().zip(&signature.inputs).enumerate() {
            if input.dtype != dtype {
                casts[k] = Some((cast_loop(input.dtype, dtype), dtype.size()));
            }
        }
        if output.dtype != signature.output {
            let size = signature.output.size();
            casts[inputs.len()] = Some((cast_loop(signature.output, output.dtype), size));
        }
        Tiles {
            function,
            n_in: inputs.len(),
            casts,
        }
    }

    /// # Safety
    ///
    /// `n` elements lie behind each pointer, as for [`LoopFn`].
    unsafe fn run(&self, n: usize, ptrs: &[*mut u8; 4], strides: &[isize; 4]) {
        let mut tiles = [const { Tile(MaybeUninit::uninit()) }; 4];
        let none = std::ptr::null_mut();
        let mut done = 0;
        while done < n {
            let len = TILE.min(n - done);
            let mut here = [none; 4];
            let mut steps = *strides;
            for k in 0..=self.n_in {
                let ptr = ptrs[k].wrapping_offset(strides[k] * done as isize);
                here[k] = ptr;
                if let Some((cast, size)) = self.casts[k] {
                    let tile: *mut u8 = tiles[k].0.as_mut_ptr().cast();
                    if k < self.n_in {
                        // SAFETY: `len` elements lie behind the input, a tile has room for them; a scalar is cast once per tile.
                        unsafe {
                            let count = if strides[k] == 0 { 1 } else { len };
                            cast(
                                count,
                                &[ptr, tile, none, none],
                                &[strides[k], size as isize, 0, 0],
                            );
                        }
                    }
                    here[k] = tile;
                    steps[k] = if k < self.n_in && strides[k] == 0 {
                        0
                    } else {
                        size as isize
                    };
                }
            }
            // SAFETY: the operands are the caller's or tiles with `len` elements.
            unsafe {
                (self.function)(len, &here, &steps);
                if let Some((cast, size)) = self.casts[self.n_in] {
                    let to = ptrs[self.n_in].wrapping_offset(strides[self.n_in] * done as isize);
                    let steps = [size as isize, strides[self.n_in], 0, 0];
                    cast(len, &[here[self.n_in], to, none, none], &steps);
                }
            }
            done += len;
        }
    }
}
