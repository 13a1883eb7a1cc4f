//! What it takes to bring a hedge to its target, and what is in the way.

use crate::exact::{Fraction, big, price};
use crate::given::{ONE, at, hedged, market, pool, terms};
use hedgerow_core::U256;
use hedgerow_core::hedging::{Market, Plan, Pool, Record, Terms, deleveraged, health, plan};
use hedgerow_core::policy::Reason;
use proptest::prelude::*;

const NEW: Record = Record {
    entry_sqrt_price: U256::ZERO,
    opened_at: 0,
    adjusted_at: 0,
    paid_in: 0,
    fees_earned: 0,
    borrowed: 0,
    deposited: 0,
};

fn to(target: u128, market: &Market) -> Plan {
    with(target, &terms(), market)
}

fn with(target: u128, terms: &Terms, market: &Market) -> Plan {
    plan(target, terms, market, &pool(), at(0), &NEW)
}

fn priced(volatile: u64, collateral: u64) -> Market {
    Market {
        prices: [U256::from(volatile), U256::from(collateral)],
        ..hedged(1_000 * ONE, 2_500 * ONE)
    }
}

#[test]
fn opening_pays_in_what_the_proceeds_leave_of_the_health() {
    // A debt of 1000 at a health of 2 and a threshold of 80 % takes 2500; selling brings 999.5.
    let told = to(1_000 * ONE, &market());
    let expected = Plan {
        target: 1_000 * ONE,
        trade: 1_000 * ONE as i128,
        pay_in: 1_500 * ONE as i128 + ONE as i128 / 2,
        collateral_after: 2_500 * ONE,
        health_after: 2_000,
        refusal: None,
    };
    assert_eq!(told, expected);
    let after = told.market_after(&market());
    assert_eq!((after.debt, after.collateral), (1_000 * ONE, 2_500 * ONE));
}

#[test]
fn enlarging_pays_out_what_is_there_beyond_the_health() {
    // There are 9000 and 499.75 of proceeds; 1500 take 3750.
    let told = to(1_500 * ONE, &hedged(1_000 * ONE, 9_000 * ONE));
    assert_eq!(told.pay_in, -(5_749 * ONE as i128 + ONE as i128 * 3 / 4));
    assert_eq!((told.health_after, told.refusal), (2_000, None));
}

#[test]
fn reducing_buys_back_with_its_own_collateral_and_pays_out_the_rest() {
    // 400 / 0.9995 = 400.200100050025012506253126563281640820..., rounded up; 600 take 1500.
    let told = to(600 * ONE, &hedged(1_000 * ONE, 2_500 * ONE));
    let cost = 400_200_100_050_025_012_507;
    assert_eq!((told.trade, told.collateral_after), (-400 * ONE as i128, 1_500 * ONE));
    assert_eq!(told.pay_in, -((2_500 * ONE - cost - 1_500 * ONE) as i128));
    assert_eq!((told.health_after, told.refusal), (2_000, None));
}

#[test]
fn owing_nothing_pays_out_all_that_can_be_withdrawn() {
    let cost = 1_000_500_250_125_062_531_266;
    let told = to(0, &hedged(1_000 * ONE, 2_500 * ONE));
    assert_eq!(
        (told.pay_in, told.collateral_after),
        (-((2_500 * ONE - cost) as i128), 0)
    );
    assert_eq!((told.health_after, told.refusal), (u32::MAX, None));
    let scarce = Market {
        withdrawable: 1_600 * ONE,
        ..hedged(1_000 * ONE, 2_500 * ONE)
    };
    let told = to(0, &scarce);
    assert_eq!(
        (told.pay_in, told.collateral_after),
        (-((1_600 * ONE - cost) as i128), 900 * ONE)
    );
    // Collateral without debt is a hedge to close too.
    assert_eq!(to(0, &hedged(0, ONE)).refusal, None);
    assert_eq!(to(0, &market()).refusal, Some(Reason::TradeTooSmall));
}

#[test]
fn the_other_token_may_be_the_volatile_one() {
    let mirrored = Pool { volatile: 1, ..pool() };
    for target in [0, 600 * ONE, 1_500 * ONE] {
        let before = hedged(1_000 * ONE, 2_500 * ONE);
        let of = |pool: &Pool, tick| plan(target, &terms(), &before, pool, at(tick), &NEW);
        assert_eq!(of(&mirrored, 0), of(&pool(), 0));
        // Twice the price of the one is half the price of the other, but for the ticks' rounding.
        let (told, other) = (of(&mirrored, 300), of(&pool(), -300));
        assert!(told.pay_in.abs_diff(other.pay_in) < ONE / 1_000_000_000);
    }
}

#[test]
fn health_is_endless_without_debt_and_nothing_without_a_price() {
    assert_eq!(health(&market(), 0, 0), u32::MAX);
    assert_eq!(health(&market(), 1, 0), 0);
    assert_eq!(health(&priced(0, 1), 1_000, 1_000_000), 0);
    assert_eq!(health(&priced(1, 0), 1_000, 1_000_000), 0);
    assert_eq!(health(&market(), 1_000, 1_250), 1_000);
    assert_eq!(health(&market(), 1_000, 1_249), 999);
}

#[test]
fn an_enlargement_asks_the_venue_and_the_terms_first() {
    let base = hedged(1_000 * ONE, 2_500 * ONE);
    let refused = |market: &Market| to(1_200 * ONE, market).refusal;
    assert_eq!(refused(&base), None);
    let cases = [
        (priced(0, 100_000_000), Reason::OraclePrice),
        (priced(100_000_000, 0), Reason::OraclePrice),
        (
            Market {
                price_age: 3_601,
                ..base
            },
            Reason::OracleStale,
        ),
        (priced(105_000_001, 100_000_000), Reason::OracleDeviation),
        (priced(94_999_999, 100_000_000), Reason::OracleDeviation),
        (Market { closed: [2, 0], ..base }, Reason::VenueClosed),
        (Market { closed: [0, 5], ..base }, Reason::VenueClosed),
        (
            Market {
                borrowable: 200 * ONE - 1,
                ..base
            },
            Reason::VenueExhausted,
        ),
        (
            Market {
                suppliable: 500 * ONE - 1,
                ..base
            },
            Reason::VenueExhausted,
        ),
        (
            Market {
                borrow_rate: U256::from(20 * crate::given::PERCENT + 1),
                ..base
            },
            Reason::RateTooHigh,
        ),
        (
            Market {
                collateral: 1_875 * ONE - 1,
                ..base
            },
            Reason::HealthTooLow,
        ),
    ];
    for (market, reason) in cases {
        assert_eq!(refused(&market), Some(reason), "{market:?}");
    }
    let at_the_edges = [
        Market {
            price_age: 3_600,
            ..base
        },
        priced(105_000_000, 100_000_000),
        priced(95_000_000, 100_000_000),
        Market {
            borrowable: 200 * ONE,
            suppliable: 500 * ONE,
            ..base
        },
        Market {
            borrow_rate: U256::from(20 * crate::given::PERCENT),
            ..base
        },
        Market {
            collateral: 1_875 * ONE,
            ..base
        },
        // What cannot be repaid or withdrawn can still be borrowed and lent.
        Market {
            stuck: [3, 3],
            withdrawable: 0,
            ..base
        },
    ];
    for market in at_the_edges {
        assert_eq!(refused(&market), None, "{market:?}");
    }
}

#[test]
fn an_age_and_a_rate_of_zero_are_not_asked_for() {
    let lenient = Terms {
        max_oracle_age: 0,
        max_borrow_rate: 0,
        ..terms()
    };
    let old = Market {
        price_age: u64::MAX,
        borrow_rate: U256::MAX,
        ..market()
    };
    assert_eq!(with(ONE, &lenient, &old).refusal, None);
}

#[test]
fn no_more_than_the_accounts_most_goes_into_a_hedge() {
    let most = |max_collateral| Terms {
        max_collateral,
        ..terms()
    };
    let paid = |paid_in: i128, max: u128| {
        let record = Record { paid_in, ..NEW };
        plan(1_000 * ONE, &most(max), &market(), &pool(), at(0), &record).refusal
    };
    let needed = 1_500 * ONE + ONE / 2;
    assert_eq!(paid(0, needed), None);
    assert_eq!(paid(0, needed - 1), Some(Reason::CollateralShort));
    assert_eq!(paid(1, needed), Some(Reason::CollateralShort));
    // What came back before counts for it.
    assert_eq!(paid(-(needed as i128), 0), None);
}

#[test]
fn a_reduction_asks_for_nothing_but_that_the_venue_pays() {
    let base = hedged(1_000 * ONE, 2_500 * ONE);
    for target in [0, 600 * ONE] {
        let refused = |market: &Market| to(target, market).refusal;
        let hostile = Market {
            price_age: u64::MAX,
            closed: [2, 2],
            borrowable: 0,
            suppliable: 0,
            borrow_rate: U256::MAX,
            ..base
        };
        for prices in [
            [0, 0],
            [0, 1],
            [1, 0],
            [100_000_000, 1],
            [1, 100_000_000],
            [100_000_000; 2],
        ] {
            let market = Market {
                prices: prices.map(U256::from),
                ..hostile
            };
            let ruined = target != 0 && prices == [100_000_000, 1];
            assert_eq!(refused(&market).is_some(), ruined, "{target} {prices:?}");
        }
        let cost = 1_000_500_250_125_062_531_266 - if target == 0 { 0 } else { 600_300_150_075_037_518_759 };
        let cases = [
            (Market { stuck: [3, 0], ..base }, Reason::VenueClosed),
            (Market { stuck: [0, 3], ..base }, Reason::VenueClosed),
            (
                Market {
                    collateral: cost - 1,
                    ..base
                },
                Reason::CollateralShort,
            ),
            (
                Market {
                    withdrawable: cost - 1,
                    ..base
                },
                Reason::VenueExhausted,
            ),
        ];
        for (market, reason) in cases {
            assert_eq!(refused(&market), Some(reason), "{target} {market:?}");
        }
    }
    assert_eq!(
        to(999 * ONE, &hedged(1_000 * ONE, 1_200 * ONE)).refusal,
        Some(Reason::HealthTooLow)
    );
}

#[test]
fn a_reduction_pays_nothing_out_by_prices_that_are_not_trusted() {
    let base = hedged(1_000 * ONE, 2_500 * ONE);
    let doubtful = [
        Market {
            price_age: 3_601,
            ..base
        },
        priced(94_999_999, 100_000_000),
        priced(0, 100_000_000),
    ];
    for market in doubtful {
        assert_eq!(to(600 * ONE, &market).pay_in, 0, "{market:?}");
        assert_ne!(to(0, &market).pay_in, 0);
    }
}

#[test]
fn a_change_below_the_least_waits_unless_it_closes_or_heals() {
    let terms = Terms {
        min_trade: 100 * ONE,
        ..terms()
    };
    let base = hedged(1_000 * ONE, 2_500 * ONE);
    let refused = |target, market: &Market| with(target, &terms, market).refusal;
    assert_eq!(refused(1_100 * ONE - 1, &base), Some(Reason::TradeTooSmall));
    assert_eq!(refused(1_100 * ONE, &base), None);
    assert_eq!(refused(900 * ONE + 1, &base), Some(Reason::TradeTooSmall));
    assert_eq!(refused(900 * ONE, &base), None);
    assert_eq!(refused(900 * ONE + 1, &hedged(1_000 * ONE, 1_874 * ONE)), None);
    assert_eq!(refused(0, &hedged(ONE, 2 * ONE)), None);
    // Nothing is too little for whatever least.
    assert_eq!(to(1_000 * ONE, &base).refusal, Some(Reason::TradeTooSmall));
}

/// A price of the volatile token in the collateral, the pool's and the venue's.
fn q(market: &Market) -> Fraction {
    let whole = |decimals: u8| big(U256::from(10).pow(U256::from(decimals)));
    Fraction(
        big(market.prices[0]) * whole(market.decimals[1]),
        big(market.prices[1]) * whole(market.decimals[0]),
    )
}

fn ratio(a: u32, b: u32) -> Fraction {
    Fraction(a.into(), b.into())
}

prop_compose! {
    fn markets()(
        bits in [20_u32..90, 20_u32..90],
        amounts in any::<[u128; 2]>(),
        prices in [1_u64..1_000_000_000_000, 1_u64..1_000_000_000_000],
        decimals in [0_u8..=27, 0_u8..=27],
        threshold in 1_000_u32..9_800,
    ) -> Market {
        Market {
            debt: amounts[0] >> (128 - bits[0]),
            collateral: amounts[1] >> (128 - bits[1]),
            prices: prices.map(U256::from),
            decimals,
            threshold,
            ..market()
        }
    }
}

proptest! {
    #[test]
    fn health_is_the_floor_of_the_exact_quotient_whatever_the_decimals(market in markets()) {
        let told = health(&market, market.debt, market.collateral);
        if market.debt == 0 {
            prop_assert_eq!(told, u32::MAX);
        } else {
            let owed = Fraction::int(market.debt).mul(&q(&market));
            let lent = Fraction::int(market.collateral).mul(&ratio(market.threshold, 10_000));
            let exact = Fraction(lent.0 * &owed.1 * 1_000, lent.1 * &owed.0).floor();
            prop_assert_eq!(exact.min(u32::MAX.into()), told.into());
        }
    }

    #[test]
    fn more_collateral_or_less_debt_is_never_less_healthy(market in markets(), more in any::<u64>()) {
        let (debt, collateral) = (market.debt, market.collateral);
        let told = health(&market, debt, collateral);
        prop_assert!(health(&market, debt, collateral + u128::from(more)) >= told);
        prop_assert!(health(&market, debt.saturating_sub(more.into()), collateral) >= told);
    }

    #[test]
    fn an_enlargement_reaches_the_health_and_with_a_unit_less_it_would_not(
        market in markets(),
        by in 1_u64..,
        asked in 1_500_u32..5_000,
    ) {
        let terms = Terms { health: asked, ..terms() };
        let target = market.debt + u128::from(by);
        let told = with(target, &terms, &market);
        let exact = Fraction::int(target).mul(&q(&market)).mul(&ratio(asked, 1_000)).mul(&ratio(10_000, market.threshold));
        prop_assume!(exact.at_most(&Fraction::int(i128::MAX)));
        prop_assert_eq!(exact.ceil(), told.collateral_after.into());
        prop_assert!(told.health_after >= asked);
        prop_assert!(health(&market, target, told.collateral_after - 1) < asked);
        // And what is there is what was there, the proceeds and what was paid in.
        let proceeds = Fraction::int(by).mul(&ratio(999_500, 1_000_000)).floor();
        prop_assert_eq!(proceeds + market.collateral + told.pay_in, told.collateral_after.into());
    }

    #[test]
    fn a_reduction_never_takes_of_the_account_and_never_pays_below_the_health(
        market in markets(),
        part in 0_u32..1_000,
        tick in -5_000_i32..5_000,
    ) {
        let target = market.debt / 1_000 * u128::from(part);
        let told = plan(target, &terms(), &market, &pool(), at(tick), &NEW);
        prop_assert!(told.pay_in <= 0 && told.trade <= 0);
        prop_assert!(told.pay_in == 0 || told.health_after >= 2_000);
        // What is spent is no less than the price with the fee.
        if told.refusal.is_none() {
            let spent = market.collateral - told.collateral_after - told.pay_in.unsigned_abs();
            let bought = Fraction::int(market.debt - target).mul(&price(at(tick))).mul(&ratio(1_000_000, 999_500));
            prop_assert_eq!(bought.ceil(), spent.into());
        }
    }

    #[test]
    fn deleveraging_reaches_the_health_by_the_least_that_has_to_be_bought_back(
        debt in 1_000_u128..1_000_000_000_000_000_000,
        cover in 1_030_u32..1_900,
        skew in 970_u64..1_030,
        tick in -3_000_i32..3_000,
        volatile in 0_u8..2,
    ) {
        let pool = Pool { volatile, ..pool() };
        let pools = if volatile == 0 { price(at(tick)) } else { Fraction(price(at(tick)).1, price(at(tick)).0) };
        let venue = pools.mul(&Fraction(skew.into(), 1_000.into())).mul(&Fraction::int(100_000_000)).floor();
        let collateral = Fraction::int(debt).mul(&pools).mul(&ratio(cover, 1_000)).ceil();
        let market = Market {
            prices: [U256::from(u64::try_from(venue).unwrap()), U256::from(100_000_000)],
            ..hedged(debt, collateral.try_into().unwrap())
        };
        let target = deleveraged(&terms(), &market, &pool, at(tick));
        prop_assert!(target <= debt);
        let reaches = |owed: u128| {
            let spent = Fraction::int(debt - owed).mul(&pools).mul(&ratio(1_000_000, 999_500));
            let left = Fraction::int(market.collateral).sub(&spent).mul(&ratio(8_000, 10_000));
            Fraction::int(owed).mul(&q(&market)).mul(&Fraction::int(2)).at_most(&left)
        };
        prop_assert!(target == 0 || reaches(target));
        prop_assert!(target == debt || !reaches(target + 1));
    }
}

#[test]
fn what_is_under_water_or_has_no_price_is_bought_back_whole() {
    let of = |market: &Market| deleveraged(&terms(), market, &pool(), at(0));
    assert_eq!(of(&hedged(1_000 * ONE, 1_000 * ONE)), 0);
    assert_eq!(of(&priced(0, 1)), 0);
    // By the venue the volatile token is worth so little that owing less heals nothing.
    assert_eq!(of(&priced(1, 100_000_000)), 0);
    assert_eq!(of(&hedged(1_000 * ONE, 5_000 * ONE)), 1_000 * ONE);
}
