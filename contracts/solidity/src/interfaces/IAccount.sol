// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {PackedUserOperation} from "@openzeppelin/contracts/interfaces/IERC4337.sol";

/// What the shell answers in place. An EOA names it in its EIP-7702 authorisation; at run time `address(this)` is the EOA.
/// Whatever is not listed here goes to the Stylus program behind it: `IManager`.
interface IAccount {
    /// Neither the account itself nor, where that is allowed, the EntryPoint.
    error Unauthorised(address caller);
    /// Called at the shell's own address. Call the EOA that delegates to it.
    error NotDelegated(address shell);
    /// The manager has no code. Deploy and activate it before the shell.
    error NoCode(address manager);
    /// Only ERC-7821's single batch, with or without opData, is supported.
    error UnsupportedExecutionMode(bytes32 mode);
    /// A call of a batch failed without saying why (its own reason is passed on unchanged where there is one).
    error CallFailed(address target, bytes reason);
    /// Nobody but the pool that the account is swapping in at this moment may call back, and only once.
    error CallbackRefused(address caller, address expected);
    /// A swap asks for exactly one token.
    error CallbackAmounts(int256 amount0Delta, int256 amount1Delta);
    /// The pool asks for more than the account set out to pay.
    error CallbackExceedsMaximum(uint256 amount, uint256 maximum);

    /// The Stylus program that everything else is delegate-called into.
    function manager() external view returns (address);
    /// The ERC-4337 v0.8 EntryPoint that may validate and execute user operations.
    function entryPoint() external view returns (address);

    /// ERC-7821. `executionData` is `abi.encode(calls)` or `abi.encode(calls, opData)`, a call being
    /// `(address to, uint256 value, bytes data)` and `to == address(0)` the account itself. All calls succeed or none does.
    /// Self or EntryPoint only; a batch with opData, whoever sends it, is for the manager to judge.
    function execute(bytes32 mode, bytes calldata executionData) external payable;
    function supportsExecutionMode(bytes32 mode) external view returns (bool);

    /// ERC-4337. 0 when the account's own key signed `userOpHash`, otherwise 1; pays the EntryPoint what is missing.
    function validateUserOp(PackedUserOperation calldata userOp, bytes32 userOpHash, uint256 missingAccountFunds)
        external
        returns (uint256 validationData);

    /// ERC-1271 with ERC-7739: the account's own key signed `hash` as it is, or nested in this account's EIP-712 domain.
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4);
    /// ERC-5267. The salt is the shell's address, so that a signature ends with the delegation it was given under.
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        );

    /// Pays the pool for the swap that the manager began: only that pool, once, one token, at most the announced maximum.
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;

    function onERC721Received(address operator, address from, uint256 tokenId, bytes calldata data)
        external
        pure
        returns (bytes4);
    function onERC1155Received(address operator, address from, uint256 id, uint256 value, bytes calldata data)
        external
        pure
        returns (bytes4);
    function onERC1155BatchReceived(
        address operator,
        address from,
        uint256[] calldata ids,
        uint256[] calldata values,
        bytes calldata data
    ) external pure returns (bytes4);
    /// ERC-165.
    function supportsInterface(bytes4 interfaceId) external pure returns (bool);
}

/// What a delegated EOA answers beyond the shell's own functions: the shell passes these to the Stylus program
/// `contracts/manager` by delegatecall, so `address(this)` is the EOA throughout.
interface IManager {
    /// What the caller is willing to accept. Everything is checked on-chain, inside the same call.
    struct Limits {
        uint32 twapWindow; // seconds of the time-weighted price that spot is held against; 0 leaves the guard out
        uint24 maxTickDeviation; // ticks between spot and the time-weighted price, before and after
        uint128 minLiquidity; // least liquidity of the new position
        uint256 amount0Min; // least token0 withdrawn from the old position (fees not counted)
        uint256 amount1Min; // least token1 withdrawn
        uint256 deadline; // last timestamp at which this may run
    }

    event Rebalanced(
        address indexed positionManager,
        uint256 indexed tokenId,
        uint256 indexed newTokenId,
        int24 tickLower,
        int24 tickUpper,
        uint128 liquidity,
        uint256 amount0,
        uint256 amount1
    );

    error Unauthorised(address caller);
    error DeadlinePassed(uint256 deadline, uint256 timestamp);
    error NotOwner(uint256 tokenId, address owner);
    error NoLiquidity(uint256 tokenId);
    error InvalidRange(int24 tickLower, int24 tickUpper, int24 tickSpacing);
    error PriceDeviation(int24 tick, int24 twapTick, uint24 maxTickDeviation);
    error AmountBelowMinimum(uint256 amount0, uint256 amount1);
    error LiquidityBelowMinimum(uint128 liquidity, uint128 minLiquidity);
    error SwapIncomplete(uint256 wanted, uint256 swapped);
    error CallFailed(address target, bytes reason);
    error ReentrantCall();

    /// Collects fees, withdraws all liquidity, swaps in the pool to exactly the ratio that [tickLower, tickUpper] needs, and
    /// mints it; burns the old NFT. Only what the old position paid out is used. Self or EntryPoint only.
    function rebalance(
        address positionManager,
        uint256 tokenId,
        int24 tickLower,
        int24 tickUpper,
        Limits calldata limits
    ) external returns (uint256 newTokenId, uint128 liquidity, uint256 amount0, uint256 amount1);

    /// The manager's version, so that a shell can be checked against what stands behind it.
    function version() external pure returns (uint256);
}
