//! The logarithm of one plus a number, and of one plus a number in two parts, which others are made of.
//!
//! # Rationale
//!
//! u = 1 + t with what rounding drops; the logarithm of u as in `log.rs`; what was dropped, over u, joins the small terms. Where u is near
//! 1, u - 1 and what was dropped are t itself, which takes their place. After fdlibm's `s_log1p.c` (Sun Microsystems, 1993).

use super::exp::{LN2_HIGH, LN2_LOW, ROUND, power_of_two};
use super::kernel::Kernel;
use super::log::{area_short, log, split, tail};
use super::parts::two_sum;
use super::unary::operations;

operations! {
    /// log(1 + x).
    Log1p
}

impl Kernel for Log1p<f64> {
    type T = f64;
    #[inline(always)]
    fn is_usual(x: f64) -> bool {
        (x > -1.0) & (x < f64::INFINITY)
    }
    #[inline(always)]
    fn usual(x: f64) -> f64 {
        let y = log1p(x, 0.0, 0.0);
        // Below 2^-54 the result is its argument, and zero keeps its sign.
        if x.abs() < 5.551115123125783e-17 {
            x
        } else {
            y
        }
    }
    fn rare(x: f64) -> f64 {
        special(x)
    }
}

impl Kernel for Log1p<f32> {
    type T = f32;
    #[inline(always)]
    fn is_usual(x: f32) -> bool {
        (x > -1.0) & (x < f32::INFINITY)
    }
    #[inline(always)]
    fn usual(x: f32) -> f32 {
        let y = log1p_short(x as f64) as f32;
        if x == 0.0 { x } else { y }
    }
    fn rare(x: f32) -> f32 {
        special(x as f64) as f32
    }
}

fn special(x: f64) -> f64 {
    if x == -1.0 {
        f64::NEG_INFINITY
    } else if x < -1.0 {
        f64::NAN
    } else {
        x
    }
}

/// 1 + t + low = 2^k (1 + f + rest), where f is t itself if k = 0.
#[inline(always)]
fn split_sum(t: f64, low: f64) -> (f64, f64, f64) {
    let (u, dropped) = two_sum(1.0, t);
    let (k, f) = split(u);
    let near = k == 0.0;
    let f = if near { t } else { f };
    // 2^-k; where k is large nothing is left of what was dropped.
    let scale = power_of_two(ROUND.to_bits().wrapping_sub((k + ROUND).to_bits()));
    let scale = if k < 200.0 { scale } else { 0.0 };
    (k, f, if near { low } else { (dropped + low) * scale })
}

/// 1 / (1 + f), roughly.
#[inline(always)]
fn rough_inverse(f: f64) -> f64 {
    (1.0 - f) + (1.0 - 0.8 * f) * (f * f)
}

/// log(1 + t + low) + twos ln 2, where low is below an ulp of t.
#[inline(always)]
pub(super) fn log1p(t: f64, low: f64, twos: f64) -> f64 {
    let (k, f, rest) = split_sum(t, low);
    log(k + twos, f, rest * rough_inverse(f))
}

/// As [`log1p`], in two parts.
#[inline(always)]
pub(super) fn log1p_parts(t: f64, low: f64) -> (f64, f64) {
    let (k, f, rest) = split_sum(t, low);
    let half_square = 0.5 * f * f;
    let (high, dropped) = two_sum(k * LN2_HIGH, f);
    let small = (tail(f, half_square) - half_square) + (k * LN2_LOW + rest * rough_inverse(f));
    (high, dropped + small)
}

/// log(1 + t) with 36 bits.
#[inline(always)]
pub(super) fn log1p_short(t: f64) -> f64 {
    let (k, f) = split(1.0 + t);
    let f = if k == 0.0 { t } else { f };
    k * std::f64::consts::LN_2 + area_short(f)
}
