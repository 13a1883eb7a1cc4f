//! Why a hedge's policy acts, and what it does then.

use alloy::primitives::{I256, U256, aliases::U24};
use hedgerow::bindings::{IHedges, IPolicies};
use hedgerow_core::policy::Reason;

use crate::{
    common::{
        World,
        held::{Action, BOTH, KINDS, Kind},
        refusal,
    },
    policy::{Policy, ended, revert, snapshot},
    scene::{IL_DELTA, Scene, near},
};

/// Millionths of an amount.
fn part(amount: U256, millionths: u64) -> U256 {
    amount * U256::from(millionths) / U256::from(1_000_000)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_policy_opens_the_hedge_keeps_it_in_its_band_and_pays_its_keeper_out_of_it() {
    for (kind, volatile) in [(Kind::Nft, 0), (Kind::Direct, 1)] {
        let scene = Scene::new(kind, volatile).await;
        let world = &scene.world;
        let policy = Policy::of(&scene).await;
        assert_eq!(scene.reason(&policy).await, Reason::NotSet);
        let id = scene.govern(&policy).await;
        assert_eq!(scene.governing(&policy.place).await, id);

        // Nothing is owed yet: the debt is taken to the near end of the inner band.
        let delta = scene.delta_at(scene.mean().await).await;
        let foreseen = scene.check(&policy).await;
        assert_eq!(
            (foreseen.act, foreseen.reason),
            (true, Reason::HedgeDrift.code()),
            "{foreseen:?}"
        );
        assert!(
            near(foreseen.target, delta - part(delta, 20_000), 5),
            "{} {delta}",
            foreseen.target
        );
        let (purse, theirs) = (scene.purse().await, world.balances(world.stranger.address()).await);
        let fee = U256::from(3_000_000);
        let ran = scene.run_by(&world.stranger, &policy, fee).await.unwrap();
        let state = scene.state().await;
        assert!(
            near(state.debt, ran.event.target, 1),
            "{} {}",
            state.debt,
            ran.event.target
        );
        assert_eq!(scene.standing(state.margin).await, [state.debt, state.collateral]);
        assert!(state.health >= U256::from(policy.terms.minHealth), "{}", state.health);
        let after = scene.purse().await;
        assert_eq!(after[0], purse[0], "the wallet's own volatile token is not touched");
        let spent = I256::from_raw(purse[1] - after[1]);
        assert_eq!(
            spent,
            state.paidIn + I256::from_raw(fee),
            "the fee is no part of the hedge"
        );
        let paid = world.balances(world.stranger.address()).await[1 - volatile] - theirs[1 - volatile];
        assert_eq!((paid, ran.event.fee), (fee, fee));
        assert_eq!(
            (ran.event.id, ran.event.newId, ran.event.keeper),
            (scene.held.id, scene.held.id, world.stranger.address())
        );
        assert_eq!(I256::from_raw(state.debt), ran.event.traded);
        assert!(ran.event.loss <= policy.guards.maxLoss && ran.event.valueAfter <= ran.event.valueBefore);
        scene.assert_tidy(state.margin).await;

        // Cooled down, within the band nothing happens, whichever way the price went meanwhile.
        assert_eq!(scene.reason(&policy).await, Reason::Cooldown);
        world.pass(3_600).await;
        assert_eq!(scene.reason(&policy).await, Reason::NoTrigger);
        let again: IPolicies::NotNow = refusal(scene.run(&policy).await);
        assert_eq!(again.reason, Reason::NoTrigger.code());
        // Volatile token cheaper, more of it in the position: sold short too. Dearer: bought back.
        for sell in [true, false] {
            scene.drift(sell, 1_400).await;
            world.pass(3_600).await;
            scene.aave.follow(world).await;
            let before = scene.state().await;
            let delta = scene.delta_at(scene.mean().await).await;
            let ran = scene.run(&policy).await.unwrap().event;
            assert_eq!(ran.reason, Reason::HedgeDrift.code());
            assert_eq!(ran.traded.is_positive(), sell);
            let edge = part(delta, 20_000);
            let expected = if sell { delta - edge } else { delta + edge };
            let now = scene.state().await;
            assert!(near(now.debt, expected, 20), "{} {expected}", now.debt);
            assert_eq!(now.margin, before.margin);
            assert!(now.health >= U256::from(1_450), "{}", now.health);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn low_health_is_reduced_to_what_the_terms_ask_for_whatever_the_oracle_says_of_enlarging() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let policy = Policy::of(&scene).await;
    scene.govern(&policy).await;
    scene.run(&policy).await.unwrap();
    scene.world.pass(3_600).await;
    let opened = scene.state().await;
    // The market's price of ether rises by a quarter; the pool's does not, so that nothing would be enlarged.
    let now = scene.world.now().await;
    scene.aave.answer(&scene.world, 0, 2_500 * 100_000_000, now).await;
    let decision = scene.check(&policy).await;
    assert_eq!(
        (decision.act, decision.reason),
        (true, Reason::HealthLow.code()),
        "{decision:?}"
    );
    assert!(decision.health < U256::from(policy.rule.lowHealth) && decision.trade.is_negative());
    let purse = scene.purse().await;
    let ran = scene
        .run_by(&scene.world.stranger, &policy, U256::from(1_000_000))
        .await
        .unwrap();
    let state = scene.state().await;
    assert!(state.debt < opened.debt && state.debt == ran.event.target, "{state:?}");
    let health = scene.aave.health(&scene.world, state.margin).await / U256::from(10).pow(U256::from(15));
    assert!((1_470..=1_505).contains(&health.to::<u64>()), "{health}");
    assert_eq!(scene.purse().await, purse, "nothing of the wallet's pays for it");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_borrow_rate_above_the_rules_closes_the_hedge_and_opens_none() {
    for kind in KINDS {
        let scene = Scene::new(kind, 0).await;
        let mut policy = Policy::of(&scene).await;
        (policy.terms.maxBorrowRate, policy.rule.closeRate) = (U24::from(200_000), U24::from(400_000));
        scene.govern(&policy).await;
        scene.run(&policy).await.unwrap();
        scene.world.pass(3_600).await;
        let opened = scene.state().await;
        // Half a dollar a year for a dollar, from the first one on.
        scene.aave.set_base_rate(&scene.world, 0, 500_000).await;
        let decision = scene.check(&policy).await;
        assert_eq!(
            (decision.act, decision.reason, decision.target),
            (true, Reason::BorrowRate.code(), U256::ZERO)
        );
        let purse = scene.purse().await;
        let ran = scene
            .run_by(&scene.world.stranger, &policy, U256::from(1_000_000))
            .await
            .unwrap();
        assert!(ran.event.traded.is_negative());
        assert_eq!(scene.standing(opened.margin).await, [U256::ZERO; 2]);
        assert_eq!(
            scene.state().await.margin,
            alloy::primitives::Address::ZERO,
            "the book is struck"
        );
        let back = scene.purse().await;
        assert!(back[0] >= purse[0]);
        // All but the pool's fees and the keeper's came home.
        let home = back[1] - purse[1] + U256::from(1_000_000);
        assert!(
            near(home, U256::try_from(opened.paidIn).unwrap(), 30_000),
            "{home} {}",
            opened.paidIn
        );
        scene.assert_tidy(opened.margin).await;
        // It stays set, and opens nothing at that rate.
        scene.world.pass(3_600).await;
        assert_eq!(scene.reason(&policy).await, Reason::RateTooHigh);
        scene.aave.set_base_rate(&scene.world, 0, 0).await;
        assert_eq!(scene.reason(&policy).await, Reason::HedgeDrift);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_out_of_range_and_time_adjust_whatever_the_band() {
    let scene = Scene::new(Kind::Direct, 0).await;
    let mut policy = Policy::of(&scene).await;
    (policy.rule.band, policy.rule.inner) = (U24::from(1_000_000), U24::ZERO);
    policy.rule.share = U24::from(900_000);
    policy.guards.maxDeviation = U24::from(500);
    policy.rule.elapsed = 20_000;
    let opened = {
        scene.govern(&policy).await;
        assert_eq!(scene.reason(&policy).await, Reason::NoTrigger);
        scene.world.pass(20_000).await;
        scene.aave.follow(&scene.world).await;
        let ran = scene.run(&policy).await.unwrap().event;
        assert_eq!(ran.reason, Reason::Elapsed.code());
        let delta = scene.delta_at(scene.mean().await).await;
        assert!(near(ran.target, part(delta, 900_000), 5), "{} {delta}", ran.target);
        ran
    };
    let mut leaving = policy.clone();
    (leaving.rule.rangeExit, leaving.rule.elapsed) = (true, 0);
    scene.govern(&leaving).await;
    scene.world.pass(3_600).await;
    let at = snapshot(&scene.world).await;
    // Above the range the position has none of the volatile token.
    for _ in 0..3 {
        scene.drift(false, 2_500).await;
    }
    let ran = scene.run(&leaving).await.unwrap().event;
    assert_eq!((ran.reason, ran.target), (Reason::RangeLeft.code(), U256::ZERO));
    assert_eq!(scene.state().await.debt, U256::ZERO);
    revert(&scene.world, at).await;
    // Below it all is volatile.
    for _ in 0..3 {
        scene.drift(true, 2_500).await;
    }
    let ran = scene.run(&leaving).await.unwrap().event;
    assert_eq!(ran.reason, Reason::RangeLeft.code());
    assert!(ran.target > opened.target, "{} {}", ran.target, opened.target);
    let all = scene.delta_at(scene.mean().await).await;
    assert!(near(ran.target, part(all, 900_000), 5), "{} {all}", ran.target);
}

#[tokio::test(flavor = "multi_thread")]
async fn impermanent_loss_since_entry_opens_the_hedge_of_its_own_delta() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let mut policy = Policy::of(&scene).await;
    // Three thousandths, which six hundred ticks in a range of twice twelve hundred bring about.
    (policy.rule.target, policy.rule.il) = (IL_DELTA, U24::from(3_000));
    policy.terms.entrySqrtPriceX96 = scene.mean().await.to();
    scene.govern(&policy).await;
    assert_eq!(scene.reason(&policy).await, Reason::NoTrigger);
    let entry = scene.delta_at(scene.mean().await).await;
    scene.drift(true, 1_500).await;
    scene.drift(true, 1_500).await;
    let decision = scene.check(&policy).await;
    assert!(decision.il < I256::ZERO, "{decision:?}");
    let ran = scene.run(&policy).await.unwrap().event;
    assert_eq!(ran.reason, Reason::ImpermanentLoss.code());
    let whole = scene.delta_at(scene.mean().await).await;
    assert!(
        near(ran.target, whole - entry - part(whole, 20_000), 50),
        "{} {whole} {entry}",
        ran.target
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hedge_whose_position_is_gone_is_closed_and_its_policy_ends() {
    for kind in KINDS {
        let scene = Scene::new(kind, 0).await;
        let policy = Policy::of(&scene).await;
        let id = scene.govern(&policy).await;
        scene.run(&policy).await.unwrap();
        let margin = scene.state().await.margin;
        scene.world.pass(3_600).await;
        scene
            .world
            .act(&scene.held, Action::Exit(BOTH), World::open_limits())
            .await
            .unwrap();
        let decision = scene.check(&policy).await;
        assert_eq!(
            (decision.act, decision.reason),
            (true, Reason::PositionGone.code()),
            "{decision:?}"
        );
        let ran = scene.run(&policy).await.unwrap();
        assert_eq!(ended(&scene.world, &ran.receipt), [id]);
        assert_eq!(scene.standing(margin).await, [U256::ZERO; 2]);
        assert_eq!(scene.governing(&policy.place).await, alloy::primitives::B256::ZERO);
        assert_eq!(scene.world.policy_status(id).await, 2);
        let again: IPolicies::PolicyUsed = refusal(scene.world.transact(&scene.world.owner, &policy.setting()).await);
        assert_eq!(again.policyId, id);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_owners_own_change_of_place_takes_the_policy_along() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let policy = Policy::of(&scene).await;
    let id = scene.govern(&policy).await;
    scene.run(&policy).await.unwrap();
    let tick = scene.world.slot0().await.1 / 60 * 60;
    let range = (tick - 1_800, tick + 1_800);
    let (moved, _) = scene
        .world
        .rebalance(scene.held.id, range, World::open_limits())
        .await
        .unwrap();
    let mut next = policy.clone();
    next.place.tokenId = moved.newId;
    let follow = IHedges::followHedgeCall {
        from: policy.place.clone(),
        to: next.place.clone(),
    };
    scene.world.transact(&scene.world.owner, &follow).await.unwrap();
    assert_eq!(scene.governing(&next.place).await, id);
    assert_eq!(scene.governing(&policy.place).await, alloy::primitives::B256::ZERO);
    scene.world.pass(3_600).await;
    // A wider range has less of everything.
    let ran = scene.run(&next).await.unwrap().event;
    assert_eq!((ran.policyId, ran.id), (id, moved.newId));
}
