//! The largest error of each transcendental kernel against exact values, in units in the last place.
#![expect(unsafe_code, reason = "calls loops on raw memory")]

use gain_ufunc::{DType, OperandType, isa, resolve, ufunc};

/// A number as the sum of two, and the distance of the floats of one type near it.
struct Exact {
    high: f64,
    low: f64,
    ulp: f64,
}

impl Exact {
    fn new(high: f64, low: f64, digits: i32, least: i32) -> Exact {
        let exponent = (high.abs().to_bits() >> 52) as i32 - 1023;
        let exponent = exponent.max(least) - digits;
        // `powi` has no subnormal results.
        let ulp = if exponent < -1022 {
            f64::from_bits(1 << (exponent + 1074))
        } else {
            2.0_f64.powi(exponent)
        };
        Exact { high, low, ulp }
    }

    fn error(&self, found: f64) -> f64 {
        ((found - self.high) - self.low).abs() / self.ulp
    }
}

fn kernel(name: &str, dtype: DType, isa: gain_ufunc::Isa, x: [u8; 8]) -> [u8; 8] {
    let ufunc = ufunc::by_name(name).unwrap();
    let signature = resolve(ufunc, &[OperandType::Array(dtype)]).unwrap();
    let (mut x, mut y) = (x, [0; 8]);
    let ptrs = [
        x.as_mut_ptr(),
        y.as_mut_ptr(),
        std::ptr::null_mut(),
        std::ptr::null_mut(),
    ];
    // SAFETY: both buffers hold an element of either type.
    unsafe { ufunc.loop_for_isa(&signature, isa)(1, &ptrs, &[8, 8, 0, 0]) };
    y
}

#[test]
fn kernels_are_within_one_ulp() {
    let mut worst = std::collections::BTreeMap::<(String, &str), f64>::new();
    for line in include_str!("data/functions.txt").lines() {
        let [name, dtype, x, high, low] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let word = |text| u64::from_str_radix(text, 16).unwrap();
        let (high, low) = (f64::from_bits(word(high)), f64::from_bits(word(low)));
        for isa in isa::available() {
            let (error, kind) = if dtype == "float32" {
                let y = kernel(name, DType::F32, isa, word(x).to_le_bytes());
                let y = f32::from_le_bytes(y[..4].try_into().unwrap());
                (Exact::new(high, low, 23, -126).error(y.into()), DType::F32)
            } else {
                let y = kernel(name, DType::F64, isa, word(x).to_le_bytes());
                let exact = Exact::new(high, low, 52, -1022);
                (exact.error(f64::from_le_bytes(y)), DType::F64)
            };
            assert!(error <= 1.0, "{name} {kind} {x}: {error} ulp, {isa:?}");
            let entry = worst.entry((name.to_owned(), kind.name())).or_default();
            *entry = entry.max(error);
        }
    }
    assert_eq!(worst.len(), 10);
    println!("{worst:#?}");
}
