//! Programs beside hand-written loops: `cargo bench -p gain-ufunc --bench speed [-- WORD]`. Ratios are medians of alternating runs.

#![expect(
    unsafe_code,
    reason = "hand-written loops and the interface measured work on raw memory"
)]

use gain_ufunc::{
    DType, Isa, Lag, OperandType, Piece, Pool, Program, ProgramBuilder, Reduction, Scalar, Ufunc,
    Value, View, ViewMut, isa, reduce_small, resolve, run, ufunc,
};
use smallvec::SmallVec;
use std::hint::black_box;
use std::time::Instant;

/// Memory on huge pages.
struct Memory {
    ptr: *mut f64,
}

impl Memory {
    fn new(n: usize, value: impl Fn(usize) -> f64) -> Memory {
        const HUGE: usize = 2 << 20;
        let bytes = (n * 8).next_multiple_of(HUGE);
        let layout = std::alloc::Layout::from_size_align(bytes, HUGE).expect("a layout");
        // SAFETY: the layout is not empty; the memory is filled before it is read.
        unsafe {
            let ptr = std::alloc::alloc(layout).cast::<f64>();
            libc::madvise(ptr.cast(), bytes, libc::MADV_HUGEPAGE);
            (0..n).for_each(|i| ptr.add(i).write(value(i)));
            Memory { ptr }
        }
    }

    fn at(&self, i: usize) -> *mut f64 {
        self.ptr.wrapping_add(i)
    }
}

/// Processor time of this thread: on a shared machine (`CPU=1`) the better measure, for one thread.
fn cpu_seconds() -> f64 {
    let mut time = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the clock writes to a timespec.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut time) };
    time.tv_sec as f64 + time.tv_nsec as f64 * 1e-9
}

/// Median seconds of the alternately run contestants.
fn race(rounds: usize, contestants: &mut [&mut dyn FnMut()]) -> Vec<f64> {
    let mut times = vec![Vec::new(); contestants.len()];
    for round in 0..rounds + 2 {
        for (contestant, times) in contestants.iter_mut().zip(&mut times) {
            let (start, cpu) = (Instant::now(), cpu_seconds());
            contestant();
            if round >= 2 {
                let wall = start.elapsed().as_secs_f64();
                times.push(if std::env::var_os("CPU").is_some() {
                    cpu_seconds() - cpu
                } else {
                    wall
                });
            }
        }
    }
    times
        .into_iter()
        .map(|mut times| {
            times.sort_by(f64::total_cmp);
            // The machine may be shared: `BEST=1` asks for the best instead of the median.
            if std::env::var_os("BEST").is_some() {
                times[0]
            } else {
                times[times.len() / 2]
            }
        })
        .collect()
}

fn report(name: &str, times: &[f64]) {
    let ours: Vec<String> = times[1..]
        .iter()
        .map(|t| format!("{:9.3} ms ({:.2}x)", t * 1e3, t / times[0]))
        .collect();
    println!(
        "{name:52} by hand {:9.3} ms, ours {}",
        times[0] * 1e3,
        ours.join(", ")
    );
}

fn view(ptr: *mut f64, strides: &[isize]) -> View {
    View {
        ptr: ptr.cast(),
        strides: strides.iter().map(|s| s * 8).collect(),
    }
}

fn view_mut(ptr: *mut f64, strides: &[isize]) -> ViewMut {
    ViewMut {
        ptr: ptr.cast(),
        strides: strides.iter().map(|s| s * 8).collect(),
    }
}

fn piece(shape: &[usize], loads: Vec<View>, stores: Vec<ViewMut>) -> Piece {
    Piece {
        shape: SmallVec::from_slice(shape),
        origin: SmallVec::from_elem(0, shape.len()),
        loads: loads.into_iter().collect(),
        stores: stores.into_iter().collect(),
        lag: None,
    }
}

fn call(b: &mut ProgramBuilder, ufunc: &'static Ufunc, values: &[Value]) -> Value {
    let types: Vec<OperandType> = values
        .iter()
        .map(|&v| OperandType::Array(b.dtype(v)))
        .collect();
    let signature = resolve(ufunc, &types).expect("a loop");
    b.call(ufunc, &signature, values)
}

fn laplace_program() -> Program {
    let mut b = ProgramBuilder::new();
    let u: Vec<Value> = (0..4).map(|i| b.load(i, DType::F64)).collect();
    let c: Vec<Value> = (0..3).map(|i| b.constant(i, DType::F64)).collect();
    let s = call(&mut b, ufunc::ADD, &[u[0], u[1]]);
    let x = call(&mut b, ufunc::MULTIPLY, &[s, c[0]]);
    let s = call(&mut b, ufunc::ADD, &[u[2], u[3]]);
    let y = call(&mut b, ufunc::MULTIPLY, &[s, c[1]]);
    let s = call(&mut b, ufunc::ADD, &[x, y]);
    let z = call(&mut b, ufunc::MULTIPLY, &[s, c[2]]);
    b.store(0, z, DType::F64);
    b.finish()
}

#[inline(always)]
unsafe fn laplace_rows_body(u: *const f64, out: *mut f64, n: usize, lo: usize, hi: usize) {
    let (dy2, dx2, inv) = (0.3, 0.2, 1.1);
    for i in lo..hi {
        // SAFETY: rows and columns inside the array.
        unsafe {
            let up = std::slice::from_raw_parts(u.add((i - 1) * n + 1), n - 2);
            let down = std::slice::from_raw_parts(u.add((i + 1) * n + 1), n - 2);
            let left = std::slice::from_raw_parts(u.add(i * n), n - 2);
            let right = std::slice::from_raw_parts(u.add(i * n + 2), n - 2);
            let to = std::slice::from_raw_parts_mut(out.add(i * n + 1), n - 2);
            for j in 0..n - 2 {
                to[j] = ((up[j] + down[j]) * dy2 + (left[j] + right[j]) * dx2) * inv;
            }
        }
    }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512vl,avx512dq,avx512bw")]
unsafe fn laplace_rows_512(u: *const f64, out: *mut f64, n: usize, lo: usize, hi: usize) {
    // SAFETY: as the body.
    unsafe { laplace_rows_body(u, out, n, lo, hi) }
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn laplace_rows_256(u: *const f64, out: *mut f64, n: usize, lo: usize, hi: usize) {
    // SAFETY: as the body.
    unsafe { laplace_rows_body(u, out, n, lo, hi) }
}

unsafe fn laplace_rows(u: *const f64, out: *mut f64, n: usize, lo: usize, hi: usize) {
    // SAFETY: as the body; the instruction set is this machine's.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        match isa::active() {
            Isa::Avx512 => return laplace_rows_512(u, out, n, lo, hi),
            Isa::Avx2 => return laplace_rows_256(u, out, n, lo, hi),
            Isa::Baseline => {}
        }
        laplace_rows_body(u, out, n, lo, hi)
    }
}

/// An address for threads.
#[derive(Clone, Copy)]
struct Address(*mut f64);
// SAFETY: the benchmarks' threads write disjoint rows.
unsafe impl Sync for Address {}
// SAFETY: as above.
unsafe impl Send for Address {}

impl Address {
    fn get(&self) -> *mut f64 {
        self.0
    }
}

fn laplace(n: usize) {
    let constants: Vec<Scalar> = [0.3, 0.2, 1.1].map(Scalar::from).to_vec();
    let program = laplace_program();
    println!("{program}");
    let (a, b) = (
        Memory::new(n * n, |i| (i % 1000) as f64),
        Memory::new(n * n, |_| 0.0),
    );
    let c = Memory::new(n * n, |_| 0.0);
    let s = n as isize;
    let shape = [n - 2, n - 2];
    let loads = |u: &Memory, row: usize| {
        let at = |i: usize, j: usize| view(u.at((row + i) * n + j), &[s, 1]);
        vec![at(0, 1), at(2, 1), at(1, 0), at(1, 2)]
    };
    let fresh = piece(&shape, loads(&a, 0), vec![view_mut(c.at(n + 1), &[s, 1])]);
    let packed = piece(&shape, loads(&a, 0), vec![view_mut(c.at(0), &[s - 2, 1])]);
    for n_threads in [1, 2] {
        let pool = Pool::new(n_threads);
        let (from, to) = (Address(a.ptr), Address(b.ptr));
        let by_hand = |part: usize| {
            let rows = n - 2;
            // SAFETY: disjoint rows of arrays of n * n.
            unsafe {
                laplace_rows(
                    from.get(),
                    to.get(),
                    n,
                    1 + part * rows / n_threads,
                    1 + (part + 1) * rows / n_threads,
                )
            }
        };
        let work = |piece: &[Piece]| {
            // SAFETY: the views lie in the arrays.
            unsafe { run(&program, piece, &constants, &pool) }.expect("no error");
        };
        let mut in_place: Vec<Piece> = Vec::new();
        for part in 0..n_threads {
            // Each thread's rows but the last, whose neighbours below the other thread writes.
            let (lo, hi) = (part * (n - 2) / n_threads, (part + 1) * (n - 2) / n_threads);
            let skip = usize::from(part > 0);
            let mut piece = piece(
                &[hi - lo - skip, n - 2],
                loads(&a, lo + skip),
                vec![view_mut(a.at((lo + skip + 1) * n + 1), &[s, 1])],
            );
            piece.lag = Some(Lag { rows: 1 });
            in_place.push(piece);
        }
        let times = race(
            15,
            &mut [
                &mut || pool.for_each(n_threads, &by_hand),
                &mut || work(std::slice::from_ref(&fresh)),
                &mut || work(std::slice::from_ref(&packed)),
                &mut || work(&in_place),
            ],
        );
        report(
            &format!("laplace {n}, {n_threads} threads: out, packed out, in place"),
            &times,
        );
    }
}

#[inline(always)]
unsafe fn scaled_sum_body(x: &[f64], y: &[f64]) -> f64 {
    let mut lanes = [0.0; 64];
    for (x, y) in x.chunks_exact(64).zip(y.chunks_exact(64)) {
        for l in 0..64 {
            lanes[l] += 2.5 * x[l] + y[l];
        }
    }
    lanes.iter().sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512vl,avx512dq,avx512bw")]
unsafe fn scaled_sum_512(x: &[f64], y: &[f64]) -> f64 {
    // SAFETY: nothing is asked.
    unsafe { scaled_sum_body(x, y) }
}

unsafe fn scaled_sum(x: &[f64], y: &[f64]) -> f64 {
    // SAFETY: the instruction set is this machine's.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        if isa::active() == Isa::Avx512 {
            return scaled_sum_512(x, y);
        }
        scaled_sum_body(x, y)
    }
}

fn sums(n: usize) {
    let (x, y) = (
        Memory::new(n, |i| (i % 100) as f64),
        Memory::new(n, |i| (i % 77) as f64),
    );
    let mut b = ProgramBuilder::new();
    let (vx, vy, c) = (
        b.load(0, DType::F64),
        b.load(1, DType::F64),
        b.constant(0, DType::F64),
    );
    let scaled = call(&mut b, ufunc::MULTIPLY, &[c, vx]);
    let sum = call(&mut b, ufunc::ADD, &[scaled, vy]);
    b.reduce(Reduction::Sum, sum, 1);
    let program = b.finish();
    let piece = piece(&[n], vec![view(x.ptr, &[1]), view(y.ptr, &[1])], vec![]);
    for n_threads in [1, 2] {
        let pool = Pool::new(n_threads);
        let (ax, ay) = (Address(x.ptr), Address(y.ptr));
        let by_hand = |part: usize| {
            let (lo, hi) = (part * n / n_threads, (part + 1) * n / n_threads);
            // SAFETY: parts of the arrays.
            let parts =
                unsafe { [ax, ay].map(|a| std::slice::from_raw_parts(a.get().add(lo), hi - lo)) };
            // SAFETY: nothing is asked.
            black_box(unsafe { scaled_sum(parts[0], parts[1]) });
        };
        let times = race(
            21,
            &mut [&mut || pool.for_each(n_threads, &by_hand), &mut || {
                // SAFETY: the views lie in the arrays.
                let partials = unsafe {
                    run(
                        &program,
                        std::slice::from_ref(&piece),
                        &[Scalar::from(2.5)],
                        &pool,
                    )
                };
                let partials = partials.expect("no error").expect("a reduction");
                black_box(partials.finish(n.div_ceil(1024)).expect("a sum"));
            }],
        );
        report(
            &format!("(2.5*x + y).sum() of {n}, {n_threads} threads"),
            &times,
        );
    }
}

#[inline(always)]
unsafe fn read_body(x: &[f64]) -> f64 {
    let mut lanes = [0.0; 64];
    for x in x.chunks_exact(64) {
        for l in 0..64 {
            lanes[l] += x[l];
        }
    }
    lanes.iter().sum()
}

#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2,avx512f,avx512vl,avx512dq,avx512bw")]
unsafe fn read_512(x: &[f64]) -> f64 {
    // SAFETY: nothing is asked.
    unsafe { read_body(x) }
}

fn reductions() {
    let n = 10_000_000;
    let x = Memory::new(n, |i| (i % 100) as f64);
    for (rows, columns) in [
        (1000, 10_000),
        (10_000, 1000),
        (n / 3, 3),
        (3, n / 3),
        (n, 1),
    ] {
        for (mask, name) in [(1u32, "axis 0"), (2, "axis 1"), (3, "all")] {
            for (transposed, what) in [(false, "C"), (true, "F")] {
                for (reduction, word) in [
                    (Reduction::Sum, "sum"),
                    (Reduction::Max, "max"),
                    (Reduction::ArgMax, "argmax"),
                ] {
                    if (transposed || columns == 1)
                        && (reduction != Reduction::Sum || rows * columns < 9_999_999)
                    {
                        continue;
                    }
                    let mut b = ProgramBuilder::new();
                    let v = b.load(0, DType::F64);
                    b.reduce(reduction, v, mask);
                    let program = b.finish();
                    let strides = if transposed {
                        [1, rows as isize]
                    } else {
                        [columns as isize, 1]
                    };
                    let piece = piece(&[rows, columns], vec![view(x.ptr, &strides)], vec![]);
                    let pool = Pool::new(1);
                    let n_units = if mask == 2 {
                        columns.div_ceil(1024)
                    } else {
                        rows
                    };
                    // SAFETY: the memory has n elements.
                    let all = unsafe { std::slice::from_raw_parts(x.ptr, n) };
                    let times = race(
                        5,
                        &mut [
                            // SAFETY: this benchmark is for machines with AVX-512.
                            &mut || {
                                // SAFETY: the branch is taken where the machine has AVX-512.
                                black_box(unsafe { read_512(all) });
                            },
                            &mut || {
                                // SAFETY: the view lies in the array.
                                let partials = unsafe {
                                    run(&program, std::slice::from_ref(&piece), &[], &pool)
                                };
                                black_box(
                                    partials
                                        .expect("no error")
                                        .expect("a reduction")
                                        .finish(n_units)
                                        .expect("sums"),
                                );
                            },
                        ],
                    );
                    report(
                        &format!(
                            "{word} of ({rows}, {columns}) {what} over {name} (by hand: read)"
                        ),
                        &times,
                    );
                }
            }
        }
    }
}

fn overhead() {
    let n = 1000;
    let (a, b) = (
        Memory::new(n * n, |i| (i % 1000) as f64),
        Memory::new(n * n, |_| 0.0),
    );
    let constants: Vec<Scalar> = [0.3, 0.2, 1.1].map(Scalar::from).to_vec();
    let program = laplace_program();
    let small = laplace_program();
    let s = n as isize;
    let at = |i: usize, j: usize| view(a.at(i * n + j), &[s, 1]);
    let big = piece(
        &[n - 2, n - 2],
        vec![at(0, 1), at(2, 1), at(1, 0), at(1, 2)],
        vec![view_mut(b.at(n + 1), &[s, 1])],
    );
    let tiny = piece(
        &[1, 8],
        vec![at(0, 1), at(2, 1), at(1, 0), at(1, 2)],
        vec![view_mut(b.at(n + 1), &[s, 1])],
    );
    for n_threads in [1, 2] {
        let pool = Pool::new(n_threads);
        let (from, to) = (Address(a.ptr), Address(b.ptr));
        let by_hand = |part: usize| {
            // SAFETY: disjoint rows.
            unsafe {
                laplace_rows(
                    from.get(),
                    to.get(),
                    n,
                    1 + part * (n - 2) / n_threads,
                    1 + (part + 1) * (n - 2) / n_threads,
                )
            }
        };
        let times = race(
            301,
            &mut [&mut || pool.for_each(n_threads, &by_hand), &mut || {
                // SAFETY: the views lie in the arrays.
                unsafe { run(&program, std::slice::from_ref(&big), &constants, &pool) }
                    .expect("no error");
            }],
        );
        report(
            &format!("6 operations on 1000 x 1000, {n_threads} threads"),
            &times,
        );
        let times = race(
            101,
            &mut [&mut || pool.for_each(2, &|_| ()), &mut || {
                for _ in 0..1000 {
                    // SAFETY: the views lie in the arrays.
                    unsafe { run(&small, std::slice::from_ref(&tiny), &constants, &pool) }
                        .expect("no error");
                }
            }],
        );
        println!(
            "{:52} run {:.0} ns, an empty job {:.1} us",
            format!("6 operations on 8 elements, {n_threads} threads"),
            times[1] * 1e6,
            times[0] * 1e6
        );
    }
    let start = Instant::now();
    for _ in 0..1000 {
        black_box(laplace_program());
    }
    println!(
        "{:52} {:.2} us",
        "building a program of 6 operations",
        start.elapsed().as_secs_f64() * 1e3
    );
    let x: Vec<f64> = (0..10).map(f64::from).collect();
    let mut result = 0.0f64;
    let start = Instant::now();
    for _ in 0..100_000 {
        // SAFETY: ten elements, one result.
        unsafe {
            reduce_small(
                Reduction::Sum,
                DType::F64,
                DType::F64,
                &[10],
                black_box(x.as_ptr()).cast(),
                &[8],
                1,
                (&raw mut result).cast(),
            )
        }
        .expect("a sum");
    }
    println!(
        "{:52} {:.1} ns",
        "reduce_small of 10 elements",
        start.elapsed().as_secs_f64() * 1e4
    );
}

/// Time per row of short rows: what a tile costs beyond its elements.
fn rows() {
    let n = 4096;
    let a = Memory::new(n * n / 8, |i| (i % 1000) as f64);
    let b = Memory::new(n * n / 8, |_| 0.0);
    let constants: Vec<Scalar> = [0.3, 0.2, 1.1].map(Scalar::from).to_vec();
    let program = laplace_program();
    for width in [8usize, 64, 72, 128, 256, 512, 1024, 2048, 4000] {
        let s = width as isize + 2;
        let n_rows = 20_000 / width + 2;
        let at = |i: usize, j: usize| view(a.at(i * (width + 2) + j), &[s, 1]);
        let piece = piece(
            &[n_rows, width],
            vec![at(0, 1), at(2, 1), at(1, 0), at(1, 2)],
            vec![view_mut(b.at(width + 3), &[s, 1])],
        );
        let pool = Pool::new(1);
        let times = race(
            21,
            &mut [
                &mut || {
                    // SAFETY: the rows of laplace with `width + 2` columns.
                    (0..20).for_each(|_| {
                        for i in 1..=n_rows {
                            let (w, u, o) = (width + 2, a.ptr.cast_const(), b.ptr);
                            // SAFETY: the rows lie in the memory.
                            unsafe { laplace_rows(u, o, w, i, i + 1) };
                            if w > n {
                                break;
                            }
                        }
                    });
                },
                &mut || {
                    for _ in 0..20 {
                        // SAFETY: the views lie in the arrays.
                        unsafe { run(&program, std::slice::from_ref(&piece), &constants, &pool) }
                            .expect("no error");
                    }
                },
            ],
        );
        println!(
            "{n_rows} rows of {width}: by hand {:.1} ns, ours {:.1} ns a row",
            times[0] * 5e7 / n_rows as f64,
            times[1] * 5e7 / n_rows as f64
        );
    }
}

/// Something like Black and Scholes: 40 operations with exp, log and tanh.
fn formula(n: usize) {
    let mut b = ProgramBuilder::new();
    let (s, k, t) = (
        b.load(0, DType::F64),
        b.load(1, DType::F64),
        b.load(2, DType::F64),
    );
    let c: Vec<Value> = (0..4).map(|i| b.constant(i, DType::F64)).collect();
    let ratio = call(&mut b, ufunc::DIVIDE, &[s, k]);
    let log = call(&mut b, ufunc::LOG, &[ratio]);
    let root = call(&mut b, ufunc::SQRT, &[t]);
    let sigma = call(&mut b, ufunc::MULTIPLY, &[root, c[0]]);
    let drift = call(&mut b, ufunc::MULTIPLY, &[t, c[1]]);
    let top = call(&mut b, ufunc::ADD, &[log, drift]);
    let d1 = call(&mut b, ufunc::DIVIDE, &[top, sigma]);
    let d2 = call(&mut b, ufunc::SUBTRACT, &[d1, sigma]);
    let phi = |b: &mut ProgramBuilder, d: Value| {
        let cube = call(b, ufunc::MULTIPLY, &[d, d]);
        let cube = call(b, ufunc::MULTIPLY, &[cube, d]);
        let cube = call(b, ufunc::MULTIPLY, &[cube, c[2]]);
        let x = call(b, ufunc::ADD, &[d, cube]);
        let x = call(b, ufunc::MULTIPLY, &[x, c[3]]);
        let x = call(b, ufunc::TANH, &[x]);
        let x = call(b, ufunc::ADD, &[x, c[1]]);
        call(b, ufunc::MULTIPLY, &[x, c[0]])
    };
    let (p1, p2) = (phi(&mut b, d1), phi(&mut b, d2));
    let (n1, n2) = (
        call(&mut b, ufunc::NEGATIVE, &[d1]),
        call(&mut b, ufunc::NEGATIVE, &[d2]),
    );
    let (m1, m2) = (phi(&mut b, n1), phi(&mut b, n2));
    let rate = call(&mut b, ufunc::NEGATIVE, &[drift]);
    let discount = call(&mut b, ufunc::EXP, &[rate]);
    let strike = call(&mut b, ufunc::MULTIPLY, &[k, discount]);
    let price = |b: &mut ProgramBuilder, p: Value, q: Value| {
        let x = call(b, ufunc::MULTIPLY, &[s, p]);
        let y = call(b, ufunc::MULTIPLY, &[strike, q]);
        call(b, ufunc::SUBTRACT, &[x, y])
    };
    let (buy, sell) = (price(&mut b, p1, p2), price(&mut b, m2, m1));
    b.store(0, buy, DType::F64);
    b.store(1, sell, DType::F64);
    let program = b.finish();
    println!("{program}");
    let m: Vec<Memory> = (0..5)
        .map(|j| Memory::new(n, move |i| 1.0 + ((i * (j + 3)) % 1000) as f64 * 0.01))
        .collect();
    let piece = piece(
        &[n],
        (0..3).map(|i| view(m[i].ptr, &[1])).collect(),
        (3..5).map(|i| view_mut(m[i].ptr, &[1])).collect(),
    );
    let constants: Vec<Scalar> = [0.5, 0.05, 0.044715, 0.7978].map(Scalar::from).to_vec();
    for n_threads in [1, 2] {
        let pool = Pool::new(n_threads);
        let times = race(
            7,
            &mut [&mut || {
                // SAFETY: the views lie in the arrays.
                unsafe { run(&program, std::slice::from_ref(&piece), &constants, &pool) }
                    .expect("no error");
            }],
        );
        println!(
            "{:52} {:.3} ms, {:.2} ns an element",
            format!("40 operations on {n}, {n_threads} threads"),
            times[0] * 1e3,
            times[0] * 1e9 / n as f64
        );
    }
}

fn transposed(n: usize) {
    let (a, b) = (
        Memory::new(n * n, |i| (i % 1000) as f64),
        Memory::new(n * n, |_| 0.0),
    );
    let mut builder = ProgramBuilder::new();
    let (x, y) = (builder.load(0, DType::F64), builder.load(1, DType::F64));
    let sum = call(&mut builder, ufunc::ADD, &[x, y]);
    builder.store(0, sum, DType::F64);
    let program = builder.finish();
    let s = n as isize;
    let piece = piece(
        &[n, n],
        vec![view(a.ptr, &[s, 1]), view(a.ptr, &[1, s])],
        vec![view_mut(b.ptr, &[s, 1])],
    );
    for n_threads in [1, 2] {
        let pool = Pool::new(n_threads);
        let (from, to) = (Address(a.ptr), Address(b.ptr));
        let by_hand = |part: usize| {
            let (lo, hi) = (part * n / n_threads, (part + 1) * n / n_threads);
            for i0 in (lo..hi).step_by(16) {
                for j0 in (0..n).step_by(16) {
                    for i in i0..(i0 + 16).min(hi) {
                        for j in j0..(j0 + 16).min(n) {
                            // SAFETY: inside the arrays, disjoint rows.
                            unsafe {
                                *to.get().add(i * n + j) =
                                    *from.get().add(i * n + j) + *from.get().add(j * n + i)
                            };
                        }
                    }
                }
            }
        };
        let times = race(
            9,
            &mut [&mut || pool.for_each(n_threads, &by_hand), &mut || {
                // SAFETY: the views lie in the arrays.
                unsafe { run(&program, std::slice::from_ref(&piece), &[], &pool) }
                    .expect("no error");
            }],
        );
        report(&format!("a + a.T of {n}, {n_threads} threads"), &times);
    }
}

fn main() {
    let words: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let asked = |word: &str| words.is_empty() || words.iter().any(|w| w == word);
    println!("instruction set {}", isa::active().name());
    if asked("laplace") {
        laplace(4000);
    }
    if asked("cached") {
        laplace(100);
        laplace(300);
    }
    if asked("rows") {
        rows();
    }
    if asked("sum") {
        sums(20_000_000);
    }
    if asked("overhead") {
        overhead();
    }
    if asked("transposed") {
        transposed(4000);
        transposed(4096);
    }
    if asked("formula") {
        formula(4_000_000);
    }
    if asked("reductions") {
        reductions();
    }
}
