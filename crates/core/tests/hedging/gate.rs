//! Whether the fees expected cover what a hedge is expected to cost.

use crate::exact::{Fraction, big, price, principal};
use crate::given::{History, MONTH, NOW, ONE, PERCENT, at, hedged, market, pool, small, snapshot, spot, terms};
use dashu_int::IBig;
use hedgerow_core::hedging::{Market, Outlook, Pool, Terms, outlook};
use hedgerow_core::policy::{Oracle, Reason, Snapshot, TooShort};
use hedgerow_core::{I256, U256};
use proptest::prelude::*;

/// A position's value in which nothing is a fraction.
const VALUE: u128 = 1_000_000 * ONE;

fn of(terms: &Terms, market: &Market, snapshot: &Snapshot, trade: i128) -> Result<Outlook, Reason> {
    let sqrt_price = at(0);
    outlook(
        terms,
        market,
        &pool(),
        snapshot,
        sqrt_price,
        U256::from(VALUE),
        trade,
        &mut History::still(0),
    )
}

fn plain(terms: &Terms) -> Outlook {
    of(terms, &market(), &snapshot(), 0).unwrap()
}

fn signed(value: i128) -> I256 {
    I256::try_from(value).unwrap()
}

#[test]
fn fees_go_on_as_they_were_since_they_were_watched() {
    // A thousandth of 1e21 of either token in a day, at a price of one: 2e18 a day but for the growth's rounding.
    let told = plain(&terms());
    assert_eq!(told.fees, U256::from(60 * ONE - 60));
    assert_eq!(
        (told.lvr, told.carry, told.trading),
        (U256::ZERO, I256::ZERO, U256::ZERO)
    );
    assert_eq!(told.gate, signed(60 * ONE as i128 - 60));
    // Only what grew since counts, also where the growth wrapped in between.
    let since = Terms {
        fee_growth: [pool().fee_growth[0], U256::ZERO.wrapping_sub(U256::from(1) << 128)],
        ..terms()
    };
    assert_eq!(plain(&since).fees, U256::from(30 * (1_001 * ONE - 1)));
}

#[test]
fn a_position_out_of_range_earns_nothing_and_loses_nothing_to_arbitrage() {
    let swings = || {
        History(vec![
            (600, 30),
            (600, -30),
            (600, 30),
            (600, -30),
            (600, 30),
            (600, -30),
            (600, 30),
            (1_000, -30),
        ])
    };
    let told = |spot: &Snapshot, mean| {
        let value = U256::from(VALUE);
        outlook(&terms(), &market(), &pool(), spot, at(mean), value, 0, &mut swings()).unwrap()
    };
    let zero = |outlook: Outlook| (outlook.fees.is_zero(), outlook.lvr.is_zero());
    assert_eq!(zero(told(&spot(599), 0)), (false, false));
    assert_eq!(zero(told(&spot(-600), 600)), (false, false));
    assert_eq!(zero(told(&spot(600), 600)), (true, true));
    assert_eq!(zero(told(&spot(-601), -601)), (true, true));
    // Where only one of the two is outside, costs count and fees do not.
    assert_eq!(zero(told(&spot(600), 599)), (true, false));
    assert_eq!(zero(told(&spot(600), -600)), (true, false));
}

#[test]
fn fees_have_to_have_been_watched_for_an_hour() {
    let since = |fees_since| of(&Terms { fees_since, ..terms() }, &market(), &snapshot(), 0).map(|_| ());
    assert_eq!(since(NOW - 3_600), Ok(()));
    assert_eq!(since(NOW - 3_599), Err(Reason::FeesUnknown));
    assert_eq!(since(NOW + 1), Err(Reason::FeesUnknown));
    assert_eq!(since(0), Err(Reason::FeesUnknown));
    let ahead = Terms {
        fee_growth: [pool().fee_growth[0] + U256::from(1), U256::ZERO],
        ..terms()
    };
    assert_eq!(of(&ahead, &market(), &snapshot(), 0), Err(Reason::FeesUnknown));
}

#[test]
fn a_pool_that_remembers_less_than_the_volatilitys_window_is_refused() {
    let told = |window: u32, remembered: u32| {
        let terms = Terms {
            vol_window: window,
            ..terms()
        };
        let mut oracle = History(vec![(remembered, 0)]);
        let value = U256::from(VALUE);
        outlook(&terms, &market(), &pool(), &snapshot(), at(0), value, 0, &mut oracle).map(|_| ())
    };
    assert_eq!(told(4_800, 4_800), Ok(()));
    assert_eq!(told(4_800, 4_799), Err(Reason::OracleTooShort));
    assert_eq!(told(7, 4_800), Err(Reason::OracleTooShort));
}

#[test]
fn interest_is_the_rates_of_the_venue_for_the_horizon() {
    let year = Terms {
        horizon: 31_536_000,
        ..terms()
    };
    let told = of(&year, &hedged(100 * ONE, 250 * ONE), &snapshot(), 0).unwrap();
    // 3 % of 100 less 1 % of 250.
    assert_eq!(told.carry, signed(ONE as i128 / 2));
    let told = of(&year, &hedged(100 * ONE, 0), &snapshot(), 0).unwrap();
    assert_eq!(told.carry, signed(3 * ONE as i128));
    // A unit's interest is rounded up, and what a unit earns down.
    assert_eq!(of(&year, &hedged(1, 0), &snapshot(), 0).unwrap().carry, signed(1));
    assert_eq!(of(&year, &hedged(0, 1), &snapshot(), 0).unwrap().carry, signed(0));
}

#[test]
fn opening_and_closing_pay_the_pools_fee_each() {
    // Twice 0.05 % of 1000.
    let told = |trade| of(&terms(), &market(), &snapshot(), trade).unwrap().trading;
    assert_eq!(
        (told(1_000 * ONE as i128), told(-1_000)),
        (U256::from(ONE), U256::from(1))
    );
}

#[test]
fn the_margin_is_asked_for_on_top_and_may_be_less_than_nothing() {
    let fees = 60 * ONE as i128 - 60;
    let gate = |margin| plain(&Terms { margin, ..terms() }).gate;
    assert_eq!(gate(60), signed(fees - 60 * ONE as i128));
    assert_eq!(gate(-60), signed(fees + 60 * ONE as i128));
    // Rounded up: a millionth of a value that a million does not divide.
    let odd = |margin| {
        let terms = Terms { margin, ..terms() };
        let mut oracle = History::still(0);
        outlook(
            &terms,
            &market(),
            &pool(),
            &snapshot(),
            at(0),
            U256::from(1_000_001),
            0,
            &mut oracle,
        )
        .unwrap()
        .gate
    };
    assert_eq!((odd(1), odd(-1)), (signed(fees - 2), signed(fees + 1)));
}

/// Means of eight windows of 600 seconds that step up and down by 60 ticks: `sigma^2 = 3/2 * 60^2 / 600 = 9` squared ticks a second.
#[test]
fn loss_versus_rebalancing_is_a_quarter_of_the_variance_of_the_liquiditys_root_price() {
    let mut swings = History(vec![
        (600, 30),
        (600, -30),
        (600, 30),
        (600, -30),
        (600, 30),
        (600, -30),
        (600, 30),
        (600, -30),
    ]);
    let value = U256::from(VALUE);
    let told = outlook(&terms(), &market(), &pool(), &snapshot(), at(0), value, 0, &mut swings).unwrap();
    // 9 ln(1.0001)^2 / 4 * 1e21 * 30 days = 58,314,168...e15: ln(1.0001)^2 = 9.9990000916...e-9.
    let exact = 9.0 * 1.0001_f64.ln().powi(2) / 4.0 * 1e21 * f64::from(MONTH);
    let lvr: f64 = told.lvr.to_string().parse().unwrap();
    assert!(lvr >= exact && lvr < exact * (1.0 + 1e-9), "{lvr} {exact}");
    assert_eq!(
        told.gate,
        signed(60 * ONE as i128 - 60) - I256::try_from(told.lvr).unwrap()
    );
}

/// What Belford published of thirty days of June 2026: fees of 1.29 % against what protection costs, in millionths.
const PUBLISHED: [(&str, u32); 5] = [
    ("V2", 6_000),
    ("V3R 50-150", 26_000),
    ("V3L 50-150", 23_500),
    ("V3R 70-130", 39_400),
    ("V3L 70-130", 27_600),
];

#[test]
fn the_published_month_opens_the_gate_for_v2_and_for_no_range() {
    for (name, premium) in PUBLISHED {
        // All of the value's fees in a month: of 1e18 liquidity at a growth of 0.0129, in token1.
        let growth = (U256::from(1) << 128) / U256::from(10_000) * U256::from(129);
        let pool = Pool {
            fee_growth: [U256::ZERO, growth],
            ..pool()
        };
        let watched = Terms {
            fees_since: NOW - u64::from(MONTH),
            ..terms()
        };
        let position = Snapshot {
            liquidity: ONE,
            ..snapshot()
        };
        // The premium as the interest of a debt as large as the position.
        let yearly = Fraction(
            IBig::from(premium) * 31_536_000 * IBig::from(100 * PERCENT),
            IBig::from(1_000_000) * MONTH,
        );
        let market = Market {
            borrow_rate: U256::from(u128::try_from(yearly.ceil()).unwrap()),
            ..hedged(ONE, 0)
        };
        let value = U256::from(ONE);
        let mut oracle = History::still(0);
        let told = outlook(&watched, &market, &pool, &position, at(0), value, 0, &mut oracle).unwrap();
        let expected = 12_900 - i128::from(premium);
        assert!(
            (told.gate - signed(expected * ONE as i128 / 1_000_000)).unsigned_abs() < U256::from(10),
            "{name}: {told:?}"
        );
        assert_eq!(!told.gate.is_negative(), name == "V2", "{name}");
    }
}

/// Accumulators told outright: of nine instants, the latest last.
struct Told([i64; 9]);

impl Oracle for Told {
    fn accumulators(&mut self, ago: &[u32], out: &mut [i64]) -> Result<(), TooShort> {
        assert_eq!(ago.len(), 9);
        out.copy_from_slice(&self.0);
        Ok(())
    }
}

proptest! {
    #[test]
    fn costs_are_never_understated_and_fees_never_overstated(
        steps in any::<[i16; 8]>(),
        liquidity in 1_u128..1_000_000_000_000_000_000_000_000_000_000,
        growth in any::<[u128; 2]>(),
        held in any::<[u64; 2]>(),
        rates in any::<[u64; 2]>(),
        (watched, horizon) in (3_600_u64..10_000_000, 3_600_u32..31_622_400),
        mean in -590_i32..590,
        volatile in 0_u8..2,
        trade in any::<i64>(),
        margin in -1_000_000_i32..1_000_000,
    ) {
        let mut sums = [0_i64; 9];
        for (i, step) in steps.iter().enumerate() {
            sums[i + 1] = sums[i] + i64::from(*step) * 600;
        }
        let position = Snapshot { liquidity, ..snapshot() };
        let market = Market {
            borrow_rate: U256::from(rates[0]) << 26,
            supply_rate: U256::from(rates[1]) << 26,
            ..hedged(held[0].into(), held[1].into())
        };
        let pool = Pool { fee_growth: growth.map(U256::from), volatile, ..pool() };
        let terms = Terms { fees_since: NOW - watched, horizon, margin, ..terms() };
        let value = principal(liquidity, position.range, at(mean)).floor();
        let value = U256::from(u128::try_from(value).unwrap());
        let told = outlook(&terms, &market, &pool, &position, at(mean), value, trade.into(), &mut Told(sums)).unwrap();

        let worth = |token0: bool, amount: Fraction| if token0 { amount.mul(&price(at(mean))) } else { amount };
        let time = Fraction(horizon.into(), watched.into());
        let earned = |i: usize| Fraction((IBig::from(growth[i]) * liquidity) >> 128, 1.into());
        let fees = worth(true, earned(0)).add(&earned(1)).mul(&time);
        prop_assert_eq!(fees.floor(), big(told.fees));

        let part = |amount: u64, rate: U256| {
            let yearly = Fraction(big(rate) * amount, IBig::from(100 * PERCENT));
            yearly.mul(&Fraction(horizon.into(), 31_536_000.into()))
        };
        let carry = worth(volatile == 0, part(held[0], market.borrow_rate))
            .sub(&worth(volatile == 1, part(held[1], market.supply_rate)));
        let carried = Fraction::int(IBig::from(small(told.carry)));
        prop_assert!(carry.at_most(&carried) && carried.sub(&carry).at_most(&Fraction::int(2)));

        let traded = worth(volatile == 0, Fraction(IBig::from(trade.unsigned_abs()) * 1_000, 1_000_000.into()));
        prop_assert_eq!(traded.ceil(), big(told.trading));

        let means: Vec<i64> = steps.iter().map(|&step| step.into()).collect();
        let squares: i64 = means.windows(2).map(|pair| (pair[1] - pair[0]).pow(2)).sum();
        // 3/2 of the mean square over 600 seconds, a quarter of it, at 9.99900009166e-9 a squared tick.
        let variance = Fraction(IBig::from(3 * squares) * horizon, IBig::from(14 * 600 * 4));
        let stake = Fraction(IBig::from(liquidity) * big(at(mean)), IBig::ONE << 96);
        let lvr = variance.mul(&stake);
        let least = lvr.mul(&Fraction(IBig::from(99_990_000_916_u64), IBig::from(10).pow(19)));
        let most = lvr.mul(&Fraction(IBig::from(99_990_000_921_u64), IBig::from(10).pow(19)));
        let told_lvr = Fraction::int(big(told.lvr));
        prop_assert!(least.at_most(&told_lvr) && told_lvr.at_most(&most.add(&Fraction::int(1))));

        let asked = Fraction(big(value) * margin, 1_000_000.into()).ceil();
        let gate = big(told.fees) - big(told.lvr) - small(told.carry) - big(told.trading) - asked;
        prop_assert_eq!(gate, IBig::from(small(told.gate)));
    }
}
