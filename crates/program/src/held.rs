//! What a Uniswap v3 pool itself keeps of a position, and what the position has earned there.

use alloy_primitives::{Address, U256};
use alloy_sol_types::{SolCall, sol};
use hedgerow_core::fees;

use crate::{
    abi::{Word, head, uint, uint128},
    host::{Failed, Host},
    words,
};

#[allow(missing_docs)]
mod interfaces {
    use super::sol;

    sol! {
        interface IUniswapV3Pool {
            function feeGrowthGlobal0X128() external view returns (uint256);
            function feeGrowthGlobal1X128() external view returns (uint256);
            function ticks(int24 tick) external view returns (
                uint128 liquidityGross, int128 liquidityNet, uint256 feeGrowthOutside0X128, uint256 feeGrowthOutside1X128,
                int56 tickCumulativeOutside, uint160 secondsPerLiquidityOutsideX128, uint32 secondsOutside, bool initialized
            );
            function positions(bytes32 key) external view returns (
                uint128 liquidity, uint256 feeGrowthInside0LastX128, uint256 feeGrowthInside1LastX128, uint128 tokensOwed0,
                uint128 tokensOwed1
            );
        }
    }
}
use interfaces::IUniswapV3Pool;

/// A position as a pool records it, whoever it is that holds it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Held {
    /// Liquidity.
    pub liquidity: u128,
    /// Fee growth inside the range when the position was last touched, token0 and token1, Q128 per unit of liquidity.
    pub inside_last: [U256; 2],
    /// What could be collected as of then, token0 and token1.
    pub owed: [u128; 2],
}

impl Held {
    /// What the pool has under `key`; all zero where it has nothing.
    #[inline(never)]
    pub fn read<H: Host>(host: &H, pool: &Address, key: &Word) -> Result<Self, Failed> {
        let mut words = [[0; 32]; 5];
        host.view(pool, &[head(IUniswapV3Pool::positionsCall::SELECTOR), *key], &mut words)?;
        Ok(Self {
            liquidity: uint128(&words[0]),
            inside_last: [uint(&words[1]), uint(&words[2])],
            owed: [uint128(&words[3]), uint128(&words[4])],
        })
    }
}

/// Where a pool keeps what an owner holds in one range: `keccak256(owner ‖ tickLower ‖ tickUpper)`, packed.
pub fn key<H: Host>(host: &H, owner: &Address, (lower, upper): (i32, i32)) -> Word {
    host.keccak256(&packed(owner, lower, upper))
}

/// Apart, because it is the same whatever the host.
#[inline(never)]
fn packed(owner: &Address, lower: i32, upper: i32) -> [u8; 26] {
    let mut packed = [0; 26];
    packed[..20].copy_from_slice(owner.as_slice());
    packed[20..23].copy_from_slice(&lower.to_be_bytes()[1..]);
    packed[23..].copy_from_slice(&upper.to_be_bytes()[1..]);
    packed
}

/// What could be collected of what a pool `held` in a range, token0 and token1, after touching it now; `tick` is the pool's. Where
/// it is held for somebody with an account of his own, as a position manager's NFT, no more than that account makes it either.
pub fn collectable<H: Host>(
    host: &H,
    pool: &Address,
    tick: i32,
    (lower, upper): (i32, i32),
    held: &Held,
    account: Option<&Held>,
) -> Result<[u128; 2], Failed> {
    let outside_lower = growth_outside(host, pool, lower)?;
    let outside_upper = growth_outside(host, pool, upper)?;
    let global = [
        IUniswapV3Pool::feeGrowthGlobal0X128Call::SELECTOR,
        IUniswapV3Pool::feeGrowthGlobal1X128Call::SELECTOR,
    ];
    let mut fees = [0; 2];
    for i in 0..2 {
        let global = uint(&host.view_word(pool, &[head(global[i])])?);
        let inside = fees::growth_inside(tick, lower, upper, global, outside_lower[i], outside_upper[i]);
        fees[i] = held.owed[i].wrapping_add(fees::earned(inside, held.inside_last[i], held.liquidity));
        if let Some(account) = account {
            let earned = fees::earned(inside, account.inside_last[i], account.liquidity);
            fees[i] = fees[i].min(account.owed[i].wrapping_add(earned));
        }
    }
    Ok(fees)
}

/// Fee growth on the far side of a tick, token0 and token1.
#[inline(never)]
fn growth_outside<H: Host>(host: &H, pool: &Address, tick: i32) -> Result<[U256; 2], Failed> {
    let mut words = [[0; 32]; 4];
    host.view(
        pool,
        &words![head(IUniswapV3Pool::ticksCall::SELECTOR), tick],
        &mut words,
    )?;
    Ok([uint(&words[2]), uint(&words[3])])
}
