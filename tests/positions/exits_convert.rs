//! Conversions: an NFT becomes a direct position of the same range, and back, in one call and without a swap.

use crate::common::{
    IManagerErrors, Pair, World, failed,
    held::{Action::Convert, Held, KINDS, Kind, direct_id, earning, gain, guarded, unreadable},
    refusal, revert_data, units,
    world::int24,
};
use alloy::{
    primitives::{Address, U256},
    providers::ext::AnvilApi,
    sol_types::SolCall,
};
use hedgerow::{
    artifacts::with_arguments,
    bindings::IManager::{Limits, PoolKey, toNftCall},
};

/// Converts, and asserts what must hold of every conversion: the liquidity is there again but for the rounding of one unit of
/// either token, the fees are in the wallet, nothing was swapped.
async fn assert_converts(world: &World, held: &Held, limits: Limits) -> Held {
    let owner = world.owner.address();
    let (withdrawn, paid) = world.foreseen(held).await;
    let fees = gain(paid, withdrawn);
    let (before, price, old) = (
        world.balances(owner).await,
        world.price().await,
        world.liquidity_of(held).await,
    );
    let event = world.act(held, Convert, limits).await.unwrap();
    let change = i128::try_from(event.liquidity).unwrap() - i128::try_from(old).unwrap();
    println!(
        "{}, {:?}: {} gas, liquidity {old} changed by {change}",
        event.name, world.pair, event.gas
    );
    let (name, to) = match held.kind {
        Kind::Nft => ("ConvertedToDirect", Kind::Direct),
        Kind::Direct => ("ConvertedToNft", Kind::Nft),
    };
    assert_eq!(
        (event.name, event.source, event.id, event.range),
        (name, world.source(held.kind), held.id, held.range)
    );
    assert_eq!(event.fees, fees);
    let gained = gain(world.balances(owner).await, before);
    assert_eq!(gained, gain(paid, event.amounts));
    // One unit of a token is this much liquidity, at most.
    let unit = (0..2)
        .filter(|i| !withdrawn[*i].is_zero())
        .map(|i| U256::from(old).div_ceil(withdrawn[i]))
        .max()
        .unwrap();
    assert!(
        U256::from(change.unsigned_abs()) <= unit * U256::from(2),
        "{change} of {old}, one unit is {unit}"
    );
    for i in 0..2 {
        assert!(
            gained[i] + U256::ONE >= fees[i]
                && gained[i] <= fees[i] + U256::from(2) + withdrawn[i] * unit * U256::from(2) / U256::from(old),
            "token{i}: {} came back, {} were fees, {} went in of {}",
            gained[i],
            fees[i],
            event.amounts[i],
            withdrawn[i]
        );
    }
    let converted = Held {
        kind: to,
        id: event.new_id,
        range: held.range,
    };
    assert_eq!(world.liquidity_of(&converted).await, event.liquidity);
    match to {
        Kind::Nft => {
            assert_eq!(world.owner_of(converted.id).await.unwrap(), owner);
            let left = world.direct(held.range).await;
            assert_eq!((left.liquidity, left.tokensOwed0, left.tokensOwed1), (0, 0, 0));
        }
        Kind::Direct => {
            assert_eq!(converted.id, direct_id(owner, held.range));
            assert!(world.owner_of(held.id).await.is_err(), "the NFT is still there");
        }
    }
    assert_eq!(world.price().await, price);
    world.assert_no_allowance().await;
    converted
}

#[tokio::test]
async fn a_position_becomes_direct_and_an_nft_again() {
    for kind in KINDS {
        for pair in [Pair::Equal, Pair::EtherDollar, Pair::Awkward] {
            let (world, held) = earning(kind, pair).await;
            let converted = assert_converts(&world, &held, World::open_limits()).await;
            // Back at once, without fees that could pay for the rounding, and once more with them.
            let back = assert_converts(&world, &converted, guarded(1_000)).await;
            world.churn(300).await;
            assert_converts(&world, &back, World::open_limits()).await;
        }
    }
}

#[tokio::test]
async fn a_position_beside_the_price_is_converted_as_well() {
    for kind in KINDS {
        for zero_for_one in [false, true] {
            let (world, held) = earning(kind, Pair::EtherDollar).await;
            let unit = world.pair.units()[usize::from(!zero_for_one)];
            world.trade(zero_for_one, unit * U256::from(12_000)).await;
            let converted = assert_converts(&world, &held, World::open_limits()).await;
            assert_converts(&world, &converted, World::open_limits()).await;
        }
    }
}

#[tokio::test]
async fn a_direct_position_that_is_there_already_is_added_to() {
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let other = world.hold(Kind::Direct, held.range, [units(10, 18); 2]).await;
    let there = world.liquidity_of(&other).await;
    world.churn(300).await;
    let event = world.act(&held, Convert, World::open_limits()).await.unwrap();
    assert_eq!(event.new_id, other.id);
    let joined = world.liquidity_of(&other).await;
    assert_eq!(event.liquidity, joined - there, "the event tells what was added");
    // What the other one earned is still owed to it.
    let owed = world.direct(held.range).await;
    assert!(owed.tokensOwed0 != 0 && owed.tokensOwed1 != 0);
}

#[tokio::test]
async fn a_position_manager_of_another_factory_is_refused() {
    let (world, held) = earning(Kind::Direct, Pair::Equal).await;
    let core = "@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json";
    let periphery = "@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/\
                     NonfungiblePositionManager.json";
    let factory = world.create(world.artifacts.published(core).unwrap()).await;
    let npm = world.artifacts.published(periphery).unwrap();
    let npm = world
        .create(with_arguments(&npm, &(factory, world.tokens[0], Address::ZERO)))
        .await;
    let (lower, upper) = held.range;
    let order = toNftCall {
        positionManager: npm,
        pool: world.pool_key(),
        tickLower: int24(lower),
        tickUpper: int24(upper),
        limits: World::open_limits(),
    };
    let refused: IManagerErrors::ForeignFactory = refusal(world.act_by(&world.owner, order.abi_encode().into()).await);
    assert_eq!((refused.factory, refused.expected), (world.factory, factory));
    assert_ne!(world.liquidity_of(&held).await, 0);
}

#[tokio::test]
async fn a_pool_that_there_is_not_is_refused() {
    let (world, held) = earning(Kind::Direct, Pair::Equal).await;
    let [token0, token1] = world.tokens;
    let (lower, upper) = held.range;
    for pool in [
        PoolKey {
            fee: "500".parse().unwrap(),
            ..world.pool_key()
        },
        PoolKey {
            token0: token1,
            token1: token0,
            ..world.pool_key()
        },
        PoolKey {
            token1: token0,
            ..world.pool_key()
        },
    ] {
        let order = toNftCall {
            positionManager: world.npm,
            pool,
            tickLower: int24(lower),
            tickUpper: int24(upper),
            limits: World::open_limits(),
        };
        let refused: IManagerErrors::CallFailed = refusal(world.act_by(&world.owner, order.abi_encode().into()).await);
        assert!(refused.reason.is_empty() && refused.target != world.pool);
    }
}

#[tokio::test]
async fn a_conversion_heeds_every_limit() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let (withdrawn, _) = world.foreseen(&held).await;
        for more in [[1, 0], [0, 1]] {
            let above = Limits {
                amount0Min: withdrawn[0] + U256::from(more[0]),
                amount1Min: withdrawn[1] + U256::from(more[1]),
                ..World::open_limits()
            };
            let refused: IManagerErrors::AmountBelowMinimum = refusal(world.act(&held, Convert, above).await);
            assert_eq!([refused.amount0, refused.amount1], withdrawn);
        }
        let greedy = Limits {
            minLiquidity: u128::MAX,
            ..World::open_limits()
        };
        let refused: IManagerErrors::LiquidityBelowMinimum = refusal(world.act(&held, Convert, greedy).await);
        assert_eq!(refused.minLiquidity, u128::MAX);
        let (_, now) = world.client.latest().await.unwrap();
        let late = Limits {
            deadline: U256::from(now - 1),
            ..World::open_limits()
        };
        let passed: IManagerErrors::DeadlinePassed = refusal(world.act(&held, Convert, late).await);
        assert_eq!(passed.deadline, U256::from(now - 1));
        let old = revert_data(world.act(&held, Convert, unreadable()).await);
        assert_eq!(old, failed(world.pool, "OLD"));

        let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
        world.trade(true, units(3_000, 18)).await;
        let bent: IManagerErrors::PriceDeviation = refusal(world.act(&held, Convert, guarded(100)).await);
        assert_eq!(bent.tick.as_i32(), world.price().await.1);
        world.client.provider().anvil_revert(snapshot).await.unwrap();

        let exactly = Limits {
            amount0Min: withdrawn[0],
            amount1Min: withdrawn[1],
            minLiquidity: refused.liquidity,
            ..World::open_limits()
        };
        assert_converts(&world, &held, exactly).await;
    }
}

#[tokio::test]
async fn only_an_own_position_with_liquidity_is_converted() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        world.withdraw(&held).await;
        let refused: IManagerErrors::NoLiquidity = refusal(world.act(&held, Convert, World::open_limits()).await);
        assert_eq!(refused.id, held.id);
    }
    let (world, held) = earning(Kind::Nft, Pair::Equal).await;
    let other = world.mint(&world.trader, held.range, [units(10, 18); 2]).await;
    let foreign = Held { id: other, ..held };
    let refused: IManagerErrors::NotOwner = refusal(world.act(&foreign, Convert, World::open_limits()).await);
    assert_eq!(refused.tokenId, other);
}
