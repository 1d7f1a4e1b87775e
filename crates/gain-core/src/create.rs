//! Making arrays: every rank makes its own part.

use gain_ga::Buffer;
use gain_ufunc::{DType, OperandType, Scalar, resolve, ufunc};
use smallvec::{SmallVec, smallvec};

use crate::array::Array;
use crate::base::Base;
use crate::eager;
use crate::error::Result;
use crate::graph::Source;
use crate::layout::Layout;
use crate::plan::Work;
use crate::runtime::Runtime;

/// An array of unknown content. Collective.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory).
pub fn empty(rt: &Runtime, shape: &[usize], dtype: DType) -> Result<Array> {
    placed(rt, shape, dtype, Buffer::new)
}

/// An array of zeros. Collective.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory).
pub fn zeros(rt: &Runtime, shape: &[usize], dtype: DType) -> Result<Array> {
    placed(rt, shape, dtype, Buffer::zeroed)
}

/// An array of ones. Collective.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory).
pub fn ones(rt: &Runtime, shape: &[usize], dtype: DType) -> Result<Array> {
    full(rt, shape, Scalar::one(dtype))
}

/// An array of one value, of the value's dtype. Collective.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory).
pub fn full(rt: &Runtime, shape: &[usize], value: Scalar) -> Result<Array> {
    if eager::is_small(rt, shape) {
        let made = empty(rt, shape, value.dtype())?;
        made.assign(value.into())?;
        return Ok(made);
    }
    let made = promise(rt, shape, value.dtype())?;
    made.record(Work::Copy, smallvec![Source::Constant(value)])?;
    Ok(made)
}

/// The index along `axis` as `int64`, for an array of this shape. Collective.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory).
///
/// # Panics
/// When the shape has no such axis.
pub fn index_along(rt: &Runtime, shape: &[usize], axis: usize) -> Result<Array> {
    assert!(
        axis < shape.len(),
        "axis {axis} of a shape of {} axes",
        shape.len()
    );
    if eager::is_small(rt, shape) {
        let (len, inner) = (shape[axis], shape[axis + 1..].iter().product::<usize>());
        let indices = (0..shape.iter().product()).map(|place: usize| (place / inner % len) as i64);
        let bytes: Vec<u8> = indices.flat_map(i64::to_ne_bytes).collect();
        return from_bytes(rt, shape, DType::I64, &bytes);
    }
    let made = promise(rt, shape, DType::I64)?;
    made.record(Work::Index { axis }, SmallVec::new())?;
    Ok(made)
}

/// `len` values from `start` by `step`, computed as NumPy does: `start + i * step` in `dtype`. Collective.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory).
pub fn arange(
    rt: &Runtime,
    start: Scalar,
    step: Scalar,
    len: usize,
    dtype: DType,
) -> Result<Array> {
    // NumPy writes the first two elements and adds multiples of their difference.
    let first = start.cast(dtype);
    let second = add(start, step)?.cast(dtype);
    if dtype == DType::F16 {
        // In float32, from the two that were rounded.
        let (first, second) = (first.cast(DType::F32), second.cast(DType::F32));
        let delta = subtract(second, first)?;
        return arange(rt, first, delta, len, DType::F32)?.cast_to(dtype);
    }
    let delta = subtract(second, first)?;
    if eager::is_small(rt, &[len])
        && let Some(bytes) = few(first, delta, len)
    {
        return from_bytes(rt, &[len], dtype, &bytes);
    }
    let index = index_along(rt, &[len], 0)?;
    let index = if dtype == DType::I64 {
        index
    } else {
        index.cast_to(dtype)?
    };
    let scaled = index.map(ufunc::MULTIPLY, delta)?;
    scaled.map(ufunc::ADD, first)
}

/// The values `first + i * delta` of the commonest dtypes, without a loop for each operation.
fn few(first: Scalar, delta: Scalar, len: usize) -> Option<Vec<u8>> {
    if let (Some(first), Some(delta)) = (first.get::<i64>(), delta.get::<i64>()) {
        let value = |i: usize| (i as i64).wrapping_mul(delta).wrapping_add(first);
        return Some((0..len).flat_map(|i| value(i).to_ne_bytes()).collect());
    }
    let (first, delta) = (first.get::<f64>()?, delta.get::<f64>()?);
    Some(
        (0..len)
            .flat_map(|i| (i as f64 * delta + first).to_ne_bytes())
            .collect(),
    )
}

/// `num` values from `start` to `stop`, computed as NumPy does. Collective.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory).
pub fn linspace(
    rt: &Runtime,
    start: f64,
    stop: f64,
    num: usize,
    endpoint: bool,
    dtype: DType,
) -> Result<Array> {
    let divisions = if endpoint { num.saturating_sub(1) } else { num };
    let delta = stop - start;
    let index = index_along(rt, &[num], 0)?.cast_to(DType::F64)?;
    let mut values = if divisions == 0 {
        index.map(ufunc::MULTIPLY, delta.into())?
    } else {
        let step = delta / divisions as f64;
        if step == 0.0 {
            index
                .map(ufunc::DIVIDE, (divisions as f64).into())?
                .map(ufunc::MULTIPLY, delta.into())?
        } else {
            index.map(ufunc::MULTIPLY, step.into())?
        }
    };
    values = values.map(ufunc::ADD, start.into())?;
    if endpoint && num > 1 {
        let last = values.index(&[crate::Index::Int(-1)])?;
        last.assign(Scalar::from(stop).into())?;
    }
    if dtype.is_integer() {
        values = crate::operate::ufunc(rt, ufunc::FLOOR, &[(&values).into()])?;
    }
    if dtype == DType::F64 {
        Ok(values)
    } else {
        values.cast_to(dtype)
    }
}

/// An `n` x `m` array of zeros with ones on the `k`-th diagonal. Collective.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory).
pub fn eye(rt: &Runtime, n: usize, m: usize, k: isize, dtype: DType) -> Result<Array> {
    let row = index_along(rt, &[n, m], 0)?.map(ufunc::ADD, Scalar::from(k as i64))?;
    let column = index_along(rt, &[n, m], 1)?;
    let diagonal = crate::operate::ufunc(rt, ufunc::EQUAL, &[(&row).into(), (&column).into()])?;
    if dtype == DType::Bool {
        Ok(diagonal)
    } else {
        diagonal.cast_to(dtype)
    }
}

/// The array whose elements in C order are `bytes`, the same on every rank; each rank keeps its own part. Collective.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory).
///
/// # Panics
/// When `bytes` has another length than the array.
pub fn from_bytes(rt: &Runtime, shape: &[usize], dtype: DType, bytes: &[u8]) -> Result<Array> {
    let size: usize = shape.iter().product();
    assert_eq!(
        bytes.len(),
        size * dtype.size(),
        "as many bytes as the array has"
    );
    let array = placed(rt, shape, dtype, Buffer::new)?;
    array.fill_local_from(bytes);
    Ok(array)
}

/// The array whose elements in C order are `values`, the same on every rank. Collective.
///
/// # Errors
/// [`Error::Memory`](crate::Error::Memory).
///
/// # Panics
/// When there are not as many values as elements.
///
/// # Examples
/// ```
/// use gain_core::{Runtime, Settings, create};
///
/// let rt = Runtime::single(Settings::default());
/// let a = create::from_slice(&rt, &[2, 2], &[1.0, 2.0, 3.0, 4.0])?;
/// let b = (&a * &a)?;
/// assert_eq!(b.to_vec::<f64>()?, [1.0, 4.0, 9.0, 16.0]);
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn from_slice<T: gain_ufunc::Element>(
    rt: &Runtime,
    shape: &[usize],
    values: &[T],
) -> Result<Array> {
    assert_eq!(
        values.len(),
        shape.iter().product::<usize>(),
        "as many values as the array has elements"
    );
    let bytes: Vec<u8> = values
        .iter()
        .flat_map(|&value| Scalar::from(value).bytes().to_vec())
        .collect();
    from_bytes(rt, shape, T::DTYPE, &bytes)
}

/// An array whose memory is there at once.
fn placed(
    rt: &Runtime,
    shape: &[usize],
    dtype: DType,
    buffer: impl Fn(usize) -> std::result::Result<Buffer, gain_ga::Error>,
) -> Result<Array> {
    rt.check_memory(shape, dtype)?;
    let size: usize = shape.iter().product();
    let base = Base::promised(
        dtype,
        SmallVec::from_slice(shape),
        rt.is_small(size) || shape.is_empty(),
    );
    let bytes = if base.replicated {
        size * dtype.size()
    } else {
        let distribution = rt.default_distribution(shape);
        let share = distribution.box_of(rt.rank()).len() * dtype.size();
        base.distribute(distribution);
        share
    };
    base.place(buffer(bytes)?);
    Ok(Array::whole(rt, base))
}

/// An array that a statement, recorded next, will fill. Small ones have their memory at once, so that they may be filled eagerly.
pub(crate) fn promise(rt: &Runtime, shape: &[usize], dtype: DType) -> Result<Array> {
    let size: usize = shape.iter().product();
    rt.check_memory(shape, dtype)?;
    Ok(Array::whole(
        rt,
        Base::promised(
            dtype,
            SmallVec::from_slice(shape),
            rt.is_small(size) || shape.is_empty(),
        ),
    ))
}

impl Array {
    /// Records the statement that fills this promised array.
    pub(crate) fn record(&self, work: Work, sources: SmallVec<[Source; 3]>) -> Result<()> {
        self.runtime.record(
            work,
            sources,
            self.shape(),
            &self.base,
            Layout::identity(self.shape()),
        )
    }

    /// A ufunc of this array and a value of its own dtype.
    pub(crate) fn map(&self, ufunc: &'static gain_ufunc::Ufunc, value: Scalar) -> Result<Array> {
        crate::operate::ufunc(&self.runtime, ufunc, &[self.into(), value.into()])
    }

    /// This array as another dtype, in any case a new one.
    pub(crate) fn cast_to(&self, dtype: DType) -> Result<Array> {
        self.astype(dtype)
    }
}

/// `a + b` as NumPy promotes them.
fn add(a: Scalar, b: Scalar) -> Result<Scalar> {
    value(ufunc::ADD, a, b)
}

/// `a - b` as NumPy promotes them.
fn subtract(a: Scalar, b: Scalar) -> Result<Scalar> {
    value(ufunc::SUBTRACT, a, b)
}

fn value(ufunc: &'static gain_ufunc::Ufunc, a: Scalar, b: Scalar) -> Result<Scalar> {
    let signature = resolve(
        ufunc,
        &[OperandType::Array(a.dtype()), OperandType::Array(b.dtype())],
    )?;
    Ok(crate::eager::scalar(ufunc, &signature, &[a, b]))
}
