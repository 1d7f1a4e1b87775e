//! The largest error of each transcendental loop, against 160 bits of the exact result (crate `astro-float`).

#![expect(unsafe_code, reason = "calls loops on raw memory")]

use astro_float::{BigFloat, Consts, RoundingMode};
use gain_ufunc::{DType, Isa, OperandType, resolve, ufunc};

/// Where operands come from.
#[derive(Clone, Copy)]
pub enum Operand {
    /// Any magnitude with these exponents of two, either sign.
    Powers(f64, f64),
    /// Any magnitude with these exponents of two, positive.
    Positive(f64, f64),
    /// Evenly between two numbers.
    Between(f64, f64),
    /// One, and a little more or less: by a power of two with an exponent from -53.
    NearOne,
    /// Multiples of a right angle, as good as they can be written.
    Turns,
    /// The one angle among the doubles that is nearest to a multiple of a right angle.
    HardestAngle,
}
use Operand::{Between, HardestAngle, NearOne, Positive, Powers, Turns};

/// A function and where to look: each region has one source per operand.
pub struct Row {
    /// NumPy's name.
    pub name: &'static str,
    regions: &'static [&'static [Operand]],
    exact: fn(&[BigFloat], &mut Consts) -> BigFloat,
    /// Whether the error is measured against both terms of the sum too, which may nearly cancel.
    beside_operands: bool,
}

const BITS: usize = 192;
const MODE: RoundingMode = RoundingMode::ToEven;

const ANY: Operand = Powers(-1074.0, 1024.0);
const ANY_POSITIVE: Operand = Positive(-1074.0, 1024.0);
const SMALL: Operand = Powers(-60.0, 1.0);
const EXPONENTS: Operand = Between(-745.0, 709.7);
const LITTLE: Operand = Between(-3.0, 3.0);
const UNIT: Operand = Between(-1.0, 1.0);

macro_rules! row {
    ($name:literal, [$($region:expr),+], |$x:ident, $cc:ident| $exact:expr) => {
        Row { name: $name, regions: &[$(&$region),+], exact: |$x, $cc| { let _ = &$cc; $exact }, beside_operands: false }
    };
}

/// All of them, by name.
pub const ROWS: &[Row] = &[
    row!(
        "arccos",
        [[UNIT], [Powers(-60.0, -1.0)], [Between(0.4, 0.6)]],
        |x, cc| x[0].acos(BITS, MODE, cc)
    ),
    row!(
        "arccosh",
        [[Positive(0.0, 1024.0)], [Between(1.0, 3.0)]],
        |x, cc| x[0].acosh(BITS, MODE, cc)
    ),
    row!(
        "arcsin",
        [[UNIT], [Powers(-60.0, -1.0)], [Between(0.4, 0.6)]],
        |x, cc| x[0].asin(BITS, MODE, cc)
    ),
    row!("arcsinh", [[ANY], [LITTLE], [SMALL]], |x, cc| x[0]
        .asinh(BITS, MODE, cc)),
    row!("arctan", [[ANY], [LITTLE], [SMALL]], |x, cc| x[0]
        .atan(BITS, MODE, cc)),
    row!(
        "arctan2",
        [[Powers(-60.0, 60.0), Powers(-60.0, 60.0)], [LITTLE, LITTLE]],
        |x, cc| angle(x, cc)
    ),
    row!(
        "arctanh",
        [[UNIT], [Powers(-60.0, -0.01)], [Between(0.9, 1.0)]],
        |x, cc| x[0].atanh(BITS, MODE, cc)
    ),
    row!("cbrt", [[ANY], [LITTLE]], |x, _cc| x[0].cbrt(BITS, MODE)),
    row!(
        "cos",
        [[ANY], [LITTLE], [Turns], [HardestAngle]],
        |x, cc| x[0].cos(BITS, MODE, cc)
    ),
    row!(
        "cosh",
        [[Between(-710.4, 710.4)], [LITTLE], [SMALL]],
        |x, cc| x[0].cosh(BITS, MODE, cc)
    ),
    row!("exp", [[EXPONENTS], [LITTLE], [SMALL]], |x, cc| x[0]
        .exp(BITS, MODE, cc)),
    row!(
        "exp2",
        [[Between(-1074.0, 1023.9)], [LITTLE], [SMALL]],
        |x, cc| two().pow(&x[0], BITS, MODE, cc)
    ),
    row!("expm1", [[EXPONENTS], [LITTLE], [SMALL]], |x, cc| x[0]
        .exp(BITS, MODE, cc)
        .sub(&one(), BITS, MODE)),
    row!(
        "hypot",
        [
            [Powers(-60.0, 60.0), Powers(-60.0, 60.0)],
            [LITTLE, LITTLE],
            [Positive(900.0, 1023.0), Positive(900.0, 1023.0)]
        ],
        |x, _cc| squares(x).sqrt(BITS, MODE)
    ),
    row!(
        "log",
        [[ANY_POSITIVE], [NearOne], [Between(0.3, 3.0)]],
        |x, cc| x[0].ln(BITS, MODE, cc)
    ),
    row!(
        "log10",
        [[ANY_POSITIVE], [NearOne], [Between(0.3, 3.0)]],
        |x, cc| x[0].log10(BITS, MODE, cc)
    ),
    row!(
        "log1p",
        [[Positive(-60.0, 1024.0)], [SMALL], [Between(-0.999, 3.0)]],
        |x, cc| x[0].add(&one(), 4 * BITS, MODE).ln(BITS, MODE, cc)
    ),
    row!(
        "log2",
        [[ANY_POSITIVE], [NearOne], [Between(0.3, 3.0)]],
        |x, cc| x[0].log2(BITS, MODE, cc)
    ),
    Row {
        name: "logaddexp",
        regions: &[
            &[Between(-100.0, 100.0), Between(-100.0, 100.0)],
            &[LITTLE, LITTLE],
        ],
        exact: |x, cc| {
            let sum =
                x[0].exp(2 * BITS, MODE, cc)
                    .add(&x[1].exp(2 * BITS, MODE, cc), 2 * BITS, MODE);
            sum.ln(BITS, MODE, cc)
        },
        beside_operands: true,
    },
    Row {
        name: "logaddexp2",
        regions: &[
            &[Between(-100.0, 100.0), Between(-100.0, 100.0)],
            &[LITTLE, LITTLE],
        ],
        exact: |x, cc| {
            let sum = two().pow(&x[0], 2 * BITS, MODE, cc).add(
                &two().pow(&x[1], 2 * BITS, MODE, cc),
                2 * BITS,
                MODE,
            );
            sum.log2(BITS, MODE, cc)
        },
        beside_operands: true,
    },
    row!(
        "power",
        [
            [Positive(-100.0, 100.0), Between(-10.0, 10.0)],
            [Between(0.1, 3.0), Between(-200.0, 200.0)],
            [NearOne, Powers(0.0, 50.0)]
        ],
        |x, cc| x[0].pow(&x[1], BITS, MODE, cc)
    ),
    row!(
        "sin",
        [[ANY], [LITTLE], [Turns], [HardestAngle]],
        |x, cc| x[0].sin(BITS, MODE, cc)
    ),
    row!(
        "sinh",
        [[Between(-710.4, 710.4)], [LITTLE], [SMALL]],
        |x, cc| x[0].sinh(BITS, MODE, cc)
    ),
    row!(
        "tan",
        [[ANY], [LITTLE], [Turns], [HardestAngle]],
        |x, cc| x[0].tan(BITS, MODE, cc)
    ),
    row!(
        "tanh",
        [[Between(-30.0, 30.0)], [UNIT], [SMALL]],
        |x, cc| x[0].tanh(BITS, MODE, cc)
    ),
];

fn one() -> BigFloat {
    BigFloat::from_f64(1.0, BITS)
}

fn two() -> BigFloat {
    BigFloat::from_f64(2.0, BITS)
}

fn squares(x: &[BigFloat]) -> BigFloat {
    let square = |x: &BigFloat| x.mul(x, 2 * BITS, MODE);
    square(&x[0]).add(&square(&x[1]), 4 * BITS, MODE)
}

/// The angle of the point (x[1], x[0]).
fn angle(x: &[BigFloat], cc: &mut Consts) -> BigFloat {
    let near = x[0].div(&x[1], BITS, MODE).atan(BITS, MODE, cc);
    if x[1].is_positive() {
        return near;
    }
    let pi = cc.pi(BITS, MODE);
    if x[0].is_positive() {
        near.add(&pi, BITS, MODE)
    } else {
        near.sub(&pi, BITS, MODE)
    }
}

/// Numbers that look random, the same at every run (G. Marsaglia's xorshift, 2003).
struct Random(u64);

impl Random {
    fn unit(&mut self) -> f64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as f64 / 9007199254740992.0
    }

    fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A number of the type, from there.
    fn draw(&mut self, from: Operand, dtype: DType) -> f64 {
        let single = dtype == DType::F32;
        let bound = |x: f64| {
            if single {
                x.clamp(-149.0, 127.99)
            } else {
                x.min(1023.99)
            }
        };
        let x = match from {
            Between(low, high) if single => self.between(low.max(-103.9), high.min(88.7)),
            Between(low, high) => self.between(low, high),
            Powers(low, high) => {
                let sign = if self.unit() < 0.5 { -1.0 } else { 1.0 };
                sign * self.between(bound(low), bound(high)).exp2()
            }
            Positive(low, high) => self.between(bound(low), bound(high)).exp2(),
            Turns => self.between(-1e6, 1e6).round() * std::f64::consts::FRAC_PI_2,
            HardestAngle if single => 16367173.0 * 4722366482869645213696.0,
            HardestAngle => 6381956970095103.0 * 797f64.exp2(),
            NearOne => {
                let least = if single { -24.0 } else { -53.0 };
                let sign = if self.unit() < 0.5 { -1.0 } else { 1.0 };
                1.0 + sign * self.between(least, -1.0).exp2()
            }
        };
        if single { x as f32 as f64 } else { x }
    }
}

/// A double, exactly; the crate takes subnormal ones for others.
fn big(x: f64) -> BigFloat {
    if x == 0.0 || x.is_normal() {
        return BigFloat::from_f64(x, BITS);
    }
    let mut scaled = BigFloat::from_f64(x * 2f64.powi(64), BITS);
    let exponent = scaled.exponent().expect("a finite number");
    scaled.set_exponent(exponent - 64);
    scaled
}

/// A number as a double: its upper 64 bits.
fn short(x: &BigFloat) -> f64 {
    match x.as_raw_parts() {
        Some((words, _, _, exponent, _)) if !x.is_zero() => {
            let top = *words.last().expect("a number has words") as f64;
            // In two steps: a power of two may lie beyond the doubles.
            let half = exponent / 2;
            top * 2f64.powi(-64) * 2f64.powi(half) * 2f64.powi(exponent - half)
        }
        _ => 0.0,
    }
}

/// The error of `found` in units of the last place of the type at `exact`, or at a larger `beside`.
fn ulps(found: f64, exact: &BigFloat, dtype: DType, beside: f64) -> f64 {
    let (digits, least) = if dtype == DType::F32 {
        (23, -126)
    } else {
        (52, -1022)
    };
    let mut exponent = exact.exponent().map_or(least, |exponent| exponent - 1);
    if beside > 0.0 {
        exponent = exponent.max(beside.log2().floor() as i32);
    }
    let exponent = exponent.max(least) - digits;
    let distance = big(found).sub(exact, BITS, MODE);
    let mut scaled = distance.clone();
    match distance.exponent() {
        Some(own) if !distance.is_zero() => scaled.set_exponent(own - exponent),
        _ => return 0.0,
    }
    short(&scaled).abs()
}

/// The loop's results for operands, one after the other.
fn results(name: &str, dtype: DType, isa: Isa, operands: &[Vec<f64>]) -> Vec<f64> {
    let ufunc = ufunc::by_name(name).expect("a ufunc");
    let types = vec![OperandType::Array(dtype); operands.len()];
    let signature = resolve(ufunc, &types).expect("a loop");
    let size = dtype.size();
    let bytes = |x: &f64| {
        if size == 4 {
            (*x as f32).to_le_bytes().to_vec()
        } else {
            x.to_le_bytes().to_vec()
        }
    };
    let n = operands[0].len();
    let mut arrays: Vec<Vec<u8>> = operands
        .iter()
        .map(|x| x.iter().flat_map(bytes).collect())
        .collect();
    arrays.push(vec![0; n * size]);
    let mut ptrs = [std::ptr::null_mut(); 4];
    let mut strides = [0; 4];
    for (i, array) in arrays.iter_mut().enumerate() {
        ptrs[i] = array.as_mut_ptr();
        strides[i] = size as isize;
    }
    // SAFETY: each array holds n elements of the type.
    unsafe { ufunc.loop_for_isa(&signature, isa)(n, &ptrs, &strides) };
    let last = arrays.pop().expect("the output");
    last.chunks(size)
        .map(|x| match x.try_into() {
            Ok(x) => f64::from_le_bytes(x),
            Err(_) => f32::from_le_bytes(x.try_into().expect("four bytes")) as f64,
        })
        .collect()
}

/// The largest error of a row's loop in `n` numbers of each region, and where it was.
///
/// # Panics
///
/// If a result is not finite though the exact one is.
pub fn largest_error(row: &Row, dtype: DType, isa: Isa, n: usize) -> (f64, Vec<f64>) {
    let mut cc = Consts::new().expect("memory");
    let mut random = Random(0x9e37_79b9_7f4a_7c15);
    let mut worst = (0.0, Vec::new());
    for region in row.regions {
        let operands: Vec<Vec<f64>> = region
            .iter()
            .map(|from| (0..n).map(|_| random.draw(*from, dtype)).collect())
            .collect();
        let found = results(row.name, dtype, isa, &operands);
        for (i, found) in found.into_iter().enumerate() {
            let x: Vec<f64> = operands.iter().map(|x| x[i]).collect();
            let exact = (row.exact)(&x.iter().map(|x| big(*x)).collect::<Vec<_>>(), &mut cc);
            let (largest, least) = if dtype == DType::F32 {
                (128, -150)
            } else {
                (1024, -1075)
            };
            // What overflows, or is next to nothing, has no last place.
            if exact.exponent().is_none_or(|e| e > largest || e < least) {
                continue;
            }
            assert!(found.is_finite(), "{} {x:?}: {found}", row.name);
            let beside = if row.beside_operands {
                let larger = x[0].max(x[1]);
                larger.abs().max((found - larger).abs())
            } else {
                0.0
            };
            let error = ulps(found, &exact, dtype, beside);
            if error > worst.0 {
                worst = (error, x);
            }
        }
    }
    worst
}
