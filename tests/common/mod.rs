//! A devnode with Uniswap v3 as published, our programs, the shell, and wallets: what the programs' tests stand on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::too_many_arguments,
    missing_docs,
    dead_code
)]

pub mod aave;
pub mod direct;
pub mod governed;
pub mod held;
pub mod ideal;
pub mod limited_node;
pub mod meter;
pub mod mirror;
pub mod scene;
pub mod seen;
pub mod world;

use alloy::{
    primitives::{Address, Bytes, U256},
    sol,
    sol_types::SolError,
};
use hedgerow::error::Error;

#[allow(unused_imports)]
pub use world::{Pair, World};

sol! {
    #![sol(all_derives)]

    /// What the tests ask of Uniswap beyond the command's own bindings.
    interface IMore {
        struct CollectParams { uint256 tokenId; address recipient; uint128 amount0Max; uint128 amount1Max; }
        struct DecreaseParams {
            uint256 tokenId; uint128 liquidity; uint256 amount0Min; uint256 amount1Min; uint256 deadline;
        }
        function collect(CollectParams params) external returns (uint256 amount0, uint256 amount1);
        function decreaseLiquidity(DecreaseParams params) external returns (uint256 amount0, uint256 amount1);
        function burn(uint256 tokenId) external;
        function createPool(address tokenA, address tokenB, uint24 fee) external returns (address pool);
        function tickBitmap(int16 word) external view returns (uint256);
        function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes data) external;
        function version() external view returns (uint256);
    }

    interface IHostile {
        function arm(address target, bytes call) external;
        function attempts() external view returns (uint256);
        function successes() external view returns (uint256);
        function refusal() external view returns (bytes4);
    }

    interface IManagerErrors {
        error Unauthorised(address caller);
        error DeadlinePassed(uint256 deadline, uint256 timestamp);
        error NotOwner(uint256 tokenId, address owner);
        error NoLiquidity(uint256 id);
        error NothingToAdd(uint256 id);
        error ReentrantCall();
        error InvalidRange(int24 tickLower, int24 tickUpper, int24 tickSpacing);
        error NotOneSided(int24 tick, int24 tickLower, int24 tickUpper);
        error ForeignFactory(address factory, address expected);
        error PriceDeviation(int24 tick, int24 twapTick, uint24 maxTickDeviation);
        error AmountBelowMinimum(uint256 amount0, uint256 amount1);
        error LiquidityBelowMinimum(uint128 liquidity, uint128 minLiquidity);
        error SwapIncomplete(uint256 wanted, uint256 swapped);
        error CallFailed(address target, bytes reason);
        error CallbackRefused(address caller, address expected);
        error CallbackExceedsMaximum(uint256 amount, uint256 maximum);
    }
}

/// What a refused call reverted with.
pub fn revert_data<T: std::fmt::Debug>(result: Result<T, Error>) -> Bytes {
    match result {
        Err(Error::Reverted { data, .. }) => data,
        other => panic!("expected a revert, got {other:?}"),
    }
}

/// The refusal as one particular error.
pub fn refusal<E: SolError, T: std::fmt::Debug>(result: Result<T, Error>) -> E {
    let data = revert_data(result);
    E::abi_decode_validate(&data).unwrap_or_else(|_| panic!("expected {}, got {data}", E::SIGNATURE))
}

/// `CallFailed` of `target` with a reason string, as `require` gives it.
pub fn failed(target: Address, reason: &str) -> Vec<u8> {
    let reason = if reason.is_empty() {
        Bytes::new()
    } else {
        alloy::sol_types::Revert::from(reason).abi_encode().into()
    };
    IManagerErrors::CallFailed { target, reason }.abi_encode()
}

/// Ten to the power of `exponent`, times `count`.
pub fn units(count: u64, exponent: u64) -> U256 {
    U256::from(count) * U256::from(10).pow(U256::from(exponent))
}
