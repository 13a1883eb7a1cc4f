// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Vm} from "forge-std/Test.sol";

import {StipendSender} from "hedgerow/dev/StipendSender.sol";

import {Delegated} from "./support/Delegated.sol";

interface IWETH {
    function deposit() external payable;
    function withdraw(uint256 amount) external;
}

contract ReceiveTest is Delegated {
    StipendSender internal sender = new StipendSender();

    /// A call that carries no ether gets exactly the gas it names, without a stipend, and the callee pays for nothing but its
    /// own code: so if it succeeds with 99 gas, receiving costs less than 100. No overhead to subtract.
    function test_receivingCostsLessThanAHundredGas() public {
        assertTrue(receives(99), "100 gas or more");
        uint256 least = 0;
        while (!receives(least)) ++least;
        emit log_named_uint("gas of receive()", least);
        assertGt(least, 0, "no code ran at all");
    }

    function receives(uint256 gas_) private returns (bool ok) {
        (ok,) = address(wallet).call{gas: gas_}("");
    }

    function testFuzz_transferReachesTheDelegatedWallet(uint96 amount) public {
        uint256 before = address(wallet).balance;
        vm.deal(address(this), amount);
        sender.sendByTransfer{value: amount}(payable(wallet));
        assertEq(address(wallet).balance, before + amount);
    }

    function testFuzz_sendReachesTheDelegatedWallet(uint96 amount) public {
        vm.deal(address(this), amount);
        assertTrue(sender.sendBySend{value: amount}(payable(wallet)));
        assertEq(address(wallet).balance, amount);
    }

    /// The same stipend does not pay for a delegate whose receiving costs more: what a Stylus program's entry would do.
    function test_aStipendDoesNotReachAWalletWhoseDelegateIsDear() public {
        delegate(address(new DearReceiver()));
        vm.deal(address(this), 1 ether);
        assertFalse(sender.sendBySend{value: 1 ether}(payable(wallet)));
        vm.expectRevert();
        sender.sendByTransfer{value: 1 ether}(payable(wallet));
    }

    function test_wethWithdrawReachesTheDelegatedWallet() public {
        IWETH weth = IWETH(deployArtifact("canonical-weth/build/contracts/WETH9.json", ""));
        vm.deal(address(wallet), 1 ether);
        vm.startPrank(address(wallet));
        weth.deposit{value: 1 ether}();
        weth.withdraw(0.4 ether);
        assertEq(address(wallet).balance, 0.4 ether);
    }

    /// ERC-777, ERC-721, ERC-1155: whoever calls a receiver's hook with whatever, nothing is stored, emitted or called.
    function testFuzz_receiversHooksChangeNothing(address caller, address from, uint256 id, bytes calldata data)
        public
    {
        uint256[] memory ids = new uint256[](1);
        ids[0] = id;
        vm.startStateDiffRecording();
        vm.recordLogs();
        vm.startPrank(caller);
        wallet.tokensReceived(caller, from, address(wallet), id, data, data);
        assertEq(wallet.onERC721Received(caller, from, id, data), bytes4(0x150b7a02));
        assertEq(wallet.onERC1155Received(caller, from, id, id, data), bytes4(0xf23a6e61));
        assertEq(wallet.onERC1155BatchReceived(caller, from, ids, ids, data), bytes4(0xbc197c81));
        vm.stopPrank();
        assertEq(vm.getRecordedLogs().length, 0);
        Vm.AccountAccess[] memory accesses = vm.stopAndReturnStateDiff();
        for (uint256 i = 0; i < accesses.length; ++i) {
            assertEq(accesses[i].storageAccesses.length, 0);
        }
    }

    receive() external payable {}
}

/// Burns more than a stipend before it takes the ether.
contract DearReceiver {
    receive() external payable {
        uint256 start = gasleft();
        while (start - gasleft() < 2_300) {}
    }
}
