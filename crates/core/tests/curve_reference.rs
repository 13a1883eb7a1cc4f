//! Positions in plain prices over 10^5 random inputs (10^7 with `HEDGEROW_LONG`) against the reference.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod reference;

use hedgerow_core::curve::{Curve, Figures, Stake, figures};
use hedgerow_core::{I256, U256, Wad};
use reference::{Cases, Num, Random};

fn signed(value: U256) -> Wad {
    Wad(I256::from_raw(value))
}

/// Within half a unit of the number, and 2^-104 of its terms' size.
fn assert_nearest(exact: &Num, got: Wad, size: &Num, name: &str) {
    let error = exact.error_of(got.0, 18);
    let hair = size.to_f64() * 1e18 * 2_f64.powi(-104) + 1e-9;
    assert!(error.abs() <= 0.5 + hair, "{name}: {} is {error} units off", got.0);
}

/// The floor of a loss, or below it by no more than 2^-100 of it.
fn assert_not_understated(exact: &Num, got: Wad, name: &str) {
    let error = exact.error_of(got.0, 18);
    let hair = exact.to_f64().abs() * 1e18 * 2_f64.powi(-100) + 1e-12;
    assert!(
        error <= hair * 1e-6 && error >= -1.0 - hair,
        "{name}: {} is {error} units off",
        got.0
    );
}

/// Token0, token1, value and gamma of a unit of liquidity.
struct Held {
    amount0: Num,
    amount1: Num,
    value: Num,
    dollar_gamma: Num,
}

fn weighted(weight: &Num, entropy: &Num, price: &Num) -> Held {
    let rest = Num::int(1) - weight;
    let value = (weight * price.ln() - entropy).exp();
    Held {
        amount0: weight * &value / price,
        amount1: &rest * &value,
        dollar_gamma: -(weight * &rest * &value),
        value,
    }
}

fn concentrated(lower: &Num, upper: &Num, price: &Num) -> Held {
    let [a, b, root] = [lower.sqrt(), upper.sqrt(), price.sqrt()];
    let s = root.clone().max(a.clone()).min(b.clone());
    let (amount0, amount1) = ((&b - &s) / (&s * &b), &s - &a);
    Held {
        value: &amount0 * price + &amount1,
        amount0,
        amount1,
        dollar_gamma: if lower <= price && price < upper {
            -root.shifted(-1)
        } else {
            Num::int(0)
        },
    }
}

/// Holds everything that was computed against the two states of a unit of liquidity.
fn check(got: &Figures, liquidity: &Num, price: &Num, entry: &Held, now: &Held) {
    let (x0, y0) = (&entry.amount0 * liquidity, &entry.amount1 * liquidity);
    let (x1, y1) = (&now.amount0 * liquidity, &now.amount1 * liquidity);
    let hold = &x0 * price + &y0;
    let value = &now.value * liquidity;
    // What an amount's terms amount to before they are subtracted: all of it in one token.
    let whole = (&value / price).max(hold.clone() / price);
    assert_nearest(&x1, got.amount0, &whole, "amount0");
    assert_nearest(&y1, got.amount1, &value.clone().max(hold.clone()), "amount1");
    assert_nearest(&value, got.value, &value, "value");
    assert_nearest(&hold, got.hold, &hold, "hold");
    assert_nearest(&x1, got.delta, &whole, "delta");
    assert_nearest(&(&x1 - &x0), got.il_delta, &(&whole + &x0), "il_delta");
    let gamma = &now.dollar_gamma * liquidity;
    assert_nearest(&gamma, got.dollar_gamma, &gamma.abs(), "dollar_gamma");
    let gamma = gamma / price.square();
    assert_nearest(&gamma, got.gamma, &gamma.abs(), "gamma");
    assert_not_understated(&(&value - &hold), got.il_abs, "il_abs");
    assert_not_understated(&(&value / &hold - 1), got.il, "il");
}

/// Two prices: anywhere, or the second near the first.
fn prices(random: &mut Random) -> (U256, U256) {
    let entry = random.log_wad(-9, 12);
    let price = if random.one_in(3) {
        random.near(entry)
    } else {
        random.log_wad(-9, 12)
    };
    (entry, price)
}

#[test]
fn weighted_positions_are_what_the_textbook_says() {
    Cases::new("curve weighted").run(|random| {
        let ((entry, price), weight, liquidity) = (prices(random), random.fraction(), random.log_wad(-6, 6));
        let weight0 = signed(weight);
        let curve = Curve::Weighted { weight0 };
        let got = figures(
            &Stake::new(curve, signed(liquidity)).unwrap(),
            signed(entry),
            signed(price),
        );
        let [w, p0, p, l] = [weight, entry, price, liquidity].map(Num::uwad);
        let rest = Num::int(1) - &w;
        let entropy = &w * w.ln() + &rest * rest.ln();
        let (entry, now) = (weighted(&w, &entropy, &p0), weighted(&w, &entropy, &p));
        check(&got.unwrap(), &l, &p, &entry, &now);
    });
}

#[test]
fn concentrated_positions_are_what_the_textbook_says() {
    Cases::new("curve concentrated").run(|random| {
        let ((entry, price), liquidity) = (prices(random), random.log_wad(-6, 6));
        // A range anywhere, or around the entry.
        let (a, b) = if random.one_in(2) {
            (random.log_wad(-9, 12), random.log_wad(-9, 12))
        } else {
            let percent = U256::from(1 + random.below(90));
            let reach = entry * percent / U256::from(100);
            (entry - reach, entry + reach)
        };
        let (lower, upper) = if a < b { (a, b) } else { (b, a) };
        if lower == upper {
            return;
        }
        let curve = Curve::Concentrated {
            lower: signed(lower),
            upper: signed(upper),
        };
        let got = figures(
            &Stake::new(curve, signed(liquidity)).unwrap(),
            signed(entry),
            signed(price),
        );
        let [lower, upper, p0, p, l] = [lower, upper, entry, price, liquidity].map(Num::uwad);
        let (entry, now) = (concentrated(&lower, &upper, &p0), concentrated(&lower, &upper, &p));
        check(&got.unwrap(), &l, &p, &entry, &now);
    });
}
