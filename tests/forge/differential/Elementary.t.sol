// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {IRiskLens} from "abi/IRiskLens.sol";

import {Real} from "../reference/Real.sol";
import {Wide} from "../reference/Wide.sol";
import {Remote} from "./Remote.sol";

/// The elementary functions on the devnode against their series in Solidity.
contract ElementaryDifferentialTest is Remote {
    using Wide for uint256;
    using Wide for uint256[];

    address private lens = vm.envAddress("HEDGEROW_RISK");

    function testFuzz_exponentialIsWithinOneUnit(int256 x) public {
        x = bound(x, -50e18, 80e18);
        int256 exact = Real.exp(Real.fromWad(x));
        assertNear(
            askInt(lens, abi.encodeCall(IRiskLens.exp, (x))), Real.toWad(exact), 1 + roughness(exact), vm.toString(x)
        );
        assertNear(
            askInt(lens, abi.encodeCall(IRiskLens.expm1, (x))),
            Real.toWad(exact - Real.ONE),
            1 + roughness(exact),
            vm.toString(x)
        );
    }

    function testFuzz_logarithmIsWithinOneUnit(uint256 x) public {
        x = spread(x, 248);
        int256 exact = Real.lnOfInteger(x) - Real.lnOfInteger(1e18);
        assertNear(askInt(lens, abi.encodeCall(IRiskLens.ln, (x))), Real.toWad(exact), 1, vm.toString(x));
        x = bound(x, 1, 1e36);
        exact = Real.lnOfInteger(1e18 + x) - Real.lnOfInteger(1e18);
        assertNear(askInt(lens, abi.encodeCall(IRiskLens.ln1p, (int256(x)))), Real.toWad(exact), 1, vm.toString(x));
    }

    function testFuzz_powerIsWithinTwoUnits(uint256 base, int256 exponent) public {
        base = bound(spread(base, 110), 1e6, 1e32);
        exponent = bound(exponent, -2.5e18, 2.5e18);
        int256 ln = Real.lnOfInteger(base) - Real.lnOfInteger(1e18);
        int256 exact = Real.exp(Real.mul(ln, Real.fromWad(exponent)));
        int256 got = askInt(lens, abi.encodeCall(IRiskLens.pow, (base, exponent)));
        assertNear(got, Real.toWad(exact), 2 + roughness(exact), vm.toString(base));
    }

    function testFuzz_normalDistributionIsWithinTwoUnits(int256 x) public {
        x = bound(x, -9.5e18, 9.5e18);
        int256 real = Real.fromWad(x);
        assertNear(askInt(lens, abi.encodeCall(IRiskLens.ncdf, (x))), Real.toWad(Real.ncdf(real)), 2, vm.toString(x));
        assertNear(askInt(lens, abi.encodeCall(IRiskLens.npdf, (x))), Real.toWad(Real.npdf(real)), 2, vm.toString(x));
    }

    /// cdf(inverse(p)) = p, up to what a unit of the quantile moves it and the reference's own loss.
    function testFuzz_quantilesHaveTheirProbability(uint256 p) public {
        p = bound(p, 1, 1e18 - 1);
        int256 quantile = Real.fromWad(askInt(lens, abi.encodeCall(IRiskLens.ncdfInverse, (p))));
        int256 slack = Real.npdf(quantile) / 0.5e18 + Real.ONE / 1e30;
        assertNear(Real.ncdf(quantile), Real.fromWad(int256(p)), uint256(slack), vm.toString(p));
    }

    function testFuzz_rootIsTheFloor(uint256 x) public {
        x = spread(x, 248);
        uint256 root = uint256(askInt(lens, abi.encodeCall(IRiskLens.sqrt, (x))));
        uint256[] memory square = x.times(1e18);
        assertFalse(square.less(root.times(root)), "above");
        assertTrue(square.less((root + 1).times(root + 1)), "below");
    }

    function testFuzz_quotientsOf512BitsAreExact(uint256 a, uint256 b, uint256 denominator) public {
        // The quotient must fit.
        denominator = bound(denominator, 1, type(uint256).max);
        b = bound(b, 0, denominator);
        uint256 floor = uint256(askInt(lens, abi.encodeCall(IRiskLens.mulDiv, (a, b, denominator))));
        assertTrue(floor.isFloor(a.times(b), denominator.from()), "floor");
        uint256 ceil = uint256(askInt(lens, abi.encodeCall(IRiskLens.mulDivUp, (a, b, denominator))));
        assertTrue(ceil.isCeil(a.times(b), denominator.from()), "ceil");
    }

    function testFuzz_aBatchAnswersAsItsMembersDo(int256[4] calldata values) public {
        int256[] memory x = new int256[](4);
        for (uint256 i = 0; i < 4; ++i) {
            x[i] = bound(values[i], -10e18, 10e18);
        }
        int256[] memory batch = abi.decode(ask(lens, abi.encodeCall(IRiskLens.ncdfBatch, (x))), (int256[]));
        assertEq(batch.length, 4);
        for (uint256 i = 0; i < 4; ++i) {
            assertEq(batch[i], askInt(lens, abi.encodeCall(IRiskLens.ncdf, (x[i]))));
        }
    }

    /// What the reference loses of a large value, in units of 1e-18: 2^-100 of it.
    function roughness(int256 value) private pure returns (uint256) {
        return uint256(Real.toWad(value)) >> 100;
    }
}
