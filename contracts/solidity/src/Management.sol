// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {AccountState} from "./AccountState.sol";
import {IAccount} from "./interfaces/IAccount.sol";

/// What the owner reads and changes of the account's state, and who may make the account act.
abstract contract Management is IAccount, AccountState {
    /// @inheritdoc IAccount
    function entryPoint() external pure returns (address) {
        return ENTRY_POINT_V8;
    }

    /// @inheritdoc IAccount
    function entryPointV9() external pure returns (address) {
        return ENTRY_POINT_V9;
    }

    function stateVersion() external view returns (uint32) {
        return uint32(_header());
    }

    function generation() external view returns (uint64) {
        return uint64(_header() >> GENERATION_SHIFT);
    }

    function nonce(uint192 key) external view returns (uint256) {
        return uint256(key) << 64 | _next(_knownHeader(), key);
    }

    function raiseNonce(uint192 key, uint64 sequence) external {
        _requireManagement();
        uint256 header = _knownHeader();
        uint64 next = _next(header, key);
        if (sequence <= next) revert NonceUsed(uint256(key) << 64 | sequence, uint256(key) << 64 | next);
        _setNext(header, key, sequence);
        emit NonceRaised(key, sequence);
    }

    function paused() external view returns (bool) {
        return _knownHeader() & PAUSED != 0;
    }

    function pause() external {
        _requireManagement();
        _setHeader(_knownHeader() | PAUSED | STATE_VERSION);
        emit PausedSet(true);
    }

    function unpause() external {
        _requireManagement();
        _setHeader(_knownHeader() & ~PAUSED | STATE_VERSION);
        emit PausedSet(false);
    }

    function wipe() external {
        _requireManagement();
        uint64 old = uint64(_header() >> GENERATION_SHIFT);
        // Starting over would make old signatures valid again.
        if (old == type(uint64).max) revert GenerationsExhausted(old);
        unchecked {
            _setHeader(STATE_VERSION | uint256(old + 1) << GENERATION_SHIFT | _newEra() << ERA_SHIFT);
            emit Wiped(old + 1);
        }
    }

    /// 56 bits that whoever had this account's storage before could not foresee: an earlier delegate can have written keys for
    /// generations to come, but not for the era that begins now.
    function _newEra() private view returns (uint256) {
        bytes32 noise = keccak256(abi.encode(blockhash(block.number - 1), block.timestamp, gasleft(), address(this)));
        return uint256(noise) >> ERA_SHIFT;
    }
}
