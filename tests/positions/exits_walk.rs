//! Walks: a one-sided range follows the price, nothing is swapped, whichever way the position is held.

use crate::common::{
    IManagerErrors, Pair, World, failed,
    held::{Action::Walk, Held, KINDS, Kind, Range, direct_id, earning, gain, guarded, unreadable},
    refusal, revert_data, units,
};
use alloy::{primitives::U256, providers::ext::AnvilApi};
use hedgerow::bindings::IManager::Limits;
use hedgerow_core::{
    liquidity::{amounts_to_mint, liquidity_for_amounts},
    tick::range_sqrt_prices,
};

/// A position beside the price, all of it token `held`, that the price visited and left again: it earned both tokens.
async fn visited(kind: Kind, pair: Pair, held: usize) -> (World, Held) {
    let world = World::new(pair).await;
    let unit = pair.units();
    world.fund(&world.owner, unit.map(|unit| unit * U256::from(777))).await;
    let tick = pair.tick();
    let (range, mut amounts) = if held == 0 {
        ((tick + 600, tick + 1_200), [unit[0] * U256::from(1_000), U256::ZERO])
    } else {
        ((tick - 1_200, tick - 600), [U256::ZERO, unit[1] * U256::from(1_000)])
    };
    amounts[1 - held] = U256::ZERO;
    let position = world.hold(kind, range, amounts).await;
    world.pass(3_600).await;
    // There and back again: up is buying token0.
    for (zero_for_one, count) in [(held == 1, 4_500), (held == 0, 4_450)] {
        world
            .trade(zero_for_one, unit[usize::from(!zero_for_one)] * U256::from(count))
            .await;
    }
    world.pass(3_600).await;
    let (_, now) = world.price().await;
    assert!(
        if held == 0 { now < range.0 } else { now >= range.1 },
        "still there at {now}"
    );
    (world, position)
}

/// Walks, and asserts what must hold of every walk.
async fn assert_walks(world: &World, position: &Held, range: Range, token: usize, limits: Limits) -> Held {
    let owner = world.owner.address();
    let (withdrawn, paid) = world.foreseen(position).await;
    assert!(!withdrawn[token].is_zero() && withdrawn[1 - token].is_zero());
    let (before, price) = (world.balances(owner).await, world.price().await);
    let (lower, upper) = range_sqrt_prices(range.0, range.1).unwrap();
    let mut put = [U256::ZERO; 2];
    put[token] = paid[token];
    let expected = liquidity_for_amounts(price.0, lower, upper, put[0], put[1]).unwrap();
    let taken = amounts_to_mint(price.0, lower, upper, expected).unwrap();

    let event = world.act(position, Walk(range), limits).await.unwrap();
    println!("walk, {:?}, {:?}: {} gas", position.kind, world.pair, event.gas);
    assert_eq!(world.price().await, price, "nothing is swapped");
    assert_eq!((event.liquidity, event.amounts), (expected, [taken.0, taken.1]));
    assert_eq!(event.fees, gain(paid, withdrawn));
    assert_eq!(
        gain(world.balances(owner).await, before),
        gain(paid, event.amounts),
        "what does not go in, the other token's fees above all, is in the wallet"
    );
    assert_eq!(
        (event.name, event.source, event.id, event.range),
        ("Walked", world.source(position.kind), position.id, range)
    );
    let moved = Held {
        kind: position.kind,
        id: event.new_id,
        range,
    };
    assert_eq!(world.liquidity_of(&moved).await, expected);
    match position.kind {
        Kind::Nft => {
            assert_eq!(world.owner_of(moved.id).await.unwrap(), owner);
            assert!(world.owner_of(position.id).await.is_err(), "the old NFT is still there");
        }
        Kind::Direct => {
            assert_eq!(moved.id, direct_id(owner, range));
            let left = world.direct(position.range).await;
            let same = position.range == range;
            assert!(same || left.liquidity == 0);
            assert_eq!((left.tokensOwed0, left.tokensOwed1), (0, 0));
        }
    }
    world.assert_no_allowance().await;
    moved
}

#[tokio::test]
async fn a_one_sided_range_follows_the_price_and_keeps_its_token() {
    for kind in KINDS {
        for (pair, token) in [(Pair::Equal, 0), (Pair::EtherDollar, 1), (Pair::Awkward, 0)] {
            let (world, position) = visited(kind, pair, token).await;
            let tick = world.price().await.1.div_euclid(60) * 60;
            let next = if token == 0 {
                (tick + 60, tick + 360)
            } else {
                (tick - 300, tick)
            };
            let moved = assert_walks(&world, &position, next, token, World::open_limits()).await;
            // On, and to where it is already: what it earned is put in.
            let wider = if token == 0 {
                (tick + 120, tick + 960)
            } else {
                (tick - 960, tick - 60)
            };
            let moved = assert_walks(&world, &moved, wider, token, guarded(100)).await;
            assert_walks(&world, &moved, wider, token, World::open_limits()).await;
        }
    }
}

#[tokio::test]
async fn a_position_that_holds_both_tokens_does_not_walk() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let (_, tick) = world.price().await;
        for range in [(1_260, 1_320), (-1_320, -1_260)] {
            let refused: IManagerErrors::NotOneSided =
                refusal(world.act(&held, Walk(range), World::open_limits()).await);
            let told = (
                refused.tick.as_i32(),
                refused.tickLower.as_i32(),
                refused.tickUpper.as_i32(),
            );
            assert_eq!(told, (tick, held.range.0, held.range.1));
        }
    }
}

#[tokio::test]
async fn the_new_range_must_hold_the_same_token_and_no_other() {
    for kind in KINDS {
        for token in [0, 1] {
            let world = World::new(Pair::Equal).await;
            let (range, amounts) = if token == 0 {
                ((600, 1_200), [units(100, 18), U256::ZERO])
            } else {
                ((-1_200, -600), [U256::ZERO, units(100, 18)])
            };
            let held = world.hold(kind, range, amounts).await;
            assert_eq!(world.price().await.1, 0);
            // Around the price, right on it, and on its other side.
            let refused: [Range; 4] = if token == 0 {
                [(-60, 60), (0, 60), (-60, 0), (-600, -60)]
            } else {
                [(-60, 60), (0, 60), (60, 120), (600, 1_200)]
            };
            for range in refused {
                let told: IManagerErrors::NotOneSided =
                    refusal(world.act(&held, Walk(range), World::open_limits()).await);
                assert_eq!(
                    (told.tick.as_i32(), told.tickLower.as_i32(), told.tickUpper.as_i32()),
                    (0, range.0, range.1)
                );
            }
            // As near as it gets: a range that ends at the tick holds token1 only, one that begins there both.
            let nearest = if token == 0 { (60, 120) } else { (-60, 0) };
            assert_walks(&world, &held, nearest, token, World::open_limits()).await;
        }
    }
}

#[tokio::test]
async fn a_walk_goes_only_to_a_range_of_the_pool() {
    for kind in KINDS {
        let (world, held) = visited(kind, Pair::Equal, 0).await;
        for (lower, upper) in [(660, 660), (1_260, 600), (661, 1_200), (660, 1_201), (660, 887_280)] {
            let refused: IManagerErrors::InvalidRange =
                refusal(world.act(&held, Walk((lower, upper)), World::open_limits()).await);
            let told = (
                refused.tickLower.as_i32(),
                refused.tickUpper.as_i32(),
                refused.tickSpacing.as_i32(),
            );
            assert_eq!(told, (lower, upper, 60));
        }
    }
}

#[tokio::test]
async fn a_walk_heeds_every_limit() {
    for kind in KINDS {
        let (world, held) = visited(kind, Pair::Equal, 0).await;
        let range = (540, 1_140);
        let (withdrawn, _) = world.foreseen(&held).await;
        let above = Limits {
            amount0Min: withdrawn[0] + U256::ONE,
            ..World::open_limits()
        };
        // The minimum is of what is withdrawn, without the fees.
        let refused: IManagerErrors::AmountBelowMinimum = refusal(world.act(&held, Walk(range), above).await);
        assert_eq!([refused.amount0, refused.amount1], withdrawn);
        let greedy = Limits {
            amount0Min: withdrawn[0],
            minLiquidity: u128::MAX,
            ..World::open_limits()
        };
        let refused: IManagerErrors::LiquidityBelowMinimum = refusal(world.act(&held, Walk(range), greedy).await);
        assert_eq!(refused.minLiquidity, u128::MAX);
        let (_, now) = world.client.latest().await.unwrap();
        let late = Limits {
            deadline: U256::from(now - 1),
            ..World::open_limits()
        };
        let passed: IManagerErrors::DeadlinePassed = refusal(world.act(&held, Walk(range), late).await);
        assert_eq!(passed.deadline, U256::from(now - 1));
        let old = revert_data(world.act(&held, Walk(range), unreadable()).await);
        assert_eq!(old, failed(world.pool, "OLD"));

        let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
        world.trade(true, units(3_000, 18)).await;
        let bent: IManagerErrors::PriceDeviation = refusal(world.act(&held, Walk((0, 60)), guarded(100)).await);
        assert_eq!(bent.tick.as_i32(), world.price().await.1);
        world.client.provider().anvil_revert(snapshot).await.unwrap();

        let exactly = Limits {
            amount0Min: withdrawn[0],
            minLiquidity: refused.liquidity,
            ..guarded(100)
        };
        assert_walks(&world, &held, range, 0, exactly).await;
    }
}

#[tokio::test]
async fn only_an_own_position_with_liquidity_walks() {
    for kind in KINDS {
        let (world, held) = visited(kind, Pair::Equal, 0).await;
        world.withdraw(&held).await;
        let refused: IManagerErrors::NoLiquidity =
            refusal(world.act(&held, Walk((660, 1_260)), World::open_limits()).await);
        assert_eq!(refused.id, held.id);
    }
    let (world, held) = visited(Kind::Nft, Pair::Equal, 0).await;
    let other = world
        .mint(&world.trader, (600, 1_200), [units(10, 18), U256::ZERO])
        .await;
    let foreign = Held { id: other, ..held };
    let refused: IManagerErrors::NotOwner =
        refusal(world.act(&foreign, Walk((660, 1_260)), World::open_limits()).await);
    assert_eq!(refused.tokenId, other);
}

#[tokio::test]
async fn a_direct_position_that_walks_to_another_joins_it() {
    let (world, held) = visited(Kind::Direct, Pair::Equal, 0).await;
    let range = (660, 1_260);
    let other = world.hold(Kind::Direct, range, [units(10, 18), U256::ZERO]).await;
    let there = world.liquidity_of(&other).await;
    let event = world.act(&held, Walk(range), World::open_limits()).await.unwrap();
    assert_eq!(event.new_id, other.id);
    let joined = world.liquidity_of(&other).await;
    assert!(event.liquidity == joined - there, "the event tells what was added");
}
