//! What a rebalance refuses: limits that the caller set, prices that were bent, and contracts that mean harm.

use crate::common::{
    IHostile, IManagerErrors, IMore::uniswapV3SwapCallbackCall, Pair, World, failed, refusal, revert_data, units,
};
use alloy::{
    primitives::{Address, FixedBytes, I256, U256, aliases::U24},
    sol_types::{SolCall, SolError},
};
use hedgerow::{
    artifacts::with_arguments,
    bindings::IManager::{Limits, rebalanceCall},
    client::Transaction,
};

const RANGE: (i32, i32) = (-600, 1_800);

/// A position of 1,000 units around the price, and two hours of history.
async fn settled(pair: Pair) -> (World, U256) {
    let world = World::new(pair).await;
    let id = world
        .mint(
            &world.owner,
            (-1_200, 1_200),
            pair.units().map(|unit| unit * U256::from(1_000)),
        )
        .await;
    world.pass(3_600).await;
    world.trade(false, units(100, 18)).await;
    world.pass(3_600).await;
    (world, id)
}

fn guarded(window: u32, deviation: u32) -> Limits {
    Limits {
        twapWindow: window,
        maxTickDeviation: U24::from(deviation),
        ..World::open_limits()
    }
}

#[tokio::test]
async fn a_price_that_stands_where_it_stood_passes_the_guard() {
    let (world, id) = settled(Pair::Equal).await;
    world.rebalance(id, RANGE, guarded(600, 100)).await.unwrap();
}

#[tokio::test]
async fn a_price_that_was_just_bent_is_refused_either_way() {
    for zero_for_one in [true, false] {
        let (world, id) = settled(Pair::Equal).await;
        let (_, honest) = world.slot0().await;
        world.trade(zero_for_one, units(3_000, 18)).await;
        let (_, bent) = world.slot0().await;
        assert!((bent - honest).abs() > 100);
        let refused: IManagerErrors::PriceDeviation = refusal(world.rebalance(id, RANGE, guarded(600, 100)).await);
        // One or two blocks of a second each at the bent price weigh little in ten minutes.
        assert!(
            (refused.twapTick.as_i32() - honest).abs() <= 3,
            "{} against {honest}",
            refused.twapTick
        );
        assert_eq!(
            (refused.tick.as_i32(), refused.maxTickDeviation),
            (bent, U24::from(100))
        );
        assert_eq!(world.owner_of(id).await.unwrap(), world.owner.address());
        // The same without the guard is the caller's own risk.
        world.rebalance(id, RANGE, World::open_limits()).await.unwrap();
    }
}

#[tokio::test]
async fn the_mean_tick_of_a_falling_price_is_rounded_down() {
    let (world, id) = settled(Pair::Equal).await;
    // One trade to below zero, then a window that straddles it: the mean is not a whole number.
    world.trade(true, units(1_500, 18)).await;
    world.pass(61).await;
    let (_, tick) = world.slot0().await;
    assert!(tick < 0);
    let call = observe(&world, [90, 0]).await;
    let mean = (call[1] - call[0]).div_euclid(90);
    assert_ne!((call[1] - call[0]) % 90, 0, "a whole number proves nothing");
    let refused: IManagerErrors::PriceDeviation = refusal(world.rebalance(id, RANGE, guarded(90, 0)).await);
    // The rebalance runs in the next block, one second later: one second more of `tick`, one less of the old price.
    assert!((i64::from(refused.twapTick.as_i32()) - mean).abs() <= 4);
    assert!(i64::from(refused.twapTick.as_i32()) <= mean, "rounded towards zero");
}

async fn observe(world: &World, ago: [u32; 2]) -> [i64; 2] {
    alloy::sol! {
        function observe(uint32[] secondsAgos) external view
            returns (int56[] tickCumulatives, uint160[] secondsPerLiquidityCumulativeX128s);
    }
    let seen = world
        .read(
            world.pool,
            &observeCall {
                secondsAgos: ago.to_vec(),
            },
        )
        .await;
    [seen.tickCumulatives[0].as_i64(), seen.tickCumulatives[1].as_i64()]
}

#[tokio::test]
async fn a_pool_that_remembers_less_than_the_window_refuses() {
    let (world, id) = settled(Pair::Equal).await;
    let data = revert_data(world.rebalance(id, RANGE, guarded(1_000_000, 100)).await);
    assert_eq!(data, failed(world.pool, "OLD"));
}

#[tokio::test]
async fn a_swap_stops_at_the_guard_instead_of_moving_the_price_beyond_it() {
    let world = World::new(Pair::Equal).await;
    // As large as the pool: selling half of it moves the price far.
    let id = world.mint(&world.owner, (-1_200, 1_200), [units(100_000, 18); 2]).await;
    world.pass(3_600).await;
    let refused: IManagerErrors::SwapIncomplete = refusal(world.rebalance(id, (600, 1_200), guarded(600, 50)).await);
    assert!(refused.swapped < refused.wanted && !refused.swapped.is_zero());
    assert_eq!(world.owner_of(id).await.unwrap(), world.owner.address());
    // With no room at all nothing is swapped.
    let refused: IManagerErrors::SwapIncomplete = refusal(world.rebalance(id, (600, 1_200), guarded(600, 0)).await);
    assert!(refused.swapped.is_zero());
}

#[tokio::test]
async fn a_deadline_that_passed_is_refused() {
    let (world, id) = settled(Pair::Equal).await;
    let (_, now) = world.client.latest().await.unwrap();
    let limits = Limits {
        deadline: U256::from(now - 1),
        ..World::open_limits()
    };
    let refused: IManagerErrors::DeadlinePassed = refusal(world.rebalance(id, RANGE, limits).await);
    assert!(refused.deadline == U256::from(now - 1) && refused.timestamp >= U256::from(now));
}

#[tokio::test]
async fn less_than_the_minimum_is_refused_with_what_there_would_have_been() {
    let (world, id) = settled(Pair::Equal).await;
    let limits = Limits {
        amount0Min: units(1_000, 18),
        ..World::open_limits()
    };
    let refused: IManagerErrors::AmountBelowMinimum = refusal(world.rebalance(id, RANGE, limits).await);
    assert!(refused.amount0 < units(1_000, 18) && refused.amount0 > units(900, 18));
    let enough = Limits {
        amount0Min: refused.amount0,
        amount1Min: refused.amount1,
        minLiquidity: u128::MAX,
        ..World::open_limits()
    };
    let refused: IManagerErrors::LiquidityBelowMinimum = refusal(world.rebalance(id, RANGE, enough).await);
    assert_eq!(refused.minLiquidity, u128::MAX);
    let exactly = Limits {
        minLiquidity: refused.liquidity,
        ..World::open_limits()
    };
    assert_eq!(
        world.rebalance(id, RANGE, exactly).await.unwrap().0.liquidity,
        refused.liquidity
    );
}

#[tokio::test]
async fn a_refused_rebalance_leaves_everything_as_it_was() {
    let (world, id) = settled(Pair::Equal).await;
    let before = (
        world.balances(world.owner.address()).await,
        world.position(id).await,
        world.slot0().await,
    );
    // The last check of all, after everything was done.
    let limits = Limits {
        minLiquidity: u128::MAX,
        ..World::open_limits()
    };
    revert_data(world.rebalance(id, RANGE, limits).await);
    let after = (
        world.balances(world.owner.address()).await,
        world.position(id).await,
        world.slot0().await,
    );
    assert_eq!(before, after);
}

#[tokio::test]
async fn a_callback_that_nobody_asked_for_is_refused() {
    let (world, _) = settled(Pair::Equal).await;
    let data = Default::default();
    let call = uniswapV3SwapCallbackCall {
        amount0Delta: I256::ONE,
        amount1Delta: I256::MINUS_ONE,
        data,
    };
    for caller in [&world.stranger, &world.owner] {
        let sent = world
            .client
            .send(caller, Transaction::call(world.owner.address(), &call), "")
            .await;
        let refused: IManagerErrors::CallbackRefused = refusal(sent);
        assert_eq!((refused.caller, refused.expected), (caller.address(), Address::ZERO));
    }
}

#[tokio::test]
async fn a_position_manager_of_a_phisher_gets_nothing() {
    let (world, id) = settled(Pair::Equal).await;
    world.fund(&world.owner, [units(5, 18); 2]).await;
    let before = world.balances(world.owner.address()).await;
    let fake = world
        .artifacts
        .contract("FakePositionManager", "FakePositionManager")
        .unwrap();
    let fake = world
        .create(with_arguments(&fake, &(world.tokens[0], world.tokens[1])))
        .await;
    let order = rebalanceCall {
        positionManager: fake,
        ..world.order(id, RANGE, World::open_limits())
    };
    // Its pool would have to be at an address where only Uniswap's own code can be.
    let data = revert_data(world.rebalance_by(&world.owner, &order).await);
    let refused = IManagerErrors::CallFailed::abi_decode_validate(&data).unwrap();
    assert!(refused.reason.is_empty() && refused.target != world.pool && refused.target != fake);
    assert!(world.client.code(refused.target).await.unwrap().is_empty());
    assert_eq!(world.balances(world.owner.address()).await, before);
}

#[tokio::test]
async fn a_token_that_calls_back_is_refused_and_the_rebalance_goes_on() {
    let (world, id) = settled(Pair::Reentrant).await;
    let account = world.owner.address();
    let hostile = world.tokens[0];
    let order = world.order(id, RANGE, World::open_limits()).abi_encode();
    let grab = uniswapV3SwapCallbackCall {
        amount0Delta: I256::MINUS_ONE,
        amount1Delta: I256::ONE,
        data: Default::default(),
    };
    let attacks = [
        (order, IManagerErrors::Unauthorised::SELECTOR),
        (grab.abi_encode(), IManagerErrors::CallbackRefused::SELECTOR),
    ];
    let mut id = id;
    for (call, expected) in attacks {
        let arm = IHostile::armCall {
            target: account,
            call: call.into(),
        };
        world.send(&world.stranger, hostile, &arm).await;
        // Sells token0 and mints with it, so that the token gets to run on the way out, in the callback and in the mint.
        world.trade(true, units(2_000, 18)).await;
        let attempts = world.read(hostile, &IHostile::attemptsCall {}).await;
        let tick = world.slot0().await.1.div_euclid(60) * 60;
        id = world
            .rebalance(id, (tick - 2_400, tick + 600), World::open_limits())
            .await
            .unwrap()
            .0
            .newId;
        let during = world.read(hostile, &IHostile::attemptsCall {}).await - attempts;
        assert!(during >= U256::from(3), "only {during} transfers: this proves nothing");
        assert_eq!(world.read(hostile, &IHostile::successesCall {}).await, U256::ZERO);
        assert_eq!(
            world.read(hostile, &IHostile::refusalCall {}).await,
            FixedBytes::from(expected)
        );
    }
}
