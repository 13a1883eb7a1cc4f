//! A position of the owner that earned fees, a market to hedge it at, and what the account does there.

use alloy::{
    primitives::{Address, I256, U256, aliases::I24, aliases::U24, aliases::U160},
    rpc::types::TransactionReceipt,
    sol,
    sol_types::{SolCall, SolEvent},
};
use hedgerow::{
    bindings::{
        IERC20,
        IHedges::{
            HedgeAccounts, HedgeLimits, HedgeQuote, HedgeState, HedgeTarget, HedgeTerms, Hedged, Place, Venue,
            actAndHedgeCall, closeHedgeCall, hedgeAccountsCall, hedgeCall, hedgeOfCall, quoteHedgeCall,
        },
    },
    error::Result,
};
use hedgerow_core::tick::{range_sqrt_prices, sqrt_price_at_tick};

use crate::common::{
    World,
    aave::{Aave, lending},
    held::{Held, Kind},
};

sol! {
    interface IPoolState {
        function feeGrowthGlobal0X128() external view returns (uint256);
        function feeGrowthGlobal1X128() external view returns (uint256);
        function observe(uint32[] secondsAgos) external view returns (int56[] tickCumulatives, uint160[] others);
    }
    interface IScaled {
        function scaledBalanceOf(address user) external view returns (uint256);
    }
}

/// A target of this kind.
pub const DELTA: u8 = 1;
pub const IL_DELTA: u8 = 2;
pub const AMOUNT: u8 = 3;
/// Seconds of the time-weighted price of all calls here.
pub const WINDOW: u32 = 600;

pub struct Scene {
    pub world: World,
    pub aave: Aave,
    pub held: Held,
    /// Which of the pool's tokens is borrowed.
    pub volatile: usize,
    /// When the pool's fee growth was how much.
    since: u64,
    growth: [U256; 2],
}

impl Scene {
    /// A position of a hundred units of either token around the price, which earned for two hours.
    pub async fn new(kind: Kind, volatile: usize) -> Self {
        Self::on(lending().await, kind, volatile).await
    }

    /// The same in a world of other tokens.
    pub async fn on((world, aave): (World, Aave), kind: Kind, volatile: usize) -> Self {
        let tick = world.pair.tick() / 60 * 60;
        let hundred = world.pair.units().map(|unit| unit * U256::from(100));
        world
            .fund(&world.owner, world.pair.units().map(|unit| unit * U256::from(777)))
            .await;
        let held = world.hold(kind, (tick - 1_200, tick + 1_200), hundred).await;
        let (since, growth) = (world.now().await, growth(&world).await);
        world.pass(3_600).await;
        world.churn(5_000).await;
        world.pass(3_600).await;
        aave.follow(&world).await;
        Self {
            world,
            aave,
            held,
            volatile,
            since,
            growth,
        }
    }

    pub fn place(&self) -> Place {
        self.place_of(&self.held)
    }

    pub fn place_of(&self, held: &Held) -> Place {
        let it = self.world.place(held);
        Place {
            positionManager: it.positionManager,
            tokenId: it.tokenId,
            factory: it.factory,
            token0: it.token0,
            token1: it.token1,
            fee: it.fee,
            tickLower: it.tickLower,
            tickUpper: it.tickUpper,
        }
    }

    pub fn venue(&self) -> Venue {
        Venue {
            kind: 1,
            margins: self.world.margins,
            market: self.aave.pool,
            volatileToken: self.volatile as u8,
            eMode: 0,
        }
    }

    /// Terms that let ordinary things happen.
    pub fn terms(&self) -> HedgeTerms {
        HedgeTerms {
            minHealth: 1_200,
            health: 1_500,
            maxCollateral: u128::MAX,
            minTrade: 1,
            maxOracleDeviation: U24::from(20_000),
            maxOracleAge: 7_200,
            maxBorrowRate: U24::ZERO,
            horizon: 86_400,
            margin: I24::ZERO,
            volWindow: 3_600,
            overrideGate: false,
            feesSince: self.since,
            feeGrowth0: self.growth[0],
            feeGrowth1: self.growth[1],
            entrySqrtPriceX96: U160::ZERO,
        }
    }

    pub fn limits() -> HedgeLimits {
        HedgeLimits {
            twapWindow: WINDOW,
            maxTickDeviation: U24::from(300),
            release: 0,
            deadline: U256::MAX,
        }
    }

    /// The call of the owner's that takes the hedge to a target.
    pub fn order(&self, target: HedgeTarget) -> hedgeCall {
        hedgeCall {
            place: self.place(),
            venue: self.venue(),
            target,
            terms: self.terms(),
            limits: Self::limits(),
        }
    }

    /// The owner makes it.
    pub async fn send(&self, order: &hedgeCall) -> Result<Told> {
        let receipt = self.world.transact(&self.world.owner, order).await?;
        Ok(self.told(&receipt))
    }

    pub async fn hedge(&self, target: HedgeTarget) -> Result<Told> {
        self.send(&self.order(target)).await
    }

    /// What the order would be refused with; nothing changes.
    pub async fn refused<E: alloy::sol_types::SolError>(&self, order: &hedgeCall) -> E {
        crate::common::refusal(self.world.attempt(&self.world.owner, order).await)
    }

    pub fn closing(&self) -> closeHedgeCall {
        closeHedgeCall {
            place: self.place(),
            repay: U256::ZERO,
            limits: Self::limits(),
        }
    }

    pub async fn close(&self, call: &closeHedgeCall) -> Result<Told> {
        let receipt = self.world.transact(&self.world.owner, call).await?;
        Ok(self.told(&receipt))
    }

    /// The action and then the hedge at the position's delta.
    pub fn together(&self, action: alloy::primitives::Bytes) -> actAndHedgeCall {
        let order = self.order(all_delta());
        actAndHedgeCall {
            place: order.place,
            action,
            venue: order.venue,
            target: order.target,
            terms: order.terms,
            limits: order.limits,
        }
    }

    /// The only event of a hedge that the account emitted.
    pub fn told(&self, receipt: &TransactionReceipt) -> Told {
        let own = receipt
            .inner
            .logs()
            .iter()
            .filter(|log| log.address() == self.world.account());
        let events: Vec<Hedged> = own
            .filter_map(|log| Hedged::decode_log(&log.inner).ok().map(|event| event.data))
            .collect();
        assert_eq!(events.len(), 1, "{events:?}");
        Told {
            event: events[0].clone(),
            gas: receipt.gas_used,
        }
    }

    pub async fn quote(&self, target: HedgeTarget) -> HedgeQuote {
        let order = self.order(target);
        self.quote_of(&order).await
    }

    pub async fn quote_of(&self, order: &hedgeCall) -> HedgeQuote {
        let call = quoteHedgeCall {
            place: order.place.clone(),
            venue: order.venue.clone(),
            target: order.target.clone(),
            terms: order.terms.clone(),
            limits: order.limits.clone(),
        };
        self.world.read(self.world.account(), &call).await
    }

    pub async fn state(&self) -> HedgeState {
        self.state_of(self.place()).await
    }

    pub async fn state_of(&self, place: Place) -> HedgeState {
        self.world.read(self.world.account(), &hedgeOfCall { place }).await
    }

    pub async fn accounts(&self) -> HedgeAccounts {
        let call = hedgeAccountsCall {
            place: self.place(),
            twapWindow: WINDOW,
        };
        self.world.read(self.world.account(), &call).await
    }

    /// The wallet's volatile token and collateral.
    pub async fn purse(&self) -> [U256; 2] {
        let mut held = self.world.balances(self.world.account()).await;
        if self.volatile == 1 {
            held.reverse();
        }
        held
    }

    /// What the margin account owes and holds at the market, asked of the market's own tokens.
    pub async fn standing(&self, margin: Address) -> [U256; 2] {
        [
            self.aave.debt(&self.world, margin, self.volatile).await,
            self.aave.lent(&self.world, margin, 1 - self.volatile).await,
        ]
    }

    /// The sqrt price of the mean tick, from the pool's own accumulators.
    pub async fn mean(&self) -> U256 {
        let call = IPoolState::observeCall {
            secondsAgos: vec![WINDOW, 0],
        };
        let read = self.world.read(self.world.pool, &call).await.tickCumulatives;
        let moved = (read[1] - read[0]).as_i64();
        sqrt_price_at_tick(moved.div_euclid(WINDOW.into()) as i32).unwrap()
    }

    /// What of the volatile token the position holds at a sqrt price, by Uniswap's whitepaper (6.29, 6.30).
    pub async fn delta_at(&self, sqrt_price: U256) -> U256 {
        let liquidity = U256::from(self.world.liquidity_of(&self.held).await);
        let (lower, upper) = range_sqrt_prices(self.held.range.0, self.held.range.1).unwrap();
        let at = sqrt_price.clamp(lower, upper);
        if self.volatile == 0 {
            // L 2^96 (b - s) / (b s); the product needs no more than 256 bits here.
            (liquidity << 96) / at * (upper - at) / upper
        } else {
            (liquidity * (at - lower)) >> 96
        }
    }

    /// What an amount of the volatile token is worth in the collateral at a sqrt price, less than a millionth off.
    pub fn worth(&self, amount: U256, sqrt_price: U256) -> U256 {
        let root = sqrt_price >> 40;
        if self.volatile == 0 {
            (amount * root * root) >> 112
        } else {
            (amount << 112) / root / root
        }
    }

    /// Nothing is left anywhere that somebody could use or that was forgotten: no allowance of the wallet's or the margin account's, no
    /// token in the margin account.
    pub async fn assert_tidy(&self, margin: Address) {
        let spenders = [self.aave.pool, self.world.pool, margin, self.world.margins];
        for token in self.world.tokens {
            for spender in spenders {
                assert_eq!(self.world.allowance(token, spender).await, U256::ZERO);
                let call = IERC20::allowanceCall { owner: margin, spender };
                assert_eq!(self.world.read(token, &call).await, U256::ZERO);
            }
        }
        assert_eq!(self.world.balances(margin).await, [U256::ZERO; 2]);
        self.world.assert_no_allowance().await;
    }

    /// What somebody has lent and owes, before interest: the two numbers that only dealings of his own change.
    pub async fn own_dealings(&self, user: Address) -> Vec<U256> {
        let mut scaled = Vec::new();
        for token in self.aave.a_tokens.into_iter().chain(self.aave.debt_tokens) {
            scaled.push(self.world.read(token, &IScaled::scaledBalanceOfCall { user }).await);
        }
        scaled
    }

    /// The trader moves the price by about so many hundredths of a per cent by selling the volatile token, or buying it.
    pub async fn push(&self, sell_volatile: bool, units: u64) {
        let zero_for_one = sell_volatile == (self.volatile == 0);
        let amount = self.world.pair.units()[usize::from(!zero_for_one)] * U256::from(units);
        self.world.trade(zero_for_one, amount).await;
    }

    /// A unit of the volatile token, and one of the collateral.
    pub fn units(&self) -> [U256; 2] {
        let mut units = self.world.pair.units();
        if self.volatile == 1 {
            units.reverse();
        }
        units
    }
}

/// What an event said, and the gas of its transaction.
#[derive(Clone, Debug)]
pub struct Told {
    pub event: Hedged,
    pub gas: u64,
}

async fn growth(world: &World) -> [U256; 2] {
    [
        world.read(world.pool, &IPoolState::feeGrowthGlobal0X128Call {}).await,
        world.read(world.pool, &IPoolState::feeGrowthGlobal1X128Call {}).await,
    ]
}

/// All of the position's delta.
pub fn all_delta() -> HedgeTarget {
    share(DELTA, 1_000_000)
}

pub fn share(kind: u8, share: u32) -> HedgeTarget {
    HedgeTarget {
        kind,
        share: U24::from(share),
        amount: 0,
    }
}

/// So much raw volatile token.
pub fn amount(amount: U256) -> HedgeTarget {
    HedgeTarget {
        kind: AMOUNT,
        share: U24::ZERO,
        amount: amount.to(),
    }
}

pub fn signed(value: U256) -> I256 {
    I256::try_from(value).unwrap()
}

/// Whether two numbers are apart by at most so many millionths of the second.
pub fn near(found: U256, expected: U256, millionths: u64) -> bool {
    found.abs_diff(expected) <= expected * U256::from(millionths) / U256::from(1_000_000) + U256::from(2)
}

pub fn encoded<C: SolCall>(call: &C) -> alloy::primitives::Bytes {
    call.abi_encode().into()
}
