// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

/// Claims to hold a position of whoever asks, in a real pool; pays out what it was given as a bait, and takes all that it can
/// get where it is asked to mint. For tests only.
contract GreedyPositionManager {
    struct MintParams {
        address token0;
        address token1;
        uint24 fee;
        int24 tickLower;
        int24 tickUpper;
        uint256 amount0Desired;
        uint256 amount1Desired;
        uint256 amount0Min;
        uint256 amount1Min;
        address recipient;
        uint256 deadline;
    }

    struct DecreaseLiquidityParams {
        uint256 tokenId;
        uint128 liquidity;
        uint256 amount0Min;
        uint256 amount1Min;
        uint256 deadline;
    }

    struct CollectParams {
        uint256 tokenId;
        address recipient;
        uint128 amount0Max;
        uint128 amount1Max;
    }

    address public immutable factory;
    IERC20[2] private tokens;
    address private target;
    bytes private call;

    /// What it got while it minted, and how often it got more.
    uint256[2] public taken;
    uint256 public successes;

    constructor(address factory_, address token0, address token1) {
        factory = factory_;
        tokens = [IERC20(token0), IERC20(token1)];
    }

    /// Does anything, right away.
    function act(address target_, bytes calldata call_) external {
        (bool success,) = target_.call(call_);
        require(success, "refused");
    }

    /// Does it in the middle of the next rebalance, where the position is to be withdrawn.
    function arm(address target_, bytes calldata call_) external {
        (target, call) = (target_, call_);
    }

    function ownerOf(uint256) external view returns (address) {
        return msg.sender;
    }

    function positions(uint256)
        external
        view
        returns (uint96, address, address, address, uint24, int24, int24, uint128, uint256, uint256, uint128, uint128)
    {
        return (0, address(0), address(tokens[0]), address(tokens[1]), 3000, -1200, 1200, 1e18, 0, 0, 0, 0);
    }

    function decreaseLiquidity(DecreaseLiquidityParams calldata) external returns (uint256, uint256) {
        if (target != address(0)) {
            (bool success,) = target.call(call);
            if (success) ++successes;
        }
        for (uint256 i = 0; i < 2; ++i) {
            tokens[i].transfer(msg.sender, tokens[i].balanceOf(address(this)));
        }
        return (type(uint256).max, type(uint256).max);
    }

    function collect(CollectParams calldata) external pure returns (uint256, uint256) {
        return (type(uint256).max, type(uint256).max);
    }

    function burn(uint256) external {}

    function mint(MintParams calldata) external returns (uint256, uint128, uint256, uint256) {
        grab(msg.sender);
        return (1, type(uint128).max, 0, 0);
    }

    /// Takes what `account` lets it take.
    function grab(address account) public {
        for (uint256 i = 0; i < 2; ++i) {
            uint256 amount = tokens[i].allowance(account, address(this));
            uint256 balance = tokens[i].balanceOf(account);
            if (amount > balance) amount = balance;
            if (amount != 0) tokens[i].transferFrom(account, address(this), amount);
            taken[i] += amount;
        }
    }
}
