//! Why a hedge's policy does not act, at the real market's own switches; and who may set, run and end one.

use alloy::primitives::{B256, U256, aliases::U24};
use hedgerow::bindings::IAccountState::{pauseCall, unpauseCall};
use hedgerow::bindings::IPolicies::{
    self, CeilingExceeded, FeeExceedsMaximum, InvalidTerm, NotNow, Paused, PolicyNotSet, PolicyUsed, WrongKeeper,
    endPolicyCall,
};
use hedgerow_core::policy::Reason;

use crate::{
    common::{
        IManagerErrors,
        aave::{DOLLAR, IConfigurator},
        held::Kind,
        refusal,
    },
    policy::{Policy, revert, snapshot},
    scene::Scene,
};

/// The policy would act but for one thing, which `check` tells and `runHedge` refuses with.
async fn refused(scene: &Scene, policy: &Policy, expected: Reason) {
    let decision = scene.check(policy).await;
    assert_eq!(
        (decision.act, decision.reason),
        (false, expected.code()),
        "{expected:?} {decision:?}"
    );
    let error: NotNow = refusal(scene.run(policy).await);
    assert_eq!(error.reason, expected.code());
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_an_enlargement_has_to_heed_is_told() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let (world, aave) = (&scene.world, &scene.aave);
    let base = Policy::of(&scene).await;
    let now = world.now().await;
    let set = |reserve: usize| aave.tokens[reserve];
    let at = snapshot(world).await;

    // Of the terms.
    let mut changed = Vec::new();
    let mut with = |expected: Reason, change: &dyn Fn(&mut Policy)| {
        let mut policy = base.clone();
        policy.guards.salt = B256::repeat_byte(expected.code());
        change(&mut policy);
        changed.push((expected, policy));
    };
    with(Reason::GateClosed, &|it| it.terms.margin = 500_000.try_into().unwrap());
    with(Reason::FeesUnknown, &|it| it.terms.feesSince = now - 1_000);
    with(Reason::CollateralShort, &|it| it.terms.maxCollateral = 1_000_000);
    with(Reason::BelowMinValue, &|it| it.guards.minValue = u128::MAX);
    with(Reason::OracleStale, &|it| it.terms.maxOracleAge = 1);
    with(Reason::OracleTooShort, &|it| it.terms.volWindow = 604_800);
    with(Reason::TradeTooSmall, &|it| it.terms.minTrade = u128::MAX);
    with(Reason::RateTooHigh, &|it| it.terms.maxBorrowRate = U24::from(1));
    for (expected, policy) in changed {
        scene.govern(&policy).await;
        refused(&scene, &policy, expected).await;
    }

    // Of the market and the pool.
    scene.govern(&base).await;
    let told = snapshot(world).await;
    let mut told = Some(told);
    for expected in [
        Reason::OraclePrice,
        Reason::OracleDeviation,
        Reason::VenueClosed,
        Reason::VenueExhausted,
        Reason::Deviation,
    ] {
        revert(world, told.take().unwrap()).await;
        told = Some(snapshot(world).await);
        let now = world.now().await;
        match expected {
            Reason::OraclePrice => aave.answer(world, 1, 0, now).await,
            Reason::OracleDeviation => aave.answer(world, 1, DOLLAR * 103 / 100, now).await,
            Reason::VenueClosed => {
                let (asset, freeze) = (set(0), true);
                aave.govern(world, &IConfigurator::setReserveFreezeCall { asset, freeze })
                    .await;
            }
            Reason::VenueExhausted => {
                let (asset, cap) = (set(0), U256::from(2_001));
                let call = IConfigurator::setBorrowCapCall {
                    asset,
                    newBorrowCap: cap,
                };
                aave.govern(world, &call).await;
            }
            _ => scene.push(true, 3_000).await,
        }
        refused(&scene, &base, expected).await;
    }
    revert(world, at).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reduction_heeds_neither_gate_nor_oracle_nor_caps() {
    let scene = Scene::new(Kind::Direct, 0).await;
    let (world, aave) = (&scene.world, &scene.aave);
    let mut policy = Policy::of(&scene).await;
    policy.terms.maxBorrowRate = U24::from(150_000);
    scene.govern(&policy).await;
    scene.run(&policy).await.unwrap();
    let debt = scene.state().await.debt;
    scene.drift(false, 1_500).await;
    world.pass(3_600).await;
    // Stale, frozen, capped, dear.
    for asset in aave.tokens {
        let freeze = true;
        aave.govern(world, &IConfigurator::setReserveFreezeCall { asset, freeze })
            .await;
        let cap = IConfigurator::setBorrowCapCall {
            asset,
            newBorrowCap: U256::ONE,
        };
        aave.govern(world, &cap).await;
    }
    let ran = scene.run(&policy).await.unwrap().event;
    assert_eq!(ran.reason, Reason::HedgeDrift.code());
    assert!(scene.state().await.debt < debt);
    // Paused it cannot even be repaid.
    scene.drift(false, 1_500).await;
    world.pass(3_600).await;
    let (asset, paused) = (aave.tokens[0], true);
    aave.govern(world, &IConfigurator::setReservePauseCall { asset, paused })
        .await;
    refused(&scene, &policy, Reason::VenueClosed).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn standing_guards_hold_for_hedges_too() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let world = &scene.world;
    let mut policy = Policy::of(&scene).await;
    (policy.guards.keeper, policy.guards.maxPerDay, policy.guards.maxRuns) = (world.stranger.address(), 1, 2);
    // Not set, nobody's.
    let error: PolicyNotSet = refusal(scene.run(&policy).await);
    assert_eq!((error.policyId, error.found), (policy.id(), B256::ZERO));
    scene.govern(&policy).await;
    let error: WrongKeeper = refusal(scene.run_by(&world.trader, &policy, U256::ZERO).await);
    assert_eq!(
        (error.caller, error.keeper),
        (world.trader.address(), world.stranger.address())
    );
    // One word of the terms is another policy.
    let mut other = policy.clone();
    other.terms.maxCollateral -= 1;
    let error: PolicyNotSet = refusal(scene.run(&other).await);
    assert_eq!((error.policyId, error.found), (other.id(), policy.id()));
    // Paused.
    world.transact(&world.owner, &pauseCall {}).await.unwrap();
    let _: Paused = refusal(scene.run(&policy).await);
    world.transact(&world.owner, &unpauseCall {}).await.unwrap();
    // A fee above the guards'.
    let fee = U256::from(policy.guards.maxFee) + U256::ONE;
    let error: FeeExceedsMaximum = refusal(scene.run_by(&world.stranger, &policy, fee).await);
    assert_eq!(error.maximum, U256::from(policy.guards.maxFee));
    // Once a day; then ended.
    scene.run(&policy).await.unwrap();
    scene.drift(true, 1_500).await;
    world.pass(3_600).await;
    refused(&scene, &policy, Reason::DailyCount).await;
    let end = endPolicyCall { policyId: policy.id() };
    world.transact(&world.owner, &end).await.unwrap();
    let _: PolicyNotSet = refusal(scene.run(&policy).await);
    assert_eq!(scene.governing(&policy.place).await, B256::ZERO);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_owner_sets_and_only_what_makes_sense() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let world = &scene.world;
    let policy = Policy::of(&scene).await;
    let refused: IManagerErrors::Unauthorised = refusal(world.transact(&world.stranger, &policy.setting()).await);
    assert_eq!(refused.caller, world.stranger.address());
    let invalid = async |change: &dyn Fn(&mut Policy)| {
        let mut bent = policy.clone();
        change(&mut bent);
        let error: InvalidTerm = refusal(world.attempt(&world.owner, &bent.setting()).await);
        (error.rule, error.field)
    };
    let ceiling = async |change: &dyn Fn(&mut Policy)| {
        let mut bent = policy.clone();
        change(&mut bent);
        let error: CeilingExceeded = refusal(world.attempt(&world.owner, &bent.setting()).await);
        (error.rule, error.field, error.limit)
    };
    // Numbers of structs: 255 guards, 254 terms, 253 the rule, 252 the venue; fields in their order.
    assert_eq!(invalid(&|it| it.venue.kind = 2).await, (252, 0));
    assert_eq!(invalid(&|it| it.venue.volatileToken = 2).await, (252, 3));
    assert_eq!(
        invalid(&|it| it.guards.feeToken = 0).await,
        (255, 12),
        "the fee comes out of the collateral"
    );
    assert_eq!(invalid(&|it| it.rule.target = 3).await, (253, 0));
    assert_eq!(invalid(&|it| it.rule.inner = it.rule.band).await, (253, 3));
    assert_eq!(invalid(&|it| it.rule.lowHealth = it.terms.health).await, (253, 7));
    assert_eq!(
        invalid(&|it| it.rule.closeRate = U24::from(1)).await,
        (253, 8),
        "it would open what it closed"
    );
    assert_eq!(invalid(&|it| it.guards.expiry = 1).await, (255, 1));
    let (rule, field, limit) = ceiling(&|it| it.guards.maxLoss = U24::from(30_001)).await;
    assert_eq!((rule, field, limit), (255, 4, U256::from(30_000)));
    let (rule, field, _) = ceiling(&|it| it.terms.minHealth = 1_000).await;
    assert_eq!((rule, field), (254, 0));
    // A position of somebody else's.
    let other = world.mint(&world.trader, scene.held.range, world.pair.units()).await;
    let mut foreign = policy.clone();
    foreign.place.tokenId = other;
    let error: IManagerErrors::NotOwner = refusal(world.attempt(&world.owner, &foreign.setting()).await);
    assert_eq!(error.owner, world.trader.address());
    // One takes another's place; the same is never set twice.
    let first = scene.govern(&policy).await;
    let mut second = policy.clone();
    second.guards.salt = B256::repeat_byte(2);
    let id = scene.govern(&second).await;
    assert_eq!(scene.governing(&policy.place).await, id);
    assert_eq!(world.policy_status(first).await, 2);
    let used: PolicyUsed = refusal(world.attempt(&world.owner, &policy.setting()).await);
    assert_eq!(used.policyId, first);
    // The position's own policy is another book.
    let own: IPolicies::PolicyState = world.policy(&scene.held).await;
    assert_eq!(own.policyId, B256::ZERO);
}
