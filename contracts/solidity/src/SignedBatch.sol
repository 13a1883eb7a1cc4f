// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {AccountState} from "./AccountState.sol";
import {Batch} from "./Batch.sol";
import {RootKey} from "./RootKey.sol";

/// A batch that the account's own key signed and anybody carries. The signature binds all that decides what happens: the calls
/// to the byte, the nonce, until when, by whom, with how much gas at least, the state's generation, and by the domain the chain,
/// the account and the shell.
abstract contract SignedBatch is RootKey, AccountState {
    bytes32 private constant TYPEHASH = keccak256(
        "SignedBatch(Call[] calls,uint256 nonce,uint256 deadline,address executor,uint256 minGas,uint256 generation)Call(address to,uint256 value,bytes data)"
    );

    // opData is abi.encode(nonce, deadline, executor, minGas, signature), and there is one encoding: five words, the signature's
    // length, and its 65 bytes filled up with zeros.
    uint256 private constant OP_DATA_LENGTH = 0x120;
    uint256 private constant SIGNATURE_OFFSET = 0xa0;
    uint256 private constant SIGNATURE_LENGTH = 65;

    /// Uses up the nonce of a batch that may run here and now by this caller, or reverts. Returns the gas it asks for.
    function _authorise(Batch.Calls memory calls, bytes calldata opData) internal returns (uint256 minGas) {
        if (!_isCanonical(opData)) revert MalformedOpData(opData.length);
        uint256 nonce_ = _word(opData, 0);
        uint256 deadline = _word(opData, 0x20);
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
        address executor = address(uint160(_word(opData, 0x40)));
        if (executor != address(0) && executor != msg.sender) revert WrongExecutor(msg.sender, executor);
        bytes32 digest = _digest(Batch.hash(calls), opData, _useNonce(nonce_));
        if (!_signed(digest, _signature(opData))) revert InvalidSignature();
        emit BatchExecuted(nonce_, msg.sender);
        return _word(opData, 0x60);
    }

    function _word(bytes calldata opData, uint256 offset) private pure returns (uint256 word) {
        assembly ("memory-safe") {
            word := calldataload(add(opData.offset, offset))
        }
    }

    function _signature(bytes calldata opData) private pure returns (bytes calldata signature) {
        assembly ("memory-safe") {
            signature.offset := add(opData.offset, add(SIGNATURE_OFFSET, 0x20))
            signature.length := SIGNATURE_LENGTH
        }
    }

    function _digest(bytes32 calls, bytes calldata opData, uint256 generation_) private view returns (bytes32) {
        bytes32 typehash = TYPEHASH;
        bytes32 structHash;
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, typehash)
            mstore(add(words, 0x20), calls)
            // nonce, deadline, executor, minGas: signed as they were carried.
            calldatacopy(add(words, 0x40), opData.offset, 0x80)
            mstore(add(words, 0xc0), generation_)
            structHash := keccak256(words, 0xe0)
        }
        return _toTypedDataHash(structHash);
    }

    function _isCanonical(bytes calldata opData) private pure returns (bool ok) {
        if (opData.length != OP_DATA_LENGTH) return false;
        assembly ("memory-safe") {
            let at := opData.offset
            ok := and(
                and(iszero(shr(160, calldataload(add(at, 0x40)))), eq(calldataload(add(at, 0x80)), SIGNATURE_OFFSET)),
                and(eq(calldataload(add(at, 0xa0)), SIGNATURE_LENGTH), iszero(shl(8, calldataload(add(at, 0x100)))))
            )
        }
    }
}
