// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC721} from "@openzeppelin/contracts/interfaces/IERC721.sol";
import {ERC165Checker} from "@openzeppelin/contracts/utils/introspection/ERC165Checker.sol";

import {KeySignatures} from "./KeySignatures.sol";
import {Selectors} from "./Selectors.sol";
import {CallRule, ISessions, PositionRule, Session, SpendLimit} from "./interfaces/ISessions.sol";

/// Which sessions may be added at all. What is refused here needs no check when the key is used: only the hash of terms that were
/// admitted is ever registered.
library SessionTerms {
    using ERC165Checker for address;

    uint256 internal constant LONGEST = 366 days;
    uint256 internal constant SHORTEST_PERIOD = 60;
    uint256 internal constant LONGEST_PERIOD = 366 days;
    uint256 internal constant MOST_CALLS = 32;
    uint256 internal constant MOST_LIMITS = 8;
    uint256 internal constant MOST_MANAGERS = 4;
    uint256 internal constant MOST_TOKEN_IDS = 16;
    uint256 internal constant MOST_POOLS = 8;

    // Places in `Session`, for the error.
    uint256 private constant KIND = 0;
    uint256 private constant PUBLIC_KEY = 1;
    uint256 private constant START = 3;
    uint256 private constant EXPIRY = 4;
    uint256 private constant GAS_BUDGET = 5;
    uint256 private constant PAYMASTER = 6;
    uint256 private constant CALLS = 7;
    uint256 private constant LIMITS = 8;
    uint256 private constant POSITIONS = 9;

    bytes4 private constant ERC1155_INTERFACE = 0xd9b67a26;

    /// Reverts unless the session may be added. `reserved` are the targets that no session key may call.
    function admit(Session calldata session, address[] memory reserved) internal view {
        require(session.kind <= KeySignatures.WEB_AUTHN, ISessions.InvalidSession(KIND, 0));
        require(KeySignatures.isKey(session), ISessions.InvalidSession(PUBLIC_KEY, 0));
        require(session.start <= session.expiry, ISessions.InvalidSession(START, 0));
        bool timely = session.expiry > block.timestamp && session.expiry <= block.timestamp + LONGEST;
        require(timely, ISessions.InvalidSession(EXPIRY, 0));
        // What the account counts it in.
        require(session.gasBudget <= type(uint96).max, ISessions.InvalidSession(GAS_BUDGET, 0));
        require(session.paymaster != address(this), ISessions.InvalidSession(PAYMASTER, 0));
        _admitLimits(session.limits);
        _admitPositions(session.positions, reserved);
        uint256 count = session.calls.length;
        require(count != 0 && count <= MOST_CALLS, ISessions.InvalidSession(CALLS, count));
        for (uint256 i = 0; i < count; ++i) {
            bool good = !_isIn(reserved, session.calls[i].target) && _mayCall(session, session.calls[i]);
            require(good, ISessions.InvalidSession(CALLS, i));
        }
    }

    /// One limit a token, of a sensible period, and no NFTs: their ids are not amounts.
    function _admitLimits(SpendLimit[] calldata limits) private view {
        require(limits.length <= MOST_LIMITS, ISessions.InvalidSession(LIMITS, limits.length));
        for (uint256 i = 0; i < limits.length; ++i) {
            SpendLimit calldata limit = limits[i];
            bool good = limit.period == 0 || (limit.period >= SHORTEST_PERIOD && limit.period <= LONGEST_PERIOD);
            if (limit.token != address(0)) good = good && limit.token.code.length != 0 && !_isNft(limit.token);
            for (uint256 j = 0; j < i; ++j) {
                good = good && limits[j].token != limit.token;
            }
            require(good, ISessions.InvalidSession(LIMITS, i));
        }
    }

    /// One rule a position manager.
    function _admitPositions(PositionRule[] calldata positions, address[] memory reserved) private view {
        require(positions.length <= MOST_MANAGERS, ISessions.InvalidSession(POSITIONS, positions.length));
        for (uint256 i = 0; i < positions.length; ++i) {
            PositionRule calldata rule = positions[i];
            bool good = rule.tokenIds.length <= MOST_TOKEN_IDS && rule.pools.length <= MOST_POOLS
                && rule.positionManager.code.length != 0 && !_isIn(reserved, rule.positionManager);
            for (uint256 j = 0; j < i; ++j) {
                good = good && positions[j].positionManager != rule.positionManager;
            }
            require(good, ISessions.InvalidSession(POSITIONS, i));
        }
    }

    function _mayCall(Session calldata session, CallRule calldata rule) private view returns (bool) {
        (address target, bytes4 selector) = (rule.target, rule.selector);
        for (uint256 i = 0; i < session.positions.length; ++i) {
            if (session.positions[i].positionManager == target) return Selectors.isOfPositionManager(selector);
        }
        for (uint256 i = 0; i < session.limits.length; ++i) {
            if (session.limits[i].token == target) return Selectors.isOfLimitedToken(selector);
        }
        return !Selectors.isOfPositionManager(selector) && !Selectors.spends(selector) && !Selectors.isRefused(selector)
            && !_isNft(target);
    }

    /// Whether a contract says of itself that it keeps NFTs, single ones or many of a kind.
    function _isNft(address target) private view returns (bool) {
        return target.supportsERC165()
            && (target.supportsERC165InterfaceUnchecked(type(IERC721).interfaceId)
                || target.supportsERC165InterfaceUnchecked(ERC1155_INTERFACE));
    }

    function _isIn(address[] memory list, address one) private pure returns (bool) {
        for (uint256 i = 0; i < list.length; ++i) {
            if (list[i] == one) return true;
        }
        return false;
    }
}
