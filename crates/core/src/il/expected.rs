//! What impermanent loss is to be expected under geometric Brownian motion.

use crate::{Error, Real, Result, Rounding, Wad};

/// Expected losses of a constant-product position; both fields wads, never above zero, rounded towards minus infinity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Expected {
    /// `E[value - hold]` as a fraction of the value at entry.
    pub il_abs: Wad,
    /// `E[value / hold - 1]`: the expected IL.
    pub il: Wad,
}

/// Beyond this many standard deviations less than 2^-108 of the probability is left.
const REACH: i64 = 12;
/// The sum's steps are quarters: of a standard deviation, or of a unit of log price where the deviation exceeds one.
const STEP: i32 = -2;
/// `sech(x / 2)` is below 2^-100 beyond this log price.
const FADE: i64 = 141;
/// An allowance for what sum and tails leave out, as a fraction of the value.
const ALLOWANCE: Real = Real::power_of_two(-98);

/// The expected loss of a constant-product position over `years`, when the price follows a geometric Brownian motion with this
/// yearly `volatility` and `drift` (`E[P] = P0 e^(drift * years)`). All three are wads.
///
/// `il_abs` is [`expected_loss`]. `il` is the mean of `sech(x / 2) - 1` over the log price's normal distribution, by the
/// trapezoid rule, whose error falls exponentially: below 2^-100 at the step used. Each is the floor, or one unit below where the
/// exact value lies less than 2^-38 of a unit above one.
///
/// Domain: volatility and years from zero on. Errors: [`Error::NegativeInput`]; [`Error::Overflow`] where the hold's expectation
/// leaves a wad. Source: the lognormal moments.
pub fn expected(volatility: Wad, years: Wad, drift: Wad) -> Result<Expected> {
    let (variance, growth) = motion(volatility, years, drift)?;
    Ok(Expected {
        il_abs: floor(-absolute(variance, growth))?,
        il: floor(-relative(variance, growth))?.max(Wad(-Wad::ONE.0)),
    })
}

/// `E[value - hold]` alone, as a fraction of the value at entry, by its closed form
/// `e^((drift / 2 - volatility^2 / 8) years) - (1 + e^(drift years)) / 2`, rearranged so that nothing cancels.
///
/// Domain, rounding and errors as [`expected`].
pub fn expected_loss(volatility: Wad, years: Wad, drift: Wad) -> Result<Wad> {
    let (variance, growth) = motion(volatility, years, drift)?;
    floor(-absolute(variance, growth))
}

/// The log price's variance, and the logarithm of the price's expected growth.
fn motion(volatility: Wad, years: Wad, drift: Wad) -> Result<(Real, Real)> {
    for input in [volatility, years] {
        if input < Wad::ZERO {
            return Err(Error::NegativeInput(input.0));
        }
    }
    let [volatility, years, drift] = [volatility, years, drift].map(Real::from_wad);
    Ok((volatility.square() * years, drift * years))
}

/// A loss, not above zero, lowered by what it may be wrong by.
fn floor(loss: Real) -> Result<Wad> {
    if loss.is_zero() {
        return Ok(Wad::ZERO);
    }
    (loss.lowered(100) - ALLOWANCE).to_wad(Rounding::Down)
}

/// `E[hold - value] / V0 = -e^(growth / 2) (e^(-variance / 8) - 1) + (e^(growth / 2) - 1)^2 / 2`.
fn absolute(variance: Real, growth: Real) -> Real {
    let half = growth.half();
    (half.exp_m1().square()).half() - half.exp() * (-variance.scaled(-3)).exp_m1()
}

/// `E[1 - value / hold]`, the log price normal with this variance and the mean `growth - variance / 2`.
fn relative(variance: Real, growth: Real) -> Real {
    let mean = growth - variance.half();
    let deviation = variance.sqrt();
    if deviation.is_zero() {
        return loss_at(mean);
    }
    if deviation <= Real::ONE {
        let points = -REACH << -STEP..=REACH << -STEP;
        let sum = points.fold(Real::ZERO, |sum, k| {
            let z = Real::from_i64(k).scaled(STEP);
            sum + z.pdf() * loss_at(mean + deviation * z)
        });
        return sum.scaled(STEP);
    }
    // The mean of value / hold itself, whose terms vanish on both sides whatever the deviation.
    let reach = Real::from_i64(REACH);
    let points = -FADE << -STEP..=FADE << -STEP;
    let sum = points.fold(Real::ZERO, |sum, k| {
        let x = Real::from_i64(k).scaled(STEP);
        let z = (x - mean) / deviation;
        if z.abs() > reach {
            return sum;
        }
        sum + z.pdf() * (Real::ONE - loss_at(x))
    });
    Real::ONE - sum.scaled(STEP) / deviation
}

/// `1 - sech(x / 2) = (1 - q)^2 / (1 + q^2)` with `q = e^(-|x| / 2)`: the loss where the price has changed by `e^x`.
fn loss_at(x: Real) -> Real {
    let less = (-x.abs().half()).exp_m1();
    let q = less + Real::ONE;
    less.square() / (q.square() + Real::ONE)
}
