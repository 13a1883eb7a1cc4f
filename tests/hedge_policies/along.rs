//! A position's policy and its hedge's, run together.

use alloy::{
    primitives::{Address, B256, U256, aliases::U24},
    rpc::types::TransactionReceipt,
    sol_types::SolEvent,
};
use hedgerow::bindings::IPolicies::{FeeExceedsMaximum, NotNow, PolicyNotSet, PolicyRun, WrongKeeper};
use hedgerow_core::policy::Reason;

use crate::{
    common::{
        governed::{self, COMPOUND, EXIT, HARVEST, REBALANCE},
        held::{Held, KINDS, Kind},
        refusal,
    },
    policy::{Policy, ended, revert, snapshot},
    scene::{Scene, near},
};

/// A policy of the position that only the account itself may run, set; its hedge's policy, set, and its hedge, opened.
async fn both(scene: &Scene, action: u8) -> (governed::Terms, Policy) {
    let world = &scene.world;
    let mut terms = governed::terms(world.now().await, action);
    terms.0.keeper = world.account();
    terms.0.maxDeviation = U24::from(300);
    world.governed(&scene.held, &terms).await;
    let policy = Policy::of(scene).await;
    scene.govern(&policy).await;
    scene.run(&policy).await.unwrap();
    (terms, policy)
}

/// What the position's own policy did.
fn position_run(scene: &Scene, receipt: &TransactionReceipt) -> PolicyRun {
    let account = scene.world.account();
    let own = receipt.inner.logs().iter().filter(|log| log.address() == account);
    let runs: Vec<PolicyRun> = own
        .filter_map(|log| PolicyRun::decode_log(&log.inner).ok().map(|event| event.data))
        .collect();
    assert_eq!(runs.len(), 1, "{runs:?}");
    runs[0].clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rebalance_takes_the_hedge_to_the_new_positions_delta_in_the_same_call() {
    for kind in KINDS {
        let mut scene = Scene::new(kind, 0).await;
        let (terms, policy) = both(&scene, REBALANCE).await;
        let opened = scene.state().await;
        scene.drift(true, 2_500).await;
        // The hedge's own cooldown does not hinder it.
        assert_eq!(scene.reason(&policy).await, Reason::Cooldown);
        let (purse, fee) = (scene.purse().await, U256::from(2_000_000));
        let paid = scene.world.balances(scene.world.stranger.address()).await;
        let receipt = scene.run_with(&policy, &terms, fee).await.unwrap();
        let (ran, hedged) = (position_run(&scene, &receipt), scene.ran(receipt).event);
        assert_eq!(ran.keeper, scene.world.account());
        assert_eq!((hedged.id, hedged.newId), (ran.id, ran.newId));
        let range = (ran.tickLower.as_i32(), ran.tickUpper.as_i32());
        let left = Held {
            kind,
            id: ran.newId,
            range,
        };
        scene.held = left;
        let state = scene.state().await;
        assert_eq!(state.margin, opened.margin, "the margin account goes along");
        let delta = scene.delta_at(scene.mean().await).await;
        assert!(near(state.debt, delta, 20), "{} {delta}", state.debt);
        assert!(state.health >= U256::from(policy.terms.minHealth));
        let after = scene.purse().await;
        assert!(after[0] >= purse[0], "nothing of the wallet's volatile token");
        let now_paid = scene.world.balances(scene.world.stranger.address()).await;
        assert_eq!(now_paid[1] - paid[1], fee);
        // Both policies follow; the old place has nothing.
        assert_eq!(scene.governing(&scene.place()).await, policy.id());
        assert_eq!(scene.governing(&policy.place).await, B256::ZERO);
        assert_eq!(scene.state_of(policy.place.clone()).await.margin, Address::ZERO);
        assert_eq!(
            scene.world.policy(&scene.held).await.policyId,
            governed::id_of(&terms.0, &terms.1)
        );
        scene.assert_tidy(state.margin).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_closes_the_hedge_and_ends_both_policies() {
    for kind in KINDS {
        let scene = Scene::new(kind, 0).await;
        let (terms, policy) = both(&scene, EXIT).await;
        let margin = scene.state().await.margin;
        let receipt = scene.run_with(&policy, &terms, U256::from(1_000_000)).await.unwrap();
        let ran = position_run(&scene, &receipt);
        assert_eq!(ran.newId, U256::ZERO);
        let mut over = ended(&scene.world, &receipt);
        over.sort();
        let mut both = [policy.id(), governed::id_of(&terms.0, &terms.1)];
        both.sort();
        assert_eq!(over, both);
        let hedged = scene.ran(receipt).event;
        assert_eq!(
            (hedged.reason, hedged.newId, hedged.target),
            (Reason::PositionGone.code(), U256::ZERO, U256::ZERO)
        );
        assert_eq!(scene.standing(margin).await, [U256::ZERO; 2]);
        assert_eq!(scene.governing(&policy.place).await, B256::ZERO);
        scene.assert_tidy(margin).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_exit_without_a_hedge_ends_its_policy_and_pays_nobody() {
    for kind in KINDS {
        let scene = Scene::new(kind, 0).await;
        let world = &scene.world;
        let mut terms = governed::terms(world.now().await, EXIT);
        terms.0.keeper = world.account();
        world.governed(&scene.held, &terms).await;
        let policy = Policy::of(&scene).await;
        scene.govern(&policy).await;
        let refused: FeeExceedsMaximum = refusal(scene.run_with(&policy, &terms, U256::ONE).await);
        assert_eq!(refused.maximum, U256::ZERO);
        let receipt = scene.run_with(&policy, &terms, U256::ZERO).await.unwrap();
        assert!(ended(world, &receipt).contains(&policy.id()));
        assert_eq!(scene.governing(&policy.place).await, B256::ZERO);
        assert!(scene.runs(&receipt).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_leaves_the_delta_where_it_was_leaves_the_hedge() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let (terms, mut policy) = both(&scene, HARVEST).await;
    // From the inner band to the target is less than this.
    policy.terms.minTrade = u128::MAX;
    policy.guards.salt = B256::repeat_byte(7);
    scene.govern(&policy).await;
    let before = scene.state().await;
    let receipt = scene.run_with(&policy, &terms, U256::ZERO).await.unwrap();
    assert!(scene.runs(&receipt).is_empty());
    let after = scene.state().await;
    assert_eq!(after.adjustedAt, before.adjustedAt);
    assert_eq!(scene.governing(&policy.place).await, policy.id());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compound_of_its_fees_is_hedged_with_it() {
    let scene = Scene::new(Kind::Direct, 0).await;
    let (terms, policy) = both(&scene, COMPOUND).await;
    let receipt = scene.run_with(&policy, &terms, U256::ZERO).await.unwrap();
    let hedged = scene.ran(receipt).event;
    assert_eq!(hedged.newId, scene.held.id);
    let delta = scene.delta_at(scene.mean().await).await;
    assert!(near(scene.state().await.debt, delta, 20));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_positions_policy_that_others_could_run_is_not_taken_and_one_that_only_the_account_runs_is_nobodys() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let world = &scene.world;
    let (terms, policy) = both(&scene, REBALANCE).await;
    // Alone, the position would leave its hedge behind.
    let refused: WrongKeeper = refusal(world.run(&scene.held, &terms, U256::ZERO).await);
    assert_eq!(
        (refused.caller, refused.keeper),
        (world.stranger.address(), world.account())
    );
    for keeper in [Address::ZERO, world.stranger.address()] {
        let mut open = terms.clone();
        open.0.keeper = keeper;
        let refused: WrongKeeper = refusal(scene.run_with(&policy, &open, U256::ZERO).await);
        assert_eq!((refused.caller, refused.keeper), (world.account(), keeper));
    }
    // Terms that were not set, of either.
    let mut other = terms.clone();
    other.0.maxLoss = U24::from(1);
    let refused: PolicyNotSet = refusal(scene.run_with(&policy, &other, U256::ZERO).await);
    assert_eq!(refused.found, governed::id_of(&terms.0, &terms.1));
    let mut bent = policy.clone();
    bent.guards.maxFee += 1;
    let refused: PolicyNotSet = refusal(scene.run_with(&bent, &terms, U256::ZERO).await);
    assert_eq!(refused.found, policy.id());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_moves_where_the_hedge_cannot_follow() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let world = &scene.world;
    let (terms, mut policy) = both(&scene, REBALANCE).await;
    scene.drift(true, 2_500).await;
    let at = snapshot(world).await;
    // The gate closes: what the new position needs is not borrowed, so the old one stays.
    policy.terms.margin = 500_000.try_into().unwrap();
    policy.guards.salt = B256::repeat_byte(9);
    scene.govern(&policy).await;
    let (before, liquidity) = (scene.state().await, world.liquidity_of(&scene.held).await);
    let refused: NotNow = refusal(scene.run_with(&policy, &terms, U256::ZERO).await);
    assert_eq!(refused.reason, Reason::GateClosed.code());
    assert_eq!(scene.state().await.debt, before.debt);
    assert_eq!(world.liquidity_of(&scene.held).await, liquidity);
    revert(world, at).await;
}
