//! Measures what communication costs between two ranks: `mpiexec -n 2 exchange_speed`, or alone for two threads.

use std::time::Instant;

use gain_ga::{
    Buffer, Distribution, Error, GlobalArray, Incoming, IndexBox, Outgoing, ReduceOp, StridedBytes,
    Team,
};

/// Seconds per call, the best of a few passes of `count` calls.
fn seconds(
    team: &Team,
    count: usize,
    mut call: impl FnMut() -> Result<(), Error>,
) -> Result<f64, Error> {
    let mut best = f64::INFINITY;
    for _ in 0..7 {
        team.barrier()?;
        let start = Instant::now();
        for _ in 0..count {
            call()?;
        }
        best = best.min(start.elapsed().as_secs_f64() / count as f64);
    }
    Ok(best)
}

/// Each of two ranks sends the other `bytes` bytes.
fn swap(team: &Team, data: &[u8]) -> Result<(), Error> {
    let other = 1 - team.rank();
    let sends = [Outgoing {
        to: other,
        source: StridedBytes::contiguous(data),
    }];
    team.exchange(
        &sends,
        &[Incoming {
            from: other,
            bytes: data.len(),
        }],
    )
    .map(drop)
}

fn measure(team: &Team) -> Result<(), Error> {
    let say = |text: String| {
        if team.rank() == 0 {
            println!("{text}");
        }
    };
    if team.n_ranks() != 2 {
        return Err(Error::Usage {
            operation: "exchange_speed",
            reason: "takes two ranks".to_owned(),
        });
    }
    say(format!(
        "buffer of 1 KiB: {:.1} ns",
        1e9 * seconds(team, 100_000, || Buffer::new(1024).map(drop))?
    ));
    say(format!(
        "barrier: {:.2} us",
        1e6 * seconds(team, 5000, || team.barrier())?
    ));
    say(format!(
        "all_reduce of a sum: {:.2} us",
        1e6 * seconds(team, 5000, || team.all_reduce(ReduceOp::Sum, &mut [1.0]))?
    ));
    say(format!(
        "all_gather of 8 bytes: {:.2} us",
        1e6 * seconds(team, 5000, || team.all_gather(&[0; 8]).map(drop))?
    ));
    for (bytes, count) in [
        (8, 5000),
        (1 << 10, 5000),
        (32 << 10, 2000),
        (1 << 20, 100),
        (16 << 20, 10),
        (128 << 20, 2),
    ] {
        let data = vec![1; bytes];
        let time = seconds(team, count, || swap(team, &data))?;
        say(format!(
            "swap of {bytes} bytes: {:.2} us, {:.2} GB/s each way",
            1e6 * time,
            1e-9 * bytes as f64 / time
        ));
    }
    let array = GlobalArray::<f64>::create(team, &Distribution::default_for(&[1 << 22], 2))?;
    let there = array.distribution().box_of(1 - team.rank());
    for (len, count) in [(1, 20_000), (1 << 10, 5000), (1 << 21, 20)] {
        let part = IndexBox::new([there.lo[0]], [there.lo[0] + len]);
        let mut values = vec![0.0; len];
        let time = seconds(team, count, || array.get(&part, &mut values))?;
        say(format!(
            "get of {} bytes: {:.2} us, {:.2} GB/s",
            8 * len,
            1e6 * time,
            8e-9 * len as f64 / time
        ));
    }
    array.destroy()?;
    let counter = GlobalArray::<i64>::create(team, &Distribution::default_for(&[1], 2))?;
    say(format!(
        "read_inc: {:.2} us",
        1e6 * seconds(team, 5000, || counter.read_inc(&[0], 1).map(drop))?
    ));
    counter.destroy()
}

fn main() -> Result<(), Error> {
    let team = Team::from_environment()?;
    if team.n_ranks() == 1 {
        return Team::threads(2, |team| measure(&team))
            .into_iter()
            .collect();
    }
    measure(&team)?;
    team.finalise()
}
