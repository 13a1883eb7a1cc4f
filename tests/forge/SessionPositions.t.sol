// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IAccount} from "hedgerow/interfaces/IAccount.sol";
import {ISessions, PoolKey, PositionRule, Session} from "hedgerow/interfaces/ISessions.sol";

import {IPositionManager, Positions} from "./support/Positions.sol";

/// What a session key may do with positions of the real NonfungiblePositionManager, and what it may not.
contract SessionPositionsTest is Positions {
    function notListed(uint256 call_, uint256 tokenId) private view returns (bytes memory) {
        return abi.encodeWithSelector(ISessions.PositionNotAllowed.selector, call_, address(manager), tokenId);
    }

    function test_aListedPositionIsIncreasedDecreasedAndCollected() public {
        Session memory session = keeping();
        add(session);
        uint128 before = liquidityOf(own);
        run(session, join(approving(500), increase(own, 500)));
        assertGt(liquidityOf(own), before);
        uint256 held = token0.balanceOf(address(wallet));
        run(session, join(decrease(own, before / 2), collect(own, address(wallet))));
        assertLt(liquidityOf(own), before);
        assertGt(token0.balanceOf(address(wallet)), held);
        assertEq(manager.ownerOf(own), address(wallet));
        (uint128 spent,) = sessions.spending(idOf(session), 0);
        assertEq(spent, 500);
    }

    function test_aPositionIsMovedWithinAListedPoolInOneBatch() public {
        Session memory session = keepingPool(FEE);
        add(session);
        IPositionManager.MintParams memory params = minting(900);
        params.tickLower = -60;
        IAccount.Call[] memory leave = join(decrease(own, liquidityOf(own)), collect(own, address(wallet)));
        assertTrue(operate(session, join(join(leave, approving(900)), mintCall(params))));
        assertEq(liquidityOf(own), 0);
        assertEq(manager.balanceOf(address(wallet)), 3);
        // The new one lies in the pool, so it is listed as well.
        run(session, decrease(strangers + 1, 1));
        assertEq(token0.allowance(address(wallet), address(manager)), 0);
        assertEq(token1.allowance(address(wallet), address(manager)), 0);
    }

    function test_onlyListedPositionsOfTheAccountAreTouched() public {
        Session memory session = keeping();
        add(session);
        uint256[2] memory others = [other, strangers];
        for (uint256 i = 0; i < 2; ++i) {
            refused(session, decrease(others[i], 1), notListed(0, others[i]));
            refused(session, collect(others[i], address(wallet)), notListed(0, others[i]));
            refused(session, join(approving(5), increase(others[i], 5)), notListed(2, others[i]));
        }
        session = keepingPool(FEE);
        add(session);
        for (uint256 i = 0; i < 2; ++i) {
            refused(session, decrease(others[i], 1), notListed(0, others[i]));
            refused(session, collect(others[i], address(wallet)), notListed(0, others[i]));
            refused(session, join(approving(5), increase(others[i], 5)), notListed(2, others[i]));
        }
    }

    function test_onlyTheAccountReceives() public {
        Session memory session = keepingPool(FEE);
        add(session);
        address[2] memory recipients = [stranger, address(0)];
        for (uint256 i = 0; i < 2; ++i) {
            refused(session, collect(own, recipients[i]), argument(0, 1));
            IPositionManager.MintParams memory params = minting(5);
            params.recipient = recipients[i];
            refused(session, mintCall(params), argument(0, 9));
        }
    }

    function test_onlyInListedPoolsIsMinted() public {
        Session memory session = keepingPool(OTHER_FEE);
        add(session);
        bytes memory reason =
            abi.encodeWithSelector(ISessions.PoolNotAllowed.selector, 0, address(token0), address(token1), FEE);
        refused(session, mintCall(minting(5)), reason);
        // A listed id lists no pool.
        session = keeping();
        add(session);
        refused(session, mintCall(minting(5)), reason);
        session = keepingPool(FEE);
        add(session);
        run(session, join(approving(5), mintCall(minting(5))));
        assertEq(manager.balanceOf(address(wallet)), 3);
    }

    /// What is put into positions is counted whole, although as much comes back in the same batch: so nobody makes it go round and
    /// round through a price that he has bent.
    function test_whatGoesIntoAPositionIsSpentWhateverComesBack() public {
        Session memory session = keepingPool(FEE);
        add(session);
        IAccount.Call[] memory leave = join(decrease(own, liquidityOf(own)), collect(own, address(wallet)));
        refused(
            session,
            join(join(leave, approving(LIMIT + 1)), mintCall(minting(LIMIT + 1))),
            exceeded(address(token0), LIMIT + 1, LIMIT)
        );
        run(session, join(join(leave, approving(LIMIT)), mintCall(minting(LIMIT))));
        refused(session, join(approving(1), increase(strangers + 1, 1)), exceeded(address(token0), LIMIT + 1, LIMIT));
    }

    /// An allowance that the owner gave the position manager is not a way around the limit.
    function testFuzz_depositsFromAStandingAllowanceAreCounted(uint256 amount) public {
        amount = bound(amount, 1, 3 * LIMIT);
        Session memory session = keepingPool(FEE);
        add(session);
        vm.startPrank(address(wallet));
        token0.approve(address(manager), type(uint256).max);
        token1.approve(address(manager), type(uint256).max);
        vm.stopPrank();
        IAccount.Call[] memory leave = join(decrease(own, liquidityOf(own)), collect(own, address(wallet)));
        IAccount.Call[] memory calls = join(leave, mintCall(minting(amount)));
        if (amount > LIMIT) {
            refused(session, calls, exceeded(address(token0), amount, LIMIT));
        } else {
            run(session, calls);
            (uint128 spent,) = sessions.spending(idOf(session), 0);
            assertEq(spent, amount);
        }
    }

    /// Allowed once, put in once: counted once; allowed less than is put in: counted once again as far as it was not.
    function test_anAllowanceCoversItsOwnDepositOnly() public {
        Session memory session = keepingPool(FEE);
        add(session);
        IAccount.Call[] memory twice = join(mintCall(minting(300)), mintCall(minting(300)));
        run(session, join(approving(600), twice));
        (uint128 spent,) = sessions.spending(idOf(session), 0);
        assertEq(spent, 600);
        // Not pulled: the price is in the middle, and both tokens are asked for.
        IPositionManager.MintParams memory params = minting(150);
        run(session, join(approving(100), mintCallUpTo(params, 100)));
        (spent,) = sessions.spending(idOf(session), 0);
        assertEq(spent, 750);
    }

    /// Asks for more than is allowed, in a range that takes less.
    function mintCallUpTo(IPositionManager.MintParams memory params, uint256 amount1)
        private
        view
        returns (IAccount.Call[] memory)
    {
        params.amount1Desired = amount1;
        return mintCall(params);
    }

    function test_aDepositOfATokenWithoutALimitIsRefused() public {
        Session memory session = keepingPool(FEE);
        session.limits = limit(address(token0), LIMIT);
        session.calls[5] = session.calls[4];
        add(session);
        vm.prank(address(wallet));
        token1.approve(address(manager), 100);
        IAccount.Call[] memory calls =
            join(one(address(token0), 0, abi.encodeCall(token0.approve, (address(manager), 5))), mintCall(minting(5)));
        refused(session, calls, abi.encodeWithSelector(ISessions.NoSpendLimit.selector, address(token1)));
        refused(session, increase(own, 5), abi.encodeWithSelector(ISessions.NoSpendLimit.selector, address(token1)));
    }

    function testFuzz_argumentsOfAnotherLengthAreRefused(uint8 which, bytes calldata tail) public {
        vm.assume(tail.length != 0);
        Session memory session = keepingPool(FEE);
        add(session);
        IAccount.Call[][4] memory calls =
            [mintCall(minting(5)), increase(own, 5), decrease(own, 1), collect(own, address(wallet))];
        uint256[4] memory words = [uint256(11), 6, 5, 4];
        which %= 4;
        bytes memory data = calls[which][0].data;
        calls[which][0].data = abi.encodePacked(data, tail);
        refused(session, calls[which], argument(0, words[which]));
        uint256 shorter = bound(uint256(keccak256(tail)), 4, data.length - 1);
        assembly ("memory-safe") {
            mstore(data, shorter)
        }
        calls[which][0].data = data;
        refused(session, calls[which], argument(0, words[which]));
    }

    function test_noEtherGoesToAPositionManager() public {
        Session memory session = keepingPool(FEE);
        add(session);
        IAccount.Call[] memory calls = collect(own, address(wallet));
        calls[0].value = 1;
        refused(session, calls, argument(0, type(uint256).max));
    }

    /// A position that the owner has sold meanwhile is nobody's business, and the rest goes on.
    function test_aListedPositionThatIsGoneAlreadyStopsNothing() public {
        Session memory session = keepingPool(FEE);
        session.positions[0].tokenIds = new uint256[](2);
        (session.positions[0].tokenIds[0], session.positions[0].tokenIds[1]) = (other, 999);
        add(session);
        vm.prank(address(wallet));
        manager.transferFrom(address(wallet), carrier, other);
        run(session, collect(own, address(wallet)));
        refused(session, decrease(other, 1), notListed(0, other));
    }

    function test_anApprovalOfTheOwnersIsLeftAlone() public {
        Session memory session = keeping();
        add(session);
        vm.prank(address(wallet));
        manager.approve(carrier, own);
        run(session, decrease(own, 1));
        assertEq(manager.getApproved(own), carrier);
    }

    function test_whatAnswersNothingIsNoPositionManager() public {
        Session memory session = keeping();
        session.positions[0].positionManager = address(token);
        for (uint256 i = 0; i < 4; ++i) {
            session.calls[i].target = address(token);
        }
        add(session);
        IAccount.Call[] memory calls = decrease(own, 1);
        calls[0].to = address(token);
        refused(session, calls, abi.encodeWithSelector(ISessions.Unreadable.selector, address(token)));
    }
}
