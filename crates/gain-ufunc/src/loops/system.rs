//! Complex functions, taken from the system's mathematical library.
//!
//! # Limitations
//!
//! They are C99's, as in NumPy, and their errors are the library's. The bits may differ between libraries.
#![expect(unsafe_code, reason = "C99's complex functions have no binding in std")]

use super::binary::binary;
use super::complex::divide;
use super::unary::{operations, unary};
use super::{
    Arccos, Arccosh, Arcsin, Arcsinh, Arctan, Arctanh, Cosh, Exp2, Expm1, Log1p, Log2, Log10,
    Power, Sinh, SquareRoot, Tan,
};
use num_complex::Complex;
use std::f32::consts as f32_constants;
use std::f64::consts as f64_constants;

operations! {
    /// e to the power of a complex number.
    ComplexExp
    /// Natural logarithm of a complex number.
    ComplexLog
    /// Sine of a complex number.
    ComplexSin
    /// Cosine of a complex number.
    ComplexCos
    /// Hyperbolic tangent of a complex number.
    ComplexTanh
}

macro_rules! c99 {
    ($($name:ident $name_f32:ident)+) => {
        // SAFETY: C99's declarations; `Complex` is laid out and passed as C's complex types are.
        unsafe extern "C" {
            $(
                safe fn $name(x: Complex<f64>) -> Complex<f64>;
                safe fn $name_f32(x: Complex<f32>) -> Complex<f32>;
            )+
            safe fn cpow(a: Complex<f64>, b: Complex<f64>) -> Complex<f64>;
            safe fn cpowf(a: Complex<f32>, b: Complex<f32>) -> Complex<f32>;
        }
    };
}

c99! {
    csqrt csqrtf
    cexp cexpf
    clog clogf
    csin csinf
    ccos ccosf
    ctan ctanf
    csinh csinhf
    ccosh ccoshf
    ctanh ctanhf
    casin casinf
    cacos cacosf
    catan catanf
    casinh casinhf
    cacosh cacoshf
    catanh catanhf
}

macro_rules! complex_functions {
    ($($op:ident $name:ident $name_f32:ident)+) => {
        $(
            unary!($op, |x| $name(x), same: Complex<f64>);
            unary!($op, |x| $name_f32(x), same: Complex<f32>);
        )+
    };
}

/// Complex functions that C99 lacks, by NumPy's formulas.
macro_rules! derived_functions {
    ($($part:ty, $cexp:ident, $clog:ident, $module:ident;)+) => {
        $(
            unary!(Exp2, |x| $cexp(Complex::new(x.re * $module::LN_2, x.im * $module::LN_2)), same: Complex<$part>);
            unary!(Expm1, |x| {
                let half = (x.im / 2.0).sin();
                Complex::new(x.re.exp_m1() * x.im.cos() - 2.0 * half * half, x.re.exp() * x.im.sin())
            }, same: Complex<$part>);
            unary!(Log2, |x| $clog(x) * $module::LOG2_E, same: Complex<$part>);
            unary!(Log10, |x| $clog(x) * $module::LOG10_E, same: Complex<$part>);
            unary!(Log1p, |x| {
                let re = x.re + 1.0;
                Complex::new(re.hypot(x.im).ln(), x.im.atan2(re))
            }, same: Complex<$part>);
        )+
    };
}

derived_functions! {
    f32, cexpf, clogf, f32_constants;
    f64, cexp, clog, f64_constants;
}

complex_functions! {
    SquareRoot csqrt csqrtf
    ComplexExp cexp cexpf
    ComplexLog clog clogf
    ComplexSin csin csinf
    ComplexCos ccos ccosf
    ComplexTanh ctanh ctanhf
    Tan ctan ctanf
    Arcsin casin casinf
    Arccos cacos cacosf
    Arctan catan catanf
    Sinh csinh csinhf
    Cosh ccosh ccoshf
    Arcsinh casinh casinhf
    Arccosh cacosh cacoshf
    Arctanh catanh catanhf
}

macro_rules! complex_powers {
    ($($part:ty, $cpow:ident;)+) => {
        $(
            binary!(Power, |a, b| {
                if b.re == 0.0 && b.im == 0.0 {
                    return Complex::new(1.0, 0.0);
                }
                if a.re == 0.0 && a.im == 0.0 {
                    return if b.re > 0.0 {
                        Complex::new(0.0, 0.0)
                    } else {
                        Complex::new(<$part>::NAN, <$part>::NAN)
                    };
                }
                // NumPy multiplies for small integers.
                if b.im == 0.0 && b.re.abs() < 100.0 && b.re == b.re.trunc() {
                    return small_power::<$part>(a, b.re as i32);
                }
                $cpow(a, b)
            }, same: Complex<$part>);
        )+
    };
}
complex_powers! {
    f32, cpowf;
    f64, cpow;
}

/// `a` to the power of `n`, not 0, in NumPy's order of multiplications.
fn small_power<T: super::complex::Part>(a: Complex<T>, n: i32) -> Complex<T> {
    let times = |a: Complex<T>, b: Complex<T>| {
        Complex::new(a.re * b.re - a.im * b.im, a.re * b.im + a.im * b.re)
    };
    match n {
        1 => a,
        2 => times(a, a),
        3 => times(a, times(a, a)),
        _ => {
            let one = Complex::new(T::ONE, T::ZERO);
            let (mut result, mut square, mut rest) = (one, a, n.unsigned_abs());
            loop {
                if rest & 1 == 1 {
                    result = times(result, square);
                }
                rest >>= 1;
                if rest == 0 {
                    return if n < 0 { divide(one, result) } else { result };
                }
                square = times(square, square);
            }
        }
    }
}
