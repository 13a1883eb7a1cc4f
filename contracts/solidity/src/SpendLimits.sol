// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

import {Answers} from "./Answers.sol";
import {ISessions, SpendLimit} from "./interfaces/ISessions.sol";

/// An allowance that the batch gave, and how much of it no deposit has been held against yet.
struct Approval {
    address token;
    address spender;
    uint256 left;
}

/// What a batch spends, limit by limit: what its calls declare, what the balance lost in each of them, and what it was last.
struct Ledger {
    uint256[] declared;
    uint256[] lost;
    uint256[] balance;
    Approval[] approvals; // room for one a call, made when the first is given
    uint256 approved; // how many were given
    uint256 calls; // how many the batch has
}

/// Counts what a session's batch takes from the account: the larger of what its calls declare and what the balance lost. Declared
/// are transfers, values, allowances, and what is put into positions beyond an allowance for it; lost is what the balance fell by
/// in each call. So what comes in, by the same call or another, hides nothing.
library SpendLimits {
    address private constant NATIVE = address(0);

    /// Before the first of so many calls.
    function open(SpendLimit[] calldata limits, uint256 calls) internal view returns (Ledger memory ledger) {
        uint256 count = limits.length;
        ledger.calls = calls;
        ledger.declared = new uint256[](count);
        ledger.lost = new uint256[](count);
        ledger.balance = new uint256[](count);
        for (uint256 i = 0; i < count; ++i) {
            ledger.balance[i] = _balance(limits[i].token);
        }
    }

    /// Counts `amount` of a token; reverts where the session has no limit for it.
    function declare(Ledger memory ledger, SpendLimit[] calldata limits, address token, uint256 amount) internal pure {
        for (uint256 i = 0; i < limits.length; ++i) {
            if (limits[i].token == token) {
                ledger.declared[i] += amount;
                return;
            }
        }
        revert ISessions.NoSpendLimit(token);
    }

    /// An allowance that a call is about to give: where there is one already, it is the owner's, or another of this batch.
    function approve(Ledger memory ledger, address token, address spender, uint256 amount) internal view {
        uint256 standing = _allowance(token, spender);
        if (standing != 0) revert ISessions.AllowanceStands(token, spender, standing);
        if (ledger.approved == 0) ledger.approvals = new Approval[](ledger.calls);
        ledger.approvals[ledger.approved++] = Approval(token, spender, amount);
    }

    /// Counts what goes into a position: as far as the batch allowed it to the position manager, it is counted already.
    function deposit(
        Ledger memory ledger,
        SpendLimit[] calldata limits,
        address token,
        address positionManager,
        uint256 amount
    ) internal pure {
        for (uint256 i = 0; i < ledger.approved; ++i) {
            Approval memory approval = ledger.approvals[i];
            if (approval.token != token || approval.spender != positionManager) continue;
            uint256 covered = amount < approval.left ? amount : approval.left;
            approval.left -= covered;
            amount -= covered;
        }
        if (amount != 0) declare(ledger, limits, token, amount);
    }

    /// After the last call: takes back what is left of the batch's allowances.
    function revoke(Ledger memory ledger) internal {
        for (uint256 i = 0; i < ledger.approved; ++i) {
            (address token, address spender) = (ledger.approvals[i].token, ledger.approvals[i].spender);
            if (_allowance(token, spender) == 0) continue;
            LowLevelCall.callNoReturn(token, abi.encodeCall(IERC20.approve, (spender, 0)));
            uint256 left = _allowance(token, spender);
            if (left != 0) revert ISessions.AllowanceLeft(token, spender, left);
        }
    }

    /// After each call: counts what the balances lost in it.
    function observe(Ledger memory ledger, SpendLimit[] calldata limits) internal view {
        for (uint256 i = 0; i < limits.length; ++i) {
            uint256 left = _balance(limits[i].token);
            if (left < ledger.balance[i]) ledger.lost[i] += ledger.balance[i] - left;
            ledger.balance[i] = left;
        }
    }

    /// How much the batch took under limit `i`.
    function spent(Ledger memory ledger, uint256 i) internal pure returns (uint256) {
        return ledger.lost[i] > ledger.declared[i] ? ledger.lost[i] : ledger.declared[i];
    }

    function _allowance(address token, address spender) private view returns (uint256) {
        return Answers.word(token, abi.encodeCall(IERC20.allowance, (address(this), spender)));
    }

    function _balance(address token) private view returns (uint256) {
        if (token == NATIVE) return address(this).balance;
        return Answers.word(token, abi.encodeCall(IERC20.balanceOf, (address(this))));
    }
}
