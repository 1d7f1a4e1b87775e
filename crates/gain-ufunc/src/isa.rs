//! The instruction sets that loops are compiled for, and the choice among them when the program starts.
//!
//! # Rationale
//!
//! A build must run on every x86-64 machine, yet a loop for AVX-512 is up to four times as fast. So hot bodies are generic
//! `#[inline(always)]` functions that `versions!` compiles once per instruction set; the compiler does the vectorising.
//! No version may contract `a * b + c` to a fused multiply-add (Rust never does by itself), so all give the same bits.

use std::sync::atomic::{AtomicU8, Ordering};

/// An instruction set for which loops exist.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, PartialOrd, Ord)]
#[repr(u8)]
pub enum Isa {
    /// x86-64 version 1 (SSE2), or whatever the target guarantees elsewhere.
    Baseline,
    /// AVX2, BMI1 and BMI2.
    Avx2,
    /// AVX-512 F, BW, DQ and VL besides AVX2.
    Avx512,
}

impl Isa {
    /// How many there are.
    pub const COUNT: usize = 3;

    /// All of them, ascending.
    pub const ALL: [Isa; Isa::COUNT] = [Isa::Baseline, Isa::Avx2, Isa::Avx512];

    /// The name that `GAIN_ISA` takes.
    pub const fn name(self) -> &'static str {
        match self {
            Isa::Baseline => "baseline",
            Isa::Avx2 => "avx2",
            Isa::Avx512 => "avx512",
        }
    }
}

/// Not chosen yet.
const UNKNOWN: u8 = u8::MAX;

static ACTIVE: AtomicU8 = AtomicU8::new(UNKNOWN);

/// The instruction set in use: the best this machine has, or the lesser one that the environment variable `GAIN_ISA` names.
///
/// Asked once; later calls cost one relaxed load. A `GAIN_ISA` that this machine lacks is lowered to what it has.
#[inline]
pub fn active() -> Isa {
    match ACTIVE.load(Ordering::Relaxed) {
        0 => Isa::Baseline,
        1 => Isa::Avx2,
        2 => Isa::Avx512,
        _ => choose(),
    }
}

#[cold]
fn choose() -> Isa {
    let best = detected();
    let asked = std::env::var("GAIN_ISA").ok();
    let isa = Isa::ALL
        .into_iter()
        .find(|isa| asked.as_deref() == Some(isa.name()))
        .map_or(best, |isa| isa.min(best));
    ACTIVE.store(isa as u8, Ordering::Relaxed);
    isa
}

/// The best instruction set that this machine can run.
pub fn detected() -> Isa {
    #[cfg(target_arch = "x86_64")]
    {
        let avx2 = is_x86_feature_detected!("avx2")
            && is_x86_feature_detected!("bmi1")
            && is_x86_feature_detected!("bmi2");
        let avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512bw")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512vl");
        if avx2 && avx512 {
            return Isa::Avx512;
        }
        if avx2 {
            return Isa::Avx2;
        }
    }
    Isa::Baseline
}

/// Those of [`Isa::ALL`] that this machine can run.
pub fn available() -> impl Iterator<Item = Isa> {
    Isa::ALL.into_iter().filter(|&isa| isa <= detected())
}

/// Compiles a body once per instruction set.
///
/// The body is an `#[inline(always)] unsafe fn` in scope. The macro makes a module with `baseline`, `avx2`, `avx512` and
/// `all()`, an array of the three indexed by `Isa as usize`:
///
/// ```text
/// #[inline(always)]
/// unsafe fn sum_body<T: Number>(n: usize, from: *const T) -> T { ... }
/// versions!(mod sum = sum_body<T: Number>(n: usize, from: *const T) -> T);
/// let f = sum::all::<f64>()[isa::active() as usize];
/// ```
///
/// # Safety
///
/// `avx2` and `avx512` may be called only where [`detected`] is at least that set; all of them ask what the body asks.
macro_rules! versions {
    ($(#[$meta:meta])* $vis:vis mod $name:ident = $body:ident $(<$($g:ident : $bound:path),+>)?
     ($($arg:ident : $ty:ty),* $(,)?) $(-> $ret:ty)?) => {
        $(#[$meta])*
        $vis mod $name {
            #[allow(unused_imports)]
            use super::*;

            /// For every machine.
            #[allow(clippy::too_many_arguments)]
            pub(crate) unsafe fn baseline $(<$($g: $bound),+>)? ($($arg: $ty),*) $(-> $ret)? {
                // SAFETY: the caller keeps the body's contract.
                unsafe { $body $(::<$($g),+>)? ($($arg),*) }
            }

            /// For machines with AVX2.
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,bmi1,bmi2")]
            #[allow(clippy::too_many_arguments)]
            pub(crate) unsafe fn avx2 $(<$($g: $bound),+>)? ($($arg: $ty),*) $(-> $ret)? {
                // SAFETY: the caller keeps the body's contract.
                unsafe { $body $(::<$($g),+>)? ($($arg),*) }
            }

            /// For machines with AVX-512.
            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,bmi1,bmi2,avx512f,avx512bw,avx512dq,avx512vl")]
            #[allow(clippy::too_many_arguments)]
            pub(crate) unsafe fn avx512 $(<$($g: $bound),+>)? ($($arg: $ty),*) $(-> $ret)? {
                // SAFETY: the caller keeps the body's contract.
                unsafe { $body $(::<$($g),+>)? ($($arg),*) }
            }

            /// The three, indexed by `Isa as usize`.
            #[cfg(target_arch = "x86_64")]
            pub(crate) const fn all $(<$($g: $bound),+>)? () -> [unsafe fn($($ty),*) $(-> $ret)?; 3] {
                [baseline $(::<$($g),+>)?, avx2 $(::<$($g),+>)?, avx512 $(::<$($g),+>)?]
            }

            /// The three, indexed by `Isa as usize`; this target has only one.
            #[cfg(not(target_arch = "x86_64"))]
            pub(crate) const fn all $(<$($g: $bound),+>)? () -> [unsafe fn($($ty),*) $(-> $ret)?; 3] {
                [baseline $(::<$($g),+>)?; 3]
            }
        }
    };
}
pub(crate) use versions;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_active_set_can_run_here() {
        assert!(active() <= detected());
        assert!(available().any(|isa| isa == active()));
    }
}
