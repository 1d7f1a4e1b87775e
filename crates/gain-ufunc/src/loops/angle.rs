//! Angles less multiples of π/2, for sine, cosine and tangent.
//!
//! # Rationale
//!
//! Usual angles are reduced by multiples of π/2 in four parts (Cody and Waite), 33 bits each so that products are exact, with
//! two-sums collecting what subtractions drop; huge angles by Payne and Hanek's method (ACM SIGNUM 18, 1983): only the bits
//! of 2/π that matter are multiplied.

use super::exp::ROUND;
use super::parts::two_sum;
use std::f64::consts::FRAC_2_PI;

/// Up to here multiples of π/2 have 20 bits.
pub(super) const LIMIT: f64 = 1.6e6;
/// The same for `float32`.
pub(super) const LIMIT_F32: f32 = 1.6e6;

/// π/2 in parts of 33 bits, the last one rounded.
const HALF_PI: [f64; 4] = [
    f64::from_bits(0x3ff9_21fb_5440_0000),
    f64::from_bits(0x3dd0_b461_1a60_0000),
    f64::from_bits(0x3ba3_198a_2e00_0000),
    f64::from_bits(0x397b_839a_2520_49c1),
];

/// An angle less a multiple of π/2: within ±π/4 (and a little more), as the sum of two numbers.
pub(super) struct Reduced {
    /// The multiple, modulo four in its low bits.
    pub(super) quadrant: u64,
    /// The larger part.
    pub(super) high: f64,
    /// The smaller part.
    pub(super) low: f64,
}

#[inline(always)]
pub(super) fn reduce(x: f64) -> Reduced {
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

/// As [`reduce`] for `float32`: the quadrant and the rest.
#[inline(always)]
pub(super) fn reduce_f32(x: f32) -> (u64, f64) {
    let x = x as f64;
    let shifted = x * FRAC_2_PI + ROUND;
    let n = shifted - ROUND;
    let r = (x - n * HALF_PI[0]) - n * 6.077100506506192e-11;
    (shifted.to_bits(), r)
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
pub(super) fn reduce_huge(x: f64) -> Reduced {
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
