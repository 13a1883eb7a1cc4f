//! The swap that brings two amounts to the ratio that a range needs, at the price that the swap itself leaves behind.
//!
//! The pool is walked as its own `swap` walks it, interval by interval, with the ticks supplied lazily by the caller. An
//! interval that the ratio lies beyond is consumed whole; inside the one where the sign of the excess changes, the exact input
//! is found between two bounds that always enclose it, on the pool's own arithmetic. So the price impact, the fee and every
//! rounding are those of the swap that will be executed.
//!
//! The ratio. At a sqrt price s (as Q96) inside `[a, b]`, amounts x and y fit when both mint the same liquidity:
//! `x * s * b / (b - s) = y * 2^192 / (s - a)`. Below the range only token0 fits, above it only token1.

use crate::Error;
use crate::liquidity::{liquidity_for_amount0, liquidity_for_amount1, within};
use crate::swap::{FEE_UNIT, exact_in, exact_in_inside};
use crate::tick::{MAX_SQRT_PRICE, MAX_TICK, MIN_TICK, check_sqrt_price, sqrt_price_at_tick};
use crate::wide::Wide;
use alloy_primitives::U256;
use core::cmp::Ordering;

/// A pool as its `slot0`, `liquidity` and `fee` tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pool {
    /// `sqrtPriceX96`.
    pub sqrt_price: U256,
    /// The current tick; one below the price's own tick where a swap down ended exactly on a boundary.
    pub tick: i32,
    /// Liquidity in range.
    pub liquidity: u128,
    /// The swap fee in millionths.
    pub fee_pips: u32,
}

/// The ticks of a pool, asked for only as the walk needs them.
pub trait Ticks {
    /// What reading can fail with.
    type Error: From<Error>;

    /// The tick that the pool's swap steps to next from `tick`, and whether it is initialised: at or below `tick` when
    /// `zero_for_one`, else above it. To meet the pool's rounding to the unit it must stop at the ends of bitmap words, as
    /// [`crate::tick::next_in_word`] does.
    fn next(&mut self, tick: i32, zero_for_one: bool) -> Result<(i32, bool), Self::Error>;

    /// `liquidityNet` of an initialised tick; asked for only when the walk crosses it.
    fn liquidity_net(&mut self, tick: i32) -> Result<i128, Self::Error>;
}

/// Where and why the walk ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The ratio is met up to rounding.
    Ratio,
    /// No swap mints more than the amounts do as they are.
    NoSwap,
    /// The ratio lies in a stretch without liquidity, which a swap can only jump over: one token is left over.
    Gap,
    /// The pool has no liquidity left before the ratio is met: one token is left over.
    Exhausted,
}

/// The swap to make and what it leaves, exactly as the pool will compute it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plan {
    /// Token0 is sold.
    pub zero_for_one: bool,
    /// Raw input, fee included; zero when no swap is to be made.
    pub amount_in: U256,
    /// Raw output.
    pub amount_out: U256,
    /// The sqrt price after the swap.
    pub sqrt_price: U256,
    /// Raw token0 held after the swap.
    pub amount0: U256,
    /// Raw token1 held after the swap.
    pub amount1: U256,
    /// Liquidity that these amounts mint.
    pub liquidity: u128,
    /// Where and why the walk ended.
    pub ending: Ending,
}

/// Finds the swap after which `amount0` and `amount1` mint the most liquidity between the sqrt prices `lower` and `upper`.
///
/// What minting then leaves is worth less than 1e-9 of the holdings, plus a few units of either token (as many more as the
/// position is larger than the pool's liquidity, because a single unit of input then moves the ratio by that much).
///
/// The optimum is exact to what one unit of the bought token costs, given that the two liquidities move monotonically with the
/// input, which they do up to the rounding of single units. Errors: [`Error::SqrtPriceOutOfRange`] for the pool's price; [`Error::ZeroDenominator`]
/// where the range is empty; [`Error::FeeOutOfRange`]; [`Error::Overflow`] for amounts or liquidity beyond a uint128;
/// [`Error::TickNotAhead`]; whatever reading the ticks fails with.
pub fn solve<T: Ticks>(
    pool: &Pool,
    lower: U256,
    upper: U256,
    amount0: U256,
    amount1: U256,
    ticks: &mut T,
) -> Result<Plan, T::Error> {
    check_sqrt_price(pool.sqrt_price)?;
    check_sqrt_price(lower)?;
    if upper <= lower || upper > MAX_SQRT_PRICE {
        return Err(Error::SqrtPriceOutOfRange(upper).into());
    }
    if pool.fee_pips >= FEE_UNIT {
        return Err(Error::FeeOutOfRange(pool.fee_pips).into());
    }
    let (amount0, amount1) = (narrow(amount0)?, narrow(amount1)?);
    let range = Range { lower, upper };
    let balance = range.balance(pool.sqrt_price, amount0, amount1);
    let zero_for_one = balance.order == Ordering::Greater;
    let (sold, bought) = if zero_for_one {
        (amount0, amount1)
    } else {
        (amount1, amount0)
    };
    let start = Held {
        sqrt_price: pool.sqrt_price,
        sold,
        bought,
    };
    let mut plan = range.plan(zero_for_one, &start, &start, Ending::NoSwap)?;
    if balance.order != Ordering::Equal {
        let walk = Walk {
            range,
            zero_for_one,
            fee_pips: pool.fee_pips,
        };
        let (held, ending) = walk.run(start, pool, ticks)?;
        let swapped = range.plan(zero_for_one, &start, &held, ending)?;
        if swapped.liquidity > plan.liquidity {
            plan = swapped;
        } else if ending == Ending::Exhausted {
            plan.ending = ending;
        }
    }
    Ok(plan)
}

/// Holdings during the walk, by role.
#[derive(Clone, Copy)]
struct Held {
    sqrt_price: U256,
    sold: u128,
    bought: u128,
}

/// How far apart the two sides of the ratio are.
struct Balance {
    /// `Greater` when there is too much token0.
    order: Ordering,
    distance: Wide,
}

#[derive(Clone, Copy)]
struct Range {
    lower: U256,
    upper: U256,
}

impl Range {
    /// Compares `x * s * b * (s - a)` with `y * 2^192 * (b - s)`, s clamped to `[a, b]`: exact, below 2^608.
    fn balance(&self, sqrt_price: U256, amount0: u128, amount1: u128) -> Balance {
        let at = within(sqrt_price, self.lower, self.upper);
        let side0 = Wide::from(amount0)
            .mul(&Wide::from(at))
            .mul(&Wide::from(self.upper))
            .mul(&Wide::from(at - self.lower));
        let side1 = Wide::from(amount1).mul(&Wide::from(self.upper - at)).shl(192);
        let order = side0.cmp(&side1);
        let distance = if order == Ordering::Less {
            side1.sub(&side0)
        } else {
            side0.sub(&side1)
        };
        Balance { order, distance }
    }

    fn plan(&self, zero_for_one: bool, start: &Held, held: &Held, ending: Ending) -> Result<Plan, Error> {
        let (amount0, amount1) = held.amounts(zero_for_one);
        Ok(Plan {
            zero_for_one,
            amount_in: U256::from(start.sold - held.sold),
            amount_out: U256::from(held.bought - start.bought),
            sqrt_price: held.sqrt_price,
            amount0: U256::from(amount0),
            amount1: U256::from(amount1),
            liquidity: self.liquidity(held, zero_for_one)?,
            ending,
        })
    }

    /// As `liquidity_for_amounts`, but a side that alone would exceed a uint128 does not hide the other, smaller one.
    fn liquidity(&self, held: &Held, zero_for_one: bool) -> Result<u128, Error> {
        let (amount0, amount1) = held.amounts(zero_for_one);
        let at = within(held.sqrt_price, self.lower, self.upper);
        let by_amount0 = if at < self.upper {
            capped(liquidity_for_amount0(at, self.upper, U256::from(amount0)))?
        } else {
            u128::MAX
        };
        let by_amount1 = if at > self.lower {
            capped(liquidity_for_amount1(self.lower, at, U256::from(amount1)))?
        } else {
            u128::MAX
        };
        Ok(by_amount0.min(by_amount1))
    }
}

impl Held {
    fn amounts(&self, zero_for_one: bool) -> (u128, u128) {
        if zero_for_one {
            (self.sold, self.bought)
        } else {
            (self.bought, self.sold)
        }
    }
}

struct Walk {
    range: Range,
    zero_for_one: bool,
    fee_pips: u32,
}

impl Walk {
    /// Walks interval by interval until the excess of the sold token is gone. It is positive at `held` when this starts.
    fn run<T: Ticks>(&self, mut held: Held, pool: &Pool, ticks: &mut T) -> Result<(Held, Ending), T::Error> {
        let (mut tick, mut liquidity) = (pool.tick, pool.liquidity);
        loop {
            let (next, initialised) = ticks.next(tick, self.zero_for_one)?;
            if if self.zero_for_one { next > tick } else { next <= tick } {
                return Err(Error::TickNotAhead(next).into());
            }
            let next = next.clamp(MIN_TICK, MAX_TICK);
            let boundary = sqrt_price_at_tick(next)?;
            if if self.zero_for_one {
                boundary > held.sqrt_price
            } else {
                boundary < held.sqrt_price
            } {
                return Err(Error::TickNotAhead(next).into());
            }
            if liquidity != 0 {
                // A pool never swaps onto the outermost prices themselves.
                let edge = match next {
                    MIN_TICK => boundary + U256::from(1),
                    MAX_TICK => boundary - U256::from(1),
                    _ => boundary,
                };
                let after = self.towards(&held, self.range_end(edge), liquidity, held.sold)?;
                if self.excess(&after).0 != Ordering::Greater {
                    return Ok((self.inside(&held, after, edge, liquidity)?, Ending::Ratio));
                }
                held = after;
            }
            if next == MIN_TICK || next == MAX_TICK {
                return Ok((held, Ending::Exhausted));
            }
            if initialised {
                let net = ticks.liquidity_net(next)?;
                let crossed = if self.zero_for_one {
                    liquidity.checked_add_signed(net.checked_neg().ok_or(Error::Overflow)?)
                } else {
                    liquidity.checked_add_signed(net)
                };
                let before = core::mem::replace(&mut liquidity, crossed.ok_or(Error::Overflow)?);
                if before == 0 && liquidity != 0 {
                    let far = Held {
                        sqrt_price: boundary,
                        ..held
                    };
                    if self.excess(&far).0 != Ordering::Greater {
                        return Ok((self.over_gap(&held, &far, liquidity)?, Ending::Gap));
                    }
                }
            }
            if liquidity != 0 {
                held.sqrt_price = boundary;
            }
            tick = if self.zero_for_one { next - 1 } else { next };
        }
    }

    /// The better of the two ends of a stretch without liquidity: a single unit of input carries the price over it.
    fn over_gap(&self, near: &Held, far: &Held, liquidity: u128) -> Result<Held, Error> {
        let far = self.partial(far, far.sold.saturating_sub(1), liquidity)?;
        let better = self.liquidity(&far)? > self.liquidity(near)?;
        Ok(if better { far } else { *near })
    }

    /// The best holdings reachable inside one interval, of which the excess is positive at `start` and no longer at `end`.
    ///
    /// Secants through the last two inputs tried, each led a little past the root so that the bracket closes from both sides,
    /// and a bisection whenever four of them did not halve it. It ends when the bracket is as narrow as what one unit of the
    /// bought token costs; of its two ends the one that mints more is taken.
    fn inside(&self, start: &Held, end: Held, edge: U256, liquidity: u128) -> Result<Held, Error> {
        let end = if end.sqrt_price == edge {
            end
        } else {
            self.partial(start, end.sold, liquidity)?
        };
        let (mut near, mut far) = (self.probe(start), self.probe(&end));
        if far.order != Ordering::Less {
            return Ok(end);
        }
        let span = start.sold - end.sold;
        // Not `clamp`: its check can print numbers, and 3 kB of that would land in the program.
        #[allow(clippy::manual_clamp)]
        let grain = ratio(span, 1, end.bought - start.bought).max(1).min(span);
        let (mut low, mut high) = (*start, end);
        let (mut checkpoint, mut round, mut lead) = (span, 0_u8, grain);
        while low.sold - high.sold > grain {
            let width = low.sold - high.sold;
            round += 1;
            let bisect = round == 4 && width > checkpoint >> 1;
            if round == 4 {
                (round, checkpoint) = (0, width);
            }
            if far.distance < near.distance {
                core::mem::swap(&mut near, &mut far);
            }
            let guess = if bisect {
                None
            } else {
                secant(&near, &far, span, lead, high.sold, low.sold)
            };
            let middle = self.partial(start, guess.unwrap_or(low.sold - (width >> 1)), liquidity)?;
            let probe = self.probe(&middle);
            lead = if probe.order == near.order {
                lead.saturating_add(lead).saturating_add(lead)
            } else {
                grain
            };
            match probe.order {
                Ordering::Greater => low = middle,
                Ordering::Equal => return Ok(middle),
                Ordering::Less => high = middle,
            }
            (far, near) = (near, probe);
        }
        Ok(if self.liquidity(&high)? > self.liquidity(&low)? {
            high
        } else {
            low
        })
    }

    /// Sells `amount`, or as much of it as it takes to reach `edge`, as the pool does.
    fn towards(&self, from: &Held, edge: U256, liquidity: u128, amount: u128) -> Result<Held, Error> {
        let step = exact_in(
            from.sqrt_price,
            edge,
            liquidity,
            U256::from(amount),
            self.fee_pips,
            self.zero_for_one,
        )?;
        let taken = step.amount_in.saturating_add(step.fee);
        Ok(Held {
            sqrt_price: step.sqrt_price,
            sold: from.sold.checked_sub(narrow(taken)?).ok_or(Error::Overflow)?,
            bought: from
                .bought
                .checked_add(narrow(step.amount_out)?)
                .ok_or(Error::Overflow)?,
        })
    }

    /// Sells all but `kept`, which must end inside the interval, as the pool does: the whole input is taken.
    fn partial(&self, from: &Held, kept: u128, liquidity: u128) -> Result<Held, Error> {
        let amount = U256::from(from.sold - kept);
        let (sqrt_price, out) = exact_in_inside(from.sqrt_price, liquidity, amount, self.fee_pips, self.zero_for_one)?;
        Ok(Held {
            sqrt_price,
            sold: kept,
            bought: from.bought.checked_add(narrow(out)?).ok_or(Error::Overflow)?,
        })
    }

    fn probe(&self, held: &Held) -> Probe {
        let (order, distance) = self.excess(held);
        Probe {
            sold: held.sold,
            order,
            distance,
        }
    }

    /// The excess of the sold token: `Greater` while more has to be sold.
    fn excess(&self, held: &Held) -> (Ordering, Wide) {
        let (amount0, amount1) = held.amounts(self.zero_for_one);
        let Balance { order, distance } = self.range.balance(held.sqrt_price, amount0, amount1);
        (if self.zero_for_one { order } else { order.reverse() }, distance)
    }

    fn liquidity(&self, held: &Held) -> Result<u128, Error> {
        self.range.liquidity(held, self.zero_for_one)
    }

    /// Where the excess is gone at the latest: at the end of the range, if that comes before `edge`.
    fn range_end(&self, edge: U256) -> U256 {
        if self.zero_for_one {
            edge.max(self.range.lower)
        } else {
            edge.min(self.range.upper)
        }
    }
}

fn capped(liquidity: Result<u128, Error>) -> Result<u128, Error> {
    match liquidity {
        Err(Error::Overflow) => Ok(u128::MAX),
        other => other,
    }
}

/// An input tried: what it leaves unsold, and how far from the ratio that is.
struct Probe {
    sold: u128,
    order: Ordering,
    distance: Wide,
}

/// Where the line through two probes meets the ratio, led past it by twice what curvature over `span` explains or `lead`;
/// strictly between `least` and `most`, else nothing.
fn secant(near: &Probe, far: &Probe, span: u128, lead: u128, least: u128, most: u128) -> Option<u128> {
    let slope = if near.order == far.order {
        far.distance.sub(&near.distance)
    } else {
        far.distance.add(&near.distance)
    };
    let shift = slope.bits().saturating_sub(128);
    let leading = |value: &Wide| value.shr(shift).0.to_u128().unwrap_or(u128::MAX);
    let between = near.sold.abs_diff(far.sold);
    let step = ratio(between, leading(&near.distance), leading(&slope));
    let past = step.saturating_add(ratio(step, between, span >> 1).max(lead));
    [past, step].into_iter().find_map(|by| {
        let sold = if near.order == Ordering::Greater {
            near.sold.checked_sub(by)
        } else {
            near.sold.checked_add(by)
        };
        sold.filter(|sold| least < *sold && *sold < most)
    })
}

/// Floor of `a * b / c`, saturating, also where `c` is zero.
fn ratio(a: u128, b: u128, c: u128) -> u128 {
    if c == 0 {
        return u128::MAX;
    }
    Wide::from(a)
        .mul(&Wide::from(b))
        .div(&Wide::from(c))
        .0
        .to_u128()
        .unwrap_or(u128::MAX)
}

fn narrow(amount: U256) -> Result<u128, Error> {
    u128::try_from(amount).map_err(|_| Error::Overflow)
}
