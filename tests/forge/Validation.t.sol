// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Vm} from "forge-std/Test.sol";

import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";

import {Delegated} from "./support/Delegated.sol";

/// validateUserOp: 0 for the account's own signature, 1 for anything else, and never a revert for a bad one.
contract ValidationTest is Delegated {
    // The order of secp256k1 (SEC 2, section 2.4.1).
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    function validate(bytes32 userOpHash, bytes memory signature) private returns (uint256) {
        PackedUserOperation memory userOp;
        userOp.sender = address(wallet);
        userOp.signature = signature;
        vm.prank(address(ENTRY_POINT));
        return wallet.validateUserOp(userOp, userOpHash, 0);
    }

    function testFuzz_theAccountsKeyIsAccepted(bytes32 userOpHash) public {
        assertEq(validate(userOpHash, sign(userOpHash)), 0);
    }

    function testFuzz_anotherKeyIsRefused(bytes32 userOpHash, uint256 otherKey) public {
        otherKey = bound(otherKey, 1, ORDER - 1);
        vm.assume(otherKey != key.privateKey);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(otherKey, userOpHash);
        assertEq(validate(userOpHash, abi.encodePacked(r, s, v)), 1);
    }

    function testFuzz_anotherHashIsRefused(bytes32 userOpHash, bytes32 otherHash) public {
        vm.assume(userOpHash != otherHash);
        assertEq(validate(userOpHash, sign(otherHash)), 1);
    }

    /// v0.8 hashes user operations as EIP-712 data already: no `eth_sign` prefix.
    function testFuzz_aPrefixedHashIsRefused(bytes32 userOpHash) public {
        assertEq(
            validate(userOpHash, sign(keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", userOpHash)))), 1
        );
    }

    function testFuzz_theMirroredSignatureIsRefused(bytes32 userOpHash) public {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, userOpHash);
        bytes32 mirrored = bytes32(ORDER - uint256(s));
        uint8 flipped = v == 27 ? 28 : 27;
        assertEq(ecrecover(userOpHash, flipped, r, mirrored), address(wallet), "not the mirror of a good signature");
        assertEq(validate(userOpHash, abi.encodePacked(r, mirrored, flipped)), 1);
    }

    function testFuzz_anyOtherLengthIsRefused(bytes32 userOpHash, uint256 length) public {
        length = bound(length, 0, 200);
        vm.assume(length != 65);
        bytes memory signature = sign(userOpHash);
        bytes memory resized = new bytes(length);
        for (uint256 i = 0; i < length && i < 65; ++i) {
            resized[i] = signature[i];
        }
        assertEq(validate(userOpHash, resized), 1);
    }

    function testFuzz_garbageIsRefused(bytes32 userOpHash, bytes calldata garbage) public {
        assertEq(validate(userOpHash, garbage), 1);
    }

    /// Every v but 27 and 28, among them those for which the precompile answers nothing and so "recovers" address zero.
    function testFuzz_aWrongRecoveryByteIsRefused(bytes32 userOpHash, uint8 v) public {
        (uint8 good, bytes32 r, bytes32 s) = vm.sign(key, userOpHash);
        vm.assume(v != good);
        assertEq(validate(userOpHash, abi.encodePacked(r, s, v)), 1);
        assertEq(validate(userOpHash, abi.encodePacked(bytes32(0), bytes32(0), v)), 1);
    }

    function testFuzz_onlyTheEntryPointsMayAsk(address caller) public {
        vm.assume(caller != address(ENTRY_POINT) && caller != address(ENTRY_POINT_V9));
        PackedUserOperation memory userOp;
        vm.prank(caller);
        vm.expectRevert(unauthorised(caller));
        wallet.validateUserOp(userOp, 0, 1 ether);
    }

    function test_atItsOwnAddressTheShellValidatesNothing() public {
        PackedUserOperation memory userOp;
        userOp.sender = address(shell);
        vm.prank(address(ENTRY_POINT));
        vm.expectRevert(abi.encodeWithSelector(IAccount.NotDelegated.selector, address(shell)));
        shell.validateUserOp(userOp, 0, 0);
    }

    function testFuzz_theEntryPointIsPaidWhatIsMissing(uint96 missing, bool good) public {
        vm.deal(address(wallet), type(uint96).max);
        uint256 deposit = ENTRY_POINT.balanceOf(address(wallet));
        PackedUserOperation memory userOp;
        userOp.signature = good ? sign(bytes32(uint256(1))) : bytes("");
        vm.prank(address(ENTRY_POINT));
        assertEq(wallet.validateUserOp(userOp, bytes32(uint256(1)), missing), good ? 0 : 1);
        assertEq(address(wallet).balance, type(uint96).max - missing);
        assertEq(ENTRY_POINT.balanceOf(address(wallet)), deposit + missing);
    }

    /// Whether what was paid suffices is the EntryPoint's to judge.
    function test_aWalletThatCannotPayStillAnswers() public {
        PackedUserOperation memory userOp;
        userOp.signature = sign(bytes32(uint256(1)));
        vm.prank(address(ENTRY_POINT));
        assertEq(wallet.validateUserOp(userOp, bytes32(uint256(1)), 1 ether), 0);
    }

    /// ERC-7562: no opcode that bundlers forbid in validation, and no storage, read or written, anywhere.
    function test_validationUsesNoForbiddenOpcodeAndNoStorage() public {
        vm.deal(address(wallet), 1 ether);
        PackedUserOperation memory userOp;
        userOp.signature = sign(bytes32(uint256(1)));
        vm.startDebugTraceRecording();
        vm.prank(address(ENTRY_POINT));
        wallet.validateUserOp(userOp, bytes32(uint256(1)), 1 ether);
        Vm.DebugStep[] memory steps = vm.stopAndReturnDebugTraceRecording();

        uint256 checked;
        for (uint256 i = 0; i < steps.length; ++i) {
            if (steps[i].contractAddr != address(wallet)) continue;
            ++checked;
            uint8 opcode = steps[i].opcode;
            assertFalse(forbidden(opcode), vm.toString(uint256(opcode)));
            // GAS is allowed where it forwards gas to a call.
            if (opcode == 0x5a) assertTrue(isCall(steps[i + 1].opcode), "GAS outside a call");
        }
        assertGt(checked, 100, "the trace is empty");
    }

    /// Storage, transient storage, what depends on the block or the bundler, creation and destruction.
    function forbidden(uint8 opcode) private pure returns (bool) {
        return opcode == 0x54 || opcode == 0x55 || opcode == 0x5c || opcode == 0x5d // SLOAD SSTORE TLOAD TSTORE
            || opcode == 0x31 || opcode == 0x32 || opcode == 0x3a // BALANCE ORIGIN GASPRICE
            || (opcode >= 0x40 && opcode <= 0x45) // BLOCKHASH COINBASE TIMESTAMP NUMBER PREVRANDAO GASLIMIT
            || (opcode >= 0x47 && opcode <= 0x4a) // SELFBALANCE BASEFEE BLOBHASH BLOBBASEFEE
            || opcode == 0xf0 || opcode == 0xf5 || opcode == 0xfe || opcode == 0xff; // CREATE CREATE2 INVALID SELFDESTRUCT
    }

    function isCall(uint8 opcode) private pure returns (bool) {
        return opcode == 0xf1 || opcode == 0xf2 || opcode == 0xf4 || opcode == 0xfa;
    }
}
