//! The invariant of hedges, tried: hostile keepers, a trader who bends the pool, a whale who moves the market's rates, feeds that jump,
//! donors and strangers, in any order, at the real market and the real pool. After every step everything that `docs/properties.md`
//! numbers of hedges has to hold.

use std::collections::BTreeMap;

use alloy::{
    primitives::{Address, Bytes, U256, aliases::U24},
    rpc::types::TransactionReceipt,
    sol,
    sol_types::SolCall,
};
use hedgerow::{
    bindings::{
        IERC20,
        IHedges::{HedgeState, closeHedgeCall, followHedgeCall, hedgeCall},
    },
    client::Transaction,
};

use crate::{
    agreement::Dice,
    common::{
        governed::{self, REBALANCE},
        held::{Held, Kind},
    },
    policy::{Policy, revert, snapshot},
    scene::{DELTA, Scene, share},
};

sol! {
    interface IOwned {
        function owner() external view returns (address);
        function withdraw(uint256 amount) external returns (uint256);
    }
}

/// Steps of a run, and its runs; `HEDGEROW_LONG=1` plays a hundred times as many.
const STEPS: usize = 60;
const RUNS: u64 = 3;
/// What the wallet lends and owes itself, in units.
const OWN: [u64; 2] = [40, 300];
/// The most that the account's own money in the hedge may come to: raw dollars of six decimals.
const MOST: u128 = 400_000_000_000;

/// A property that does not hold.
fn holds(property: u8, it_does: bool, seen: impl Fn() -> String) {
    assert!(it_does, "property {property}: {}", seen());
}

/// A run: what is there, and what has to stay as it is.
struct Play {
    scene: Scene,
    policy: Policy,
    terms: governed::Terms,
    dealings: Vec<U256>,
    tally: BTreeMap<&'static str, u64>,
}

/// What the account had before a step.
struct Before {
    purse: [U256; 2],
    keeper: [U256; 2],
    state: HedgeState,
    margin: Vec<U256>,
}

impl Play {
    async fn begin(kind: Kind) -> Self {
        let scene = Scene::new(kind, 0).await;
        let (world, aave) = (&scene.world, &scene.aave);
        let units = world.pair.units();
        let own = [0, 1].map(|i| units[i] * U256::from(OWN[i]));
        aave.supply(world, &world.owner, 1, own[1]).await.unwrap();
        aave.borrow(world, &world.owner, 0, own[0]).await.unwrap();
        let dealings = scene.own_dealings(world.account()).await;
        let mut policy = Policy::of(&scene).await;
        (policy.guards.cooldown, policy.guards.maxLoss) = (60, U24::from(6_000));
        (policy.guards.maxPeriodLoss, policy.terms.maxCollateral) = (U24::from(100_000), MOST);
        (policy.terms.maxBorrowRate, policy.rule.closeRate) = (U24::from(300_000), U24::from(700_000));
        scene.govern(&policy).await;
        let mut terms = governed::terms(world.now().await, REBALANCE);
        (terms.0.keeper, terms.0.cooldown) = (world.account(), 60);
        (terms.0.maxDeviation, terms.0.maxPeriodLoss) = (U24::from(300), U24::from(100_000));
        world.governed(&scene.held, &terms).await;
        Self {
            scene,
            policy,
            terms,
            dealings,
            tally: BTreeMap::new(),
        }
    }

    async fn before(&self) -> Before {
        let (world, state) = (&self.scene.world, self.scene.state().await);
        Before {
            purse: self.scene.purse().await,
            keeper: world.balances(world.stranger.address()).await,
            margin: self.scene.own_dealings(state.margin).await,
            state,
        }
    }

    async fn step(&mut self, dice: &mut Dice) {
        let before = self.before().await;
        let told = match dice.below(12) {
            0 => self.owner(dice).await,
            1..=3 => self.keeper(dice, &before).await,
            4 | 5 => self.keeper_along(dice, &before).await,
            6 | 7 => self.trader(dice).await,
            8 => self.feed(dice).await,
            9 => self.whale(dice).await,
            10 => self.stranger(dice, &before).await,
            _ => self.donor(dice).await,
        };
        *self.tally.entry(told).or_default() += 1;
        self.always().await;
    }

    /// What holds after every step, whoever's it was.
    async fn always(&self) {
        let (scene, world) = (&self.scene, &self.scene.world);
        let own = scene.own_dealings(world.account()).await;
        holds(66, own == self.dealings, || format!("{own:?}"));
        let state = scene.state().await;
        let spenders = [scene.aave.pool, world.pool, state.margin, world.margins, world.npm];
        for token in world.tokens {
            for spender in spenders {
                let given = world.allowance(token, spender).await;
                holds(67, given.is_zero(), || format!("{spender} may take {given}"));
                let call = IERC20::allowanceCall {
                    owner: state.margin,
                    spender,
                };
                let given = world.read(token, &call).await;
                holds(67, given.is_zero(), || {
                    format!("{spender} may take {given} of the margin account's")
                });
            }
        }
        if state.margin != Address::ZERO {
            let owner = world.read(state.margin, &IOwned::ownerCall {}).await;
            holds(68, owner == world.account(), || {
                format!("{owner} commands the margin account")
            });
            let policy = scene.governing(&scene.place()).await;
            holds(68, policy == self.policy.id(), || format!("{policy} governs"));
        }
    }

    /// The owner's close always works, whatever anybody did: on a copy.
    async fn closes(&self) {
        let scene = &self.scene;
        if scene.state().await.margin == Address::ZERO {
            return;
        }
        let (at, before) = (snapshot(&scene.world).await, scene.state().await);
        let mut call: closeHedgeCall = scene.closing();
        (call.limits.twapWindow, call.limits.maxTickDeviation) = (0, U24::ZERO);
        let closed = scene.close(&call).await;
        holds(69, closed.is_ok(), || format!("{closed:?}"));
        let left = scene.standing(before.margin).await;
        holds(69, left == [U256::ZERO; 2], || format!("{left:?}"));
        revert(&scene.world, at).await;
    }

    async fn owner(&mut self, dice: &mut Dice) -> &'static str {
        let part = 1 + dice.below(1_000_000) as u32;
        match self.scene.hedge(share(DELTA, part)).await {
            Ok(_) => "owner's hedge",
            Err(_) => "owner's hedge, refused",
        }
    }

    async fn keeper(&mut self, dice: &mut Dice, before: &Before) -> &'static str {
        let (scene, fee) = (&self.scene, self.fee(dice));
        let Ok(ran) = scene.run_by(&scene.world.stranger, &self.policy, fee).await else {
            return "run, refused";
        };
        let state = scene.state().await;
        self.paid(before, fee).await;
        // The wallet gives collateral that the terms still allow, and nothing else.
        let purse = scene.purse().await;
        holds(72, purse[0] >= before.purse[0], || {
            format!("{purse:?} {:?}", before.purse)
        });
        let spent = before.purse[1].saturating_sub(purse[1]);
        let allowed = MOST as i128 - i128::try_from(before.state.paidIn).unwrap();
        let allowed = U256::from(allowed.max(0) as u128) + fee;
        holds(72, spent <= allowed, || format!("{spent} of {allowed}"));
        self.worth(before, fee, &state).await;
        let mean = scene.mean().await;
        let exposure = scene.delta_at(mean).await;
        if ran.event.traded.is_positive() {
            // Not above the delta and what rounding adds.
            holds(74, state.debt <= exposure + exposure / U256::from(10_000), || {
                format!("{} {exposure}", state.debt)
            });
            let health = scene.aave.health(&scene.world, state.margin).await / U256::from(10).pow(U256::from(15));
            let least = U256::from(self.policy.terms.minHealth - 1);
            holds(73, health >= least, || format!("{health}"));
            "run, enlarged"
        } else {
            "run, reduced"
        }
    }

    /// No run costs more than the policy's loss limit, collateral and debt counted, at the mean price of its own block.
    async fn worth(&self, before: &Before, fee: U256, state: &HedgeState) {
        let (scene, unit) = (&self.scene, U256::from(10).pow(U256::from(18)));
        let price = f64::from(scene.worth(unit, scene.mean().await)) / 1e18;
        let purse = scene.purse().await;
        let volatile = |purse: U256, debt: U256| f64::from(purse) - f64::from(debt);
        let lost = (volatile(before.purse[0], before.state.debt) - volatile(purse[0], state.debt)) * price
            + f64::from(before.purse[1])
            + f64::from(before.state.collateral)
            - f64::from(purse[1])
            - f64::from(state.collateral)
            - f64::from(fee);
        let value = f64::from(scene.check(&self.policy).await.value);
        let lost = 1e6 * lost / value;
        let most = f64::from(self.policy.guards.maxLoss.to::<u32>());
        holds(70, lost <= most + 10.0, || format!("{lost} of {most} millionths"));
    }

    async fn paid(&self, before: &Before, fee: U256) {
        let world = &self.scene.world;
        let now = world.balances(world.stranger.address()).await;
        let got = now[1] - before.keeper[1];
        let most = U256::from(self.policy.guards.maxFee);
        holds(71, got == fee && got <= most && now[0] == before.keeper[0], || {
            format!("{got} for {fee}")
        });
    }

    async fn keeper_along(&mut self, dice: &mut Dice, before: &Before) -> &'static str {
        let fee = if dice.one_in(2) { U256::ZERO } else { self.fee(dice) };
        let Ok(receipt) = self.scene.run_with(&self.policy, &self.terms, fee).await else {
            return "run with its position, refused";
        };
        self.paid(before, fee).await;
        let (id, range) = self.left(&receipt);
        let kind = self.scene.held.kind;
        self.scene.held = Held { kind, id, range };
        self.policy.place = self.scene.place();
        let (scene, state) = (&self.scene, self.scene.state().await);
        if before.state.margin != Address::ZERO && state.margin != Address::ZERO {
            holds(75, state.margin == before.state.margin, || {
                format!("{} {}", state.margin, before.state.margin)
            });
        }
        let governing = scene.governing(&self.policy.place).await;
        holds(75, governing == self.policy.id(), || format!("{governing}"));
        if scene.runs(&receipt).iter().any(|run| run.traded.is_positive()) {
            let health = scene.aave.health(&scene.world, state.margin).await / U256::from(10).pow(U256::from(15));
            holds(73, health >= U256::from(self.policy.terms.minHealth - 1), || {
                format!("{health}")
            });
        }
        "run with its position"
    }

    /// Where the position's own policy left it.
    fn left(&self, receipt: &TransactionReceipt) -> (U256, (i32, i32)) {
        use alloy::sol_types::SolEvent;
        use hedgerow::bindings::IPolicies::PolicyRun;
        let own = receipt
            .inner
            .logs()
            .iter()
            .filter(|log| log.address() == self.scene.world.account());
        let mut runs = own.filter_map(|log| PolicyRun::decode_log(&log.inner).ok());
        let run = runs.next().unwrap();
        (run.newId, (run.tickLower.as_i32(), run.tickUpper.as_i32()))
    }

    fn fee(&self, dice: &mut Dice) -> U256 {
        U256::from(dice.below(self.policy.guards.maxFee as u64 * 5 / 4))
    }

    async fn trader(&mut self, dice: &mut Dice) -> &'static str {
        let (sell, units) = (dice.one_in(2), 50 + dice.below(1_500));
        self.scene.push(sell, units).await;
        if dice.one_in(2) {
            self.scene.world.pass(30 + dice.below(4_000)).await;
            self.scene.aave.follow(&self.scene.world).await;
        }
        "trade"
    }

    async fn feed(&mut self, dice: &mut Dice) -> &'static str {
        let (scene, now) = (&self.scene, self.scene.world.now().await);
        scene.aave.follow(&scene.world).await;
        let dollar = 100_000_000 * (97 + dice.below(7)) as i64 / 100;
        scene.aave.answer(&scene.world, 1, dollar, now).await;
        "feed"
    }

    /// Borrows until rates rise, or takes its debt back.
    async fn whale(&mut self, dice: &mut Dice) -> &'static str {
        let (world, aave) = (&self.scene.world, &self.scene.aave);
        let amount = world.pair.units()[0] * U256::from(200 + dice.below(4_000));
        if dice.one_in(2) {
            let _ = aave.borrow(world, &aave.admin, 0, amount).await;
        } else {
            world.fund(&aave.admin, [amount, U256::ZERO]).await;
            let _ = aave.repay(world, &aave.admin, 0, amount).await;
        }
        "whale"
    }

    /// Tries what is the owner's alone; nothing changes.
    async fn stranger(&mut self, dice: &mut Dice, before: &Before) -> &'static str {
        let (scene, world) = (&self.scene, &self.scene.world);
        let place = scene.place();
        let (to, data) = match dice.below(4) {
            0 => {
                let call: hedgeCall = scene.order(share(DELTA, 1_000_000));
                (world.account(), call.abi_encode())
            }
            1 => (world.account(), scene.closing().abi_encode()),
            2 => {
                let call = followHedgeCall {
                    from: place.clone(),
                    to: place,
                };
                (world.account(), call.abi_encode())
            }
            _ => (
                before.state.margin,
                IOwned::withdrawCall { amount: U256::MAX }.abi_encode(),
            ),
        };
        let call = Transaction {
            to: Some(to),
            data: Bytes::from(data),
            ..Transaction::default()
        };
        let tried = world.client.send(&world.stranger, call, "attacking").await;
        holds(76, tried.is_err() || to == Address::ZERO, || format!("{tried:?}"));
        let (purse, margin) = (scene.purse().await, scene.own_dealings(before.state.margin).await);
        holds(76, purse == before.purse && margin == before.margin, || {
            format!("{purse:?} {margin:?}")
        });
        "stranger"
    }

    async fn donor(&mut self, dice: &mut Dice) -> &'static str {
        let (world, state) = (&self.scene.world, self.scene.state().await);
        let amounts = [U256::from(1 + dice.below(1_000)); 2];
        world.fund(&world.trader, amounts).await;
        let to = if dice.one_in(2) { state.margin } else { world.account() };
        if to == Address::ZERO {
            return "donor, of nothing";
        }
        for token in world.tokens {
            let amount = amounts[0];
            world
                .send(&world.trader, token, &IERC20::transferCall { to, amount })
                .await;
        }
        "donor"
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_takes_from_a_hedge_whatever_they_do_in_whatever_order() {
    let runs = if std::env::var_os("HEDGEROW_LONG").is_some() {
        100 * RUNS
    } else {
        RUNS
    };
    let seed = std::env::var("HEDGEROW_SEED").map_or(1, |seed| seed.parse().unwrap());
    let mut tally: BTreeMap<&'static str, u64> = BTreeMap::new();
    for run in 0..runs {
        eprintln!("HEDGEROW_SEED={seed}, run {run} of {STEPS} steps");
        let mut dice = Dice(seed + run * 0x1_0000_0001);
        let mut play = Play::begin(if run % 2 == 0 { Kind::Nft } else { Kind::Direct }).await;
        for step in 0..STEPS {
            play.step(&mut dice).await;
            if step % 20 == 19 {
                play.closes().await;
            }
        }
        for (what, count) in play.tally {
            *tally.entry(what).or_default() += count;
        }
    }
    eprintln!("{tally:#?}");
    // Runs in which nobody ever gets to act would hold everything and say nothing.
    for what in [
        "run, enlarged",
        "run, reduced",
        "run with its position",
        "stranger",
        "whale",
    ] {
        assert!(
            tally.get(what).is_some_and(|count| *count >= 3),
            "too seldom: {what}: {tally:?}"
        );
    }
}
