//! What a ufunc call may say: which loop `dtype=` and `signature=` ask for, whether the operands may be cast to it and its result to the
//! output.

use gain_ufunc::{Casting, DType, OperandType, Signature, Ufunc, can_cast, resolve};
use smallvec::SmallVec;

use crate::array::Array;
use crate::error::{Error, Result, shape_text, shapes_text};
use crate::layout::broadcast_shapes;
use crate::operand::Operand;
use crate::operate::Options;

/// The loop under `dtype=` and `signature=`: the one that the operands lead to, if it is what is asked for; else the first to which they
/// may be cast.
pub(crate) fn wanted_loop(
    ufunc: &'static Ufunc,
    operands: &[Operand<'_>],
    options: &Options<'_>,
) -> Result<Signature> {
    let types: SmallVec<[OperandType; 3]> = operands.iter().map(Operand::operand_type).collect();
    let found = resolve(ufunc, &types);
    let is_wanted = |inputs: &[DType], output: DType| {
        let fits =
            |(wanted, &has): (&Option<DType>, &DType)| wanted.is_none_or(|dtype| dtype == has);
        options.dtype.is_none_or(|dtype| dtype == output)
            && options.inputs.iter().zip(inputs).all(fits)
    };
    match &found {
        Ok(found) if is_wanted(&found.inputs, found.output) => return Ok(found.clone()),
        Err(error) if options.dtype.is_none() && options.inputs.is_empty() => {
            return Err(error.clone().into());
        }
        _ => {}
    }
    let mut wanted = ufunc
        .signatures
        .iter()
        .filter(|row| is_wanted(row.inputs(), row.output))
        .map(|row| row.signature());
    let no_loop = || {
        Error::Ufunc(gain_ufunc::Error::NoLoop {
            ufunc: ufunc.name,
            operands: format!("{types:?}"),
        })
    };
    if is_mixed(ufunc) {
        let casting = options.casting.min(Casting::Safe);
        let firm = found.map_err(|_| no_loop())?.inputs;
        let fits = |row: &Signature| {
            let pairs = firm.iter().zip(&row.inputs);
            pairs
                .clone()
                .all(|(&from, &to)| can_cast(from, to, casting))
        };
        return wanted.find(fits).ok_or_else(no_loop);
    }
    let first = wanted.next().ok_or_else(no_loop)?;
    let is_fit = |row: &Signature| check_inputs(ufunc, operands, row, options.casting).is_ok();
    Ok(match is_fit(&first) {
        true => first,
        false => wanted.find(is_fit).unwrap_or(first),
    })
}

/// Whether there are loops of inputs of several dtypes: no dtype of the output says what the inputs are to be, and NumPy casts them safely.
fn is_mixed(ufunc: &'static Ufunc) -> bool {
    let is_mixed = |inputs: &[DType]| inputs.iter().any(|dtype| *dtype != inputs[0]);
    ufunc.signatures.iter().any(|row| is_mixed(row.inputs()))
}

/// Refuses operands that may not be cast to the loop's inputs. Python numbers beside another operand take any dtype of their kind.
pub(crate) fn check_inputs(
    ufunc: &'static Ufunc,
    operands: &[Operand<'_>],
    signature: &Signature,
    casting: Casting,
) -> Result<()> {
    if ufunc.takes_truths() {
        // Everything has a truth value.
        return Ok(());
    }
    let is_alone = operands.len() == 1;
    if casting == Casting::Equiv && !is_alone {
        let of_integers = |to: DType| to.is_integer() && signature.output.is_bool();
        for (operand, &to) in operands.iter().zip(&signature.inputs) {
            // Integers are compared by value, whatever their dtypes.
            if !of_integers(to) {
                check_number(operand, to)?;
            }
        }
    }
    for (place, (operand, &to)) in operands.iter().zip(&signature.inputs).enumerate() {
        let given = operand.operand_type();
        let adapts = !is_alone && adapts(given, to);
        let from = match given {
            OperandType::WeakComplex if !is_alone => complex_beside(to),
            _ => given.default_dtype(),
        };
        if !adapts && !can_cast(from, to, casting) {
            return Err(Error::InputCasting {
                ufunc: ufunc.name,
                operand: place,
                from,
                to,
                casting: casting.name(),
            });
        }
    }
    Ok(())
}

/// Whether an operand is a Python number that takes this dtype.
fn adapts(given: OperandType, to: DType) -> bool {
    match given {
        OperandType::Array(_) => false,
        OperandType::WeakInt => !to.is_bool(),
        _ => to.kind() >= given.default_dtype().kind(),
    }
}

/// The dtype of a Python complex number beside one of another dtype.
fn complex_beside(other: DType) -> DType {
    match other {
        DType::F16 | DType::F32 => DType::C64,
        _ => DType::C128,
    }
}

/// Under the rule `equiv` a Python number is of its default dtype and no other; under `no`, NumPy does not mind.
fn check_number(operand: &Operand<'_>, to: DType) -> Result<()> {
    let given = operand.operand_type();
    let (name, to) = match given {
        OperandType::Array(_) => return Ok(()),
        OperandType::WeakInt => ("int", to),
        OperandType::WeakFloat => ("float", to),
        OperandType::WeakComplex if to.is_complex() => ("complex", to),
        OperandType::WeakComplex => ("complex", complex_beside(to)),
    };
    match given.default_dtype() == to || !adapts(given, to) {
        true => Ok(()),
        false => Err(Error::NumberCasting { name, to }),
    }
}

pub(crate) fn check_target(
    ufunc: &'static str,
    operands: &[Operand<'_>],
    from: DType,
    out: &Array,
    casting: Casting,
) -> Result<()> {
    if !out.writeable() {
        return Err(Error::ReadOnly("output array"));
    }
    let shapes = operands.iter().map(Operand::shape);
    // Nearly all outputs have the operands' shape.
    let plain = shapes
        .clone()
        .all(|shape| shape.is_empty() || shape == out.shape());
    if !plain {
        check_shapes(operands, out)?;
    }
    if !can_cast(from, out.dtype(), casting) {
        return Err(Error::OutputCasting {
            ufunc,
            from,
            to: out.dtype(),
            casting: casting.name(),
        });
    }
    Ok(())
}

fn check_shapes(operands: &[Operand<'_>], out: &Array) -> Result<()> {
    let shapes = operands.iter().map(Operand::shape);
    let shape = broadcast_shapes(shapes.clone()).ok_or_else(|| Error::Broadcast {
        shapes: shapes_text(shapes.clone()),
    })?;
    let both = broadcast_shapes([&shape[..], out.shape()].into_iter());
    match both {
        Some(both) if both[..] == *out.shape() => {}
        Some(both) => {
            return Err(Error::OutputShape {
                out: tight(out.shape()),
                shape: tight(&both),
            });
        }
        None => {
            return Err(Error::Broadcast {
                shapes: shapes_text(shapes.chain(std::iter::once(out.shape()))),
            });
        }
    }
    Ok(())
}

/// Whether a result may be written to `out` under the casting rule `same_kind`. Local.
///
/// # Errors
/// As [`ufunc_with`](crate::operate::ufunc_with) for its output.
pub fn check_result(ufunc: &'static str, result: &Array, out: &Array) -> Result<()> {
    check_target(
        ufunc,
        &[Operand::Array(result)],
        result.dtype(),
        out,
        Casting::SameKind,
    )
}

/// A shape as NumPy's errors about outputs print it: no blank inside.
pub(crate) fn tight(shape: &[usize]) -> String {
    shape_text(shape).replace(", ", ",")
}
