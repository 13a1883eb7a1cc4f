// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Vm} from "forge-std/Test.sol";

import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";

import {Order, SignedBatches} from "../support/SignedBatches.sol";

/// A2 and B18: a signature is good once, for one account, shell, chain, generation and EntryPoint.
contract ReplayTest is SignedBatches {
    function test_B18_a_batch_runs_once() public {
        bytes memory data = signed(order(transfer(stranger, 7), 0));
        carry(data);
        address[4] memory callers = [carrier, address(wallet), address(ENTRY_POINT), address(ENTRY_POINT_V9)];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            expectRefusal(nonceUsed(0, 1));
            wallet.execute(BATCH_WITH_OP_DATA, data);
        }
        assertEq(token.balanceOf(stranger), 7);
    }

    /// The same code at another address: what was signed under one shell is nothing under the next.
    function test_A2_a_batch_ends_with_its_delegation() public {
        bytes memory data = signed(order(transfer(stranger, 7), 0));
        delegate(address(newShell()));
        expectInvalidSignature();
        carry(data);
        delegate(address(shell));
        carry(data);
    }

    function testFuzz_A2_a_batch_ends_with_its_chain(uint64 chainId) public {
        chainId = uint64(bound(chainId, 1, type(uint64).max));
        vm.assume(chainId != block.chainid);
        bytes memory data = signed(order(transfer(stranger, 7), 0));
        vm.chainId(chainId);
        expectInvalidSignature();
        carry(data);
    }

    function test_A2_a_batch_of_another_account_is_nothing_here() public {
        Vm.Wallet memory other = vm.createWallet("other account");
        vm.signAndAttachDelegation(address(shell), other.privateKey);
        token.mint(other.addr, 100);
        bytes memory data = signed(order(transfer(stranger, 7), 0));
        vm.prank(carrier);
        expectInvalidSignature();
        IAccount(other.addr).execute(BATCH_WITH_OP_DATA, data);
        // Signed by the other's key for the other's own address, it is good there, and not here.
        Place memory there = Place(block.chainid, other.addr, address(shell), 0);
        Order memory batch = order(transfer(stranger, 7), 0);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(other, digest(batch, there));
        data = withSignature(batch, abi.encodePacked(r, s, v));
        expectInvalidSignature();
        carry(data);
        vm.prank(carrier);
        IAccount(other.addr).execute(BATCH_WITH_OP_DATA, data);
        assertEq(token.balanceOf(other.addr), 93);
    }

    function testFuzz_A2_a_batch_of_another_generation_is_nothing_here(uint64 generation) public {
        vm.assume(generation != 0);
        Place memory place = here();
        place.generation = generation;
        bytes memory data = signedAt(order(transfer(stranger, 7), 0), place);
        expectInvalidSignature();
        carry(data);
    }

    /// What one EntryPoint's operation was signed for is nothing at the other, by each's own real hash.
    function test_A2_an_operation_for_one_entry_point_is_refused_at_the_other() public {
        PackedUserOperation[] memory ops = new PackedUserOperation[](1);
        ops[0].sender = address(wallet);
        ops[0].initCode = hex"7702000000000000000000000000000000000000";
        ops[0].callData = abi.encodeCall(IAccount.execute, (BATCH, abi.encode(transfer(stranger, 7))));
        ops[0].accountGasLimits = bytes32(uint256(200_000) << 128 | 300_000);
        ops[0].preVerificationGas = 60_000;
        ops[0].gasFees = bytes32(uint256(1 gwei) << 128 | 1 gwei);
        vm.fee(0);
        vm.txGasPrice(1 gwei);
        bytes memory forV8 = sign(ENTRY_POINT.getUserOpHash(ops[0]));
        bytes memory forV9 = sign(ENTRY_POINT_V9.getUserOpHash(ops[0]));

        bytes memory refusal = abi.encodeWithSignature("FailedOp(uint256,string)", 0, "AA24 signature error");
        ops[0].signature = forV8;
        vm.prank(carrier, carrier);
        expectRefusal(refusal);
        ENTRY_POINT_V9.handleOps(ops, payable(carrier));
        ops[0].signature = forV9;
        vm.prank(carrier, carrier);
        expectRefusal(refusal);
        ENTRY_POINT.handleOps(ops, payable(carrier));
        vm.prank(carrier, carrier);
        ENTRY_POINT_V9.handleOps(ops, payable(carrier));
        assertEq(token.balanceOf(stranger), 7);
    }

    /// Any hash that a batch's signature could be taken for: the ERC-1271 answer is about the hash, and moves nothing; an
    /// operation's hash is not a batch's digest.
    function testFuzz_A2_an_operations_signature_is_no_batchs(bytes32 userOpHash) public {
        Order memory batch = order(transfer(stranger, 7), 0);
        bytes memory data = withSignature(batch, sign(userOpHash));
        expectInvalidSignature();
        carry(data);
    }
}
