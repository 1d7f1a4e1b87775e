//! Powers of floating-point numbers.
//!
//! # Rationale
//!
//! 2^(y log2 |x|), the logarithm with 65 bits and the product in two parts: x = 2^k m, m near c = 1 or 3/2, s = (m - c) / (m + c) in two
//! parts, log2(m / c) = (2 / (3 ln 2)) (3 s + s³ + s^5 p(s²)). The plan is that of fdlibm's `e_pow.c` (Sun Microsystems, 1993), without
//! its branches. A negative base gives its sign to odd powers, and NaN to those that are no integers.

use super::Power;
use super::exp::{ONE_BITS, ROUND};
use super::exp2::{exp2_short, exp2_sum};
use super::log::{area_short, split};
use super::pair_kernel::PairKernel;
use super::parts::{polynomial, quotient, upper};

impl PairKernel for Power<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(x: f64, y: f64) -> bool {
        let size = x.abs();
        (size >= f64::MIN_POSITIVE)
            & (size < f64::INFINITY)
            & (y.abs() < f64::INFINITY)
            & ((x > 0.0) | (y.abs() < WHOLE))
    }
    #[inline(always)]
    fn usual(x: f64, y: f64) -> f64 {
        Self::second(x, y, Self::first(x, y))
    }
    const SPLIT: bool = true;
    #[inline(always)]
    fn first(x: f64, y: f64) -> [f64; 2] {
        exponent(x.abs(), y, 0.0)
    }
    #[inline(always)]
    fn second(x: f64, y: f64, [high, low]: [f64; 2]) -> f64 {
        sign(exp2_sum(high, low), x, y)
    }
    fn rare(x: f64, y: f64) -> f64 {
        let size = x.abs();
        if size > 0.0 && size < f64::MIN_POSITIVE && y.abs() < WHOLE {
            let [high, low] = exponent(size * 18014398509481984.0, y, -54.0);
            sign(exp2_sum(high, low), x, y)
        } else {
            x.powf(y)
        }
    }
}

/// Below this a number may have a half, and its lowest bit shows beside [`ROUND`].
const WHOLE: f64 = 2251799813685248.0;

/// The power of `x`, given that of its magnitude.
#[inline(always)]
fn sign(power: f64, x: f64, y: f64) -> f64 {
    let shifted = y + ROUND;
    let whole = shifted - ROUND == y;
    let odd = (shifted.to_bits() & 1) << 63;
    let signed = f64::from_bits(power.to_bits() ^ odd);
    let negative = if whole { signed } else { f64::NAN };
    if x < 0.0 { negative } else { power }
}

/// The bits of sqrt(3) / 2, rounded to the upper half of the word.
const ROOT_THREE_QUARTERS: u64 = 0x3feb_b67a_0000_0000;
const MANTISSA: u64 = 0x000f_ffff_ffff_ffff;
/// log2(3/2): 42 bits, so that it can be added to an exponent, and what they lack.
const LOG2_THREE_HALVES: (f64, f64) = (0.584962500720394, 7.621628819151085e-13);
/// 2 / (3 ln 2): all of it, 26 bits, and what they lack.
const SCALE: f64 = 0.9617966939259756;
const SCALE_UPPER: f64 = 0.9617966860532761;
const SCALE_REST: f64 = 7.872699542894897e-09;

/// y log2(x 2^twos) as a sum, for a positive normal x and a finite y; bounded.
#[inline(always)]
fn exponent(x: f64, y: f64, twos: f64) -> [f64; 2] {
    let shifted = x.to_bits().wrapping_add(ONE_BITS - ROOT_THREE_QUARTERS);
    let m = f64::from_bits((shifted & MANTISSA).wrapping_add(ROOT_THREE_QUARTERS));
    let k = f64::from_bits((shifted >> 52) | 0x4330_0000_0000_0000) - (4503599627370496.0 + 1023.0);
    let (c, base, base_low) = if m < 1.2247448713915890 {
        (1.0, 0.0, 0.0)
    } else {
        (1.5, LOG2_THREE_HALVES.0, LOG2_THREE_HALVES.1)
    };
    // Upper bits, whose products are exact, and what they lack: s = (m - c) / (m + c),
    let (s_high, s_low) = quotient((m - c, 0.0), (c, m));
    let s = s_high + s_low;
    // 3 + s² + s^4 p(s²),
    let z = s * s;
    let square = s_high * s_high;
    let rest = s_low * (s_high + s)
        + z * z
            * polynomial!(
                z;
                0.5999999999999946,
                0.42857142857851904,
                0.3333333298297504,
                0.27272812185367656,
                0.23066090553957244,
                0.2069700130589062,
            );
    let three_high = upper(3.0 + (square + rest));
    let three_low = rest - ((three_high - 3.0) - square);
    // their product,
    let first = s_high * three_high;
    let second = s_low * three_high + three_low * s;
    let high = upper(first + second);
    let low = second - (high - first);
    // the logarithm to base two,
    let first = high * SCALE_UPPER;
    let second = high * SCALE_REST + (low * SCALE + base_low);
    let whole = k + twos + base;
    let log_high = upper(whole + (first + second));
    let log_low = second - ((log_high - whole) - first);
    // and its product with y. Larger exponents give infinity or zero of every base but 1, as these do.
    let y = if y > 1e20 { 1e20 } else { y };
    let y = if y < -1e20 { -1e20 } else { y };
    let y_high = upper(y);
    let high = y_high * log_high;
    let low = (y - y_high) * log_high + y * log_low;
    let inside = high.abs() < 1100.0;
    let bounded = 1100.0f64.copysign(high);
    if inside { [high, low] } else { [bounded, 0.0] }
}

impl PairKernel for Power<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(x: f32, y: f32) -> bool {
        let size = x.abs();
        (size > 0.0)
            & (size < f32::INFINITY)
            & (y.abs() < f32::INFINITY)
            & ((x > 0.0) | ((y.abs() as f64) < WHOLE))
    }
    #[inline(always)]
    fn usual(x: f32, y: f32) -> f32 {
        let (x, y) = (x as f64, y as f64);
        let (k, f) = split(x.abs());
        let log = k + area_short(f) * std::f64::consts::LOG2_E;
        let power = y * log;
        let power = if power > 200.0 { 200.0 } else { power };
        let power = if power < -200.0 { -200.0 } else { power };
        sign(exp2_short(power), x, y) as f32
    }
    fn rare(x: f32, y: f32) -> f32 {
        x.powf(y)
    }
}
