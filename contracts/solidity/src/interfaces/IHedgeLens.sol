// SPDX-License-Identifier: MIT OR Apache-2.0
pragma solidity ^0.8.30;

import {ICoreErrors} from "./ICoreErrors.sol";
import {Market} from "./Market.sol";
import {Stake} from "./Stake.sol";

/// What hedges a stake on any curve, in plain prices and amounts: options of two strikes or of many; served by the Stylus program `contracts/hedge`.
///
/// Units. Every number is a wad (scaled by 1e18) unless its comment says otherwise; prices are token1 per token0; volatilities and
/// rates are yearly.
/// Rounding. To nearest; a loss down, so that it is never understated; what is to be bought or paid up.
/// Batches. `...Batch` answers the same function of every element, in order; one refusal refuses the call.
interface IHedgeLens is ICoreErrors {
    /// How many options to hold of one strike.
    struct Leg {
        uint256 put;
        uint256 call;
    }

    /// A strangle's strikes, and the prices at which the loss is to be met: low < putStrike <= callStrike < high.
    struct Wings {
        uint256 low;
        uint256 putStrike;
        uint256 callStrike;
        uint256 high;
    }

    struct Strangle {
        uint256 puts;
        uint256 calls;
        int256 ilLow; // token1: value - hold at the lower stress price
        int256 ilHigh; // token1: value - hold at the upper stress price
        uint256 premium; // token1: what the options cost by Black–Scholes
    }

    /// The options of these strikes that pay the loss at every one of them, and between them more: one leg a strike, and what all
    /// of them cost by Black–Scholes. Strikes ascend, and the entry price is one of them.
    function strip(Stake calldata stake, uint256 entryPrice, uint256[] calldata strikes, Market calldata market)
        external
        pure
        returns (Leg[] memory legs, uint256 premium);
    /// The strangle that pays the loss at two prices.
    function strangle(Stake calldata stake, uint256 entryPrice, Wings calldata wings, Market calldata market)
        external
        pure
        returns (Strangle memory);
}
