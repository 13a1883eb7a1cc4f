// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Proxy} from "@openzeppelin/contracts/proxy/Proxy.sol";

import {IAccount} from "./interfaces/IAccount.sol";
import {IHedges} from "./interfaces/IHedges.sol";
import {IManager} from "./interfaces/IManager.sol";
import {IPolicies} from "./interfaces/IPolicies.sol";
import {ISessions} from "./interfaces/ISessions.sol";

/// What stands behind the shell: the Stylus programs, split by subject because a program's size is limited and paid for at every
/// entry, and the module for session keys.
///
/// Immutables are part of the code, so an EOA that delegates here has them although no constructor ever ran for it.
abstract contract Programs is IAccount, Proxy {
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
    /// Opens, adjusts and closes the hedges of positions.
    address public immutable hedges;
    /// Reads a position, its hedge and the venue.
    address public immutable hedgereads;
    /// Says what a policy of a hedge does now.
    address public immutable hedgechecks;
    /// Remembers policies of hedges and runs them for keepers.
    address public immutable hedgeruns;
    /// Remembers session keys and runs their batches.
    address public immutable sessions;

    constructor(
        address manager_,
        address direct_,
        address exits_,
        address policies_,
        address runs_,
        address hedges_,
        address hedgereads_,
        address hedgechecks_,
        address hedgeruns_,
        address sessions_
    ) {
        if (manager_.code.length == 0) revert IAccount.NoCode(manager_);
        if (direct_.code.length == 0) revert IAccount.NoCode(direct_);
        if (exits_.code.length == 0) revert IAccount.NoCode(exits_);
        if (policies_.code.length == 0) revert IAccount.NoCode(policies_);
        if (runs_.code.length == 0) revert IAccount.NoCode(runs_);
        if (hedges_.code.length == 0) revert IAccount.NoCode(hedges_);
        if (hedgereads_.code.length == 0) revert IAccount.NoCode(hedgereads_);
        if (hedgechecks_.code.length == 0) revert IAccount.NoCode(hedgechecks_);
        if (hedgeruns_.code.length == 0) revert IAccount.NoCode(hedgeruns_);
        if (sessions_.code.length == 0) revert IAccount.NoCode(sessions_);
        (manager, direct, exits) = (manager_, direct_, exits_);
        (policies, runs, sessions) = (policies_, runs_, sessions_);
        (hedges, hedgereads) = (hedges_, hedgereads_);
        (hedgechecks, hedgeruns) = (hedgechecks_, hedgeruns_);
    }

    /// What the fallback delegate-calls: what answers the function, and the manager for whatever nothing else does. A tree over the
    /// selectors in their order: three or four comparisons, then at most six. As numbers, which the compiler compares as they are.
    function _implementation() internal view override returns (address) {
        uint256 selector = uint32(msg.sig);
        if (selector < uint32(ISessions.executeUserOp.selector)) return _low(selector);
        return _high(selector);
    }

    function _low(uint256 selector) private view returns (address) {
        if (selector < uint32(IHedges.setHedgePolicy.selector)) {
            if (selector < uint32(IPolicies.policyStatus.selector)) {
                if (selector == uint32(IPolicies.check.selector)) return runs;
                if (selector == uint32(IHedges.checkHedged.selector)) return hedgechecks;
                if (selector == uint32(IHedges.checkHedge.selector)) return hedgechecks;
                if (selector == uint32(IManager.walk.selector)) return exits;
                if (selector == uint32(IHedges.closeHedge.selector)) return hedges;
                if (selector == uint32(ISessions.keyStatus.selector)) return sessions;
                return manager;
            }
            if (selector == uint32(IHedges.actAndHedge.selector)) return hedges;
            if (selector == uint32(IHedges.quoteHedge.selector)) return hedges;
            if (selector == uint32(IPolicies.policyStatus.selector)) return policies;
            if (selector == uint32(IHedges.hedgePolicyOf.selector)) return hedgeruns;
            if (selector == uint32(ISessions.revokeKey.selector)) return sessions;
            return manager;
        }
        if (selector < uint32(IPolicies.setPolicy.selector)) {
            if (selector == uint32(IManager.exit.selector)) return exits;
            if (selector == uint32(IHedges.hedge.selector)) return hedges;
            if (selector == uint32(IManager.toDirect.selector)) return exits;
            if (selector == uint32(IHedges.setHedgePolicy.selector)) return hedgeruns;
            if (selector == uint32(IHedges.readHedge.selector)) return hedgereads;
            if (selector == uint32(ISessions.spending.selector)) return sessions;
            return manager;
        }
        if (selector == uint32(IManager.compoundDirect.selector)) return direct;
        if (selector == uint32(IPolicies.setPolicy.selector)) return policies;
        if (selector == uint32(IPolicies.policyOf.selector)) return policies;
        if (selector == uint32(ISessions.addKey.selector)) return sessions;
        return manager;
    }

    function _high(uint256 selector) private view returns (address) {
        if (selector < uint32(IManager.openDirect.selector)) {
            // What is called most, and needs no search to be found with the manager.
            if (selector == uint32(IManager.rebalance.selector)) return manager;
            if (selector < uint32(IManager.rebalanceDirect.selector)) {
                if (selector == uint32(ISessions.executeUserOp.selector)) return sessions;
                if (selector == uint32(IHedges.runHedge.selector)) return hedgeruns;
                if (selector == uint32(IManager.walkDirect.selector)) return exits;
                if (selector == uint32(IHedges.hedgeOf.selector)) return hedges;
                return manager;
            }
            if (selector == uint32(IManager.rebalanceDirect.selector)) return direct;
            if (selector == uint32(IPolicies.placeOrder.selector)) return policies;
            if (selector == uint32(IPolicies.endPolicy.selector)) return policies;
            if (selector == uint32(IHedges.hedgeAccounts.selector)) return hedges;
            if (selector == uint32(ISessions.revokeAllKeys.selector)) return sessions;
            return manager;
        }
        if (selector < uint32(IManager.harvestDirect.selector)) {
            if (selector == uint32(IManager.openDirect.selector)) return direct;
            if (selector == uint32(IHedges.runHedged.selector)) return hedgeruns;
            if (selector == uint32(IManager.harvest.selector)) return exits;
            if (selector == uint32(IManager.toNft.selector)) return exits;
            if (selector == uint32(IPolicies.followPolicy.selector)) return policies;
            return manager;
        }
        if (selector == uint32(IPolicies.run.selector)) return runs;
        if (selector == uint32(ISessions.executeSession.selector)) return sessions;
        if (selector == uint32(IManager.exitDirect.selector)) return exits;
        if (selector == uint32(IManager.harvestDirect.selector)) return exits;
        if (selector == uint32(IHedges.followHedge.selector)) return hedges;
        return manager;
    }
}
