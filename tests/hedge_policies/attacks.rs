//! Attacks by keepers, with the pool's price, the market's prices and its rates in their hands as far as these let them.

use alloy::{
    primitives::{Address, U256, aliases::U24},
    sol,
    sol_types::SolCall,
};
use hedgerow::{
    bindings::{
        IERC20,
        IHedges::{actAndHedgeCall, closeHedgeCall, followHedgeCall, hedgeCall},
        IPolicies::LossExceedsMaximum,
    },
    client::Transaction,
};
use hedgerow_core::policy::Reason;

use crate::{
    common::{
        IManagerErrors, World,
        held::{Action, KINDS, Kind},
        refusal,
    },
    policy::{Policy, revert, snapshot},
    scene::{Scene, all_delta, near},
};

sol! {
    interface IMarginAttack {
        error NotOwner(address caller);
        function short(uint256 amount, uint160 sqrtPriceLimitX96, uint256 payOut) external returns (uint256, uint256);
        function cover(uint256 amount, uint160 sqrtPriceLimitX96, uint256 payOut) external returns (uint256, uint256);
        function withdraw(uint256 amount) external returns (uint256);
        function sweep(address token) external returns (uint256);
    }
}

/// What the account has besides its position, which no run touches: volatile token, less what is owed, and collateral.
async fn holdings(scene: &Scene) -> [f64; 2] {
    let (state, purse) = (scene.state().await, scene.purse().await);
    [
        f64::from(purse[0]) - f64::from(state.debt),
        f64::from(purse[1]) + f64::from(state.collateral),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_displaced_price_costs_no_more_than_the_limit_and_says_what_it_cost() {
    for kind in KINDS {
        let scene = Scene::new(kind, 0).await;
        let mut policy = Policy::of(&scene).await;
        // Twice what the pool's fee takes of half of the position's worth.
        policy.guards.maxLoss = U24::from(3_000);
        policy.terms.maxOracleDeviation = U24::from(100_000);
        scene.govern(&policy).await;
        let mut refused = 0;
        for opened in [false, true] {
            if opened {
                scene.run(&policy).await.unwrap();
                scene.drift(false, 2_500).await;
                scene.world.pass(3_600).await;
                scene.aave.follow(&scene.world).await;
            }
            for (sell, units) in [(true, 0), (true, 100), (true, 1_300), (false, 100), (false, 1_300)] {
                let at = snapshot(&scene.world).await;
                if units != 0 {
                    scene.push(sell, units).await;
                }
                let before = holdings(&scene).await;
                match scene.run(&policy).await {
                    Ok(ran) => {
                        // Valued as of the block that it ran in: the mean moves on with every second of a displaced price.
                        let after = holdings(&scene).await;
                        let unit = U256::from(10).pow(U256::from(18));
                        let price = f64::from(scene.worth(unit, scene.mean().await)) / 1e18;
                        let lost = (before[0] - after[0]) * price + before[1] - after[1];
                        let lost = 1e6 * lost / f64::from(scene.value().await);
                        let told = f64::from(ran.event.loss);
                        assert!(lost <= 3_000.0 + 1.0, "{kind:?} {opened} {sell} {units}: {lost}");
                        assert!(
                            lost <= told + 2.0 && told <= lost.max(0.0) + 20.0,
                            "{kind:?} {opened} {sell} {units}: {lost} {told}"
                        );
                    }
                    error => {
                        let _: LossExceedsMaximum = refusal(error);
                        refused += 1;
                    }
                }
                revert(&scene.world, at).await;
            }
        }
        assert!(refused > 0, "no displacement was large enough to be refused");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_but_the_account_commands_a_hedge_or_its_margin_account() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let world = &scene.world;
    let policy = Policy::of(&scene).await;
    scene.govern(&policy).await;
    scene.run(&policy).await.unwrap();
    let margin = scene.state().await.margin;
    let order: hedgeCall = scene.order(all_delta());
    let closing: closeHedgeCall = scene.closing();
    let together: actAndHedgeCall = scene.together(world.ordered(&scene.held, Action::Harvest, World::open_limits()));
    let follow = followHedgeCall {
        from: scene.place(),
        to: scene.place(),
    };
    for data in [
        order.abi_encode(),
        closing.abi_encode(),
        together.abi_encode(),
        follow.abi_encode(),
    ] {
        let call = Transaction {
            to: Some(world.account()),
            data: data.into(),
            ..Transaction::default()
        };
        let refused = world.client.send(&world.stranger, call, "attacking").await;
        let refused: IManagerErrors::Unauthorised = refusal(refused);
        assert_eq!(refused.caller, world.stranger.address());
    }
    let (amount, limit, all) = (U256::ONE, Default::default(), U256::MAX);
    let calls = [
        IMarginAttack::shortCall {
            amount,
            sqrtPriceLimitX96: limit,
            payOut: all,
        }
        .abi_encode(),
        IMarginAttack::coverCall {
            amount,
            sqrtPriceLimitX96: limit,
            payOut: all,
        }
        .abi_encode(),
        IMarginAttack::withdrawCall { amount: all }.abi_encode(),
        IMarginAttack::sweepCall { token: world.tokens[1] }.abi_encode(),
    ];
    for data in calls {
        let call = Transaction {
            to: Some(margin),
            data: data.into(),
            ..Transaction::default()
        };
        let refused = world.client.send(&world.stranger, call, "attacking").await;
        let refused: IMarginAttack::NotOwner = refusal(refused);
        assert_eq!(refused.caller, world.stranger.address());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_keeper_who_comes_whenever_it_can_for_the_highest_fee_takes_no_more_than_the_guards_sum_up_to() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let world = &scene.world;
    let mut policy = Policy::of(&scene).await;
    (policy.guards.maxPerDay, policy.terms.maxCollateral) = (3, 300_000_000_000);
    scene.govern(&policy).await;
    let fee = U256::from(policy.guards.maxFee);
    let (purse, theirs) = (scene.purse().await, world.balances(world.stranger.address()).await[1]);
    let mut runs = 0_u64;
    for round in 0..12 {
        if scene.run_by(&world.stranger, &policy, fee).await.is_ok() {
            runs += 1;
        }
        scene.drift(round % 2 == 0, 1_500).await;
        world.pass(2_400).await;
        scene.aave.follow(world).await;
    }
    assert!(
        (3..=6).contains(&runs),
        "{runs} runs in about half a day, which two days of UTC may share"
    );
    assert_eq!(
        world.balances(world.stranger.address()).await[1] - theirs,
        fee * U256::from(runs)
    );
    let after = scene.purse().await;
    assert!(after[0] >= purse[0] && purse[1] - after[1] <= U256::from(300_000_000_000_u64));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_wallet_lends_and_owes_itself_is_neither_counted_nor_touched() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let (world, aave) = (&scene.world, &scene.aave);
    let units = world.pair.units();
    aave.supply(world, &world.owner, 1, units[1] * U256::from(300))
        .await
        .unwrap();
    aave.borrow(world, &world.owner, 0, units[0] * U256::from(200))
        .await
        .unwrap();
    let dealings = scene.own_dealings(world.account()).await;
    let mut policy = Policy::of(&scene).await;
    (policy.terms.maxBorrowRate, policy.rule.closeRate) = (U24::from(400_000), U24::from(600_000));
    scene.govern(&policy).await;
    scene.run(&policy).await.unwrap();
    assert!(scene.state().await.debt > U256::ZERO);
    scene.drift(true, 1_500).await;
    world.pass(3_600).await;
    scene.run(&policy).await.unwrap();
    aave.set_base_rate(world, 0, 700_000).await;
    world.pass(3_600).await;
    let ran = scene.run(&policy).await.unwrap().event;
    assert_eq!(ran.reason, Reason::BorrowRate.code());
    assert_eq!(scene.own_dealings(world.account()).await, dealings);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_liquidation_in_mid_policy_leaves_a_hedge_that_runs_on() {
    let scene = Scene::new(Kind::Direct, 0).await;
    let (world, aave) = (&scene.world, &scene.aave);
    let policy = Policy::of(&scene).await;
    scene.govern(&policy).await;
    scene.run(&policy).await.unwrap();
    let opened = scene.state().await;
    world.pass(3_600).await;
    // Ether at 3,200 to the market: half of the debt is anybody's to pay back, with a bonus.
    let now = world.now().await;
    aave.answer(world, 0, 3_200 * 100_000_000, now).await;
    world.fund(&world.trader, [opened.debt, U256::ZERO]).await;
    let half = opened.debt / U256::from(2);
    aave.liquidate(world, &world.trader, opened.margin, 0, half)
        .await
        .unwrap();
    let left = scene.state().await;
    assert!(left.debt < opened.debt && left.collateral < opened.collateral);
    // What is left is still low: the policy goes on reducing it.
    let decision = scene.check(&policy).await;
    assert_eq!(decision.reason, Reason::HealthLow.code(), "{decision:?}");
    scene.run(&policy).await.unwrap();
    aave.follow(world).await;
    world.pass(3_600).await;
    // The price was wrong: it is opened again to its target.
    let ran = scene.run(&policy).await.unwrap().event;
    assert_eq!(ran.reason, Reason::HedgeDrift.code());
    let state = scene.state().await;
    assert_eq!(state.margin, opened.margin);
    assert!(near(state.debt, ran.target, 1));
    scene.close(&scene.closing()).await.unwrap();
    assert_eq!(scene.standing(opened.margin).await, [U256::ZERO; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_too_thin_to_unwind_at_once_is_left_in_steps() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let world = &scene.world;
    let mut policy = Policy::of(&scene).await;
    (policy.terms.maxBorrowRate, policy.rule.closeRate) = (U24::from(200_000), U24::from(400_000));
    (policy.guards.maxDeviation, policy.guards.maxLoss) = (U24::from(100), U24::from(30_000));
    policy.guards.maxPeriodLoss = U24::from(100_000);
    scene.govern(&policy).await;
    scene.run(&policy).await.unwrap();
    let opened = scene.state().await;
    // Whoever made the pool deep leaves: the position itself is all of it.
    world.drain().await;
    world.pass(3_600).await;
    scene.aave.set_base_rate(world, 0, 500_000).await;
    let mut debts = vec![opened.debt];
    while scene.state().await.margin != Address::ZERO {
        assert!(debts.len() < 30, "{debts:?}");
        let ran = scene.run(&policy).await.unwrap().event;
        assert_eq!(ran.reason, Reason::BorrowRate.code());
        debts.push(scene.standing(opened.margin).await[0]);
        world.pass(3_600).await;
        // The pool's mean follows its price, which somebody brings back in part.
        scene.aave.follow(world).await;
    }
    assert!(debts.len() > 2, "it took one step: {debts:?}");
    assert!(debts.is_sorted_by(|a, b| a > b), "{debts:?}");
    assert_eq!(scene.standing(opened.margin).await, [U256::ZERO; 2]);
    let held = world
        .read(world.tokens[0], &IERC20::balanceOfCall { owner: opened.margin })
        .await;
    assert_eq!(held, U256::ZERO);
}

impl Scene {
    /// What the position is worth, as the policy's check says it.
    async fn value(&self) -> U256 {
        let policy = Policy::of(self).await;
        self.check(&policy).await.value
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_of_what_is_owed_keeps_no_collateral_in() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let world = &scene.world;
    let mut policy = Policy::of(&scene).await;
    (policy.terms.maxBorrowRate, policy.rule.closeRate) = (U24::from(200_000), U24::from(400_000));
    scene.govern(&policy).await;
    scene.run(&policy).await.unwrap();
    let (margin, amount) = (scene.state().await.margin, U256::from(1_000));
    world.fund(&world.trader, [amount, U256::ZERO]).await;
    let gift = IERC20::transferCall { to: margin, amount };
    world.send(&world.trader, world.tokens[0], &gift).await;
    // The owner's close and a keeper's: less is bought than was owed, and all of the collateral comes home.
    let at = snapshot(world).await;
    scene.close(&scene.closing()).await.unwrap();
    assert_eq!(scene.standing(margin).await, [U256::ZERO; 2]);
    revert(world, at).await;
    world.pass(3_600).await;
    scene.aave.set_base_rate(world, 0, 500_000).await;
    scene.run(&policy).await.unwrap();
    assert_eq!(scene.standing(margin).await, [U256::ZERO; 2]);
    assert_eq!(scene.state().await.margin, Address::ZERO);
}
