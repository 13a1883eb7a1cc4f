//! Positions in plain prices: what liquidity on a constant-product, weighted or concentrated curve holds, is worth and loses.
//!
//! Prices are token1 per token0 and amounts whole tokens, both as wads, or raw units throughout. Everything is computed as
//! [`Real`]s; a method's relative error is below 2^-108, as if no price were known better than to 2^-125 of itself, and
//! [`figures`] rounds once. Differences are formed before they cancel, so a loss keeps its digits next to the entry.
//!
//! Positions in a pool's own integers, to the last digit: [`crate::position`].

use crate::real::{Real, Rounding};
use crate::tick::range_sqrt_prices;
use crate::{Error, Result, Tick, Wad};
use alloy_primitives::U256;

/// A loss is raised by 2^-106 of itself before its rounding, more than it may be wrong by.
const ALLOWANCE: u32 = 106;

/// How a pool trades its two tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// `x * y = L^2`: Uniswap v2.
    ConstantProduct,
    /// `x^w * y^(1 - w) = L`: Balancer.
    Weighted {
        /// Token0's share `w`, strictly between 0 and 1.
        weight0: Wad,
    },
    /// As [`Curve::ConstantProduct`] between two prices, nothing beyond: Uniswap v3.
    Concentrated {
        /// The price below which everything is token0.
        lower: Wad,
        /// The price from which on everything is token1.
        upper: Wad,
    },
}

/// Liquidity on a curve.
#[derive(Clone, Copy, Debug)]
pub struct Stake {
    pub(crate) liquidity: Real,
    pub(crate) shape: Shape,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum Shape {
    Product,
    Weighted {
        weight0: Real,
        weight1: Real,
        /// `w^-w (1 - w)^-(1 - w)`: the value of a unit of liquidity at price one.
        unit: Real,
    },
    Concentrated {
        lower: End,
        upper: End,
    },
}

/// One end of a range.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End {
    pub(crate) price: Real,
    pub(crate) root: Real,
}

impl End {
    fn at(price: Real) -> Self {
        Self {
            price,
            root: price.sqrt(),
        }
    }

    fn at_root(root: Real) -> Self {
        Self {
            price: root.square(),
            root,
        }
    }
}

/// A price as a curve sees it.
#[derive(Clone, Copy, Debug)]
struct Spot {
    price: Real,
    /// The square root of the price clamped to the range.
    root: Real,
    /// How far the price lies above the range, or, negative, below it.
    beyond: Real,
}

/// What a [`Stake`] entered at some price deposited: the other side of every loss.
#[derive(Clone, Copy, Debug)]
pub struct Entry<'a> {
    stake: &'a Stake,
    spot: Spot,
    /// Per unit of liquidity.
    amounts: (Real, Real),
}

/// Checks a price and gives its value. Errors: [`Error::PriceNotPositive`].
pub(crate) fn price_of(price: Wad) -> Result<Real> {
    if price.is_positive() {
        Ok(Real::from_wad(price))
    } else {
        Err(Error::PriceNotPositive(price.0))
    }
}

/// Checks token0's weight. Errors: [`Error::WeightOutOfRange`].
pub(crate) fn check_weight(weight0: Wad) -> Result<()> {
    if Wad::ZERO < weight0 && weight0 < Wad::ONE {
        Ok(())
    } else {
        Err(Error::WeightOutOfRange(weight0.0.into_raw()))
    }
}

impl Stake {
    /// `liquidity` on a curve. On a constant product it is `sqrt(x * y)`, on a weighted curve `x^w * y^(1 - w)`, in a range
    /// Uniswap's, with real-valued ends.
    ///
    /// Domain: liquidity from zero on, a weight strictly between 0 and 1, `0 < lower < upper`. Errors:
    /// [`Error::NegativeLiquidity`], [`Error::WeightOutOfRange`], [`Error::PriceNotPositive`], [`Error::EmptyPriceRange`].
    pub fn new(curve: Curve, liquidity: Wad) -> Result<Self> {
        if liquidity < Wad::ZERO {
            return Err(Error::NegativeLiquidity(liquidity.0));
        }
        let shape = match curve {
            Curve::ConstantProduct => Shape::Product,
            Curve::Weighted { weight0 } => Shape::weighted(weight0)?,
            Curve::Concentrated { lower, upper } => {
                let ends = (price_of(lower)?, price_of(upper)?);
                if lower >= upper {
                    return Err(Error::EmptyPriceRange(lower.0, upper.0));
                }
                Shape::Concentrated {
                    lower: End::at(ends.0),
                    upper: End::at(ends.1),
                }
            }
        };
        let liquidity = Real::from_wad(liquidity);
        Ok(Self { liquidity, shape })
    }

    /// A position of a Uniswap v3 pool, in raw units: its prices are raw token1 per raw token0, its amounts raw amounts.
    ///
    /// Errors: [`Error::EmptyRange`].
    pub fn of_position(liquidity: u128, lower: Tick, upper: Tick) -> Result<Self> {
        let (lower, upper) = range_sqrt_prices(lower.get(), upper.get())?;
        let end = |sqrt_price: U256| End::at_root(Real::from_u256(sqrt_price).scaled(-96));
        Ok(Self {
            liquidity: Real::from_u128(liquidity),
            shape: Shape::Concentrated {
                lower: end(lower),
                upper: end(upper),
            },
        })
    }

    /// Token0 and token1 that the stake holds at a price above zero.
    ///
    /// `x = L / sqrt(P)`, `y = L sqrt(P)`; weighted `x = w V / P`, `y = (1 - w) V`; concentrated
    /// `x = L (1 / sqrt(P) - 1 / sqrt(upper))`, `y = L (sqrt(P) - sqrt(lower))` of the price clamped to the range. Source: the
    /// whitepapers of Uniswap v2, v3 and Balancer.
    pub fn amounts(&self, price: Real) -> (Real, Real) {
        let (amount0, amount1) = self.shape.amounts(&self.shape.spot(price));
        (self.liquidity * amount0, self.liquidity * amount1)
    }

    /// What the stake is worth in token1: `x P + y`. `2 L sqrt(P)` on a constant product, `L P^w / (w^w (1 - w)^(1 - w))` on a
    /// weighted curve.
    pub fn value(&self, price: Real) -> Real {
        let (amount0, amount1) = self.amounts(price);
        amount0 * price + amount1
    }

    /// Token0 exposure: the slope of [`Self::value`], which is the token0 held.
    pub fn delta(&self, price: Real) -> Real {
        self.amounts(price).0
    }

    /// The slope of [`Self::delta`], never above zero: `-L P^(-3/2) / 2`, in a range from its lower end up to, not including,
    /// the upper; weighted `-w (1 - w) V / P^2`.
    pub fn gamma(&self, price: Real) -> Real {
        self.dollar_gamma(price) / price.square()
    }

    /// [`Self::gamma`] times the squared price, in token1.
    pub fn dollar_gamma(&self, price: Real) -> Real {
        let per_unit = match &self.shape {
            Shape::Weighted { weight0, weight1, unit } => *weight0 * *weight1 * *unit * price.pow(*weight0),
            Shape::Concentrated { lower, upper } if price < lower.price || upper.price <= price => Real::ZERO,
            Shape::Product | Shape::Concentrated { .. } => price.sqrt().half(),
        };
        -(self.liquidity * per_unit)
    }

    /// What the stake deposited when it was entered at a price above zero.
    pub fn entered(&self, entry: Real) -> Entry<'_> {
        let spot = self.shape.spot(entry);
        Entry {
            stake: self,
            amounts: self.shape.amounts(&spot),
            spot,
        }
    }

    /// What the amounts held at `entry` are worth at `price`, in token1.
    pub fn hold(&self, entry: Real, price: Real) -> Real {
        self.entered(entry).hold(price)
    }

    /// `hold - value`, never below zero: [`Entry::loss`].
    pub fn loss(&self, entry: Real, price: Real) -> Real {
        self.entered(entry).loss(price)
    }
}

impl Shape {
    fn weighted(weight0: Wad) -> Result<Self> {
        check_weight(weight0)?;
        let [weight0, weight1] = [weight0.0, Wad::ONE.0 - weight0.0].map(|weight| Real::from_wad(Wad(weight)));
        let entropy = weight0 * weight0.ln() + weight1 * weight1.ln();
        Ok(Self::Weighted {
            weight0,
            weight1,
            unit: (-entropy).exp(),
        })
    }

    fn spot(&self, price: Real) -> Spot {
        let clamped = match self {
            Self::Concentrated { lower, .. } if price < lower.price => Some(lower),
            Self::Concentrated { upper, .. } if upper.price < price => Some(upper),
            _ => None,
        };
        let (root, beyond) = match (clamped, self) {
            (Some(end), _) => (end.root, price - end.price),
            // A weighted curve needs powers, not roots.
            (None, Self::Weighted { .. }) => (Real::ZERO, Real::ZERO),
            (None, _) => (price.sqrt(), Real::ZERO),
        };
        Spot { price, root, beyond }
    }

    /// Per unit of liquidity.
    fn amounts(&self, spot: &Spot) -> (Real, Real) {
        match self {
            Self::Product => (Real::ONE / spot.root, spot.root),
            Self::Weighted { weight0, weight1, unit } => {
                let value = *unit * spot.price.pow(*weight0);
                (*weight0 * value / spot.price, *weight1 * value)
            }
            Self::Concentrated { lower, upper } => (
                (upper.root - spot.root) / (spot.root * upper.root),
                spot.root - lower.root,
            ),
        }
    }
}

impl Entry<'_> {
    /// What the deposit is worth at a price, in token1: `x0 P + y0`.
    pub fn hold(&self, price: Real) -> Real {
        self.stake.liquidity * self.hold_per_unit(price)
    }

    fn hold_per_unit(&self, price: Real) -> Real {
        self.amounts.0 * price + self.amounts.1
    }

    /// `hold - value` in token1, never below zero, without cancellation.
    ///
    /// With `s` and `e` the roots of the price and of the entry, each clamped to the range: `L (s - e) (P - e s) / (e s)`, hence
    /// `L (sqrt(P) - sqrt(P0))^2 / sqrt(P0)` inside a range and on a constant product. Weighted, with `t = ln(P / P0)`:
    /// `V0 (w (e^t - 1) - (e^(w t) - 1))`, near the entry as a series.
    pub fn loss(&self, price: Real) -> Real {
        self.stake.liquidity * self.loss_per_unit(price)
    }

    fn loss_per_unit(&self, price: Real) -> Real {
        if let Shape::Weighted { weight0, weight1, .. } = &self.stake.shape {
            let entry = self.spot.price;
            let value = self.hold_per_unit(entry);
            return value * weighted_gap(*weight0, *weight1, Real::ln_ratio(price, entry), price / entry);
        }
        let now = self.stake.shape.spot(price);
        let moved = now.root - self.spot.root;
        // P - e s, of two terms with the sign of the move.
        moved * (now.beyond + now.root * moved) / (now.root * self.spot.root)
    }

    /// `value / hold - 1`, never above zero; independent of the liquidity.
    pub fn il(&self, price: Real) -> Real {
        -(self.loss_per_unit(price) / self.hold_per_unit(price))
    }

    /// Token0 held at a price less the token0 deposited, without cancellation: the slope of `value - hold`.
    pub fn il_delta(&self, price: Real) -> Real {
        let per_unit = match &self.stake.shape {
            // x falls with P^(w - 1).
            Shape::Weighted { weight1, .. } => {
                self.amounts.0 * (-(*weight1 * Real::ln_ratio(price, self.spot.price))).exp_m1()
            }
            shape => {
                let now = shape.spot(price);
                (self.spot.root - now.root) / (now.root * self.spot.root)
            }
        };
        self.stake.liquidity * per_unit
    }
}

/// `w (r - 1) - (r^w - 1)` with `t = ln(r)`, both weights given; never below zero.
fn weighted_gap(weight0: Real, weight1: Real, t: Real, ratio: Real) -> Real {
    // As IL(r, w) = IL(1/r, 1 - w), the smaller weight serves; with it nothing cancels away from the entry.
    if weight0 > weight1 {
        return ratio * small_weighted_gap(weight1, weight0, -t, Real::ONE / ratio);
    }
    small_weighted_gap(weight0, weight1, t, ratio)
}

/// [`weighted_gap`] for a first weight of at most a half.
fn small_weighted_gap(weight0: Real, weight1: Real, t: Real, ratio: Real) -> Real {
    if t.abs() >= Real::power_of_two(-2) {
        return weight0 * (ratio - Real::ONE) - (weight0 * t).exp_m1();
    }
    // w (1 - w) times the sum over k >= 2 of (1 + w + ... + w^(k - 2)) t^k / k!.
    let (mut sum, mut power, mut weights) = (Real::ZERO, t.square().half(), Real::ONE);
    for k in 3..40 {
        let next = sum + power * weights;
        if next == sum {
            break;
        }
        sum = next;
        power = power * t / Real::from_i64(k);
        weights = Real::ONE + weight0 * weights;
    }
    weight0 * weight1 * sum
}

/// What a stake is and is worth at one price, entered at another; every field a wad.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// Token0 held; to nearest.
    pub amount0: Wad,
    /// Token1 held; to nearest.
    pub amount1: Wad,
    /// Token1: what both are worth; to nearest.
    pub value: Wad,
    /// Token1: what the deposit would be worth; to nearest.
    pub hold: Wad,
    /// value ÷ hold − 1; never above zero, rounded towards minus infinity.
    pub il: Wad,
    /// Token1: value − hold; never above zero, rounded towards minus infinity.
    pub il_abs: Wad,
    /// Token0: dV/dP, the token0 held; to nearest.
    pub delta: Wad,
    /// Token0 per unit of price: d²V/dP²; to nearest.
    pub gamma: Wad,
    /// Token1: P · delta; to nearest.
    pub dollar_delta: Wad,
    /// Token1: P² · gamma; to nearest.
    pub dollar_gamma: Wad,
    /// P · delta ÷ value, in a stake without liquidity nought; to nearest.
    pub delta_ratio: Wad,
    /// P² · gamma ÷ value, in a stake without liquidity nought; to nearest.
    pub gamma_ratio: Wad,
    /// Token0: the slope of value − hold; to nearest.
    pub il_delta: Wad,
}

/// The figures of a stake entered at one price, at another.
///
/// Within a unit of 1e-18 of the exact value up to magnitudes of 1e14, beyond within 2^-108 of it; a loss is never understated.
/// Errors: [`Error::PriceNotPositive`]; [`Error::Overflow`] where a figure leaves a wad.
pub fn figures(stake: &Stake, entry: Wad, price: Wad) -> Result<Figures> {
    let (at_entry, at) = (price_of(entry)?, price_of(price)?);
    let entered = stake.entered(at_entry);
    let (amount0, amount1) = stake.amounts(at);
    let dollar_delta = amount0 * at;
    let value = dollar_delta + amount1;
    let dollar_gamma = stake.dollar_gamma(at);
    let nearest = |x: Real| x.to_wad(Rounding::Nearest);
    Ok(Figures {
        amount0: nearest(amount0)?,
        amount1: nearest(amount1)?,
        value: nearest(value)?,
        hold: nearest(entered.hold(at))?,
        il: loss_ratio(entered.il(at))?,
        il_abs: never_understated(-entered.loss(at))?,
        delta: nearest(amount0)?,
        gamma: nearest(stake.gamma(at))?,
        dollar_delta: nearest(dollar_delta)?,
        dollar_gamma: nearest(dollar_gamma)?,
        delta_ratio: nearest(dollar_delta / value)?,
        gamma_ratio: nearest(dollar_gamma / value)?,
        il_delta: nearest(entered.il_delta(at))?,
    })
}

/// An impermanent loss as a wad: as [`never_understated`], and everything at most.
pub(crate) fn loss_ratio(loss: Real) -> Result<Wad> {
    never_understated(loss).map(|il| il.max(Wad(-Wad::ONE.0)))
}

/// A loss, not above zero, as a wad: lowered by more than it may be wrong by, then rounded down.
pub(crate) fn never_understated(loss: Real) -> Result<Wad> {
    loss.lowered(ALLOWANCE).to_wad(Rounding::Down)
}
