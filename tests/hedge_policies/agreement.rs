//! The program decides as the core does, natively: hundreds of random policies and states, of hedges and markets of all sorts, each asked
//! on the chain. What the core is given is what the command reads, without the program.

use std::collections::{BTreeMap, BTreeSet};

use alloy::{
    primitives::{Address, B256, I256, U256, aliases::U24, keccak256},
    rpc::types::state::StateOverridesBuilder,
    sol_types::SolValue,
};
use hedgerow::{
    bindings::IHedges::HedgeDecision,
    client::Call,
    hedge::{Venue, observe::Hedge},
    policy::observe,
    position::Place,
};
use hedgerow_core::{
    hedging::{HedgeRule, decide_hedge},
    policy::{Guards, Oracle, Reason, State, Status, TooShort},
};

use crate::{
    common::{aave::DOLLAR, governed::slots, held::Kind, world::World},
    policy::Policy,
    scene::{IL_DELTA, IPoolState, Scene, all_delta},
};

/// The header of the account's state.
const HEADER: B256 = alloy::primitives::b256!("194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900");
/// Windows of the mean price and of volatility.
const MEANS: [u32; 4] = [60, 300, 600, 3_600];
const WINDOWS: [u32; 4] = [600, 1_200, 3_600, 604_800];

/// SplitMix64: the same numbers on every machine.
pub struct Dice(pub u64);

impl Dice {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, end: u64) -> u64 {
        self.next() % end
    }

    pub fn one_in(&mut self, count: u64) -> bool {
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
    async fn new(scene: &Scene, at: &observe::Scene) -> Self {
        let steps = WINDOWS
            .into_iter()
            .flat_map(|window| (0..=8).map(move |i| window / 8 * i));
        let times: BTreeSet<u32> = MEANS.into_iter().chain(steps).chain([0]).collect();
        let mut read = BTreeMap::new();
        for ago in times {
            let observe = IPoolState::observeCall { secondsAgos: vec![ago] };
            let answer = scene
                .world
                .client
                .read_at(at.block, scene.world.pool, &observe)
                .await
                .ok();
            read.insert(ago, answer.map(|answer| answer.tickCumulatives[0].as_i64()));
        }
        Self(read)
    }
}

fn random_policy(dice: &mut Dice, base: &Policy, now: u64, spot: U256) -> Policy {
    let mut it = base.clone();
    let (guards, terms, rule) = (&mut it.guards, &mut it.terms, &mut it.rule);
    guards.twapWindow = dice.of(&MEANS);
    guards.maxDeviation = U24::from(dice.of(&[1_u32, 100, 500, 500, 500]));
    guards.maxPeriodLoss = U24::from(if dice.one_in(12) { 0 } else { 50_000_u32 });
    guards.cooldown = dice.of(&[60, 60, 60, 3_600]);
    guards.maxPerDay = dice.of(&[1, 24]);
    guards.maxRuns = dice.of(&[0, 0, 0, 2]);
    guards.minValue = if dice.one_in(12) { u128::MAX } else { 0 };
    guards.expiry = if dice.one_in(25) { now - 1 } else { guards.expiry };
    guards.salt = B256::from(U256::from(dice.next()));
    terms.minHealth = dice.of(&[1_050, 1_200, 1_450]);
    terms.health = terms.minHealth + dice.of(&[0, 100, 800]);
    terms.maxCollateral = dice.of(&[u128::MAX, u128::MAX, 10_000_000_000]);
    terms.minTrade = dice.of(&[1, 1, 1, 1_000_000_000_000_000_000, 200_000_000_000_000_000_000]);
    terms.maxOracleDeviation = U24::from(dice.of(&[0_u32, 20_000, 100_000]));
    terms.maxOracleAge = dice.of(&[0, 60, 100_000]);
    terms.maxBorrowRate = U24::from(dice.of(&[0_u32, 0, 1, 900_000]));
    terms.horizon = dice.of(&[3_600, 86_400, 2_592_000]);
    terms.margin = dice.of(&[-1_000_000, 0, 0, 1_000_000]).try_into().unwrap();
    terms.volWindow = dice.of(&WINDOWS);
    terms.overrideGate = dice.one_in(6);
    if dice.one_in(2) {
        let percent = 94 + dice.below(13);
        terms.entrySqrtPriceX96 = (spot * U256::from(percent) / U256::from(100)).to();
    }
    if dice.one_in(8) {
        terms.feesSince = now - 100;
    }
    rule.target = dice.of(&[1, 1, IL_DELTA]);
    rule.share = U24::from(1 + dice.below(1_000_000));
    rule.band = U24::from(dice.of(&[1_000_u32, 50_000, 500_000]));
    rule.inner = U24::from(dice.below(rule.band.to()));
    rule.il = U24::from(dice.of(&[0_u32, 1, 1, 10_000]));
    rule.rangeExit = dice.one_in(2);
    rule.elapsed = dice.of(&[0, 0, 1, 100_000]);
    rule.lowHealth = dice.of(&[terms.minHealth, terms.health.max(1) - 1]);
    rule.closeRate = U24::from(dice.of(&[0_u32, 0, 1, 900_000]));
    it
}

fn random_state(dice: &mut Dice, now: u64) -> State {
    let ago = |dice: &mut Dice| now - dice.of(&[30, 4_000, 90_000, 120_000, 2_000_000]);
    let mut state = State::begin(now - 3_000_000, U256::from(1) << 96, 0);
    state.status = match dice.below(20) {
        0 => Status::None,
        1 => Status::Ended,
        _ => Status::Set,
    };
    (state.last_run, state.runs) = (ago(dice), dice.below(4) as u32);
    (state.day, state.runs_today) = ((ago(dice) / 86_400) as u32, dice.below(2) as u16);
    (state.period_start, state.period_loss) = (ago(dice), dice.of(&[0, 0, 0, 0, 60_000]));
    state
}

/// Asks the chain and the core of `count` random policies at one moment.
async fn compare(scene: &Scene, place: Place, dice: &mut Dice, count: u32, reasons: &mut BTreeMap<u8, u32>) {
    let (client, account) = (&scene.world.client, scene.world.account());
    let at = observe::Scene::read(client, scene.world.npm, account, place)
        .await
        .unwrap();
    let venue = Venue {
        margins: scene.world.margins,
        market: scene.aave.pool,
        volatile: scene.volatile as u8,
        e_mode: 0,
    };
    let hedge = Hedge::read(client, &at, &venue).await.unwrap();
    let mut oracle = Read::new(scene, &at).await;
    let base = Policy::of(scene).await;
    for _ in 0..count {
        let policy = random_policy(dice, &base, at.now, at.pool.sqrt_price);
        let native = policy.native();
        let (paused, governed, state) = (dice.one_in(30), !dice.one_in(30), random_state(dice, at.now));
        let mut snapshot = at.snapshot_under(client, &native.guards, governed).await.unwrap();
        snapshot.paused = paused;
        let along = dice.one_in(3);
        let (mut guards, mut rule) = (native.guards, native.rule);
        if along {
            guards = Guards {
                cooldown: 0,
                max_per_day: u16::MAX,
                max_runs: 0,
                ..guards
            };
            rule = HedgeRule {
                band: 0,
                inner: 0,
                ..rule
            };
        }
        let (record, market, pool) = (hedge.record(), &hedge.market, &hedge.pool);
        let expected = decide_hedge(
            &guards,
            &native.terms,
            &rule,
            &state,
            &record,
            market,
            pool,
            &snapshot,
            &mut oracle,
        );
        let told = asked(scene, &at, &policy, along, (&state, paused, governed), dice.below(3)).await;
        let health = if expected.health == u32::MAX {
            U256::MAX
        } else {
            U256::from(expected.health)
        };
        let expected_told = HedgeDecision {
            act: expected.act,
            reason: expected.reason.code(),
            target: U256::from(expected.target),
            trade: I256::try_from(expected.trade).unwrap(),
            tick: expected.tick.try_into().unwrap(),
            meanTick: expected.mean_tick.try_into().unwrap(),
            value: expected.value,
            equity: expected.equity,
            il: expected.il,
            health,
            gate: expected.gate,
            notBefore: U256::from(expected.not_before),
        };
        assert_eq!(
            told, expected_told,
            "{along} {policy:?} {state:?} {snapshot:?} {hedge:?}"
        );
        *reasons.entry(expected.reason.code()).or_insert(0) += 1;
    }
}

/// What the chain says of a policy, were this what the account remembers.
async fn asked(
    scene: &Scene,
    at: &observe::Scene,
    policy: &Policy,
    along: bool,
    (state, paused, governed): (&State, bool, bool),
    generation: u64,
) -> HedgeDecision {
    let world = &scene.world;
    let id = policy.id();
    let ([first, second], _) = slots(generation, id, Address::ZERO, U256::ZERO);
    let header: U256 = U256::ONE | U256::from(generation) << 32 | U256::from(u64::from(paused)) << 160;
    let words = state.pack().map(B256::from);
    let source = (world.source(scene.held.kind), scene.held.id);
    let mut planted = vec![
        (HEADER, header.into()),
        (first, words[0]),
        (second, words[1]),
        (
            hedge_slot(2, generation, source.abi_encode()),
            if governed { id } else { B256::ZERO },
        ),
    ];
    // What the present generation remembers of the hedge, this one does as well.
    let key = source.abi_encode();
    let book = stored(world, hedge_slot(0, 0, key.clone())).await;
    planted.push((hedge_slot(0, generation, key), book));
    let margin = B256::from(U256::from_be_bytes(book.0) & (U256::MAX >> 96));
    for offset in 0..3_u64 {
        let record = |generation| plus(hedge_slot_of(1, generation, margin), offset);
        planted.push((record(generation), stored(world, record(0)).await));
    }
    let overrides = StateOverridesBuilder::default()
        .with_state_diff(world.account(), planted)
        .build();
    let call = |call| Call {
        overrides: Some(overrides),
        block: Some(at.block),
        ..call
    };
    if along {
        let check = policy.checking_along();
        let call = call(Call::new(Address::ZERO, world.account(), &check));
        world.client.simulate(call, &check).await.unwrap()
    } else {
        let check = policy.checking();
        let call = call(Call::new(Address::ZERO, world.account(), &check));
        world.client.simulate(call, &check).await.unwrap()
    }
}

async fn stored(world: &World, slot: B256) -> B256 {
    use alloy::providers::Provider;
    world
        .client
        .provider()
        .get_storage_at(world.account(), slot.into())
        .await
        .unwrap()
        .into()
}

/// Where the account keeps what of hedges: from the layout as it is published.
fn hedge_slot(table: u64, generation: u64, position: Vec<u8>) -> B256 {
    hedge_slot_of(table, generation, keccak256(position))
}

fn hedge_slot_of(table: u64, generation: u64, key: B256) -> B256 {
    let root = U256::from_be_bytes(keccak256("hedgerow.hedges").0) - U256::ONE;
    let root = U256::from_be_bytes(keccak256(root.abi_encode()).0) & !U256::from(0xff);
    let table = keccak256((U256::from(generation), root + U256::from(table)).abi_encode());
    keccak256((key, table).abi_encode())
}

fn plus(slot: B256, offset: u64) -> B256 {
    (U256::from_be_bytes(slot.0) + U256::from(offset)).into()
}

/// `HEDGEROW_LONG=1` asks fifty times as often.
#[tokio::test(flavor = "multi_thread")]
async fn the_program_decides_of_hedges_as_the_core_does_natively() {
    let count = if std::env::var_os("HEDGEROW_LONG").is_some() {
        3_000
    } else {
        60
    };
    let (mut dice, mut reasons) = (Dice(0x6666), BTreeMap::new());
    for (kind, volatile) in [(Kind::Nft, 0), (Kind::Direct, 1)] {
        let scene = Scene::new(kind, volatile).await;
        let place = match kind {
            Kind::Nft => Place::Nft(scene.held.id),
            Kind::Direct => Place::Direct {
                pool: scene.world.pool,
                tick_lower: scene.held.range.0,
                tick_upper: scene.held.range.1,
            },
        };
        let again = async |dice: &mut Dice, reasons: &mut BTreeMap<u8, u32>| {
            compare(&scene, place, dice, count, reasons).await;
        };
        // Nothing is open yet: what is told most often is about opening.
        for _ in 0..4 {
            again(&mut dice, &mut reasons).await;
        }
        scene.hedge(all_delta()).await.unwrap();
        again(&mut dice, &mut reasons).await;
        scene.drift(true, 1_500).await;
        again(&mut dice, &mut reasons).await;
        let now = scene.world.now().await;
        scene
            .aave
            .answer(
                &scene.world,
                volatile,
                if volatile == 0 { 2_600 * DOLLAR } else { DOLLAR * 5 / 4 },
                now,
            )
            .await;
        again(&mut dice, &mut reasons).await;
        scene.aave.answer(&scene.world, 1 - volatile, 0, now).await;
        again(&mut dice, &mut reasons).await;
        scene.aave.follow(&scene.world).await;
        scene.aave.set_base_rate(&scene.world, volatile, 800_000).await;
        for _ in 0..4 {
            scene.drift(false, 2_500).await;
        }
        again(&mut dice, &mut reasons).await;
    }
    // Everything was seen that terms and states alone bring about sooner or later; the rest has tests of its own.
    for reason in [
        Reason::HealthLow,
        Reason::HedgeDrift,
        Reason::RangeLeft,
        Reason::BorrowRate,
        Reason::ImpermanentLoss,
        Reason::Elapsed,
        Reason::NoTrigger,
        Reason::NotSet,
        Reason::Ended,
        Reason::Paused,
        Reason::Expired,
        Reason::Cooldown,
        Reason::DailyCount,
        Reason::RunsUsed,
        Reason::OracleTooShort,
        Reason::BelowMinValue,
        Reason::Deviation,
        Reason::PeriodLossUsed,
        Reason::GateClosed,
        Reason::OraclePrice,
        Reason::OracleDeviation,
        Reason::TradeTooSmall,
        Reason::CollateralShort,
        Reason::RateTooHigh,
    ] {
        assert!(
            reasons.contains_key(&reason.code()),
            "{reason:?} was never seen: {reasons:?}"
        );
    }
}
