// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {TestToken} from "hedgerow/dev/TestToken.sol";
import {IAccount} from "hedgerow/interfaces/IAccount.sol";

import {Delegated} from "./support/Delegated.sol";
import {ManagerProbe} from "./support/ManagerProbe.sol";

/// Tries to be paid a second time while it is being transferred.
contract InsistentToken {
    address private immutable POOL;
    bytes public reason;

    constructor(address pool) {
        POOL = pool;
    }

    function transfer(address, uint256) external returns (bool) {
        (bool ok, bytes memory answer) = POOL.call(abi.encodeCall(InsistentPool.ask, (IAccount(msg.sender), 1, 1)));
        require(!ok, "paid twice");
        reason = answer;
        return true;
    }
}

contract InsistentPool {
    function ask(IAccount account, uint256 amount0, uint256 amount1) external {
        account.uniswapV3MintCallback(amount0, amount1, "");
    }
}

/// What a pool is paid when the account mints in it.
contract MintCallbackTest is Delegated {
    TestToken[2] internal tokens;
    address internal pool = makeAddr("pool");

    function setUp() public override {
        super.setUp();
        for (uint256 i = 0; i < 2; ++i) {
            tokens[i] = new TestToken("Test", "TST", 18);
            tokens[i].mint(address(wallet), 1_000);
        }
    }

    function expectMint(uint256 max0, uint256 max1) private {
        ManagerProbe(payable(wallet)).expectMint(pool, [address(tokens[0]), address(tokens[1])], [max0, max1]);
    }

    function testFuzz_thePoolIsPaidBothTokensUpToTheirMaxima(uint256 owed0, uint256 owed1, uint256 max0, uint256 max1)
        public
    {
        (owed0, owed1) = (bound(owed0, 0, 1_000), bound(owed1, 0, 1_000));
        expectMint(bound(max0, owed0, type(uint256).max), bound(max1, owed1, type(uint256).max));
        vm.prank(pool);
        wallet.uniswapV3MintCallback(owed0, owed1, "");
        assertEq(tokens[0].balanceOf(pool), owed0);
        assertEq(tokens[1].balanceOf(pool), owed1);
    }

    function testFuzz_moreThanEitherMaximumIsRefused(uint256 owed, uint256 maximum, bool first) public {
        owed = bound(owed, 1, type(uint256).max);
        maximum = bound(maximum, 0, owed - 1);
        uint256 free = type(uint256).max;
        expectMint(first ? maximum : free, first ? free : maximum);
        vm.prank(pool);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackExceedsMaximum.selector, owed, maximum));
        wallet.uniswapV3MintCallback(first ? owed : 0, first ? 0 : owed, "");
    }

    function testFuzz_onlyThePoolMayCallBack(address caller) public {
        vm.assume(caller != pool);
        expectMint(1_000, 1_000);
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackRefused.selector, caller, pool));
        wallet.uniswapV3MintCallback(1, 1, "");
    }

    function testFuzz_withoutAMintNobodyMayCallBack(address caller) public {
        vm.assume(caller != address(0));
        vm.prank(caller);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackRefused.selector, caller, address(0)));
        wallet.uniswapV3MintCallback(1, 1, "");
    }

    function test_aSwapAnnouncedIsNoMintOfTheOtherToken() public {
        ManagerProbe(payable(wallet)).expectCallback(pool, true, address(tokens[0]), 10);
        vm.prank(pool);
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackExceedsMaximum.selector, 1, 0));
        wallet.uniswapV3MintCallback(0, 1, "");
    }

    function test_aSecondCallbackIsRefused() public {
        expectMint(1_000, 1_000);
        vm.startPrank(pool);
        wallet.uniswapV3MintCallback(1, 1, "");
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallbackRefused.selector, pool, address(0)));
        wallet.uniswapV3MintCallback(1, 1, "");
    }

    function test_theTokenCannotLetThePoolInAgain() public {
        pool = address(new InsistentPool());
        InsistentToken insistent = new InsistentToken(pool);
        ManagerProbe(payable(wallet)).expectMint(pool, [address(insistent), address(insistent)], [uint256(10), 10]);
        InsistentPool(pool).ask(wallet, 1, 0);
        assertEq(insistent.reason(), abi.encodeWithSelector(IAccount.CallbackRefused.selector, pool, address(0)));
    }
}
