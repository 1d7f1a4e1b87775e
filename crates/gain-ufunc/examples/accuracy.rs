//! Prints `docs/accuracy.md`: each transcendental loop's largest error.
//!
//! `cargo run --release -p gain-ufunc --example accuracy > docs/accuracy.md`

#[path = "../tests/support/accuracy.rs"]
mod accuracy;

use accuracy::{ROWS, largest_error};
use gain_ufunc::{DType, isa};

/// Numbers in each region.
const N: usize = 2_000;

fn main() {
    println!("# Errors of transcendental functions\n");
    println!(
        "The largest error found in units of the last place, against 192 bits (crate `astro-float`), in {N} numbers of each of two or three"
    );
    println!(
        "regions: the whole range, the neighbourhood of what is hard, small numbers. The bits are the same on every instruction set. Made by"
    );
    println!(
        "`cargo run --release -p gain-ufunc --example accuracy > docs/accuracy.md`; a test checks 1 ulp with fewer numbers.\n"
    );
    println!("| function | float64 | at | float32 | at |\n|---|---|---|---|---|");
    let isa = isa::available().last().expect("the baseline");
    for row in ROWS {
        let cell = |dtype| {
            let (error, x) = largest_error(row, dtype, isa, N);
            let x: Vec<String> = x.iter().map(|x| format!("{x:?}")).collect();
            format!("{error:.3} | {}", x.join(", "))
        };
        println!(
            "| {} | {} | {} |",
            row.name,
            cell(DType::F64),
            cell(DType::F32)
        );
    }
    println!(
        "\n`logaddexp` and `logaddexp2` are measured against the larger of result and terms: where a negative operand and the"
    );
    println!("logarithm nearly cancel, the result alone is less exact, as NumPy's is.");
}
