// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Vm} from "forge-std/Test.sol";

import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";
import {Carriage, ISessions, Session} from "hedgerow/interfaces/ISessions.sol";

import {SessionKeys} from "../support/SessionKeys.sol";

/// Shrugs a failing call off.
contract Shrug {
    uint256 public done;

    fallback() external {
        try this.work() {} catch {}
    }

    function work() external {
        for (uint256 i = 0; i < 100; ++i) {
            done += 1;
        }
    }
}

/// A1, A2, A6, A9, A17: what a session key signed is valid for that, there, once.
contract SessionReplayAttacksTest is SessionKeys {
    function execute(Session memory session, Carriage memory terms, bytes memory signature) private {
        sessions.executeSession(session, transfer(stranger, 1), terms, signature);
    }

    function signedHere(Session memory session, Carriage memory terms) private returns (bytes memory) {
        return signBy(agent, sessionDigest(session, transfer(stranger, 1), terms, here()));
    }

    function testFuzz_A1_another_executor_cannot_take_a_sessions_batch(address taker) public {
        vm.assume(taker != carrier);
        Session memory session = transfers();
        add(session);
        Carriage memory terms = carriage(session);
        terms.executor = carrier;
        bytes memory signature = signedHere(session, terms);
        vm.prank(taker);
        vm.expectRevert(abi.encodeWithSelector(IAccount.WrongExecutor.selector, taker, carrier));
        execute(session, terms, signature);
        vm.prank(carrier);
        execute(session, terms, signature);
    }

    function test_A1_a_sessions_batch_cannot_be_starved() public {
        Shrug shrug = new Shrug();
        Session memory session = calling(address(shrug), 0xe0e0e0e0, none());
        add(session);
        Carriage memory terms = carriage(session);
        terms.minGas = 300_000;
        bytes memory signature = signBy(agent, sessionDigest(session, one(address(shrug), 0, ""), terms, here()));
        vm.expectPartialRevert(IAccount.InsufficientGas.selector);
        sessions.executeSession{gas: 290_000}(session, one(address(shrug), 0, ""), terms, signature);
        assertEq(wallet.nonce(nonceKey(idOf(session))), terms.nonce);
        sessions.executeSession(session, one(address(shrug), 0, ""), terms, signature);
        assertEq(shrug.done(), 100);
    }

    function test_A2_a_sessions_batch_runs_once() public {
        Session memory session = transfers();
        add(session);
        Carriage memory terms = carriage(session);
        bytes memory signature = signedHere(session, terms);
        execute(session, terms, signature);
        vm.expectRevert(nonceUsed(terms.nonce, terms.nonce + 1));
        execute(session, terms, signature);
        PackedUserOperation[] memory ops =
            signOp(session, op(session, transfer(stranger, 1), ENTRY_POINT), agent, ENTRY_POINT);
        handle(ops, ENTRY_POINT);
        vm.expectRevert(abi.encodeWithSignature("FailedOp(uint256,string)", 0, "AA25 invalid account nonce"));
        handle(ops, ENTRY_POINT);
        assertEq(token.balanceOf(stranger), 2);
    }

    /// Elsewhere: another chain, shell or generation, another account with the same session, another EntryPoint.
    function test_A2_a_sessions_batch_is_valid_where_it_was_signed_for() public {
        Session memory session = transfers();
        bytes32 keyId = add(session);
        Carriage memory terms = carriage(session);
        bytes memory signature = signedHere(session, terms);
        PackedUserOperation[] memory ops =
            signOp(session, op(session, transfer(stranger, 1), ENTRY_POINT), agent, ENTRY_POINT);

        uint256 snapshot = vm.snapshotState();
        vm.chainId(block.chainid + 1);
        refusedAs(session, terms, signature, IAccount.InvalidSignature.selector);
        vm.revertToState(snapshot);
        delegate(address(newShell()));
        refusedAs(session, terms, signature, IAccount.InvalidSignature.selector);
        vm.revertToState(snapshot);
        vm.prank(address(wallet));
        wallet.wipe();
        vm.expectRevert(notActive(keyId));
        execute(session, terms, signature);
        vm.revertToState(snapshot);

        Vm.Wallet memory neighbour = vm.createWallet("neighbour");
        vm.signAndAttachDelegation(address(shell), neighbour.privateKey);
        token.mint(neighbour.addr, 10);
        vm.prank(neighbour.addr);
        ISessions(neighbour.addr).addKey(session);
        vm.expectRevert(IAccount.InvalidSignature.selector);
        ISessions(neighbour.addr).executeSession(session, transfer(stranger, 1), terms, signature);

        vm.expectRevert(abi.encodeWithSignature("FailedOp(uint256,string)", 0, "AA24 signature error"));
        handle(ops, ENTRY_POINT_V9);
        handle(ops, ENTRY_POINT);
        execute(session, terms, signature);
    }

    function refusedAs(Session memory session, Carriage memory terms, bytes memory signature, bytes4 reason) private {
        vm.expectRevert(reason);
        execute(session, terms, signature);
    }

    /// Another session of the same key is another key.
    function test_A2_what_one_session_signed_is_nothing_in_another() public {
        Session memory session = transfers();
        Session memory wider = transfers();
        wider.limits[0].amount = 1_000;
        add(session);
        add(wider);
        Carriage memory terms = carriage(session);
        bytes memory signature = signedHere(session, terms);
        vm.expectRevert(
            abi.encodeWithSelector(ISessions.WrongNonceKey.selector, nonceKey(idOf(session)), nonceKey(idOf(wider)))
        );
        execute(wider, terms, signature);
        terms = carriage(wider);
        vm.expectRevert(IAccount.InvalidSignature.selector);
        execute(wider, terms, signature);
        PackedUserOperation memory userOp = op(session, transfer(stranger, 1), ENTRY_POINT);
        userOp.signature = abi.encode(wider, signBy(agent, bytes32(uint256(1))));
        assertEq(validate(userOp, bytes32(uint256(1))), 1, "the nonce names the session");
    }

    /// A batch for the key is none of the owner's, and the other way round.
    function test_A2_a_sessions_digest_is_no_batchs() public {
        Session memory session = transfers();
        session.x = bytes32(uint256(uint160(stranger)));
        add(session);
        Carriage memory terms = carriage(session);
        bytes memory signature = sign(sessionDigest(session, transfer(stranger, 1), terms, here()));
        vm.expectRevert(IAccount.InvalidSignature.selector);
        execute(session, terms, signature);
        bytes memory data = abi.encode(
            transfer(stranger, 1), abi.encode(terms.nonce, terms.deadline, terms.executor, terms.minGas, signature)
        );
        expectInvalidSignature();
        carry(data);
    }

    /// One changed bit of what is carried, terms of the session included, and nothing runs.
    function testFuzz_A6_a_changed_bit_changes_nothing_that_is_done(uint256 bit) public {
        Session memory session = transfers();
        add(session);
        Carriage memory terms = carriage(session);
        bytes memory data = abi.encodeCall(
            ISessions.executeSession, (session, transfer(stranger, 1), terms, signedHere(session, terms))
        );
        bit = bound(bit, 0, 8 * data.length - 1);
        data[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        uint256 snapshot = vm.snapshotState();
        (bool ok,) = address(wallet).call(data);
        // Padding behind the signature is nobody's; whatever is done is what was signed.
        uint256 done = token.balanceOf(stranger);
        assertTrue(done == 1 || done == 0);
        assertEq(ok && bytes4(data) == ISessions.executeSession.selector, done == 1);
        assertEq(token.balanceOf(address(wallet)), 1_000 - done);
        vm.revertToState(snapshot);
    }

    /// The same of a user operation: the session's bytes are its name.
    function testFuzz_A6_a_changed_bit_of_the_session_is_another_session(uint256 bit) public {
        Session memory session = transfers();
        add(session);
        PackedUserOperation memory userOp = op(session, transfer(stranger, 1), ENTRY_POINT);
        userOp.signature = abi.encode(session, signBy(agent, bytes32(uint256(1))));
        // All before the key's signature, which ends with its length and three words.
        bit = bound(bit, 0, 8 * (userOp.signature.length - 128) - 1);
        userOp.signature[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        assertEq(validate(userOp, bytes32(uint256(1))), 1);
    }

    function test_A6_every_term_of_carriage_is_signed() public {
        Session memory session = transfers();
        add(session);
        Carriage memory terms = carriage(session);
        bytes memory signature = signedHere(session, terms);
        Carriage memory other = carriage(session);
        other.deadline = block.timestamp;
        refusedAs(session, other, signature, IAccount.InvalidSignature.selector);
        other = carriage(session);
        other.executor = address(this);
        refusedAs(session, other, signature, IAccount.InvalidSignature.selector);
        other = carriage(session);
        other.minGas = 1;
        refusedAs(session, other, signature, IAccount.InvalidSignature.selector);
        other = carriage(session);
        ++other.nonce;
        vm.expectRevert(nonceUsed(other.nonce, terms.nonce));
        execute(session, other, signature);
        other = carriage(session);
        other.deadline = block.timestamp - 1;
        vm.expectRevert(abi.encodeWithSelector(IAccount.DeadlinePassed.selector, other.deadline, block.timestamp));
        execute(session, other, signature);
        vm.expectRevert(IAccount.InvalidSignature.selector);
        sessions.executeSession(session, transfer(stranger, 2), terms, signature);
        execute(session, terms, signature);
    }

    /// Zero is the signer of what recovers nobody, and never a key.
    function testFuzz_A9_a_failed_recovery_is_no_key(uint8 v, bytes32 r, bytes32 hash) public {
        Session memory session = transfers();
        session.x = 0;
        vm.prank(address(wallet));
        vm.expectRevert(invalid(1, 0));
        sessions.addKey(session);
        session = transfers();
        add(session);
        PackedUserOperation memory userOp = op(session, transfer(stranger, 1), ENTRY_POINT);
        userOp.signature = abi.encode(session, abi.encodePacked(r, bytes32(0), v));
        assertEq(validate(userOp, hash), 1);
    }

    function testFuzz_A9_another_keys_signature_is_none(uint256 otherKey, bytes32 hash) public {
        Vm.Wallet memory stray = vm.createWallet(uint256(keccak256(abi.encode(otherKey))) >> 1 | 1);
        Session memory session = transfers();
        add(session);
        PackedUserOperation memory userOp = op(session, transfer(stranger, 1), ENTRY_POINT);
        userOp.signature = abi.encode(session, signBy(stray, hash));
        assertEq(validate(userOp, hash), 1);
        // The root key is a key of its own, and none of the session's.
        userOp.signature = abi.encode(session, sign(hash));
        assertEq(validate(userOp, hash), 1);
    }

    function testFuzz_A9_the_mirrored_signature_is_refused(bytes32 hash) public {
        Session memory session = transfers();
        add(session);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(agent, hash);
        PackedUserOperation memory userOp = op(session, transfer(stranger, 1), ENTRY_POINT);
        userOp.signature = abi.encode(session, abi.encodePacked(r, s, v));
        assertGt(validate(userOp, hash), 1);
        // The order of secp256k1 (SEC 2, section 2.4.1).
        uint256 order_ = 0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFEBAAEDCE6AF48A03BBFD25E8CD0364141;
        bytes32 mirrored = bytes32(order_ - uint256(s));
        assertEq(ecrecover(hash, v ^ 7, r, mirrored), agent.addr, "not the mirror of a good signature");
        userOp.signature = abi.encode(session, abi.encodePacked(r, mirrored, v ^ 7));
        assertEq(validate(userOp, hash), 1);
    }

    /// Delegating away and back neither brings a revoked key back nor a used nonce.
    function test_A17_keys_survive_a_delegation_elsewhere_and_back() public {
        Session memory session = transfers();
        Session memory revoked = transfers();
        revoked.salt = bytes32(uint256(1));
        add(session);
        bytes32 revokedId = add(revoked);
        run(session, transfer(stranger, 60));
        vm.prank(address(wallet));
        sessions.revokeKey(revokedId);
        address home = address(shell);
        delegate(address(0xdead));
        delegate(home);
        refused(session, transfer(stranger, 41), exceeded(address(token), 101, 100));
        run(session, transfer(stranger, 40));
        refused(revoked, transfer(stranger, 1), notActive(revokedId));
    }
}
