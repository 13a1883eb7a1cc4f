//! Impermanent loss over 10^5 random inputs (10^7 with `HEDGEROW_LONG`) against the reference.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod reference;

use hedgerow_core::il::{concentrated, constant_product, weighted};
use hedgerow_core::position::figures;
use hedgerow_core::tick::{MAX_SQRT_PRICE, MAX_TICK, MIN_SQRT_PRICE, MIN_TICK, sqrt_price_at_tick};
use hedgerow_core::{I256, U256, WAD};
use reference::{Cases, Num, Random};

/// What 86 digits of reference may themselves be off by, in units of 1e-18.
const HAIR: f64 = 1e-30;

/// Two prices of any size, of like size, or next to each other.
fn prices(random: &mut Random) -> (U256, U256) {
    let one = U256::from(1);
    let first = random.log_uniform(one, U256::MAX);
    let second = match random.below(4) {
        0 => random.log_uniform(one, U256::MAX),
        1 => random.near(first),
        2 => random.log_uniform((first >> 10_usize).max(one), first),
        _ => random.log_uniform((first >> 100_usize).max(one), first),
    };
    if random.one_in(2) {
        (first, second)
    } else {
        (second, first)
    }
}

/// Rounded down once: above the floor's distance, never above the number.
fn assert_floor(exact: &Num, got: I256, decimals: u32, allowance: f64) {
    let error = exact.error_of(got, decimals);
    assert!(
        error <= HAIR && error >= -1.0 - HAIR - allowance,
        "{got} is {error} units from {}",
        exact.to_f64()
    );
}

#[test]
fn constant_product_loss_is_the_floor() {
    Cases::new("il constant product").run(|random| {
        let (entry, price) = prices(random);
        let (p0, p1) = (Num::u256(entry), Num::u256(price));
        // -(sqrt(p1) - sqrt(p0))^2 / (p0 + p1), which does not cancel.
        let exact = -((&p1 - &p0) / (p1.sqrt() + p0.sqrt())).square() / (&p0 + &p1);
        assert_floor(&exact, constant_product(entry, price).unwrap(), 18, 0.0);
    });
}

#[test]
fn weighted_loss_is_the_floor_or_a_2_to_the_40th_below() {
    Cases::new("il weighted").run(|random| {
        let ((entry, price), weight) = (prices(random), random.fraction());
        let (p0, p1, w) = (Num::u256(entry), Num::u256(price), Num::uwad(weight));
        let change = (&p1 - &p0) / &p0;
        let exact = (p1.ln_over(&p0) * &w - (change * &w).ln_1p()).exp_m1();
        let got = weighted(entry, price, weight).unwrap();
        assert_floor(&exact, got, 18, 2_f64.powi(-39));
        assert_eq!(got.is_zero(), entry == price);
    });
}

/// Sqrt prices and a range: anywhere, or all close together as pools have them.
fn position(random: &mut Random) -> (U256, U256, i32, i32) {
    let top = MAX_SQRT_PRICE - U256::from(1);
    if random.one_in(2) {
        let lower = MIN_TICK + random.below((MAX_TICK - MIN_TICK) as u64) as i32;
        let upper = lower + 1 + random.below((MAX_TICK - lower) as u64) as i32;
        let mut price = || random.log_uniform(MIN_SQRT_PRICE, top);
        return (price(), price(), lower, upper);
    }
    let middle = random.below(600_000) as i32 - 300_000;
    let width = 1 << random.below(16);
    let mut near = |reach: i32| middle - reach + random.below(2 * reach as u64 + 1) as i32;
    let (lower, upper) = (near(width) - 1, near(width).max(middle) + 1 + width);
    let (entry, now) = (near(2 * width), near(2 * width));
    let mut between = |tick: i32| {
        let at = sqrt_price_at_tick(tick).unwrap();
        random.uniform_u256(at, sqrt_price_at_tick(tick + 1).unwrap())
    };
    (between(entry), between(now), lower.min(upper - 1), upper)
}

/// The reference's worth at `now` of what one unit of liquidity holds at `at`.
fn worth(now: &Num, at: &Num, lower: &Num, upper: &Num) -> Num {
    let s = at.clone().max(lower.clone()).min(upper.clone());
    (upper - &s) / (&s * upper) * now.square() + (s - lower)
}

#[test]
fn concentrated_loss_and_figures_are_floors_of_unfloored_amounts() {
    let root = |x: U256| Num::u256(x).shifted(-96);
    Cases::new("il concentrated").run(|random| {
        let (entry, now, tick_lower, tick_upper) = position(random);
        let [lower, upper] = [tick_lower, tick_upper].map(|tick| root(sqrt_price_at_tick(tick).unwrap()));
        let value = worth(&root(now), &root(now), &lower, &upper);
        let hold = worth(&root(now), &root(entry), &lower, &upper);
        let exact = &value / &hold - 1;
        assert_floor(
            &exact,
            concentrated(entry, now, tick_lower, tick_upper).unwrap(),
            18,
            0.0,
        );

        let liquidity = random.log_uniform(U256::from(1), U256::from(u128::MAX)).to::<u128>();
        let Ok(got) = figures(liquidity, entry, now, tick_lower, tick_upper) else {
            let limit = Num::int(1).shifted(256) / WAD as i64;
            assert!(hold * Num::int(liquidity) >= limit, "refused a hold that fits");
            return;
        };
        let liquidity = Num::int(liquidity);
        let assert_wad = |exact: Num, got: U256| {
            let error = (Num::u256(got) - exact * Num::power_of_ten(18)).to_f64();
            let hair = HAIR + 2_f64.powi(got.bit_len() as i32 - 270);
            assert!(error <= hair && error >= -1.0 - hair, "{got} is {error} units off");
        };
        assert_wad(&value * &liquidity, got.value);
        assert_wad(&hold * &liquidity, got.hold);
        let s = root(now).max(lower).min(upper.clone());
        assert_wad((&upper - &s) / (s * &upper) * &liquidity, got.delta);
        if !got.dollar_gamma.is_zero() {
            let exact = -(root(now) * &liquidity).shifted(-1);
            assert_floor(&exact, got.dollar_gamma, 18, 0.0);
        }
    });
}
