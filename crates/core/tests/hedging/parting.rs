//! Orange's closed forms.

use crate::exact::{Fraction, big};
use hedgerow_core::hedging::split;
use hedgerow_core::{Error, I256, U256, Wad};
use proptest::prelude::*;

fn tenths(value: i64) -> Wad {
    wad(value * 100_000_000_000_000_000)
}

fn wad(value: i64) -> Wad {
    Wad(I256::try_from(value).unwrap())
}

#[test]
fn a_million_is_parted_as_published() {
    // Thousandths of a unit of A = 1e6: collateral, debt, the two legs.
    let published = [
        ((6, 10, 10), [625_000_000, 375_000_000, 375_000_000, 375_000_000]),
        ((7, 10, 8), [641_025_641, 448_717_948, 448_717_948, 358_974_358]),
        ((6, 5, 10), [357_142_857, 214_285_714, 428_571_428, 428_571_428]),
    ];
    for ((ltv, ratio, x), expected) in published {
        let parted = split(U256::from(1_000_000_000), tenths(ltv), tenths(ratio), tenths(x)).unwrap();
        let told = [parted.collateral, parted.debt, parted.volatile, parted.stable];
        assert_eq!(told, expected.map(U256::from), "{ltv} {ratio} {x}");
    }
}

#[test]
fn what_cannot_be_parted_is_refused() {
    let one = tenths(10);
    let of = |ltv, ratio, x| split(U256::from(1), ltv, ratio, x).unwrap_err();
    assert_eq!(of(wad(0), one, one), Error::NotPositive(I256::ZERO));
    assert_eq!(of(one, wad(0), one), Error::NotPositive(I256::ZERO));
    assert_eq!(of(one, one, wad(-1)), Error::NegativeInput(I256::MINUS_ONE));
    assert_eq!(of(tenths(11), one, one), Error::Overflow);
}

proptest! {
    #[test]
    fn the_parts_are_the_floors_of_the_closed_forms(
        total in any::<u128>(),
        ltv in 1_i64..=1_000_000_000_000_000_000,
        ratio in 1_i64..5_000_000_000_000_000_000,
        x in 0_i64..5_000_000_000_000_000_000,
    ) {
        let parted = split(U256::from(total), wad(ltv), wad(ratio), wad(x)).unwrap();
        let share = |value: i64| Fraction(value.into(), 1_000_000_000_000_000_000_i64.into());
        let [t, h, x] = [ltv, ratio, x].map(share);
        let over = |a: &Fraction, b: &Fraction| Fraction(&a.0 * &b.1, &a.1 * &b.0);
        let legs = over(&t, &h);
        let divisor = Fraction::int(1).sub(&t).add(&legs).add(&legs.mul(&x));
        let collateral = over(&Fraction::int(total), &divisor);
        let debt = collateral.mul(&t);
        let volatile = over(&debt, &h);
        let exact = [&collateral, &debt, &volatile, &volatile.mul(&x)].map(Fraction::floor);
        prop_assert_eq!(exact, [parted.collateral, parted.debt, parted.volatile, parted.stable].map(big));
        // All of it is used: A = collateral - debt + legs.
        let used = collateral.sub(&debt).add(&volatile).add(&volatile.mul(&x));
        prop_assert_eq!(used.floor(), total.into());
    }
}
