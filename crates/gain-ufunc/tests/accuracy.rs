//! No transcendental loop errs by more than one unit in the last place; `docs/accuracy.md` has what they do.

#[path = "support/accuracy.rs"]
mod accuracy;

use accuracy::{ROWS, largest_error};
use gain_ufunc::{DType, isa};

fn check(dtype: DType) {
    for row in ROWS {
        let isa = isa::available().last().expect("the baseline");
        let (error, x) = largest_error(row, dtype, isa, 60);
        assert!(error <= 1.0, "{} {dtype:?} {x:?}: {error} ulp", row.name);
        // A table of exact results alone would pass, too.
        assert!(error > 0.0, "{} {dtype:?}", row.name);
    }
}

#[test]
fn float64_is_within_one_ulp() {
    check(DType::F64);
}

#[test]
fn float32_is_within_one_ulp() {
    check(DType::F32);
}
