// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Vm} from "forge-std/Test.sol";

import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";
import {
    CallRule,
    Carriage,
    ISessions,
    PoolKey,
    PositionRule,
    Session,
    SpendLimit
} from "hedgerow/interfaces/ISessions.sol";

import {IEntryPoint} from "./Delegated.sol";
import {SignedBatches} from "./SignedBatches.sol";

/// A session key for the delegated wallet that may transfer up to 100 of a token in a day, and what it signs.
abstract contract SessionKeys is SignedBatches {
    string private constant SESSION_BATCH_TYPE =
        "SessionBatch(bytes32 keyId,Call[] calls,uint256 nonce,uint256 deadline,address executor,uint256 minGas,uint256 generation)";
    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)");

    uint256 internal constant GAS_PRICE = 1 gwei;
    /// What `op` may cost at most: its gas limits at its price.
    uint256 internal constant HIGHEST_COST = (400_000 + 1_500_000 + 60_000) * GAS_PRICE;

    /// The session key of the default session.
    Vm.Wallet internal agent;
    /// The wallet, seen as what answers for session keys.
    ISessions internal sessions;
    address payable internal beneficiary = payable(makeAddr("beneficiary"));
    address internal bundler = makeAddr("bundler");

    function setUp() public virtual override {
        super.setUp();
        vm.warp(1_800_000_000);
        agent = vm.createWallet("agent");
        sessions = ISessions(address(wallet));
        vm.fee(0);
    }

    /// The default session: not yet added.
    function transfers() internal view returns (Session memory session) {
        session.x = bytes32(uint256(uint160(agent.addr)));
        session.start = uint48(block.timestamp);
        session.expiry = uint48(block.timestamp + 30 days);
        session.gasBudget = 1 ether;
        session.calls = new CallRule[](1);
        session.calls[0] = CallRule(address(token), token.transfer.selector);
        session.limits = new SpendLimit[](1);
        session.limits[0] = SpendLimit(address(token), 1 days, 100);
    }

    /// A session that may call one function, and spend what is given.
    function calling(address target, bytes4 selector, SpendLimit[] memory limits)
        internal
        view
        returns (Session memory session)
    {
        session = transfers();
        session.calls[0] = CallRule(target, selector);
        session.limits = limits;
    }

    function limit(address token_, uint128 amount) internal pure returns (SpendLimit[] memory limits) {
        limits = new SpendLimit[](1);
        limits[0] = SpendLimit(token_, 1 days, amount);
    }

    function none() internal pure returns (SpendLimit[] memory) {}

    /// Appends a rule.
    function also(Session memory session, address target, bytes4 selector) internal pure {
        uint256 count = session.calls.length;
        CallRule[] memory calls = new CallRule[](count + 1);
        for (uint256 i = 0; i < count; ++i) {
            calls[i] = session.calls[i];
        }
        calls[count] = CallRule(target, selector);
        session.calls = calls;
    }

    function add(Session memory session) internal returns (bytes32) {
        vm.prank(address(wallet));
        return sessions.addKey(session);
    }

    function idOf(Session memory session) internal pure returns (bytes32) {
        return keccak256(abi.encode(session));
    }

    function nonceKey(bytes32 keyId) internal pure returns (uint192) {
        return uint192(uint256(keyId));
    }

    // --- user operations

    function op(Session memory session, IAccount.Call[] memory calls, IEntryPoint entryPoint)
        internal
        view
        returns (PackedUserOperation memory userOp)
    {
        userOp.sender = address(wallet);
        userOp.nonce = entryPoint.getNonce(address(wallet), nonceKey(idOf(session)));
        userOp.callData = abi.encodePacked(ISessions.executeUserOp.selector, abi.encode(calls));
        userOp.accountGasLimits = bytes32(uint256(400_000) << 128 | 1_500_000);
        userOp.preVerificationGas = 60_000;
        userOp.gasFees = bytes32(GAS_PRICE << 128 | GAS_PRICE);
    }

    /// With the signature of a key of kind 0.
    function signOp(
        Session memory session,
        PackedUserOperation memory userOp,
        Vm.Wallet memory by,
        IEntryPoint entryPoint
    ) internal returns (PackedUserOperation[] memory ops) {
        userOp.signature = abi.encode(session, signBy(by, entryPoint.getUserOpHash(userOp)));
        ops = new PackedUserOperation[](1);
        ops[0] = userOp;
    }

    function signBy(Vm.Wallet memory by, bytes32 hash) internal returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(by, hash);
        return abi.encodePacked(r, s, v);
    }

    function handle(PackedUserOperation[] memory ops, IEntryPoint entryPoint) internal {
        vm.txGasPrice(GAS_PRICE);
        vm.prank(bundler, bundler);
        entryPoint.handleOps(ops, beneficiary);
    }

    /// The session's own operation by its own key; whether its calls ran.
    function operate(Session memory session, IAccount.Call[] memory calls) internal returns (bool) {
        return operateAt(session, calls, ENTRY_POINT);
    }

    function operateAt(Session memory session, IAccount.Call[] memory calls, IEntryPoint entryPoint)
        internal
        returns (bool success)
    {
        PackedUserOperation[] memory ops = signOp(session, op(session, calls, entryPoint), agent, entryPoint);
        vm.recordLogs();
        handle(ops, entryPoint);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log memory last = logs[logs.length - 1];
        (, success,,) = abi.decode(last.data, (uint256, bool, uint256, uint256));
    }

    /// What the account answers an EntryPoint.
    function validate(PackedUserOperation memory userOp, bytes32 hash) internal returns (uint256) {
        vm.prank(address(ENTRY_POINT));
        return wallet.validateUserOp(userOp, hash, 0);
    }

    /// An operation as `op` makes it, whose hash is one, signed by the agent.
    function validateOp(Session memory session) internal returns (uint256) {
        PackedUserOperation memory userOp = op(session, transfer(stranger, 1), ENTRY_POINT);
        userOp.signature = abi.encode(session, signBy(agent, bytes32(uint256(1))));
        return validate(userOp, bytes32(uint256(1)));
    }

    // --- signed batches

    /// Anybody, any time, the key's next nonce.
    function carriage(Session memory session) internal view returns (Carriage memory) {
        return Carriage(wallet.nonce(nonceKey(idOf(session))), type(uint256).max, address(0), 0);
    }

    function sessionDigest(
        Session memory session,
        IAccount.Call[] memory calls,
        Carriage memory terms,
        Place memory place
    ) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](calls.length);
        for (uint256 i = 0; i < hashes.length; ++i) {
            hashes[i] = keccak256(
                abi.encode(
                    keccak256("Call(address to,uint256 value,bytes data)"),
                    calls[i].to,
                    calls[i].value,
                    keccak256(calls[i].data)
                )
            );
        }
        bytes32 typehash =
            keccak256(bytes(string.concat(SESSION_BATCH_TYPE, "Call(address to,uint256 value,bytes data)")));
        bytes32 structHash = keccak256(
            abi.encode(typehash, idOf(session), keccak256(abi.encodePacked(hashes)), terms, uint256(place.generation))
        );
        bytes32 separator = keccak256(
            abi.encode(
                DOMAIN_TYPE,
                keccak256("Hedgerow"),
                keccak256("1"),
                place.chainId,
                place.account,
                bytes32(uint256(uint160(place.shell)))
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    /// Carried by the carrier, signed by the agent.
    function run(Session memory session, IAccount.Call[] memory calls) internal {
        Carriage memory terms = carriage(session);
        bytes memory signature = signBy(agent, sessionDigest(session, calls, terms, here()));
        vm.prank(carrier);
        sessions.executeSession(session, calls, terms, signature);
    }

    /// The same, and it has to be refused for this reason.
    function refused(Session memory session, IAccount.Call[] memory calls, bytes memory reason) internal {
        Carriage memory terms = carriage(session);
        bytes memory signature = signBy(agent, sessionDigest(session, calls, terms, here()));
        vm.prank(carrier);
        vm.expectRevert(reason);
        sessions.executeSession(session, calls, terms, signature);
    }

    // --- reasons

    function invalid(uint256 field, uint256 index) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ISessions.InvalidSession.selector, field, index);
    }

    function notAllowed(uint256 call_, address target, bytes4 selector) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ISessions.CallNotAllowed.selector, call_, target, selector);
    }

    function argument(uint256 call_, uint256 word) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ISessions.ArgumentRefused.selector, call_, word);
    }

    function exceeded(address token_, uint256 spent, uint256 limit_) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ISessions.SpendLimitExceeded.selector, token_, spent, limit_);
    }

    function notActive(bytes32 keyId) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(ISessions.KeyNotActive.selector, keyId);
    }
}
