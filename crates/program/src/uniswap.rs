//! What the programs read of Uniswap v3: positions from a position manager, and the pool behind them.

use alloy_primitives::{Address, U256, b256};
use alloy_sol_types::{SolCall, sol};

use crate::{
    abi::{Word, address, head, int24, uint, uint32, uint128},
    host::{Failed, Host},
    words,
};

#[allow(missing_docs)]
mod interfaces {
    use super::sol;

    sol! {
        interface INonfungiblePositionManager {
            function factory() external view returns (address);
            function positions(uint256 tokenId) external view returns (
                uint96 nonce, address operator, address token0, address token1, uint24 fee, int24 tickLower,
                int24 tickUpper, uint128 liquidity, uint256 feeGrowthInside0LastX128, uint256 feeGrowthInside1LastX128,
                uint128 tokensOwed0, uint128 tokensOwed1
            );
        }

        interface IUniswapV3Pool {
            function slot0() external view returns (
                uint160 sqrtPriceX96, int24 tick, uint16 observationIndex, uint16 observationCardinality,
                uint16 observationCardinalityNext, uint8 feeProtocol, bool unlocked
            );
        }
    }
}
use interfaces::{INonfungiblePositionManager, IUniswapV3Pool};

/// Hash of the creation code of every Uniswap v3 pool: with the factory and the pool's key it gives the pool's address.
const POOL_INIT_CODE_HASH: Word = b256!("e34f199b19b2b4f47f68442619d555527d244f78a3297ea89325f843f87b8b54").0;

/// A position as its position manager records it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Position {
    /// The pool's token0.
    pub token0: Address,
    /// The pool's token1.
    pub token1: Address,
    /// The pool's fee in hundredths of a basis point.
    pub fee: u32,
    /// Lower end of the range.
    pub tick_lower: i32,
    /// Upper end of the range.
    pub tick_upper: i32,
    /// Liquidity.
    pub liquidity: u128,
    /// Fee growth inside the range when the position was last touched, token0 and token1, Q128 per unit of liquidity.
    pub fee_growth_inside_last: [U256; 2],
    /// Fees owed as of then, token0 and token1.
    pub owed: [u128; 2],
}

/// Reads the position `token_id` of `manager`.
pub fn position<H: Host>(host: &H, manager: &Address, token_id: &U256) -> Result<Position, Failed> {
    let call = words![head(INonfungiblePositionManager::positionsCall::SELECTOR), token_id,];
    let mut words = [[0; 32]; 12];
    host.view(manager, &call, &mut words)?;
    Ok(Position {
        token0: address(&words[2]),
        token1: address(&words[3]),
        // Its leading bits are the manager's word: an answer must not carry more than its type holds.
        fee: uint32(&words[4]) & 0x00ff_ffff,
        tick_lower: int24(&words[5]),
        tick_upper: int24(&words[6]),
        liquidity: uint128(&words[7]),
        fee_growth_inside_last: [uint(&words[8]), uint(&words[9])],
        owed: [uint128(&words[10]), uint128(&words[11])],
    })
}

/// The factory that a position manager was made for.
pub fn factory<H: Host>(host: &H, manager: &Address) -> Result<Address, Failed> {
    let factory = host.view_word(manager, &[head(INonfungiblePositionManager::factoryCall::SELECTOR)])?;
    Ok(address(&factory))
}

/// The pool of a position: the CREATE2 address under `manager`'s factory, where only Uniswap's own pool code can be. Which
/// tokens, fee and spacing that code was given is the factory's word, and so the position manager's.
pub fn pool<H: Host>(host: &H, manager: &Address, position: &Position) -> Result<Address, Failed> {
    let factory = factory(host, manager)?;
    Ok(pool_address(
        host,
        &factory,
        &[position.token0, position.token1],
        position.fee,
    ))
}

/// The CREATE2 address of `factory`'s pool for two tokens and a fee. Nothing is called: whether a pool is there shows when it is
/// read.
pub fn pool_address<H: Host>(host: &H, factory: &Address, [token0, token1]: &[Address; 2], fee: u32) -> Address {
    let salt = host.keccak256(words![token0, token1, fee].as_flattened());
    address(&host.keccak256(&create2(factory, &salt)))
}

/// What a pool's address is the hash of. Apart, because it is the same whatever the host.
#[inline(never)]
fn create2(factory: &Address, salt: &Word) -> [u8; 85] {
    let mut preimage = [0; 85];
    preimage[0] = 0xff;
    preimage[1..21].copy_from_slice(factory.as_slice());
    preimage[21..53].copy_from_slice(salt);
    preimage[53..].copy_from_slice(&POOL_INIT_CODE_HASH);
    preimage
}

/// The pool's sqrt price (Q64.96) and tick.
pub fn slot0<H: Host>(host: &H, pool: &Address) -> Result<(U256, i32), Failed> {
    let mut words = [[0; 32]; 7];
    host.view(pool, &[head(IUniswapV3Pool::slot0Call::SELECTOR)], &mut words)?;
    Ok((uint(&words[0]), int24(&words[1])))
}
