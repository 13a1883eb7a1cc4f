// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {Account as Shell} from "hedgerow/Account.sol";
import {IAccount} from "hedgerow/interfaces/IAccount.sol";

import {Order, SignedBatches} from "./support/SignedBatches.sol";

/// Does to one account what its owner, carriers and strangers can, in any order, and keeps its own books: what was signed, where,
/// and what has run.
contract Handler is SignedBatches {
    struct Signed {
        Order batch;
        Place place;
        bytes data;
    }

    Shell[2] private shells;
    Signed[] private batches;
    mapping(bytes32 placeAndNonce => bool) private ran;

    address public sink = makeAddr("sink");
    /// What the owner's key, by signature or by transaction, has let go so far.
    uint256 public released;
    /// Batches that ran twice, or elsewhere than they were signed for, or strangers that got anything done.
    uint256 public violations;
    uint256 public carried;

    function setUp() public override {
        super.setUp();
        token.mint(address(wallet), type(uint128).max);
        shells = [shell, newShell()];
    }

    function balanceOfSink() external view returns (uint256) {
        return token.balanceOf(sink);
    }

    function sign(uint8 key_, uint8 ahead, uint64 amount) external {
        uint192 nonceKey = key_ % 3;
        Order memory batch = order(transfer(sink, amount), wallet.nonce(nonceKey) + ahead % 3);
        batches.push();
        Signed storage entry = batches[batches.length - 1];
        entry.place = here();
        entry.data = signed(batch);
        entry.batch.nonce = batch.nonce;
        entry.batch.minGas = amount; // the books' own use of the field
    }

    function carry(uint256 index, address by) external {
        if (batches.length == 0) return;
        // The latest few, so that what is fresh is carried often; replays come of themselves.
        uint256 recent = batches.length < 8 ? batches.length : 8;
        Signed storage entry = batches[batches.length - 1 - index % recent];
        vm.prank(by);
        (bool done,) = address(wallet).call(abi.encodeCall(IAccount.execute, (BATCH_WITH_OP_DATA, entry.data)));
        if (!done) return;
        ++carried;
        Place memory place = here();
        bytes32 id = keccak256(abi.encode(place.generation, entry.batch.nonce));
        if (ran[id] || keccak256(abi.encode(place)) != keccak256(abi.encode(entry.place))) ++violations;
        ran[id] = true;
        released += entry.batch.minGas;
    }

    function executeAsOwner(uint64 amount) external {
        vm.prank(address(wallet));
        wallet.execute(BATCH, abi.encode(transfer(sink, amount)));
        released += amount;
    }

    function executeAsStranger(address by, uint64 amount, bytes calldata opData) external {
        if (by == address(wallet) || by == address(ENTRY_POINT) || by == address(ENTRY_POINT_V9)) return;
        Shell account = wallet;
        bytes memory data = abi.encode(transfer(sink, amount), opData);
        vm.prank(by);
        (bool done,) = address(account).call(abi.encodeCall(IAccount.execute, (BATCH_WITH_OP_DATA, data)));
        if (done) ++violations;
        vm.prank(by);
        (done,) = address(account).call(abi.encodeCall(IAccount.wipe, ()));
        if (done) ++violations;
        vm.prank(by);
        (done,) = address(account).call(abi.encodeCall(IAccount.raiseNonce, (0, type(uint64).max)));
        if (done) ++violations;
    }

    function raise(uint8 key_, uint8 by) external {
        uint192 nonceKey = key_ % 3;
        uint64 next = uint64(wallet.nonce(nonceKey));
        vm.prank(address(wallet));
        wallet.raiseNonce(nonceKey, next + 1 + by % 3);
    }

    function wipe(uint8 rarely) external {
        if (rarely % 8 != 0) return;
        vm.prank(address(wallet));
        wallet.wipe();
    }

    function redelegate(uint8 rarely) external {
        if (rarely % 8 > 1) return;
        shell = shells[rarely % 2];
        delegate(address(shell));
    }
}

contract InvariantsTest is Test {
    Handler private handler;

    function setUp() public {
        handler = new Handler();
        handler.setUp();
        bytes4[] memory selectors = new bytes4[](7);
        selectors[0] = Handler.sign.selector;
        selectors[1] = Handler.carry.selector;
        selectors[2] = Handler.executeAsOwner.selector;
        selectors[3] = Handler.executeAsStranger.selector;
        selectors[4] = Handler.raise.selector;
        selectors[5] = Handler.wipe.selector;
        selectors[6] = Handler.redelegate.selector;
        targetSelector(FuzzSelector(address(handler), selectors));
        targetContract(address(handler));
    }

    /// No nonce is accepted twice in a generation, whatever comes between; no batch runs but where it was signed for; nothing
    /// moves but what the owner's key let go.
    function invariant_only_the_owners_key_moves_anything_and_a_nonce_runs_once() public view {
        assertEq(handler.violations(), 0);
        assertEq(handler.balanceOfSink(), handler.released());
    }

    /// The walk reaches what it is about: with a deterministic one, a batch does run.
    function test_the_handler_carries_batches() public {
        handler.sign(0, 0, 5);
        handler.carry(0, address(1));
        handler.carry(0, address(1));
        assertEq(handler.carried(), 1);
        assertEq(handler.balanceOfSink(), 5);
        assertEq(handler.released(), 5);
        assertEq(handler.violations(), 0);
    }
}
