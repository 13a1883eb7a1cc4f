//! What a position is and is worth, as it is shown and compared.

use super::{Place, Token};
use crate::{bindings::ILens, output::decimal_string};
use alloy::primitives::{Address, I256, U256};
use serde::Serialize;

/// What a position is worth; the same fields from the lens and from the native core, so that the two can be compared.
/// Units as in `ILens.Figures`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// raw token0 that the liquidity would pay out.
    #[serde(with = "decimal_string")]
    pub amount0: U256,
    /// raw token1.
    #[serde(with = "decimal_string")]
    pub amount1: U256,
    /// wad of raw token1.
    #[serde(with = "decimal_string")]
    pub value: U256,
    /// wad of raw token1: the entry amounts at today's price.
    #[serde(with = "decimal_string")]
    pub hold: U256,
    /// wad: value / hold - 1.
    #[serde(with = "decimal_string")]
    pub il: I256,
    /// wad of raw token0.
    #[serde(with = "decimal_string")]
    pub delta: U256,
    /// wad of raw token0 per unit of raw price.
    #[serde(with = "decimal_string")]
    pub gamma: I256,
    /// wad of raw token1: price squared times gamma.
    #[serde(with = "decimal_string")]
    pub dollar_gamma: I256,
    /// raw token0 owed in fees.
    #[serde(with = "decimal_string")]
    pub fees0: U256,
    /// raw token1 owed in fees.
    #[serde(with = "decimal_string")]
    pub fees1: U256,
}

impl Figures {
    /// What the lens answered.
    pub fn from_lens(answer: &ILens::Position) -> Self {
        let figures = &answer.figures;
        Self {
            amount0: figures.amount0,
            amount1: figures.amount1,
            value: figures.value,
            hold: figures.hold,
            il: figures.il,
            delta: figures.delta,
            gamma: figures.gamma,
            dollar_gamma: figures.dollarGamma,
            fees0: answer.fees0,
            fees1: answer.fees1,
        }
    }

    /// Each figure's name and value, in the order in which they are shown.
    pub fn named(&self) -> [(&'static str, String); 10] {
        [
            ("amount0", self.amount0.to_string()),
            ("amount1", self.amount1.to_string()),
            ("value", self.value.to_string()),
            ("hold", self.hold.to_string()),
            ("il", self.il.to_string()),
            ("fees0", self.fees0.to_string()),
            ("fees1", self.fees1.to_string()),
            ("delta", self.delta.to_string()),
            ("gamma", self.gamma.to_string()),
            ("dollarGamma", self.dollar_gamma.to_string()),
        ]
    }
}

/// What a position is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Summary {
    /// How it is named on the command line.
    pub place: Place,
    /// `nft` or `direct`.
    pub kind: &'static str,
    /// Where it is written down: the position manager, or the pool.
    pub source: Address,
    /// Under which number: the NFT, or the pool's own key.
    #[serde(with = "decimal_string")]
    pub id: U256,
    /// Its owner.
    pub owner: Address,
    /// Its pool.
    pub pool: Address,
    /// The pool's first token.
    pub token0: Token,
    /// The pool's second token.
    pub token1: Token,
    /// The pool's fee in millionths.
    pub fee: u32,
    /// Lower end of the range.
    pub tick_lower: i32,
    /// Upper end.
    pub tick_upper: i32,
    /// The price at the lower end.
    pub price_lower: String,
    /// The price at the upper end.
    pub price_upper: String,
    /// Its liquidity.
    #[serde(with = "decimal_string")]
    pub liquidity: u128,
    /// The pool's price.
    #[serde(with = "decimal_string", rename = "sqrtPriceX96")]
    pub sqrt_price: U256,
    /// The pool's tick.
    pub tick: i32,
    /// The pool's price as people write it.
    pub price: String,
    /// Whether it earns fees now.
    pub in_range: bool,
}
