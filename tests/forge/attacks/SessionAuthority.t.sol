// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";
import {Vm} from "forge-std/Test.sol";

import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";
import {IPolicies} from "hedgerow/interfaces/IPolicies.sol";
import {CallRule, Carriage, ISessions, Session, SpendLimit} from "hedgerow/interfaces/ISessions.sol";

import {Meddler} from "../support/Meddler.sol";
import {SessionKeys} from "../support/SessionKeys.sol";

contract Trinket is ERC721("Trinket", "T") {
    function mint(address to, uint256 id) external {
        _mint(to, id);
    }
}

/// A3, A4, A7, A8, A10, A11, A13: how far a session key's authority reaches.
contract SessionAuthorityAttacksTest is SessionKeys {
    uint256 private constant ROOT = 0xe8b8bf4e908c3d54cda20c7c0e5f5a0a5608e499e5b42ec0b2a020210134c000;
    uint256 private constant HEADER = 0x194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900;

    function addRefused(Session memory session, bytes memory reason) private {
        vm.prank(address(wallet));
        vm.expectRevert(reason);
        sessions.addKey(session);
    }

    /// A rule for this target is refused, whatever function it names.
    function ruleRefused(address target, bytes4 selector) private {
        addRefused(calling(target, selector, none()), invalid(7, 0));
    }

    function testFuzz_A3_nobody_else_adds_or_revokes_keys(address caller) public {
        vm.assume(caller != address(wallet) && caller != address(ENTRY_POINT) && caller != address(ENTRY_POINT_V9));
        vm.startPrank(caller);
        vm.expectRevert(unauthorised(caller));
        sessions.addKey(transfers());
        vm.expectRevert(unauthorised(caller));
        sessions.revokeKey(idOf(transfers()));
        vm.expectRevert(unauthorised(caller));
        sessions.revokeAllKeys();
        vm.expectRevert(unauthorised(caller));
        PackedUserOperation memory userOp;
        sessions.executeUserOp(userOp, 0);
    }

    /// What an earlier delegate left of a key, for another generation or epoch, or with any status but the one, is no key.
    function testFuzz_A4_junk_is_no_key(uint256 word, uint256 header) public {
        Session memory session = transfers();
        uint256 slot = uint256(keccak256(abi.encode(idOf(session), ROOT)));
        vm.store(address(wallet), bytes32(slot), bytes32(word));
        vm.store(address(wallet), bytes32(HEADER), bytes32(header));
        uint256 identity = 1 | uint256(uint32(header >> 168)) << 8 | uint256(uint64(header >> 32)) << 40;
        identity |= header >> 200 << 104;
        vm.assume(uint32(header) != 1 || word % (1 << 160) != identity);
        refused(session, notActive(idOf(session)));
        assertEq(validateOp(session), 1);
    }

    /// An earlier delegate can write keys for the generations to come, but not for the era in which the owner wipes.
    function testFuzz_A4_keys_written_for_later_generations_are_none(uint8 wipes, uint64 sequence) public {
        Session memory session = transfers();
        uint256 slot = uint256(keccak256(abi.encode(idOf(session), ROOT)));
        vm.startPrank(address(wallet));
        wallet.raiseNonce(0, uint64(bound(sequence, 1, type(uint64).max)));
        uint256 times = 1 + wipes % 4;
        uint256 earlier;
        for (uint256 i = 0; i < times; ++i) {
            wallet.wipe();
            uint256 era = uint256(vm.load(address(wallet), bytes32(HEADER))) >> 200;
            assertNotEq(era, earlier, "the era is another each time");
            earlier = era;
        }
        vm.stopPrank();
        // As good as can be foreseen: status, epoch and generation are right.
        vm.store(address(wallet), bytes32(slot), bytes32(1 | times << 40));
        refused(session, notActive(idOf(session)));
        assertEq(validateOp(session), 1);
    }

    function refused(Session memory session, bytes memory reason) private {
        Carriage memory terms = Carriage(uint256(nonceKey(idOf(session))) << 64, type(uint256).max, address(0), 0);
        vm.expectRevert(reason);
        sessions.executeSession(session, transfer(stranger, 1), terms, "");
    }

    function testFuzz_A7_a_session_key_signs_for_nobody(bytes32 hash) public {
        Session memory session = transfers();
        add(session);
        bytes memory signature = signBy(agent, hash);
        assertEq(wallet.isValidSignature(hash, signature), bytes4(0xffffffff));
        assertEq(wallet.isValidSignature(hash, abi.encode(session, signature)), bytes4(0xffffffff));
        // Nor is it the root key of a user operation or a batch.
        PackedUserOperation memory userOp = op(session, transfer(stranger, 1), ENTRY_POINT);
        userOp.signature = signature;
        assertEq(validate(userOp, hash), 1);
        bytes memory batch = signedBy(order(transfer(stranger, 1), 0), agent);
        expectInvalidSignature();
        carry(batch);
    }

    function test_A7_permit2_is_never_a_target() public {
        address permit2 = 0x000000000022D473030F116dDEE9F6B43aC78BA3;
        ruleRefused(permit2, bytes4(keccak256("approve(address,address,uint160,uint48)")));
        ruleRefused(permit2, bytes4(keccak256("transferFrom(address,address,uint160,address)")));
    }

    function test_A8_who_acts_for_the_account_is_never_a_target() public {
        address[8] memory targets = [
            address(0),
            address(wallet),
            address(shell),
            address(sessionsModule),
            address(managerProbe),
            address(ENTRY_POINT),
            address(ENTRY_POINT_V9),
            0x000000000022D473030F116dDEE9F6B43aC78BA3
        ];
        bytes4[6] memory selectors = [
            IAccount.execute.selector,
            IAccount.pause.selector,
            ISessions.addKey.selector,
            IPolicies.setPolicy.selector,
            bytes4(0xe0e0e0e0),
            bytes4(keccak256("withdrawTo(address,uint256)"))
        ];
        for (uint256 i = 0; i < targets.length; ++i) {
            for (uint256 j = 0; j < selectors.length; ++j) {
                ruleRefused(targets[i], selectors[j]);
            }
        }
    }

    /// Neither as a target of zero, which stands for the account in the owner's own batches.
    function test_A8_zero_is_not_the_account() public {
        Session memory session = transfers();
        add(session);
        bytes memory data = abi.encodeCall(IAccount.unpause, ());
        refused(session, one(address(0), 0, data), notAllowed(0, address(0), IAccount.unpause.selector));
        refused(session, one(address(wallet), 0, data), notAllowed(0, address(wallet), IAccount.unpause.selector));
    }

    function test_A8_a_key_expires_and_not_too_late() public {
        Session memory session = transfers();
        session.expiry = 0;
        session.start = 0;
        addRefused(session, invalid(4, 0));
        session.expiry = uint48(block.timestamp);
        addRefused(session, invalid(4, 0));
        session.expiry = uint48(block.timestamp + 366 days + 1);
        addRefused(session, invalid(4, 0));
        session.expiry = type(uint48).max;
        addRefused(session, invalid(4, 0));
        session.expiry = uint48(block.timestamp + 366 days);
        add(session);
        session.expiry = uint48(block.timestamp + 1);
        add(session);
        session.start = session.expiry + 1;
        addRefused(session, invalid(3, 0));
    }

    function test_A8_only_keys_are_keys() public {
        Session memory session = transfers();
        session.kind = 3;
        addRefused(session, invalid(0, 0));
        session.kind = 0;
        session.x = 0;
        addRefused(session, invalid(1, 0));
        session.x = bytes32(uint256(uint160(address(wallet))));
        addRefused(session, invalid(1, 0));
        session.x = bytes32(uint256(uint160(agent.addr)) | 1 << 160);
        addRefused(session, invalid(1, 0));
        session.x = bytes32(uint256(uint160(agent.addr)));
        session.y = bytes32(uint256(1));
        addRefused(session, invalid(1, 0));
        // Of P-256 and WebAuthn: a point of the curve.
        session.kind = 1;
        addRefused(session, invalid(1, 0));
        session.kind = 2;
        addRefused(session, invalid(1, 0));
        session.paymaster = address(wallet);
        session.kind = 0;
        session.y = 0;
        addRefused(session, invalid(6, 0));
        session.gasBudget = 1 << 96;
        addRefused(session, invalid(5, 0));
    }

    function test_A8_lists_have_ceilings() public {
        Session memory session = transfers();
        session.calls = new CallRule[](0);
        addRefused(session, invalid(7, 0));
        session.calls = new CallRule[](33);
        for (uint256 i = 0; i < 33; ++i) {
            session.calls[i] = CallRule(stranger, bytes4(0xe0e0e0e0));
        }
        addRefused(session, invalid(7, 33));
        session = transfers();
        session.limits = new SpendLimit[](9);
        addRefused(session, invalid(8, 9));
        session = transfers();
        session.limits[0].period = 59;
        addRefused(session, invalid(8, 0));
        session.limits[0].period = 366 days + 1;
        addRefused(session, invalid(8, 0));
        session.limits[0].period = 60;
        add(session);
        session.limits = new SpendLimit[](2);
        (session.limits[0], session.limits[1]) =
        (SpendLimit(address(token), 0, 1), SpendLimit(address(token), 1 days, 1));
        addRefused(session, invalid(8, 1));
        session.limits[1] = SpendLimit(stranger, 1 days, 1);
        addRefused(session, invalid(8, 1));
    }

    /// Its nonces are its own: those of the owner's keys can neither be used nor used up by it.
    function testFuzz_A8_a_session_key_uses_no_other_nonce_key(uint192 key) public {
        Session memory session = transfers();
        bytes32 keyId = add(session);
        vm.assume(key != nonceKey(keyId));
        Carriage memory terms = carriage(session);
        terms.nonce = uint256(key) << 64;
        bytes memory signature = signBy(agent, sessionDigest(session, transfer(stranger, 1), terms, here()));
        vm.expectRevert(abi.encodeWithSelector(ISessions.WrongNonceKey.selector, key, nonceKey(keyId)));
        sessions.executeSession(session, transfer(stranger, 1), terms, signature);
        PackedUserOperation memory userOp = op(session, transfer(stranger, 1), ENTRY_POINT);
        userOp.nonce = uint256(key) << 64;
        userOp.signature = abi.encode(session, signBy(agent, bytes32(uint256(1))));
        assertEq(validate(userOp, bytes32(uint256(1))), 1);
    }

    /// Called by a session key's batch, nobody gets anything else done by the account, and the batch goes on.
    function test_A8_a_callee_gains_nothing() public {
        Meddler meddler = new Meddler();
        Session memory session = calling(address(meddler), 0xe0e0e0e0, none());
        Session memory second = transfers();
        add(session);
        add(second);
        Carriage memory terms = carriage(second);
        bytes memory signature = signBy(agent, sessionDigest(second, transfer(stranger, 1), terms, here()));
        meddler.add(
            address(wallet), abi.encodeCall(ISessions.executeSession, (second, transfer(stranger, 1), terms, signature))
        );
        meddler.add(
            address(wallet),
            abi.encodeCall(IAccount.execute, (BATCH_WITH_OP_DATA, signed(order(transfer(stranger, 1), 0))))
        );
        meddler.add(address(wallet), abi.encodeCall(ISessions.revokeAllKeys, ()));
        meddler.add(address(wallet), abi.encodeCall(IAccount.pause, ()));
        run(session, one(address(meddler), 0, ""));
        assertEq(meddler.succeeded(), 0);
        bytes memory reentrant = abi.encodeWithSelector(IAccount.ReentrantCall.selector);
        assertEq(meddler.answers(0), reentrant);
        assertEq(meddler.answers(1), reentrant);
        assertEq(meddler.answers(2), unauthorised(address(meddler)));
        assertEq(meddler.answers(3), unauthorised(address(meddler)));
        assertEq(token.balanceOf(stranger), 0);
        // It was good in itself.
        sessions.executeSession(second, transfer(stranger, 1), terms, signature);
        assertEq(token.balanceOf(stranger), 1);
    }

    /// Not even the owner's own batch carries one: a session's batch begins only outside of another.
    function test_A8_a_sessions_batch_runs_in_no_other() public {
        Session memory session = transfers();
        add(session);
        Carriage memory terms = carriage(session);
        bytes memory signature = signBy(agent, sessionDigest(session, transfer(stranger, 1), terms, here()));
        bytes memory data = abi.encodeCall(ISessions.executeSession, (session, transfer(stranger, 1), terms, signature));
        vm.prank(address(wallet));
        vm.expectRevert(IAccount.ReentrantCall.selector);
        wallet.execute(BATCH, abi.encode(one(address(wallet), 0, data)));
    }

    function test_A10_at_shells_and_modules_own_addresses_there_are_no_keys() public {
        bytes memory refusal = abi.encodeWithSelector(IAccount.NotDelegated.selector, address(sessionsModule));
        vm.startPrank(address(ENTRY_POINT));
        vm.expectRevert(refusal);
        sessionsModule.addKey(transfers());
        vm.expectRevert(refusal);
        sessionsModule.revokeAllKeys();
        PackedUserOperation memory userOp;
        vm.expectRevert(refusal);
        sessionsModule.executeUserOp(userOp, 0);
        vm.expectRevert(refusal);
        sessionsModule.validateUserOp(userOp, 0, 0);
        vm.stopPrank();
        vm.expectRevert(refusal);
        sessionsModule.executeSession(transfers(), transfer(stranger, 1), Carriage(0, 0, address(0), 0), "");
        vm.expectRevert(abi.encodeWithSelector(ISessions.KeyNotActive.selector, idOf(transfers())));
        ISessions(address(shell)).executeSession(transfers(), transfer(stranger, 1), Carriage(0, 0, address(0), 0), "");
    }

    /// Any bytes that begin as a session's do: an answer, and it is 1.
    function testFuzz_A11_garbage_for_a_session_is_answered(bytes calldata garbage, uint256 tail, bytes32 hash) public {
        add(transfers());
        PackedUserOperation memory userOp = op(transfers(), transfer(stranger, 1), ENTRY_POINT);
        bytes[4] memory signatures = [
            abi.encode(garbage),
            abi.encodePacked(uint256(0x40), tail, garbage),
            abi.encodePacked(uint256(0x40), bound(tail, 0x40, 0x40 + garbage.length), garbage),
            abi.encode(transfers(), garbage)
        ];
        for (uint256 i = 0; i < 4; ++i) {
            if (signatures[i].length == 65) continue;
            userOp.signature = signatures[i];
            assertEq(validate(userOp, hash), 1);
        }
    }

    /// An operation for a session key names no other function, or the account would run it unguarded.
    function testFuzz_A11_only_the_guarded_function_is_valid(bytes4 selector, bytes calldata rest) public {
        Session memory session = transfers();
        add(session);
        vm.assume(selector != ISessions.executeUserOp.selector);
        PackedUserOperation memory userOp = op(session, transfer(stranger, 1), ENTRY_POINT);
        userOp.signature = abi.encode(session, signBy(agent, bytes32(uint256(1))));
        bytes[5] memory callDatas = [
            abi.encodePacked(selector, rest),
            abi.encodeCall(IAccount.execute, (BATCH, abi.encode(transfer(stranger, 1)))),
            abi.encodeCall(ISessions.revokeAllKeys, ()),
            bytes(hex"8dd771"),
            bytes("")
        ];
        for (uint256 i = 0; i < 5; ++i) {
            userOp.callData = callDatas[i];
            assertEq(validate(userOp, bytes32(uint256(1))), 1);
        }
    }

    /// The owner's own operation may name it, and does nothing: his signature carries no session.
    function test_A11_the_root_keys_signature_opens_no_session() public {
        PackedUserOperation[] memory ops = new PackedUserOperation[](1);
        ops[0] = op(transfers(), transfer(stranger, 1), ENTRY_POINT);
        ops[0].signature = sign(ENTRY_POINT.getUserOpHash(ops[0]));
        handle(ops, ENTRY_POINT);
        assertEq(token.balanceOf(stranger), 0);
    }

    /// A number that its fields do not hold is no price that a budget could be held against.
    function testFuzz_A11_costs_that_overflow_are_answered(uint256 preVerification, bytes32 limits, uint128 price)
        public
    {
        Session memory session = transfers();
        add(session);
        PackedUserOperation memory userOp = op(session, transfer(stranger, 1), ENTRY_POINT);
        userOp.signature = abi.encode(session, signBy(agent, bytes32(uint256(1))));
        userOp.preVerificationGas = preVerification;
        userOp.accountGasLimits = limits;
        userOp.gasFees = bytes32(uint256(price));
        uint256 gas_ = uint256(limits >> 128) + uint128(uint256(limits));
        bool fits = preVerification <= type(uint128).max && (gas_ + preVerification) < type(uint256).max >> 128;
        bool affordable = fits && (gas_ + preVerification) * price <= session.gasBudget;
        uint256 answer = validate(userOp, bytes32(uint256(1)));
        if (affordable) assertGt(answer, 1);
        else if (fits) assertEq(answer, 1);
        if (!affordable && price != 0) assertEq(answer, 1);
    }

    /// What gives NFTs or allowances away, or makes calls of its own, is no rule for anybody.
    function test_A13_what_gives_nfts_and_allowances_away_is_refused() public {
        string[39] memory functions = [
            "setApprovalForAll(address,bool)",
            "safeTransferFrom(address,address,uint256)",
            "safeTransferFrom(address,address,uint256,bytes)",
            "safeTransferFrom(address,address,uint256,uint256,bytes)",
            "safeBatchTransferFrom(address,address,uint256[],uint256[],bytes)",
            "permit(address,uint256,uint256,uint8,bytes32,bytes32)",
            "burn(uint256)",
            "burn(int24,int24,uint128)",
            "collect(address,int24,int24,uint128,uint128)",
            "permit(address,address,uint256,uint256,uint8,bytes32,bytes32)",
            "permit(address,address,uint256,uint256,bool,uint8,bytes32,bytes32)",
            "increaseAllowance(address,uint256)",
            "decreaseAllowance(address,uint256)",
            "increaseApproval(address,uint256)",
            "decreaseApproval(address,uint256)",
            "approve(address,address,uint160,uint48)",
            "approveAndCall(address,uint256)",
            "approveAndCall(address,uint256,bytes)",
            "authorizeOperator(address)",
            "revokeOperator(address)",
            "setOperator(address,bool)",
            "delegate(address)",
            "transferOwnership(address)",
            "send(address,uint256,bytes)",
            "operatorSend(address,address,uint256,bytes,bytes)",
            "operatorBurn(address,uint256,bytes,bytes)",
            "burn(uint256,bytes)",
            "burn(address,uint256)",
            "burnFrom(address,uint256)",
            "transferAndCall(address,uint256)",
            "transferAndCall(address,uint256,bytes)",
            "transferFromAndCall(address,address,uint256)",
            "transferFromAndCall(address,address,uint256,bytes)",
            "multicall(bytes[])",
            "multicall(uint256,bytes[])",
            "multicall(bytes32,bytes[])",
            "execute(bytes32,bytes)",
            "execute(address,uint256,bytes)",
            "transfer(address,uint256)"
        ];
        address target = address(new Meddler());
        for (uint256 i = 0; i < functions.length; ++i) {
            ruleRefused(target, bytes4(keccak256(bytes(functions[i]))));
            // Of a token with a limit everything is refused but five functions.
            Session memory session = transfers();
            session.calls[0].selector = bytes4(keccak256(bytes(functions[i])));
            if (i + 1 < functions.length) addRefused(session, invalid(7, 0));
        }
        ruleRefused(target, token.approve.selector);
        ruleRefused(target, token.transferFrom.selector);
    }

    /// An NFT contract is no target, and no token with a limit: `transferFrom` of an id would count as so many.
    function test_A13_nfts_are_no_targets_and_no_tokens() public {
        Trinket trinket = new Trinket();
        trinket.mint(address(wallet), 1);
        ruleRefused(address(trinket), 0xe0e0e0e0);
        ruleRefused(address(trinket), bytes4(keccak256("claim()")));
        addRefused(calling(address(trinket), trinket.transferFrom.selector, limit(address(trinket), 10)), invalid(8, 0));
    }

    /// Empty calldata, and what is too short for a selector, is what a rule has to name.
    function testFuzz_A13_short_calldata_passes_for_nothing_else(uint8 length, uint256 bits) public {
        Session memory session = transfers();
        also(session, stranger, bytes4(uint32(bits)));
        vm.assume(uint32(bits) != 0xe0e0e0e0 && !refusedAnyway(bytes4(uint32(bits))));
        add(session);
        bytes memory data = new bytes(length % 4);
        for (uint256 i = 0; i < data.length; ++i) {
            data[i] = bytes1(uint8(bits >> (24 - 8 * i)));
        }
        bytes4 named = data.length == 0 ? bytes4(0xe0e0e0e0) : bytes4(data);
        refused(session, one(stranger, 0, data), notAllowed(0, stranger, named));
        Session memory plain = calling(stranger, 0xe0e0e0e0, none());
        add(plain);
        refused(plain, one(stranger, 0, hex"e0e0e0e0"), notAllowed(0, stranger, 0xe0e0e0e0));
        run(plain, one(stranger, 0, ""));
    }

    function refusedAnyway(bytes4 selector) private view returns (bool) {
        return selector == token.transfer.selector || selector == token.approve.selector
            || selector == token.transferFrom.selector;
    }
}
