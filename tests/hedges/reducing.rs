//! Reducing a hedge: with its own collateral, as far as the pool goes, whatever oracle and gate say.

use alloy::primitives::{I256, U256};
use hedgerow::bindings::IManager::SwapIncomplete;

use crate::{
    common::{
        aave::IConfigurator::{setBorrowCapCall, setReserveFreezeCall, setSupplyCapCall},
        held::Kind,
    },
    scene::{Scene, all_delta, amount, near, share, signed},
};

#[tokio::test(flavor = "multi_thread")]
async fn a_reduction_is_paid_by_the_hedge_and_returns_what_is_too_much() {
    for volatile in [0, 1] {
        let scene = Scene::new(Kind::Nft, volatile).await;
        let opened = scene.hedge(all_delta()).await.unwrap().event;
        let before = scene.purse().await;
        let event = scene.hedge(share(1, 500_000)).await.unwrap().event;
        let half = scene.delta_at(scene.mean().await).await / U256::from(2);
        assert!(near(event.debt, half, 2), "{} {half}", event.debt);
        assert_eq!(event.margin, opened.margin);
        let after = scene.purse().await;
        assert_eq!(after[0], before[0]);
        assert_eq!(signed(before[1]) - signed(after[1]), event.paidIn);
        assert!(event.paidIn.is_negative(), "half of the collateral is free");
        assert_eq!(scene.standing(event.margin).await, [event.debt, event.collateral]);
        let health = scene.aave.health(&scene.world, event.margin).await / U256::from(10).pow(U256::from(15));
        assert!((1_480..=1_510).contains(&health.to::<u64>()), "{health}");
        assert_eq!(scene.state().await.paidIn, opened.paidIn + event.paidIn);
        scene.assert_tidy(event.margin).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reduction_heeds_neither_oracle_nor_caps_nor_frozen_reserves_nor_the_gate() {
    let scene = Scene::new(Kind::Nft, 0).await;
    scene.hedge(all_delta()).await.unwrap();
    let (world, aave) = (&scene.world, &scene.aave);
    for asset in scene.world.tokens {
        let frozen = setReserveFreezeCall { asset, freeze: true };
        aave.govern(world, &frozen).await;
        let borrow_cap = U256::ONE;
        aave.govern(
            world,
            &setBorrowCapCall {
                asset,
                newBorrowCap: borrow_cap,
            },
        )
        .await;
        let supply_cap = U256::ONE;
        aave.govern(
            world,
            &setSupplyCapCall {
                asset,
                newSupplyCap: supply_cap,
            },
        )
        .await;
    }
    // Prices of a day ago, and off by 5 %.
    let price = crate::common::aave::price_at(world.pair, world.slot0().await.0);
    let now = world.now().await;
    aave.answer(world, 0, price * 105 / 100, now - 86_400).await;
    let mut order = scene.order(share(1, 900_000));
    (order.terms.feesSince, order.terms.maxOracleAge) = (0, 60);
    let event = scene.send(&order).await.unwrap().event;
    assert!(event.traded.is_negative());
    assert_eq!(
        event.paidIn,
        I256::ZERO,
        "nothing is paid out by prices that are not trusted"
    );
    order.target = all_delta();
    let refusal: hedgerow::bindings::IHedges::OraclePrice = scene.refused(&order).await;
    assert_eq!(refusal.asset, world.tokens[0]);
    // And it can be closed.
    scene.close(&scene.closing()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pool_too_thin_for_one_step_is_unwound_in_several() {
    let scene = Scene::new(Kind::Direct, 0).await;
    let opened = scene.hedge(all_delta()).await.unwrap().event;
    // Only the position itself is left, which cannot sell its own delta within a few ticks.
    scene.world.drain().await;
    scene.world.pass(3_600).await;
    let mut closing = scene.closing();
    // No room at all: nothing is done, so that nobody is paid for it.
    closing.limits.maxTickDeviation = hedgerow_u24(0);
    let refused: SwapIncomplete = crate::common::refusal(scene.world.attempt(&scene.world.owner, &closing).await);
    assert_eq!(
        (refused.wanted, refused.swapped),
        (scene.state().await.debt, U256::ZERO)
    );
    closing.limits.maxTickDeviation = hedgerow_u24(60);
    let (mut debt, mut steps, wallet) = (opened.debt, 0, scene.purse().await);
    while debt > U256::ZERO {
        let event = scene.close(&closing).await.unwrap().event;
        assert!(event.debt < debt, "{steps}: {} {debt}", event.debt);
        if event.debt > U256::ZERO {
            assert_eq!(scene.purse().await, wallet, "collateral stays for the rest");
            assert_eq!(scene.state().await.debt, event.debt);
        }
        (debt, steps) = (event.debt, steps + 1);
        assert!(steps < 40, "{debt}");
        // Others bring the price back.
        scene.world.pass(3_600).await;
    }
    assert!(steps > 1, "the pool took it at once");
    assert_eq!(scene.standing(opened.margin).await, [U256::ZERO; 2]);
    assert!(scene.purse().await[1] > wallet[1]);
    scene.assert_tidy(opened.margin).await;
}

fn hedgerow_u24(value: u32) -> alloy::primitives::aliases::U24 {
    alloy::primitives::aliases::U24::from(value)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_liquidated_hedge_keeps_its_books_and_can_be_brought_back() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let opened = scene.hedge(all_delta()).await.unwrap().event;
    let (world, aave) = (&scene.world, &scene.aave);
    // The venue's price of ether doubles; anybody repays half of the debt for collateral and 5 %.
    let price = crate::common::aave::price_at(world.pair, world.slot0().await.0);
    aave.answer(world, 0, price * 2, world.now().await).await;
    assert!(scene.state().await.health < U256::from(1_000));
    let half = opened.debt / U256::from(2);
    world.fund(&world.stranger, [half, U256::ZERO]).await;
    aave.liquidate(world, &world.stranger, opened.margin, 0, half)
        .await
        .unwrap();
    aave.follow(world).await;
    let [debt, collateral] = scene.standing(opened.margin).await;
    let (state, accounts) = (scene.state().await, scene.accounts().await);
    assert_eq!((state.debt, state.collateral), (debt, collateral));
    assert_eq!(state.paidIn, opened.paidIn);
    // Half the debt was repaid at twice the price, and a twentieth on top: 1.1 of what all of it is worth.
    let mean = scene.mean().await;
    let expected = signed(collateral) - signed(scene.worth(debt, mean)) - opened.paidIn;
    assert!(
        (accounts.hedge - expected).abs() <= I256::try_from(1_000).unwrap(),
        "{accounts:?} {expected}"
    );
    let event = scene.hedge(share(1, 250_000)).await.unwrap().event;
    let quarter = scene.delta_at(scene.mean().await).await / U256::from(4);
    assert!(near(event.debt, quarter, 2), "{} {quarter}", event.debt);
    let closed = scene.close(&scene.closing()).await.unwrap().event;
    assert_eq!((closed.debt, closed.collateral), (U256::ZERO, U256::ZERO));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_smaller_than_the_terms_allow_is_refused() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let event = scene.hedge(all_delta()).await.unwrap().event;
    let mut order = scene.order(amount(event.debt - scene.units()[0]));
    order.terms.minTrade = (scene.units()[0] * U256::from(2)).to();
    let refusal: hedgerow::bindings::IHedges::NothingToHedge = scene.refused(&order).await;
    assert!(near(refusal.trade, scene.units()[0], 100));
    assert_eq!(refusal.minTrade, scene.units()[0] * U256::from(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_released_comes_out_of_the_hedge_on_top() {
    let scene = Scene::new(Kind::Nft, 0).await;
    let release = scene.units()[1] / U256::from(2);
    let plain = scene.quote(share(1, 500_000)).await;
    let mut order = scene.order(share(1, 500_000));
    order.limits.release = release.to();
    let before = scene.purse().await;
    let opened = scene.send(&order).await.unwrap().event;
    let paid = signed(before[1]) - signed(scene.purse().await[1]);
    assert_eq!(paid, opened.paidIn);
    assert_eq!(paid, plain.payIn - signed(release));
    // Reducing by little frees less than that, and health stays above the floor.
    let (before, state) = (scene.purse().await, scene.state().await);
    order.target = amount(state.debt - scene.units()[0] / U256::from(10));
    order.terms.health = 2_000;
    let event = scene.send(&order).await.unwrap().event;
    assert_eq!(scene.purse().await[1] - before[1], release);
    assert_eq!(event.paidIn, -signed(release));
    // More than the floor leaves is refused.
    order.limits.release = (scene.units()[1] * U256::from(20)).to();
    order.target = amount(event.debt - scene.units()[0] / U256::from(10));
    let refusal: hedgerow::bindings::IHedges::HealthBelowMinimum = scene.refused(&order).await;
    assert!(refusal.health < refusal.minHealth, "{refusal:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_of_nothing_closes_the_hedge() {
    let scene = Scene::new(Kind::Direct, 0).await;
    let opened = scene.hedge(all_delta()).await.unwrap().event;
    let event = scene.hedge(share(0, 0)).await.unwrap().event;
    assert_eq!((event.debt, event.collateral), (U256::ZERO, U256::ZERO));
    assert_eq!(scene.standing(opened.margin).await, [U256::ZERO; 2]);
    assert_eq!(scene.state().await.margin, alloy::primitives::Address::ZERO);
    let missing: hedgerow::bindings::IHedges::NoHedge = scene.refused(&scene.order(share(0, 0))).await;
    assert_eq!(missing.id, scene.held.id);
}
