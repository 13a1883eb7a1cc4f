//! Solidity's ABI: 32-byte words in, words out, arrays of them, and reverts.

mod call;

use alloc::vec::Vec;
use alloy_primitives::{Address, I256, U256};
use hedgerow_core::{Bps, Ray, SqrtPriceX96, Tick, Wad};

use crate::zeroed;
pub use call::{Call, List, Malformed, Revert};

/// One ABI word, big-endian.
pub type Word = [u8; 32];

/// A selector as the head of a call: the word's last four bytes. [`call_data`] drops the rest.
pub const fn head(selector: [u8; 4]) -> Word {
    let mut word = [0; 32];
    word[28] = selector[0];
    word[29] = selector[1];
    word[30] = selector[2];
    word[31] = selector[3];
    word
}

/// The calldata of a call laid out as a [`head`] and its arguments.
pub fn call_data(call: &[Word]) -> &[u8] {
    call.as_flattened().get(28..).unwrap_or_default()
}

/// A revert: the selector of a custom error and its static arguments.
#[inline(never)]
pub fn revert(selector: [u8; 4], arguments: &[Word]) -> Vec<u8> {
    let mut data = zeroed(4 + 32 * arguments.len());
    if let Some((head, tail)) = data.split_first_chunk_mut() {
        *head = selector;
        for (slot, word) in tail.as_chunks_mut().0.iter_mut().zip(arguments) {
            *slot = *word;
        }
    }
    data
}

/// The words, as the answer to a call.
#[inline(never)]
pub fn encode(words: &[Word]) -> Vec<u8> {
    let mut data = zeroed(32 * words.len());
    for (slot, word) in data.as_chunks_mut().0.iter_mut().zip(words) {
        *slot = *word;
    }
    data
}

/// What has an ABI word. Out of line, like the readers below: a program encodes dozens of words, and pays for its length
/// at every entry.
pub trait Encode {
    /// Writes the value's word.
    fn put(&self, slot: &mut Word);

    /// The value as its word.
    #[inline(always)]
    fn word(&self) -> Word {
        let mut word = [0; 32];
        self.put(&mut word);
        word
    }
}

impl<T: Encode> Encode for &T {
    fn put(&self, slot: &mut Word) {
        (*self).put(slot);
    }
}

impl Encode for Word {
    fn put(&self, slot: &mut Word) {
        *slot = *self;
    }
}

impl Encode for U256 {
    #[inline(never)]
    fn put(&self, slot: &mut Word) {
        // Limb by limb: half the instructions of reversing thirty-two bytes.
        for (bytes, limb) in slot.as_chunks_mut::<8>().0.iter_mut().rev().zip(self.as_limbs()) {
            *bytes = limb.to_be_bytes();
        }
    }
}

impl Encode for I256 {
    fn put(&self, slot: &mut Word) {
        self.into_raw().put(slot);
    }
}

impl Encode for Wad {
    fn put(&self, slot: &mut Word) {
        self.0.put(slot);
    }
}

impl Encode for Ray {
    fn put(&self, slot: &mut Word) {
        self.0.put(slot);
    }
}

impl Encode for SqrtPriceX96 {
    fn put(&self, slot: &mut Word) {
        self.get().put(slot);
    }
}

impl Encode for Tick {
    fn put(&self, slot: &mut Word) {
        self.get().put(slot);
    }
}

impl Encode for Bps {
    fn put(&self, slot: &mut Word) {
        self.0.put(slot);
    }
}

impl Encode for u128 {
    #[inline(never)]
    fn put(&self, slot: &mut Word) {
        slot[..16].fill(0);
        slot[16..].copy_from_slice(&self.to_be_bytes());
    }
}

impl Encode for u64 {
    #[inline(never)]
    fn put(&self, slot: &mut Word) {
        slot[..24].fill(0);
        slot[24..].copy_from_slice(&self.to_be_bytes());
    }
}

impl Encode for u32 {
    fn put(&self, slot: &mut Word) {
        u64::from(*self).put(slot);
    }
}

impl Encode for u8 {
    fn put(&self, slot: &mut Word) {
        u64::from(*self).put(slot);
    }
}

impl Encode for bool {
    fn put(&self, slot: &mut Word) {
        u64::from(*self).put(slot);
    }
}

impl Encode for i32 {
    #[inline(never)]
    fn put(&self, slot: &mut Word) {
        slot.fill(if *self < 0 { 0xff } else { 0 });
        slot[28..].copy_from_slice(&self.to_be_bytes());
    }
}

impl Encode for Address {
    #[inline(never)]
    fn put(&self, slot: &mut Word) {
        slot[..12].fill(0);
        slot[12..].copy_from_slice(self.as_slice());
    }
}

/// The words of several values, as an array.
#[macro_export]
macro_rules! words {
    ($($value:expr),+ $(,)?) => {
        {
            // Written in place: a word made apart and copied takes three times the code.
            let mut words: [$crate::abi::Word; $crate::words!(@count $($value),+)] = [[0; 32]; $crate::words!(@count $($value),+)];
            $crate::put!(words; $($value),+);
            words
        }
    };
    (@count $($value:expr),+) => { 0 $(+ { let _ = stringify!($value); 1 })+ };
}

/// Writes several values' words into an array of them, in order.
#[macro_export]
macro_rules! put {
    ($words:expr; $($value:expr),+ $(,)?) => {{
        let mut slots = $words.iter_mut();
        $(if let Some(slot) = slots.next() {
            $crate::abi::Encode::put(&$value, slot);
        })+
    }};
}

/// The word as an unsigned integer.
#[inline(never)]
pub fn uint(word: &Word) -> U256 {
    let mut limbs = [0; 4];
    for (limb, bytes) in limbs.iter_mut().zip(word.as_chunks::<8>().0.iter().rev()) {
        *limb = u64::from_be_bytes(*bytes);
    }
    U256::from_limbs(limbs)
}

/// The low 128 bits of the word.
#[inline(never)]
pub fn uint128(word: &Word) -> u128 {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&word[16..]);
    u128::from_be_bytes(bytes)
}

/// The low 64 bits of the word.
#[inline(never)]
pub fn uint64(word: &Word) -> u64 {
    word.last_chunk().map_or(0, |bytes| u64::from_be_bytes(*bytes))
}

/// The low 32 bits of the word.
pub fn uint32(word: &Word) -> u32 {
    u32::from_be_bytes([word[28], word[29], word[30], word[31]])
}

/// The low 24 bits of the word, sign-extended.
pub fn int24(word: &Word) -> i32 {
    i32::from_be_bytes([word[29], word[30], word[31], 0]) >> 8
}

/// The low 56 bits of the word, sign-extended.
pub fn int56(word: &Word) -> i64 {
    i64::from_be_bytes([word[25], word[26], word[27], word[28], word[29], word[30], word[31], 0]) >> 8
}

/// The low 160 bits of the word.
#[inline(never)]
pub fn address(word: &Word) -> Address {
    Address::from_slice(&word[12..])
}

/// The word, if it is an unsigned integer (or address) of `bits` bits, `bits` a multiple of eight.
#[inline(always)]
fn bounded(word: &Word, bits: usize) -> Result<&Word, Malformed> {
    // Eight bytes at a time, the first of them in the lowest place.
    let mut seen = 0;
    for (i, chunk) in word.as_chunks::<8>().0.iter().enumerate() {
        let high = (32 - bits / 8).saturating_sub(8 * i).min(8);
        let mask = if high == 8 { u64::MAX } else { (1 << (8 * high)) - 1 };
        seen |= u64::from_le_bytes(*chunk) & mask;
    }
    if seen == 0 { Ok(word) } else { Err(Malformed) }
}

/// Reads words as strictly as Solidity does: a value with bits outside its type is malformed.
pub mod strict {
    use super::{Address, I256, Malformed, Revert, SqrtPriceX96, Tick, U256, Wad, Word, bounded};

    /// An `address`.
    pub fn address(word: &Word) -> Result<Address, Malformed> {
        bounded(word, 160).map(super::address)
    }

    /// A `uint160`.
    pub fn uint160(word: &Word) -> Result<U256, Malformed> {
        bounded(word, 160).map(super::uint)
    }

    /// A `uint128`.
    pub fn uint128(word: &Word) -> Result<u128, Malformed> {
        bounded(word, 128).map(super::uint128)
    }

    /// A `uint64`.
    pub fn uint64(word: &Word) -> Result<u64, Malformed> {
        bounded(word, 64).map(super::uint64)
    }

    /// A `uint32`.
    pub fn uint32(word: &Word) -> Result<u32, Malformed> {
        bounded(word, 32).map(super::uint32)
    }

    /// A `uint24`.
    pub fn uint24(word: &Word) -> Result<u32, Malformed> {
        bounded(word, 24).map(super::uint32)
    }

    /// A `uint8`, or an `enum`.
    pub fn uint8(word: &Word) -> Result<u8, Malformed> {
        bounded(word, 8).map(|word| word[31])
    }

    /// An `int24`.
    #[inline(never)]
    pub fn int24(word: &Word) -> Result<i32, Malformed> {
        let [.., l3, l2, l1, l0] = *word;
        let value = i32::from_be_bytes([l3, l2, l1, l0]);
        // Every byte above the lowest three repeats the sign.
        let sign = i64::from(value >> 24) as u64;
        let [a, b, c, d] = [0, 1, 2, 3].map(|i| {
            let chunk = word.as_chunks::<8>().0.get(i).copied().unwrap_or_default();
            u64::from_le_bytes(chunk) ^ sign
        });
        let fits = matches!(value >> 23, 0 | -1) && a | b | c | u64::from(d as u32) == 0;
        if fits { Ok(value) } else { Err(Malformed) }
    }

    /// An `int256` that is a wad.
    pub fn wad(word: &Word) -> Wad {
        Wad(I256::from_raw(super::uint(word)))
    }

    /// A `uint256` that is a wad. Reverts as the core's [`Wad::from_unsigned`].
    #[inline(never)]
    pub fn unsigned_wad(word: &Word) -> Result<Wad, Revert> {
        let value = wad(word);
        if value < Wad::ZERO {
            return Err(hedgerow_core::Error::Overflow.into());
        }
        Ok(value)
    }

    /// A `uint160` that is a sqrt price. Reverts as the core's [`SqrtPriceX96::new`].
    #[inline(never)]
    pub fn sqrt_price(word: &Word) -> Result<SqrtPriceX96, Revert> {
        Ok(SqrtPriceX96::new(uint160(word)?)?)
    }

    /// An `int24` that is a tick. Reverts as the core's [`Tick::new`].
    #[inline(never)]
    pub fn tick(word: &Word) -> Result<Tick, Revert> {
        Ok(Tick::new(int24(word)?)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloy_primitives::{aliases::I24, aliases::I56};
    use alloy_sol_types::SolValue;

    #[test]
    fn words_are_those_of_solidity() {
        let big = U256::from_limbs([0x0123_4567_89ab_cdef, 0xfedc_ba98_7654_3210, 1, u64::MAX]);
        let mark = Address::repeat_byte(0x5a);
        let negative = I256::MIN + I256::ONE;
        let ours = words![
            big,
            negative,
            u128::MAX - 7,
            9_u64,
            u32::MAX,
            -887_272_i32,
            60_i32,
            mark
        ];
        let tick = |value: i32| I24::try_from(value).unwrap_or_default();
        let theirs = (
            big,
            negative,
            u128::MAX - 7,
            9_u64,
            u32::MAX,
            tick(-887_272),
            tick(60),
            mark,
        )
            .abi_encode();
        assert_eq!(ours.as_flattened(), theirs);

        assert_eq!(
            (uint(&ours[0]), uint128(&ours[2]), uint32(&ours[4])),
            (big, u128::MAX - 7, u32::MAX)
        );
        assert_eq!(
            (int24(&ours[5]), int24(&ours[6]), address(&ours[7])),
            (-887_272, 60, mark)
        );
        for value in [-1_i64, 1, -(1 << 55), (1 << 55) - 1] {
            let word = I56::try_from(value).unwrap_or_default().abi_encode();
            assert_eq!(word.first_chunk().map(int56), Some(value));
        }
    }

    #[test]
    fn calldata_is_the_selector_and_its_arguments() {
        let call = words![head([1, 2, 3, 4]), 5_u32];
        assert_eq!(call_data(&call)[..4], [1, 2, 3, 4]);
        assert_eq!(call_data(&call)[4..], 5_u32.word());
        assert_eq!(revert([1, 2, 3, 4], &[5_u32.word()]), call_data(&call));
    }

    #[test]
    fn arguments_with_bits_outside_their_type_are_refused() {
        let word = |high: usize| {
            let mut word = [0; 32];
            word[high] = 1;
            word
        };
        // The highest byte that still belongs to the type.
        type Fits = fn(&Word) -> bool;
        let types: [(usize, Fits); 6] = [
            (12, |word| {
                strict::address(word).is_ok() && strict::uint160(word).is_ok()
            }),
            (16, |word| strict::uint128(word).is_ok()),
            (24, |word| strict::uint64(word).is_ok()),
            (28, |word| strict::uint32(word).is_ok()),
            (29, |word| strict::uint24(word).is_ok()),
            (31, |word| strict::uint8(word).is_ok()),
        ];
        for (first, fits) in types {
            assert!(fits(&word(first)), "{first}");
            assert!(!fits(&word(first - 1)), "{first}");
        }
        // A negative tick is sign-extended all the way, a positive one not at all.
        assert_eq!(strict::int24(&(-5_i32).word()), Ok(-5));
        let mut half = (-5_i32).word();
        half[0] = 0;
        assert_eq!(strict::int24(&half), Err(Malformed));
        assert_eq!(strict::int24(&8_388_608_u32.word()), Err(Malformed));
        // A wad of 2^255 would be negative.
        assert!(strict::unsigned_wad(&word(1)).is_ok());
        assert!(strict::unsigned_wad(&I256::MIN.word()).is_err());
        assert_eq!(strict::wad(&I256::MINUS_ONE.word()).0, I256::MINUS_ONE);
    }
}
