//! The ufunc table: one row per ufunc, by chapter of NumPy's reference. Everything else (Python names, documentation, coverage,
//! tests) is derived from these rows.

mod arithmetic;
mod comparison;
mod floating;
mod mathematics;

use crate::ufunc::Ufunc;

/// Numbers the rows and lists them: `NAME` is the constant of the row `chapter::NAME`.
macro_rules! table {
    ($($chapter:ident: $($name:ident)+;)+) => {
        /// The number of each row.
        #[expect(non_camel_case_types, clippy::upper_case_acronyms, reason = "named as the constants are")]
        #[derive(Clone, Copy)]
        pub(crate) enum Id { $($($name,)+)+ }

        /// How many ufuncs there are.
        pub const COUNT: usize = [$($(Id::$name as usize,)+)+].len();

        /// All ufuncs, by [`Ufunc::id`].
        pub static UFUNCS: [&Ufunc; COUNT] = [$($(&$chapter::$name,)+)+];

        $($(
            #[doc = concat!("The row of `", stringify!($name), "`.")]
            pub const $name: &Ufunc = &$chapter::$name;
        )+)+
    };
}

table! {
    arithmetic: ADD SUBTRACT MULTIPLY DIVIDE FLOOR_DIVIDE REMAINDER POWER NEGATIVE POSITIVE ABSOLUTE SQUARE RECIPROCAL SIGN
        CONJUGATE FMOD FLOAT_POWER GCD LCM BITWISE_COUNT BITWISE_AND BITWISE_OR BITWISE_XOR INVERT LEFT_SHIFT RIGHT_SHIFT;
    comparison: EQUAL NOT_EQUAL LESS LESS_EQUAL GREATER GREATER_EQUAL LOGICAL_AND LOGICAL_OR LOGICAL_XOR LOGICAL_NOT
        MINIMUM MAXIMUM FMIN FMAX WHERE CLIP;
    floating: FLOOR CEIL TRUNC RINT ISNAN ISINF ISFINITE SIGNBIT COPYSIGN FABS HEAVISIDE LDEXP NEXTAFTER SPACING
        MODF_FRACTION MODF_INTEGRAL FREXP_MANTISSA FREXP_EXPONENT;
    mathematics: SQRT CBRT EXP EXP2 EXPM1 LOG LOG2 LOG10 LOG1P SIN COS TAN ARCSIN ARCCOS ARCTAN ARCTAN2 HYPOT
        SINH COSH TANH ARCSINH ARCCOSH ARCTANH LOGADDEXP LOGADDEXP2 DEGREES RAD2DEG RADIANS DEG2RAD;
}

/// Rows for several types: `rows![binary_row Add: i8 i16]`; parts in sequence are joined in one list.
macro_rules! rows {
    ($($maker:ident $op:ident: $($t:ident)+);+ $(;)?) => {
        &[$($($crate::table::row!($maker $op $t),)+)+]
    };
}
pub(crate) use rows;

/// One of them. `f16` stands for a loop of its own, `f16_in_f32` for the `float32` loop between conversions.
macro_rules! row {
    ($maker:ident $op:ident f16_in_f32) => {
        $crate::loops::in_f32::$maker::<$crate::loops::$op<f32>>()
    };
    ($maker:ident $op:ident $t:ident) => {
        $crate::loops::$maker::<$crate::loops::$op<$t>>()
    };
}
pub(crate) use row;

/// Rows of loops with three inputs, which have a maker per ufunc.
macro_rules! value_rows {
    ($maker:ident: $($t:ty)+) => {
        &[$($crate::loops::$maker::<$t>(),)+]
    };
}
pub(crate) use value_rows;

/// Declares a row.
macro_rules! ufunc {
    ($id:ident = $name:literal $(or $alias:literal)*, $n_in:literal, $identity:expr, $rule:ident, $doc:literal, $rows:expr) => {
        pub(super) static $id: $crate::ufunc::Ufunc = $crate::ufunc::Ufunc {
            name: $name,
            aliases: &[$($alias),*],
            doc: $doc,
            n_in: $n_in,
            signatures: $rows,
            identity: $identity,
            rule: $crate::ufunc::Rule::$rule,
            id: super::Id::$id as usize,
        };
    };
}
pub(crate) use ufunc;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dtype::DType;
    use crate::promote::exact;
    use crate::ufunc::by_name;

    #[test]
    fn every_row_is_found_by_number_name_and_inputs() {
        for (id, ufunc) in UFUNCS.into_iter().enumerate() {
            assert_eq!(ufunc.id(), id, "{ufunc}");
            assert_eq!(by_name(ufunc.name), Some(ufunc));
            for alias in ufunc.aliases {
                assert_eq!(by_name(alias), Some(ufunc));
            }
            for (number, row) in ufunc.signatures.iter().enumerate() {
                assert_eq!(row.inputs().len(), ufunc.n_in);
                assert_eq!(
                    exact(ufunc, row.inputs()),
                    Some(number),
                    "{ufunc} {}",
                    row.signature()
                );
            }
            assert!(ufunc.doc.ends_with('.'));
        }
        assert_eq!(by_name("fancy"), None);
        assert_eq!(exact(ADD, &[DType::Bool, DType::I8]), None);
    }
}
