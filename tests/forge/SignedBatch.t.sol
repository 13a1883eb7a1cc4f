// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";

import {IAccount} from "hedgerow/interfaces/IAccount.sol";

import {Order, Recorder, SignedBatches} from "./support/SignedBatches.sol";

/// ERC-7821 batches with opData: signed by the account's key, carried by anybody.
contract SignedBatchTest is SignedBatches {
    function test_anybodyMayCarryASignedBatch() public {
        bytes memory data = signed(order(transfer(stranger, 7), 0));
        vm.expectEmit(address(wallet));
        emit IAccount.BatchExecuted(0, carrier);
        carry(data);
        assertEq(token.balanceOf(stranger), 7);
        assertEq(wallet.nonce(0), 1);
    }

    /// The digest is what a wallet computes from the typed data that it shows.
    function testFuzz_theDigestIsTheTypedDatas(
        uint256 value,
        bytes calldata data,
        uint256 nonce,
        uint256 deadline,
        address executor,
        uint256 minGas
    ) public view {
        Order memory batch = Order(
            two(one(stranger, value, data), one(address(0), 0, "")), nonce, deadline, executor, minGas
        );
        string memory fields = string.concat(
            '"nonce":"',
            vm.toString(nonce),
            '","deadline":"',
            vm.toString(deadline),
            '","executor":"',
            vm.toString(executor),
            '","minGas":"',
            vm.toString(minGas),
            '","generation":"0"'
        );
        string memory calls = string.concat(
            '[{"to":"',
            vm.toString(stranger),
            '","value":"',
            vm.toString(value),
            '","data":"',
            vm.toString(data),
            '"},{"to":"0x0000000000000000000000000000000000000000","value":"0","data":"0x"}]'
        );
        assertEq(digest(batch, here()), vm.eip712HashTypedData(typedData(calls, fields)));
    }

    function typedData(string memory calls, string memory fields) private view returns (string memory) {
        return string.concat(
            '{"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},{"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"},{"name":"salt","type":"bytes32"}],',
            '"SignedBatch":[{"name":"calls","type":"Call[]"},{"name":"nonce","type":"uint256"},{"name":"deadline","type":"uint256"},{"name":"executor","type":"address"},{"name":"minGas","type":"uint256"},{"name":"generation","type":"uint256"}],',
            '"Call":[{"name":"to","type":"address"},{"name":"value","type":"uint256"},{"name":"data","type":"bytes"}]},"primaryType":"SignedBatch","domain":{"name":"Hedgerow","version":"1","chainId":"',
            vm.toString(block.chainid),
            '","verifyingContract":"',
            vm.toString(address(wallet)),
            '","salt":"',
            vm.toString(bytes32(uint256(uint160(address(shell))))),
            string.concat('"},"message":{"calls":', calls, ",", fields, "}}")
        );
    }

    /// Any calls, any data: what was signed arrives, in order, from the account.
    function testFuzz_theCallsArriveAsTheyWereSigned(bytes[] memory data, uint256 seed) public {
        Recorder recorder = new Recorder();
        IAccount.Call[] memory calls = new IAccount.Call[](data.length);
        bytes32 expected;
        for (uint256 i = 0; i < data.length; ++i) {
            uint256 value = uint256(keccak256(abi.encode(seed, i))) % 1 gwei;
            calls[i] = IAccount.Call(address(recorder), value, data[i]);
            expected = keccak256(abi.encode(expected, address(wallet), value, data[i]));
        }
        carry(signed(order(calls, 0)));
        assertEq(recorder.seen(), expected);
        assertEq(recorder.count(), data.length);
    }

    function test_aSignedCallToZeroIsTheAccountsOwn() public {
        carry(signed(order(one(address(0), 0, abi.encodeCall(IAccount.raiseNonce, (5, 3))), 0)));
        assertEq(wallet.nonce(5), 5 << 64 | 3);
    }

    function test_aSignedBatchMayHoldAnUnsignedOneAndASignedOne() public {
        bytes memory inner = abi.encodeCall(IAccount.execute, (BATCH, abi.encode(transfer(stranger, 1))));
        bytes memory innerSigned =
            abi.encodeCall(IAccount.execute, (BATCH_WITH_OP_DATA, signed(order(transfer(stranger, 2), 1))));
        carry(signed(order(two(one(address(0), 0, inner), one(address(0), 0, innerSigned)), 0)));
        assertEq(token.balanceOf(stranger), 3);
        assertEq(wallet.nonce(0), 2);
    }

    /// opData authenticates, so it is held against the calls whoever sends it.
    function test_opDataIsCheckedWhoeverSendsIt() public {
        bytes memory good = signed(order(transfer(stranger, 7), 0));
        bytes memory bad = signedBy(order(transfer(stranger, 7), 1), vm.createWallet("other"));
        address[3] memory callers = [address(wallet), address(ENTRY_POINT), address(ENTRY_POINT_V9)];
        vm.prank(address(wallet));
        wallet.execute(BATCH_WITH_OP_DATA, good);
        for (uint256 i = 0; i < callers.length; ++i) {
            vm.prank(callers[i]);
            expectInvalidSignature();
            wallet.execute(BATCH_WITH_OP_DATA, bad);
        }
        assertEq(token.balanceOf(stranger), 7);
    }

    function testFuzz_aBatchRunsUpToItsDeadline(uint64 deadline, uint64 time) public {
        Order memory batch = order(transfer(stranger, 7), 0);
        batch.deadline = deadline;
        bytes memory data = signed(batch);
        vm.warp(time);
        if (time > deadline) expectRefusal(abi.encodeWithSelector(IAccount.DeadlinePassed.selector, deadline, time));
        carry(data);
        assertEq(token.balanceOf(stranger), time > deadline ? 0 : 7);
    }

    function testFuzz_noncesOfAKeyRunInTurnAndKeysOnTheirOwn(uint192 key, uint8 rounds) public {
        rounds = uint8(bound(rounds, 1, 5));
        for (uint256 i = 0; i < rounds; ++i) {
            uint256 nonce = uint256(key) << 64 | i;
            assertEq(wallet.nonce(key), nonce);
            carry(signed(order(transfer(stranger, 1), nonce)));
        }
        uint192 other = key ^ 1;
        assertEq(wallet.nonce(other), uint256(other) << 64);
        carry(signed(order(transfer(stranger, 1), uint256(other) << 64)));
        assertEq(wallet.nonce(key), uint256(key) << 64 | rounds);
        assertEq(token.balanceOf(stranger), rounds + 1);
    }

    function testFuzz_aNonceOutOfTurnIsRefused(uint192 key, uint64 sequence) public {
        vm.assume(sequence != 0);
        uint256 nonce = uint256(key) << 64 | sequence;
        bytes memory data = signed(order(transfer(stranger, 1), nonce));
        expectRefusal(nonceUsed(nonce, uint256(key) << 64));
        carry(data);
    }

    function test_aFailingBatchUsesUpNoNonce() public {
        bytes memory data = signed(order(two(transfer(stranger, 600), transfer(stranger, 600)), 0));
        expectRefusal(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, address(wallet), 400, 600));
        carry(data);
        assertEq(wallet.nonce(0), 0);
        assertEq(wallet.stateVersion(), 0, "something was written");
        token.mint(address(wallet), 200);
        carry(data);
        assertEq(token.balanceOf(stranger), 1_200);
    }

    function test_etherSentAlongStaysWithTheAccount() public {
        bytes memory data = signed(order(one(stranger, 11 ether, ""), 0));
        vm.deal(carrier, 1 ether);
        vm.prank(carrier);
        wallet.execute{value: 1 ether}(BATCH_WITH_OP_DATA, data);
        assertEq(stranger.balance, 11 ether);
        assertEq(address(wallet).balance, 0);
    }

    /// The state's other half: another key's first batch marks the state as this version's too.
    function testFuzz_theFirstBatchMarksTheState(uint192 key) public {
        assertEq(wallet.stateVersion(), 0);
        carry(signed(order(transfer(stranger, 1), uint256(key) << 64)));
        assertEq(wallet.stateVersion(), 1);
    }
}
