// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ERC7739Utils} from "@openzeppelin/contracts/utils/cryptography/draft-ERC7739Utils.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";

import {Domain} from "./Domain.sol";
import {IAccount} from "./interfaces/IAccount.sol";

/// What the EOA's own key signed: the key whose address is `address(this)`, so nothing needs to be stored or initialised.
///
/// A signature over a bare hash is accepted, because wallets and apps that know an EOA sign and ask for exactly that; it can
/// be no other account's, for the key's address is the account. ERC-7739's nested forms are accepted beside it: they bind
/// the account, the chain and, by the domain's salt, the shell.
abstract contract RootKey is IAccount, Domain {
    using MessageHashUtils for bytes32;

    bytes1 private constant DOMAIN_FIELDS = 0x1f; // name, version, chainId, verifyingContract, salt

    // Half the order of secp256k1, rounded down (EIP-2): of a signature and its mirror only the lower s is accepted.
    uint256 private constant HIGHEST_S = 0x7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF5D576E7357A4501DDFE92F46681B20A0;

    bytes4 private constant INVALID = 0xffffffff;
    // ERC-7739: how an app asks whether nested signatures are understood.
    bytes32 private constant DETECTION_HASH = 0x7739773977397739773977397739773977397739773977397739773977397739;
    bytes4 private constant DETECTION_ANSWER = 0x77390001;

    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        if (_signed(hash, signature) || _signedNested(hash, signature) || _signedPersonal(hash, signature)) {
            return IERC1271.isValidSignature.selector;
        }
        return hash == DETECTION_HASH && signature.length == 0 ? DETECTION_ANSWER : INVALID;
    }

    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        return (DOMAIN_FIELDS, NAME, VERSION, block.chainid, address(this), _salt(), new uint256[](0));
    }

    /// Whether this account's key signed `hash`: 65 bytes, low s, v 27 or 28. Anything else is false, never a revert.
    function _signed(bytes32 hash, bytes calldata signature) internal view returns (bool ok) {
        uint256 highestS = HIGHEST_S;
        assembly ("memory-safe") {
            let s := calldataload(add(signature.offset, 0x20))
            if and(eq(signature.length, 65), iszero(gt(s, highestS))) {
                let input := mload(0x40)
                mstore(input, hash)
                mstore(add(input, 0x20), byte(0, calldataload(add(signature.offset, 0x40))))
                calldatacopy(add(input, 0x40), signature.offset, 0x40)
                // ecrecover answers nothing at all where it recovers nobody, for any other v among the rest.
                let done := staticcall(gas(), 1, input, 0x80, 0, 0x20)
                ok := and(and(done, eq(returndatasize(), 0x20)), eq(mload(0), address()))
            }
        }
    }

    /// ERC-7739's TypedDataSign: an app's typed data, nested in this account's domain.
    function _signedNested(bytes32 hash, bytes calldata wrapped) private view returns (bool) {
        (bytes calldata signature, bytes32 appSeparator, bytes32 contentsHash, string calldata contentsDescr) =
            ERC7739Utils.decodeTypedDataSig(wrapped);
        if (hash != appSeparator.toTypedDataHash(contentsHash)) return false;
        (string calldata contentsName, string calldata contentsType) = ERC7739Utils.decodeContentsDescr(contentsDescr);
        if (bytes(contentsName).length == 0) return false;
        bytes32 structHash =
            ERC7739Utils.typedDataSignStructHash(contentsName, contentsType, contentsHash, _domainFields());
        return _signed(appSeparator.toTypedDataHash(structHash), signature);
    }

    /// ERC-7739's PersonalSign: a prefixed message, nested in this account's domain.
    function _signedPersonal(bytes32 hash, bytes calldata signature) private view returns (bool) {
        return _signed(_toTypedDataHash(ERC7739Utils.personalSignStructHash(hash)), signature);
    }

    function _domainFields() private view returns (bytes memory) {
        return abi.encode(NAME_HASH, VERSION_HASH, block.chainid, address(this), _salt());
    }
}
