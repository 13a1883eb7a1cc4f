//! The lens for direct positions on a chain, in real pools: against the pool's own account, the native core, the lens for NFTs, and
//! what `burn` and `collect` pay.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

#[path = "../common/mod.rs"]
mod common;
mod pairs;

use alloy::primitives::{Address, I256, U256, aliases::U24, aliases::U160, keccak256};
use common::{Pair, World, direct::Held, meter::frame_gas, refusal, units, world::int24};
use hedgerow::bindings::{
    IDirectLens::{self, PoolKey, Query, positionBatchCall, positionKeyCall},
    ILens,
};
use hedgerow_core::tick::sqrt_price_at_tick;

const LIQUIDITY: u128 = 12_345_678_901_234_567_890_123;

#[tokio::test]
async fn a_direct_position_is_seen_to_the_last_digit_while_the_price_passes_through_and_beyond_it() {
    for pair in [Pair::Equal, Pair::EtherDollar] {
        let held = Held::new(World::new(pair).await).await;
        let (world, owner) = (&held.world, &held.world.owner);
        let unit = pair.units();
        let liquidity = match pair {
            Pair::EtherDollar => 500_000_000_000_000_003,
            _ => LIQUIDITY,
        };
        let entry = sqrt_price_at_tick(pair.tick()).unwrap();
        let range = (pair.tick() - 1_200, pair.tick() + 1_200);
        held.deposit(owner.address(), range, liquidity).await;
        let fresh = held.assert_true(owner, range, entry).await;
        assert_eq!(
            (fresh.liquidity, fresh.fees0, fresh.fees1, fresh.figures.il),
            (liquidity, U256::ZERO, U256::ZERO, I256::ZERO)
        );
        for (zero_for_one, count) in [(false, 2_000), (true, 3_000), (false, 12_000), (true, 30_000)] {
            world
                .trade(zero_for_one, unit[usize::from(!zero_for_one)] * U256::from(count))
                .await;
            let seen = held.assert_true(owner, range, entry).await;
            assert!(seen.figures.il < I256::ZERO, "{pair:?}: any other price is a loss");
        }
        let ended = held.look(owner.address(), range, entry).await;
        assert!(!ended.fees0.is_zero() && !ended.fees1.is_zero());
        // Below the range by now: all of it is token0.
        assert!(ended.tick < int24(range.0) && ended.figures.amount1.is_zero() && !ended.figures.amount0.is_zero());
        // And this is what leaving pays: the amounts and the fees, to the unit.
        held.burn(owner, range, liquidity).await;
        let paid = held.collect(owner, range).await;
        assert_eq!(
            paid,
            [ended.figures.amount0 + ended.fees0, ended.figures.amount1 + ended.fees1]
        );
    }
}

#[tokio::test]
async fn a_direct_position_and_an_nft_of_the_same_range_and_liquidity_are_the_same() {
    for pair in [Pair::Equal, Pair::EtherDollar] {
        let held = Held::new(World::new(pair).await).await;
        let (world, owner) = (&held.world, &held.world.owner);
        let unit = pair.units();
        let entry = sqrt_price_at_tick(pair.tick() + 77).unwrap();
        for range in [(-600, 1_260), (1_200, 1_800), (-3_000, -1_200)] {
            let range = (pair.tick() + range.0, pair.tick() + range.1);
            let thousand = unit.map(|unit| unit * U256::from(1_000));
            let id = world.mint(owner, range, thousand).await;
            held.deposit(owner.address(), range, world.position(id).await.liquidity)
                .await;
            for (zero_for_one, count) in [(false, 1_500), (true, 4_000), (false, 1_000)] {
                world
                    .trade(zero_for_one, unit[usize::from(!zero_for_one)] * U256::from(count))
                    .await;
                let nft = held.look_at_nft(id, entry).await;
                let direct = held.look(owner.address(), range, entry).await;
                assert_eq!(ILens::Position::from(direct), nft, "{range:?}");
            }
        }
    }
}

#[tokio::test]
async fn fees_of_a_range_that_was_opened_beside_the_price_wrap_around_zero() {
    let held = Held::new(World::new(Pair::Equal).await).await;
    let (world, owner) = (&held.world, &held.world.owner);
    // Growth before the ticks exist makes their recorded growth differ by a negative number.
    world.trade(false, units(1_000, 18)).await;
    world.trade(true, units(2_000, 18)).await;
    held.deposit(owner.address(), (600, 1_200), LIQUIDITY).await;
    world.trade(false, units(1_000, 18)).await;
    held.deposit(owner.address(), (-1_200, -600), LIQUIDITY).await;
    let last = held.written(owner.address(), (-1_200, -600)).await;
    world.trade(false, units(20_000, 18)).await;
    world.trade(true, units(35_000, 18)).await;
    for range in [(600, 1_200), (-1_200, -600)] {
        let seen = held.assert_true(owner, range, sqrt_price_at_tick(0).unwrap()).await;
        assert!(!seen.fees0.is_zero(), "{range:?} {last:?}");
    }
}

#[tokio::test]
async fn what_is_owed_without_liquidity_is_seen_and_what_was_collected_is_not() {
    let held = Held::new(World::new(Pair::Equal).await).await;
    let (world, owner) = (&held.world, &held.world.owner);
    let (range, price) = ((-1_200, 1_200), sqrt_price_at_tick(0).unwrap());
    held.deposit(owner.address(), range, LIQUIDITY).await;
    world.trade(false, units(2_000, 18)).await;
    let accrued = held.assert_true(owner, range, price).await;
    // Bringing the account up to date changes nothing of what is seen.
    held.burn(owner, range, 0).await;
    assert_eq!(held.assert_true(owner, range, price).await, accrued);
    // Part of the liquidity: what it was is owed, and the rest earns on.
    held.burn(owner, range, LIQUIDITY / 3).await;
    world.trade(true, units(700, 18)).await;
    held.assert_true(owner, range, price).await;
    // All of it: the pool clears the ticks, and nothing accrues any more.
    let before = held.look(owner.address(), range, price).await;
    held.burn(owner, range, before.liquidity).await;
    world.trade(true, units(700, 18)).await;
    let emptied = held.assert_true(owner, range, price).await;
    assert_eq!(emptied.liquidity, 0);
    assert_eq!(emptied.fees0, before.fees0 + before.figures.amount0);
    assert_eq!(emptied.fees1, before.fees1 + before.figures.amount1);
    // Collected, it is worth nothing, and told from one that never was.
    held.collect(owner, range).await;
    let gone = held.assert_true(owner, range, price).await;
    assert_eq!(
        (gone.liquidity, gone.fees0, gone.fees1, gone.figures.value),
        (0, U256::ZERO, U256::ZERO, U256::ZERO)
    );
}

#[tokio::test]
async fn owners_and_ranges_are_told_apart_by_the_pool_s_own_key() {
    let held = Held::new(World::new(Pair::Equal).await).await;
    let [owner, other] = [held.world.owner.address(), held.world.stranger.address()];
    let range = (-887_220, 60);
    held.deposit(owner, range, LIQUIDITY).await;
    held.deposit(other, range, 7).await;
    let price = sqrt_price_at_tick(0).unwrap();
    assert_eq!(held.look(owner, range, price).await.liquidity, LIQUIDITY);
    assert_eq!(held.look(other, range, price).await.liquidity, 7);
    for (owner, (lower, upper)) in [(owner, range), (other, (-60, -1)), (Address::ZERO, (887_272, -887_272))] {
        let ticks = [lower, upper]
            .map(|tick: i32| tick.to_be_bytes()[1..].to_vec())
            .concat();
        let call = positionKeyCall {
            owner,
            tickLower: int24(lower),
            tickUpper: int24(upper),
        };
        let key = held.world.read(held.lens, &call).await;
        assert_eq!(key, keccak256([owner.to_vec(), ticks].concat()));
    }
}

#[tokio::test]
async fn what_does_not_exist_is_refused_by_name() {
    let held = Held::new(World::new(Pair::Equal).await).await;
    let (owner, range) = (held.world.owner.address(), (-600, 600));
    held.deposit(owner, range, LIQUIDITY).await;
    let price = sqrt_price_at_tick(0).unwrap();
    let good = held.question(owner, range, price);
    assert_eq!(held.ask(&good).await.unwrap().liquidity, LIQUIDITY);

    // A pool that is none: another fee, exchanged tokens, somebody else's factory, nobody's.
    let key = held.pool_key();
    let wrong = [
        PoolKey {
            fee: U24::from(500),
            ..key.clone()
        },
        PoolKey {
            token0: key.token1,
            token1: key.token0,
            ..key.clone()
        },
        PoolKey {
            factory: held.world.npm,
            ..key.clone()
        },
        PoolKey {
            factory: Address::ZERO,
            ..key.clone()
        },
    ];
    for pool in wrong {
        let refused: IDirectLens::UnknownPool =
            refusal(held.ask(&IDirectLens::positionCall { pool, ..good.clone() }).await);
        assert_ne!(refused.pool, held.world.pool);
        assert!(held.world.client.code(refused.pool).await.unwrap().is_empty());
    }
    // Not this owner's; a typo in a tick; the ends exchanged; no range of any pool.
    for (who, (lower, upper)) in [
        (held.world.stranger.address(), range),
        (owner, (-600, 660)),
        (owner, (-6_000, 600)),
        (owner, (600, -600)),
        (owner, (-8_388_608, 8_388_607)),
    ] {
        let refused: IDirectLens::UnknownDirectPosition =
            refusal(held.ask(&held.question(who, (lower, upper), price)).await);
        assert_eq!(refused.owner, who);
        assert_eq!((refused.tickLower, refused.tickUpper), (int24(lower), int24(upper)));
    }
    // A pool that was made but never given a price holds nothing.
    let create = common::IMore::createPoolCall {
        tokenA: key.token0,
        tokenB: key.token1,
        fee: U24::from(500),
    };
    held.world.send(&held.world.trader, held.world.factory, &create).await;
    let unpriced = IDirectLens::positionCall {
        pool: held.pool_key_of(500),
        ..good.clone()
    };
    let _: IDirectLens::UnknownDirectPosition = refusal(held.ask(&unpriced).await);
    // An entry price that no pool has.
    for entry in [U160::ZERO, U160::ONE, U160::MAX] {
        let call = IDirectLens::positionCall {
            entrySqrtPriceX96: entry,
            ..good.clone()
        };
        let out: IDirectLens::SqrtPriceOutOfRange = refusal(held.ask(&call).await);
        assert_eq!(out.sqrtPriceX96, entry);
    }
}

#[tokio::test]
async fn one_position_that_cannot_be_read_does_not_lose_the_others() {
    let held = Held::new(World::new(Pair::Equal).await).await;
    let owner = held.world.owner.address();
    let ranges = [(-600, 600), (1_200, 2_400), (-2_400, -1_200)];
    for (range, liquidity) in ranges.into_iter().zip([LIQUIDITY, LIQUIDITY / 7, 1]) {
        held.deposit(owner, range, liquidity).await;
    }
    held.world.trade(false, units(3_000, 18)).await;
    let at = |tick| sqrt_price_at_tick(tick).unwrap();
    let now = held.world.slot0().await.0;
    let asked = [
        (ranges[0], at(300)),
        (ranges[1], U256::ZERO),
        ((-600, 660), U256::ZERO),
        (ranges[2], at(-50)),
        (ranges[0], U256::ONE),
    ];
    let queries = asked.iter().map(|((lower, upper), entry)| Query {
        tickLower: int24(*lower),
        tickUpper: int24(*upper),
        entrySqrtPriceX96: entry.saturating_to(),
    });
    let batch = positionBatchCall {
        pool: held.pool_key(),
        owner,
        queries: queries.collect(),
    };
    let found = held.world.read(held.lens, &batch).await;
    assert_eq!(found.len(), 5);
    for (item, (range, entry)) in found.iter().zip(asked) {
        assert_eq!((item.tickLower, item.tickUpper), (int24(range.0), int24(range.1)));
        let nothing = !ranges.contains(&range) || entry == U256::ONE;
        assert_eq!(item.found, !nothing, "{range:?}");
        if nothing {
            assert_eq!((item.position.pool, item.position.liquidity), (Address::ZERO, 0));
        } else {
            let entry = if entry.is_zero() { now } else { entry };
            assert_eq!(item.position, held.look(owner, range, entry).await);
        }
    }
    let nobody = positionBatchCall {
        queries: Vec::new(),
        ..batch.clone()
    };
    assert!(held.world.read(held.lens, &nobody).await.is_empty());
    let elsewhere = positionBatchCall {
        pool: held.pool_key_of(500),
        ..batch
    };
    let _: IDirectLens::UnknownPool = refusal(held.ask(&elsewhere).await);
}

/// Gas is exact, so the limit is what was measured, a little rounded up: the pool's own views with everything warm are most of it.
#[tokio::test]
async fn looking_costs_less_than_looking_at_the_same_position_s_nft() {
    let held = Held::new(World::new(Pair::Equal).await).await;
    let (world, owner, range) = (&held.world, &held.world.owner, (-600, 600));
    let id = world.mint(owner, range, [units(1_000, 18); 2]).await;
    held.deposit(owner.address(), range, world.position(id).await.liquidity)
        .await;
    world.trade(false, units(3_000, 18)).await;
    let entry = sqrt_price_at_tick(0).unwrap();
    let direct = held.question(owner.address(), range, entry);
    let nft = ILens::positionCall {
        positionManager: world.npm,
        tokenId: id,
        entrySqrtPriceX96: entry.saturating_to(),
    };
    for (cached, limit) in [(true, 7_600), (false, 57_200)] {
        let direct = frame_gas(&world.client, held.lens, &direct, cached).await;
        let nft = frame_gas(&world.client, world.lens, &nft, cached).await;
        println!("direct {direct} gas, NFT {nft}; warm and cached: {cached}");
        assert!(direct <= limit && direct < nft, "{direct} {nft}");
    }
}
