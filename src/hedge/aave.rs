//! What Aave v3 says of a hedge and its two assets, read at one block.

use crate::{
    bindings::{
        IAaveAddressesProvider, IAaveOracle, IAavePool,
        IAavePool::{EModeCategory, ReserveData},
        IERC20, IPriceFeed,
    },
    client::Client,
    error::{Error, Result},
};
use alloy::{
    eips::BlockId,
    primitives::{Address, U256},
};
use hedgerow_core::hedging::Market;

/// Why an asset cannot be used, as `ReserveClosed.why` counts.
mod why {
    pub const OPEN: u8 = 0;
    pub const INACTIVE: u8 = 1;
    pub const FROZEN: u8 = 2;
    pub const PAUSED: u8 = 3;
    pub const NOT_LENT: u8 = 4;
    pub const NO_COLLATERAL: u8 = 5;
}

/// One ray.
const RAY: U256 = U256::from_limbs([11_515_845_246_265_065_472, 54_210_108, 0, 0]);

/// Aave's pool, and the two assets of a hedge there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Assets {
    /// Aave's pool.
    pub market: Address,
    /// What is borrowed, and what is lent.
    pub tokens: [Address; 2],
    /// The e-mode category that the margin account is in; 0 for none.
    pub e_mode: u8,
}

impl Assets {
    /// What Aave says of them, and of what `margin` lends and owes there; of nobody for the zero address.
    ///
    /// Errors: [`Error::NotDeployed`] where there is no Aave pool, [`Error::Invalid`] for an asset that it does not list.
    pub async fn market(&self, client: &Client, block: BlockId, now: u64, margin: Address) -> Result<Market> {
        let (volatile, collateral) = tokio::try_join!(
            Reserve::read(client, block, self.market, self.tokens[0]),
            Reserve::read(client, block, self.market, self.tokens[1]),
        )?;
        let category = self.category(client, block).await?;
        let (first, second) = tokio::try_join!(
            self.price(client, block, now, self.tokens[0]),
            self.price(client, block, now, self.tokens[1]),
        )?;
        let (debt, lent) = tokio::try_join!(
            owned(client, block, volatile.data.variableDebtTokenAddress, margin),
            owned(client, block, collateral.data.aTokenAddress, margin),
        )?;
        // A category that prices all its assets alike has none to hedge by.
        let prices = match &category {
            Some(category) if !category.priceSource.is_zero() => [U256::ZERO; 2],
            _ => [first.0, second.0],
        };
        Ok(Market {
            debt: narrow(debt),
            collateral: narrow(lent),
            prices,
            price_age: first.1.max(second.1),
            decimals: [volatile.decimals(), collateral.decimals()],
            threshold: self
                .threshold(client, block, margin, &collateral, category.as_ref())
                .await?,
            borrow_rate: U256::from(volatile.data.currentVariableBorrowRate),
            supply_rate: U256::from(collateral.data.currentLiquidityRate),
            borrowable: volatile.borrowable(),
            suppliable: collateral.suppliable(),
            withdrawable: narrow(collateral.liquidity),
            closed: [volatile.closed_to_borrowing(), collateral.closed_to_lending()],
            stuck: [volatile.stuck(), collateral.stuck()],
        })
    }

    async fn category(&self, client: &Client, block: BlockId) -> Result<Option<EModeCategory>> {
        if self.e_mode == 0 {
            return Ok(None);
        }
        let call = IAavePool::getEModeCategoryDataCall { id: self.e_mode };
        client.read_at(block, self.market, &call).await.map(Some)
    }

    /// What counts of the collateral. An account that holds some tells what counts for it; else its category does, or the asset.
    async fn threshold(
        &self,
        client: &Client,
        block: BlockId,
        margin: Address,
        collateral: &Reserve,
        category: Option<&EModeCategory>,
    ) -> Result<u32> {
        let Some(category) = category else {
            return Ok(collateral.threshold());
        };
        let call = IAavePool::getUserAccountDataCall { user: margin };
        let told = or_none(client.read_at(block, self.market, &call).await)?;
        let told = told.map(|data| data.currentLiquidationThreshold).unwrap_or_default();
        Ok(match told {
            told if !told.is_zero() => told.saturating_to(),
            _ if collateral.category() == self.e_mode => category.liquidationThreshold.into(),
            _ => collateral.threshold(),
        })
    }

    /// An asset's price in the venue's base currency, and for how many seconds its feed has been silent. A price that Aave cannot tell is
    /// zero; a feed that does not say when it answered has been silent for ever.
    async fn price(&self, client: &Client, block: BlockId, now: u64, asset: Address) -> Result<(U256, u64)> {
        let provider = client
            .read_at(block, self.market, &IAavePool::ADDRESSES_PROVIDERCall {})
            .await?;
        let oracle = client
            .read_at(block, provider, &IAaveAddressesProvider::getPriceOracleCall {})
            .await?;
        let price = or_none(
            client
                .read_at(block, oracle, &IAaveOracle::getAssetPriceCall { asset })
                .await,
        )?;
        let source = IAaveOracle::getSourceOfAssetCall { asset };
        let source = or_none(client.read_at(block, oracle, &source).await)?;
        let round = match source {
            Some(feed) if !feed.is_zero() => {
                or_none(client.read_at(block, feed, &IPriceFeed::latestRoundDataCall {}).await)?
            }
            _ => None,
        };
        let updated = round
            .and_then(|round| u64::try_from(round.updatedAt).ok())
            .filter(|at| *at != 0);
        let age = updated.map_or(u64::MAX, |updated| now.saturating_sub(updated));
        Ok((price.unwrap_or_default(), age))
    }
}

/// One asset at Aave.
struct Reserve {
    data: ReserveData,
    /// Raw units that lie there, neither lent out nor borrowed.
    liquidity: U256,
    /// Raw units lent out at a variable rate.
    debt: U256,
    /// Raw units owed to those who lend.
    lent: U256,
}

impl Reserve {
    async fn read(client: &Client, block: BlockId, market: Address, token: Address) -> Result<Self> {
        let data = client
            .read_at(block, market, &IAavePool::getReserveDataCall { asset: token })
            .await
            .map_err(|error| match error {
                Error::Reverted { .. } | Error::NotDeployed { .. } => Error::NotDeployed {
                    what: "Aave v3 pool",
                    address: market,
                    chain_id: client.chain_id(),
                    remedy: "correct --market or --rpc-url".into(),
                },
                other => other,
            })?;
        if data.aTokenAddress.is_zero() {
            let remedy = format!("Aave's pool {market} does not list it: it can be neither lent nor borrowed there");
            return Err(Error::invalid("the token", token, remedy));
        }
        let (liquidity, debt, lent) = tokio::try_join!(
            owned(client, block, token, data.aTokenAddress),
            total(client, block, data.variableDebtTokenAddress),
            total(client, block, data.aTokenAddress),
        )?;
        Ok(Self {
            liquidity,
            debt,
            lent,
            data,
        })
    }

    fn bits(&self, from: usize, count: usize) -> u64 {
        let word = self.data.configuration.data >> from;
        (word & ((U256::from(1) << count) - U256::from(1))).saturating_to()
    }

    fn threshold(&self) -> u32 {
        u32::try_from(self.bits(16, 16)).unwrap_or_default()
    }

    fn decimals(&self) -> u8 {
        u8::try_from(self.bits(48, 8)).unwrap_or_default()
    }

    fn category(&self) -> u8 {
        u8::try_from(self.bits(168, 8)).unwrap_or_default()
    }

    fn is(&self, bit: usize) -> bool {
        self.bits(bit, 1) == 1
    }

    /// Why nothing of it can even be repaid or withdrawn.
    fn stuck(&self) -> u8 {
        match (self.is(56), self.is(60)) {
            (false, _) => why::INACTIVE,
            (_, true) => why::PAUSED,
            _ => why::OPEN,
        }
    }

    fn closed(&self) -> u8 {
        match self.stuck() {
            why::OPEN if self.is(57) => why::FROZEN,
            stuck => stuck,
        }
    }

    fn closed_to_borrowing(&self) -> u8 {
        match self.closed() {
            why::OPEN if !self.is(58) => why::NOT_LENT,
            other => other,
        }
    }

    /// Collateral in isolation, which has a debt ceiling, would let others decide what can be borrowed against it.
    fn closed_to_lending(&self) -> u8 {
        match self.closed() {
            why::OPEN if self.bits(0, 16) == 0 || self.bits(212, 40) != 0 => why::NO_COLLATERAL,
            other => other,
        }
    }

    /// A cap of whole tokens less what is used of it; all there can be where there is no cap.
    fn left(&self, cap: u64, used: U256) -> U256 {
        if cap == 0 {
            return U256::MAX;
        }
        let unit = U256::from(10).pow(U256::from(self.decimals()));
        (U256::from(cap) * unit).saturating_sub(used)
    }

    fn borrowable(&self) -> u128 {
        narrow(self.left(self.bits(80, 36), self.debt).min(self.liquidity))
    }

    fn suppliable(&self) -> u128 {
        let treasury = U256::from(self.data.accruedToTreasury).saturating_mul(U256::from(self.data.liquidityIndex));
        let used = self.lent.saturating_add(treasury / RAY);
        narrow(self.left(self.bits(116, 36), used))
    }
}

/// An answer, or nothing where the contract gave none; a lost node stays an error.
fn or_none<T>(answer: Result<T>) -> Result<Option<T>> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(error @ (Error::Unreachable { .. } | Error::Node { .. })) => Err(error),
        Err(_) => Ok(None),
    }
}

async fn owned(client: &Client, block: BlockId, token: Address, owner: Address) -> Result<U256> {
    // Nobody's hedge.
    if owner.is_zero() {
        return Ok(U256::ZERO);
    }
    client.read_at(block, token, &IERC20::balanceOfCall { owner }).await
}

async fn total(client: &Client, block: BlockId, token: Address) -> Result<U256> {
    client.read_at(block, token, &IERC20::totalSupplyCall {}).await
}

fn narrow(amount: U256) -> u128 {
    amount.saturating_to()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ray_has_27_decimals() {
        assert_eq!(RAY, U256::from(10).pow(U256::from(27)));
    }
}
