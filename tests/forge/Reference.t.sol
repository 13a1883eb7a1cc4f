// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Test} from "forge-std/Test.sol";

import {Options} from "./reference/Options.sol";
import {Pools} from "./reference/Pools.sol";
import {Real} from "./reference/Real.sol";
import {Ticks} from "./reference/Ticks.sol";
import {Wide} from "./reference/Wide.sol";

/// The Solidity reference that the lens is fuzzed against (see `differential`), itself held against published numbers.
contract ReferenceTest is Test {
    using Wide for uint256;

    /// Closer than 1e-34.
    function assertReal(int256 got, uint256 whole, uint256 digits33) private pure {
        uint256 expected = whole * uint256(Real.ONE) + digits33 * uint256(Real.ONE) / 1e33;
        assertApproxEqAbs(uint256(got), expected, uint256(Real.ONE) / 1e32);
    }

    function test_constantsArePublishedOnes() public pure {
        assertReal(Real.pi(), 3, 141592653589793238462643383279502);
        assertReal(Real.ln2(), 0, 693147180559945309417232121458176);
        assertReal(Real.exp(Real.ONE), 2, 718281828459045235360287471352662);
        assertReal(Real.sqrt(2 * Real.ONE), 1, 414213562373095048801688724209698);
    }

    /// Abramowitz and Stegun, tables 4.2, 4.4 and 26.1.
    function test_functionsMatchPrintedTables() public pure {
        assertReal(Real.ln(10 * Real.ONE), 2, 302585092994045684017991454684364);
        assertReal(Real.exp(-Real.ONE), 0, 367879441171442321595523770161460);
        assertApproxEqAbs(Real.toWad(Real.ncdf(Real.ONE)), 0.841344746068542948e18, 1);
        assertApproxEqAbs(Real.toWad(Real.ncdf(-2 * Real.ONE)), 0.022750131948179207e18, 1);
        // The tail at -5 is 2.866515718791939e-7, at -8 6.220960574271785e-16.
        assertApproxEqAbs(Real.ncdf(-5 * Real.ONE), Real.ONE * 2.866515718791939e15 / 1e22, uint256(Real.ONE) / 1e22);
        assertApproxEqAbs(Real.ncdf(-8 * Real.ONE), Real.ONE * 6.220960574271785e15 / 1e31, uint256(Real.ONE) / 1e30);
        // The series and the fraction meet at 4.
        assertApproxEqAbs(Real.ncdf(4 * Real.ONE), Real.ncdf(4 * Real.ONE + 1), uint256(Real.ONE) / 1e35);
        assertApproxEqAbs(Real.toWad(Real.npdf(Real.ONE)), 0.241970724519143349e18, 1);
    }

    /// The textbook's option: spot and strike 100, 5 %, 20 %, one year.
    function test_blackScholesMatchesTheTextbook() public pure {
        Options.Terms memory terms = Options.Terms(100e18, 100e18, 31_536_000, 0.2e18, 0.05e18);
        assertApproxEqAbs(100 * Real.toWad(Options.call(terms)), 10.450583572185567e18, 1e4);
        assertApproxEqAbs(100 * Real.toWad(Options.put(terms)), 5.573526022256968e18, 1e4);
        assertApproxEqAbs(100 * Real.toWad(Options.vega(terms)), 37.52403469169379e18, 1e4);
        assertApproxEqAbs(Real.toWad(Options.gamma(terms)) / 100, 0.018762017345846894e18, 1e2);
    }

    function test_lossesMatchTheTables() public pure {
        assertTrue(Pools.isConstantProductLoss(-0.2e18, 1, 4));
        assertFalse(Pools.isConstantProductLoss(-0.2e18 - 1, 1, 4));
        assertFalse(Pools.isConstantProductLoss(-0.2e18 + 1, 1, 4));
        assertApproxEqAbs(Real.toWad(Pools.weightedLoss(1, 2, 0.8e18)), -0.03272159633764e18, 1e4);
        assertApproxEqAbs(Real.toWad(Pools.weightedLoss(1, 10, 0.8e18)), -0.23053982380464e18, 1e4);
    }

    /// v3-core's snapshots.
    function test_ticksAreTheProtocols() public pure {
        assertEq(Ticks.sqrtPriceX96(50), 79426470787362580746886972461);
        assertEq(Ticks.sqrtPriceX96(-50), 79030349367926598376800521322);
        assertEq(Ticks.sqrtPriceX96(50_000), 965075977353221155028623082916);
        assertEq(Ticks.sqrtPriceX96(Ticks.MAX), 1461446703485210103287273052203988822378723970342);
        assertEq(Ticks.sqrtPriceX96(-Ticks.MAX), 4295128739);
    }

    function testFuzz_quotientsAreCheckedToTheUnit(uint256 a, uint256 b) public pure {
        vm.assume(b != 0);
        uint256 floor = a / b;
        uint256 ceil = floor + (a % b == 0 ? 0 : 1);
        assertTrue(floor.isFloor(a.from(), b.from()));
        assertTrue(ceil.isCeil(a.from(), b.from()));
        assertFalse((floor + 1).isFloor(a.from(), b.from()));
        if (floor > 0) assertFalse((floor - 1).isFloor(a.from(), b.from()));
        if (ceil > 0) assertFalse((ceil - 1).isCeil(a.from(), b.from()));
        assertFalse((ceil + 1).isCeil(a.from(), b.from()));
    }
}
