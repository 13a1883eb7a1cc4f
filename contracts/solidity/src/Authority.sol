// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IAccount} from "./interfaces/IAccount.sol";

/// Who may make the account act without a further signature: the account itself, and the two EntryPoints, which call only with
/// what `validateUserOp` accepted. All of it is code: nothing needs to be stored or initialised.
abstract contract Authority {
    // ERC-4337's EntryPoints, the same address on every chain.
    address internal constant ENTRY_POINT_V8 = 0x4337084D9E255Ff0702461CF8895CE9E3b5Ff108;
    address internal constant ENTRY_POINT_V9 = 0x433709009B8330FDa32311DF1C2AFA402eD8D009;

    /// The address of this code itself: the shell's in the shell, the module's in a module behind it.
    address internal immutable CODE = address(this);

    function _requireEntryPoint() internal view {
        if (msg.sender != ENTRY_POINT_V8 && msg.sender != ENTRY_POINT_V9) revert IAccount.Unauthorised(msg.sender);
    }

    function _requireSelfOrEntryPoint() internal view {
        if (msg.sender != address(this)) _requireEntryPoint();
    }

    /// Code at its own address belongs to nobody: there it executes, validates and writes nothing.
    function _requireDelegated() internal view {
        if (address(this) == CODE) revert IAccount.NotDelegated(CODE);
    }
}
