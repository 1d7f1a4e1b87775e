//! Ufuncs on `ndarray`'s arrays: broadcasting, promotion and evaluation in one safe call.
#![expect(unsafe_code, reason = "hands the memory of views to the eager path")]

use crate::dtype::{DType, Element};
use crate::eager::{Operand, OperandMut, apply};
use crate::error::Error;
use crate::promote::{OperandType, WeakNumber, resolve, weak_scalar};
use crate::scalar::Scalar;
use crate::ufunc::Ufunc;
use ndarray::{ArrayBase, ArrayD, ArrayView, Data, Dimension};
use smallvec::SmallVec;
use std::marker::PhantomData;

/// What a ufunc is evaluated on: a view of an array, a scalar with a dtype, or a weak number (a literal that adapts to the
/// arrays' dtypes, as Python's numbers do).
#[derive(Clone, Debug)]
pub struct Argument<'a> {
    value: Value,
    memory: PhantomData<&'a ()>,
}

#[derive(Clone, Debug)]
enum Value {
    Array {
        ptr: *const u8,
        shape: SmallVec<[usize; 4]>,
        strides: SmallVec<[isize; 4]>,
        dtype: DType,
    },
    Scalar(Scalar),
    Weak(WeakNumber),
}

impl<'a> Argument<'a> {
    /// A scalar whose dtype takes part in promotion.
    pub fn scalar<T: Element>(value: T) -> Argument<'a> {
        Argument {
            value: Value::Scalar(Scalar::from(value)),
            memory: PhantomData,
        }
    }

    /// An integer that adapts to the arrays' dtypes.
    pub fn weak_int(value: i64) -> Argument<'a> {
        Argument {
            value: Value::Weak(WeakNumber::Int(value.into())),
            memory: PhantomData,
        }
    }

    /// A real number that adapts to the arrays' dtypes.
    pub fn weak_float(value: f64) -> Argument<'a> {
        Argument {
            value: Value::Weak(WeakNumber::Float(value)),
            memory: PhantomData,
        }
    }

    fn operand_type(&self) -> OperandType {
        match &self.value {
            Value::Array { dtype, .. } => OperandType::Array(*dtype),
            Value::Scalar(scalar) => OperandType::Array(scalar.dtype()),
            Value::Weak(number) => number.operand_type(),
        }
    }

    fn shape(&self) -> &[usize] {
        match &self.value {
            Value::Array { shape, .. } => shape,
            _ => &[],
        }
    }
}

impl<'a, T: Element, D: Dimension> From<ArrayView<'a, T, D>> for Argument<'a> {
    fn from(view: ArrayView<'a, T, D>) -> Argument<'a> {
        let strides = view
            .strides()
            .iter()
            .map(|stride| stride * size_of::<T>() as isize)
            .collect();
        let shape = SmallVec::from_slice(view.shape());
        let value = Value::Array {
            ptr: view.as_ptr().cast(),
            shape,
            strides,
            dtype: T::DTYPE,
        };
        Argument {
            value,
            memory: PhantomData,
        }
    }
}

impl<'a, T: Element, S: Data<Elem = T>, D: Dimension> From<&'a ArrayBase<S, D>> for Argument<'a> {
    fn from(array: &'a ArrayBase<S, D>) -> Argument<'a> {
        array.view().into()
    }
}

/// The shape to which shapes broadcast by NumPy's rules.
///
/// # Errors
///
/// [`Error::Broadcast`].
///
/// # Examples
///
/// ```
/// use gain_ufunc::evaluate::broadcast_shapes;
///
/// assert_eq!(broadcast_shapes(&[&[3, 1], &[4]])?.as_slice(), [3, 4]);
/// assert!(broadcast_shapes(&[&[3], &[4]]).is_err());
/// # Ok::<(), gain_ufunc::Error>(())
/// ```
pub fn broadcast_shapes(shapes: &[&[usize]]) -> Result<SmallVec<[usize; 4]>, Error> {
    let ndim = shapes.iter().map(|shape| shape.len()).max().unwrap_or(0);
    let mut result: SmallVec<[usize; 4]> = SmallVec::from_elem(1, ndim);
    for shape in shapes {
        for (len, &own) in result[ndim - shape.len()..].iter_mut().zip(*shape) {
            if *len == 1 {
                *len = own;
            } else if own != 1 && own != *len {
                return Err(Error::Broadcast {
                    shapes: shapes_text(shapes),
                });
            }
        }
    }
    Ok(result)
}

fn shapes_text(shapes: &[&[usize]]) -> String {
    let one = |shape: &&[usize]| match **shape {
        [len] => format!("({len},)"),
        _ => {
            let lengths: Vec<String> = shape.iter().map(|len| len.to_string()).collect();
            format!("({})", lengths.join(","))
        }
    };
    shapes.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Evaluates a ufunc on arguments that broadcast together; the result is a new array in C order.
///
/// # Local
///
/// # Errors
///
/// [`Error::Broadcast`]; what [`resolve`] and [`weak_scalar`] report; [`Error::ResultType`] when the result's dtype is not `T`'s;
/// [`Error::NegativeIntegerPower`].
///
/// # Examples
///
/// ```
/// use gain_ufunc::{evaluate, evaluate::Argument, ufunc};
/// use ndarray::array;
///
/// let column = array![[1.0_f32], [2.0]];
/// let row = array![10.0_f32, 20.0, 30.0];
/// let sum = evaluate::<f32>(ufunc::ADD, &[(&column).into(), (&row).into()])?;
/// assert_eq!(sum, array![[11.0, 21.0, 31.0], [12.0, 22.0, 32.0]].into_dyn());
///
/// let half = evaluate::<f32>(ufunc::MULTIPLY, &[(&row).into(), Argument::weak_float(0.5)])?;
/// assert_eq!(half, array![5.0, 10.0, 15.0].into_dyn());
/// # Ok::<(), gain_ufunc::Error>(())
/// ```
pub fn evaluate<T: Element>(
    ufunc: &'static Ufunc,
    arguments: &[Argument<'_>],
) -> Result<ArrayD<T>, Error> {
    let types: SmallVec<[OperandType; 3]> = arguments.iter().map(Argument::operand_type).collect();
    let signature = resolve(ufunc, &types)?;
    if signature.output != T::DTYPE {
        return Err(Error::ResultType {
            operation: ufunc.name,
            found: signature.output,
            wanted: T::DTYPE,
        });
    }
    let shapes: SmallVec<[&[usize]; 3]> = arguments.iter().map(Argument::shape).collect();
    let shape = broadcast_shapes(&shapes)?;
    let ndim = shape.len();

    let mut scalars: SmallVec<[Scalar; 3]> = SmallVec::new();
    for (argument, &dtype) in arguments.iter().zip(&signature.inputs) {
        scalars.push(match argument.value {
            Value::Weak(number) => weak_scalar(number, dtype)?,
            Value::Scalar(scalar) => scalar,
            Value::Array { .. } => Scalar::zero(dtype),
        });
    }
    let strides: SmallVec<[SmallVec<[isize; 4]>; 3]> = arguments
        .iter()
        .map(|argument| broadcast_strides(argument, ndim))
        .collect();
    let inputs: SmallVec<[Operand<'_>; 3]> = arguments
        .iter()
        .zip(&scalars)
        .zip(&strides)
        .map(|((argument, scalar), strides)| match &argument.value {
            Value::Array { ptr, dtype, .. } => Operand {
                ptr: *ptr,
                strides,
                dtype: *dtype,
            },
            _ => Operand {
                ptr: scalar.as_ptr(),
                strides,
                dtype: scalar.dtype(),
            },
        })
        .collect();

    let mut result = ArrayD::<T>::uninit(shape.as_slice());
    let result_strides: SmallVec<[isize; 4]> = result
        .strides()
        .iter()
        .map(|stride| stride * size_of::<T>() as isize)
        .collect();
    let output = OperandMut {
        ptr: result.as_mut_ptr().cast(),
        strides: &result_strides,
        dtype: T::DTYPE,
    };
    // SAFETY: the views are borrowed for this call and broadcast by strides of 0; the result is fresh and wholly written.
    unsafe {
        apply(ufunc, &signature, &shape, &inputs, output)?;
        Ok(result.assume_init())
    }
}

/// Strides over `ndim` axes: 0 along those that an argument lacks or has with length one.
fn broadcast_strides(argument: &Argument<'_>, ndim: usize) -> SmallVec<[isize; 4]> {
    let mut result = SmallVec::from_elem(0, ndim);
    if let Value::Array { shape, strides, .. } = &argument.value {
        let first = ndim - shape.len();
        for (d, (&len, &stride)) in shape.iter().zip(strides).enumerate() {
            if len != 1 {
                result[first + d] = stride;
            }
        }
    }
    result
}
