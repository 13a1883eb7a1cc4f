//! What a keeper's policy says of a hedge.

use crate::given::{
    History, NOW, ONE, PERCENT, at, at_tick, decided, guards, hedged, market, pool, rule, said, small, snapshot, spot,
    state, terms,
};
use hedgerow_core::hedging::{
    HedgeDecision, HedgeRule, Kind, Market, Pool, Record, Terms, decide_hedge, deleveraged, exposure, plan,
};
use hedgerow_core::policy::{Guards, Reason, Snapshot, State, Status};
use hedgerow_core::{I256, U256};
use proptest::prelude::*;

/// The position's delta at a tick.
fn delta(tick: i32) -> u128 {
    exposure(snapshot().liquidity, snapshot().range, at(tick), 0)
}

fn part(amount: u128, ppm: u128) -> u128 {
    amount * ppm / 1_000_000
}

/// A hedge of so much at a health of two.
fn even(debt: u128) -> Market {
    hedged(debt, debt * 5 / 2)
}

fn acts(decision: &HedgeDecision, reason: Reason, target: u128, market: &Market) {
    let told = (decision.act, decision.reason, decision.target, decision.trade);
    assert_eq!(told, (true, reason, target, target as i128 - market.debt as i128));
}

fn rests(decision: &HedgeDecision, reason: Reason) {
    assert_eq!((decision.act, decision.reason), (false, reason));
}

#[test]
fn a_position_without_hedge_is_hedged_up_to_the_inner_end_of_the_band() {
    let told = at_tick(&rule(), &market(), 0);
    acts(&told, Reason::HedgeDrift, delta(0) - part(delta(0), 50_000), &market());
    assert_eq!(
        (told.tick, told.mean_tick, told.health, told.not_before),
        (0, 0, u32::MAX, 0)
    );
    assert!(told.gate > I256::ZERO && told.equity.is_zero() && told.il.is_zero());
    // 1e21 (2 - 1/1.0001^300 - 1.0001^-300) and two tokens of fees: 61.1.
    assert_eq!(told.value / U256::from(ONE / 10), U256::from(611));
}

#[test]
fn a_debt_off_its_target_by_more_than_the_band_comes_back_to_the_inner_end_on_its_side() {
    let whole = delta(0);
    let (band, inner) = (part(whole, 100_000), part(whole, 50_000));
    for (debt, target) in [(whole + band + 1, whole + inner), (whole - band - 1, whole - inner)] {
        acts(
            &at_tick(&rule(), &even(debt), 0),
            Reason::HedgeDrift,
            target,
            &even(debt),
        );
    }
    for debt in [whole + band, whole, whole - band] {
        let told = at_tick(&rule(), &even(debt), 0);
        rests(&told, Reason::NoTrigger);
        assert_eq!((told.target, told.trade, told.gate), (debt, 0, I256::ZERO));
    }
}

#[test]
fn half_a_hedge_is_held_within_the_band_of_the_whole_delta() {
    let half = HedgeRule {
        share: 500_000,
        ..rule()
    };
    let (wanted, band) = (delta(0) / 2, part(delta(0), 100_000));
    rests(&at_tick(&half, &even(wanted + band), 0), Reason::NoTrigger);
    let off = even(wanted + band + 1);
    acts(
        &at_tick(&half, &off, 0),
        Reason::HedgeDrift,
        wanted + part(delta(0), 50_000),
        &off,
    );
}

#[test]
fn above_its_range_a_position_of_the_volatile_token_needs_no_hedge() {
    let open = even(1_000);
    acts(&at_tick(&rule(), &open, 700), Reason::HedgeDrift, 0, &open);
    rests(&at_tick(&rule(), &hedged(0, 7), 700), Reason::NoTrigger);
}

#[test]
fn impermanent_losss_delta_is_counted_from_the_entry() {
    let rule = HedgeRule {
        target: Kind::IlDelta,
        ..rule()
    };
    let record = Record {
        entry_sqrt_price: at(200),
        ..Record::default()
    };
    let of = |record: &Record, terms: &Terms| {
        let mut oracle = History::still(0);
        let (snapshot, market) = (snapshot(), market());
        decide_hedge(
            &guards(),
            terms,
            &rule,
            &state(),
            record,
            &market,
            &pool(),
            &snapshot,
            &mut oracle,
        )
    };
    let expected = delta(0) - delta(200) - part(delta(0), 50_000);
    acts(&of(&record, &terms()), Reason::HedgeDrift, expected, &market());
    // Before there is a record, from where the terms say; else from the mean price, where nothing is lost.
    let entered = Terms {
        entry_sqrt_price: at(200),
        ..terms()
    };
    acts(
        &of(&Record::default(), &entered),
        Reason::HedgeDrift,
        expected,
        &market(),
    );
    rests(&of(&Record::default(), &terms()), Reason::NoTrigger);
    assert_eq!(of(&record, &entered).il, of(&Record::default(), &entered).il);
    assert!(of(&record, &terms()).il.is_negative());
}

#[test]
fn a_hedge_opens_at_its_impermanent_loss_and_then_stays() {
    // Between 1 and 1.0001^-300 the range loses 0.0111 % of 2.3 %.
    let asks = |il| HedgeRule { il, ..rule() };
    let entered = Terms {
        entry_sqrt_price: at(300),
        ..terms()
    };
    let of = |rule: &HedgeRule, market: &Market| decided(&entered, rule, market, &snapshot(), &mut History::still(0));
    let lost = small(-of(&rule(), &market()).il) as u128 / 1_000_000_000_000;
    let lost = u32::try_from(lost).unwrap();
    assert!(lost > 100, "{lost}");
    let opening = of(&asks(lost), &market());
    acts(
        &opening,
        Reason::ImpermanentLoss,
        delta(0) - part(delta(0), 50_000),
        &market(),
    );
    rests(&of(&asks(lost + 1), &market()), Reason::NoTrigger);
    let open = even(delta(0) / 2);
    assert_eq!(of(&asks(lost + 1), &open).reason, Reason::HedgeDrift);
    // Waiting for the loss, neither time nor range opens it.
    let eager = HedgeRule {
        elapsed: 1,
        range_exit: true,
        ..asks(1_000_000)
    };
    rests(
        &decided(&entered, &eager, &market(), &spot(-700), &mut History::still(-700)),
        Reason::NoTrigger,
    );
}

#[test]
fn beyond_its_closing_rate_a_hedge_is_closed() {
    let closing = HedgeRule {
        close_rate: 300_000,
        ..rule()
    };
    let at_rate = |units: u128, debt| Market {
        borrow_rate: U256::from(30 * PERCENT + units),
        ..even(debt)
    };
    rests(&at_tick(&closing, &at_rate(0, delta(0)), 0), Reason::NoTrigger);
    let dear = at_rate(1, delta(0));
    acts(&at_tick(&closing, &dear, 0), Reason::BorrowRate, 0, &dear);
    // Low health or not, and nothing is opened at such a rate.
    let sick = Market {
        collateral: delta(0) * 5 / 4 + ONE,
        ..dear
    };
    acts(&at_tick(&closing, &sick, 0), Reason::BorrowRate, 0, &sick);
    rests(&at_tick(&closing, &at_rate(1, 0), 0), Reason::RateTooHigh);
    rests(&at_tick(&rule(), &dear, 0), Reason::NoTrigger);
}

#[test]
fn low_health_reduces_the_hedge_until_its_health_is_there() {
    // 1.6 is two times a debt over 80 %.
    let edge = hedged(1_000_000 * ONE / 1_000_000 * 20, 20 * ONE * 2);
    let position = HedgeRule {
        band: 1_000_000,
        ..rule()
    };
    rests(&at_tick(&position, &edge, 0), Reason::NoTrigger);
    let low = Market {
        collateral: edge.collateral - 1,
        ..edge
    };
    let told = at_tick(&position, &low, 0);
    let target = deleveraged(&terms(), &low, &pool(), at(0));
    acts(&told, Reason::HealthLow, target, &low);
    assert_eq!(told.health, 1_599);
    let after = plan(target, &terms(), &low, &pool(), at(0), &Record::default());
    assert!(
        (1_999..=2_000).contains(&after.health_after) && after.pay_in == 0,
        "{after:?}"
    );
    // Without a price there is no health to go by.
    let blind = Market {
        prices: [U256::ZERO; 2],
        ..low
    };
    rests(&at_tick(&position, &blind, 0), Reason::NoTrigger);
}

#[test]
fn beyond_the_range_a_hedge_is_adjusted_whatever_the_band() {
    let leaving = HedgeRule {
        range_exit: true,
        ..rule()
    };
    let off = |tick: i32| even(delta(tick) + 1);
    for tick in [-601, 600] {
        acts(
            &at_tick(&leaving, &off(tick), tick),
            Reason::RangeLeft,
            delta(tick),
            &off(tick),
        );
        rests(&at_tick(&leaving, &even(delta(tick)), tick), Reason::NoTrigger);
    }
    for tick in [-600, 599] {
        rests(&at_tick(&rule(), &off(-600), -600), Reason::NoTrigger);
        assert_ne!(at_tick(&leaving, &off(tick), tick).reason, Reason::RangeLeft);
    }
    // It is the mean that has to be outside.
    let told = said(
        &leaving,
        &off(0),
        &spot(0),
        &mut History(vec![(60, -900), (u32::MAX, 0)]),
    );
    assert_ne!(told.reason, Reason::RangeLeft);
    // Too small a change waits, unless it closes.
    let terms = Terms {
        min_trade: 2,
        ..terms()
    };
    let of = |tick: i32| decided(&terms, &leaving, &off(tick), &spot(tick), &mut History::still(tick));
    rests(&of(-601), Reason::NoTrigger);
    acts(&of(600), Reason::RangeLeft, 0, &off(600));
}

#[test]
fn time_adjusts_a_hedge_whatever_the_band() {
    let timed = HedgeRule {
        elapsed: 3_600,
        ..rule()
    };
    let off = even(delta(0) - 1);
    let of = |rule: &HedgeRule, state: &State, adjusted_at: u64| {
        let record = Record {
            adjusted_at,
            ..Record::default()
        };
        let mut oracle = History::still(0);
        decide_hedge(
            &guards(),
            &terms(),
            rule,
            state,
            &record,
            &off,
            &pool(),
            &snapshot(),
            &mut oracle,
        )
    };
    let set = |set_at| State { set_at, ..state() };
    acts(&of(&timed, &set(NOW - 3_600), 0), Reason::Elapsed, delta(0), &off);
    rests(&of(&timed, &set(NOW - 3_599), 0), Reason::NoTrigger);
    acts(&of(&timed, &state(), NOW - 3_600), Reason::Elapsed, delta(0), &off);
    rests(&of(&timed, &state(), NOW - 3_599), Reason::NoTrigger);
    let ran = State {
        last_run: NOW - 3_600,
        runs: 1,
        ..state()
    };
    let later = HedgeRule {
        elapsed: 3_601,
        ..rule()
    };
    acts(&of(&timed, &ran, 0), Reason::Elapsed, delta(0), &off);
    rests(&of(&later, &ran, 0), Reason::NoTrigger);
    // Time alone changes nothing where nothing is off.
    rests(&at_tick(&timed, &even(delta(0)), 0), Reason::NoTrigger);
}

#[test]
fn a_hedge_without_position_is_closed_and_nothing_is_opened_for_it() {
    let gone = Snapshot {
        liquidity: 0,
        ..snapshot()
    };
    let of = |market: &Market| said(&rule(), market, &gone, &mut History::still(0));
    acts(&of(&even(ONE)), Reason::PositionGone, 0, &even(ONE));
    acts(&of(&hedged(0, 1)), Reason::PositionGone, 0, &hedged(0, 1));
    rests(&of(&market()), Reason::NoLiquidity);
}

#[test]
fn standing_guards_come_before_any_trigger_and_in_their_order() {
    let of = |state: &State, snapshot: &Snapshot| {
        let (market, record, mut oracle) = (market(), Record::default(), History::still(0));
        decide_hedge(
            &guards(),
            &terms(),
            &rule(),
            state,
            &record,
            &market,
            &pool(),
            snapshot,
            &mut oracle,
        )
    };
    let ran = |last_run| State {
        last_run,
        runs: 1,
        day: (NOW / 86_400) as u32,
        runs_today: 1,
        ..state()
    };
    let with = |change: fn(&mut Snapshot)| {
        let mut snapshot = snapshot();
        change(&mut snapshot);
        of(&state(), &snapshot)
    };
    rests(&of(&State::NONE, &snapshot()), Reason::NotSet);
    rests(
        &of(
            &State {
                status: Status::Ended,
                ..state()
            },
            &snapshot(),
        ),
        Reason::Ended,
    );
    rests(&with(|of| of.governed = false), Reason::NotSet);
    rests(&with(|of| of.paused = true), Reason::Paused);
    rests(&with(|of| of.now += 1_000_001), Reason::Expired);
    let cooling = of(&ran(NOW - 3_599), &snapshot());
    rests(&cooling, Reason::Cooldown);
    assert_eq!(cooling.not_before, NOW + 1);
    rests(
        &of(
            &State {
                runs_today: 4,
                ..ran(NOW - 3_600)
            },
            &snapshot(),
        ),
        Reason::DailyCount,
    );
    assert!(cooling.value > U256::ZERO && of(&ran(NOW - 3_600), &snapshot()).act);
    // A pool that forgets leaves no figure but what the venue says.
    let short = said(&rule(), &even(ONE), &snapshot(), &mut History(vec![(599, 0)]));
    rests(&short, Reason::OracleTooShort);
    assert_eq!(
        (short.value, short.equity, short.health),
        (U256::ZERO, I256::ZERO, 2_000)
    );
}

#[test]
fn spot_far_from_the_mean_stops_either_direction() {
    for market in [market(), even(delta(0) * 2)] {
        let of = |tick| said(&rule(), &market, &spot(tick), &mut History::still(0));
        assert!(of(100).act && of(-100).act);
        rests(&of(101), Reason::Deviation);
        rests(&of(-101), Reason::Deviation);
    }
}

#[test]
fn a_used_up_periods_loss_stops_either_direction() {
    let lost = |period_loss| State {
        period_loss,
        period_start: NOW - 86_399,
        ..state()
    };
    for market in [market(), even(delta(0) * 2)] {
        let of = |state: &State| {
            let (record, mut oracle) = (Record::default(), History::still(0));
            decide_hedge(
                &guards(),
                &terms(),
                &rule(),
                state,
                &record,
                &market,
                &pool(),
                &snapshot(),
                &mut oracle,
            )
        };
        rests(&of(&lost(100_000)), Reason::PeriodLossUsed);
        assert!(of(&lost(99_999)).act);
        assert!(
            of(&State {
                period_start: NOW - 86_400,
                ..lost(100_000)
            })
            .act
        );
    }
}

#[test]
fn a_position_worth_too_little_is_not_hedged_but_unwound() {
    let of = |market: &Market, min_value: u128| {
        let (guards, record, mut oracle) = (Guards { min_value, ..guards() }, Record::default(), History::still(0));
        decide_hedge(
            &guards,
            &terms(),
            &rule(),
            &state(),
            &record,
            market,
            &pool(),
            &snapshot(),
            &mut oracle,
        )
    };
    let value = u128::try_from(at_tick(&rule(), &market(), 0).value).unwrap();
    assert!(of(&market(), value).act);
    rests(&of(&market(), value + 1), Reason::BelowMinValue);
    assert!(of(&even(delta(0) * 2), value + 1).act);
}

#[test]
fn an_enlargement_has_to_pass_the_gate_or_the_owner_overrides_it() {
    let poor = Pool {
        fee_growth: [U256::ZERO; 2],
        ..pool()
    };
    let of = |terms: &Terms, market: &Market| {
        let (record, mut oracle) = (Record::default(), History::still(0));
        decide_hedge(
            &guards(),
            terms,
            &rule(),
            &state(),
            &record,
            market,
            &poor,
            &snapshot(),
            &mut oracle,
        )
    };
    let refused = of(&terms(), &market());
    rests(&refused, Reason::GateClosed);
    assert!(refused.gate < I256::ZERO && refused.trade > 0);
    let own = Terms {
        override_gate: true,
        ..terms()
    };
    assert!(of(&own, &market()).act && of(&own, &market()).gate == refused.gate);
    let unwatched = Terms {
        fees_since: NOW - 3_599,
        ..terms()
    };
    rests(&of(&unwatched, &market()), Reason::FeesUnknown);
    assert!(
        of(
            &Terms {
                override_gate: true,
                ..unwatched
            },
            &market()
        )
        .act
    );
    // A reduction asks for none of it.
    let told = of(&unwatched, &even(delta(0) * 2));
    assert!(told.act && told.gate.is_zero());
}

#[test]
fn the_gate_is_open_at_exactly_nothing_left() {
    // A margin that takes all of it, and a millionth of the value more.
    let left = at_tick(&rule(), &market(), 0);
    let value = i128::try_from(left.value).unwrap();
    let margin = i32::try_from(small(left.gate) * 1_000_000 / value).unwrap();
    let of = |margin| {
        decided(
            &Terms { margin, ..terms() },
            &rule(),
            &market(),
            &snapshot(),
            &mut History::still(0),
        )
    };
    assert!(of(margin).act);
    assert_eq!((of(margin + 1).act, of(margin + 1).reason), (false, Reason::GateClosed));
}

#[test]
fn what_the_venue_refuses_is_the_decisions_reason() {
    let cases = [
        (
            Market {
                closed: [3, 0],
                ..market()
            },
            Reason::VenueClosed,
        ),
        (
            Market {
                borrowable: 1,
                ..market()
            },
            Reason::VenueExhausted,
        ),
        (
            Market {
                price_age: 3_601,
                ..market()
            },
            Reason::OracleStale,
        ),
        (
            Market {
                stuck: [3, 0],
                ..even(delta(0) * 2)
            },
            Reason::VenueClosed,
        ),
    ];
    for (market, reason) in cases {
        let told = at_tick(&rule(), &market, 0);
        rests(&told, reason);
        assert_ne!((told.target, told.trade), (market.debt, 0));
    }
    let least = Terms {
        min_trade: u128::MAX,
        ..terms()
    };
    let told = decided(&least, &rule(), &market(), &snapshot(), &mut History::still(0));
    rests(&told, Reason::TradeTooSmall);
}

prop_compose! {
    fn rules()(
        target in prop_oneof![Just(Kind::Delta), Just(Kind::IlDelta)],
        share in 1_u32..=1_000_000,
        (band, part) in (1_000_u32..=1_000_000, 0_u32..1_000),
        il in prop_oneof![Just(0_u32), 0_u32..2_000],
        range_exit in any::<bool>(),
        elapsed in prop_oneof![Just(0_u32), 60_u32..100_000],
        low_health in 1_500_u32..2_000,
        close_rate in prop_oneof![Just(0_u32), 200_000_u32..300_000],
    ) -> HedgeRule {
        HedgeRule { target, share, band, inner: band / 1_000 * part, il, range_exit, elapsed, low_health, close_rate }
    }
}

/// What is said next, once what was decided has come about and the cooldown is over.
fn next(rule: &HedgeRule, before: &Market, decision: &HedgeDecision, tick: i32, entry: i32) -> HedgeDecision {
    let record = Record {
        entry_sqrt_price: at(entry),
        adjusted_at: NOW - 1,
        ..Record::default()
    };
    let told = plan(decision.target, &terms(), before, &pool(), at(tick), &record);
    let after = told.market_after(before);
    let mut oracle = History::still(tick);
    decide_hedge(
        &guards(),
        &terms(),
        rule,
        &state(),
        &record,
        &after,
        &pool(),
        &spot(tick),
        &mut oracle,
    )
}

proptest! {
    /// At a price that stays, a hedge is changed once; after low health a second time, for what the band asks.
    #[test]
    fn nothing_goes_to_and_fro_at_a_constant_price(
        rule in rules(),
        tick in -700_i32..700,
        entry in -500_i32..500,
        part in 0_u128..2_500,
        cover in 1_300_u128..4_000,
        rate in 0_u128..40,
    ) {
        let debt = delta(0) * part / 1_000;
        let price = 1.0001_f64.powi(tick);
        let before = Market {
            prices: [U256::from((price * 1e8) as u64), U256::from(100_000_000)],
            borrow_rate: U256::from(rate * PERCENT),
            ..hedged(debt, (price * 1e9) as u128 * cover / 1_000 * debt / 1_000_000_000)
        };
        let record = Record { entry_sqrt_price: at(entry), adjusted_at: NOW - 1, ..Record::default() };
        let mut oracle = History::still(tick);
        let own = Terms { override_gate: true, ..terms() };
        let first = decide_hedge(&guards(), &own, &rule, &state(), &record, &before, &pool(), &spot(tick), &mut oracle);
        prop_assume!(first.act);
        let second = next(&rule, &before, &first, tick, entry);
        if first.reason == Reason::HealthLow {
            prop_assert!(!second.act || second.reason != Reason::HealthLow, "{first:?} {second:?}");
        } else {
            prop_assert!(!second.act, "{first:?} {second:?}");
        }
    }

    #[test]
    fn what_acts_ends_nearer_to_its_target_and_never_beyond(
        rule in rules(),
        tick in -700_i32..700,
        part in 0_u128..2_500,
    ) {
        let before = even(delta(0) * part / 1_000);
        let market = Market { prices: [U256::from((1.0001_f64.powi(tick) * 1e8) as u64), U256::from(100_000_000)], ..before };
        let rule = HedgeRule { target: Kind::Delta, close_rate: 0, ..rule };
        let told = at_tick(&rule, &market, tick);
        prop_assume!(told.act && told.reason != Reason::HealthLow);
        let wanted = part_of(delta(tick), rule.share);
        prop_assert!(told.target.abs_diff(wanted) < market.debt.abs_diff(wanted));
        prop_assert_eq!(told.target > wanted, market.debt > wanted && told.target != wanted);
        // An enlargement leaves the health that was asked for.
        let after = plan(told.target, &terms(), &market, &pool(), at(tick), &Record::default());
        prop_assert!(told.trade < 0 || (after.health_after >= 2_000 && !told.gate.is_negative()));
    }
}

fn part_of(amount: u128, ppm: u32) -> u128 {
    part(amount, ppm.into())
}
