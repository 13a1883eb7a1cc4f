// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Vm} from "forge-std/Test.sol";

import {PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";
import {Carriage, Session} from "hedgerow/interfaces/ISessions.sol";

import {IEntryPoint} from "./support/Delegated.sol";
import {SessionKeys} from "./support/SessionKeys.sol";

/// What session keys cost as transactions, intrinsic gas and calldata included, everything cold: an OpenZeppelin ERC-20 transfer
/// under a spending limit, beside Ithaca's published 193,658 for one (ithacaxyz/account, snapshots/BenchmarkTest.json).
/// forge-config: default.isolate = true
/// forge-config: long.isolate = true
contract SessionGasTest is SessionKeys {
    uint256 private constant ITHACA = 193_658;

    Session private session;

    function setUp() public override {
        super.setUp();
        vm.deal(address(this), 2 ether);
        // The bundler's address is in use, and the account has a deposit, as whoever lives on user operations has.
        vm.deal(beneficiary, 1);
        ENTRY_POINT.depositTo{value: 1 ether}(address(wallet));
        ENTRY_POINT_V9.depositTo{value: 1 ether}(address(wallet));
        Session memory terms = transfers();
        terms.gasBudget = 10 ether;
        session.x = terms.x;
        session.start = terms.start;
        session.expiry = terms.expiry;
        session.gasBudget = terms.gasBudget;
        session.calls.push(terms.calls[0]);
        session.limits.push(terms.limits[0]);
    }

    function costs(string memory what, uint256 most) private {
        uint256 gas_ = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint(what, gas_);
        assertLe(gas_, most, what);
    }

    /// Transfers 1, which has to arrive, for at most so much gas.
    function sends(string memory what, uint256 most, address to, IEntryPoint entryPoint) private {
        uint256 before = token.balanceOf(to);
        PackedUserOperation memory userOp = op(session, transfer(to, 1), entryPoint);
        handle(signOp(session, userOp, agent, entryPoint), entryPoint);
        costs(what, most);
        assertEq(token.balanceOf(to), before + 1);
    }

    function test_aTransferWithASpendingLimitThroughTheEntryPoint() public {
        add(session);
        costs("adding the account's first key", 105_000);
        string memory what = "session key, ERC-20 transfer, EntryPoint 0.8, its first (Ithaca: 193,658)";
        sends(what, ITHACA, makeAddr("first"), ENTRY_POINT);
        sends("the same later, to somebody new", ITHACA - 40_000, makeAddr("second"), ENTRY_POINT);
        sends("the same later, to somebody who has some", ITHACA - 60_000, makeAddr("second"), ENTRY_POINT);
    }

    function test_aTransferWithASpendingLimitThroughTheOtherEntryPoint() public {
        add(session);
        string memory what = "session key, ERC-20 transfer, EntryPoint 0.9, its first (Ithaca: 193,658)";
        sends(what, ITHACA, makeAddr("first"), ENTRY_POINT_V9);
        sends("the same later, to somebody new", ITHACA - 40_000, makeAddr("second"), ENTRY_POINT_V9);
    }

    function test_aTransferWithASpendingLimitByASignedBatch() public {
        add(session);
        for (uint256 i = 0; i < 2; ++i) {
            Carriage memory terms = carriage(session);
            bytes memory signature = signBy(agent, sessionDigest(session, transfer(stranger, 1), terms, here()));
            address to = address(wallet);
            bytes memory data =
                abi.encodeCall(sessions.executeSession, (session, transfer(stranger, 1), terms, signature));
            vm.prank(carrier);
            (bool ok,) = to.call(data);
            assertTrue(ok);
            costs(i == 0 ? "session key, ERC-20 transfer, signed batch, its first" : "the same later", ITHACA);
        }
        assertEq(token.balanceOf(stranger), 2);
    }

    function test_revoking() public {
        bytes32 keyId = add(session);
        vm.prank(address(wallet));
        sessions.revokeKey(keyId);
        costs("revoking a key", 32_000);
        vm.prank(address(wallet));
        sessions.revokeAllKeys();
        costs("revoking all keys", 32_000);
    }
}

/// ERC-7562: what validation for a session key does.
contract SessionValidationTest is SessionKeys {
    /// No opcode that bundlers forbid in validation, and no storage but the account's own.
    function test_validationOfASessionUsesNoForbiddenOpcode() public {
        Session memory session = transfers();
        add(session);
        PackedUserOperation memory userOp = op(session, transfer(stranger, 1), ENTRY_POINT);
        userOp.signature = abi.encode(session, signBy(agent, bytes32(uint256(1))));
        vm.record();
        vm.startDebugTraceRecording();
        vm.prank(address(ENTRY_POINT));
        uint256 answer = wallet.validateUserOp(userOp, bytes32(uint256(1)), 1 ether);
        Vm.DebugStep[] memory steps = vm.stopAndReturnDebugTraceRecording();
        assertGt(answer, 1);
        (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(sessionsModule));
        assertEq(reads.length + writes.length, 0);
        (reads, writes) = vm.accesses(address(wallet));
        assertGt(reads.length, 0);
        assertEq(writes.length, 1, "the gas budget's word");

        uint256 checked;
        for (uint256 i = 0; i < steps.length; ++i) {
            if (steps[i].contractAddr != address(wallet)) continue;
            ++checked;
            uint8 opcode = steps[i].opcode;
            assertFalse(forbidden(opcode), vm.toString(uint256(opcode)));
            if (opcode == 0x5a) assertTrue(isCall(steps[i + 1].opcode), "GAS outside a call");
        }
        assertGt(checked, 1_000, "the trace is empty");
    }

    /// Transient storage, what depends on the block or the bundler, others' code, creation and destruction.
    function forbidden(uint8 opcode) private pure returns (bool) {
        return opcode == 0x5c || opcode == 0x5d // TLOAD TSTORE
            || opcode == 0x31 || opcode == 0x32 || opcode == 0x3a // BALANCE ORIGIN GASPRICE
            || opcode == 0x3b || opcode == 0x3c || opcode == 0x3f // EXTCODESIZE EXTCODECOPY EXTCODEHASH
            || (opcode >= 0x40 && opcode <= 0x45) // BLOCKHASH COINBASE TIMESTAMP NUMBER PREVRANDAO GASLIMIT
            || (opcode >= 0x47 && opcode <= 0x4a) // SELFBALANCE BASEFEE BLOBHASH BLOBBASEFEE
            || opcode == 0xf0 || opcode == 0xf5 || opcode == 0xfe || opcode == 0xff; // CREATE CREATE2 INVALID SELFDESTRUCT
    }

    function isCall(uint8 opcode) private pure returns (bool) {
        return opcode == 0xf1 || opcode == 0xf2 || opcode == 0xf4 || opcode == 0xfa;
    }
}
