//! The lens on a chain: a real position of the real position manager, against the native core and against what is paid.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod common;

use alloy::primitives::{Address, I256, U256, aliases::U160};
use common::{
    Pair, World,
    mirror::collect_all,
    refusal, revert_data,
    seen::{assert_true, look},
    units,
    world::int24,
};
use hedgerow::{
    bindings::ILens::{self, ilConcentratedCall, ilConstantProductCall, ilWeightedCall, positionCall},
    client::Call,
};
use hedgerow_core::{il, tick::sqrt_price_at_tick};

#[tokio::test]
async fn a_position_is_seen_to_the_last_digit_while_the_price_passes_through_and_beyond_it() {
    for pair in [Pair::Equal, Pair::EtherDollar] {
        let world = World::new(pair).await;
        let unit = pair.units();
        let entry = sqrt_price_at_tick(pair.tick()).unwrap();
        let range = (pair.tick() - 1_200, pair.tick() + 1_200);
        let id = world
            .mint(&world.owner, range, unit.map(|unit| unit * U256::from(1_000)))
            .await;
        let fresh = assert_true(&world, id, entry).await;
        assert_eq!(
            (fresh.fees0, fresh.fees1, fresh.figures.il),
            (U256::ZERO, U256::ZERO, I256::ZERO)
        );

        for (zero_for_one, count) in [(false, 2_000), (true, 3_000), (false, 12_000), (true, 30_000)] {
            world
                .trade(zero_for_one, unit[usize::from(!zero_for_one)] * U256::from(count))
                .await;
            let seen = assert_true(&world, id, entry).await;
            assert!(seen.figures.il < I256::ZERO, "{pair:?}: any other price is a loss");
        }
        let ended = look(&world, id, entry).await;
        assert!(!ended.fees0.is_zero() && !ended.fees1.is_zero());
        // Below the range by now: all of it is token0.
        assert!(ended.tick < int24(range.0) && ended.figures.amount1.is_zero() && !ended.figures.amount0.is_zero());
    }
}

#[tokio::test]
async fn fees_of_a_range_that_was_opened_beside_the_price_wrap_around_zero() {
    let world = World::new(Pair::Equal).await;
    // Growth before the ticks exist makes their recorded growth differ by a negative number.
    world.trade(false, units(1_000, 18)).await;
    world.trade(true, units(2_000, 18)).await;
    let amounts = [units(1_000, 18), units(1_000, 18)];
    let id = world.mint(&world.owner, (600, 1_200), amounts).await;
    let inside_last = world.position(id).await.feeGrowthInside0LastX128;
    world.trade(false, units(20_000, 18)).await;
    world.trade(true, units(15_000, 18)).await;
    let seen = assert_true(&world, id, sqrt_price_at_tick(0).unwrap()).await;
    assert!(
        !seen.fees1.is_zero(),
        "the price went into the range; growth was {inside_last}"
    );
}

#[tokio::test]
async fn fees_already_recorded_and_an_emptied_position_are_told_apart() {
    let world = World::new(Pair::Equal).await;
    let id = world.mint(&world.owner, (-1_200, 1_200), [units(1_000, 18); 2]).await;
    world.trade(false, units(2_000, 18)).await;
    let accrued = assert_true(&world, id, sqrt_price_at_tick(0).unwrap()).await;
    // What was liquidity is now owed, together with the fees.
    world.empty(&world.owner, id).await;
    let emptied = assert_true(&world, id, sqrt_price_at_tick(0).unwrap()).await;
    assert_eq!(emptied.liquidity, 0);
    assert_eq!(emptied.fees0, accrued.fees0 + accrued.figures.amount0);
    assert_eq!(emptied.fees1, accrued.fees1 + accrued.figures.amount1);
}

#[tokio::test]
async fn a_pool_that_rounded_more_often_pays_less_than_the_position_manager_recorded() {
    let world = World::new(Pair::Equal).await;
    // Two NFTs share one range, hence one position of the pool. Poking the one rounds the pool's account for both, the
    // other's only when it is collected: one unit at a time the pool falls behind.
    let small = world.mint(&world.owner, (-1_200, 1_200), [U256::from(1_000); 2]).await;
    let large = world
        .mint(&world.owner, (-1_200, 1_200), [units(7, 18) / U256::from(3); 2])
        .await;
    let mut short = false;
    for i in 0..8 {
        world.trade(i % 2 == 0, units(100, 18) + U256::from(i * 7_919)).await;
        world.send(&world.owner, world.npm, &collect_all(&world, small)).await;
        let seen = assert_true(&world, large, sqrt_price_at_tick(0).unwrap()).await;
        let inside = earned(&world, large).await;
        short |= [seen.fees0, seen.fees1] != inside;
    }
    assert!(short, "the pool never fell behind: this test proves nothing");
}

/// What the position manager alone would reckon, without asking what the pool can pay.
async fn earned(world: &World, token_id: U256) -> [U256; 2] {
    hedgerow::position::Position::of_nft(&world.client, world.npm, token_id)
        .await
        .unwrap()
        .fees
}

#[tokio::test]
async fn il_is_the_same_on_the_chain_and_in_the_core() {
    let world = World::new(Pair::Equal).await;
    let price = |n: u64| U256::from(n);
    for (entry, now) in [(1_000, 2_000), (3_000, 1_000), (1, u64::MAX), (7, 7)] {
        let call = ilConstantProductCall {
            entryPrice: price(entry),
            price: price(now),
        };
        assert_eq!(
            world.read(world.lens, &call).await,
            il::constant_product(price(entry), price(now)).unwrap()
        );
        for weight in [200_000_000_000_000_000, 800_000_000_000_000_000, 1] {
            let call = ilWeightedCall {
                entryPrice: price(entry),
                price: price(now),
                weight0: price(weight),
            };
            let core = il::weighted(price(entry), price(now), price(weight)).unwrap();
            assert_eq!(world.read(world.lens, &call).await, core, "{entry} {now} {weight}");
        }
    }
    // Published: r = 2 gives -0.057190958417936634, floored.
    let call = ilConstantProductCall {
        entryPrice: price(1),
        price: price(2),
    };
    assert_eq!(
        world.read(world.lens, &call).await,
        I256::try_from(-57_190_958_417_936_635_i64).unwrap()
    );
    let (one, two) = (sqrt_price_at_tick(0).unwrap(), sqrt_price_at_tick(2_000).unwrap());
    let call = ilConcentratedCall {
        entrySqrtPriceX96: one.saturating_to(),
        sqrtPriceX96: two.saturating_to(),
        tickLower: int24(-6_960),
        tickUpper: int24(4_020),
    };
    assert_eq!(
        world.read(world.lens, &call).await,
        il::concentrated(one, two, -6_960, 4_020).unwrap()
    );
}

#[tokio::test]
async fn what_does_not_exist_is_refused_by_name() {
    let world = World::new(Pair::Equal).await;
    let entry = U160::from(1_u8) << 96;
    let ask = |manager: Address, id: u64, entry: U160| {
        let call = positionCall {
            positionManager: manager,
            tokenId: U256::from(id),
            entrySqrtPriceX96: entry,
        };
        let client = world.client.clone();
        async move { client.read(world.lens, &call).await }
    };
    let unknown: ILens::UnknownPosition = refusal(ask(world.npm, 77, entry).await);
    assert_eq!(unknown.tokenId, U256::from(77));
    // Not a position manager: a wallet, and a contract that answers otherwise.
    for manager in [world.owner.address(), world.tokens[0], Address::ZERO] {
        let unknown: ILens::UnknownPosition = refusal(ask(manager, 1, entry).await);
        assert_eq!(unknown.tokenId, U256::ONE);
    }
    let id = 1;
    let out: ILens::SqrtPriceOutOfRange = refusal(ask(world.npm, id, U160::ZERO).await);
    assert_eq!(out.sqrtPriceX96, U160::ZERO);
    let call = Call {
        to: world.lens,
        data: [1, 2, 3].into(),
        ..Call::default()
    };
    assert!(revert_data(world.client.call(call, "three bytes").await).is_empty());
}
