//! What should be owed.

use crate::exact::{Fraction, amounts, big, price, principal};
use crate::given::at;
use dashu_int::IBig;
use hedgerow_core::U256;
use hedgerow_core::hedging::{Kind, Target, exposure, wanted};
use hedgerow_core::tick::range_sqrt_prices;
use proptest::prelude::*;

const RANGE: (i32, i32) = (-600, 600);
const L: u128 = 1_000_000_000_000_000_000_000;

fn of(kind: Kind, share: u32) -> Target {
    Target {
        kind,
        share,
        amount: 12_345,
    }
}

fn told(target: &Target, entry: U256, tick: i32, volatile: u8) -> u128 {
    wanted(target, entry, L, RANGE, at(tick), volatile)
}

#[test]
fn a_position_below_its_range_is_all_token0_and_above_it_all_token1() {
    // L (1/a - 1/b) and L (b - a) with a = 1.0001^-300, b = 1/a: both 2 L sinh(300 ln(1.0001)) = 0.0600059988 L.
    let whole = exposure(L, RANGE, at(-600), 0);
    assert_eq!(whole / 1_000_000_000_000_000, 60_005);
    assert_eq!(
        (exposure(L, RANGE, at(-9_000), 0), exposure(L, RANGE, at(600), 0)),
        (whole, 0)
    );
    assert_eq!(
        (exposure(L, RANGE, at(-600), 1), exposure(L, RANGE, at(9_000), 1)),
        (0, whole)
    );
    assert_eq!(exposure(L, (600, 600), at(0), 0), 0);
}

#[test]
fn nothing_and_an_amount_are_what_they_are() {
    assert_eq!(told(&of(Kind::None, 1_000_000), at(0), 0, 0), 0);
    assert_eq!(told(&of(Kind::Amount, 0), at(0), 0, 0), 12_345);
    assert_eq!(told(&Target::of(7), at(0), 0, 0), 7);
}

#[test]
fn impermanent_losss_delta_is_what_the_volatile_token_rose_by_since_entry() {
    for (volatile, tick) in [(0, -300), (1, 300)] {
        let (now, then) = (
            exposure(L, RANGE, at(tick), volatile),
            exposure(L, RANGE, at(0), volatile),
        );
        assert!(now > then);
        assert_eq!(told(&of(Kind::IlDelta, 1_000_000), at(0), tick, volatile), now - then);
        assert_eq!(
            told(&of(Kind::IlDelta, 500_000), at(0), tick, volatile),
            (now - then) / 2
        );
        // Where the volatile token rose, the loss is hedged by buying, which is no debt.
        assert_eq!(told(&of(Kind::IlDelta, 1_000_000), at(0), -tick, volatile), 0);
        // At its own entry nothing is lost.
        assert_eq!(told(&of(Kind::IlDelta, 1_000_000), U256::ZERO, tick, volatile), 0);
    }
}

#[test]
fn kinds_have_the_numbers_of_the_interface() {
    let kinds = [Kind::None, Kind::Delta, Kind::IlDelta, Kind::Amount];
    for (code, kind) in (0..).zip(kinds) {
        assert_eq!((Kind::from_code(code), kind.code()), (Some(kind), code));
    }
    assert_eq!(Kind::from_code(4), None);
}

proptest! {
    #[test]
    fn a_share_of_the_delta_is_the_floor_of_the_exact_amount(
        liquidity in any::<u128>(),
        lower in -8_000_i32..8_000,
        width in 1_i32..8_000,
        tick in -17_000_i32..17_000,
        share in 0_u32..=1_000_000,
        volatile in 0_u8..2,
    ) {
        let liquidity = liquidity >> 20;
        let range = (lower, lower + width);
        let (a, b) = range_sqrt_prices(range.0, range.1).unwrap();
        let exact = amounts(liquidity, a, b, at(tick))[usize::from(volatile)].floor();
        prop_assert_eq!(IBig::from(exposure(liquidity, range, at(tick), volatile)), exact.clone());
        let part = Fraction(exact * share, 1_000_000.into()).floor();
        let target = Target { kind: Kind::Delta, share, amount: 0 };
        prop_assert_eq!(IBig::from(wanted(&target, U256::ZERO, liquidity, range, at(tick), volatile)), part);
    }

    /// The value is concave in the price: between two prices it rises by at least the delta at the higher, at most that at the lower.
    #[test]
    fn the_delta_is_the_slope_of_the_positions_value(
        lower in -8_000_i32..8_000,
        width in 1_i32..8_000,
        tick in -17_000_i32..17_000,
        step in 1_i32..500,
    ) {
        let range = (lower, lower + width);
        let (low, high) = (at(tick), at(tick + step));
        let rise = principal(L, range, high).sub(&principal(L, range, low));
        let run = price(high).sub(&price(low));
        let delta = |at| Fraction::int(big(U256::from(exposure(L, range, at, 0))));
        prop_assert!(delta(high).mul(&run).at_most(&rise));
        prop_assert!(rise.at_most(&delta(low).add(&Fraction::int(1)).mul(&run)));
    }
}
