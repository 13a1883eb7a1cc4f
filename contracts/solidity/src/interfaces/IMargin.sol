// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

/// What a margin account is made for; part of its address.
struct MarginTerms {
    address market; // Aave's pool
    address swapPool; // Uniswap v3's, in which it trades
    address token0;
    address token1;
    uint8 volatileToken; // 0 or 1: borrowed; the other one is the collateral
    uint8 eMode;
}

/// A hedge's own account at Aave v3: it holds the collateral and owes the debt, so that nothing else of its owner's is at stake. Only the
/// owner commands it, as a delegated account or as an ordinary wallet; it decides nothing.
interface IMargin {
    error NotOwner(address caller);
    error CallbackRefused(address caller);
    /// The pool took or paid something else than was asked for.
    error CallbackAmounts(int256 amount0Delta, int256 amount1Delta);
    error AlreadyInitialised();

    function owner() external view returns (address);
    function terms() external view returns (MarginTerms memory);

    /// Chooses the e-mode of its terms at Aave, once. The factory does so; of anybody else the call would do the same.
    function initialise() external;
    /// Sells `amount` of the volatile token, or as much as the pool takes before the price reaches the limit: the pool pays first, all
    /// collateral that is here goes to Aave, what the pool is owed is borrowed. Then `payOut` of the collateral goes to the owner. Zero
    /// lends what is here and sells nothing.
    function short(uint256 amount, uint160 sqrtPriceLimitX96, uint256 payOut)
        external
        returns (uint256 sold, uint256 received);
    /// Repays with the volatile token that is here, then buys back `amount`, no more than is owed, or as much as the pool pays before
    /// the price reaches the limit: the pool pays first, the debt is repaid, what the pool is owed is withdrawn. Then `payOut` of the
    /// collateral goes to the owner, all of it for the greatest integer, and so does the volatile token that nothing is owed of.
    function cover(uint256 amount, uint160 sqrtPriceLimitX96, uint256 payOut)
        external
        returns (uint256 bought, uint256 paid);
    /// Lends the collateral that is here; or takes some out, for the owner: all for the greatest integer.
    function supply() external returns (uint256 supplied);
    function withdraw(uint256 amount) external returns (uint256 withdrawn);
    /// Sends the owner what is here of any token (rewards, gifts).
    function sweep(address token) external returns (uint256 amount);
}

/// Makes margin accounts, at addresses that follow from their owner, a salt and their terms.
interface IMarginFactory {
    event MarginCreated(address indexed margin, address indexed owner, bytes32 indexed salt, MarginTerms terms);

    /// The caller's margin account of that salt and those terms; made now if it is not there yet.
    function open(bytes32 salt, MarginTerms calldata terms) external returns (address margin);
    function marginOf(address owner, bytes32 salt, MarginTerms calldata terms) external view returns (address margin);
}
