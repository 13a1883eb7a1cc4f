// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {P256} from "@openzeppelin/contracts/utils/cryptography/P256.sol";

import {PackedUserOperation} from "hedgerow/interfaces/IAccount.sol";
import {ISessions, Session} from "hedgerow/interfaces/ISessions.sol";

import {SessionKeys} from "./support/SessionKeys.sol";

/// Stands where Arbitrum has P256VERIFY (RIP-7212), which forge's EVM has not: one for a good signature, nothing for any other.
contract P256Verify {
    fallback() external {
        (bytes32 h, bytes32 r, bytes32 s, bytes32 x, bytes32 y) =
            abi.decode(msg.data, (bytes32, bytes32, bytes32, bytes32, bytes32));
        if (!P256.verifySolidity(h, r, s, x, y)) return;
        assembly ("memory-safe") {
            mstore(0, 1)
            return(0, 0x20)
        }
    }
}

/// P-256 and WebAuthn: RFC 6979's vectors, and assertions that another implementation made.
abstract contract SessionSignatures is SessionKeys {
    // The curve's order (SEC 2, section 2.4.2).
    uint256 private constant ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551;
    // RFC 6979, A.2.5: key, and signatures of SHA-256 of "sample" and "test".
    uint256 private constant SECRET = 0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721;
    bytes32 private constant X = 0x60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6;
    bytes32 private constant Y = 0x7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299;
    bytes32 private constant SAMPLE_R = 0xEFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716;
    bytes32 private constant SAMPLE_S = 0xF7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8;
    bytes32 private constant TEST_R = 0xF1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367;
    bytes32 private constant TEST_S = 0x019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083;

    // Assertions by the same key, made once with Node's crypto: `JSON.stringify` of the client's data, SHA-256 of
    // "hedgerow.example", the flags, a counter of 7; s mirrored where it was the higher one.
    bytes32 private constant CHALLENGE = "The hedge is cut in the moonligh";
    string private constant CLIENT =
        '{"type":"webauthn.get","challenge":"VGhlIGhlZGdlIGlzIGN1dCBpbiB0aGUgbW9vbmxpZ2g","origin":"https://hedgerow.example","crossOrigin":false}';
    bytes private constant RELYING_PARTY = hex"bdbafea8e97422f7857abff91c39c276ac8f812e5aae7728a837da17c07a6407";
    uint256 private constant CHALLENGE_INDEX = 23;
    uint256 private constant TYPE_INDEX = 1;

    struct Assertion {
        bytes1 flags;
        bytes32 r;
        bytes32 s;
    }

    /// User present and verified.
    Assertion private good = Assertion(
        0x05,
        0x6d907e792adaed4e72c9c8102f95099ae2aeb700815cd6fa256a08897503ca5d,
        0x43c77796404763fa4cd74d74a115c58332f2aff0e5b69e5e407dc97529877b88
    );

    function keyed(uint8 kind) internal view returns (Session memory session) {
        session = transfers();
        (session.kind, session.x, session.y) = (kind, X, Y);
    }

    function answer(Session memory session, bytes32 hash, bytes memory keySignature) internal returns (uint256) {
        PackedUserOperation memory userOp = op(session, transfer(stranger, 1), ENTRY_POINT);
        userOp.signature = abi.encode(session, keySignature);
        return validate(userOp, hash);
    }

    function encoded(Assertion memory assertion) private pure returns (bytes memory) {
        bytes memory authenticator = abi.encodePacked(RELYING_PARTY, assertion.flags, uint32(7));
        return abi.encode(assertion.r, assertion.s, CHALLENGE_INDEX, TYPE_INDEX, authenticator, CLIENT);
    }

    function test_rfc6979sSignaturesAreAcceptedWithALowS() public {
        Session memory session = keyed(1);
        add(session);
        uint256 lifetime = uint256(session.expiry) << 160 | (uint256(session.start) - 1) << 208;
        assertEq(answer(session, sha256("test"), abi.encodePacked(TEST_R, TEST_S)), lifetime);
        // The RFC's other one has the higher s: its mirror is the one that counts.
        assertEq(answer(session, sha256("sample"), abi.encodePacked(SAMPLE_R, SAMPLE_S)), 1);
        bytes32 mirrored = bytes32(ORDER - uint256(SAMPLE_S));
        assertEq(answer(session, sha256("sample"), abi.encodePacked(SAMPLE_R, mirrored)), lifetime);
        assertEq(answer(session, sha256("sample"), abi.encodePacked(TEST_R, TEST_S)), 1);
    }

    function test_anythingElseIsNoSignatureOfP256() public {
        Session memory session = keyed(1);
        add(session);
        bytes32 hash = sha256("test");
        bytes[8] memory others = [
            abi.encodePacked(TEST_R, bytes32(ORDER - uint256(TEST_S))),
            abi.encodePacked(TEST_S, TEST_R),
            abi.encodePacked(bytes32(0), TEST_S),
            abi.encodePacked(TEST_R, bytes32(0)),
            abi.encodePacked(bytes32(ORDER), TEST_S),
            abi.encodePacked(TEST_R, TEST_S, hex"00"),
            abi.encodePacked(TEST_R, bytes31(TEST_S)),
            bytes("")
        ];
        for (uint256 i = 0; i < others.length; ++i) {
            assertEq(answer(session, hash, others[i]), 1);
        }
        // The key of another kind with the same numbers is another session, and its signatures are others.
        Session memory passkey = keyed(2);
        add(passkey);
        assertEq(answer(passkey, hash, abi.encodePacked(TEST_R, TEST_S)), 1);
    }

    function test_anAssertionIsAccepted() public {
        Session memory session = keyed(2);
        add(session);
        assertGt(answer(session, CHALLENGE, encoded(good)), 1);
        // Backed up, by an authenticator that says it can be.
        Assertion memory backedUp = Assertion(
            0x1d,
            0x1fec1ebdf75169837fa532d965cf48e676a4c6b4637a3c0d60dd5c336f9f7176,
            0x606aa8472bd0f924869ddadc59538898d5df1b30163dd97f5a8d5ef14d34091d
        );
        assertGt(answer(session, CHALLENGE, encoded(backedUp)), 1);
        Session memory raw = keyed(1);
        add(raw);
        assertEq(answer(raw, CHALLENGE, encoded(good)), 1);
    }

    /// A14: the user has to have been there and verified, and the authenticator to be consistent.
    function test_A14_an_authenticator_has_to_have_verified_its_user() public {
        Session memory session = keyed(2);
        add(session);
        Assertion[3] memory refused_ = [
            Assertion(
                0x01,
                0x9a18ed1bd176b62b6fcc0fd6c10ff396508d5e13322c410ea0b49e0fc6eeeabc,
                0x4378271f120553d1676f58af7a46fe3e49663b0935de102b48167c65051437ec
            ),
            Assertion(
                0x04,
                0x914edd24c1f336ebdc851eafc4be77daeaa63015341083d5928430edb071614a,
                0x7d434d097a5b39c676ca664cc6c9e59416e2567c70ac046ab96eb4f11756d6b8
            ),
            Assertion(
                0x15,
                0xe2c929311a06452d75f3ed376bf66b5395d0fe7a644265dd09f1876801a0522c,
                0x0ef280c84a10b500410008dc87d230cece2d69df710caf7b0966c477cc9f0343
            )
        ];
        for (uint256 i = 0; i < 3; ++i) {
            assertEq(answer(session, CHALLENGE, encoded(refused_[i])), 1, vm.toString(i));
            // Signed as it is: what is missing cannot be claimed afterwards.
            refused_[i].flags = 0x05;
            assertEq(answer(session, CHALLENGE, encoded(refused_[i])), 1, vm.toString(i));
        }
    }

    function test_A14_an_assertion_is_for_one_challenge_of_one_type() public {
        Session memory session = keyed(2);
        add(session);
        bytes memory authenticator = abi.encodePacked(RELYING_PARTY, good.flags, uint32(7));
        assertEq(answer(session, bytes32(uint256(CHALLENGE) ^ 1), encoded(good)), 1);
        uint256[2][4] memory indices =
            [[uint256(22), 1], [uint256(23), 0], [type(uint256).max, 1], [uint256(23), type(uint256).max]];
        for (uint256 i = 0; i < 4; ++i) {
            bytes memory signature = abi.encode(good.r, good.s, indices[i][0], indices[i][1], authenticator, CLIENT);
            assertEq(answer(session, CHALLENGE, signature), 1, vm.toString(i));
        }
    }

    function testFuzz_A14_a_changed_bit_of_an_assertion_is_no_signature(uint256 bit) public {
        Session memory session = keyed(2);
        add(session);
        bytes memory signature = encoded(good);
        // r, s, both indices, both offsets; then length and 37 bytes of the authenticator; then length and 136 of the client.
        uint256 json = 0xc0 + 0x20 + 0x40;
        uint256 covered = 8 * (0xc0 + 0x20 + 37 + 0x20 + bytes(CLIENT).length);
        bit = bound(bit, 0, covered - 1);
        if (bit >= 8 * (0xc0 + 0x20 + 37)) bit += 8 * (json - 0xc0 - 0x20 - 37);
        signature[bit / 8] ^= bytes1(uint8(1 << (bit % 8)));
        assertEq(answer(session, CHALLENGE, signature), 1);
    }

    /// Any key, beside forge's own implementation of P-256.
    function testFuzz_anyKeysSignatureIsAccepted(uint256 secret, bytes32 hash) public {
        secret = bound(secret, 1, ORDER - 1);
        Session memory session = keyed(1);
        (uint256 x, uint256 y) = vm.publicKeyP256(secret);
        (session.x, session.y) = (bytes32(x), bytes32(y));
        add(session);
        (bytes32 r, bytes32 s) = vm.signP256(secret, hash);
        if (uint256(s) > ORDER / 2) s = bytes32(ORDER - uint256(s));
        assertGt(answer(session, hash, abi.encodePacked(r, s)), 1);
        assertEq(answer(session, keccak256(abi.encode(hash)), abi.encodePacked(r, s)), 1);
    }

    function test_aPasskeysBatchIsCarried() public {
        Session memory session = keyed(1);
        add(session);
        bytes32 hash = sessionDigest(session, transfer(stranger, 7), carriage(session), here());
        (bytes32 r, bytes32 s) = vm.signP256(SECRET, hash);
        if (uint256(s) > ORDER / 2) s = bytes32(ORDER - uint256(s));
        sessions.executeSession(session, transfer(stranger, 7), carriage(session), abi.encodePacked(r, s));
        assertEq(token.balanceOf(stranger), 7);
    }
}

/// Where the chain has no precompile: verified in Solidity.
contract SessionSignaturesInSolidityTest is SessionSignatures {}

/// Where it has one.
contract SessionSignaturesByPrecompileTest is SessionSignatures {
    function setUp() public override {
        super.setUp();
        vm.etch(address(0x100), type(P256Verify).runtimeCode);
    }

    function test_thePrecompileIsAsked() public {
        Session memory session = keyed(1);
        add(session);
        vm.expectCall(address(0x100), "");
        answer(session, 0, abi.encodePacked(bytes32(uint256(1)), bytes32(uint256(1))));
    }
}
