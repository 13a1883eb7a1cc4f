// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";
import {IManager} from "hedgerow/interfaces/IManager.sol";
import {IPolicies} from "hedgerow/interfaces/IPolicies.sol";
import {ISessions} from "hedgerow/interfaces/ISessions.sol";

import {Delegated} from "./support/Delegated.sol";
import {ManagerProbe} from "./support/ManagerProbe.sol";

/// What the shell costs: gas spent in its own frame, every address warm. Ceilings, a little above what was measured; the
/// figures are printed.
contract GasTest is Delegated {
    address private target = makeAddr("target");

    function setUp() public override {
        super.setUp();
        vm.etch(target, hex"00"); // STOP: a call that costs nothing inside
    }

    function measure(string memory what, address caller, bytes memory data) private returns (uint256 gas_) {
        bool ok;
        // Twice: the first warms what it touches.
        for (uint256 i = 0; i < 2; ++i) {
            vm.prank(caller);
            (ok,) = address(wallet).call(data);
            gas_ = vm.lastCallGas().gasTotalUsed;
            assertTrue(ok, what);
        }
        emit log_named_uint(what, gas_);
    }

    function test_receiving() public {
        assertLt(measure("receive", stranger, ""), 100);
    }

    function test_validation() public {
        PackedUserOperation memory userOp;
        userOp.signature = sign(bytes32(uint256(1)));
        bytes memory data = abi.encodeCall(IAccount.validateUserOp, (userOp, bytes32(uint256(1)), 0));
        // 3,000 of it is the ecrecover precompile.
        assertLt(measure("validateUserOp", address(ENTRY_POINT), data), 4_300);
    }

    function test_execution() public {
        uint256 first = measureBatch("execute, one call", one(target, 0, ""));
        uint256 both = measureBatch("execute, two calls", two(one(target, 0, ""), one(target, 0, "")));
        // 100 of each call is the EVM's own price of a warm call.
        assertLt(first, 2_700);
        assertLt(both - first, 650);
    }

    function measureBatch(string memory what, IAccount.Call[] memory calls) private returns (uint256) {
        return measure(what, address(wallet), abi.encodeCall(IAccount.execute, (BATCH, abi.encode(calls))));
    }

    /// 100 of it is the EVM's own price of a warm delegatecall; the rest is finding out that a selector is none of the shell's, and
    /// whose it is.
    function test_forwarding() public {
        vm.etch(address(managerProbe), hex"00");
        vm.etch(address(sessionsModule), hex"00");
        bytes4[8] memory selectors = [
            IManager.rebalance.selector,
            IPolicies.run.selector,
            IPolicies.check.selector,
            ISessions.executeUserOp.selector,
            ISessions.executeSession.selector,
            IManager.exit.selector,
            IManager.rebalanceDirect.selector,
            bytes4(0xffffffff)
        ];
        string[8] memory names = [
            "rebalance",
            "run",
            "check",
            "executeUserOp",
            "executeSession",
            "exit",
            "rebalanceDirect",
            "what nobody knows"
        ];
        for (uint256 i = 0; i < selectors.length; ++i) {
            string memory what = string.concat("forwarding ", names[i]);
            // What is forwarded most comes first, and what nobody knows is compared with a whole leaf of the tree.
            uint256 limit = i < 3 ? 600 : i < 7 ? 680 : 720;
            assertLt(measure(what, stranger, abi.encodePacked(selectors[i])), limit);
        }
    }

    function test_payingAPool() public {
        // A token that costs nothing: what is left is the shell's own part of a callback.
        vm.etch(target, hex"600160005260206000f3"); // returns true
        bytes memory data = abi.encodeCall(IAccount.uniswapV3SwapCallback, (1, -1, ""));
        uint256 gas_;
        for (uint256 i = 0; i < 2; ++i) {
            ManagerProbe(payable(wallet)).expectCallback(stranger, true, target, 1);
            vm.prank(stranger);
            (bool ok,) = address(wallet).call(data);
            gas_ = vm.lastCallGas().gasTotalUsed;
            assertTrue(ok);
        }
        emit log_named_uint("uniswapV3SwapCallback without the token", gas_);
        assertLt(gas_, 2_050);
    }
}
