//! What the command predicts is what the account says: thousands of random terms, memories and markets.

use crate::common::scene::Scene;
use alloy::{
    primitives::{Address, B256, U256, keccak256},
    providers::ext::AnvilApi,
    sol_types::SolValue,
};
use hedgerow::{
    account::Header,
    demo, keys,
    policy::{
        Policy,
        observe::Scene as Observed,
        predict::{self, Prediction},
    },
    position::Place,
};
use hedgerow_core::{
    policy::{Action, Guards, Proceeds, RangeKind, Reason, Rule, State, Status},
    tick::sqrt_price_at_tick,
};
use std::collections::BTreeSet;

/// Where a trader takes the price, and how long it then stays there; at first nobody has traded, so that no fees are owed.
const MARKETS: [(Option<&str>, u64); 7] = [
    (None, 60),
    (Some("2010"), 600),
    (Some("2600"), 30),
    (Some("2610"), 7_200),
    (Some("1450"), 90),
    (Some("1440"), 4_000),
    (Some("2000"), 60),
];
const TERMS_PER_MARKET: u32 = 350;

/// SplitMix64: the same numbers in every run.
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, most: u64) -> u64 {
        self.next() % most
    }

    fn one<T: Copy>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize]
    }

    /// Zero more often than not.
    fn rarely<T: Copy + Default>(&mut self, of: &[T]) -> T {
        if self.below(3) == 0 { self.one(of) } else { T::default() }
    }

    fn guards(&mut self, now: u64, feeds: &[Address]) -> Guards {
        let mut salt = [0; 32];
        salt[..8].copy_from_slice(&self.next().to_be_bytes());
        Guards {
            keeper: Address::ZERO,
            expiry: if self.below(12) == 0 {
                now - 1
            } else {
                now + self.below(2)
            },
            twap_window: if self.below(12) == 0 {
                86_400
            } else {
                self.one(&[60, 61, 600, 1_800, 3_600])
            },
            max_deviation: self.one(&[1, 50, 500, 500]),
            max_loss: 1_000,
            max_period_loss: self.one(&[1_000, 10_000]),
            period: 86_400,
            cooldown: self.one(&[60, 3_600]),
            max_per_day: self.one(&[1, 3, 24]),
            max_runs: self.rarely(&[1, 2]),
            min_deployed: 900_000,
            min_value: self.rarely(&[1, 1, 40_000_000_000, u128::MAX]),
            fee_token: self.below(2) as u8,
            max_fee: 1_000_000,
            max_fee_share: 100_000,
            native_token: self.below(3) as u8,
            sequencer_feed: if self.below(8) == 0 {
                self.one(feeds)
            } else {
                Address::ZERO
            },
            sequencer_grace: 600,
            keep_entry: self.below(2) == 0,
            entry_sqrt_price: self.price(),
            salt,
        }
    }

    fn price(&mut self) -> U256 {
        match self.below(2) {
            0 => U256::ZERO,
            _ => sqrt_price_at_tick(-200_280 + self.below(8_000) as i32 - 4_000).unwrap(),
        }
    }

    fn rule(&mut self) -> Rule {
        let actions = [
            Action::Rebalance,
            Action::Walk,
            Action::Exit,
            Action::Compound,
            Action::Harvest,
        ];
        let tick = -200_280 + self.below(8_000) as i32 - 4_000;
        Rule {
            action: self.one(&actions),
            out_ticks: self.rarely(&[1, 60, 600]),
            out_seconds: self.rarely(&[1, 60, 3_600, 7 * 86_400]),
            il: self.rarely(&[1, 1_000, 50_000]),
            band: match self.below(3) {
                0 => (tick, tick + self.below(2_000) as i32),
                _ => (0, 0),
            },
            fees_value: self.rarely(&[1, 1_000_000, 1_000_000_000_000]),
            fees_gas_multiple: self.rarely(&[1, 10, 60_000]),
            elapsed: self.rarely(&[1, 3_600, 86_400]),
            delta_drift: self.rarely(&[1, 100_000, 900_000]),
            range_kind: self.one(&[RangeKind::Fixed, RangeKind::Volatility]),
            width: self.one(&[60, 3_960, 4_000, 100_000]),
            max_width: 200_000,
            bias: self.rarely(&[-30, 30, 25]),
            vol_multiple: self.one(&[1, 200, 60_000]),
            vol_window: self.one(&[600, 3_600, 3_607]),
            vol_horizon: self.one(&[600, 604_800]),
            proceeds: self.one(&[Proceeds::Both, Proceeds::Token0, Proceeds::Token1]),
        }
    }

    fn state(&mut self, now: u64) -> State {
        let ago = [0, 1, 59, 60, 3_600, 90_000];
        State {
            status: match self.below(16) {
                0 => Status::None,
                1 => Status::Ended,
                _ => Status::Set,
            },
            entry_sqrt_price: sqrt_price_at_tick(-200_280 + self.below(6_000) as i32 - 3_000).unwrap(),
            factor: self.one(&[1_000_000_000_000_000_000, 900_000_000_000_000_000, 1]),
            share: self.below(1_000_001) as u32,
            set_at: now - self.one(&ago),
            last_run: now - self.one(&[0, 59, 60, 3_600, 90_000, 90_000, 90_000]),
            runs: self.below(3) as u32,
            day: (now / 86_400) as u32 - self.below(3) as u32,
            runs_today: self.below(4) as u16,
            period_start: now - self.one(&ago),
            period_loss: self.one(&[0, 500, 1_000, 10_000]),
        }
    }
}

/// As the storage layout has it: the namespace's root, and what lies beside it.
fn slot(key: B256, (generation, era): (u64, u64), beside: u64) -> U256 {
    let id = U256::from_be_bytes(keccak256("hedgerow.policies").0) - U256::from(1);
    let root = U256::from_be_bytes(keccak256(id.to_be_bytes::<32>()).0) & !U256::from(0xff);
    let table = keccak256(
        (
            U256::from(era) << 64 | U256::from(generation),
            root + U256::from(beside),
        )
            .abi_encode(),
    );
    keccak256((key, table).abi_encode()).into()
}

async fn store(scene: &Scene, slot: U256, word: U256) {
    let stored = scene
        .client
        .provider()
        .anvil_set_storage_at(scene.provider(), slot, word.into());
    assert!(stored.await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_says_what_the_core_predicts_whatever_terms_memory_and_market() {
    let scene = Scene::new().await;
    demo::fund_trader(&scene.client, &scene.stage).await.unwrap();
    let own = ["delegate", "--yes", "--dev-account", "1"];
    scene.json(&own, &[]);
    let (client, stage) = (&scene.client, &scene.stage);
    let shell = stage.deployment.account_address().unwrap();
    // None of them is a feed: one has no code, one answers nothing, one reverts.
    let feeds = [keys::development(9).unwrap().address(), stage.weth, stage.pool];
    let place = Place::Nft(stage.token_id);
    let (mut random, mut reasons, mut acted) = (Random(5), BTreeSet::new(), 0);
    let generation = Header::read(client, scene.provider()).await.unwrap().generation;
    let position = keccak256((stage.position_manager, stage.token_id).abi_encode());
    for (price, seconds) in MARKETS {
        if let Some(price) = price {
            demo::swap_to(client, stage, price).await.unwrap();
        }
        demo::pass(client, seconds).await.unwrap();
        let (_, now) = client.latest().await.unwrap();
        for _ in 0..TERMS_PER_MARKET {
            let rules = (0..=random.below(3)).map(|_| random.rule()).collect();
            let policy = Policy {
                guards: random.guards(now, &feeds),
                rules,
            };
            let id = policy.id().unwrap();
            let words = random.state(now).pack();
            // What an account has that was wiped.
            let era = random.below(2) * 0x00fe_dcba_9876_5432;
            let at = slot(id, (generation, era), 1);
            for (offset, word) in words.into_iter().enumerate() {
                store(&scene, at + U256::from(offset), word).await;
            }
            let governing = if random.below(16) == 0 {
                U256::from(random.next())
            } else {
                id.into()
            };
            store(&scene, slot(position, (generation, era), 0), governing).await;
            let paused = U256::from(u64::from(random.below(16) == 0)) << 160;
            let header = U256::from(era) << 200 | paused | U256::from(generation) << 32 | U256::from(1);
            store(&scene, Header::slot(), header).await;
            let observed = Observed::read(client, stage.position_manager, scene.provider(), place)
                .await
                .unwrap();
            let predicted = Prediction::make(client, &observed, &policy).await.unwrap();
            let answer = predict::ask(client, shell, &observed, &policy).await.unwrap();
            predicted
                .require(&answer)
                .unwrap_or_else(|error| panic!("{error}\n{policy:?}\n{predicted:?}"));
            reasons.insert(answer.reason);
            acted += u32::from(answer.act);
        }
    }
    // Agreeing on refusals alone would mean little.
    assert!(acted > MARKETS.len() as u32 * TERMS_PER_MARKET / 10, "{acted} acted");
    // Those take a feed, an empty position, a pool's last ticks, or a price within a tick spacing of the range.
    let rare = [
        Reason::SequencerGrace,
        Reason::NoLiquidity,
        Reason::NoRange,
        Reason::SameRange,
        Reason::NotNearer,
    ];
    for reason in Reason::ALL
        .into_iter()
        .filter(|reason| !rare.contains(reason) && !reason.is_hedges())
    {
        assert!(reasons.contains(&reason.code()), "nobody met {reason:?}");
    }
}
