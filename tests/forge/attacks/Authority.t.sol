// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Vm} from "forge-std/Test.sol";

import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";

import {Meddler} from "../support/Meddler.sol";
import {Order, SignedBatches} from "../support/SignedBatches.sol";

/// Delegate-calls the shell as a proxy would: an address with the shell's code and no key.
contract KeylessAccount {
    address private immutable SHELL;

    constructor(address shell) {
        SHELL = shell;
    }

    fallback(bytes calldata data) external payable returns (bytes memory) {
        (bool ok, bytes memory answer) = SHELL.delegatecall(data);
        if (!ok) {
            assembly ("memory-safe") {
                revert(add(answer, 0x20), mload(answer))
            }
        }
        return answer;
    }
}

/// A7, A8: whose authority reaches how far. A10: what is an account. A11: validation answers.
contract AuthorityAttacksTest is SignedBatches {
    /// Being named in a batch, or carrying one, makes nobody a signer for the account.
    function testFuzz_A7_nobody_but_the_root_key_signs_for_the_account(uint256 otherKey, bytes32 hash) public {
        Vm.Wallet memory other = vm.createWallet(uint256(keccak256(abi.encode(otherKey))) >> 1 | 1);
        Order memory batch = order(transfer(stranger, 1), 0);
        batch.executor = other.addr;
        bytes memory data = signed(batch);
        vm.prank(other.addr);
        wallet.execute(BATCH_WITH_OP_DATA, data);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(other, hash);
        assertEq(wallet.isValidSignature(hash, abi.encodePacked(r, s, v)), bytes4(0xffffffff));
        PackedUserOperation memory userOp;
        userOp.signature = abi.encodePacked(r, s, v);
        vm.prank(address(ENTRY_POINT));
        assertEq(wallet.validateUserOp(userOp, hash, 0), 1);
    }

    function testFuzz_A8_nobody_else_manages_nonces(address caller, uint192 key, uint64 sequence) public {
        vm.assume(caller != address(wallet) && caller != address(ENTRY_POINT) && caller != address(ENTRY_POINT_V9));
        vm.prank(caller);
        vm.expectRevert(unauthorised(caller));
        wallet.raiseNonce(key, sequence);
        vm.prank(caller);
        vm.expectRevert(unauthorised(caller));
        wallet.wipe();
    }

    function test_A8_the_account_and_both_entry_points_manage_nonces() public {
        address[3] memory callers = [address(wallet), address(ENTRY_POINT), address(ENTRY_POINT_V9)];
        for (uint64 i = 0; i < 3; ++i) {
            vm.startPrank(callers[i]);
            wallet.raiseNonce(7, 1);
            wallet.wipe();
            vm.stopPrank();
            assertEq(wallet.generation(), i + 1);
        }
    }

    /// Whoever carries a batch, or is called by one, has no more rights than before.
    function test_A8_a_batchs_carrier_and_callees_manage_nothing() public {
        Meddler meddler = new Meddler();
        meddler.add(address(wallet), abi.encodeCall(IAccount.wipe, ()));
        meddler.add(address(wallet), abi.encodeCall(IAccount.raiseNonce, (0, type(uint64).max)));
        carry(signed(order(one(address(meddler), 0, ""), 0)));
        assertEq(meddler.succeeded(), 0);
        assertEq(meddler.answers(0), unauthorised(address(meddler)));
        assertEq(meddler.answers(1), unauthorised(address(meddler)));
        assertEq(wallet.nonce(0), 1);
        assertEq(token.balanceOf(stranger), 0);
    }

    /// The shell's own address is nobody's account, whoever asks.
    function testFuzz_A10_at_its_own_address_the_shell_does_nothing(address caller, bool opDataMode) public {
        token.mint(address(shell), 10);
        bytes memory data = signed(order(transfer(stranger, 1), 0));
        bytes memory refusal = abi.encodeWithSelector(IAccount.NotDelegated.selector, address(shell));
        vm.prank(caller);
        vm.expectRevert(refusal);
        shell.execute(opDataMode ? BATCH_WITH_OP_DATA : BATCH, data);
        address[3] memory callers = [address(shell), address(ENTRY_POINT), address(ENTRY_POINT_V9)];
        for (uint256 i = 0; i < 3; ++i) {
            vm.startPrank(callers[i]);
            vm.expectRevert(refusal);
            shell.wipe();
            vm.expectRevert(refusal);
            shell.raiseNonce(0, 1);
            vm.stopPrank();
        }
        assertEq(token.balanceOf(address(shell)), 10);
    }

    /// Code that delegate-calls the shell is no EOA: it has no key, so nobody can sign for it.
    function testFuzz_A10_a_proxy_of_the_shell_obeys_nobody(bytes32 hash) public {
        IAccount proxy = IAccount(address(new KeylessAccount(address(shell))));
        token.mint(address(proxy), 10);
        bytes memory signature = sign(hash);
        assertEq(proxy.isValidSignature(hash, signature), bytes4(0xffffffff));
        PackedUserOperation memory userOp;
        userOp.signature = signature;
        vm.prank(address(ENTRY_POINT));
        assertEq(proxy.validateUserOp(userOp, hash, 0), 1);
        Place memory place = Place(block.chainid, address(proxy), address(shell), 0);
        bytes memory data = signedAt(order(transfer(stranger, 1), 0), place);
        expectInvalidSignature();
        proxy.execute(BATCH_WITH_OP_DATA, data);
        assertEq(token.balanceOf(address(proxy)), 10);
    }

    /// A carrier may be an EOA, a delegated one, or a contract: none is told from the other.
    function test_A10_any_kind_of_carrier_will_do() public {
        Vm.Wallet memory other = vm.createWallet("delegated carrier");
        vm.signAndAttachDelegation(address(shell), other.privateKey);
        address[3] memory carriers = [carrier, other.addr, address(this)];
        for (uint256 i = 0; i < 3; ++i) {
            bytes memory data = signed(order(transfer(stranger, 1), i));
            vm.prank(carriers[i]);
            wallet.execute(BATCH_WITH_OP_DATA, data);
        }
        assertEq(token.balanceOf(stranger), 3);
    }

    /// Any bytes as a signature, at both EntryPoints, at any time, with any state: an answer, and it is 1.
    function testFuzz_A11_validation_answers_whatever_it_is_given(
        bytes calldata signature,
        bytes32 hash,
        uint256 header,
        uint64 time,
        bool v9
    ) public {
        vm.store(address(wallet), 0x194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900, bytes32(header));
        vm.warp(time);
        PackedUserOperation memory userOp;
        userOp.signature = signature;
        vm.prank(address(v9 ? ENTRY_POINT_V9 : ENTRY_POINT));
        assertEq(wallet.validateUserOp(userOp, hash, 0), 1);
    }

    function test_A11_an_empty_signature_is_answered() public {
        PackedUserOperation memory userOp;
        vm.prank(address(ENTRY_POINT));
        assertEq(wallet.validateUserOp(userOp, 0, 0), 1);
    }

    /// The account pays what is missing only to an EntryPoint, and validation reads and writes nothing of its own.
    function test_A11_validation_touches_no_storage() public {
        PackedUserOperation memory userOp;
        userOp.signature = sign(bytes32(uint256(1)));
        vm.record();
        vm.prank(address(ENTRY_POINT_V9));
        assertEq(wallet.validateUserOp(userOp, bytes32(uint256(1)), 1 ether), 0);
        (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(wallet));
        assertEq(reads.length + writes.length, 0);
        assertEq(ENTRY_POINT_V9.balanceOf(address(wallet)), 1 ether);
    }
}
