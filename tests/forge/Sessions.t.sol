// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";
import {Carriage, ISessions, Session, SpendLimit} from "hedgerow/interfaces/ISessions.sol";

import {IEntryPoint} from "./support/Delegated.sol";
import {SessionKeys} from "./support/SessionKeys.sol";

/// Session keys as they are meant to be used: added, used through either EntryPoint and by signed batches, revoked.
contract SessionsTest is SessionKeys {
    // `cast index-erc7201 hedgerow.sessions`, and `hedgerow.account`
    uint256 private constant ROOT = 0xe8b8bf4e908c3d54cda20c7c0e5f5a0a5608e499e5b42ec0b2a020210134c000;
    uint256 private constant HEADER = 0x194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900;

    function slotOf(bytes32 keyId) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(keyId, ROOT)));
    }

    function word(uint256 slot) private view returns (uint256) {
        return uint256(vm.load(address(wallet), bytes32(slot)));
    }

    function expectFailedOp(string memory reason) private {
        vm.expectRevert(abi.encodeWithSignature("FailedOp(uint256,string)", 0, reason));
    }

    function test_theRootIsTheNamespaces() public pure {
        bytes32 inner = bytes32(uint256(keccak256("hedgerow.sessions")) - 1);
        assertEq(uint256(keccak256(abi.encode(inner)) & ~bytes32(uint256(0xff))), ROOT);
    }

    function test_aSessionKeyTransfersThroughBothEntryPoints() public {
        Session memory session = transfers();
        add(session);
        assertTrue(operateAt(session, transfer(stranger, 30), ENTRY_POINT));
        assertTrue(operateAt(session, transfer(stranger, 70), ENTRY_POINT_V9));
        assertEq(token.balanceOf(stranger), 100);
        (uint128 spent, uint64 window) = sessions.spending(idOf(session), 0);
        assertEq(spent, 100);
        assertEq(window, block.timestamp / 1 days);
    }

    function test_aSessionKeysBatchIsCarriedByAnybody() public {
        Session memory session = transfers();
        bytes32 keyId = add(session);
        vm.expectEmit(address(wallet));
        emit ISessions.SessionExecuted(keyId, uint256(nonceKey(keyId)) << 64, carrier);
        run(session, two(transfer(stranger, 30), transfer(carrier, 5)));
        run(session, transfer(stranger, 1));
        assertEq(token.balanceOf(stranger), 31);
        assertEq(token.balanceOf(carrier), 5);
        assertEq(wallet.nonce(nonceKey(keyId)), uint256(nonceKey(keyId)) << 64 | 2);
    }

    function test_addingPublishesTheTermsAndStoresTheirHash() public {
        Session memory session = transfers();
        bytes32 keyId = idOf(session);
        vm.expectEmit(address(wallet));
        emit ISessions.KeyAdded(keyId, session);
        assertEq(add(session), keyId);
        (uint8 status, uint128 gasSpent) = sessions.keyStatus(keyId);
        assertEq(status, 1);
        assertEq(gasSpent, 0);
        assertEq(word(slotOf(keyId)), 1);
        assertEq(wallet.stateVersion(), 1);
    }

    /// Status at bit 0, epoch at 8, generation at 40, era at 104, gas at 160; spent at bit 0 of the limit's word, its period at 128.
    function test_whatIsStoredLiesWhereTheSourceSays() public {
        vm.startPrank(address(wallet));
        wallet.wipe();
        sessions.revokeAllKeys();
        sessions.revokeAllKeys();
        vm.stopPrank();
        uint256 era = word(HEADER) >> 200;
        assertEq(word(HEADER), 1 | 1 << 32 | 2 << 168 | era << 200);
        Session memory session = transfers();
        uint256 slot = slotOf(add(session));
        assertEq(word(slot), 1 | 2 << 8 | 1 << 40 | era << 104);
        assertTrue(operate(session, transfer(stranger, 7)));
        assertEq(word(slot), 1 | 2 << 8 | 1 << 40 | era << 104 | HIGHEST_COST << 160);
        assertEq(word(slot + 1), 7 | (block.timestamp / 1 days) << 128);
        assertEq(word(slot + 2), 0);
    }

    function test_theAccountAndBothEntryPointsManageKeys() public {
        address[3] memory callers = [address(wallet), address(ENTRY_POINT), address(ENTRY_POINT_V9)];
        for (uint256 i = 0; i < 3; ++i) {
            Session memory session = transfers();
            session.salt = bytes32(i);
            vm.startPrank(callers[i]);
            bytes32 keyId = sessions.addKey(session);
            vm.expectEmit(address(wallet));
            emit ISessions.KeyRevoked(keyId);
            sessions.revokeKey(keyId);
            vm.expectEmit(address(wallet));
            emit ISessions.AllKeysRevoked(uint32(i + 1));
            sessions.revokeAllKeys();
            vm.stopPrank();
            refused(session, transfer(stranger, 1), notActive(keyId));
        }
    }

    function test_aRevokedKeyIsRevokedAndTheOthersAreNot() public {
        Session memory session = transfers();
        Session memory other = transfers();
        other.salt = bytes32(uint256(1));
        (bytes32 keyId, bytes32 otherId) = (add(session), add(other));
        vm.prank(address(wallet));
        sessions.revokeKey(keyId);
        (uint8 status,) = sessions.keyStatus(keyId);
        assertEq(status, 2);
        refused(session, transfer(stranger, 1), notActive(keyId));
        assertEq(validateOp(session), 1);
        run(other, transfer(stranger, 1));
        (status,) = sessions.keyStatus(otherId);
        assertEq(status, 1);
    }

    function test_allKeysAreRevokedAtOnceAndLaterOnesAct() public {
        Session memory session = transfers();
        bytes32 keyId = add(session);
        vm.prank(address(wallet));
        sessions.revokeAllKeys();
        (uint8 status,) = sessions.keyStatus(keyId);
        assertEq(status, 2);
        refused(session, transfer(stranger, 1), notActive(keyId));
        assertEq(validateOp(session), 1);
        Session memory later = transfers();
        later.salt = bytes32(uint256(1));
        add(later);
        run(later, transfer(stranger, 1));
    }

    /// Neither after it was revoked, nor with all, nor by a wipe, nor when it is there: what was signed once stays void.
    function test_theSameTermsAreNeverAddedAgain() public {
        Session memory session = transfers();
        bytes32 keyId = add(session);
        bytes memory used = abi.encodeWithSelector(ISessions.KeyUsed.selector, keyId);
        vm.startPrank(address(wallet));
        vm.expectRevert(used);
        sessions.addKey(session);
        sessions.revokeAllKeys();
        vm.expectRevert(used);
        sessions.addKey(session);
        wallet.wipe();
        vm.expectRevert(used);
        sessions.addKey(session);
        session.salt = bytes32(uint256(1));
        sessions.revokeKey(idOf(session));
        vm.expectRevert(abi.encodeWithSelector(ISessions.KeyUsed.selector, idOf(session)));
        sessions.addKey(session);
    }

    function test_aWipeEndsAllKeysAndBeginsTheEpochsAnew() public {
        Session memory session = transfers();
        bytes32 keyId = add(session);
        vm.prank(address(wallet));
        wallet.wipe();
        (uint8 status,) = sessions.keyStatus(keyId);
        assertEq(status, 2);
        refused(session, transfer(stranger, 1), notActive(keyId));
        assertEq(validateOp(session), 1);
        assertEq(word(HEADER) % (1 << 200), 1 | 1 << 32);
    }

    function test_thePauseStopsSessionKeysAndItsEndLetsThemGoOn() public {
        Session memory session = transfers();
        add(session);
        vm.prank(address(wallet));
        wallet.pause();
        refused(session, transfer(stranger, 1), abi.encodeWithSelector(ISessions.Paused.selector));
        assertEq(validateOp(session), 1);
        vm.prank(address(wallet));
        wallet.unpause();
        run(session, transfer(stranger, 1));
        assertTrue(operate(session, transfer(stranger, 1)));
    }

    /// An operation before it in the bundle pauses the account, or revokes the key: it was valid, and does nothing.
    function test_whatHappensBetweenValidationAndExecutionCounts() public {
        bytes[3] memory before = [
            abi.encodeCall(IAccount.pause, ()),
            abi.encodeCall(ISessions.revokeAllKeys, ()),
            abi.encodeCall(IAccount.wipe, ())
        ];
        for (uint256 i = 0; i < before.length; ++i) {
            uint256 snapshot = vm.snapshotState();
            Session memory session = transfers();
            add(session);
            PackedUserOperation[] memory ops = new PackedUserOperation[](2);
            ops[0] = op(session, transfer(stranger, 1), ENTRY_POINT);
            ops[0].nonce = ENTRY_POINT.getNonce(address(wallet), 0);
            ops[0].callData = before[i];
            ops[0].signature = sign(ENTRY_POINT.getUserOpHash(ops[0]));
            ops[1] = signOp(session, op(session, transfer(stranger, 1), ENTRY_POINT), agent, ENTRY_POINT)[0];
            handle(ops, ENTRY_POINT);
            assertEq(token.balanceOf(stranger), 0);
            vm.revertToState(snapshot);
        }
    }

    /// The limit is a period's, counted from 1970: a day later there is as much again.
    function testFuzz_aLimitIsAPeriods(uint128 first, uint128 second, uint32 later) public {
        first = uint128(bound(first, 0, 100));
        second = uint128(bound(second, 0, 200));
        later = uint32(bound(later, 0, 3 days));
        Session memory session = transfers();
        add(session);
        run(session, transfer(stranger, first));
        uint256 day = block.timestamp / 1 days;
        vm.warp(block.timestamp + later);
        uint256 used = (block.timestamp / 1 days == day ? first : 0) + uint256(second);
        if (used > 100) refused(session, transfer(stranger, second), exceeded(address(token), used, 100));
        else run(session, transfer(stranger, second));
    }

    function test_aLimitWithoutAPeriodIsTheSessions() public {
        Session memory session = transfers();
        session.limits[0].period = 0;
        add(session);
        run(session, transfer(stranger, 60));
        vm.warp(block.timestamp + 20 days);
        refused(session, transfer(stranger, 41), exceeded(address(token), 101, 100));
        run(session, transfer(stranger, 40));
    }

    function test_theSessionsTimeIsTheOperations() public {
        Session memory session = transfers();
        add(session);
        uint256 expected = uint256(session.expiry) << 160 | (uint256(session.start) - 1) << 208;
        assertEq(validateOp(session), expected);
        assertTrue(operate(session, transfer(stranger, 1)));
        vm.warp(session.expiry);
        assertTrue(operate(session, transfer(stranger, 1)));
        run(session, transfer(stranger, 1));
        vm.warp(uint256(session.expiry) + 1);
        PackedUserOperation[] memory ops =
            signOp(session, op(session, transfer(stranger, 1), ENTRY_POINT), agent, ENTRY_POINT);
        expectFailedOp("AA22 expired or not due");
        handle(ops, ENTRY_POINT);
        bytes memory outside =
            abi.encodeWithSelector(ISessions.OutsideSession.selector, session.start, session.expiry, block.timestamp);
        refused(session, transfer(stranger, 1), outside);
    }

    function test_aSessionBeginsWhenItsOwnerSaid() public {
        Session memory session = transfers();
        session.start = uint48(block.timestamp + 1 days);
        add(session);
        PackedUserOperation[] memory ops =
            signOp(session, op(session, transfer(stranger, 1), ENTRY_POINT), agent, ENTRY_POINT);
        expectFailedOp("AA22 expired or not due");
        handle(ops, ENTRY_POINT);
        bytes memory outside =
            abi.encodeWithSelector(ISessions.OutsideSession.selector, session.start, session.expiry, block.timestamp);
        refused(session, transfer(stranger, 1), outside);
        vm.warp(session.start);
        assertTrue(operate(session, transfer(stranger, 1)));
        run(session, transfer(stranger, 1));
        // From the beginning of time: the EntryPoint's own way of saying so.
        session.start = 0;
        add(session);
        assertEq(validateOp(session), uint256(session.expiry) << 160);
    }

    function test_theGasBudgetIsTheSumOfWhatOperationsMayCost() public {
        Session memory session = transfers();
        session.gasBudget = uint128(3 * HIGHEST_COST - 1);
        bytes32 keyId = add(session);
        assertTrue(operate(session, transfer(stranger, 1)));
        assertTrue(operateAt(session, transfer(stranger, 1), ENTRY_POINT_V9));
        (, uint128 gasSpent) = sessions.keyStatus(keyId);
        assertEq(gasSpent, 2 * HIGHEST_COST);
        PackedUserOperation[] memory ops =
            signOp(session, op(session, transfer(stranger, 1), ENTRY_POINT), agent, ENTRY_POINT);
        expectFailedOp("AA24 signature error");
        handle(ops, ENTRY_POINT);
        (, gasSpent) = sessions.keyStatus(keyId);
        assertEq(gasSpent, 2 * HIGHEST_COST);
        // Who pays himself to carry it needs no budget.
        run(session, transfer(stranger, 1));
    }

    function test_etherIsSpentWithinALimitOfItsOwn() public {
        Session memory session = calling(stranger, 0xe0e0e0e0, limit(address(0), 1 ether));
        add(session);
        run(session, one(stranger, 0.4 ether, ""));
        assertTrue(operate(session, one(stranger, 0.6 ether, "")));
        assertEq(stranger.balance, 1 ether);
        refused(session, one(stranger, 1, ""), exceeded(address(0), 1 ether + 1, 1 ether));
        run(session, one(stranger, 0, ""));
    }

    function test_onlyWhatIsSpentIsStored() public {
        Session memory session = transfers();
        also(session, stranger, 0xe0e0e0e0);
        bytes32 keyId = add(session);
        run(session, one(stranger, 0, ""));
        assertEq(word(slotOf(keyId) + 1), 0);
    }

    function testFuzz_nothingElseOfTheAccountsStorageIsTouched(bytes32 salt) public {
        Session memory session = transfers();
        session.salt = salt;
        vm.record();
        bytes32 keyId = add(session);
        run(session, transfer(stranger, 1));
        operate(session, transfer(stranger, 1));
        sessions.keyStatus(keyId);
        sessions.spending(keyId, 0);
        vm.startPrank(address(wallet));
        sessions.revokeKey(keyId);
        sessions.revokeAllKeys();
        (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(wallet));
        bytes32 sequence =
            keccak256(abi.encode(uint256(nonceKey(keyId)), keccak256(abi.encode(uint256(0), HEADER + 1))));
        for (uint256 i = 0; i < reads.length; ++i) {
            bool ours = reads[i] == bytes32(HEADER) || reads[i] == sequence || uint256(reads[i]) == slotOf(keyId)
                || uint256(reads[i]) == slotOf(keyId) + 1;
            assertTrue(ours, vm.toString(reads[i]));
        }
        for (uint256 i = 0; i < writes.length; ++i) {
            bool ours = writes[i] == bytes32(HEADER) || writes[i] == sequence || uint256(writes[i]) == slotOf(keyId)
                || uint256(writes[i]) == slotOf(keyId) + 1;
            assertTrue(ours, vm.toString(writes[i]));
        }
    }

    function test_aPaymasterPaysOnlyWhereItIsNamed() public {
        Session memory session = transfers();
        session.paymaster = makeAddr("paymaster");
        session.gasBudget = 0;
        bytes32 keyId = add(session);
        PackedUserOperation memory userOp = op(session, transfer(stranger, 1), ENTRY_POINT);
        userOp.signature = abi.encode(session, signBy(agent, bytes32(uint256(1))));
        assertEq(validate(userOp, bytes32(uint256(1))), 1, "without a budget the account pays nothing");
        userOp.paymasterAndData = abi.encodePacked(session.paymaster, uint128(50_000), uint128(0));
        assertGt(validate(userOp, bytes32(uint256(1))), 1);
        (, uint128 gasSpent) = sessions.keyStatus(keyId);
        assertEq(gasSpent, 0);
        userOp.paymasterAndData = abi.encodePacked(stranger, uint128(50_000), uint128(0));
        assertEq(validate(userOp, bytes32(uint256(1))), 1);
    }
}
