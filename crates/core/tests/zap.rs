//! The swap to a range's ratio, executed on an independently simulated pool.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;

use common::pool::SimPool;
use hedgerow_core::U256;
use hedgerow_core::liquidity::{amounts_for_liquidity, amounts_to_mint, liquidity_for_amounts};
use hedgerow_core::tick::{range_sqrt_prices, sqrt_price_at_tick};
use hedgerow_core::zap::{Ending, Plan, solve};
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
        prop_assume!(plan.ending == Ending::Ratio);
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
                // Periphery's own rounding of liquidity is not monotone to the last unit.
                let slack = plan.liquidity / 1_000_000_000_000_000 + 1;
                prop_assert!(liquidity <= plan.liquidity + slack, "{amount} mints {liquidity}, not {plan:?}");
            }
        }
    }
}
