//! Promotion, casting rules and choice of loops against NumPy's, for all pairs of operand types.

use gain_ufunc::{Casting, DType, OperandType, can_cast, resolve, result_type, ufunc};

const TABLE: &str = include_str!("data/promotion.txt");
const LETTERS: &str = "?bhilBHIQefdFD";

fn operand(index: usize) -> OperandType {
    match index {
        14 => OperandType::WeakInt,
        15 => OperandType::WeakFloat,
        16 => OperandType::WeakComplex,
        _ => OperandType::Array(DType::ALL[index]),
    }
}

fn letter(dtype: DType) -> char {
    LETTERS.as_bytes()[dtype as usize] as char
}

/// The table's rows of one name, with their numbers.
fn rows(name: &str) -> Vec<(usize, &'static str)> {
    let wanted = |line: &&'static str| line.split(' ').next() == Some(name);
    TABLE
        .lines()
        .filter(wanted)
        .map(|line| &line[name.len() + 1..])
        .enumerate()
        .collect()
}

#[test]
fn result_types_are_numpys() {
    let table = rows("result_type");
    assert_eq!(table.len(), 17);
    for (a, row) in table {
        let found: String = (0..17)
            .map(|b| letter(result_type(&[operand(a), operand(b)])))
            .collect();
        assert_eq!(found, row, "{:?}", operand(a));
    }
}

#[test]
fn the_highest_kind_comes_first_in_mixtures() {
    let types = [DType::I16, DType::U16, DType::F32].map(OperandType::Array);
    assert_eq!(result_type(&types), DType::F32);
    assert_eq!(result_type(&[]), DType::F64);
}

#[test]
fn casting_rules_are_numpys() {
    for (name, casting) in [
        ("can_cast_safe", Casting::Safe),
        ("can_cast_same_kind", Casting::SameKind),
    ] {
        for (a, row) in rows(name) {
            let yes = |b: &DType| {
                if can_cast(DType::ALL[a], *b, casting) {
                    'y'
                } else {
                    'n'
                }
            };
            assert_eq!(
                DType::ALL.iter().map(yes).collect::<String>(),
                row,
                "{name} {a}"
            );
        }
    }
}

#[test]
fn loops_are_chosen_as_numpy_does() {
    for ufunc in ufunc::UFUNCS {
        // Those that are no ufuncs in NumPy, and the outputs of those that have two.
        let is_part = ufunc.name.starts_with("modf_") || ufunc.name.starts_with("frexp_");
        if is_part || ["where", "clip"].contains(&ufunc.name) {
            continue;
        }
        let table = rows(ufunc.name);
        assert_eq!(table.len(), if ufunc.n_in == 1 { 1 } else { 17 }, "{ufunc}");
        for (a, row) in table {
            for (b, wanted) in row
                .split(' ')
                .enumerate()
                .filter(|(_, wanted)| !wanted.contains('.'))
            {
                let operands = if ufunc.n_in == 1 {
                    vec![operand(b)]
                } else {
                    vec![operand(a), operand(b)]
                };
                let found = match resolve(ufunc, &operands) {
                    Ok(signature) => signature
                        .inputs
                        .iter()
                        .chain([&signature.output])
                        .map(|d| letter(*d))
                        .collect(),
                    Err(_) => "-".repeat(ufunc.n_in + 1),
                };
                assert_eq!(found, wanted, "{ufunc} {operands:?}");
            }
        }
    }
}

#[test]
fn where_takes_the_mixture_of_its_values() {
    let operands = [
        OperandType::Array(DType::I64),
        OperandType::Array(DType::F32),
        OperandType::WeakFloat,
    ];
    assert_eq!(
        resolve(ufunc::WHERE, &operands).unwrap().to_string(),
        "b1,f4,f4->f4"
    );
}

#[test]
fn weak_numbers_become_firm_or_say_why_not() {
    use gain_ufunc::{Error, Scalar, WeakNumber, weak_scalar};
    assert_eq!(
        weak_scalar(WeakNumber::Int(255), DType::U8),
        Ok(Scalar::from(255_u8))
    );
    let error = weak_scalar(WeakNumber::Int(300), DType::U8).unwrap_err();
    assert_eq!(
        error.to_string(),
        "Python integer 300 out of bounds for uint8"
    );
    assert!(matches!(error, Error::OutOfBounds { .. }));
    assert!(weak_scalar(WeakNumber::Int(-1), DType::U64).is_err());
    assert_eq!(
        weak_scalar(WeakNumber::Int(3), DType::F32),
        Ok(Scalar::from(3_f32))
    );
    assert_eq!(
        weak_scalar(WeakNumber::Int(7), DType::Bool),
        Ok(Scalar::from(true))
    );
    assert!(weak_scalar(WeakNumber::Float(0.5), DType::I64).is_err());
    let huge = weak_scalar(WeakNumber::Float(1e300), DType::F32).unwrap();
    assert_eq!(huge, Scalar::from(f32::INFINITY));
}

#[test]
fn integers_out_of_bounds_compare_by_value() {
    let answer = |name: &str, value, weak_first| {
        gain_ufunc::weak_comparison(ufunc::by_name(name).unwrap(), value, DType::U8, weak_first)
    };
    assert_eq!(answer("equal", 300, false), Some(false));
    assert_eq!(answer("not_equal", -1, false), Some(true));
    assert_eq!(answer("less", 300, false), Some(true));
    assert_eq!(answer("less", 300, true), Some(false));
    assert_eq!(answer("greater_equal", -1, false), Some(true));
    assert_eq!(answer("greater", -1, true), Some(false));
    assert_eq!(answer("less", 200, false), None);
    assert_eq!(answer("add", 300, false), None);
}

#[test]
fn errors_have_numpys_words() {
    let text = |name: &str, operands: &[OperandType]| {
        resolve(ufunc::by_name(name).unwrap(), operands)
            .unwrap_err()
            .to_string()
    };
    let bool = OperandType::Array(DType::Bool);
    assert!(
        text("subtract", &[bool, bool]).starts_with("numpy boolean subtract, the `-` operator")
    );
    assert!(text("negative", &[bool]).starts_with("The numpy boolean negative, the `-` operator"));
    assert!(text("sign", &[bool]).starts_with("ufunc 'sign' did not contain a loop"));
    let float = OperandType::Array(DType::F64);
    assert!(text("bitwise_and", &[float, bool]).starts_with("ufunc 'bitwise_and' not supported"));
    assert_eq!(
        text("add", &[float]),
        "add() takes 2 input operands but 1 were given"
    );
}
