//! What a hedge should have made, from the debt that Aave shows, the pool's price and the published rates alone, in floating point.

use crate::stage::Stage;

const YEAR: f64 = 31_536_000.0;

/// In dollars and ether.
#[derive(Debug)]
pub struct Ledger {
    price: f64,
    debt: f64,
    collateral: f64,
    rates: [f64; 2],
    delta: f64,
    at: u64,
    /// What the debt's fall in price made.
    pub short: f64,
    /// Interest paid less interest earned, each worth what it was when it fell due.
    interest: f64,
    /// Ether that was paid for ether, and dollars that were earned by dollars.
    paid: f64,
    earned: f64,
    /// The pool's fee and the price that our own trades moved.
    pub costs: f64,
    /// What keepers were paid.
    pub keepers: f64,
}

impl Ledger {
    /// From the moment after the hedge was opened; what opening cost is in it.
    pub async fn begin(stage: &Stage) -> Self {
        let mut ledger = Self {
            price: stage.price().await,
            debt: stage.debt().await,
            collateral: stage.collateral().await,
            rates: stage.rates().await,
            delta: stage.exposure().await,
            at: stage.world.now().await,
            short: 0.0,
            interest: 0.0,
            paid: 0.0,
            earned: 0.0,
            costs: 0.0,
            keepers: 0.0,
        };
        ledger.cost(ledger.debt, stage.price_before_opening(), ledger.price);
        ledger
    }

    /// The fee of a trade of so much ether, and what it lost by moving the price.
    fn cost(&mut self, traded: f64, before: f64, after: f64) {
        let fee = f64::from(crate::common::world::FEE) / 1e6;
        let average = (before * after).sqrt();
        // Selling, the fee is taken off the ether that goes in; buying, it is added to the dollars.
        self.costs += if traded > 0.0 {
            traded * average * fee + traded * (average - after)
        } else {
            -traded * average * fee / (1.0 - fee) + -traded * (after - average)
        };
        self.price = after;
    }

    /// The price moved and time passed. Returns what the position's delta made of the move, whichever way it went.
    pub async fn moved(&mut self, stage: &Stage) -> f64 {
        let (price, now) = (stage.price().await, stage.world.now().await);
        let years = (now - self.at) as f64 / YEAR;
        let (paid, earned) = (
            self.debt * self.rates[0] * years,
            self.collateral * self.rates[1] * years,
        );
        self.paid += paid;
        self.earned += earned;
        self.interest += paid * price - earned;
        self.short -= self.debt * (price - self.price);
        let moved = self.delta * (price - self.price).abs();
        (self.price, self.at) = (price, now);
        self.observe(stage).await;
        moved
    }

    /// The keeper sold (above zero) or bought back so much raw ether for a fee.
    pub async fn traded(&mut self, stage: &Stage, before: f64, traded: alloy::primitives::I256, fee: f64) {
        let size = f64::from(traded.unsigned_abs()) / 1e18;
        let traded = if traded.is_negative() { -size } else { size };
        self.cost(traded, before, stage.price().await);
        // A debt that is there loses with the price that our own trade moved, as by any other move.
        self.short -= (self.debt + traded.min(0.0)) * (self.price - before);
        self.keepers += fee;
        self.observe(stage).await;
    }

    /// All of it was bought back.
    pub async fn closed(&mut self, stage: &Stage, bought: f64, before: f64) {
        let after = stage.price().await;
        self.cost(-bought, before, after);
    }

    async fn observe(&mut self, stage: &Stage) {
        self.debt = stage.debt().await;
        self.collateral = stage.collateral().await;
        self.rates = stage.rates().await;
        self.delta = stage.exposure().await;
    }

    /// Interest paid less interest earned at today's price.
    pub fn carry(&self) -> f64 {
        self.paid * self.price - self.earned
    }

    /// What the hedge made, every cost taken off but keepers' fees, which it pays out as it pays out collateral.
    pub fn hedge(&self) -> f64 {
        self.short - self.interest - self.costs
    }
}
