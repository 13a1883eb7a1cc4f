// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IAccount} from "hedgerow/interfaces/IAccount.sol";

import {Order, Recorder, SignedBatches} from "../support/SignedBatches.sol";

/// A6: data that nobody signed. A9: signatures that recover to nobody. A15: inputs made to waste gas.
contract InputsTest is SignedBatches {
    // The order of secp256k1 (SEC 2, section 2.4.1).
    uint256 private constant ORDER = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;

    Recorder private recorder;

    function setUp() public override {
        super.setUp();
        recorder = new Recorder();
    }

    function malformed(uint256 length) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccount.MalformedOpData.selector, length);
    }

    /// One flipped bit, anywhere: refused, or (in what only fills a word up) without any effect on what is done.
    function testFuzz_A6_a_changed_bit_changes_nothing_that_is_done(bytes calldata data, uint256 bit) public {
        Order memory batch = order(two(one(address(recorder), 1, data), one(address(recorder), 2, hex"1234")), 0);
        bytes memory executionData = signed(batch);
        bit = bound(bit, 0, executionData.length * 8 - 1);
        executionData[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        vm.prank(carrier);
        (bool done,) = address(wallet).call(abi.encodeCall(IAccount.execute, (BATCH_WITH_OP_DATA, executionData)));
        bytes32 first = keccak256(abi.encode(bytes32(0), address(wallet), 1, data));
        bytes32 both = keccak256(abi.encode(first, address(wallet), 2, hex"1234"));
        assertEq(recorder.seen(), done ? both : bytes32(0));
        assertEq(wallet.nonce(0), done ? 1 : 0);
    }

    /// Every field by itself, with the old signature.
    function test_A6_every_field_is_signed() public {
        Order memory batch = order(two(transfer(stranger, 1), one(stranger, 2, hex"03")), 0);
        batch.executor = carrier;
        batch.minGas = 5;
        bytes memory signature = sign(digest(batch, here()));
        for (uint256 field = 0; field < 8; ++field) {
            Order memory changed = abi.decode(abi.encode(batch), (Order));
            if (field == 0) changed.nonce = 1 << 64;
            if (field == 1) changed.deadline -= 1;
            if (field == 2) changed.executor = address(0);
            if (field == 3) changed.minGas = 0;
            if (field == 4) changed.calls[1].to = carrier;
            if (field == 5) changed.calls[1].value = 3;
            if (field == 6) changed.calls[1].data = hex"0300";
            if (field == 7) changed.calls = two(one(stranger, 2, hex"03"), transfer(stranger, 1));
            expectInvalidSignature();
            carry(withSignature(changed, signature));
        }
        carry(withSignature(batch, signature));
    }

    /// Zero stands for the account when it is executed, not when it is signed.
    function test_A6_zero_and_the_accounts_address_are_not_the_same_when_signed() public {
        bytes memory call_ = abi.encodeCall(IAccount.raiseNonce, (9, 9));
        Order memory zero = order(one(address(0), 0, call_), 0);
        Order memory self = order(one(address(wallet), 0, call_), 0);
        bytes memory forZero = sign(digest(zero, here()));
        bytes memory forSelf = sign(digest(self, here()));
        expectInvalidSignature();
        carry(withSignature(self, forZero));
        expectInvalidSignature();
        carry(withSignature(zero, forSelf));
    }

    function testFuzz_A6_trailing_bytes_of_opData_are_refused(bytes calldata trailing) public {
        vm.assume(trailing.length != 0);
        Order memory batch = order(transfer(stranger, 7), 0);
        bytes memory opData = abi.encodePacked(
            abi.encode(batch.nonce, batch.deadline, batch.executor, batch.minGas, sign(digest(batch, here()))), trailing
        );
        expectRefusal(malformed(opData.length));
        carry(abi.encode(batch.calls, opData));
    }

    /// As a struct it has a word more; a signature of another length is another length; filling that is not zero is dirt.
    function test_A6_there_is_one_encoding_of_opData() public {
        Order memory batch = order(transfer(stranger, 7), 0);
        bytes memory signature = sign(digest(batch, here()));
        bytes memory opData = abi.encode(batch.nonce, batch.deadline, batch.executor, batch.minGas, signature);
        assertEq(opData.length, 288);
        for (uint256 i = 0; i < 5; ++i) {
            bytes memory changed = bytes.concat(opData);
            if (i == 0) changed = abi.encodePacked(uint256(0x20), opData);
            if (i == 1) changed[0x40] = 0x01; // executor wider than an address
            if (i == 2) changed[0x9f] = 0xc0; // another offset
            if (i == 3) changed[0xbf] = 0x40; // 64 bytes
            if (i == 4) changed[0x11f] = 0x01; // filling
            expectRefusal(malformed(changed.length));
            carry(abi.encode(batch.calls, changed));
        }
        carry(abi.encode(batch.calls, opData));
    }

    function testFuzz_A6_a_signature_of_another_length_is_refused(uint256 length) public {
        length = bound(length, 0, 300);
        vm.assume(length != 65);
        Order memory batch = order(transfer(stranger, 7), 0);
        bytes memory signature = sign(digest(batch, here()));
        bytes memory resized = new bytes(length);
        for (uint256 i = 0; i < length && i < 65; ++i) {
            resized[i] = signature[i];
        }
        expectRefusal(malformed(192 + (length + 31) / 32 * 32));
        carry(withSignature(batch, resized));
    }

    /// Garbage of any length as opData, by anybody: never accepted.
    function testFuzz_A6_garbage_is_no_authentication(bytes calldata garbage, address caller) public {
        vm.assume(garbage.length != 0);
        vm.prank(caller);
        (bool done,) = address(wallet)
            .call(abi.encodeCall(IAccount.execute, (BATCH_WITH_OP_DATA, abi.encode(transfer(stranger, 1), garbage))));
        assertFalse(done);
    }

    /// A target wider than an address is refused, signed or not, rather than cut down to one.
    function test_A6_a_target_with_dirty_bits_is_refused() public {
        bytes memory data = abi.encode(transfer(stranger, 1));
        data[0x60] = 0x01;
        vm.prank(address(wallet));
        vm.expectRevert(IAccount.MalformedBatch.selector);
        wallet.execute(BATCH, data);
    }

    function testFuzz_A9_another_key_is_refused(uint256 otherKey) public {
        otherKey = bound(otherKey, 1, ORDER - 1);
        vm.assume(otherKey != key.privateKey);
        Order memory batch = order(transfer(stranger, 7), 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(otherKey, digest(batch, here()));
        expectInvalidSignature();
        carry(withSignature(batch, abi.encodePacked(r, s, v)));
    }

    function testFuzz_A9_only_the_signatures_own_v_is_accepted(uint8 v) public {
        Order memory batch = order(transfer(stranger, 7), 0);
        (uint8 good, bytes32 r, bytes32 s) = vm.sign(key, digest(batch, here()));
        vm.assume(v != good);
        expectInvalidSignature();
        carry(withSignature(batch, abi.encodePacked(r, s, v)));
    }

    function test_A9_the_mirrored_signature_is_refused() public {
        Order memory batch = order(transfer(stranger, 7), 0);
        bytes32 digest_ = digest(batch, here());
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest_);
        (bytes32 mirrored, uint8 flipped) = (bytes32(ORDER - uint256(s)), v == 27 ? 28 : 27);
        assertEq(ecrecover(digest_, flipped, r, mirrored), address(wallet), "not the mirror of a good signature");
        expectInvalidSignature();
        carry(withSignature(batch, abi.encodePacked(r, mirrored, flipped)));
    }

    /// Address zero as the account: a failed recovery equals it, and is still no signature.
    function testFuzz_A9_a_failed_recovery_is_nobodys_signature(bytes32 r, bytes32 s, uint8 v) public {
        vm.etch(address(0), abi.encodePacked(hex"ef0100", shell));
        vm.assume(v != 27 && v != 28);
        Order memory batch = order(one(stranger, 0, ""), 0);
        bytes memory data = withSignature(batch, abi.encodePacked(r, s, v));
        vm.prank(carrier);
        expectInvalidSignature();
        IAccount(address(0)).execute(BATCH_WITH_OP_DATA, data);
        assertEq(IAccount(address(0)).isValidSignature(r, abi.encodePacked(r, s, v)), bytes4(0xffffffff));
    }

    /// What a call returns is not copied: a megabyte costs the shell nothing.
    function test_A15_a_return_bomb_costs_its_maker_only() public {
        address bomb = makeAddr("bomb");
        vm.etch(bomb, hex"620fffff6000f3"); // return(0, 0xfffff)
        vm.startPrank(address(wallet));
        (bool ok,) = bomb.call("");
        uint256 alone = vm.lastCallGas().gasTotalUsed;
        assertTrue(ok);
        assertGt(alone, 2_000_000);
        wallet.execute(BATCH, abi.encode(one(bomb, 0, "")));
        assertLt(vm.lastCallGas().gasTotalUsed, alone + 6_000);
    }

    /// A revert bomb ends the batch, as any revert does, with whatever gas there is.
    function testFuzz_A15_a_revert_bomb_burns_no_nonce(uint256 gas_) public {
        gas_ = bound(gas_, 60_000, 8_000_000);
        address bomb = makeAddr("bomb");
        vm.etch(bomb, hex"620fffff6000fd"); // revert(0, 0xfffff)
        bytes memory data = signed(order(two(transfer(stranger, 1), one(bomb, 0, "")), 0));
        vm.prank(carrier);
        (bool done,) = address(wallet).call{gas: gas_}(abi.encodeCall(IAccount.execute, (BATCH_WITH_OP_DATA, data)));
        assertFalse(done);
        assertEq(wallet.nonce(0), 0);
        assertEq(token.balanceOf(stranger), 0);
    }

    /// A claim of more calls, or more data, than there are bytes is refused before any of it is walked through.
    function testFuzz_A15_a_batch_cannot_claim_more_than_it_brings(uint256 count, bool opDataMode) public {
        bytes memory data = abi.encode(transfer(stranger, 1), bytes("opData"));
        uint256 room = (data.length - 0x60) / 0x20;
        count = bound(count, room + 1, type(uint256).max);
        assembly ("memory-safe") {
            mstore(add(data, 0x60), count)
        }
        bytes memory call_ = abi.encodeCall(IAccount.execute, (opDataMode ? BATCH_WITH_OP_DATA : BATCH, data));
        vm.prank(address(wallet));
        (bool done, bytes memory reason) = address(wallet).call{gas: 30_000}(call_);
        assertFalse(done);
        assertEq(bytes4(reason), IAccount.MalformedBatch.selector);
    }
}
