//! What the native core says that the program will do: the same solver, over the pool's ticks as JSON-RPC gives them.

use std::collections::HashMap;

use alloy::{
    primitives::{U256, aliases::I24},
    providers::ext::AnvilApi,
};
use hedgerow::bindings::IUniswapV3Pool::{liquidityCall, ticksCall};
use hedgerow_core::{
    Error,
    tick::{bitmap_position, next_in_word, range_sqrt_prices},
    zap::{self, Plan, Pool, Ticks},
};

use super::{
    IMore::{CollectParams, DecreaseParams, collectCall, decreaseLiquidityCall, tickBitmapCall},
    World,
    world::{FEE, SPACING},
};

/// How many bitmap words are read either side of the price.
const WORDS: i16 = 4;

struct Copied {
    words: HashMap<i16, U256>,
    nets: HashMap<i32, i128>,
}

impl Ticks for Copied {
    type Error = Error;

    fn next(&mut self, tick: i32, zero_for_one: bool) -> Result<(i32, bool), Error> {
        let (index, _) = bitmap_position(tick, SPACING, zero_for_one);
        Ok(next_in_word(self.words[&index], tick, SPACING, zero_for_one))
    }

    fn liquidity_net(&mut self, tick: i32) -> Result<i128, Error> {
        Ok(self.nets[&tick])
    }
}

/// The swap and the liquidity that the native core predicts: the owner withdraws by hand, the pool is copied, the solver
/// runs, and the chain is put back as it was.
pub async fn predict(world: &World, token_id: U256, (lower, upper): (i32, i32)) -> Plan {
    let snapshot = world.client.provider().anvil_snapshot().await.unwrap();
    let before = world.balances(world.owner.address()).await;
    withdraw(world, token_id).await;
    let after = world.balances(world.owner.address()).await;
    let (pool, mut ticks) = copy(world).await;
    world.client.provider().anvil_revert(snapshot).await.unwrap();
    let (lower, upper) = range_sqrt_prices(lower, upper).unwrap();
    zap::solve(
        &pool,
        lower,
        upper,
        after[0] - before[0],
        after[1] - before[1],
        &mut ticks,
    )
    .unwrap()
}

async fn withdraw(world: &World, token_id: U256) {
    let liquidity = world.position(token_id).await.liquidity;
    let decrease = DecreaseParams {
        tokenId: token_id,
        liquidity,
        amount0Min: U256::ZERO,
        amount1Min: U256::ZERO,
        deadline: U256::MAX,
    };
    world
        .send(&world.owner, world.npm, &decreaseLiquidityCall { params: decrease })
        .await;
    world.send(&world.owner, world.npm, &collect_all(world, token_id)).await;
}

/// `collect` of everything, to the owner.
pub fn collect_all(world: &World, token_id: U256) -> collectCall {
    let params = CollectParams {
        tokenId: token_id,
        recipient: world.owner.address(),
        amount0Max: u128::MAX,
        amount1Max: u128::MAX,
    };
    collectCall { params }
}

async fn copy(world: &World) -> (Pool, Copied) {
    let (sqrt_price, tick) = world.slot0().await;
    let liquidity = world.read(world.pool, &liquidityCall {}).await;
    let mut copied = Copied {
        words: HashMap::new(),
        nets: HashMap::new(),
    };
    let (middle, _) = bitmap_position(tick, SPACING, true);
    for index in middle - WORDS..=middle + WORDS {
        let word = world.read(world.pool, &tickBitmapCall { word: index }).await;
        for bit in (0..256).filter(|bit| word.bit(*bit)) {
            let tick = (i32::from(index) * 256 + bit as i32) * SPACING;
            let net = world
                .read(
                    world.pool,
                    &ticksCall {
                        tick: I24::try_from(tick).unwrap(),
                    },
                )
                .await;
            copied.nets.insert(tick, net.liquidityNet);
        }
        copied.words.insert(index, word);
    }
    (
        Pool {
            sqrt_price,
            tick,
            liquidity,
            fee_pips: FEE,
        },
        copied,
    )
}
