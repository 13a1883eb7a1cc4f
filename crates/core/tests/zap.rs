//! The swap to a range's ratio, executed on an independently simulated pool.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::pool::SimPool;
use common::sqrt_price_of;
use hedgerow_core::liquidity::{amounts_for_liquidity, amounts_to_mint, liquidity_for_amounts};
use hedgerow_core::tick::{MIN_SQRT_PRICE, range_sqrt_prices, sqrt_price_at_tick};
use hedgerow_core::zap::{Ending, Plan, Ticks, solve};
use hedgerow_core::{Error, U256, WAD};
use proptest::prelude::*;

type Wide = alloy_primitives::Uint<768, 12>;

#[derive(Debug, Clone)]
struct Case {
    pool: SimPool,
    lower: i32,
    upper: i32,
    amount0: U256,
    amount1: U256,
}

impl Case {
    fn solve(&self) -> Plan {
        let (a, b) = range_sqrt_prices(self.lower, self.upper).unwrap();
        solve(
            &self.pool.state(),
            a,
            b,
            self.amount0,
            self.amount1,
            &mut self.pool.clone(),
        )
        .unwrap()
    }

    /// Swaps `amount_in` in the simulated pool and returns the price, what is held then and what it mints.
    fn execute(&self, zero_for_one: bool, amount_in: U256) -> (U256, U256, U256, u128) {
        let mut pool = self.pool.clone();
        let (taken, paid) = if amount_in.is_zero() {
            Default::default()
        } else {
            pool.swap(zero_for_one, amount_in)
        };
        let (x, y) = if zero_for_one {
            (self.amount0 - taken, self.amount1 + paid)
        } else {
            (self.amount0 + paid, self.amount1 - taken)
        };
        let (a, b) = range_sqrt_prices(self.lower, self.upper).unwrap();
        (
            pool.sqrt_price,
            x,
            y,
            liquidity_for_amounts(pool.sqrt_price, a, b, x, y).unwrap(),
        )
    }
}

/// Pools with a wide base of liquidity and several ranges on top, prices from 1e-13 to 1e13, and a target near the price.
fn cases() -> impl Strategy<Value = Case> {
    let fees = prop_oneof![Just((100, 1)), Just((500, 10)), Just((3000, 60)), Just((10000, 200))];
    let position = (-400_i32..400, 1_i32..300, 40_u32..100);
    (
        -300_000_i32..300_000,
        fees,
        prop::collection::vec(position, 0..6),
        (60_u32..100, any::<u64>()),
        (-60_i32..60, 1_i32..120),
        (any::<u64>(), any::<u64>(), 0_u32..4),
    )
        .prop_map(
            |(tick, (fee, spacing), positions, (base, price_in_tick), (offset, width), (x, y, kind))| {
                let at = |tick| sqrt_price_at_tick(tick).unwrap();
                let step = at(tick + 1) - at(tick);
                let mut pool = SimPool::new(
                    at(tick) + step * U256::from(price_in_tick) / U256::from(u64::MAX),
                    fee,
                    spacing,
                );
                let middle = tick.div_euclid(spacing) * spacing;
                pool.mint(middle - 2000 * spacing, middle + 2000 * spacing, 1 << base);
                for (start, width, bits) in positions {
                    let lower = middle + start * spacing;
                    pool.mint(lower, lower + width * spacing, (1 << bits) - 1);
                }
                let lower = middle + offset * spacing;
                let upper = lower + width * spacing;
                // Amounts whose liquidity in the target range is up to 2^100, of the size that the price gives them.
                let (a, b) = range_sqrt_prices(lower, upper).unwrap();
                let (most0, _) = amounts_for_liquidity(a, a, b, 1 << 90).unwrap();
                let (_, most1) = amounts_for_liquidity(b, a, b, 1 << 90).unwrap();
                let share = |most: U256, part: u64| most * U256::from(part) / U256::from(u64::MAX);
                let amount0 = if kind == 1 { U256::ZERO } else { share(most0, x) };
                let amount1 = if kind == 2 { U256::ZERO } else { share(most1, y) };
                Case {
                    pool,
                    lower,
                    upper,
                    amount0,
                    amount1,
                }
            },
        )
}

/// Value in token1 at a sqrt price, in units of 2^-192.
fn value(sqrt_price: U256, amount0: U256, amount1: U256) -> Wide {
    let price = Wide::from(sqrt_price) * Wide::from(sqrt_price);
    Wide::from(amount0) * price + (Wide::from(amount1) << 192)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_plan_is_what_the_pool_does(case in cases()) {
        let plan = case.solve();
        let done = case.execute(plan.zero_for_one, plan.amount_in);
        prop_assert_eq!(done, (plan.sqrt_price, plan.amount0, plan.amount1, plan.liquidity));
    }

    /// What minting leaves is worth less than 1e-9 of the holdings, plus a few units of either token: of themselves, of what
    /// one unit of liquidity takes, and of what one unit of input does to the ratio in a pool shallower than the position.
    #[test]
    fn minting_after_the_swap_leaves_only_dust(case in cases()) {
        let plan = case.solve();
        if plan.ending != Ending::Ratio {
            return Ok(());
        }
        let (a, b) = range_sqrt_prices(case.lower, case.upper).unwrap();
        let (used0, used1) = amounts_to_mint(plan.sqrt_price, a, b, plan.liquidity).unwrap();
        let (left0, left1) = (plan.amount0 - used0, plan.amount1 - used1);
        let left = value(plan.sqrt_price, left0, left1);
        let holdings = value(plan.sqrt_price, plan.amount0, plan.amount1);
        let (unit0, unit1) = amounts_to_mint(plan.sqrt_price, a, b, 1).unwrap();
        let units = U256::from(plan.liquidity >> 60) + U256::from(4);
        let grain = value(plan.sqrt_price, unit0 + units, unit1 + units);
        prop_assert!(left * Wide::from(1_000_000_000) <= holdings + grain * Wide::from(1_000_000_000),
            "left {left0} and {left1} after {plan:?}");
    }

    #[test]
    fn no_neighbouring_input_mints_more(case in cases(), near in 1_u64..1000, far in 1_u32..60) {
        let plan = case.solve();
        let all = if plan.zero_for_one { case.amount0 } else { case.amount1 };
        for distance in [U256::from(1), U256::from(near), (plan.amount_in >> far as usize).max(U256::from(1))] {
            for amount in [plan.amount_in.checked_sub(distance), plan.amount_in.checked_add(distance)] {
                let Some(amount) = amount.filter(|amount| *amount <= all) else { continue };
                let (.., liquidity) = case.execute(plan.zero_for_one, amount);
                // One part in 1e9: near the end of a range a single unit of input can shift the ratio by nearly as much.
                let bought = if plan.zero_for_one { plan.amount1 } else { plan.amount0 };
                let unit = U256::from(plan.liquidity) / bought.max(U256::from(1));
                let slack = plan.liquidity / 1_000_000_000 + 1 + unit.to::<u128>();
                prop_assert!(liquidity <= plan.liquidity + slack, "{amount} mints {liquidity}, not {plan:?}");
            }
        }
    }
}

/// A pool of one liquidity over nearly all prices, at a price of 18-decimal tokens.
fn flat_pool(price: u64, liquidity: u128, fee_pips: u32) -> SimPool {
    let mut pool = SimPool::new(root(price), fee_pips, 1);
    pool.mint(-887_000, 887_000, liquidity);
    pool
}

fn root(price: u64) -> U256 {
    sqrt_price_of(U256::from(price), U256::from(1))
}

fn ether(amount: u64) -> U256 {
    U256::from(amount) * U256::from(WAD)
}

fn assert_close(wad: U256, expected: f64) {
    let got = wad.to_string().parse::<f64>().unwrap() / 1e18;
    assert!((got / expected - 1.0).abs() < 1e-13, "{got} is not {expected}");
}

#[test]
fn one_sided_amounts_are_split_as_the_closed_form_says() {
    let (a, b) = (root(1500), root(2500));
    let mut pool = flat_pool(2000, 100_000 * u128::from(WAD), 500);
    let plan = solve(&pool.state(), a, b, U256::ZERO, ether(10_000), &mut pool).unwrap();
    assert_eq!((plan.ending, plan.zero_for_one), (Ending::Ratio, false));
    assert_close(plan.amount_in, 4370.060311995727);
    assert_close(plan.amount0, 2.181806699542282);
    assert_close(plan.amount1, 5629.939688004273);

    let mut pool = flat_pool(2000, 100_000 * u128::from(WAD), 3000);
    let plan = solve(&pool.state(), a, b, ether(5), U256::ZERO, &mut pool).unwrap();
    assert_eq!((plan.ending, plan.zero_for_one), (Ending::Ratio, true));
    assert_close(plan.amount_in, 2.775830202208531);
    assert_close(plan.amount0, 2.224169797791469);
    assert_close(plan.amount1, 5528.163409731699);
}

#[test]
fn range_beside_the_price_takes_everything_into_one_token() {
    let mut pool = flat_pool(2000, 100_000 * u128::from(WAD), 500);
    let above = solve(
        &pool.state(),
        root(2500),
        root(3000),
        ether(5),
        ether(10_000),
        &mut pool,
    )
    .unwrap();
    assert_eq!(
        (above.zero_for_one, above.amount_in, above.amount1),
        (false, ether(10_000), U256::ZERO)
    );
    let below = solve(
        &pool.state(),
        root(1000),
        root(1500),
        ether(5),
        ether(10_000),
        &mut pool,
    )
    .unwrap();
    assert_eq!(
        (below.zero_for_one, below.amount_in, below.amount0),
        (true, ether(5), U256::ZERO)
    );
    for plan in [above, below] {
        assert_eq!(plan.ending, Ending::Ratio);
    }
}

#[test]
fn nothing_is_swapped_when_nothing_is_gained() {
    let pool = flat_pool(2000, 100_000 * u128::from(WAD), 500);
    let (a, b) = (root(1500), root(2500));
    let no_swap = |x, y, a, b| {
        let plan = solve(&pool.state(), a, b, x, y, &mut pool.clone()).unwrap();
        assert_eq!((plan.ending, plan.amount_in), (Ending::NoSwap, U256::ZERO));
        assert_eq!((plan.amount0, plan.amount1, plan.sqrt_price), (x, y, pool.sqrt_price));
    };
    no_swap(U256::ZERO, U256::ZERO, a, b);
    // The one token that a range beside the price needs.
    no_swap(ether(5), U256::ZERO, root(2500), root(3000));
    no_swap(U256::ZERO, ether(5), root(1000), root(1500));
    // Exactly on the ends, where one token is all the range needs too.
    no_swap(ether(5), U256::ZERO, root(2000), root(3000));
    no_swap(U256::ZERO, ether(5), root(1000), root(2000));
    // What minting takes is in ratio, up to an excess too small to be worth its fee.
    let (x, y) = amounts_to_mint(root(2000), a, b, u128::from(WAD)).unwrap();
    no_swap(x, y, a, b);
    // One unit, whose fee is all of it.
    no_swap(U256::from(1), U256::ZERO, a, b);
}

#[test]
fn pool_without_liquidity_is_exhausted_at_once() {
    let mut pool = SimPool::new(root(2000), 3000, 60);
    let plan = solve(&pool.state(), root(1500), root(2500), ether(5), U256::ZERO, &mut pool).unwrap();
    assert_eq!(
        (plan.ending, plan.amount_in, plan.sqrt_price),
        (Ending::Exhausted, U256::ZERO, root(2000))
    );
}

#[test]
fn shallow_pool_is_exhausted_where_its_liquidity_ends() {
    // All the liquidity lies within 60 ticks; far more token0 has to be sold than it can buy.
    let mut pool = SimPool::new(sqrt_price_at_tick(0).unwrap(), 3000, 60);
    pool.mint(-60, 60, 1_000_000_000);
    let (a, b) = range_sqrt_prices(-6000, 6000).unwrap();
    let case = Case {
        pool,
        lower: -6000,
        upper: 6000,
        amount0: ether(1),
        amount1: U256::ZERO,
    };
    let plan = solve(&case.pool.state(), a, b, ether(1), U256::ZERO, &mut case.pool.clone()).unwrap();
    assert_eq!(
        (plan.ending, plan.sqrt_price),
        (Ending::Exhausted, sqrt_price_at_tick(-60).unwrap())
    );
    assert_eq!(
        case.execute(true, plan.amount_in),
        (plan.sqrt_price, plan.amount0, plan.amount1, plan.liquidity)
    );
    assert!(!plan.amount_in.is_zero() && plan.liquidity > 0);
}

#[test]
fn ratio_inside_a_gap_ends_at_the_better_side_of_it() {
    // Liquidity on both sides of [-6000, -600]; from the near side to the far one the ratio passes what is held.
    let mut pool = SimPool::new(sqrt_price_at_tick(0).unwrap(), 3000, 60);
    pool.mint(-600, 600, 1 << 80);
    pool.mint(-12000, -6000, 1 << 80);
    let mut sides = [0, 0];
    for step in 0..180 {
        let (lower, amount0) = (
            -9000 + step / 2 * 60,
            ether(if step % 2 == 0 { 40_000 } else { 1_000_000 }),
        );
        let amount1 = U256::ZERO;
        let case = Case {
            pool: pool.clone(),
            lower,
            upper: lower + 6000,
            amount0,
            amount1,
        };
        let plan = case.solve();
        let done = case.execute(plan.zero_for_one, plan.amount_in);
        assert_eq!(done, (plan.sqrt_price, plan.amount0, plan.amount1, plan.liquidity));
        if plan.ending == Ending::Gap {
            let at = |tick| sqrt_price_at_tick(tick).unwrap();
            assert!(plan.sqrt_price == at(-600) || plan.sqrt_price == at(-6000));
            sides[usize::from(plan.sqrt_price == at(-6000))] += 1;
            let one = U256::from(1);
            for other in [plan.amount_in - one, plan.amount_in + one] {
                assert!(case.execute(true, other).3 <= plan.liquidity);
            }
        }
    }
    assert!(sides[0] > 0 && sides[1] > 0, "both sides occur: {sides:?}");
}

#[test]
fn price_exactly_on_an_initialised_tick_is_left_in_either_direction() {
    for (tick, active) in [(0, 3_u128 << 80), (-1, 1 << 80)] {
        let mut pool = SimPool::new(sqrt_price_at_tick(0).unwrap(), 3000, 60);
        pool.mint(-6000, 6000, 1 << 80);
        pool.mint(0, 600, 2 << 80);
        (pool.tick, pool.liquidity) = (tick, active);
        for (x, y) in [(ether(100_000), U256::ZERO), (U256::ZERO, ether(100_000))] {
            let case = Case {
                pool: pool.clone(),
                lower: -1200,
                upper: 1200,
                amount0: x,
                amount1: y,
            };
            let plan = case.solve();
            assert_eq!((plan.ending, plan.zero_for_one), (Ending::Ratio, !x.is_zero()));
            assert_eq!(
                case.execute(plan.zero_for_one, plan.amount_in),
                (plan.sqrt_price, plan.amount0, plan.amount1, plan.liquidity)
            );
        }
    }
}

#[test]
fn swap_to_the_end_of_all_prices_is_refused_as_exhausted() {
    // Liquidity everywhere, but a range at the very bottom and all of it to be sold.
    let mut pool = SimPool::new(sqrt_price_at_tick(-887_200).unwrap(), 10_000, 200);
    pool.mint(-887_200, 887_200, 1 << 60);
    let (a, b) = (MIN_SQRT_PRICE, sqrt_price_at_tick(-887_271).unwrap());
    let plan = solve(&pool.state(), a, b, U256::from(u128::MAX), U256::ZERO, &mut pool).unwrap();
    assert_eq!(plan.ending, Ending::Exhausted);
}

/// Ticks that lead the wrong way.
struct Astray(i32);

impl Ticks for Astray {
    type Error = Error;
    fn next(&mut self, _: i32, _: bool) -> Result<(i32, bool), Error> {
        Ok((self.0, false))
    }
    fn liquidity_net(&mut self, _: i32) -> Result<i128, Error> {
        Ok(0)
    }
}

#[test]
fn ticks_that_lead_astray_and_impossible_ranges_are_refused() {
    let mut pool = flat_pool(1, 1 << 80, 3000);
    let (a, b) = range_sqrt_prices(-6000, 6000).unwrap();
    let try_with = |ticks: &mut Astray, x, y| solve(&pool.state(), a, b, x, y, ticks);
    assert_eq!(
        try_with(&mut Astray(1), ether(1), U256::ZERO),
        Err(Error::TickNotAhead(1))
    );
    assert_eq!(
        try_with(&mut Astray(0), U256::ZERO, ether(1)),
        Err(Error::TickNotAhead(0))
    );
    let ranged = |a, b| solve(&pool.state(), a, b, ether(1), ether(1), &mut pool.clone());
    assert_eq!(ranged(b, a), Err(Error::SqrtPriceOutOfRange(a)));
    assert_eq!(ranged(a, a), Err(Error::SqrtPriceOutOfRange(a)));
    assert_eq!(ranged(U256::ZERO, a), Err(Error::SqrtPriceOutOfRange(U256::ZERO)));
    assert_eq!(ranged(a, U256::MAX), Err(Error::SqrtPriceOutOfRange(U256::MAX)));
    let all = solve(&pool.state(), a, b, U256::MAX, U256::ZERO, &mut pool.clone());
    assert_eq!(all, Err(Error::Overflow));
    pool.fee_pips = 1_000_000;
    let free = solve(&pool.state(), a, b, ether(1), ether(1), &mut pool.clone());
    assert_eq!(free, Err(Error::FeeOutOfRange(1_000_000)));
}
