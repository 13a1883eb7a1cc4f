// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Vm} from "forge-std/Test.sol";

import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";

import {Order, SignedBatches} from "../support/SignedBatches.sol";

/// A3: there is nothing to initialise. A4: what an earlier delegate left in the account's storage. A16: no proxy's slots.
contract StateAttacksTest is SignedBatches {
    uint256 private constant ROOT = 0x194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900;
    // ERC-1967's slots for implementation, admin and beacon.
    bytes32[3] private proxySlots = [
        bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1),
        bytes32(uint256(keccak256("eip1967.proxy.admin")) - 1),
        bytes32(uint256(keccak256("eip1967.proxy.beacon")) - 1)
    ];

    function poison(uint256 slot, uint256 word) private {
        vm.store(address(wallet), bytes32(slot), bytes32(word));
    }

    function unknown(uint256 header) private pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccount.UnknownVersion.selector, uint32(header), 1);
    }

    function test_A3_there_is_nothing_for_a_stranger_to_initialise() public {
        bytes[9] memory attempts = [
            abi.encodeWithSignature("initialize()"),
            abi.encodeWithSignature("initialize(address)", stranger),
            abi.encodeWithSignature("initialize(bytes)", abi.encode(stranger)),
            abi.encodeWithSignature("initializeAccount(bytes)", abi.encode(stranger)),
            abi.encodeWithSignature("init(address)", stranger),
            abi.encodeWithSignature("setImplementation(address,bytes)", stranger, ""),
            abi.encodeWithSignature("upgradeToAndCall(address,bytes)", stranger, ""),
            abi.encodeWithSignature("transferOwnership(address)", stranger),
            abi.encodeWithSignature("addOwnerAddress(address)", stranger)
        ];
        vm.startStateDiffRecording();
        for (uint256 i = 0; i < attempts.length; ++i) {
            vm.prank(stranger);
            (bool ok,) = address(wallet).call(attempts[i]);
            ok;
        }
        Vm.AccountAccess[] memory accesses = vm.stopAndReturnStateDiff();
        assertGe(accesses.length, attempts.length);
        for (uint256 i = 0; i < accesses.length; ++i) {
            assertEq(accesses[i].storageAccesses.length, 0, "something was stored");
        }
        vm.prank(stranger);
        vm.expectRevert(unauthorised(stranger));
        wallet.execute(BATCH, abi.encode(transfer(stranger, 1)));
        // The account works all the same.
        carry(signed(order(transfer(stranger, 1), 0)));
    }

    /// Junk where delegates without a namespace keep their things.
    function testFuzz_A4_junk_outside_the_namespace_is_never_read(uint256 seed) public {
        for (uint256 slot = 0; slot < 64; ++slot) {
            poison(slot, uint256(keccak256(abi.encode(seed, slot))));
        }
        assertEq(wallet.nonce(0), 0);
        assertEq(wallet.generation(), 0);
        carry(signed(order(transfer(stranger, 1), 0)));
        for (uint256 slot = 0; slot < 64; ++slot) {
            assertEq(uint256(vm.load(address(wallet), bytes32(slot))), uint256(keccak256(abi.encode(seed, slot))));
        }
    }

    function testFuzz_A4_state_of_an_unknown_version_is_refused_until_it_is_wiped(uint256 header, uint192 key) public {
        vm.assume(uint32(header) != 1 && header != 0);
        vm.assume(uint64(header >> 32) != type(uint64).max);
        poison(ROOT, header);
        Order memory batch = order(transfer(stranger, 1), uint256(key) << 64);
        bytes memory data = signed(batch);
        expectRefusal(unknown(header));
        carry(data);
        expectRefusal(unknown(header));
        wallet.nonce(key);
        vm.prank(address(wallet));
        expectRefusal(unknown(header));
        wallet.raiseNonce(key, type(uint64).max);
        assertEq(wallet.stateVersion(), uint32(header));
        assertEq(wallet.generation(), uint64(header >> 32));
        worksWithoutState();

        vm.prank(address(wallet));
        wallet.wipe();
        assertEq(wallet.stateVersion(), 1);
        assertEq(wallet.generation(), uint64(header >> 32) + 1);
        // Up to the era, which is nobody's to foresee.
        uint256 written = uint256(vm.load(address(wallet), bytes32(ROOT))) % (1 << 200);
        assertEq(written >> 96, 0, "junk is left in the header");
        expectInvalidSignature();
        carry(data);
        carry(signed(batch));
    }

    /// The owner's own calls, user operations and signatures read no state, so none can lock them out.
    function worksWithoutState() private {
        vm.prank(address(wallet));
        wallet.execute(BATCH, abi.encode(transfer(carrier, 1)));
        vm.prank(address(ENTRY_POINT));
        wallet.execute(BATCH, abi.encode(transfer(carrier, 1)));
        PackedUserOperation memory userOp;
        userOp.signature = sign(bytes32(uint256(1)));
        vm.prank(address(ENTRY_POINT_V9));
        assertEq(wallet.validateUserOp(userOp, bytes32(uint256(1)), 0), 0);
        assertEq(wallet.isValidSignature(bytes32(uint256(1)), userOp.signature), bytes4(0x1626ba7e));
        assertEq(token.balanceOf(carrier), 2);
    }

    /// Junk that looks like this version's own: the sequence is the junk's, and wiping leaves it behind.
    function testFuzz_A4_junk_of_the_known_version_is_left_behind_by_wiping(uint64 sequence, uint64 generation) public {
        generation = uint64(bound(generation, 0, type(uint64).max - 1));
        poison(ROOT, 1 | uint256(generation) << 32 | uint256(sequence) << 96);
        poison(uint256(keccak256(abi.encode(uint256(5), keccak256(abi.encode(uint256(generation), ROOT + 1))))), 77);
        assertEq(wallet.nonce(0), sequence);
        assertEq(wallet.nonce(5), 5 << 64 | 77);
        vm.prank(address(wallet));
        wallet.wipe();
        assertEq(wallet.nonce(0), 0);
        assertEq(wallet.nonce(5), 5 << 64);
    }

    /// The one junk that cannot be wiped: going round would make the first generation's signatures valid again.
    function test_A4_generations_do_not_begin_again() public {
        poison(ROOT, 1 | uint256(type(uint64).max) << 32);
        vm.prank(address(wallet));
        expectRefusal(abi.encodeWithSelector(IAccount.GenerationsExhausted.selector, type(uint64).max));
        wallet.wipe();
        worksWithoutState();
    }

    function test_A16_a_proxys_slots_mean_nothing() public {
        for (uint256 i = 0; i < 3; ++i) {
            vm.store(address(wallet), proxySlots[i], bytes32(uint256(uint160(stranger))));
        }
        vm.record();
        carry(signed(order(transfer(stranger, 1), 0)));
        (bool ok, bytes memory answer) = address(wallet).call(hex"12345678");
        assertTrue(ok);
        assertEq(answer, abi.encodePacked(wallet, address(this), hex"12345678"), "not the manager's answer");
        (bytes32[] memory reads,) = vm.accesses(address(wallet));
        for (uint256 i = 0; i < reads.length; ++i) {
            for (uint256 j = 0; j < 3; ++j) {
                assertNotEq(reads[i], proxySlots[j]);
            }
        }
    }

    /// Plain ether arrives with a stipend whatever lies in storage, before and after anything was stored.
    function testFuzz_A16_ether_arrives_whatever_is_stored(uint256 header) public {
        poison(ROOT, header);
        vm.deal(address(this), 1 ether);
        payable(address(wallet)).transfer(1 ether);
        assertEq(address(wallet).balance, 11 ether);
    }
}
