// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

/// Passes for a pool of the factory it names, with the tokens and fee of a real one: emits the pool's event of a mint for anybody,
/// and answers whatever is asked about positions with riches. Only its address gives it away. For tests only.
contract ForgedPool {
    event Mint(
        address sender,
        address indexed owner,
        int24 indexed tickLower,
        int24 indexed tickUpper,
        uint128 amount,
        uint256 amount0,
        uint256 amount1
    );

    address public immutable factory;
    address public immutable token0;
    address public immutable token1;
    uint24 public immutable fee;

    constructor(address factory_, address token0_, address token1_, uint24 fee_) {
        (factory, token0, token1, fee) = (factory_, token0_, token1_, fee_);
    }

    function pretend(address owner, int24 tickLower, int24 tickUpper) external {
        emit Mint(msg.sender, owner, tickLower, tickUpper, 1e18, 1e18, 1e18);
    }

    function positions(bytes32) external pure returns (uint128, uint256, uint256, uint128, uint128) {
        return (1e18, 0, 0, 1e18, 1e18);
    }

    function tickSpacing() external pure returns (int24) {
        return 60;
    }
}
