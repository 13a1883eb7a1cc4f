// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Authority} from "./Authority.sol";
import {Lock} from "./Lock.sol";
import {IAccount} from "./interfaces/IAccount.sol";

/// Everything the account stores: one ERC-7201 namespace, `hedgerow.account`, so that no other delegate's storage is touched
/// or taken for ours. `Account` is laid out at the namespace's root; `abi/storage-layout.json` is the compiler's own account of
/// it.
///
/// root + 0 is the header: version, generation, the sequence of nonce key 0, whether the account is paused, and epoch and
/// era of session keys, in one word, so that a signed batch of the usual key reads and writes one slot. root + 1 holds the sequences of
/// all other keys, by generation: wiping, which begins the next generation, leaves them behind unreachable, and with them every
/// signature, for it names its generation.
abstract contract AccountState is Authority, Lock {
    /// The version of the state that this shell reads and writes. Version 0 is a header of zeros: never written.
    uint32 internal constant STATE_VERSION = 1;

    uint256 internal constant GENERATION_SHIFT = 32;
    uint256 internal constant SEQUENCE_SHIFT = 96;
    uint256 internal constant SEQUENCE_ONE = 1 << SEQUENCE_SHIFT;
    uint256 internal constant SEQUENCE_MASK = type(uint64).max * SEQUENCE_ONE;
    uint256 internal constant PAUSED = 1 << 160;
    uint256 internal constant EPOCH_SHIFT = 168;
    uint256 internal constant EPOCH_ONE = 1 << EPOCH_SHIFT;
    uint256 internal constant ERA_SHIFT = 200;

    // The header's fields; read and written as one word below. Bits 161 to 167 are spare and left as they are found. The places
    // of version and generation are the same in all versions to come, so that any shell can tell, and wipe.
    uint32 private _version;
    uint64 private _generation;
    uint64 private _sequence;
    bool private _paused;
    uint32 private _epoch;
    uint56 private _era;
    mapping(uint256 generation => mapping(uint192 key => uint64 sequence)) private _sequences;

    /// Uses `nonce_` up, or reverts; returns the generation that a signature with this nonce has to name, as a clean word.
    function _useNonce(uint256 nonce_) internal returns (uint256) {
        uint256 header = _knownHeader();
        uint192 key = uint192(nonce_ >> 64);
        uint64 next = _next(header, key);
        // The last number is never used, so the sequence cannot begin again, and raising it that far closes a key.
        if (uint64(nonce_) != next || next == type(uint64).max) {
            revert IAccount.NonceUsed(nonce_, uint256(key) << 64 | next);
        }
        unchecked {
            _setNext(header, key, next + 1);
        }
        return uint256(uint64(header >> GENERATION_SHIFT));
    }

    function _next(uint256 header, uint192 key) internal view returns (uint64) {
        if (key == 0) return uint64(header >> SEQUENCE_SHIFT);
        return _sequences[uint64(header >> GENERATION_SHIFT)][key];
    }

    function _setNext(uint256 header, uint192 key, uint64 sequence) internal {
        if (key == 0) {
            _setHeader(header & ~SEQUENCE_MASK | uint256(sequence) << SEQUENCE_SHIFT | STATE_VERSION);
        } else {
            _sequences[uint64(header >> GENERATION_SHIFT)][key] = sequence;
            if (header == 0) _setHeader(STATE_VERSION);
        }
    }

    /// The account itself or an EntryPoint, and not while a program is at work on a position.
    function _requireManagement() internal view {
        _requireSelfOrEntryPoint();
        _requireDelegated();
        _requireNoAction();
    }

    /// The header of a state that this shell understands.
    function _knownHeader() internal view returns (uint256 header) {
        header = _header();
        if (uint32(header) != STATE_VERSION && header != 0) {
            revert IAccount.UnknownVersion(uint32(header), STATE_VERSION);
        }
    }

    function _header() internal view returns (uint256 header) {
        assembly ("memory-safe") {
            header := sload(_version.slot)
        }
    }

    function _setHeader(uint256 header) internal {
        assembly ("memory-safe") {
            sstore(_version.slot, header)
        }
    }
}
