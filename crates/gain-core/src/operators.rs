//! Rust's operators on arrays and numbers; each gives a `Result`, since shapes may not fit.

use gain_ufunc::{Ufunc, ufunc};

use crate::array::Array;
use crate::error::Result;
use crate::operand::Operand;
use crate::operate;

macro_rules! binary {
    ($($operator:ident :: $method:ident => $row:ident),+ $(,)?) => {
        $(
            impl std::ops::$operator<&Array> for &Array {
                type Output = Result<Array>;

                fn $method(self, other: &Array) -> Self::Output {
                    both(ufunc::$row, self, Operand::Array(other))
                }
            }

            impl std::ops::$operator<f64> for &Array {
                type Output = Result<Array>;

                fn $method(self, other: f64) -> Self::Output {
                    both(ufunc::$row, self, other.into())
                }
            }

            impl std::ops::$operator<i64> for &Array {
                type Output = Result<Array>;

                fn $method(self, other: i64) -> Self::Output {
                    both(ufunc::$row, self, other.into())
                }
            }
        )+
    };
}

binary!(
    Add::add => ADD,
    Sub::sub => SUBTRACT,
    Mul::mul => MULTIPLY,
    Div::div => DIVIDE,
    Rem::rem => REMAINDER,
);

/// Operators of integers and booleans.
macro_rules! bitwise {
    ($($operator:ident :: $method:ident => $row:ident),+ $(,)?) => {
        $(
            impl std::ops::$operator<&Array> for &Array {
                type Output = Result<Array>;

                fn $method(self, other: &Array) -> Self::Output {
                    both(ufunc::$row, self, Operand::Array(other))
                }
            }

            impl std::ops::$operator<i64> for &Array {
                type Output = Result<Array>;

                fn $method(self, other: i64) -> Self::Output {
                    both(ufunc::$row, self, other.into())
                }
            }
        )+
    };
}

bitwise!(
    BitAnd::bitand => BITWISE_AND,
    BitOr::bitor => BITWISE_OR,
    BitXor::bitxor => BITWISE_XOR,
    Shl::shl => LEFT_SHIFT,
    Shr::shr => RIGHT_SHIFT,
);

fn both(ufunc: &'static Ufunc, left: &Array, right: Operand<'_>) -> Result<Array> {
    operate::ufunc(left.runtime(), ufunc, &[Operand::Array(left), right])
}

impl std::ops::Neg for &Array {
    type Output = Result<Array>;

    fn neg(self) -> Self::Output {
        operate::ufunc(self.runtime(), ufunc::NEGATIVE, &[Operand::Array(self)])
    }
}

impl std::ops::Not for &Array {
    type Output = Result<Array>;

    fn not(self) -> Self::Output {
        operate::ufunc(self.runtime(), ufunc::INVERT, &[Operand::Array(self)])
    }
}
