// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";

import {ReentrantToken} from "hedgerow/dev/ReentrantToken.sol";
import {TestToken} from "hedgerow/dev/TestToken.sol";
import {IMargin} from "hedgerow/interfaces/IMargin.sol";

import {Lending} from "../support/Lending.sol";

/// Instead of Uniswap's pool: asks for whatever it was told to, as often as it was told to.
contract HostilePool {
    int256 private amount0;
    int256 private amount1;
    uint256 private times;
    TestToken private paid;
    bool private honest;

    function prepare(int256 amount0_, int256 amount1_, uint256 times_, TestToken paid_) external {
        (amount0, amount1, times, paid) = (amount0_, amount1_, times_, paid_);
    }

    function swap(address, bool, int256, uint160, bytes calldata) external returns (int256, int256) {
        if (address(paid) != address(0)) paid.mint(msg.sender, uint256(amount0 < 0 ? -amount0 : -amount1));
        for (uint256 i = 0; i < times; ++i) {
            call(IMarginCallback(msg.sender));
        }
        return (amount0, amount1);
    }

    function call(IMarginCallback margin) public {
        margin.uniswapV3SwapCallback(amount0, amount1, "");
    }
}

interface IMarginCallback {
    function uniswapV3SwapCallback(int256 amount0Delta, int256 amount1Delta, bytes calldata data) external;
}

/// What nobody but its owner can have a margin account do, whoever the pool and the tokens are.
contract MarginAttacks is Lending {
    address private owner = makeAddr("owner");
    address private thief = makeAddr("thief");

    function newToken() internal override returns (TestToken) {
        return new ReentrantToken();
    }

    function hostile() private returns (HostilePool pool_, IMargin margin) {
        pool_ = new HostilePool();
        margin = openFor(owner, address(pool_), 1_000e18);
    }

    function refused(int256 amount0, int256 amount1) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IMargin.CallbackAmounts.selector, amount0, amount1);
    }

    function testFuzz_B1_nobodyElseCommandsAMarginAccount(address caller) public {
        IMargin margin = openFor(owner, address(pool), 1_000e18);
        vm.assume(caller != owner);
        bytes memory no = abi.encodeWithSelector(IMargin.NotOwner.selector, caller);
        vm.startPrank(caller);
        vm.expectRevert(no);
        margin.short(1, LOWEST, 1);
        vm.expectRevert(no);
        margin.cover(1, HIGHEST, type(uint256).max);
        vm.expectRevert(no);
        margin.supply();
        vm.expectRevert(no);
        margin.withdraw(1);
        vm.expectRevert(no);
        margin.sweep(address(collateral));
    }

    function testFuzz_B2_nobodyCallsAMarginAccountBackUnasked(address caller, int256 amount0, int256 amount1) public {
        IMargin margin = openFor(owner, address(pool), 1_000e18);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IMargin.CallbackRefused.selector, caller));
        IMarginCallback(address(margin)).uniswapV3SwapCallback(amount0, amount1, "");
        vm.prank(address(pool));
        vm.expectRevert(abi.encodeWithSelector(IMargin.CallbackRefused.selector, address(pool)));
        IMarginCallback(address(margin)).uniswapV3SwapCallback(amount0, amount1, "");
    }

    function testFuzz_B2_aShortOwesNoMoreThanItAskedFor(int256 amount0, int256 amount1) public {
        (HostilePool bad, IMargin margin) = hostile();
        vm.assume(amount0 <= 0 || amount0 > 10e18 || amount1 > 0);
        bad.prepare(amount0, amount1, 1, TestToken(address(0)));
        vm.prank(owner);
        vm.expectRevert(refused(amount0, amount1));
        margin.short(10e18, LOWEST, 0);
    }

    function testFuzz_B2_aCoverIsPaidNoMoreThanItAskedFor(int256 amount0, int256 amount1) public {
        (HostilePool bad, IMargin margin) = hostile();
        bad.prepare(10e18, -10e18, 1, collateral);
        vm.prank(owner);
        margin.short(10e18, LOWEST, 0);
        vm.assume(amount0 >= 0 || amount0 < -10e18 || amount1 <= 0);
        bad.prepare(amount0, amount1, 1, TestToken(address(0)));
        vm.prank(owner);
        vm.expectRevert(refused(amount0, amount1));
        margin.cover(10e18, HIGHEST, 0);
    }

    function test_B2_aPoolIsPaidOnceForASwap() public {
        (HostilePool bad, IMargin margin) = hostile();
        bad.prepare(10e18, -10e18, 2, collateral);
        vm.prank(owner);
        vm.expectRevert(abi.encodeWithSelector(IMargin.CallbackRefused.selector, address(bad)));
        margin.short(10e18, LOWEST, 0);
        bad.prepare(10e18, -10e18, 1, collateral);
        vm.prank(owner);
        margin.short(10e18, LOWEST, 0);
        // Nor later.
        vm.expectRevert(abi.encodeWithSelector(IMargin.CallbackRefused.selector, address(bad)));
        bad.call(IMarginCallback(address(margin)));
        assertEq(owed(address(margin)), 10e18);
    }

    function test_B2_aPoolThatDoesNotCallBackHasNotSwapped() public {
        (HostilePool bad, IMargin margin) = hostile();
        bad.prepare(10e18, -10e18, 0, TestToken(address(0)));
        vm.prank(owner);
        vm.expectRevert(refused(10e18, -10e18));
        margin.short(10e18, LOWEST, 0);
    }

    /// The most that a pool of a liar's can have is what was asked for, and only against collateral that Aave takes for enough.
    function test_B17_aPoolThatPaysNothingGetsNoMoreThanTheCollateralCarries() public {
        (HostilePool bad, IMargin margin) = hostile();
        bad.prepare(801e18, -801e18, 1, TestToken(address(0)));
        vm.prank(owner);
        vm.expectRevert(bytes("36"));
        margin.short(801e18, LOWEST, 0);
    }

    function test_B3_aTokenThatCallsBackBeginsNothing() public {
        IMargin margin = openFor(owner, address(pool), 1_000e18);
        ReentrantToken token = ReentrantToken(address(volatileToken));
        // The margin account is the token's own, so that the caller is no reason to refuse.
        vm.prank(address(token));
        IMargin own = IMargin(factory.open(0, termsIn(address(pool))));
        collateral.mint(address(own), 1_000e18);
        bytes[4] memory calls = [
            abi.encodeCall(IMargin.withdraw, (type(uint256).max)),
            abi.encodeCall(IMargin.short, (1e18, LOWEST, 0)),
            abi.encodeCall(IMargin.cover, (1e18, HIGHEST, type(uint256).max)),
            abi.encodeCall(IMargin.sweep, (address(collateral)))
        ];
        for (uint256 i = 0; i < 4; ++i) {
            token.arm(address(own), calls[i]);
            uint256 before = token.attempts();
            vm.prank(address(token));
            own.short(10e18, LOWEST, 0);
            assertGt(token.attempts(), before);
            assertEq(token.successes(), 0);
            assertEq(token.refusal(), ReentrancyGuardTransient.ReentrancyGuardReentrantCall.selector);
            // Somebody else's is not its business at any time.
            token.arm(address(margin), calls[i]);
            vm.prank(address(token));
            own.cover(type(uint256).max, HIGHEST, 0);
            assertEq(token.successes(), 0);
            assertEq(token.refusal(), IMargin.NotOwner.selector);
            token.arm(address(0), "");
        }
        assertClean(own);
    }

    /// What is given to an account, in its place before it is made as well, neither stops nor enriches anybody but its owner.
    function test_B12_giftsDoNotStandInTheWay() public {
        address place = factory.marginOf(owner, 0, termsIn(address(pool)));
        collateral.mint(address(this), 5e18);
        collateral.approve(address(aave), 5e18);
        aave.supply(address(collateral), 5e18, place, 0);
        volatileToken.mint(place, 3e18);
        IMargin margin = openFor(owner, address(pool), 1_000e18);
        vm.startPrank(owner);
        margin.short(10e18, LOWEST, 0);
        margin.cover(type(uint256).max, HIGHEST, type(uint256).max);
        assertEq(owed(address(margin)) + lent(address(margin)), 0);
        assertClean(margin);
        assertGt(collateral.balanceOf(owner), 1_004e18);
    }

    function testFuzz_B20_whatIsSweptIsTheOwners(uint96 amount) public {
        IMargin margin = openFor(owner, address(pool), 0);
        TestToken gift = new TestToken("Gift", "GIF", 18);
        gift.mint(address(margin), amount);
        vm.prank(owner);
        assertEq(margin.sweep(address(gift)), amount);
        assertEq(gift.balanceOf(owner), amount);
    }

    /// The implementation has neither owner nor terms.
    function testFuzz_A10_theImplementationObeysNobody(address caller) public {
        IMargin implementation = IMargin(factory.implementation());
        vm.startPrank(caller);
        vm.expectRevert();
        implementation.withdraw(1);
        vm.expectRevert();
        implementation.sweep(address(collateral));
        vm.expectRevert();
        implementation.initialise();
    }
}
