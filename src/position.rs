//! A Uniswap v3 position, read from the chain at one block; its figures come from the core.

use crate::{
    bindings::{
        IERC20, ILens,
        INonfungiblePositionManager::{factoryCall, ownerOfCall, positionsCall},
        IUniswapV3Factory::getPoolCall,
        IUniswapV3Pool::{
            feeGrowthGlobal0X128Call, feeGrowthGlobal1X128Call, slot0Call, tickSpacingCall, ticksCall, ticksReturn,
        },
    },
    client::Client,
    decimal::{format_short, format_signed, format_units},
    error::{Error, Result},
    output::decimal_string,
    price,
};
use alloy::{
    eips::BlockId,
    primitives::{Address, I256, U256, aliases::I24},
};
use hedgerow_core::fees;
use serde::Serialize;

/// Digits behind the point of a wad.
const WAD_PLACES: u32 = 18;

/// A token as people speak of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Token {
    /// Its contract.
    pub address: Address,
    /// Its symbol; its address where the contract has none.
    pub symbol: String,
    /// Digits behind the point.
    pub decimals: u8,
}

impl Token {
    /// Asks the token; one without `symbol` or `decimals` gets its address and 0.
    pub async fn read(client: &Client, address: Address) -> Result<Self> {
        let symbol = match client.read(address, &IERC20::symbolCall {}).await {
            Err(error @ Error::Unreachable { .. }) => return Err(error),
            other => other.unwrap_or_else(|_| address.to_string()),
        };
        let decimals = client.read(address, &IERC20::decimalsCall {}).await.unwrap_or(0);
        Ok(Self {
            address,
            symbol,
            decimals,
        })
    }

    /// A raw amount in whole units, to the last digit.
    pub fn exact(&self, raw: U256) -> String {
        format!("{} {}", format_units(raw, u32::from(self.decimals)), self.symbol)
    }

    /// A raw amount in whole units, cut after `shown` places.
    pub fn short(&self, raw: U256, shown: usize) -> String {
        format!("{} {}", format_short(raw, u32::from(self.decimals), shown), self.symbol)
    }

    /// A wad of raw units in whole units, cut after `shown` places.
    pub fn short_wad(&self, wad: U256, shown: usize) -> String {
        format!(
            "{} {}",
            format_short(wad, WAD_PLACES + u32::from(self.decimals), shown),
            self.symbol
        )
    }

    /// The same for a signed wad, to the last digit.
    pub fn exact_wad(&self, wad: I256) -> String {
        format!(
            "{} {}",
            format_signed(wad, WAD_PLACES + u32::from(self.decimals)),
            self.symbol
        )
    }
}

/// A position and the state of its pool that decides what it is worth.
#[derive(Clone, Debug)]
pub struct Position {
    /// The NFT's contract.
    pub manager: Address,
    /// The NFT.
    pub token_id: U256,
    /// Who owns it.
    pub owner: Address,
    /// Its pool.
    pub pool: Address,
    /// The pool's first token.
    pub token0: Token,
    /// The pool's second token.
    pub token1: Token,
    /// The pool's fee in millionths.
    pub fee: u32,
    /// Ticks of a range are multiples of this.
    pub tick_spacing: i32,
    /// Lower end of its range.
    pub tick_lower: i32,
    /// Upper end.
    pub tick_upper: i32,
    /// Its liquidity.
    pub liquidity: u128,
    /// The pool's price.
    pub sqrt_price: U256,
    /// The pool's tick.
    pub tick: i32,
    /// raw token0 and token1 it could collect.
    pub fees: [U256; 2],
}

impl Position {
    /// Reads position `token_id` of a position manager as of the latest block.
    pub async fn read(client: &Client, manager: Address, token_id: U256) -> Result<Self> {
        let (block, _) = client.latest().await?;
        require_position_manager(client, manager).await?;
        let stored = match client
            .read_at(block, manager, &positionsCall { tokenId: token_id })
            .await
        {
            Err(Error::Reverted { .. }) => return Err(Error::UnknownPosition { manager, token_id }),
            other => other?,
        };
        let owner = client
            .read_at(block, manager, &ownerOfCall { tokenId: token_id })
            .await?;
        let factory = client.read_at(block, manager, &factoryCall {}).await?;
        let pool_of = getPoolCall {
            token0: stored.token0,
            token1: stored.token1,
            fee: stored.fee,
        };
        let pool = client.read_at(block, factory, &pool_of).await?;
        let slot0 = client.read_at(block, pool, &slot0Call {}).await?;
        let tick_spacing = client.read_at(block, pool, &tickSpacingCall {}).await?;
        let growth = Growth::read(client, block, pool, stored.tickLower, stored.tickUpper).await?;
        let fees = growth.owed(&Stored {
            tick: slot0.tick.as_i32(),
            tick_lower: stored.tickLower.as_i32(),
            tick_upper: stored.tickUpper.as_i32(),
            liquidity: stored.liquidity,
            inside_last: [stored.feeGrowthInside0LastX128, stored.feeGrowthInside1LastX128],
            owed: [stored.tokensOwed0, stored.tokensOwed1],
        });
        Ok(Self {
            manager,
            token_id,
            owner,
            pool,
            token0: Token::read(client, stored.token0).await?,
            token1: Token::read(client, stored.token1).await?,
            fee: stored.fee.to(),
            tick_spacing: tick_spacing.as_i32(),
            tick_lower: stored.tickLower.as_i32(),
            tick_upper: stored.tickUpper.as_i32(),
            liquidity: stored.liquidity,
            sqrt_price: U256::from(slot0.sqrtPriceX96),
            tick: slot0.tick.as_i32(),
            fees,
        })
    }

    /// Raw token0 and token1 that withdrawing all liquidity would pay now, fees not counted.
    pub fn withdrawable(&self) -> Result<(U256, U256)> {
        let ends = hedgerow_core::tick::range_sqrt_prices(self.tick_lower, self.tick_upper);
        ends.and_then(|(lower, upper)| {
            hedgerow_core::liquidity::amounts_for_liquidity(self.sqrt_price, lower, upper, self.liquidity)
        })
        .map_err(|error| Error::Maths {
            what: "what the position pays out",
            reason: error.to_string(),
        })
    }

    /// The figures of the native core, against the price at entry.
    pub fn figures(&self, entry_sqrt_price: U256) -> Result<Figures> {
        let figures = hedgerow_core::position::figures(
            self.liquidity,
            entry_sqrt_price,
            self.sqrt_price,
            self.tick_lower,
            self.tick_upper,
        )
        .map_err(|error| Error::Maths {
            what: "the position's figures",
            reason: error.to_string(),
        })?;
        Ok(Figures {
            amount0: figures.amount0,
            amount1: figures.amount1,
            value: figures.value,
            hold: figures.hold,
            il: figures.il,
            delta: figures.delta,
            gamma: figures.gamma,
            dollar_gamma: figures.dollar_gamma,
            fees0: self.fees[0],
            fees1: self.fees[1],
        })
    }

    /// What it is, with prices as people write them.
    pub fn summary(&self) -> Result<Summary> {
        let (decimals0, decimals1) = (self.token0.decimals, self.token1.decimals);
        Ok(Summary {
            token_id: self.token_id,
            owner: self.owner,
            pool: self.pool,
            token0: self.token0.clone(),
            token1: self.token1.clone(),
            fee: self.fee,
            tick_lower: self.tick_lower,
            tick_upper: self.tick_upper,
            price_lower: price::price_at_tick(self.tick_lower, decimals0, decimals1)?,
            price_upper: price::price_at_tick(self.tick_upper, decimals0, decimals1)?,
            liquidity: self.liquidity,
            sqrt_price: self.sqrt_price,
            tick: self.tick,
            price: price::price_from(self.sqrt_price, decimals0, decimals1)?,
            in_range: (self.tick_lower..self.tick_upper).contains(&self.tick),
        })
    }
}

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
    /// The NFT.
    #[serde(with = "decimal_string")]
    pub token_id: U256,
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

/// What a position manager has written down, as far as fees depend on it.
struct Stored {
    tick: i32,
    tick_lower: i32,
    tick_upper: i32,
    liquidity: u128,
    inside_last: [U256; 2],
    owed: [u128; 2],
}

/// A pool's fee growth, in all and outside the ends of a range.
struct Growth {
    global: [U256; 2],
    lower: ticksReturn,
    upper: ticksReturn,
}

impl Growth {
    async fn read(client: &Client, block: BlockId, pool: Address, lower: I24, upper: I24) -> Result<Self> {
        let global0 = client.read_at(block, pool, &feeGrowthGlobal0X128Call {}).await?;
        let global1 = client.read_at(block, pool, &feeGrowthGlobal1X128Call {}).await?;
        Ok(Self {
            global: [global0, global1],
            lower: client.read_at(block, pool, &ticksCall { tick: lower }).await?,
            upper: client.read_at(block, pool, &ticksCall { tick: upper }).await?,
        })
    }

    /// What could be collected now: what the manager has written down, and the growth since.
    fn owed(&self, stored: &Stored) -> [U256; 2] {
        let outside = [
            (self.lower.feeGrowthOutside0X128, self.upper.feeGrowthOutside0X128),
            (self.lower.feeGrowthOutside1X128, self.upper.feeGrowthOutside1X128),
        ];
        [0, 1].map(|token: usize| {
            let (lower, upper) = outside[token];
            let Stored {
                tick,
                tick_lower,
                tick_upper,
                ..
            } = *stored;
            let inside = fees::growth_inside(tick, tick_lower, tick_upper, self.global[token], lower, upper);
            let earned = fees::earned(inside, stored.inside_last[token], stored.liquidity);
            U256::from(stored.owed[token]) + U256::from(earned)
        })
    }
}

async fn require_position_manager(client: &Client, manager: Address) -> Result<()> {
    if client.code(manager).await?.is_empty() {
        return Err(Error::NotDeployed {
            what: "position manager",
            address: manager,
            chain_id: client.chain_id(),
            remedy: "correct --position-manager or --rpc-url".into(),
        });
    }
    Ok(())
}
