//! Direct positions on a chain: real Uniswap, a real wallet that holds liquidity in the pool itself.

use crate::common::{
    IManagerErrors, Pair, World, refusal, units,
    world::{FEE, int24},
};
use alloy::{
    primitives::{Address, B256, U256, aliases::U24, keccak256},
    providers::ext::AnvilApi,
    signers::local::PrivateKeySigner,
    sol,
    sol_types::{SolCall, SolEvent},
};
use hedgerow::{
    bindings::IManager::{
        Compounded, Limits, Opened, PoolKey, Rebalanced, compoundDirectCall, openCall, openDirectCall,
        rebalanceDirectCall,
    },
    client::Transaction,
    error::Result,
};

sol! {
    interface IPool {
        function positions(bytes32 key) external view returns (
            uint128 liquidity, uint256 feeGrowthInside0LastX128, uint256 feeGrowthInside1LastX128,
            uint128 tokensOwed0, uint128 tokensOwed1
        );
    }
}

const RANGE: (i32, i32) = (-1_200, 1_200);
const NEXT: (i32, i32) = (-600, 1_800);

fn key(world: &World) -> PoolKey {
    PoolKey {
        factory: world.factory,
        token0: world.tokens[0],
        token1: world.tokens[1],
        fee: U24::from(FEE),
    }
}

/// The pool's own key of a position, packed by hand.
fn id(owner: Address, (lower, upper): (i32, i32)) -> B256 {
    let tick = |tick: i32| tick.to_be_bytes()[1..].to_vec();
    keccak256([owner.to_vec(), tick(lower), tick(upper)].concat())
}

async fn liquidity(world: &World, range: (i32, i32)) -> u128 {
    let key = id(world.owner.address(), range);
    world.read(world.pool, &IPool::positionsCall { key }).await.liquidity
}

/// The owner's account does something, called by somebody; its event, and the gas.
async fn act<C: SolCall, E: SolEvent>(world: &World, who: &PrivateKeySigner, call: &C) -> Result<(E, u64)> {
    let account = world.owner.address();
    let receipt = world
        .client
        .send(who, Transaction::call(account, call), C::SIGNATURE)
        .await?;
    let mut own = receipt.inner.logs().iter().filter(|log| log.address() == account);
    let event = own.find_map(|log| E::decode_log(&log.inner).ok()).unwrap();
    Ok((event.data, receipt.gas_used))
}

fn opening(world: &World, range: (i32, i32), amounts: [U256; 2], limits: Limits) -> openDirectCall {
    openDirectCall {
        pool: key(world),
        tickLower: int24(range.0),
        tickUpper: int24(range.1),
        amount0: amounts[0],
        amount1: amounts[1],
        limits,
    }
}

fn moving(world: &World, from: (i32, i32), to: (i32, i32), limits: Limits) -> rebalanceDirectCall {
    rebalanceDirectCall {
        pool: key(world),
        tickLower: int24(from.0),
        tickUpper: int24(from.1),
        newTickLower: int24(to.0),
        newTickUpper: int24(to.1),
        limits,
    }
}

fn compounding(world: &World, range: (i32, i32), limits: Limits) -> compoundDirectCall {
    compoundDirectCall {
        pool: key(world),
        tickLower: int24(range.0),
        tickUpper: int24(range.1),
        limits,
    }
}

/// An owner with odd amounts of both tokens, and a direct position of up to `count` units of either.
async fn settled(pair: Pair, count: u64) -> World {
    let world = World::new(pair).await;
    let named = pair.units().map(|unit| unit * U256::from(count));
    world
        .fund(&world.owner, [U256::from(777_777_777), U256::from(13)])
        .await;
    world.fund(&world.owner, named).await;
    let tick = pair.tick();
    let order = opening(&world, (tick + RANGE.0, tick + RANGE.1), named, World::open_limits());
    act::<_, Opened>(&world, &world.owner, &order).await.unwrap();
    world
}

async fn assert_no_allowance(world: &World) {
    for token in world.tokens {
        for spender in [world.npm, world.pool, world.router, world.shell] {
            assert_eq!(world.allowance(token, spender).await, U256::ZERO);
        }
    }
}

fn assert_less_than_a_basis_point(world: &World, used: [U256; 2], left: [U256; 2], price: f64) {
    let value = |amounts: [U256; 2]| f64::from(amounts[0]) * price + f64::from(amounts[1]);
    // A few raw units are rounding, whatever they are worth.
    let few = value([U256::from(20), U256::from(20)]);
    assert!(
        value(left) <= value(used) / 10_000.0 + few,
        "{left:?} left of {used:?} ({:?})",
        world.pair
    );
}

#[tokio::test]
async fn a_direct_position_is_opened_moved_and_compounded_like_its_nft_twin() {
    for (pair, zero_for_one) in [
        (Pair::Equal, false),
        (Pair::Equal, true),
        (Pair::EtherDollar, false),
        (Pair::EtherDollar, true),
        (Pair::Awkward, false),
    ] {
        let world = World::new(pair).await;
        let account = world.owner.address();
        let named = pair.units().map(|unit| unit * U256::from(1_000));
        world
            .fund(&world.owner, [U256::from(777_777_777), U256::from(13)])
            .await;
        let odd = world.balances(account).await;
        world.fund(&world.owner, [named[0], named[1] / U256::from(3)]).await;
        let tick = pair.tick().div_euclid(60) * 60;
        let first = (tick - 1_200, tick + 1_200);
        let amounts = [named[0], named[1] / U256::from(3)];
        let traded = pair.units()[usize::from(!zero_for_one)] * U256::from(9_000);

        // The twin's path is held against the native core elsewhere.
        let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
        let order = openCall {
            positionManager: world.npm,
            token0: world.tokens[0],
            token1: world.tokens[1],
            fee: U24::from(FEE),
            tickLower: int24(first.0),
            tickUpper: int24(first.1),
            amount0: amounts[0],
            amount1: amounts[1],
            limits: World::open_limits(),
        };
        let (twin, _) = act::<_, Opened>(&world, &world.owner, &order).await.unwrap();
        assert_eq!((twin.source, twin.id), (world.npm, twin.newId));
        world.trade(zero_for_one, traded).await;
        let there = world.slot0().await.1.div_euclid(60) * 60;
        let second = (there - 660, there + 2_400);
        let (twin_moved, _) = world.rebalance(twin.newId, second, World::open_limits()).await.unwrap();
        let twin_price = world.slot0().await.0;
        world.client.provider().anvil_revert(snapshot).await.unwrap();

        let order = opening(&world, first, amounts, World::open_limits());
        let (opened, _) = act::<_, Opened>(&world, &world.owner, &order).await.unwrap();
        assert_eq!(opened.source, world.pool);
        assert_eq!(B256::from(opened.newId), id(account, first));
        assert_eq!(
            (opened.liquidity, opened.amount0, opened.amount1),
            (twin.liquidity, twin.amount0, twin.amount1)
        );
        assert_eq!(liquidity(&world, first).await, opened.liquidity);
        world.trade(zero_for_one, traded).await;
        let before = world.balances(account).await;
        let order = moving(&world, first, second, World::open_limits());
        let (moved, _) = act::<_, Rebalanced>(&world, &world.owner, &order).await.unwrap();
        assert_eq!(
            (moved.liquidity, world.slot0().await.0),
            (twin_moved.liquidity, twin_price)
        );
        assert_eq!((moved.fees0, moved.fees1), (twin_moved.fees0, twin_moved.fees1));
        assert_eq!(
            (moved.valueBefore, moved.valueAfter),
            (twin_moved.valueBefore, twin_moved.valueAfter)
        );
        assert!(moved.fees0 + moved.fees1 > U256::ZERO);
        assert!(
            moved.valueAfter <= moved.valueBefore,
            "{} after {}, fees {} {}",
            moved.valueAfter,
            moved.valueBefore,
            moved.fees0,
            moved.fees1
        );
        assert_eq!(
            (B256::from(moved.id), B256::from(moved.newId)),
            (id(account, first), id(account, second))
        );
        assert_eq!(
            (liquidity(&world, first).await, liquidity(&world, second).await),
            (0, moved.liquidity)
        );
        let after = world.balances(account).await;
        let left = [after[0] - before[0], after[1] - before[1]];
        let price = (f64::from(twin_price) / 2_f64.powi(96)).powi(2);
        assert_less_than_a_basis_point(&world, [moved.amount0, moved.amount1], left, price);
        assert!(after[0] >= odd[0] && after[1] >= odd[1]);

        // Fees of both sides, compounded into the same position.
        for way in [true, false] {
            let back = pair.units()[usize::from(!way)] * U256::from(500);
            world.trade(way, back).await;
        }
        let order = compounding(&world, second, World::open_limits());
        let (added, _) = act::<_, Compounded>(&world, &world.owner, &order).await.unwrap();
        assert_eq!((added.id, added.newId), (moved.newId, moved.newId));
        assert_eq!(liquidity(&world, second).await, moved.liquidity + added.liquidity);
        let last = world.balances(account).await;
        let left = [last[0] - after[0], last[1] - after[1]];
        assert!(left[0] <= added.fees0 && left[1] <= added.fees1.max(U256::from(2)));
        assert_no_allowance(&world).await;
    }
}

#[tokio::test]
async fn moving_a_direct_position_costs_less_than_400_000_gas() {
    // The flow that costs 611,631 gas as a batch of calls to the position manager.
    let world = settled(Pair::Equal, 1_000).await;
    world.trade(false, units(12_000, 18)).await;
    let middle = world.slot0().await.1.div_euclid(60) * 60;
    let order = moving(&world, RANGE, (middle - 1_200, middle + 1_200), World::open_limits());
    let (_, gas) = act::<_, Rebalanced>(&world, &world.owner, &order).await.unwrap();
    println!("rebalanceDirect: {gas} gas");
    assert!(gas < 400_000, "{gas}");
}

#[tokio::test]
async fn every_limit_of_the_caller_is_held() {
    let world = settled(Pair::Equal, 1_000).await;
    world.pass(3_600).await;
    world.trade(false, units(100, 18)).await;
    world.pass(3_600).await;
    world.trade(false, units(2_000, 18)).await;
    let before = (
        liquidity(&world, RANGE).await,
        world.balances(world.owner.address()).await,
    );
    let open = World::open_limits;
    let attempt = async |limits: Limits| {
        let order = moving(&world, RANGE, NEXT, limits);
        act::<_, Rebalanced>(&world, &world.owner, &order).await.map(|_| ())
    };
    let late = Limits {
        deadline: U256::ONE,
        ..open()
    };
    let refused: IManagerErrors::DeadlinePassed = refusal(attempt(late).await);
    assert_eq!(refused.deadline, U256::ONE);
    let much = Limits {
        minLiquidity: u128::MAX,
        ..open()
    };
    let refused: IManagerErrors::LiquidityBelowMinimum = refusal(attempt(much).await);
    assert_eq!(refused.minLiquidity, u128::MAX);
    for which in 0..2 {
        let mut limits = open();
        *[&mut limits.amount0Min, &mut limits.amount1Min][which] = U256::MAX;
        let refused: IManagerErrors::AmountBelowMinimum = refusal(attempt(limits).await);
        assert!(refused.amount0 > U256::ZERO && refused.amount1 > U256::ZERO);
    }
    // The trade has just moved the price away from the mean of the last minutes.
    let near = Limits {
        twapWindow: 60,
        maxTickDeviation: U24::from(1),
        ..open()
    };
    let refused: IManagerErrors::PriceDeviation = refusal(attempt(near.clone()).await);
    assert_eq!(refused.maxTickDeviation, U24::from(1));
    let order = compounding(&world, RANGE, near.clone());
    let _: IManagerErrors::PriceDeviation = refusal(act::<_, Compounded>(&world, &world.owner, &order).await);
    let order = opening(&world, NEXT, [U256::from(5); 2], near);
    let _: IManagerErrors::PriceDeviation = refusal(act::<_, Opened>(&world, &world.owner, &order).await);
    let put_in = Limits {
        amount0Min: U256::MAX,
        ..open()
    };
    let order = compounding(&world, RANGE, put_in);
    let refused: IManagerErrors::AmountBelowMinimum = refusal(act::<_, Compounded>(&world, &world.owner, &order).await);
    assert!(refused.amount0 < U256::MAX);
    let now = (
        liquidity(&world, RANGE).await,
        world.balances(world.owner.address()).await,
    );
    assert_eq!(now, before);
    attempt(open()).await.unwrap();
}

#[tokio::test]
async fn nobody_else_and_no_other_position_is_moved() {
    let world = settled(Pair::Equal, 1_000).await;
    let order = moving(&world, RANGE, NEXT, World::open_limits());
    let refused: IManagerErrors::Unauthorised = refusal(act::<_, Rebalanced>(&world, &world.stranger, &order).await);
    assert_eq!(refused.caller, world.stranger.address());
    // A range in which the account holds nothing; one that the pool cannot have; one that has earned nothing.
    let order = moving(&world, (-60, 60), NEXT, World::open_limits());
    let refused: IManagerErrors::NoLiquidity = refusal(act::<_, Rebalanced>(&world, &world.owner, &order).await);
    assert_eq!(B256::from(refused.id), id(world.owner.address(), (-60, 60)));
    let order = moving(&world, RANGE, (-601, 600), World::open_limits());
    let _: IManagerErrors::InvalidRange = refusal(act::<_, Rebalanced>(&world, &world.owner, &order).await);
    let order = moving(&world, RANGE, RANGE, World::open_limits());
    let refused: IManagerErrors::NothingToAdd = refusal(act::<_, Rebalanced>(&world, &world.owner, &order).await);
    assert_eq!(B256::from(refused.id), id(world.owner.address(), RANGE));
}

#[tokio::test]
async fn a_pool_key_that_names_no_pool_moves_nothing() {
    let world = settled(Pair::Equal, 1_000).await;
    let before = world.balances(world.owner.address()).await;
    let real = key(&world);
    let others = [
        PoolKey {
            factory: world.npm,
            ..real.clone()
        },
        PoolKey {
            fee: U24::from(500),
            ..real.clone()
        },
        PoolKey {
            token0: world.tokens[1],
            token1: world.tokens[0],
            ..real.clone()
        },
        PoolKey {
            token1: world.tokens[0],
            ..real.clone()
        },
    ];
    for pool in others {
        let order = rebalanceDirectCall {
            pool,
            ..moving(&world, RANGE, NEXT, World::open_limits())
        };
        let refused: IManagerErrors::CallFailed = refusal(act::<_, Rebalanced>(&world, &world.owner, &order).await);
        assert_ne!(refused.target, world.pool);
    }
    assert_eq!(world.balances(world.owner.address()).await, before);
}
