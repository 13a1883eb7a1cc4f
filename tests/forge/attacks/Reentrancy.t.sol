// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";

import {ManagerProbe} from "../support/ManagerProbe.sol";
import {Meddler} from "../support/Meddler.sol";
import {SignedBatches} from "../support/SignedBatches.sol";

contract Souvenir is ERC721("Souvenir", "S") {
    function mint(address to, uint256 id) external {
        _mint(to, id);
    }
}

/// B3: whatever the account calls out to, a token, a receiver, a pool, cannot make it begin another batch.
contract ReentrancyTest is SignedBatches {
    bytes private reentrant = abi.encodeWithSelector(IAccount.ReentrantCall.selector);

    Meddler private meddler;

    function setUp() public override {
        super.setUp();
        meddler = new Meddler();
    }

    function execution(bytes memory data) private pure returns (bytes memory) {
        return abi.encodeCall(IAccount.execute, (BATCH_WITH_OP_DATA, data));
    }

    /// The second batch is good in itself, which it shows by running afterwards.
    function test_B3_a_callee_cannot_carry_a_second_signed_batch() public {
        bytes memory second = signed(order(transfer(stranger, 7), 1 << 64));
        meddler.add(address(wallet), execution(second));
        meddler.add(address(wallet), execution(abi.encode(transfer(stranger, 7))));
        carry(signed(order(one(address(meddler), 0, ""), 0)));
        assertEq(meddler.succeeded(), 0);
        assertEq(meddler.answers(0), reentrant);
        assertEq(meddler.answers(1), reentrant);
        assertEq(wallet.nonce(1), 1 << 64);
        carry(second);
        assertEq(token.balanceOf(stranger), 7);
    }

    function test_B3_a_receivers_hook_cannot_carry_a_signed_batch() public {
        Souvenir souvenir = new Souvenir();
        souvenir.mint(address(wallet), 1);
        meddler.add(address(wallet), execution(signed(order(transfer(stranger, 7), 1 << 64))));
        bytes memory send =
            abi.encodeWithSignature("safeTransferFrom(address,address,uint256)", wallet, meddler, uint256(1));
        vm.prank(address(wallet));
        wallet.execute(BATCH, abi.encode(one(address(souvenir), 0, send)));
        assertEq(souvenir.ownerOf(1), address(meddler));
        assertEq(meddler.answers(0), reentrant);
        assertEq(token.balanceOf(stranger), 0);
    }

    /// Nor by way of an EntryPoint, which would otherwise be let in. v0.9 serves no contracts; v0.8 does, so that an operation
    /// which the owner signed and has not sent yet can be made to fail like this, but never to run.
    function test_B3_a_callee_cannot_come_back_through_an_entry_point() public {
        PackedUserOperation[] memory ops = new PackedUserOperation[](1);
        ops[0].sender = address(wallet);
        ops[0].callData = abi.encodeCall(IAccount.execute, (BATCH, abi.encode(transfer(stranger, 7))));
        ops[0].accountGasLimits = bytes32(uint256(200_000) << 128 | 300_000);
        ops[0].signature = sign(ENTRY_POINT.getUserOpHash(ops[0]));
        meddler.add(address(ENTRY_POINT), abi.encodeCall(ENTRY_POINT.handleOps, (ops, payable(stranger))));
        ops[0].signature = sign(ENTRY_POINT_V9.getUserOpHash(ops[0]));
        meddler.add(address(ENTRY_POINT_V9), abi.encodeCall(ENTRY_POINT_V9.handleOps, (ops, payable(stranger))));
        carry(signed(order(one(address(meddler), 0, ""), 0)));
        assertEq(meddler.succeeded(), 1);
        assertEq(meddler.answers(0), "");
        assertEq(meddler.answers(1), abi.encodeWithSignature("Reentrancy()"));
        assertEq(token.balanceOf(stranger), 0);
    }

    /// Within a position action not even the account's own calls begin a batch, or change what a signature is held against.
    function test_B3_nothing_begins_within_a_position_action() public {
        bytes memory batch = signed(order(transfer(stranger, 7), 0));
        bytes[4] memory calls = [
            execution(batch),
            execution(abi.encode(transfer(stranger, 7))),
            abi.encodeCall(IAccount.wipe, ()),
            abi.encodeCall(IAccount.raiseNonce, (0, 9))
        ];
        for (uint256 i = 0; i < calls.length; ++i) {
            (bool ok, bytes memory answer) = ManagerProbe(payable(wallet)).act(address(wallet), calls[i]);
            assertFalse(ok);
            assertEq(answer, reentrant);
        }
        meddler.add(address(wallet), calls[0]);
        ManagerProbe(payable(wallet)).act(address(meddler), "");
        assertEq(meddler.answers(0), reentrant);
        assertEq(wallet.nonce(0), 0);
        carry(batch);
    }

    /// The lock holds 1 while a batch runs, whoever began it, and is free before and after, also after a batch that failed.
    function test_B3_the_lock_is_left_as_it_was_found() public {
        ManagerProbe probe = ManagerProbe(payable(wallet));
        bytes memory look = abi.encodeCall(ManagerProbe.locked, ());
        meddler.add(address(wallet), look);
        IAccount.Call[] memory inner = one(address(meddler), 0, "");
        bytes memory nested = abi.encodeCall(IAccount.execute, (BATCH, abi.encode(inner)));
        carry(signed(order(two(one(address(0), 0, nested), inner), 0)));
        assertEq(meddler.answers(0), abi.encode(1));
        assertEq(meddler.answers(1), abi.encode(1), "the nested batch let go of the lock");
        assertEq(probe.locked(), 0);

        bytes memory failing = signed(order(transfer(stranger, 10_000), 1));
        (bool ok,) = address(wallet).call(execution(failing));
        assertFalse(ok);
        assertEq(probe.locked(), 0);
        carry(signed(order(transfer(stranger, 1), 1)));
    }

    /// What a wallet has to answer in the middle of a batch, it answers: tokens, ether, signatures.
    function test_B3_the_lock_does_not_stand_in_the_way_of_receiving() public {
        Souvenir souvenir = new Souvenir();
        souvenir.mint(address(meddler), 1);
        bytes memory send =
            abi.encodeWithSignature("safeTransferFrom(address,address,uint256)", meddler, wallet, uint256(1));
        meddler.add(address(souvenir), send);
        meddler.add(address(wallet), abi.encodeCall(IAccount.isValidSignature, (bytes32(0), sign(bytes32(0)))));
        carry(signed(order(one(address(meddler), 0, ""), 0)));
        assertEq(meddler.succeeded(), 2);
        assertEq(souvenir.ownerOf(1), address(wallet));
        assertEq(meddler.answers(1), abi.encode(bytes4(0x1626ba7e)));
    }
}
