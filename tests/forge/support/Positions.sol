// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {TestToken} from "hedgerow/dev/TestToken.sol";
import {IAccount} from "hedgerow/interfaces/IAccount.sol";
import {CallRule, PoolKey, PositionRule, Session, SpendLimit} from "hedgerow/interfaces/ISessions.sol";

import {SessionKeys} from "./SessionKeys.sol";

/// Uniswap's NonfungiblePositionManager, as far as the tests need it.
interface IPositionManager {
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

    struct IncreaseLiquidityParams {
        uint256 tokenId;
        uint256 amount0Desired;
        uint256 amount1Desired;
        uint256 amount0Min;
        uint256 amount1Min;
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

    function createAndInitializePoolIfNecessary(address token0, address token1, uint24 fee, uint160 sqrtPriceX96)
        external
        payable
        returns (address pool);
    function mint(MintParams calldata params)
        external
        payable
        returns (uint256 tokenId, uint128 liquidity, uint256 amount0, uint256 amount1);
    function increaseLiquidity(IncreaseLiquidityParams calldata params)
        external
        payable
        returns (uint128 liquidity, uint256 amount0, uint256 amount1);
    function decreaseLiquidity(DecreaseLiquidityParams calldata params)
        external
        payable
        returns (uint256 amount0, uint256 amount1);
    function collect(CollectParams calldata params) external payable returns (uint256 amount0, uint256 amount1);
    function positions(uint256 tokenId)
        external
        view
        returns (
            uint96 nonce,
            address operator,
            address token0,
            address token1,
            uint24 fee,
            int24 tickLower,
            int24 tickUpper,
            uint128 liquidity,
            uint256 feeGrowthInside0LastX128,
            uint256 feeGrowthInside1LastX128,
            uint128 tokensOwed0,
            uint128 tokensOwed1
        );
    function ownerOf(uint256 tokenId) external view returns (address);
    function balanceOf(address owner) external view returns (uint256);
    function approve(address to, uint256 tokenId) external;
    function getApproved(uint256 tokenId) external view returns (address);
    function setApprovalForAll(address operator, bool approved) external;
    function transferFrom(address from, address to, uint256 tokenId) external;
    function safeTransferFrom(address from, address to, uint256 tokenId) external;
}

/// A session key for positions of the real position manager: the wallet has one in each of two pools, and a stranger has one.
abstract contract Positions is SessionKeys {
    uint160 internal constant PRICE_OF_ONE = 1 << 96;
    uint24 internal constant FEE = 3_000;
    uint24 internal constant OTHER_FEE = 500;
    /// What the session key may spend of either token in a day.
    uint128 internal constant LIMIT = 1_000;

    IPositionManager internal manager;
    TestToken internal token0;
    TestToken internal token1;
    /// The wallet's positions in the pools of the two fees, and the stranger's.
    uint256 internal own;
    uint256 internal other;
    uint256 internal strangers;

    function setUp() public virtual override {
        super.setUp();
        address factory =
            deployArtifact("@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json", "");
        address weth = deployArtifact("canonical-weth/build/contracts/WETH9.json", "");
        manager = IPositionManager(
            deployArtifact(
                "@uniswap/v3-periphery/artifacts/contracts/NonfungiblePositionManager.sol/NonfungiblePositionManager.json",
                abi.encode(factory, weth, address(0))
            )
        );
        (token0, token1) = (new TestToken("A", "A", 18), new TestToken("B", "B", 18));
        if (token0 > token1) (token0, token1) = (token1, token0);
        manager.createAndInitializePoolIfNecessary(address(token0), address(token1), FEE, PRICE_OF_ONE);
        manager.createAndInitializePoolIfNecessary(address(token0), address(token1), OTHER_FEE, PRICE_OF_ONE);
        own = seed(address(wallet), FEE);
        other = seed(address(wallet), OTHER_FEE);
        strangers = seed(stranger, FEE);
        token0.mint(address(wallet), 1_000_000);
        token1.mint(address(wallet), 1_000_000);
    }

    /// A position of 1,000,000 of either token, from an allowance that is used up.
    function seed(address owner, uint24 fee) internal returns (uint256 tokenId) {
        token0.mint(owner, 1_000_000);
        token1.mint(owner, 1_000_000);
        vm.startPrank(owner);
        token0.approve(address(manager), 1_000_000);
        token1.approve(address(manager), 1_000_000);
        IPositionManager.MintParams memory params = minting(1_000_000);
        (params.fee, params.recipient) = (fee, owner);
        (tokenId,,,) = manager.mint(params);
        token0.approve(address(manager), 0);
        token1.approve(address(manager), 0);
        vm.stopPrank();
    }

    function minting(uint256 amount) internal view returns (IPositionManager.MintParams memory params) {
        (params.token0, params.token1, params.fee) = (address(token0), address(token1), FEE);
        (params.tickLower, params.tickUpper) = (-600, 600);
        (params.amount0Desired, params.amount1Desired) = (amount, amount);
        (params.recipient, params.deadline) = (address(wallet), type(uint256).max);
    }

    /// May do all four to its own position, by id, and approve the tokens for it.
    function keeping() internal view returns (Session memory session) {
        session = transfers();
        session.calls = new CallRule[](6);
        session.calls[0] = CallRule(address(manager), manager.mint.selector);
        session.calls[1] = CallRule(address(manager), manager.increaseLiquidity.selector);
        session.calls[2] = CallRule(address(manager), manager.decreaseLiquidity.selector);
        session.calls[3] = CallRule(address(manager), manager.collect.selector);
        session.calls[4] = CallRule(address(token0), token0.approve.selector);
        session.calls[5] = CallRule(address(token1), token1.approve.selector);
        session.limits = new SpendLimit[](2);
        session.limits[0] = SpendLimit(address(token0), 1 days, LIMIT);
        session.limits[1] = SpendLimit(address(token1), 1 days, LIMIT);
        session.positions = new PositionRule[](1);
        session.positions[0] = PositionRule(address(manager), new uint256[](1), new PoolKey[](0));
        session.positions[0].tokenIds[0] = own;
    }

    /// The same for every position in one pool.
    function keepingPool(uint24 fee) internal view returns (Session memory session) {
        session = keeping();
        session.positions[0].tokenIds = new uint256[](0);
        session.positions[0].pools = new PoolKey[](1);
        session.positions[0].pools[0] = PoolKey(address(token0), address(token1), fee);
    }

    function approving(uint256 amount) internal view returns (IAccount.Call[] memory) {
        return two(
            one(address(token0), 0, abi.encodeCall(token0.approve, (address(manager), amount))),
            one(address(token1), 0, abi.encodeCall(token1.approve, (address(manager), amount)))
        );
    }

    function mintCall(IPositionManager.MintParams memory params) internal view returns (IAccount.Call[] memory) {
        return one(address(manager), 0, abi.encodeCall(manager.mint, (params)));
    }

    function increase(uint256 tokenId, uint256 amount) internal view returns (IAccount.Call[] memory) {
        return one(
            address(manager),
            0,
            abi.encodeCall(
                manager.increaseLiquidity,
                (IPositionManager.IncreaseLiquidityParams(tokenId, amount, amount, 0, 0, type(uint256).max))
            )
        );
    }

    function decrease(uint256 tokenId, uint128 liquidity) internal view returns (IAccount.Call[] memory) {
        return one(
            address(manager),
            0,
            abi.encodeCall(
                manager.decreaseLiquidity,
                (IPositionManager.DecreaseLiquidityParams(tokenId, liquidity, 0, 0, type(uint256).max))
            )
        );
    }

    function collect(uint256 tokenId, address recipient) internal view returns (IAccount.Call[] memory) {
        return one(
            address(manager),
            0,
            abi.encodeCall(
                manager.collect,
                (IPositionManager.CollectParams(tokenId, recipient, type(uint128).max, type(uint128).max))
            )
        );
    }

    /// One batch of several.
    function join(IAccount.Call[] memory first, IAccount.Call[] memory second)
        internal
        pure
        returns (IAccount.Call[] memory calls)
    {
        calls = new IAccount.Call[](first.length + second.length);
        for (uint256 i = 0; i < first.length; ++i) {
            calls[i] = first[i];
        }
        for (uint256 i = 0; i < second.length; ++i) {
            calls[first.length + i] = second[i];
        }
    }

    function liquidityOf(uint256 tokenId) internal view returns (uint128 liquidity) {
        (,,,,,,, liquidity,,,,) = manager.positions(tokenId);
    }
}
