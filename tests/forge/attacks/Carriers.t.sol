// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {TestToken} from "hedgerow/dev/TestToken.sol";
import {IAccount} from "hedgerow/interfaces/IAccount.sol";

import {Order, SignedBatches} from "../support/SignedBatches.sol";

/// Tries a transfer and shrugs a failure off: the kind of call that a carrier can starve.
contract Shrugger {
    TestToken private immutable TOKEN;

    constructor(TestToken token) {
        TOKEN = token;
    }

    function pull(address from, uint256 amount) external {
        try TOKEN.transferFrom(from, address(this), amount) {} catch {}
    }
}

/// A1: signed batches are public as soon as they are sent. A17: so are authorisations.
contract CarriersTest is SignedBatches {
    address private executor = makeAddr("executor");

    function testFuzz_A1_another_executor_cannot_take_a_signed_batch(address thief) public {
        vm.assume(thief != executor);
        Order memory batch = order(transfer(stranger, 7), 0);
        batch.executor = executor;
        bytes memory data = signed(batch);
        vm.prank(thief);
        expectRefusal(abi.encodeWithSelector(IAccount.WrongExecutor.selector, thief, executor));
        wallet.execute(BATCH_WITH_OP_DATA, data);
        // Nor by naming himself, or nobody: both are signed.
        batch.executor = thief;
        data = withSignature(batch, sign(digest(withExecutor(batch, executor), here())));
        vm.prank(thief);
        expectInvalidSignature();
        wallet.execute(BATCH_WITH_OP_DATA, data);
        batch.executor = executor;
        data = signed(batch);
        vm.prank(executor);
        wallet.execute(BATCH_WITH_OP_DATA, data);
        assertEq(token.balanceOf(stranger), 7);
    }

    function withExecutor(Order memory batch, address executor_) private pure returns (Order memory) {
        return Order(batch.calls, batch.nonce, batch.deadline, executor_, batch.minGas);
    }

    function test_A1_whoever_comes_first_carries_it_once() public {
        bytes memory data = signed(order(transfer(stranger, 7), 0));
        vm.prank(makeAddr("front-runner"));
        wallet.execute(BATCH_WITH_OP_DATA, data);
        expectRefusal(nonceUsed(0, 1));
        carry(data);
        assertEq(token.balanceOf(stranger), 7);
    }

    /// Whatever gas a carrier gives: everything happened and the nonce is used, or nothing did and it is not.
    function testFuzz_A1_starving_a_batch_burns_no_nonce(uint256 gas_) public {
        gas_ = bound(gas_, 0, 250_000);
        bytes memory data = signed(order(two(transfer(stranger, 1), transfer(stranger, 2)), 0));
        vm.prank(carrier);
        (bool done,) = address(wallet).call{gas: gas_}(abi.encodeCall(IAccount.execute, (BATCH_WITH_OP_DATA, data)));
        assertEq(wallet.nonce(0), done ? 1 : 0);
        assertEq(token.balanceOf(stranger), done ? 3 : 0);
    }

    /// A call that shrugs failures off can be starved without failing: the attack, and that minGas ends it.
    function test_A1_a_call_that_shrugs_failures_off_cannot_be_starved() public {
        Shrugger shrugger = new Shrugger(token);
        vm.prank(address(wallet));
        token.approve(address(shrugger), type(uint256).max);
        IAccount.Call[] memory calls = one(address(shrugger), 0, abi.encodeCall(Shrugger.pull, (address(wallet), 100)));

        bytes memory call_ = abi.encodeCall(IAccount.execute, (BATCH_WITH_OP_DATA, signed(order(calls, 0))));
        assertGt(starve(call_), 0, "nothing was starved: this test proves nothing");

        Order memory batch = order(calls, 0);
        batch.minGas = 200_000;
        call_ = abi.encodeCall(IAccount.execute, (BATCH_WITH_OP_DATA, signed(batch)));
        assertEq(starve(call_), 0, "the batch ran without its call");
    }

    /// Carries with every amount of gas; for how many of them the nonce was used and the tokens not moved.
    function starve(bytes memory call_) private returns (uint256 times) {
        for (uint256 gas_ = 40_000; gas_ < 300_000; gas_ += 250) {
            uint256 before = vm.snapshotState();
            vm.prank(carrier);
            (bool done,) = address(wallet).call{gas: gas_}(call_);
            if (done && token.balanceOf(address(wallet)) == 1_000) ++times;
            vm.revertToState(before);
        }
    }

    function testFuzz_A1_too_little_gas_is_refused_by_name(uint256 minGas) public {
        minGas = bound(minGas, 10_000_000_000, type(uint256).max);
        Order memory batch = order(transfer(stranger, 7), 0);
        batch.minGas = minGas;
        vm.prank(carrier);
        (bool done, bytes memory reason) =
            address(wallet).call(abi.encodeCall(IAccount.execute, (BATCH_WITH_OP_DATA, signed(batch))));
        assertFalse(done);
        assertEq(bytes4(reason), IAccount.InsufficientGas.selector);
        assertEq(wallet.nonce(0), 0);
    }

    /// The account's transaction count moves on, so that an authorisation sent along is void: the batch is not.
    function test_A17_a_batch_does_not_depend_on_the_authorisation_sent_along() public {
        bytes memory data = signed(order(transfer(stranger, 7), 0));
        vm.setNonceUnsafe(address(wallet), vm.getNonce(address(wallet)) + 5);
        carry(data);
        assertEq(token.balanceOf(stranger), 7);
    }

    /// Delegated twice to the same shell, or away and back, before the batch arrives.
    function test_A17_a_batch_survives_a_repeated_authorisation() public {
        bytes memory data = signed(order(transfer(stranger, 7), 0));
        delegate(address(shell));
        delegate(address(0xdead));
        delegate(address(shell));
        carry(data);
        assertEq(token.balanceOf(stranger), 7);
    }
}
