//! Black–Scholes: the prices of a European call and put on an asset without income, and their derivatives.
//!
//! With the discounted strike `D = K e^(-rT)`, the total volatility `v = sigma sqrt(T)`, `d1 = ln(S / D) / v + v / 2` and
//! `d2 = d1 - v`: `call = S cdf(d1) - D cdf(d2)`, `put = D cdf(-d2) - S cdf(-d1)`. Because `S pdf(d1) = D pdf(d2)`, the side
//! that is out of the money forward is worth `S pdf(d1) (mills(a) - mills(b))` with Mills's ratio `(1 - cdf) / pdf` and the
//! smaller and the larger of the two distances, `a` and `b = a + v`; the other side follows from put–call parity.
//!
//! Domain of everything here: spot and strike above zero and below 2^128 wads; volatility 0 to 1,000,000; at most a hundred
//! years of 31,536,000 seconds; a rate of -1 to 4, continuously compounded. Anything else is an error. Without volatility or
//! without time a price is its limit, the discounted forward's intrinsic value, and the delta 0, 1 or, at the money, ½; the
//! other derivatives have no finite limit at the money and are refused. Source: Black and Scholes (1973), Merton (1973).

mod fast;
mod functions;
mod limbs;

use crate::{Error, I256, Real, Result, Rounding, U256, WAD, Wad};

/// Seconds in the year that volatilities and rates refer to.
pub const YEAR: u64 = 31_536_000;

/// The longest term.
const LONGEST: u64 = 100 * YEAR;
/// The highest volatility, as a wad.
const HIGHEST_VOLATILITY: u128 = 1_000_000 * WAD as u128;

/// What an option's price depends on, but for its strike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Market {
    /// The price of the asset now.
    pub spot: Wad,
    /// Yearly volatility; one is 100 %.
    pub volatility: Wad,
    /// Seconds to expiry.
    pub seconds: u64,
    /// Yearly rate of interest, continuously compounded.
    pub rate: Wad,
}

/// A European option's terms, for a call and a put alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Terms {
    /// The price of the asset now.
    pub spot: Wad,
    /// The price to exercise at.
    pub strike: Wad,
    /// Yearly volatility; one is 100 %.
    pub volatility: Wad,
    /// Seconds to expiry.
    pub seconds: u64,
    /// Yearly rate of interest, continuously compounded.
    pub rate: Wad,
}

/// The right to buy, or the right to sell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The right to buy at the strike.
    Call,
    /// The right to sell at the strike.
    Put,
}

/// Both prices and the call's delta; the put's is one less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PriceAndDelta {
    /// Price of the call.
    pub call: Wad,
    /// Price of the put.
    pub put: Wad,
    /// Derivative of the call's price by the spot.
    pub delta: Wad,
}

/// Everything about a call and a put on the same terms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Quote {
    /// `ln(S / D) / v + v / 2`.
    pub d1: Wad,
    /// `d1 - v`.
    pub d2: Wad,
    /// Price of the call.
    pub call: Wad,
    /// Price of the put.
    pub put: Wad,
    /// Derivative of the call's price by the spot.
    pub delta_call: Wad,
    /// Derivative of the put's price by the spot.
    pub delta_put: Wad,
    /// Second derivative of either price by the spot.
    pub gamma: Wad,
    /// Derivative of either price by the volatility: per 1.00 of it.
    pub vega: Wad,
    /// Derivative of the call's price by the passing of time, per year.
    pub theta_call: Wad,
    /// Derivative of the put's price by the passing of time, per year.
    pub theta_put: Wad,
    /// Derivative of the call's price by the rate: per 1.00 of it.
    pub rho_call: Wad,
    /// Derivative of the put's price by the rate: per 1.00 of it.
    pub rho_put: Wad,
    /// Derivative of vega by the spot, and of either delta by the volatility.
    pub vanna: Wad,
    /// Derivative of vega by the volatility.
    pub volga: Wad,
}

impl Terms {
    /// The terms but for the strike.
    pub const fn market(&self) -> Market {
        Market {
            spot: self.spot,
            volatility: self.volatility,
            seconds: self.seconds,
            rate: self.rate,
        }
    }
}

/// Price of a call, to the nearest unit; accuracy as [`price_and_delta`]. Errors: as [`price_and_delta`].
pub fn call(terms: &Terms) -> Result<Wad> {
    price_and_delta(terms).map(|priced| priced.call)
}

/// Price of a put, to the nearest unit; accuracy as [`price_and_delta`]. Errors: as [`price_and_delta`].
pub fn put(terms: &Terms) -> Result<Wad> {
    price_and_delta(terms).map(|priced| priced.put)
}

/// Both prices and the call's delta, to the nearest unit of 1e-18.
///
/// Error bound: one unit and 2^-100 of the larger of spot and discounted strike, so one unit up to prices of 1e9 and far
/// beyond. Errors: [`Error::PriceOutOfRange`], [`Error::VolatilityOutOfRange`], [`Error::TermOutOfRange`],
/// [`Error::RateOutOfRange`]; [`Error::Overflow`] where a put at a rate far below zero exceeds a wad.
pub fn price_and_delta(terms: &Terms) -> Result<PriceAndDelta> {
    check(&terms.spot, &terms.volatility, terms.seconds, &terms.rate)?;
    check_price(&terms.strike)?;
    let expiry = fast::Expiry::new(low(&terms.volatility), terms.seconds, low(&terms.rate) as i64);
    let Some(priced) = expiry.and_then(|expiry| expiry.price(low(&terms.spot), low(&terms.strike))) else {
        return slow_prices(terms);
    };
    let price = |price| Wad(I256::from_raw(fast::rounded(price)));
    Ok(PriceAndDelta {
        call: price(priced.call),
        put: price(priced.put),
        delta: Wad(I256::from_raw(U256::from(priced.delta()))),
    })
}

/// A wad's lower half: all of it, for what has been checked.
fn low(wad: &Wad) -> u128 {
    let [low, high, ..] = *wad.0.into_raw().as_limbs();
    u128::from(high) << 64 | u128::from(low)
}

/// In [`Real`]s, which serve everywhere.
#[inline(never)]
fn slow_prices(terms: &Terms) -> Result<PriceAndDelta> {
    let chain = Chain::new(&terms.market())?;
    let priced = chain.price(strike(terms.strike)?);
    let delta = priced.asset_call / chain.spot;
    Ok(PriceAndDelta {
        call: priced.call.to_wad(Rounding::Nearest)?,
        put: priced.put.to_wad(Rounding::Nearest)?,
        delta: delta.to_wad(Rounding::Nearest)?,
    })
}

/// Both prices and all derivatives, to the nearest unit of 1e-18.
///
/// `gamma = pdf(d1) / (S v)`, `vega = S pdf(d1) sqrt(T)`, `theta = -S pdf(d1) sigma / (2 sqrt(T)) ∓ r D cdf(±d2)`,
/// `rho = ±T D cdf(±d2)`, `vanna = -pdf(d1) d2 / sigma`, `volga = vega d1 d2 / sigma`. Error bound: as [`price_and_delta`] for
/// prices and deltas, one unit and 2^-90 of the value itself for the others. Errors: as [`price_and_delta`],
/// [`Error::NoUncertainty`] without volatility or time.
pub fn quote(terms: &Terms) -> Result<Quote> {
    let chain = Chain::new(&terms.market())?;
    let Some(spread) = chain.spread else {
        return Err(Error::NoUncertainty);
    };
    let priced = chain.price(strike(terms.strike)?);
    let Some(distances) = priced.distances else {
        return Err(Error::NoUncertainty);
    };
    let PriceAndDelta { call, put, delta } = price_and_delta(terms)?;
    let share = distances.share;
    let decay = share * spread.volatility / spread.root_time.double();
    let vega = share * spread.root_time;
    let rate = Real::from_wad(terms.rate);
    let exact = [
        distances.d1,
        distances.d2,
        share / (chain.spot.square() * spread.total),
        vega,
        -(share * distances.d2) / (chain.spot * spread.volatility),
        vega * distances.d1 * distances.d2 / spread.volatility,
        -decay - rate * priced.cash_call,
        rate * priced.cash_put - decay,
        chain.time * priced.cash_call,
        -(chain.time * priced.cash_put),
    ];
    let mut rounded = [Wad::ZERO; 10];
    for (slot, value) in rounded.iter_mut().zip(exact) {
        *slot = value.to_wad(Rounding::Nearest)?;
    }
    let [
        d1,
        d2,
        gamma,
        vega,
        vanna,
        volga,
        theta_call,
        theta_put,
        rho_call,
        rho_put,
    ] = rounded;
    Ok(Quote {
        d1,
        d2,
        call,
        put,
        delta_call: delta,
        delta_put: Wad(delta.0 - Wad::ONE.0),
        gamma,
        vega,
        vanna,
        volga,
        theta_call,
        theta_put,
        rho_call,
        rho_put,
    })
}

/// A price of the domain. Errors: [`Error::PriceOutOfRange`].
pub(crate) fn strike(price: Wad) -> Result<Real> {
    check_price(&price)?;
    Ok(Real::from_wad(price))
}

fn check_price(price: &Wad) -> Result<()> {
    let [low, middle, high, sign] = *price.0.into_raw().as_limbs();
    if high | sign != 0 || low | middle == 0 {
        return Err(Error::PriceOutOfRange(price.0));
    }
    Ok(())
}

/// Whether a market lies in the domain. Errors: as [`price_and_delta`], but for the strike.
fn check(spot: &Wad, volatility: &Wad, seconds: u64, rate: &Wad) -> Result<()> {
    check_price(spot)?;
    let [_, _, high, sign] = *volatility.0.into_raw().as_limbs();
    if high | sign != 0 || low(volatility) > HIGHEST_VOLATILITY {
        return Err(Error::VolatilityOutOfRange(volatility.0));
    }
    if seconds > LONGEST {
        return Err(Error::TermOutOfRange(seconds));
    }
    // Between -1 and 4: the wad and one more is at most five.
    let rate = rate.0;
    if rate.into_raw().wrapping_add(U256::from(WAD)) > U256::from(5 * u128::from(WAD)) {
        return Err(Error::RateOutOfRange(rate));
    }
    Ok(())
}

/// Prices of any number of strikes of one expiry, not rounded: within 2^-100 of the larger of spot and discounted strike.
pub(crate) struct Series {
    spot: u128,
    expiry: Option<fast::Expiry>,
    chain: Chain,
}

impl Series {
    /// Errors: as [`price_and_delta`], but for the strike.
    pub(crate) fn new(market: &Market) -> Result<Self> {
        let chain = Chain::new(market)?;
        Ok(Self {
            spot: low(&market.spot),
            expiry: fast::Expiry::new(low(&market.volatility), market.seconds, low(&market.rate) as i64),
            chain,
        })
    }

    /// The price of one option. Errors: [`Error::PriceOutOfRange`].
    pub(crate) fn price(&self, kind: Kind, strike: Wad) -> Result<Real> {
        check_price(&strike)?;
        let fast = self
            .expiry
            .as_ref()
            .and_then(|expiry| expiry.price(self.spot, low(&strike)));
        let Some(priced) = fast else {
            let priced = self.chain.price(Real::from_wad(strike));
            return Ok(match kind {
                Kind::Call => priced.call,
                Kind::Put => priced.put,
            });
        };
        let price = match kind {
            Kind::Call => priced.call,
            Kind::Put => priced.put,
        };
        Ok(Real::from_u256(price).scaled(-(fast::PLACES as i32)) / Real::from_u128(WAD.into()))
    }

    /// What an amount of options costs, never less: each price raised by 2^-99 of the larger of spot and discounted strike, more
    /// than it may be wrong by. Without volatility or time it is what it is. Errors: as [`Self::price`].
    pub(crate) fn cost(&self, kind: Kind, strike: Wad, amount: Real) -> Result<Real> {
        let price = self.price(kind, strike)?;
        if self.chain.spread.is_none() {
            return Ok(amount * price);
        }
        let discounted = Real::from_wad(strike) * self.chain.discount;
        let larger = if discounted > self.chain.spot {
            discounted
        } else {
            self.chain.spot
        };
        Ok(amount * (price + larger.scaled(-99)))
    }
}

/// What options of one expiry have in common, computed once.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Chain {
    pub(crate) spot: Real,
    /// `T`, in years.
    pub(crate) time: Real,
    /// `r T`.
    pub(crate) growth: Real,
    /// `e^(-rT)`.
    pub(crate) discount: Real,
    /// None without volatility or time.
    pub(crate) spread: Option<Spread>,
}

/// How far the price may move.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spread {
    pub(crate) volatility: Real,
    /// `sqrt(T)`.
    pub(crate) root_time: Real,
    /// `v = sigma sqrt(T)`.
    pub(crate) total: Real,
}

/// The prices of one strike and what the derivatives are made of, not yet rounded.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Priced {
    pub(crate) call: Real,
    pub(crate) put: Real,
    /// `S cdf(d1)`.
    pub(crate) asset_call: Real,
    /// `D cdf(d2)`.
    pub(crate) cash_call: Real,
    /// `D cdf(-d2)`.
    pub(crate) cash_put: Real,
    /// None without volatility or time.
    pub(crate) distances: Option<Distances>,
}

/// Where the strike lies in the distribution.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Distances {
    pub(crate) d1: Real,
    pub(crate) d2: Real,
    /// `S pdf(d1) = D pdf(d2)`.
    pub(crate) share: Real,
}

impl Chain {
    /// Errors: as [`price_and_delta`], but for the strike.
    pub(crate) fn new(market: &Market) -> Result<Self> {
        check(&market.spot, &market.volatility, market.seconds, &market.rate)?;
        let spot = Real::from_wad(market.spot);
        let time = Real::quotient(U256::from(market.seconds), U256::from(YEAR));
        let growth = Real::from_wad(market.rate) * time;
        let root_time = time.sqrt();
        let volatility = Real::from_wad(market.volatility);
        let total = volatility * root_time;
        Ok(Self {
            spot,
            time,
            growth,
            discount: growth.neg().exp(),
            spread: (!total.is_zero()).then_some(Spread {
                volatility,
                root_time,
                total,
            }),
        })
    }

    /// The prices of one strike, a positive number.
    pub(crate) fn price(&self, strike: Real) -> Priced {
        let discounted = strike * self.discount;
        let Some(spread) = self.spread else {
            return self.certain(discounted);
        };
        let moneyness = Real::ln_ratio(self.spot, strike) + self.growth;
        // The distance of the side that is out of the money, whichever it is: a = |x| / v - v / 2, b = a + v.
        let (middle, half) = (moneyness.abs() / spread.total, spread.total.half());
        let (a, b) = (middle - half, middle + half);
        let call_is_out = moneyness.is_negative() || moneyness.is_zero();
        let (d1, d2) = if call_is_out { (-a, -b) } else { (b, a) };
        let share = self.spot * d1.pdf();
        let (near, far) = (share * a.abs().mills(), share * b.mills());
        // The price out of the money is `near - far`; beyond the middle the near tail is the other one.
        let bound = if call_is_out { self.spot } else { discounted };
        let (inside, out) = if a.is_negative() {
            (bound - near, bound - near - far)
        } else {
            (near, share * (a.mills() - b.mills()))
        };
        let forward = self.spot - discounted;
        let distances = Some(Distances { d1, d2, share });
        if call_is_out {
            return Priced {
                call: out,
                put: out - forward,
                asset_call: inside,
                cash_call: far,
                cash_put: discounted - far,
                distances,
            };
        }
        Priced {
            call: out + forward,
            put: out,
            asset_call: self.spot - far,
            cash_call: discounted - inside,
            cash_put: inside,
            distances,
        }
    }

    /// The limit without volatility or time.
    fn certain(&self, discounted: Real) -> Priced {
        let forward = self.spot - discounted;
        let exercised = match (forward.is_zero(), forward.is_negative()) {
            (true, _) => Real::ONE.half(),
            (false, true) => Real::ZERO,
            (false, false) => Real::ONE,
        };
        let (call, put) = if forward.is_negative() {
            (Real::ZERO, -forward)
        } else {
            (forward, Real::ZERO)
        };
        Priced {
            call,
            put,
            asset_call: self.spot * exercised,
            cash_call: discounted * exercised,
            cash_put: discounted - discounted * exercised,
            distances: None,
        }
    }
}
