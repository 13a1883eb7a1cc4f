//! What is remembered of a hedge, and what became of it.

use crate::exact::{Fraction, amounts, price, principal, worth, worth_of};
use crate::given::{ONE, at, hedged, market, pool, small, snapshot};
use dashu_int::IBig;
use hedgerow_core::hedging::{Accounts, Market, Pool, Record, accounts};
use hedgerow_core::policy::Snapshot;
use hedgerow_core::tick::range_sqrt_prices;
use hedgerow_core::{I256, U256};
use proptest::prelude::*;

fn whole(tokens: i128) -> I256 {
    I256::try_from(tokens * ONE as i128).unwrap()
}

/// Opened at a price of one: 100 borrowed, 250 lent, of which 150 were paid in.
fn opened() -> Record {
    Record {
        entry_sqrt_price: at(0),
        opened_at: 1_767_355_200,
        adjusted_at: 1_767_355_260,
        paid_in: 150 * ONE as i128,
        fees_earned: 3 * ONE,
        borrowed: 100 * ONE as i128,
        deposited: 250 * ONE as i128,
    }
}

#[test]
fn the_fields_lie_where_the_interface_has_them() {
    let record = Record {
        entry_sqrt_price: U256::from(0xABCD),
        opened_at: 0x11,
        adjusted_at: 0x22,
        paid_in: -1,
        fees_earned: 0x33,
        borrowed: 0x44,
        deposited: -2,
    };
    let [first, second, third] = record.pack();
    assert_eq!(
        first,
        U256::from(0xABCD) | U256::from(0x11) << 160 | U256::from(0x22) << 200
    );
    assert_eq!(second, U256::from(u128::MAX) | U256::from(0x33) << 128);
    assert_eq!(third, U256::from(0x44) | U256::from(u128::MAX - 1) << 128);
    assert_eq!(Record::unpack(&[U256::ZERO; 3]), Record::default());
    let late = Record {
        opened_at: u64::MAX,
        entry_sqrt_price: U256::MAX,
        ..record
    };
    let stored = Record::unpack(&late.pack());
    assert_eq!((stored.opened_at, stored.adjusted_at), ((1 << 40) - 1, 0x22));
    assert_eq!(stored.entry_sqrt_price, (U256::from(1) << 160) - U256::from(1));
}

#[test]
fn interest_is_what_debt_and_collateral_grew_by() {
    let told = accounts(&opened(), &hedged(102 * ONE, 251 * ONE), &pool(), &snapshot(), at(0));
    let expected = Accounts {
        // 251 - 102 - 150, of which 2 paid and 1 earned.
        hedge: whole(-1),
        carry: whole(1),
        // A token of either kind is owed.
        fees: U256::from(5 * ONE),
        il: I256::ZERO,
        net: whole(4),
    };
    assert_eq!(told, expected);
}

#[test]
fn a_closed_hedge_keeps_what_it_came_to() {
    let record = Record {
        paid_in: -20 * ONE as i128,
        borrowed: -2 * ONE as i128,
        deposited: -(ONE as i128),
        ..opened()
    };
    let told = accounts(&record, &market(), &pool(), &snapshot(), at(0));
    assert_eq!((told.hedge, told.carry), (whole(20), whole(1)));
}

#[test]
fn without_an_entry_nothing_was_lost() {
    let told = accounts(&Record::default(), &market(), &pool(), &snapshot(), at(300));
    assert_eq!(told.il, I256::ZERO);
}

#[test]
fn a_short_gains_what_the_volatile_token_loses_whichever_it_is() {
    for (volatile, tick) in [(0, -500), (1, 500)] {
        let pool = Pool { volatile, ..pool() };
        let record = Record {
            fees_earned: 0,
            ..opened()
        };
        let told = accounts(&record, &hedged(100 * ONE, 250 * ONE), &pool, &snapshot(), at(tick));
        // 1.0001^-500 = 0.951233...: of 100 sold at one, 4.8767 of the collateral; of which there is one token1 of.
        let gain = if volatile == 0 { 4.876_7 } else { 4.876_7 * 1.051_268 };
        let hedge: f64 = told.hedge.to_string().parse().unwrap();
        assert!((hedge / 1e18 - gain).abs() < 1e-3, "{hedge} {gain}");
        assert!(told.il.is_negative() && told.carry.is_zero());
    }
}

proptest! {
    #[test]
    fn a_packed_record_comes_back_as_it_was(
        entry in any::<[u64; 2]>(),
        times in [0_u64..1 << 40, 0_u64..1 << 40],
        sums in any::<[i128; 3]>(),
        fees_earned in any::<u128>(),
    ) {
        let record = Record {
            entry_sqrt_price: U256::from_limbs([entry[0], entry[1], 0xFFFF_FFFF, 0]),
            opened_at: times[0],
            adjusted_at: times[1],
            paid_in: sums[0],
            fees_earned,
            borrowed: sums[1],
            deposited: sums[2],
        };
        prop_assert_eq!(Record::unpack(&record.pack()), record);
    }

    #[test]
    fn the_books_add_up_and_every_figure_is_rounded_once_against_the_account(
        held in any::<[u64; 2]>(),
        sums in any::<[i64; 3]>(),
        fees in any::<[u64; 3]>(),
        liquidity in 0_u128..1_000_000_000_000_000_000_000_000,
        ticks in [-2_000_i32..2_000, -2_000_i32..2_000],
        volatile in 0_u8..2,
    ) {
        let record = Record {
            entry_sqrt_price: at(ticks[0]),
            paid_in: sums[0].into(),
            borrowed: sums[1].into(),
            deposited: sums[2].into(),
            fees_earned: fees[0].into(),
            ..Record::default()
        };
        let position = Snapshot { liquidity, fees: [fees[1].into(), fees[2].into()], ..snapshot() };
        let market = Market { debt: held[0].into(), collateral: held[1].into(), ..market() };
        let pool = Pool { volatile, ..pool() };
        let scale = at(ticks[1]);
        let told = accounts(&record, &market, &pool, &position, scale);

        let worth_of_one = |token0: bool| if token0 { price(scale) } else { Fraction::int(1) };
        let (v, c) = (worth_of_one(volatile == 0), worth_of_one(volatile == 1));
        let of = |amount: i128, unit: &Fraction| unit.mul(&Fraction::int(amount));
        let debt = i128::from(held[0]);
        let collateral = i128::from(held[1]);
        let hedge = of(collateral - i128::from(sums[0]), &c).sub(&of(debt, &v));
        let carry = of(debt - i128::from(sums[1]), &v).sub(&of(collateral - i128::from(sums[2]), &c));
        let int = |value: I256| IBig::from(small(value));
        prop_assert_eq!(hedge.floor(), int(told.hedge));
        prop_assert_eq!(carry.ceil(), int(told.carry));
        let owed = worth_of([fees[1], fees[2]].map(U256::from), scale).floor();
        prop_assert_eq!(owed + fees[0], IBig::from(told.fees.to::<u128>()));
        let (a, b) = range_sqrt_prices(position.range.0, position.range.1).unwrap();
        let kept = worth(&amounts(liquidity, a, b, at(ticks[0])), scale);
        let lost = principal(liquidity, position.range, scale).sub(&kept).floor();
        prop_assert_eq!(lost, int(told.il));
        prop_assert_eq!(told.net, told.hedge + told.il + I256::try_from(told.fees).unwrap());
    }
}
