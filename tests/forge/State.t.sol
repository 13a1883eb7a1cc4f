// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {stdJson} from "forge-std/StdJson.sol";

import {IAccount} from "hedgerow/interfaces/IAccount.sol";

import {Order, SignedBatches} from "./support/SignedBatches.sol";

/// What the account stores, to the bit: read raw, and held against the layout that `abi/` publishes.
contract StateTest is SignedBatches {
    using stdJson for string;

    // `cast index-erc7201 hedgerow.account`
    uint256 private constant ROOT = 0x194aa7df3377ad6b171a14de35542ddd378079643490eefd63aa1ec877537900;

    function header() private view returns (uint256) {
        return uint256(vm.load(address(wallet), bytes32(ROOT)));
    }

    function sequenceSlot(uint256 generation, uint256 key) private pure returns (bytes32) {
        return keccak256(abi.encode(key, keccak256(abi.encode(generation, ROOT + 1))));
    }

    function raise(uint192 key, uint64 sequence) private {
        vm.prank(address(wallet));
        wallet.raiseNonce(key, sequence);
    }

    function wipe() private {
        vm.prank(address(wallet));
        wallet.wipe();
    }

    function test_theRootIsTheNamespaces() public pure {
        bytes32 inner = bytes32(uint256(keccak256("hedgerow.account")) - 1);
        assertEq(uint256(keccak256(abi.encode(inner)) & ~bytes32(uint256(0xff))), ROOT);
    }

    function test_thePublishedLayoutIsWhereTheFieldsAre() public {
        string memory layout = vm.readFile("abi/storage-layout.json");
        assertEq(layout.readString(".namespace"), "hedgerow.account");
        assertEq(layout.readUint(".root"), ROOT);
        assertEq(layout.readUint(".version"), 1);
        string[7] memory labels = ["version", "generation", "sequence", "paused", "epoch", "era", "sequences"];
        uint256[7] memory slots = [ROOT, ROOT, ROOT, ROOT, ROOT, ROOT, ROOT + 1];
        uint256[7] memory bits = [uint256(0), 32, 96, 160, 168, 200, 0];
        string[7] memory types = [
            "uint32", "uint64", "uint64", "bool", "uint32", "uint56", "mapping(uint256 => mapping(uint192 => uint64))"
        ];
        for (uint256 i = 0; i < 7; ++i) {
            string memory field = string.concat(".fields[", vm.toString(i), "]");
            assertEq(layout.readString(string.concat(field, ".label")), labels[i]);
            assertEq(layout.readUint(string.concat(field, ".slot")), slots[i]);
            assertEq(layout.readUint(string.concat(field, ".bit")), bits[i]);
            assertEq(layout.readString(string.concat(field, ".type")), types[i]);
        }
        assertFalse(layout.keyExists(".fields[7]"), "a field that this test does not know");
    }

    function testFuzz_theHeaderHoldsVersionGenerationAndSequence(uint64 sequence, uint8 wipes) public {
        assertEq(header(), 0);
        for (uint256 i = 0; i < wipes % 4; ++i) {
            wipe();
        }
        sequence = uint64(bound(sequence, 1, type(uint64).max));
        raise(0, sequence);
        assertEq(header() % (1 << 200), 1 | uint256(wipes % 4) << 32 | uint256(sequence) << 96);
        assertEq(wallet.stateVersion(), 1);
        assertEq(wallet.generation(), wipes % 4);
        assertEq(wallet.nonce(0), sequence);
    }

    function testFuzz_otherKeysLieInTheMappingByGeneration(uint192 key, uint64 sequence, uint8 wipes) public {
        key = uint192(bound(key, 1, type(uint192).max));
        sequence = uint64(bound(sequence, 1, type(uint64).max));
        for (uint256 i = 0; i < wipes % 4; ++i) {
            wipe();
        }
        raise(key, sequence);
        assertEq(uint256(vm.load(address(wallet), sequenceSlot(wipes % 4, key))), sequence);
        assertEq(header() % (1 << 200), 1 | uint256(wipes % 4) << 32);
        assertEq(wallet.nonce(key), uint256(key) << 64 | sequence);
    }

    /// Spare bits are a later version's business, or junk: neither read nor cleared by a batch.
    function testFuzz_spareBitsOfTheHeaderAreLeftAlone(uint96 spare) public {
        vm.store(address(wallet), bytes32(ROOT), bytes32(uint256(spare) << 160 | 1));
        carry(signed(order(transfer(stranger, 1), 0)));
        assertEq(header(), uint256(spare) << 160 | 1 << 96 | 1);
    }

    function testFuzz_nothingElseOfTheAccountsStorageIsTouched(uint192 key) public {
        bytes memory first = signed(order(transfer(stranger, 1), uint256(key) << 64));
        vm.record();
        carry(first);
        raise(key, 9);
        wipe();
        wallet.nonce(key);
        (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(wallet));
        assertGt(writes.length, 0);
        for (uint256 i = 0; i < reads.length; ++i) {
            assertTrue(ours(reads[i], key), vm.toString(reads[i]));
        }
        for (uint256 i = 0; i < writes.length; ++i) {
            assertTrue(ours(writes[i], key), vm.toString(writes[i]));
        }
    }

    function ours(bytes32 slot, uint192 key) private pure returns (bool) {
        return slot == bytes32(ROOT) || slot == sequenceSlot(0, key) || slot == sequenceSlot(1, key);
    }

    function test_whatNeedsNoStateTouchesNone() public {
        vm.record();
        vm.prank(address(wallet));
        wallet.execute(BATCH, abi.encode(transfer(stranger, 1)));
        wallet.isValidSignature(0, "");
        (bool ok,) = address(wallet).call{value: 0}("");
        assertTrue(ok);
        (bytes32[] memory reads, bytes32[] memory writes) = vm.accesses(address(wallet));
        assertEq(reads.length + writes.length, 0);
    }

    function test_raisingVoidsWhatLiesBelow() public {
        bytes memory below = signed(order(transfer(stranger, 1), 4));
        bytes memory next = signed(order(transfer(stranger, 1), 5));
        vm.expectEmit(address(wallet));
        emit IAccount.NonceRaised(0, 5);
        raise(0, 5);
        expectRefusal(nonceUsed(4, 5));
        carry(below);
        carry(next);
        assertEq(token.balanceOf(stranger), 1);
    }

    /// Who cancels a batch that has run already learns that it has.
    function testFuzz_raisingToWhatIsPassedIsRefused(uint192 key, uint64 sequence, uint64 lower) public {
        sequence = uint64(bound(sequence, 1, type(uint64).max));
        lower = uint64(bound(lower, 0, sequence));
        raise(key, sequence);
        expectRefusal(nonceUsed(uint256(key) << 64 | lower, uint256(key) << 64 | sequence));
        raise(key, lower);
    }

    function testFuzz_aKeyRaisedToTheLastNumberIsClosed(uint192 key) public {
        raise(key, type(uint64).max);
        uint256 last = uint256(key) << 64 | type(uint64).max;
        assertEq(wallet.nonce(key), last);
        bytes memory data = signed(order(transfer(stranger, 1), last));
        expectRefusal(nonceUsed(last, last));
        carry(data);
        // The number before it is the last that runs.
        wipe();
        raise(key, type(uint64).max - 1);
        carry(signed(order(transfer(stranger, 1), last - 1)));
        assertEq(wallet.nonce(key), last);
        assertEq(wallet.generation(), 1, "the sequence ran into its neighbour");
    }

    function testFuzz_wipingBeginsTheNextGeneration(uint192 key) public {
        uint256 first = uint256(key) << 64;
        bytes memory ran = signed(order(transfer(stranger, 1), first));
        bytes memory waits = signed(order(transfer(stranger, 1), first + 1));
        carry(ran);
        vm.expectEmit(address(wallet));
        emit IAccount.Wiped(1);
        wipe();
        assertEq(wallet.generation(), 1);
        assertEq(wallet.nonce(key), first, "sequences do not begin again");
        expectInvalidSignature();
        carry(ran);
        expectRefusal(nonceUsed(first + 1, first));
        carry(waits);
        carry(signed(order(transfer(stranger, 1), first)));
        expectInvalidSignature();
        carry(waits);
        assertEq(token.balanceOf(stranger), 2);
    }

    function test_aBatchMayWipeTheStateThatItRunsUnder() public {
        bytes memory data = signed(order(one(address(0), 0, abi.encodeCall(IAccount.wipe, ())), 0));
        carry(data);
        assertEq(wallet.generation(), 1);
        expectInvalidSignature();
        carry(data);
    }

    function test_noncesSurviveADelegationElsewhereAndBack() public {
        bytes memory ran = signed(order(transfer(stranger, 1), 0));
        bytes memory ranOther = signed(order(transfer(stranger, 1), 7 << 64));
        carry(ran);
        carry(ranOther);
        address home = address(shell);
        delegate(address(0xdead));
        delegate(home);
        expectRefusal(nonceUsed(0, 1));
        carry(ran);
        expectRefusal(nonceUsed(7 << 64, 7 << 64 | 1));
        carry(ranOther);
        // Another shell continues the same count.
        shell = newShell();
        delegate(address(shell));
        assertEq(wallet.nonce(0), 1);
        carry(signed(order(transfer(stranger, 1), 1)));
        assertEq(token.balanceOf(stranger), 3);
    }
}
