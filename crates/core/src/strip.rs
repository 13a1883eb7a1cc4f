//! The strip of options that pays what a position loses against holding: puts up to the entry price, calls from it on.
//!
//! Carr and Madan (1998) spread any payoff over options of every strike by its second derivative. With finitely many strikes
//! the strip here pays exactly `loss = hold - value` at each of them, and its chord between two. As the loss is convex, the
//! strip pays more than the loss in between, so what is left over is the LP's. Beyond the outermost strikes it continues along the
//! tangent there: exactly the loss of a concentrated position whose range the strikes span, less than it otherwise.
//!
//! With the chords' slopes `s_i` between strikes i and i + 1, and the tangents' before the first and after the last, a strike
//! above the entry needs `s_i - s_(i-1)` calls, one below as many puts, and the entry `-s_(i-1)` puts and `s_i` calls.

use crate::black_scholes::{Kind, Market, Series, strike};
use crate::curve::{Entry, Stake};
use crate::{Error, Real, Result, Rounding, Wad};

/// What slopes and premiums may be wrong by, as a power of two of themselves.
const ALLOWANCE: i32 = -100;

/// How many options to hold of one strike.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Leg {
    /// Puts.
    pub put: Wad,
    /// Calls.
    pub call: Wad,
}

/// A strip over given strikes, for a position entered at one of them.
#[derive(Clone, Copy, Debug)]
pub struct Strip<'a> {
    entered: Entry<'a>,
    strikes: &'a [Wad],
    /// Which of the strikes is the entry price.
    middle: usize,
}

/// A strike's sizes, not yet rounded.
struct Size {
    strike: Wad,
    put: Real,
    call: Real,
}

impl<'a> Strip<'a> {
    /// The strip for a stake entered at `entry`.
    ///
    /// Domain: strikes in ascending order, the entry price among them; at least one. Errors: [`Error::PriceOutOfRange`],
    /// [`Error::StrikesNotAscending`], [`Error::EntryNotAStrike`].
    pub fn new(stake: &'a Stake, entry: Wad, strikes: &'a [Wad]) -> Result<Self> {
        let entered = stake.entered(strike(entry)?);
        let mut below = Wad::ZERO;
        for (place, &price) in strikes.iter().enumerate() {
            strike(price)?;
            if price <= below {
                return Err(Error::StrikesNotAscending(place));
            }
            below = price;
        }
        let middle = strikes
            .binary_search(&entry)
            .map_err(|_| Error::EntryNotAStrike(entry.0))?;
        Ok(Self {
            entered,
            strikes,
            middle,
        })
    }

    /// Sizes of every strike, into `legs`, one each; rounded up, as they are what the LP has to buy, and at most a unit of 1e-18
    /// and 2^-99 of themselves above the exact ones. That holds for strikes a millionth of their price or more apart; the
    /// chords of closer ones know less of their slopes' difference, and a size may be a few units off either way.
    ///
    /// Errors: [`Error::WrongLength`]; [`Error::Overflow`] where a size leaves a wad.
    pub fn sizes(&self, legs: &mut [Leg]) -> Result<()> {
        self.check_room(legs)?;
        let mut slots = legs.iter_mut();
        self.each(|size| {
            if let Some(slot) = slots.next() {
                *slot = size.rounded()?;
            }
            Ok(())
        })
    }

    /// What the exact sizes cost in token1 by Black–Scholes, rounded up.
    ///
    /// Never below the exact value, above it by at most a unit of 1e-18 and 2^-98 of spot times sizes. Errors: as
    /// [`crate::black_scholes::price_and_delta`].
    pub fn premium(&self, market: &Market) -> Result<Wad> {
        self.priced(market, |_| Ok(()))
    }

    /// [`Strip::sizes`] and [`Strip::premium`] in one pass. Errors: of both.
    pub fn sizes_and_premium(&self, market: &Market, legs: &mut [Leg]) -> Result<Wad> {
        self.check_room(legs)?;
        let mut slots = legs.iter_mut();
        self.priced(market, |size| {
            if let Some(slot) = slots.next() {
                *slot = size.rounded()?;
            }
            Ok(())
        })
    }

    /// What the exact sizes pay at a price, less the loss there, in token1: to the nearest unit. Never below zero between the
    /// outermost strikes.
    ///
    /// Within a unit of 1e-18 and 2^-100 of the loss. Errors: [`Error::PriceOutOfRange`]; [`Error::Overflow`].
    pub fn residual(&self, price: Wad) -> Result<Wad> {
        let at = strike(price)?;
        let above = self.strikes.partition_point(|&strike| strike <= price);
        let neighbour = |place: usize| self.strikes.get(place).map(|&wad| Real::from_wad(wad));
        let (base, slope) = match (above.checked_sub(1).and_then(neighbour), neighbour(above)) {
            (Some(low), Some(high)) => (low, self.chord(low, high)),
            // Beyond the outermost strikes.
            (Some(end), None) | (None, Some(end)) => (end, self.tangent(end)),
            (None, None) => return Ok(Wad::ZERO),
        };
        let paid = self.entered.loss(base) + slope * (at - base);
        (paid - self.entered.loss(at)).to_wad(Rounding::Nearest)
    }

    fn check_room(&self, legs: &[Leg]) -> Result<()> {
        if legs.len() == self.strikes.len() {
            Ok(())
        } else {
            Err(Error::WrongLength(legs.len(), self.strikes.len()))
        }
    }

    /// The slope of the loss at a price.
    fn tangent(&self, price: Real) -> Real {
        -self.entered.il_delta(price)
    }

    /// The slope of the loss's chord.
    fn chord(&self, low: Real, high: Real) -> Real {
        (self.entered.loss(high) - self.entered.loss(low)) / (high - low)
    }

    /// Gives every strike's sizes to `take`, in order.
    fn each(&self, mut take: impl FnMut(Size) -> Result<()>) -> Result<()> {
        let mut rest = self.strikes;
        let Some(&first) = rest.first() else {
            return Ok(());
        };
        let mut strike = Real::from_wad(first);
        let (mut before, mut loss) = (self.tangent(strike), self.entered.loss(strike));
        let mut place = 0;
        while let [at, following @ ..] = rest {
            let after = match following {
                [next, ..] => {
                    let next = Real::from_wad(*next);
                    let next_loss = self.entered.loss(next);
                    let slope = (next_loss - loss) / (next - strike);
                    (strike, loss) = (next, next_loss);
                    slope
                }
                [] => self.tangent(strike),
            };
            let (put, call) = match place.cmp(&self.middle) {
                core::cmp::Ordering::Less => (difference(after, before), Real::ZERO),
                core::cmp::Ordering::Equal => (difference(Real::ZERO, before), difference(after, Real::ZERO)),
                core::cmp::Ordering::Greater => (Real::ZERO, difference(after, before)),
            };
            take(Size { strike: *at, put, call })?;
            (before, rest) = (after, following);
            place += 1;
        }
        Ok(())
    }

    /// As [`Self::each`], and the premium.
    fn priced(&self, market: &Market, mut take: impl FnMut(&Size) -> Result<()>) -> Result<Wad> {
        let series = Series::new(market)?;
        let mut premium = Real::ZERO;
        self.each(|size| {
            for (kind, amount) in [(Kind::Put, size.put), (Kind::Call, size.call)] {
                if !amount.is_zero() {
                    premium = premium + series.cost(kind, size.strike, amount)?;
                }
            }
            take(&size)
        })?;
        round_up(premium)
    }
}

/// How far a slope rises; what is no more than rounding counts as straight.
fn difference(after: Real, before: Real) -> Real {
    let rise = after - before;
    if rise > (after.abs() + before.abs()).scaled(ALLOWANCE) {
        rise
    } else {
        Real::ZERO
    }
}

/// A size or cost as a wad: raised by more than it may be wrong by, then rounded up.
pub(crate) fn round_up(cost: Real) -> Result<Wad> {
    if cost.is_zero() {
        return Ok(Wad::ZERO);
    }
    (cost + cost.abs().scaled(ALLOWANCE)).to_wad(Rounding::Up)
}

impl Size {
    fn rounded(&self) -> Result<Leg> {
        Ok(Leg {
            put: round_up(self.put)?,
            call: round_up(self.call)?,
        })
    }
}
