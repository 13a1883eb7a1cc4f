//! Random cases: the same ones on every machine and in every run, as many as the mode asks for.

use hedgerow_core::{I256, U256, WAD};
use proptest::prelude::Rng;
use proptest::test_runner::{RngAlgorithm, TestRng};
use std::sync::atomic::{AtomicU64, Ordering};

/// Cases that share a seed; what a thread takes at a time.
const BATCH: u64 = 500;

/// How many cases a test runs: 10^5, or 10^7 with `HEDGEROW_LONG` set.
pub struct Cases {
    name: &'static str,
    count: u64,
}

impl Cases {
    /// The name seeds the cases, so that no two tests walk the same ones.
    pub fn new(name: &'static str) -> Self {
        let long = std::env::var("HEDGEROW_LONG").is_ok_and(|value| value != "0");
        Self {
            name,
            count: if long { 10_000_000 } else { 100_000 },
        }
    }

    /// A fraction of the count, for a case that holds many inputs itself.
    pub fn divided(mut self, by: u64) -> Self {
        self.count = (self.count / by).max(1);
        self
    }

    /// Runs the check on every case, on all cores; a failed assertion fails the test.
    pub fn run(self, check: impl Fn(&mut Random) + Sync) {
        let batches = self.count.div_ceil(BATCH);
        let next = AtomicU64::new(0);
        let work = || {
            loop {
                let batch = next.fetch_add(1, Ordering::Relaxed);
                if batch >= batches {
                    return;
                }
                let mut random = Random::new(self.name, batch);
                for _ in 0..BATCH.min(self.count - batch * BATCH) {
                    check(&mut random);
                }
            }
        };
        let threads = std::thread::available_parallelism().map_or(1, |n| n.get());
        std::thread::scope(|scope| {
            let handles: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
            for handle in handles {
                if let Err(panic) = handle.join() {
                    std::panic::resume_unwind(panic);
                }
            }
        });
    }
}

/// Draws for one batch.
pub struct Random(TestRng);

impl Random {
    pub fn new(name: &str, batch: u64) -> Self {
        let mut seed = [0; 32];
        for (at, byte) in name.bytes().enumerate() {
            let slot = &mut seed[at % 24];
            *slot = u8::wrapping_mul(*slot, 31).wrapping_add(byte);
        }
        seed[24..].copy_from_slice(&batch.to_le_bytes());
        Self(TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
    }

    pub fn bits(&mut self) -> u64 {
        self.0.next_u64()
    }

    /// Any 256 bits.
    pub fn word(&mut self) -> U256 {
        U256::from_limbs([self.bits(), self.bits(), self.bits(), self.bits()])
    }

    /// Uniform in `[0, bound)`, up to a bias of 2^-64.
    pub fn below(&mut self, bound: u64) -> u64 {
        ((u128::from(self.bits()) * u128::from(bound)) >> 64) as u64
    }

    /// True once in `n`.
    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    /// Uniform in `[low, high]`.
    pub fn uniform(&mut self, low: i128, high: i128) -> I256 {
        let span = U256::from(high.abs_diff(low)) + U256::from(1);
        let offset = self.word() % span;
        I256::try_from(low).unwrap() + I256::from_raw(offset)
    }

    /// Uniform in `[low, high]`, of unsigned numbers.
    pub fn uniform_u256(&mut self, low: U256, high: U256) -> U256 {
        match (high - low).checked_add(U256::from(1)) {
            Some(span) => low + self.word() % span,
            None => self.word(),
        }
    }

    /// Evenly spread over the magnitudes: uniform in the bit length, then in the bits below it. `low > 0`.
    pub fn log_uniform(&mut self, low: U256, high: U256) -> U256 {
        let (shortest, longest) = (low.bit_len() as u64, high.bit_len() as u64);
        let length = (shortest + self.below(longest - shortest + 1)) as usize;
        let top = U256::from(1) << (length - 1);
        let value = if length == 256 {
            self.word() | top
        } else {
            (self.word() & (top - U256::from(1))) | top
        };
        value.clamp(low, high)
    }

    /// A wad from `10^low` to `10^high` (powers of the number itself, e.g. -18 for the least wad), evenly over the magnitudes.
    pub fn log_wad(&mut self, low: i32, high: i32) -> U256 {
        let power = |exponent: i32| U256::from(10).pow(U256::from((exponent + 18) as u64));
        self.log_uniform(power(low), power(high))
    }

    /// A number whose ratio to `other` differs from one by about `10^-1` down to the last unit.
    pub fn near(&mut self, other: U256) -> U256 {
        let distance = other >> (self.below(other.bit_len() as u64) as usize);
        let offset = self.word() % distance.max(U256::from(1)) / U256::from(8);
        if self.one_in(2) {
            other.saturating_add(offset)
        } else {
            other - offset
        }
        .max(U256::from(1))
    }

    /// A fraction strictly between 0 and 1 as a wad: half of them anywhere, half close to an end.
    pub fn fraction(&mut self) -> U256 {
        let one = U256::from(WAD);
        if self.one_in(2) {
            return self.uniform_u256(U256::from(1), one - U256::from(1));
        }
        let small = self.log_uniform(U256::from(1), one / U256::from(2));
        if self.one_in(2) { small } else { one - small }
    }

    /// The number, or its negative.
    pub fn signed(&mut self, magnitude: U256) -> I256 {
        let positive = I256::try_from(magnitude).unwrap();
        if self.one_in(2) { positive } else { -positive }
    }

    /// One of them.
    pub fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len() as u64) as usize]
    }
}
