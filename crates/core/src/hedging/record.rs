//! What an account remembers of a hedge: three words of storage.

use alloy_primitives::U256;

/// What is remembered of a hedge between two changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Record {
    /// Where impermanent loss is counted from; a uint160. Zero: no hedge was opened yet.
    pub entry_sqrt_price: U256,
    /// When it was opened; a uint40.
    pub opened_at: u64,
    /// When it was last changed; a uint40.
    pub adjusted_at: u64,
    /// Raw collateral that the account paid in, less what came back.
    pub paid_in: i128,
    /// Raw token1: fees of the position that were collected since, each at the mean price of its day.
    pub fees_earned: u128,
    /// Raw volatile token that was borrowed, less what was repaid.
    pub borrowed: i128,
    /// Raw collateral that was lent, less what was withdrawn.
    pub deposited: i128,
}

/// From where, in bits, the times lie in the first word.
const OPENED_AT: usize = 160;
const ADJUSTED_AT: usize = 200;
/// The greatest uint40.
const TIME: u64 = (1 << 40) - 1;

impl Record {
    /// The three words. An entry or a time that does not fit its bits is stored as the greatest that does.
    pub fn pack(&self) -> [U256; 3] {
        let entry = self.entry_sqrt_price.min((U256::from(1) << OPENED_AT) - U256::from(1));
        let time = |time: u64, at: usize| U256::from(time.min(TIME)) << at;
        [
            entry | time(self.opened_at, OPENED_AT) | time(self.adjusted_at, ADJUSTED_AT),
            joined(self.paid_in as u128, self.fees_earned),
            joined(self.borrowed as u128, self.deposited as u128),
        ]
    }

    /// The record of three words; bits that no field has are ignored.
    pub fn unpack(words: &[U256; 3]) -> Self {
        let [first, second, third] = words;
        let time = |at: usize| (*first >> at).as_limbs()[0] & TIME;
        let ((paid_in, fees_earned), (borrowed, deposited)) = (halves(second), halves(third));
        Self {
            entry_sqrt_price: (*first << 96_usize) >> 96_usize,
            opened_at: time(OPENED_AT),
            adjusted_at: time(ADJUSTED_AT),
            paid_in: paid_in as i128,
            fees_earned,
            borrowed: borrowed as i128,
            deposited: deposited as i128,
        }
    }
}

fn joined(low: u128, high: u128) -> U256 {
    let limb = |value: u128, at: u32| (value >> at) as u64;
    U256::from_limbs([limb(low, 0), limb(low, 64), limb(high, 0), limb(high, 64)])
}

fn halves(word: &U256) -> (u128, u128) {
    let [l0, l1, l2, l3] = word.as_limbs().map(u128::from);
    (l0 | l1 << 64, l2 | l3 << 64)
}
