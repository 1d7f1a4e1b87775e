//! Programs on arrays, each as a function of a runtime to the bytes of its results.

use gain_core::{
    Array, DType, Index, Operand, Reduction, Result, Runtime, create, operate, reduce, ufunc,
};

/// A program that gives bytes.
pub type Program = fn(&Runtime) -> Result<Vec<u8>>;

/// All of them, by name.
pub const ALL: [(&str, Program); 9] = [
    ("jacobi sweeps", jacobi),
    ("one-dimensional diffusion", diffusion),
    ("sums of all shapes", sums),
    ("minima and their places", places),
    ("transposed and reversed operands", turned),
    ("broadcast outer differences", outer),
    ("fused sums of products", fused),
    ("integers wrap", integers),
    ("matrix times vector", products),
];

fn slice(start: isize, stop: Option<isize>) -> Index {
    Index::Slice {
        start: Some(start),
        stop,
        step: None,
    }
}

/// Numbers of both signs whose sums round.
fn numbers(rt: &Runtime, shape: &[usize]) -> Result<Array> {
    let size: usize = shape.iter().product();
    let values: Vec<f64> = (0..size)
        .map(|i| ((i * 7919 + 13) % 10_007) as f64 / 997.0 - 4.5)
        .collect();
    create::from_slice(rt, shape, &values)
}

fn jacobi(rt: &Runtime) -> Result<Vec<u8>> {
    let u = numbers(rt, &[61, 47])?;
    sweeps(&u, 12)?;
    u.to_bytes()
}

/// `count` sweeps of Jacobi's method in place.
///
/// # Errors
/// As [`Runtime::sync`].
pub fn sweeps(u: &Array, count: usize) -> Result<()> {
    let (up, down, inner) = (slice(0, Some(-2)), slice(2, None), slice(1, Some(-1)));
    for _ in 0..count {
        let vertical = (&u.index(&[up, inner])? + &u.index(&[down, inner])?)?;
        let horizontal = (&u.index(&[inner, up])? + &u.index(&[inner, down])?)?;
        let next = (&(&vertical + &horizontal)? * 0.25)?;
        u.index(&[inner, inner])?.assign(Operand::from(&next))?;
    }
    u.runtime().sync()
}

fn diffusion(rt: &Runtime) -> Result<Vec<u8>> {
    let u = numbers(rt, &[50_000])?;
    for _ in 0..5 {
        let around = (&u.index(&[slice(0, Some(-2))])? + &u.index(&[slice(2, None)])?)?;
        u.index(&[slice(1, Some(-1))])?
            .assign(Operand::from(&(&around * 0.5)?))?;
    }
    u.to_bytes()
}

fn sums(rt: &Runtime) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    for shape in [
        &[10_000][..],
        &[100, 130],
        &[3, 5000],
        &[5000, 3],
        &[12, 11, 60],
        &[1, 4097],
    ] {
        let a = numbers(rt, shape)?;
        bytes.extend(reduce::reduce(&a, Reduction::Sum, None, false, None, false)?.to_bytes()?);
        bytes.extend(reduce::mean(&a, None, false, None, false)?.to_bytes()?);
        for axis in 0..shape.len() as isize {
            bytes.extend(
                reduce::reduce(&a, Reduction::Sum, Some(&[axis]), axis == 0, None, false)?
                    .to_bytes()?,
            );
        }
        // A view that is not aligned with the blocks of its base.
        let part = a.index(&[Index::Ellipsis, slice(1, None)])?;
        bytes.extend(reduce::reduce(&part, Reduction::Sum, None, false, None, false)?.to_bytes()?);
    }
    Ok(bytes)
}

fn places(rt: &Runtime) -> Result<Vec<u8>> {
    let a = numbers(rt, &[90, 211])?;
    let mut bytes = Vec::new();
    for reduction in [
        Reduction::Min,
        Reduction::Max,
        Reduction::ArgMin,
        Reduction::ArgMax,
        Reduction::Any,
        Reduction::All,
    ] {
        bytes.extend(reduce::reduce(&a, reduction, None, false, None, false)?.to_bytes()?);
        bytes.extend(reduce::reduce(&a, reduction, Some(&[0]), false, None, false)?.to_bytes()?);
        bytes.extend(reduce::reduce(&a, reduction, Some(&[1]), false, None, false)?.to_bytes()?);
    }
    Ok(bytes)
}

fn turned(rt: &Runtime) -> Result<Vec<u8>> {
    let a = numbers(rt, &[80, 80])?;
    let reversed = a.index(&[Index::Slice {
        start: None,
        stop: None,
        step: Some(-1),
    }])?;
    let both = (&(&a + &a.transpose(&[1, 0])?)? + &reversed)?;
    a.assign(Operand::from(&both))?;
    a.index(&[Index::Slice {
        start: None,
        stop: None,
        step: Some(2),
    }])?
    .assign(Operand::from(0.5))?;
    a.to_bytes()
}

fn outer(rt: &Runtime) -> Result<Vec<u8>> {
    let (x, y) = (numbers(rt, &[300])?, numbers(rt, &[170])?);
    let differences = (&x.insert_axis(1)? - &y)?;
    let distances = operate::ufunc(rt, ufunc::ABSOLUTE, &[Operand::from(&differences)])?;
    let nearest = reduce::reduce(&distances, Reduction::Min, Some(&[1]), false, None, false)?;
    let mut bytes = nearest.to_bytes()?;
    bytes.extend(distances.to_bytes()?);
    Ok(bytes)
}

fn fused(rt: &Runtime) -> Result<Vec<u8>> {
    let (x, y) = (numbers(rt, &[70_001])?, numbers(rt, &[70_001])?);
    let value = operate::ufunc(rt, ufunc::EXP, &[Operand::from(&(&(&x * 2.5)? - &y)?)])?;
    let mut bytes = reduce::reduce(&value, Reduction::Sum, None, false, None, true)?.to_bytes()?;
    bytes.extend(value.to_bytes()?);
    Ok(bytes)
}

fn integers(rt: &Runtime) -> Result<Vec<u8>> {
    let values: Vec<i32> = (0..40_000).map(|i: i32| i.wrapping_mul(54_321)).collect();
    let a = create::from_slice(rt, &[200, 200], &values)?;
    let squares = (&a * &a)?;
    let mut bytes =
        reduce::reduce(&squares, Reduction::Sum, None, false, None, false)?.to_bytes()?;
    bytes.extend((&squares % 1000)?.to_bytes()?);
    bytes.extend(squares.astype(DType::F32)?.to_bytes()?);
    Ok(bytes)
}

fn products(rt: &Runtime) -> Result<Vec<u8>> {
    let (a, x) = (numbers(rt, &[150, 150])?, numbers(rt, &[150])?);
    let mut bytes = gain_linalg::dot(&a, &x)?.to_bytes()?;
    bytes.extend(gain_linalg::dot(&x, &a)?.to_bytes()?);
    bytes.extend(gain_linalg::dot(&x, &x)?.to_bytes()?);
    Ok(bytes)
}
