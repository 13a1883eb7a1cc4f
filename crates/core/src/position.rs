//! What a concentrated position is and is worth: the lens's `Figures`.

use crate::il::{Worth, below_one};
use crate::limbs::{self, Limbs, Quotient, Words, add, div, from_u256, less, lessened, mul, normalised, shr, sub};
use crate::tick::{check_sqrt_price, range_sqrt_prices};
use crate::{Error, Result, WAD};
use alloy_primitives::{I256, U256};

/// What a position is and is worth. Prices are raw token1 per raw token0; every wad is exact before its one rounding.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Raw token0 that the liquidity would pay out now; rounded down.
    pub amount0: U256,
    /// Raw token1 that the liquidity would pay out now; rounded down.
    pub amount1: U256,
    /// Wad of raw token1: the unfloored amounts at the current price; rounded down.
    pub value: U256,
    /// Wad of raw token1: the unfloored entry amounts at the current price; rounded down.
    pub hold: U256,
    /// Wad: value ÷ hold − 1 before either is rounded; never above zero, rounded towards minus infinity.
    pub il: I256,
    /// Wad of raw token0, dV/dP: the unfloored token0 of the position. All of it below the range, none above; rounded down.
    pub delta: U256,
    /// Wad of raw token0 per unit of price, d²V/dP² = −½ L P^(−3/2) from the lower end of the range up to, not including, the
    /// upper, zero elsewhere; rounded towards minus infinity. `I256::MIN` where it does not fit.
    pub gamma: I256,
    /// Wad of raw token1: P² · gamma = −½ L √P, which always fits; rounded towards minus infinity.
    pub dollar_gamma: I256,
}

/// The figures of `liquidity` in `[tick_lower, tick_upper]`, entered at one sqrt price, at another.
///
/// Either price may lie outside the range. A position without liquidity has zero figures and the IL of its range. Errors:
/// [`Error::SqrtPriceOutOfRange`], [`Error::TickOutOfRange`], [`Error::EmptyRange`]; [`Error::Overflow`] where `hold` leaves 256
/// bits, which takes an entry and a current price some 2^60 apart at the greatest liquidity.
pub fn figures(
    liquidity: u128,
    entry_sqrt_price: U256,
    sqrt_price: U256,
    tick_lower: i32,
    tick_upper: i32,
) -> Result<Figures> {
    check_sqrt_price(entry_sqrt_price)?;
    check_sqrt_price(sqrt_price)?;
    let (lower, upper) = range_sqrt_prices(tick_lower, tick_upper)?;
    let range = Range::new(lower, upper);
    let (now, entry) = (Root::new(&sqrt_price), Root::new(&entry_sqrt_price));
    let (at, held) = (range.clamp(&now), range.clamp(&entry));
    let stake = Stake::new(liquidity, &now, &range);
    let value = stake.value(at)?;
    let unmoved = held.words == at.words;
    let hold = if unmoved { value } else { stake.worth(held)? };
    let il = if unmoved {
        Some(I256::ZERO)
    } else {
        ratio(&value, &hold)
    };
    let (amount0, delta) = stake.token0(at)?;
    let inside = !less(&now.words, &range.lower.words) && less(&now.words, &range.upper.words);
    Ok(Figures {
        amount0,
        amount1: stake.token1(at)?,
        value,
        hold,
        il: il.unwrap_or_else(|| Worth::new(sqrt_price, lower, upper).il(sqrt_price, entry_sqrt_price)),
        delta,
        gamma: if inside { stake.gamma() } else { I256::ZERO },
        dollar_gamma: if inside { stake.dollar_gamma()? } else { I256::ZERO },
    })
}

/// The IL of a range, from what a large liquidity in it is worth; nothing where that does not determine the last digit.
///
/// The sqrt prices are below 2^160 and `lower < upper`.
pub(crate) fn il(entry_sqrt_price: U256, sqrt_price: U256, lower: U256, upper: U256) -> Option<I256> {
    let range = Range::new(lower, upper);
    let (now, entry) = (Root::new(&sqrt_price), Root::new(&entry_sqrt_price));
    let (at, held) = (range.clamp(&now), range.clamp(&entry));
    if at.words == held.words {
        return Some(I256::ZERO);
    }
    let stake = Stake::new(1 << 127, &now, &range);
    ratio(&stake.value(at).ok()?, &stake.worth(held).ok()?)
}

/// 1e18.
const UNIT: Limbs<3> = limbs_of(WAD as u128);
/// 1e18 shifted up until its 168th bit is its highest.
const UNIT_RAISED: Limbs<6> = {
    let [l0, l1, l2] = limbs_of((WAD as u128) << 24);
    [0, 0, 0, l0, l1, l2]
};
const UNIT_SHIFT: isize = 108;
/// The fractional bits of a sqrt price.
const Q96: isize = 96;

const fn limbs_of(x: u128) -> Limbs<3> {
    const LOW: u128 = (1 << limbs::BITS) - 1;
    [
        (x & LOW) as u64,
        (x >> limbs::BITS & LOW) as u64,
        (x >> (2 * limbs::BITS)) as u64,
    ]
}

/// A sqrt price: below 2^160.
struct Root {
    words: Words,
    limbs: Limbs<6>,
}

impl Root {
    fn new(sqrt_price: &U256) -> Self {
        let words = limbs::words(sqrt_price);
        Self {
            words,
            limbs: limbs::from_words(&words),
        }
    }
}

struct Range {
    lower: Root,
    upper: Root,
}

impl Range {
    fn new(lower: U256, upper: U256) -> Self {
        Self {
            lower: Root::new(&lower),
            upper: Root::new(&upper),
        }
    }

    /// The sqrt price, or the end of the range that it lies beyond.
    fn clamp<'a>(&'a self, root: &'a Root) -> &'a Root {
        if less(&root.words, &self.lower.words) {
            &self.lower
        } else if less(&self.upper.words, &root.words) {
            &self.upper
        } else {
            root
        }
    }
}

/// Liquidity in a range at a price, and what several figures need of them. In what follows `s` is the sqrt price, `a` and `b` are
/// the ends of the range, `c` is a sqrt price clamped to it, and `L` stands for `1e18 * liquidity`, below 2^188.
struct Stake<'a> {
    liquidity: Limbs<5>,
    scaled: Limbs<7>,
    now: &'a Root,
    range: &'a Range,
    /// `b` and `s`, shifted up to their full length, and by how much.
    upper: (Limbs<6>, usize),
    raised: (Limbs<6>, usize),
}

impl<'a> Stake<'a> {
    fn new(liquidity: u128, now: &'a Root, range: &'a Range) -> Self {
        let liquidity = limbs::from_words(&[liquidity as u64, (liquidity >> 64) as u64, 0]);
        Self {
            liquidity,
            scaled: mul(&UNIT, &liquidity),
            now,
            range,
            upper: normalised(&range.upper.words),
            raised: normalised(&now.words),
        }
    }

    /// What the position is worth: at a price in the range `L (s (2 b - s) - a b) / (2^96 b)`.
    fn value(&self, at: &Root) -> Result<U256> {
        if at.words != self.now.words {
            return self.worth(at);
        }
        let (lower, upper) = (&self.range.lower.limbs, &self.range.upper.limbs);
        let product: Limbs<12> = mul(&at.limbs, &lessened(2, upper, &at.limbs));
        let worth = lessened(1, &product, &mul(lower, upper));
        let numerator: Limbs<19> = mul(&self.scaled, &worth);
        let (divisor, raised) = &self.upper;
        floor(div::<19, 6, 26>(&numerator, *raised as isize - Q96, divisor))
    }

    /// What the amounts that the liquidity has at `c` are worth: `L ((b - c) s^2 + (c - a) c b) / (2^96 c b)`.
    fn worth(&self, at: &Root) -> Result<U256> {
        let (lower, upper) = (&self.range.lower, &self.range.upper);
        if at.words == upper.words {
            // All of it is token1.
            let held: Limbs<13> = mul(&self.scaled, &sub(&upper.limbs, &lower.limbs));
            return Ok(shr(&held, 3, 12).ok_or(Error::Overflow)?.0);
        }
        let product: Limbs<12> = mul(&at.limbs, &upper.limbs);
        let price: Limbs<12> = mul(&self.now.limbs, &self.now.limbs);
        let amount0: Limbs<18> = mul(&sub(&upper.limbs, &at.limbs), &price);
        let amount1: Limbs<18> = mul(&sub(&at.limbs, &lower.limbs), &product);
        let numerator: Limbs<25> = mul(&self.scaled, &add(&amount0, &amount1));
        let (divisor, raised) = self.times_upper(at);
        floor(div::<25, 12, 38>(&numerator, raised - Q96, &divisor))
    }

    /// Token0 held at `c`, raw and as a wad: `L 2^96 (b - c) / (c b)`, below 2^252.
    fn token0(&self, at: &Root) -> Result<(U256, U256)> {
        let upper = &self.range.upper;
        if at.words == upper.words {
            return Ok((U256::ZERO, U256::ZERO));
        }
        let numerator: Limbs<13> = mul(&self.scaled, &sub(&upper.limbs, &at.limbs));
        let (divisor, raised) = self.times_upper(at);
        let wad = floor(div::<13, 12, 28>(&numerator, raised + Q96, &divisor))?;
        let raw = div::<10, 6, 18>(&from_u256(&wad), UNIT_SHIFT, &UNIT_RAISED);
        Ok((floor(raw)?, wad))
    }

    /// Raw token1 held at `c`: `liquidity (c - a) / 2^96`.
    fn token1(&self, at: &Root) -> Result<U256> {
        let held: Limbs<11> = mul(&self.liquidity, &sub(&at.limbs, &self.range.lower.limbs));
        Ok(shr(&held, 3, 12).ok_or(Error::Overflow)?.0)
    }

    /// `-L 2^287 / s^3`, as P^(3/2) is `s^3 / 2^288`; `I256::MIN` where it does not fit.
    fn gamma(&self) -> I256 {
        let (root, raised) = &self.raised;
        let cube: Limbs<18> = mul(root, &mul::<6, 6, 12>(root, root));
        let gamma = div::<7, 18, 33>(&self.scaled, 3 * *raised as isize + 3 * Q96 - 1, &cube);
        gamma
            .to_u256()
            .and_then(|floor| negative(floor, gamma.remains))
            .unwrap_or(I256::MIN)
    }

    /// `-L s / 2^97`, below 2^251.
    fn dollar_gamma(&self) -> Result<I256> {
        let product: Limbs<13> = mul(&self.scaled, &self.now.limbs);
        shr(&product, 3, 13)
            .and_then(|(quotient, lost)| negative(quotient, lost))
            .ok_or(Error::Overflow)
    }

    /// `c b`, shifted up, and by how much.
    fn times_upper(&self, at: &Root) -> (Limbs<12>, isize) {
        let other = if at.words == self.now.words {
            &self.raised
        } else {
            &normalised(&at.words)
        };
        (mul(&other.0, &self.upper.0), (other.1 + self.upper.1) as isize)
    }
}

fn floor(quotient: Quotient) -> Result<U256> {
    quotient.to_u256().ok_or(Error::Overflow)
}

/// Minus the quotient, rounded away from zero.
fn negative(quotient: U256, remains: bool) -> Option<I256> {
    let magnitude = quotient.checked_add(U256::from(remains))?;
    I256::try_from(magnitude).ok().map(|magnitude| -magnitude)
}

/// The floor of value ÷ hold − 1 from the floors of both, where these determine it.
///
/// Of 168 leading bits of the hold `h` and the value's at the same place `v`, both may be short of less than `e`, two units or the
/// hold's own rounding. The ratio then lies between `v / (h + e)` and `(v + e) / h`; both have the floor `q` of the former, as a
/// wad, if what remains of its division is below `h - e (q + 1e18)`.
fn ratio(value: &U256, hold: &U256) -> Option<I256> {
    const SPARE: usize = 256 - 168;
    let (mut v, mut h) = (*value.as_limbs(), *hold.as_limbs());
    let mut raised = 0;
    while h[3] == 0 && raised < 192 {
        h = [0, h[0], h[1], h[2]];
        v = [0, v[0], v[1], v[2]];
        raised += 64;
    }
    let zeros = h[3].leading_zeros() as usize;
    raised += zeros;
    // Shorter holds round too coarsely.
    if raised > 180 {
        return None;
    }
    let [v, h] = [v, h].map(|[_, w1, w2, w3]| limbs::leading(&[w1, w2, w3], zeros));
    let error = (raised + 1).saturating_sub(SPARE).max(1);
    let mut divisor = h;
    *divisor.get_mut(error / limbs::BITS)? += 1 << (error % limbs::BITS);
    let product: Limbs<9> = mul(&UNIT, &v);
    let share = div::<9, 6, 16>(&product, 0, &divisor);
    // Twice 1e18, below 2^61, times the error, in units of the two leading limbs' last place; and what these leave out.
    let slack = (1 << (error + 61).saturating_sub(4 * limbs::BITS)) + 2;
    if share.rest + slack >= (h[5] << limbs::BITS | h[4]) {
        return None;
    }
    // At most 1e18.
    Some(below_one(share.low().into()))
}
