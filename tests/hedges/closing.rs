//! Closing a hedge, whatever became of the position, the pool and the market.

use alloy::primitives::{I256, U256};
use hedgerow::bindings::{
    IERC20,
    IHedges::{NoHedge, PositionGone, ReserveClosed},
    IManager::CallFailed,
};

use crate::{
    common::{
        aave::IConfigurator::setReservePauseCall,
        held::{Action, BOTH, Kind},
        refusal,
    },
    scene::{Scene, all_delta, near, signed},
};

#[tokio::test(flavor = "multi_thread")]
async fn closing_leaves_nothing_and_pays_out_everything() {
    for (kind, volatile) in [(Kind::Nft, 1), (Kind::Direct, 0)] {
        let scene = Scene::new(kind, volatile).await;
        let before = scene.purse().await;
        let opened = scene.hedge(all_delta()).await.unwrap().event;
        let event = scene.close(&scene.closing()).await.unwrap().event;
        assert_eq!((event.debt, event.collateral), (U256::ZERO, U256::ZERO));
        assert_eq!(event.health, U256::MAX);
        assert_eq!(scene.standing(opened.margin).await, [U256::ZERO; 2]);
        let after = scene.purse().await;
        assert_eq!(after[0], before[0]);
        // Twice the pool's fee on the debt, what both trades moved it by, and a few seconds' interest.
        let lost = before[1] - after[1];
        let worth = scene.worth(opened.debt, scene.mean().await);
        assert!(
            near(lost, worth * U256::from(6) / U256::from(1_000), 500_000),
            "{lost} {worth}"
        );
        if volatile == 0 {
            // Told in token1, which is what the wallet lost.
            let told = -event.accounts.hedge;
            assert!(
                (told - signed(lost)).abs() <= I256::try_from(1_000).unwrap(),
                "{told} {lost}"
            );
        }
        assert_eq!(scene.state().await.margin, alloy::primitives::Address::ZERO);
        scene.assert_tidy(opened.margin).await;
        let missing: NoHedge = refusal(scene.world.attempt(&scene.world.owner, &scene.closing()).await);
        assert_eq!(missing.source, scene.world.source(kind));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hedge_outlives_its_position_and_is_closed_without_it() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let opened = scene.hedge(all_delta()).await.unwrap().event;
    let limits = crate::common::World::open_limits();
    scene.world.act(&scene.held, Action::Exit(BOTH), limits).await.unwrap();
    let gone: PositionGone = scene.refused(&scene.order(all_delta())).await;
    assert_eq!(gone.id, scene.held.id);
    let mut closing = scene.closing();
    closing.limits.twapWindow = 0;
    let event = scene.close(&closing).await.unwrap().event;
    assert_eq!((event.debt, event.collateral), (U256::ZERO, U256::ZERO));
    assert_eq!(event.margin, opened.margin);
    assert_eq!((event.accounts.fees, event.accounts.il), (U256::ZERO, I256::ZERO));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_account_may_repay_with_its_own_tokens_and_no_more_than_it_says() {
    let scene = Scene::new(Kind::Direct, 0).await;
    let opened = scene.hedge(all_delta()).await.unwrap().event;
    let before = scene.purse().await;
    let mut closing = scene.closing();
    closing.repay = opened.debt / U256::from(3);
    let event = scene.close(&closing).await.unwrap().event;
    let after = scene.purse().await;
    assert_eq!(before[0] - after[0], closing.repay);
    assert!(near(
        U256::try_from(-event.traded).unwrap(),
        opened.debt - closing.repay,
        1
    ));
    assert_eq!(event.debt, U256::ZERO);
    // A debt that the wallet repays wholly needs no pool; what is named beyond it stays where it is.
    scene.hedge(all_delta()).await.unwrap();
    let (before, mut closing) = (scene.purse().await, scene.closing());
    closing.repay = U256::MAX;
    let event = scene.close(&closing).await.unwrap().event;
    let after = scene.purse().await;
    assert_eq!(event.traded, I256::ZERO);
    assert!(near(before[0] - after[0], opened.debt, 1_000));
    assert_eq!(scene.standing(opened.margin).await, [U256::ZERO; 2]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oracle_that_says_nothing_does_not_keep_a_hedge_open() {
    let scene = Scene::new(Kind::Nft, 0).await;
    scene.hedge(all_delta()).await.unwrap();
    for asset in 0..2 {
        scene.aave.answer(&scene.world, asset, 0, 0).await;
    }
    assert_eq!(scene.state().await.health, U256::ZERO, "no price, no health");
    let event = scene.close(&scene.closing()).await.unwrap().event;
    assert_eq!((event.debt, event.collateral), (U256::ZERO, U256::ZERO));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_reserve_is_told_and_nothing_is_lost() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let opened = scene.hedge(all_delta()).await.unwrap().event;
    let asset = scene.world.tokens[0];
    let pause = |paused| setReservePauseCall { asset, paused };
    scene.aave.govern(&scene.world, &pause(true)).await;
    let closed: ReserveClosed = refusal(scene.world.attempt(&scene.world.owner, &scene.closing()).await);
    assert_eq!((closed.asset, closed.why), (asset, 3));
    assert_eq!(scene.state().await.margin, opened.margin);
    scene.aave.govern(&scene.world, &pause(false)).await;
    scene.close(&scene.closing()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn collateral_that_no_longer_pays_for_the_debt_is_made_up_for_by_the_account() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let mut order = scene.order(all_delta());
    (order.terms.minHealth, order.terms.health) = (1_035, 1_060);
    let opened = scene.send(&order).await.unwrap().event;
    // Ether doubles, in the pool and at the venue.
    scene.push(false, 42_000).await;
    scene.world.pass(3_600).await;
    scene.aave.follow(&scene.world).await;
    let owed = scene.worth(opened.debt, scene.mean().await);
    assert!(owed > opened.collateral, "{owed} {}", opened.collateral);
    let mut closing = scene.closing();
    let failed: CallFailed = refusal(scene.world.attempt(&scene.world.owner, &closing).await);
    assert_eq!(failed.target, opened.margin);
    let before = scene.purse().await;
    closing.repay = opened.debt / U256::from(2);
    let event = scene.close(&closing).await.unwrap().event;
    assert_eq!((event.debt, event.collateral), (U256::ZERO, U256::ZERO));
    let after = scene.purse().await;
    assert_eq!(before[0] - after[0], closing.repay);
    assert!(after[1] > before[1], "what the other half left of the collateral");
    // All of it is in the books: the tokens repaid count as paid in at the day's price.
    let lost = signed(scene.worth(closing.repay, scene.mean().await)) - signed(after[1] - before[1]) + opened.paidIn;
    assert!(
        (event.accounts.hedge + lost).abs() <= I256::try_from(5_000).unwrap(),
        "{:?} {lost}",
        event.accounts
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn collateral_that_the_market_has_lent_out_stays_until_it_is_back() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let opened = scene.hedge(all_delta()).await.unwrap().event;
    let (world, aave) = (&scene.world, &scene.aave);
    // So much is left of the dollars that the debt can be bought back, and not much more.
    let fair = scene.worth(opened.debt, scene.mean().await);
    let left = fair + fair / U256::from(10);
    let there = IERC20::balanceOfCall {
        owner: aave.a_tokens[1],
    };
    let liquid = world.read(world.tokens[1], &there).await;
    let more = world.pair.units()[0] * U256::from(10_000);
    world.fund(&aave.admin, [more, U256::ZERO]).await;
    aave.supply(world, &aave.admin, 0, more).await.unwrap();
    aave.borrow(world, &aave.admin, 1, liquid - left).await.unwrap();
    let event = scene.close(&scene.closing()).await.unwrap().event;
    assert_eq!(event.debt, U256::ZERO);
    assert!(event.collateral > U256::ZERO, "it was all there");
    assert_eq!(
        world.read(world.tokens[1], &there).await,
        U256::ZERO,
        "all that there was"
    );
    assert_eq!(scene.state().await.margin, opened.margin);
    // It comes back, and so does the rest.
    world.fund(&aave.admin, [U256::ZERO, liquid]).await;
    aave.repay(world, &aave.admin, 1, liquid - left).await.unwrap();
    let event = scene.close(&scene.closing()).await.unwrap().event;
    assert_eq!((event.debt, event.collateral), (U256::ZERO, U256::ZERO));
    assert_eq!(scene.state().await.margin, alloy::primitives::Address::ZERO);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gift_of_all_that_is_owed_does_not_keep_a_hedge_open() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let opened = scene.hedge(all_delta()).await.unwrap().event;
    let before = scene.purse().await;
    let gift = IERC20::transferCall {
        to: opened.margin,
        amount: opened.debt * U256::from(2),
    };
    scene
        .world
        .send(&scene.world.trader, scene.world.tokens[0], &gift)
        .await;
    let event = scene.close(&scene.closing()).await.unwrap().event;
    assert_eq!(
        (event.debt, event.collateral, event.traded),
        (U256::ZERO, U256::ZERO, I256::ZERO)
    );
    let after = scene.purse().await;
    assert!(
        after[1] - before[1] >= opened.collateral && after[0] > before[0],
        "all of it is the owner's"
    );
    scene.assert_tidy(opened.margin).await;
}
