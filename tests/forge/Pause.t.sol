// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";

import {ManagerProbe} from "./support/ManagerProbe.sol";
import {SignedBatches} from "./support/SignedBatches.sol";

/// The pause: one bit of the header, which is the owner's, and which never stops him.
contract PauseTest is SignedBatches {
    // `cast index-erc7201 hedgerow.account`
    uint256 private constant ROOT = 0x194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900;
    uint256 private constant PAUSED = 1 << 160;

    function header() private view returns (uint256) {
        return uint256(vm.load(address(wallet), bytes32(ROOT)));
    }

    function setHeader(uint256 word) private {
        vm.store(address(wallet), bytes32(ROOT), bytes32(word));
    }

    function pauseBy(address caller) private {
        vm.prank(caller);
        wallet.pause();
    }

    function unpauseBy(address caller) private {
        vm.prank(caller);
        wallet.unpause();
    }

    function test_theAccountAndBothEntryPointsPauseAndUnpause() public {
        address[3] memory callers = [address(wallet), address(ENTRY_POINT), address(ENTRY_POINT_V9)];
        for (uint256 i = 0; i < 3; ++i) {
            assertFalse(wallet.paused());
            vm.expectEmit(address(wallet));
            emit IAccount.PausedSet(true);
            pauseBy(callers[i]);
            assertTrue(wallet.paused());
            vm.expectEmit(address(wallet));
            emit IAccount.PausedSet(false);
            unpauseBy(callers[i]);
        }
        assertFalse(wallet.paused());
    }

    function testFuzz_nobodyElsePausesOrUnpauses(address caller, bool already) public {
        vm.assume(caller != address(wallet) && caller != address(ENTRY_POINT) && caller != address(ENTRY_POINT_V9));
        if (already) pauseBy(address(wallet));
        vm.expectRevert(unauthorised(caller));
        pauseBy(caller);
        vm.expectRevert(unauthorised(caller));
        unpauseBy(caller);
        assertEq(wallet.paused(), already);
    }

    function test_atItsOwnAddressTheShellIsNotPaused() public {
        vm.startPrank(address(ENTRY_POINT));
        vm.expectRevert(abi.encodeWithSelector(IAccount.NotDelegated.selector, address(shell)));
        shell.pause();
        vm.expectRevert(abi.encodeWithSelector(IAccount.NotDelegated.selector, address(shell)));
        shell.unpause();
    }

    function testFuzz_onlyTheOneBitChanges(uint64 generation, uint64 sequence, uint96 spare) public {
        uint256 before = 1 | uint256(generation) << 32 | uint256(sequence) << 96 | uint256(spare) << 160;
        setHeader(before);
        pauseBy(address(wallet));
        assertEq(header(), before | PAUSED);
        pauseBy(address(wallet));
        assertEq(header(), before | PAUSED);
        unpauseBy(address(wallet));
        assertEq(header(), before & ~PAUSED);
        unpauseBy(address(wallet));
        assertEq(header(), before & ~PAUSED);
    }

    function test_aStateThatWasNeverWrittenIsBegunByAPause() public {
        pauseBy(address(wallet));
        assertEq(header(), PAUSED | 1);
        assertEq(wallet.stateVersion(), 1);
    }

    /// Everything else that writes the header leaves the pause as it is, but a wipe.
    function testFuzz_thePauseOutlastsNoncesAndEndsWithAWipe(uint192 key) public {
        pauseBy(address(wallet));
        carry(signed(order(transfer(stranger, 1), 0)));
        carry(signed(order(transfer(stranger, 1), uint256(7) << 64)));
        vm.prank(address(wallet));
        wallet.raiseNonce(key, 99);
        assertTrue(wallet.paused());
        vm.prank(address(wallet));
        wallet.wipe();
        assertFalse(wallet.paused());
        // But for the era, which is new.
        assertEq(header() % (1 << 200), 1 | 1 << 32);
    }

    /// His own calls, batches, user operations and signatures, and whatever he calls of the programs behind the shell.
    function test_thePauseNeverStopsTheOwner() public {
        pauseBy(address(wallet));
        vm.prank(address(wallet));
        wallet.execute(BATCH, abi.encode(transfer(stranger, 1)));
        vm.prank(address(ENTRY_POINT));
        wallet.execute(BATCH, abi.encode(transfer(stranger, 1)));
        carry(signed(order(transfer(stranger, 1), 0)));
        assertEq(token.balanceOf(stranger), 3);
        PackedUserOperation memory userOp;
        userOp.signature = sign(bytes32(uint256(1)));
        vm.prank(address(ENTRY_POINT_V9));
        assertEq(wallet.validateUserOp(userOp, bytes32(uint256(1)), 0), 0);
        assertEq(wallet.isValidSignature(bytes32(uint256(1)), userOp.signature), bytes4(0x1626ba7e));
        vm.prank(address(wallet));
        ManagerProbe(payable(wallet)).store(bytes32(uint256(3)), 4);
        assertEq(vm.load(address(wallet), bytes32(uint256(3))), bytes32(uint256(4)));
        (bool ok,) = address(wallet).call{value: 0}("");
        assertTrue(ok);
    }

    function testFuzz_aStateOfAnotherVersionIsNeitherPausedNorAsked(uint256 word) public {
        vm.assume(uint32(word) != 1 && word != 0);
        setHeader(word);
        bytes memory refusal = abi.encodeWithSelector(IAccount.UnknownVersion.selector, uint32(word), 1);
        vm.expectRevert(refusal);
        wallet.paused();
        vm.expectRevert(refusal);
        pauseBy(address(wallet));
        vm.expectRevert(refusal);
        unpauseBy(address(wallet));
        assertEq(header(), word);
    }

    function test_nothingIsPausedWithinAPositionAction() public {
        bytes[2] memory attempts = [abi.encodeCall(IAccount.pause, ()), abi.encodeCall(IAccount.unpause, ())];
        for (uint256 i = 0; i < 2; ++i) {
            (bool ok, bytes memory answer) = ManagerProbe(payable(wallet)).act(address(wallet), attempts[i]);
            assertFalse(ok);
            assertEq(answer, abi.encodeWithSelector(IAccount.ReentrantCall.selector));
        }
    }

    /// One word: the second time, and for an account that had one, it costs a write of a word that is not zero.
    /// forge-config: default.isolate = true
    /// forge-config: long.isolate = true
    function test_pausingIsCheap() public {
        vm.prank(address(wallet));
        wallet.raiseNonce(0, 1);
        pauseBy(address(wallet));
        uint256 gas_ = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint("pause, a transaction", gas_);
        assertLt(gas_, 31_000);
    }
}
