// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {PaymasterSigner} from "@openzeppelin/contracts/account/paymaster/extensions/PaymasterSigner.sol";
import {IEntryPoint} from "@openzeppelin/contracts/interfaces/IERC4337.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignerECDSA} from "@openzeppelin/contracts/utils/cryptography/signers/SignerECDSA.sol";

/// Pays for the user operations that one key signed for (EIP-712 `UserOperationRequest`, OpenZeppelin's PaymasterSigner).
/// `paymasterData` is validAfter (6 bytes), validUntil (6 bytes), signature (65 bytes). The deposit is whoever's who funds it
/// through `EntryPoint.depositTo` and cannot be taken back: for tests and the devnode.
contract SponsorPaymaster is PaymasterSigner, SignerECDSA {
    IEntryPoint private immutable ENTRY_POINT;

    constructor(address signer_, IEntryPoint entryPoint_)
        EIP712("Hedgerow SponsorPaymaster", "1")
        SignerECDSA(signer_)
    {
        ENTRY_POINT = entryPoint_;
    }

    function entryPoint() public view override returns (IEntryPoint) {
        return ENTRY_POINT;
    }
}
