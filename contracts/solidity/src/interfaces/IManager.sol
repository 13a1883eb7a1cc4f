// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// What a delegated EOA does with its liquidity positions, beyond the shell's own functions (`IAccount`). The shell passes these
/// to the Stylus programs behind it by delegatecall, so `address(this)` is the EOA throughout.
///
/// A position is an NFT of a position manager, or direct: liquidity that the EOA itself holds in the pool, known by pool and range.
/// In events a position is `(source, id)`: the position manager and the NFT, or the pool and the pool's own key of the position,
/// `uint256(keccak256(abi.encodePacked(owner, tickLower, tickUpper)))`.
///
/// All functions: the account itself or an EntryPoint only; all or nothing; only what the position paid out, or what the caller
/// named, is used, measured as changes of the account's balances inside the call; no allowance is left behind. Each returns the
/// position it leaves (0 for none), that position's liquidity (the added liquidity when compounding), and two amounts: what went
/// into the position, or for `exit` and `harvest` what the account was paid.
interface IManager {
    /// A pool with Uniswap v3's code, by what its CREATE2 address is made of.
    struct PoolKey {
        address factory;
        address token0;
        address token1;
        uint24 fee; // hundredths of a basis point
    }

    /// What the caller is willing to accept. Everything is checked on-chain, inside the same call.
    struct Limits {
        uint32 twapWindow; // seconds of the time-weighted price that spot is held against; 0 leaves the guard out
        uint24 maxTickDeviation; // ticks between spot and the time-weighted price, before and after
        uint128 minLiquidity; // least liquidity minted (ignored by exit and harvest)
        uint256 amount0Min; // least token0 (see each function)
        uint256 amount1Min; // least token1
        uint256 deadline; // last timestamp at which this may run
        uint160 entrySqrtPriceX96; // price at which the position was entered, for the IL in the event; 0 leaves it out
    }

    /// In what an exit is paid.
    enum Proceeds {
        Both,
        Token0,
        Token1
    }

    // One shape for all actions. `source` and `id` are the old position (the new one for Opened), `newId` is the one that is left
    // (`id` itself where it stays, 0 for none). `liquidity` and the amounts are what the function returns, the fees what the old
    // position paid beyond its liquidity. Values are raw token1 at the price before the action: before, of the position and its
    // fees, or what was named to open one; after, of what is in the position and of what came to the account. `il` is a wad, the
    // loss of the old position since it was entered, fees not counted; zero when no entry price was given.
    event Rebalanced(
        address indexed source,
        uint256 indexed id,
        uint256 indexed newId,
        int24 tickLower,
        int24 tickUpper,
        uint128 liquidity,
        uint256 amount0,
        uint256 amount1,
        uint256 fees0,
        uint256 fees1,
        uint256 valueBefore,
        uint256 valueAfter,
        int256 il
    );
    event Walked(
        address indexed source,
        uint256 indexed id,
        uint256 indexed newId,
        int24 tickLower,
        int24 tickUpper,
        uint128 liquidity,
        uint256 amount0,
        uint256 amount1,
        uint256 fees0,
        uint256 fees1,
        uint256 valueBefore,
        uint256 valueAfter,
        int256 il
    );
    event Compounded(
        address indexed source,
        uint256 indexed id,
        uint256 indexed newId,
        int24 tickLower,
        int24 tickUpper,
        uint128 liquidity,
        uint256 amount0,
        uint256 amount1,
        uint256 fees0,
        uint256 fees1,
        uint256 valueBefore,
        uint256 valueAfter,
        int256 il
    );
    event Harvested(
        address indexed source,
        uint256 indexed id,
        uint256 indexed newId,
        int24 tickLower,
        int24 tickUpper,
        uint128 liquidity,
        uint256 amount0,
        uint256 amount1,
        uint256 fees0,
        uint256 fees1,
        uint256 valueBefore,
        uint256 valueAfter,
        int256 il
    );
    event Exited(
        address indexed source,
        uint256 indexed id,
        uint256 indexed newId,
        int24 tickLower,
        int24 tickUpper,
        uint128 liquidity,
        uint256 amount0,
        uint256 amount1,
        uint256 fees0,
        uint256 fees1,
        uint256 valueBefore,
        uint256 valueAfter,
        int256 il
    );
    event Opened(
        address indexed source,
        uint256 indexed id,
        uint256 indexed newId,
        int24 tickLower,
        int24 tickUpper,
        uint128 liquidity,
        uint256 amount0,
        uint256 amount1,
        uint256 fees0,
        uint256 fees1,
        uint256 valueBefore,
        uint256 valueAfter,
        int256 il
    );
    event ConvertedToDirect(
        address indexed source,
        uint256 indexed id,
        uint256 indexed newId,
        int24 tickLower,
        int24 tickUpper,
        uint128 liquidity,
        uint256 amount0,
        uint256 amount1,
        uint256 fees0,
        uint256 fees1,
        uint256 valueBefore,
        uint256 valueAfter,
        int256 il
    );
    event ConvertedToNft(
        address indexed source,
        uint256 indexed id,
        uint256 indexed newId,
        int24 tickLower,
        int24 tickUpper,
        uint128 liquidity,
        uint256 amount0,
        uint256 amount1,
        uint256 fees0,
        uint256 fees1,
        uint256 valueBefore,
        uint256 valueAfter,
        int256 il
    );

    error Unauthorised(address caller);
    error ReentrantCall();
    error DeadlinePassed(uint256 deadline, uint256 timestamp);
    error NotOwner(uint256 tokenId, address owner);
    error NoLiquidity(uint256 id);
    error InvalidRange(int24 tickLower, int24 tickUpper, int24 tickSpacing);
    /// The position, or the range it is to move to, holds both tokens, or the other one, at the pool's tick.
    error NotOneSided(int24 tick, int24 tickLower, int24 tickUpper);
    /// Nothing is there to be added or converted: no fees, or too little for one unit of liquidity.
    error NothingToAdd(uint256 id);
    /// The pool's factory is not the position manager's.
    error ForeignFactory(address factory, address expected);
    error PriceDeviation(int24 tick, int24 twapTick, uint24 maxTickDeviation);
    error AmountBelowMinimum(uint256 amount0, uint256 amount1);
    error LiquidityBelowMinimum(uint128 liquidity, uint128 minLiquidity);
    error SwapIncomplete(uint256 wanted, uint256 swapped);
    error CallFailed(address target, bytes reason);

    /// Moves a position to another range: pays it out, swaps in its pool to exactly the ratio that the new range takes, mints.
    /// Minimum amounts: withdrawn from the old position, fees not counted. To the range that it has already: `compound`, with its
    /// minimum amounts, event and results, and the NFT stays.
    function rebalance(
        address positionManager,
        uint256 tokenId,
        int24 tickLower,
        int24 tickUpper,
        Limits calldata limits
    ) external returns (uint256 id, uint128 liquidity, uint256 amount0, uint256 amount1);
    function rebalanceDirect(
        PoolKey calldata pool,
        int24 tickLower,
        int24 tickUpper,
        int24 newTickLower,
        int24 newTickUpper,
        Limits calldata limits
    ) external returns (uint256 id, uint128 liquidity, uint256 amount0, uint256 amount1);

    /// Puts the fees back into the position, swapped to its ratio. Minimum amounts: put in.
    function compound(address positionManager, uint256 tokenId, Limits calldata limits)
        external
        returns (uint256 id, uint128 liquidity, uint256 amount0, uint256 amount1);
    function compoundDirect(PoolKey calldata pool, int24 tickLower, int24 tickUpper, Limits calldata limits)
        external
        returns (uint256 id, uint128 liquidity, uint256 amount0, uint256 amount1);

    /// Opens a position with at most `amount0` and `amount1` of the account's tokens (and at most what it holds), swapped to the
    /// ratio of the range. Minimum amounts: put in.
    function open(
        address positionManager,
        address token0,
        address token1,
        uint24 fee,
        int24 tickLower,
        int24 tickUpper,
        uint256 amount0,
        uint256 amount1,
        Limits calldata limits
    ) external returns (uint256 id, uint128 liquidity, uint256 used0, uint256 used1);
    function openDirect(
        PoolKey calldata pool,
        int24 tickLower,
        int24 tickUpper,
        uint256 amount0,
        uint256 amount1,
        Limits calldata limits
    ) external returns (uint256 id, uint128 liquidity, uint256 used0, uint256 used1);

    /// Moves a position that holds one token to another range that holds the same one: a limit order that follows the price and
    /// earns fees. Nothing is swapped: fees in that token go in as well, those in the other stay with the account. Minimum amounts:
    /// withdrawn from the old position.
    function walk(address positionManager, uint256 tokenId, int24 tickLower, int24 tickUpper, Limits calldata limits)
        external
        returns (uint256 id, uint128 liquidity, uint256 amount0, uint256 amount1);
    function walkDirect(
        PoolKey calldata pool,
        int24 tickLower,
        int24 tickUpper,
        int24 newTickLower,
        int24 newTickUpper,
        Limits calldata limits
    ) external returns (uint256 id, uint128 liquidity, uint256 amount0, uint256 amount1);

    /// Takes everything out, of an NFT without liquidity what it is owed, and burns the NFT. Minimum amounts: paid to the account,
    /// fees included. `Both` swaps nothing and heeds no price guard, so that it always works; `Token0` and `Token1` sell all of the
    /// other token in the pool, within the guard.
    function exit(address positionManager, uint256 tokenId, Proceeds proceeds, Limits calldata limits)
        external
        returns (uint256 id, uint128 liquidity, uint256 amount0, uint256 amount1);
    function exitDirect(
        PoolKey calldata pool,
        int24 tickLower,
        int24 tickUpper,
        Proceeds proceeds,
        Limits calldata limits
    ) external returns (uint256 id, uint128 liquidity, uint256 amount0, uint256 amount1);

    /// Takes the fees out and leaves the liquidity. Minimum amounts: paid to the account. Heeds the deadline, no price guard.
    function harvest(address positionManager, uint256 tokenId, Limits calldata limits)
        external
        returns (uint256 id, uint128 liquidity, uint256 amount0, uint256 amount1);
    function harvestDirect(PoolKey calldata pool, int24 tickLower, int24 tickUpper, Limits calldata limits)
        external
        returns (uint256 id, uint128 liquidity, uint256 amount0, uint256 amount1);

    /// Turns an NFT into a direct position of the same range, with the same liquidity but for rounding; fees are paid out, except
    /// for the one unit of either token that the same liquidity may take more than it paid. Where there is such a direct position
    /// already it is added to, and what was added is returned. Minimum amounts: withdrawn.
    function toDirect(address positionManager, uint256 tokenId, Limits calldata limits)
        external
        returns (uint256 id, uint128 liquidity, uint256 amount0, uint256 amount1);
    /// Turns a direct position into an NFT of the same range, with the same liquidity but for rounding; fees as above. Minimum
    /// amounts: withdrawn.
    function toNft(
        address positionManager,
        PoolKey calldata pool,
        int24 tickLower,
        int24 tickUpper,
        Limits calldata limits
    ) external returns (uint256 id, uint128 liquidity, uint256 amount0, uint256 amount1);

    /// The version of the programs, so that a shell can be checked against what stands behind it.
    function version() external pure returns (uint256);
}
