//! The instruction set of the kernels: loops are compiled for three, and chosen when the program runs.
#![expect(
    unsafe_code,
    reason = "functions compiled for an instruction set are called after it was detected"
)]

/// An instruction set that the machine has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Set {
    Baseline,
    #[cfg(target_arch = "x86_64")]
    Avx2,
    #[cfg(target_arch = "x86_64")]
    Avx512,
}

/// Work that is compiled anew for each instruction set. Its body, and all that it calls, is `#[inline(always)]`.
pub(crate) trait Work {
    fn run(self);
}

impl Set {
    /// The one that gain's loops use, by its name, where the machine has it.
    pub(crate) fn named(name: &str) -> Set {
        #[cfg(target_arch = "x86_64")]
        match name {
            "avx512"
                if is_x86_feature_detected!("avx512f")
                    && is_x86_feature_detected!("avx512vl")
                    && is_x86_feature_detected!("avx512dq")
                    && is_x86_feature_detected!("avx512bw") =>
            {
                return Set::Avx512;
            }
            "avx2" | "avx512" if is_x86_feature_detected!("avx2") => return Set::Avx2,
            _ => {}
        }
        let _ = name;
        Set::Baseline
    }

    /// Does the work by this instruction set. Sums and products are not contracted: the bits are those of every other set.
    #[inline]
    pub(crate) fn run(self, work: impl Work) {
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx2")]
        unsafe fn avx2(work: impl Work) {
            work.run();
        }
        #[cfg(target_arch = "x86_64")]
        #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2")]
        unsafe fn avx512(work: impl Work) {
            work.run();
        }
        // SAFETY: `named`, the only source of the larger sets, detected them.
        unsafe {
            match self {
                #[cfg(target_arch = "x86_64")]
                Set::Avx512 => avx512(work),
                #[cfg(target_arch = "x86_64")]
                Set::Avx2 => avx2(work),
                Set::Baseline => work.run(),
            }
        }
    }
}
