// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Figures, ICoreErrors, ILens} from "abi/ILens.sol";

import {Pools} from "../reference/Pools.sol";
import {Real} from "../reference/Real.sol";
import {Ticks} from "../reference/Ticks.sol";
import {Remote} from "./Remote.sol";

/// The lens on the devnode against the Solidity reference: pools and positions.
contract PoolsDifferentialTest is Remote {
    address private lens = vm.envAddress("HEDGEROW_LENS");

    function testFuzz_constantProductLossIsTheFloor(uint256 p0, uint256 p1, bool wide) public {
        (p0, p1) = wide ? (p0, p1) : (spread(p0, 248), spread(p1, 248));
        vm.assume(p0 != 0 && p1 != 0);
        int256 il = askInt(lens, abi.encodeCall(ILens.ilConstantProduct, (p0, p1)));
        assertTrue(Pools.isConstantProductLoss(il, p0, p1), vm.toString(il));
    }

    function testFuzz_weightedLossIsWithinOneUnitAndNeverUnderstated(uint256 p0, uint256 p1, uint256 weight) public {
        (p0, p1, weight) = (spread(p0, 120), spread(p1, 120), bound(weight, 1, 1e18 - 1));
        int256 il = askInt(lens, abi.encodeCall(ILens.ilWeighted, (p0, p1, weight)));
        int256 exact = Pools.weightedLoss(p0, p1, weight);
        // Compared with 128 bits behind the point: below the exact value, by less than a unit and the reference's own error.
        int256 below = exact - Real.fromWad(il);
        assertGe(below, -Real.ONE / 1e34, "understated");
        assertLe(below, Real.ONE / 1e18 + Real.ONE / 1e34, "more than a unit");
    }

    function testFuzz_concentratedLossIsTheFloor(uint256 entry, uint256 price, int24 lower, uint24 width) public {
        (lower, width) = rangeOf(lower, width);
        Pools.Stake memory stake = stakeOf(1, entry, price, lower, width);
        int256 il = askInt(
            lens,
            abi.encodeCall(
                ILens.ilConcentrated, (uint160(stake.entry), uint160(stake.price), lower, lower + int24(width))
            )
        );
        assertTrue(Pools.isConcentratedLoss(il, stake), vm.toString(il));
    }

    function testFuzz_figuresAreThoseOfUnflooredAmounts(
        uint128 liquidity,
        uint256 entry,
        uint256 price,
        int24 lower,
        uint24 width
    ) public {
        (lower, width) = rangeOf(lower, width);
        // As much liquidity as lets every price's hold fit.
        liquidity = uint128(spread(liquidity, 64));
        Pools.Stake memory stake = stakeOf(liquidity, entry, price, lower, width);
        bytes memory data = abi.encodeCall(
            ILens.figures, (liquidity, uint160(stake.entry), uint160(stake.price), lower, lower + int24(width))
        );
        Figures memory got = abi.decode(ask(lens, data), (Figures));
        assertTrue(Pools.areFigures(got, stake));
    }

    function testFuzz_pricesOfZeroAndWeightsOutsideAreRefused(uint256 price, uint256 weight) public {
        weight = weight < 1e18 ? 0 : weight;
        vm.assume(price != 0);
        assertRefused(
            lens,
            abi.encodeCall(ILens.ilWeighted, (price, price, weight)),
            abi.encodeWithSelector(ICoreErrors.WeightOutOfRange.selector, weight)
        );
        bytes memory zeroPrice = abi.encodeWithSelector(ICoreErrors.ZeroPrice.selector);
        assertRefused(lens, abi.encodeCall(ILens.ilConstantProduct, (0, price)), zeroPrice);
        assertRefused(lens, abi.encodeCall(ILens.ilWeighted, (price, 0, 1)), zeroPrice);
    }

    /// Half the ranges anywhere, half of them narrow and near the middle.
    function rangeOf(int24 lower, uint24 width) private pure returns (int24, uint24) {
        if (width % 2 == 0) {
            lower = int24(bound(lower, -Ticks.MAX, Ticks.MAX - 1));
            return (lower, uint24(bound(width, 1, uint256(int256(Ticks.MAX - lower)))));
        }
        return (int24(bound(lower, -200_000, 200_000)), uint24(bound(width, 1, 20_000)));
    }

    /// Prices in, about, and far from the range.
    function stakeOf(uint256 liquidity, uint256 entry, uint256 price, int24 lower, uint24 width)
        private
        pure
        returns (Pools.Stake memory stake)
    {
        stake.liquidity = liquidity;
        stake.a = Ticks.sqrtPriceX96(lower);
        stake.b = Ticks.sqrtPriceX96(lower + int24(width));
        stake.entry = priceOf(entry, stake);
        stake.price = priceOf(price, stake);
    }

    function priceOf(uint256 word, Pools.Stake memory stake) private pure returns (uint256) {
        (uint256 least, uint256 most) = (Ticks.sqrtPriceX96(-Ticks.MAX), Ticks.sqrtPriceX96(Ticks.MAX) - 1);
        uint256 near = (stake.b - stake.a) * 2;
        if (word % 3 == 0) return bound(spread(word, 160), least, most);
        (uint256 low, uint256 high) = (stake.a > near + least ? stake.a - near : least, stake.b + near);
        return bound(word, low, high > most ? most : high);
    }
}
