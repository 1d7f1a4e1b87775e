//! Sorting by digits of leading bits, on one thread.
//!
//! # Rationale
//! Items are dealt into buckets digit by digit, from the lowest digit that matters to the highest (LSD radix sort). Only bits in which the
//! items differ count, and of these only as many leading ones as tell most items apart: after that many digits items with equal leading
//! bits lie together, and insertion puts them right. Few distinct values take one round, random ones three, whatever their width.
//!
//! # Limitations
//! Items that agree in most of the bits that count, though a sample of them does not, are sorted by comparing.

use bytemuck::Pod;

/// Fewer items than this are sorted by comparing.
const FEW: usize = 128;

/// So many items are worth larger tables of counts.
const MANY: usize = 1 << 12;

/// Items of which it is seen how many bits tell them apart.
const SAMPLE: usize = FEW;

/// Bits beyond those that seem to tell the items apart.
const BEYOND: u32 = 3;

/// Steps of insertion for each item, beyond which sorting by comparing is better.
const MOST_STEPS: usize = 8;

/// What can be sorted by its leading bits.
pub(super) trait Leading: Pod + Ord + Send + Sync {
    /// A number whose order is that of the items, but that unequal items may have in common.
    fn leading(&self) -> u64;
    /// Whether items of equal numbers are equal.
    const IS_ALL: bool;
}

macro_rules! numbers {
    ($($t:ty),*) => {$(
        impl Leading for $t {
            fn leading(&self) -> u64 {
                u64::from(*self)
            }
            const IS_ALL: bool = true;
        }
    )*};
}
numbers!(u8, u16, u32, u64);

/// A key with an index behind it.
impl Leading for [u64; 2] {
    fn leading(&self) -> u64 {
        self[0]
    }
    const IS_ALL: bool = false;
}

/// A class below 4 and the key of a real part, and more.
impl Leading for [u64; 4] {
    fn leading(&self) -> u64 {
        self[0] << 62 | self[1] >> 2
    }
    const IS_ALL: bool = false;
}

/// As for 64 bits.
impl Leading for [u32; 4] {
    fn leading(&self) -> u64 {
        u64::from(self[0]) << 32 | u64::from(self[1])
    }
    const IS_ALL: bool = false;
}

/// Sorts items; `spare` has as many, whose values are lost.
pub(super) fn sort<T: Leading>(items: &mut [T], spare: &mut [T]) {
    let n = items.len();
    if n < FEW {
        items.sort_unstable();
        return;
    }
    let first = items[0].leading();
    let differing = items
        .iter()
        .fold(0, |found, item| found | (item.leading() ^ first));
    let used = u64::BITS - differing.leading_zeros();
    let most = if n < MANY { 8 } else { 10 };
    let telling = used.min(telling(items, used));
    let n_digits = telling.div_ceil(most).max(1);
    let width = telling.div_ceil(n_digits).max(1);
    let lowest = used.saturating_sub(n_digits * width);
    deal(items, spare, lowest, width, n_digits as usize);
    if lowest > 0 || !T::IS_ALL {
        settle(items);
    }
}

/// How many of the `used` leading bits tell most items apart, by those that tell apart some of them.
fn telling<T: Leading>(items: &[T], used: u32) -> u32 {
    let step = items.len() / SAMPLE;
    let mut sample: [u64; SAMPLE] = std::array::from_fn(|place| items[place * step].leading());
    sample.sort_unstable();
    let mut bits: Vec<u32> = sample
        .windows(2)
        .filter(|pair| pair[0] != pair[1])
        .map(|pair| used - (pair[0] ^ pair[1]).ilog2())
        .collect();
    bits.sort_unstable();
    let most = bits.get(bits.len() * 3 / 4).copied().unwrap_or(used);
    most + step.ilog2() + BEYOND
}

/// Orders items by digits of their leading numbers, the first of which begins at the bit `lowest`; equal ones stay in order.
fn deal<T: Leading>(items: &mut [T], spare: &mut [T], lowest: u32, width: u32, n_digits: usize) {
    let n_buckets = 1usize << width;
    let digit = |number: u64| number as usize & (n_buckets - 1);
    let mut counts = vec![0usize; n_digits * n_buckets];
    for item in &*items {
        let mut number = item.leading() >> lowest;
        for counts in counts.chunks_exact_mut(n_buckets) {
            counts[digit(number)] += 1;
            number >>= width;
        }
    }
    let (mut from, mut to) = (&mut *items, &mut *spare);
    let mut is_spare = false;
    for (place, counts) in counts.chunks_exact_mut(n_buckets).enumerate() {
        let shift = lowest + place as u32 * width;
        if counts[digit(from[0].leading() >> shift)] == from.len() {
            continue;
        }
        let mut start = 0;
        for count in &mut *counts {
            start += std::mem::replace(count, start);
        }
        for &item in &*from {
            let next = &mut counts[digit(item.leading() >> shift)];
            to[*next] = item;
            *next += 1;
        }
        std::mem::swap(&mut from, &mut to);
        is_spare = !is_spare;
    }
    if is_spare {
        to.copy_from_slice(from);
    }
}

/// Sorts items that are nearly in order: by insertion while that takes few steps, otherwise anew.
fn settle<T: Leading>(items: &mut [T]) {
    let mut steps = MOST_STEPS * items.len();
    for place in 1..items.len() {
        let item = items[place];
        if item >= items[place - 1] {
            continue;
        }
        let mut free = place;
        while free > 0 && item < items[free - 1] {
            items[free] = items[free - 1];
            free -= 1;
        }
        items[free] = item;
        let Some(left) = steps.checked_sub(place - free) else {
            items.sort_unstable();
            return;
        };
        steps = left;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check<T: Leading + std::fmt::Debug>(make: impl Fn(u64) -> T) {
        for n in [0, 1, FEW - 1, FEW, MANY - 1, MANY, 40_000] {
            let mut state = 12345u64;
            let mut items: Vec<T> = (0..n)
                .map(|_| {
                    state = state
                        .wrapping_mul(6364136223846793005)
                        .wrapping_add(1442695040888963407);
                    make(state ^ state >> 29)
                })
                .collect();
            let mut wanted = items.clone();
            wanted.sort_unstable();
            let mut spare = items.clone();
            sort(&mut items, &mut spare);
            assert_eq!(items, wanted);
        }
    }

    #[test]
    fn numbers_of_any_width_and_spread() {
        check(|random| random as u8);
        check(|random| random as u16);
        check(|random| random as u32 % 3);
        check(|random| random);
        check(|_| 7u64);
        check(|random| (random % 1000) << 40);
        // An outlier, beside which the others have their leading bits in common.
        check(|random| {
            if random.is_multiple_of(5000) {
                u64::MAX
            } else {
                random % 90_000
            }
        });
    }

    #[test]
    fn items_of_several_numbers() {
        check(|random| [random % 9, random >> 40]);
        check(|random| [random % 4, random % 7, random >> 3, random % 4]);
        check(|random| [random as u32 % 4, (random >> 32) as u32, random as u32, 0]);
    }
}
