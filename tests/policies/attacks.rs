//! Attacks by keepers and by what a run calls out to, named for the classes of defects that audits of liquidity automators found:
//! B1 an open `execute`, B3 re-entry, B6 values from spot, B7 no slippage limit, B8 a keeper paid too much, B12 dust that blocks,
//! B17 tokens that tax, B20 sweeping what was in the wallet before.

use crate::common::{
    IHostile, IManagerErrors, Pair, World,
    governed::{COMPOUND, EXIT, HARVEST, REBALANCE, Terms, WALK, id_of, moved, slots, terms},
    held::{Action, Held, KINDS, Kind, earning, gain},
    refusal, revert_data, units,
    world::int24,
};
use alloy::{
    primitives::{B256, FixedBytes, U256, aliases::U24},
    providers::{Provider, ext::AnvilApi},
    sol,
    sol_types::{SolCall, SolError},
};
use hedgerow::{
    bindings::{
        IPolicies::{LossExceedsMaximum, endPolicyCall, setPolicyCall},
        IShell,
    },
    client::Transaction,
};
use hedgerow_core::tick::mean_tick;

sol! {
    interface IObserve {
        function observe(uint32[] secondsAgos) external view
            returns (int56[] tickCumulatives, uint160[] secondsPerLiquidityCumulativeX128s);
    }
    interface IMoody {
        function set(uint8 mood) external;
    }
}

/// What the account has: liquidity in a range, and of both tokens in the wallet and owed.
struct Holdings {
    range: (i32, i32),
    liquidity: u128,
    tokens: [U256; 2],
}

impl Holdings {
    async fn of(world: &World, held: &Held, fees: [U256; 2]) -> Self {
        let liquidity = if held.id.is_zero() {
            0
        } else {
            world.liquidity_of(held).await
        };
        let wallet = world.balances(world.account()).await;
        Self {
            range: held.range,
            liquidity,
            tokens: [wallet[0] + fees[0], wallet[1] + fees[1]],
        }
    }

    /// What it is worth at a tick, in raw token1, by arithmetic of its own.
    fn worth(&self, tick: i32) -> f64 {
        let price = 1.0001_f64.powi(tick);
        let root = price.sqrt();
        let [lower, upper] = [self.range.0, self.range.1].map(|tick| 1.0001_f64.powi(tick).sqrt());
        let at = root.clamp(lower, upper);
        let liquidity = self.liquidity as f64;
        let inside = [liquidity * (1.0 / at - 1.0 / upper), liquidity * (at - lower)];
        let [amount0, amount1] = [0, 1].map(|i| inside[i] + f64::from(self.tokens[i]));
        amount0 * price + amount1
    }
}

/// The mean tick of ten minutes, as of the latest block.
async fn mean(world: &World) -> i32 {
    let observe = IObserve::observeCall {
        secondsAgos: vec![600, 0],
    };
    let read = world.read(world.pool, &observe).await.tickCumulatives;
    let [then, now] = [0, 1].map(|i| read[i].as_i64());
    mean_tick(then, now, 600).unwrap()
}

async fn snapshot(world: &World) -> U256 {
    world.client.provider().anvil_snapshot().await.unwrap()
}

async fn revert(world: &World, to: U256) {
    assert!(world.client.provider().anvil_revert(to).await.unwrap());
}

#[tokio::test]
async fn b3_nothing_gets_in_while_a_policy_runs() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Reentrant).await;
        let (account, hostile) = (world.account(), world.tokens[0]);
        let start = snapshot(&world).await;
        let mut start = Some(start);
        for action in [REBALANCE, EXIT, COMPOUND, HARVEST] {
            if let Some(start) = start.take() {
                revert(&world, start).await;
            }
            start = Some(snapshot(&world).await);
            let terms = terms(world.now().await, action);
            let id = world.governed(&held, &terms).await;
            let mut others = terms.clone();
            others.0.salt = B256::repeat_byte(4);
            let order = world.order_policy(&held, &others, U256::MAX).await;
            let run = world.run_call(&held, (&terms.0, &terms.1), U256::ZERO);
            let set = setPolicyCall {
                place: world.place(&held),
                guards: others.0.clone(),
                rules: others.1.clone(),
            };
            let batch = IShell::executeCall {
                mode: FixedBytes::left_padding_from(&[]),
                executionData: Default::default(),
            };
            let (closed, stranger) = (
                IManagerErrors::ReentrantCall::SELECTOR,
                IManagerErrors::Unauthorised::SELECTOR,
            );
            for (call, expected) in [
                (run.abi_encode(), closed),
                (order.abi_encode(), closed),
                (set.abi_encode(), stranger),
                (endPolicyCall { policyId: id }.abi_encode(), stranger),
                (batch.abi_encode(), IShell::UnsupportedExecutionMode::SELECTOR),
            ] {
                let at = snapshot(&world).await;
                let arm = IHostile::armCall {
                    target: account,
                    call: call.into(),
                };
                world.send(&world.stranger, hostile, &arm).await;
                let attempts = world.read(hostile, &IHostile::attemptsCall {}).await;
                world.run(&held, &terms, U256::ZERO).await.unwrap();
                let during = world.read(hostile, &IHostile::attemptsCall {}).await - attempts;
                assert!(!during.is_zero(), "no transfer: this proves nothing");
                assert_eq!(world.read(hostile, &IHostile::successesCall {}).await, U256::ZERO);
                let refused = world.read(hostile, &IHostile::refusalCall {}).await;
                assert_eq!(refused, FixedBytes::from(expected), "{kind:?} {action}");
                revert(&world, at).await;
            }
        }
    }
}

#[tokio::test]
async fn b6_b7_a_displaced_price_costs_no_more_than_the_limit() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let mut refused = 0;
        for (action, bias) in [(REBALANCE, 0), (REBALANCE, 400), (COMPOUND, 0), (EXIT, 0)] {
            for (zero_for_one, count) in [(true, 0), (true, 400), (true, 900), (false, 400), (false, 900)] {
                let at = snapshot(&world).await;
                let mut terms = terms(world.now().await, action);
                terms.1[0].bias = int24(bias);
                (terms.0.maxLoss, terms.1[0].proceeds) = (U24::from(1_500), u8::from(action == EXIT));
                terms.0.maxDeviation = U24::from(400);
                world.governed(&held, &terms).await;
                if count != 0 {
                    world.trade(zero_for_one, units(count, 18)).await;
                }
                let fees = world.foreseen(&held).await;
                let before = Holdings::of(&world, &held, gain(fees.1, fees.0)).await;
                match world.run(&held, &terms, U256::ZERO).await {
                    Ok(ran) => {
                        let after = Holdings::of(&world, &moved(&held, &ran), [U256::ZERO; 2]).await;
                        // Valued as of the block that it ran in: the mean moves on with every second of a displaced price.
                        let mean = mean(&world).await;
                        let lost = 1e6 * (before.worth(mean) - after.worth(mean)) / f64::from(ran.event.valueBefore);
                        assert!(lost <= 1_500.0 + 1.0, "{kind:?} {action} {bias} {count}: {lost}");
                        // Never understated, and overstated by rounding only.
                        let told = f64::from(ran.event.loss);
                        assert!(
                            lost <= told + 0.01 && told <= lost.max(0.0) + 20.0,
                            "{kind:?} {action} {bias} {count}: {lost} {told}"
                        );
                    }
                    error => {
                        let _: LossExceedsMaximum = refusal(error);
                        refused += 1;
                    }
                }
                revert(&world, at).await;
            }
        }
        assert!(refused > 0, "no trade was large enough to be refused");
    }
}

#[tokio::test]
async fn b8_b20_a_keeper_takes_its_fee_of_what_came_and_the_wallet_keeps_what_it_had() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::EtherDollar).await;
        for action in [REBALANCE, EXIT, COMPOUND, HARVEST] {
            for token in [0, 1] {
                let at = snapshot(&world).await;
                let mut terms = terms(world.now().await, action);
                (terms.0.feeToken, terms.0.maxFeeShare) = (token, U24::from(500_000));
                world.governed(&held, &terms).await;
                let run = world.run_call(&held, (&terms.0, &terms.1), U256::MAX);
                let data = revert_data(world.attempt(&world.stranger, &run).await);
                // A little less than now: the mean price moves on.
                let most = U256::from_be_slice(&data[36..68]) * U256::from(99) / U256::from(100);
                assert!(!most.is_zero());
                let (mine, theirs) = (
                    world.balances(world.account()).await,
                    world.balances(world.stranger.address()).await,
                );
                let ran = world.run(&held, &terms, most).await.unwrap();
                gain(world.balances(world.account()).await, mine);
                let paid = gain(world.balances(world.stranger.address()).await, theirs);
                assert_eq!(paid[usize::from(token)], most, "{kind:?} {action}");
                assert!(paid[usize::from(token ^ 1)].is_zero());
                assert!(ran.event.loss <= terms.0.maxLoss);
                world.assert_no_allowance().await;
                revert(&world, at).await;
            }
        }
    }
}

#[tokio::test]
async fn b12_dust_given_to_the_account_blocks_nothing() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let terms = terms(world.now().await, REBALANCE);
        world.governed(&held, &terms).await;
        let next = world.check(&held, &terms).await;
        let next = (next.tickLower.as_i32(), next.tickUpper.as_i32());
        // One unit of both tokens to the wallet, and a little liquidity of the account's own where the position will go.
        world.fund(&world.owner, [U256::ONE; 2]).await;
        world.hold(Kind::Direct, next, [U256::from(1_000_000); 2]).await;
        let ran = world.run(&held, &terms, U256::ZERO).await.unwrap();
        assert_eq!(moved(&held, &ran).range, next);
    }
}

#[tokio::test]
async fn what_the_account_has_in_the_next_range_already_does_not_hide_a_loss() {
    let (world, held) = earning(Kind::Direct, Pair::Equal).await;
    let mut terms = terms(world.now().await, REBALANCE);
    terms.0.maxDeviation = U24::from(400);
    world.governed(&held, &terms).await;
    let next = world.check(&held, &terms).await;
    let next = (next.tickLower.as_i32(), next.tickUpper.as_i32());
    let at = snapshot(&world).await;
    let alone = world.run(&held, &terms, U256::ZERO).await.unwrap().event;
    revert(&world, at).await;
    world.hold(Kind::Direct, next, [units(500, 18); 2]).await;
    let beside = world.run(&held, &terms, U256::ZERO).await.unwrap().event;
    let (a, b) = (f64::from(alone.valueAfter), f64::from(beside.valueAfter));
    assert!((a / b - 1.0).abs() < 1e-4, "{a} {b}");
    // Nor may it go where another policy governs.
    let (world, held) = earning(Kind::Direct, Pair::Equal).await;
    world.governed(&held, &terms).await;
    let other = world.hold(Kind::Direct, next, [units(5, 18); 2]).await;
    let mut others: Terms = terms.clone();
    others.0.salt = B256::repeat_byte(8);
    world.governed(&other, &others).await;
    let refused: hedgerow::bindings::IPolicies::PolicyNotSet = refusal(world.run(&held, &terms, U256::ZERO).await);
    assert_eq!(refused.found, id_of(&others.0, &others.1));
}

#[tokio::test]
async fn b17_a_token_that_taxes_counts_as_a_loss() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Moody).await;
        let terms = terms(world.now().await, HARVEST);
        let mut exit = terms.clone();
        exit.1[0].action = EXIT;
        // One hundredth of token0, which is half of everything.
        exit.0.maxLoss = U24::from(4_500);
        world.governed(&held, &exit).await;
        world
            .send(&world.stranger, world.tokens[0], &IMoody::setCall { mood: 3 })
            .await;
        let _: LossExceedsMaximum = refusal(world.run(&held, &exit, U256::ZERO).await);
    }
}

#[tokio::test]
async fn b1_a_run_cannot_be_turned_against_another_position() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let terms = terms(world.now().await, EXIT);
    world.governed(&held, &terms).await;
    // The owner's other position, and one of somebody else's, under the same terms.
    let other = world.hold(Kind::Nft, held.range, [units(10, 18); 2]).await;
    let run = world.run(&other, &terms, U256::ZERO).await;
    let _: hedgerow::bindings::IPolicies::PolicyNotSet = refusal(run);
    // Given away, the position is not the account's to run; it comes back as it went.
    sol! { function transferFrom(address from, address to, uint256 tokenId) external; }
    let away = transferFromCall {
        from: world.account(),
        to: world.trader.address(),
        tokenId: held.id,
    };
    world.send(&world.owner, world.npm, &away).await;
    let _: IManagerErrors::NotOwner = refusal(world.run(&held, &terms, U256::ZERO).await);
}

#[tokio::test]
async fn a_run_at_the_shells_or_a_programs_own_address_does_nothing() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let terms = terms(world.now().await, EXIT);
    world.governed(&held, &terms).await;
    let run = world.run_call(&held, (&terms.0, &terms.1), U256::ZERO);
    let runs = world
        .read(world.shell, &hedgerow::bindings::IPrograms::runsCall {})
        .await;
    for to in [world.shell, runs] {
        let refused = world
            .client
            .send(&world.stranger, Transaction::call(to, &run), "")
            .await;
        let _: IManagerErrors::NotOwner = refusal(refused);
    }
}

#[tokio::test]
async fn a_run_stores_its_policys_words_and_nothing_else() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let terms = terms(world.now().await, REBALANCE);
        let id = world.governed(&held, &terms).await;
        let ran = world.run(&held, &terms, U256::ZERO).await.unwrap();
        let new = moved(&held, &ran);
        let source = world.source(kind);
        let (words, old) = slots(0, id, source, held.id);
        let (_, next) = slots(0, id, source, new.id);
        let at = async |slot: B256| {
            let read = world
                .client
                .provider()
                .get_storage_at(world.account(), slot.into())
                .await;
            B256::from(read.unwrap())
        };
        assert_eq!((at(old).await, at(next).await), (B256::ZERO, id));
        assert!(!at(words[0]).await.is_zero() && !at(words[1]).await.is_zero());
    }
}

#[tokio::test]
async fn a_keepers_walk_leaves_the_other_token_alone() {
    for kind in KINDS {
        let world = World::new(Pair::Equal).await;
        world.fund(&world.owner, [units(777, 18); 2]).await;
        let held = world.hold(kind, (600, 1_800), [units(1_000, 18), U256::ZERO]).await;
        world.pass(3_600).await;
        // Through the range and back: fees in both tokens.
        world.trade(false, units(9_000, 18)).await;
        world.trade(true, units(9_000, 18)).await;
        world.pass(3_600).await;
        let terms = terms(world.now().await, WALK);
        world.governed(&held, &terms).await;
        let before = world.balances(world.account()).await;
        let ran = world.run(&held, &terms, U256::ZERO).await.unwrap();
        let came = gain(world.balances(world.account()).await, before);
        assert!(came[0] < units(1, 12) && came[1] > units(1, 15), "{came:?}");
        assert_eq!(moved(&held, &ran).range.0 % 60, 0);
        let exit = Action::Exit(0);
        world
            .act(&moved(&held, &ran), exit, World::open_limits())
            .await
            .unwrap();
    }
}
