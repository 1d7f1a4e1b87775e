//! Sine and cosine.
//!
//! # Rationale
//!
//! Usual angles are reduced by multiples of π/2 in four parts (Cody and Waite), 33 bits each so that products are exact, with
//! Knuth's two-sums collecting what subtractions drop; huge angles by Payne and Hanek's method (ACM SIGNUM 18, 1983): only the bits
//! of 2/π that matter are multiplied. Then the polynomials of sine and cosine (minimax, computed for this file) on ±π/4 are both
//! evaluated and the quadrant selects. f32 goes through f64 with shorter polynomials. Measured: 0.78 ulp (f64),
//! 0.50 ulp (f32).

use super::exp::ROUND;
use super::kernel::Kernel;
use super::unary::operations;
use std::f64::consts::FRAC_2_PI;

operations! {
    /// Sine.
    Sin
    /// Cosine.
    Cos
}

impl Kernel for Sin<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        x.abs() <= LIMIT
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        let y = select(reduce(x), 0);
        // Below 2^-27 the sine is its argument, and zero keeps its sign.
        if x.abs() < 7.450580596923828e-9 { x } else { y }
    }
    fn rare(x: f64) -> f64 {
        if x.is_finite() {
            select(reduce_huge(x), 0)
        } else {
            f64::NAN
        }
    }
}

impl Kernel for Cos<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        x.abs() <= LIMIT
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        select(reduce(x), 1)
    }
    fn rare(x: f64) -> f64 {
        if x.is_finite() {
            select(reduce_huge(x), 1)
        } else {
            f64::NAN
        }
    }
}

impl Kernel for Sin<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(x: f32) -> bool {
        x.abs() <= LIMIT_F32
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        let y = select_f32(x, 0);
        if x == 0.0 { x } else { y }
    }
    fn rare(x: f32) -> f32 {
        if x.is_finite() {
            select(reduce_huge(x as f64), 0) as f32
        } else {
            f32::NAN
        }
    }
}

impl Kernel for Cos<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(x: f32) -> bool {
        x.abs() <= LIMIT_F32
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        select_f32(x, 1)
    }
    fn rare(x: f32) -> f32 {
        if x.is_finite() {
            select(reduce_huge(x as f64), 1) as f32
        } else {
            f32::NAN
        }
    }
}

/// Up to here multiples of π/2 have 20 bits.
const LIMIT: f64 = 1.6e6;
const LIMIT_F32: f32 = 1.6e6;

/// π/2 in parts of 33 bits, the last one rounded.
const HALF_PI: [f64; 4] = [
    f64::from_bits(0x3ff9_21fb_5440_0000),
    f64::from_bits(0x3dd0_b461_1a60_0000),
    f64::from_bits(0x3ba3_198a_2e00_0000),
    f64::from_bits(0x397b_839a_2520_49c1),
];

/// An angle less a multiple of π/2: within ±π/4 (and a little more), as the sum of two numbers.
struct Reduced {
    /// The multiple, modulo four in its low bits.
    quadrant: u64,
    high: f64,
    low: f64,
}

/// `a + b` and what rounding drops. Knuth's two-sum.
#[inline(always)]
fn two_sum(a: f64, b: f64) -> (f64, f64) {
    let sum = a + b;
    let b_part = sum - a;
    (sum, (a - (sum - b_part)) + (b - b_part))
}

#[inline(always)]
fn reduce(x: f64) -> Reduced {
    let shifted = x * FRAC_2_PI + ROUND;
    let n = shifted - ROUND;
    // Exact, because x and the product are close or the product is 0.
    let first = x - n * HALF_PI[0];
    let (second, second_rest) = two_sum(first, -(n * HALF_PI[1]));
    let (third, third_rest) = two_sum(second, -(n * HALF_PI[2]));
    let rest = (second_rest + third_rest) - n * HALF_PI[3];
    let high = third + rest;
    let low = (third - high) + rest;
    Reduced {
        quadrant: shifted.to_bits(),
        high,
        low,
    }
}

/// Sine (`turn` 0) or cosine (1) of a reduced angle.
#[inline(always)]
fn select(angle: Reduced, turn: u64) -> f64 {
    let Reduced {
        quadrant,
        high: x,
        low,
    } = angle;
    let quadrant = quadrant.wrapping_add(turn);
    let z = x * x;
    let z2 = z * z;
    let cube = x * z;
    let s = (0.008333333333322413 + -0.0001984126982980796 * z)
        + (2.755731369195842e-06 + -2.5050758120444772e-08 * z + 1.5896795908244844e-10 * z2) * z2;
    let sine = x - ((z * (0.5 * low - cube * s) - low) - cube * -0.16666666666666632);
    let c = (0.041666666666666595 + -0.001388888888887304 * z)
        + ((2.4801587288841214e-05 + -2.7557314176191374e-07 * z)
            + (2.0875700409886573e-09 + -1.1358513647183972e-11 * z) * z2)
            * z2;
    let half = 0.5 * z;
    let one = 1.0 - half;
    let cosine = one + (((1.0 - one) - half) + (z2 * c - x * low));
    let y = if quadrant & 1 == 0 { sine } else { cosine };
    f64::from_bits(y.to_bits() ^ ((quadrant & 2) << 62))
}

#[inline(always)]
fn select_f32(x: f32, turn: u64) -> f32 {
    let x = x as f64;
    let shifted = x * FRAC_2_PI + ROUND;
    let n = shifted - ROUND;
    let quadrant = shifted.to_bits().wrapping_add(turn);
    let r = (x - n * HALF_PI[0]) - n * 6.077100506506192e-11;
    let z = r * r;
    let z2 = z * z;
    let sine = r
        + (r * z)
            * ((-0.16666666641608324 + 0.008333329383568512 * z)
                + (-0.00019839334061195964 + 2.7183039627907193e-06 * z) * z2);
    let cosine = (1.0 - 0.5 * z)
        + z2 * (0.041666666619452966
            + -0.0013888883496750825 * z
            + (2.479945927739631e-05 + -2.7205681850243137e-07 * z) * z2);
    let y = if quadrant & 1 == 0 { sine } else { cosine };
    f64::from_bits(y.to_bits() ^ ((quadrant & 2) << 62)) as f32
}

/// The bits of 2/π after the binary point.
const TWO_OVER_PI: [u64; 20] = [
    0xa2f9836e4e441529,
    0xfc2757d1f534ddc0,
    0xdb6295993c439041,
    0xfe5163abdebbc561,
    0xb7246e3a424dd2e0,
    0x06492eea09d1921c,
    0xfe1deb1cb129a73e,
    0xe88235f52ebb4484,
    0xe99c7026b45f7e41,
    0x3991d639835339f4,
    0x9c845f8bbdf9283b,
    0x1ff897ffde05980f,
    0xef2f118b5a0a6d1f,
    0x6d367ecf27cb09b7,
    0x4f463f669e5fea2d,
    0x7527bac7ebe5f17b,
    0x3d0739f78a5292ea,
    0x6bfb5fb11f8d5d08,
    0x56033046fc7b6bab,
    0xf0cfbc209af4361d,
];

/// 64 bits of 2/π from bit `from` after the point; bits before it are zero.
fn two_over_pi(from: i32) -> u64 {
    if from <= -64 {
        return 0;
    }
    let word = |index: i32| usize::try_from(index).map_or(0, |index| TWO_OVER_PI[index]);
    let (index, shift) = (from.div_euclid(64), from.rem_euclid(64) as u32);
    if shift == 0 {
        word(index)
    } else {
        word(index) << shift | word(index + 1) >> (64 - shift)
    }
}

/// Reduces a finite angle beyond [`LIMIT`].
#[cold]
fn reduce_huge(x: f64) -> Reduced {
    let bits = x.abs().to_bits();
    let exponent = (bits >> 52) as i32 - 1075;
    let mantissa = (bits & 0x000f_ffff_ffff_ffff) | 0x0010_0000_0000_0000;
    // x 2/π = mantissa 2^exponent (bits of 2/π). Bits of 2/π that make multiples of four are left out: three words start
    // where a bit times the mantissa's last weighs 2, so that the product's top bits are the quadrant.
    let from = exponent - 2;
    let words = [
        two_over_pi(from),
        two_over_pi(from + 64),
        two_over_pi(from + 128),
    ];
    let wide = |word: u64| u128::from(word) * u128::from(mantissa);
    // The lowest of four words only rounds and is dropped; the highest overflows into multiples of four.
    let low = wide(words[2]) >> 64;
    let middle = wide(words[1]) + low;
    let high = u128::from(words[0].wrapping_mul(mantissa)) + (middle >> 64);
    let product = (high << 64) | u128::from(middle as u64);
    // Two bits of quadrant, then the fraction: to the nearest quadrant, with a signed rest.
    let quadrant = (product >> 126) + ((product >> 125) & 1);
    let rest = (product << 2) as i128;
    // rest / 2^128 in two parts, times π/2 in two parts.
    let first = rest as f64;
    let second = (rest - first as i128) as f64;
    let scale = f64::from_bits((1023 - 128) << 52);
    let (first, second) = (first * scale, second * scale);
    const HALF_PI_HIGH: f64 = std::f64::consts::FRAC_PI_2;
    const HALF_PI_LOW: f64 = 6.123233995736766e-17;
    let high = first * HALF_PI_HIGH;
    // The exact error of the product; this scalar path may ask for a fused operation, which is exact wherever it runs.
    let error = first.mul_add(HALF_PI_HIGH, -high);
    let low = error + (first * HALF_PI_LOW + second * HALF_PI_HIGH);
    let sum = high + low;
    let low = (high - sum) + low;
    if x < 0.0 {
        Reduced {
            quadrant: (quadrant as u64).wrapping_neg(),
            high: -sum,
            low: -low,
        }
    } else {
        Reduced {
            quadrant: quadrant as u64,
            high: sum,
            low,
        }
    }
}
