//! Results of loops and casts against NumPy's, bit for bit, at the edges of every dtype and in all instruction sets.
#![expect(unsafe_code, reason = "calls loops on raw memory")]

use gain_ufunc::{DType, LoopFn, OperandType, Scalar, cast_loop_for, isa, resolve, ufunc};

fn bytes(hexadecimal: &str) -> Vec<u8> {
    let pairs = hexadecimal.as_bytes().chunks(2);
    pairs
        .map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn dtype(name: &str) -> DType {
    DType::from_name(name).unwrap()
}

fn elements(dtype: DType, memory: &[u8]) -> Vec<Scalar> {
    memory
        .chunks(dtype.size())
        .map(|bytes| Scalar::from_bytes(dtype, bytes))
        .collect()
}

/// Equal bits, but every NaN is like any other.
fn same(a: &Scalar, b: &Scalar) -> bool {
    let parts = |x: &Scalar| [x.as_complex().re, x.as_complex().im];
    a == b
        || !a.dtype().is_integer()
            && parts(a)
                .iter()
                .zip(parts(b))
                .all(|(a, b)| a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan())
}

/// Calls a contiguous loop on copies of the operands.
fn call(function: LoopFn, operands: &[(DType, Vec<u8>)], output: DType, n: usize) -> Vec<u8> {
    let mut operands = operands.to_vec();
    operands.push((output, vec![0; n * output.size()]));
    let (mut ptrs, mut strides) = ([std::ptr::null_mut(); 4], [0; 4]);
    for (k, (dtype, memory)) in operands.iter_mut().enumerate() {
        ptrs[k] = memory.as_mut_ptr();
        strides[k] = dtype.size() as isize;
    }
    // SAFETY: every operand has n contiguous elements in memory of its own.
    unsafe { function(n, &ptrs, &strides) };
    operands.pop().unwrap().1
}

#[test]
fn loops_give_numpys_results() {
    let table = include_str!("data/results.txt");
    let mut edges = std::collections::HashMap::new();
    for line in table.lines() {
        let [name, kind, wanted] = line.split(' ').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let (kind, wanted) = (dtype(kind), bytes(wanted));
        if name == "edges" {
            edges.insert(kind, wanted);
            continue;
        }
        let ufunc = ufunc::by_name(name).unwrap();
        let edges = elements(kind, &edges[&kind]);
        let flat = |scalars: Vec<Scalar>| -> Vec<u8> {
            scalars
                .iter()
                .flat_map(|scalar| scalar.bytes().to_vec())
                .collect()
        };
        let n = edges.len().pow(ufunc.n_in as u32);
        let mut operands = vec![(kind, flat((0..n).map(|i| edges[i % edges.len()]).collect()))];
        if ufunc.n_in == 2 {
            operands.insert(
                0,
                (kind, flat((0..n).map(|i| edges[i / edges.len()]).collect())),
            );
            if name == "power" && kind.is_signed() {
                let exponents = elements(kind, &operands[1].1).into_iter();
                let zero = Scalar::zero(kind);
                operands[1].1 = flat(
                    exponents
                        .map(|e| if e.as_i64() < 0 { zero } else { e })
                        .collect(),
                );
            }
        }
        let signature = resolve(ufunc, &vec![OperandType::Array(kind); ufunc.n_in]).unwrap();
        for isa in isa::available() {
            let found = call(
                ufunc.loop_for_isa(&signature, isa),
                &operands,
                signature.output,
                n,
            );
            let found = elements(signature.output, &found);
            for (i, wanted) in elements(signature.output, &wanted).iter().enumerate() {
                let arguments: Vec<Scalar> = operands
                    .iter()
                    .map(|(kind, memory)| elements(*kind, memory)[i])
                    .collect();
                assert!(
                    same(&found[i], wanted),
                    "{name} {arguments:?}: {:?}, not {wanted:?}, {isa:?}",
                    found[i]
                );
            }
        }
    }
}

#[test]
fn casts_give_numpys_results() {
    let mut edges = (DType::Bool, Vec::new());
    for line in include_str!("data/casts.txt").lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        if let [from, memory] = fields[..] {
            edges = (dtype(from), bytes(memory));
            continue;
        }
        let to = dtype(fields[1]);
        let n = edges.1.len() / edges.0.size();
        let arguments = elements(edges.0, &edges.1);
        for isa in isa::available() {
            let found = call(
                cast_loop_for(edges.0, to, isa),
                std::slice::from_ref(&edges),
                to,
                n,
            );
            let wanted = elements(to, &bytes(fields[2]));
            for ((x, found), wanted) in arguments.iter().zip(elements(to, &found)).zip(wanted) {
                assert!(
                    same(&found, &wanted),
                    "{x:?}: {found:?}, not {wanted:?}, {isa:?}"
                );
                assert!(same(&x.cast(to), &wanted), "scalar {x:?}");
            }
        }
    }
}
