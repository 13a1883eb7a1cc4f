//! A position as the lens sees it, held against the chain and the core.

use alloy::primitives::U256;
use hedgerow::{
    bindings::ILens::{Position, positionCall},
    client::Call,
};
use hedgerow_core::position::figures;

use super::{World, mirror::collect_all, world::int24};

/// What the lens says of one position.
pub async fn look(world: &World, token_id: U256, entry: U256) -> Position {
    let call = positionCall {
        positionManager: world.npm,
        tokenId: token_id,
        entrySqrtPriceX96: entry.saturating_to(),
    };
    world.read(world.lens, &call).await
}

/// What `collect` pays at this moment, by running it without sending it.
pub async fn collectable(world: &World, token_id: U256) -> [U256; 2] {
    let call = collect_all(world, token_id);
    let paid = world
        .client
        .simulate(Call::new(world.owner.address(), world.npm, &call), &call)
        .await
        .unwrap();
    [paid.amount0, paid.amount1]
}

/// Asserts that everything the lens says is what the chain holds, what the core computes, and what `collect` pays.
pub async fn assert_true(world: &World, token_id: U256, entry: U256) -> Position {
    let seen = look(world, token_id, entry).await;
    let held = world.position(token_id).await;
    let pool = world.pool_of(held.fee).await;
    let (sqrt_price, tick) = world.slot0_of(pool).await;
    assert_eq!((seen.pool, seen.token0, seen.token1), (pool, held.token0, held.token1));
    assert_eq!(
        (seen.fee, seen.tickLower, seen.tickUpper),
        (held.fee, held.tickLower, held.tickUpper)
    );
    assert_eq!(
        (seen.liquidity, U256::from(seen.sqrtPriceX96), seen.tick),
        (held.liquidity, sqrt_price, int24(tick))
    );

    let (lower, upper) = (held.tickLower.as_i32(), held.tickUpper.as_i32());
    let core = figures(held.liquidity, entry, sqrt_price, lower, upper).unwrap();
    let lens = &seen.figures;
    assert_eq!((lens.amount0, lens.amount1), (core.amount0, core.amount1));
    assert_eq!((lens.value, lens.hold, lens.il), (core.value, core.hold, core.il));
    assert_eq!(
        (lens.delta, lens.gamma, lens.dollarGamma),
        (core.delta, core.gamma, core.dollar_gamma)
    );
    assert_eq!([seen.fees0, seen.fees1], collectable(world, token_id).await, "fees");
    seen
}
