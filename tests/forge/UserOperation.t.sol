// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {
    IEntryPoint as IPaymastersEntryPoint,
    PackedUserOperation as PaymastersUserOperation
} from "@openzeppelin/contracts/interfaces/IERC4337.sol";
import {Vm} from "forge-std/Test.sol";

import {SponsorPaymaster} from "hedgerow/dev/SponsorPaymaster.sol";
import {TestToken} from "hedgerow/dev/TestToken.sol";
import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";

import {Delegated, IEntryPoint} from "./support/Delegated.sol";
import {ManagerProbe} from "./support/ManagerProbe.sol";

/// User operations through the published EntryPoints, with and without the paymaster.
abstract contract UserOperations is Delegated {
    event UserOperationEvent(
        bytes32 indexed userOpHash,
        address indexed sender,
        address indexed paymaster,
        uint256 nonce,
        bool success,
        uint256 actualGasCost,
        uint256 actualGasUsed
    );

    uint256 private constant GAS_PRICE = 1 gwei;
    bytes private constant EIP7702_INIT_CODE = hex"7702000000000000000000000000000000000000";

    TestToken internal token;
    SponsorPaymaster internal paymaster;
    Vm.Wallet internal sponsor;
    address internal bundler = makeAddr("bundler");
    address payable internal beneficiary = payable(makeAddr("beneficiary"));

    /// The EntryPoint under test.
    IEntryPoint internal entryPoint;

    function setUp() public virtual override {
        super.setUp();
        token = new TestToken("Test", "TST", 6);
        token.mint(address(wallet), 100);
        sponsor = vm.createWallet("sponsor");
        paymaster = new SponsorPaymaster(sponsor.addr, IPaymastersEntryPoint(address(entryPoint)));
        vm.deal(address(this), 10 ether);
        entryPoint.depositTo{value: 10 ether}(address(paymaster));
        vm.fee(0);
    }

    function transferOp(uint256 amount) private view returns (PackedUserOperation memory userOp) {
        bytes memory transfer = abi.encodeCall(token.transfer, (stranger, amount));
        return op(abi.encodeCall(IAccount.execute, (BATCH, abi.encode(one(address(token), 0, transfer)))));
    }

    function op(bytes memory callData) private view returns (PackedUserOperation memory userOp) {
        userOp.sender = address(wallet);
        userOp.nonce = entryPoint.getNonce(address(wallet), 0);
        userOp.callData = callData;
        userOp.accountGasLimits = bytes32(uint256(200_000) << 128 | 300_000);
        userOp.preVerificationGas = 60_000;
        userOp.gasFees = bytes32(GAS_PRICE << 128 | GAS_PRICE);
    }

    /// EIP-712 `UserOperationRequest` for `SponsorPaymaster`, valid for `lifetime` from now.
    function sponsored(PackedUserOperation memory userOp, Vm.Wallet memory by, uint48 lifetime) private {
        (uint128 verificationGas, uint128 postOpGas) = (80_000, 0);
        // The EntryPoint wants a timestamp after validAfter, not equal to it.
        (uint48 validAfter, uint48 validUntil) = (0, uint48(block.timestamp) + lifetime);
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(
                    "UserOperationRequest(address sender,uint256 nonce,bytes initCode,bytes callData,bytes32 accountGasLimits,uint256 preVerificationGas,bytes32 gasFees,uint256 paymasterVerificationGasLimit,uint256 paymasterPostOpGasLimit,uint48 validAfter,uint48 validUntil)"
                ),
                userOp.sender,
                userOp.nonce,
                keccak256(userOp.initCode),
                keccak256(userOp.callData),
                userOp.accountGasLimits,
                userOp.preVerificationGas,
                userOp.gasFees,
                verificationGas,
                postOpGas,
                validAfter,
                validUntil
            )
        );
        bytes32 separator = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Hedgerow SponsorPaymaster"),
                keccak256("1"),
                block.chainid,
                address(paymaster)
            )
        );
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(by, keccak256(abi.encodePacked(hex"1901", separator, structHash)));
        userOp.paymasterAndData =
            abi.encodePacked(paymaster, verificationGas, postOpGas, validAfter, validUntil, r, s, v);
    }

    function signed(PackedUserOperation memory userOp) private returns (PackedUserOperation[] memory ops) {
        userOp.signature = sign(entryPoint.getUserOpHash(userOp));
        ops = new PackedUserOperation[](1);
        ops[0] = userOp;
    }

    function handle(PackedUserOperation[] memory ops) private {
        vm.txGasPrice(GAS_PRICE);
        vm.prank(bundler, bundler);
        entryPoint.handleOps(ops, beneficiary);
    }

    function expectFailedOp(string memory reason) private {
        vm.expectRevert(abi.encodeWithSignature("FailedOp(uint256,string)", 0, reason));
    }

    /// The real user operation, its success flag read from the EntryPoint's own event.
    function succeeds(PackedUserOperation[] memory ops) private returns (bool success, uint256 cost) {
        vm.recordLogs();
        handle(ops);
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Vm.Log memory last = logs[logs.length - 1];
        assertEq(last.topics[0], UserOperationEvent.selector);
        (, success, cost,) = abi.decode(last.data, (uint256, bool, uint256, uint256));
    }

    function test_theAccountPaysForItself() public {
        vm.deal(address(wallet), 1 ether);
        (bool success, uint256 cost) = succeeds(signed(transferOp(9)));
        assertTrue(success);
        assertEq(token.balanceOf(stranger), 9);
        // What was prefunded beyond the cost stays the account's, as a deposit.
        assertEq(address(wallet).balance + entryPoint.balanceOf(address(wallet)), 1 ether - cost);
        assertEq(beneficiary.balance, cost);
    }

    function test_thePaymasterPaysForAWalletWithoutEther() public {
        PackedUserOperation memory userOp = transferOp(9);
        sponsored(userOp, sponsor, 60);
        (bool success, uint256 cost) = succeeds(signed(userOp));
        assertTrue(success);
        assertEq(token.balanceOf(stranger), 9);
        assertEq(address(wallet).balance, 0);
        assertEq(entryPoint.balanceOf(address(paymaster)), 10 ether - cost);
        assertEq(beneficiary.balance, cost);
    }

    function test_whatTheManagerAnswersIsReachedByAUserOperation() public {
        PackedUserOperation memory userOp = op(abi.encodeCall(ManagerProbe.store, (bytes32(uint256(3)), 4)));
        sponsored(userOp, sponsor, 60);
        (bool success,) = succeeds(signed(userOp));
        assertTrue(success);
        assertEq(vm.load(address(wallet), bytes32(uint256(3))), bytes32(uint256(4)));
    }

    function test_anOperationMayCarryTheDelegationItself() public {
        PackedUserOperation memory userOp = transferOp(9);
        userOp.initCode = EIP7702_INIT_CODE;
        sponsored(userOp, sponsor, 60);
        (bool success,) = succeeds(signed(userOp));
        assertTrue(success);
        assertEq(token.balanceOf(stranger), 9);
    }

    /// v0.8 puts the delegate into the hash when initCode says 7702, so a signature ends with its delegation.
    function test_aSignatureDoesNotOutliveItsDelegation() public {
        PackedUserOperation memory userOp = transferOp(9);
        userOp.initCode = EIP7702_INIT_CODE;
        sponsored(userOp, sponsor, 60);
        PackedUserOperation[] memory ops = signed(userOp);
        delegate(address(newShell()));
        expectFailedOp("AA24 signature error");
        handle(ops);
    }

    function test_anotherKeysSignatureIsRefusedAndNobodyPays() public {
        PackedUserOperation memory userOp = transferOp(9);
        sponsored(userOp, sponsor, 60);
        PackedUserOperation[] memory ops = signed(userOp);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(sponsor, entryPoint.getUserOpHash(userOp));
        ops[0].signature = abi.encodePacked(r, s, v);
        expectFailedOp("AA24 signature error");
        handle(ops);
        assertEq(entryPoint.balanceOf(address(paymaster)), 10 ether);
    }

    function test_anOperationRunsOnce() public {
        PackedUserOperation memory userOp = transferOp(9);
        sponsored(userOp, sponsor, 60);
        PackedUserOperation[] memory ops = signed(userOp);
        handle(ops);
        expectFailedOp("AA25 invalid account nonce");
        handle(ops);
        assertEq(token.balanceOf(stranger), 9);
    }

    function test_anOperationForTheShellItselfIsRefused() public {
        PackedUserOperation memory userOp = transferOp(9);
        userOp.sender = address(shell);
        userOp.nonce = 0;
        sponsored(userOp, sponsor, 60);
        PackedUserOperation[] memory ops = signed(userOp);
        vm.expectRevert(
            abi.encodeWithSignature(
                "FailedOpWithRevert(uint256,string,bytes)",
                0,
                "AA23 reverted",
                abi.encodeWithSelector(IAccount.NotDelegated.selector, address(shell))
            )
        );
        handle(ops);
    }

    /// The whole batch is undone, and gas is still paid for.
    function test_aFailedBatchLeavesNothingBehind() public {
        IAccount.Call[] memory calls = two(
            one(address(token), 0, abi.encodeCall(token.transfer, (stranger, 60))),
            one(address(token), 0, abi.encodeCall(token.transfer, (stranger, 60)))
        );
        PackedUserOperation memory userOp = op(abi.encodeCall(IAccount.execute, (BATCH, abi.encode(calls))));
        sponsored(userOp, sponsor, 60);
        (bool success, uint256 cost) = succeeds(signed(userOp));
        assertFalse(success);
        assertEq(token.balanceOf(stranger), 0);
        assertGt(cost, 0);
        assertEq(entryPoint.balanceOf(address(paymaster)), 10 ether - cost);
    }

    function test_thePaymasterRefusesWhatItsKeyDidNotSign() public {
        PackedUserOperation memory userOp = transferOp(9);
        sponsored(userOp, key, 60);
        PackedUserOperation[] memory ops = signed(userOp);
        expectFailedOp("AA34 signature error");
        handle(ops);

        userOp = transferOp(9);
        sponsored(userOp, sponsor, 60);
        userOp.callData = transferOp(10).callData;
        ops = signed(userOp);
        expectFailedOp("AA34 signature error");
        handle(ops);
    }

    function test_thePaymastersOfferExpires() public {
        PackedUserOperation memory userOp = transferOp(9);
        sponsored(userOp, sponsor, 60);
        PackedUserOperation[] memory ops = signed(userOp);
        vm.warp(block.timestamp + 61);
        expectFailedOp("AA32 paymaster expired or not due");
        handle(ops);
    }

    function test_onlyTheEntryPointMayAskThePaymaster() public {
        PaymastersUserOperation memory userOp;
        vm.expectRevert(abi.encodeWithSignature("PaymasterUnauthorized(address)", address(this)));
        paymaster.validatePaymasterUserOp(userOp, 0, 0);
    }
}

contract UserOperationV8Test is UserOperations {
    function setUp() public override {
        entryPoint = ENTRY_POINT;
        super.setUp();
    }
}

contract UserOperationV9Test is UserOperations {
    function setUp() public override {
        entryPoint = ENTRY_POINT_V9;
        super.setUp();
    }
}
