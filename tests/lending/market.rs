//! The stage itself: that it lends, charges, pays and liquidates as the published contracts do.

use alloy::primitives::U256;

use crate::common::{
    aave::{BORROWED, DOLLAR, LENT, SLOPES, lending},
    units,
};

#[tokio::test]
async fn the_market_lends_at_the_rates_of_its_curve() {
    let (world, aave) = lending().await;
    let ray = U256::from(10).pow(U256::from(27));
    for (asset, borrowed) in BORROWED.into_iter().enumerate() {
        let reserve = aave.reserve(&world, asset).await;
        // Linear up to 45 %: 4 % a year there. What is lent out grew by a few seconds' interest.
        let usage = U256::from(borrowed) * ray / U256::from(LENT);
        let expected = usage * U256::from(SLOPES[0]) / U256::from(45);
        let rate = U256::from(reserve.currentVariableBorrowRate);
        assert!(
            rate.abs_diff(expected) < expected / U256::from(10_000),
            "{rate} {expected}"
        );
        // Lenders share nine tenths of it.
        let share = rate * usage / ray * U256::from(9) / U256::from(10);
        let earned = U256::from(reserve.currentLiquidityRate);
        assert!(earned.abs_diff(share) < share / U256::from(10_000), "{earned} {share}");
    }
}

#[tokio::test]
async fn a_borrower_is_liquidated_once_the_feed_says_so_and_not_before() {
    let (world, aave) = lending().await;
    let [dollars, ether] = [units(10_000, 6), units(39, 17)];
    world.fund(&world.stranger, [U256::ZERO, dollars]).await;
    aave.supply(&world, &world.stranger, 1, dollars).await.unwrap();
    aave.borrow(&world, &world.stranger, 0, ether).await.unwrap();
    let user = world.stranger.address();
    // 10,000 × 82.5 % ÷ (3.9 × 2,004).
    let health = aave.health(&world, user).await;
    assert!(health > units(1_050, 15) && health < units(1_060, 15), "{health}");
    let refused = aave.liquidate(&world, &world.trader, user, 0, units(1, 18)).await;
    assert!(refused.is_err());
    aave.answer(&world, 0, 2_200 * DOLLAR, world.now().await).await;
    aave.liquidate(&world, &world.trader, user, 0, units(1, 18))
        .await
        .unwrap();
    assert!(aave.debt(&world, user, 0).await < units(291, 16));
    // The liquidator took 2,200 dollars and five in a hundred.
    let left = aave.lent(&world, user, 1).await;
    assert!(left.abs_diff(units(7_690, 6)) < units(1, 6), "{left}");
}
