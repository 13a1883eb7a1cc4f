// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {TestToken} from "hedgerow/dev/TestToken.sol";
import {IAccount} from "hedgerow/interfaces/IAccount.sol";

import {Delegated} from "./support/Delegated.sol";
import {ManagerProbe} from "./support/ManagerProbe.sol";

contract ExecuteTest is Delegated {
    TestToken internal token;

    function setUp() public override {
        super.setUp();
        token = new TestToken("Test", "TST", 18);
        token.mint(address(wallet), 100);
        vm.deal(address(wallet), 10 ether);
    }

    function transfer(address to, uint256 amount) private view returns (IAccount.Call[] memory) {
        return one(address(token), 0, abi.encodeCall(token.transfer, (to, amount)));
    }

    function test_theAccountItselfMayExecute() public {
        vm.prank(address(wallet));
        wallet.execute(BATCH, abi.encode(transfer(stranger, 7)));
        assertEq(token.balanceOf(stranger), 7);
    }

    function test_theEntryPointsMayExecute() public {
        vm.prank(address(ENTRY_POINT));
        wallet.execute(BATCH, abi.encode(transfer(stranger, 7)));
        vm.prank(address(ENTRY_POINT_V9));
        wallet.execute(BATCH, abi.encode(transfer(stranger, 7)));
        assertEq(token.balanceOf(stranger), 14);
    }

    function testFuzz_nobodyElseMayExecute(address caller, bool opDataMode) public {
        vm.assume(caller != address(wallet) && caller != address(ENTRY_POINT) && caller != address(ENTRY_POINT_V9));
        vm.prank(caller);
        vm.expectRevert(unauthorised(caller));
        wallet.execute(opDataMode ? BATCH_WITH_OP_DATA : BATCH, abi.encode(transfer(caller, 1)));
    }

    function test_atItsOwnAddressTheShellExecutesNothing() public {
        token.mint(address(shell), 1);
        address[4] memory callers = [address(shell), address(ENTRY_POINT), address(ENTRY_POINT_V9), stranger];
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            vm.expectRevert(abi.encodeWithSelector(IAccount.NotDelegated.selector, address(shell)));
            shell.execute(BATCH, abi.encode(transfer(stranger, 1)));
        }
    }

    function test_etherGoesWithACall() public {
        vm.prank(address(wallet));
        wallet.execute(BATCH, abi.encode(two(one(stranger, 1 ether, ""), one(makeAddr("other"), 2 ether, ""))));
        assertEq(stranger.balance, 1 ether);
        assertEq(makeAddr("other").balance, 2 ether);
        assertEq(address(wallet).balance, 7 ether);
    }

    function test_theZeroAddressMeansTheAccount() public {
        vm.expectCall(address(wallet), abi.encodeCall(ManagerProbe.store, (bytes32(uint256(5)), 6)));
        vm.prank(address(wallet));
        wallet.execute(
            BATCH, abi.encode(one(address(0), 0, abi.encodeCall(ManagerProbe.store, (bytes32(uint256(5)), 6))))
        );
        assertEq(
            vm.load(address(wallet), bytes32(uint256(5))), bytes32(uint256(6)), "the manager did not run as the account"
        );
    }

    function testFuzz_aFailingCallUndoesTheWholeBatch(uint256 tooMuch) public {
        tooMuch = bound(tooMuch, 95, type(uint256).max);
        bytes memory reason =
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(wallet), 94, tooMuch);
        vm.prank(address(wallet));
        vm.expectRevert(reason);
        wallet.execute(BATCH, abi.encode(two(transfer(stranger, 6), transfer(stranger, tooMuch))));
        assertEq(token.balanceOf(stranger), 0);
        assertEq(token.balanceOf(address(wallet)), 100);
    }

    function test_aCallThatFailsSilentlyIsNamed() public {
        vm.prank(address(wallet));
        vm.expectRevert(abi.encodeWithSelector(IAccount.CallFailed.selector, address(managerProbe), ""));
        wallet.execute(
            BATCH, abi.encode(one(address(managerProbe), 0, abi.encodeCall(ManagerProbe.refuseSilently, ())))
        );
    }

    function test_anEmptyBatchDoesNothing() public {
        vm.prank(address(wallet));
        wallet.execute(BATCH, abi.encode(new IAccount.Call[](0)));
    }

    function test_opDataThatIsEmptyIsNoOpData() public {
        bytes memory executionData = abi.encode(transfer(stranger, 7), "");
        vm.prank(stranger);
        vm.expectRevert(unauthorised(stranger));
        wallet.execute(BATCH_WITH_OP_DATA, executionData);
        vm.prank(address(wallet));
        wallet.execute(BATCH_WITH_OP_DATA, executionData);
        assertEq(token.balanceOf(stranger), 7);
    }

    /// ERC-7821: mode 0x0100... knows no opData, so it grants nothing and is not looked at.
    function test_thePlainModeIgnoresOpData() public {
        bytes memory executionData = abi.encode(transfer(stranger, 7), bytes("signature"));
        vm.prank(stranger);
        vm.expectRevert(unauthorised(stranger));
        wallet.execute(BATCH, executionData);
        vm.prank(address(wallet));
        wallet.execute(BATCH, executionData);
        assertEq(token.balanceOf(stranger), 7);
    }

    function testFuzz_opDataOutsideTheDataIsRefused(uint256 offset) public {
        bytes memory executionData = abi.encode(uint256(0x40), offset, uint256(0));
        offset = bound(offset, executionData.length - 0x1f, type(uint256).max);
        executionData = abi.encode(uint256(0x40), offset, uint256(0));
        vm.prank(address(wallet));
        vm.expectRevert(IAccount.MalformedBatch.selector);
        wallet.execute(BATCH_WITH_OP_DATA, executionData);
    }

    /// Malformed data never becomes a call: it reverts or does nothing.
    function testFuzz_garbageMovesNothing(bytes calldata garbage, bool opDataMode) public {
        vm.prank(address(ENTRY_POINT));
        (bool ok,) =
            address(wallet).call(abi.encodeCall(IAccount.execute, (opDataMode ? BATCH_WITH_OP_DATA : BATCH, garbage)));
        ok;
        assertEq(token.balanceOf(address(wallet)), 100);
        assertEq(address(wallet).balance, 10 ether);
    }

    function testFuzz_onlyTheTwoBatchModesAreSupported(bytes32 mode) public {
        // Call type, exec type and the mode selector decide; bytes 2 to 5 and 10 to 31 are free.
        bytes2 types = bytes2(mode);
        bytes4 selector = bytes4(mode << 48);
        bool supported = types == 0x0100 && (selector == 0 || selector == 0x78210001);
        assertEq(wallet.supportsExecutionMode(mode), supported);
        vm.prank(address(wallet));
        if (!supported) vm.expectRevert(abi.encodeWithSelector(IAccount.UnsupportedExecutionMode.selector, mode));
        wallet.execute(mode, abi.encode(transfer(stranger, 1)));
    }

    function testFuzz_theFreeBytesOfAModeAreIgnored(bytes4 unused, bytes22 payload, bool opDataMode) public {
        bytes32 mode = bytes32(bytes2(0x0100)) | bytes32(unused) >> 16 | bytes32(payload) >> 80;
        if (opDataMode) mode |= bytes32(bytes4(0x78210001)) >> 48;
        assertTrue(wallet.supportsExecutionMode(mode));
        vm.prank(address(wallet));
        wallet.execute(mode, abi.encode(transfer(stranger, 1)));
        assertEq(token.balanceOf(stranger), 1);
    }

    /// ERC-7821's batch of batches is not offered.
    function test_aBatchOfBatchesIsRefused() public {
        bytes32 mode = bytes32(bytes10(0x01000000000078210002));
        assertFalse(wallet.supportsExecutionMode(mode));
        vm.prank(address(wallet));
        vm.expectRevert(abi.encodeWithSelector(IAccount.UnsupportedExecutionMode.selector, mode));
        wallet.execute(mode, "");
    }
}
