// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";

import {Answers} from "./Answers.sol";
import {Selectors} from "./Selectors.sol";
import {Ledger, SpendLimits} from "./SpendLimits.sol";
import {ISessions, PoolKey, PositionRule, Session} from "./interfaces/ISessions.sol";

/// The NFTs that must still be the account's when a batch ends.
struct Holdings {
    uint256[] least; // how many of each listed position manager's
    uint256[] approved; // of each listed token id: HELD, and who may move it; zero: it was not the account's
}

/// What a session key may do to positions of listed position managers, and that none of them goes.
library PositionGuard {
    using SpendLimits for Ledger;

    uint256 private constant HELD = 1 << 160;

    // `positions(tokenId)` answers nonce, operator, token0, token1, fee and more.
    bytes4 private constant POSITIONS = bytes4(keccak256("positions(uint256)"));

    // How many words the functions' arguments have.
    uint256 private constant MINT_WORDS = 11;
    uint256 private constant INCREASE_WORDS = 6;
    uint256 private constant DECREASE_WORDS = 5;
    uint256 private constant COLLECT_WORDS = 4;
    // Where the recipient is among them.
    uint256 private constant MINT_RECIPIENT = 9;
    uint256 private constant COLLECT_RECIPIENT = 1;

    /// Before the first call.
    function open(PositionRule[] calldata rules) internal view returns (Holdings memory held) {
        uint256 count = rules.length;
        if (count == 0) return held;
        held.least = new uint256[](count);
        held.approved = new uint256[](_ids(rules));
        uint256 at;
        for (uint256 i = 0; i < count; ++i) {
            address manager = rules[i].positionManager;
            held.least[i] = _count(manager);
            for (uint256 j = 0; j < rules[i].tokenIds.length; ++j) {
                uint256 tokenId = rules[i].tokenIds[j];
                if (_isHeld(manager, tokenId)) held.approved[at] = HELD | _approved(manager, tokenId);
                ++at;
            }
        }
    }

    /// After the last call: as many as there were and were minted, each that was listed, and nobody newly allowed any.
    function close(PositionRule[] calldata rules, Holdings memory held) internal view {
        uint256 at;
        for (uint256 i = 0; i < rules.length; ++i) {
            address manager = rules[i].positionManager;
            if (_count(manager) < held.least[i]) revert ISessions.PositionLost(manager, 0);
            for (uint256 j = 0; j < rules[i].tokenIds.length; ++j) {
                uint256 before = held.approved[at++];
                if (before != 0) _requireKept(manager, rules[i].tokenIds[j], address(uint160(before)));
            }
        }
    }

    /// Holds call `at` of the batch, one of the four functions of a listed position manager, against the rules, and counts what it
    /// puts into positions.
    function check(
        Session calldata session,
        Holdings memory held,
        Ledger memory ledger,
        uint256 at,
        address manager,
        bytes calldata data
    ) internal view {
        uint256 index = _indexOf(session.positions, manager);
        bytes4 selector = bytes4(data);
        if (selector == Selectors.MINT) {
            _requireWords(at, data, MINT_WORDS);
            _requireSelf(at, data, MINT_RECIPIENT);
            bool listed = _isListed(session.positions[index].pools, _word(data, 0), _word(data, 1), _word(data, 2));
            if (!listed) {
                revert ISessions.PoolNotAllowed(at, _address(data, 0), _address(data, 1), uint24(_word(data, 2)));
            }
            ledger.deposit(session.limits, _address(data, 0), manager, _word(data, 5));
            ledger.deposit(session.limits, _address(data, 1), manager, _word(data, 6));
            ++held.least[index];
        } else if (selector == Selectors.INCREASE) {
            _requireWords(at, data, INCREASE_WORDS);
            (uint256 token0, uint256 token1,) = _requireListed(session.positions[index], at, _word(data, 0));
            ledger.deposit(session.limits, address(uint160(token0)), manager, _word(data, 1));
            ledger.deposit(session.limits, address(uint160(token1)), manager, _word(data, 2));
        } else {
            bool collects = selector == Selectors.COLLECT;
            _requireWords(at, data, collects ? COLLECT_WORDS : DECREASE_WORDS);
            // Uniswap takes a recipient of zero for the position manager itself, where anybody may sweep.
            if (collects) _requireSelf(at, data, COLLECT_RECIPIENT);
            _requireListed(session.positions[index], at, _word(data, 0));
        }
    }

    /// Reverts unless the token is the account's, and listed itself or in a listed pool; the pool's tokens and fee.
    function _requireListed(PositionRule calldata rule, uint256 at, uint256 tokenId)
        private
        view
        returns (uint256 token0, uint256 token1, uint256 fee)
    {
        address manager = rule.positionManager;
        (token0, token1, fee) = _pool(manager, tokenId);
        bool listed = _isIn(rule.tokenIds, tokenId) || _isListed(rule.pools, token0, token1, fee);
        // Anybody may add to anybody's position, and who was allowed another's may empty it.
        if (!listed || !_isHeld(manager, tokenId)) revert ISessions.PositionNotAllowed(at, manager, tokenId);
    }

    function _requireKept(address manager, uint256 tokenId, address before) private view {
        if (!_isHeld(manager, tokenId)) revert ISessions.PositionLost(manager, tokenId);
        uint256 approved = _approved(manager, tokenId);
        if (approved != 0 && approved != uint160(before)) {
            revert ISessions.PositionApproved(manager, tokenId, address(uint160(approved)));
        }
    }

    function _requireWords(uint256 at, bytes calldata data, uint256 words) private pure {
        if (data.length != 4 + 32 * words) revert ISessions.ArgumentRefused(at, words);
    }

    function _requireSelf(uint256 at, bytes calldata data, uint256 word) private view {
        if (_word(data, word) != uint160(address(this))) revert ISessions.ArgumentRefused(at, word);
    }

    /// Whole words are compared: what has dirty bits is nobody's pool.
    function _isListed(PoolKey[] calldata pools, uint256 token0, uint256 token1, uint256 fee)
        private
        pure
        returns (bool)
    {
        for (uint256 i = 0; i < pools.length; ++i) {
            PoolKey calldata pool = pools[i];
            if (uint160(pool.token0) == token0 && uint160(pool.token1) == token1 && pool.fee == fee) return true;
        }
        return false;
    }

    function _isIn(uint256[] calldata list, uint256 one) private pure returns (bool) {
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i] == one) return true;
        }
        return false;
    }

    function _indexOf(PositionRule[] calldata rules, address manager) private pure returns (uint256 index) {
        // Only listed position managers' functions were admitted.
        while (rules[index].positionManager != manager) ++index;
    }

    function _ids(PositionRule[] calldata rules) private pure returns (uint256 count) {
        for (uint256 i = 0; i < rules.length; ++i) {
            count += rules[i].tokenIds.length;
        }
    }

    function _count(address manager) private view returns (uint256) {
        return Answers.word(manager, abi.encodeCall(IERC721.balanceOf, (address(this))));
    }

    function _isHeld(address manager, uint256 tokenId) private view returns (bool) {
        // Of a token that was burned nobody is the owner, and the question reverts.
        (bool ok, uint256 owner) = Answers.tryWord(manager, abi.encodeCall(IERC721.ownerOf, (tokenId)));
        return ok && owner == uint160(address(this));
    }

    function _approved(address manager, uint256 tokenId) private view returns (uint256) {
        return uint160(Answers.word(manager, abi.encodeCall(IERC721.getApproved, (tokenId))));
    }

    function _pool(address manager, uint256 tokenId)
        private
        view
        returns (uint256 token0, uint256 token1, uint256 fee)
    {
        bytes4 selector = POSITIONS;
        bool ok;
        assembly ("memory-safe") {
            let memory_ := mload(0x40)
            mstore(memory_, selector)
            mstore(add(memory_, 4), tokenId)
            ok := staticcall(gas(), manager, memory_, 0x24, memory_, 0xa0)
            ok := and(ok, gt(returndatasize(), 0x9f))
            token0 := mload(add(memory_, 0x40))
            token1 := mload(add(memory_, 0x60))
            fee := mload(add(memory_, 0x80))
        }
        if (!ok) revert ISessions.Unreadable(manager);
    }

    function _address(bytes calldata data, uint256 word) private pure returns (address) {
        return address(uint160(_word(data, word)));
    }

    /// Word `word` of the arguments.
    function _word(bytes calldata data, uint256 word) private pure returns (uint256) {
        return uint256(bytes32(data[4 + 32 * word:]));
    }
}
