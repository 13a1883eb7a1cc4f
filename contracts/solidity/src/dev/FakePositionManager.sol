// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// Claims to hold a position of whoever asks, in a pool of its own making: what a phishing site would have an account act on.
/// For tests only.
contract FakePositionManager {
    address private immutable TOKEN0;
    address private immutable TOKEN1;

    constructor(address token0, address token1) {
        (TOKEN0, TOKEN1) = (token0, token1);
    }

    function ownerOf(uint256) external view returns (address) {
        return msg.sender;
    }

    function factory() external view returns (address) {
        return address(this);
    }

    function positions(uint256)
        external
        view
        returns (
            uint96,
            address,
            address token0,
            address token1,
            uint24 fee,
            int24 tickLower,
            int24 tickUpper,
            uint128 liquidity,
            uint256,
            uint256,
            uint128,
            uint128
        )
    {
        (token0, token1, fee, tickLower, tickUpper, liquidity) = (TOKEN0, TOKEN1, 3000, -600, 600, 1e18);
    }
}
