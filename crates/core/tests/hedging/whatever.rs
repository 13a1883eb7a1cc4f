//! Any numbers whatsoever: nothing panics, and what acts keeps within what was said.

use crate::policies::{any_guards, any_snapshot, any_state};
use hedgerow_core::U256;
use hedgerow_core::hedging::{
    HedgeAfter, HedgeRule, Kind, Market, Pool, Record, Target, Terms, accounts, admit_hedge, decide_hedge, deleveraged,
    exposure, health, outlook, plan, settle_hedge, wanted,
};
use hedgerow_core::policy::{Oracle, TooShort};
use proptest::prelude::*;

struct Any([i64; 9]);

impl Oracle for Any {
    fn accumulators(&mut self, ago: &[u32], out: &mut [i64]) -> Result<(), TooShort> {
        out.copy_from_slice(self.0.get(..ago.len()).ok_or(TooShort)?);
        Ok(())
    }
}

/// Words of any length in bits, so that small ones are met too.
fn word() -> impl Strategy<Value = U256> {
    (any::<[u64; 4]>(), 0_usize..=256)
        .prop_map(|(limbs, cut)| U256::from_limbs(limbs).checked_shr(cut).unwrap_or_default())
}

fn half() -> impl Strategy<Value = u128> {
    (any::<u128>(), 0_u32..128).prop_map(|(value, cut)| value >> cut)
}

prop_compose! {
    fn any_terms()(
        words in any::<[u32; 7]>(),
        sums in [half(), half()],
        margin in any::<i32>(),
        override_gate in any::<bool>(),
        fees_since in any::<u64>(),
        growth in [word(), word()],
        entry in word(),
    ) -> Terms {
        let [min_health, health, max_oracle_deviation, max_oracle_age, max_borrow_rate, horizon, vol_window] = words;
        Terms {
            min_health, health, max_oracle_deviation, max_oracle_age, max_borrow_rate, horizon, vol_window, margin, override_gate, fees_since,
            max_collateral: sums[0], min_trade: sums[1], fee_growth: growth, entry_sqrt_price: entry,
        }
    }
}

prop_compose! {
    fn any_rule()(kind in 0_u8..4, words in any::<[u32; 7]>(), range_exit in any::<bool>()) -> HedgeRule {
        let [share, band, inner, il, elapsed, low_health, close_rate] = words;
        let target = Kind::from_code(kind).unwrap();
        HedgeRule { target, share, band, inner, il, range_exit, elapsed, low_health, close_rate }
    }
}

prop_compose! {
    fn any_market()(
        sums in [half(), half(), half(), half(), half()],
        words in [word(), word(), word(), word()],
        price_age in any::<u64>(),
        decimals in any::<[u8; 2]>(),
        threshold in any::<u32>(),
        closed in prop_oneof![Just([0_u8; 4]), any::<[u8; 4]>()],
    ) -> Market {
        Market {
            debt: sums[0], collateral: sums[1], prices: [words[0], words[1]], price_age, decimals, threshold,
            borrow_rate: words[2], supply_rate: words[3], borrowable: sums[2], suppliable: sums[3], withdrawable: sums[4],
            closed: [closed[0], closed[1]], stuck: [closed[2], closed[3]],
        }
    }
}

prop_compose! {
    fn any_pool()(fee_pips in any::<u32>(), growth in [word(), word()], volatile in any::<u8>()) -> Pool {
        Pool { fee_pips, fee_growth: growth, volatile }
    }
}

prop_compose! {
    fn any_record()(words in any::<[[u64; 4]; 3]>()) -> Record {
        Record::unpack(&words.map(U256::from_limbs))
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_048))]

    #[test]
    fn plans_and_figures_of_any_numbers_do_not_panic(
        terms in any_terms(),
        market in any_market(),
        pool in any_pool(),
        record in any_record(),
        snapshot in any_snapshot(),
        price in word(),
        target in half(),
        trade in any::<i128>(),
        sums in any::<[i64; 9]>(),
    ) {
        let told = plan(target, &terms, &market, &pool, price, &record);
        prop_assert_eq!(told.target, target);
        prop_assert!(told.trade <= 0 || told.refusal.is_some() || told.health_after >= terms.min_health);
        prop_assert!(told.trade > 0 || told.pay_in <= 0);
        prop_assert!(deleveraged(&terms, &market, &pool, price) <= market.debt);
        health(&market, market.debt, market.collateral);
        let books = accounts(&record, &market, &pool, &snapshot, price);
        prop_assert!(!books.il.is_positive());
        let kinds = Target { kind: Kind::IlDelta, share: u32::MAX, amount: 0 };
        let whole = exposure(snapshot.liquidity, snapshot.range, price, pool.volatile);
        prop_assert!(wanted(&kinds, terms.entry_sqrt_price, snapshot.liquidity, snapshot.range, price, pool.volatile) <= whole);
        if let Ok(told) = outlook(&terms, &market, &pool, &snapshot, price, price, trade, &mut Any(sums)) {
            // What costs is never income.
            let free = terms.margin < 0 || told.carry.is_negative();
            prop_assert!(free || told.gate.is_negative() || told.gate.into_raw() <= told.fees);
        }
    }

    #[test]
    fn decisions_and_settlements_of_any_numbers_do_not_panic(
        guards in any_guards(),
        (terms, rule) in (any_terms(), any_rule()),
        (state, record) in (any_state(), any_record()),
        market in any_market(),
        pool in any_pool(),
        snapshot in any_snapshot(),
        sums in any::<[i64; 9]>(),
        after in (half(), half(), [[word(), word()], [word(), word()]], word()),
    ) {
        let _ = admit_hedge(&guards, &terms, &rule, snapshot.now, 1);
        let decide = || decide_hedge(&guards, &terms, &rule, &state, &record, &market, &pool, &snapshot, &mut Any(sums));
        let told = decide();
        prop_assert_eq!(told, decide());
        prop_assert_eq!(told.act, told.reason.acts());
        let after = HedgeAfter { debt: after.0, collateral: after.1, balances: after.2, fee: after.3 };
        if let Ok(settled) = settle_hedge(&guards, &state, &snapshot, &told, &market, &pool, &after) {
            prop_assert!(settled.loss <= guards.max_loss && settled.state.runs >= state.runs);
        }
    }
}
