// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Account as Shell} from "hedgerow/Account.sol";
import {IAccount} from "hedgerow/interfaces/IAccount.sol";
import {IHedges} from "hedgerow/interfaces/IHedges.sol";
import {IManager} from "hedgerow/interfaces/IManager.sol";
import {IPolicies} from "hedgerow/interfaces/IPolicies.sol";
import {ISessions} from "hedgerow/interfaces/ISessions.sol";

import {Delegated} from "./support/Delegated.sol";

/// Says which program it is.
contract Named {
    bytes32 private immutable NAME;

    constructor(bytes32 name) {
        NAME = name;
    }

    fallback(bytes calldata) external payable returns (bytes memory) {
        return abi.encode(NAME);
    }
}

/// What the shell passes to which program.
contract ProgramsTest is Delegated {
    function setUp() public override {
        super.setUp();
        address[10] memory at = [
            named("manager"),
            named("direct"),
            named("exits"),
            named("policies"),
            named("runs"),
            named("hedges"),
            named("hedgereads"),
            named("hedgechecks"),
            named("hedgeruns"),
            named("sessions")
        ];
        delegate(address(shellOf(at)));
    }

    function shellOf(address[10] memory at) private returns (Shell) {
        return new Shell(at[0], at[1], at[2], at[3], at[4], at[5], at[6], at[7], at[8], at[9]);
    }

    function named(bytes32 name) private returns (address) {
        return address(new Named(name));
    }

    function answers(bytes4 selector) private returns (bytes32) {
        (bool ok, bytes memory answer) = address(wallet).call(abi.encodePacked(selector));
        assertTrue(ok);
        return abi.decode(answer, (bytes32));
    }

    function test_positionsOfPositionManagersAreTheManagers() public {
        bytes4[4] memory own = [
            IManager.rebalance.selector, IManager.compound.selector, IManager.open.selector, IManager.version.selector
        ];
        for (uint256 i = 0; i < own.length; ++i) {
            assertEq(answers(own[i]), "manager");
        }
    }

    function test_directPositionsAreTheDirectPrograms() public {
        bytes4[3] memory own =
            [IManager.rebalanceDirect.selector, IManager.compoundDirect.selector, IManager.openDirect.selector];
        for (uint256 i = 0; i < own.length; ++i) {
            assertEq(answers(own[i]), "direct");
        }
    }

    function test_leavingOfEitherKindIsTheExits() public {
        bytes4[8] memory own = [
            IManager.exit.selector,
            IManager.exitDirect.selector,
            IManager.harvest.selector,
            IManager.harvestDirect.selector,
            IManager.walk.selector,
            IManager.walkDirect.selector,
            IManager.toDirect.selector,
            IManager.toNft.selector
        ];
        for (uint256 i = 0; i < own.length; ++i) {
            assertEq(answers(own[i]), "exits");
        }
    }

    function test_policiesAreThePolicies() public {
        bytes4[6] memory own = [
            IPolicies.setPolicy.selector,
            IPolicies.placeOrder.selector,
            IPolicies.endPolicy.selector,
            IPolicies.followPolicy.selector,
            IPolicies.policyOf.selector,
            IPolicies.policyStatus.selector
        ];
        for (uint256 i = 0; i < own.length; ++i) {
            assertEq(answers(own[i]), "policies");
        }
    }

    function test_hedgesAreTheHedges() public {
        bytes4[7] memory own = [
            IHedges.hedge.selector,
            IHedges.closeHedge.selector,
            IHedges.actAndHedge.selector,
            IHedges.followHedge.selector,
            IHedges.quoteHedge.selector,
            IHedges.hedgeOf.selector,
            IHedges.hedgeAccounts.selector
        ];
        for (uint256 i = 0; i < own.length; ++i) {
            assertEq(answers(own[i]), "hedges");
        }
    }

    function test_whatIsReadAndSaidOfHedgesStandsApart() public {
        assertEq(answers(IHedges.readHedge.selector), "hedgereads");
        assertEq(answers(IHedges.checkHedge.selector), "hedgechecks");
        assertEq(answers(IHedges.checkHedged.selector), "hedgechecks");
    }

    function test_policiesOfHedgesAreTheHedgeruns() public {
        bytes4[4] memory own = [
            IHedges.setHedgePolicy.selector,
            IHedges.runHedge.selector,
            IHedges.runHedged.selector,
            IHedges.hedgePolicyOf.selector
        ];
        for (uint256 i = 0; i < own.length; ++i) {
            assertEq(answers(own[i]), "hedgeruns");
        }
    }

    function test_sessionKeysAreTheModules() public {
        bytes4[7] memory own = [
            ISessions.addKey.selector,
            ISessions.revokeKey.selector,
            ISessions.revokeAllKeys.selector,
            ISessions.executeUserOp.selector,
            ISessions.executeSession.selector,
            ISessions.keyStatus.selector,
            ISessions.spending.selector
        ];
        for (uint256 i = 0; i < own.length; ++i) {
            assertEq(answers(own[i]), "sessions");
        }
    }

    /// What lies beside a selector by which the search parts is nobody's, and so the manager's.
    function testFuzz_theNeighboursOfTheTreesNodesAreTheManagers(uint8 index, bool above) public {
        bytes4[7] memory somebodys = [
            ISessions.executeUserOp.selector,
            IHedges.setHedgePolicy.selector,
            IManager.openDirect.selector,
            IPolicies.policyStatus.selector,
            IPolicies.setPolicy.selector,
            IManager.rebalanceDirect.selector,
            IManager.harvestDirect.selector
        ];
        bytes4 edge = somebodys[index % 7];
        assertEq(answers(bytes4(above ? uint32(edge) + 1 : uint32(edge) - 1)), "manager");
    }

    function test_whatKeepersAskForIsTheRuns() public {
        assertEq(answers(IPolicies.check.selector), "runs");
        assertEq(answers(IPolicies.run.selector), "runs");
    }

    function test_eachProgramMustBeThere() public {
        (address there, address gone) = (named("there"), makeAddr("gone"));
        for (uint256 missing = 0; missing < 10; ++missing) {
            address[10] memory at = [there, there, there, there, there, there, there, there, there, there];
            at[missing] = gone;
            vm.expectRevert(abi.encodeWithSelector(IAccount.NoCode.selector, gone));
            shellOf(at);
        }
    }
}
