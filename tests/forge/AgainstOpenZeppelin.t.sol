// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {NoncesKeyed} from "@openzeppelin/contracts/utils/NoncesKeyed.sol";
import {ERC7739} from "@openzeppelin/contracts/utils/cryptography/signers/draft-ERC7739.sol";
import {SignerEIP7702} from "@openzeppelin/contracts/utils/cryptography/signers/SignerEIP7702.sol";

import {IAccount} from "hedgerow/interfaces/IAccount.sol";

import {SignedBatches} from "./support/SignedBatches.sol";

/// OpenZeppelin's ERC-7739 account for EIP-7702, in the same domain as ours but for the salt, which OpenZeppelin's has none of.
contract TheirAccount is ERC7739, SignerEIP7702 {
    constructor() EIP712("Hedgerow", "1") {}
}

/// OpenZeppelin's 2-D nonces.
contract TheirNonces is NoncesKeyed {
    function use(uint256 nonce) external {
        _useCheckedNonce(address(this), nonce);
    }
}

/// The same inputs to our implementation and to OpenZeppelin's.
contract AgainstOpenZeppelinTest is SignedBatches {
    bytes4 private constant VALID = 0x1626ba7e;

    TheirAccount private their = new TheirAccount();
    TheirNonces private theirNonces = new TheirNonces();

    /// What a wallet is asked to sign in the ERC-7739 workflow: nested in whichever domain the account says it has.
    function nested(bytes32 appSeparator, bytes32 contentsHash, string memory name, string memory type_)
        private
        view
        returns (bytes32)
    {
        (, string memory n, string memory v, uint256 chainId, address account, bytes32 salt,) = wallet.eip712Domain();
        bytes32 typehash = keccak256(
            bytes(
                string.concat(
                    "TypedDataSign(",
                    name,
                    " contents,string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)",
                    type_
                )
            )
        );
        bytes32 structHash = keccak256(
            abi.encode(typehash, contentsHash, keccak256(bytes(n)), keccak256(bytes(v)), chainId, account, salt)
        );
        return keccak256(abi.encodePacked(hex"1901", appSeparator, structHash));
    }

    /// Descriptions well formed and not: one of these around a name and a body.
    function description(uint256 shape, string memory name) private pure returns (string memory, string memory) {
        string memory body = string.concat(name, "(uint256 amount)");
        if (shape == 0) return (body, body); // implicit
        if (shape == 1) return (string.concat(body, name), body); // explicit
        if (shape == 2) return (string.concat("A(B b)B(uint256 x)", "A"), "A(B b)B(uint256 x)");
        if (shape == 3) return (name, name); // no body
        if (shape == 4) return ("", "");
        return (string.concat(" ", body), string.concat(" ", body)); // forbidden character
    }

    /// Delegated to either implementation, the account accepts what was signed for it, and refuses the same malformed ones.
    function testFuzz_A14_nested_signatures_are_judged_as_openzeppelin_judges_them(
        bytes32 appSeparator,
        bytes32 contentsHash,
        uint256 shape,
        bool otherHash
    ) public {
        shape = bound(shape, 0, 5);
        (string memory descr, string memory type_) = description(shape, "Order");
        string memory name = shape == 2 ? "A" : "Order";
        bytes32 hash = keccak256(abi.encodePacked(hex"1901", appSeparator, contentsHash));
        if (otherHash) hash = keccak256(abi.encode(hash));
        bytes4 ours = judge(appSeparator, contentsHash, name, type_, descr, hash);
        delegate(address(their));
        bytes4 theirs = judge(appSeparator, contentsHash, name, type_, descr, hash);
        assertEq(ours, theirs);
        assertEq(ours == VALID, shape < 3 && !otherHash);
    }

    function judge(
        bytes32 appSeparator,
        bytes32 contentsHash,
        string memory name,
        string memory type_,
        string memory descr,
        bytes32 hash
    ) private returns (bytes4) {
        bytes memory signature = sign(nested(appSeparator, contentsHash, name, type_));
        return wallet.isValidSignature(
            hash, abi.encodePacked(signature, appSeparator, contentsHash, descr, uint16(bytes(descr).length))
        );
    }

    /// Arbitrary bytes: neither accepts what the key did not sign, and neither reverts.
    function testFuzz_A14_garbage_is_judged_alike(bytes32 hash, bytes calldata garbage) public {
        bytes4 ours = wallet.isValidSignature(hash, garbage);
        delegate(address(their));
        assertEq(ours, wallet.isValidSignature(hash, garbage));
    }

    function test_A14_support_is_announced_alike() public {
        bytes32 question = 0x7739773977397739773977397739773977397739773977397739773977397739;
        bytes4 ours = wallet.isValidSignature(question, "");
        delegate(address(their));
        assertEq(ours, wallet.isValidSignature(question, ""));
        assertEq(ours, bytes4(0x77390001));
    }

    /// A personal message in one account's domain is nothing in another's, under either implementation.
    function testFuzz_A14_a_nested_personal_message_is_bound_to_the_account(bytes32 hash, address other) public {
        vm.assume(other != address(wallet));
        for (uint256 i = 0; i < 2; ++i) {
            (, string memory n, string memory v, uint256 chainId,, bytes32 salt,) = wallet.eip712Domain();
            bytes memory signature = sign(personal(hash, n, v, chainId, address(wallet), salt));
            assertEq(wallet.isValidSignature(hash, signature), VALID);
            signature = sign(personal(hash, n, v, chainId, other, salt));
            assertNotEq(wallet.isValidSignature(hash, signature), VALID);
            delegate(address(their));
        }
    }

    function personal(
        bytes32 hash,
        string memory name,
        string memory version,
        uint256 chainId,
        address account,
        bytes32 salt
    ) private pure returns (bytes32) {
        string memory fields = "string name,string version,uint256 chainId,address verifyingContract";
        bytes memory domain = abi.encode(
            keccak256(bytes(string.concat("EIP712Domain(", fields, salt == 0 ? ")" : ",bytes32 salt)"))),
            keccak256(bytes(name)),
            keccak256(bytes(version)),
            chainId,
            account
        );
        if (salt != 0) domain = abi.encodePacked(domain, salt);
        bytes32 structHash = keccak256(abi.encode(keccak256("PersonalSign(bytes prefixed)"), hash));
        return keccak256(abi.encodePacked(hex"1901", keccak256(domain), structHash));
    }

    /// Random walks over few keys and small sequences: accepted and refused alike, and the next nonce is the same.
    function testFuzz_nonces_are_used_as_openzeppelin_uses_them(uint256[] memory walk) public {
        for (uint256 i = 0; i < walk.length && i < 24; ++i) {
            uint192 key = uint192(walk[i] % 3);
            uint256 nonce = uint256(key) << 64 | (walk[i] >> 8) % 4;
            // Half of them the one that is next.
            if (walk[i] >> 128 & 1 == 0) nonce = wallet.nonce(key);
            bytes memory call_ =
                abi.encodeCall(IAccount.execute, (BATCH_WITH_OP_DATA, signed(order(transfer(stranger, 1), nonce))));
            vm.prank(carrier);
            (bool ours,) = address(wallet).call(call_);
            (bool theirs,) = address(theirNonces).call(abi.encodeCall(TheirNonces.use, (nonce)));
            assertEq(ours, theirs);
            for (uint192 k = 0; k < 3; ++k) {
                assertEq(wallet.nonce(k), theirNonces.nonces(address(theirNonces), k));
            }
        }
    }
}
