// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {HedgeAccounts, HedgeState} from "./HedgeState.sol";
import {ICoreErrors} from "./ICoreErrors.sol";
import {Place} from "./Place.sol";
import {Position} from "./Position.sol";

/// Direct positions and hedges, read-only: liquidity that an account holds itself in a Uniswap v3 pool, without a position manager's NFT.
/// Served by the Stylus program `contracts/directlens`; the figures are those of `ILens`, to the last digit.
///
/// The pool keeps such a position under `keccak256(abi.encodePacked(owner, tickLower, tickUpper))` and lists nothing, but both ends
/// of a position that holds liquidity are initialised ticks: `ticks` finds those, `positions` tries which pairs of them `owner`
/// holds. No event, index or record is needed.
/// Pools. The address is computed from the `PoolKey` (CREATE2, the hash of Uniswap's pool code), never taken from the caller. Which
/// tokens and fee the pool of a factory other than Uniswap's was given is that factory's word.
/// Units and rounding. As in `ILens`; fees to the unit that `burn` of nothing and `collect` pay.
interface IDirectLens is ICoreErrors {
    /// A pool with Uniswap v3's code, by what its address is made of.
    struct PoolKey {
        address factory;
        address token0;
        address token1;
        uint24 fee; // hundredths of a basis point
    }

    struct Query {
        int24 tickLower;
        int24 tickUpper;
        uint160 entrySqrtPriceX96; // zero: the current price, so that nothing is lost yet
    }

    /// One of several positions; all zero but for its range where `found` is false.
    struct Found {
        int24 tickLower;
        int24 tickUpper;
        bool found; // false: the pool has no record of it, or the entry price lies outside Uniswap's range
        Position position;
    }

    /// An initialised tick: an end of somebody's range.
    struct Tick {
        int24 tick;
        uint128 liquidityGross;
        int128 liquidityNet; // equal to the gross: the lower end of all that end here; to minus it: the upper end of all
    }

    /// There is no such pool, or it does not answer as Uniswap's do.
    error UnknownPool(address pool);
    /// The pool has no record of such a position.
    error UnknownDirectPosition(address owner, int24 tickLower, int24 tickUpper);

    /// A position against the price at which it was entered. One that was emptied and collected is shown, with zeros, for as long
    /// as the pool remembers it.
    function position(PoolKey calldata pool, address owner, int24 tickLower, int24 tickUpper, uint160 entrySqrtPriceX96)
        external
        view
        returns (Position memory);
    /// Several positions of one owner in one pool, each against its own entry price. What is not there does not lose the others.
    function positionBatch(PoolKey calldata pool, address owner, Query[] calldata queries)
        external
        view
        returns (Found[] memory);
    /// What an owner holds between these ticks, against the current price: of all pairs `(lowers[i], uppers[j])`, numbered
    /// `i * uppers.length + j`, those from `offset` on, at most `limit` and at most 4,096 of them. `found` has the pairs in which
    /// there is liquidity or something to collect; `next` is where to go on, `lowers.length * uppers.length` when all are tried.
    /// Pairs that do not ascend are skipped for next to nothing, so the same list may be given twice; the others cost some 9,400
    /// gas each.
    function positions(
        PoolKey calldata pool,
        address owner,
        int24[] calldata lowers,
        int24[] calldata uppers,
        uint256 offset,
        uint256 limit
    ) external view returns (Found[] memory found, uint256 next);
    /// A pool's initialised ticks from `from` up to and including `to`, ascending. Some 2,800 gas for each 256 usable ticks between,
    /// and 9,600 for each that is initialised: ask for parts of a busy pool.
    function ticks(PoolKey calldata pool, int24 from, int24 to) external view returns (Tick[] memory);
    /// The hedge of a position of either kind that `account` remembers, and what became of both, at the time-weighted price of so many
    /// seconds (zero: at spot). Reverts as the account does, with nothing where it is none that hedges.
    function hedge(address account, Place calldata place, uint32 twapWindow)
        external
        view
        returns (HedgeState memory state, HedgeAccounts memory accounts);
    /// Where a pool keeps what `owner` holds in a range.
    function positionKey(address owner, int24 tickLower, int24 tickUpper) external pure returns (bytes32);
}
