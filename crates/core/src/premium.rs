//! What insurance of a position's impermanent loss is worth: the price today of `hold - value` at expiry.
//!
//! The price follows a geometric Brownian motion with the market's volatility and rate. With the discount `D = e^(-rT)`, the
//! forward `F = S / D` and `v^2 = sigma^2 T`, a weighted curve's premium is
//! `D loss(F) + D value(F) (1 - e^(-w (1 - w) v^2 / 2))`: what the forward itself loses, and what variance adds. On a constant
//! product w is a half; entered at the spot with r = 0, the premium is `1 - e^(-v^2 / 8)` of the value. A concentrated position's
//! value is expected from the lognormal's truncated moments of order 0, ½ and 1 (Lipton, Lucic and Sepp, 2025).

use crate::black_scholes::{Chain, Market, Spread, strike};
use crate::curve::{End, Shape, Stake};
use crate::{Real, Result, Rounding, Wad};

/// Binary digits of the magnitudes involved that a premium may be wrong in.
const ALLOWANCE: i32 = -104;

/// A premium, in token1 and as a fraction.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Premium {
    /// Token1; rounded up.
    pub value: Wad,
    /// Fraction of the position's value at its entry; rounded up. Nought for a position without liquidity.
    pub fraction: Wad,
}

/// The fair premium of the loss, at the market's expiry, of a stake entered at `entry`.
///
/// Never below the exact value, above it by at most a unit of 1e-18 and 2^-100 of the magnitudes involved, which are those of
/// `liquidity * sqrt(price)`. Domain: prices, volatility, time and rate as [`crate::black_scholes`]. Errors: as
/// [`crate::black_scholes::price_and_delta`].
pub fn fair(stake: &Stake, entry: Wad, market: &Market) -> Result<Premium> {
    let entry = strike(entry)?;
    let chain = Chain::new(market)?;
    let (premium, magnitude) = expected_loss(stake, entry, &chain);
    let raised = premium + magnitude.scaled(ALLOWANCE);
    let invested = stake.value(entry);
    let up = |x: Real| x.to_wad(Rounding::Up).map(|wad| wad.max(Wad::ZERO));
    Ok(Premium {
        value: up(raised)?,
        fraction: up((raised / invested).raised(100))?,
    })
}

/// The discounted expectation of `hold - value`, and how large the terms are that it was made of.
fn expected_loss(stake: &Stake, entry: Real, chain: &Chain) -> (Real, Real) {
    let forward = chain.spot / chain.discount;
    let certain = chain.discount * stake.loss(entry, forward);
    let Some(spread) = chain.spread else {
        return (certain, certain);
    };
    let variance = spread.total.square();
    let added = |exponent: Real| {
        let variance_cost = chain.discount * stake.value(forward) * -(-exponent).exp_m1();
        (certain + variance_cost, certain + variance_cost)
    };
    match &stake.shape {
        Shape::Product => added(variance.scaled(-3)),
        Shape::Weighted { weight0, weight1, .. } => added((*weight0 * *weight1 * variance).half()),
        Shape::Concentrated { lower, upper } => {
            let hold = chain.discount * stake.hold(entry, forward);
            // The square root's discounted mean: sqrt(S D) e^(-v^2 / 8).
            let root = (chain.spot * chain.discount).sqrt() * (-variance.scaled(-3)).exp();
            let (below, above) = (Edge::new(lower, chain, &spread), Edge::new(upper, chain, &spread));
            let inside = root.double() * (below.above_half - above.above_half);
            let value = stake.liquidity * (below.outer - above.outer + inside);
            let scale = root + chain.spot / lower.root + chain.discount * upper.root;
            (hold - value, hold + stake.liquidity * scale)
        }
    }
}

/// What one end of a range contributes to the expected value, per unit of liquidity.
struct Edge {
    /// `S cdf(-d1) / root - D root cdf(d2)`: the token0 below, less the token1 above.
    outer: Real,
    /// The probability of ending above, under the measure of the root: `cdf(d1 - v / 2)`.
    above_half: Real,
}

impl Edge {
    fn new(end: &End, chain: &Chain, spread: &Spread) -> Self {
        let middle = (Real::ln_ratio(chain.spot, end.price) + chain.growth) / spread.total;
        let half = spread.total.half();
        let token0 = chain.spot * (-middle - half).cdf() / end.root;
        let token1 = chain.discount * end.root * (middle - half).cdf();
        Self {
            outer: token0 - token1,
            above_half: middle.cdf(),
        }
    }
}
