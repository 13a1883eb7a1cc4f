//! The same inputs in every run.

use alloy_primitives::U256;

/// Inputs per operation.
pub const COUNT: usize = 16_384;

/// SplitMix64.
pub struct Random(pub u64);

impl Random {
    /// 64 random bits.
    pub fn bits64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number of exactly `bits` bits.
    pub fn of_bits(&mut self, bits: usize) -> U256 {
        let all = U256::from_limbs([self.bits64(), self.bits64(), self.bits64(), self.bits64()]);
        all >> (256 - bits) | U256::from(1) << (bits - 1)
    }

    /// Between `low` and `high`.
    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * (self.bits64() >> 11) as f64 / (1_u64 << 53) as f64
    }
}

/// `COUNT` of them.
pub fn many<T>(seed: u64, mut one: impl FnMut(&mut Random) -> T) -> Vec<T> {
    let mut random = Random(seed);
    (0..COUNT).map(|_| one(&mut random)).collect()
}
