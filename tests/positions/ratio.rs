//! How much of what could be reached is reached: the account against a search by hand. And what direct positions refuse.

use crate::common::{
    IHostile, IManagerErrors, Pair, World,
    held::{Held, KINDS, Kind, Range, earning, gain, guarded},
    ideal::{Search, act, assert_as_good_as, assert_left_less_than_a_basis_point, compounding, ideal, moving, opening},
    refusal, units,
    world::int24,
};
use alloy::{
    primitives::{Address, Bytes, FixedBytes, U256, address, hex},
    providers::ext::AnvilApi,
    sol,
    sol_types::{SolCall, SolError},
};
use hedgerow::{
    bindings::{
        IManager::{
            Compounded, Limits, Opened, PoolKey, Rebalanced, compoundDirectCall, openDirectCall, rebalanceDirectCall,
        },
        ITestToken,
    },
    client::{Call, Transaction},
};
use hedgerow_core::tick::sqrt_price_at_tick;

sol! {
    interface IMood {
        function set(uint8 mood) external;
    }
    interface ICounterfeit {
        function deploy(bytes poolCode, address token0, address token1, uint160 sqrtPriceX96, uint128 liquidity)
            external returns (address pool);
        function give(address pool, address owner, int24 tickLower, int24 tickUpper, uint128 liquidity) external;
    }
}

/// Small positions around the price, overlapping: a swap crosses a tick every few steps.
const SCATTERED: [Range; 7] = [
    (-60, 60),
    (0, 180),
    (-180, 0),
    (-420, -60),
    (60, 600),
    (120, 240),
    (-900, -240),
];

/// An owner with odd amounts of its own, in a deep pool with everybody's small positions in it.
async fn scattered(pair: Pair) -> World {
    let world = World::new(pair).await;
    world.fund(&world.owner, own(pair)).await;
    for (lower, upper) in SCATTERED {
        let amounts = pair.units().map(|unit| unit * U256::from(300));
        world
            .mint(&world.trader, (pair.tick() + lower, pair.tick() + upper), amounts)
            .await;
    }
    world
}

/// What the wallet holds beside its positions.
fn own(pair: Pair) -> [U256; 2] {
    pair.units().map(|unit| unit * U256::from(777) + U256::from(13))
}

/// How many ends of other people's positions lie between two ticks.
fn crossed(pair: Pair, from: i32, to: i32) -> usize {
    let mut ends: Vec<i32> = SCATTERED.iter().flat_map(|(lower, upper)| [*lower, *upper]).collect();
    ends.sort_unstable();
    ends.dedup();
    let between = from.min(to)..from.max(to);
    ends.iter()
        .filter(|end| between.contains(&(pair.tick() + **end)))
        .count()
}

async fn a_move_is_as_good_as_a_search(pair: Pair) {
    let world = scattered(pair).await;
    let (tick, units) = (pair.tick(), pair.units());
    let large = |unit: U256| unit * U256::from(20_000);
    for kind in KINDS {
        // All token0 above the price, and all token1 below it.
        for (from, amounts, to) in [
            ((1_260, 2_460), [large(units[0]), U256::ZERO], (-1_200, 1_200)),
            ((-2_460, -1_260), [U256::ZERO, large(units[1])], (-300, 2_400)),
        ] {
            let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
            let held = world.hold(kind, (tick + from.0, tick + from.1), amounts).await;
            let to = (tick + to.0, tick + to.1);
            let (ideal, _) = ideal(&world, &held, to, true).await;
            let (before, start) = (world.balances(world.owner.address()).await, world.slot0().await.1);
            let order = moving(&world, &held, to, World::open_limits());
            let event: Rebalanced = act(&world, order).await.unwrap();
            let what = format!("{pair:?} {kind:?} to {to:?}");
            let crossed = crossed(pair, start, world.slot0().await.1);
            println!("{what}: {crossed} initialised ticks crossed");
            assert!(crossed >= 3, "{what}: {crossed} ticks crossed only");
            assert_as_good_as(&ideal, event.liquidity, &what);
            let left = gain(world.balances(world.owner.address()).await, before);
            assert_left_less_than_a_basis_point(&world, left, [event.amount0, event.amount1]).await;
            world.client.provider().anvil_revert(snapshot).await.unwrap();
        }
    }
}

#[tokio::test]
async fn a_move_between_equal_decimals_is_as_good_as_a_search() {
    a_move_is_as_good_as_a_search(Pair::Equal).await;
}

#[tokio::test]
async fn a_move_between_18_and_6_decimals_is_as_good_as_a_search() {
    a_move_is_as_good_as_a_search(Pair::EtherDollar).await;
}

#[tokio::test]
async fn a_position_opened_with_one_token_is_as_good_as_a_search() {
    for pair in [Pair::Equal, Pair::EtherDollar] {
        let world = scattered(pair).await;
        let range = (pair.tick() - 900, pair.tick() + 1_500);
        for (kind, given) in [(Kind::Nft, 0), (Kind::Direct, 0), (Kind::Nft, 1), (Kind::Direct, 1)] {
            let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
            let mut named = [U256::ZERO; 2];
            named[given] = pair.units()[given] * U256::from(500);
            let before = world.balances(world.owner.address()).await;
            let searching = world.client.provider().anvil_snapshot().await.unwrap();
            let search = Search {
                world: &world,
                range,
                have: named,
            };
            let ideal = search.run().await;
            world.client.provider().anvil_revert(searching).await.unwrap();

            let order = opening(&world, kind, range, named, World::open_limits());
            let event: Opened = act(&world, order).await.unwrap();
            assert_as_good_as(
                &ideal,
                event.liquidity,
                &format!("{pair:?} {kind:?} with token{given} only"),
            );
            // What was not named is not touched; of what was named, all but rounding is in the position.
            let after = world.balances(world.owner.address()).await;
            let mut rest = before;
            rest[given] -= named[given];
            assert_left_less_than_a_basis_point(&world, gain(after, rest), [event.amount0, event.amount1]).await;
            world.assert_no_allowance().await;
            world.client.provider().anvil_revert(snapshot).await.unwrap();
        }
    }
}

#[tokio::test]
async fn fees_are_compounded_as_well_as_a_search_could_into_the_same_position() {
    for pair in [Pair::Equal, Pair::EtherDollar] {
        let world = scattered(pair).await;
        let (tick, owner) = (pair.tick(), world.owner.address());
        for kind in KINDS {
            let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
            let amounts = pair.units().map(|unit| unit * U256::from(1_000));
            let held = world.hold(kind, (tick - 1_200, tick + 1_200), amounts).await;
            let nothing = act::<Compounded>(&world, compounding(&world, &held, World::open_limits())).await;
            let refused: IManagerErrors::NothingToAdd = refusal(nothing);
            assert_eq!(refused.id, held.id);

            // Real trades, more of them in one direction.
            world.churn(4_000).await;
            world.trade(true, pair.units()[0] * U256::from(3_000)).await;
            let (ideal, fees) = ideal(&world, &held, held.range, false).await;
            assert!(fees.iter().all(|fee| !fee.is_zero()), "{fees:?}");
            let (before, liquidity) = (world.balances(owner).await, world.liquidity_of(&held).await);
            let order = compounding(&world, &held, World::open_limits());
            let event: Compounded = act(&world, order).await.unwrap();
            assert_eq!(
                [event.fees0, event.fees1],
                fees,
                "the fees that collecting by hand pays"
            );
            assert_eq!((event.id, event.newId), (held.id, held.id));
            assert_eq!(world.liquidity_of(&held).await, liquidity + event.liquidity);
            if kind == Kind::Nft {
                assert_eq!(world.owner_of(held.id).await.unwrap(), owner);
            }
            assert_as_good_as(&ideal, event.liquidity, &format!("{pair:?} {kind:?} compounded"));
            // `gain` refuses a wallet that paid anything of its own.
            let left = gain(world.balances(owner).await, before);
            assert_left_less_than_a_basis_point(&world, left, [event.amount0, event.amount1]).await;
            world.assert_no_allowance().await;
            world.client.provider().anvil_revert(snapshot).await.unwrap();
        }
    }
}

/// The pool's account of the owner's liquidity, the wallet, and the price: what a refusal must not change.
async fn state(world: &World, held: &Held) -> (u128, [U256; 2], (U256, i32)) {
    let balances = world.balances(world.owner.address()).await;
    (world.liquidity_of(held).await, balances, world.slot0().await)
}

#[tokio::test]
async fn a_direct_position_does_not_move_at_a_price_that_was_just_bent() {
    let (world, held) = earning(Kind::Direct, Pair::Equal).await;
    let honest = world.slot0().await.1;
    for zero_for_one in [true, false] {
        let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
        world.trade(zero_for_one, units(3_000, 18)).await;
        let before = state(&world, &held).await;
        let bent = before.2.1;
        assert!((bent - honest).abs() > 100);
        for order in [
            moving(&world, &held, (-600, 1_800), guarded(100)),
            compounding(&world, &held, guarded(100)),
            opening(&world, Kind::Direct, (-600, 600), [units(5, 18); 2], guarded(100)),
        ] {
            let refused: IManagerErrors::PriceDeviation = refusal(act::<Rebalanced>(&world, order).await);
            assert_eq!(refused.tick.as_i32(), bent);
            // A block or two at the bent price weigh little in ten minutes.
            assert!((refused.twapTick.as_i32() - honest).abs() <= 6, "{}", refused.twapTick);
        }
        assert_eq!(state(&world, &held).await, before);
        // The same order where nobody bent anything.
        world.client.provider().anvil_revert(snapshot).await.unwrap();
        let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
        let order = moving(&world, &held, (-600, 1_800), guarded(100));
        act::<Rebalanced>(&world, order).await.unwrap();
        world.client.provider().anvil_revert(snapshot).await.unwrap();
    }
}

#[tokio::test]
async fn a_direct_position_never_moves_the_price_beyond_its_own_limit() {
    let world = World::new(Pair::Equal).await;
    // As large as the pool: selling half of it moves the price far.
    let large = [units(100_000, 18); 2];
    let held = world.hold(Kind::Direct, (-1_200, 1_200), large).await;
    world.fund(&world.owner, large).await;
    world.pass(3_600).await;
    let before = state(&world, &held).await;
    let one_sided = [large[0], U256::ZERO];
    let orders = |limits: Limits| {
        [
            moving(&world, &held, (600, 1_200), limits.clone()),
            opening(&world, Kind::Direct, (-600, 600), one_sided, limits),
        ]
    };
    for order in orders(guarded(50)) {
        let refused: IManagerErrors::SwapIncomplete = refusal(act::<Opened>(&world, order).await);
        assert!(refused.swapped < refused.wanted && !refused.swapped.is_zero());
    }
    for order in orders(guarded(0)) {
        let refused: IManagerErrors::SwapIncomplete = refusal(act::<Opened>(&world, order).await);
        assert!(refused.swapped.is_zero());
    }
    assert_eq!(state(&world, &held).await, before);
    // With room enough it does move, and the price with it.
    let [order, _] = orders(guarded(5_000));
    act::<Rebalanced>(&world, order).await.unwrap();
    assert!(world.slot0().await.1.abs() > 50);
}

#[tokio::test]
async fn a_direct_position_with_a_token_that_taxes_lies_or_freezes_reverts_and_loses_nothing() {
    let (world, held) = earning(Kind::Direct, Pair::Moody).await;
    for token in world.tokens {
        for mood in [1, 2, 3] {
            let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
            world.send(&world.stranger, token, &IMood::setCall { mood }).await;
            let before = state(&world, &held).await;
            for order in [
                moving(&world, &held, (-600, 1_800), World::open_limits()),
                compounding(&world, &held, World::open_limits()),
                opening(
                    &world,
                    Kind::Direct,
                    (-600, 600),
                    [units(50, 18); 2],
                    World::open_limits(),
                ),
                opening(
                    &world,
                    Kind::Direct,
                    (-600, 600),
                    [units(50, 18), U256::ZERO],
                    World::open_limits(),
                ),
            ] {
                let refused: IManagerErrors::CallFailed = refusal(act::<Opened>(&world, order).await);
                assert_eq!(refused.target, world.pool, "mood {mood}: {refused:?}");
            }
            assert_eq!(state(&world, &held).await, before);
            world.client.provider().anvil_revert(snapshot).await.unwrap();
        }
    }
    // It is the token's mood and nothing else.
    act::<Rebalanced>(&world, moving(&world, &held, (-600, 1_800), World::open_limits()))
        .await
        .unwrap();
}

#[tokio::test]
async fn a_counterfeit_factory_in_a_pool_key_gets_at_most_what_was_named_for_it() {
    let world = World::new(Pair::Equal).await;
    world.fund(&world.owner, own(Pair::Equal)).await;
    // A fat position for the victim, around the price and to either side of it.
    let ranges = [(-600, 600), (600, 1_200), (-1_200, -600)];
    let (pool, key) = counterfeit(&world, 0, &ranges).await;
    let limits = World::open_limits;
    let before = world.balances(world.owner.address()).await;
    for (lower, upper) in ranges {
        let moved = rebalanceDirectCall {
            pool: key.clone(),
            tickLower: int24(lower),
            tickUpper: int24(upper),
            newTickLower: int24(-300),
            newTickUpper: int24(900),
            limits: limits(),
        };
        let compounded = compoundDirectCall {
            pool: key.clone(),
            tickLower: int24(lower),
            tickUpper: int24(upper),
            limits: limits(),
        };
        // It says that it paid out a fortune, of which nothing came: there is nothing to mint, and nothing to add.
        let refused: IManagerErrors::CallFailed = refusal(act::<Rebalanced>(&world, moved.abi_encode()).await);
        assert_eq!(refused.target, pool);
        let _: IManagerErrors::NothingToAdd = refusal(act::<Compounded>(&world, compounded.abi_encode()).await);
    }
    assert_eq!(world.balances(world.owner.address()).await, before);
    // Whoever names amounts for a pool of a phisher's factory: what its swap does not pay out is missed when it is to be minted.
    for named in [
        [units(5, 18); 2],
        [units(5, 18), U256::ZERO],
        [U256::ZERO, units(5, 18)],
    ] {
        let order = opening_in(&key, (-300, 900), named);
        let refused: IManagerErrors::CallFailed = refusal(act::<Opened>(&world, order).await);
        assert_eq!(refused.target, pool);
    }
    assert_eq!(world.balances(world.owner.address()).await, before);
    // Beside the price nothing is swapped: that is a gift of what was named, and of not a unit more.
    let named = [units(5, 18), U256::ZERO];
    act::<Opened>(&world, opening_in(&key, (600, 1_200), named))
        .await
        .unwrap();
    let after = world.balances(world.owner.address()).await;
    assert!(before[0] - after[0] <= named[0] && after[1] == before[1]);
}

/// A pool of Uniswap's own code that holds nothing, where a phisher's factory has the pool of the real tokens, with liquidity of
/// the victim's in it.
async fn counterfeit(world: &World, tick: i32, ranges: &[Range]) -> (Address, PoolKey) {
    let code = world.artifacts.contract("CounterfeitFactory", "CounterfeitFactory");
    let factory = world.create(code.unwrap()).await;
    let pool = "@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json";
    let [token0, token1] = world.tokens;
    let deploy = ICounterfeit::deployCall {
        poolCode: world.artifacts.published(pool).unwrap(),
        token0,
        token1,
        sqrtPriceX96: sqrt_price_at_tick(tick).unwrap().saturating_to(),
        liquidity: 10_u128.pow(24),
    };
    let request = Call::new(Address::ZERO, factory, &deploy);
    let pool = world.client.simulate(request, &deploy).await.unwrap();
    world.send(&world.stranger, factory, &deploy).await;
    for (lower, upper) in ranges {
        let give = ICounterfeit::giveCall {
            pool,
            owner: world.owner.address(),
            tickLower: int24(*lower),
            tickUpper: int24(*upper),
            liquidity: 10_u128.pow(24),
        };
        world.send(&world.stranger, factory, &give).await;
    }
    let key = PoolKey {
        factory,
        ..world.pool_key()
    };
    (pool, key)
}

#[tokio::test]
async fn a_bait_from_a_counterfeit_pool_opens_nothing_of_the_wallet() {
    let world = World::new(Pair::Equal).await;
    world.fund(&world.owner, own(Pair::Equal)).await;
    // One unit of bait for more than the wallet holds of the other token.
    for (sold, tick) in [(0, 100_020), (1, -100_020)] {
        for to in [(-300, 900), (900, 1_500), (-1_500, -900)] {
            let (pool, key) = counterfeit(&world, tick, &[(tick - 600, tick + 600)]).await;
            let mut bait = [U256::ZERO; 2];
            bait[sold] = units(1, 18);
            let give = ITestToken::mintCall {
                to: key.factory,
                amount: bait[sold],
            };
            world.send(&world.stranger, world.tokens[sold], &give).await;
            let before = world.balances(world.owner.address()).await;
            let order = rebalanceDirectCall {
                pool: key,
                tickLower: int24(tick - 600),
                tickUpper: int24(tick + 600),
                newTickLower: int24(tick + to.0),
                newTickUpper: int24(tick + to.1),
                limits: World::open_limits(),
            };
            let moved = act::<Rebalanced>(&world, order.abi_encode()).await;
            // Beside the price, on the side of the bait, it is minted: so it did come.
            let beside = to.0 * if sold == 0 { 1 } else { -1 } > 600;
            if beside {
                let used = moved.map(|event| [event.amount0, event.amount1]).unwrap();
                assert!(used[sold] <= bait[sold] && used[sold] + U256::from(9) > bait[sold]);
                assert!(used[1 - sold].is_zero());
            } else {
                let refused: IManagerErrors::CallFailed = refusal(moved);
                assert_eq!(refused.target, pool);
            }
            // `gain` refuses a wallet that paid anything of its own.
            let gained = gain(world.balances(world.owner.address()).await, before);
            assert!(gained[0] <= bait[0] && gained[1] <= bait[1]);
        }
    }
}

fn opening_in(pool: &PoolKey, (lower, upper): Range, [amount0, amount1]: [U256; 2]) -> Vec<u8> {
    let order = openDirectCall {
        pool: pool.clone(),
        tickLower: int24(lower),
        tickUpper: int24(upper),
        amount0,
        amount1,
        limits: World::open_limits(),
    };
    order.abi_encode()
}

/// Code that passes whatever it is called with on to `target`, as itself, and hands back a revert.
fn forwarder(target: Address) -> Bytes {
    let before = hex!("365f5f37" "5f5f365f5f73");
    let after = hex!("5af1" "3d5f5f3e" "602a57" "3d5ffd" "5b3d5ff3");
    [&before[..], target.as_slice(), &after[..]].concat().into()
}

#[tokio::test]
async fn an_action_that_runs_is_locked_to_either_entry_point() {
    let (world, held) = earning(Kind::Direct, Pair::Reentrant).await;
    let (account, hostile) = (world.owner.address(), world.tokens[0]);
    let again = opening(
        &world,
        Kind::Direct,
        (-600, 600),
        [units(5, 18); 2],
        World::open_limits(),
    );
    for entry_point in [
        address!("4337084D9E255Ff0702461CF8895CE9E3b5Ff108"),
        address!("433709009B8330FDa32311DF1C2AFA402eD8D009"),
    ] {
        let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
        world
            .client
            .provider()
            .anvil_set_code(entry_point, forwarder(account))
            .await
            .unwrap();
        // Whoever is at that address makes the account act, while it does nothing else.
        let through = Transaction {
            to: Some(entry_point),
            data: again.clone().into(),
            ..Transaction::default()
        };
        let before = world.balances(account).await;
        world
            .client
            .send(&world.stranger, through, "through the EntryPoint")
            .await
            .unwrap();
        assert!(world.balances(account).await[0] < before[0]);

        let arm = IHostile::armCall {
            target: entry_point,
            call: again.clone().into(),
        };
        world.send(&world.stranger, hostile, &arm).await;
        let attempts = world.read(hostile, &IHostile::attemptsCall {}).await;
        act::<Rebalanced>(&world, moving(&world, &held, (-600, 1_800), World::open_limits()))
            .await
            .unwrap();
        let during = world.read(hostile, &IHostile::attemptsCall {}).await - attempts;
        // On the way out, in the swap's callback or from the pool, and in the mint's callback.
        assert!(during >= U256::from(3), "only {during} transfers: this proves little");
        assert_eq!(world.read(hostile, &IHostile::successesCall {}).await, U256::ZERO);
        let refused = world.read(hostile, &IHostile::refusalCall {}).await;
        assert_eq!(refused, FixedBytes::from(IManagerErrors::ReentrantCall::SELECTOR));
        world.client.provider().anvil_revert(snapshot).await.unwrap();
    }
}
