//! Ways to hedge, compared: what each expects, leaves open, costs and needs; ranked, with the reason in words.

use super::{
    curve::Curve,
    expect::{mean, over_time, rough_mean},
    given::{Choice, Given, trimmed},
};
use crate::error::{Error, Result};
use alloy::primitives::I256;
use hedgerow_core::{
    U256, WAD, Wad, hedging,
    scorecard::{Factors, Management, Scorecard, Width, score},
};

/// Prices at which the capital that a hedge needs is looked at.
const STEPS: u32 = 200;
/// A change of less than this share of the greatest delta, the one at the lower of the two prices, is not made.
const LEAST: f64 = 0.01;
/// Volatilities between which the break-even is looked for.
const MOST_VOLATILE: f64 = 20.0;

/// What one way comes to over the horizon. Everything is in the stable token.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The way.
    pub choice: Choice,
    /// What the position is worth.
    pub value: f64,
    /// Volatile token that is owed to begin with.
    pub debt: f64,
    /// Collateral to begin with.
    pub collateral: f64,
    /// What it takes beside the position to begin with, and at most between the two prices.
    pub capital: f64,
    /// See `capital`.
    pub capital_at_most: f64,
    /// Fees expected.
    pub fees: f64,
    /// Loss versus rebalancing expected: what the position's curvature costs, hedged or not.
    pub loss: f64,
    /// Interest paid less interest earned, expected.
    pub carry: f64,
    /// Fees of the pool on opening, adjusting and closing, expected.
    pub trading: f64,
    /// Fees less loss, carry and trading.
    pub expected: f64,
    /// The standard deviation that is left.
    pub deviation: f64,
    /// The result where the price goes to the worse of the two ends at once, before anything is adjusted or earned.
    pub gap: f64,
    /// The result where it goes there steadily, the hedge adjusted on the way, with the fees and costs expected.
    pub drift: f64,
    /// The price at which the hedge as opened is liquidated.
    pub liquidation: Option<f64>,
    /// The volatility at which nothing is left; none where nothing is at any.
    pub break_even: Option<f64>,
    /// What the chain's gate would weigh on opening.
    pub gate: f64,
    /// Why the chain would refuse it, if not by the gate.
    pub refusal: Option<String>,
    /// The five factors.
    pub score: Scorecard,
    /// Its place, from one on.
    pub rank: usize,
    /// Why it has that place.
    pub reason: String,
}

/// What to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Hedge as the first line says.
    Hedge,
    /// Keep the position without a hedge.
    Hold,
    /// It is not expected to earn anything either way.
    Exit,
}

/// All of them, the best first.
#[derive(Clone, Debug, PartialEq)]
pub struct Comparison {
    /// The ways.
    pub lines: Vec<Line>,
    /// What follows.
    pub advice: Advice,
}

/// Compares no hedge, these shares of the delta, and impermanent loss only.
pub fn compare(given: &Given, shares: &[f64]) -> Result<Comparison> {
    given.check()?;
    let hedges = shares.iter().map(|&share| Choice::Share(share)).chain([Choice::Loss]);
    let lines = [Choice::None]
        .into_iter()
        .chain(hedges)
        .map(|choice| line(given, choice));
    Ok(ranked(lines.collect::<Result<_>>()?, given))
}

/// Puts the lines in order: what the gate refuses comes last, the rest by what is expected less the price of the risk left.
pub fn ranked(mut lines: Vec<Line>, given: &Given) -> Comparison {
    let worth = |line: &Line| line.expected - given.risk_price * line.deviation;
    lines.sort_by(|a, b| a.refused().cmp(&b.refused()).then(worth(b).total_cmp(&worth(a))));
    let unhedged = lines.iter().find(|line| line.choice == Choice::None).cloned();
    let first = lines.first().map(|line| line.choice);
    for (place, line) in lines.iter_mut().enumerate() {
        line.rank = place + 1;
        line.reason = reason(line, unhedged.as_ref());
    }
    let advice = match (first, unhedged) {
        (Some(Choice::Share(_) | Choice::Loss), _) => Advice::Hedge,
        (_, Some(line)) if line.expected < 0.0 => Advice::Exit,
        _ => Advice::Hold,
    };
    Comparison { lines, advice }
}

impl Line {
    /// Whether the chain would not open it.
    pub fn refused(&self) -> bool {
        self.choice != Choice::None && (self.gate < 0.0 || self.refusal.is_some())
    }
}

/// One way by itself.
pub fn line(given: &Given, choice: Choice) -> Result<Line> {
    let hedge = Hedge::new(given, choice)?;
    let (price, value) = (given.price, hedge.value);
    let debt = hedge.owed(price);
    let collateral = debt * price * given.cover();
    let figures = hedge.costs(given.volatility);
    let [low, high] = [given.between.0, given.between.1].map(|end| hedge.at(end));
    let opening = 2.0 * given.pool_fee * debt * price;
    let carry = (given.borrow_rate * debt * price - given.supply_rate * collateral) * given.horizon;
    let fees = given.fee_apr * value * given.horizon;
    let lvr = hedge.curve.loss_rate(price, given.volatility) * given.horizon;
    let costs = figures.loss + figures.carry + figures.trading;
    Ok(Line {
        choice,
        value,
        debt,
        collateral,
        capital: hedge.capital(price),
        capital_at_most: hedge.capital_at_most(),
        fees,
        loss: figures.loss,
        carry: figures.carry,
        trading: figures.trading,
        expected: fees - costs,
        deviation: hedge.variance(given.volatility).sqrt(),
        gap: low.gap.min(high.gap) - opening,
        drift: low.drift.min(high.drift) + fees - figures.carry - figures.trading,
        liquidation: (debt > 0.0).then_some(price * given.health),
        break_even: hedge.break_even(fees),
        gate: fees - lvr - carry - opening - given.margin * value,
        refusal: None,
        score: scorecard(given, choice, fees / value, (costs / value).max(0.0))?,
        rank: 0,
        reason: String::new(),
    })
}

/// A position with its hedge.
struct Hedge<'a> {
    given: &'a Given,
    choice: Choice,
    curve: Curve,
    value: f64,
}

/// What is expected over the horizon at a volatility.
struct Costs {
    loss: f64,
    carry: f64,
    trading: f64,
}

/// What the price's going somewhere comes to.
struct End {
    gap: f64,
    drift: f64,
}

impl<'a> Hedge<'a> {
    fn new(given: &'a Given, choice: Choice) -> Result<Self> {
        let whole = Curve::worth(given.value, given.price, given.range);
        let value = match choice {
            Choice::Share(share) if given.is_total => parted(given, &whole, share)?,
            _ => given.value,
        };
        Ok(Self {
            given,
            choice,
            curve: Curve::worth(value, given.price, given.range),
            value,
        })
    }

    /// Volatile token that should be owed at a price.
    fn owed(&self, price: f64) -> f64 {
        match self.choice {
            Choice::None => 0.0,
            Choice::Share(share) => share * self.curve.delta(price),
            Choice::Loss => (self.curve.delta(price) - self.curve.delta(self.given.price)).max(0.0),
        }
    }

    /// How that changes with the price.
    fn slope(&self, price: f64) -> f64 {
        match self.choice {
            Choice::None => 0.0,
            Choice::Share(share) => share * self.curve.gamma(price),
            Choice::Loss if price < self.given.price => self.curve.gamma(price),
            Choice::Loss => 0.0,
        }
    }

    /// How far the debt may be off before it is adjusted, and where it ends then.
    fn barriers(&self, price: f64) -> (f64, f64) {
        let whole = self.curve.delta(price);
        let least = LEAST * self.curve.delta(self.given.between.0);
        ((self.given.band * whole).max(least), self.given.inner * whole)
    }

    /// The integral of what is owed over the price, from the price now.
    fn owed_over(&self, price: f64) -> f64 {
        let (from, curve) = (self.given.price, &self.curve);
        let change = curve.value(price) - curve.value(from);
        match self.choice {
            Choice::None => 0.0,
            Choice::Share(share) => share * change,
            Choice::Loss if price < from => change - curve.delta(from) * (price - from),
            Choice::Loss => 0.0,
        }
    }

    /// What is expected. Between two adjustments the debt walks from the inner end to the band's: what is traded in a year is
    /// `(slope p sigma)^2 / (band + inner)`.
    fn costs(&self, volatility: f64) -> Costs {
        let (given, price, years) = (self.given, self.given.price, self.given.horizon);
        let over = |f: &dyn Fn(f64) -> f64| over_time(price, volatility, years, |_, p| f(p));
        let yearly = given.borrow_rate - given.supply_rate * given.cover();
        let turnover = |p: f64| {
            let (band, inner) = self.barriers(p);
            let slope = self.slope(p) * p * volatility;
            if slope == 0.0 {
                0.0
            } else {
                p * slope * slope / (band + inner)
            }
        };
        let closing = mean(price, volatility, years, |p| self.owed(p) * p);
        let hedged = self.choice != Choice::None;
        Costs {
            loss: self.value - mean(price, volatility, years, |p| self.curve.value(p)),
            carry: if hedged {
                over(&|p| self.owed(p) * p * yearly)
            } else {
                0.0
            },
            trading: if hedged {
                given.pool_fee * (self.owed(price) * price + closing + over(&turnover))
            } else {
                0.0
            },
        }
    }

    /// Of the result at the horizon's end: of what stays open to the price, and of what the debt is off meanwhile, whose mean square is
    /// `(band^2 + inner^2) / 6`.
    ///
    /// Open is the derivative of what the position's value at the end is expected to be, less what is owed: hedged by the delta of the
    /// day, what the loss versus rebalancing differs by from path to path is left.
    fn variance(&self, volatility: f64) -> f64 {
        let (price, years) = (self.given.price, self.given.horizon);
        let rate = |passed: f64, p: f64| {
            let to_come = |end: f64| self.curve.delta(end) * end;
            let expected = rough_mean(p, volatility, years - passed, to_come) / p;
            let open = expected - self.owed(p);
            let (band, inner) = self.barriers(p);
            let off = if self.slope(p) == 0.0 {
                0.0
            } else {
                (band * band + inner * inner) / 6.0
            };
            (open * open + off) * (volatility * p).powi(2)
        };
        over_time(price, volatility, years, rate)
    }

    fn at(&self, price: f64) -> End {
        let change = self.curve.value(price) - self.value;
        End {
            gap: change - self.owed(self.given.price) * (price - self.given.price),
            drift: change - self.owed_over(price),
        }
    }

    /// The account's own money in the hedge once the price has gone there steadily: collateral for the health, less what the
    /// volatile token was sold for.
    fn capital(&self, price: f64) -> f64 {
        let owed = self.owed(price) * price;
        let fee = self.given.pool_fee * self.owed(self.given.price) * self.given.price;
        owed * (self.given.cover() - 1.0) + self.owed_over(price) + fee
    }

    fn capital_at_most(&self) -> f64 {
        let (low, high) = self.given.between;
        let ratio = (high / low).ln() / f64::from(STEPS);
        let prices = (0..=STEPS).map(|step| low * (ratio * f64::from(step)).exp());
        prices
            .map(|price| self.capital(price))
            .fold(self.capital(self.given.price), f64::max)
    }

    fn break_even(&self, fees: f64) -> Option<f64> {
        let left = |volatility: f64| {
            let costs = self.costs(volatility);
            fees - costs.loss - costs.carry - costs.trading
        };
        let (mut low, mut high) = (1e-4, MOST_VOLATILE);
        if left(low) < 0.0 || left(high) > 0.0 {
            return None;
        }
        for _ in 0..32 {
            let middle = (low * high).sqrt();
            if left(middle) < 0.0 {
                high = middle
            } else {
                low = middle
            }
        }
        Some(low)
    }
}

/// What of a total is the position, where the rest hedges a share of it: Orange's closed form, by the core.
fn parted(given: &Given, whole: &Curve, share: f64) -> Result<f64> {
    let legs = whole.legs(given.price);
    let failed = |error: hedgerow_core::Error| Error::Maths {
        what: "the parts of the capital",
        reason: error.to_string(),
    };
    if !legs.is_finite() {
        // Nothing of it is volatile: nothing is to be hedged.
        return Ok(given.value);
    }
    let parts = hedging::split(U256::from(WAD), wad(1.0 / given.cover())?, wad(share)?, wad(legs)?).map_err(failed)?;
    Ok(float(parts.volatile + parts.stable) / 1e18 * given.value)
}

fn scorecard(given: &Given, choice: Choice, fees: f64, loss: f64) -> Result<Scorecard> {
    let width = match given.range {
        None => Width::Full,
        Some((lower, upper)) => Width::Range {
            // Only their ratio counts.
            lower: wad(1.0)?,
            upper: wad(upper / lower)?,
        },
    };
    let tended = match choice {
        Choice::None => Management::None,
        _ => Management::Automated,
    };
    score(&Factors {
        volatility: wad(given.volatility)?,
        correlation: Wad::ZERO,
        fees: wad(fees)?,
        loss: wad(loss)?,
        management: given.management.unwrap_or(tended),
        width,
    })
    .map_err(|error| Error::Maths {
        what: "the scorecard",
        reason: error.to_string(),
    })
}

/// A figure as a wad.
fn wad(figure: f64) -> Result<Wad> {
    let scaled = figure * 1e18;
    let fits = scaled.is_finite() && scaled.abs() < 1e38;
    let whole = fits.then(|| I256::try_from(scaled.round() as i128).ok()).flatten();
    whole
        .map(Wad)
        .ok_or_else(|| Error::invalid("the figure", figure, "it is too large to plan with"))
}

fn float(value: U256) -> f64 {
    value.to_string().parse().unwrap_or(f64::MAX)
}

/// Why a line is where it is.
fn reason(line: &Line, unhedged: Option<&Line>) -> String {
    let amount = |figure: f64| trimmed((figure * 100.0).round() / 100.0);
    let share = |figure: f64| format!("{}%", trimmed((figure / line.value * 10_000.0).round() / 100.0));
    if let Some(why) = &line.refusal {
        return format!("cannot be opened: {why}");
    }
    if line.refused() {
        return format!(
            "the gate is closed: fees of {} do not cover the costs expected of the position and its hedge, by {}",
            amount(line.fees),
            amount(-line.gate)
        );
    }
    if line.choice == Choice::None {
        let sense = match (line.expected < 0.0, line.rank) {
            (true, _) => "the fees do not make up for what the price's moves cost",
            (_, 1) => "expects most for what it leaves open",
            _ => "costs nothing, and leaves everything open",
        };
        return format!("{sense}: a deviation of {} of the value", share(line.deviation));
    }
    let open = unhedged.map_or(line.deviation / line.value, |it| it.deviation / it.value);
    let spared = trimmed(((1.0 - line.deviation / line.value / open) * 100.0).round());
    let cost = line.carry + line.trading;
    let price = if cost > 0.0 {
        format!("for {} of carry and trading", amount(cost))
    } else {
        format!("and earns {} of interest beyond its trading", amount(-cost))
    };
    format!("takes away {spared}% of the deviation {price}")
}
