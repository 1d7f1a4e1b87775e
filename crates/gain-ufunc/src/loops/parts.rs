//! Numbers in two parts, high and low, for what one rounding would spoil; and polynomials.
//!
//! # Rationale
//!
//! A kernel's last addition alone may round visibly, so the largest terms are kept in two parts. No operation here asks for a fused
//! multiply-add, which the baseline lacks: products are split by masks. Sources: T. J. Dekker, "A floating-point technique for
//! extending the available precision", Numerische Mathematik 18 (1971); D. E. Knuth, "The Art of Computer Programming" 2, 4.2.2.

/// `a + b` and what rounding drops (Knuth).
#[inline(always)]
pub(super) fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

/// `a + b` and what rounding drops, where `a` is 0 or not the smaller (Dekker).
#[inline(always)]
pub(super) fn fast_two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    (sum, (a - sum) + b)
}

/// The upper 26 bits of a number: products of two such are exact.
#[inline(always)]
pub(super) fn upper(x: f64) -> f64 {
    f64::from_bits(x.to_bits() & 0xffff_ffff_f800_0000)
}

/// `a * b` and, but for the last bit, what rounding drops (Dekker).
#[inline(always)]
pub(super) fn two_product(a: f64, b: f64) -> (f64, f64) {
    let product = a * b;
    let (a_high, b_high) = (upper(a), upper(b));
    let (a_low, b_low) = (a - a_high, b - b_high);
    let rest = ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
    (product, rest)
}

/// As [`two_product`] of a number with itself.
#[inline(always)]
pub(super) fn square(a: f64) -> (f64, f64) {
    let product = a * a;
    let high = upper(a);
    let low = a - high;
    (product, (high * high - product) + low * (high + a))
}

/// The quotient of two numbers in two parts each, low parts below an ulp of the high ones.
#[inline(always)]
pub(super) fn quotient(a: (f64, f64), b: (f64, f64)) -> (f64, f64) {
    let inverse = 1.0 / b.0;
    let high = a.0 * inverse;
    let (product, dropped) = two_product(high, b.0);
    let rest = ((a.0 - product) - dropped) + (a.1 - high * b.1);
    (high, rest * inverse)
}

/// The square root of a number in two parts, of which the high one is not negative.
#[inline(always)]
pub(super) fn root(x: (f64, f64)) -> (f64, f64) {
    let high = x.0.sqrt();
    let (product, dropped) = square(high);
    let low = (((x.0 - product) - dropped) + x.1) * (0.5 / high);
    (high, if high == 0.0 { 0.0 } else { low })
}

/// The polynomial in `z` with these coefficients, lowest power first, by G. Estrin's scheme (1960), which pairs terms.
macro_rules! polynomial {
    ($z:expr; $only:expr $(,)?) => { $only };
    ($z:expr; $($c:expr),+ $(,)?) => {{
        let z: f64 = $z;
        $crate::loops::parts::polynomial!(@pair z; []; $($c),+)
    }};
    (@pair $z:ident; [$($done:expr),*]; $a:expr, $b:expr, $($rest:expr),+) => {
        $crate::loops::parts::polynomial!(@pair $z; [$($done,)* $a + $b * $z]; $($rest),+)
    };
    (@pair $z:ident; [$($done:expr),*]; $a:expr, $b:expr) => {
        $crate::loops::parts::polynomial!($z * $z; $($done,)* $a + $b * $z)
    };
    (@pair $z:ident; [$($done:expr),*]; $a:expr) => {
        $crate::loops::parts::polynomial!($z * $z; $($done,)* $a)
    };
}
pub(super) use polynomial;
