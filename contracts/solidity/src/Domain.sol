// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {Authority} from "./Authority.sol";

/// The account's EIP-712 domain. Its salt is the shell's address, so that a signature ends with the delegation it was given under.
abstract contract Domain is Authority {
    using MessageHashUtils for bytes32;

    bytes32 private constant DOMAIN_TYPEHASH =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract,bytes32 salt)");
    string internal constant NAME = "Hedgerow";
    string internal constant VERSION = "1";
    bytes32 internal constant NAME_HASH = keccak256("Hedgerow");
    bytes32 internal constant VERSION_HASH = keccak256("1");

    /// The digest of a struct in this account's own domain.
    function _toTypedDataHash(bytes32 structHash) internal view returns (bytes32) {
        (bytes32 typehash, bytes32 name, bytes32 version) = (DOMAIN_TYPEHASH, NAME_HASH, VERSION_HASH);
        bytes32 salt = _salt();
        bytes32 separator;
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, typehash)
            mstore(add(words, 0x20), name)
            mstore(add(words, 0x40), version)
            mstore(add(words, 0x60), chainid())
            mstore(add(words, 0x80), address())
            mstore(add(words, 0xa0), salt)
            separator := keccak256(words, 0xc0)
        }
        return separator.toTypedDataHash(structHash);
    }

    function _salt() internal view returns (bytes32) {
        return bytes32(uint256(uint160(_shell())));
    }

    /// The shell's address: this code's own, unless this is a module behind the shell.
    function _shell() internal view virtual returns (address) {
        return CODE;
    }
}
