//! Attacks on exits, harvests, walks and conversions, named for the classes of defects that audits of liquidity automators found:
//! B1 an open `execute`, B3 re-entry, B7 no slippage limit, B11 a stop-loss blocked by its own guard, B12 dust and empty positions,
//! B13 tokens that refuse to move nothing, B17 tokens that tax, B20 sweeping what was in the wallet before.

use crate::common::{
    IHostile, IManagerErrors, Pair, World,
    held::{
        Action::{self, Convert, Exit, Harvest, Walk},
        BOTH, Held, KINDS, Kind, TOKEN0, TOKEN1, earning, earning_in, gain, guarded,
    },
    refusal, revert_data, units,
    world::int24,
};
use alloy::{
    primitives::{Address, Bytes, FixedBytes, I256, U256},
    providers::ext::AnvilApi,
    sol,
    sol_types::{SolCall, SolError},
};
use hedgerow::{
    artifacts::with_arguments,
    bindings::{
        IManager::{Limits, exitCall, harvestCall, toDirectCall, toNftCall, walkCall},
        ITestToken,
    },
    client::Transaction,
    error::Error,
};

sol! {
    #![sol(all_derives)]

    interface IMoody {
        error NothingMoved();
        error NotNow();
        function set(uint8 mood) external;
    }
    interface IGreedy {
        function grab(address account) external;
        function taken(uint256 index) external view returns (uint256);
    }
    interface IIncrease {
        struct IncreaseParams {
            uint256 tokenId; uint256 amount0Desired; uint256 amount1Desired; uint256 amount0Min; uint256 amount1Min;
            uint256 deadline;
        }
        function increaseLiquidity(IncreaseParams params) external
            returns (uint128 liquidity, uint256 amount0, uint256 amount1);
    }
    interface IPoolCallbacks {
        function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes data) external;
        function uniswapV3MintCallback(uint256 amount0Owed, uint256 amount1Owed, bytes data) external;
    }
}

/// MoodyToken's moods.
const FROZEN: u8 = 1;
const LYING: u8 = 2;
const TAXING: u8 = 3;

/// Every action on a position around the price, and of one beside it, above.
const AROUND: [Action; 5] = [Harvest, Exit(BOTH), Exit(TOKEN0), Exit(TOKEN1), Convert];
const ABOVE: (i32, i32) = (660, 1_260);

/// A position above the price, all of it token0, that earned nothing yet.
async fn beside(kind: Kind, pair: Pair) -> (World, Held) {
    let world = World::new(pair).await;
    world.fund(&world.owner, [units(777, 18); 2]).await;
    let held = world.hold(kind, (600, 1_200), [units(1_000, 18), U256::ZERO]).await;
    (world, held)
}

/// Everything that a refused action must leave as it was.
async fn state(world: &World, held: &Held) -> ([U256; 2], u128, (U256, i32)) {
    (
        world.balances(world.owner.address()).await,
        world.liquidity_of(held).await,
        world.price().await,
    )
}

#[tokio::test]
async fn b1_nobody_else_makes_the_account_act() {
    for kind in KINDS {
        let (world, held) = beside(kind, Pair::Equal).await;
        let before = state(&world, &held).await;
        for action in [Harvest, Exit(BOTH), Exit(TOKEN0), Convert, Walk(ABOVE)] {
            let call = world.ordered(&held, action, World::open_limits());
            for who in [&world.stranger, &world.trader] {
                let refused: IManagerErrors::Unauthorised = refusal(world.act_by(who, call.clone()).await);
                assert_eq!(refused.caller, who.address());
            }
            // The owner itself, at the shell's own address.
            let transaction = Transaction {
                to: Some(world.shell),
                data: call,
                ..Transaction::default()
            };
            let refused: IManagerErrors::Unauthorised = refusal(world.client.send(&world.owner, transaction, "").await);
            assert_eq!(refused.caller, world.owner.address());
        }
        assert_eq!(state(&world, &held).await, before);
    }
}

#[tokio::test]
async fn b3_a_token_that_calls_back_gets_nothing() {
    for kind in KINDS {
        let (around, beside) = (
            earning(kind, Pair::Reentrant).await,
            beside(kind, Pair::Reentrant).await,
        );
        for action in AROUND.into_iter().chain([Walk((60, 660))]) {
            let (world, held) = if matches!(action, Walk(_)) { &beside } else { &around };
            let (account, hostile) = (world.owner.address(), world.tokens[0]);
            let swap = IPoolCallbacks::uniswapV3SwapCallbackCall {
                amount0Delta: I256::MINUS_ONE,
                amount1Delta: I256::ONE,
                data: Bytes::new(),
            };
            let mint = IPoolCallbacks::uniswapV3MintCallbackCall {
                amount0Owed: U256::ZERO,
                amount1Owed: U256::ONE,
                data: Bytes::new(),
            };
            let again = world.ordered(held, action, World::open_limits());
            for (call, expected) in [
                (again, IManagerErrors::Unauthorised::SELECTOR),
                (swap.abi_encode().into(), IManagerErrors::CallbackRefused::SELECTOR),
                (mint.abi_encode().into(), IManagerErrors::CallbackRefused::SELECTOR),
            ] {
                let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
                let calm = world.act(held, action, World::open_limits()).await.unwrap();
                world.client.provider().anvil_revert(snapshot).await.unwrap();
                let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
                let arm = IHostile::armCall { target: account, call };
                world.send(&world.stranger, hostile, &arm).await;
                let attempts = world.read(hostile, &IHostile::attemptsCall {}).await;
                let event = world.act(held, action, World::open_limits()).await.unwrap();
                assert_eq!((event.amounts, event.liquidity), (calm.amounts, calm.liquidity));
                let during = world.read(hostile, &IHostile::attemptsCall {}).await - attempts;
                assert!(!during.is_zero(), "no transfer: this proves nothing");
                assert_eq!(world.read(hostile, &IHostile::successesCall {}).await, U256::ZERO);
                let refused = world.read(hostile, &IHostile::refusalCall {}).await;
                assert_eq!(refused, FixedBytes::from(expected), "{kind:?} {action:?}");
                world.client.provider().anvil_revert(snapshot).await.unwrap();
            }
        }
    }
}

#[tokio::test]
async fn b7_a_price_that_was_bent_in_front_is_refused_by_whichever_limit_the_owner_gave() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        for (action, bend) in [
            (Exit(TOKEN1), true),
            (Exit(TOKEN0), false),
            (Convert, true),
            (Convert, false),
        ] {
            let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
            let honest = world.act(&held, action, World::open_limits()).await.unwrap();
            world.client.provider().anvil_revert(snapshot).await.unwrap();
            let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
            let (withdrawn, _) = world.foreseen(&held).await;
            // One in a thousand less than what an honest block pays.
            let honest = if matches!(action, Convert) {
                withdrawn
            } else {
                honest.amounts
            };
            let least = honest.map(|amount| amount - amount / U256::from(1_000));
            let limits = Limits {
                amount0Min: least[0],
                amount1Min: least[1],
                ..World::open_limits()
            };
            world.trade(bend, units(5_000, 18)).await;
            let before = state(&world, &held).await;
            let refused: IManagerErrors::AmountBelowMinimum = refusal(world.act(&held, action, limits).await);
            assert!(refused.amount0 < least[0] || refused.amount1 < least[1]);
            let refused: IManagerErrors::PriceDeviation = refusal(world.act(&held, action, guarded(100)).await);
            assert_eq!(refused.tick.as_i32(), before.2.1);
            assert_eq!(state(&world, &held).await, before);
            // It was the limits that refused it.
            world.act(&held, action, World::open_limits()).await.unwrap();
            world.client.provider().anvil_revert(snapshot).await.unwrap();
        }
    }
}

#[tokio::test]
async fn b7_a_walk_in_front_of_which_the_price_was_bent_does_not_happen() {
    for kind in KINDS {
        let (world, held) = beside(kind, Pair::Equal).await;
        world.pass(3_600).await;
        // Into the range that it walks to, and into the one where it is.
        for amount in [1_000, 4_500] {
            let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
            world.trade(false, units(amount, 18)).await;
            let before = state(&world, &held).await;
            let refused: IManagerErrors::NotOneSided =
                refusal(world.act(&held, Walk((60, 660)), World::open_limits()).await);
            assert_eq!(refused.tick.as_i32(), before.2.1);
            revert_data(world.act(&held, Walk((60, 660)), guarded(100)).await);
            assert_eq!(state(&world, &held).await, before);
            world.client.provider().anvil_revert(snapshot).await.unwrap();
        }
        world.act(&held, Walk((60, 660)), guarded(100)).await.unwrap();
    }
}

#[tokio::test]
async fn b11_a_stop_loss_is_not_blocked_by_its_own_price_guard() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        // The crash that it is for: far beyond the guard, in one block.
        world.trade(true, units(30_000, 18)).await;
        let stop = guarded(100);
        let refused: IManagerErrors::PriceDeviation = refusal(world.act(&held, Exit(TOKEN1), stop.clone()).await);
        assert!((refused.tick.as_i32() - refused.twapTick.as_i32()).abs() > 4_000);
        let (_, paid) = world.foreseen(&held).await;
        let before = world.balances(world.owner.address()).await;
        world.act(&held, Exit(BOTH), stop).await.unwrap();
        assert_eq!(gain(world.balances(world.owner.address()).await, before), paid);
    }
}

/// Anybody may add to anybody's position: a unit or two of liquidity.
async fn dust(world: &World, held: &Held) {
    match held.kind {
        Kind::Nft => {
            let amounts = [units(1, 3); 2];
            for (token, amount) in world.tokens.into_iter().zip(amounts) {
                world.approve(&world.trader, token, world.npm, amount).await;
            }
            let params = IIncrease::IncreaseParams {
                tokenId: held.id,
                amount0Desired: amounts[0],
                amount1Desired: amounts[1],
                amount0Min: U256::ZERO,
                amount1Min: U256::ZERO,
                deadline: U256::MAX,
            };
            let increase = IIncrease::increaseLiquidityCall { params };
            world.send(&world.trader, world.npm, &increase).await;
        }
        Kind::Direct => {
            world.hold(Kind::Direct, held.range, [units(1, 3); 2]).await;
        }
    }
}

#[tokio::test]
async fn b12_dust_that_somebody_adds_comes_along_and_stops_nothing() {
    for kind in KINDS {
        let (around, beside) = (earning(kind, Pair::Equal).await, beside(kind, Pair::Equal).await);
        for action in AROUND.into_iter().chain([Walk(ABOVE)]) {
            let (world, held) = if matches!(action, Walk(_)) { &beside } else { &around };
            let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
            let liquidity = world.liquidity_of(held).await;
            dust(world, held).await;
            let more = world.liquidity_of(held).await;
            assert!(more > liquidity);
            let event = world.act(held, action, World::open_limits()).await.unwrap();
            if matches!(action, Harvest) {
                assert_eq!((event.liquidity, world.liquidity_of(held).await), (more, more));
            } else if kind == Kind::Direct {
                assert_eq!(world.liquidity_of(held).await, 0, "{action:?}");
            } else {
                assert!(world.owner_of(held.id).await.is_err(), "{action:?}");
            }
            world.client.provider().anvil_revert(snapshot).await.unwrap();
        }
    }
}

#[tokio::test]
async fn b13_tokens_that_refuse_to_move_nothing_stop_nothing() {
    for kind in KINDS {
        // Fees of one token only: the trade went one way.
        for (zero_for_one, none) in [(true, 1), (false, 0)] {
            let world = World::new(Pair::Moody).await;
            world.fund(&world.owner, [units(777, 18); 2]).await;
            let held = world.hold(kind, (-1_200, 1_200), [units(1_000, 18); 2]).await;
            world.trade(zero_for_one, units(3_000, 18)).await;
            let before = world.balances(world.owner.address()).await;
            let event = world.act(&held, Harvest, World::open_limits()).await.unwrap();
            assert!(event.amounts[none].is_zero() && !event.amounts[1 - none].is_zero());
            assert_eq!(gain(world.balances(world.owner.address()).await, before), event.amounts);
            // Neither token.
            let event = world.act(&held, Harvest, World::open_limits()).await.unwrap();
            assert_eq!(event.amounts, [U256::ZERO; 2]);
        }
        // One token only, in and out, and nothing to sell.
        for action in [Exit(BOTH), Exit(TOKEN0), Exit(TOKEN1), Convert, Walk(ABOVE)] {
            let (world, held) = beside(kind, Pair::Moody).await;
            world.act(&held, action, World::open_limits()).await.unwrap();
        }
    }
}

#[tokio::test]
async fn b13_a_token_that_does_not_pay_out_reverts_all_and_loses_nothing() {
    for kind in KINDS {
        let (world, held) = earning_moody(kind).await;
        let before = state(&world, &held).await;
        let keeper = if kind == Kind::Nft { world.npm } else { world.pool };
        for (mood, token) in [(FROZEN, 0), (FROZEN, 1), (LYING, 0), (LYING, 1)] {
            let token = world.tokens[token];
            world.send(&world.stranger, token, &IMoody::setCall { mood }).await;
            for action in AROUND {
                let refused: IManagerErrors::CallFailed = refusal(world.act(&held, action, World::open_limits()).await);
                assert_eq!(refused.target, keeper, "{action:?}");
                assert_eq!(state(&world, &held).await, before);
            }
            world.send(&world.stranger, token, &IMoody::setCall { mood: 0 }).await;
        }
        // It was the mood that refused it.
        world.act(&held, Exit(BOTH), World::open_limits()).await.unwrap();
    }
}

async fn earning_moody(kind: Kind) -> (World, Held) {
    earning_in(kind, Pair::Moody, (-1_200, 1_200)).await
}

#[tokio::test]
async fn b17_of_a_token_that_taxes_the_wallet_is_told_what_it_really_got() {
    for kind in KINDS {
        for action in [Harvest, Exit(BOTH)] {
            let (world, held) = earning_moody(kind).await;
            let (withdrawn, full) = world.foreseen(&held).await;
            world
                .send(&world.stranger, world.tokens[0], &IMoody::setCall { mood: TAXING })
                .await;
            let full = if matches!(action, Harvest) {
                gain(full, withdrawn)
            } else {
                full
            };
            let taxed = [full[0] - full[0] / U256::from(100), full[1]];
            // The minimum is held against what arrived.
            let limits = Limits {
                amount0Min: full[0],
                ..World::open_limits()
            };
            let refused: IManagerErrors::AmountBelowMinimum = refusal(world.act(&held, action, limits).await);
            assert_eq!([refused.amount0, refused.amount1], taxed);
            let before = world.balances(world.owner.address()).await;
            let event = world.act(&held, action, World::open_limits()).await.unwrap();
            assert_eq!(event.amounts, taxed);
            assert_eq!(gain(world.balances(world.owner.address()).await, before), taxed);
        }
        // What has to pay with it again cannot, and loses nothing.
        for action in [Exit(TOKEN1), Convert, Walk(ABOVE)] {
            let (world, held) = if matches!(action, Walk(_)) {
                beside(kind, Pair::Moody).await
            } else {
                earning_moody(kind).await
            };
            world
                .send(&world.stranger, world.tokens[0], &IMoody::setCall { mood: TAXING })
                .await;
            let before = state(&world, &held).await;
            let refused: IManagerErrors::CallFailed = refusal(world.act(&held, action, World::open_limits()).await);
            println!("{kind:?} {action:?}: {refused:?}");
            assert!([world.npm, world.pool].contains(&refused.target));
            assert_eq!(state(&world, &held).await, before);
        }
    }
}

/// A position manager that means harm, in front of Uniswap's own factory, with a bait to pay out.
async fn greedy(world: &World, bait: [U256; 2]) -> Address {
    let code = world
        .artifacts
        .contract("GreedyPositionManager", "GreedyPositionManager")
        .unwrap();
    let arguments = (world.factory, world.tokens[0], world.tokens[1]);
    let greedy = world.create(with_arguments(&code, &arguments)).await;
    for (token, amount) in world.tokens.into_iter().zip(bait) {
        let give = ITestToken::mintCall { to: greedy, amount };
        world.send(&world.stranger, token, &give).await;
    }
    greedy
}

/// Every call that names the greedy position manager, whose NFT claims to be of the range -600 to 600.
fn baited(greedy: Address, walk_to: (i32, i32)) -> Vec<Bytes> {
    let (id, limits) = (U256::from(7), World::open_limits());
    let exit = |proceeds| exitCall {
        positionManager: greedy,
        tokenId: id,
        proceeds,
        limits: limits.clone(),
    };
    let harvest = harvestCall {
        positionManager: greedy,
        tokenId: id,
        limits: limits.clone(),
    };
    let convert = toDirectCall {
        positionManager: greedy,
        tokenId: id,
        limits: limits.clone(),
    };
    let walk = walkCall {
        positionManager: greedy,
        tokenId: id,
        tickLower: int24(walk_to.0),
        tickUpper: int24(walk_to.1),
        limits: limits.clone(),
    };
    vec![
        exit(BOTH).abi_encode().into(),
        exit(TOKEN0).abi_encode().into(),
        exit(TOKEN1).abi_encode().into(),
        harvest.abi_encode().into(),
        convert.abi_encode().into(),
        walk.abi_encode().into(),
    ]
}

#[tokio::test]
async fn b20_a_position_manager_that_lies_gets_at_most_its_bait_and_nothing_of_the_wallet() {
    // In range, and with the price above the range that it claims: only there does it walk.
    for above in [false, true] {
        for bait in [[units(10, 18); 2], [U256::ZERO, units(10, 18)], [U256::ZERO; 2]] {
            let (world, held) = beside(Kind::Nft, Pair::Equal).await;
            if above {
                world.trade(false, units(3_500, 18)).await;
            }
            let account = world.owner.address();
            for index in 0..baited(Address::ZERO, (-60, 540)).len() {
                let greedy = greedy(&world, bait).await;
                let call = baited(greedy, (-60, 540))[index].clone();
                let before = (world.balances(account).await, world.liquidity_of(&held).await);
                let outcome: Result<_, Error> = world.act_by(&world.owner, call).await;
                println!("above {above}, bait {bait:?}: {:?}", outcome.map(|event| event.name));
                world
                    .send(&world.stranger, greedy, &IGreedy::grabCall { account })
                    .await;
                gain(world.balances(account).await, before.0);
                assert_eq!(world.liquidity_of(&held).await, before.1);
                for token in world.tokens {
                    assert_eq!(world.allowance(token, greedy).await, U256::ZERO);
                }
                world.assert_no_allowance().await;
            }
        }
    }
}

#[tokio::test]
async fn b20_a_direct_position_converted_by_a_position_manager_that_lies_is_not_lost_for_a_minimum() {
    let (world, held) = earning(Kind::Direct, Pair::Equal).await;
    let greedy = greedy(&world, [U256::ZERO; 2]).await;
    let account = world.owner.address();
    let liquidity = world.liquidity_of(&held).await;
    let before = world.balances(account).await;
    let (withdrawn, _) = world.foreseen(&held).await;
    let order = toNftCall {
        positionManager: greedy,
        pool: world.pool_key(),
        tickLower: int24(held.range.0),
        tickUpper: int24(held.range.1),
        limits: World::open_limits(),
    };
    // Whoever names a thief as position manager loses that position, as the call says, and no more: not what was in the wallet.
    world.act_by(&world.owner, order.abi_encode().into()).await.unwrap();
    world
        .send(&world.stranger, greedy, &IGreedy::grabCall { account })
        .await;
    gain(world.balances(account).await, before);
    for (i, withdrawn) in withdrawn.iter().enumerate() {
        let taken = world.read(greedy, &IGreedy::takenCall { index: U256::from(i) }).await;
        // One unit more, from the fees, is what the same liquidity takes.
        assert!(taken <= *withdrawn + U256::ONE, "{taken} of {withdrawn}");
    }
    assert!(liquidity != 0 && world.liquidity_of(&held).await == 0);
    world.assert_no_allowance().await;
}

#[tokio::test]
async fn b20_allowances_that_the_owner_had_given_are_as_they_were() {
    for given in [U256::from(5), U256::MAX] {
        for (kind, action) in [
            (Kind::Nft, Walk(ABOVE)),
            (Kind::Direct, Convert),
            (Kind::Nft, Exit(TOKEN1)),
        ] {
            let (world, held) = beside(kind, Pair::Awkward).await;
            for token in world.tokens {
                world.approve(&world.owner, token, world.npm, given).await;
            }
            world.act(&held, action, World::open_limits()).await.unwrap();
            for token in world.tokens {
                assert_eq!(world.allowance(token, world.npm).await, given, "{action:?}");
            }
        }
    }
}

#[tokio::test]
async fn the_largest_numbers_that_an_order_can_hold_are_safe() {
    for kind in KINDS {
        let (world, held) = earning(kind, Pair::Equal).await;
        let before = state(&world, &held).await;
        for limits in [guarded((1 << 24) - 1), guarded(0)] {
            for window in [u32::MAX, u32::MAX - 1] {
                let limits = Limits {
                    twapWindow: window,
                    ..limits.clone()
                };
                revert_data(world.act(&held, Convert, limits).await);
            }
        }
        assert_eq!(state(&world, &held).await, before);
        let limits = Limits {
            maxTickDeviation: guarded((1 << 24) - 1).maxTickDeviation,
            deadline: U256::MAX,
            ..guarded(0)
        };
        world.act(&held, Exit(TOKEN1), limits).await.unwrap();
    }
}
