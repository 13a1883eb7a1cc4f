//! Numbers out of a fuzzer's bytes.

use hedgerow_core::tick::{MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK};
use hedgerow_core::{I256, U256, WAD, Wad};

/// Bytes being used up; when they run out, zeros follow.
#[derive(Debug)]
pub struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    /// All of the bytes.
    pub const fn new(data: &'a [u8]) -> Self {
        Self(data)
    }

    /// Nothing left?
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What has not been used.
    pub const fn rest(&self) -> &'a [u8] {
        self.0
    }

    /// The next byte.
    pub fn byte(&mut self) -> u8 {
        self.bytes::<1>()[0]
    }

    /// The next bytes.
    pub fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut taken = [0; N];
        let (head, tail) = self.0.split_at(N.min(self.0.len()));
        for (slot, byte) in taken.iter_mut().zip(head) {
            *slot = *byte;
        }
        self.0 = tail;
        taken
    }

    /// Any 64 bits.
    pub fn u64(&mut self) -> u64 {
        u64::from_le_bytes(self.bytes())
    }

    /// Below the bound, which is not zero.
    pub fn below(&mut self, bound: u64) -> u64 {
        self.u64() % bound
    }

    /// A word of any length in bits, an edge as often as not.
    pub fn word(&mut self) -> U256 {
        let (form, shift) = (self.byte(), usize::from(self.byte()));
        match form % 8 {
            0 => U256::from(shift),
            1 => U256::MAX - U256::from(shift),
            2 => (U256::from(1) << shift).wrapping_sub(U256::from(form / 8 % 3)),
            3 => U256::from(WAD).wrapping_add(U256::from(self.u64()) >> (shift % 64)),
            4 => U256::from(WAD).wrapping_sub(U256::from(self.u64()) >> (shift % 64)),
            _ => U256::from_le_bytes(self.bytes::<32>()) >> shift,
        }
    }

    /// A signed wad: any, or one of a size that models meet.
    pub fn wad(&mut self) -> Wad {
        let word = self.word();
        Wad(match self.byte() % 4 {
            0 => I256::from_raw(word),
            1 => -I256::from_raw(word >> 180_usize),
            _ => I256::from_raw(word >> 150_usize),
        })
    }

    /// A wad above zero, mostly of a price's size.
    pub fn price(&mut self) -> Wad {
        let word = self.word() >> usize::from(self.byte() % 4).saturating_mul(64);
        Wad(I256::from_raw((word >> 1_usize).max(U256::from(1))))
    }

    /// A wad of a weight: mostly strictly between nought and one.
    pub fn weight(&mut self) -> Wad {
        Wad(I256::from_raw(U256::from(self.u64() % (WAD + 2))))
    }

    /// A wad from zero up to a whole number.
    pub fn up_to(&mut self, whole: u64) -> Wad {
        Wad(I256::from_raw(
            self.word() % (U256::from(whole) * U256::from(WAD) + U256::from(1)),
        ))
    }

    /// A tick, now and then one outside.
    pub fn tick(&mut self) -> i32 {
        let tick = i32::from_le_bytes(self.bytes());
        if tick % 64 == 0 { tick } else { tick % (MAX_TICK + 2) }
    }

    /// A range of usable ticks.
    pub fn range(&mut self) -> (i32, i32) {
        let lower = MIN_TICK + self.below((MAX_TICK - MIN_TICK) as u64) as i32;
        let longest = (MAX_TICK - lower) as u64;
        let width = (1 + self.below(longest)) >> (self.byte() % 20);
        (lower, lower + (width as i32).max(1))
    }

    /// A sqrt price that a pool can have.
    pub fn sqrt_price(&mut self) -> U256 {
        self.word().clamp(MIN_SQRT_PRICE, MAX_SQRT_PRICE - U256::from(1))
    }
}
