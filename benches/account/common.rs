//! The tests' world: Uniswap as published, our programs, the shell, and wallets.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_arguments,
    missing_docs,
    dead_code
)]

#[path = "../../tests/common/aave.rs"]
pub mod aave;
#[path = "../../tests/common/governed.rs"]
pub mod governed;
#[path = "../../tests/common/held.rs"]
pub mod held;
#[path = "../../tests/common/world.rs"]
pub mod world;

use alloy::sol;

pub use world::{Pair, World};

sol! {
    #![sol(all_derives)]

    /// What is asked of the position manager beyond the command's own bindings.
    interface IMore {
        struct CollectParams { uint256 tokenId; address recipient; uint128 amount0Max; uint128 amount1Max; }
        struct DecreaseParams {
            uint256 tokenId; uint128 liquidity; uint256 amount0Min; uint256 amount1Min; uint256 deadline;
        }
        function collect(CollectParams params) external returns (uint256 amount0, uint256 amount1);
        function decreaseLiquidity(DecreaseParams params) external returns (uint256 amount0, uint256 amount1);
    }
}
