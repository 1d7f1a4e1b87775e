//! A hash that is the same on every rank and in every run: plans are found by it, and ranks are compared by it.

use std::hash::Hasher;

/// Two 64-bit multiply-rotate hashes side by side, so that 128 bits stand for a structure.
#[derive(Clone, Debug)]
pub struct Fingerprint {
    high: u64,
    low: u64,
}

/// Makes the hash of tables that are asked at every flush.
pub(crate) type BuildFingerprint = std::hash::BuildHasherDefault<Fingerprint>;

impl Default for Fingerprint {
    fn default() -> Self {
        Fingerprint {
            high: 0x9e37_79b9_7f4a_7c15,
            low: 0xd1b5_4a32_d192_ed03,
        }
    }
}

impl Fingerprint {
    /// All 128 bits.
    pub fn value(&self) -> u128 {
        (u128::from(mix(self.high)) << 64) | u128::from(mix(self.low))
    }

    fn add(&mut self, word: u64) {
        self.high = (self.high.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
        self.low = (self.low.rotate_left(23) ^ word).wrapping_mul(0xff51_afd7_ed55_8ccd);
    }
}

/// Spreads the high bits, which multiplication fills, over the low ones.
fn mix(word: u64) -> u64 {
    let word = (word ^ (word >> 32)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    word ^ (word >> 29)
}

impl Hasher for Fingerprint {
    fn write(&mut self, bytes: &[u8]) {
        for chunk in bytes.chunks(8) {
            let mut word = [0; 8];
            word[..chunk.len()].copy_from_slice(chunk);
            self.add(u64::from_le_bytes(word));
        }
    }

    fn write_u8(&mut self, word: u8) {
        self.add(u64::from(word));
    }

    fn write_u64(&mut self, word: u64) {
        self.add(word);
    }

    fn write_usize(&mut self, word: usize) {
        self.add(word as u64);
    }

    fn write_isize(&mut self, word: isize) {
        self.add(word as u64);
    }

    fn finish(&self) -> u64 {
        mix(self.high ^ self.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::Hash;

    fn of(value: &impl Hash) -> u128 {
        let mut state = Fingerprint::default();
        value.hash(&mut state);
        state.value()
    }

    #[test]
    fn different_structures_differ() {
        let values: Vec<u128> = (0..1000usize)
            .map(|i| of(&(i, [i % 7, i / 7], i % 2 == 0)))
            .collect();
        let mut unique = values.clone();
        unique.sort_unstable();
        unique.dedup();
        assert_eq!(unique.len(), values.len());
    }
}
