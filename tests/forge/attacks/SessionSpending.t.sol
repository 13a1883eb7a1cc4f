// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

import {IAccount} from "hedgerow/interfaces/IAccount.sol";
import {CallRule, ISessions, PositionRule, PoolKey, Session, SpendLimit} from "hedgerow/interfaces/ISessions.sol";

import {IPositionManager, Positions} from "../support/Positions.sol";

/// Takes what it was allowed, and some of it back; does what it is told besides.
contract Taker {
    function take(ERC20 token, uint256 amount, uint256 back) external {
        token.transferFrom(msg.sender, address(this), amount);
        token.transfer(msg.sender, back);
    }

    function give(ERC20 token, uint256 amount) external {
        token.transfer(msg.sender, amount);
    }

    function takeNft(ERC721 nft, uint256 id) external {
        nft.transferFrom(msg.sender, address(this), id);
    }

    receive() external payable {}

    function refund(uint256 amount) external payable {
        payable(msg.sender).transfer(amount);
    }
}

/// Like USDT: answers nothing, and wants an allowance to be zero before it is anything else.
contract Tether {
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    function mint(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function approve(address spender, uint256 amount) external {
        require(amount == 0 || allowance[msg.sender][spender] == 0);
        allowance[msg.sender][spender] = amount;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
    }
}

/// Never takes an allowance back.
contract Sticky is ERC20("Sticky", "S") {
    function approve(address spender, uint256 amount) public override returns (bool) {
        return amount == 0 || super.approve(spender, amount);
    }
}

/// Says of its balances what its maker likes, in as many bytes as he likes.
contract Bomb {
    function balanceOf(address) external pure {
        assembly ("memory-safe") {
            return(0, 100000)
        }
    }
}

/// A position manager that lets a position go while it is asked for something else.
contract Leaky is ERC721("Leaky", "L") {
    address private immutable THIEF;
    bool private immutable APPROVES;

    constructor(address thief, bool approves) {
        (THIEF, APPROVES) = (thief, approves);
    }

    function mint(address to, uint256 id) external {
        _mint(to, id);
    }

    function positions(uint256) external pure returns (uint256[12] memory) {}

    function decreaseLiquidity(IPositionManager.DecreaseLiquidityParams calldata params) external {
        if (APPROVES) _approve(THIEF, params.tokenId, address(0));
        else _transfer(msg.sender, THIEF, params.tokenId);
    }
}

/// A5, A12, A13, A15: what a session key's batch can take, and how it would hide it.
contract SessionSpendingAttacksTest is Positions {
    Taker private taker;

    function setUp() public override {
        super.setUp();
        taker = new Taker();
        token.mint(address(taker), 10_000);
    }

    function approveTaker(uint256 amount) private view returns (IAccount.Call[] memory) {
        return one(address(token), 0, abi.encodeCall(token.approve, (address(taker), amount)));
    }

    function take(uint256 amount, uint256 back) private view returns (IAccount.Call[] memory) {
        return one(address(taker), 0, abi.encodeCall(taker.take, (token, amount, back)));
    }

    /// May approve the token and have the taker do all it can.
    function taking(uint128 amount) private view returns (Session memory session) {
        session = calling(address(token), token.approve.selector, limit(address(token), amount));
        also(session, address(taker), taker.take.selector);
        also(session, address(taker), taker.give.selector);
        also(session, address(taker), taker.takeNft.selector);
    }

    function spentOf(Session memory session, uint256 index) private view returns (uint128 spent) {
        (spent,) = sessions.spending(idOf(session), index);
    }

    /// The larger of what is declared and what is lost, whatever comes back in between.
    function testFuzz_A5_the_larger_of_declared_and_lost_is_counted(uint128 allowed, uint128 taken, uint128 back)
        public
    {
        allowed = uint128(bound(allowed, 0, 1_000));
        taken = uint128(bound(taken, 0, allowed));
        back = uint128(bound(back, 0, taken));
        Session memory session = taking(100);
        add(session);
        IAccount.Call[] memory calls = join(approveTaker(allowed), take(taken, back));
        // What was allowed is declared, and nothing more can be lost.
        if (allowed > 100) {
            refused(session, calls, exceeded(address(token), allowed, 100));
        } else {
            run(session, calls);
            assertEq(spentOf(session, 0), allowed);
            assertEq(token.allowance(address(wallet), address(taker)), 0);
        }
    }

    /// What was lost through an allowance of the owner's is counted although no call declares it.
    function testFuzz_A5_a_loss_that_no_call_declares_is_counted(uint128 taken, uint128 back) public {
        taken = uint128(bound(taken, 0, 1_000));
        back = uint128(bound(back, 0, taken));
        vm.prank(address(wallet));
        token.approve(address(taker), 1_000);
        Session memory session = taking(100);
        add(session);
        if (taken - back > 100) refused(session, take(taken, back), exceeded(address(token), taken - back, 100));
        else run(session, take(taken, back));
        assertEq(spentOf(session, 0), taken - back > 100 ? 0 : taken - back);
    }

    /// A limit of zero keeps a token from a target that the owner has allowed to spend it.
    function testFuzz_A5_a_limit_of_zero_keeps_a_token(uint128 taken) public {
        taken = uint128(bound(taken, 1, 1_000));
        vm.prank(address(wallet));
        token.approve(address(taker), 2_000);
        Session memory session = taking(0);
        add(session);
        refused(session, take(taken, 0), exceeded(address(token), taken, 0));
        run(session, take(taken, taken));
        // Without one the token is not looked at: a known limit.
        session = calling(address(taker), taker.take.selector, none());
        add(session);
        run(session, take(taken, 0));
        assertEq(token.balanceOf(address(taker)), 10_000 + taken);
    }

    /// Somebody's gift in the same batch buys nothing: what calls declare is counted as it is.
    function testFuzz_A5_a_gift_hides_no_transfer(uint128 amount) public {
        amount = uint128(bound(amount, 101, 1_000));
        Session memory session = taking(100);
        also(session, address(token), token.transfer.selector);
        add(session);
        IAccount.Call[] memory gift = one(address(taker), 0, abi.encodeCall(taker.give, (token, amount)));
        refused(session, join(gift, transfer(stranger, amount)), exceeded(address(token), amount, 100));
        refused(
            session,
            join(join(gift, transfer(stranger, 60)), transfer(stranger, 41)),
            exceeded(address(token), 101, 100)
        );
        run(session, join(join(gift, transfer(stranger, 60)), transfer(stranger, 40)));
    }

    /// What a position pays out in the same batch does not make up for what a target takes by an allowance of the owner's.
    function testFuzz_A5_what_comes_in_by_one_call_hides_no_loss_of_another(uint256 amount, bool first) public {
        amount = bound(amount, 1, 3 * LIMIT);
        vm.prank(address(wallet));
        token0.approve(address(taker), amount);
        Session memory session = keeping();
        also(session, address(taker), taker.take.selector);
        add(session);
        IAccount.Call[] memory leave = join(decrease(own, liquidityOf(own)), collect(own, address(wallet)));
        IAccount.Call[] memory taken = one(address(taker), 0, abi.encodeCall(taker.take, (token0, amount, 0)));
        IAccount.Call[] memory calls = first ? join(taken, leave) : join(leave, taken);
        if (amount > LIMIT) {
            refused(session, calls, exceeded(address(token0), amount, LIMIT));
        } else {
            run(session, calls);
            assertEq(spentOf(session, 0), amount);
        }
    }

    function test_A5_many_small_transfers_are_one_large() public {
        Session memory session = transfers();
        add(session);
        for (uint256 i = 0; i < 10; ++i) {
            run(session, transfer(stranger, 10));
        }
        refused(session, transfer(stranger, 1), exceeded(address(token), 101, 100));
        // Nor does the other way in count apart.
        assertFalse(operate(session, transfer(stranger, 1)));
        assertEq(token.balanceOf(stranger), 100);
    }

    function test_A5_amounts_that_overflow_are_refused() public {
        Session memory session = taking(type(uint128).max);
        add(session);
        IAccount.Call[] memory calls = join(approveTaker(type(uint256).max), take(0, 0));
        refused(session, calls, exceeded(address(token), type(uint256).max, type(uint128).max));
        also(session, address(token), token.transfer.selector);
        add(session);
        refused(
            session,
            join(approveTaker(type(uint256).max), transfer(stranger, 1)),
            abi.encodeWithSignature("Panic(uint256)", 0x11)
        );
        run(session, approveTaker(type(uint128).max));
        refused(session, transfer(stranger, 1), exceeded(address(token), 1 << 128, type(uint128).max));
    }

    function test_A5_ether_that_comes_back_is_spent_all_the_same() public {
        vm.deal(address(taker), 1 ether);
        Session memory session = calling(address(taker), taker.refund.selector, limit(address(0), 100));
        add(session);
        run(session, one(address(taker), 60, abi.encodeCall(taker.refund, (60))));
        refused(session, one(address(taker), 41, abi.encodeCall(taker.refund, (41))), exceeded(address(0), 101, 100));
        session = calling(address(taker), taker.refund.selector, none());
        add(session);
        refused(
            session,
            one(address(taker), 1, abi.encodeCall(taker.refund, (1))),
            abi.encodeWithSelector(ISessions.NoSpendLimit.selector, address(0))
        );
    }

    /// No allowance outlives its batch, used, half used or not at all; one that stands is the owner's and stays as it is.
    function testFuzz_A12_allowances_end_with_the_batch(uint128 allowed, uint128 taken) public {
        allowed = uint128(bound(allowed, 0, 100));
        taken = uint128(bound(taken, 0, allowed));
        Session memory session = taking(100);
        add(session);
        run(session, join(approveTaker(allowed), take(taken, 0)));
        assertEq(token.allowance(address(wallet), address(taker)), 0);
        vm.expectRevert();
        vm.prank(address(taker));
        token.transferFrom(address(wallet), address(taker), 1);
    }

    function testFuzz_A12_a_standing_allowance_is_not_touched(uint256 standing, uint128 amount) public {
        standing = bound(standing, 1, type(uint256).max);
        vm.prank(address(wallet));
        token.approve(address(taker), standing);
        Session memory session = taking(100);
        add(session);
        bytes memory reason =
            abi.encodeWithSelector(ISessions.AllowanceStands.selector, address(token), address(taker), standing);
        refused(session, approveTaker(amount), reason);
        assertEq(token.allowance(address(wallet), address(taker)), standing);
    }

    function test_A12_a_second_allowance_to_the_same_spender_waits_for_the_first() public {
        Session memory session = taking(100);
        add(session);
        bytes memory reason =
            abi.encodeWithSelector(ISessions.AllowanceStands.selector, address(token), address(taker), 40);
        refused(session, join(approveTaker(40), approveTaker(10)), reason);
        run(session, join(join(approveTaker(40), take(40, 0)), approveTaker(10)));
        assertEq(spentOf(session, 0), 50);
        assertEq(token.allowance(address(wallet), address(taker)), 0);
    }

    function test_A12_tokens_that_answer_nothing_give_their_allowance_back() public {
        Tether tether = new Tether();
        tether.mint(address(wallet), 100);
        Session memory session = calling(address(tether), tether.approve.selector, limit(address(tether), 100));
        also(session, address(tether), tether.transfer.selector);
        add(session);
        run(session, one(address(tether), 0, abi.encodeCall(tether.approve, (address(taker), 60))));
        assertEq(tether.allowance(address(wallet), address(taker)), 0);
        run(session, one(address(tether), 0, abi.encodeCall(tether.transfer, (stranger, 40))));
        assertEq(spentOf(session, 0), 100);
    }

    function test_A12_an_allowance_that_stays_undoes_the_batch() public {
        Sticky sticky = new Sticky();
        Session memory session = calling(address(sticky), sticky.approve.selector, limit(address(sticky), 100));
        add(session);
        refused(
            session,
            one(address(sticky), 0, abi.encodeCall(sticky.approve, (address(taker), 60))),
            abi.encodeWithSelector(ISessions.AllowanceLeft.selector, address(sticky), address(taker), 60)
        );
    }

    /// What others allowed the account is theirs.
    function test_A12_nobody_elses_tokens_are_spent() public {
        Session memory session = transfers();
        session.calls[0].selector = token.transferFrom.selector;
        add(session);
        vm.prank(address(taker));
        token.approve(address(wallet), 1_000);
        bytes memory data = abi.encodeCall(token.transferFrom, (address(taker), stranger, 5));
        refused(session, one(address(token), 0, data), argument(0, 0));
        vm.prank(address(wallet));
        token.approve(address(wallet), 50);
        data = abi.encodeCall(token.transferFrom, (address(wallet), stranger, 50));
        run(session, one(address(token), 0, data));
        assertEq(spentOf(session, 0), 50);
    }

    /// One encoding each: no other length, no dirty bits in a spender, no value.
    function testFuzz_A12_spending_has_one_encoding(bytes calldata tail, uint256 dirty) public {
        vm.assume(tail.length != 0);
        Session memory session = taking(100);
        also(session, address(token), token.transfer.selector);
        also(session, address(token), token.transferFrom.selector);
        add(session);
        bytes memory data = abi.encodeCall(token.transfer, (stranger, 1));
        refused(session, one(address(token), 0, abi.encodePacked(data, tail)), argument(0, 2));
        refused(session, one(address(token), 0, abi.encodePacked(token.transfer.selector)), argument(0, 2));
        refused(session, one(address(token), 1, data), argument(0, type(uint256).max));
        data = abi.encodeCall(token.transferFrom, (address(wallet), stranger, 1));
        refused(session, one(address(token), 0, abi.encodePacked(data, tail)), argument(0, 3));
        dirty = bound(dirty, 1 << 160, type(uint256).max);
        data = abi.encodeWithSelector(token.approve.selector, dirty, 1);
        refused(session, one(address(token), 0, data), argument(0, 0));
    }

    /// An operator that the owner once named could take NFTs: not from within a session key's batch.
    function test_A13_a_listed_position_that_goes_undoes_the_batch() public {
        Session memory session = keeping();
        also(session, address(taker), taker.takeNft.selector);
        add(session);
        vm.prank(address(wallet));
        manager.setApprovalForAll(address(taker), true);
        ERC721 nft = ERC721(address(manager));
        refused(
            session,
            one(address(taker), 0, abi.encodeCall(taker.takeNft, (nft, own))),
            abi.encodeWithSelector(ISessions.PositionLost.selector, address(manager), 0)
        );
        refused(
            session,
            one(address(taker), 0, abi.encodeCall(taker.takeNft, (nft, other))),
            abi.encodeWithSelector(ISessions.PositionLost.selector, address(manager), 0)
        );
        // A new one in its place does not make up for it.
        session = keepingPool(FEE);
        also(session, address(taker), taker.takeNft.selector);
        add(session);
        IAccount.Call[] memory calls = join(approving(5), mintCall(minting(5)));
        refused(
            session,
            join(calls, one(address(taker), 0, abi.encodeCall(taker.takeNft, (nft, other)))),
            abi.encodeWithSelector(ISessions.PositionLost.selector, address(manager), 0)
        );
        assertEq(manager.ownerOf(own), address(wallet));
    }

    /// Nor from within the position manager, if the owner listed one that is no good.
    function test_A13_a_position_manager_that_lets_go_is_found_out() public {
        for (uint256 i = 0; i < 2; ++i) {
            Leaky leaky = new Leaky(stranger, i == 1);
            leaky.mint(address(wallet), 1);
            leaky.mint(address(wallet), 2);
            Session memory session = calling(address(leaky), manager.decreaseLiquidity.selector, none());
            session.positions = new PositionRule[](1);
            session.positions[0] = PositionRule(address(leaky), new uint256[](1), new PoolKey[](0));
            session.positions[0].tokenIds[0] = 1;
            add(session);
            IAccount.Call[] memory calls = decrease(1, 1);
            calls[0].to = address(leaky);
            bytes memory reason = i == 1
                ? abi.encodeWithSelector(ISessions.PositionApproved.selector, address(leaky), 1, stranger)
                : abi.encodeWithSelector(ISessions.PositionLost.selector, address(leaky), 0);
            refused(session, calls, reason);
            // In exchange for another of the same: the count is right, and the one that was listed is missed.
            if (i == 1) continue;
            session.calls = new CallRule[](2);
            session.calls[0] = CallRule(address(leaky), manager.decreaseLiquidity.selector);
            session.calls[1] = CallRule(address(new Minter(leaky)), 0xe0e0e0e0);
            add(session);
            refused(
                session,
                join(one(session.calls[1].target, 0, ""), calls),
                abi.encodeWithSelector(ISessions.PositionLost.selector, address(leaky), 1)
            );
        }
    }

    function test_A13_no_function_of_a_position_manager_but_four() public {
        string[6] memory functions = [
            "approve(address,uint256)",
            "transferFrom(address,address,uint256)",
            "burn(uint256)",
            "sweepToken(address,uint256,address)",
            "unwrapWETH9(uint256,address)",
            "permit(address,uint256,uint256,uint8,bytes32,bytes32)"
        ];
        for (uint256 i = 0; i < functions.length; ++i) {
            Session memory session = keeping();
            session.calls[0].selector = bytes4(keccak256(bytes(functions[i])));
            vm.prank(address(wallet));
            vm.expectRevert(invalid(7, 0));
            sessions.addKey(session);
        }
        // Nor those four of one that is not listed.
        Session memory unlisted = keeping();
        unlisted.positions = new PositionRule[](0);
        vm.prank(address(wallet));
        vm.expectRevert(invalid(7, 0));
        sessions.addKey(unlisted);
    }

    /// What a token answers is read one word at a time, and a token that answers nothing has no limit.
    function test_A15_answers_are_read_by_the_word() public {
        Bomb bomb = new Bomb();
        Session memory session = calling(stranger, 0xe0e0e0e0, limit(address(bomb), 1));
        add(session);
        uint256 gas_ = gasleft();
        run(session, one(stranger, 0, ""));
        // Each of the two answers costs its maker 100,000 bytes of memory, and the account nothing.
        assertLt(gas_ - gasleft(), 400_000);
        session = calling(stranger, 0xe0e0e0e0, limit(address(taker), 1));
        add(session);
        refused(session, one(stranger, 0, ""), abi.encodeWithSelector(ISessions.Unreadable.selector, address(taker)));
    }

    function test_A15_as_much_as_a_session_may_name_runs() public {
        Session memory session = transfers();
        session.calls = new CallRule[](32);
        for (uint256 i = 0; i < 32; ++i) {
            session.calls[i] = CallRule(address(token), token.transfer.selector);
        }
        session.limits = new SpendLimit[](8);
        session.limits[0] = SpendLimit(address(token), 1 days, 100);
        for (uint256 i = 1; i < 8; ++i) {
            session.limits[i] = SpendLimit(deployCode("TestToken.sol:TestToken", abi.encode("", "", 0)), 0, 0);
        }
        add(session);
        IAccount.Call[] memory calls = transfer(stranger, 1);
        for (uint256 i = 1; i < 100; ++i) {
            calls = join(calls, transfer(stranger, 1));
        }
        run(session, calls);
        assertEq(spentOf(session, 0), 100);
    }
}

/// Mints the caller an NFT.
contract Minter {
    Leaky private immutable LEAKY;

    constructor(Leaky leaky) {
        LEAKY = leaky;
    }

    fallback() external payable {
        LEAKY.mint(msg.sender, 77);
    }
}
