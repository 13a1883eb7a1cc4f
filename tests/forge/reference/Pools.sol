// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity 0.8.30;

import {Figures} from "abi/ILens.sol";

import {Real} from "./Real.sol";
import {Wide} from "./Wide.sol";

/// What the pools' figures must be: exact quotients by multiplying back, the weighted loss by logarithms.
library Pools {
    using Wide for uint256;
    using Wide for uint256[];

    int256 private constant WAD = 1e18;

    /// Is `il` the floor of 2 sqrt(p0 p1) / (p0 + p1) - 1? With g = il + 1: g^2 (p0 + p1)^2 <= 4 p0 p1 < (g + 1 unit)^2 (p0 + p1)^2.
    function isConstantProductLoss(int256 il, uint256 p0, uint256 p1) internal pure returns (bool) {
        if (il > 0 || il < -WAD) return false;
        uint256 g = uint256(il + WAD);
        uint256[] memory sum = p0.from().plus(p1.from());
        uint256[] memory square = sum.times(sum);
        uint256[] memory exact = p0.times(p1).times(4e36);
        return !exact.less(square.times(g * g)) && exact.less(square.times((g + 1) * (g + 1)));
    }

    /// r^w / (w r + 1 - w) - 1 as a real, of prices below 2^190.
    function weightedLoss(uint256 p0, uint256 p1, uint256 weight) internal pure returns (int256) {
        int256 change = Real.lnOfInteger(p1) - Real.lnOfInteger(p0);
        // ln(w p1 + (1 - w) p0) of the wads' integer, less ln p0 and the wad's unit.
        int256 sum =
            Real.lnOfInteger(weight * p1 + (1e18 - weight) * p0) - Real.lnOfInteger(p0) - Real.lnOfInteger(1e18);
        return Real.exp(Real.mul(change, Real.fromWad(int256(weight))) - sum) - Real.ONE;
    }

    /// A concentrated position: L, sqrt prices at entry and now, and the range's ends, all but L in Q96.
    struct Stake {
        uint256 liquidity;
        uint256 entry;
        uint256 price;
        uint256 a;
        uint256 b;
    }

    /// Is `il` the floor of value / hold - 1 of the unfloored amounts?
    function isConcentratedLoss(int256 il, Stake memory stake) internal pure returns (bool) {
        if (il > 0 || il < -WAD) return false;
        (uint256[] memory value, uint256[] memory valueOver) = worth(stake, stake.price);
        (uint256[] memory hold, uint256[] memory holdOver) = worth(stake, stake.entry);
        return uint256(il + WAD).isFloor(value.times(holdOver).times(1e18), hold.times(valueOver));
    }

    /// Are these the figures, each rounded once as its doc says? With s clamped to [a, b], P = price^2 and Q = 2^96:
    /// x = L Q (b - s) / (s b), y = L (s - a) / Q.
    function areFigures(Figures memory got, Stake memory stake) internal pure returns (bool) {
        uint256 s = clamped(stake, stake.price);
        uint256[] memory x = stake.liquidity.times(stake.b - s).times(1 << 96);
        uint256[] memory xOver = s.times(stake.b);
        uint256[] memory wads = stake.liquidity.times(1e18);
        (uint256[] memory value, uint256[] memory valueOver) = worth(stake, stake.price);
        (uint256[] memory hold, uint256[] memory holdOver) = worth(stake, stake.entry);
        return got.amount0.isFloor(x, xOver)
            && got.amount1.isFloor(stake.liquidity.times(s - stake.a), Wide.from(1 << 96))
            && got.delta.isFloor(x.times(1e18), xOver) && got.value.isFloor(value.times(wads), valueOver.times(1 << 96))
            && got.hold.isFloor(hold.times(wads), holdOver.times(1 << 96)) && isConcentratedLoss(got.il, stake)
            && isConvexity(got, stake);
    }

    /// gamma = -L Q^3 / (2 s^3) and dollarGamma = -L s / (2 Q) from the lower end up to, not including, the upper; else none.
    function isConvexity(Figures memory got, Stake memory stake) private pure returns (bool) {
        if (got.gamma > 0 || got.dollarGamma > 0) return false;
        if (stake.price < stake.a || stake.price >= stake.b) return got.gamma == 0 && got.dollarGamma == 0;
        uint256[] memory wads = stake.liquidity.times(1e18);
        if (!uint256(-got.dollarGamma).isCeil(wads.times(stake.price), Wide.from(1 << 97))) return false;
        uint256[] memory cube = stake.price.times(stake.price).times(stake.price);
        uint256[] memory numerator = wads.times(1 << 144).times(1 << 143);
        if (got.gamma == type(int256).min) return cube.times(uint256(type(int256).max)).less(numerator);
        return uint256(-got.gamma).isCeil(numerator, cube);
    }

    /// What a unit of liquidity's amounts at one sqrt price are worth now, in token1 over Q: ((b - s) P + (s - a) s b) / (s b).
    function worth(Stake memory stake, uint256 at)
        private
        pure
        returns (uint256[] memory numerator, uint256[] memory denominator)
    {
        uint256 s = clamped(stake, at);
        denominator = s.times(stake.b);
        numerator = stake.price.times(stake.price).times(stake.b - s).plus(denominator.times(s - stake.a));
    }

    function clamped(Stake memory stake, uint256 s) private pure returns (uint256) {
        return s < stake.a ? stake.a : s > stake.b ? stake.b : s;
    }
}
