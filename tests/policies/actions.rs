//! What each action does, whichever way the position is held.

use crate::common::{
    Pair, World,
    governed::{COMPOUND, ENDED, EXIT, HARVEST, REBALANCE, Ran, SET, Terms, WALK, id_of, moved, terms},
    held::{Held, KINDS, Kind, earning, gain},
    units,
};
use alloy::primitives::{U256, aliases::U24};

/// Runs a policy as a stranger without pay, and asserts what is true of every run: it did what `check` foretold, it cost no more than
/// it may, nothing that the wallet held before was used, and no allowance is left.
async fn assert_runs(world: &World, held: &Held, terms: &Terms) -> Ran {
    let foretold = world.check(held, terms).await;
    assert!(foretold.act, "{foretold:?}");
    let before = world.balances(world.account()).await;
    let ran = world.run(held, terms, U256::ZERO).await.unwrap();
    gain(world.balances(world.account()).await, before);
    let event = &ran.event;
    assert_eq!((event.rule, event.action), (foretold.rule, foretold.action));
    assert_eq!(
        (event.tickLower, event.tickUpper),
        (foretold.tickLower, foretold.tickUpper)
    );
    assert_eq!(event.policyId, id_of(&terms.0, &terms.1));
    assert_eq!(event.keeper, world.stranger.address());
    assert_eq!(event.id, held.id);
    assert!(event.loss <= terms.0.maxLoss, "{event:?}");
    world.assert_no_allowance().await;
    ran
}

#[tokio::test]
async fn a_rebalance_takes_the_position_to_the_mean_price() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let terms = terms(world.now().await, REBALANCE);
        let id = world.governed(&held, &terms).await;
        let liquidity = world.liquidity_of(&held).await;
        let ran = assert_runs(&world, &held, &terms).await;
        let new = moved(&held, &ran);
        assert_eq!(new.range.1 - new.range.0, 1_200);
        assert!(
            world.liquidity_of(&new).await > liquidity,
            "half as wide, nearly twice as deep"
        );
        // It governs the new place, and the old one no more.
        assert_eq!(world.policy(&new).await.policyId, id);
        assert!(world.policy(&held).await.policyId.is_zero());
        let state = world.policy(&new).await;
        assert_eq!((state.runs, state.runsToday), (1, 1));
        println!(
            "rebalance {kind:?}: {} gas, loss {}",
            ran.receipt.gas_used, ran.event.loss
        );
    }
}

#[tokio::test]
async fn a_walk_moves_a_one_sided_position_up_to_the_price() {
    for kind in KINDS {
        let world = World::new(Pair::Equal).await;
        world.fund(&world.owner, [units(777, 18); 2]).await;
        let held = world.hold(kind, (6_000, 7_200), [units(1_000, 18), U256::ZERO]).await;
        world.pass(3_600).await;
        let terms = terms(world.now().await, WALK);
        world.governed(&held, &terms).await;
        let price = world.price().await;
        let ran = assert_runs(&world, &held, &terms).await;
        let new = moved(&held, &ran);
        assert_eq!(new.range, (60, 1_260));
        assert_eq!(world.price().await, price, "nothing was swapped");
    }
}

#[tokio::test]
async fn an_exit_pays_everything_out_and_ends_the_policy() {
    for kind in KINDS {
        for proceeds in [0, 1, 2] {
            let (world, held) = earning(kind, Pair::EtherDollar).await;
            let mut terms = terms(world.now().await, EXIT);
            terms.1[0].proceeds = proceeds;
            // The sale itself moves the price by some 200 ticks.
            (terms.0.maxDeviation, terms.0.maxLoss) = (U24::from(500), U24::from(20_000));
            let id = world.governed(&held, &terms).await;
            let before = world.balances(world.account()).await;
            let ran = assert_runs(&world, &held, &terms).await;
            let came = gain(world.balances(world.account()).await, before);
            assert_eq!(came.map(|amount| amount.is_zero()), [proceeds == 2, proceeds == 1]);
            assert_eq!((ran.event.newId, ran.event.tickLower.as_i32()), (U256::ZERO, 0));
            match kind {
                Kind::Nft => assert!(world.owner_of(held.id).await.is_err(), "burnt"),
                Kind::Direct => assert_eq!(world.liquidity_of(&held).await, 0),
            }
            assert_eq!(world.policy_status(id).await, ENDED);
            assert!(world.policy(&held).await.policyId.is_zero());
            println!(
                "exit {kind:?} {proceeds}: {} gas, loss {}",
                ran.receipt.gas_used, ran.event.loss
            );
        }
    }
}

#[tokio::test]
async fn a_compound_puts_the_fees_into_the_same_position() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let terms = terms(world.now().await, COMPOUND);
        let id = world.governed(&held, &terms).await;
        let liquidity = world.liquidity_of(&held).await;
        let ran = assert_runs(&world, &held, &terms).await;
        assert_eq!(ran.event.newId, held.id);
        assert!(world.liquidity_of(&held).await > liquidity);
        assert_eq!(
            (world.policy(&held).await.policyId, world.policy_status(id).await),
            (id, SET)
        );
        println!(
            "compound {kind:?}: {} gas, loss {}",
            ran.receipt.gas_used, ran.event.loss
        );
    }
}

#[tokio::test]
async fn a_harvest_pays_the_fees_and_leaves_the_liquidity() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let terms = terms(world.now().await, HARVEST);
        world.governed(&held, &terms).await;
        let (liquidity, before) = (world.liquidity_of(&held).await, world.balances(world.account()).await);
        let ran = assert_runs(&world, &held, &terms).await;
        let came = gain(world.balances(world.account()).await, before);
        assert!(came.iter().all(|amount| !amount.is_zero()));
        assert_eq!(world.liquidity_of(&held).await, liquidity);
        assert_eq!((ran.event.loss, ran.event.newId), (U24::ZERO, held.id));
    }
}
