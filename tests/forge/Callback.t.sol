// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {TestToken} from "hedgerow/dev/TestToken.sol";
import {IAccount} from "hedgerow/interfaces/IAccount.sol";

import {Delegated} from "./support/Delegated.sol";
import {ManagerProbe} from "./support/ManagerProbe.sol";

/// Like USDT: moves tokens and returns nothing.
contract SilentToken {
    mapping(address => uint256) public balanceOf;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }
}

/// Reports failure instead of reverting.
contract FalseToken {
    function transfer(address, uint256) external pure returns (bool) {
        return false;
    }
}

/// Tries to be paid a second time while it is being transferred.
contract GreedyToken {
    address private immutable POOL;
    bytes public reason;

    constructor(address pool) {
        POOL = pool;
    }

    function transfer(address, uint256) external returns (bool) {
        (bool ok, bytes memory answer) =
            POOL.call(abi.encodeCall(RepeatingPool.again, (IAccount(msg.sender), int256(1), int256(0))));
        require(!ok, "paid twice");
        reason = answer;
        return true;
    }
}

/// A pool that calls back a second time when its token asks it to.
contract RepeatingPool {
    function again(IAccount account, int256 amount0Delta, int256 amount1Delta) external {
        account.uniswapV3SwapCallback(amount0Delta, amount1Delta, "");
    }
}

interface IUniswapV3 {
    function createPool(address tokenA, address tokenB, uint24 fee) external returns (address);
    function initialize(uint160 sqrtPriceX96) external;
    function mint(address recipient, int24 tickLower, int24 tickUpper, uint128 amount, bytes calldata data) external;
    function swap(address recipient, bool zeroForOne, int256 amountSpecified, uint160 limit, bytes calldata data)
        external
        returns (int256 amount0, int256 amount1);
}

contract CallbackTest is Delegated {
    TestToken internal token;
    address internal pool = makeAddr("pool");

    function setUp() public override {
        super.setUp();
        token = new TestToken("Test", "TST", 18);
        token.mint(address(wallet), 1_000);
    }

    function expectCallback(address token_, uint256 maximum) private {
        expectCallback(true, token_, maximum);
    }

    function expectCallback(bool first, address token_, uint256 maximum) private {
        ManagerProbe(payable(wallet)).expectCallback(pool, first, token_, maximum);
    }

    function testFuzz_thePoolIsPaidWhatItAsksForUpToTheMaximum(uint256 amount, uint256 maximum, int256 got, bool zero)
        public
    {
        amount = bound(amount, 1, 1_000);
        maximum = bound(maximum, amount, type(uint256).max);
        got = bound(got, type(int256).min, 0);
        expectCallback(zero, address(token), maximum);
        vm.prank(pool);
        zero
            ? wallet.uniswapV3SwapCallback(int256(amount), got, "")
            : wallet.uniswapV3SwapCallback(got, int256(amount), "");
        assertEq(token.balanceOf(pool), amount);
        assertEq(token.balanceOf(address(wallet)), 1_000 - amount);
    }

    function testFuzz_theOtherTokenIsNotPaid(uint256 amount, bool announced) public {
        amount = bound(amount, 1, 1_000);
        expectCallback(announced, address(token), type(uint256).max);
        vm.prank(pool);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackExceedsMaximum.selector, amount, 0));
        announced
            ? wallet.uniswapV3SwapCallback(-1, int256(amount), "")
            : wallet.uniswapV3SwapCallback(int256(amount), -1, "");
    }

    function testFuzz_onlyThePoolMayCallBack(address caller) public {
        vm.assume(caller != pool);
        expectCallback(address(token), 1_000);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackRefused.selector, caller, pool));
        wallet.uniswapV3SwapCallback(1, -1, "");
    }

    function testFuzz_withoutASwapNobodyMayCallBack(address caller) public {
        vm.assume(caller != address(0));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackRefused.selector, caller, address(0)));
        wallet.uniswapV3SwapCallback(1, -1, "");
    }

    function testFuzz_moreThanTheMaximumIsRefused(uint256 amount, uint256 maximum) public {
        amount = bound(amount, 1, uint256(type(int256).max));
        maximum = bound(maximum, 0, amount - 1);
        expectCallback(address(token), maximum);
        vm.prank(pool);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackExceedsMaximum.selector, amount, maximum));
        wallet.uniswapV3SwapCallback(int256(amount), -1, "");
    }

    function testFuzz_nothingOwedIsRefused(int256 amount0Delta, int256 amount1Delta) public {
        refuses(bound(amount0Delta, type(int256).min, 0), bound(amount1Delta, type(int256).min, 0));
    }

    function testFuzz_bothTokensOwedIsRefused(int256 amount0Delta, int256 amount1Delta) public {
        refuses(bound(amount0Delta, 1, type(int256).max), bound(amount1Delta, 1, type(int256).max));
    }

    function refuses(int256 amount0Delta, int256 amount1Delta) private {
        expectCallback(address(token), type(uint256).max);
        vm.prank(pool);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackAmounts.selector, amount0Delta, amount1Delta));
        wallet.uniswapV3SwapCallback(amount0Delta, amount1Delta, "");
    }

    function test_aSecondCallbackIsRefused() public {
        expectCallback(address(token), 1_000);
        vm.startPrank(pool);
        wallet.uniswapV3SwapCallback(1, -1, "");
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackRefused.selector, pool, address(0)));
        wallet.uniswapV3SwapCallback(1, -1, "");
    }

    function test_theTokenCannotLetThePoolInAgain() public {
        pool = address(new RepeatingPool());
        GreedyToken greedy = new GreedyToken(pool);
        expectCallback(address(greedy), 10);
        RepeatingPool(pool).again(wallet, 1, -1);
        assertEq(greedy.reason(), abi.encodeWithSelector(IAccount.CallbackRefused.selector, pool, address(0)));
    }

    function test_aTokenThatReturnsNothingIsPaid() public {
        SilentToken silent = new SilentToken();
        silent.mint(address(wallet), 5);
        expectCallback(false, address(silent), 5);
        vm.prank(pool);
        wallet.uniswapV3SwapCallback(-1, 5, "");
        assertEq(silent.balanceOf(pool), 5);
    }

    function test_aTokenThatReturnsFalseOrHasNoCodeIsNotTakenAsPaid() public {
        address[2] memory bad = [address(new FalseToken()), makeAddr("no token")];
        for (uint256 i = 0; i < bad.length; ++i) {
            expectCallback(bad[i], 5);
            vm.prank(pool);
            vm.expectRevert(abi.encodeWithSignature("SafeERC20FailedOperation(address)", bad[i]));
            wallet.uniswapV3SwapCallback(1, -1, "");
        }
    }

    /// The published Uniswap v3 pool, 0.3 %, full range of liquidity L at price 1: `x` in after the fee gives
    /// `L x / (L + x)` out, whichever way round.
    function testFuzz_aRealPoolIsPaidInItsOwnCallback(uint256 amountIn, bool zeroForOne) public {
        amountIn = bound(amountIn, 1e6, 1e24);
        uint256 liquidity = 1e24;
        (TestToken token0, TestToken token1) = realPool(uint128(liquidity));
        (TestToken paid, TestToken got) = zeroForOne ? (token0, token1) : (token1, token0);
        paid.mint(address(wallet), amountIn + 5);

        uint160 limit = zeroForOne ? 4295128740 : 1461446703485210103287273052203988822378723970341;
        ManagerProbe(payable(wallet))
            .swap(
                pool,
                zeroForOne,
                address(paid),
                amountIn,
                abi.encodeCall(IUniswapV3.swap, (address(wallet), zeroForOne, int256(amountIn), limit, ""))
            );

        uint256 x = amountIn * 997 / 1000;
        assertEq(paid.balanceOf(address(wallet)), 5, "paid other than what went in");
        assertApproxEqAbs(got.balanceOf(address(wallet)), liquidity * x / (liquidity + x), 2);
    }

    function test_aRealPoolThatAsksForMoreThanTheMaximumGetsNothing() public {
        (TestToken token0,) = realPool(1e24);
        token0.mint(address(wallet), 100);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackExceedsMaximum.selector, 100, 99));
        ManagerProbe(payable(wallet))
            .swap(
                pool,
                true,
                address(token0),
                99,
                abi.encodeCall(IUniswapV3.swap, (address(wallet), true, int256(100), 4295128740, ""))
            );
    }

    function expectMint(TestToken token1, uint256 max0, uint256 max1) private {
        ManagerProbe(payable(wallet)).expectMint(pool, [address(token), address(token1)], [max0, max1]);
    }

    function testFuzz_aMintIsPaidInBothTokensUpToTheMaxima(uint256 owed0, uint256 owed1, uint256 max0, uint256 max1)
        public
    {
        TestToken other = new TestToken("Other", "OTH", 18);
        other.mint(address(wallet), 1_000);
        (owed0, owed1) = (bound(owed0, 0, 1_000), bound(owed1, 0, 1_000));
        (max0, max1) = (bound(max0, owed0, type(uint256).max), bound(max1, owed1, type(uint256).max));
        expectMint(other, max0, max1);
        vm.prank(pool);
        wallet.uniswapV3MintCallback(owed0, owed1, "");
        assertEq(token.balanceOf(pool), owed0);
        assertEq(other.balanceOf(pool), owed1);
    }

    function testFuzz_aMintThatAsksForMoreOfEitherTokenGetsNothing(uint256 excess, bool first) public {
        excess = bound(excess, 1, type(uint128).max);
        expectMint(token, 10, 10);
        vm.prank(pool);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackExceedsMaximum.selector, 10 + excess, 10));
        wallet.uniswapV3MintCallback(first ? 10 + excess : 10, first ? 10 : 10 + excess, "");
        assertEq(token.balanceOf(pool), 0);
    }

    function testFuzz_onlyTheAnnouncedPoolIsPaidForAMintAndOnce(address caller) public {
        vm.assume(caller != pool);
        expectMint(token, 10, 10);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackRefused.selector, caller, pool));
        wallet.uniswapV3MintCallback(1, 1, "");
        vm.startPrank(pool);
        wallet.uniswapV3MintCallback(1, 1, "");
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackRefused.selector, pool, address(0)));
        wallet.uniswapV3MintCallback(1, 1, "");
        // Nor by the other callback.
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackRefused.selector, pool, address(0)));
        wallet.uniswapV3SwapCallback(1, -1, "");
    }

    function testFuzz_withoutAMintNobodyMayCallBack(address caller, uint256 owed) public {
        vm.assume(caller != address(0));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackRefused.selector, caller, address(0)));
        wallet.uniswapV3MintCallback(owed, owed, "");
    }

    /// A swap that is announced in one token leaves nothing of the other for a mint to ask for.
    function test_anAnnouncedSwapPaysNoMintInTheOtherToken() public {
        expectCallback(true, address(token), 10);
        vm.prank(pool);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackExceedsMaximum.selector, 1, 0));
        wallet.uniswapV3MintCallback(10, 1, "");
    }

    /// B13: a one-sided mint moves one token. No code is at the other's address, so touching it would revert.
    function test_aTokenThatIsNotOwedIsNotTouched() public {
        ManagerProbe(payable(wallet)).expectMint(pool, [address(token), makeAddr("no token")], [uint256(5), 5]);
        vm.prank(pool);
        wallet.uniswapV3MintCallback(5, 0, "");
        assertEq(token.balanceOf(pool), 5);
    }

    /// The published Uniswap v3 pool: liquidity L over the full range at price 1 takes L of both tokens, but for the ends: the
    /// square root of the price there is 1.0001^443610 = 1.84e19, so less than a 1e19th is missing.
    function testFuzz_theAccountHoldsLiquidityInARealPool(uint128 liquidity) public {
        liquidity = uint128(bound(liquidity, 1e6, 1e24));
        (TestToken token0, TestToken token1) = realPool(1e24);
        token0.mint(address(wallet), 2e24);
        token1.mint(address(wallet), 2e24);
        bytes memory mint = abi.encodeCall(IUniswapV3.mint, (address(wallet), -887220, 887220, liquidity, ""));
        address[2] memory tokens = [address(token0), address(token1)];
        vm.expectRevert();
        ManagerProbe(payable(wallet)).mint(pool, tokens, [uint256(liquidity), 0], mint);
        ManagerProbe(payable(wallet)).mint(pool, tokens, [uint256(liquidity), liquidity], mint);
        assertApproxEqAbs(2e24 - token0.balanceOf(address(wallet)), liquidity, 1 + liquidity / 1e19);
        assertApproxEqAbs(2e24 - token1.balanceOf(address(wallet)), liquidity, 1 + liquidity / 1e19);
        bytes32 id = keccak256(abi.encodePacked(address(wallet), int24(-887220), int24(887220)));
        (bool ok, bytes memory held) = pool.staticcall(abi.encodeWithSignature("positions(bytes32)", id));
        assertTrue(ok);
        assertEq(abi.decode(held, (uint256)), liquidity);
    }

    function realPool(uint128 liquidity) private returns (TestToken token0, TestToken token1) {
        (token0, token1) = (new TestToken("A", "A", 18), new TestToken("B", "B", 18));
        if (token0 > token1) (token0, token1) = (token1, token0);
        IUniswapV3 factory = IUniswapV3(
            deployArtifact("@uniswap/v3-core/artifacts/contracts/UniswapV3Factory.sol/UniswapV3Factory.json", "")
        );
        pool = factory.createPool(address(token0), address(token1), 3000);
        IUniswapV3(pool).initialize(1 << 96);
        IUniswapV3(pool).mint(address(this), -887220, 887220, liquidity, abi.encode(token0, token1));
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata data) external {
        (TestToken token0, TestToken token1) = abi.decode(data, (TestToken, TestToken));
        token0.mint(msg.sender, amount0);
        token1.mint(msg.sender, amount1);
    }
}
