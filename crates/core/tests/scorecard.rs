//! The scorecard on and beside its thresholds, and the correlation against the reference.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod common;
mod reference;

use hedgerow_core::scorecard::{Factors, Management, Verdict, Width, correlation, score};
use hedgerow_core::{Error, I256, U256, WAD, Wad};
use proptest::prelude::*;
use reference::{Cases, Num, Random};

fn wad(value: i128) -> Wad {
    Wad(I256::try_from(value).unwrap())
}

fn percent(value: i128) -> Wad {
    wad(value * WAD as i128 / 100)
}

fn range(lower: i128, upper: i128) -> Width {
    Width::Range {
        lower: percent(lower),
        upper: percent(upper),
    }
}

const MANAGEMENT: [Management; 5] = [
    Management::Automated,
    Management::Daily,
    Management::Weekly,
    Management::Monthly,
    Management::None,
];

fn calm() -> Factors {
    Factors {
        volatility: percent(5),
        correlation: percent(99),
        fees: percent(4),
        loss: percent(1),
        management: Management::Automated,
        width: Width::Full,
    }
}

#[test]
fn each_factor_is_scored_by_its_table() {
    let calm = calm();
    for (volatility, expected) in [
        (0, 1),
        (20, 2),
        (39, 2),
        (40, 3),
        (60, 4),
        (99, 4),
        (100, 5),
        (1_000_000, 5),
    ] {
        let got = score(&Factors {
            volatility: percent(volatility),
            ..calm
        })
        .unwrap();
        assert_eq!(got.volatility, expected, "{volatility} %");
    }
    let just_below = Wad(percent(20).0 - I256::ONE);
    assert_eq!(
        score(&Factors {
            volatility: just_below,
            ..calm
        })
        .unwrap()
        .volatility,
        1
    );
    for (correlation, expected) in [
        (100, 1),
        (95, 1),
        (94, 2),
        (80, 2),
        (50, 3),
        (49, 4),
        (0, 4),
        (-1, 5),
        (-100, 5),
    ] {
        let got = score(&Factors {
            correlation: percent(correlation),
            ..calm
        })
        .unwrap();
        assert_eq!(got.correlation, expected, "{correlation} %");
    }
    // Cover of the published month: 1.29 % of fees against 0.60, 2.35, 2.60, 2.76 and 3.94 % of loss.
    for (fees, loss, expected) in [
        (129, 60, 1),
        (129, 235, 4),
        (129, 260, 5),
        (129, 276, 5),
        (129, 394, 5),
        (2, 1, 1),
        (3, 2, 2),
        (1, 1, 3),
        (1, 2, 4),
        (0, 1, 5),
        (0, 0, 1),
        (5, 0, 1),
    ] {
        let got = score(&Factors {
            fees: wad(fees),
            loss: wad(loss),
            ..calm
        })
        .unwrap();
        assert_eq!(got.fees, expected, "{fees} / {loss}");
    }
    for (management, expected) in MANAGEMENT.into_iter().zip(1..) {
        assert_eq!(score(&Factors { management, ..calm }).unwrap().management, expected);
    }
    for (lower, upper, expected) in [
        (10, 1000, 1),
        (100, 900, 1),
        (50, 150, 2),
        (50, 149, 3),
        (70, 130, 3),
        (70, 129, 4),
        (90, 110, 4),
        (90, 109, 5),
        (99, 101, 5),
    ] {
        let got = score(&Factors {
            width: range(lower, upper),
            ..calm
        })
        .unwrap();
        assert_eq!(got.width, expected, "{lower}-{upper}");
    }
    assert_eq!(score(&calm).unwrap().width, 1);
}

#[test]
fn the_total_decides_the_verdict() {
    let calm = calm();
    let card = score(&calm).unwrap();
    assert_eq!((card.total, card.verdict), (5, Verdict::Low));
    let wild = Factors {
        volatility: percent(150),
        correlation: percent(-20),
        fees: Wad::ZERO,
        management: Management::None,
        width: range(99, 101),
        ..calm
    };
    let card = score(&wild).unwrap();
    assert_eq!((card.total, card.verdict), (25, Verdict::Extreme));
    // Each step of the management is one of the total: 10 | 11 and 15 | 16 and 20 | 21 are where the verdict changes.
    let at = |volatility, correlation, management| {
        let card = score(&Factors {
            volatility: percent(volatility),
            correlation: percent(correlation),
            management,
            ..wild
        })
        .unwrap();
        (card.total, card.verdict)
    };
    assert_eq!(at(100, -1, Management::Automated), (21, Verdict::Extreme));
    assert_eq!(at(60, -1, Management::Automated), (20, Verdict::High));
    assert_eq!(at(0, 0, Management::Automated), (16, Verdict::High));
    assert_eq!(at(0, 50, Management::Automated), (15, Verdict::Moderate));
    let mild = Factors {
        volatility: percent(100),
        ..calm
    };
    assert_eq!(
        score(&Factors {
            management: Management::Daily,
            ..mild
        })
        .unwrap()
        .verdict,
        Verdict::Low
    );
    assert_eq!(
        score(&Factors {
            management: Management::Weekly,
            ..mild
        })
        .unwrap()
        .verdict,
        Verdict::Moderate
    );
}

#[test]
fn factors_outside_their_domain_are_refused() {
    let calm = calm();
    let minus = wad(-1);
    for bad in [
        Factors {
            volatility: minus,
            ..calm
        },
        Factors { fees: minus, ..calm },
        Factors { loss: minus, ..calm },
    ] {
        assert_eq!(score(&bad), Err(Error::NegativeInput(minus.0)));
    }
    for bad in [Wad::ONE.0 + I256::ONE, -Wad::ONE.0 - I256::ONE, I256::MIN, I256::MAX] {
        assert_eq!(
            score(&Factors {
                correlation: Wad(bad),
                ..calm
            }),
            Err(Error::CorrelationOutOfRange(bad))
        );
    }
    assert_eq!(
        score(&Factors {
            width: range(0, 1),
            ..calm
        }),
        Err(Error::PriceOutOfRange(I256::ZERO))
    );
    let empty = Err(Error::EmptyPriceRange(percent(2).0, percent(2).0));
    assert_eq!(
        score(&Factors {
            width: range(2, 2),
            ..calm
        }),
        empty
    );
}

/// A common factor and one of its own for each price, so that every correlation occurs.
fn pair(random: &mut Random) -> [Vec<U256>; 2] {
    let length = 3 + random.below(8) as usize;
    let common: Vec<I256> = (0..length).map(|_| random.uniform(-(1 << 40), 1 << 40)).collect();
    let share = random.uniform(0, 1 << 20);
    [0, 1].map(|_| {
        let mut price = random.log_wad(-3, 6) << 40_usize;
        common
            .iter()
            .map(|step| {
                let own = random.uniform(-(1 << 40), 1 << 40);
                let step = (*step * share + own * ((I256::ONE << 20) - share)) / (I256::ONE << 23);
                let change = I256::try_from(price >> 40_usize).unwrap() * step;
                price = (I256::try_from(price).unwrap() + change).unsigned_abs();
                price
            })
            .collect()
    })
}

fn wads(prices: &[U256]) -> Vec<Wad> {
    prices.iter().map(|&price| Wad::from_unsigned(price).unwrap()).collect()
}

#[test]
fn correlations_agree_with_the_reference() {
    Cases::new("correlation").divided(10).run(|random| {
        let pair = pair(random);
        let from_mean = |prices: &[U256]| -> Vec<Num> {
            let numbers: Vec<Num> = prices.iter().map(|&price| Num::u256(price)).collect();
            let returns: Vec<Num> = numbers.windows(2).map(|two| two[1].ln_over(&two[0])).collect();
            let mean = returns.iter().fold(Num::int(0), |sum, r| sum + r) / returns.len() as i64;
            returns.iter().map(|r| r - &mean).collect()
        };
        let [x, y] = [from_mean(&pair[0]), from_mean(&pair[1])];
        let product = |a: &[Num], b: &[Num]| a.iter().zip(b).fold(Num::int(0), |sum, (a, b)| sum + a * b);
        let exact = product(&x, &y) / (product(&x, &x) * product(&y, &y)).sqrt();
        let got = correlation(&wads(&pair[0]), &wads(&pair[1])).unwrap();
        let error = exact.error_of(got.0, 18);
        assert!(error.abs() <= 0.501, "{got:?} is {error} units off");
    });
}

#[test]
fn a_price_goes_with_itself_and_against_its_inverse() {
    let prices = [100, 105, 99, 130, 128, 7].map(|price| wad(price * WAD as i128));
    let scaled = prices.map(|price| Wad(price.0 * I256::unchecked_from(1000)));
    assert_eq!(correlation(&prices, &scaled), Ok(Wad::ONE));
    let powers = [0_usize, 3, 1, 7, 2, 2, 9].map(|power| Wad(I256::ONE << (100 + power)));
    let inverse = [0_usize, 3, 1, 7, 2, 2, 9].map(|power| Wad(I256::ONE << (100 - power)));
    assert_eq!(correlation(&powers, &inverse), Ok(Wad(-Wad::ONE.0)));
    // Returns of ln 2 times (1, 0, -1) and (1, -2, 1) have nothing in common.
    let apart = [[4, 8, 8, 4], [4, 8, 2, 4]].map(|prices: [i128; 4]| prices.map(wad));
    assert_eq!(correlation(&apart[0], &apart[1]), Ok(Wad::ZERO));
}

#[test]
fn prices_without_variation_or_a_partner_are_refused() {
    let moving = [wad(1), wad(3), wad(2)];
    for still in [[wad(5); 3], [wad(1), wad(2), wad(4)], [wad(9), wad(3), wad(1)]] {
        assert_eq!(correlation(&moving, &still), Err(Error::NoVariation));
        assert_eq!(correlation(&still, &moving), Err(Error::NoVariation));
    }
    assert_eq!(correlation(&moving, &moving[..2]), Err(Error::LengthsDiffer(3, 2)));
    assert_eq!(correlation(&moving[..2], &moving[..2]), Err(Error::TooFew(2, 3)));
    assert_eq!(
        correlation(&moving, &[wad(1), wad(0), wad(2)]),
        Err(Error::PriceNotPositive(I256::ZERO))
    );
}

fn word() -> impl Strategy<Value = Wad> {
    (any::<[u64; 4]>(), 0_usize..256).prop_map(|(limbs, cut)| Wad(I256::from_raw(U256::from_limbs(limbs)).asr(cut)))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4000))]

    #[test]
    fn whatever_the_inputs_nothing_panics(
        [volatility, correlated, fees, loss, lower, upper] in prop::array::uniform6(word()), full: bool, at in 0_usize..5,
        pairs in prop::collection::vec((word(), word()), 0..6),
    ) {
        let width = if full { Width::Full } else { Width::Range { lower, upper } };
        let factors = Factors { volatility, correlation: correlated, fees, loss, management: MANAGEMENT[at], width };
        if let Ok(card) = score(&factors) {
            let scores = [card.volatility, card.correlation, card.fees, card.management, card.width];
            prop_assert!(scores.iter().all(|score| (1..=5).contains(score)));
            prop_assert_eq!(card.total, scores.iter().sum::<u8>());
        }
        let positive = |price: Wad| Wad(price.0.saturating_abs() | I256::ONE);
        let (x, y): (Vec<Wad>, Vec<Wad>) = pairs.iter().map(|(x, y)| (positive(*x), positive(*y))).unzip();
        if let Ok(told) = correlation(&x, &y) {
            prop_assert!(told <= Wad::ONE && told >= Wad(-Wad::ONE.0));
            prop_assert_eq!(correlation(&y, &x), Ok(told));
        }
        let (x, y): (Vec<Wad>, Vec<Wad>) = pairs.into_iter().unzip();
        let _ = correlation(&x, &y);
    }
}
