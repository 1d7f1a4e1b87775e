//! Infinities, NaN, signed zeros, and the ends of domains, as C99 and NumPy have them; on every instruction set.
#![expect(unsafe_code, reason = "calls loops on raw memory")]

use gain_ufunc::{DType, Isa, OperandType, isa, resolve, ufunc};
use std::f64::consts::{FRAC_PI_2, FRAC_PI_4, PI};

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;
const TINY: f64 = 5e-324;

/// The `float64` loop's result.
fn call64(name: &str, isa: Isa, x: &[f64]) -> f64 {
    let ufunc = ufunc::by_name(name).expect("a ufunc");
    let types = vec![OperandType::Array(DType::F64); x.len()];
    let signature = resolve(ufunc, &types).expect("a loop");
    let (mut x, mut y) = (x.to_vec(), 7.0);
    let mut ptrs = [std::ptr::null_mut(); 4];
    let n = x.len();
    for (ptr, x) in ptrs.iter_mut().zip(&mut x) {
        *ptr = std::ptr::from_mut(x).cast();
    }
    ptrs[n] = std::ptr::from_mut(&mut y).cast();
    // SAFETY: one number behind each pointer.
    unsafe { ufunc.loop_for_isa(&signature, isa)(1, &ptrs, &[8; 4]) };
    y
}

/// The `float32` loop's result.
fn call32(name: &str, isa: Isa, x: &[f64]) -> f64 {
    let ufunc = ufunc::by_name(name).expect("a ufunc");
    let types = vec![OperandType::Array(DType::F32); x.len()];
    let signature = resolve(ufunc, &types).expect("a loop");
    let mut x: Vec<f32> = x.iter().map(|x| *x as f32).collect();
    let mut y = 7.0_f32;
    let mut ptrs = [std::ptr::null_mut(); 4];
    let n = x.len();
    for (ptr, x) in ptrs.iter_mut().zip(&mut x) {
        *ptr = std::ptr::from_mut(x).cast();
    }
    ptrs[n] = std::ptr::from_mut(&mut y).cast();
    // SAFETY: as above.
    unsafe { ufunc.loop_for_isa(&signature, isa)(1, &ptrs, &[4; 4]) };
    y as f64
}

/// Checks rows of operands and the result; results that `float32` rounds are compared as such.
fn check(name: &str, rows: &[(&[f64], f64)]) {
    for isa in isa::available() {
        for (x, want) in rows {
            let found = call64(name, isa, x);
            assert_same(found, *want, &format!("{name} {x:?} {isa:?}"));
            // Subnormal operands are other numbers there.
            if x.iter().all(|x| *x == 0.0 || x.abs() > 1e-30) {
                let found = call32(name, isa, x);
                assert_same(
                    found,
                    *want as f32 as f64,
                    &format!("{name} {x:?} float32 {isa:?}"),
                );
            }
        }
    }
}

fn assert_same(found: f64, want: f64, what: &str) {
    if want.is_nan() {
        assert!(found.is_nan(), "{what}: {found}");
    } else {
        assert_eq!(
            found.to_bits(),
            want.to_bits(),
            "{what}: {found}, not {want}"
        );
    }
}

#[test]
fn odd_functions_keep_zero() {
    for name in "sin tan arcsin arctan sinh tanh arcsinh arctanh expm1 log1p cbrt".split(' ') {
        check(name, &[(&[0.0], 0.0), (&[-0.0], -0.0), (&[NAN], NAN)]);
        if name != "cbrt" {
            check(name, &[(&[TINY], TINY), (&[-TINY], -TINY)]);
        }
    }
}

#[test]
fn exponentials() {
    for name in ["exp", "exp2"] {
        check(
            name,
            &[
                (&[0.0], 1.0),
                (&[-0.0], 1.0),
                (&[INF], INF),
                (&[-INF], 0.0),
                (&[2000.0], INF),
                (&[-2000.0], 0.0),
                (&[NAN], NAN),
            ],
        );
    }
    check(
        "exp2",
        &[
            (&[10.0], 1024.0),
            (&[-3.0], 0.125),
            (&[1023.0], 8.98846567431158e307),
            (&[1024.0], INF),
        ],
    );
    assert_same(
        call64("exp2", Isa::Baseline, &[-1074.0]),
        TINY,
        "exp2(-1074)",
    );
    check(
        "expm1",
        &[
            (&[INF], INF),
            (&[-INF], -1.0),
            (&[-1000.0], -1.0),
            (&[1000.0], INF),
        ],
    );
    check("sinh", &[(&[INF], INF), (&[-INF], -INF), (&[1000.0], INF)]);
    check(
        "cosh",
        &[
            (&[INF], INF),
            (&[-INF], INF),
            (&[0.0], 1.0),
            (&[-1000.0], INF),
            (&[NAN], NAN),
        ],
    );
    check("tanh", &[(&[INF], 1.0), (&[-INF], -1.0)]);
}

#[test]
fn logarithms() {
    for name in ["log", "log2", "log10"] {
        check(
            name,
            &[
                (&[0.0], -INF),
                (&[-0.0], -INF),
                (&[-1.0], NAN),
                (&[1.0], 0.0),
                (&[INF], INF),
                (&[-INF], NAN),
                (&[NAN], NAN),
            ],
        );
    }
    check(
        "log2",
        &[(&[8.0], 3.0), (&[0.25], -2.0), (&[TINY], -1074.0)],
    );
    check(
        "log10",
        &[(&[1000.0], 3.0), (&[1e10], 10.0), (&[1e15], 15.0)],
    );
    check("log1p", &[(&[-1.0], -INF), (&[-2.0], NAN), (&[INF], INF)]);
    check(
        "arccosh",
        &[
            (&[1.0], 0.0),
            (&[0.5], NAN),
            (&[INF], INF),
            (&[NAN], NAN),
            (&[-INF], NAN),
        ],
    );
    check("arcsinh", &[(&[INF], INF), (&[-INF], -INF)]);
    check(
        "arctanh",
        &[(&[1.0], INF), (&[-1.0], -INF), (&[1.5], NAN), (&[INF], NAN)],
    );
}

#[test]
fn angles() {
    for name in ["sin", "cos", "tan"] {
        check(name, &[(&[INF], NAN), (&[-INF], NAN), (&[NAN], NAN)]);
    }
    check(
        "arcsin",
        &[
            (&[1.0], FRAC_PI_2),
            (&[-1.0], -FRAC_PI_2),
            (&[1.5], NAN),
            (&[INF], NAN),
        ],
    );
    check(
        "arccos",
        &[
            (&[1.0], 0.0),
            (&[-1.0], PI),
            (&[0.0], FRAC_PI_2),
            (&[-1.5], NAN),
            (&[NAN], NAN),
        ],
    );
    check(
        "arctan",
        &[
            (&[INF], FRAC_PI_2),
            (&[-INF], -FRAC_PI_2),
            (&[1.0], FRAC_PI_4),
        ],
    );
    let quarter = FRAC_PI_4;
    check(
        "arctan2",
        &[
            (&[0.0, 1.0], 0.0),
            (&[-0.0, 1.0], -0.0),
            (&[0.0, -1.0], PI),
            (&[-0.0, -1.0], -PI),
            (&[0.0, 0.0], 0.0),
            (&[0.0, -0.0], PI),
            (&[-0.0, -0.0], -PI),
            (&[1.0, 0.0], FRAC_PI_2),
            (&[-1.0, -0.0], -FRAC_PI_2),
            (&[INF, INF], quarter),
            (&[1.0, INF], 0.0),
            (&[-1.0, -INF], -PI),
            (&[INF, 1.0], FRAC_PI_2),
            (&[NAN, 1.0], NAN),
            (&[1.0, NAN], NAN),
            (&[1.0, 1.0], quarter),
        ],
    );
}

#[test]
fn lengths_and_sums_of_powers() {
    check(
        "hypot",
        &[
            (&[INF, NAN], INF),
            (&[NAN, -INF], INF),
            (&[NAN, 1.0], NAN),
            (&[0.0, -0.0], 0.0),
            (&[3.0, -4.0], 5.0),
            (&[TINY, 0.0], TINY),
            (&[3e300, 4e300], 5e300),
            (&[3e-300, 4e-300], 5e-300),
        ],
    );
    for name in ["logaddexp", "logaddexp2"] {
        check(
            name,
            &[
                (&[INF, INF], INF),
                (&[-INF, -INF], -INF),
                (&[-INF, 2.0], 2.0),
                (&[3.0, INF], INF),
                (&[NAN, INF], NAN),
                (&[0.0, -2000.0], 0.0),
            ],
        );
    }
    check("logaddexp2", &[(&[-1.0, -1.0], 0.0), (&[5.0, 5.0], 6.0)]);
    check(
        "cbrt",
        &[
            (&[INF], INF),
            (&[-INF], -INF),
            (&[27.0], 3.0),
            (&[-8.0], -2.0),
        ],
    );
}

#[test]
fn powers() {
    check(
        "power",
        &[
            (&[2.0, 10.0], 1024.0),
            (&[-2.0, 3.0], -8.0),
            (&[-2.0, 2.0], 4.0),
            (&[-2.0, 0.5], NAN),
            (&[0.0, 0.0], 1.0),
            (&[NAN, 0.0], 1.0),
            (&[1.0, NAN], 1.0),
            (&[1.0, INF], 1.0),
            (&[-1.0, INF], 1.0),
            (&[2.0, INF], INF),
            (&[0.5, INF], 0.0),
            (&[0.5, -INF], INF),
            (&[0.0, -1.0], INF),
            (&[-0.0, -1.0], -INF),
            (&[-0.0, -2.0], INF),
            (&[-0.0, 3.0], -0.0),
            (&[-INF, 3.0], -INF),
            (&[-INF, -3.0], -0.0),
            (&[INF, -1.0], 0.0),
            (&[10.0, 400.0], INF),
            (&[10.0, -400.0], 0.0),
            (&[-10.0, 401.0], -INF),
            (&[NAN, 1.0], NAN),
            (&[2.0, NAN], NAN),
            (&[1.0, 1e300], 1.0),
        ],
    );
}
