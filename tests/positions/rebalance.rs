//! The manager on a chain: real Uniswap, a real wallet, one call.

use crate::common::{IManagerErrors, Pair, World, mirror, refusal, units};
use alloy::primitives::{Address, U256};
use hedgerow::bindings::IManager::Rebalanced;
use hedgerow::bindings::IUniswapV3Pool::liquidityCall;

/// Rebalances, and asserts what must hold of every rebalance: what the native core predicted is minted to the last unit,
/// the old NFT is gone, the wallet keeps all it had, no allowance is left, and what is left over is rounding.
async fn assert_moves(world: &World, token_id: U256, range: (i32, i32)) -> (Rebalanced, u64) {
    let owner = world.owner.address();
    let before = world.balances(owner).await;
    let predicted = mirror::predict(world, token_id, range).await;
    let (event, gas) = world.rebalance(token_id, range, World::open_limits()).await.unwrap();

    assert_eq!((event.tickLower.as_i32(), event.tickUpper.as_i32()), range);
    assert_eq!(
        event.liquidity, predicted.liquidity,
        "liquidity, against the native core"
    );
    assert_eq!(
        world.slot0().await.0,
        predicted.sqrt_price,
        "the price, against the native core"
    );
    assert_eq!((event.source, event.id), (world.npm, token_id));
    assert_eq!(world.owner_of(event.newId).await.unwrap(), owner);
    assert!(world.owner_of(token_id).await.is_err(), "the old NFT is still there");
    let minted = world.position(event.newId).await;
    assert_eq!((minted.tickLower.as_i32(), minted.tickUpper.as_i32()), range);
    assert_eq!(minted.liquidity, event.liquidity);

    assert_no_allowance(world).await;
    let after = world.balances(owner).await;
    for (i, predicted) in [predicted.amount0, predicted.amount1].into_iter().enumerate() {
        let used = [event.amount0, event.amount1][i];
        assert!(
            after[i] >= before[i],
            "token{i}: the wallet paid {}",
            before[i] - after[i]
        );
        assert_eq!(
            after[i] - before[i],
            predicted - used,
            "token{i}: what was not minted is back in the wallet"
        );
    }
    let dust = [after[0] - before[0], after[1] - before[1]];
    let others = others_liquidity(world, range, event.liquidity).await;
    let depth = U256::from(event.liquidity / others.max(1));
    assert_dust_is_rounding(world, [event.amount0, event.amount1], dust, depth);
    (event, gas)
}

/// What everybody else has in range.
async fn others_liquidity(world: &World, (lower, upper): (i32, i32), own: u128) -> u128 {
    let all = world.read(world.pool, &liquidityCall {}).await;
    let tick = world.slot0().await.1;
    if (lower..upper).contains(&tick) { all - own } else { all }
}

/// What a swap and a mint can leave over is bounded by a few raw units of the other token: valued at the price, or in the
/// ratio in which the range takes the two, whichever is more. One unit that is swapped moves the price by 1 / (the others'
/// liquidity), and with it what the position needs by its own liquidity over theirs: that many units more, either way.
fn assert_dust_is_rounding(world: &World, used: [U256; 2], dust: [U256; 2], depth: U256) {
    let units = world.pair.units();
    for (mine, other) in [(0, 1), (1, 0)] {
        let price = units[mine] / units[other];
        let ratio = used[mine].checked_div(used[other]).unwrap_or_default();
        let worth_of_one = price.max(ratio) + U256::ONE;
        let left = dust[mine];
        assert!(
            left <= worth_of_one * (U256::from(12) + depth),
            "token{mine}: {left} left over of {used:?}, in a position {depth} times as deep as the pool"
        );
    }
}

async fn assert_no_allowance(world: &World) {
    for token in world.tokens {
        for spender in [world.npm, world.pool, world.router, world.program, world.shell] {
            assert_eq!(
                world.allowance(token, spender).await,
                U256::ZERO,
                "{token} for {spender}"
            );
        }
    }
}

/// An owner with tokens of its own, which no rebalance may touch, and a position of `count` units around the price.
async fn settled(pair: Pair, count: u64) -> (World, U256) {
    let world = World::new(pair).await;
    let unit = pair.units();
    world.fund(&world.owner, unit.map(|unit| unit * U256::from(777))).await;
    let range = (pair.tick() - 1_200, pair.tick() + 1_200);
    let id = world
        .mint(&world.owner, range, unit.map(|unit| unit * U256::from(count)))
        .await;
    (world, id)
}

/// Further positions of the trader, so that the price crosses initialised ticks when it moves.
async fn scatter(world: &World) {
    let tick = world.pair.tick();
    for (lower, upper) in [(-60, 60), (60, 240), (-300, -120), (180, 900), (-1_020, -60)] {
        let amounts = world.pair.units().map(|unit| unit * U256::from(50));
        world.mint(&world.trader, (tick + lower, tick + upper), amounts).await;
    }
}

#[tokio::test]
async fn a_position_in_range_moves_to_where_the_price_went() {
    for pair in [Pair::Equal, Pair::EtherDollar] {
        let (world, id) = settled(pair, 1_000).await;
        let [unit0, unit1] = pair.units();
        for (zero_for_one, unit) in [(false, unit1), (true, unit0)] {
            let mut id = id;
            if !zero_for_one {
                world.trade(zero_for_one, unit * U256::from(2_500)).await;
                let tick = world.slot0().await.1.div_euclid(60) * 60;
                id = assert_moves(&world, id, (tick - 900, tick + 1_500)).await.0.newId;
                // And once more, to the same range: that compounds, and as yet it has earned nothing.
                let again = world.rebalance(id, (tick - 900, tick + 1_500), World::open_limits());
                let refused: IManagerErrors::NothingToAdd = refusal(again.await);
                assert_eq!(refused.id, id);
            }
        }
    }
}

#[tokio::test]
async fn a_position_that_the_price_left_on_either_side_comes_back_to_it() {
    for zero_for_one in [false, true] {
        let (world, id) = settled(Pair::EtherDollar, 1_000).await;
        let unit = world.pair.units()[usize::from(!zero_for_one)];
        world.trade(zero_for_one, unit * U256::from(12_000)).await;
        let tick = world.slot0().await.1;
        let held = world.position(id).await;
        assert!(
            tick < held.tickLower.as_i32() || tick > held.tickUpper.as_i32(),
            "still in range at {tick}"
        );
        let middle = tick.div_euclid(60) * 60;
        assert_moves(&world, id, (middle - 1_200, middle + 1_200)).await;
    }
}

#[tokio::test]
async fn a_swap_crosses_as_many_initialised_ticks_as_it_must() {
    for zero_for_one in [false, true] {
        let (world, id) = settled(Pair::Equal, 60_000).await;
        scatter(&world).await;
        // Far out on one side, so that nearly half of a large position is sold through everybody's ranges.
        world.trade(zero_for_one, units(40_000, 18)).await;
        let tick = world.slot0().await.1.div_euclid(60) * 60;
        let before = world.slot0().await.1;
        assert_moves(&world, id, (tick - 2_400, tick + 2_400)).await;
        let crossed = (world.slot0().await.1 - before).abs();
        assert!(crossed > 180, "the swap moved {crossed} ticks only");
    }
}

#[tokio::test]
async fn a_range_beside_the_price_takes_one_token_only() {
    for above in [true, false] {
        let (world, id) = settled(Pair::Equal, 1_000).await;
        scatter(&world).await;
        // All of one token is sold, and the price moves towards the range while it is.
        let range = if above { (600, 1_200) } else { (-1_200, -600) };
        let (event, _) = assert_moves(&world, id, range).await;
        let [none, all] = if above {
            [event.amount1, event.amount0]
        } else {
            [event.amount0, event.amount1]
        };
        assert!(none.is_zero() && !all.is_zero());
    }
}

#[tokio::test]
async fn whatever_the_market_did_the_chain_does_what_the_core_predicts() {
    let moves = std::env::var("HEDGEROW_LONG").map_or(25, |_| 400);
    for (pair, seed) in [(Pair::Equal, 1), (Pair::EtherDollar, 2)] {
        let (world, mut id) = settled(pair, 5_000).await;
        scatter(&world).await;
        let mut dice = Dice(seed);
        for i in 0..moves {
            let zero_for_one = dice.below(2) == 0;
            let unit = pair.units()[usize::from(!zero_for_one)];
            let amount = unit * U256::from(1 + dice.below(9_000)) / U256::from(1 + dice.below(50));
            world.trade(zero_for_one, amount).await;
            let tick = world.slot0().await.1.div_euclid(60) as i64;
            let lower = tick - 40 + dice.below(60) as i64;
            let range = (lower as i32 * 60, (lower + 1 + dice.below(40) as i64) as i32 * 60);
            println!(
                "{pair:?} move {i}: {amount} of token{}, to {range:?}",
                u8::from(!zero_for_one)
            );
            id = assert_moves(&world, id, range).await.0.newId;
        }
    }
}

/// Repeatable chance: Knuth's linear congruential generator.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }
}

#[tokio::test]
async fn the_last_position_of_a_pool_moves_without_a_swap() {
    let (world, id) = settled(Pair::Equal, 1_000).await;
    world.trade(false, units(2_000, 18)).await;
    world.drain().await;
    let (before, price) = (world.balances(world.owner.address()).await, world.slot0().await);
    // Once its own liquidity is withdrawn there is nobody to trade with.
    let (event, gas) = world.rebalance(id, (-600, 1_800), World::open_limits()).await.unwrap();
    let after = world.balances(world.owner.address()).await;
    assert_eq!(world.slot0().await, price);
    assert!(after[0] == before[0] || after[1] == before[1], "one token is used up");
    assert!(
        after[0] > before[0] || after[1] > before[1],
        "and what does not fit is back in the wallet"
    );
    assert_eq!(world.position(event.newId).await.liquidity, event.liquidity);
    assert_no_allowance(&world).await;
    // The search for somebody reads every word of the bitmap on one side.
    assert!(gas < 1_500_000, "{gas}");
}

#[tokio::test]
async fn tokens_as_awkward_as_tether_move_too() {
    let (world, id) = settled(Pair::Awkward, 1_000).await;
    world.trade(false, units(2_000, 18)).await;
    assert_moves(&world, id, (-600, 1_800)).await;
}

#[tokio::test]
async fn allowances_that_the_owner_had_given_are_as_they_were() {
    for pair in [Pair::Equal, Pair::Awkward] {
        for given in [U256::from(5), units(1, 30), U256::MAX] {
            let (world, id) = settled(pair, 1_000).await;
            for token in world.tokens {
                world.approve(&world.owner, token, world.npm, given).await;
            }
            world.trade(true, units(2_000, 18)).await;
            world.rebalance(id, (-1_800, 600), World::open_limits()).await.unwrap();
            for token in world.tokens {
                assert_eq!(world.allowance(token, world.npm).await, given, "{pair:?}");
            }
        }
    }
}

#[tokio::test]
async fn an_account_that_delegates_straight_to_the_program_loses_nothing() {
    // The program leaves the pool's callback to the shell, so that nothing pays for it at every entry.
    let (world, id) = settled(Pair::Equal, 1_000).await;
    world.trade(false, units(2_000, 18)).await;
    world.delegate(world.program).await;
    let before = world.balances(world.owner.address()).await;
    let refused: IManagerErrors::CallFailed = refusal(world.rebalance(id, (-600, 1_800), World::open_limits()).await);
    assert_eq!(refused.target, world.pool);
    assert_eq!(world.owner_of(id).await.unwrap(), world.owner.address());
    assert_eq!(world.balances(world.owner.address()).await, before);
}

#[tokio::test]
async fn the_gas_of_a_rebalance_stays_below_that_of_the_same_batch_in_solidity() {
    // A range of 1,200 ticks either side, 12,000 tokens move the price out of it. In the same market a delegated EOA's own
    // batch of approvals, withdrawal, swap and mint, its amounts worked out beforehand, takes 611,631 gas: it leaves the old
    // NFT and its allowances behind.
    let (world, id) = settled(Pair::Equal, 1_000).await;
    world.trade(false, units(12_000, 18)).await;
    let middle = world.slot0().await.1.div_euclid(60) * 60;
    let (_, gas) = assert_moves(&world, id, (middle - 1_200, middle + 1_200)).await;
    println!("rebalance: {gas} gas");
    assert!(gas < 611_631, "{gas}");
}

#[tokio::test]
async fn nobody_else_moves_a_position() {
    let (world, id) = settled(Pair::Equal, 1_000).await;
    let order = world.order(id, (-600, 600), World::open_limits());
    let caller = world.stranger.address();
    let refused: IManagerErrors::Unauthorised = refusal(world.rebalance_by(&world.stranger, &order).await);
    assert_eq!(refused.caller, caller);
    // Nor at the program's own address, nor at the shell's.
    for place in [world.program, world.shell] {
        let sent = world
            .client
            .send(&world.owner, hedgerow::client::Transaction::call(place, &order), "")
            .await;
        let refused: IManagerErrors::Unauthorised = refusal(sent);
        assert_eq!(refused.caller, world.owner.address());
    }
    assert_eq!(world.owner_of(id).await.unwrap(), world.owner.address());
}

#[tokio::test]
async fn only_an_own_position_with_liquidity_moves_and_only_to_a_range_of_the_pool() {
    let (world, id) = settled(Pair::Equal, 1_000).await;
    let other = world.mint(&world.trader, (-600, 600), [units(10, 18); 2]).await;
    let refused: IManagerErrors::NotOwner = refusal(world.rebalance(other, (-60, 60), World::open_limits()).await);
    assert_eq!((refused.tokenId, refused.owner), (other, world.trader.address()));

    for (lower, upper) in [
        (60, 60),
        (120, 60),
        (-61, 60),
        (-60, 61),
        (-887_280, 60),
        (-60, 887_280),
    ] {
        let refused: IManagerErrors::InvalidRange =
            refusal(world.rebalance(id, (lower, upper), World::open_limits()).await);
        let told = (
            refused.tickLower.as_i32(),
            refused.tickUpper.as_i32(),
            refused.tickSpacing.as_i32(),
        );
        assert_eq!(told, (lower, upper, 60));
    }

    let nobody = crate::common::revert_data(world.rebalance(U256::from(99), (-60, 60), World::open_limits()).await);
    assert_eq!(
        nobody,
        crate::common::failed(world.npm, "ERC721: owner query for nonexistent token")
    );

    let params = crate::common::IMore::DecreaseParams {
        tokenId: id,
        liquidity: world.position(id).await.liquidity,
        amount0Min: U256::ZERO,
        amount1Min: U256::ZERO,
        deadline: U256::MAX,
    };
    world
        .send(
            &world.owner,
            world.npm,
            &crate::common::IMore::decreaseLiquidityCall { params },
        )
        .await;
    let refused: IManagerErrors::NoLiquidity = refusal(world.rebalance(id, (-60, 60), World::open_limits()).await);
    assert_eq!(refused.id, id);
}

#[tokio::test]
async fn an_owner_who_delegates_to_nothing_of_ours_is_not_moved() {
    let (world, id) = settled(Pair::Equal, 1_000).await;
    world.delegate(Address::ZERO).await;
    // A call to a wallet without code succeeds and does nothing.
    let order = world.order(id, (-600, 600), World::open_limits());
    let account = world.owner.address();
    let call = hedgerow::client::Transaction::call(account, &order);
    let receipt = world.client.send(&world.owner, call, "").await.unwrap();
    assert!(receipt.inner.logs().is_empty());
}
