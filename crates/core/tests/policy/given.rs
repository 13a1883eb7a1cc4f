//! What the tests start from: terms that act, a position in the middle of its range, a pool that stood still; and random ones.

use hedgerow_core::policy::{
    Action, Decision, Guards, Oracle, Proceeds, RangeKind, Rule, Sequencer, Snapshot, State, Status, TooShort, decide,
};
use hedgerow_core::tick::sqrt_price_at_tick;
use hedgerow_core::{Address, U256};
use proptest::prelude::*;

/// 2 January 2026, noon UTC.
pub const NOW: u64 = 1_767_355_200;

/// What a pool's tick was: seconds and the tick that held for them, the latest first. Before that the pool remembers nothing.
#[derive(Debug, Clone)]
pub struct History(pub Vec<(u32, i32)>);

impl History {
    /// A tick that never changed.
    pub fn still(tick: i32) -> Self {
        Self(vec![(u32::MAX, tick)])
    }

    fn sum(&self, ago: u32) -> Option<i64> {
        let (mut left, mut sum) = (ago, 0);
        for &(seconds, tick) in &self.0 {
            let taken = seconds.min(left);
            sum += i64::from(taken) * i64::from(tick);
            left -= taken;
        }
        (left == 0).then_some(sum)
    }
}

impl Oracle for History {
    fn accumulators(&mut self, ago: &[u32], out: &mut [i64]) -> Result<(), TooShort> {
        for (slot, &ago) in out.iter_mut().zip(ago) {
            // An int56, which begins anywhere and wraps.
            *slot = ((1 << 55) - 1 - self.sum(ago).ok_or(TooShort)?) << 8 >> 8;
        }
        Ok(())
    }
}

pub fn guards() -> Guards {
    Guards {
        keeper: Address::ZERO,
        expiry: NOW + 1_000_000,
        twap_window: 600,
        max_deviation: 100,
        max_loss: 30_000,
        max_period_loss: 100_000,
        period: 86_400,
        cooldown: 3_600,
        max_per_day: 4,
        max_runs: 0,
        min_deployed: 900_000,
        min_value: 0,
        fee_token: 0,
        max_fee: u128::MAX,
        max_fee_share: 500_000,
        native_token: 1,
        sequencer_feed: Address::ZERO,
        sequencer_grace: 0,
        keep_entry: false,
        entry_sqrt_price: U256::ZERO,
        salt: [0; 32],
    }
}

/// A rule without any trigger.
pub fn idle(action: Action) -> Rule {
    Rule {
        action,
        out_ticks: 0,
        out_seconds: 0,
        il: 0,
        band: (0, 0),
        fees_value: 0,
        fees_gas_multiple: 0,
        elapsed: 0,
        delta_drift: 0,
        range_kind: RangeKind::Fixed,
        width: 1_200,
        max_width: 6_000,
        bias: 0,
        vol_multiple: 200,
        vol_window: 4_800,
        vol_horizon: 86_400,
        proceeds: Proceeds::Both,
    }
}

/// A rule that fires whenever the guards let it.
pub fn eager(action: Action) -> Rule {
    Rule {
        elapsed: 1,
        ..idle(action)
    }
}

/// Set a day ago at tick 0, in the middle of the range.
pub fn state() -> State {
    State::begin(NOW - 86_400, at(0), 500_000)
}

/// Having acted last at that time, for the so-manieth time that day.
pub fn ran(last_run: u64, runs_today: u16) -> State {
    State {
        last_run,
        runs: runs_today.into(),
        day: (last_run / 86_400) as u32,
        runs_today,
        ..state()
    }
}

pub fn snapshot() -> Snapshot {
    Snapshot {
        now: NOW,
        paused: false,
        governed: true,
        base_fee: U256::from(100_000_000),
        sequencer: None,
        spot_sqrt_price: at(0),
        spot_tick: 0,
        spacing: 60,
        range: (-600, 600),
        liquidity: 1_000_000_000_000_000_000_000,
        fees: [10_u128.pow(18), 10_u128.pow(18)],
    }
}

/// The snapshot with the pool's price at a tick.
pub fn spot(tick: i32) -> Snapshot {
    Snapshot {
        spot_sqrt_price: at(tick),
        spot_tick: tick,
        ..snapshot()
    }
}

pub fn at(tick: i32) -> U256 {
    sqrt_price_at_tick(tick).unwrap()
}

/// The decision in a pool that stands still at tick 0.
pub fn still(guards: &Guards, rule: Rule, state: &State, snapshot: &Snapshot) -> Decision {
    decide(guards, &[rule], state, snapshot, &mut History::still(0))
}

pub fn actions() -> impl Strategy<Value = Action> {
    (0_u8..5).prop_map(|code| Action::from_code(code).unwrap())
}

prop_compose! {
    /// Guards of any numbers whatsoever.
    pub fn any_guards()(
        words in any::<[u32; 9]>(),
        small in any::<(u16, u8, u8, bool, u64)>(),
        large in any::<(u128, u128)>(),
        (keeper, feed) in (any::<[u8; 20]>(), any::<[u8; 20]>()),
        entry in any::<[u64; 4]>(),
        salt in any::<[u8; 32]>(),
    ) -> Guards {
        let [twap_window, max_deviation, max_loss, max_period_loss, period, cooldown, max_runs, min_deployed, share] = words;
        Guards {
            keeper: Address::from(keeper),
            expiry: small.4,
            twap_window, max_deviation, max_loss, max_period_loss, period, cooldown,
            max_per_day: small.0,
            max_runs, min_deployed,
            min_value: large.0,
            fee_token: small.1,
            max_fee: large.1,
            max_fee_share: share,
            native_token: small.2,
            sequencer_feed: Address::from(feed),
            sequencer_grace: words[0],
            keep_entry: small.3,
            entry_sqrt_price: U256::from_limbs(entry),
            salt,
        }
    }
}

prop_compose! {
    /// A rule of any numbers whatsoever.
    pub fn any_rule()(
        action in actions(),
        kinds in (0_u8..3, 0_u8..2),
        words in any::<[u32; 9]>(),
        band in any::<(i32, i32)>(),
        bias in any::<i32>(),
        halves in any::<(u16, u16)>(),
        fees_value in any::<u128>(),
    ) -> Rule {
        let [out_ticks, out_seconds, il, elapsed, delta_drift, width, max_width, vol_window, vol_horizon] = words;
        Rule {
            action, out_ticks, out_seconds, il, band, fees_value,
            fees_gas_multiple: halves.0,
            elapsed, delta_drift,
            range_kind: RangeKind::from_code(kinds.1).unwrap(),
            width, max_width, bias,
            vol_multiple: halves.1,
            vol_window, vol_horizon,
            proceeds: Proceeds::from_code(kinds.0).unwrap(),
        }
    }
}

prop_compose! {
    /// A state as two words of storage can hold it.
    pub fn any_state()(words in any::<[[u64; 4]; 2]>(), status in 0_u8..3) -> State {
        State { status: Status::from_code(status), ..State::unpack(&words.map(U256::from_limbs)) }
    }
}

prop_compose! {
    /// A snapshot of any numbers whatsoever.
    pub fn any_snapshot()(
        now in any::<u64>(),
        flags in any::<(bool, bool, Option<(bool, u64)>)>(),
        base_fee in any::<[u64; 4]>(),
        ticks in any::<[i32; 4]>(),
        amounts in any::<[u128; 3]>(),
        spot in any::<[u64; 4]>(),
    ) -> Snapshot {
        Snapshot {
            now,
            paused: flags.0,
            governed: flags.1,
            base_fee: U256::from_limbs(base_fee),
            sequencer: flags.2.map(|(up, since)| Sequencer { up, since }),
            spot_sqrt_price: U256::from_limbs(spot),
            spot_tick: ticks[0],
            spacing: ticks[1],
            range: (ticks[2], ticks[3]),
            liquidity: amounts[0],
            fees: [amounts[1], amounts[2]],
        }
    }
}
