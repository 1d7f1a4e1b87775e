//! NumPy 2's promotion (NEP 50): the dtype of a mixture, the loop that a ufunc takes for its operands, weak numbers made firm.
//!
//! # Rationale
//!
//! Choosing a loop is a search through the ufunc's signatures; its outcome depends on at most seventeen kinds per operand
//! (fourteen dtypes, three kinds of Python numbers), so it is done once for all pairs and kept as a table of bytes per ufunc.

use crate::casting::{Casting, can_cast};
use crate::dtype::{DType, Kind};
use crate::error::Error;
use crate::scalar::Scalar;
use crate::ufunc::{self, Rule, Signature, Ufunc};
use num_complex::Complex;
use smallvec::SmallVec;
use std::sync::OnceLock;

/// What an operand contributes to promotion.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum OperandType {
    /// An array, or a scalar with a dtype of its own (also Python's `bool`).
    Array(DType),
    /// A Python `int`: takes any integer dtype, or a higher kind, from the other operands.
    WeakInt,
    /// A Python `float`.
    WeakFloat,
    /// A Python `complex`.
    WeakComplex,
}

impl OperandType {
    const COUNT: usize = DType::COUNT + 3;

    #[inline]
    const fn index(self) -> usize {
        match self {
            OperandType::Array(dtype) => dtype as usize,
            OperandType::WeakInt => DType::COUNT,
            OperandType::WeakFloat => DType::COUNT + 1,
            OperandType::WeakComplex => DType::COUNT + 2,
        }
    }

    const fn from_index(index: usize) -> OperandType {
        match DType::from_index(index) {
            Some(dtype) => OperandType::Array(dtype),
            None if index == DType::COUNT => OperandType::WeakInt,
            None if index == DType::COUNT + 1 => OperandType::WeakFloat,
            None => OperandType::WeakComplex,
        }
    }

    /// The dtype of this operand alone: `int64`, `float64`, `complex128` for weak numbers.
    pub const fn default_dtype(self) -> DType {
        match self {
            OperandType::Array(dtype) => dtype,
            OperandType::WeakInt => DType::I64,
            OperandType::WeakFloat => DType::F64,
            OperandType::WeakComplex => DType::C128,
        }
    }
}

/// The dtype of a mixture of two arrays.
pub(crate) const fn promote(a: DType, b: DType) -> DType {
    let (low, high) = if (a.kind() as u8) <= (b.kind() as u8) {
        (a, b)
    } else {
        (b, a)
    };
    match (low.kind(), high.kind()) {
        (Kind::Bool, _) => high,
        (Kind::Unsigned, Kind::Unsigned)
        | (Kind::Signed, Kind::Signed)
        | (Kind::Float, Kind::Float)
        | (Kind::Complex, Kind::Complex) => {
            if low.size() > high.size() {
                low
            } else {
                high
            }
        }
        (Kind::Unsigned, Kind::Signed) => {
            if low.size() < high.size() {
                high
            } else {
                match low {
                    DType::U8 => DType::I16,
                    DType::U16 => DType::I32,
                    DType::U32 => DType::I64,
                    _ => DType::F64,
                }
            }
        }
        (Kind::Unsigned | Kind::Signed, Kind::Float) => {
            if low.size() == 1 {
                high
            } else if low.size() == 2 {
                match high {
                    DType::F16 => DType::F32,
                    _ => high,
                }
            } else {
                DType::F64
            }
        }
        (Kind::Unsigned | Kind::Signed, _) => {
            if low.size() <= 2 {
                high
            } else {
                DType::C128
            }
        }
        (Kind::Float, _) => {
            if low.size() == 8 {
                DType::C128
            } else {
                high
            }
        }
        _ => high,
    }
}

/// The dtype of a mixture, as `numpy.result_type` says. No operands: `float64`.
///
/// # Examples
///
/// ```
/// use gain_ufunc::{result_type, DType, OperandType::*};
///
/// assert_eq!(result_type(&[Array(DType::U8), WeakInt]), DType::U8);
/// assert_eq!(result_type(&[Array(DType::I64), Array(DType::U64)]), DType::F64);
/// ```
pub fn result_type(operands: &[OperandType]) -> DType {
    let mut firm: Option<DType> = None;
    // NumPy starts from the highest kind, which matters: (int16, uint16, float32) is float32.
    for kind in [
        Kind::Complex,
        Kind::Float,
        Kind::Signed,
        Kind::Unsigned,
        Kind::Bool,
    ] {
        for operand in operands {
            if let OperandType::Array(dtype) = *operand
                && dtype.kind() == kind
            {
                firm = Some(firm.map_or(dtype, |sum| promote(sum, dtype)));
            }
        }
    }
    let mut dtype = firm;
    for operand in operands {
        dtype = match (operand, dtype) {
            (OperandType::Array(_), sum) => sum,
            (weak, None) => Some(weak.default_dtype()),
            (OperandType::WeakInt, Some(DType::Bool)) => Some(DType::I64),
            (OperandType::WeakInt, sum) => sum,
            (OperandType::WeakFloat, Some(sum)) if sum.kind() < Kind::Float => Some(DType::F64),
            (OperandType::WeakFloat, sum) => sum,
            (OperandType::WeakComplex, Some(DType::F16 | DType::F32)) => Some(DType::C64),
            (OperandType::WeakComplex, Some(sum)) if sum.kind() < Kind::Complex => {
                Some(DType::C128)
            }
            (OperandType::WeakComplex, sum) => sum,
        };
    }
    dtype.unwrap_or(DType::F64)
}

/// No loop.
const NONE: u8 = u8::MAX;

/// The number of the loop for each pair of operand types (each type alone for unary ufuncs).
type Choice = [u8; OperandType::COUNT * OperandType::COUNT];

static CHOICES: [OnceLock<Choice>; ufunc::COUNT] = [const { OnceLock::new() }; ufunc::COUNT];

/// The signature that NumPy 2 chooses for these operands.
///
/// # Errors
///
/// [`Error::OperandCount`], [`Error::NoLoop`], [`Error::BooleanSubtract`], [`Error::BooleanNegative`].
pub fn resolve(ufunc: &'static Ufunc, operands: &[OperandType]) -> Result<Signature, Error> {
    if operands.len() != ufunc.n_in {
        return Err(Error::OperandCount {
            ufunc: ufunc.name,
            expected: ufunc.n_in,
            given: operands.len(),
        });
    }
    let number = match operands {
        [a] => choice(ufunc)[a.index()],
        [a, b] => choice(ufunc)[a.index() * OperandType::COUNT + b.index()],
        _ => search(ufunc, operands),
    };
    match ufunc.signatures.get(number as usize) {
        Some(row) => Ok(row.signature()),
        None => Err(refusal(ufunc, operands)),
    }
}

/// The number of the loop for exactly these input dtypes.
#[inline]
pub(crate) fn exact(ufunc: &'static Ufunc, inputs: &[DType]) -> Option<usize> {
    let number = match *inputs {
        [a] => choice(ufunc)[a as usize],
        [a, b] => choice(ufunc)[a as usize * OperandType::COUNT + b as usize],
        _ => {
            return ufunc
                .signatures
                .iter()
                .position(|row| row.inputs() == inputs);
        }
    };
    let row = ufunc.signatures.get(number as usize)?;
    (row.inputs() == inputs).then_some(number as usize)
}

#[inline]
fn choice(ufunc: &'static Ufunc) -> &'static Choice {
    CHOICES[ufunc.id].get_or_init(|| {
        let mut choice = [NONE; OperandType::COUNT * OperandType::COUNT];
        for (index, slot) in choice.iter_mut().enumerate() {
            let b = OperandType::from_index(index % OperandType::COUNT);
            if ufunc.n_in == 1 {
                if index < OperandType::COUNT {
                    *slot = search(ufunc, &[b]);
                }
            } else {
                *slot = search(
                    ufunc,
                    &[OperandType::from_index(index / OperandType::COUNT), b],
                );
            }
        }
        choice
    })
}

/// NumPy's search: weak numbers take the dtype of the mixture, then the first loop wins to which all operands cast safely.
fn search(ufunc: &'static Ufunc, operands: &[OperandType]) -> u8 {
    let common = result_type(operands);
    let mut firm: SmallVec<[DType; 3]> = operands
        .iter()
        .map(|operand| match operand {
            OperandType::Array(dtype) => *dtype,
            _ => common,
        })
        .collect();
    match ufunc.rule {
        Rule::Search => {}
        Rule::Divide => {
            if firm.iter().all(|dtype| dtype.kind() < Kind::Float) {
                firm.fill(DType::F64);
            }
        }
        Rule::Subtract | Rule::Negative | Rule::Exact => {
            if firm.iter().all(|dtype| dtype.is_bool()) {
                return NONE;
            }
        }
        Rule::Logical => {
            if operands
                .iter()
                .any(|operand| *operand != OperandType::Array(firm[0]))
            {
                firm.fill(DType::Bool);
            }
        }
        Rule::Scale => match *operands {
            // Beside bool a Python integer is NumPy's default integer.
            [OperandType::Array(DType::Bool), OperandType::WeakInt] => {}
            [OperandType::Array(_), OperandType::WeakInt] => firm[1] = DType::I32,
            [OperandType::WeakInt, OperandType::Array(exponent)] if exponent.is_integer() => {
                firm[0] = DType::I8;
            }
            _ => {}
        },
        Rule::Select => {
            firm[0] = DType::Bool;
            let value = result_type(&operands[1..]);
            firm[1..].fill(value);
        }
    }
    let found = ufunc.signatures.iter().position(|row| {
        row.inputs()
            .iter()
            .zip(&firm)
            .all(|(&to, &from)| can_cast(from, to, Casting::Safe))
    });
    found.map_or(NONE, |number| number as u8)
}

#[cold]
fn refusal(ufunc: &'static Ufunc, operands: &[OperandType]) -> Error {
    let only_bool = operands
        .iter()
        .all(|operand| *operand == OperandType::Array(DType::Bool));
    match ufunc.rule {
        Rule::Subtract if only_bool => Error::BooleanSubtract,
        Rule::Negative if only_bool => Error::BooleanNegative,
        Rule::Exact if only_bool => Error::NoBooleanLoop { ufunc: ufunc.name },
        _ => {
            let names: Vec<String> = operands
                .iter()
                .map(|operand| operand.default_dtype().to_string())
                .collect();
            Error::NoLoop {
                ufunc: ufunc.name,
                operands: format!("({})", names.join(", ")),
            }
        }
    }
}

/// A number without a dtype of its own, such as a Python literal.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum WeakNumber {
    /// An integer.
    Int(i128),
    /// A real number.
    Float(f64),
    /// A complex number.
    Complex(Complex<f64>),
}

impl WeakNumber {
    /// What the number contributes to promotion.
    pub const fn operand_type(self) -> OperandType {
        match self {
            WeakNumber::Int(_) => OperandType::WeakInt,
            WeakNumber::Float(_) => OperandType::WeakFloat,
            WeakNumber::Complex(_) => OperandType::WeakComplex,
        }
    }
}

/// A weak number as a value of `dtype`, the dtype that [`result_type`] or [`resolve`] gave. As a boolean, any number but 0 is true.
///
/// # Errors
///
/// [`Error::OutOfBounds`] when an integer dtype cannot hold the integer, [`Error::WeakKind`] when the number's kind is above
/// the dtype's.
pub fn weak_scalar(value: WeakNumber, dtype: DType) -> Result<Scalar, Error> {
    if dtype.is_bool() {
        return Ok(Scalar::from(match value {
            WeakNumber::Int(value) => value != 0,
            WeakNumber::Float(value) => value != 0.0,
            WeakNumber::Complex(value) => value != Complex::default(),
        }));
    }
    match value {
        WeakNumber::Int(value) => {
            let out_of_bounds = Error::OutOfBounds { value, dtype };
            let integer = |low: i128, high: i128, scalar: Scalar| {
                if (low..=high).contains(&value) {
                    Ok(scalar)
                } else {
                    Err(out_of_bounds)
                }
            };
            match dtype {
                DType::I8 => integer(i8::MIN.into(), i8::MAX.into(), Scalar::from(value as i8)),
                DType::I16 => integer(i16::MIN.into(), i16::MAX.into(), Scalar::from(value as i16)),
                DType::I32 => integer(i32::MIN.into(), i32::MAX.into(), Scalar::from(value as i32)),
                DType::I64 => integer(i64::MIN.into(), i64::MAX.into(), Scalar::from(value as i64)),
                DType::U8 => integer(0, u8::MAX.into(), Scalar::from(value as u8)),
                DType::U16 => integer(0, u16::MAX.into(), Scalar::from(value as u16)),
                DType::U32 => integer(0, u32::MAX.into(), Scalar::from(value as u32)),
                DType::U64 => integer(0, u64::MAX.into(), Scalar::from(value as u64)),
                _ => Ok(Scalar::from(value as f64).cast(dtype)),
            }
        }
        WeakNumber::Float(value) if dtype.kind() >= Kind::Float => {
            Ok(Scalar::from(value).cast(dtype))
        }
        WeakNumber::Complex(value) if dtype.is_complex() => Ok(Scalar::from(value).cast(dtype)),
        WeakNumber::Float(_) => Err(Error::WeakKind {
            kind: "floating",
            dtype,
        }),
        WeakNumber::Complex(_) => Err(Error::WeakKind {
            kind: "complex",
            dtype,
        }),
    }
}

/// The answer of a comparison between an integer array and a Python integer that its dtype cannot hold: NumPy compares
/// the exact values, so the answer is the same for all elements. `None` when the integer fits (compare as usual), when
/// `dtype` is no integer dtype, or when `ufunc` is no comparison.
///
/// `weak_first` says that the integer is the left operand.
pub fn weak_comparison(
    ufunc: &'static Ufunc,
    value: i128,
    dtype: DType,
    weak_first: bool,
) -> Option<bool> {
    if !dtype.is_integer() || weak_scalar(WeakNumber::Int(value), dtype).is_ok() {
        return None;
    }
    // Whether the left operand is the greater one; the two are never equal.
    let left_greater = (value > 0) == weak_first;
    Some(match ufunc.name {
        "equal" => false,
        "not_equal" => true,
        "less" | "less_equal" => !left_greater,
        "greater" | "greater_equal" => left_greater,
        _ => return None,
    })
}
