//! Solidity's ABI for static values: 32-byte words in, words out, and reverts.

use alloc::vec::Vec;
use alloy_primitives::{Address, I256, U256};

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
    let mut data = Vec::with_capacity(4 + 32 * arguments.len());
    data.extend_from_slice(&selector);
    data.extend_from_slice(arguments.as_flattened());
    data
}

/// What has an ABI word. Out of line, like the readers below: a program encodes dozens of words, and pays for its length
/// at every entry.
pub trait Encode {
    /// The value as its word.
    fn word(&self) -> Word;
}

impl<T: Encode> Encode for &T {
    fn word(&self) -> Word {
        (*self).word()
    }
}

impl Encode for Word {
    fn word(&self) -> Word {
        *self
    }
}

impl Encode for U256 {
    #[inline(never)]
    fn word(&self) -> Word {
        let mut word = [0; 32];
        // Limb by limb: half the instructions of reversing thirty-two bytes.
        for (bytes, limb) in word.as_chunks_mut::<8>().0.iter_mut().rev().zip(self.as_limbs()) {
            *bytes = limb.to_be_bytes();
        }
        word
    }
}

impl Encode for I256 {
    fn word(&self) -> Word {
        self.into_raw().word()
    }
}

impl Encode for u128 {
    #[inline(never)]
    fn word(&self) -> Word {
        let mut word = [0; 32];
        word[16..].copy_from_slice(&self.to_be_bytes());
        word
    }
}

impl Encode for u64 {
    #[inline(never)]
    fn word(&self) -> Word {
        let mut word = [0; 32];
        word[24..].copy_from_slice(&self.to_be_bytes());
        word
    }
}

impl Encode for u32 {
    fn word(&self) -> Word {
        u64::from(*self).word()
    }
}

impl Encode for i32 {
    #[inline(never)]
    fn word(&self) -> Word {
        let mut word = if *self < 0 { [0xff; 32] } else { [0; 32] };
        word[28..].copy_from_slice(&self.to_be_bytes());
        word
    }
}

impl Encode for Address {
    #[inline(never)]
    fn word(&self) -> Word {
        let mut word = [0; 32];
        word[12..].copy_from_slice(self.as_slice());
        word
    }
}

/// The words of several values, as an array.
#[macro_export]
macro_rules! words {
    ($($value:expr),+ $(,)?) => {
        [$($crate::abi::Encode::word(&$value)),+]
    };
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

/// The arguments of a call, read as strictly as Solidity reads them: a value with bits outside its type is refused.
#[derive(Clone, Copy)]
pub struct Arguments<'a>(&'a [Word]);

impl<'a> Arguments<'a> {
    /// The arguments after the selector; bytes beyond the last whole word are ignored, as Solidity ignores them.
    pub fn new(data: &'a [u8]) -> Self {
        Self(data.as_chunks::<32>().0)
    }

    /// Argument `index` as any `uint256`; nothing when the calldata ends before it.
    pub fn uint(&self, index: usize) -> Option<U256> {
        self.0.get(index).map(uint)
    }

    /// Argument `index` as an unsigned integer (or address) of `bits` bits, `bits` a multiple of eight.
    #[inline(never)]
    fn bounded(&self, index: usize, bits: usize) -> Option<&'a Word> {
        let word = self.0.get(index)?;
        word[..32 - bits / 8].iter().all(|byte| *byte == 0).then_some(word)
    }

    /// Argument `index` as an `address`.
    pub fn address(&self, index: usize) -> Option<Address> {
        self.bounded(index, 160).map(address)
    }

    /// Argument `index` as a `uint160`.
    pub fn uint160(&self, index: usize) -> Option<U256> {
        self.bounded(index, 160).map(uint)
    }

    /// Argument `index` as a `uint128`.
    pub fn uint128(&self, index: usize) -> Option<u128> {
        self.bounded(index, 128).map(uint128)
    }

    /// Argument `index` as a `uint32`.
    pub fn uint32(&self, index: usize) -> Option<u32> {
        self.bounded(index, 32).map(uint32)
    }

    /// Argument `index` as a `uint24`.
    pub fn uint24(&self, index: usize) -> Option<u32> {
        self.bounded(index, 24).map(uint32)
    }

    /// Argument `index` as an `int24`.
    pub fn int24(&self, index: usize) -> Option<i32> {
        let word = self.0.get(index)?;
        let value = int24(word);
        (value.word() == *word).then_some(value)
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
        // The lowest byte that no longer belongs to the type, and the highest that does.
        type Fits = fn(&Arguments<'_>) -> bool;
        let types: [(usize, Fits); 4] = [
            (12, |given| given.address(0).is_some() && given.uint160(0).is_some()),
            (16, |given| given.uint128(0).is_some()),
            (28, |given| given.uint32(0).is_some()),
            (29, |given| given.uint24(0).is_some()),
        ];
        for (first, fits) in types {
            assert!(fits(&Arguments::new(&word(first))), "{first}");
            assert!(!fits(&Arguments::new(&word(first - 1))), "{first}");
        }
        // A negative tick is sign-extended all the way, a positive one not at all.
        assert_eq!(Arguments::new(&(-5_i32).word()).int24(0), Some(-5));
        let mut half = (-5_i32).word();
        half[0] = 0;
        assert_eq!(Arguments::new(&half).int24(0), None);
        assert_eq!(Arguments::new(&8_388_608_u32.word()).int24(0), None);
        assert_eq!(Arguments::new(&[0; 31]).uint(0), None);
    }
}
