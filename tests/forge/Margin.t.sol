// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IMargin, MarginTerms} from "hedgerow/interfaces/IMargin.sol";

import {Lending} from "./support/Lending.sol";

/// Margin accounts at the real Aave and the real Uniswap.
contract MarginTest is Lending {
    address private owner = makeAddr("owner");
    IMargin private margin;

    function setUp() public override {
        super.setUp();
        margin = openFor(owner, address(pool), 1_000e18);
    }

    /// The pool has a million of either token over the whole range: what it pays follows from the constant product.
    function testFuzz_aShortSellsExactlyWhatItBorrows(uint256 amount) public {
        amount = bound(amount, 1e6, 3_000e18);
        vm.prank(owner);
        (uint256 sold, uint256 received) = margin.short(amount, LOWEST, 0);
        assertEq(sold, amount);
        uint256 input = amount * 997 / 1000;
        assertApproxEqRel(received, uint256(1_000_000e18) * input / (1_000_000e18 + input), 1e12);
        assertEq(owed(address(margin)), amount);
        assertApproxEqAbs(lent(address(margin)), 1_000e18 + received, 1);
        assertClean(margin);
    }

    function testFuzz_whatIsShortIsCoveredAtAnyTimeAndNothingIsLeft(uint256 amount, uint32 wait) public {
        amount = bound(amount, 1e6, 3_000e18);
        vm.prank(owner);
        margin.short(amount, LOWEST, 0);
        skip(bound(wait, 0, 30 days));
        uint256 debt = owed(address(margin));
        vm.prank(owner);
        (uint256 bought, uint256 paid) = margin.cover(type(uint256).max, HIGHEST, type(uint256).max);
        assertEq(bought, debt);
        assertGt(paid, 0);
        assertEq(owed(address(margin)), 0);
        assertEq(lent(address(margin)), 0);
        assertEq(volatileToken.balanceOf(owner), 0);
        assertGt(collateral.balanceOf(owner), 900e18);
        assertClean(margin);
    }

    function testFuzz_aPartIsCoveredToTheUnit(uint256 amount, uint256 part) public {
        amount = bound(amount, 1e9, 3_000e18);
        part = bound(part, 1e6, amount);
        vm.startPrank(owner);
        margin.short(amount, LOWEST, 0);
        (uint256 bought,) = margin.cover(part, HIGHEST, 0);
        assertEq(bought, part);
        assertApproxEqAbs(owed(address(margin)), amount - part, 1);
        assertClean(margin);
    }

    function testFuzz_addressesAreForetold(address caller, bytes32 salt, MarginTerms memory terms) public {
        vm.assume(caller != address(0));
        terms.eMode = 0;
        address foretold = factory.marginOf(caller, salt, terms);
        vm.prank(caller);
        address made = factory.open(salt, terms);
        assertEq(made, foretold);
        assertEq(IMargin(made).owner(), caller);
        assertEq(abi.encode(IMargin(made).terms()), abi.encode(terms));
        vm.prank(caller);
        assertEq(factory.open(salt, terms), made);
    }

    function testFuzz_noTwoOwnersSaltsOrTermsMeetAtOneAddress(
        address[2] memory owners,
        bytes32[2] memory salts,
        MarginTerms[2] memory terms
    ) public view {
        bool same = owners[0] == owners[1] && salts[0] == salts[1]
            && keccak256(abi.encode(terms[0])) == keccak256(abi.encode(terms[1]));
        address first = factory.marginOf(owners[0], salts[0], terms[0]);
        assertEq(first == factory.marginOf(owners[1], salts[1], terms[1]), same);
        assertEq(first, factory.marginOf(owners[0], salts[0], terms[0]));
        // One field at a time.
        assertNotEq(first, factory.marginOf(owners[0], ~salts[0], terms[0]));
        terms[0].volatileToken ^= 1;
        assertNotEq(first, factory.marginOf(owners[0], salts[0], terms[0]));
    }
}
