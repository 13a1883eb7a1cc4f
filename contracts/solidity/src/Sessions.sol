// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {EIP7702Utils} from "@openzeppelin/contracts/account/utils/EIP7702Utils.sol";

import {Batch} from "./Batch.sol";
import {Domain} from "./Domain.sol";
import {KeySignatures} from "./KeySignatures.sol";
import {SessionGuard} from "./SessionGuard.sol";
import {SessionTerms} from "./SessionTerms.sol";
import {IAccount, PackedUserOperation} from "./interfaces/IAccount.sol";
import {Carriage, ISessions, Session} from "./interfaces/ISessions.sol";

/// The module for session keys: EVM code, because bundlers do not take Stylus in validation, that the shell delegate-calls. It is
/// laid out where the shell is, for it reads and writes the same header and nonces.
contract Sessions layout at 0x194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900 is SessionGuard, Domain {
    address private constant PERMIT2 = 0x000000000022D473030F116dDEE9F6B43aC78BA3;

    uint256 private constant SIGNATURE_INVALID = 1;
    uint256 private constant VALID_UNTIL_SHIFT = 160;
    uint256 private constant VALID_AFTER_SHIFT = 208;
    // Where a session lies in `abi.encode(session, keySignature)`.
    uint256 private constant SESSION_OFFSET = 0x40;

    bytes32 private constant BATCH_TYPEHASH = keccak256(
        "SessionBatch(bytes32 keyId,Call[] calls,uint256 nonce,uint256 deadline,address executor,uint256 minGas,uint256 generation)Call(address to,uint256 value,bytes data)"
    );

    /// @inheritdoc ISessions
    function addKey(Session calldata session) external returns (bytes32 keyId) {
        _requireManagement();
        SessionTerms.admit(session, _reserved());
        keyId = keccak256(abi.encode(session));
        _register(keyId);
        emit KeyAdded(keyId, session);
    }

    /// The part of `IAccount.validateUserOp` for signatures that are not the root key's: the time in which the operation is valid, or
    /// 1. Reverts for what cannot be decoded, which the shell takes for 1.
    function validateUserOp(PackedUserOperation calldata userOp, bytes32 userOpHash, uint256)
        external
        returns (uint256)
    {
        _requireEntryPoint();
        _requireDelegated();
        (Session calldata session, bytes32 keyId, bytes calldata keySignature) = _open(userOp.signature);
        (bool active, bool paused, uint256 slot) = _isActive(keyId);
        bool good = active && !paused && uint192(userOp.nonce >> 64) == _nonceKey(keyId)
            && bytes4(userOp.callData) == ISessions.executeUserOp.selector
            && KeySignatures.signed(session, userOpHash, keySignature);
        if (!good) return SIGNATURE_INVALID;
        if (userOp.paymasterAndData.length == 0) {
            if (!_chargeGas(slot, _highestCost(userOp), session.gasBudget)) return SIGNATURE_INVALID;
        } else if (session.paymaster == address(0) || address(bytes20(userOp.paymasterAndData)) != session.paymaster) {
            return SIGNATURE_INVALID;
        }
        // EntryPoints want a timestamp after validAfter.
        uint256 validAfter = session.start == 0 ? 0 : session.start - 1;
        return uint256(session.expiry) << VALID_UNTIL_SHIFT | validAfter << VALID_AFTER_SHIFT;
    }

    /// @inheritdoc ISessions
    function executeUserOp(PackedUserOperation calldata userOp, bytes32) external {
        _requireEntryPoint();
        _requireDelegated();
        _enterFirstBatch();
        (Session calldata session, bytes32 keyId,) = _open(userOp.signature);
        // Again, because an operation before this one in the bundle may have revoked the key.
        uint256 slot = _requireActive(session, keyId);
        (Batch.Calls memory calls,) = Batch.open(userOp.callData[4:], false);
        _runGuarded(session, slot, calls);
        _leaveFirstBatch();
    }

    /// @inheritdoc ISessions
    function executeSession(
        Session calldata session,
        IAccount.Call[] calldata calls,
        Carriage calldata carriage,
        bytes calldata signature
    ) external {
        _requireDelegated();
        _enterFirstBatch();
        bytes32 keyId = keccak256(abi.encode(session));
        uint256 slot = _requireActive(session, keyId);
        Batch.Calls memory batch = Batch.whole(calls);
        bytes32 digest = _useCarriage(carriage, keyId, Batch.hash(batch));
        if (!KeySignatures.signed(session, digest, signature)) revert IAccount.InvalidSignature();
        emit SessionExecuted(keyId, carriage.nonce, msg.sender);
        if (gasleft() < carriage.minGas) revert IAccount.InsufficientGas(gasleft(), carriage.minGas);
        _runGuarded(session, slot, batch);
        _leaveFirstBatch();
    }

    /// Uses up the nonce of a batch that may run here and now by this caller, or reverts. Returns what the key has to have signed.
    function _useCarriage(Carriage calldata carriage, bytes32 keyId, bytes32 calls) private returns (bytes32) {
        (uint256 nonce, uint256 deadline, address executor) = (carriage.nonce, carriage.deadline, carriage.executor);
        if (block.timestamp > deadline) revert IAccount.DeadlinePassed(deadline, block.timestamp);
        if (executor != address(0) && executor != msg.sender) revert IAccount.WrongExecutor(msg.sender, executor);
        if (uint192(nonce >> 64) != _nonceKey(keyId)) revert WrongNonceKey(uint192(nonce >> 64), _nonceKey(keyId));
        uint256 generation = _useNonce(nonce);
        return _toTypedDataHash(
            keccak256(abi.encode(BATCH_TYPEHASH, keyId, calls, nonce, deadline, executor, carriage.minGas, generation))
        );
    }

    function _requireActive(Session calldata session, bytes32 keyId) private view returns (uint256) {
        (bool active, bool paused, uint256 slot) = _isActive(keyId);
        if (!active) revert KeyNotActive(keyId);
        if (paused) revert Paused();
        if (block.timestamp < session.start || block.timestamp > session.expiry) {
            revert OutsideSession(session.start, session.expiry, block.timestamp);
        }
        return slot;
    }

    /// Takes `abi.encode(session, keySignature)` apart. The id is the hash of the session's bytes as they are: only the encoding of a
    /// session that was added has a key's id, so nothing in it needs to be looked at again.
    function _open(bytes calldata signature)
        private
        pure
        returns (Session calldata session, bytes32 keyId, bytes calldata keySignature)
    {
        bool malformed;
        keySignature = signature[:0];
        assembly ("memory-safe") {
            let start := signature.offset
            let length := signature.length
            let tail := calldataload(add(start, 0x20))
            session := add(start, SESSION_OFFSET)
            // One word is left for the key signature's length, which is read only then.
            malformed := or(lt(length, 0x60), xor(calldataload(start), SESSION_OFFSET))
            malformed := or(malformed, or(lt(tail, SESSION_OFFSET), gt(add(tail, 0x20), length)))
            malformed := or(malformed, shr(64, tail))
            if iszero(malformed) {
                keySignature.offset := add(add(start, tail), 0x20)
                keySignature.length := calldataload(add(start, tail))
                malformed := gt(keySignature.length, sub(sub(length, tail), 0x20))
                // abi.encode(session): its own offset, and itself.
                let memory_ := mload(0x40)
                mstore(memory_, 0x20)
                calldatacopy(add(memory_, 0x20), session, sub(tail, SESSION_OFFSET))
                keyId := keccak256(memory_, sub(tail, 0x20))
            }
        }
        if (malformed) revert MalformedSession();
    }

    /// What an operation that the account pays for itself can cost it at most: wei.
    function _highestCost(PackedUserOperation calldata userOp) private pure returns (uint256) {
        uint256 gasLimits = (uint256(userOp.accountGasLimits) >> 128) + uint128(uint256(userOp.accountGasLimits));
        return (gasLimits + userOp.preVerificationGas) * uint128(uint256(userOp.gasFees));
    }

    function _nonceKey(bytes32 keyId) private pure returns (uint192) {
        return uint192(uint256(keyId));
    }

    /// What no session key may call: who acts for the account, and what others act through.
    function _reserved() private view returns (address[] memory reserved) {
        IAccount shell = IAccount(_shell());
        reserved = new address[](12);
        (reserved[1], reserved[2], reserved[3]) = (address(this), address(shell), CODE);
        (reserved[4], reserved[5], reserved[6]) = (ENTRY_POINT_V8, ENTRY_POINT_V9, PERMIT2);
        (reserved[7], reserved[8], reserved[9]) = (shell.manager(), shell.direct(), shell.exits());
        (reserved[10], reserved[11]) = (shell.policies(), shell.runs());
    }

    /// The delegate that the account's designator names.
    function _shell() internal view override returns (address) {
        return EIP7702Utils.fetchDelegate(address(this));
    }
}
