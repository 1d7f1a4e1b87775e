//! Memory that can not be had: the error comes before anything is lost, and the same statement runs once there is room.
//!
//! A file of its own, since the limit belongs to the process.

use gain_core::{DType, ErrorClass, Runtime, Settings, Team, create};

#[test]
fn what_found_no_memory_runs_when_there_is_some() {
    Team::threads(2, |team| {
        let rt = Runtime::with_team(
            team,
            Settings {
                threshold: 0,
                ..Settings::default()
            },
        );
        let x = create::arange(&rt, 0.0.into(), 1.0.into(), 1 << 20, DType::F64).expect("memory");
        rt.sync().expect("runs");
        let limit = gain_ga::memory_limit();
        let doubled = (&x * 2.0).expect("shapes agree");
        let sum = (&doubled + &x).expect("shapes agree");
        rt.team().barrier().expect("both ranks");
        gain_ga::set_memory_limit(1 << 20);
        let error = doubled.flush().expect_err("no room for 4 MiB");
        assert_eq!(error.class(), ErrorClass::Memory, "{error}");
        rt.team().barrier().expect("both ranks");
        gain_ga::set_memory_limit(limit);
        assert_eq!(sum.element(&[7]).expect("runs now").as_f64(), 21.0);
        assert_eq!(
            doubled.element(&[1 << 19]).expect("runs now").as_f64(),
            (1u64 << 20) as f64
        );
    });
}

#[test]
fn an_array_beyond_all_memory_is_refused_when_asked_for() {
    let rt = Runtime::single(Settings::default());
    let error = create::zeros(&rt, &[1 << 40, 3], DType::F64).expect_err("24 TiB");
    assert_eq!(error.class(), ErrorClass::Memory);
    assert_eq!(
        error.to_string(),
        "Unable to allocate 24.0 TiB for an array with shape (1099511627776, 3) and data type float64 \
         (26388279066624 bytes, 26388279066624 on one rank)"
    );
}
