//! Figures that have closed forms, and figures that were published.

use crate::{MONTH, close, given, planned};
use hedgerow::plan::{Advice, Choice, Given, compare};

/// `1 - exp(-sigma^2 T / 8)`: what liquidity at every price loses of its value.
fn lost(volatility: f64, years: f64) -> f64 {
    1.0 - (-volatility * volatility * years / 8.0).exp()
}

#[test]
fn what_is_lost_is_the_published_fair_premium_of_the_position() {
    // Liquidity at every price: volatility, days, premium.
    for (volatility, days, premium) in [
        (0.5, 30.0, 0.002_565_197_394_465_32),
        (0.8, 30.0, 0.006_553_772_204_661_04),
        (0.6, 90.0, 0.011_034_558_074_181_3),
        (1.0, 365.0, 0.117_503_097_415_405),
    ] {
        let figures = Given {
            volatility,
            horizon: days / 365.0,
            ..given()
        };
        let told = planned(&figures, Choice::None);
        close(told.loss / 10_000.0, premium, 1e-9);
        close(told.loss / 10_000.0, lost(volatility, days / 365.0), 1e-9);
    }
    // Ranges: price, lower, upper, volatility, days, premium.
    for (price, lower, upper, volatility, days, premium) in [
        (2_200.0, 2_000.0, 2_400.0, 0.5, 10.0, 0.016_890_854_984_986_5),
        (2_000.0, 1_500.0, 2_500.0, 0.8, 30.0, 0.048_054_379_898_784_1),
        (1.0, 0.7, 1.3, 0.6, 30.0, 0.025_120_285_549_545_8),
        (1.0, 0.5, 1.5, 0.6, 30.0, 0.015_469_125_026_896_6),
        (1.0, 0.7, 1.3, 0.41, 30.0, 0.012_018_478_517_624_3),
    ] {
        let figures = Given {
            price,
            range: Some((lower, upper)),
            volatility,
            horizon: days / 365.0,
            between: (price, price),
            ..given()
        };
        close(planned(&figures, Choice::None).loss / 10_000.0, premium, 2e-4);
    }
}

#[test]
fn what_stays_open_is_the_share_that_is_not_hedged_and_what_the_band_allows() {
    // The root of the price: Var = V^2 (1 - exp(-sigma^2 T / 4)).
    let alone = planned(&given(), Choice::None).deviation.powi(2);
    close(alone, 1e8 * (1.0 - (-0.64 * MONTH / 4.0).exp()), 1e-4);
    // A share s of the delta, of what is expected of it so much before the end: V^2 / 4 sigma^2 of (exp(-k t) - s)^2, k = sigma^2 / 8.
    let k = 0.08;
    let (once, twice) = (
        (1.0 - (-k * MONTH).exp()) / k,
        (1.0 - (-2.0 * k * MONTH).exp()) / (2.0 * k),
    );
    let off = (0.1_f64.powi(2) + 0.02_f64.powi(2)) / 6.0;
    for s in [1.0, 0.5, 0.25] {
        let open = twice - 2.0 * s * once + s * s * MONTH + off * MONTH;
        close(
            planned(&given(), Choice::Share(s)).deviation.powi(2),
            1e8 / 4.0 * 0.64 * open,
            1e-3,
        );
    }
}

#[test]
fn interest_and_trading_are_what_the_debt_is_worth_and_how_it_moves() {
    let (s, fee) = (0.5, 0.000_5);
    let told = planned(&given(), Choice::Share(s));
    let loss = lost(0.8, MONTH);
    // Half of the position is volatile: 2.5 that are owed, at a price of 2000.
    close(told.debt, s * 2.5, 1e-12);
    close(told.collateral, s * 5_000.0 * 2.0 / 0.78, 1e-12);
    let held = s * 5_000.0 * loss * 8.0 / 0.64;
    close(told.carry, held * (0.03 - 0.02 * 2.0 / 0.78), 1e-3);
    let adjusting = s * s / (0.1 + 0.02) * 10_000.0 * loss;
    let trading = fee * (s * 5_000.0 + s * 5_000.0 * (1.0 - loss) + adjusting);
    close(told.trading, trading, 1e-3);
    close(told.fees, 10_000.0 * 0.2 * MONTH, 1e-12);
    close(told.expected, told.fees - told.loss - told.carry - told.trading, 1e-12);
    // The gate takes the rates and the price as they are.
    let gate = told.fees
        - 0.64 / 8.0 * 10_000.0 * MONTH
        - s * 5_000.0 * (0.03 - 0.02 * 2.0 / 0.78) * MONTH
        - 2.0 * fee * s * 5_000.0;
    close(told.gate, gate, 1e-9);
    let margin = Given {
        margin: 0.001,
        ..given()
    };
    close(planned(&margin, Choice::Share(s)).gate, gate - 10.0, 1e-9);
}

#[test]
fn the_worst_case_at_once_is_the_static_hedges_published_loss() {
    // sqrt(r) - 1 - (r - 1)/2 at r = 2, less opening and closing; at r = 0.5 it is -0.0428932188134525.
    let told = planned(&given(), Choice::Share(1.0));
    close(told.gap, -857.864_376_269_05 - 2.0 * 0.000_5 * 5_000.0, 1e-9);
    let below = Given {
        between: (1_000.0, 2_000.0),
        ..given()
    };
    close(
        planned(&below, Choice::Share(1.0)).gap,
        -428.932_188_134_525 - 5.0,
        1e-9,
    );
    // Without a hedge the position is worth the root of the price; and steadily the fees come on top.
    let alone = planned(&given(), Choice::None);
    close(alone.gap, 10_000.0 * (0.5_f64.sqrt() - 1.0), 1e-9);
    close(alone.drift, alone.gap + alone.fees, 1e-9);
    // Followed all the way, nothing is lost but costs; half of it, half.
    close(told.drift, told.fees - told.carry - told.trading, 1e-9);
    let half = planned(&given(), Choice::Share(0.5));
    close(
        half.drift,
        alone.gap / 2.0 + half.fees - half.carry - half.trading,
        1e-9,
    );
}

#[test]
fn a_hedge_of_the_loss_alone_turns_a_fall_into_holding() {
    let told = planned(&given(), Choice::Loss);
    assert_eq!((told.debt, told.liquidation, told.capital), (0.0, None, 0.0));
    // Two and a half of the volatile token, which fell by 1000 each.
    let holding = -2_500.0;
    close(told.drift, holding + told.fees - told.carry - told.trading, 1e-9);
    // At half the price it owes 2.5 (sqrt(2) - 1) for which twice over 0.78 is lent.
    let owed = 2.5 * (2.0_f64.sqrt() - 1.0) * 1_000.0;
    let integral = 10_000.0 * (0.5_f64.sqrt() - 1.0) + 2_500.0;
    close(told.capital_at_most, owed * (2.0 / 0.78 - 1.0) + integral, 1e-6);
    // It leaves more open than a hedge of the whole, less than none.
    let [none, whole] = [Choice::None, Choice::Share(1.0)].map(|choice| planned(&given(), choice).deviation);
    assert!(whole < told.deviation && told.deviation < none);
}

#[test]
fn capital_and_liquidation_follow_from_the_health() {
    let told = planned(&given(), Choice::Share(1.0));
    // 5000 sold; at a health of 2 they take 12,820.5 of collateral.
    close(told.capital, 5_000.0 * (2.0 / 0.78) - 5_000.0 + 2.5, 1e-9);
    close(told.liquidation.unwrap(), 4_000.0, 1e-12);
    // Where the price doubles the debt is worth sqrt(2) as much, and 10,000 (sqrt(2) - 1) is lost on it.
    let more = 5_000.0 * 2.0_f64.sqrt() * (2.0 / 0.78 - 1.0) + 10_000.0 * (2.0_f64.sqrt() - 1.0) + 2.5;
    close(told.capital_at_most, more, 1e-9);
}

#[test]
fn the_break_even_is_where_nothing_is_left() {
    let told = planned(&given(), Choice::None).break_even.unwrap();
    // Of a fee f over T: sqrt(-8 ln(1 - f) / T).
    close(told, (-8.0 * (1.0 - 0.2 * MONTH).ln() / MONTH).sqrt(), 1e-6);
    for choice in [Choice::Share(1.0), Choice::Share(0.25), Choice::Loss] {
        let volatility = planned(&given(), choice).break_even.unwrap();
        let there = planned(&Given { volatility, ..given() }, choice);
        assert!(there.expected.abs() < 1e-3, "{choice:?}: {there:?}");
    }
    assert_eq!(
        planned(
            &Given {
                fee_apr: 0.0,
                ..given()
            },
            Choice::None
        )
        .break_even,
        None
    );
}

#[test]
fn a_range_concentrates_what_it_earns_no_more_of() {
    // 70-130 and the whole curve: 6.98611970103 times the liquidity, and so the loss per moment.
    let at_once = |range| {
        planned(
            &Given {
                range,
                horizon: 1e-6,
                between: (2_000.0, 2_000.0),
                ..given()
            },
            Choice::None,
        )
        .loss
    };
    close(
        at_once(Some((1_400.0, 2_600.0))) / at_once(None),
        6.986_119_701_03,
        1e-4,
    );
}

#[test]
fn what_the_gate_refuses_comes_last_and_the_risk_left_has_its_price() {
    let shares = [1.0, 0.5];
    let names = |given: &Given| {
        let told = compare(given, &shares).unwrap();
        let names: Vec<_> = told.lines.iter().map(|line| line.choice.name()).collect();
        assert!(
            told.lines
                .iter()
                .enumerate()
                .all(|(place, line)| line.rank == place + 1 && !line.reason.is_empty())
        );
        (names, told.advice)
    };
    let cheap = names(&given());
    assert_eq!(
        cheap.0,
        ["full delta", "50% of the delta", "impermanent loss only", "no hedge"]
    );
    assert_eq!(cheap.1, Advice::Hedge);
    // Where risk has no price nothing is paid for taking it away; here a hedge earns by its collateral's interest.
    let careless = Given {
        risk_price: 0.0,
        borrow_rate: 0.1,
        ..given()
    };
    assert_eq!(
        (names(&careless).0[0].as_str(), names(&careless).1),
        ("no hedge", Advice::Hold)
    );
    // Too dear to hedge, still worth holding: 20 % of fees for 8 % of loss.
    let dear = Given {
        borrow_rate: 1.0,
        ..given()
    };
    let told = compare(&dear, &shares).unwrap();
    assert_eq!(told.lines[0].choice, Choice::None);
    let full = told
        .lines
        .iter()
        .find(|line| line.choice == Choice::Share(1.0))
        .unwrap();
    assert!(full.refused() && full.reason.contains("the gate is closed"), "{full:?}");
    assert_eq!(
        (told.advice, told.lines.last().unwrap().refused()),
        (Advice::Hold, true)
    );
    // Worth nothing either way: 4 % of fees.
    let poor = compare(
        &Given {
            fee_apr: 0.04,
            ..given()
        },
        &shares,
    )
    .unwrap();
    assert_eq!((poor.advice, poor.lines[0].choice), (Advice::Exit, Choice::None));
    assert!(poor.lines[1..].iter().all(|line| line.refused()));
}

#[test]
fn a_keepers_hedge_scores_less_risk_than_a_position_left_alone() {
    let [alone, hedged] = [Choice::None, Choice::Share(1.0)].map(|choice| planned(&given(), choice).score);
    // 80 % a year: 4; one token is the unit of account: 4; fees of 2.5 times the loss: 1; nobody or a keeper; everywhere: 1.
    assert_eq!(
        (
            alone.volatility,
            alone.correlation,
            alone.fees,
            alone.management,
            alone.width
        ),
        (4, 4, 1, 5, 1)
    );
    assert_eq!((hedged.management, alone.total), (1, 15));
}
