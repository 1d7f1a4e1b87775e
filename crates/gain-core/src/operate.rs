//! Asking for ufuncs: dtype and shape are resolved at once, so that errors rise at the user's line; the work is recorded, or done at
//! once when it is small.

use gain_ga::Indices;
use gain_ufunc::{
    Casting, DType, OperandType, Reduction, Scalar, Signature, Ufunc, WeakNumber, faults, resolve,
    status, ufunc, weak_comparison, weak_scalar,
};
use smallvec::SmallVec;

use crate::array::Array;
use crate::checks::{check_inputs, check_target, tight, wanted_loop};
use crate::create::{self, promise};
use crate::eager;
use crate::error::{Error, Result, shapes_text};
use crate::graph::Source;
use crate::layout::{Layout, broadcast_shapes};
use crate::operand::Operand;
use crate::order;
use crate::plan::Work;
use crate::reduce;
use crate::runtime::Runtime;
use crate::watch::{Call, watch_cast};

/// What a ufunc call may say besides its operands.
#[derive(Clone, Copy, Debug)]
pub struct Options<'a> {
    /// Where the result goes; it is then what the call returns.
    pub out: Option<&'a Array>,
    /// The dtype of the loop's result, `dtype=`.
    pub dtype: Option<DType>,
    /// The dtypes of the loop's inputs, `signature=`: as many as there are operands, or none at all.
    pub inputs: &'a [Option<DType>],
    /// How far operands and result may be cast.
    pub casting: Casting,
    /// Where to compute, `where=`: elements elsewhere keep what `out` had.
    pub mask: Option<&'a Array>,
}

impl Default for Options<'_> {
    fn default() -> Self {
        Options {
            out: None,
            dtype: None,
            inputs: &[],
            casting: Casting::SameKind,
            mask: None,
        }
    }
}

/// A ufunc of operands, as a new array. Collective.
///
/// # Errors
/// `UFuncTypeError` when no loop fits, `ValueError` when the shapes do not broadcast, `OverflowError` when a Python integer does not fit.
#[inline]
pub fn ufunc(rt: &Runtime, ufunc: &'static Ufunc, operands: &[Operand<'_>]) -> Result<Array> {
    let types: SmallVec<[OperandType; 3]> = operands.iter().map(Operand::operand_type).collect();
    let signature = resolve(ufunc, &types)?;
    if let Some(answer) = exact_comparison(ufunc, operands) {
        return constant_like(rt, operands, answer);
    }
    evaluate(rt, ufunc, &signature, operands, None)
}

/// A ufunc of operands with NumPy's keyword arguments. Collective.
///
/// # Errors
/// As [`ufunc()`], and for an output of the wrong shape, dtype or that is read-only.
pub fn ufunc_with(
    rt: &Runtime,
    ufunc: &'static Ufunc,
    operands: &[Operand<'_>],
    options: &Options<'_>,
) -> Result<Array> {
    let asks_for_loop = options.dtype.is_some() || !options.inputs.is_empty();
    let is_plain = options.out.is_none() && options.mask.is_none() && !asks_for_loop;
    if is_plain && options.casting == Casting::SameKind {
        return self::ufunc(rt, ufunc, operands);
    }
    let signature = wanted_loop(ufunc, operands, options)?;
    check_inputs(ufunc, operands, &signature, options.casting)?;
    if options.casting == Casting::Unsafe {
        for (operand, &dtype) in operands.iter().zip(&signature.inputs) {
            if let Operand::Array(array) = operand {
                watch_cast(array, dtype)?;
            }
        }
    }
    if let Some(out) = options.out {
        check_target(ufunc.name, operands, signature.output, out, options.casting)?;
    }
    let exact = (!asks_for_loop)
        .then(|| exact_comparison(ufunc, operands))
        .flatten();
    if let (Some(out), None, None) = (options.out, options.mask, exact) {
        if eager::ufunc_into(ufunc, &signature, operands, out)? {
            return Ok(out.clone());
        }
        let computed = evaluate_shaped(rt, ufunc, &signature, operands, out.shape(), None)?;
        out.assign(Operand::Array(&computed))?;
        return Ok(out.clone());
    }
    let mut computed = match exact {
        Some(answer) => constant_like(rt, operands, answer)?,
        None => evaluate(rt, ufunc, &signature, operands, options.mask)?,
    };
    let Some(mask) = options.mask else {
        return match options.out {
            Some(out) => out.assign(Operand::Array(&computed)).map(|()| out.clone()),
            None => Ok(computed),
        };
    };
    let out = match options.out {
        Some(out) => out.clone(),
        None => create::zeros(rt, &masked_shape(operands, mask)?, signature.output)?,
    };
    if computed.dtype() != out.dtype() {
        computed = computed.astype(out.dtype())?;
    }
    let chosen = self::ufunc(
        rt,
        ufunc::WHERE,
        &[mask.into(), (&computed).into(), (&out).into()],
    )?;
    out.assign(Operand::Array(&chosen))?;
    Ok(out)
}

fn masked_shape(operands: &[Operand<'_>], mask: &Array) -> Result<Indices> {
    let shapes = operands
        .iter()
        .map(Operand::shape)
        .chain(std::iter::once(mask.shape()));
    broadcast_shapes(shapes.clone()).ok_or_else(|| Error::Broadcast {
        shapes: shapes_text(shapes),
    })
}

/// What a comparison with a Python integer outside the array's dtype answers for every element.
fn exact_comparison(ufunc: &'static Ufunc, operands: &[Operand<'_>]) -> Option<bool> {
    match operands {
        [Operand::Weak(WeakNumber::Int(value)), other] => {
            weak_comparison(ufunc, *value, strong(other)?, true)
        }
        [other, Operand::Weak(WeakNumber::Int(value))] => {
            weak_comparison(ufunc, *value, strong(other)?, false)
        }
        _ => None,
    }
}

fn strong(operand: &Operand<'_>) -> Option<DType> {
    match operand.operand_type() {
        OperandType::Array(dtype) => Some(dtype),
        _ => None,
    }
}

fn constant_like(rt: &Runtime, operands: &[Operand<'_>], answer: bool) -> Result<Array> {
    create::full(rt, &common_shape(operands)?, Scalar::from(answer))
}

fn common_shape(operands: &[Operand<'_>]) -> Result<Indices> {
    let shapes = operands.iter().map(Operand::shape);
    broadcast_shapes(shapes.clone()).ok_or_else(|| Error::Broadcast {
        shapes: shapes_text(shapes),
    })
}

#[inline]
fn evaluate(
    rt: &Runtime,
    ufunc: &'static Ufunc,
    signature: &Signature,
    operands: &[Operand<'_>],
    mask: Option<&Array>,
) -> Result<Array> {
    let shaped = |shape: &[usize]| evaluate_in_order(rt, ufunc, signature, operands, shape, mask);
    // Nearly all calls have equal shapes or one value; those need no search.
    match operands {
        [a] => shaped(a.shape()),
        [a, b] if a.shape() == b.shape() || b.shape().is_empty() => shaped(a.shape()),
        [a, b] if a.shape().is_empty() => shaped(b.shape()),
        _ => shaped(&common_shape(operands)?),
    }
}

/// The result in NumPy's K order: computed over the axes as they lie in the operands' memory.
#[inline]
fn evaluate_in_order(
    rt: &Runtime,
    ufunc: &'static Ufunc,
    signature: &Signature,
    operands: &[Operand<'_>],
    shape: &[usize],
    mask: Option<&Array>,
) -> Result<Array> {
    let Some(order) = order::of_result(operands, shape) else {
        return evaluate_shaped(rt, ufunc, signature, operands, shape, mask);
    };
    let turn = |array: &Array| array.broadcast_to(shape)?.transpose(&order);
    let turned = operands
        .iter()
        .map(|operand| match operand {
            Operand::Array(array) if array.ndim() > 0 => turn(array).map(Some),
            _ => Ok(None),
        })
        .collect::<Result<SmallVec<[Option<Array>; 3]>>>()?;
    let operands: SmallVec<[Operand<'_>; 3]> = turned
        .iter()
        .zip(operands)
        .map(|(turned, given)| turned.as_ref().map_or(*given, Operand::Array))
        .collect();
    // A mask with more elements than the operands hides none of them everywhere, as a rule.
    let mask = mask.and_then(|mask| turn(mask).ok());
    let shape: Indices = order.iter().map(|&axis| shape[axis]).collect();
    evaluate_shaped(rt, ufunc, signature, &operands, &shape, mask.as_ref())?
        .into_order(&order::inverse(&order))
}

/// The result, with its faults noted: those of the elements where `mask`, if there is one, is true.
#[inline]
fn evaluate_shaped(
    rt: &Runtime,
    ufunc: &'static Ufunc,
    signature: &Signature,
    operands: &[Operand<'_>],
    shape: &[usize],
    mask: Option<&Array>,
) -> Result<Array> {
    let call = Call {
        rt,
        ufunc,
        operands,
        mask,
    };
    if let Some(result) = eager::ufunc(rt, ufunc, signature, operands, shape)? {
        if mask.is_some() && status::take_faults(ufunc.id()) != 0 {
            call.watch(&result)?;
        }
        return Ok(result);
    }
    refuse_negative_powers(ufunc, signature, operands)?;
    let result = promise(rt, shape, signature.output)?;
    let sources = operands
        .iter()
        .zip(&signature.inputs)
        .map(|(operand, &dtype)| source(operand, dtype, shape))
        .collect::<Result<_>>()?;
    result.record(
        Work::Map {
            ufunc,
            signature: signature.clone(),
        },
        sources,
    )?;
    call.watch(&result)?;
    Ok(result)
}

/// An integer to a negative power is an error at the user's line, on every rank: the least exponent is looked at before anything is
/// recorded. Exponents without a sign, and those of floating-point powers, cost nothing.
fn refuse_negative_powers(
    ufunc: &'static Ufunc,
    signature: &Signature,
    operands: &[Operand<'_>],
) -> Result<()> {
    let signed = signature
        .inputs
        .get(1)
        .is_some_and(|dtype| dtype.is_signed());
    if ufunc != ufunc::POWER || !signed {
        return Ok(());
    }
    let least = match &operands[1] {
        Operand::Array(exponent) if exponent.dtype().is_signed() && exponent.size() > 0 => {
            reduce::reduce(exponent, Reduction::Min, None, false, None, false)?.item()?
        }
        _ => return Ok(()),
    };
    match least.as_i64() < 0 {
        true => Err(gain_ufunc::Error::NegativeIntegerPower.into()),
        false => Ok(()),
    }
}

fn source(operand: &Operand<'_>, dtype: DType, shape: &[usize]) -> Result<Source> {
    Ok(match operand {
        Operand::Array(array) => array
            .source(shape)
            .expect("the operands' shapes were broadcast to this one"),
        value => Source::Constant(constant(value, dtype)?),
    })
}

/// A value operand as a value of the loop's input dtype; `OverflowError` when a Python integer does not fit. A number that is too large
/// for a floating-point dtype is a fault of its cast.
#[inline]
pub(crate) fn constant(operand: &Operand<'_>, dtype: DType) -> Result<Scalar> {
    let value = match operand {
        Operand::Scalar(scalar) => scalar.cast(dtype),
        Operand::Weak(number) => weak_scalar(*number, dtype)?,
        Operand::Array(_) => unreachable!("arrays are no constants"),
    };
    let may_overflow = matches!(dtype, DType::F16 | DType::F32);
    if may_overflow && value.as_f64().is_infinite() && !is_infinite(operand) {
        status::note_faults(faults::OVER, faults::CAST);
    }
    Ok(value)
}

fn is_infinite(operand: &Operand<'_>) -> bool {
    match operand {
        Operand::Scalar(scalar) => scalar.as_f64().is_infinite(),
        Operand::Weak(WeakNumber::Float(value)) => value.is_infinite(),
        _ => false,
    }
}

impl Array {
    /// A new array of these elements cast to `dtype`, as NumPy's `astype` casts. Collective.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn astype(&self, dtype: DType) -> Result<Array> {
        if let Some(copied) = eager::cast(self, dtype)? {
            return Ok(copied);
        }
        let made = promise(&self.runtime, self.shape(), dtype)?;
        made.record(
            Work::Copy,
            [self.source(self.shape()).expect("its own shape")]
                .into_iter()
                .collect(),
        )?;
        watch_cast(self, dtype)?;
        Ok(made)
    }

    /// A new array with these elements. Collective.
    ///
    /// # Errors
    /// [`Error::Memory`].
    pub fn copy(&self) -> Result<Array> {
        self.astype(self.dtype())
    }

    /// Writes a value, broadcast and cast as needed, to the elements of this view. Reads happen as if before all writes. Collective.
    ///
    /// # Errors
    /// `ValueError` for a read-only view or a value of another shape; `OverflowError` for a Python integer that does not fit.
    pub fn assign(&self, value: Operand<'_>) -> Result<()> {
        if !self.writeable {
            return Err(Error::ReadOnly("assignment destination"));
        }
        // `a[1:] += x` ends in an assignment of the view to itself.
        if let Operand::Array(array) = &value
            && std::rc::Rc::ptr_eq(&array.base, &self.base)
            && array.layout == self.layout
        {
            return Ok(());
        }
        // NumPy drops leading axes of length 1 that the destination does not have.
        let trimmed;
        let value = match value {
            Operand::Array(array)
                if array.ndim() > self.ndim()
                    && array.shape()[..array.ndim() - self.ndim()]
                        .iter()
                        .all(|&len| len == 1) =>
            {
                let mut view = array.clone();
                while view.ndim() > self.ndim() {
                    view = view.drop_axis(0)?;
                }
                trimmed = view;
                Operand::Array(&trimmed)
            }
            value => value,
        };
        if eager::assign(self, &value)? {
            return Ok(());
        }
        let source = match &value {
            Operand::Array(array) => {
                array
                    .source(self.shape())
                    .ok_or_else(|| Error::AssignShape {
                        from: tight(array.shape()),
                        into: tight(self.shape()),
                    })?
            }
            Operand::Scalar(scalar) => Source::Constant(scalar.cast(self.dtype())),
            Operand::Weak(number) => Source::Constant(weak_value(*number, self.dtype())?),
        };
        if self.size() == 0 {
            return Ok(());
        }
        self.runtime.record(
            Work::Copy,
            [source].into_iter().collect(),
            self.shape(),
            &self.base,
            Layout::clone(&self.layout),
        )
    }
}

/// A Python number as an element of an array that it is assigned to: a float may become an integer, an integer must fit.
pub(crate) fn weak_value(number: WeakNumber, dtype: DType) -> Result<Scalar> {
    match number {
        WeakNumber::Int(_) if dtype == DType::Bool => {
            Ok(Scalar::from(number != WeakNumber::Int(0)))
        }
        WeakNumber::Int(_) => Ok(weak_scalar(number, dtype)?),
        WeakNumber::Float(value) => Ok(Scalar::from(value).cast(dtype)),
        WeakNumber::Complex(value) => Ok(Scalar::from(value).cast(dtype)),
    }
}
