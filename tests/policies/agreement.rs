//! The program decides as the core does, natively: thousands of random terms and states, of positions of both kinds, at prices and
//! times of all sorts, each asked on the chain. What the core is given is read from the chain by other ways than the program's.

use crate::common::{
    Pair, World,
    governed::{Guards, Rule, Terms, guards, id_of, rule, slots},
    held::{Held, KINDS, Kind, earning},
    seen,
    world::int24,
};
use alloy::{
    primitives::{Address, B256, I256, U256, aliases::U24, aliases::U160, b256},
    providers::ext::AnvilApi,
    rpc::types::state::StateOverridesBuilder,
    sol,
};
use hedgerow::client::Call;
use hedgerow_core::policy::{self, Oracle, Reason, Sequencer, Snapshot, State, Status, TooShort, decide};
use std::collections::{BTreeMap, BTreeSet};

sol! {
    interface IObserve {
        function observe(uint32[] secondsAgos) external view
            returns (int56[] tickCumulatives, uint160[] secondsPerLiquidityCumulativeX128s);
    }
    interface IBurn {
        function burn(int24 tickLower, int24 tickUpper, uint128 amount) external returns (uint256 amount0, uint256 amount1);
    }
    interface ISequencerFeed {
        function set(int256 answer, uint256 startedAt, uint8 mood) external;
    }
}

/// The header of the account's state.
const HEADER: B256 = b256!("194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900");
/// The seconds ago that random terms ask for, so that what the pool says of them can be read once.
const AGO: [u32; 16] = [
    60, 75, 100, 150, 300, 600, 900, 1_800, 3_600, 5_400, 7_200, 10_000, 20_000, 40_000, 86_400, 600_000,
];
/// Windows of volatility, and what an eighth of them is asked for.
const WINDOWS: [u32; 5] = [600, 1_200, 2_400, 7_200, 604_800];

/// SplitMix64: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    fn of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize]
    }
}

/// What a pool's oracle says, read in advance.
struct Read(BTreeMap<u32, Option<i64>>);

impl Oracle for Read {
    fn accumulators(&mut self, ago: &[u32], out: &mut [i64]) -> Result<(), TooShort> {
        for (ago, out) in ago.iter().zip(out) {
            *out = self
                .0
                .get(ago)
                .copied()
                .expect("a time that was not read")
                .ok_or(TooShort)?;
        }
        Ok(())
    }
}

impl Read {
    async fn new(world: &World, time: u64) -> Self {
        let steps = WINDOWS
            .into_iter()
            .flat_map(|window| (0..=8).map(move |i| window / 8 * i));
        let times: BTreeSet<u32> = AGO.into_iter().chain(steps).collect();
        let mut read = BTreeMap::new();
        for ago in times {
            let observe = IObserve::observeCall { secondsAgos: vec![ago] };
            let call = Call {
                time: Some(time),
                ..Call::new(Address::ZERO, world.pool, &observe)
            };
            let answer = world.client.simulate(call, &observe).await.ok();
            read.insert(ago, answer.map(|answer| answer.tickCumulatives[0].as_i64()));
        }
        Self(read)
    }
}

/// What could be collected, by touching the position.
async fn fees(world: &World, held: &Held) -> [u128; 2] {
    if held.kind == Kind::Nft {
        return seen::collectable(world, held.id).await.map(|fees| fees.to());
    }
    let at = world.client.provider().anvil_snapshot().await.unwrap();
    let touch = IBurn::burnCall {
        tickLower: int24(held.range.0),
        tickUpper: int24(held.range.1),
        amount: 0,
    };
    world.send(&world.owner, world.pool, &touch).await;
    let owed = world.direct(held.range).await;
    assert!(world.client.provider().anvil_revert(at).await.unwrap());
    [owed.tokensOwed0, owed.tokensOwed1]
}

fn random_terms(dice: &mut Dice, now: u64, tick: i32, feed: Address) -> Terms {
    let mut guards: Guards = guards(now);
    guards.twapWindow = dice.of(&AGO[..10]);
    guards.maxDeviation = U24::from(dice.of(&[1, 5, 50, 200, 500]));
    guards.maxLoss = U24::from(dice.below(30_001));
    guards.maxPeriodLoss = U24::from(dice.below(100_001));
    guards.period = 86_400 + dice.below(1_000_000) as u32;
    guards.cooldown = dice.of(&[60, 3_600, 100_000]);
    guards.maxPerDay = dice.of(&[1, 2, 24]);
    guards.maxRuns = dice.of(&[0, 0, 1, 5]);
    guards.minValue = if dice.one_in(8) {
        u128::from(dice.next()) << 14
    } else {
        0
    };
    guards.nativeToken = dice.below(3) as u8;
    guards.keepEntry = dice.one_in(2);
    guards.expiry = if dice.one_in(20) { now - 1 } else { guards.expiry };
    if dice.one_in(3) {
        (guards.sequencerFeed, guards.sequencerGrace) = (feed, dice.of(&[600, 4_000, 86_400]));
    }
    guards.salt = B256::from(U256::from(dice.next()));
    let rules = (0..=dice.below(3)).map(|_| random_rule(dice, tick)).collect();
    (guards, rules)
}

fn random_rule(dice: &mut Dice, tick: i32) -> Rule {
    let mut rule: Rule = rule(dice.below(5) as u8);
    let near = |dice: &mut Dice, reach: u64| tick + dice.below(2 * reach) as i32 - reach as i32;
    rule.elapsed = 0;
    match dice.below(7) {
        0 => (rule.outSeconds, rule.outTicks) = (dice.of(&AGO), U24::from(dice.below(800))),
        1 => rule.il = U24::from(1 + dice.below(20_000)),
        2 => {
            let (a, b) = (near(dice, 500), near(dice, 500));
            (rule.bandLower, rule.bandUpper) = (int24(a.min(b)), int24(a.max(b)));
        }
        3 => rule.feesValue = u128::from(dice.next()) >> dice.below(40),
        4 => rule.feesGasMultiple = 1 + dice.below(60_000) as u16,
        5 => rule.elapsed = 1 + dice.below(100_000) as u32,
        _ => rule.deltaDrift = U24::from(1 + dice.below(600_000)),
    }
    rule.rangeKind = dice.below(2) as u8;
    rule.width = U24::from(60 + dice.below(4_000));
    rule.maxWidth = rule.width + U24::from(dice.below(10_000));
    rule.bias = int24(dice.below(60) as i32 - 30);
    rule.volMultiple = 1 + dice.below(400) as u16;
    rule.volWindow = dice.of(&WINDOWS);
    rule.volHorizon = 1 + dice.below(1_000_000) as u32;
    rule.proceeds = dice.below(3) as u8;
    rule
}

fn random_state(dice: &mut Dice, now: u64, sqrt_price: U256, guards: &Guards) -> State {
    let moved = sqrt_price * U256::from(90 + dice.below(21)) / U256::from(100);
    let ago = |dice: &mut Dice| now - dice.of(&[30, 61, 4_000, 90_000, 120_000, 200_000, 2_000_000]);
    State {
        status: match dice.below(16) {
            0 => Status::None,
            1 => Status::Ended,
            _ => Status::Set,
        },
        entry_sqrt_price: moved,
        factor: 1_000_000_000_000_000_000 - dice.below(100_000_000_000_000_000),
        share: dice.below(1_000_001) as u32,
        set_at: now - 3_000_000,
        last_run: ago(dice),
        runs: dice.below(4) as u32,
        day: (ago(dice) / 86_400) as u32,
        runs_today: dice.below(3) as u16,
        period_start: ago(dice),
        period_loss: dice.below(2 * guards.maxPeriodLoss.to::<u64>() + 1) as u32,
    }
}

/// The terms as the core has them.
fn native((guards, rules): &Terms) -> (policy::Guards, Vec<policy::Rule>) {
    let native = policy::Guards {
        keeper: guards.keeper,
        expiry: guards.expiry,
        twap_window: guards.twapWindow,
        max_deviation: guards.maxDeviation.to(),
        max_loss: guards.maxLoss.to(),
        max_period_loss: guards.maxPeriodLoss.to(),
        period: guards.period,
        cooldown: guards.cooldown,
        max_per_day: guards.maxPerDay,
        max_runs: guards.maxRuns,
        min_deployed: guards.minDeployed.to(),
        min_value: guards.minValue,
        fee_token: guards.feeToken,
        max_fee: guards.maxFee,
        max_fee_share: guards.maxFeeShare.to(),
        native_token: guards.nativeToken,
        sequencer_feed: guards.sequencerFeed,
        sequencer_grace: guards.sequencerGrace,
        keep_entry: guards.keepEntry,
        entry_sqrt_price: U256::from(guards.entrySqrtPriceX96),
        salt: guards.salt.0,
    };
    let rules = rules.iter().map(|rule| policy::Rule {
        action: policy::Action::from_code(rule.action).unwrap(),
        out_ticks: rule.outTicks.to(),
        out_seconds: rule.outSeconds,
        il: rule.il.to(),
        band: (rule.bandLower.as_i32(), rule.bandUpper.as_i32()),
        fees_value: rule.feesValue,
        fees_gas_multiple: rule.feesGasMultiple,
        elapsed: rule.elapsed,
        delta_drift: rule.deltaDrift.to(),
        range_kind: policy::RangeKind::from_code(rule.rangeKind).unwrap(),
        width: rule.width.to(),
        max_width: rule.maxWidth.to(),
        bias: rule.bias.as_i32(),
        vol_multiple: rule.volMultiple,
        vol_window: rule.volWindow,
        vol_horizon: rule.volHorizon,
        proceeds: policy::Proceeds::from_code(rule.proceeds).unwrap(),
    });
    (native, rules.collect())
}

/// Asks the chain and the core of `count` random policies at one moment.
async fn compare(world: &World, held: &Held, feed: Address, dice: &mut Dice, count: u32) -> BTreeMap<u8, u32> {
    let sequencer = Sequencer {
        up: !dice.one_in(3),
        since: world.now().await - 5_000,
    };
    let set = ISequencerFeed::setCall {
        answer: I256::try_from(u64::from(!sequencer.up)).unwrap(),
        startedAt: U256::from(sequencer.since),
        mood: 0,
    };
    world.send(&world.stranger, feed, &set).await;
    let now = world.now().await + dice.of(&[0, 13, 3_000]);
    let (spot_sqrt_price, spot_tick) = world.slot0().await;
    let (liquidity, fees) = (world.liquidity_of(held).await, fees(world, held).await);
    let mut oracle = Read::new(world, now).await;
    let mut reasons = BTreeMap::new();
    for _ in 0..count {
        let mut terms = random_terms(dice, now, spot_tick, feed);
        if dice.one_in(4) {
            terms.0.entrySqrtPriceX96 = U160::from(spot_sqrt_price);
        }
        let (guards, rules) = native(&terms);
        let (paused, governed) = (dice.one_in(30), !dice.one_in(30));
        let state = random_state(dice, now, spot_sqrt_price, &terms.0);
        let snapshot = Snapshot {
            now,
            paused,
            governed,
            base_fee: U256::from(100_000_000),
            sequencer: (!guards.sequencer_feed.is_zero()).then_some(sequencer),
            spot_sqrt_price,
            spot_tick,
            spacing: 60,
            range: held.range,
            liquidity,
            fees,
        };
        let expected = decide(&guards, &rules, &state, &snapshot, &mut oracle);
        let told = asked(world, held, &terms, &state, (now, paused, governed), dice.below(3)).await;
        assert_eq!(told, expected, "{terms:?} {state:?} {snapshot:?}");
        *reasons.entry(expected.reason.code()).or_insert(0) += 1;
    }
    reasons
}

/// What the chain says of terms at a time, were this what the account remembers.
async fn asked(
    world: &World,
    held: &Held,
    terms: &Terms,
    state: &State,
    (now, paused, governed): (u64, bool, bool),
    generation: u64,
) -> policy::Decision {
    let id = id_of(&terms.0, &terms.1);
    let ([first, second], book) = slots(generation, id, world.source(held.kind), held.id);
    let header: U256 = U256::ONE | U256::from(generation) << 32 | U256::from(u64::from(paused)) << 160;
    let words = state.pack().map(B256::from);
    let planted = [
        (HEADER, header.into()),
        (first, words[0]),
        (second, words[1]),
        (book, if governed { id } else { B256::ZERO }),
    ];
    let check = world.check_call(held, (&terms.0, &terms.1));
    let call = Call {
        time: Some(now),
        overrides: Some(
            StateOverridesBuilder::default()
                .with_state_diff(world.account(), planted)
                .build(),
        ),
        ..Call::new(Address::ZERO, world.account(), &check)
    };
    let told = world.client.simulate(call, &check).await.unwrap();
    policy::Decision {
        act: told.act,
        reason: Reason::from_code(told.reason).unwrap(),
        rule: told.rule,
        action: policy::Action::from_code(told.action).unwrap(),
        range: (told.tickLower.as_i32(), told.tickUpper.as_i32()),
        tick: told.tick.as_i32(),
        mean_tick: told.meanTick.as_i32(),
        value: told.value,
        fees_value: told.feesValue,
        il: told.il,
        not_before: told.notBefore.to(),
    }
}

/// `HEDGEROW_LONG=1` asks a hundred times as often.
#[tokio::test]
async fn the_program_decides_as_the_core_does_natively() {
    let count = if std::env::var_os("HEDGEROW_LONG").is_some() {
        30_000
    } else {
        300
    };
    let mut dice = Dice(0x4444);
    let mut reasons = BTreeMap::new();
    for kind in KINDS {
        let pair = if kind == Kind::Nft {
            Pair::EtherDollar
        } else {
            Pair::Equal
        };
        let (world, held) = earning(kind, pair).await;
        let feed = world.artifacts.contract("SequencerFeed", "SequencerFeed").unwrap();
        let feed = world.create(feed).await;
        let unit = pair.units();
        for (zero_for_one, trade, wait) in [
            (true, 0, 0),
            (true, 400, 30),
            (true, 6_000, 0),
            (true, 100, 7_200),
            (false, 15_000, 60),
            (false, 100, 20_000),
        ] {
            if trade != 0 {
                world
                    .trade(zero_for_one, unit[usize::from(!zero_for_one)] * U256::from(trade))
                    .await;
            }
            world.pass(wait + 1).await;
            for (reason, seen) in compare(&world, &held, feed, &mut dice, count).await {
                *reasons.entry(reason).or_insert(0) += seen;
            }
        }
    }
    // Everything was seen that terms and states alone bring about sooner or later.
    let missing: Vec<Reason> = Reason::ALL
        .into_iter()
        .filter(|reason| !reason.is_hedges() && !reasons.contains_key(&reason.code()))
        .filter(|reason| {
            !matches!(
                reason,
                Reason::NoLiquidity
                    | Reason::NoRange
                    | Reason::SameRange
                    | Reason::NothingToCollect
                    | Reason::NotNearer
            )
        })
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
}
