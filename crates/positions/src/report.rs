//! What an action tells: its event and its results, in one shape for all.

use alloc::vec::Vec;
use alloy_primitives::{Address, I256, U256};
use hedgerow_core::full_math::mul_div;
use hedgerow_core::il;
use hedgerow_core::liquidity::amounts_for_liquidity;
use hedgerow_program::{
    abi::{Word, encode},
    host::Host,
    words,
};

/// The fields of the interface's events. Values are raw token1 at the price before the action: of the position and its fees
/// (or of what was named to open one) before; of what is in the position and what the account was left afterwards.
pub struct Report {
    /// The old position's source; the new one's where there was none.
    pub source: Address,
    /// The old position; the new one where there was none.
    pub id: U256,
    /// The position that is left; zero for none.
    pub left: U256,
    /// Its ends, or those that the position had.
    pub range: (i32, i32),
    /// Liquidity: of the position that is left, or what was added to it.
    pub liquidity: u128,
    /// Token0 and token1 that went into the position, or that the account was paid.
    pub amounts: [U256; 2],
    /// Fees that the old position paid.
    pub fees: [U256; 2],
    /// Value before and after.
    pub values: [U256; 2],
    /// Impermanent loss of the old position, a wad; zero when no entry price was given.
    pub il: I256,
}

impl Report {
    /// Emits the event of this signature and returns the action's results.
    #[inline(never)]
    pub fn tell<H: Host>(&self, host: &H, signature: &Word) -> Vec<u8> {
        host.log(
            4,
            &words![
                signature,
                self.source,
                self.id,
                self.left,
                self.range.0,
                self.range.1,
                self.liquidity,
                self.amounts[0],
                self.amounts[1],
                self.fees[0],
                self.fees[1],
                self.values[0],
                self.values[1],
                self.il,
            ],
        );
        encode(&words![self.left, self.liquidity, self.amounts[0], self.amounts[1]])
    }
}

/// What two amounts are worth at a sqrt price (Q64.96): raw token1, rounded down twice, `U256::MAX` where it does not fit.
#[inline(never)]
pub fn worth(sqrt_price: U256, [amount0, amount1]: &[U256; 2]) -> U256 {
    let unit = U256::from(1) << 96;
    let once = mul_div(*amount0, sqrt_price, unit);
    let value0 = once.and_then(|once| mul_div(once, sqrt_price, unit));
    value0.map_or(U256::MAX, |value0| value0.saturating_add(*amount1))
}

/// The impermanent loss of a range entered at one sqrt price, at another: a wad, never above zero, rounded down. Zero without an
/// entry price.
pub fn loss(entry_sqrt_price: U256, sqrt_price: U256, (lower, upper): (U256, U256)) -> I256 {
    if entry_sqrt_price.is_zero() {
        return I256::ZERO;
    }
    il::concentrated_compactly(entry_sqrt_price, sqrt_price, lower, upper)
}

/// What liquidity in a range is worth at a sqrt price, in raw token1; rounded down.
pub fn principal(sqrt_price: U256, (lower, upper): (U256, U256), liquidity: u128) -> U256 {
    let amounts = amounts_for_liquidity(sqrt_price, lower, upper, liquidity);
    amounts.map_or(U256::MAX, |(amount0, amount1)| worth(sqrt_price, &[amount0, amount1]))
}
