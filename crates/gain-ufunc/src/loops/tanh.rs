//! The hyperbolic tangent.
//!
//! # Rationale
//!
//! Below 0.625 an odd minimax polynomial; above, 1 - 2 / (e^2x + 1) with the denominator kept in two parts, so that little more
//! than the last subtraction rounds. Both are computed and one is selected. Measured: 0.85 ulp (f64), 0.50 ulp (f32).

use super::exp::{power_of_two, reduce};
use super::kernel::kernels;
use super::unary::operations;

operations! {
    /// Hyperbolic tangent.
    Tanh
}

kernels! {
    Tanh: f64 = tanh;
    Tanh: f32 = tanh_f32;
}

#[inline(always)]
pub(crate) fn tanh(x: f64) -> f64 {
    let size = x.abs();
    let z = x * x;
    let z2 = z * z;
    let z4 = z2 * z2;
    let a = (-0.33333333333333315 + 0.1333333333332989 * z)
        + (-0.053968253966134166 + 0.021869488470648242 * z) * z2;
    let b = (-0.008863234341424657 + 0.0035921142706138937 * z)
        + (-0.0014557276129153194 + 0.0005894586078512822 * z) * z2;
    let c = (-0.00023703008577721001 + 9.158974729550497e-05 * z)
        + (-3.0217918534621064e-05 + 6.055615280546391e-06 * z) * z2;
    let small = x + x * (z * (a + (b + c * z4) * z4));

    let twice = if size > 22.0 { 44.0 } else { 2.0 * size };
    let reduced = reduce(twice);
    let scale = power_of_two(reduced.k);
    let one = scale + 1.0;
    let rest = scale * reduced.expm1();
    let high = one + rest;
    let low = (one - high) + rest;
    let quotient = 2.0 / high;
    let large = 1.0 - quotient;
    let rest = (1.0 - large) - quotient;
    let large = large + (rest + quotient * low * (0.5 * quotient));
    // The sign comes last: the polynomial turns -0 into 0.
    (if size < 0.625 { small.abs() } else { large }).copysign(x)
}

#[inline(always)]
fn tanh_f32(x: f32) -> f32 {
    let x = x as f64;
    let size = x.abs();
    let twice = if size > 10.0 { 20.0 } else { 2.0 * size };
    let shifted = twice * super::exp::LOG2_E + super::exp::ROUND;
    let k = shifted - super::exp::ROUND;
    let r = twice - k * std::f64::consts::LN_2;
    let r2 = r * r;
    let a = (0.999999999995472 + 0.4999999999963786 * r)
        + (0.16666666787042897 + 0.041666666997626445 * r) * r2;
    let b = (0.008333283335434523 + 0.0013888803904515904 * r)
        + (0.00019907704336545712 + 2.4884624858065732e-05 * r) * r2;
    let expm1 = r * (a + b * (r2 * r2));
    let scale = power_of_two(shifted.to_bits().wrapping_sub(super::exp::ROUND.to_bits()));
    let t = scale * expm1 + (scale - 1.0);
    (t / (t + 2.0)).copysign(x) as f32
}
