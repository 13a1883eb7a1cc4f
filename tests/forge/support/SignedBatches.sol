// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Vm} from "forge-std/Test.sol";

import {TestToken} from "hedgerow/dev/TestToken.sol";
import {IAccount} from "hedgerow/interfaces/IAccount.sol";

import {Delegated} from "./Delegated.sol";

/// A batch as its signer sees it.
struct Order {
    IAccount.Call[] calls;
    uint256 nonce;
    uint256 deadline;
    address executor;
    uint256 minGas;
}

/// Keeps what it was called with.
contract Recorder {
    bytes32 public seen;
    uint256 public count;

    fallback() external payable {
        seen = keccak256(abi.encode(seen, msg.sender, msg.value, msg.data));
        ++count;
    }
}

/// Signed batches for the delegated wallet, which owns 1,000 of a token and 10 ether.
abstract contract SignedBatches is Delegated {
    /// Where a signature is valid: what the domain and the state add to an order.
    struct Place {
        uint256 chainId;
        address account;
        address shell;
        uint64 generation;
    }

    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)");
    string private constant CALL_TYPE = "Call(address to,uint256 value,bytes data)";
    string private constant BATCH_TYPE =
        "SignedBatch(Call[] calls,uint256 nonce,uint256 deadline,address executor,uint256 minGas,uint256 generation)";

    TestToken internal token;
    address internal carrier = makeAddr("carrier");

    function setUp() public virtual override {
        super.setUp();
        token = new TestToken("Test", "TST", 18);
        token.mint(address(wallet), 1_000);
        vm.deal(address(wallet), 10 ether);
    }

    function transfer(address to, uint256 amount) internal view returns (IAccount.Call[] memory) {
        return one(address(token), 0, abi.encodeCall(token.transfer, (to, amount)));
    }

    /// Anybody may carry it at any time, with nonce key 0's sequence `nonce`.
    function order(IAccount.Call[] memory calls, uint256 nonce) internal pure returns (Order memory) {
        return Order(calls, nonce, type(uint256).max, address(0), 0);
    }

    function here() internal view returns (Place memory) {
        return Place(block.chainid, address(wallet), address(shell), wallet.generation());
    }

    /// EIP-712, written out as the standard has it; `SignedBatch.t.sol` holds it against forge's own encoder.
    function digest(Order memory batch, Place memory place) internal pure returns (bytes32) {
        bytes32[] memory hashes = new bytes32[](batch.calls.length);
        for (uint256 i = 0; i < hashes.length; ++i) {
            IAccount.Call memory call_ = batch.calls[i];
            hashes[i] = keccak256(abi.encode(keccak256(bytes(CALL_TYPE)), call_.to, call_.value, keccak256(call_.data)));
        }
        bytes32 structHash = keccak256(
            abi.encode(
                keccak256(bytes(string.concat(BATCH_TYPE, CALL_TYPE))),
                keccak256(abi.encodePacked(hashes)),
                batch.nonce,
                batch.deadline,
                batch.executor,
                batch.minGas,
                uint256(place.generation)
            )
        );
        bytes32 separator = keccak256(
            abi.encode(
                DOMAIN_TYPE,
                keccak256("Hedgerow"),
                keccak256("1"),
                place.chainId,
                place.account,
                bytes32(uint256(uint160(place.shell)))
            )
        );
        return keccak256(abi.encodePacked(hex"1901", separator, structHash));
    }

    /// What `execute` takes.
    function withSignature(Order memory batch, bytes memory signature) internal pure returns (bytes memory) {
        return abi.encode(batch.calls, abi.encode(batch.nonce, batch.deadline, batch.executor, batch.minGas, signature));
    }

    function signedAt(Order memory batch, Place memory place) internal returns (bytes memory) {
        return withSignature(batch, sign(digest(batch, place)));
    }

    function signed(Order memory batch) internal returns (bytes memory) {
        return signedAt(batch, here());
    }

    function signedBy(Order memory batch, Vm.Wallet memory signer) internal returns (bytes memory) {
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(signer, digest(batch, here()));
        return withSignature(batch, abi.encodePacked(r, s, v));
    }

    function carry(bytes memory executionData) internal {
        vm.prank(carrier);
        wallet.execute(BATCH_WITH_OP_DATA, executionData);
    }

    function expectRefusal(bytes memory reason) internal {
        vm.expectRevert(reason);
    }

    function expectInvalidSignature() internal {
        vm.expectRevert(IAccount.InvalidSignature.selector);
    }

    function nonceUsed(uint256 nonce, uint256 expected) internal pure returns (bytes memory) {
        return abi.encodeWithSelector(IAccount.NonceUsed.selector, nonce, expected);
    }
}
