// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {AccountState} from "./AccountState.sol";
import {ISessions, Session, SpendLimit} from "./interfaces/ISessions.sol";

/// What the account remembers of session keys: the ERC-7201 namespace `hedgerow.sessions`, with root R.
///
/// At S = keccak256(abi.encode(keyId, R)) lies the key's word: status, the epoch, generation and era in which it was added, and the
/// wei that its user operations were allowed to cost. At S + 1 + i lies what was spent under its limit i, and in which period. A
/// key acts while its word names the header's epoch, generation and era: so one word ends all keys, a wipe does too, and what an
/// earlier delegate left for later is no key.
abstract contract KeyRegistry is AccountState, ISessions {
    // `cast index-erc7201 hedgerow.sessions`
    uint256 private constant ROOT = 0xe8b8bf4e908c3d54cda20c7c0e5f5a0a5608e499e5b42ec0b2a020210134c000;

    uint256 private constant ADDED = 1;
    uint256 private constant REVOKED = 2;
    // The key's word: status at bit 0, epoch at 8, generation at 40, era at 104, gas spent at 160.
    uint256 private constant STATUS_MASK = 0xff;
    uint256 private constant KEY_EPOCH_SHIFT = 8;
    uint256 private constant KEY_GENERATION_SHIFT = 40;
    uint256 private constant KEY_ERA_SHIFT = 104;
    uint256 private constant GAS_SHIFT = 160;
    uint256 private constant IDENTITY_MASK = (1 << GAS_SHIFT) - 1;
    // A limit's word: spent at bit 0, period at 128.
    uint256 private constant WINDOW_SHIFT = 128;

    /// @inheritdoc ISessions
    function revokeKey(bytes32 keyId) external {
        _requireManagement();
        uint256 slot = _slot(keyId);
        _store(slot, _load(slot) & ~STATUS_MASK | REVOKED);
        emit KeyRevoked(keyId);
    }

    /// @inheritdoc ISessions
    function revokeAllKeys() external {
        _requireManagement();
        uint256 header = _knownHeader();
        uint32 epoch = _epochOf(header);
        // Starting over would bring old keys back.
        if (epoch == type(uint32).max) revert EpochsExhausted(epoch);
        unchecked {
            _setHeader(header + EPOCH_ONE | STATE_VERSION);
            emit AllKeysRevoked(epoch + 1);
        }
    }

    /// @inheritdoc ISessions
    function keyStatus(bytes32 keyId) external view returns (uint8 status, uint128 gasSpent) {
        uint256 word = _load(_slot(keyId));
        if (word != 0) status = word & IDENTITY_MASK == _identity(_knownHeader()) ? 1 : 2;
        gasSpent = uint96(word >> GAS_SHIFT);
    }

    /// @inheritdoc ISessions
    function spending(bytes32 keyId, uint256 index) external view returns (uint128 spent, uint64 window) {
        uint256 word = _load(_slot(keyId) + 1 + index);
        return (uint128(word), uint64(word >> WINDOW_SHIFT));
    }

    /// Registers a key whose session was admitted.
    function _register(bytes32 keyId) internal {
        uint256 slot = _slot(keyId);
        if (_load(slot) != 0) revert KeyUsed(keyId);
        uint256 header = _knownHeader();
        _store(slot, _identity(header));
        // So that a state which holds keys says of what version it is.
        if (header == 0) _setHeader(STATE_VERSION);
    }

    /// Whether a key may act now, its session's times aside. Reads the header and the key's word.
    function _isActive(bytes32 keyId) internal view returns (bool active, bool paused, uint256 slot) {
        uint256 header = _header();
        slot = _slot(keyId);
        active = uint32(header) == STATE_VERSION && _load(slot) & IDENTITY_MASK == _identity(header);
        paused = header & PAUSED != 0;
    }

    /// Adds to the wei that a key's user operations were allowed to cost; false, and nothing is added, where that exceeds the budget.
    function _chargeGas(uint256 slot, uint256 cost, uint256 budget) internal returns (bool) {
        uint256 word = _load(slot);
        uint256 total = (word >> GAS_SHIFT) + cost;
        if (total > budget) return false;
        // A budget of more than 96 bits is not admitted.
        _store(slot, word & IDENTITY_MASK | total << GAS_SHIFT);
        return true;
    }

    /// Adds to what was spent under limit `index` in the current period, or reverts.
    function _spend(uint256 slot, uint256 index, SpendLimit calldata limit, uint256 amount) internal {
        uint256 window = limit.period == 0 ? 0 : block.timestamp / limit.period;
        uint256 word = _load(slot + 1 + index);
        uint256 total = amount;
        if (word >> WINDOW_SHIFT == window) total += uint128(word);
        if (total > limit.amount) revert SpendLimitExceeded(limit.token, total, limit.amount);
        _store(slot + 1 + index, total | window << WINDOW_SHIFT);
    }

    function _identity(uint256 header) private pure returns (uint256) {
        return ADDED | uint256(_epochOf(header)) << KEY_EPOCH_SHIFT | uint256(uint64(header >> GENERATION_SHIFT))
            << KEY_GENERATION_SHIFT | header >> ERA_SHIFT << KEY_ERA_SHIFT;
    }

    function _epochOf(uint256 header) private pure returns (uint32) {
        return uint32(header >> EPOCH_SHIFT);
    }

    function _slot(bytes32 keyId) private pure returns (uint256) {
        return uint256(keccak256(abi.encode(keyId, ROOT)));
    }

    function _load(uint256 slot) private view returns (uint256 word) {
        assembly ("memory-safe") {
            word := sload(slot)
        }
    }

    function _store(uint256 slot, uint256 word) private {
        assembly ("memory-safe") {
            sstore(slot, word)
        }
    }
}
