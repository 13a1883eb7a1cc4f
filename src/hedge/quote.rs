//! What a hedge would be now: the core's plan and outlook, from what was read, beside what the account itself answers.

use super::{Venue, observe::Hedge, predict::asking, terms};
use crate::{
    bindings::IHedges::{HedgeLimits, HedgeQuote, quoteHedgeCall},
    client::Client,
    error::{Error, Result},
    policy::{observe::Scene, predict::Accumulators},
};
use alloy::primitives::{Address, I256, U256};
use hedgerow_core::{
    full_math::mul_div,
    hedging::{self, Outlook, Plan, Record, Target, Terms},
    policy::{Guards, Oracle, Reason, Snapshot, TooShort, mean_price},
};

/// What is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Order {
    /// Where it is to live.
    pub venue: Venue,
    /// How much is to be owed.
    pub target: Target,
    /// What it may be.
    pub terms: Terms,
    /// Seconds of the mean price; zero for spot.
    pub twap_window: u32,
    /// Ticks that spot may lie from it.
    pub max_tick_deviation: u32,
}

/// What it would be.
#[derive(Clone, Debug)]
pub struct Quote {
    /// The hedge and its venue before.
    pub hedge: Hedge,
    /// The mean price, or spot.
    pub sqrt_price: U256,
    /// Where impermanent loss is counted from.
    pub entry_sqrt_price: U256,
    /// The position's delta: raw volatile token.
    pub exposure: u128,
    /// The health factor before, in thousandths.
    pub health: u32,
    /// Raw token1 that the position is worth.
    pub value: U256,
    /// What would be done.
    pub plan: Plan,
    /// What the gate weighs; or why it cannot.
    pub outlook: core::result::Result<Outlook, Reason>,
}

impl Quote {
    /// Computes it by the core.
    pub async fn make(client: &Client, scene: &Scene, order: &Order) -> Result<Self> {
        let hedge = Hedge::read(client, scene, &order.venue).await?;
        Self::of(client, scene, order, hedge).await
    }

    /// The same for a hedge that was read.
    pub async fn of(client: &Client, scene: &Scene, order: &Order, hedge: Hedge) -> Result<Self> {
        let snapshot = scene.snapshot_under(client, &NO_GUARDS, false).await?;
        let mean = |oracle: &mut Accumulators| mean(order.twap_window, &snapshot, oracle);
        let found = Accumulators::settle(client, scene, mean).await?;
        let sqrt_price = found.map_err(|TooShort| too_short(scene, order.twap_window))?;
        let record = hedge.record();
        let entry_sqrt_price = entry(&record, &order.terms, sqrt_price);
        let (liquidity, range, volatile) = (snapshot.liquidity, snapshot.range, order.venue.volatile);
        let wanted = hedging::wanted(&order.target, entry_sqrt_price, liquidity, range, sqrt_price, volatile);
        let plan = hedging::plan(wanted, &order.terms, &hedge.market, &hedge.pool, sqrt_price, &record);
        let value = value(scene, sqrt_price)?;
        let after = plan.market_after(&hedge.market);
        let outlook = |oracle: &mut Accumulators| {
            let terms = &order.terms;
            hedging::outlook(
                terms,
                &after,
                &hedge.pool,
                &snapshot,
                sqrt_price,
                value,
                plan.trade,
                oracle,
            )
        };
        Ok(Self {
            sqrt_price,
            entry_sqrt_price,
            exposure: hedging::exposure(liquidity, range, sqrt_price, volatile),
            health: hedging::health(&hedge.market, hedge.market.debt, hedge.market.collateral),
            value,
            plan,
            outlook: Accumulators::settle(client, scene, outlook).await?,
            hedge,
        })
    }

    /// Refuses a chain that says otherwise of what would be done, to the last digit.
    pub fn require(&self, answer: &HedgeQuote) -> Result<()> {
        let market = &self.hedge.market;
        let predicted = [
            ("debt", U256::from(market.debt), answer.debt),
            ("collateral", U256::from(market.collateral), answer.collateral),
            ("target", U256::from(self.plan.target), answer.target),
            ("trade", signed(self.plan.trade).into_raw(), answer.trade.into_raw()),
            ("payIn", signed(self.plan.pay_in).into_raw(), answer.payIn.into_raw()),
            ("borrowRate", market.borrow_rate, answer.borrowRate),
            ("supplyRate", market.supply_rate, answer.supplyRate),
        ];
        match predicted.into_iter().find(|(_, ours, theirs)| ours != theirs) {
            None => Ok(()),
            Some((name, ours, theirs)) => Err(Error::Mismatch {
                what: format!(
                    "{name}, as the chain quotes the hedge (this release and the deployed program may be of different versions)"
                ),
                expected: ours.to_string(),
                found: theirs.to_string(),
            }),
        }
    }
}

/// What the account itself quotes at the scene's block.
pub async fn ask(client: &Client, shell: Address, scene: &Scene, order: &Order) -> Result<HedgeQuote> {
    let call = quoteHedgeCall {
        place: terms::place(&scene.position)?,
        venue: order.venue.for_call(),
        target: terms::target(&order.target),
        terms: terms::hedge_terms(&order.terms),
        limits: order.limits(U256::MAX),
    };
    let request = asking(shell, scene, &call);
    client
        .simulate_as("asking the account what the hedge would be", request, &call)
        .await
}

impl Order {
    /// The price guard of the call.
    pub fn limits(&self, deadline: U256) -> HedgeLimits {
        terms::limits(self.twap_window, self.max_tick_deviation, deadline)
    }
}

/// Where impermanent loss is counted from: what the hedge remembers, else what the terms name, else the price now.
fn entry(record: &Record, terms: &Terms, sqrt_price: U256) -> U256 {
    [record.entry_sqrt_price, terms.entry_sqrt_price, sqrt_price]
        .into_iter()
        .find(|price| !price.is_zero())
        .unwrap_or_default()
}

/// Raw token1 that the position is worth at a price, fees owed included; rounded down.
pub fn value(scene: &Scene, sqrt_price: U256) -> Result<U256> {
    let position = &scene.position;
    let (lower, upper) = (position.tick_lower, position.tick_upper);
    let figures = hedgerow_core::position::figures(position.liquidity, sqrt_price, sqrt_price, lower, upper);
    let one = U256::from(1) << 96;
    let fees = mul_div(U256::from(scene.fees[0]), sqrt_price, one).and_then(|half| mul_div(half, sqrt_price, one));
    let failed = |error: hedgerow_core::Error| Error::Maths {
        what: "the position's value",
        reason: error.to_string(),
    };
    let liquidity = figures.map_err(failed)?.value / U256::from(hedgerow_core::WAD);
    Ok(liquidity
        .saturating_add(fees.map_err(failed)?)
        .saturating_add(U256::from(scene.fees[1])))
}

fn mean<O: Oracle>(window: u32, snapshot: &Snapshot, oracle: &mut O) -> core::result::Result<U256, TooShort> {
    if window == 0 {
        return Ok(snapshot.spot_sqrt_price);
    }
    let guards = Guards {
        twap_window: window,
        ..NO_GUARDS
    };
    mean_price(&guards, oracle).map(|(_, sqrt_price)| sqrt_price)
}

fn too_short(scene: &Scene, window: u32) -> Error {
    let remedy = format!(
        "the pool {} does not remember that many seconds: ask for fewer, or have increaseObservationCardinalityNext called on it and \
         wait",
        scene.pool.address
    );
    Error::invalid("--twap-window", window, remedy)
}

/// A signed 128-bit amount as the contracts take it.
pub fn signed(amount: i128) -> I256 {
    I256::try_from(amount).unwrap_or_default()
}

/// Guards that name no feed: what is read does not depend on anything else of them.
pub(crate) const NO_GUARDS: Guards = Guards {
    keeper: Address::ZERO,
    expiry: 0,
    twap_window: 0,
    max_deviation: 0,
    max_loss: 0,
    max_period_loss: 0,
    period: 0,
    cooldown: 0,
    max_per_day: 0,
    max_runs: 0,
    min_deployed: 0,
    min_value: 0,
    fee_token: 0,
    max_fee: 0,
    max_fee_share: 0,
    native_token: 0,
    sequencer_feed: Address::ZERO,
    sequencer_grace: 0,
    keep_entry: false,
    entry_sqrt_price: U256::ZERO,
    salt: [0; 32],
};
