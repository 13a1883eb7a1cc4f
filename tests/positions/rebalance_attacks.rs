//! Attacks on a rebalance that its owner ordered: by the position manager it names, by whoever carries it, by its own numbers.

use crate::common::{
    IManagerErrors, IMore::uniswapV3SwapCallbackCall, Pair, World, refusal, revert_data, units, world::FEE,
    world::SPACING,
};
use alloy::{
    primitives::{Address, B256, Bytes, I256, U256, aliases::U24, b256},
    sol,
    sol_types::{SolCall, SolError, SolEvent, SolValue},
};
use hedgerow::{
    artifacts::with_arguments,
    bindings::{
        IERC20::approveCall,
        IEntryPoint::{UserOperationEvent, handleOpsCall},
        IManager::{Limits, rebalanceCall},
        IShell::executeCall,
        ISwapRouter, ITestToken,
    },
    client::Transaction,
    program::deploy_deterministic,
    user_operation::{ENTRY_POINT, UserOperation},
};
use hedgerow_core::tick::{sqrt_price_at_tick, usable_limits};

sol! {
    interface IGreedy {
        function act(address target, bytes call) external;
        function arm(address target, bytes call) external;
        function grab(address account) external;
        function taken(uint256 index) external view returns (uint256);
        function successes() external view returns (uint256);
    }
    interface ICounterfeit {
        function deploy(bytes poolCode, address token0, address token1, uint160 sqrtPriceX96, uint128 liquidity) external;
    }
    struct Execution { address target; uint256 value; bytes callData; }
}

const BATCH: B256 = b256!("0100000000000000000000000000000000000000000000000000000000000000");

/// An owner with tokens of its own and a position, in a pool with two hours of history.
async fn settled() -> (World, U256) {
    let world = World::new(Pair::Equal).await;
    world.fund(&world.owner, [units(777, 18); 2]).await;
    let id = world.mint(&world.owner, (-1_200, 1_200), [units(1_000, 18); 2]).await;
    world.pass(3_600).await;
    world.trade(false, units(100, 18)).await;
    world.pass(3_600).await;
    (world, id)
}

/// A position manager that means harm, in front of Uniswap's own factory, with a bait to pay out.
async fn greedy(world: &World, bait: [U256; 2]) -> Address {
    greedy_with(world, world.factory, world.tokens, bait).await
}

async fn greedy_with(world: &World, factory: Address, tokens: [Address; 2], bait: [U256; 2]) -> Address {
    let code = world
        .artifacts
        .contract("GreedyPositionManager", "GreedyPositionManager")
        .unwrap();
    let arguments = (factory, tokens[0], tokens[1]);
    let greedy = world.create(with_arguments(&code, &arguments)).await;
    for (token, amount) in tokens.into_iter().zip(bait) {
        let give = ITestToken::mintCall { to: greedy, amount };
        world.send(&world.stranger, token, &give).await;
    }
    greedy
}

fn guarded(window: u32, deviation: u32) -> Limits {
    Limits {
        twapWindow: window,
        maxTickDeviation: U24::from(deviation),
        ..World::open_limits()
    }
}

async fn assert_no_allowance(world: &World, spender: Address) {
    for token in world.tokens {
        assert_eq!(world.allowance(token, spender).await, U256::ZERO);
    }
}

#[tokio::test]
async fn a_phisher_in_front_of_a_real_pool_gets_back_no_more_than_the_bait() {
    let (world, id) = settled().await;
    let account = world.owner.address();
    for bait in [
        [units(1_000, 18), U256::ZERO],
        [U256::ZERO, units(1_000, 18)],
        [U256::ZERO; 2],
    ] {
        let greedy = greedy(&world, bait).await;
        let before = world.balances(account).await;
        let order = rebalanceCall {
            positionManager: greedy,
            ..world.order(id, (-600, 600), World::open_limits())
        };
        world.rebalance_by(&world.owner, &order).await.unwrap();
        world
            .send(&world.stranger, greedy, &IGreedy::grabCall { account })
            .await;

        let (after, mut taken) = (world.balances(account).await, U256::ZERO);
        for i in 0..2 {
            assert!(
                after[i] >= before[i],
                "token{i}: the wallet lost {}",
                before[i] - after[i]
            );
            taken += world.read(greedy, &IGreedy::takenCall { index: U256::from(i) }).await;
        }
        assert_eq!(taken.is_zero(), bait == [U256::ZERO; 2], "taken: {taken}");
        assert_no_allowance(&world, greedy).await;
        assert_eq!(world.owner_of(id).await.unwrap(), account);
    }
}

/// A pool of Uniswap's own code where the pool of these tokens would be, which never had them, at any price.
async fn counterfeit(world: &World, [token0, token1]: [Address; 2], tick: i32) -> Address {
    let code = world
        .artifacts
        .contract("CounterfeitFactory", "CounterfeitFactory")
        .unwrap();
    let factory = world.create(code).await;
    let pool = "@uniswap/v3-core/artifacts/contracts/UniswapV3Pool.sol/UniswapV3Pool.json";
    let deploy = ICounterfeit::deployCall {
        poolCode: world.artifacts.published(pool).unwrap(),
        token0,
        token1,
        sqrtPriceX96: sqrt_price_at_tick(tick).unwrap().saturating_to(),
        liquidity: 10_u128.pow(30),
    };
    world.send(&world.stranger, factory, &deploy).await;
    factory
}

#[tokio::test]
async fn a_pool_that_pays_in_nothing_does_not_open_the_wallet() {
    for sold in [0, 1] {
        let (world, id) = settled().await;
        let account = world.owner.address();
        // One unit of bait for more than the wallet holds of the other token.
        let factory = counterfeit(&world, world.tokens, if sold == 0 { 100_020 } else { -100_020 }).await;
        let mut bait = [U256::ZERO; 2];
        bait[sold] = units(1, 18);
        let greedy = greedy_with(&world, factory, world.tokens, bait).await;
        let before = world.balances(account).await;
        let order = rebalanceCall {
            positionManager: greedy,
            ..world.order(id, (-600, 600), World::open_limits())
        };
        world.rebalance_by(&world.owner, &order).await.unwrap();
        world
            .send(&world.stranger, greedy, &IGreedy::grabCall { account })
            .await;
        assert_eq!(world.balances(account).await, before);
        assert_no_allowance(&world, greedy).await;
    }
}

#[tokio::test]
async fn one_token_twice_is_no_pool() {
    let (world, id) = settled().await;
    let account = world.owner.address();
    let tokens = [world.tokens[0]; 2];
    let factory = counterfeit(&world, tokens, 0).await;
    let greedy = greedy_with(&world, factory, tokens, [units(100, 18), U256::ZERO]).await;
    let before = world.balances(account).await;
    let order = rebalanceCall {
        positionManager: greedy,
        ..world.order(id, (-600, 600), World::open_limits())
    };
    // What comes once would count twice, and what is lent twice would be asked back once.
    let refused: IManagerErrors::CallFailed = refusal(world.rebalance_by(&world.owner, &order).await);
    assert_eq!((refused.target, refused.reason), (greedy, Bytes::new()));
    assert_eq!(world.balances(account).await, before);
}

#[tokio::test]
async fn a_price_bent_in_the_middle_of_a_rebalance_buys_nothing() {
    for bait in [0, 1] {
        for bend in [0, 1] {
            let (world, id) = settled().await;
            let amounts = |index: usize, amount| {
                let mut amounts = [U256::ZERO; 2];
                amounts[index] = amount;
                amounts
            };
            let greedy = greedy(&world, amounts(bait, units(1_000, 18))).await;
            let ammunition = units(3_000, 18);
            let give = ITestToken::mintCall {
                to: greedy,
                amount: ammunition,
            };
            world.send(&world.stranger, world.tokens[bend], &give).await;
            let approve = approveCall {
                spender: world.router,
                amount: U256::MAX,
            };
            let act = IGreedy::actCall {
                target: world.tokens[bend],
                call: approve.abi_encode().into(),
            };
            world.send(&world.stranger, greedy, &act).await;
            let params = ISwapRouter::ExactInputSingleParams {
                tokenIn: world.tokens[bend],
                tokenOut: world.tokens[1 - bend],
                fee: U24::from(FEE),
                recipient: world.stranger.address(),
                deadline: U256::MAX,
                amountIn: ammunition,
                amountOutMinimum: U256::ZERO,
                sqrtPriceLimitX96: Default::default(),
            };
            let arm = IGreedy::armCall {
                target: world.router,
                call: ISwapRouter::exactInputSingleCall { params }.abi_encode().into(),
            };
            world.send(&world.stranger, greedy, &arm).await;
            let order = |limits| rebalanceCall {
                positionManager: greedy,
                ..world.order(id, (-600, 600), limits)
            };
            let refused = revert_data(world.rebalance_by(&world.owner, &order(guarded(600, 100))).await);
            let refused = Bytes::copy_from_slice(&refused[..4]);

            // Bent against the sale: there is no room for it. Bent in its favour: the price that it leaves is refused.
            let expected = if bait == bend {
                IManagerErrors::SwapIncomplete::SELECTOR
            } else {
                IManagerErrors::PriceDeviation::SELECTOR
            };
            assert_eq!(refused, Bytes::from(expected), "bait {bait}, bend {bend}");
            // Without the guard the bend happens: it was no other failure.
            world
                .rebalance_by(&world.owner, &order(World::open_limits()))
                .await
                .unwrap();
            assert_eq!(world.read(greedy, &IGreedy::successesCall {}).await, U256::ONE);
        }
    }
}

#[tokio::test]
async fn a_position_manager_cannot_act_for_the_account_that_calls_it() {
    let (world, id) = settled().await;
    let greedy = greedy(&world, [units(10, 18); 2]).await;
    let account = world.owner.address();
    let grab = uniswapV3SwapCallbackCall {
        amount0Delta: I256::ONE,
        amount1Delta: I256::MINUS_ONE,
        data: Default::default(),
    };
    let theft = Execution {
        target: world.tokens[0],
        value: U256::ZERO,
        callData: approveCall {
            spender: greedy,
            amount: U256::MAX,
        }
        .abi_encode()
        .into(),
    };
    let execute = executeCall {
        mode: BATCH,
        executionData: vec![theft].abi_encode().into(),
    };
    let again = world.order(id, (-600, 600), World::open_limits());
    for call in [grab.abi_encode(), execute.abi_encode(), again.abi_encode()] {
        let arm = IGreedy::armCall {
            target: account,
            call: call.into(),
        };
        world.send(&world.stranger, greedy, &arm).await;
        let order = rebalanceCall {
            positionManager: greedy,
            ..world.order(id, (-600, 600), World::open_limits())
        };
        world.rebalance_by(&world.owner, &order).await.unwrap();
        assert_eq!(world.read(greedy, &IGreedy::successesCall {}).await, U256::ZERO);
    }
    assert_eq!(world.owner_of(id).await.unwrap(), account);
}

#[tokio::test]
async fn two_positions_move_in_one_batch() {
    let (world, first) = settled().await;
    let second = world.mint(&world.owner, (-2_400, 2_400), [units(500, 18); 2]).await;
    let (account, before) = (world.owner.address(), world.balances(world.owner.address()).await);
    let calls = [first, second].map(|id| Execution {
        target: Address::ZERO,
        value: U256::ZERO,
        callData: world.order(id, (-600, 1_800), guarded(600, 500)).abi_encode().into(),
    });
    let execute = executeCall {
        mode: BATCH,
        executionData: calls.to_vec().abi_encode().into(),
    };
    world.send(&world.owner, account, &execute).await;
    for (moved, id) in [(first, second + U256::ONE), (second, second + U256::from(2))] {
        assert!(world.owner_of(moved).await.is_err());
        assert_eq!(world.owner_of(id).await.unwrap(), account);
    }
    let after = world.balances(account).await;
    assert!(after[0] >= before[0] && after[1] >= before[1]);
    assert_no_allowance(&world, world.npm).await;
}

async fn deploy_entry_point(world: &World) {
    let code = world
        .artifacts
        .published("@account-abstraction/contracts/artifacts/EntryPoint.json")
        .unwrap();
    let salt = b256!("0a59dbff790c23c976a548690c27297883cc66b4c67024f9117b0238995e35e9");
    let deployed = deploy_deterministic(&world.client, &world.stranger, "EntryPoint", &code, salt).await;
    assert_eq!(deployed.unwrap().address, ENTRY_POINT);
}

/// Whether each of these orders, as user operations of one bundle, succeeded.
async fn bundle(world: &World, first_nonce: u64, orders: &[(rebalanceCall, u128)]) -> Vec<bool> {
    let operations = orders.iter().zip(first_nonce..).map(|((order, gas), nonce)| {
        let mut operation = UserOperation {
            sender: world.owner.address(),
            nonce: U256::from(nonce),
            delegate: None,
            call_data: order.abi_encode().into(),
            call_gas_limit: *gas,
            verification_gas_limit: 100_000,
            pre_verification_gas: 50_000,
            max_fee_per_gas: 1_000_000_000,
            max_priority_fee_per_gas: 1,
            sponsor: None,
            signature: Bytes::new(),
        };
        let chain = world.client.chain_id();
        operation.sign(&world.owner, chain, ENTRY_POINT).unwrap();
        operation.packed()
    });
    let call = handleOpsCall {
        ops: operations.collect(),
        beneficiary: world.stranger.address(),
    };
    let sent = world
        .client
        .send(&world.stranger, Transaction::call(ENTRY_POINT, &call), "a bundle")
        .await;
    let receipt = sent.unwrap();
    let events = receipt.inner.logs().iter();
    events
        .filter_map(|log| UserOperationEvent::decode_log(&log.inner).ok())
        .map(|event| event.success)
        .collect()
}

#[tokio::test]
async fn a_refused_rebalance_leaves_nothing_in_the_way_of_the_next_in_its_bundle() {
    let (world, id) = settled().await;
    deploy_entry_point(&world).await;
    let hopeless = Limits {
        minLiquidity: u128::MAX,
        ..World::open_limits()
    };
    let orders = [
        (world.order(id, (-600, 1_800), hopeless), 1_000_000),
        (world.order(id, (-600, 1_800), World::open_limits()), 1_000_000),
    ];
    assert_eq!(bundle(&world, 0, &orders).await, [false, true]);
    assert!(world.owner_of(id).await.is_err());
    assert_eq!(world.owner_of(id + U256::ONE).await.unwrap(), world.owner.address());
    assert_no_allowance(&world, world.npm).await;
}

#[tokio::test]
async fn a_rebalance_short_of_gas_happens_entirely_or_not_at_all() {
    let (world, id) = settled().await;
    deploy_entry_point(&world).await;
    let account = world.owner.address();
    let before = (
        world.balances(account).await,
        world.position(id).await,
        world.slot0().await,
    );
    let order = world.order(id, (-600, 1_800), guarded(600, 100));
    let mut moved = None;
    // Each step starves another of the calls that it makes on the way.
    for (nonce, gas) in (40_000..1_000_000).step_by(9_000).enumerate() {
        if bundle(&world, nonce as u64, &[(order.clone(), gas)]).await == [true] {
            moved = Some(gas);
            break;
        }
        let after = (
            world.balances(account).await,
            world.position(id).await,
            world.slot0().await,
        );
        assert_eq!(after, before, "{gas} gas left something half done");
    }
    assert!(moved.is_some_and(|gas| gas > 300_000), "{moved:?}");
    assert!(world.owner_of(id).await.is_err());
    assert_eq!(world.owner_of(id + U256::ONE).await.unwrap(), account);
    assert_no_allowance(&world, world.npm).await;
}

#[tokio::test]
async fn the_largest_numbers_that_an_order_can_hold_are_safe() {
    let (world, id) = settled().await;
    // A window longer than time, which the pool's own arithmetic wraps.
    for window in [u32::MAX, u32::MAX - 1] {
        revert_data(world.rebalance(id, (-600, 600), guarded(window, 100)).await);
    }
    // A guard that admits every price stops at the last one there is.
    let deviation = (1 << 24) - 1;
    let id = world
        .rebalance(id, (-600, 1_800), guarded(600, deviation))
        .await
        .unwrap()
        .0
        .newId;
    // The widest range of all, and back.
    let (event, _) = world
        .rebalance(id, usable_limits(SPACING), guarded(600, 100))
        .await
        .unwrap();
    let id = world
        .rebalance(event.newId, (-600, 600), guarded(600, 100))
        .await
        .unwrap()
        .0
        .newId;
    // At the ends of the price the same tokens are more liquidity than a uint128 holds.
    let before = (world.balances(world.owner.address()).await, world.position(id).await);
    let (lowest, highest) = usable_limits(SPACING);
    for range in [(lowest, lowest + SPACING), (highest - SPACING, highest)] {
        let refused: IManagerErrors::CallFailed = refusal(world.rebalance(id, range, World::open_limits()).await);
        println!("{range:?}: {refused:?}");
    }
    let after = (world.balances(world.owner.address()).await, world.position(id).await);
    assert_eq!(before, after);
}
