//! What a plan is made from.

use crate::error::{Error, Result};

/// A way to hedge.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Choice {
    /// Not at all.
    None,
    /// A share of the position's delta.
    Share(f64),
    /// The delta of its impermanent loss.
    Loss,
}

impl Choice {
    /// How people speak of it.
    pub fn name(self) -> String {
        match self {
            Self::None => "no hedge".into(),
            Self::Share(1.0) => "full delta".into(),
            Self::Share(share) => format!("{}% of the delta", trimmed(share * 100.0)),
            Self::Loss => "impermanent loss only".into(),
        }
    }
}

/// Figures of a position, its pool and a venue. Rates are yearly; shares and rates are fractions of one.
#[derive(Clone, Debug, PartialEq)]
pub struct Given {
    /// What the position is worth; or with `is_total`, what there is for position and hedge together.
    pub value: f64,
    /// Whether the value is to be parted between position and hedge.
    pub is_total: bool,
    /// The volatile token's price.
    pub price: f64,
    /// The range's prices; none for liquidity at every price.
    pub range: Option<(f64, f64)>,
    /// Volatility.
    pub volatility: f64,
    /// Fees expected, as a share of the position's value.
    pub fee_apr: f64,
    /// Years.
    pub horizon: f64,
    /// What borrowing the volatile token costs.
    pub borrow_rate: f64,
    /// What the collateral earns.
    pub supply_rate: f64,
    /// The share of the collateral's worth at which a debt is liquidated.
    pub threshold: f64,
    /// The health factor that collateral is paid in for.
    pub health: f64,
    /// The pool's fee.
    pub pool_fee: f64,
    /// Share of the whole delta by which a hedge may be off.
    pub band: f64,
    /// Share of it at which it ends then.
    pub inner: f64,
    /// Share of the value by which the gate's fees must exceed the costs.
    pub margin: f64,
    /// Between which prices the worst is looked for.
    pub between: (f64, f64),
    /// What of the expected result a standard deviation less is worth.
    pub risk_price: f64,
    /// How the hedge is looked after, and how the position is without one.
    pub management: Option<hedgerow_core::scorecard::Management>,
}

impl Given {
    /// Refuses figures of which no plan can be made, the first that is wrong.
    pub fn check(&self) -> Result<()> {
        let positive = [
            ("value", self.value),
            ("price", self.price),
            ("volatility", self.volatility),
            ("horizon", self.horizon),
            ("threshold", self.threshold),
            ("health", self.health),
            ("band", self.band),
        ];
        for (what, figure) in positive {
            holds(
                what,
                figure,
                figure.is_finite() && figure > 0.0,
                "give a number above zero",
            )?;
        }
        let natural = [
            ("fee-apr", self.fee_apr),
            ("borrow-rate", self.borrow_rate),
            ("supply-rate", self.supply_rate),
            ("risk-price", self.risk_price),
        ];
        for (what, figure) in natural {
            holds(
                what,
                figure,
                figure.is_finite() && figure >= 0.0,
                "it cannot be below zero",
            )?;
        }
        holds(
            "volatility",
            self.volatility,
            self.volatility <= 20.0,
            "give at most 2000%",
        )?;
        holds("horizon", self.horizon, self.horizon <= 10.0, "give at most ten years")?;
        holds("threshold", self.threshold, self.threshold <= 1.0, "give at most 100%")?;
        let remedy = "a health factor of 1 is liquidated: give more";
        holds("health", self.health, self.health > 1.0, remedy)?;
        holds(
            "pool-fee",
            self.pool_fee,
            (0.0..1.0).contains(&self.pool_fee),
            "a pool's fee is below 100%",
        )?;
        holds("band", self.band, self.band <= 1.0, "give at most 100%")?;
        let remedy = "a hedge that was off by more than the band ends inside it: give less than the band";
        holds("inner", self.inner, (0.0..self.band).contains(&self.inner), remedy)?;
        if let Some((lower, upper)) = self.range {
            let remedy = "the range's lower price lies above zero and below its upper one";
            holds(
                "range-lower",
                lower,
                0.0 < lower && lower < upper && upper.is_finite(),
                remedy,
            )?;
        }
        let (low, high) = self.between;
        let remedy = "it lies above zero and not above the price";
        holds("price-low", low, 0.0 < low && low <= self.price, remedy)?;
        let remedy = "it does not lie below the price";
        holds("price-high", high, high.is_finite() && high >= self.price, remedy)
    }

    /// Collateral over debt, by value, at the health.
    pub fn cover(&self) -> f64 {
        self.health / self.threshold
    }
}

fn holds(what: &'static str, figure: f64, holds: bool, remedy: &str) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::invalid(what, trimmed(figure), remedy))
    }
}

/// A figure to read: six significant digits.
pub fn trimmed(figure: f64) -> String {
    if figure == 0.0 || !figure.is_finite() {
        return figure.to_string();
    }
    let magnitude = figure.abs().log10().floor() as i32;
    let places = usize::try_from((5 - magnitude).clamp(0, 17)).unwrap_or_default();
    let text = format!("{figure:.places$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}
