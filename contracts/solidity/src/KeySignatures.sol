// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";
import {WebAuthn} from "@openzeppelin/contracts/utils/cryptography/WebAuthn.sol";

import {Session} from "./interfaces/ISessions.sol";

/// What a session's key signed. P-256 is verified by the precompile P256VERIFY where the chain has it, else in Solidity.
library KeySignatures {
    uint8 internal constant SECP256K1 = 0;
    uint8 internal constant P_256 = 1;
    uint8 internal constant WEB_AUTHN = 2;

    uint256 private constant P256_LENGTH = 64;

    /// Whether the session's key signed `digest`, with a low s. Anything else is false; only an encoding of WebAuthn's that reaches
    /// beyond the calldata reverts.
    function signed(Session calldata session, bytes32 digest, bytes calldata signature) internal view returns (bool) {
        if (session.kind == SECP256K1) {
            (address signer, ECDSA.RecoverError error,) = ECDSA.tryRecoverCalldata(digest, signature);
            return error == ECDSA.RecoverError.NoError && signer == address(uint160(uint256(session.x)));
        }
        if (session.kind == P_256) {
            if (signature.length != P256_LENGTH) return false;
            return P256.verify(digest, bytes32(signature), bytes32(signature[32:]), session.x, session.y);
        }
        (bool ok, WebAuthn.WebAuthnAuth calldata assertion) = WebAuthn.tryDecodeAuth(signature);
        // A14: the authenticator has to have verified its user, not only met somebody.
        return ok && WebAuthn.verify(abi.encodePacked(digest), assertion, session.x, session.y, true);
    }

    /// Whether a session's public key is one: not the account's own, which needs no session, and a point of the curve.
    function isKey(Session calldata session) internal view returns (bool) {
        if (session.kind > WEB_AUTHN) return false;
        if (session.kind != SECP256K1) return P256.isValidPublicKey(session.x, session.y);
        uint256 signer = uint256(session.x);
        return signer != 0 && signer >> 160 == 0 && signer != uint160(address(this)) && session.y == 0;
    }
}
