//! Asking for reductions over axes.

use gain_ga::Indices;
use gain_ufunc::reduction::accumulator;
use gain_ufunc::{DType, Reduction, Scalar, faults, status, ufunc};
use smallvec::{SmallVec, smallvec};

use crate::array::Array;
use crate::create::{self, promise};
use crate::eager;
use crate::error::{Error, Result};
use crate::index;
use crate::layout::Layout;
use crate::operand::Operand;
use crate::operate;
use crate::plan::Work;

/// A reduction over `axes` (all of them for `None`), as a new array: of no axes for all, with axes of length 1 under `keep_dims`.
///
/// `dtype` is the dtype in which to accumulate; NumPy's rule for `None`. `temporary` says that the caller's handle is the last and dies
/// after the call, so that a value that was not computed yet need not be stored. The order of accumulation is that of
/// [`gain_ufunc::reduction`]: the same bits on any number of ranks and threads. Collective.
///
/// # Errors
/// `AxisError`; `ValueError` for an axis given twice, and for the minimum of nothing; as [`Runtime::sync`](crate::Runtime::sync).
///
/// # Examples
/// ```
/// use gain_core::{DType, Reduction, Runtime, Settings, create, reduce};
///
/// let rt = Runtime::single(Settings::default());
/// let a = create::arange(&rt, 0.into_scalar(), 1.into_scalar(), 10, DType::I64)?;
/// let sum = reduce::reduce(&a, Reduction::Sum, None, false, None, false)?;
/// assert_eq!(sum.item()?.as_i64(), 45);
/// # trait IntoScalar { fn into_scalar(self) -> gain_core::Scalar; }
/// # impl IntoScalar for i64 { fn into_scalar(self) -> gain_core::Scalar { self.into() } }
/// # Ok::<(), gain_core::Error>(())
/// ```
pub fn reduce(
    array: &Array,
    reduction: Reduction,
    axes: Option<&[isize]>,
    keep_dims: bool,
    dtype: Option<DType>,
    temporary: bool,
) -> Result<Array> {
    // NumPy takes a number for a vector of one here.
    let axes = match axes {
        Some([0 | -1]) if array.ndim() == 0 => None,
        axes => axes,
    };
    let axes_given = axes;
    let axes = index::axes(axes, array.ndim())?;
    let (input, output) = dtypes(reduction, array.dtype(), dtype);
    if reduction.sums() && input != output {
        let wide = reduce(
            array,
            reduction,
            axes_given,
            keep_dims,
            Some(input),
            temporary,
        )?;
        return wide.astype(output);
    }
    let shape = result_shape(array.shape(), &axes, keep_dims);
    let rt = array.runtime();
    if axes.is_empty() && array.ndim() > 0 {
        return over_no_axes(array, reduction, input, output);
    }
    if array.size() == 0 {
        return of_nothing(array, reduction, &axes, &shape, output);
    }
    if let Some(result) = eager::reduce(array, reduction, &axes, (input, output), &shape)? {
        watch(array, reduction, &result)?;
        return Ok(result);
    }
    let result = promise(rt, &shape, output)?;
    let source = array.source(array.shape()).expect("its own shape");
    let plan_axes: SmallVec<[usize; 4]> = if array.ndim() == 0 {
        smallvec![0]
    } else {
        axes
    };
    rt.record(
        Work::Reduce {
            reduction,
            input,
            axes: plan_axes,
        },
        smallvec![source],
        array.shape(),
        &result.base,
        Layout::identity(&shape),
    )?;
    if shape.is_empty() {
        let passing = temporary && !array.base.is_placed();
        rt.flush(passing.then_some(&array.base))?;
    }
    watch(array, reduction, &result)?;
    Ok(result)
}

/// Notes that a sum or product is infinite or no number, where errstate minds such faults: who asked looks at the operand then. A single
/// result, and those of arrays that every rank holds, are there to be looked at; others are computed for it where faults are to raise.
fn watch(array: &Array, reduction: Reduction, result: &Array) -> Result<()> {
    let dtype = result.dtype();
    if !reduction.sums() || !(dtype.is_float() || dtype.is_complex()) {
        return Ok(());
    }
    let rt = array.runtime();
    let minded = |size| rt.watched(size) & (faults::OVER | faults::INVALID) != 0;
    let is_strange = match result.ndim() == 0 || array.is_small() {
        true => eager::is_strange(result) && minded(Some(array.size())),
        false => minded(None) && !is_finite(result)?,
    };
    if is_strange {
        status::note_faults(faults::OVER | faults::INVALID, faults::REDUCTION);
    }
    Ok(())
}

fn is_finite(array: &Array) -> Result<bool> {
    let finite = operate::ufunc(array.runtime(), ufunc::ISFINITE, &[array.into()])?;
    let all = reduce(&finite, Reduction::All, None, false, None, false)?;
    Ok(all.item()?.as_bool())
}

/// The mean over `axes`: the sum, in `float64` for integers and in `float32` for `float16`, divided by the number of elements. Collective.
///
/// # Errors
/// As [`reduce`].
pub fn mean(
    array: &Array,
    axes: Option<&[isize]>,
    keep_dims: bool,
    dtype: Option<DType>,
    temporary: bool,
) -> Result<Array> {
    let of = array.dtype();
    let (wide, output) = match dtype {
        Some(dtype) => (dtype, dtype),
        None if of == DType::F16 => (DType::F32, of),
        None if of.kind() >= gain_ufunc::Kind::Float => (of, of),
        None => (DType::F64, DType::F64),
    };
    let over = index::axes(axes, array.ndim())?;
    let count: usize = over.iter().map(|&axis| array.shape()[axis]).product();
    let sum = reduce(
        array,
        Reduction::Sum,
        axes,
        keep_dims,
        Some(wide),
        temporary,
    )?;
    let mean = operate::ufunc(
        array.runtime(),
        ufunc::DIVIDE,
        &[
            Operand::Array(&sum),
            Operand::Weak(gain_ufunc::WeakNumber::Int(count as i128)),
        ],
    )?;
    if mean.dtype() == output {
        Ok(mean)
    } else {
        mean.astype(output)
    }
}

fn dtypes(reduction: Reduction, from: DType, wanted: Option<DType>) -> (DType, DType) {
    match (wanted, reduction) {
        // A sum in float16 is one in float32, rounded once.
        (Some(DType::F16), Reduction::Sum | Reduction::Prod) => (DType::F32, DType::F16),
        (Some(wanted), _)
            if !matches!(reduction, Reduction::Any | Reduction::All) && !reduction.is_arg() =>
        {
            (wanted, wanted)
        }
        _ => accumulator(reduction, from),
    }
}

fn result_shape(shape: &[usize], axes: &[usize], keep_dims: bool) -> Indices {
    shape
        .iter()
        .enumerate()
        .filter_map(|(axis, &len)| match (axes.contains(&axis), keep_dims) {
            (false, _) => Some(len),
            (true, true) => Some(1),
            (true, false) => None,
        })
        .collect()
}

/// NumPy's reduction over no axes: each element by itself.
fn over_no_axes(array: &Array, reduction: Reduction, input: DType, output: DType) -> Result<Array> {
    match reduction {
        Reduction::ArgMin | Reduction::ArgMax => {
            create::zeros(array.runtime(), array.shape(), output)
        }
        _ => array.astype(input)?.astype(output),
    }
}

/// NumPy's reduction over an empty array.
fn of_nothing(
    array: &Array,
    reduction: Reduction,
    axes: &[usize],
    shape: &[usize],
    output: DType,
) -> Result<Array> {
    let rt = array.runtime();
    // Where no result is asked for, none lacks an identity, unless an axis that is reduced has no elements.
    let none_asked = shape.contains(&0) && axes.iter().all(|&axis| array.shape()[axis] > 0);
    let identity = match reduction {
        Reduction::Prod | Reduction::All => Scalar::one(output),
        _ => match reduction.empty_text() {
            Some(text) if !none_asked => return Err(Error::Value(text.to_string())),
            _ => Scalar::zero(output),
        },
    };
    create::full(rt, shape, identity)
}
