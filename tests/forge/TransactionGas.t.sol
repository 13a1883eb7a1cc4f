// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {TestToken} from "hedgerow/dev/TestToken.sol";
import {IAccount, PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";

import {SignedBatches} from "./support/SignedBatches.sol";

/// What the account's own doings cost as transactions, intrinsic gas and calldata included, everything cold: the flows of
/// Calibur's published snapshots (CaliburExecuteTest, Calibur4337Test, CaliburIsValidSignatureTest), each with its figure there.
/// One or two OpenZeppelin ERC-20 transfers to somebody who has none yet, the nonce the account's first.
/// forge-config: default.isolate = true
/// forge-config: long.isolate = true
contract TransactionGasTest is SignedBatches {
    TestToken private other;

    function setUp() public override {
        super.setUp();
        other = new TestToken("Other", "OTH", 18);
        token.mint(address(wallet), 100e18);
        other.mint(address(wallet), 100e18);
    }

    function oneTransfer() private view returns (IAccount.Call[] memory) {
        return transfer(stranger, 1e18);
    }

    function twoTransfers() private view returns (IAccount.Call[] memory) {
        return two(oneTransfer(), one(address(other), 0, abi.encodeCall(other.transfer, (stranger, 1e18))));
    }

    function costs(string memory what, uint256 limit) private {
        uint256 gas_ = vm.lastCallGas().gasTotalUsed;
        emit log_named_uint(what, gas_);
        assertLe(gas_, limit, what);
    }

    function test_oneCallUnsigned() public {
        bytes memory data = abi.encode(oneTransfer());
        vm.prank(address(wallet));
        wallet.execute(BATCH, data);
        costs("execute, one call (Calibur: 59,522)", 59_522);
    }

    function test_twoCallsUnsigned() public {
        bytes memory data = abi.encode(twoTransfers());
        vm.prank(address(wallet));
        wallet.execute(BATCH, data);
        costs("execute, two calls (Calibur: 95,374)", 95_374);
    }

    function test_oneCallSigned() public {
        bytes memory data = signed(order(oneTransfer(), 0));
        wallet.execute(BATCH_WITH_OP_DATA, data);
        costs("signed batch of one call (Calibur: 96,703)", 96_703);
    }

    function test_twoCallsSigned() public {
        bytes memory data = signed(order(twoTransfers(), 0));
        wallet.execute(BATCH_WITH_OP_DATA, data);
        costs("signed batch of two calls (Calibur: 134,205)", 134_205);
    }

    function test_twoCallsSignedAgain() public {
        wallet.execute(BATCH_WITH_OP_DATA, signed(order(twoTransfers(), 0)));
        bytes memory data = signed(order(twoTransfers(), 1));
        wallet.execute(BATCH_WITH_OP_DATA, data);
        costs("signed batch of two calls, the account's second", 134_205);
    }

    function test_validation() public {
        PackedUserOperation memory userOp;
        bytes32 userOpHash = ENTRY_POINT.getUserOpHash(userOp);
        userOp.signature = sign(userOpHash);
        vm.prank(address(ENTRY_POINT));
        wallet.validateUserOp(userOp, userOpHash, 0);
        costs("validateUserOp (Calibur: 33,244)", 33_244);
    }

    function test_signature() public {
        bytes memory signature = sign(bytes32(uint256(1)));
        wallet.isValidSignature(bytes32(uint256(1)), signature);
        costs("isValidSignature, the root key (Calibur: 4,647)", 4_647);
    }
}
