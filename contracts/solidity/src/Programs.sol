// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IAccount} from "./interfaces/IAccount.sol";
import {IManager} from "./interfaces/IManager.sol";
import {IPolicies} from "./interfaces/IPolicies.sol";

/// The Stylus programs behind the shell, split by subject because a program's size is limited and paid for at every entry.
///
/// Immutables are part of the code, so an EOA that delegates here has them although no constructor ever ran for it.
abstract contract Programs is IAccount {
    /// Rebalances, compounds and opens positions of position managers.
    address public immutable manager;
    /// Rebalances, compounds and opens direct positions.
    address public immutable direct;
    /// Leaves, harvests, walks and converts positions of either kind.
    address public immutable exits;
    /// Remembers policies.
    address public immutable policies;
    /// Runs them for keepers.
    address public immutable runs;

    constructor(address manager_, address direct_, address exits_, address policies_, address runs_) {
        if (manager_.code.length == 0) revert IAccount.NoCode(manager_);
        if (direct_.code.length == 0) revert IAccount.NoCode(direct_);
        if (exits_.code.length == 0) revert IAccount.NoCode(exits_);
        if (policies_.code.length == 0) revert IAccount.NoCode(policies_);
        if (runs_.code.length == 0) revert IAccount.NoCode(runs_);
        (manager, direct, exits, policies, runs) = (manager_, direct_, exits_, policies_, runs_);
    }

    /// What the fallback delegate-calls: the program of the function's subject, and the manager for whatever no program knows.
    function _implementation() internal view virtual returns (address) {
        bytes4 selector = msg.sig;
        if (
            selector == IManager.rebalanceDirect.selector || selector == IManager.compoundDirect.selector
                || selector == IManager.openDirect.selector
        ) return direct;
        if (
            selector == IManager.exit.selector || selector == IManager.exitDirect.selector
                || selector == IManager.harvest.selector || selector == IManager.harvestDirect.selector
                || selector == IManager.walk.selector || selector == IManager.walkDirect.selector
                || selector == IManager.toDirect.selector || selector == IManager.toNft.selector
        ) return exits;
        if (selector == IPolicies.run.selector || selector == IPolicies.check.selector) return runs;
        if (
            selector == IPolicies.setPolicy.selector || selector == IPolicies.placeOrder.selector
                || selector == IPolicies.endPolicy.selector || selector == IPolicies.followPolicy.selector
                || selector == IPolicies.policyOf.selector || selector == IPolicies.policyStatus.selector
        ) return policies;
        return manager;
    }
}
