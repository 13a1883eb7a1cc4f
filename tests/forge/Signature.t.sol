// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Account as Shell} from "hedgerow/Account.sol";

import {Delegated} from "./support/Delegated.sol";

/// ERC-1271 and ERC-7739. Nested digests come from forge's own EIP-712 encoder, given the typed data as a wallet sees it.
contract SignatureTest is Delegated {
    bytes4 private constant VALID = 0x1626ba7e;
    bytes4 private constant INVALID = 0xffffffff;

    string private constant APP_DOMAIN =
        '{"name":"App","version":"3","chainId":31337,"verifyingContract":"0x00000000000000000000000000000000000000A1"}';
    string private constant DOMAIN_TYPE =
        '[{"name":"name","type":"string"},{"name":"version","type":"string"},{"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}]';
    string private constant ORDER_TYPE = "Order(uint256 amount)";

    function setUp() public override {
        super.setUp();
        assertEq(block.chainid, 31337);
    }

    function testFuzz_theAccountsKeyIsAccepted(bytes32 hash) public {
        assertEq(wallet.isValidSignature(hash, sign(hash)), VALID);
    }

    function testFuzz_garbageIsRefused(bytes32 hash, bytes calldata garbage) public view {
        vm.assume(garbage.length != 0 || hash != DETECTION);
        assertEq(wallet.isValidSignature(hash, garbage), INVALID);
    }

    function testFuzz_anotherKeyIsRefused(bytes32 hash, uint256 otherKey) public view {
        otherKey = bound(otherKey, 1, type(uint128).max);
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(otherKey, hash);
        assertEq(wallet.isValidSignature(hash, abi.encodePacked(r, s, v)), INVALID);
    }

    bytes32 private constant DETECTION = 0x7739773977397739773977397739773977397739773977397739773977397739;

    function test_appsCanDetectNestedSignatures() public view {
        assertEq(wallet.isValidSignature(DETECTION, ""), bytes4(0x77390001));
    }

    function test_theDomainNamesTheAccountAndTheShell() public view {
        (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        ) = wallet.eip712Domain();
        assertEq(fields, bytes1(0x1f));
        assertEq(name, "Hedgerow");
        assertEq(version, "1");
        assertEq(chainId, block.chainid);
        assertEq(verifyingContract, address(wallet));
        assertEq(salt, bytes32(uint256(uint160(address(shell)))));
        assertEq(extensions.length, 0);
    }

    /// What the app asks to have signed: its own typed data in its own domain.
    function appHash(uint256 amount) private pure returns (bytes32) {
        return vm.eip712HashTypedData(
            string.concat(
                '{"types":{"EIP712Domain":',
                DOMAIN_TYPE,
                ',"Order":[{"name":"amount","type":"uint256"}]},"primaryType":"Order","domain":',
                APP_DOMAIN,
                ',"message":{"amount":"',
                vm.toString(amount),
                '"}}'
            )
        );
    }

    /// What the key then signs: TypedDataSign, in the app's domain, naming account, chain and shell.
    function nestedHash(uint256 amount, address account, address shell_) private pure returns (bytes32) {
        string memory message = string.concat(
            '{"contents":{"amount":"',
            vm.toString(amount),
            '"},"name":"Hedgerow","version":"1","chainId":31337,"verifyingContract":"',
            vm.toString(account),
            '","salt":"',
            vm.toString(bytes32(uint256(uint160(shell_)))),
            '"}'
        );
        return vm.eip712HashTypedData(
            string.concat(
                '{"types":{"EIP712Domain":',
                DOMAIN_TYPE,
                ',"Order":[{"name":"amount","type":"uint256"}],"TypedDataSign":[{"name":"contents","type":"Order"},{"name":"name","type":"string"},{"name":"version","type":"string"},{"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"},{"name":"salt","type":"bytes32"}]},"primaryType":"TypedDataSign","domain":',
                APP_DOMAIN,
                ',"message":',
                message,
                "}"
            )
        );
    }

    function appSeparator() private pure returns (bytes32) {
        return keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("App"),
                keccak256("3"),
                uint256(31337),
                address(0xA1)
            )
        );
    }

    function wrap(uint256 amount, bytes memory signature, bytes memory description)
        private
        pure
        returns (bytes memory)
    {
        bytes32 contents = keccak256(abi.encode(keccak256(bytes(ORDER_TYPE)), amount));
        return abi.encodePacked(signature, appSeparator(), contents, description, uint16(description.length));
    }

    function testFuzz_nestedTypedDataIsAccepted(uint256 amount) public {
        bytes memory signature = sign(nestedHash(amount, address(wallet), address(shell)));
        assertEq(wallet.isValidSignature(appHash(amount), wrap(amount, signature, bytes(ORDER_TYPE))), VALID);
        // ERC-7739's explicit mode names the type after its description.
        assertEq(
            wallet.isValidSignature(
                appHash(amount), wrap(amount, signature, bytes(string.concat(ORDER_TYPE, "Order")))
            ),
            VALID
        );
    }

    function testFuzz_nestedTypedDataForAnythingElseIsRefused(uint256 amount, uint256 otherAmount) public {
        vm.assume(amount != otherAmount);
        bytes memory description = bytes(ORDER_TYPE);
        bytes memory signature = sign(nestedHash(amount, address(wallet), address(shell)));
        assertEq(wallet.isValidSignature(appHash(otherAmount), wrap(otherAmount, signature, description)), INVALID);
        assertEq(wallet.isValidSignature(appHash(otherAmount), wrap(amount, signature, description)), INVALID);
        signature = sign(nestedHash(amount, stranger, address(shell)));
        assertEq(wallet.isValidSignature(appHash(amount), wrap(amount, signature, description)), INVALID);
    }

    function test_aNestedSignatureEndsWithItsDelegation() public {
        bytes memory wrapped = wrap(1, sign(nestedHash(1, address(wallet), address(shell))), bytes(ORDER_TYPE));
        assertEq(wallet.isValidSignature(appHash(1), wrapped), VALID);
        delegate(address(newShell()));
        assertEq(wallet.isValidSignature(appHash(1), wrapped), INVALID);
    }

    /// Names that ERC-7739 forbids, and none at all: neither with the signature meant for the data, nor with one over the
    /// empty struct hash that a missing name would otherwise lead to, which binds nothing.
    function test_aMalformedDescriptionIsRefused() public {
        bytes memory meant = sign(nestedHash(1, address(wallet), address(shell)));
        bytes memory empty = sign(keccak256(abi.encodePacked(hex"1901", appSeparator(), bytes32(0))));
        string[5] memory bad = ["", "(uint256 amount)", "Or der(uint256 amount)", "Or,der(uint256 amount)", "Order"];
        for (uint256 i = 0; i < bad.length; ++i) {
            assertEq(wallet.isValidSignature(appHash(1), wrap(1, meant, bytes(bad[i]))), INVALID, bad[i]);
            assertEq(wallet.isValidSignature(appHash(1), wrap(1, empty, bytes(bad[i]))), INVALID, bad[i]);
        }
    }

    function testFuzz_nestedPersonalMessagesAreAccepted(bytes calldata message) public {
        bytes memory prefixed = abi.encodePacked("\x19Ethereum Signed Message:\n", vm.toString(message.length), message);
        bytes memory signature = sign(personalHash(prefixed, address(shell)));
        assertEq(wallet.isValidSignature(keccak256(prefixed), signature), VALID);
        signature = sign(personalHash(prefixed, address(managerProbe)));
        assertEq(wallet.isValidSignature(keccak256(prefixed), signature), INVALID);
    }

    function personalHash(bytes memory prefixed, address shell_) private view returns (bytes32) {
        return vm.eip712HashTypedData(
            string.concat(
                '{"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},{"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"},{"name":"salt","type":"bytes32"}],"PersonalSign":[{"name":"prefixed","type":"bytes"}]},"primaryType":"PersonalSign","domain":{"name":"Hedgerow","version":"1","chainId":31337,"verifyingContract":"',
                vm.toString(address(wallet)),
                '","salt":"',
                vm.toString(bytes32(uint256(uint160(shell_)))),
                '"},"message":{"prefixed":"',
                vm.toString(prefixed),
                '"}}'
            )
        );
    }

    /// The shell's own address has no key, so nothing is ever signed by it.
    function testFuzz_atItsOwnAddressTheShellSignsNothing(bytes32 hash, bytes calldata signature) public {
        vm.assume(signature.length != 0 || hash != DETECTION);
        assertEq(shell.isValidSignature(hash, signature), INVALID);
        assertEq(shell.isValidSignature(hash, sign(hash)), INVALID);
    }
}
